use alloc::{vec, vec::Vec};

use crate::{Error, ErrorKind, num};

/// Counts of predictions by actual and by predicted class, mergeable.
///
/// Two classes are class 0, the negative, and class 1, the positive.
///
/// Every count is exact, so the order of recording and merging cannot matter. Memory is `8 k²` bytes
/// for `k` classes.
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
pub struct ConfusionMatrix {
    classes: usize,
    /// Row by row, a row being an actual class.
    counts: Vec<u64>,
    /// Not above [`ConfusionMatrix::MAX_TOTAL`], so that a product of two sums fits an `i128`.
    total: u64,
}

/// How the figures of the classes become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Average {
    /// Each class counts the same.
    Macro,
    /// Each prediction counts the same: the figures of the summed counts, all equal to the accuracy.
    Micro,
    /// Each class counts as often as it occurs.
    Weighted,
}

/// What a class whose figure is undefined adds to an average.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Undefined {
    /// Nothing: the average is over the other classes. scikit-learn's `zero_division=np.nan`.
    Skipped,
    /// A zero, but for a class that was neither present nor predicted. scikit-learn's default.
    Zero,
}

/// Averages over the classes, each in `[0, 1]`; `None` where no class has the figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Averages {
    /// Of [`ConfusionMatrix::precision`].
    pub precision: Option<f64>,
    /// Of [`ConfusionMatrix::recall`].
    pub recall: Option<f64>,
    /// Of [`ConfusionMatrix::f1`].
    pub f1: Option<f64>,
}

/// The four counts of one class against all others.
#[derive(Debug, Clone, Copy, Default)]
struct OneAgainstRest {
    true_positives: u64,
    false_positives: u64,
    false_negatives: u64,
    true_negatives: u64,
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

    /// Of the predictions of a class, the share that is right: `TP / (TP + FP)`, in `[0, 1]`.
    /// `None` when it was never predicted.
    #[must_use]
    pub fn precision(&self, class: u32) -> Option<f64> {
        self.one_against_rest(class).precision()
    }

    /// Of the occurrences of a class, the share that was predicted: `TP / (TP + FN)`, in `[0, 1]`.
    /// `None` when it never occurred.
    #[must_use]
    pub fn recall(&self, class: u32) -> Option<f64> {
        self.one_against_rest(class).recall()
    }

    /// Of the occurrences of other classes, the share that was not predicted to be this one:
    /// `TN / (TN + FP)`, in `[0, 1]`. `None` when there is no other.
    #[must_use]
    pub fn specificity(&self, class: u32) -> Option<f64> {
        let of = self.one_against_rest(class);
        ratio(of.true_negatives, of.true_negatives + of.false_positives)
    }

    /// Harmonic mean of precision and recall, `2 TP / (2 TP + FP + FN)`, in `[0, 1]`. `None` when the
    /// class neither occurred nor was predicted.
    #[must_use]
    pub fn f1(&self, class: u32) -> Option<f64> {
        self.f_beta(class, 1.0)
    }

    /// Harmonic mean of precision and recall, recall weighing `beta²` times as much:
    /// `(1 + β²) TP / ((1 + β²) TP + FP + β² FN)`, in `[0, 1]`.
    ///
    /// `None` when the class neither occurred nor was predicted, or `beta` is not finite and `> 0`,
    /// or its square is not.
    #[must_use]
    pub fn f_beta(&self, class: u32, beta: f64) -> Option<f64> {
        self.one_against_rest(class).f_beta(beta)
    }

    /// Share of right ones among all that are, or were predicted to be, of the class:
    /// `TP / (TP + FP + FN)`, in `[0, 1]`. `None` when there is none.
    #[must_use]
    pub fn jaccard(&self, class: u32) -> Option<f64> {
        let of = self.one_against_rest(class);
        ratio(of.true_positives, of.true_positives + of.false_positives + of.false_negatives)
    }

