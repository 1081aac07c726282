use serde_json::Value;
use tidegate_stats::detector::{
    Adwin, AdwinOptions, Ddm, DdmOptions, Detector, Direction, Eddm, EddmOptions, Fhddm,
    FhddmOptions, HddmA, HddmAOptions, HddmW, HddmWOptions, Kswin, KswinOptions, PageHinkley,
    PageHinkleyOptions, Signal,
    evaluation::{
        AlarmWindow, Dummy, Evaluation, KnownChange, evaluate, evaluate_detector, evaluate_dummy,
    },
    run_length, threshold_for_run_length,
};
use tidegate_tests::tolerance::{assert_close, assert_near};

use crate::golden::{bytes, cases, counts, number, text};

/// The numbers of a file in `golden/streams`.
fn stream(name: &str) -> Vec<f64> {
    let content = String::from_utf8(bytes(&format!("streams/{name}"))).unwrap();
    if name.ends_with(".bits") {
        content.chars().filter_map(|bit| bit.to_digit(10)).map(f64::from).collect()
    } else {
        content.lines().map(|line| line.parse().unwrap()).collect()
    }
}

/// The setting of a case, or the default.
fn float(case: &Value, name: &str, default: f64) -> f64 {
    case["options"][name].as_f64().unwrap_or(default)
}

fn integer(case: &Value, name: &str, default: u64) -> u64 {
    case["options"][name].as_u64().unwrap_or(default)
}

fn direction(case: &Value, default: Direction) -> Direction {
    serde_json::from_value(case["options"]["direction"].clone()).unwrap_or(default)
}

fn detector(case: &Value) -> Box<dyn Detector> {
    let float = |name, default| float(case, name, default);
    let integer = |name, default| integer(case, name, default);
    match text(&case["detector"]) {
        "page_hinkley" => {
            let d = PageHinkleyOptions::default();
            let options = PageHinkleyOptions {
                warm_up: integer("warm_up", d.warm_up),
                slack: float("slack", d.slack),
                threshold: float("threshold", d.threshold),
                memory: float("memory", d.memory),
                direction: direction(case, d.direction),
            };
            Box::new(PageHinkley::try_new(options).unwrap())
        }
        "ddm" => {
            let d = DdmOptions::default();
            let options = DdmOptions {
                warm_up: integer("warm_up", d.warm_up),
                warning: float("warning", d.warning),
                change: float("change", d.change),
            };
            Box::new(Ddm::try_new(options).unwrap())
        }
        "eddm" => {
            let d = EddmOptions::default();
            let options = EddmOptions {
                warm_up: integer("warm_up", d.warm_up),
                warning: float("warning", d.warning),
                change: float("change", d.change),
            };
            Box::new(Eddm::try_new(options).unwrap())
        }
        "fhddm" => {
            let d = FhddmOptions::default();
            let options = FhddmOptions {
                window: integer("window", d.window as u64) as usize,
                change: float("change", d.change),
                direction: direction(case, d.direction),
            };
            Box::new(Fhddm::try_new(options).unwrap())
        }
        "hddm_a" => {
            let d = HddmAOptions::default();
            let options = HddmAOptions {
                change: float("change", d.change),
                warning: float("warning", d.warning),
                direction: direction(case, d.direction),
            };
            Box::new(HddmA::try_new(options).unwrap())
        }
        "hddm_w" => {
            let d = HddmWOptions::default();
            let options = HddmWOptions {
                change: float("change", d.change),
                warning: float("warning", d.warning),
                weight: float("weight", d.weight),
                direction: direction(case, d.direction),
            };
            Box::new(HddmW::try_new(options).unwrap())
        }
        "kswin" => {
            let d = KswinOptions::default();
            let options = KswinOptions {
                alpha: float("alpha", d.alpha),
                window: integer("window", d.window as u64) as usize,
                recent: integer("recent", d.recent as u64) as usize,
                river_seed: case["options"]["river_seed"].as_u64(),
            };
            Box::new(Kswin::try_new(options).unwrap())
        }
        other => panic!("detector.json names {other}, which no test knows"),
    }
}

fn adwin(case: &Value) -> Adwin {
    let d = AdwinOptions::default();
    Adwin::try_new(AdwinOptions {
        delta: float(case, "delta", d.delta),
        clock: integer(case, "clock", d.clock),
        max_buckets: integer(case, "max_buckets", d.max_buckets as u64) as usize,
        min_window: integer(case, "min_window", d.min_window),
        grace: integer(case, "grace", d.grace),
    })
    .unwrap()
}

/// The indices of a signal, from `[first, length]` of each run.
fn runs(case: &Value) -> Vec<usize> {
    let pair = |run: &Value| [0, 1].map(|i| run[i].as_u64().unwrap() as usize);
    let run = |[first, len]: [usize; 2]| first..first + len;
    case["warnings"].as_array().unwrap().iter().map(pair).flat_map(run).collect()
}

fn changes(case: &Value) -> Vec<usize> {
    case["changes"].as_array().unwrap().iter().map(|at| at.as_u64().unwrap() as usize).collect()
}

