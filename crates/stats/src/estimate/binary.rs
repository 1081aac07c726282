use alloc::vec::Vec;
use core::iter::repeat_n;

use super::{
    Estimated, Estimates, ExpectedConfusion, Isotonic, SHARE,
    expected_areas::expected_areas,
    expected_confusion::reference_counts,
    needs_calibration,
    reference_scatter::{self, Counts},
};
use crate::{
    Error, ErrorKind, Sorted, num,
    quality::{self, ConfusionMatrix, Ranking},
};

/// Beyond this not each whole number is a double.
const MAX_COUNT: u64 = 1 << 53;

/// Confidence-based performance estimation (CBPE) of a model of two classes.
///
/// With `pᵢ` the calibrated probabilities and `ŷᵢ` the predictions, the expected counts are
/// `TP = Σ pᵢ` and `FP = Σ (1 − pᵢ)` over `ŷᵢ = 1`, `FN = Σ pᵢ` and `TN = Σ (1 − pᵢ)` over `ŷᵢ = 0`; the
/// figures follow from them as from real counts. For the areas, rows are ranked by their raw
/// probability, and each counts as `pᵢ` positives.
///
/// # Examples
/// ```
/// use tidegate_stats::estimate::Cbpe;
/// let labels = [true, true, false, false];
/// let cbpe = Cbpe::fit(&labels, &[0.9, 0.6, 0.4, 0.1], &[true, true, false, false])?;
/// let estimates = cbpe.estimate(&[0.8, 0.7, 0.1], &[true, true, false])?;
/// assert!((estimates.precision.unwrap().value - 0.75).abs() < 1e-15);
/// assert!((estimates.recall.unwrap().value - 1.5 / 1.6).abs() < 1e-15);
/// assert!((estimates.accuracy.unwrap().value - 0.8).abs() < 1e-15);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Oracle: `nannyml.CBPE(problem_type="classification_binary")`.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Cbpe {
    calibration: Option<Isotonic>,
    reference: ConfusionMatrix,
    /// Variances in a sample of one row.
    roc_auc: Option<f64>,
    average_precision: Option<f64>,
}

impl Cbpe {
    /// Learns from labelled rows what the probabilities mean and how much the figures scatter.
    ///
    /// # Arguments
    /// * `labels`: whether each is a positive, shape `[n]`, `n ≥ 1`.
    /// * `probabilities`: of being positive, as the model gave them, shape `[n]`, each in `[0, 1]`.
    /// * `predictions`: whether each was predicted to be a positive, shape `[n]`.
    ///
    /// Rows on which the model was trained make it look better than it is: have others.
    ///
    /// # Errors
    /// * [`ErrorKind::ShapeMismatch`]: the lengths differ.
    /// * [`ErrorKind::EmptySample`]: there is no row.
    /// * [`ErrorKind::NotFinite`], [`ErrorKind::OutOfRange`]: a value is no probability.
    /// * [`ErrorKind::OutOfRange`]: more than [`Sorted::MAX_LEN`] rows.
    ///
    /// # Numerics
    /// O(n log n); what is kept does not grow with `n`, but for the knots of the calibration.
    pub fn fit(
        labels: &[bool],
        probabilities: &[f64],
        predictions: &[bool],
    ) -> Result<Self, Error> {
        quality::check_pairs(labels.len(), predictions.len())?;
        let calibration = needs_calibration(labels, probabilities)?
            .then(|| Isotonic::fit(labels, probabilities))
            .transpose()?;
        let mut reference = ConfusionMatrix::try_new(2)?;
        for (label, prediction) in labels.iter().zip(predictions) {
            reference.record((*label).into(), (*prediction).into())?;
        }
        let ranking = Ranking::try_new(labels, probabilities)?;
        Ok(Self {
            calibration,
            reference,
            roc_auc: reference_scatter::of_roc_auc(&ranking),
            average_precision: reference_scatter::of_average_precision(&ranking),
        })
    }

