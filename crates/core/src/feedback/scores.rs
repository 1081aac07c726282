use alloc::string::String;
use serde::{Deserialize, Serialize};

use super::Awaiting;
use crate::pane::{OTHER, SortedMap, key_within};

/// Steps that confidences are counted in.
const STEPS: f64 = 200.0;
/// Predicted classes that are told apart: an estimate needs two, or none.
pub(super) const MAX_CLASSES: usize = 4;
const BILLION: f64 = 1e9;

/// How sure a model version was of its predictions of one day, by the class that it predicted: counts in 200
/// steps of the confidence, so that a day of any traffic is as large.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Scores(SortedMap<String, SortedMap<u8, Step>>);

/// Predictions whose confidences lie within one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Step {
    /// Predictions that were recorded when they were made.
    pub count: u64,
    /// Those whose truth is known.
    pub labelled: u64,
    /// Of those, the ones that were right.
    pub right: u64,
    /// Predictions that the sum is of: also those that came back with a label only.
    seen: u64,
    /// Sum of the confidences, in billionths: in any order the same.
    billionths: u64,
}

impl Step {
    /// Mean confidence, in `[0, 1]`.
    #[must_use]
    pub fn confidence(&self) -> f64 {
        (self.billionths as f64 / BILLION / self.seen.max(1) as f64).min(1.0)
    }

    #[cfg(test)]
    pub(crate) fn of(confidence: f64, [count, labelled, right]: [u64; 3]) -> Self {
        let billionths = (confidence * BILLION * count as f64 + 0.5) as u64;
        Self { count, labelled, right, seen: count, billionths }
    }

    fn merge(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
        self.labelled = self.labelled.saturating_add(other.labelled);
        self.right = self.right.saturating_add(other.right);
        self.seen = self.seen.saturating_add(other.seen);
        self.billionths = self.billionths.saturating_add(other.billionths);
    }

    fn take_back(&mut self, other: &Self) {
        self.count = self.count.saturating_sub(other.count);
        self.labelled = self.labelled.saturating_sub(other.labelled);
        self.right = self.right.saturating_sub(other.right);
        self.seen = self.seen.saturating_sub(other.seen);
        self.billionths = self.billionths.saturating_sub(other.billionths);
    }
}

impl Scores {
    /// Predicted classes, and the steps that have predictions of each, the least sure first.
    pub fn steps(&self) -> impl Iterator<Item = (&str, &Step)> {
        let of_class =
            |(class, steps)| SortedMap::<u8, Step>::values(steps).map(move |step| (class, step));
        self.0.iter().flat_map(move |(class, steps)| of_class((class.as_str(), steps)))
    }

    /// Predictions.
    #[must_use]
    pub fn predictions(&self) -> u64 {
        self.steps().fold(0, |sum, (_, step)| sum.saturating_add(step.count))
    }

    /// Adds the counts of `other`.
    pub fn merge(&mut self, other: &Self) {
        for (class, steps) in other.0.iter() {
            let held = self.0.entry(key_within(&self.0, class, MAX_CLASSES));
            steps.iter().for_each(|(place, step)| held.entry(place).merge(step));
        }
    }

    /// Counts a prediction, with whether it was right where that is known; nothing without a confidence.
    pub(super) fn add(&mut self, prediction: &Awaiting, is_right: Option<bool>, is_recorded: bool) {
        let Some((place, step)) = step(prediction, is_right, is_recorded) else { return };
        let class = prediction.prediction.class_name();
        self.0.entry(key_within(&self.0, &class, MAX_CLASSES)).entry(&place).merge(&step);
    }

    /// Takes back what [`Self::add`] counted.
    pub(super) fn take_back(
        &mut self,
        prediction: &Awaiting,
        is_right: Option<bool>,
        is_recorded: bool,
    ) {
        let Some((place, step)) = step(prediction, is_right, is_recorded) else { return };
        let class = prediction.prediction.class_name();
        let key = if self.0.contains_key(&*class) { &*class } else { OTHER };
        let Some(steps) = self.0.get_mut(key) else { return };
        if let Some(held) = steps.get_mut(&place) {
            held.take_back(&step);
        }
        // Equal counts have equal forms.
        steps.retain(|_, step| step.seen > 0);
        self.0.retain(|_, steps| !steps.is_empty());
    }

    /// Whether there are no predictions.
    pub(super) fn len(&self) -> usize {
        self.0.values().map(SortedMap::len).sum()
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn step(prediction: &Awaiting, is_right: Option<bool>, is_recorded: bool) -> Option<(u8, Step)> {
    let confidence = prediction.confidence.filter(|it| (0.0..=1.0).contains(it))?;
    // The cast rounds down, and the last step holds 1 too.
    let place = ((confidence * STEPS) as u8).min(STEPS as u8 - 1);
    let step = Step {
        count: u64::from(is_recorded),
        seen: 1,
        labelled: u64::from(is_right.is_some()),
        right: u64::from(is_right == Some(true)),
        billionths: (confidence * BILLION + 0.5) as u64,
    };
    Some((place, step))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feedback::Answer;

    fn prediction(class: &str, confidence: f64) -> Awaiting {
        Awaiting {
            at_seconds: 0.0,
            model_name: "m".into(),
            model_version: "1".into(),
            prediction: Answer::Class(class.into()),
            confidence: Some(confidence),
            variants: Vec::new(),
        }
    }

    #[test]
    fn confidences_are_counted_in_steps_and_taken_back() {
        let mut scores = Scores::default();
        scores.add(&prediction("a", 0.9), None, true);
        scores.add(&prediction("a", 0.9025), Some(true), true);
        scores.add(&prediction("b", 1.0), Some(false), true);
        let steps: Vec<_> = scores.steps().map(|(class, it)| (class, it.count, it.right)).collect();
        assert_eq!(steps, [("a", 2, 1), ("b", 1, 0)]);
        assert!((scores.steps().next().unwrap().1.confidence() - 0.90125).abs() < 1e-9);
        scores.take_back(&prediction("a", 0.9), None, true);
        scores.take_back(&prediction("a", 0.9025), Some(true), true);
        scores.take_back(&prediction("b", 1.0), Some(false), true);
        assert_eq!(scores, Scores::default());
    }

    #[test]
    fn what_is_no_confidence_is_not_counted_and_classes_are_bounded() {
        let mut scores = Scores::default();
        for confidence in [f64::NAN, -0.1, 1.1] {
            scores.add(&prediction("a", confidence), None, true);
        }
        assert!(scores.is_empty());
        for class in 0..100 {
            scores.add(&prediction(&class.to_string(), 0.5), None, true);
        }
        assert_eq!((scores.0.len(), scores.predictions()), (MAX_CLASSES + 1, 100));
    }
}
