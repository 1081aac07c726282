use alloc::{vec, vec::Vec};

use super::{
    Estimated, Estimates, ExpectedConfusion, Isotonic, SHARE,
    binary::share,
    expected_areas::{ExpectedAreas, expected_areas},
    expected_confusion::reference_counts,
    needs_calibration,
    reference_scatter::{self, Counts},
};
use crate::{
    Error, num,
    quality::{self, ConfusionMatrix, Ranking},
};

/// How much wider the oracle makes the error of the ROC area of many classes, whose areas hang together.
const ROC_AUC_CORRECTION: f64 = 1.2;

/// Confidence-based performance estimation (CBPE) of a model of many classes.
///
/// Each class has its own calibration, against the rest, where that helps; then each row is divided by
/// its sum. A row that calibrates to zeros only is taken for `1/k` each. With `pᵢₖ` these chances, the
/// expected number of rows of class `k` that were predicted to be `j` is `Σ pᵢₖ` over `ŷᵢ = j`. Figures are
/// those of each class against the rest, as [`super::Cbpe`] has them, and then their mean.
///
/// # Examples
/// ```
/// use tidegate_stats::estimate::CbpeOfClasses;
/// let p = [0.8, 0.1, 0.1, 0.2, 0.6, 0.2, 0.1, 0.1, 0.8];
/// let cbpe = CbpeOfClasses::fit(&[0, 1, 2], &p, &[0, 1, 2], 3)?;
/// let estimates = cbpe.estimate(&p, &[0, 1, 2])?;
/// assert!((estimates.accuracy.unwrap().value - (0.8 + 0.6 + 0.8) / 3.0).abs() < 1e-15);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Oracle: `nannyml.CBPE(problem_type="classification_multiclass")`, of three classes and more.
#[derive(Debug, Clone, PartialEq)]
pub struct CbpeOfClasses {
    calibrations: Vec<Option<Isotonic>>,
    reference: ConfusionMatrix,
    /// Variances in a sample of one row, of each class.
    roc_auc: Vec<Option<f64>>,
    average_precision: Vec<Option<f64>>,
}

impl CbpeOfClasses {
    /// Learns from labelled rows what the probabilities mean and how much the figures scatter.
    ///
    /// # Arguments
    /// * `labels`: the actual classes, shape `[n]`, `n ≥ 1`, each below `classes`.
    /// * `probabilities`: as the model gave them, shape `[n, classes]`, row by row, each in `[0, 1]`.
    /// * `predictions`: the predicted classes, shape `[n]`, each below `classes`.
    /// * `classes`: in `2..=`[`ConfusionMatrix::MAX_CLASSES`]; memory grows with its square.
    ///
    /// # Errors
    /// * [`crate::ErrorKind::ShapeMismatch`]: there are not `n · classes` probabilities, or `n`
    ///   predictions.
    /// * [`crate::ErrorKind::EmptySample`]: there is no row.
    /// * [`crate::ErrorKind::NotFinite`], [`crate::ErrorKind::OutOfRange`]: a value is no probability.
    /// * [`crate::ErrorKind::OutOfRange`]: a label or a prediction is no class, `classes` is not
    ///   allowed, or there are more than [`crate::Sorted::MAX_LEN`] rows.
    ///
    /// # Numerics
    /// O(k n log n); one class is held at a time.
    pub fn fit(
        labels: &[u32],
        probabilities: &[f64],
        predictions: &[u32],
        classes: usize,
    ) -> Result<Self, Error> {
        quality::check_table(labels, probabilities, classes)?;
        let reference = ConfusionMatrix::of_predictions(classes, labels, predictions)?;
        let mut fitted = Self {
            calibrations: Vec::with_capacity(classes),
            reference,
            roc_auc: Vec::with_capacity(classes),
            average_precision: Vec::with_capacity(classes),
        };
        for class in 0..classes {
            let of_class: Vec<bool> = labels.iter().map(|label| *label as usize == class).collect();
            let p = column(probabilities, classes, class);
            let calibration = needs_calibration(&of_class, &p)?
                .then(|| Isotonic::fit(&of_class, &p))
                .transpose()?;
            let ranking = Ranking::try_new(&of_class, &p)?;
            fitted.calibrations.push(calibration);
            fitted.roc_auc.push(reference_scatter::of_roc_auc(&ranking));
            fitted.average_precision.push(reference_scatter::of_average_precision(&ranking));
        }
        Ok(fitted)
    }

