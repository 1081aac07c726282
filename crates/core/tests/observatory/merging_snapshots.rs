//! Snapshots of many gateways, merged, are the one that a gateway with all the traffic would have shown.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use tidegate_core::event;
use tidegate_core::feedback::FeedbackSettings;
use tidegate_core::observatory::{
    ExperimentSettings, MergeError, Observatory, Settings, merge_snapshots,
    merge_snapshots_from_json,
};
use tidegate_core::snapshot::{ReferenceStatus, Snapshot};

use crate::fixture::{NOON, learn, with_profile};

/// Everything is told from 10 labels on; one experiment.
fn settings() -> Settings {
    let variants = vec![("control".into(), 0.5), ("treatment".into(), 0.5)];
    Settings {
        experiments: vec![ExperimentSettings {
            name: "a-or-b".into(),
            variants,
            ..ExperimentSettings::default()
        }],
        feedback: FeedbackSettings { min_samples: 10, window: 40, ..FeedbackSettings::default() },
        ..with_profile()
    }
}

/// One event as JSON, of any type that has parts on several gateways.
fn told() -> impl Strategy<Value = String> {
    let model = || select(vec!["iris", "wine"]);
    let class = || select(vec!["cat", "dog"]);
    let at = || (0.0..200.0).prop_map(|offset| NOON + offset);
    prop_oneof![
        6 => (at(), model(), 0..60_u32, class(), 0.5..1.0, -1.0..5.0, 0.0..3.0).prop_map(
            |(at, model, id, class, sure, x, seconds)| format!(
                r#"{{"type": "inference", "at": {at}, "model_name": "{model}", "prediction_id": "p{id}",
                    "predictions": ["{class}"], "confidences": [{sure}], "features": {{"x": {x}}},
                    "latency_seconds": {{"total": {seconds}}}}}"#
            )
        ),
        4 => (at(), 0..60_u32, class()).prop_map(|(at, id, class)| format!(
            r#"{{"type": "label", "at": {at}, "prediction_id": "p{id}", "label": "{class}"}}"#
        )),
        1 => (at(), 0..9_u32, 0.0..9.0).prop_map(|(at, unit, value)| format!(
            r#"{{"type": "conversion", "at": {at}, "experiment": "a-or-b", "unit": "u{unit}", "value": {value}}}"#
        )),
        1 => (at(), -1.0..1.0, -1.0..1.0).prop_map(|(at, x, y)| format!(
            r#"{{"type": "explanation", "at": {at}, "model_name": "iris", "attributions": {{"x": {x}, "y": {y}}}}}"#
        )),
        1 => (at(), 0.0..0.1, any::<bool>()).prop_map(|(at, seconds, hit)| format!(
            r#"{{"type": "feature_retrieval", "at": {at}, "feature_set": "user", "source": "redis",
                "duration_seconds": {seconds}, "cache_hit": {hit}}}"#
        )),
        1 => (at(), model(), select(vec!["revenue", "click_through"]), -9.0..9.0).prop_map(
            |(at, model, name, value)| format!(
                r#"{{"type": "business_metric", "at": {at}, "model_name": "{model}", "name": "{name}", "value": {value}}}"#
            )
        ),
        1 => (at(), 0..99_u32, 0.0..9.0).prop_map(|(at, step, loss)| format!(
            r#"{{"type": "training_step", "at": {at}, "job_id": "j", "step": {step}, "loss": {loss}}}"#
        )),
    ]
}

fn observe(observatory: &mut Observatory, event: &str) {
    let read = event::read(event.replace('\n', " ").as_bytes());
    assert!(read.refused.is_empty(), "{event}: {:?}", read.refused);
    read.events.iter().for_each(|it| observatory.observe(NOON, &it.event));
}

/// An observatory in which both models have been seen, so that their references are ready.
fn started(settings: &Settings) -> Observatory {
    let mut observatory = Observatory::new(settings.clone());
    observatory.tick(NOON);
    observatory
}

