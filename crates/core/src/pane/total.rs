use alloc::string::String;
use serde::{Deserialize, Serialize};

use super::limits::{entry_within, key_within};
use super::{
    BATCH_SIZE_BUCKETS, CONFIDENCE_BUCKETS, Dropped, GenerationTotals, LATENCY_SECONDS_BUCKETS,
    LIMITS, LatencyLevel, Limits, OTHER, PaneStart, Quantity, SortedMap, bound,
};
use crate::event::{ErrorKind, InferenceRef, Side, Stage, Status, UnreadReason, Value};
use tidegate_stats::experiment::SampleSummary;

/// What one model did since the first request.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ModelTotals {
    /// By version.
    pub versions: SortedMap<String, VersionTotals>,
    /// Bodies not read, by side and reason.
    pub unread: SortedMap<(Side, UnreadReason), u64>,
}

impl ModelTotals {
    /// Counts one request under `version`.
    pub fn record(
        &mut self,
        version: &str,
        inference: &InferenceRef<'_>,
        limits: &Limits,
        dropped: &mut Dropped,
    ) {
        for unread in inference.unread {
            add(self.unread.entry(&(unread.side, unread.reason)), 1);
        }
        let version = limits.cut(version, dropped);
        let reached = (bound::MODEL_VERSIONS, 1);
        entry_within(&mut self.versions, version, limits.versions, reached, dropped)
            .record(inference, limits, dropped);
    }

    /// Adds the counts of `other`.
    pub fn merge(&mut self, other: &Self, limits: &Limits, dropped: &mut Dropped) {
        self.merge_unread(other);
        for (name, version) in other.versions.iter() {
            let reached = (bound::MODEL_VERSIONS, version.requests());
            entry_within(&mut self.versions, name, limits.versions, reached, dropped)
                .merge(version, limits, dropped);
        }
    }

    /// Adds the counts of `other`, whose model has no name of its own here, under the version
    /// [`OTHER`].
    pub fn merge_nameless(&mut self, other: &Self, limits: &Limits, dropped: &mut Dropped) {
        self.merge_unread(other);
        for version in other.versions.values() {
            self.versions.entry(OTHER).merge(version, limits, dropped);
        }
    }

    /// Requests of all versions.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.versions.values().fold(0, |sum, version| sum.saturating_add(version.requests()))
    }

    /// Requests of all versions that the model failed on.
    #[must_use]
    pub fn failures(&self) -> u64 {
        let failed = self.versions.values().filter_map(|it| it.requests.get(&Status::ServerError));
        failed.fold(0, |sum, count| sum.saturating_add(*count))
    }

    fn merge_unread(&mut self, other: &Self) {
        for (key, count) in other.unread.iter() {
            add(self.unread.entry(key), *count);
        }
    }
}

/// What one version of a model did since the first request.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct VersionTotals {
    /// Requests by status.
    pub requests: SortedMap<Status, u64>,
    /// Requests that did not succeed, by why.
    pub errors: SortedMap<ErrorKind, u64>,
    /// Latency by stage, in seconds.
    pub latency: SortedMap<Stage, Quantity>,
    /// Rows a request.
    pub batch_size: Quantity,
    /// Predictions by class.
    pub classes: SortedMap<String, u64>,
    /// Confidence of the predictions.
    pub confidence: Quantity,
    /// What requests tell of the text that was generated.
    pub generation: GenerationTotals,
}

