use alloc::{vec, vec::Vec};

use super::{Estimated, SHARE, reference_scatter, reference_scatter::Counts};
use crate::{Error, ErrorKind, Interval, num, quality::ConfusionMatrix};

/// What a cell of a confusion matrix is a share of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CellScale {
    /// Of nothing: it is a number of predictions.
    Count,
    /// Of all predictions.
    All,
    /// Of the occurrences of its actual class.
    Actual,
    /// Of the predictions of its predicted class.
    Predicted,
}

/// The confusion matrix that is expected of unlabelled predictions.
#[derive(Debug, Clone, PartialEq)]
pub struct ExpectedConfusion {
    reference: ConfusionMatrix,
    /// Row by row, a row being an actual class.
    cells: Vec<f64>,
    count: u64,
}

impl ExpectedConfusion {
    /// The matrix of rows of chances, each with its predicted class, which must be one of the
    /// reference's, and how often it is there.
    pub(super) fn of_rows<'a>(
        reference: &ConfusionMatrix,
        rows: impl Iterator<Item = (&'a [f64], u32, u64)>,
    ) -> Self {
        let classes = reference.classes();
        let mut sums = vec![num::Sum::default(); classes * classes];
        let mut count = 0_u64;
        for (chances, predicted, times) in rows {
            count = count.saturating_add(times);
            let column = sums.iter_mut().skip(predicted as usize).step_by(classes);
            for (sum, chance) in column.zip(chances) {
                sum.add(*chance * times as f64);
            }
        }
        let cells = sums.into_iter().map(num::Sum::value).collect();
        Self { reference: reference.clone(), cells, count }
    }

    /// The number of classes.
    #[must_use]
    pub const fn classes(&self) -> usize {
        self.reference.classes()
    }

    /// Expected numbers of predictions, row by row, a row being an actual class; they sum up to the
    /// number of predictions.
    #[must_use]
    pub fn cells(&self) -> &[f64] {
        &self.cells
    }

    /// One cell.
    ///
    /// # Arguments
    /// * `actual`, `predicted`: its classes; of two, 0 is the negative and 1 the positive one.
    /// * `scale`: what it is a share of.
    ///
    /// # Returns
    /// A number `≥ 0`, or a share in `[0, 1]`. `None` for classes that do not exist, or a share of
    /// nothing. The sampling error is that of a binomial count with the reference's share.
    ///
    /// # Numerics
    /// O(classes).
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::estimate::{CellScale, Cbpe};
    /// let cbpe = Cbpe::fit(&[true, false], &[0.9, 0.2], &[true, false])?;
    /// let confusion = cbpe.estimate(&[0.75, 0.5], &[true, true])?.confusion;
    /// assert_eq!(confusion.cell(1, 1, CellScale::Count).unwrap().value, 1.25);
    /// assert_eq!(confusion.cell(1, 1, CellScale::Predicted).unwrap().value, 0.625);
    /// # Ok::<(), tidegate_stats::Error>(())
    /// ```
    ///
    /// # References
    /// Oracle: NannyML's metric `confusion_matrix`, with `normalize_confusion_matrix` none, `all`,
    /// `true` and `pred`.
    #[must_use]
    pub fn cell(&self, actual: u32, predicted: u32, scale: CellScale) -> Option<Estimated> {
        let classes = self.classes();
        let (row, column) = (actual as usize, predicted as usize);
        if row >= classes || column >= classes {
            return None;
        }
        let at = row * classes + column;
        let n = self.count as f64;
        let expected = *self.cells.get(at)?;
        let reference = *self.reference.counts().get(at)?;
        let total = self.reference.total();
        let of_all = reference_scatter::of_share(reference, total);
        if scale == CellScale::Count {
            let error = of_all.map(|variance| num::sqrt(variance / n) * n);
            let range = Interval { lower: 0.0, upper: f64::MAX };
            return Some(Estimated::new(expected, error, range));
        }
        let (whole, variance) = match scale {
            CellScale::Count | CellScale::All => (n, of_all),
            CellScale::Actual => {
                (self.row_sum(row), of_part(reference, self.reference.support(actual), total))
            }
            CellScale::Predicted => {
                let counts = self.reference.counts().iter().skip(column).step_by(classes);
                (self.column_sum(column), of_part(reference, counts.sum(), total))
            }
        };
        let error = variance.map(|variance| num::sqrt(variance / n));
        (whole > 0.0).then(|| Estimated::new((expected / whole).min(1.0), error, SHARE))
    }

    /// What the predictions are worth, each cell of the matrix having its value, such as an amount won
    /// or, below 0, lost by a prediction.
    ///
    /// # Arguments
    /// * `values`: shape `[classes²]`, row by row, a row being an actual class; finite.
    ///
    /// # Returns
    /// The sum over all predictions, in the unit of the values.
    ///
    /// # Errors
    /// * [`ErrorKind::ShapeMismatch`]: there are not `classes²` values.
    /// * [`ErrorKind::NotFinite`]: a value is NaN or infinite.
    /// * [`ErrorKind::OutOfRange`]: the sum, or its error, is beyond the doubles.
    ///
    /// # Numerics
    /// O(classes²), a compensated sum.
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::estimate::Cbpe;
    /// let cbpe = Cbpe::fit(&[true, false], &[0.9, 0.2], &[true, false])?;
    /// let confusion = cbpe.estimate(&[0.75, 0.5], &[true, true])?.confusion;
    /// // A false positive costs 4, a true one gains 10.
    /// assert_eq!(confusion.business_value(&[0.0, -4.0, 0.0, 10.0])?.value, 12.5 - 3.0);
    /// # Ok::<(), tidegate_stats::Error>(())
    /// ```
    ///
    /// # References
    /// Oracle: NannyML's metric `business_value`.
    pub fn business_value(&self, values: &[f64]) -> Result<Estimated, Error> {
        let sum: num::Sum = self
            .cells
            .iter()
            .zip(self.checked_values(values)?)
            .map(|(n, value)| n * value)
            .collect();
        let n = self.count as f64;
        self.valued(sum.value(), num::sqrt(n), values)
    }

