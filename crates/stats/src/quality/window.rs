//! The quality of the last N labelled predictions.
//!
//! Both windows say at any time what a batch of just these predictions would say: counts to the last
//! one, sums up to the rounding of a batch. Nothing is ever subtracted from a floating-point sum, so
//! no error builds up, however long the stream, and an outlier that left leaves no trace.

use alloc::{collections::VecDeque, vec::Vec};

use super::{ConfusionMatrix, Regression};
use crate::{Error, ErrorKind};

/// The most predictions that a window may hold, 2²⁰.
pub const MAX_LEN: usize = 1 << 20;

/// The confusion matrix of the last N predictions. 8 bytes a prediction.
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

/// The [`Regression`] of the last N predictions. 144 bytes a prediction.
///
/// Predictions wait in two stacks. The older half is summed from its newest prediction back to each
/// one, so that the oldest leaves by uncovering the sum without it; when the older half is empty, the
/// newer one is summed in its place. No sum is ever taken back.
///
/// # References
/// Tangwongsan, Hirzel, Schneider & Wu (2015), "General incremental sliding-window aggregation",
/// <https://doi.org/10.14778/2752939.2752940>, section 4, for the two stacks.
#[derive(Debug, Clone)]
pub struct RegressionWindow {
    capacity: usize,
    /// Sums of the older predictions, the last being over all of them, the one before without the
    /// oldest, and so on.
    older: Vec<Regression>,
    /// The newer predictions, the newest last, and their sums.
    newer: Vec<(f64, f64)>,
    newer_sums: Regression,
}

impl RegressionWindow {
    /// An empty window.
    ///
    /// # Errors
    /// * [`ErrorKind::OutOfRange`]: `capacity` is not in `1..=`[`MAX_LEN`].
    pub fn try_new(capacity: usize) -> Result<Self, Error> {
        check_capacity(capacity)?;
        let newer_sums = Regression::default();
        Ok(Self { capacity, older: Vec::new(), newer: Vec::new(), newer_sums })
    }

    /// Adds a prediction; the oldest leaves a full window.
    ///
    /// # Errors
    /// As [`Regression::push`]. The window stays as it is then.
    ///
    /// # Numerics
    /// O(1) on average; one push in N sums N predictions.
    pub fn push(&mut self, actual: f64, predicted: f64) -> Result<(), Error> {
        self.newer_sums.push(actual, predicted)?;
        self.newer.push((actual, predicted));
        if self.older.len() + self.newer.len() > self.capacity {
            self.forget_oldest()?;
        }
        Ok(())
    }

    /// The sums over the predictions in the window. O(1).
    #[must_use]
    pub fn regression(&self) -> Regression {
        let mut sums = self.older.last().copied().unwrap_or_default();
        sums.merge(&self.newer_sums);
        sums
    }

    fn forget_oldest(&mut self) -> Result<(), Error> {
        if self.older.is_empty() {
            let mut sums = Regression::default();
            for (actual, predicted) in self.newer.drain(..).rev() {
                sums.push(actual, predicted)?;
                self.older.push(sums);
            }
            self.newer_sums = Regression::default();
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
        regression.push(1.0, 0.0).unwrap();
        confusion.push(1, 1).unwrap();
        assert!(regression.push(f64::NAN, 0.0).is_err() && confusion.push(2, 0).is_err());
        assert_eq!((regression.regression().count(), confusion.matrix().total()), (1, 1));
        for capacity in [0, MAX_LEN + 1] {
            assert!(RegressionWindow::try_new(capacity).is_err());
            assert!(ConfusionWindow::try_new(2, capacity).is_err());
        }
    }
}
