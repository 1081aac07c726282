use super::ConfusionMatrix;
use crate::num;

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

impl ConfusionMatrix {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

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
}
