//! How a reference comes to be, and what counts against it.

use tidegate_core::event::{FeatureColumn, Inference, Value};
use tidegate_core::observatory::{Delta, ReferenceSettings, References, Settings, State};
use tidegate_core::pane::bound;
use tidegate_core::profile::ColumnSummary;
use tidegate_core::report::{ColumnKind, Verdict};
use tidegate_core::snapshot::{ColumnRole, ReferenceStatus};

use crate::fixture::{
    NOON, bins, delta, dropped, feed, inference, learn, profile, requests, rows, settings, state,
    with_profile,
};

fn ramp(from: i32, to: i32) -> Vec<f64> {
    (from..to).map(f64::from).collect()
}

fn status(state: &State, settings: &Settings) -> ReferenceStatus {
    state.snapshot(NOON, settings).models[0].reference
}

fn window_rows(state: &State) -> u64 {
    state.snapshot(NOON, &Settings::default()).models[0].window.rows
}

#[test]
fn the_first_rows_become_the_reference_and_the_later_ones_count_against_it() {
    let settings = learn(100);
    let mut state = state(NOON, &[rows("m", &ramp(0, 60))], &settings);
    assert_eq!(status(&state, &settings), ReferenceStatus::Learning { rows: 60, wanted: 100 });
    assert!(state.references().is_empty());
    assert!(state.profile("m").is_none());

    feed(&mut state, NOON, &[rows("m", &ramp(60, 120))], &settings);
    assert_eq!(status(&state, &settings), ReferenceStatus::Ready { rows: 100 });
    let reference = state.references().get("m").unwrap();
    assert_eq!(reference.columns()[0].bins, [10; 10], "deciles of 0, 1, ..., 99");
    assert_eq!(bins(&state, "m", "x"), [0, 0, 0, 0, 0, 0, 0, 0, 0, 20]);

    feed(&mut state, NOON, &[rows("m", &ramp(0, 100))], &settings);
    assert_eq!(bins(&state, "m", "x"), [10, 10, 10, 10, 10, 10, 10, 10, 10, 30]);
    assert_eq!(requests(&state), 3);
    assert!(state.snapshot(NOON, &settings).dropped.is_empty());
}

#[test]
fn rows_that_come_raw_after_the_reference_is_ready_are_binned() {
    let settings = learn(10);
    let mut state = state(NOON, &[rows("m", &ramp(0, 10))], &settings);
    let late = delta(NOON, &[rows("m", &[-1.0, 20.0])], &References::default(), &settings);
    state.apply(late, &settings);
    state.tick(NOON, &settings);
    let counts = bins(&state, "m", "x");
    assert_eq!((counts[0], counts[9], window_rows(&state)), (1, 1, 2));
}

#[test]
fn predictions_and_confidences_are_columns_with_their_own_rows() {
    let settings = learn(4);
    let answered = |class: &str| Inference {
        predictions: vec![Value::Category(class.into()); 2],
        confidences: vec![0.9, f64::NAN],
        ..rows("m", &[1.0, 2.0])
    };
    let failed = rows("m", &[3.0]);
    let requests = [answered("cat"), failed, answered("dog")];
    let mut state = state(NOON, &requests, &settings);
    let reference = state.references().get("m").unwrap();
    let found: Vec<_> = reference
        .columns()
        .iter()
        .map(|it| (it.role, it.name.as_str(), it.kind(), it.counts.count, it.counts.missing))
        .collect();
    let (numeric, categorical) = (ColumnKind::Numeric, ColumnKind::Categorical);
    assert_eq!(
        found,
        [
            (ColumnRole::Feature, "x", numeric, 4, 0),
            (ColumnRole::Prediction, "prediction", categorical, 4, 0),
            (ColumnRole::Confidence, "confidence", numeric, 2, 2),
        ]
    );
    // The fifth row of features is the first of the window.
    assert_eq!(window_rows(&state), 1);
    feed(&mut state, NOON, &[answered("bird")], &settings);
    assert_eq!(bins(&state, "m", "prediction"), [0, 0, 2], "neither cat nor dog");
}