#[test]
fn signals_are_where_river_has_them() {
    for case in cases("detector.json") {
        let (name, source) = (text(&case["detector"]), text(&case["stream"]));
        if name == "adwin" {
            continue;
        }
        let mut detector = detector(&case);
        let length = case["length"].as_u64().unwrap_or(u64::MAX) as usize;
        let signals: Vec<Signal> = stream(source)
            .iter()
            .take(length)
            .map(|&value| detector.push(value).unwrap())
            .collect();
        let at = |wanted| -> Vec<usize> {
            (0..signals.len()).filter(|&i| signals[i] == wanted).collect()
        };
        let context = format!("{name} {} on {source}", case["options"]);
        assert_eq!(at(Signal::Change), changes(&case), "changes of {context}");
        assert!(at(Signal::Warning) == runs(&case), "warnings of {context}");
    }
}

#[test]
fn adwin_keeps_the_window_that_river_keeps() {
    for case in cases("detector.json") {
        if text(&case["detector"]) != "adwin" {
            continue;
        }
        let source = text(&case["stream"]);
        let context = format!("adwin {} on {source}", case["options"]);
        let mut detector = adwin(&case);
        let mut found = Vec::new();
        for (index, value) in stream(source).into_iter().enumerate() {
            if detector.push(value).unwrap() == Signal::Change {
                let window = &case["windows"][found.len()];
                found.push(index);
                assert_eq!(Some(detector.width()), window[0].as_u64(), "{context} at {index}");
                assert_close("adwin_mean", detector.mean(), number(&window[1]), &context);
            }
        }
        assert_eq!(found, changes(&case), "{context}");
    }
}

#[test]
fn run_lengths_as_by_their_integral_equation() {
    for case in cases("run_length.json") {
        let at = |name: &str| number(&case[name]);
        let direction: Direction = serde_json::from_value(case["direction"].clone()).unwrap();
        let got = run_length(at("threshold"), at("slack"), direction).unwrap();
        assert_close("run_length", got, at("values"), &case.to_string());
        // What the table in the documentation says.
        let error = (got / at("values") - 1.0).abs();
        let stated = [(0.1, 0.0006), (0.25, 0.002), (0.5, 0.009), (0.75, 0.034), (1.0, 0.08)];
        let (_, most) = stated.into_iter().find(|(slack, _)| at("slack") <= *slack).unwrap();
        assert!(error <= most, "{case}: {error}");
        let threshold = threshold_for_run_length(at("values"), at("slack"), direction).unwrap();
        assert_near("threshold_for_run_length", threshold, at("threshold"), 0.1, &case.to_string());
    }
}

/// An alarm where the stream is 1.
struct Told;

impl Detector for Told {
    fn push(&mut self, value: f64) -> Result<Signal, tidegate_stats::Error> {
        Ok(if value == 1.0 { Signal::Change } else { Signal::None })
    }

    fn reset(&mut self) {}
}

fn check_evaluation(got: &Evaluation, case: &Value) {
    let counts = [got.false_alarm_count, got.caught_count];
    assert_eq!(counts.map(Some), [&case["false_alarms"], &case["caught"]].map(Value::as_u64));
    for (name, got) in [
        ("precision", got.precision),
        ("recall", got.recall),
        ("episode_recall", got.episode_recall),
        ("missed_detection_rate", got.missed_ratio),
        ("f1", got.f1),
        ("detection_delay", got.delay),
        ("normalized_detection_time", got.delay_ratio),
        ("false_alarm_rate", Some(got.false_alarm_rate)),
        ("mean_time_between_false_alarms", got.mean_between_false_alarms),
        ("mean_time_ratio", got.mean_time_ratio),
    ] {
        assert_eq!(got.is_some(), case[name].is_number(), "{name} of {case}");
        if let Some(got) = got {
            assert_close("evaluation", got, number(&case[name]), &format!("{name} of {case}"));
        }
    }
}

#[test]
fn evaluations_by_brute_force() {
    for case in cases("evaluation.json") {
        let at = |name: &str| case[name].as_u64().unwrap();
        let pair = |pair: &Value| KnownChange {
            start: pair[0].as_u64().unwrap(),
            end: pair[1].as_u64().unwrap(),
        };
        let changes: Vec<KnownChange> =
            case["changes"].as_array().unwrap().iter().map(pair).collect();
        let window = AlarmWindow { late: at("late"), early: at("early") };
        let value_count = at("value_count");
        if let Some(period) = case["period"].as_u64() {
            let dummy = Dummy::Every(period);
            check_evaluation(&evaluate_dummy(dummy, &changes, value_count, window).unwrap(), &case);
            continue;
        }
        let alarms = counts(&case["alarms"]);
        let got = evaluate(alarms.iter().copied(), &changes, value_count, window).unwrap();
        check_evaluation(&got, &case);
        let values = (0..value_count).map(|index| f64::from(u8::from(alarms.contains(&index))));
        let run = evaluate_detector(&mut Told, values, &changes, window).unwrap();
        assert_eq!(run, got, "{case}");
    }
}
