use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use super::name::{Quantity, Scope};
use crate::event::{Fields, Measure, TrainingEpoch, TrainingStep};
use crate::training::{Finding, Run, findings};

/// The most steps and epochs that are read.
const MAX_ROWS: usize = 1_000_000;

/// Steps and epochs of one run, as they were read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TrainingLog {
    pub(super) steps: BTreeMap<(u64, u32), TrainingStep>,
    pub(super) epochs: BTreeMap<u64, TrainingEpoch>,
    /// Numbers and events that were understood.
    pub(super) understood: u64,
    /// By whether it is of the validation data: a loss was told, so that its parts are passed over.
    has_loss: [bool; 2],
    /// Epochs, ascending, and the steps at which they were evaluated, where a row says both.
    evaluated_at: Vec<(u64, u64)>,
}

impl TrainingLog {
    /// The steps, ascending.
    pub fn steps(&self) -> impl ExactSizeIterator<Item = &TrainingStep> {
        self.steps.values()
    }

    /// The epochs, ascending, as they were read.
    pub fn epochs(&self) -> impl ExactSizeIterator<Item = &TrainingEpoch> {
        self.epochs.values()
    }

    /// The run that they make.
    #[must_use]
    pub fn run(&self) -> Run {
        let epochs = self.paired_epochs();
        Run::of(self.steps(), epochs.iter())
    }

    /// What is wrong with the run.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        findings(&self.run())
    }

    pub(super) fn step(&mut self, step: u64, rank: Option<u32>) -> Option<&mut TrainingStep> {
        let key = (step, rank.unwrap_or(0));
        if self.steps.len() >= MAX_ROWS && !self.steps.contains_key(&key) {
            return None;
        }
        Some(self.steps.entry(key).or_insert_with(|| TrainingStep {
            at: None,
            job_id: alloc::string::String::new(),
            step,
            rank,
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
            Quantity::Step | Quantity::Epoch | Quantity::Rank | Quantity::Time => return,
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
        let Some(step) = self.step(at, scope.rank) else { return };
        match quantity {
            Quantity::Loss => step.loss = measure,
            Quantity::GradientNorm => step.grad_norm = measure,
            Quantity::LearningRate => step.learning_rate = known,
            Quantity::Duration => step.duration_seconds = known,
            Quantity::DataWait => step.data_wait_seconds = known,
            Quantity::Samples => step.samples = known.map(|samples| samples as u64),
            Quantity::Accuracy | Quantity::PartOfLoss => {}
            Quantity::Step | Quantity::Epoch | Quantity::Rank | Quantity::Time => {}
        }
    }

    /// Notes it. A run that was started again from an earlier epoch goes on from there.
    pub(super) fn evaluated_at(&mut self, epoch: u64, step: u64) {
        while self.evaluated_at.pop_if(|(other, _)| *other >= epoch).is_some() {}
        if self.evaluated_at.len() < MAX_ROWS {
            self.evaluated_at.push((epoch, step));
        }
    }

    /// The epochs, with a training loss where one has a validation loss and none of its own: the mean of its steps'.
    ///
    /// The steps of an epoch are those up to its evaluation, after the one before. Where no row says at which step
    /// that was: epochs whose numbers go about as far as the steps' are numbered alike, others are of equal length.
    fn paired_epochs(&self) -> Vec<TrainingEpoch> {
        let needs = |epoch: &TrainingEpoch| epoch.validation_loss.is_some() && epoch.loss.is_none();
        let mut epochs: Vec<TrainingEpoch> = self.epochs().cloned().collect();
        let needing = epochs.iter().filter(|epoch| needs(epoch));
        let (count, last_epoch) = needing.fold((0_u64, 0), |(count, _), it| (count + 1, it.epoch));
        let losses = || self.steps().filter_map(|step| Some((step.step, step.loss?.0)));
        let last_step = losses().last().map_or(0, |(step, _)| step);
        let is_same_unit = last_epoch >= last_step / 2;
        let mut losses = losses().peekable();
        let mut evaluated = self.evaluated_at.iter().peekable();
        for (index, epoch) in epochs.iter_mut().filter(|epoch| needs(epoch)).enumerate() {
            while evaluated.next_if(|(other, _)| *other < epoch.epoch).is_some() {}
            let known = evaluated.peek().filter(|(other, _)| *other == epoch.epoch);
            let end = match known {
                Some((_, step)) => *step,
                None if is_same_unit => epoch.epoch,
                None => (last_step as f64 * ((index + 1) as f64 / count as f64)) as u64,
            };
            let (mut steps, mut sum) = (0_u64, 0.0);
            while let Some((_, loss)) = losses.next_if(|(step, _)| *step <= end) {
                steps += 1;
                sum += loss;
            }
            epoch.loss = (steps > 0).then(|| Measure(sum / steps as f64));
        }
        epochs
    }
}