impl VersionTotals {
    /// Requests of all statuses.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.requests.values().fold(0, |sum, count| sum.saturating_add(*count))
    }

    fn record(&mut self, inference: &InferenceRef<'_>, limits: &Limits, dropped: &mut Dropped) {
        add(self.requests.entry(&inference.status), 1);
        if let Some(kind) = inference.error_kind() {
            add(self.errors.entry(&kind), 1);
        }
        if let Some(said) = inference.generation {
            self.generation.record(inference, said, dropped);
        }
        for latency in inference.latency {
            let held = self.latency.entry(&latency.stage);
            held.record(latency.seconds, LATENCY_SECONDS_BUCKETS, dropped);
        }
        if let Some(rows) = inference.batch_size {
            self.batch_size.record(rows as f64, BATCH_SIZE_BUCKETS, dropped);
        }
        for prediction in inference.predictions {
            self.record_prediction(prediction, limits, dropped);
        }
        for confidence in inference.confidences.iter().filter(|confidence| !confidence.is_nan()) {
            if *confidence <= 1.0 {
                self.confidence.record(*confidence, CONFIDENCE_BUCKETS, dropped);
            } else {
                dropped.add(bound::NOT_A_MEASURE, 1);
            }
        }
    }

    fn record_prediction(&mut self, value: &Value, limits: &Limits, dropped: &mut Dropped) {
        let mut digits = [0; 10];
        let class = match value {
            Value::Category(name) => limits.cut(name, dropped),
            Value::Number(number) => match class_index(*number) {
                Some(index) => decimal(index, &mut digits),
                None => return,
            },
            Value::Missing => return,
        };
        let reached = (bound::CLASSES, 1);
        add(entry_within(&mut self.classes, class, limits.classes, reached, dropped), 1);
    }

    fn merge(&mut self, other: &Self, limits: &Limits, dropped: &mut Dropped) {
        for (status, count) in other.requests.iter() {
            add(self.requests.entry(status), *count);
        }
        for (kind, count) in other.errors.iter() {
            add(self.errors.entry(kind), *count);
        }
        self.generation.merge(&other.generation);
        for (stage, latency) in other.latency.iter() {
            self.latency.entry(stage).merge(latency);
        }
        self.batch_size.merge(&other.batch_size);
        self.confidence.merge(&other.confidence);
        for (class, count) in other.classes.iter() {
            let reached = (bound::CLASSES, *count);
            add(entry_within(&mut self.classes, class, limits.classes, reached, dropped), *count);
        }
    }
}

/// The class that a predicted number stands for: the number itself, if it is whole and small enough
/// to be the index of a class; otherwise it is a regression's value, and not a class.
fn class_index(number: f64) -> Option<u32> {
    const INDICES: f64 = 100_000.0;
    let index = number as u32;
    ((0.0..INDICES).contains(&number) && f64::from(index) == number).then_some(index)
}

/// A number in decimal, without a string of its own.
fn decimal(mut number: u32, digits: &mut [u8; 10]) -> &str {
    let mut start = digits.len();
    for (place, digit) in digits.iter_mut().enumerate().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
        start = place;
        if number == 0 {
            break;
        }
    }
    digits.get(start..).and_then(|digits| core::str::from_utf8(digits).ok()).unwrap_or(OTHER)
}

/// What one variant of an experiment did since the first request.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct VariantTotals {
    /// Requests.
    pub requests: u64,
    /// Requests that did not succeed.
    pub errors: u64,
    /// Total latency, in seconds.
    pub latency: Quantity,
    /// Conversions of units that hash to the variant.
    pub conversions: u64,
    /// Sums of the latency and of its square, in whole microseconds: exact in any order.
    micros: [u128; 2],
    /// Where the total latency lay in each pane of the window.
    pub panes: SortedMap<PaneStart, LatencyLevel>,
}

impl VariantTotals {
    fn record(
        &mut self,
        inference: &InferenceRef<'_>,
        pane: Option<PaneStart>,
        dropped: &mut Dropped,
    ) {
        add(&mut self.requests, 1);
        add(&mut self.errors, u64::from(inference.status != Status::Success));
        if let Some(seconds) = inference.stage_seconds(Stage::Total) {
            let before = self.latency.histogram.count();
            self.latency.record(seconds, LATENCY_SECONDS_BUCKETS, dropped);
            if self.latency.histogram.count() > before {
                // Rounds to the nearest: a latency that was counted is a number from 0 to 10¹².
                let micros = (seconds * 1e6 + 0.5) as u128;
                self.add_micros([micros, micros.saturating_mul(micros)]);
                if let Some(pane) = pane {
                    self.panes.entry(&pane).record(seconds);
                    // Keeping the newest gives the same whatever the order of merging.
                    self.panes.keep_last(LIMITS.delta_panes);
                }
            }
        }
    }

