use super::{ConfusionMatrix, one_against_rest::OneAgainstRest};
use crate::num;

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

impl ConfusionMatrix {
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
    /// Oracle: `sklearn.metrics.precision_recall_fscore_support(zero_division=0)`, for `Skipped`
    /// `zero_division=nan`. DIFFERENCE: a weighted average where all classes that occur have no figure is
    /// `None`; the oracle gives that of the classes that do not occur.
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
}
