//! The bins that drift is computed on, as counters that a fleet can add.

use std::collections::BTreeMap;

use tidegate_core::event::{FeatureColumn, Inference, Value};
use tidegate_core::metric::{families, prometheus_text};
use tidegate_core::observatory::{ReferenceSettings, Settings, State};
use tidegate_core::profile::{ColumnSummary, Profile};
use tidegate_stats::psi;

use crate::exposition::{self, Metric};
use crate::fixture::{NOON, feed, inference, profile, rows, settings, state, with_profile};

fn metrics(state: &State, settings: &Settings) -> BTreeMap<String, Metric> {
    exposition::read(&prometheus_text(&families(state, &state.snapshot(NOON, settings))))
}

/// Bins and values of a column, in the order of the text.
fn column(metrics: &BTreeMap<String, Metric>, family: &str, name: &str) -> Vec<(String, f64)> {
    let Some(metric) = metrics.get(family) else { return Vec::new() };
    let of_column = |labels: &BTreeMap<String, String>| {
        let label = labels.get("feature_name").or(labels.get("column"));
        label.is_some_and(|label| label == name)
    };
    let lines = metric.samples.iter().filter(|line| of_column(&line.labels));
    lines.map(|line| (line.labels["bin"].clone(), line.value)).collect()
}

fn values(metrics: &BTreeMap<String, Metric>, family: &str, name: &str) -> Vec<f64> {
    column(metrics, family, name).into_iter().map(|(_, value)| value).collect()
}

fn colors(names: &[&str]) -> Inference {
    let values = names.iter().map(|name| Value::Category((*name).into())).collect();
    Inference {
        features: vec![FeatureColumn { name: "color".into(), values }],
        ..inference("iris")
    }
}

#[test]
fn counts_and_shares_are_by_bin() {
    let settings = with_profile();
    let seen = Inference {
        predictions: vec![Value::Category("dog".into())],
        confidences: vec![0.6],
        ..rows("iris", &[0.5, 2.5, 2.6, 9.0])
    };
    let metrics = metrics(&state(NOON, &[seen], &settings), &settings);
    let bins =
        |values: [f64; 4]| values.iter().enumerate().map(|(i, v)| (i.to_string(), *v)).collect();
    let expected: Vec<(String, f64)> = bins([1.0, 0.0, 2.0, 1.0]);
    assert_eq!(column(&metrics, "feature_bin_total", "x"), expected);
    assert_eq!(values(&metrics, "feature_reference_share", "x"), [0.25; 4]);
    assert_eq!(values(&metrics, "prediction_bin_total", "prediction"), [0.0, 1.0, 0.0]);
    assert_eq!(values(&metrics, "prediction_reference_share", "prediction"), [0.6, 0.3, 0.1]);
    assert_eq!(values(&metrics, "prediction_bin_total", "confidence"), [0.0, 1.0, 0.0, 0.0]);
    assert!(!metrics.contains_key("tidegate_columns_without_bins"));
    for family in ["feature_reference_values", "prediction_reference_values"] {
        let samples = &metrics[family].samples;
        assert_eq!(samples.iter().map(|line| line.value).collect::<Vec<_>>(), [100.0; 2]);
    }
    let labels = &metrics["feature_bin_total"].samples[0].labels;
    assert_eq!(labels["model_name"], "iris");
    assert_eq!(labels["reference"].len(), 16, "{labels:?}");
}

#[test]
fn the_counts_are_those_of_the_index() {
    let settings = with_profile();
    let x: Vec<f64> = (0..700).map(|row| f64::from(row % 7) / 2.0).collect();
    let state = state(NOON, &[rows("iris", &x)], &settings);
    let metrics = metrics(&state, &settings);
    let counts = values(&metrics, "feature_bin_total", "x");
    let counts: Vec<u64> = counts.iter().map(|count| *count as u64).collect();
    let index = psi::two_sample(&[25; 4], &counts, &tidegate_stats::Decision::default()).unwrap();
    let score = metrics["feature_drift_score"].samples[0].value;
    assert_eq!(score.to_bits(), index.statistic.to_bits());
}

