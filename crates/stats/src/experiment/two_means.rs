//! Two means.

use super::summary::{Comparison, Contrast, SampleSummary, checked_alpha};
use crate::{Error, special};

/// Compares two means by Welch's t-test, which does not take the variances to be equal.
///
/// `t = (b − a) / √(s²ₐ/n + s²ᵦ/m)` for means `a` of `n` and `b` of `m` observations, against
/// Student's distribution with Welch and Satterthwaite's degrees of freedom,
/// `1 / (w²/(n−1) + (1−w)²/(m−1))`, where `w` is the reference's share of the squared error.
///
/// # Arguments
/// * `reference`, `current`: of at least two observations each, with finite mean and variance.
/// * `alpha`: one minus the confidence of the intervals, in `(0, 1)`.
///
/// # Returns
/// `p_value` is two-sided and about the difference. The interval of the lift is by the delta method,
/// with the same degrees of freedom, and wants a mean of the reference that is many of its standard
/// errors from 0.
///
/// # Errors
/// * [`crate::ErrorKind::EmptySample`]: a sample has no observation.
/// * [`crate::ErrorKind::ShapeMismatch`]: a sample has but one.
/// * [`crate::ErrorKind::NotFinite`]: a mean or a variance is not, or their quotient would not be.
/// * [`crate::ErrorKind::OutOfRange`]: a variance is negative, both are 0, or `alpha` is no
///   probability.
/// * [`crate::ErrorKind::NotConverged`]: see [`special::student_t_tail`].
///
/// # Numerics
/// O(1), no allocation. The p-value is accurate to 1e-12 relative down to 1e-300.
///
/// # Examples
/// ```
/// use tidegate_stats::experiment::{SampleSummary, two_means};
/// let reference = SampleSummary { count: 100, mean: 10.0, variance: 4.0 };
/// let current = SampleSummary { count: 100, mean: 11.0, variance: 4.0 };
/// let result = two_means(&reference, &current, 0.05)?;
/// // By hand: 1 / √0.08, with 198 degrees of freedom.
/// assert!((result.statistic - 3.5355339059327378).abs() < 1e-12);
/// assert!((result.df.unwrap() - 198.0).abs() < 1e-9);
/// assert!((result.lift.unwrap().value - 0.1).abs() < 1e-15);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Welch (1947), <https://doi.org/10.1093/biomet/34.1-2.28>. Oracles:
/// `scipy.stats.ttest_ind_from_stats(equal_var=False)`; for the lift GrowthBook's
/// `gbstats.frequentist.tests.TwoSidedTTest`, whose relative p-value, of `lift / its error`, is not
/// ours.
pub fn two_means(
    reference: &SampleSummary,
    current: &SampleSummary,
    alpha: f64,
) -> Result<Comparison, Error> {
    let alpha = checked_alpha(alpha)?;
    let contrast = Contrast::try_new(reference, current)?;
    let (a, b) = (reference.squared_error(), current.squared_error());
    let (own, other) = (a / (a + b), b / (a + b));
    let df = 1.0
        / (own * own / (reference.count - 1) as f64 + other * other / (current.count - 1) as f64);
    let statistic = contrast.statistic();
    let point = special::student_t_point(alpha / 2.0, df)?;
    Ok(Comparison {
        statistic,
        df: Some(df),
        p_value: (2.0 * special::student_t_tail(statistic.abs(), df)?).min(1.0),
        difference: contrast.difference(point)?,
        lift: contrast.lift(point),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFERENCE: SampleSummary = SampleSummary { count: 40, mean: 10.0, variance: 9.0 };

    #[test]
    fn an_interval_beyond_the_doubles_is_refused() {
        // One degree of freedom: the point of 1e-300 is 3e299 standard errors away.
        let [one, other] =
            [1e20, 0.0].map(|variance| SampleSummary { count: 2, mean: 1.0, variance });
        let error = two_means(&one, &other, 1e-300).unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::NotFinite);
        assert!(two_means(&one, &other, 1e-30).unwrap().difference.interval.upper.is_finite());
    }

    #[test]
    fn equal_means_are_no_evidence() {
        let result = two_means(&REFERENCE, &REFERENCE, 0.05).unwrap();
        assert_eq!((result.statistic, result.p_value), (0.0, 1.0));
        assert_eq!(result.difference.interval.lower, -result.difference.interval.upper);
    }

    #[test]
    fn the_interval_of_the_difference_agrees_with_the_test() {
        let current = SampleSummary { count: 60, mean: 11.3, variance: 16.0 };
        let p_value = two_means(&REFERENCE, &current, 0.05).unwrap().p_value;
        let just = two_means(&REFERENCE, &current, p_value).unwrap().difference.interval;
        assert!(just.lower.abs() < 1e-12, "{just:?}");
    }

    #[test]
    fn a_constant_side_leaves_the_freedom_to_the_other() {
        let constant = SampleSummary { count: 1000, mean: 10.0, variance: 0.0 };
        let result = two_means(&REFERENCE, &constant, 0.05).unwrap();
        assert!((result.df.unwrap() - 39.0).abs() < 1e-12);
    }

    #[test]
    fn a_reference_mean_of_zero_has_no_lift() {
        let reference = SampleSummary { mean: 0.0, ..REFERENCE };
        assert_eq!(two_means(&reference, &REFERENCE, 0.05).unwrap().lift, None);
    }
}
