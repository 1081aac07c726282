//! Events of every kind, split over workers and over time, handed over in any order, give what one worker gives that
//! saw all of them: the same state, snapshot, metrics, outcomes and alerts.

use proptest::collection::vec;
use proptest::prelude::*;
use tidegate_core::alert::{Alerts, default_rules};
use tidegate_core::event::{
    Cells, Conversion, ErrorKind, Event, ExperimentUnit, Explanation, FeatureRetrieval, FeatureRow,
    Generation, Label, LatencySeconds, Measure, ObservedInference, Side, Status, TrainingEpoch,
    TrainingStep, Unread, UnreadReason, Value,
};
use tidegate_core::feedback::{Answer, Awaiting, Labelled, TokenCounts, Truth};
use tidegate_core::metric;
use tidegate_core::observatory::{
    Delta, ExperimentSettings, FeatureSetSettings, ReferenceSettings, References, Settings, State,
};

use crate::fixture::{NOON, inference, profile, state, with_profile};

/// What one event is made of: its kind, small numbers that choose names, and a share of one.
type Made = (u8, [u64; 4], f64);

fn made() -> impl Strategy<Value = Made> {
    (0..12_u8, [0..24_u64, 0..24, 0..24, 0..24], 0.0..=1.0)
}

fn name(kind: &str, number: u64, of: u64) -> String {
    format!("{kind}{}", number % of)
}

fn value(number: u64, share: f64) -> Value {
    match number % 6 {
        0 => Value::Missing,
        1 | 2 => Value::Category(["red", "blue", "green"][number as usize % 3].into()),
        _ => Value::Number(5.0 * share - 0.5),
    }
}

fn answer(number: u64) -> Value {
    // No more than are told apart of one prediction.
    if number.is_multiple_of(7) {
        Value::Number(1.0)
    } else {
        Value::Category(["cat", "dog", "1"][number as usize % 3].into())
    }
}

fn observed(at: Option<f64>, [a, b, c, d]: [u64; 4], share: f64) -> ObservedInference {
    let statuses = [Status::Success, Status::ClientError, Status::ServerError, Status::Aborted];
    ObservedInference {
        at,
        model_name: name("model", a, 2),
        model_version: Some(name("", b, 2)),
        prediction_id: (c % 4 > 0).then(|| name("p", c + d, 12)),
        status: Some(statuses[a as usize % 4]),
        error: (a % 4 == 2).then_some(ErrorKind::Timeout),
        batch_size: Some(d),
        predictions: (0..1 + c % 2).map(|row| answer(b + row)).collect(),
        confidences: vec![share],
        features: [
            ("x".to_owned(), Cells(vec![value(d, share)])),
            ("color".to_owned(), Cells(vec![value(a + 1, share)])),
            (name("new", d, 3), Cells(vec![value(c, share), value(b, share)])),
        ]
        .into_iter()
        .collect(),
        latency_seconds: Some(LatencySeconds {
            total: Some(200.0 * share * share * share),
            inference: Some(share),
            ..LatencySeconds::default()
        }),
        variants: [("test".to_owned(), name("variant", b, 2))].into_iter().collect(),
        unit: Some(name("unit", c * d, 40)),
        generation: (b % 2 == 0).then(|| {
            Box::new(Generation {
                input_tokens: Some(a * 100),
                output_tokens: Some(d * 10),
                reasoning_tokens: Some(b),
                chunks: Some(c),
                first_chunk_seconds: Some(share),
                chunks_seconds: Some(2.0 * share),
                ..Generation::default()
            })
        }),
        unread: if d == 0 {
            vec![Unread { side: Side::Response, reason: UnreadReason::Truncated }]
        } else {
            vec![]
        },
    }
}

/// Tells a worker of one event; the last kinds are what a gateway tells beside events.
fn tell(
    delta: &mut Delta,
    at_seconds: f64,
    (kind, numbers, share): Made,
    references: &References,
    settings: &Settings,
) {
    let [a, b, c, d] = numbers;
    // Half of the events have times of their own.
    let at = (d % 2 == 0).then_some(at_seconds);
    let event = match kind {
        0..=2 => Event::Inference(observed(at, numbers, share)),
        3 => Event::Label(Label { at, prediction_id: name("p", a, 12), label: answer(b) }),
        4 => Event::Conversion(Conversion {
            at,
            experiment: name(["test", "none"][usize::from(a == 0)], 0, 1).replace('0', ""),
            unit: name("unit", b * c, 40),
            value: (d % 3 > 0).then_some(share),
        }),
        5 => Event::ExperimentUnit(ExperimentUnit {
            at,
            experiment: "test".into(),
            unit: name("unit", b * c, 40),
            value_before: share,
        }),
        6 => Event::FeatureRetrieval(FeatureRetrieval {
            at,
            feature_set: name("set", a, 2),
            source: name("source", b, 2),
            duration_seconds: share,
            cache_hit: [None, Some(true), Some(false)][c as usize % 3],
        }),
        7 => Event::FeatureRow(FeatureRow {
            at,
            feature_set: name("set", a, 2),
            values: [("x".to_owned(), value(b, share)), ("color".to_owned(), value(c, share))]
                .into_iter()
                .collect(),
            timestamps: [("x".to_owned(), NOON - 1000.0 * share)].into_iter().collect(),
        }),
        8 => Event::TrainingStep(TrainingStep {
            at,
            job_id: name("job", a, 2),
            step: b,
            rank: Some(c as u32 % 3),
            loss: Some(Measure(if d == 0 { f64::NAN } else { share })),
            grad_norm: Some(Measure(share * 3.0)),
            learning_rate: Some(share / 10.0),
            samples: Some(c),
            duration_seconds: Some(share),
            data_wait_seconds: Some(share / 2.0),
            gpu_utilization: [(name("gpu", c, 2), share)].into_iter().collect(),
        }),
        9 => Event::TrainingEpoch(TrainingEpoch {
            at,
            job_id: name("job", a, 2),
            epoch: b,
            loss: Some(Measure(share)),
            validation_loss: Some(Measure(if d == 0 { f64::INFINITY } else { share })),
            accuracy: Some(share),
            validation_accuracy: None,
            duration_seconds: Some(share * 100.0),
        }),
        10 => Event::Explanation(Explanation {
            at,
            model_name: name("model", a, 2),
            model_version: None,
            attributions: [(name("x", b, 3), share), (name("x", b + 1, 3), -share)]
                .into_iter()
                .collect(),
        }),
        _ => {
            let prediction = Awaiting {
                at_seconds,
                model_name: name("model", a, 2),
                model_version: name("", b, 2),
                prediction: Answer::of(&answer(c)).unwrap(),
                confidence: Some(share),
                variants: vec![("test".into(), name("variant", b, 2))],
            };
            let truth = Truth { at_seconds, label: Answer::of(&answer(d)).unwrap() };
            delta.record_labelled(Labelled { id: name("p", c, 12), prediction, truth });
            delta.count_tokens(&TokenCounts { issued: a, accepted: 1, ..TokenCounts::default() });
            return delta.reject("elsewhere");
        }
    };
    delta.observe(at_seconds, &event, references, settings);
}

