use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use core::ops::Bound;

use super::name::{Quantity, Scope};
use crate::event::{Fields, Measure, TrainingEpoch, TrainingStep};
use crate::training::{Finding, Run, findings};

/// The most steps and epochs that are read.
const MAX_ROWS: usize = 1_000_000;

/// Steps and epochs of one run, as they were read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TrainingLog {
    pub(super) steps: BTreeMap<u64, TrainingStep>,
    pub(super) epochs: BTreeMap<u64, TrainingEpoch>,
    /// Numbers and events that were understood.
    pub(super) understood: u64,
    /// By whether it is of the validation data: a loss was told, so that its parts are passed over.
    has_loss: [bool; 2],
    /// The step at which an epoch was evaluated, where a row says both.
    evaluated_at: BTreeMap<u64, u64>,
    /// Epochs whose training loss was taken from their steps.
    paired: BTreeSet<u64>,
}

impl TrainingLog {
    /// The steps, ascending.
    pub fn steps(&self) -> impl ExactSizeIterator<Item = &TrainingStep> {
        self.steps.values()
    }

    /// The epochs, ascending.
    pub fn epochs(&self) -> impl ExactSizeIterator<Item = &TrainingEpoch> {
        self.epochs.values()
    }

    /// The run that they make.
    #[must_use]
    pub fn run(&self) -> Run {
        Run::of(self.steps(), self.epochs())
    }

    /// What is wrong with the run.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        findings(&self.run())
    }

    pub(super) fn step(&mut self, step: u64) -> Option<&mut TrainingStep> {
        if self.steps.len() >= MAX_ROWS && !self.steps.contains_key(&step) {
            return None;
        }
        Some(self.steps.entry(step).or_insert_with(|| TrainingStep {
            at: None,
            job_id: alloc::string::String::new(),
            step,
            rank: None,
            loss: None,
            grad_norm: None,
            learning_rate: None,
            samples: None,
            duration_seconds: None,
            data_wait_seconds: None,
            gpu_utilization: Fields::default(),
        }))
    }

    pub(super) fn epoch(&mut self, epoch: u64) -> Option<&mut TrainingEpoch> {
        if self.epochs.len() >= MAX_ROWS && !self.epochs.contains_key(&epoch) {
            return None;
        }
        Some(self.epochs.entry(epoch).or_insert_with(|| TrainingEpoch {
            at: None,
            job_id: alloc::string::String::new(),
            epoch,
            loss: None,
            validation_loss: None,
            accuracy: None,
            validation_accuracy: None,
            duration_seconds: None,
        }))
    }

    /// Puts one number where it belongs: `at` is an epoch for what is of an epoch, else a step.
    pub(super) fn put(&mut self, at: u64, quantity: Quantity, scope: Scope, value: f64) {
        self.understood += 1;
        let has_loss = &mut self.has_loss[usize::from(scope.is_validation)];
        let quantity = match quantity {
            Quantity::Step | Quantity::Epoch => return,
            Quantity::PartOfLoss if *has_loss => return,
            Quantity::PartOfLoss => Quantity::Loss,
            other => {
                *has_loss |= other == Quantity::Loss;
                other
            }
        };
        let measure = Some(Measure(value));
        let known = (value.is_finite() && value >= 0.0).then_some(value);
        let share = known.filter(|share| *share <= 1.0);
        if scope.is_of_epoch() {
            let Some(epoch) = self.epoch(at) else { return };
            match quantity {
                Quantity::Loss if scope.is_validation => epoch.validation_loss = measure,
                Quantity::Loss => epoch.loss = measure,
                Quantity::Accuracy if scope.is_validation => epoch.validation_accuracy = share,
                Quantity::Accuracy => epoch.accuracy = share,
                Quantity::Duration => epoch.duration_seconds = known,
                _ => {}
            }
            return;
        }
        let Some(step) = self.step(at) else { return };
        match quantity {
            Quantity::Loss => step.loss = measure,
            Quantity::GradientNorm => step.grad_norm = measure,
            Quantity::LearningRate => step.learning_rate = known,
            Quantity::Duration => step.duration_seconds = known,
            Quantity::DataWait => step.data_wait_seconds = known,
            Quantity::Samples => step.samples = known.map(|samples| samples as u64),
            Quantity::Accuracy | Quantity::PartOfLoss | Quantity::Step | Quantity::Epoch => {}
        }
    }

    pub(super) fn evaluated_at(&mut self, epoch: u64, step: u64) {
        if self.evaluated_at.len() < MAX_ROWS {
            self.evaluated_at.insert(epoch, step);
        }
    }

    /// Gives epochs that have a validation loss, and no training loss of their own, the mean of their steps'.
    ///
    /// The steps of an epoch are those up to its evaluation, after the one before. Where no row says at which step
    /// that was: epochs whose numbers go about as far as the steps' are numbered alike, others are of equal length.
    pub(super) fn pair(&mut self) {
        let needs = |epoch: &TrainingEpoch| {
            epoch.validation_loss.is_some()
                && (epoch.loss.is_none() || self.paired.contains(&epoch.epoch))
        };
        let epochs: Vec<u64> =
            self.epochs.values().filter(|epoch| needs(epoch)).map(|epoch| epoch.epoch).collect();
        let last_step = self.steps.iter().rev().find(|(_, step)| step.loss.is_some());
        let (Some(last_epoch), Some((&last_step, _))) = (epochs.last(), last_step) else { return };
        let is_same_unit = *last_epoch >= last_step / 2;
        let mut after = Bound::Unbounded;
        for (index, epoch) in epochs.iter().enumerate() {
            let end = match self.evaluated_at.get(epoch) {
                Some(step) => *step,
                None if is_same_unit => *epoch,
                None => {
                    let share = (index + 1) as u128 * u128::from(last_step) / epochs.len() as u128;
                    u64::try_from(share).unwrap_or(last_step)
                }
            };
            let end = Bound::Included(end);
            let is_range =
                !matches!((after, end), (Bound::Excluded(a), Bound::Included(b)) if a >= b);
            let steps = is_range.then(|| self.steps.range((after, end))).into_iter().flatten();
            let losses = steps.filter_map(|(_, step)| Some(step.loss?.0));
            let (count, sum) = losses.fold((0_u64, 0.0), |(count, sum), it| (count + 1, sum + it));
            if let Some(epoch) = self.epochs.get_mut(epoch).filter(|_| count > 0) {
                epoch.loss = Some(Measure(sum / count as f64));
                self.paired.insert(epoch.epoch);
            }
            if let Bound::Included(end) = end {
                after = Bound::Excluded(end);
            }
        }
    }
}
