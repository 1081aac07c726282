//! Families of business metrics.

use super::family::{Family, Kind};
use crate::snapshot::Snapshot;

pub(super) fn families(snapshot: &Snapshot) -> [Family; 6] {
    let gauge = |name, help| Family::new(name, Kind::Gauge, help);
    let mut events = Family::new(
        "model_business_events_total",
        Kind::Counter,
        "Values of a business metric that were told.",
    );
    let mut value = gauge(
        "model_business_value",
        "Sum of the values of a business metric since counting began; it falls where values are negative.",
    );
    let mut mean = gauge("model_business_metric", "Mean of a business metric over the window.");
    let mut in_window =
        gauge("model_business_window_events", "Values of a business metric in the window.");
    let mut window_value = gauge(
        "model_business_window_value",
        "Sum of the values of a business metric in the window.",
    );
    let mut changes = gauge(
        "model_business_changes",
        "Changes of the mean of a business metric over the window.",
    );
    for metric in &snapshot.business {
        let labels = [
            ("model_name", &*metric.model_name),
            ("model_version", &*metric.model_version),
            ("metric", &*metric.metric),
        ];
        events.push_count(&labels, metric.count);
        value.push_measure(&labels, metric.sum);
        in_window.push_count(&labels, metric.window.count);
        window_value.push_measure(&labels, metric.window.sum);
        match metric.window.mean {
            Some(value) => mean.push_measure(&labels, value),
            None => mean.withhold(&labels),
        }
        match metric.change {
            Some(change) => changes.push_count(&labels, change.changes),
            None => changes.withhold(&labels),
        }
    }
    [events, value, mean, in_window, window_value, changes]
}