    /// What the probabilities mean; `None` where they are taken at their word, for
    /// [`needs_calibration`] found no gain.
    #[must_use]
    pub const fn calibration(&self) -> Option<&Isotonic> {
        self.calibration.as_ref()
    }

    /// Estimates the figures of unlabelled predictions.
    ///
    /// # Arguments
    /// * `probabilities`: of being positive, as the model gave them, shape `[n]`, `n ≥ 1`, each in
    ///   `[0, 1]`.
    /// * `predictions`: whether each was predicted to be a positive, shape `[n]`.
    ///
    /// # Returns
    /// Each figure with its sampling error in a sample of `n` rows like the reference's:
    /// `σ / √(n · r)`, where `σ` is the deviation of the figure over the rows that it is about, and `r`
    /// their part of the reference. The area of a curve is of the raw probabilities.
    ///
    /// # Errors
    /// * [`ErrorKind::ShapeMismatch`]: the lengths differ.
    /// * [`ErrorKind::EmptySample`]: there is no row.
    /// * [`ErrorKind::NotFinite`], [`ErrorKind::OutOfRange`]: a value is no probability.
    /// * [`ErrorKind::OutOfRange`]: more than [`Sorted::MAX_LEN`] rows.
    ///
    /// # Numerics
    /// O(n log n), compensated sums. The counts below the curves are rounded to five decimals, as in the
    /// oracle.
    ///
    /// # References
    /// DIFFERENCE to the oracle: a figure without a value is none, where it says 0; the error of the ROC
    /// area is the mean over all orders of tied scores, which the oracle has in one order that depends on
    /// the processor (three of them differed by 0.2 % on 50,000 rows with 101 scores), and keeps a
    /// lowest row that the oracle drops; the error of average precision is by its influence function,
    /// where the oracle draws 50 samples without a seed.
    pub fn estimate(
        &self,
        probabilities: &[f64],
        predictions: &[bool],
    ) -> Result<Estimates, Error> {
        quality::check_pairs(predictions.len(), probabilities.len())?;
        if probabilities.len() as u64 > Sorted::MAX_LEN {
            return Err(Error::new(ErrorKind::OutOfRange, "the number of rows"));
        }
        self.of_rows(probabilities, predictions, repeat_n(1, predictions.len()))
    }

    /// Estimates the figures of unlabelled predictions that were counted by their probability, as a
    /// histogram has them.
    ///
    /// # Arguments
    /// * `probabilities`: of being positive, as the model gave them, shape `[k]`, each in `[0, 1]`.
    /// * `predictions`: whether each was predicted to be a positive, shape `[k]`.
    /// * `counts`: how many predictions were like that, shape `[k]`; in sum from 1 to 2⁵³.
    ///
    /// # Returns
    /// As [`Self::estimate`] of each prediction as often as it was counted. Where a bin of a histogram stands
    /// for all that fell into it, the figures are off by what the calibration changes within a bin.
    ///
    /// # Errors
    /// * [`ErrorKind::ShapeMismatch`]: the lengths differ.
    /// * [`ErrorKind::EmptySample`]: there is no prediction.
    /// * [`ErrorKind::NotFinite`], [`ErrorKind::OutOfRange`]: a value is no probability.
    /// * [`ErrorKind::OutOfRange`]: more than 2⁵³ predictions, or than [`Sorted::MAX_LEN`] counts.
    ///
    /// # Numerics
    /// O(k log k), whatever the counts are; compensated sums.
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::estimate::Cbpe;
    /// let labels = [true, true, false, false];
    /// let cbpe = Cbpe::fit(&labels, &[0.9, 0.6, 0.4, 0.1], &[true, true, false, false])?;
    /// let estimates = cbpe.estimate_counted(&[0.8, 0.1], &[true, false], &[30, 10])?;
    /// assert_eq!((estimates.count, estimates.precision.unwrap().value), (40, 0.8));
    /// assert!((estimates.accuracy.unwrap().value - (24.0 + 9.0) / 40.0).abs() < 1e-15);
    /// # Ok::<(), tidegate_stats::Error>(())
    /// ```
    ///
    /// # References
    /// As [`Self::estimate`]. Oracle: NannyML on the rows themselves.
    pub fn estimate_counted(
        &self,
        probabilities: &[f64],
        predictions: &[bool],
        counts: &[u64],
    ) -> Result<Estimates, Error> {
        quality::check_pairs(predictions.len(), probabilities.len())?;
        quality::check_pairs(predictions.len(), counts.len())?;
        let total = counts.iter().fold(0_u64, |sum, count| sum.saturating_add(*count));
        if total == 0 {
            return Err(Error::new(ErrorKind::EmptySample, "the list of counts"));
        }
        if total > MAX_COUNT || probabilities.len() as u64 > Sorted::MAX_LEN {
            return Err(Error::new(ErrorKind::OutOfRange, "the number of rows"));
        }
        self.of_rows(probabilities, predictions, counts.iter().copied())
    }