#[test]
fn a_column_that_a_request_leaves_out_is_missing_from_its_rows() {
    let settings = learn(4);
    let only_y = Inference {
        features: vec![FeatureColumn { name: "y".into(), values: vec![Value::Number(1.0); 3] }],
        ..inference("m")
    };
    let state = state(NOON, &[rows("m", &[1.0]), only_y.clone()], &settings);
    let reference = state.references().get("m").unwrap();
    let missing: Vec<_> = reference.columns().iter().map(|it| it.counts.missing).collect();
    assert_eq!(missing, [3, 1]);

    let mut state = state;
    feed(&mut state, NOON, &[only_y], &settings);
    let columns = &state.snapshot(NOON, &settings).models[0].columns;
    assert_eq!(columns[0].null_rate, Some(1.0));
    assert_eq!(columns[1].null_rate, Some(0.0));
}

#[test]
fn a_column_without_a_value_is_not_learned() {
    let settings = learn(2);
    let with = |city: Value| {
        let mut request = rows("m", &[1.0, 2.0]);
        request.features.push(FeatureColumn { name: "city".into(), values: vec![city; 2] });
        request
    };
    let mut state = state(NOON, &[with(Value::Missing)], &settings);
    assert_eq!(state.references().get("m").unwrap().columns().len(), 1);

    feed(&mut state, NOON, &[with(Value::Category("Bern".into()))], &settings);
    let city = &state.snapshot(NOON, &settings).models[0].columns[1];
    assert_eq!((city.report.name.as_str(), city.null_rate), ("city", Some(0.0)));
    assert_eq!(city.report.kind, ColumnKind::Categorical);
    assert_eq!(city.report.note.as_deref(), Some("the reference has no such column"));
    assert_eq!(city.psi_series, [None; 5]);
}

#[test]
fn values_of_the_other_kind_are_missing_and_counted() {
    let settings = learn(3);
    let word = Value::Category("n/a".into());
    let mixed = Inference {
        features: vec![FeatureColumn {
            name: "x".into(),
            values: vec![word.clone(), Value::Number(1.0), Value::Number(2.0)],
        }],
        ..inference("m")
    };
    let mut state = state(NOON, std::slice::from_ref(&mixed), &settings);
    let column = &state.references().get("m").unwrap().columns()[0];
    assert_eq!((column.kind(), column.counts.missing), (ColumnKind::Numeric, 1));
    assert_eq!(dropped(&state, bound::COLUMN_KIND), 1);

    feed(&mut state, NOON, &[mixed], &settings);
    assert_eq!(dropped(&state, bound::COLUMN_KIND), 2);
    assert_eq!(bins(&state, "m", "x").iter().sum::<u64>(), 2);
}

#[test]
fn counts_against_another_reference_leave_the_window_but_not_the_totals() {
    let settings = with_profile();
    let mut state = state(NOON, &[rows("m", &[0.5])], &settings);
    let elsewhere = crate::fixture::state(NOON, &[rows("m", &ramp(0, 10))], &learn(10));
    let counted = delta(NOON, &[rows("m", &[1.0, 2.0])], elsewhere.references(), &settings);
    state.apply(counted, &settings);
    state.tick(NOON, &settings);
    assert_eq!(bins(&state, "m", "x"), [1, 0, 0, 0]);
    assert_eq!(dropped(&state, bound::REFERENCE), 2);
    assert_eq!(requests(&state), 2);
}

#[test]
fn a_change_of_the_settings_changes_the_reference() {
    let given = with_profile();
    let mut state = state(NOON, &[rows("m", &[0.5])], &given);
    let id = state.references().get("m").unwrap().id();
    assert_eq!(status(&state, &given), ReferenceStatus::Ready { rows: 100 });

    let mut other = profile();
    let ColumnSummary::Numeric { edges, .. } = &mut other.columns[0].summary else { panic!() };
    edges[0] = 0.25;
    let other = settings(ReferenceSettings::Profile(other));
    state.tick(NOON, &other);
    assert_ne!(state.references().get("m").unwrap().id(), id);
    assert_eq!(window_rows(&state), 0);
    assert_eq!(dropped(&state, bound::REFERENCE), 1);

    let learning = learn(10);
    state.tick(NOON, &learning);
    assert_eq!(status(&state, &learning), ReferenceStatus::Learning { rows: 0, wanted: 10 });

    feed(&mut state, NOON, &[rows("m", &ramp(0, 10))], &learning);
    assert_eq!(status(&state, &learning), ReferenceStatus::Ready { rows: 10 });
    let learned = state.references().clone();
    state.tick(NOON, &learn(5000));
    assert_eq!(state.references(), &learned, "what was learned stays, whatever the number");

    let none = settings(ReferenceSettings::None);
    state.tick(NOON, &none);
    assert_eq!(status(&state, &none), ReferenceStatus::None);
    assert_eq!(requests(&state), 2);
}

