use serde::{Deserialize, Serialize};
use tidegate_stats::experiment::SampleSummary;
use tidegate_stats::num;

/// Millionths in one.
const MILLIONTHS: f64 = 1e6;
/// No value is further from 0.
const MOST: f64 = 1e12;
/// Of the normal distribution: 95 % lie so many deviations around its mean.
const DEVIATIONS: f64 = 1.959_963_984_540_054;

/// Values as their count, their sum and the sum of their squares, exact in any order: each is rounded to a millionth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sums {
    count: u64,
    millionths: i128,
    /// In millionths of millionths; at its end once it can hold no more.
    squares: u128,
}

impl Sums {
    /// Counts a value; `false` if it is no number within 10¹² of 0.
    ///
    /// ```
    /// use tidegate_core::business::Sums;
    /// let mut sums = Sums::default();
    /// assert!(sums.record(12.5) && sums.record(-2.5) && !sums.record(1e13));
    /// assert_eq!((sums.count(), sums.sum(), sums.mean()), (2, 10.0, Some(5.0)));
    /// ```
    pub fn record(&mut self, value: f64) -> bool {
        if !(-MOST..=MOST).contains(&value) {
            return false;
        }
        let millionths = num::round_ties_even(value * MILLIONTHS) as i128;
        let square = millionths.unsigned_abs().saturating_mul(millionths.unsigned_abs());
        self.merge(&Self { count: 1, millionths, squares: square });
        true
    }

    /// Adds the values of `other`.
    pub fn merge(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
        self.millionths = self.millionths.saturating_add(other.millionths);
        self.squares = self.squares.saturating_add(other.squares);
    }

    /// Number of values.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Their sum.
    #[must_use]
    pub fn sum(&self) -> f64 {
        self.millionths as f64 / MILLIONTHS
    }

    /// Their mean; `None` without one.
    #[must_use]
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum() / self.count as f64)
    }

    /// Where the mean of all such values lies with a confidence of 95 %; `None` below two values, and of values too
    /// large to be squared.
    #[must_use]
    pub fn interval(&self) -> Option<[f64; 2]> {
        let SampleSummary { mean, variance, .. } = self.summary()?;
        let reach = DEVIATIONS * num::sqrt(variance / self.count as f64);
        Some([mean - reach, mean + reach])
    }

    /// Their count, mean and variance, where they have an [interval](Self::interval).
    #[must_use]
    pub fn summary(&self) -> Option<SampleSummary> {
        let mean = self.mean().filter(|_| self.count > 1 && self.squares < u128::MAX)?;
        let count = i128::from(self.count);
        // n Σx² − (Σx)² is 0 or more, and exact where it fits; each value is far below its bound as a rule.
        let squares = self.squares.checked_mul(u128::from(self.count));
        let square = self.millionths.unsigned_abs().checked_mul(self.millionths.unsigned_abs());
        let scatter = match squares.zip(square) {
            Some((squares, square)) => squares.saturating_sub(square) as f64 / count as f64,
            None => (self.squares as f64 - mean * mean * MILLIONTHS * MILLIONTHS * count as f64)
                .max(0.0),
        };
        let variance = scatter / (MILLIONTHS * MILLIONTHS) / (self.count - 1) as f64;
        Some(SampleSummary { count: self.count, mean, variance })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[f64]) -> Sums {
        let mut sums = Sums::default();
        values.iter().for_each(|value| assert!(sums.record(*value)));
        sums
    }

    #[test]
    fn the_order_does_not_matter_and_cancelled_values_leave_nothing() {
        assert_eq!(of(&[1e12, 0.1, -1e12]), of(&[0.1, -1e12, 1e12]));
        assert_eq!(of(&[1e12, 0.1, -1e12]).sum(), 0.1);
        let mut merged = of(&[1.0, 2.5]);
        merged.merge(&of(&[-4.0]));
        assert_eq!(merged, of(&[-4.0, 2.5, 1.0]));
    }

    #[test]
    fn the_interval_is_that_of_the_mean() {
        // By hand: mean 2, variance 5/3, so 2 ± 1.96 · √(5/12).
        let [lower, upper] = of(&[0.5, 1.5, 2.5, 3.5]).interval().unwrap();
        assert!((lower - 0.734_845).abs() < 1e-5 && (upper - 3.265_154).abs() < 1e-5);
        assert_eq!(of(&[7.25; 5]).interval(), Some([7.25, 7.25]));
        assert_eq!((of(&[7.0]).interval(), of(&[]).interval(), of(&[]).mean()), (None, None, None));
    }

    #[test]
    fn what_is_no_value_is_told() {
        let mut sums = Sums::default();
        for value in [f64::NAN, f64::INFINITY, -1.1e12] {
            assert!(!sums.record(value));
        }
        assert_eq!(sums, Sums::default());
    }

    #[test]
    fn many_of_the_largest_have_no_interval_and_do_no_harm() {
        let mut sums = of(&[1e12, -1e12]);
        for _ in 0..200 {
            let same = sums;
            sums.merge(&same);
        }
        assert_eq!(sums.interval(), None);
        assert!(sums.sum().is_finite() && sums.mean().unwrap().is_finite());
    }
}