    /// The estimates of rows that are each there so often.
    fn of_rows(
        &self,
        probabilities: &[f64],
        predictions: &[bool],
        counts: impl Iterator<Item = u64>,
    ) -> Result<Estimates, Error> {
        let mut rows = Vec::with_capacity(probabilities.len());
        let mut chances = Vec::with_capacity(probabilities.len());
        for ((p, prediction), count) in probabilities.iter().zip(predictions).zip(counts) {
            let p = quality::check_probability(*p)? + 0.0;
            if count > 0 {
                let chance = self.calibration.as_ref().map_or(p, |curve| curve.calibrate(p));
                rows.push((p, chance, count));
                chances.push(([1.0 - chance, chance], u32::from(*prediction), count));
            }
        }
        let with_predictions = chances
            .iter()
            .map(|(chances, predicted, count)| (chances.as_slice(), *predicted, *count));
        let confusion = ExpectedConfusion::of_rows(&self.reference, with_predictions);
        let count = rows.iter().map(|(.., count)| count).sum::<u64>();
        let areas = expected_areas(rows);

        let n = count as f64;
        let with_error = |value: Option<f64>, variance: Option<f64>| {
            let error = variance.map(|variance| num::sqrt(variance / n));
            value.map(|value| Estimated::new(value, error, SHARE))
        };
        let counts = reference_counts(&self.reference, 1);
        let right = counts.true_positives + counts.true_negatives;
        let [tp, fp, fn_, tn] = confusion.one_against_rest(1);
        let of = |figure: fn(&Counts) -> Option<f64>| figure(&counts);
        Ok(Estimates {
            count,
            roc_auc: with_error(areas.roc_auc, self.roc_auc),
            average_precision: with_error(areas.average_precision, self.average_precision),
            f1: with_error(share(tp, 0.5 * (fp + fn_)), of(Counts::f1)),
            precision: with_error(share(tp, fp), of(Counts::precision)),
            recall: with_error(share(tp, fn_), of(Counts::recall)),
            specificity: with_error(share(tn, fp), of(Counts::specificity)),
            accuracy: with_error(
                share(tp + tn, fp + fn_),
                reference_scatter::of_share(right, self.reference.total()),
            ),
            confusion,
        })
    }
}

