use alloc::string::String;
use serde::{Deserialize, Serialize};

use super::scores::MAX_CLASSES;
use super::{Answer, Awaiting, Scores, Step, Truth};
use crate::pane::{Histogram, LIMITS, SortedMap, key_within, most};

/// Upper bounds of the buckets of a label's lag, in seconds: minutes, hours, days and weeks.
pub const LAG_SECONDS_BUCKETS: &[f64] =
    &[60.0, 600.0, 3600.0, 21_600.0, 86_400.0, 259_200.0, 604_800.0, 1_209_600.0, 2_592_000.0];

/// The predictions of one day, and what became of them.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Cohort {
    /// Predictions that were recorded here when they were made.
    pub predictions: u64,
    /// Predictions, recorded here or echoed with their label, whose truth is known.
    pub labelled: u64,
    /// Of those, the ones that were right.
    pub right: u64,
    /// Of those, the ones where prediction and truth are numbers.
    pub numbers: u64,
    /// Sum of the sizes of their errors, in billionths: in any order the same.
    absolute_billionths: u128,
    /// How long after the prediction the truth came, in seconds.
    pub lag: Histogram,
    /// How sure the predictions were, by model version.
    pub scores: SortedMap<String, Scores>,
}

impl Cohort {
    /// Share of the predictions whose truth is known, in `[0, 1]`; `None` without predictions. Labels of
    /// predictions that others made can fill it: over all gateways, sum both counts before dividing.
    #[must_use]
    pub fn completeness(&self) -> Option<f64> {
        let share = self.labelled as f64 / self.predictions as f64;
        (self.predictions > 0).then(|| share.min(1.0))
    }

    /// Share of the labelled predictions that were right, in `[0, 1]`; `None` without one.
    #[must_use]
    pub fn accuracy(&self) -> Option<f64> {
        (self.labelled > 0).then(|| self.right as f64 / self.labelled as f64)
    }

    /// Mean size of the error; `None` unless all labelled predictions are numbers.
    #[must_use]
    pub fn mean_absolute_error(&self) -> Option<f64> {
        let all = self.numbers > 0 && self.numbers == self.labelled;
        all.then(|| self.absolute_billionths as f64 / 1e9 / self.numbers as f64)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.predictions == 0 && self.labelled == 0 && self.scores.is_empty()
    }

    /// Steps of confidence that are counted.
    pub(super) fn steps(&self) -> usize {
        self.scores.values().map(Scores::len).sum()
    }

    /// Adds the predictions of another part of the day.
    pub(super) fn merge(&mut self, other: &Self) {
        let more = |count: &mut u64, by: u64| *count = count.saturating_add(by);
        more(&mut self.predictions, other.predictions);
        more(&mut self.labelled, other.labelled);
        more(&mut self.right, other.right);
        more(&mut self.numbers, other.numbers);
        self.absolute_billionths =
            self.absolute_billionths.saturating_add(other.absolute_billionths);
        self.lag.merge(&other.lag);
        for (version, theirs) in other.scores.iter() {
            self.scores.entry(key_within(&self.scores, version, LIMITS.versions)).merge(theirs);
        }
    }

    /// Counts a prediction, with its truth where that is known. One that only came back with its label was
    /// counted as a prediction where it was made, here or elsewhere.
    pub(super) fn add(
        &mut self,
        prediction: &Awaiting,
        truth: Option<&Truth>,
        (is_recorded, is_scored): (bool, bool),
    ) {
        self.predictions = self.predictions.saturating_add(u64::from(is_recorded));
        let version = key_within(&self.scores, &prediction.model_version, LIMITS.versions);
        let right = truth.map(|truth| is_right(prediction, truth));
        if prediction.confidence.is_some() && is_scored {
            self.scores.entry(version).add(prediction, right, is_recorded);
        }
        let Some(truth) = truth else { return };
        self.lag.record(lag_seconds(prediction, truth), LAG_SECONDS_BUCKETS);
        self.labelled = self.labelled.saturating_add(1);
        self.right = self.right.saturating_add(u64::from(is_right(prediction, truth)));
        if let Some(error) = error_billionths(&prediction.prediction, &truth.label) {
            self.numbers = self.numbers.saturating_add(1);
            self.absolute_billionths = self.absolute_billionths.saturating_add(error);
        }
    }

    /// Takes back what [`Self::add`] counted.
    pub(super) fn take_back(
        &mut self,
        prediction: &Awaiting,
        truth: Option<&Truth>,
        is_recorded: bool,
    ) {
        self.predictions = self.predictions.saturating_sub(u64::from(is_recorded));
        let version = key_within(&self.scores, &prediction.model_version, LIMITS.versions);
        if let Some(scores) = self.scores.get_mut(version) {
            let right = truth.map(|truth| is_right(prediction, truth));
            scores.take_back(prediction, right, is_recorded);
        }
        self.scores.retain(|_, scores| !scores.is_empty());
        let Some(truth) = truth else { return };
        self.lag.take_back(lag_seconds(prediction, truth), LAG_SECONDS_BUCKETS);
        self.labelled = self.labelled.saturating_sub(1);
        self.right = self.right.saturating_sub(u64::from(is_right(prediction, truth)));
        if let Some(error) = error_billionths(&prediction.prediction, &truth.label) {
            self.numbers = self.numbers.saturating_sub(1);
            self.absolute_billionths = self.absolute_billionths.saturating_sub(error);
        }
    }
}

/// A label that is told earlier than its prediction is as good as one of the same moment.
fn lag_seconds(prediction: &Awaiting, truth: &Truth) -> f64 {
    (truth.at_seconds - prediction.at_seconds).max(0.0)
}

fn is_right(prediction: &Awaiting, truth: &Truth) -> bool {
    prediction.prediction.agrees_with(&truth.label)
}

fn error_billionths(prediction: &Answer, label: &Answer) -> Option<u128> {
    let (Answer::Number(prediction), Answer::Number(label)) = (prediction, label) else {
        return None;
    };
    // The cast saturates.
    Some(((prediction - label).abs() * 1e9 + 0.5) as u128)
}

/// The most bytes that a day takes, but for its steps of confidence.
pub(super) const fn most_day_bytes() -> u64 {
    let class = most::NAME + most::entry::<String, SortedMap<u8, Step>>();
    let version = most::NAME + most::entry::<String, Scores>() + (MAX_CLASSES as u64 + 1) * class;
    most::entry::<u64, Cohort>() + 32 * 8 + (LIMITS.versions as u64 + 1) * version
}
