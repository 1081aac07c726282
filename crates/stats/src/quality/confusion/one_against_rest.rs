use alloc::{vec, vec::Vec};

use super::ConfusionMatrix;

/// The four counts of one class against all others.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct OneAgainstRest {
    true_positives: u64,
    false_positives: u64,
    false_negatives: u64,
    true_negatives: u64,
}

impl ConfusionMatrix {
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

    fn one_against_rest(&self, class: u32) -> OneAgainstRest {
        let class = class as usize;
        if class >= self.classes {
            return OneAgainstRest::default();
        }
        let predicted = self.counts.iter().skip(class).step_by(self.classes).sum();
        let right = self.counts.get(class * (self.classes + 1)).copied().unwrap_or(0);
        OneAgainstRest::new(right, self.support(class as u32), predicted, self.total)
    }

    pub(super) fn all_against_rest(&self) -> Vec<OneAgainstRest> {
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

    pub(super) const fn support(&self) -> u64 {
        self.true_positives + self.false_negatives
    }

    pub(super) const fn predictions(&self) -> u64 {
        self.true_positives + self.false_positives
    }

    pub(super) const fn is_seen(&self) -> bool {
        self.support() > 0 || self.predictions() > 0
    }

    pub(super) fn precision(&self) -> Option<f64> {
        ratio(self.true_positives, self.predictions())
    }

    pub(super) fn recall(&self) -> Option<f64> {
        ratio(self.true_positives, self.support())
    }

    pub(super) fn f_beta(&self, beta: f64) -> Option<f64> {
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
pub(super) fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
