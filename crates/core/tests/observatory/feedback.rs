//! Labels that come late, twice, wrongly or first, and what the model's quality is then.

use proptest::collection::vec;
use proptest::prelude::*;
use tidegate_core::event::{Event, Label, ObservedInference, Value};
use tidegate_core::feedback::{Answer, Awaiting, Labelled, Truth};
use tidegate_core::observatory::{Delta, ModelSettings, Observatory, References, Settings, State};
use tidegate_core::snapshot::{ModelSnapshot, Snapshot};

use crate::fixture::{NOON, dropped};

const DAY: f64 = 86_400.0;

fn prediction(at: f64, id: &str, class: &str, confidence: f64) -> Event {
    let json = format!(
        r#"{{"at": {at}, "model_name": "iris", "model_version": "1", "prediction_id": "{id}",
            "predictions": ["{class}"], "confidences": [{confidence}]}}"#
    );
    Event::Inference(serde_json::from_str::<ObservedInference>(&json).unwrap())
}

fn label(at: f64, id: &str, class: &str) -> Event {
    let label = Value::Category(class.into());
    Event::Label(Label { at: Some(at), prediction_id: id.into(), label })
}

fn after(events: &[Event], now: f64, settings: &Settings) -> Snapshot {
    let mut observatory = Observatory::new(settings.clone());
    for event in events {
        observatory.observe(now, event);
    }
    observatory.tick(now);
    observatory.snapshot()
}

fn iris(snapshot: &Snapshot) -> &ModelSnapshot {
    snapshot.models.iter().find(|model| model.model_name == "iris").unwrap()
}

/// `count` predictions of a day, every tenth of which is wrong.
fn day(at: f64, count: usize) -> Vec<Event> {
    let rows = 0..count;
    let events = rows.map(|row| {
        let id = format!("{at}-{row}");
        let truth = if row % 10 == 0 { "b" } else { "a" };
        [prediction(at + row as f64, &id, "a", 0.9), label(at + 40.0 + row as f64, &id, truth)]
    });
    events.flatten().collect()
}

#[test]
fn figures_are_told_from_the_minimum_on_and_before_it_how_many_are_missing() {
    let settings = Settings::default();
    let few = after(&day(NOON, 99), NOON + DAY, &settings);
    assert_eq!((iris(&few).quality[0].missing, &iris(&few).quality[0].figures), (1, &None));
    let enough = after(&day(NOON, 100), NOON + DAY, &settings);
    let quality = &iris(&enough).quality[0];
    assert_eq!((quality.missing, quality.figures.as_ref().unwrap().accuracy), (0, Some(0.9)));

    let mut observatory = Observatory::new(settings);
    for event in day(NOON, 100) {
        observatory.observe(NOON, &event);
    }
    observatory.tick(NOON + DAY);
    let text = observatory.prometheus_text();
    for line in [
        "model_accuracy{model_name=\"iris\",model_version=\"1\"} 0.9",
        "model_recall{model_name=\"iris\",model_version=\"1\",class=\"a\"} 1.0",
        "model_recall{model_name=\"iris\",model_version=\"1\",class=\"b\"} 0.0",
        "model_labels_total{outcome=\"joined\"} 100",
        "model_label_completeness{model_name=\"iris\"} 1.0",
    ] {
        assert!(text.lines().any(|own| own == line), "{line} is not in\n{text}");
    }
}

#[test]
fn the_newest_thousand_predictions_count() {
    let mut events = day(NOON - DAY, 500);
    events.extend(day(NOON, 1000));
    let snapshot = after(&events, NOON + DAY, &Settings::default());
    assert_eq!(iris(&snapshot).quality[0].figures.as_ref().unwrap().rows, 1000);
    assert_eq!(iris(&snapshot).cohorts.len(), 2);
}

#[test]
fn a_late_label_counts_for_the_day_of_its_prediction() {
    let month = 29.0 * DAY;
    let events = [
        prediction(NOON, "old", "a", 0.9),
        prediction(NOON + month, "new", "a", 0.9),
        label(NOON + month, "old", "b"),
    ];
    let snapshot = after(&events, NOON + month, &Settings::default());
    let cohorts = &iris(&snapshot).cohorts;
    assert_eq!(cohorts.iter().map(|it| it.labelled).collect::<Vec<_>>(), [1, 0]);
    assert_eq!((cohorts[0].accuracy, cohorts[1].accuracy), (Some(0.0), None));
    assert_eq!((cohorts[0].completeness, cohorts[1].completeness), (Some(1.0), Some(0.0)));
    let within = |seconds: f64| {
        let points = &iris(&snapshot).label_lag;
        points.iter().find(|point| point.seconds == seconds).unwrap().share
    };
    assert_eq!((within(14.0 * DAY), within(30.0 * DAY)), (0.0, 1.0));
}

