use alloc::vec::Vec;
use tidegate_stats::{Method, Verdict};

use super::family::{Family, Kind};
use super::openmetrics::COUNTING_SINCE;
use super::{bin, business, experiment, feature_store, importance, inference, quality, training};
use crate::event::ColumnRole;
use crate::observatory::State;
use crate::pane::{BATCH_SIZE_BUCKETS, CONFIDENCE_BUCKETS, LATENCY_SECONDS_BUCKETS};
use crate::report::SignalKind;
use crate::snapshot::{ColumnSnapshot, Snapshot};

/// All families of the observatory: totals from `state`, and what is computed on the window from
/// the `snapshot` that was taken of it.
#[must_use]
pub fn families(state: &State, snapshot: &Snapshot) -> Vec<Family> {
    let mut families = Vec::from(totals(state));
    families.push(batch_utilization(snapshot));
    families.extend(inference::families(state, snapshot));
    families.extend(experiments(state));
    families.extend(experiment::families(snapshot));
    families.extend(windows(snapshot));
    families.extend(bin::families(state));
    families.extend(quality::families(snapshot));
    families.extend(importance::families(state, snapshot));
    families.extend(feature_store::families(state, snapshot));
    families.extend(training::families(state, snapshot));
    families.extend(business::families(snapshot));
    let mut dropped = Family::new(
        "tidegate_dropped_total",
        Kind::Counter,
        "What a bound turned away, by bound; requests are counted all the same.",
    );
    for bound in &snapshot.dropped {
        dropped.push_count(&[("bound", &bound.bound)], bound.count);
    }
    families.push(dropped);
    let mut since =
        Family::new(COUNTING_SINCE, Kind::Gauge, "When counting began, in seconds since 1970.");
    if let Some(seconds) = state.since_seconds() {
        since.push_measure(&[], seconds);
    }
    families.push(since);
    families
}

fn totals(state: &State) -> [Family; 6] {
    let mut requests = Family::new(
        "inference_requests_total",
        Kind::Counter,
        "Inference requests that ended, by status.",
    );
    let mut latency = Family::new(
        "inference_latency_seconds",
        Kind::Histogram,
        "Time that an inference request spent in a stage.",
    );
    let mut batch_size =
        Family::new("inference_batch_size", Kind::Histogram, "Rows in an inference request.");
    let mut predictions = Family::new(
        "model_predictions_total",
        Kind::Counter,
        "Predictions by class; a class beyond the bound counts as other.",
    );
    let mut confidence = Family::new(
        "model_prediction_confidence",
        Kind::Histogram,
        "Confidence that the model gave its prediction.",
    );
    let mut unread = Family::new(
        "tidegate_unread_bodies_total",
        Kind::Counter,
        "Bodies that were passed on and could not be read, by reason.",
    );
    for (model, totals) in state.totals() {
        for (version, totals) in totals.versions.iter() {
            let labels = [("model_name", model), ("version", version.as_str())];
            for (status, count) in totals.requests.iter() {
                requests
                    .push_count(&[&labels[..], &[("status", status.as_str())]].concat(), *count);
            }
            for (stage, seconds) in totals.latency.iter() {
                let labels = [&labels[..], &[("stage", stage.as_str())]].concat();
                latency.push_histogram(&labels, &seconds.histogram, LATENCY_SECONDS_BUCKETS);
            }
            batch_size.push_histogram(&labels, &totals.batch_size.histogram, BATCH_SIZE_BUCKETS);
            let labels = [("model_name", model), ("model_version", version.as_str())];
            for (class, count) in totals.classes.iter() {
                let labels = [&labels[..], &[("predicted_class", class.as_str())]].concat();
                predictions.push_count(&labels, *count);
            }
            confidence.push_histogram(&labels, &totals.confidence.histogram, CONFIDENCE_BUCKETS);
        }
        for ((side, reason), count) in totals.unread.iter() {
            let labels =
                [("model_name", model), ("side", side.as_str()), ("reason", reason.as_str())];
            unread.push_count(&labels, *count);
        }
    }
    [requests, latency, batch_size, predictions, confidence, unread]
}

fn experiments(state: &State) -> [Family; 4] {
    let mut requests =
        Family::new("ab_test_requests_total", Kind::Counter, "Requests given to a variant.");
    let mut errors = Family::new(
        "ab_test_errors_total",
        Kind::Counter,
        "Requests given to a variant that did not succeed.",
    );
    let mut latency = Family::new(
        "ab_test_latency_seconds",
        Kind::Histogram,
        "Total latency of the requests given to a variant.",
    );
    let mut conversions = Family::new(
        "ab_test_conversions_total",
        Kind::Counter,
        "Conversions of units that hash to a variant, each unit as often as it converted.",
    );
    for (experiment, variant, totals) in state.experiments() {
        let labels = [("test_name", experiment), ("variant", variant)];
        requests.push_count(&labels, totals.requests);
        errors.push_count(&labels, totals.errors);
        if totals.conversions > 0 {
            conversions.push_count(&labels, totals.conversions);
        }
        latency.push_histogram(&labels, &totals.latency.histogram, LATENCY_SECONDS_BUCKETS);
    }
    [requests, errors, latency, conversions]
}

