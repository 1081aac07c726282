//! The quality of the last N labelled predictions.
//!
//! A window says at any time what a batch of just these predictions would say: counts to the last
//! one, sums up to the rounding of a batch. Nothing is ever subtracted from a floating-point sum, so
//! no error builds up, however long the stream, and an outlier that left leaves no trace.

use alloc::{collections::VecDeque, vec::Vec};

use super::{ConfusionMatrix, ProbabilityLoss, Regression};
use crate::{Error, ErrorKind};

/// The most predictions that a window may hold, 2²⁰.
pub const MAX_LEN: usize = 1 << 20;

/// The confusion matrix of the last N predictions. At most 16 bytes a prediction.
///
/// # Examples
/// ```
/// use tidegate_stats::quality::window::ConfusionWindow;
/// let mut window = ConfusionWindow::try_new(2, 3)?;
/// for (actual, predicted) in [(0, 1), (1, 1), (0, 0), (1, 1)] {
///     window.push(actual, predicted)?;
/// }
/// assert_eq!(window.matrix().accuracy(), Some(1.0)); // the mistake has left
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct ConfusionWindow {
    capacity: usize,
    matrix: ConfusionMatrix,
    /// Actual and predicted classes, the oldest first.
    predictions: VecDeque<(u32, u32)>,
}

impl ConfusionWindow {
    /// An empty window.
    ///
    /// # Errors
    /// * [`ErrorKind::OutOfRange`]: `classes` is not in `2..=`[`ConfusionMatrix::MAX_CLASSES`], or
    ///   `capacity` not in `1..=`[`MAX_LEN`].
    pub fn try_new(classes: usize, capacity: usize) -> Result<Self, Error> {
        check_capacity(capacity)?;
        let matrix = ConfusionMatrix::try_new(classes)?;
        Ok(Self { capacity, matrix, predictions: VecDeque::new() })
    }

    /// Adds a prediction; the oldest leaves a full window. O(1).
    ///
    /// # Errors
    /// * [`ErrorKind::OutOfRange`]: no such class. The window stays as it is.
    pub fn push(&mut self, actual: u32, predicted: u32) -> Result<(), Error> {
        self.matrix.record(actual, predicted)?;
        if self.predictions.len() >= self.capacity
            && let Some((actual, predicted)) = self.predictions.pop_front()
        {
            self.matrix.forget(actual, predicted);
        }
        self.predictions.push_back((actual, predicted));
        Ok(())
    }

    /// The matrix of the predictions in the window.
    #[must_use]
    pub const fn matrix(&self) -> &ConfusionMatrix {
        &self.matrix
    }
}

/// The [`Regression`] of the last N predictions. At most 160 bytes a prediction.
///
/// # Examples
/// ```
/// use tidegate_stats::quality::window::RegressionWindow;
/// let mut window = RegressionWindow::try_new(2)?;
/// for (actual, predicted) in [(1e200, 0.0), (1.0, 2.0), (2.0, 5.0)] {
///     window.push(actual, predicted)?;
/// }
/// assert_eq!(window.regression().mean_absolute_error(), Some(2.0));
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct RegressionWindow {
    stacks: TwoStacks<Regression>,
}

impl RegressionWindow {
    /// An empty window.
    ///
    /// # Errors
    /// * [`ErrorKind::OutOfRange`]: `capacity` is not in `1..=`[`MAX_LEN`].
    pub fn try_new(capacity: usize) -> Result<Self, Error> {
        Ok(Self { stacks: TwoStacks::try_new(capacity)? })
    }

    /// Adds a prediction; the oldest leaves a full window.
    ///
    /// # Errors
    /// As [`Regression::push`]. The window stays as it is then.
    ///
    /// # Numerics
    /// O(1) on average; one push in N sums N predictions.
    pub fn push(&mut self, actual: f64, predicted: f64) -> Result<(), Error> {
        self.stacks.push((actual, predicted))
    }

    /// The sums over the predictions in the window. O(1).
    #[must_use]
    pub fn regression(&self) -> Regression {
        self.stacks.sums()
    }
}

/// The [`ProbabilityLoss`] of the last N predictions: log loss and Brier score. At most 72 bytes a
/// prediction.
#[derive(Debug, Clone)]
pub struct ProbabilityWindow {
    stacks: TwoStacks<ProbabilityLoss>,
}

impl ProbabilityWindow {
    /// An empty window.
    ///
    /// # Errors
    /// * [`ErrorKind::OutOfRange`]: `capacity` is not in `1..=`[`MAX_LEN`].
    pub fn try_new(capacity: usize) -> Result<Self, Error> {
        Ok(Self { stacks: TwoStacks::try_new(capacity)? })
    }