    fn add_micros(&mut self, more: [u128; 2]) {
        for (held, more) in self.micros.iter_mut().zip(more) {
            *held = held.saturating_add(more);
        }
    }

    /// Count, mean and variance of the latency; `None` where their sums leave their range.
    pub fn latency_summary(&self) -> Option<SampleSummary> {
        let count = self.latency.histogram.count();
        let [sum, squares] = self.micros;
        let spread = u128::from(count).checked_mul(squares)?.checked_sub(sum.checked_mul(sum)?)?;
        let n = count as f64;
        let (mean, freedom) = (sum as f64 / n / 1e6, n * (n - 1.0).max(1.0));
        let variance = spread as f64 / freedom / 1e12;
        (count > 0).then_some(SampleSummary { count, mean, variance })
    }

    fn merge(&mut self, other: &Self) {
        self.add_micros(other.micros);
        for (pane, level) in other.panes.iter() {
            self.panes.entry(pane).merge(level);
        }
        self.panes.keep_last(LIMITS.delta_panes);
        add(&mut self.conversions, other.conversions);
        add(&mut self.requests, other.requests);
        add(&mut self.errors, other.errors);
        self.latency.merge(&other.latency);
    }
}

/// What the variants of each experiment did since the first request.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ExperimentTotals(SortedMap<String, SortedMap<String, VariantTotals>>);

impl ExperimentTotals {
    /// Counts one request under each variant that it was given, in the pane that it ended in.
    pub fn record(
        &mut self,
        inference: &InferenceRef<'_>,
        pane: Option<PaneStart>,
        limits: &Limits,
        dropped: &mut Dropped,
    ) {
        for given in inference.assignments {
            let experiment = limits.cut(&given.experiment, dropped);
            let variant = limits.cut(&given.variant, dropped);
            let totals = self.variant(experiment, variant, 1, limits, dropped);
            totals.record(inference, pane, dropped);
        }
    }

    /// Counts a conversion of a unit that hashes to a variant of an experiment.
    pub fn record_conversion(&mut self, names: (&str, &str), dropped: &mut Dropped) {
        let experiment = LIMITS.cut(names.0, dropped);
        let variant = LIMITS.cut(names.1, dropped);
        add(&mut self.variant(experiment, variant, 1, &LIMITS, dropped).conversions, 1);
    }

    /// Adds the counts of `other`.
    pub fn merge(&mut self, other: &Self, limits: &Limits, dropped: &mut Dropped) {
        for (experiment, variant, totals) in other.iter() {
            self.variant(experiment, variant, totals.requests, limits, dropped).merge(totals);
        }
    }

    /// Experiment name, variant name and totals, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, &VariantTotals)> {
        self.0.iter().flat_map(|(experiment, variants)| {
            let of = |(variant, totals)| (experiment.as_str(), String::as_str(variant), totals);
            variants.iter().map(of)
        })
    }

    /// Keeps the panes from `oldest` to `newest`.
    pub fn keep_between(&mut self, oldest: PaneStart, newest: PaneStart) {
        for totals in self.0.values_mut().flat_map(SortedMap::values_mut) {
            totals.panes.retain(|pane, _| (oldest..=newest).contains(pane));
        }
    }

    /// Whether no request was given a variant.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The totals of one variant, if it had a request.
    #[must_use]
    pub fn get(&self, experiment: &str, variant: &str) -> Option<&VariantTotals> {
        self.0.get(experiment)?.get(variant)
    }

    fn variant(
        &mut self,
        experiment: &str,
        variant: &str,
        requests: u64,
        limits: &Limits,
        dropped: &mut Dropped,
    ) -> &mut VariantTotals {
        let own = key_within(&self.0, experiment, limits.experiments) == experiment;
        let reached = (bound::EXPERIMENTS, requests);
        let variants = entry_within(&mut self.0, experiment, limits.experiments, reached, dropped);
        let variant = if own { variant } else { OTHER };
        entry_within(variants, variant, limits.variants, (bound::VARIANTS, requests), dropped)
    }
}

/// Adds without overflow.
pub(super) fn add(held: &mut u64, more: u64) {
    *held = held.saturating_add(more);
}