fn known(observatory: &mut Observatory) {
    for model in ["iris", "wine"] {
        let event = format!(r#"{{"type": "inference", "at": {NOON}, "model_name": "{model}"}}"#);
        observe(observatory, &event);
    }
    observatory.tick(NOON);
}

/// Each prediction and each label once: of several of one id it matters which came first.
fn once(events: Vec<(String, usize)>) -> Vec<(String, usize)> {
    let id = |event: &str| {
        let from = event.find("prediction_id").map(|at| event[at..].chars().take(20).collect());
        from.map(|id: String| (event.contains("inference"), id))
    };
    let mut seen = std::collections::BTreeSet::new();
    events.into_iter().filter(|(event, _)| id(event).is_none_or(|id| seen.insert(id))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn any_split_over_gateways_merges_to_what_one_would_show(
        events in vec((told(), 0..3_usize), 0..80),
        order in Just([0_usize, 1, 2]).prop_shuffle(),
        two_steps in any::<bool>(),
    ) {
        let settings = settings();
        let mut one = started(&settings);
        known(&mut one);
        let mut many = [0, 1, 2].map(|_| started(&settings));
        known(&mut many[0]);
        for (event, gateway) in once(events) {
            observe(&mut one, &event);
            observe(&mut many[gateway], &event);
        }
        one.tick(NOON + 230.0);
        let shown = many.map(|mut gateway| {
            gateway.tick(NOON + 230.0);
            let json = serde_json::to_string(&gateway.mergeable_snapshot()).unwrap();
            serde_json::from_str::<Snapshot>(&json).unwrap()
        });
        let [first, second, third] = order.map(|index| shown[index].clone());
        let merged = if two_steps {
            let both = merge_snapshots(&[first, second]).unwrap();
            merge_snapshots(&[third, both]).unwrap()
        } else {
            merge_snapshots(&[first, second, third]).unwrap()
        };
        prop_assert_eq!(merged, one.mergeable_snapshot());
    }
}

#[test]
fn a_snapshot_alone_merges_to_itself() {
    let mut one = started(&settings());
    known(&mut one);
    let snapshot = one.mergeable_snapshot();
    assert_eq!(merge_snapshots(std::slice::from_ref(&snapshot)).unwrap(), snapshot);
}

#[test]
fn a_label_joins_the_prediction_that_went_to_another_gateway() {
    let prediction = r#"{"type": "inference", "model_name": "iris", "prediction_id": "r1",
        "predictions": ["cat"]}"#;
    let label = r#"{"type": "label", "prediction_id": "r1", "label": "cat"}"#;
    let gateways = [[prediction].as_slice(), &[label, label]].map(|events| {
        let mut gateway = started(&settings());
        events.iter().for_each(|event| observe(&mut gateway, event));
        gateway.tick(NOON + 1.0);
        gateway.mergeable_snapshot()
    });
    let merged = merge_snapshots(&gateways).unwrap();
    let counts = merged.feedback;
    assert_eq!((counts.joined, counts.duplicate, counts.waiting), (1, 1, 0));
    assert_eq!(merged.models[0].cohorts[0].accuracy, Some(1.0));
    // The same label at both gateways is one, and one that says it again.
    let merged = merge_snapshots(&[merged, gateways[1].clone()]).unwrap();
    assert_eq!((merged.feedback.joined, merged.feedback.duplicate), (1, 3));
    assert_eq!(merged.models[0].cohorts[0].labelled, 1);
}

#[test]
fn references_that_were_learned_apart_keep_the_larger_and_say_what_is_lost() {
    let gateway = |first: f64, rows: u32| {
        let mut gateway = Observatory::new(learn(50));
        for row in 0..rows {
            let x = first + f64::from(row % 50);
            let event = format!(
                r#"{{"type": "inference", "model_name": "iris", "features": {{"x": {x}}}}}"#
            );
            observe(&mut gateway, &event);
            gateway.tick(NOON + 1.0);
        }
        gateway.mergeable_snapshot()
    };
    // Two that learn still: together they have what it takes.
    let merged = merge_snapshots(&[gateway(0.0, 30), gateway(0.0, 30)]).unwrap();
    assert_eq!(merged.models[0].reference, ReferenceStatus::Ready { rows: 50 });
    assert_eq!(merged.models[0].window.rows, 10);
    // One that has learned, and one that still does: its rows are counted on the bins that there are.
    let merged = merge_snapshots(&[gateway(0.0, 60), gateway(9.0, 30)]).unwrap();
    assert_eq!(merged.models[0].window.rows, 40);
    assert!(merged.dropped.is_empty(), "{:?}", merged.dropped);
    // Two that have learned different things.
    let merged = merge_snapshots(&[gateway(0.0, 60), gateway(9.0, 80)]).unwrap();
    let kept = merged.models[0].window.rows;
    assert!(kept == 10 || kept == 30, "{kept}");
    let lost = merged.dropped.iter().find(|it| it.bound == "reference").unwrap();
    assert_eq!(lost.count + kept, 40);
    assert_eq!(merged.models[0].versions[0].requests[0].count, 140);
}

#[test]
fn what_cannot_be_merged_is_refused() {
    let gateway = started(&settings());
    assert_eq!(merge_snapshots(&[]), Err(MergeError::NoSnapshots));
    let plain = [gateway.mergeable_snapshot(), gateway.snapshot()];
    assert_eq!(merge_snapshots(&plain), Err(MergeError::NotMergeable(1)));
    let json = serde_json::to_string(&plain[..1]).unwrap();
    assert_eq!(merge_snapshots_from_json(&json).unwrap(), plain[0]);
    for (json, says) in [
        ("[1]", "not snapshots: invalid type"),
        (&*json.replace("snapshot/1", "snapshot/9"), "not snapshots: there is a schema"),
        ("[]", "there is no snapshot to merge"),
    ] {
        let error = merge_snapshots_from_json(json).unwrap_err().to_string();
        assert!(error.starts_with(says), "{error}");
    }
    for text in ["", "!", "AAAA"] {
        let damaged = Snapshot { mergeable: Some(text.into()), ..gateway.snapshot() };
        let error = merge_snapshots(&[damaged]).unwrap_err();
        assert_eq!(error.code(), "Unreadable", "{text:?}: {error}");
    }
}
