//! Families of feature sets; null rates and drift of their features are in the families of models'.

use alloc::vec::Vec;

use super::family::{Family, Kind};
use crate::observatory::State;
use crate::pane::RETRIEVAL_SECONDS_BUCKETS;
use crate::snapshot::Snapshot;

pub(super) fn families(state: &State, snapshot: &Snapshot) -> Vec<Family> {
    let mut duration = Family::new(
        "feature_retrieval_duration_seconds",
        Kind::Histogram,
        "Time that a feature store took to answer, by what answered.",
    );
    for (set, counts) in state.feature_sets() {
        for (source, seconds) in counts.retrievals.iter() {
            let labels = [("feature_set", set), ("source", source.as_str())];
            duration.push_histogram(&labels, &seconds.histogram, RETRIEVAL_SECONDS_BUCKETS);
        }
    }
    let gauge = |name, help| Family::new(name, Kind::Gauge, help);
    let mut hit_rate = gauge(
        "feature_cache_hit_rate",
        "Share of a feature set's retrievals in the window that a cache had, of those it was asked.",
    );
    let mut freshness = gauge(
        "feature_freshness_seconds",
        "Mean age of a feature's values in the window, at the times of their rows.",
    );
    let mut oldest = gauge(
        "feature_oldest_seconds",
        "Age of a feature's oldest value in the window, at the time of its row.",
    );
    let mut stale = gauge(
        "feature_stale_ratio",
        "Share of a feature's values in the window that are older than its set's objective.",
    );
    for set in &snapshot.feature_sets {
        let name = set.feature_set.as_str();
        if let Some(rate) = set.cache_hit_rate {
            hit_rate.push_measure(&[("feature_set", name)], rate);
        }
        for feature in &set.freshness {
            let labels = [("feature_set", name), ("feature_name", feature.feature_name.as_str())];
            freshness.push_measure(&labels, feature.mean_seconds);
            oldest.push_measure(&labels, feature.oldest_seconds);
            if let Some(share) = feature.stale_share {
                stale.push_measure(&labels, share);
            }
        }
    }
    Vec::from([duration, hit_rate, freshness, oldest, stale])
}