    /// Precision, recall and F1 over all classes.
    ///
    /// # Arguments
    /// * `average`: what counts the same.
    /// * `undefined`: what a class without a figure adds. A class that neither occurred nor was
    ///   predicted adds nothing either way.
    ///
    /// # Numerics
    /// O(k²).
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::quality::{Average, ConfusionMatrix, Undefined};
    /// // Class 2 occurs, but is never predicted.
    /// let matrix = ConfusionMatrix::of_counts(3, &[4, 0, 0, 0, 4, 0, 0, 2, 0])?;
    /// let precision = |undefined| matrix.averages(Average::Macro, undefined).precision.unwrap();
    /// assert!((precision(Undefined::Skipped) - (1.0 + 4.0 / 6.0) / 2.0).abs() < 1e-15);
    /// assert!((precision(Undefined::Zero) - (1.0 + 4.0 / 6.0) / 3.0).abs() < 1e-15);
    /// # Ok::<(), tidegate_stats::Error>(())
    /// ```
    ///
    /// # References
    /// Oracle: `sklearn.metrics.precision_recall_fscore_support`.
    #[must_use]
    pub fn averages(&self, average: Average, undefined: Undefined) -> Averages {
        if average == Average::Micro {
            // Each wrong prediction is a false positive of one class and a false negative of another.
            let accuracy = self.accuracy();
            return Averages { precision: accuracy, recall: accuracy, f1: accuracy };
        }
        let all = self.all_against_rest();
        let mean = |figure: fn(&OneAgainstRest) -> Option<f64>| {
            let mut sum = num::Sum::default();
            let mut weights = 0_u64;
            for class in all.iter().filter(|class| class.is_seen()) {
                let weight = if average == Average::Macro { 1 } else { class.support() };
                let value = match undefined {
                    Undefined::Skipped => figure(class),
                    Undefined::Zero => Some(figure(class).unwrap_or(0.0)),
                };
                if let Some(value) = value {
                    sum.add(value * weight as f64);
                    weights += weight;
                }
            }
            (weights > 0).then(|| (sum.value() / weights as f64).min(1.0))
        };
        Averages {
            precision: mean(OneAgainstRest::precision),
            recall: mean(OneAgainstRest::recall),
            f1: mean(|class| class.f_beta(1.0)),
        }
    }

    /// Mean recall of the classes that occurred, in `[0, 1]`; `None` when there is no prediction.
    ///
    /// # References
    /// Oracle: `sklearn.metrics.balanced_accuracy_score`.
    #[must_use]
    pub fn balanced_accuracy(&self) -> Option<f64> {
        self.averages(Average::Macro, Undefined::Skipped).recall
    }

    /// Matthews' correlation of actual and predicted class, in `[-1, 1]`; 0 is chance.
    ///
    /// `(c s − Σ tₖ pₖ) / √((s² − Σ tₖ²)(s² − Σ pₖ²))`, with `s` predictions, `c` of them right, and
    /// class `k` occurring `tₖ` times and predicted `pₖ` times.
    ///
    /// `None` when all occurrences, or all predictions, are of one class. (scikit-learn says 0.)
    ///
    /// # Numerics
    /// O(k²). Numerator and both factors are exact, and rounded once.
    ///
    /// # References
    /// Matthews (1975), <https://doi.org/10.1016/0005-2795(75)90109-9>; Gorodkin (2004),
    /// <https://doi.org/10.1016/j.compbiolchem.2004.09.006>, equation 8, for many classes. Oracle:
    /// `sklearn.metrics.matthews_corrcoef`.
    #[must_use]
    pub fn matthews_correlation(&self) -> Option<f64> {
        let sums = self.margin_products();
        let denominator = num::sqrt(sums.actual_spread as f64 * sums.predicted_spread as f64);
        (denominator > 0.0).then(|| (sums.covariance as f64 / denominator).clamp(-1.0, 1.0))
    }