#[test]
fn each_label_is_counted_as_what_it_was() {
    let events = [
        prediction(NOON, "a", "x", 0.9),
        label(NOON + 1.0, "a", "x"),
        label(NOON + 2.0, "a", "x"),
        label(NOON + 3.0, "a", "y"),
        prediction(NOON, "b", "x", 0.9),
        label(NOON + 31.0 * DAY, "b", "x"),
        label(NOON + 4.0, "nobody", "x"),
    ];
    let counts = after(&events, NOON + 60.0, &Settings::default()).feedback;
    assert_eq!((counts.joined, counts.duplicate, counts.contradicting), (1, 1, 1));
    assert_eq!((counts.late, counts.waiting, counts.unknown), (1, 1, 0));
    let later = after(&events, NOON + 31.0 * DAY, &Settings::default()).feedback;
    assert_eq!((later.waiting, later.unknown), (0, 1));
}

#[test]
fn a_figure_is_held_against_its_baseline() {
    let baseline = vec![("accuracy".to_owned(), 0.95), ("nonsense".to_owned(), 1.0)];
    let models = vec![ModelSettings { baseline, ..ModelSettings::default() }];
    let settings = Settings { models, ..Settings::default() };
    let snapshot = after(&day(NOON, 200), NOON + DAY, &settings);
    let [degradation] = &iris(&snapshot).quality[0].degradation[..] else { panic!("one") };
    assert!((degradation.degradation - 0.05 / 0.95).abs() < 1e-12);
}

#[test]
fn ids_without_end_meet_a_bound() {
    let mut settings = Settings::default();
    settings.feedback.capacity = 50;
    let mut state = State::default();
    for block in 0..10 {
        let mut delta = Delta::default();
        for row in 0..100 {
            let at = NOON + f64::from(block * 100 + row);
            let event = prediction(at, &format!("{block}-{row}"), "a", 0.9);
            delta.observe(at, &event, &References::default(), &settings);
        }
        let long = label(NOON, &"x".repeat(300), "a");
        delta.observe(NOON, &long, &References::default(), &settings);
        state.apply(delta, &settings);
        state.tick(NOON + 1000.0, &settings);
    }
    assert_eq!(dropped(&state, "feedback"), 950 + 10);
    assert!(state.encode().len() < 40_000, "{}", state.encode().len());
}

fn echo(id: &str, predicted: &str, truth: &str) -> Labelled {
    let class = |name: &str| Answer::Class(name.into());
    let prediction = Awaiting {
        at_seconds: NOON,
        model_name: "iris".into(),
        model_version: "1".into(),
        prediction: class(predicted),
        confidence: None,
        variants: Vec::new(),
    };
    let truth = Truth { at_seconds: NOON + 60.0, label: class(truth) };
    Labelled { id: id.into(), prediction, truth }
}

fn told(labelled: &[Labelled], recorded: &[Event], echoes_first: bool) -> Snapshot {
    let settings = Settings::default();
    let mut deltas = [Delta::default(), Delta::default()];
    for event in recorded {
        deltas[0].observe(NOON, event, &References::default(), &settings);
    }
    for labelled in labelled {
        deltas[1].record_labelled(labelled.clone());
    }
    if echoes_first {
        deltas.reverse();
    }
    let mut state = State::default();
    for delta in deltas {
        state.apply(Delta::decode(&delta.encode()).unwrap(), &settings);
    }
    state.tick(NOON + 60.0, &settings);
    state.snapshot(NOON + 60.0, &settings)
}

#[test]
fn an_echo_brings_a_prediction_that_was_made_elsewhere() {
    let snapshot = told(&[echo("r", "a", "a"), echo("s", "a", "b")], &[], false);
    let cohort = &iris(&snapshot).cohorts[0];
    assert_eq!((cohort.predictions, cohort.labelled, cohort.accuracy), (0, 2, Some(0.5)));
    assert_eq!((snapshot.feedback.joined, snapshot.feedback.waiting), (2, 0));
}

#[test]
fn an_echo_that_comes_again_counts_once() {
    let all = [echo("r", "a", "a"), echo("r", "a", "a"), echo("r", "a", "a")];
    let counts = told(&all, &[], false).feedback;
    assert_eq!((counts.joined, counts.duplicate, counts.contradicting_echoes), (1, 2, 0));
}

