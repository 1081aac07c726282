//! A run as series of numbers.

use alloc::vec::Vec;

use super::run::{EpochRow, Run, StepRow};

/// What a series is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unit {
    Steps,
    Epochs,
}

/// Numbers, and the step or epoch of each.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Series {
    pub at: Vec<u64>,
    pub values: Vec<f64>,
}

impl Series {
    pub(super) fn of_steps(run: &Run, of: impl Fn(&StepRow) -> Option<f64>) -> Self {
        run.steps().filter_map(|(step, row)| Some((step, of(row)?))).collect()
    }

    pub(super) fn of_epochs(run: &Run, of: impl Fn(&EpochRow) -> Option<f64>) -> Self {
        run.epochs().filter_map(|(epoch, row)| Some((epoch, of(row)?))).collect()
    }

    /// The training loss: by step where the run tells it so, else by epoch.
    pub(super) fn loss(run: &Run) -> (Self, Unit) {
        let by_step = Self::of_steps(run, |row| row.loss);
        if by_step.values.len() >= 20 {
            (by_step, Unit::Steps)
        } else {
            (Self::of_epochs(run, |row| row.loss), Unit::Epochs)
        }
    }

    /// The largest value, and where it is.
    pub(super) fn most(&self) -> Option<(u64, f64)> {
        let pairs = self.at.iter().copied().zip(self.values.iter().copied());
        pairs.max_by(|(_, one), (_, other)| one.total_cmp(other))
    }
}

impl FromIterator<(u64, f64)> for Series {
    fn from_iter<I: IntoIterator<Item = (u64, f64)>>(pairs: I) -> Self {
        let (at, values) = pairs.into_iter().unzip();
        Self { at, values }
    }
}