    /// What the probabilities of a class mean, before a row is divided by its sum; `None` where they are
    /// taken at their word, or there is no such class.
    #[must_use]
    pub fn calibration(&self, class: u32) -> Option<&Isotonic> {
        self.calibrations.get(class as usize)?.as_ref()
    }

    /// Estimates the figures of unlabelled predictions.
    ///
    /// # Arguments
    /// * `probabilities`: as the model gave them, shape `[n, classes]`, row by row, each in `[0, 1]`.
    /// * `predictions`: the predicted classes, shape `[n]`, `n ≥ 1`.
    ///
    /// # Returns
    /// Means over the classes. One without a value adds 0 to those of F1, precision, recall and
    /// specificity, as in the oracle; an area without a value leaves the mean without one.
    ///
    /// # Errors
    /// As [`Self::fit`].
    ///
    /// # Numerics
    /// O(k n log n), compensated sums.
    ///
    /// # References
    /// The sampling error of a mean is `√(Σ σₖ² / (n rₖ)) / k`, as of independent classes; times 1.2 for the
    /// ROC area, and for average precision, where the oracle has another, `√(mean σₖ² / n)`. DIFFERENCE:
    /// as [`super::Cbpe::estimate`]; and tied probabilities of a class share their chances, where the
    /// oracle has them in an order that depends on the processor.
    pub fn estimate(&self, probabilities: &[f64], predictions: &[u32]) -> Result<Estimates, Error> {
        let classes = self.reference.classes();
        quality::check_table(predictions, probabilities, classes)?;
        let chances = self.chances(probabilities);
        let rows = chances.chunks_exact(classes).zip(predictions);
        let rows = rows.map(|(chances, predicted)| (chances, *predicted, 1));
        let confusion = ExpectedConfusion::of_rows(&self.reference, rows);
        let areas: Vec<ExpectedAreas> = (0..classes)
            .map(|class| {
                let raw = column(probabilities, classes, class).into_iter().map(|p| p + 0.0);
                let chances = column(&chances, classes, class);
                expected_areas(raw.zip(chances).map(|(p, chance)| (p, chance, 1)).collect())
            })
            .collect();

        let n = predictions.len() as f64;
        let k = classes as f64;
        let counts: Vec<Counts> =
            (0..classes).map(|class| reference_counts(&self.reference, class)).collect();
        let expected: Vec<[f64; 4]> =
            (0..classes).map(|class| confusion.one_against_rest(class)).collect();
        let sum_of = |variances: &mut dyn Iterator<Item = Option<f64>>| -> Option<f64> {
            let sum = variances.collect::<Option<num::Sum>>()?;
            Some(sum.value() / n)
        };
        let mean_share = |figure: fn(&[f64; 4]) -> Option<f64>, of: fn(&Counts) -> Option<f64>| {
            let sum: num::Sum = expected.iter().map(|of| figure(of).unwrap_or(0.0)).collect();
            let error = sum_of(&mut counts.iter().map(of)).map(|sum| num::sqrt(sum) / k);
            Some(Estimated::new(sum.value() / k, error, SHARE))
        };
        let mean_area = |area: fn(&ExpectedAreas) -> Option<f64>, error: Option<f64>| {
            let sum = areas.iter().map(area).collect::<Option<num::Sum>>()?;
            Some(Estimated::new(sum.value() / k, error, SHARE))
        };
        let of_roc_auc = sum_of(&mut self.roc_auc.iter().copied())
            .map(|sum| num::sqrt(sum) / k * ROC_AUC_CORRECTION);
        let of_average_precision =
            sum_of(&mut self.average_precision.iter().copied()).map(|sum| num::sqrt(sum / k));
        let right: num::Sum = confusion.cells().iter().step_by(classes + 1).copied().collect();
        let of_accuracy =
            reference_scatter::of_share(self.reference.right(), self.reference.total());
        Ok(Estimates {
            count: predictions.len() as u64,
            roc_auc: mean_area(|of| of.roc_auc, of_roc_auc),
            average_precision: mean_area(|of| of.average_precision, of_average_precision),
            f1: mean_share(|[tp, fp, fn_, _]| share(*tp, 0.5 * (fp + fn_)), Counts::jaccard),
            precision: mean_share(|[tp, fp, ..]| share(*tp, *fp), Counts::precision),
            recall: mean_share(|[tp, _, fn_, _]| share(*tp, *fn_), Counts::recall),
            specificity: mean_share(|[_, fp, _, tn]| share(*tn, *fp), Counts::specificity),
            accuracy: Some(Estimated::new(
                (right.value() / n).min(1.0),
                of_accuracy.map(|variance| num::sqrt(variance / n)),
                SHARE,
            )),
            confusion,
        })
    }

