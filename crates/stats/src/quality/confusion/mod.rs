use alloc::{vec, vec::Vec};

mod agreement;
mod averages;
mod one_against_rest;

pub use averages::{Average, Averages, Undefined};
use one_against_rest::ratio;

use crate::{Error, ErrorKind};

/// Counts of predictions by actual and by predicted class, mergeable.
///
/// Two classes are class 0, the negative, and class 1, the positive.
///
/// Every count is exact, so the order of recording and merging cannot matter. Memory is `8 k²` bytes
/// for `k` classes: who keeps a matrix for each of many models bounds `k` accordingly, and counts what is
/// past the bound under a class of its own.
///
/// # Examples
/// ```
/// use tidegate_stats::quality::ConfusionMatrix;
/// let matrix = ConfusionMatrix::of_counts(2, &[50, 10, 5, 35])?;
/// assert_eq!(matrix.accuracy(), Some(0.85));
/// assert_eq!(matrix.recall(1), Some(35.0 / 40.0));
/// assert_eq!(matrix.precision(1), Some(35.0 / 45.0));
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "(u32, Vec<u64>)", into = "(u32, Vec<u64>)"))]
pub struct ConfusionMatrix {
    classes: usize,
    /// Row by row, a row being an actual class.
    counts: Vec<u64>,
    /// Not above [`ConfusionMatrix::MAX_TOTAL`], so that a product of two sums fits an `i128`.
    total: u64,
}

impl ConfusionMatrix {
    /// The most classes, for which the counts take 8 MiB.
    pub const MAX_CLASSES: usize = 1024;

    /// The most predictions, 2⁶³ − 1.
    pub const MAX_TOTAL: u64 = i64::MAX as u64;

    /// An empty matrix.
    ///
    /// # Errors
    /// * [`ErrorKind::OutOfRange`]: `classes` is not in `2..=`[`Self::MAX_CLASSES`].
    pub fn try_new(classes: usize) -> Result<Self, Error> {
        if (2..=Self::MAX_CLASSES).contains(&classes) {
            Ok(Self { classes, counts: vec![0; classes * classes], total: 0 })
        } else {
            Err(Error::new(ErrorKind::OutOfRange, "the number of classes"))
        }
    }

    /// A matrix with these counts, row by row, a row being an actual class.
    ///
    /// # Errors
    /// As [`Self::try_new`], and
    /// * [`ErrorKind::ShapeMismatch`]: there are not `classes²` counts.
    /// * [`ErrorKind::OutOfRange`]: their sum exceeds [`Self::MAX_TOTAL`].
    pub fn of_counts(classes: usize, counts: &[u64]) -> Result<Self, Error> {
        let mut matrix = Self::try_new(classes)?;
        if counts.len() != matrix.counts.len() {
            return Err(Error::new(ErrorKind::ShapeMismatch, "the list of counts"));
        }
        for count in counts {
            matrix.total = checked_total(matrix.total, *count)?;
        }
        matrix.counts.copy_from_slice(counts);
        Ok(matrix)
    }

    /// A matrix of predictions.
    ///
    /// # Errors
    /// As [`Self::try_new`] and [`Self::record`], and
    /// * [`ErrorKind::ShapeMismatch`]: the lengths differ.
    pub fn of_predictions(
        classes: usize,
        actual: &[u32],
        predicted: &[u32],
    ) -> Result<Self, Error> {
        if actual.len() != predicted.len() {
            return Err(Error::new(ErrorKind::ShapeMismatch, "the list of predictions"));
        }
        let mut matrix = Self::try_new(classes)?;
        for (actual, predicted) in actual.iter().zip(predicted) {
            matrix.record(*actual, *predicted)?;
        }
        Ok(matrix)
    }

    /// Counts one prediction. O(1).
    ///
    /// # Errors
    /// * [`ErrorKind::OutOfRange`]: no such class, or [`Self::MAX_TOTAL`] is reached. Nothing is
    ///   counted then.
    pub fn record(&mut self, actual: u32, predicted: u32) -> Result<(), Error> {
        let total = checked_total(self.total, 1)?;
        *self.cell(actual, predicted)? += 1;
        self.total = total;
        Ok(())
    }

    /// Takes back one prediction that was counted. Says whether there was one.
    pub(crate) fn forget(&mut self, actual: u32, predicted: u32) -> bool {
        match self.cell(actual, predicted) {
            Ok(count) if *count > 0 => {
                *count -= 1;
                self.total -= 1;
                true
            }
            _ => false,
        }
    }