#[test]
fn they_never_go_back() {
    let settings = with_profile();
    let mut state = state(NOON, &[rows("iris", &[0.5, 1.5])], &settings);
    // Long after, when nothing of that is in the window.
    feed(&mut state, NOON + 86_400.0, &[rows("iris", &[1.5])], &settings);
    let totals = |state: &State| values(&metrics(state, &settings), "feature_bin_total", "x");
    assert_eq!(totals(&state), [1.0, 2.0, 0.0, 0.0]);
    // What is late for the window is a value all the same.
    feed(&mut state, NOON, &[rows("iris", &[1.5])], &settings);
    assert_eq!(totals(&state), [1.0, 3.0, 0.0, 0.0]);
    let successor = State::decode(&state.encode()).unwrap();
    assert_eq!(totals(&successor), [1.0, 3.0, 0.0, 0.0]);
}

#[test]
fn another_reference_is_another_series() {
    let first = with_profile();
    let mut other = profile();
    if let ColumnSummary::Numeric { bins, .. } = &mut other.columns[0].summary {
        bins[0] = 26;
    }
    let second = settings(ReferenceSettings::Profile(other));
    let mut state = state(NOON, &[rows("iris", &[0.5, 1.5])], &first);
    let reference = |state: &State, settings: &Settings| {
        metrics(state, settings)["feature_bin_total"].samples[0].labels["reference"].clone()
    };
    let before = reference(&state, &first);
    state.tick(NOON, &second);
    feed(&mut state, NOON, &[rows("iris", &[3.5])], &second);
    assert_ne!(reference(&state, &second), before);
    let totals = values(&metrics(&state, &second), "feature_bin_total", "x");
    assert_eq!(totals, [0.0, 0.0, 0.0, 1.0]);
}

#[test]
fn rows_that_wait_for_a_reference_count_once_it_is_there() {
    let settings = settings(ReferenceSettings::Learn { samples: 4 });
    let mut state = state(NOON, &[rows("iris", &[1.0, 2.0, 3.0, 4.0, 5.0])], &settings);
    let totals = |state: &State| {
        let metrics = metrics(state, &settings);
        values(&metrics, "feature_bin_total", "x").iter().sum::<f64>()
    };
    assert_eq!(totals(&state), 1.0, "four were learned from");
    feed(&mut state, NOON, &[rows("iris", &[1.0])], &settings);
    assert_eq!(totals(&state), 2.0);
}

#[test]
fn of_categories_the_reference_has_shares_only_where_it_has_values() {
    let mut reference = profile();
    if let ColumnSummary::Categorical { bins, other, .. } = &mut reference.columns[1].summary {
        (*bins, *other) = (vec![100, 0], 0);
    }
    let settings = settings(ReferenceSettings::Profile(reference));
    let mut state = state(NOON, &[colors(&["red"])], &settings);
    let totals = |state: &State| values(&metrics(state, &settings), "feature_bin_total", "color");
    // Told before they rise, or Prometheus would miss the first rise.
    assert_eq!(totals(&state), [1.0, 0.0, 0.0]);
    feed(&mut state, NOON, &[colors(&["green", "green"])], &settings);
    assert_eq!(totals(&state), [1.0, 0.0, 2.0]);
    let metrics = metrics(&state, &settings);
    assert_eq!(column(&metrics, "feature_reference_share", "color"), [("0".into(), 1.0)]);
}

#[test]
fn a_wide_table_shows_its_first_columns() {
    let wide = profile();
    let column = &wide.columns[0];
    let columns = (0..300).map(|index| {
        let mut column = column.clone();
        column.name = format!("x{index}");
        column
    });
    let settings =
        settings(ReferenceSettings::Profile(Profile { columns: columns.collect(), ..wide }));
    let metrics = metrics(&state(NOON, &[inference("iris")], &settings), &settings);
    assert_eq!(metrics["feature_bin_total"].samples.len(), 1_024);
    assert_eq!(metrics["tidegate_columns_without_bins"].samples[0].value, 44.0);
}
