use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;
use serde::{Deserialize, Serialize};
use tidegate_stats::order::sort_by;

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
    /// Experiments and the variants that its request was given.
    pub variants: Vec<(String, String)>,
}

impl Awaiting {
    /// By time, what it said, and all else: a total order, so that what counts does not depend on what came
    /// first.
    fn order(&self, other: &Self) -> Ordering {
        let names =
            |it: &Self| (it.model_name.clone(), it.model_version.clone(), it.variants.clone());
        let confidence = |it: &Self| it.confidence.unwrap_or(-1.0);
        let by_time = self.at_seconds.total_cmp(&other.at_seconds);
        by_time
            .then_with(|| self.prediction.order(&other.prediction))
            .then_with(|| confidence(self).total_cmp(&confidence(other)))
            .then_with(|| names(self).cmp(&names(other)))
    }
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
    /// The prediction as it was recorded when it was made, once it has come.
    recorded: Option<Awaiting>,
    /// Each prediction that was echoed with a label, when first, and how often.
    echoes: Vec<(Awaiting, u64)>,
    /// Echoes beyond the bound.
    other_echoes: u64,
    /// Each label that came, when first, and how often.
    labels: Vec<(Truth, u64)>,
    /// Labels beyond the bound.
    others: u64,
}

/// Different labels of one prediction that are told apart.
const MAX_LABELS: usize = 4;
/// Different echoes of one prediction that are told apart.
const MAX_ECHOES: usize = 4;

/// So many bytes of names count as one entry more.
pub(super) const WEIGHT_BYTES: usize = 512;
/// What a variant and an echo take beside their names, in bytes.
const VARIANT_BYTES: usize = 48;
const ECHO_BYTES: usize = 144;

impl Entry {
    /// How much room it takes in a store: 1, and 1 more for every 512 bytes of its names.
    #[must_use]
    pub fn weight(&self) -> usize {
        let awaiting = |it: &Awaiting| {
            let of_variant =
                |(one, other): &(String, String)| VARIANT_BYTES + one.len() + other.len();
            let variants: usize = it.variants.iter().map(of_variant).sum();
            it.model_name.len() + it.model_version.len() + it.prediction.text_bytes() + variants
        };
        let echoes = self.echoes.iter().map(|(echo, _)| ECHO_BYTES + awaiting(echo));
        let labels = self.labels.iter().map(|(truth, _)| truth.label.text_bytes());
        let bytes = self.recorded.iter().map(awaiting).chain(echoes).chain(labels);
        1 + bytes.sum::<usize>() / WEIGHT_BYTES
    }

    /// The prediction that counts: the one that was recorded, or else the earliest echo.
    #[must_use]
    pub fn prediction(&self) -> Option<&Awaiting> {
        self.recorded.as_ref().or_else(|| self.echoes.first().map(|(echo, _)| echo))
    }

    /// Whether the prediction was recorded here when it was made.
    #[must_use]
    pub const fn is_recorded(&self) -> bool {
        self.recorded.is_some()
    }

    /// Whether prediction and truth are known.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.prediction().is_some() && self.truth().is_some()
    }

    /// Echoes that say something else than the prediction that counts.
    #[must_use]
    pub fn contradicting_echoes(&self) -> u64 {
        let counting = self.prediction().map(|it| &it.prediction);
        let differs =
            |echo: &Awaiting| !counting.is_some_and(|it| it.agrees_with(&echo.prediction));
        let differing = self.echoes.iter().filter(|(echo, _)| differs(echo));
        differing.fold(self.other_echoes, |sum, (_, count)| sum.saturating_add(*count))
    }

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

    /// Both entries of one id as one.
    pub(super) fn merged(mut self, other: Self) -> Self {
        if let Some(prediction) = other.recorded {
            self.add_prediction(prediction);
        }
        for (echo, count) in other.echoes {
            self.add_echoes(echo, count);
        }
        self.other_echoes = self.other_echoes.saturating_add(other.other_echoes);
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
        sort_by(&mut self.labels, |(one, _), (other, _)| {
            one.at_seconds.total_cmp(&other.at_seconds).then_with(|| one.label.order(&other.label))
        });
    }

    /// Takes a prediction that was recorded when it was made; of several of one id the earliest counts.
    pub(super) fn add_prediction(&mut self, prediction: Awaiting) {
        if self.recorded.as_ref().is_none_or(|own| prediction.order(own).is_lt()) {
            self.recorded = Some(prediction);
        }
    }

    /// Takes a prediction that came back with its label.
    pub(super) fn add_echo(&mut self, echo: Awaiting) {
        self.add_echoes(echo, 1);
    }

    /// Takes echoes that say the same, the earliest of them.
    fn add_echoes(&mut self, echo: Awaiting, echoes: u64) {
        let has_room = self.echoes.len() < MAX_ECHOES;
        let is_same = |own: &Awaiting| own.prediction.agrees_with(&echo.prediction);
        match self.echoes.iter_mut().find(|(own, _)| is_same(own)) {
            Some((own, count)) => {
                *count = count.saturating_add(echoes);
                if echo.order(own).is_lt() {
                    *own = echo;
                }
            }
            None if has_room => self.echoes.push((echo, echoes)),
            None => self.other_echoes = self.other_echoes.saturating_add(echoes),
        }
        sort_by(&mut self.echoes, |(one, _), (other, _)| one.order(other));
    }

    /// When it was first heard of, in seconds since 1970.
    #[must_use]
    pub fn at_seconds(&self) -> f64 {
        let label = self.truth().map(|truth| truth.at_seconds);
        self.prediction().map(|it| it.at_seconds).or(label).unwrap_or(0.0)
    }
}
