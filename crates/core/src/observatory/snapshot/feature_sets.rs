//! The part of a snapshot that is about feature sets.

use alloc::string::ToString;
use alloc::vec::Vec;
use tidegate_stats::Decision;

use super::drift;
use crate::observatory::feature_sets::{
    FeatureSetCounts, FeatureSetState, Freshness, reference_of,
};
use crate::observatory::reference::Reference;
use crate::observatory::settings::{ReferenceSettings, Settings};
use crate::observatory::state::State;
use crate::pane::{PaneStart, SortedMap};
use crate::snapshot::{FeatureSetSnapshot, FreshnessSnapshot, ReferenceStatus, RetrievalSnapshot};

/// By name.
pub(super) fn of_state(
    state: &State,
    settings: &Settings,
    panes: &[PaneStart],
    decision: &Decision,
) -> Vec<FeatureSetSnapshot> {
    let shown = |(name, set)| {
        let reference = state.references.feature_set(name);
        of_set((name, set), reference, settings, panes, decision)
    };
    state.feature_sets.iter().map(shown).collect()
}

fn of_set(
    (name, set): (&str, &FeatureSetState),
    reference: Option<&Reference>,
    settings: &Settings,
    panes: &[PaneStart],
    decision: &Decision,
) -> FeatureSetSnapshot {
    let FeatureSetCounts { retrievals, cache, freshness, .. } = &set.counts;
    let sum =
        |index: usize| cache.values().fold(0u64, |sum, counts| sum.saturating_add(counts[index]));
    let (hits, misses) = (sum(0), sum(1));
    let looked_up = hits.saturating_add(misses);
    let wanted = settings.feature_set(name);
    let max_age_seconds = wanted.and_then(|set| set.max_age_seconds);
    let status = match (reference, reference_of(wanted)) {
        (Some(reference), _) => ReferenceStatus::Ready { rows: reference.rows() },
        (None, ReferenceSettings::Learn { samples }) => {
            ReferenceStatus::Learning { rows: set.table.waiting.rows(), wanted: *samples }
        }
        (None, _) => ReferenceStatus::None,
    };
    FeatureSetSnapshot {
        feature_set: name.to_string(),
        retrievals: retrievals
            .iter()
            .map(|(source, seconds)| RetrievalSnapshot {
                source: source.clone(),
                seconds: seconds.summary(),
            })
            .collect(),
        cache_lookups: looked_up,
        cache_hit_rate: (looked_up > 0).then(|| hits as f64 / looked_up as f64),
        max_age_seconds,
        freshness: freshness
            .iter()
            .filter_map(|(name, panes)| fresh(name, panes, max_age_seconds))
            .collect(),
        reference: status,
        rows: set.table.window.rows(),
        columns: drift::columns(&set.table.window, reference, panes, decision),
    }
}

/// The ages of one feature's values in the window; `None` without any.
fn fresh(
    name: &str,
    panes: &SortedMap<PaneStart, Freshness>,
    max_age_seconds: Option<f64>,
) -> Option<FreshnessSnapshot> {
    let mut all = Freshness::default();
    panes.values().for_each(|it| all.merge(it));
    let values = all.ages.count();
    (values > 0).then(|| FreshnessSnapshot {
        feature_name: name.to_string(),
        values,
        mean_seconds: all.ages.sum() / values as f64,
        oldest_seconds: all.oldest_seconds,
        stale_share: max_age_seconds.map(|_| all.stale as f64 / values as f64),
    })
}
