//! What the snapshot says.

use tidegate_core::event::{Inference, Stage, StageLatency, Status, Value};
use tidegate_core::observatory::{ExperimentSettings, Settings};
use tidegate_core::report::{Method, Verdict};
use tidegate_core::snapshot::{ClassCount, ColumnRole, SCHEMA};

use crate::fixture::{NOON, assigned, feed, inference, rows, state, with_profile};

fn timed(seconds: f64, status: Status) -> Inference {
    let latency = vec![StageLatency { stage: Stage::Total, seconds }];
    Inference { status, latency, ..inference("m") }
}

#[test]
fn it_names_itself_and_is_json() {
    let settings = with_profile();
    let snapshot = state(NOON, &[rows("m", &[0.5])], &settings).snapshot(NOON, &settings);
    assert_eq!((snapshot.schema.as_str(), snapshot.at_seconds), (SCHEMA, NOON));
    let json = serde_json::to_string(&snapshot).unwrap();
    assert_eq!(serde_json::from_str::<tidegate_core::snapshot::Snapshot>(&json).unwrap(), snapshot);
}

#[test]
fn latency_has_quantiles_within_a_64th() {
    let settings = Settings::default();
    let requests: Vec<Inference> =
        (1..=1000).map(|n| timed(f64::from(n) * 0.001, Status::Success)).collect();
    let snapshot = state(NOON, &requests, &settings).snapshot(NOON, &settings);
    let seconds = snapshot.models[0].versions[0].latency[0].seconds;
    let near = |found: Option<f64>, exact: f64| (found.unwrap() / exact - 1.0).abs() <= 1.0 / 64.0;
    assert!(near(seconds.p50, 0.5) && near(seconds.p95, 0.95) && near(seconds.p99, 0.99));
    assert!(near(seconds.p999, 0.999), "{seconds:?}");
    assert_eq!((seconds.count, seconds.sum), (1000, 500.5));
}

#[test]
fn the_series_has_a_point_for_each_pane_of_the_window() {
    let settings = with_profile();
    let mut state = state(NOON, &[timed(0.1, Status::Success)], &settings);
    feed(&mut state, NOON + 120.0, &[timed(0.2, Status::Aborted)], &settings);
    let model = &state.snapshot(NOON + 120.0, &settings).models[0];
    let points: Vec<_> =
        model.series.iter().map(|it| (it.at_seconds - NOON, it.requests, it.errors)).collect();
    assert_eq!(points, [(-120.0, 0, 0), (-60.0, 0, 0), (0.0, 1, 0), (60.0, 0, 0), (120.0, 1, 1)]);
    assert!(model.series[3].p50_seconds.is_none());
    assert!((model.series[4].p50_seconds.unwrap() - 0.2).abs() < 0.2 / 64.0);
    assert_eq!((model.window.from_seconds, model.window.to_seconds), (NOON - 120.0, NOON + 180.0));
}

#[test]
fn variants_are_those_of_the_config_in_its_order() {
    let variants = vec![("treatment".into(), 0.3), ("control".into(), 0.7)];
    let experiments = vec![ExperimentSettings {
        name: "a-or-b".into(),
        variants,
        ..ExperimentSettings::default()
    }];
    let settings = Settings { experiments, ..Settings::default() };
    let request = Inference {
        assignments: vec![assigned("a-or-b", "control"), assigned("gone", "x")],
        ..timed(0.1, Status::ServerError)
    };
    let snapshot = state(NOON, &[request], &settings).snapshot(NOON, &settings);
    assert_eq!(snapshot.experiments.len(), 1);
    let variants: Vec<_> = snapshot.experiments[0]
        .variants
        .iter()
        .map(|it| (it.name.as_str(), it.weight, it.requests, it.errors, it.latency_seconds.count))
        .collect();
    assert_eq!(variants, [("treatment", 0.3, 0, 0, 0), ("control", 0.7, 1, 1, 1)]);
}

#[test]
fn classes_come_by_falling_count() {
    let settings = Settings::default();
    let predictions = ["b", "a", "c", "c"].map(|class| Value::Category(class.into())).into();
    let request = Inference { predictions, ..inference("m") };
    let snapshot = state(NOON, &[request], &settings).snapshot(NOON, &settings);
    let class = |class: &str, count| ClassCount { class: class.into(), count };
    assert_eq!(
        snapshot.models[0].versions[0].predictions,
        [class("c", 2), class("a", 1), class("b", 1)]
    );
}

/// Rows whose `x` falls evenly into the reference's four bins, and rows of which none does.
fn drifting() -> (Inference, Inference) {
    let even: Vec<f64> = (0..200).map(|row| f64::from(row % 4) + 0.5).collect();
    (rows("m", &even), rows("m", &[3.5; 200]))
}

#[test]
fn drift_is_seen_in_the_window_and_in_the_panes_where_it_is() {
    let settings = with_profile();
    let (even, moved) = drifting();
    let mut state = state(NOON, &[even], &settings);
    let quiet = &state.snapshot(NOON, &settings).models[0].columns[0];
    assert_eq!(quiet.report.verdict, Verdict::NoDrift);
    assert_eq!(quiet.report.tests[0].method, Method::ChiSquare);

    feed(&mut state, NOON + 60.0, &[moved], &settings);
    let column = &state.snapshot(NOON + 60.0, &settings).models[0].columns[0];
    assert_eq!((column.role, column.report.name.as_str()), (ColumnRole::Feature, "x"));
    assert_eq!(column.report.verdict, Verdict::Drift);
    let deciding = &column.report.tests[0];
    assert!(deciding.p_adjusted.unwrap() >= deciding.p_value.unwrap());
    // Shares of a quarter against three of an eighth and one of five: 3/8 ln 2 + 3/8 ln 5/2.
    let psi = column.report.tests.iter().find(|test| test.method == Method::Psi).unwrap();
    assert!((psi.statistic - 0.6035).abs() < 1e-3, "{}", psi.statistic);

    feed(&mut state, NOON + 120.0, &[rows("m", &[0.5])], &settings);
    let column = &state.snapshot(NOON + 120.0, &settings).models[0].columns[0];
    let [before, older, quiet, moved, few] = column.psi_series[..] else { panic!("five panes") };
    assert_eq!((before, older), (None, None));
    assert_eq!(quiet, Some(0.0));
    assert!(moved.unwrap() > 1.0);
    assert_eq!(few, None, "one row says nothing");
}

#[test]
fn new_categories_and_missing_values_are_signals_of_their_own() {
    let settings = with_profile();
    let request = Inference {
        predictions: vec![Value::Category("dragon".into()); 50],
        ..rows("m", &[f64::NAN, 0.5])
    };
    let columns =
        state(NOON, &[request], &settings).snapshot(NOON, &settings).models[0].columns.clone();
    let names: Vec<&str> = columns.iter().map(|it| it.report.name.as_str()).collect();
    assert_eq!(names, ["x", "color", "prediction", "confidence"]);
    assert_eq!(columns[0].null_rate, Some(0.5));
    assert_eq!(columns[1].null_rate, Some(1.0), "the request leaves color out");
    assert_eq!(columns[3].null_rate, None, "no confidence was shown");
    assert_eq!(columns[2].report.current.count, 50);
    assert_eq!(columns[2].report.verdict, Verdict::Drift);
}
