use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::Answer;

/// A prediction that awaits the truth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Awaiting {
    /// When it was made, in seconds since 1970.
    pub at_seconds: f64,
    /// The model.
    pub model_name: String,
    /// Its version.
    pub model_version: String,
    /// What it said.
    pub prediction: Answer,
    /// How sure it was, in `[0, 1]`.
    pub confidence: Option<f64>,
}

/// What was true.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Truth {
    /// When it was learnt, in seconds since 1970.
    pub at_seconds: f64,
    /// The truth.
    pub label: Answer,
}

/// All that is known of one prediction id.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Entry {
    /// The prediction, once it has come.
    pub prediction: Option<Awaiting>,
    /// Each label that came, when first, and how often.
    labels: Vec<(Truth, u64)>,
    /// Labels beyond the bound.
    others: u64,
}

/// Different labels of one prediction that are told apart.
const MAX_LABELS: usize = 4;

impl Entry {
    /// The label that counts: the earliest.
    #[must_use]
    pub fn truth(&self) -> Option<&Truth> {
        self.labels.first().map(|(truth, _)| truth)
    }

    /// Labels that said again what the first said.
    #[must_use]
    pub fn duplicates(&self) -> u64 {
        self.labels.first().map_or(0, |(_, count)| count - 1)
    }

    /// Labels that said something else than the first.
    #[must_use]
    pub fn contradictions(&self) -> u64 {
        let rest = self.labels.iter().skip(1).map(|(_, count)| count);
        rest.fold(self.others, |sum, count| sum.saturating_add(*count))
    }

    /// Whether both parts are there.
    pub(super) fn is_joined(&self) -> bool {
        self.prediction.is_some() && self.truth().is_some()
    }

    /// Both entries of one id as one.
    pub(super) fn merged(mut self, other: Self) -> Self {
        if let Some(prediction) = other.prediction {
            self.add_prediction(prediction);
        }
        for (truth, count) in other.labels {
            self.add_labels(truth, count);
        }
        self.others = self.others.saturating_add(other.others);
        self
    }

    pub(super) fn add_label(&mut self, truth: Truth) {
        self.add_labels(truth, 1);
    }

    /// Takes labels that say the same, the earliest of them.
    fn add_labels(&mut self, truth: Truth, labels: u64) {
        let has_room = self.labels.len() < MAX_LABELS;
        match self.labels.iter_mut().find(|(own, _)| own.label.agrees_with(&truth.label)) {
            Some((own, count)) => {
                *count = count.saturating_add(labels);
                own.at_seconds = own.at_seconds.min(truth.at_seconds);
                if truth.label.order(&own.label).is_lt() {
                    own.label = truth.label;
                }
            }
            None if has_room => self.labels.push((truth, labels)),
            None => self.others = self.others.saturating_add(labels),
        }
        self.labels.sort_by(|(one, _), (other, _)| {
            one.at_seconds.total_cmp(&other.at_seconds).then_with(|| one.label.order(&other.label))
        });
    }

    /// Takes a prediction; of several of one id the earliest counts. Whether it was the first.
    pub(super) fn add_prediction(&mut self, prediction: Awaiting) -> bool {
        let is_first = self.prediction.is_none();
        let is_earlier = self.prediction.as_ref().is_none_or(|own| {
            let by_time = prediction.at_seconds.total_cmp(&own.at_seconds);
            by_time.then_with(|| prediction.prediction.order(&own.prediction)).is_lt()
        });
        if is_earlier {
            self.prediction = Some(prediction);
        }
        is_first
    }

    /// When it was first heard of, in seconds since 1970.
    #[must_use]
    pub fn at_seconds(&self) -> f64 {
        let label = self.truth().map(|truth| truth.at_seconds);
        self.prediction.as_ref().map(|it| it.at_seconds).or(label).unwrap_or(0.0)
    }
}