    /// Adds a prediction; the oldest leaves a full window.
    ///
    /// # Errors
    /// As [`ProbabilityLoss::push`]. The window stays as it is then.
    ///
    /// # Numerics
    /// O(1) on average; one push in N sums N predictions.
    pub fn push(&mut self, label: bool, probability: f64) -> Result<(), Error> {
        self.stacks.push((label, probability))
    }

    /// The sums over the predictions in the window. O(1).
    #[must_use]
    pub fn loss(&self) -> ProbabilityLoss {
        self.stacks.sums()
    }
}

/// Sums that can be added, but not taken back.
trait Sums: Copy + Default {
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
struct TwoStacks<S: Sums> {
    capacity: usize,
    /// Sums of the older predictions, the last being over all of them, the one before without the
    /// oldest, and so on.
    older: Vec<S>,
    /// The newer predictions, the newest last, and their sums.
    newer: Vec<S::Prediction>,
    newer_sums: S,
}

impl<S: Sums> TwoStacks<S> {
    fn try_new(capacity: usize) -> Result<Self, Error> {
        check_capacity(capacity)?;
        Ok(Self { capacity, older: Vec::new(), newer: Vec::new(), newer_sums: S::default() })
    }

    fn push(&mut self, prediction: S::Prediction) -> Result<(), Error> {
        self.newer_sums.push(prediction)?;
        self.newer.push(prediction);
        if self.older.len() + self.newer.len() > self.capacity {
            self.forget_oldest()?;
        }
        Ok(())
    }

    fn sums(&self) -> S {
        let mut sums = self.older.last().copied().unwrap_or_default();
        sums.merge(&self.newer_sums);
        sums
    }

    fn forget_oldest(&mut self) -> Result<(), Error> {
        if self.older.is_empty() {
            self.older.reserve_exact(self.newer.len());
            let mut sums = S::default();
            for prediction in self.newer.drain(..).rev() {
                sums.push(prediction)?;
                self.older.push(sums);
            }
            self.newer_sums = S::default();
        }
        self.older.pop();
        Ok(())
    }
}

const fn check_capacity(capacity: usize) -> Result<(), Error> {
    if capacity == 0 || capacity > MAX_LEN {
        Err(Error::new(ErrorKind::OutOfRange, "the length of a window"))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outlier_that_left_leaves_no_trace() {
        let mut window = RegressionWindow::try_new(3).unwrap();
        for (actual, predicted) in [(1e100, 0.0), (1.0, 2.0), (2.0, 2.0), (6.0, 4.0)] {
            window.push(actual, predicted).unwrap();
        }
        let regression = window.regression();
        assert_eq!((regression.count(), regression.mean_absolute_error()), (3, Some(1.0)));
        assert!((regression.r_squared().unwrap() - (1.0 - 5.0 / 14.0)).abs() < 1e-15);
        assert_eq!(regression.max_error(), Some(2.0));
    }

    #[test]
    fn a_window_of_one_is_the_last_prediction() {
        let mut regression = RegressionWindow::try_new(1).unwrap();
        let mut confusion = ConfusionWindow::try_new(2, 1).unwrap();
        for step in 0_u32..5 {
            regression.push(f64::from(step), 0.0).unwrap();
            confusion.push(step % 2, 1).unwrap();
            assert_eq!(regression.regression().mean_absolute_error(), Some(f64::from(step)));
            assert_eq!(confusion.matrix().accuracy(), Some(f64::from(step % 2)));
        }
    }

    #[test]
    fn what_is_refused_leaves_the_window_as_it_was() {
        let mut regression = RegressionWindow::try_new(2).unwrap();
        let mut confusion = ConfusionWindow::try_new(2, 2).unwrap();
        let mut probability = ProbabilityWindow::try_new(2).unwrap();
        assert!(probability.push(true, 2.0).is_err());
        assert_eq!(probability.loss().count(), 0);
        regression.push(1.0, 0.0).unwrap();
        confusion.push(1, 1).unwrap();
        assert!(regression.push(f64::NAN, 0.0).is_err() && confusion.push(2, 0).is_err());
        assert_eq!((regression.regression().count(), confusion.matrix().total()), (1, 1));
        for capacity in [0, MAX_LEN + 1] {
            assert!(RegressionWindow::try_new(capacity).is_err());
            assert!(ProbabilityWindow::try_new(capacity).is_err());
            assert!(ConfusionWindow::try_new(2, capacity).is_err());
        }
    }
}
