//! The quality of the last N labelled predictions.
//!
//! A window says at any time what a batch of just these predictions would say: counts to the last
//! one, sums up to the rounding of a batch. Nothing is ever subtracted from a floating-point sum, so
//! no error builds up, however long the stream, and an outlier that left leaves no trace.
//!
//! Two windows do not merge, for what comes last in both is not known; what they say does: see the
//! `merge` of [`ConfusionMatrix`], [`Regression`], [`ProbabilityLoss`], [`ProbabilityHistogram`] and
//! [`Ranking`].

mod score_tree;
mod two_stacks;
#[cfg(feature = "serde")]
mod wire;

use alloc::collections::VecDeque;

use score_tree::ScoreTree;
use two_stacks::TwoStacks;

use super::{ConfusionMatrix, ProbabilityHistogram, ProbabilityLoss, Ranking, Regression};
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
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "wire::Classified", into = "wire::Classified"))]
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
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "wire::Summed<f64>", into = "wire::Summed<f64>"))]
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
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "wire::Summed<bool>", into = "wire::Summed<bool>"))]
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

/// The [`Ranking`] of the last N labelled scores: the areas under the curves. At most 120 bytes a
/// prediction.
///
/// # Examples
/// ```
/// use tidegate_stats::quality::window::RankingWindow;
/// let mut window = RankingWindow::try_new(4)?;
/// for (label, score) in [(true, 0.0), (true, 0.9), (false, 0.6), (true, 0.6), (false, 0.1)] {
///     window.push(label, score)?;
/// }
/// assert_eq!(window.roc_auc(), Some(3.5 / 4.0)); // the lowest score, a positive, has left
/// assert_eq!(window.ranking().average_precision(), Some(0.5 + 0.5 * 2.0 / 3.0));
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
#[derive(Debug, Clone)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "wire::Scored", into = "wire::Scored"))]
pub struct RankingWindow {
    capacity: usize,
    predictions: VecDeque<(bool, f64)>,
    tree: ScoreTree,
}

impl RankingWindow {
    /// An empty window.
    ///
    /// # Errors
    /// * [`ErrorKind::OutOfRange`]: `capacity` is not in `1..=`[`MAX_LEN`].
    pub fn try_new(capacity: usize) -> Result<Self, Error> {
        check_capacity(capacity)?;
        Ok(Self { capacity, predictions: VecDeque::new(), tree: ScoreTree::default() })
    }

    /// Adds a prediction; the oldest leaves a full window.
    ///
    /// # Errors
    /// * [`ErrorKind::NotFinite`]: the score is NaN or infinite. The window stays as it is then.
    ///
    /// # Numerics
    /// O(log N) on average over the pushes, whatever the scores; one push in some N takes O(N).
    pub fn push(&mut self, label: bool, score: f64) -> Result<(), Error> {
        if !score.is_finite() {
            return Err(Error::new(ErrorKind::NotFinite, "a score"));
        }
        self.tree.add(label, score);
        self.predictions.push_back((label, score));
        if self.predictions.len() > self.capacity
            && let Some((label, score)) = self.predictions.pop_front()
        {
            self.tree.remove(label, score);
        }
        Ok(())
    }

    /// As [`Ranking::roc_auc`], of the predictions in the window. O(1), exact but for one division.
    #[must_use]
    pub fn roc_auc(&self) -> Option<f64> {
        self.tree.roc_auc()
    }

    /// The ranking of the predictions in the window, for all other figures.
    ///
    /// # Numerics
    /// O(d) for `d` distinct scores, without sorting. Average precision cannot be kept as cheaply as the
    /// ROC area: one prediction changes the precision at every score below it.
    #[must_use]
    pub fn ranking(&self) -> Ranking {
        self.tree.ranking()
    }
}

/// The [`ProbabilityHistogram`] of the last N predictions: their calibration. At most 32 bytes a
/// prediction.
///
/// # Examples
/// ```
/// use tidegate_stats::quality::window::CalibrationWindow;
/// let mut window = CalibrationWindow::try_new(10, 3)?;
/// for (label, p) in [(false, 1.0), (true, 0.75), (true, 0.75), (false, 0.75)] {
///     window.push(label, p)?;
/// }
/// let curve = window.histogram().reliability().unwrap();
/// assert!((curve.expected_error() - (0.75 - 2.0 / 3.0)).abs() < 1e-15);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
#[derive(Debug, Clone)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "wire::Scored", into = "wire::Scored"))]
pub struct CalibrationWindow {
    capacity: usize,
    histogram: ProbabilityHistogram,
    predictions: VecDeque<(bool, f64)>,
}

impl CalibrationWindow {
    /// An empty window.
    ///
    /// # Errors
    /// * [`ErrorKind::OutOfRange`]: `bins` is not in `1..=`[`super::Reliability::MAX_BINS`], or `capacity` not
    ///   in `1..=`[`MAX_LEN`].
    pub fn try_new(bins: usize, capacity: usize) -> Result<Self, Error> {
        check_capacity(capacity)?;
        let histogram = ProbabilityHistogram::try_new(bins)?;
        Ok(Self { capacity, histogram, predictions: VecDeque::new() })
    }

    /// Adds a prediction; the oldest leaves a full window. O(1).
    ///
    /// # Errors
    /// * [`ErrorKind::NotFinite`], [`ErrorKind::OutOfRange`]: the value is no probability. The window
    ///   stays as it is then.
    pub fn push(&mut self, label: bool, probability: f64) -> Result<(), Error> {
        self.histogram.push(label, probability)?;
        if self.predictions.len() >= self.capacity
            && let Some((label, probability)) = self.predictions.pop_front()
        {
            self.histogram.forget(label, probability);
        }
        self.predictions.push_back((label, probability));
        Ok(())
    }

    /// The histogram of the predictions in the window.
    #[must_use]
    pub const fn histogram(&self) -> &ProbabilityHistogram {
        &self.histogram
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
        let mut ranking = RankingWindow::try_new(2).unwrap();
        let mut calibration = CalibrationWindow::try_new(10, 2).unwrap();
        assert!(ranking.push(true, f64::INFINITY).is_err() && ranking.push(true, -1e308).is_ok());
        assert!(calibration.push(true, 1.5).is_err() && calibration.push(true, 1.0).is_ok());
        assert_eq!((ranking.ranking().positives(), calibration.histogram().count()), (1, 1));
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
            assert!(RankingWindow::try_new(capacity).is_err());
            assert!(CalibrationWindow::try_new(10, capacity).is_err());
        }
    }
}
