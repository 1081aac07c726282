use alloc::collections::BTreeMap;

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
    pub fn findings(&self) -> alloc::vec::Vec<Finding> {
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
            Quantity::Accuracy | Quantity::Step | Quantity::Epoch => {}
        }
    }
}