#[test]
fn what_was_recorded_counts_before_what_is_echoed_whichever_comes_first() {
    let echoes = [echo("r", "b", "b"), echo("r", "a", "b"), echo("r", "b", "b")];
    for echoes_first in [false, true] {
        let snapshot = told(&echoes, &[prediction(NOON + 1.0, "r", "a", 0.9)], echoes_first);
        let cohort = &iris(&snapshot).cohorts[0];
        assert_eq!((cohort.predictions, cohort.labelled), (1, 1));
        assert_eq!(cohort.accuracy, Some(0.0), "the client says that it was right");
        let counts = snapshot.feedback;
        assert_eq!((counts.joined, counts.duplicate, counts.contradicting), (1, 2, 0));
        assert_eq!(counts.contradicting_echoes, 2);
    }
    // Nothing was recorded: the least of the echoes of one moment counts.
    assert_eq!(told(&echoes, &[], false).feedback.contradicting_echoes, 2);
}

#[test]
fn labelled_predictions_stay_known_however_many_await_their_truth() {
    let mut settings = Settings::default();
    settings.feedback.capacity = 50;
    settings.feedback.by_token = true;
    let mut state = State::default();
    for round in 0..20 {
        let mut delta = Delta::default();
        for row in 0..100 {
            let at = NOON + 100.0 + f64::from(round);
            let event = prediction(at, &format!("{round}-{row}"), "a", 0.9);
            delta.observe(at, &event, &References::default(), &settings);
        }
        delta.record_labelled(echo("r", "a", "a"));
        state.apply(delta, &settings);
        state.tick(NOON + 1000.0, &settings);
    }
    let counts = state.snapshot(NOON + 1000.0, &settings).feedback;
    assert_eq!((counts.joined, counts.duplicate), (1, 19));
    assert_eq!(dropped(&state, "feedback"), 0, "a token brings back what is forgotten");
}

#[test]
fn a_label_that_comes_again_counts_once_long_after_its_prediction_was_forgotten() {
    let mut settings = Settings::default();
    settings.feedback.capacity = 50;
    settings.feedback.by_token = true;
    let mut state = State::default();
    for round in 0..2 {
        for block in 0..20 {
            let mut delta = Delta::default();
            for row in 0..100 {
                delta.record_labelled(echo(&format!("{block}-{row}"), "a", "a"));
            }
            state.apply(delta, &settings);
            state.tick(NOON + 1000.0 + f64::from(round), &settings);
            state = State::decode(&state.encode()).unwrap();
        }
    }
    let counts = state.snapshot(NOON + 1000.0, &settings).feedback;
    assert_eq!((counts.joined, counts.duplicate), (2_000, 2_000));
    let snapshot = state.snapshot(NOON + 1000.0, &settings);
    assert_eq!(iris(&snapshot).cohorts[0].labelled, 2_000);
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let id = 0..12_u8;
    let class = prop::sample::select(&["a", "b", "c"][..]);
    let event = (any::<bool>(), id, class, 0..40_u32).prop_map(|(is_label, id, class, offset)| {
        let at = NOON + f64::from(offset) * DAY;
        let id = format!("r{id}");
        if is_label { label(at, &id, class) } else { prediction(at, &id, class, 0.8) }
    });
    vec(event, 0..60)
}

proptest! {
    #[test]
    fn any_split_in_any_order_gives_the_same_feedback(
        events in events(),
        workers in vec(0..3_usize, 60),
        order in Just([0_usize, 1, 2]).prop_shuffle(),
    ) {
        // Longer than the events: a late label is one by the prediction that was known then.
        let mut settings = Settings::default();
        settings.feedback.retention_seconds = 100.0 * DAY;
        let now = NOON + 41.0 * DAY;
        let (mut whole, mut parts) = (State::default(), State::default());
        let mut one = Delta::default();
        let mut split = [Delta::default(), Delta::default(), Delta::default()];
        for (event, worker) in events.iter().zip(workers) {
            one.observe(now, event, &References::default(), &settings);
            split[worker].observe(now, event, &References::default(), &settings);
        }
        whole.apply(one, &settings);
        for index in order {
            parts.apply(core::mem::take(&mut split[index]), &settings);
        }
        whole.tick(now, &settings);
        parts.tick(now, &settings);
        let (whole, parts) = (whole.snapshot(now, &settings), parts.snapshot(now, &settings));
        prop_assert_eq!(whole.feedback, parts.feedback);
        for (one, other) in whole.models.iter().zip(&parts.models) {
            prop_assert_eq!(&one.cohorts, &other.cohorts);
            prop_assert_eq!(&one.quality, &other.quality);
            prop_assert_eq!(&one.label_lag, &other.label_lag);
        }
    }
}
