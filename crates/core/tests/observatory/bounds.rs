//! Everything that a client can grow stops growing, and is counted all the same.

use tidegate_core::event::{FeatureColumn, Inference, Stage, StageLatency, Value};
use tidegate_core::observatory::{Delta, ReferenceSettings, References, Settings, State};
use tidegate_core::pane::{LIMITS, OTHER, bound};

use crate::fixture::{
    NOON, assigned, delta, dropped, inference, learn, requests, rows, settings, state,
};

fn many(count: usize, request: impl Fn(usize) -> Inference) -> Vec<Inference> {
    (0..count).map(request).collect()
}

#[test]
fn requests_of_too_many_models_count_under_other() {
    let settings = learn(10);
    let inferences = many(100, |index| rows(&format!("m{index}"), &[1.0]));
    let state = state(NOON, &inferences, &settings);
    let models: Vec<&str> = state.totals().map(|(name, _)| name).collect();
    assert_eq!(models.len(), LIMITS.models + 1);
    assert!(models.contains(&OTHER));
    assert_eq!(requests(&state), 100);
    let beyond = 100 - LIMITS.models as u64;
    assert_eq!(dropped(&state, bound::MODEL_NAMES), beyond);
    let (_, other) = state.totals().find(|(name, _)| *name == OTHER).unwrap();
    assert_eq!(other.versions.keys().collect::<Vec<_>>(), [OTHER]);
    assert_eq!(other.requests(), beyond);
}

#[test]
fn names_stay_bounded_and_requests_exact_when_many_deltas_merge() {
    let settings = learn(10);
    let mut state = State::default();
    let mut mailbox = Delta::default();
    for worker in 0..10 {
        let inferences = many(50, |index| Inference {
            model_version: format!("{worker}-{index}"),
            predictions: vec![Value::Category(format!("class-{worker}-{index}"))],
            assignments: vec![assigned(&format!("e{worker}{index}"), "a")],
            ..inference(&format!("m{}", index % 2))
        });
        let one = delta(NOON, &inferences, &References::default(), &settings);
        if worker % 2 == 0 {
            state.apply(one, &settings);
        } else {
            mailbox.merge(one);
        }
    }
    state.apply(mailbox, &settings);
    assert_eq!(requests(&state), 500);
    for (_, totals) in state.totals() {
        assert!(totals.versions.len() <= LIMITS.versions + 1);
        for version in totals.versions.values() {
            assert_eq!(version.classes.values().sum::<u64>(), version.requests());
            assert!(version.classes.len() <= LIMITS.classes + 1);
        }
    }
    assert_eq!(state.experiments().map(|(.., totals)| totals.requests).sum::<u64>(), 500);
    assert!(state.experiments().count() <= (LIMITS.experiments + 1) * (LIMITS.variants + 1));
    for bound in [bound::MODEL_VERSIONS, bound::CLASSES, bound::EXPERIMENTS] {
        assert!(dropped(&state, bound) > 0, "{bound}");
    }
}

#[test]
fn variants_beyond_the_bound_count_under_other() {
    let inferences = many(40, |index| Inference {
        assignments: vec![assigned("e", &format!("v{index}"))],
        ..inference("m")
    });
    let state = state(NOON, &inferences, &Settings::default());
    assert_eq!(state.experiments().count(), LIMITS.variants + 1);
    assert_eq!(dropped(&state, bound::VARIANTS), 40 - LIMITS.variants as u64);
}

#[test]
fn columns_beyond_the_bound_are_left_out_of_the_window() {
    let settings = settings(ReferenceSettings::None);
    let columns = LIMITS.columns + 10;
    let wide = Inference {
        features: (0..columns)
            .map(|index| FeatureColumn {
                name: format!("f{index:04}"),
                values: vec![Value::Number(1.0), Value::Missing],
            })
            .collect(),
        ..inference("m")
    };
    let state = state(NOON, &[wide], &settings);
    assert_eq!(state.snapshot(NOON, &settings).models[0].columns.len(), LIMITS.columns);
    assert_eq!(dropped(&state, bound::COLUMNS), 20, "ten columns of two values");
}

#[test]
fn long_names_are_cut_at_a_character() {
    let long = "é".repeat(100);
    let inference = Inference {
        model_version: long.clone(),
        predictions: vec![Value::Category(long.clone())],
        ..inference(&long)
    };
    let state = state(NOON, &[inference], &Settings::default());
    let (model, totals) = state.totals().next().unwrap();
    assert_eq!(model, "é".repeat(64));
    let (version, totals) = totals.versions.iter().next().unwrap();
    assert_eq!(version, model);
    assert_eq!(totals.classes.keys().next().unwrap(), model);
    assert_eq!(dropped(&state, bound::NAME_BYTES), 3);
}

#[test]
fn what_is_no_measure_is_counted_and_the_request_too() {
    let seconds = |seconds| StageLatency { stage: Stage::Total, seconds };
    let inferences = [
        Inference { latency: vec![seconds(f64::NAN)], ..inference("m") },
        Inference { latency: vec![seconds(-1.0)], ..inference("m") },
        Inference { confidences: vec![1.5, -0.1, f64::NAN], ..inference("m") },
        Inference { batch_size: Some(u64::MAX), ..inference("m") },
    ];
    let state = state(NOON, &inferences, &Settings::default());
    assert_eq!((requests(&state), dropped(&state, bound::NOT_A_MEASURE)), (4, 5));
}

#[test]
fn a_bound_of_the_host_is_counted_by_its_name_and_names_are_bounded() {
    let mut delta = Delta::default();
    delta.reject("sessions");
    delta.reject("sessions");
    for index in 0..100 {
        delta.reject(&format!("bound-{index:03}"));
    }
    let mut state = State::default();
    state.apply(delta, &Settings::default());
    assert_eq!(dropped(&state, "sessions"), 2);
    assert_eq!(dropped(&state, OTHER), 101 - LIMITS.bounds as u64);
}
