//! Cumulative sums by their definitions, and what becomes of alarms.

use serde_json::Value;
use tidegate_stats::detector::evaluation::{
    AlarmWindow, Dummy, Evaluation, KnownChange, evaluate, evaluate_detector, evaluate_dummy,
};
use tidegate_stats::detector::{
    Adwin, AdwinOptions, Cusum, CusumOptions, Detector, Signal, StandardPageHinkley,
    StandardPageHinkleyOptions,
};
use tidegate_tests::tolerance::assert_close;

use crate::golden::{bytes, cases, counts, number, text};

fn of_function(function: &str) -> Vec<Value> {
    let mut found = cases("alarms.json");
    found.retain(|case| case["function"] == function);
    assert!(!found.is_empty(), "alarms.json has no {function}");
    found
}

fn stream(case: &Value) -> Vec<f64> {
    let content = bytes(&format!("streams/{}", text(&case["stream"])));
    let lines = String::from_utf8(content).unwrap();
    lines.lines().map(|line| line.parse().unwrap()).collect()
}

/// Where a detector raises its alarms.
fn changes(detector: &mut dyn Detector, case: &Value) -> Vec<u64> {
    let signals = stream(case).into_iter().zip(0..);
    signals
        .filter_map(|(value, at)| (detector.push(value).unwrap() == Signal::Change).then_some(at))
        .collect()
}

#[test]
fn cusum_by_its_definition() {
    for case in of_function("cusum") {
        let at = |field: &str| number(&case[field]);
        let options = CusumOptions {
            mean: at("mean"),
            standard_deviation: at("standard_deviation"),
            slack: at("slack"),
            threshold: at("threshold"),
            direction: serde_json::from_value(case["direction"].clone()).unwrap(),
        };
        let mut detector = Cusum::try_new(options).unwrap();
        assert_eq!(changes(&mut detector, &case), counts(&case["changes"]));
    }
}

#[test]
fn standard_page_hinkley_by_its_definition() {
    for case in of_function("standard_page_hinkley") {
        let options = StandardPageHinkleyOptions {
            warm_up: case["warm_up"].as_u64().unwrap(),
            slack: number(&case["slack"]),
            threshold: number(&case["threshold"]),
            direction: serde_json::from_value(case["direction"].clone()).unwrap(),
        };
        let mut detector = StandardPageHinkley::try_new(options).unwrap();
        assert_eq!(changes(&mut detector, &case), counts(&case["changes"]));
    }
}

/// The run lengths of the integral equation, within what the approximation is off by.
#[test]
fn options_have_the_run_length_asked_for() {
    let mut compared = 0;
    for case in cases("run_length.json") {
        if case["direction"] == "both" && number(&case["slack"]) == 0.5 {
            let (want, run_length) = (number(&case["threshold"]), number(&case["values"]));
            let cusum = CusumOptions::standard(run_length).unwrap();
            let page_hinkley = StandardPageHinkleyOptions::for_run_length(run_length).unwrap();
            assert_close("standard_threshold", cusum.threshold, want, "cumulative sums");
            assert_close("standard_threshold", page_hinkley.threshold, want, "Page and Hinkley");
            compared += 1;
        }
    }
    assert!(compared > 3);
}

#[test]
fn adwin_has_the_variance_of_rivers() {
    for case in of_function("adwin") {
        let mut detector = Adwin::try_new(AdwinOptions::default()).unwrap();
        let mut windows = case["windows"].as_array().unwrap().iter();
        for (index, value) in stream(&case).into_iter().enumerate() {
            detector.push(value).unwrap();
            if index % 500 == 499 {
                let window = windows.next().unwrap();
                assert_eq!(window[0].as_u64(), Some(index as u64));
                assert_eq!(window[1].as_u64(), Some(detector.width()), "at {index}");
                assert_close("adwin_mean", detector.mean(), number(&window[2]), "a mean");
                let got = detector.variance();
                assert_close("adwin_variance", got, number(&window[3]), "a variance");
            }
        }
    }
}

fn assert_evaluation(got: &Evaluation, want: &Value) {
    let got = serde_json::to_value(got).unwrap();
    for (field, want) in want.as_object().unwrap() {
        match want.as_f64() {
            Some(want) => assert_close("evaluation", number(&got[field]), want, field),
            None => assert!(got[field].is_null(), "{field} of {got}"),
        }
    }
}

/// A detector that raises the alarms of a list.
#[derive(Debug)]
struct Listed {
    alarms: Vec<u64>,
    index: u64,
}

impl Detector for Listed {
    fn push(&mut self, _: f64) -> Result<Signal, tidegate_stats::Error> {
        let is_alarm = self.alarms.contains(&self.index);
        self.index += 1;
        Ok(if is_alarm { Signal::Change } else { Signal::None })
    }

    fn reset(&mut self) {
        self.index = 0;
    }
}

#[test]
fn alarms_are_judged_as_by_brute_force() {
    for case in of_function("evaluate") {
        let whole = |field: &str| case[field].as_u64().unwrap();
        let changes: Vec<KnownChange> = case["changes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|change| KnownChange {
                start: change[0].as_u64().unwrap(),
                end: change[1].as_u64().unwrap(),
            })
            .collect();
        let count = whole("value_count");
        let window = AlarmWindow { late: whole("late"), early: whole("early") };
        if case["every"].is_u64() {
            let every = Dummy::Every(whole("every"));
            let got = evaluate_dummy(every, &changes, count, window).unwrap();
            assert_evaluation(&got, &case["want"]);
            continue;
        }
        let alarms = counts(&case["alarms"]);
        let got = evaluate(alarms.iter().copied(), &changes, count, window).unwrap();
        assert_evaluation(&got, &case["want"]);
        let mut listed = Listed { alarms, index: 0 };
        let values = (0..count).map(|_| 0.0);
        assert_eq!(evaluate_detector(&mut listed, values, &changes, window), Ok(got));
    }
}