    /// Calibrated probabilities, row by row, each row divided by its sum.
    fn chances(&self, probabilities: &[f64]) -> Vec<f64> {
        let classes = self.reference.classes();
        let mut chances = vec![0.0; probabilities.len()];
        for (to, from) in chances.chunks_exact_mut(classes).zip(probabilities.chunks_exact(classes))
        {
            for ((to, from), calibration) in to.iter_mut().zip(from).zip(&self.calibrations) {
                *to = calibration.as_ref().map_or(*from + 0.0, |curve| curve.calibrate(*from));
            }
            let sum: f64 = to.iter().sum();
            for chance in to {
                *chance = if sum > 0.0 { (*chance / sum).min(1.0) } else { 1.0 / classes as f64 };
            }
        }
        chances
    }
}

fn column(rows: &[f64], classes: usize, class: usize) -> Vec<f64> {
    rows.iter().skip(class).step_by(classes).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ErrorKind,
        estimate::{Cbpe, CellScale},
    };

    #[test]
    fn two_classes_are_a_mean_of_both_sides() {
        let (labels, p) = ([true, false, true, false], [0.75, 0.25, 0.5, 0.5]);
        let predictions = [true, false, true, true];
        let two = Cbpe::fit(&labels, &p, &predictions).unwrap();
        let table: Vec<f64> = p.iter().flat_map(|p| [1.0 - p, *p]).collect();
        let classes = |of: &[bool]| of.iter().map(|label| u32::from(*label)).collect::<Vec<_>>();
        let many =
            CbpeOfClasses::fit(&classes(&labels), &table, &classes(&predictions), 2).unwrap();
        let one = two.estimate(&p, &predictions).unwrap();
        let other = many.estimate(&table, &classes(&predictions)).unwrap();
        assert_eq!(one.accuracy, other.accuracy);
        assert_eq!(one.confusion.cells(), other.confusion.cells());
        let balanced = 0.5 * (one.recall.unwrap().value + one.specificity.unwrap().value);
        assert!((other.recall.unwrap().value - balanced).abs() < 1e-15);
        let area = other.roc_auc.unwrap().value;
        assert!((area - one.roc_auc.unwrap().value).abs() < 1e-15);
    }

    #[test]
    fn rows_of_zeros_say_nothing() {
        let p = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0];
        let cbpe = CbpeOfClasses::fit(&[0, 1, 2], &p, &[0, 1, 2], 3).unwrap();
        let estimates = cbpe.estimate(&[0.0; 3], &[1]).unwrap();
        assert!((estimates.accuracy.unwrap().value - 1.0 / 3.0).abs() < 1e-15);
        let cell = estimates.confusion.cell(2, 1, CellScale::Predicted).unwrap();
        assert!((cell.value - 1.0 / 3.0).abs() < 1e-15);
    }

    #[test]
    fn refuses_what_is_no_table() {
        let kind = |labels: &[u32], p: &[f64], predictions: &[u32], classes| {
            CbpeOfClasses::fit(labels, p, predictions, classes).unwrap_err().kind()
        };
        assert_eq!(kind(&[], &[], &[], 3), ErrorKind::EmptySample);
        assert_eq!(kind(&[0], &[0.5; 2], &[0], 3), ErrorKind::ShapeMismatch);
        assert_eq!(kind(&[0], &[0.5; 2], &[], 2), ErrorKind::ShapeMismatch);
        assert_eq!(kind(&[0], &[0.5; 2], &[2], 2), ErrorKind::OutOfRange);
        assert_eq!(kind(&[0], &[0.5, f64::NAN], &[1], 2), ErrorKind::NotFinite);
        assert_eq!(kind(&[0], &[0.5; 1025], &[1], 1025), ErrorKind::OutOfRange);
        let cbpe = CbpeOfClasses::fit(&[0], &[0.5; 2], &[1], 2).unwrap();
        assert_eq!(cbpe.estimate(&[0.5; 2], &[2]).unwrap_err().kind(), ErrorKind::OutOfRange);
        assert_eq!(cbpe.estimate(&[], &[]).unwrap_err().kind(), ErrorKind::EmptySample);
        assert_eq!((cbpe.calibration(0), cbpe.calibration(7)), (None, None));
    }
}