fn batch_utilization(snapshot: &Snapshot) -> Family {
    let mut utilization = Family::new(
        "inference_batch_utilization_ratio",
        Kind::Gauge,
        "Mean rows of a request over the largest batch of the model server.",
    );
    for model in &snapshot.models {
        for version in &model.versions {
            if let Some(ratio) = version.batch_utilization {
                let labels = [("model_name", &*model.model_name), ("version", &*version.version)];
                utilization.push_measure(&labels, ratio);
            }
        }
    }
    utilization
}

fn windows(snapshot: &Snapshot) -> Vec<Family> {
    let mut feature = Drift::new([
        (
            "feature_drift_score",
            "Population stability index of a feature's window against its reference.",
        ),
        (
            "feature_drift_p_value",
            "p-value of a feature's deciding test, adjusted over the model's columns.",
        ),
        (
            "feature_drift_detected",
            "1 if a feature drifted, 0 if it did not; absent with too little data.",
        ),
        (
            "feature_signal_detected",
            "1 if so many values are missing, out of range or of new or vanished categories, 0 if not.",
        ),
    ]);
    let mut output = Drift::new([
        (
            "prediction_drift_score",
            "Population stability index of the window's predictions or confidences.",
        ),
        (
            "prediction_drift_p_value",
            "p-value of their deciding test, adjusted over the model's columns.",
        ),
        (
            "prediction_drift_detected",
            "1 if predictions or confidences drifted, 0 if not; absent with too little data.",
        ),
        (
            "prediction_signal_detected",
            "1 if so many predictions or confidences are missing, out of range, new or vanished, 0 if not.",
        ),
    ]);
    let mut rates = [
        ("feature_null_rate", "Share of a feature's values in the window that are missing."),
        (
            "feature_out_of_range_rate",
            "Share of a feature's values in the window that the reference's range does not hold.",
        ),
        (
            "feature_outlier_rate",
            "Share of a feature's values in the window beyond the fences of the reference's quartiles.",
        ),
        (
            "feature_new_category_rate",
            "Share of a feature's values in the window whose category the reference does not have.",
        ),
    ]
    .map(|(name, help)| Family::new(name, Kind::Gauge, help));
    let mut rows = Family::new(
        "tidegate_window_rows",
        Kind::Gauge,
        "Rows in the window that drift is computed on.",
    );
    for model in &snapshot.models {
        let name = model.model_name.as_str();
        rows.push_count(&[("model_name", name)], model.window.rows);
        for column in &model.columns {
            let column_name = column.report.name.as_str();
            if column.role == ColumnRole::Feature {
                let labels = [("feature_name", column_name), ("model_name", name)];
                feature.push(&labels, column);
                push_rates(&mut rates, &labels, column);
            } else {
                output.push(&[("column", column_name), ("model_name", name)], column);
            }
        }
    }
    for set in &snapshot.feature_sets {
        for column in &set.columns {
            let labels =
                [("feature_name", &*column.report.name), ("feature_set", &*set.feature_set)];
            feature.push(&labels, column);
            push_rates(&mut rates, &labels, column);
        }
    }
    let mut families = Vec::from(feature.families);
    families.extend(output.families);
    families.extend(rates);
    families.push(rows);
    families
}

/// Adds the shares of a feature's values that are missing, out of range, outliers and of new categories.
fn push_rates(
    families: &mut [Family; 4],
    labels: &[(&'static str, &str)],
    column: &ColumnSnapshot,
) {
    let new = column.report.signals.iter().find(|it| it.signal == SignalKind::NewCategories);
    let new = new.map(|signal| signal.share);
    let rates = [column.null_rate, column.out_of_range_rate, column.outlier_rate, new];
    for (family, rate) in families.iter_mut().zip(rates) {
        if let Some(rate) = rate {
            family.push_measure(labels, rate);
        }
    }
}

/// Without enough data there is no verdict to tell.
fn push_verdict(family: &mut Family, labels: &[(&'static str, &str)], verdict: Verdict) {
    match verdict {
        Verdict::Drift => family.push_count(labels, 1),
        Verdict::NoDrift => family.push_count(labels, 0),
        Verdict::InsufficientData => {}
    }
}

/// Score, p-value and verdict of columns, and the verdicts of their signals.
struct Drift {
    families: [Family; 4],
}

impl Drift {
    fn new(names: [(&'static str, &'static str); 4]) -> Self {
        Self { families: names.map(|(name, help)| Family::new(name, Kind::Gauge, help)) }
    }

    fn push(&mut self, labels: &[(&'static str, &str)], column: &ColumnSnapshot) {
        let [score, p_value, detected, signalled] = &mut self.families;
        let tests = &column.report.tests;
        if let Some(psi) = tests.iter().find(|test| test.method == Method::Psi) {
            score.push_measure(labels, psi.statistic);
        }
        if let Some(p) = tests.first().and_then(|test| test.p_adjusted) {
            p_value.push_measure(labels, p);
        }
        push_verdict(detected, labels, column.report.verdict);
        for signal in &column.report.signals {
            let labels = [labels, &[("signal", signal.signal.as_str())]].concat();
            push_verdict(signalled, &labels, signal.verdict);
        }
    }
}
