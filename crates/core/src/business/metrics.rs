use alloc::string::{String, ToString};
use serde::{Deserialize, Serialize};

use super::Sums;
use crate::event::BusinessMetric;
use crate::pane::{Dropped, LIMITS, OTHER, PaneStart, SortedMap, bound, most};

/// Which metric of which version of which model.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MetricKey {
    /// Model name.
    pub model_name: String,
    /// Model version.
    pub model_version: String,
    /// What was measured.
    pub metric: String,
}

/// The values of one metric.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MetricTotals {
    /// Since the first.
    pub since_first: Sums,
    /// In each pane of the window.
    pub panes: SortedMap<PaneStart, Sums>,
}

/// The values of all metrics; the same in a worker and, merged, in the leader.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct BusinessMetrics(SortedMap<MetricKey, MetricTotals>);

impl BusinessMetrics {
    /// Counts one value.
    pub fn record(
        &mut self,
        at_seconds: f64,
        told: &BusinessMetric,
        pane_seconds: u32,
        dropped: &mut Dropped,
    ) {
        let mut sums = Sums::default();
        if !sums.record(told.value) {
            dropped.add(bound::NOT_A_MEASURE, 1);
            return;
        }
        let mut named = |name: &str| LIMITS.cut(name, dropped).to_string();
        let key = MetricKey {
            model_name: named(&told.model_name),
            model_version: named(told.model_version.as_deref().unwrap_or("unknown")),
            metric: named(&told.name),
        };
        let totals = self.entry(key, 1, dropped);
        totals.since_first.merge(&sums);
        match PaneStart::holding(at_seconds, pane_seconds) {
            Some(pane) => totals.panes.entry(&pane).merge(&sums),
            None => dropped.add(bound::PANES, 1),
        }
        totals.keep_newest_panes();
    }

    /// Adds what `other` saw. A delta that nobody takes must not grow for ever: the newest panes are kept.
    pub fn merge(&mut self, other: Self, dropped: &mut Dropped) {
        self.add(other, dropped, |pane| pane);
        self.0.values_mut().for_each(MetricTotals::keep_newest_panes);
    }

    /// Takes over what a delta saw, on panes of such a length.
    pub(crate) fn apply(&mut self, delta: Self, pane_seconds: u32, dropped: &mut Dropped) {
        self.add(delta, dropped, |pane| pane.aligned(pane_seconds));
    }

    fn add(
        &mut self,
        other: Self,
        dropped: &mut Dropped,
        aligned: impl Fn(PaneStart) -> PaneStart,
    ) {
        for (key, theirs) in other.0 {
            let totals = self.entry(key, theirs.since_first.count(), dropped);
            totals.since_first.merge(&theirs.since_first);
            for (pane, sums) in theirs.panes.iter() {
                totals.panes.entry(&aligned(*pane)).merge(sums);
            }
        }
    }

    /// Moves the panes to another length.
    pub(crate) fn realign(&mut self, pane_seconds: u32) {
        for totals in self.0.values_mut() {
            if totals.panes.keys().any(|pane| pane.aligned(pane_seconds) != *pane) {
                let panes = core::mem::take(&mut totals.panes);
                for (pane, sums) in panes.iter() {
                    totals.panes.entry(&pane.aligned(pane_seconds)).merge(sums);
                }
            }
        }
    }

    /// Forgets panes outside of the window.
    pub(crate) fn keep_between(&mut self, oldest: PaneStart, newest: PaneStart) {
        for totals in self.0.values_mut() {
            totals.panes.retain(|pane, _| (oldest..=newest).contains(pane));
        }
    }

    /// By model, version and metric.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&MetricKey, &MetricTotals)> {
        self.0.iter()
    }

    /// The values of one metric.
    #[must_use]
    pub fn get(&self, key: &MetricKey) -> Option<&MetricTotals> {
        self.0.get(key)
    }

    /// Whether nothing was told.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The totals of a metric, or of all those beyond the bound.
    fn entry(&mut self, key: MetricKey, count: u64, dropped: &mut Dropped) -> &mut MetricTotals {
        let other = MetricKey {
            model_name: OTHER.into(),
            model_version: OTHER.into(),
            metric: OTHER.into(),
        };
        let named = self.0.len() - usize::from(self.0.contains_key(&other));
        let has_room = named < LIMITS.business_metrics;
        if key == other || has_room || self.0.contains_key(&key) {
            return self.0.entry(&key);
        }
        dropped.add(bound::BUSINESS_METRICS, count);
        self.0.entry(&other)
    }
}

impl MetricTotals {
    fn keep_newest_panes(&mut self) {
        self.panes.keep_last(LIMITS.delta_panes);
    }

    /// The values of the window.
    #[must_use]
    pub fn window(&self) -> Sums {
        let mut window = Sums::default();
        self.panes.values().for_each(|pane| window.merge(pane));
        window
    }
}

/// The most bytes that metrics can come to in so many panes.
pub(crate) const fn most_bytes(panes: u64) -> u64 {
    let metric = most::entry::<MetricKey, MetricTotals>()
        + 3 * most::NAME
        + panes * most::entry::<PaneStart, Sums>();
    (LIMITS.business_metrics as u64 + 1) * metric
}
