//! The sizing page: its bounds are the code's, and its sizes are measured.

use serde_json::{Value, json};
use tidegate_core::pane::LIMITS;

use crate::files::read;
use crate::gateway::Gateway;

const PAGE: &str = "sizing/README.md";
/// By which share a size may differ from the page's before the page must be measured anew.
const TOLERANCE: f64 = 0.3;

/// The cells of the page's row that begins so.
fn row(beginning: &str) -> Vec<String> {
    let page = read(PAGE);
    let found = page.lines().find(|line| line.starts_with(&format!("| {beginning} |")));
    let line = found.unwrap_or_else(|| panic!("the page has no row {beginning}"));
    line.trim_matches('|').split('|').map(|cell| cell.trim().replace(',', "")).collect()
}

#[test]
fn the_bounds_are_those_of_the_code() {
    for (beginning, bounds) in [
        ("models", vec![LIMITS.models]),
        ("versions a model", vec![LIMITS.versions]),
        ("versions of all models", vec![LIMITS.all_versions]),
        ("counts in all windows", vec![LIMITS.window_counts as usize]),
        ("columns of all learned references", vec![LIMITS.reference_columns]),
        ("features whose age is known", vec![LIMITS.aged_features]),
        ("business metrics", vec![LIMITS.business_metrics]),
        ("classes a version", vec![LIMITS.classes]),
        ("feature columns a model", vec![LIMITS.columns]),
        ("bins a model in the metrics", vec![LIMITS.shown_bins]),
        ("experiments, variants each", vec![LIMITS.experiments, LIMITS.variants]),
        ("units an experiment", vec![LIMITS.units]),
        ("feature sets, sources each", vec![LIMITS.feature_sets, LIMITS.feature_sources]),
        ("training runs", vec![LIMITS.jobs]),
        ("bytes of a name", vec![LIMITS.name_bytes]),
        ("cells of rows that wait for a reference", vec![LIMITS.learning_cells as usize]),
    ] {
        // Commas are gone, so two bounds are two words.
        let told = row(beginning)[1].clone();
        let expected: Vec<String> = bounds.iter().map(usize::to_string).collect();
        assert_eq!(told, expected.join(" "), "{beginning}");
    }
}

/// A gateway whose window of an hour is full of rows of so many models and features.
fn busy(models: usize, features: usize) -> Gateway {
    let mut gateway = Gateway::learning(200);
    let now = gateway.now_seconds();
    // The reference first; then five rows in each pane.
    let panes = std::iter::repeat_n(59, 40).chain((0..60).rev());
    let mut seed = 1_u64;
    for (round, pane) in panes.enumerate() {
        for model in 0..models {
            let events: Vec<Value> = (0..5)
                .map(|_| {
                    let mut value = || {
                        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                        (seed >> 40) as f64 / 1e3
                    };
                    let row: serde_json::Map<String, Value> = (0..features)
                        .map(|feature| (format!("feature_{feature}"), json!(value())))
                        .collect();
                    json!({
                        "type": "inference", "model_name": format!("model-{model}"), "model_version": "1",
                        "at": now - f64::from(pane) * 60.0, "features": row,
                        "predictions": [if value() > 8_000.0 { "yes" } else { "no" }], "confidences": [0.9],
                        "latency_seconds": { "total": value() / 1e5 },
                    })
                })
                .collect();
            gateway.post(&events);
        }
        // All that a leader must be asked for is that it learns before the later ones come.
        if round % 20 == 0 || round == 40 {
            gateway.metrics();
        }
    }
    gateway
}

#[test]
fn the_sizes_are_those_of_the_page() {
    for (models, features) in [(1, 20), (5, 20), (1, 100)] {
        let mut gateway = busy(models, features);
        let metrics = gateway.metrics();
        let series = metrics.lines().filter(|line| !line.starts_with('#')).count();
        let snapshot = gateway.snapshot().to_string().len();
        let measured = [gateway.state_bytes(), metrics.len(), series, snapshot];
        let told = row(&format!("{models} with {features} features"));
        for (cell, measured) in told[1..].iter().zip(measured) {
            let (number, unit) = cell.split_once(' ').unwrap_or((cell, ""));
            let scale = match unit {
                "KB" => 1e3,
                "MB" => 1e6,
                _ => 1.0,
            };
            let expected = number.parse::<f64>().unwrap() * scale;
            let share = (measured as f64 / expected - 1.0).abs();
            assert!(share < TOLERANCE, "{models} with {features}: {cell} on the page, {measured}");
        }
        assert_eq!(told.len(), 1 + measured.len());
    }
}