    /// Cohen's kappa: the agreement beyond chance, `(pₒ − pₑ) / (1 − pₑ)`, in `[-1, 1]`.
    ///
    /// `pₒ` is the accuracy, and `pₑ` what independent draws with the same margins would reach.
    /// `None` when there is nothing beyond chance: no prediction, or all of them right and of one
    /// class.
    ///
    /// # Numerics
    /// O(k²). Numerator and denominator are exact, and rounded once.
    ///
    /// # References
    /// Cohen (1960), <https://doi.org/10.1177/001316446002000104>. Oracle:
    /// `sklearn.metrics.cohen_kappa_score`.
    #[must_use]
    pub fn cohen_kappa(&self) -> Option<f64> {
        let sums = self.margin_products();
        let beyond = sums.square - sums.chance;
        (beyond > 0).then(|| (sums.covariance as f64 / beyond as f64).clamp(-1.0, 1.0))
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

    fn one_against_rest(&self, class: u32) -> OneAgainstRest {
        let class = class as usize;
        if class >= self.classes {
            return OneAgainstRest::default();
        }
        let predicted = self.counts.iter().skip(class).step_by(self.classes).sum();
        let right = self.counts.get(class * (self.classes + 1)).copied().unwrap_or(0);
        OneAgainstRest::new(right, self.support(class as u32), predicted, self.total)
    }

    fn all_against_rest(&self) -> Vec<OneAgainstRest> {
        let mut predicted = vec![0_u64; self.classes];
        for row in self.counts.chunks_exact(self.classes) {
            for (sum, count) in predicted.iter_mut().zip(row) {
                *sum += count;
            }
        }
        let rows = self.counts.chunks_exact(self.classes);
        let right = self.counts.iter().step_by(self.classes + 1);
        rows.zip(right)
            .zip(predicted)
            .map(|((row, right), predicted)| {
                OneAgainstRest::new(*right, row.iter().sum(), predicted, self.total)
            })
            .collect()
    }

    fn margin_products(&self) -> MarginProducts {
        let square = i128::from(self.total) * i128::from(self.total);
        let (mut chance, mut actual, mut predicted) = (0_i128, 0_i128, 0_i128);
        for class in self.all_against_rest() {
            let (t, p) = (i128::from(class.support()), i128::from(class.predictions()));
            chance += t * p;
            actual += t * t;
            predicted += p * p;
        }
        MarginProducts {
            square,
            chance,
            covariance: i128::from(self.right()) * i128::from(self.total) - chance,
            actual_spread: square - actual,
            predicted_spread: square - predicted,
        }
    }
}

/// Products of the margins, as whole numbers: below 2¹²⁶, for no sum of counts exceeds 2⁶³.
struct MarginProducts {
    square: i128,
    /// `Σ tₖ pₖ`.
    chance: i128,
    /// `c s − Σ tₖ pₖ`.
    covariance: i128,
    actual_spread: i128,
    predicted_spread: i128,
}

impl OneAgainstRest {
    const fn new(right: u64, support: u64, predictions: u64, total: u64) -> Self {
        let false_positives = predictions - right;
        Self {
            true_positives: right,
            false_positives,
            false_negatives: support - right,
            true_negatives: total - support - false_positives,
        }
    }

    const fn support(&self) -> u64 {
        self.true_positives + self.false_negatives
    }

    const fn predictions(&self) -> u64 {
        self.true_positives + self.false_positives
    }

    const fn is_seen(&self) -> bool {
        self.support() > 0 || self.predictions() > 0
    }

    fn precision(&self) -> Option<f64> {
        ratio(self.true_positives, self.predictions())
    }

    fn recall(&self) -> Option<f64> {
        ratio(self.true_positives, self.support())
    }

    fn f_beta(&self, beta: f64) -> Option<f64> {
        let weight = beta * beta;
        if !(beta > 0.0 && weight > 0.0 && weight.is_finite() && self.is_seen()) {
            return None;
        }
        // Divided by 1 + β², so that a large β leaves no infinity.
        let (of_precision, of_recall) = (1.0 / (1.0 + weight), weight / (1.0 + weight));
        let wrong =
            self.false_positives as f64 * of_precision + self.false_negatives as f64 * of_recall;
        let right = self.true_positives as f64;
        Some(if right > 0.0 { right / (right + wrong) } else { 0.0 })
    }
}

/// A quotient of counts; `None` when the divisor is zero.
fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
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
    fn never_predicted_is_no_precision_but_an_f1_of_zero() {
        let matrix = ConfusionMatrix::of_counts(2, &[5, 0, 5, 0]).unwrap();
        assert_eq!(
            (matrix.precision(1), matrix.recall(1), matrix.f1(1)),
            (None, Some(0.0), Some(0.0))
        );
        assert_eq!(matrix.cohen_kappa(), Some(0.0));
        assert_eq!(matrix.matthews_correlation(), None);
    }

    #[test]
    fn the_largest_counts_neither_overflow_nor_round_away() {
        let half = ConfusionMatrix::MAX_TOTAL / 2;
        let right = ConfusionMatrix::of_counts(2, &[half, 0, 0, half]).unwrap();
        assert_eq!((right.matthews_correlation(), right.cohen_kappa()), (Some(1.0), Some(1.0)));
        let wrong = ConfusionMatrix::of_counts(2, &[0, half, half, 0]).unwrap();
        assert_eq!((wrong.matthews_correlation(), wrong.cohen_kappa()), (Some(-1.0), Some(-1.0)));
        let mut sum = right;
        assert_eq!(sum.merge(&wrong).unwrap_err().kind(), ErrorKind::OutOfRange);
        assert_eq!(sum.total(), 2 * half, "nothing was added");
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