    /// As [`Self::business_value`], but of shares: each column of the matrix is divided by its sum, a
    /// class that was not predicted adding nothing. It is then the sum, over the classes, of what an
    /// average prediction of each is worth.
    ///
    /// # Arguments
    /// As [`Self::business_value`].
    ///
    /// # Errors
    /// As [`Self::business_value`].
    ///
    /// # Numerics
    /// O(classes²), a compensated sum.
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::estimate::Cbpe;
    /// let cbpe = Cbpe::fit(&[true, false], &[0.9, 0.2], &[true, false])?;
    /// let confusion = cbpe.estimate(&[0.75, 0.5], &[true, true])?.confusion;
    /// let value = confusion.business_value_per_prediction(&[0.0, -4.0, 0.0, 10.0])?.value;
    /// assert_eq!(value, 6.25 - 1.5);
    /// # Ok::<(), tidegate_stats::Error>(())
    /// ```
    ///
    /// # References
    /// Oracle: NannyML's `normalize_business_value="per_prediction"`.
    pub fn business_value_per_prediction(&self, values: &[f64]) -> Result<Estimated, Error> {
        let classes = self.classes();
        let columns: Vec<f64> = (0..classes).map(|column| self.column_sum(column)).collect();
        let shares = self.cells.chunks_exact(classes).flat_map(|row| row.iter().zip(&columns));
        let sum: num::Sum = shares
            .zip(self.checked_values(values)?)
            .filter(|((_, column), _)| **column > 0.0)
            .map(|((n, column), value)| n / column * value)
            .collect();
        self.valued(sum.value(), 1.0 / num::sqrt(self.count as f64), values)
    }

    /// The counts of a class against all others.
    pub(super) fn one_against_rest(&self, class: usize) -> [f64; 4] {
        let classes = self.classes();
        let true_positives = self.cells.get(class * (classes + 1)).copied().unwrap_or(0.0);
        let except = |(index, sum): (usize, f64)| (index != class).then_some(sum);
        let column = self.cells.iter().skip(class).step_by(classes).copied().enumerate();
        let false_positives: num::Sum = column.filter_map(except).collect();
        let row = self.cells.iter().skip(class * classes).take(classes).copied().enumerate();
        let false_negatives: num::Sum = row.filter_map(except).collect();
        let negatives: num::Sum =
            (0..classes).map(|row| (row, self.row_sum(row))).filter_map(except).collect();
        let [false_positives, false_negatives, negatives] =
            [false_positives, false_negatives, negatives].map(num::Sum::value);
        [true_positives, false_positives, false_negatives, (negatives - false_positives).max(0.0)]
    }

    fn valued(&self, value: f64, root: f64, values: &[f64]) -> Result<Estimated, Error> {
        let n = self.reference.total() as f64;
        let counts = || self.reference.counts().iter().map(|count| *count as f64).zip(values);
        let mean: num::Sum = counts().map(|(count, value)| count * value / n).collect();
        let mean = mean.value();
        let squares: num::Sum =
            counts().map(|(count, value)| count * (value - mean) * (value - mean)).collect();
        // The oracle divides by n for two classes, and by n − 1 for more.
        let freedom = if self.classes() == 2 { n } else { n - 1.0 };
        let error = num::sqrt(squares.value() / freedom) * root;
        let error = (freedom > 0.0).then_some(error);
        if !value.is_finite() || error.is_some_and(|error| !error.is_finite()) {
            return Err(Error::new(ErrorKind::OutOfRange, "the magnitude of a value"));
        }
        let range = Interval { lower: -f64::MAX, upper: f64::MAX };
        Ok(Estimated::new(value, error, range))
    }

    fn checked_values<'a>(&self, values: &'a [f64]) -> Result<&'a [f64], Error> {
        if values.len() != self.cells.len() {
            Err(Error::new(ErrorKind::ShapeMismatch, "the list of values"))
        } else if values.iter().any(|value| !value.is_finite()) {
            Err(Error::new(ErrorKind::NotFinite, "the list of values"))
        } else {
            Ok(values)
        }
    }

    fn row_sum(&self, row: usize) -> f64 {
        let classes = self.classes();
        self.cells.iter().skip(row * classes).take(classes).copied().collect::<num::Sum>().value()
    }

    fn column_sum(&self, column: usize) -> f64 {
        let cells = self.cells.iter().skip(column).step_by(self.classes());
        cells.copied().collect::<num::Sum>().value()
    }
}

/// The reference's counts of a class against all others.
pub(super) fn reference_counts(matrix: &ConfusionMatrix, class: usize) -> Counts {
    let classes = matrix.classes();
    let right = matrix.counts().get(class * (classes + 1)).copied().unwrap_or(0);
    let predicted: u64 = matrix.counts().iter().skip(class).step_by(classes).sum();
    let actual = matrix.support(class as u32);
    Counts {
        true_positives: right,
        false_positives: predicted - right,
        false_negatives: actual - right,
        true_negatives: matrix.total() - actual - (predicted - right),
    }
}

/// The variance, in a sample of one row, of a share among the part of the rows that it is about.
fn of_part(successes: u64, part: u64, total: u64) -> Option<f64> {
    Some(reference_scatter::of_share(successes, part)? / (part as f64 / total as f64))
}