    /// Adds all that `other` has counted.
    ///
    /// # Errors
    /// * [`ErrorKind::ShapeMismatch`]: the numbers of classes differ.
    /// * [`ErrorKind::OutOfRange`]: the sum would exceed [`Self::MAX_TOTAL`]. Nothing is added then.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        if self.classes != other.classes {
            return Err(Error::new(ErrorKind::ShapeMismatch, "the list of classes"));
        }
        self.total = checked_total(self.total, other.total)?;
        for (own, others) in self.counts.iter_mut().zip(&other.counts) {
            *own += others;
        }
        Ok(())
    }

    /// The number of classes.
    #[must_use]
    pub const fn classes(&self) -> usize {
        self.classes
    }

    /// The number of predictions.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// The counts, row by row, a row being an actual class.
    #[must_use]
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// The number of right predictions.
    #[must_use]
    pub fn right(&self) -> u64 {
        self.counts.iter().step_by(self.classes + 1).sum()
    }

    /// How often a class occurred; 0 for one that does not exist.
    #[must_use]
    pub fn support(&self, class: u32) -> u64 {
        self.counts.chunks_exact(self.classes).nth(class as usize).map_or(0, |row| row.iter().sum())
    }

    /// Share of right predictions, in `[0, 1]`; `None` when there is no prediction.
    #[must_use]
    pub fn accuracy(&self) -> Option<f64> {
        ratio(self.right(), self.total)
    }

    fn cell(&mut self, actual: u32, predicted: u32) -> Result<&mut u64, Error> {
        let unknown = Error::new(ErrorKind::OutOfRange, "a class");
        let (actual, predicted) = (actual as usize, predicted as usize);
        // A column past the end would otherwise fall into the next row.
        if actual >= self.classes || predicted >= self.classes {
            return Err(unknown);
        }
        self.counts.get_mut(actual * self.classes + predicted).ok_or(unknown)
    }
}

impl From<ConfusionMatrix> for (u32, Vec<u64>) {
    fn from(matrix: ConfusionMatrix) -> Self {
        (matrix.classes as u32, matrix.counts)
    }
}

impl TryFrom<(u32, Vec<u64>)> for ConfusionMatrix {
    type Error = Error;

    /// As [`Self::of_counts`].
    fn try_from((classes, counts): (u32, Vec<u64>)) -> Result<Self, Error> {
        Self::of_counts(classes as usize, &counts)
    }
}

fn checked_total(total: u64, more: u64) -> Result<u64, Error> {
    match total.checked_add(more) {
        Some(sum) if sum <= ConfusionMatrix::MAX_TOTAL => Ok(sum),
        _ => Err(Error::new(ErrorKind::OutOfRange, "the number of predictions")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_classes_by_hand() {
        let matrix = ConfusionMatrix::of_counts(2, &[4, 1, 2, 3]).unwrap();
        assert_eq!(matrix.accuracy(), Some(0.7));
        assert_eq!((matrix.precision(1), matrix.recall(1)), (Some(0.75), Some(0.6)));
        assert_eq!(matrix.specificity(1), Some(0.8));
        assert_eq!(matrix.f1(1), Some(6.0 / 9.0));
        assert_eq!(matrix.jaccard(1), Some(0.5));
        assert_eq!(matrix.balanced_accuracy(), Some(0.7));
        // pₒ = 0.7 and pₑ = 0.5·0.6 + 0.5·0.4 = 0.5.
        assert_eq!(matrix.cohen_kappa(), Some(0.4));
        // (TP TN − FP FN)/√(4·5·5·6) = 10/√600.
        let mcc = matrix.matthews_correlation().unwrap();
        assert!((mcc - 0.408_248_290_463_863).abs() < 1e-15);
    }

    #[test]
    fn what_is_undefined_is_none() {
        let empty = ConfusionMatrix::try_new(3).unwrap();
        let averages = empty.averages(Average::Macro, Undefined::Zero);
        assert_eq!((averages.precision, averages.recall, averages.f1), (None, None, None));
        assert_eq!((empty.accuracy(), empty.matthews_correlation()), (None, None));
        assert_eq!((empty.cohen_kappa(), empty.balanced_accuracy()), (None, None));

        let one_class = ConfusionMatrix::of_counts(2, &[5, 0, 0, 0]).unwrap();
        assert_eq!(
            (one_class.precision(1), one_class.recall(1), one_class.f1(1)),
            (None, None, None)
        );
        assert_eq!((one_class.matthews_correlation(), one_class.cohen_kappa()), (None, None));
        assert_eq!(one_class.specificity(0), None);
        assert_eq!(one_class.precision(7), None, "no such class");
        assert_eq!(one_class.f_beta(0, f64::NAN), None);
        assert_eq!(one_class.f_beta(0, 1e200), None);
        assert_eq!(one_class.f_beta(0, 1e150), Some(1.0));
    }

    #[test]
    fn refuses_what_is_no_matrix() {
        let kind = |result: Result<ConfusionMatrix, Error>| result.unwrap_err().kind();
        assert_eq!(kind(ConfusionMatrix::try_new(1)), ErrorKind::OutOfRange);
        assert_eq!(kind(ConfusionMatrix::try_new(1025)), ErrorKind::OutOfRange);
        assert_eq!(kind(ConfusionMatrix::of_counts(2, &[1; 3])), ErrorKind::ShapeMismatch);
        assert_eq!(kind(ConfusionMatrix::of_counts(2, &[u64::MAX; 4])), ErrorKind::OutOfRange);
        assert_eq!(
            kind(ConfusionMatrix::of_predictions(2, &[0], &[0, 1])),
            ErrorKind::ShapeMismatch
        );
        let mut matrix = ConfusionMatrix::try_new(2).unwrap();
        assert!(matrix.record(0, 2).is_err() && matrix.record(2, 0).is_err());
        assert_eq!(matrix.total(), 0);
        assert!(!matrix.forget(0, 0) && !matrix.forget(9, 9));
    }
}
