//! The part of a snapshot that is about what models are worth.

use alloc::vec::Vec;

use crate::business::{MetricKey, MetricTotals, Sums};
use crate::observatory::settings::Settings;
use crate::observatory::state::State;
use crate::pane::PaneStart;
use crate::quality::{Degradation, Level, degradation, level_change};
use crate::snapshot::{BusinessChange, BusinessMetricSnapshot, BusinessWindow};

/// A pane with fewer values says too little of their mean.
const MIN_VALUES: u64 = 10;

pub(super) fn of_state(
    state: &State,
    at_seconds: f64,
    settings: &Settings,
) -> Vec<BusinessMetricSnapshot> {
    let metrics = state.business().iter();
    metrics.map(|(key, totals)| of_metric(key, totals, at_seconds, settings)).collect()
}

fn of_metric(
    key: &MetricKey,
    totals: &MetricTotals,
    at_seconds: f64,
    settings: &Settings,
) -> BusinessMetricSnapshot {
    let window = totals.window();
    let missing = (settings.feedback.min_samples.max(1) as u64).saturating_sub(window.count());
    let is_told = missing == 0;
    let mean = window.mean().filter(|_| is_told);
    let is_over =
        |pane: &PaneStart| pane.later(1, settings.pane_seconds).seconds() as f64 <= at_seconds;
    let panes = totals.panes.iter();
    let panes = panes.filter(|(pane, sums)| is_over(pane) && sums.count() >= MIN_VALUES);
    let found = level_change(panes.map(|(pane, sums)| (*pane, *sums)), settings.level_detector);
    BusinessMetricSnapshot {
        model_name: key.model_name.clone(),
        model_version: key.model_version.clone(),
        metric: key.metric.clone(),
        count: totals.since_first.count(),
        sum: totals.since_first.sum(),
        window: BusinessWindow {
            count: window.count(),
            sum: window.sum(),
            missing,
            mean,
            interval: window.interval().filter(|_| is_told),
        },
        degradation: mean.and_then(|mean| against_baseline(key, mean, settings)),
        change: found.map(|found| BusinessChange {
            changes: found.changes,
            at_seconds: found.at_seconds,
            before: found.before.and_then(|level| level.mean()),
            after: found.after.and_then(|level| level.mean()),
        }),
    }
}

/// Higher is better: what is better low, such as costs, is told as a negative value.
fn against_baseline(key: &MetricKey, mean: f64, settings: &Settings) -> Option<Degradation> {
    let baselines = &settings.model(&key.model_name)?.baseline;
    let (metric, baseline) = baselines.iter().find(|(metric, _)| *metric == key.metric)?;
    let degradation = degradation("", *baseline, mean)?;
    Some(Degradation { metric: metric.clone(), baseline: *baseline, current: mean, degradation })
}

impl Level for Sums {
    fn value(&self) -> Option<f64> {
        self.mean()
    }

    fn add(&mut self, other: &Self) {
        self.merge(other);
    }
}
