use alloc::{collections::VecDeque, vec::Vec};

use crate::{
    Error,
    quality::{ProbabilityLoss, Regression},
};

/// Sums that can be added, but not taken back.
pub(super) trait Sums: Copy + Default {
    type Prediction: Copy;
    fn push(&mut self, prediction: Self::Prediction) -> Result<(), Error>;
    fn merge(&mut self, other: &Self);
}

impl Sums for Regression {
    type Prediction = (f64, f64);

    fn push(&mut self, (actual, predicted): (f64, f64)) -> Result<(), Error> {
        Self::push(self, actual, predicted)
    }

    fn merge(&mut self, other: &Self) {
        Self::merge(self, other);
    }
}

impl Sums for ProbabilityLoss {
    type Prediction = (bool, f64);

    fn push(&mut self, (label, probability): (bool, f64)) -> Result<(), Error> {
        Self::push(self, label, probability)
    }

    fn merge(&mut self, other: &Self) {
        Self::merge(self, other);
    }
}

/// A window of two stacks. The older half is summed from its newest prediction back to each one, so
/// that the oldest leaves by uncovering the sum without it; when the older half is empty, the newer
/// one is summed in its place.
///
/// Tangwongsan, Hirzel, Schneider & Wu (2015), "General incremental sliding-window aggregation",
/// <https://doi.org/10.14778/2752939.2752940>.
#[derive(Debug, Clone)]
pub(super) struct TwoStacks<S: Sums> {
    capacity: usize,
    /// All predictions, the oldest first.
    predictions: VecDeque<S::Prediction>,
    /// Sums of the older predictions, the last being over all of them, the one before without the
    /// oldest, and so on.
    older: Vec<S>,
    newer: S,
}

impl<S: Sums> TwoStacks<S> {
    pub(super) fn try_new(capacity: usize) -> Result<Self, Error> {
        super::check_capacity(capacity)?;
        let (predictions, older) = (VecDeque::new(), Vec::new());
        Ok(Self { capacity, predictions, older, newer: S::default() })
    }

    pub(super) fn push(&mut self, prediction: S::Prediction) -> Result<(), Error> {
        self.newer.push(prediction)?;
        self.predictions.push_back(prediction);
        if self.predictions.len() > self.capacity {
            if self.older.is_empty() {
                self.sum_older(self.predictions.len())?;
                self.newer = S::default();
            }
            self.older.pop();
            self.predictions.pop_front();
        }
        Ok(())
    }

    pub(super) fn sums(&self) -> S {
        let mut sums = self.older.last().copied().unwrap_or_default();
        sums.merge(&self.newer);
        sums
    }

    /// Sums this many of the oldest predictions.
    fn sum_older(&mut self, len: usize) -> Result<(), Error> {
        self.older.reserve_exact(len);
        let mut sums = S::default();
        for prediction in self.predictions.iter().take(len).rev() {
            sums.push(*prediction)?;
            self.older.push(sums);
        }
        Ok(())
    }

    /// What the window can be made of again, to the bit: its capacity, how many of its predictions are
    /// of the older half, and all of them.
    #[cfg(feature = "serde")]
    pub(super) fn parts(&self) -> (usize, usize, &VecDeque<S::Prediction>) {
        (self.capacity, self.older.len(), &self.predictions)
    }

    /// The window of these parts.
    #[cfg(feature = "serde")]
    pub(super) fn of_parts(
        capacity: usize,
        older: usize,
        predictions: VecDeque<S::Prediction>,
    ) -> Result<Self, Error> {
        let mut window = Self::try_new(capacity)?;
        if predictions.len() > capacity || older > predictions.len() {
            return Err(Error::new(crate::ErrorKind::ShapeMismatch, "the list of predictions"));
        }
        window.predictions = predictions;
        window.sum_older(older)?;
        for prediction in window.predictions.iter().skip(older) {
            window.newer.push(*prediction)?;
        }
        Ok(window)
    }
}