fn settings() -> Settings {
    let variant = |place| (format!("variant{place}"), 0.5);
    Settings {
        experiments: vec![ExperimentSettings {
            name: "test".into(),
            variants: vec![variant(0), variant(1)],
            ..ExperimentSettings::default()
        }],
        feature_sets: vec![FeatureSetSettings {
            reference: ReferenceSettings::Profile(profile()),
            max_age_seconds: Some(500.0),
            ..FeatureSetSettings::default()
        }],
        feedback: tidegate_core::feedback::FeedbackSettings {
            min_samples: 1,
            ..Default::default()
        },
        gen_ai_metrics: true,
        alerts: default_rules().unwrap(),
        ..with_profile()
    }
}

/// A state that has seen all models and feature sets, and so has their references.
fn start(settings: &Settings) -> State {
    let mut state = state(NOON, &[inference("model0"), inference("model1")], settings);
    let mut delta = Delta::default();
    for set in 0..2 {
        let retrieval = (6, [set, 0, 0, 0], 0.5);
        tell(&mut delta, NOON, retrieval, &References::default(), settings);
    }
    state.apply(delta, settings);
    state.tick(NOON, settings);
    state
}

/// All that is told of a state: the snapshot as JSON, the metrics in three forms, and the alerts.
fn told(state: &State, at_seconds: f64, settings: &Settings) -> [String; 4] {
    let snapshot = state.snapshot(at_seconds, settings);
    let mut families = metric::families(state, &snapshot);
    let alerts = Alerts::default().tick(at_seconds, &families, &settings.alerts, &[]);
    families.extend(metric::gen_ai_families(state));
    [
        serde_json::to_string(&snapshot).unwrap(),
        metric::prometheus_text(&families),
        metric::openmetrics_text(&families),
        format!("{alerts:?}"),
    ]
}

const WORKERS: usize = 4;
const CUTS: usize = 3;

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn any_split_in_any_order_gives_the_same(
        // An event, when it came, which worker saw it before which hand-over, and whether that worker knew the
        // references.
        stream in vec((made(), 0.0..200.0, 0..WORKERS * CUTS, any::<bool>()), 0..80),
        order in Just((0..WORKERS * CUTS).collect::<Vec<_>>()).prop_shuffle(),
        taken_early in 0..=WORKERS * CUTS,
    ) {
        let settings = settings();
        let end = NOON + 230.0;
        let (mut whole, mut parts) = (start(&settings), start(&settings));
        let mut one = Delta::default();
        let mut deltas = vec![Delta::default(); WORKERS * CUTS];
        for (made, offset, cut, knows) in &stream {
            let references = if *knows { parts.references() } else { &References::default() };
            tell(&mut deltas[*cut], NOON + offset, *made, references, &settings);
            tell(&mut one, NOON + offset, *made, whole.references(), &settings);
        }
        whole.apply(one, &settings);
        whole.tick(end, &settings);

        // The first are taken one by one, with ticks and a change of leaders between; the others lie in one
        // mailbox.
        let mut mailbox = Delta::default();
        for (place, index) in order.into_iter().enumerate() {
            let delta = core::mem::take(&mut deltas[index]);
            let delta = Delta::decode(&delta.encode()).unwrap();
            if place < taken_early {
                parts.apply(delta, &settings);
                parts.tick(NOON + 200.0, &settings);
                parts = State::decode(&parts.encode()).unwrap();
            } else {
                mailbox.merge(delta);
                mailbox = Delta::decode(&mailbox.encode()).unwrap();
            }
        }
        parts.apply(mailbox, &settings);
        parts.tick(end, &settings);

        for (parts, whole) in told(&parts, end, &settings).iter().zip(told(&whole, end, &settings)) {
            prop_assert_eq!(parts, &whole);
        }
        prop_assert_eq!(parts.outcomes(), whole.outcomes());
        prop_assert_eq!(&parts, &whole);
        prop_assert_eq!(parts.encode(), whole.encode());
    }
}
