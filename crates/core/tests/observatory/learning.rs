//! How a reference comes to be, and what counts against it.

use tidegate_core::event::{FeatureColumn, Inference, Value};
use tidegate_core::observatory::{Delta, ReferenceSettings, References, Settings, State};
use tidegate_core::pane::bound;
use tidegate_core::profile::ColumnSummary;
use tidegate_core::report::{ColumnKind, ColumnReport, Verdict};
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

/// Draws that are the same on every host.
struct Draws(u64);

impl Draws {
    /// Near enough to a standard normal one.
    fn normal(&mut self) -> f64 {
        let mut uniform = || {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            (self.0 >> 40) as f64 / (1_u64 << 24) as f64
        };
        (0..12).map(|_| uniform()).sum::<f64>() - 6.0
    }

    /// Requests of so many rows each, of which a share of the variance is that of the request, moved by `shift`, the
    /// rows of each request sorted.
    fn requests(&mut self, sizes: &[usize], share: f64, shift: f64) -> Vec<Inference> {
        let (common, own) = (share.sqrt(), (1.0 - share).sqrt());
        let mut request = |size: &usize| {
            let of_request = shift + common * self.normal();
            let mut values: Vec<f64> =
                (0..*size).map(|_| of_request + own * self.normal()).collect();
            values.sort_by(f64::total_cmp);
            rows("m", &values)
        };
        sizes.iter().map(&mut request).collect()
    }

    /// Requests of one row each, of which each value is `share` of the last and the rest new.
    fn series(&mut self, count: usize, share: f64) -> Vec<Inference> {
        let (mut value, fresh) = (self.normal(), (1.0 - share * share).sqrt());
        let mut next = || {
            value = share * value + fresh * self.normal();
            rows("m", &[value])
        };
        (0..count).map(|_| next()).collect()
    }
}

/// What is said of `x` once a reference was learned of the one requests and the others came.
fn judged(learned: &[Inference], later: &[Inference]) -> ColumnReport {
    let samples = learned.iter().map(|request| request.batch_size.unwrap()).sum();
    let settings = learn(samples);
    let mut state = state(NOON, learned, &settings);
    feed(&mut state, NOON, later, &settings);
    let snapshot = state.snapshot(NOON, &settings);
    assert_eq!(snapshot.models[0].reference, ReferenceStatus::Ready { rows: samples });
    snapshot.models[0].columns[0].report.clone()
}

/// How many of so many runs say that there is drift.
fn alarms(runs: u64, mut run: impl FnMut(&mut Draws) -> ColumnReport) -> u64 {
    (0..runs).map(|seed| u64::from(run(&mut Draws(seed)).verdict == Verdict::Drift)).sum()
}

#[test]
fn the_order_of_rows_within_a_request_says_nothing() {
    for learned in [&[40; 100][..], &[40, 1000, 2000, 7, 953], &[4000]] {
        let run = |draws: &mut Draws, shift: f64| {
            let requests = draws.requests(learned, 0.0, 0.0);
            let found = judged(&requests, &draws.requests(&[40; 25], 0.0, shift));
            assert_eq!(found.rows_per_independent, None);
            let note = "learned from so few requests that it is hardly known whether";
            let is_told = found.note.as_ref().is_some_and(|own| own.starts_with(note));
            assert_eq!(is_told, learned.len() == 1, "{:?}", found.note);
            found
        };
        let (quiet, found) = (alarms(20, |it| run(it, 0.0)), alarms(10, |it| run(it, 0.4)));
        assert!(quiet <= 2 && found == 10, "{quiet} of 20, {found} of 10");
    }
}

#[test]
fn a_sorted_file_is_a_reference_if_no_request_is_unlike_the_others() {
    // Three classes of fifty, as of the irises.
    let file: Vec<f64> = (0..150).map(|row| f64::from(row / 50 * 10 + row % 7)).collect();
    let parts = |count: usize| -> Vec<Inference> {
        let of_part = |part: usize| file.iter().skip(part).step_by(count).copied();
        (0..count).map(|part| rows("m", &of_part(part).collect::<Vec<f64>>())).collect()
    };
    for count in [1, 2, 5, 15] {
        let learned = parts(count);
        assert_eq!(judged(&learned, &parts(1)).verdict, Verdict::NoDrift, "{count}");
        let two_classes = [rows("m", &file[50..])];
        assert_eq!(judged(&learned, &two_classes).verdict, Verdict::Drift, "{count}");
    }
    // Class by class the requests differ, and the note says what to do.
    for rows_each in [1, 10, 50] {
        let by_class: Vec<Inference> = file.chunks(rows_each).map(|part| rows("m", part)).collect();
        let found = judged(&by_class, &parts(1));
        assert_eq!(found.verdict, Verdict::InsufficientData);
        assert!(found.note.unwrap().ends_with("is to be shuffled before it is learned from"));
    }
}

#[test]
fn rows_of_requests_that_differ_are_counted_for_what_they_say() {
    let run = |draws: &mut Draws, shift: f64| {
        let learned = draws.requests(&[20; 200], 0.3, 0.0);
        let found = judged(&learned, &draws.requests(&[20; 50], 0.3, shift));
        let per_one = found.rows_per_independent.unwrap();
        assert!((4.0..10.0).contains(&per_one), "{per_one}");
        found
    };
    let (quiet, found) = (alarms(20, |it| run(it, 0.0)), alarms(10, |it| run(it, 0.7)));
    assert!(quiet <= 2 && found == 10, "{quiet} of 20, {found} of 10");
}

#[test]
fn rows_of_a_series_are_counted_for_what_they_say() {
    let drifted = alarms(20, |draws| {
        let found = judged(&draws.series(4000, 0.9), &draws.series(2000, 0.9));
        let per_one = found.rows_per_independent.unwrap();
        assert!((5.0..40.0).contains(&per_one), "{per_one}");
        assert!(found.tests[0].p_effective > found.tests[0].p_value);
        found
    });
    assert!(drifted <= 2, "{drifted} of 20");
}