#[test]
fn without_a_reference_null_rates_are_known_and_no_row_is_kept() {
    let settings = settings(ReferenceSettings::None);
    let gap = rows("m", &[1.0, f64::NAN, f64::NAN, 4.0]);
    let delta = delta(NOON, &[gap], &References::default(), &settings);
    assert!(delta.encode().len() < 200);
    let mut state = State::default();
    state.apply(delta, &settings);
    state.tick(NOON, &settings);
    let columns = &state.snapshot(NOON, &settings).models[0].columns;
    assert_eq!(columns[0].null_rate, Some(0.5));
    assert_eq!(columns[0].report.note.as_deref(), Some("there is no reference to compare with"));
}

#[test]
fn learning_ends_early_when_its_rows_fill_their_bound() {
    let settings = learn(1_000_000);
    let wide = Inference {
        features: (0..500)
            .map(|index| FeatureColumn {
                name: format!("f{index}"),
                values: vec![Value::Number(f64::from(index)); 400],
            })
            .collect(),
        ..inference("m")
    };
    let mut state = State::default();
    for _ in 0..5 {
        assert_eq!(status_or_none(&state, &settings), None);
        feed(&mut state, NOON, std::slice::from_ref(&wide), &settings);
    }
    assert_eq!(status(&state, &settings), ReferenceStatus::Ready { rows: 2000 });
    assert_eq!(dropped(&state, bound::RAW_ROWS), 0);

    fn status_or_none(state: &State, settings: &Settings) -> Option<ReferenceStatus> {
        let snapshot = state.snapshot(NOON, settings);
        let model = snapshot.models.first()?;
        Some(model.reference).filter(|it| matches!(it, ReferenceStatus::Ready { .. }))
    }
}

#[test]
fn raw_rows_beyond_the_bound_of_a_delta_are_counted() {
    let settings = learn(1_000_000);
    let many = rows("m", &vec![1.0; 150_000]);
    let two = delta(NOON, &[many.clone(), many], &References::default(), &settings);
    let mut merged = Delta::default();
    for _ in 0..12 {
        merged.merge(two.clone());
    }
    for (delta, kept) in [(two, 200_000), (merged, 2_000_000)] {
        let mut state = State::default();
        state.apply(delta, &settings);
        let learning = ReferenceStatus::Learning { rows: kept, wanted: 1_000_000 };
        assert_eq!(status(&state, &settings), learning);
        assert_eq!(dropped(&state, bound::RAW_ROWS), 150_000 * requests(&state) - kept);
    }
}

#[test]
fn a_reference_is_the_same_after_its_encoding() {
    let state = state(NOON, &[rows("m", &ramp(0, 1000))], &learn(1000));
    let decoded = References::decode(&state.references().encode()).unwrap();
    assert_eq!(&decoded, state.references());
}

#[test]
fn rows_of_a_series_are_counted_for_what_they_say() {
    let mut state = 1_u64;
    let mut uniform = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 40) as f64 / (1_u64 << 24) as f64 - 0.5
    };
    // Each value is nine tenths of the last.
    let mut value = 0.0;
    let mut series = |rows: usize| -> Vec<f64> {
        let mut next = || {
            value = 0.9 * value + uniform();
            value
        };
        (0..rows).map(|_| next()).collect()
    };
    let settings = learn(4000);
    let (mut drifted, runs) = (0, 20);
    for _ in 0..runs {
        let mut state = State::default();
        for count in [4000, 1000, 1000] {
            feed(&mut state, NOON, &[rows("m", &series(count))], &settings);
        }
        let column = state.snapshot(NOON, &settings).models[0].columns[0].report.clone();
        let per_one = column.rows_per_independent.unwrap();
        assert!((8.0..32.0).contains(&per_one), "{per_one}");
        assert!(column.tests[0].p_effective > column.tests[0].p_value);
        drifted += u32::from(column.verdict == Verdict::Drift);
    }
    assert!(drifted <= 3, "{drifted} of {runs}");
}