/// The part of one amount in the sum of two, none of which is negative.
pub(super) fn share(part: f64, rest: f64) -> Option<f64> {
    let whole = part + rest;
    (whole > 0.0).then(|| (part / whole).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::estimate::CellScale;

    /// Half of the rows wrongly certain: labels by chance, probabilities twice what they should be.
    fn miscalibrated() -> (Vec<bool>, Vec<f64>, Vec<bool>) {
        let labels: Vec<bool> = (0..400).map(|row| row * 7 % 20 < row / 40).collect();
        let p: Vec<f64> = (0..400).map(|row| f64::from(row / 40) / 10.0).collect();
        let predictions = p.iter().map(|p| *p >= 0.5).collect();
        (labels, p, predictions)
    }

    #[test]
    fn calibration_is_learned_where_it_helps() {
        let (labels, p, predictions) = miscalibrated();
        let cbpe = Cbpe::fit(&labels, &p, &predictions).unwrap();
        assert!(cbpe.calibration().is_some());
        // On the reference itself the expectation is what happened.
        let estimates = cbpe.estimate(&p, &predictions).unwrap();
        let matrix = ConfusionMatrix::of_predictions(
            2,
            &labels.iter().map(|label| u32::from(*label)).collect::<Vec<_>>(),
            &predictions.iter().map(|label| u32::from(*label)).collect::<Vec<_>>(),
        )
        .unwrap();
        for (expected, counted) in estimates.confusion.cells().iter().zip(matrix.counts()) {
            assert!((expected - *counted as f64).abs() < 1e-9, "{expected} {counted}");
        }
        let precision = estimates.precision.unwrap();
        assert!((precision.value - matrix.precision(1).unwrap()).abs() < 1e-12);
        let interval = precision.interval.unwrap();
        assert!(interval.lower < precision.value && precision.value < interval.upper);
    }

    #[test]
    fn what_has_no_value_is_none() {
        let cbpe = Cbpe::fit(&[true, false], &[0.9, 0.1], &[false, false]).unwrap();
        let estimates = cbpe.estimate(&[0.0, 0.0], &[false, false]).unwrap();
        assert_eq!((estimates.recall, estimates.precision, estimates.f1), (None, None, None));
        assert_eq!((estimates.roc_auc, estimates.average_precision), (None, None));
        assert_eq!(estimates.specificity.unwrap().value, 1.0);
        // The reference has no prediction of a positive, so it does not say how precision scatters.
        let estimates = cbpe.estimate(&[0.8], &[true]).unwrap();
        let precision = estimates.precision.unwrap();
        assert_eq!((precision.value, precision.sampling_error), (0.8, None));
        assert_eq!(estimates.confusion.cell(1, 1, CellScale::Predicted).unwrap().interval, None);
        assert_eq!(estimates.confusion.cell(0, 0, CellScale::Predicted), None);
        assert_eq!(estimates.confusion.cell(2, 0, CellScale::Count), None);
    }

    #[test]
    fn values_are_checked() {
        let cbpe = Cbpe::fit(&[true, false], &[0.9, 0.1], &[true, false]).unwrap();
        let confusion = cbpe.estimate(&[0.8], &[true]).unwrap().confusion;
        let kind = |values: &[f64]| {
            let error = confusion.business_value(values).unwrap_err();
            assert_eq!(confusion.business_value_per_prediction(values).unwrap_err(), error);
            error.kind()
        };
        assert_eq!(kind(&[1.0]), ErrorKind::ShapeMismatch);
        assert_eq!(kind(&[f64::NAN; 4]), ErrorKind::NotFinite);
        assert_eq!(kind(&[1e308, -1e308, 1e308, -1e308]), ErrorKind::OutOfRange);
    }

    #[test]
    fn refuses_what_is_no_prediction() {
        let kind = |labels: &[bool], p: &[f64], predictions: &[bool]| {
            Cbpe::fit(labels, p, predictions).unwrap_err().kind()
        };
        assert_eq!(kind(&[], &[], &[]), ErrorKind::EmptySample);
        assert_eq!(kind(&[true], &[0.5], &[]), ErrorKind::ShapeMismatch);
        assert_eq!(kind(&[true], &[], &[true]), ErrorKind::ShapeMismatch);
        assert_eq!(kind(&[true], &[1.5], &[true]), ErrorKind::OutOfRange);
        let cbpe = Cbpe::fit(&[true], &[0.5], &[true]).unwrap();
        let kind =
            |p: &[f64], predictions: &[bool]| cbpe.estimate(p, predictions).unwrap_err().kind();
        assert_eq!(kind(&[], &[]), ErrorKind::EmptySample);
        assert_eq!(kind(&[0.5], &[]), ErrorKind::ShapeMismatch);
        assert_eq!(kind(&[f64::NAN], &[true]), ErrorKind::NotFinite);
    }
}
