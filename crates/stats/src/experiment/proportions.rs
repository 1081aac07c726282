//! Two conversion rates.

use super::summary::{Comparison, Estimate, Proportion, SampleSummary, checked_alpha, lift};
use crate::{Error, num, quality::wilson_interval, special};

/// Compares two proportions by the pooled z-test.
///
/// With shares `p` of `n` and `q` of `m`, and `s` the share of both together:
/// `z = (q − p) / √(s (1 − s) (1/n + 1/m))`.
///
/// # Arguments
/// * `reference`, `current`: successes among trials.
/// * `alpha`: one minus the confidence of the intervals, in `(0, 1)`.
///
/// # Returns
/// `p_value` is two-sided, by the normal distribution; 1 where nobody or everybody succeeded. The
/// interval of the difference is Newcombe's, of two Wilson intervals: it stays inside `[−1, 1]` and
/// keeps its coverage at small counts. That of the lift is by the delta method with normal quantiles,
/// and wants ten successes a side. An interval does not pool the shares, so near `alpha` it may hold 0
/// where the test rejects, and the other way round.
///
/// # Errors
/// * [`crate::ErrorKind::EmptySample`]: a side has no trial.
/// * [`crate::ErrorKind::OutOfRange`]: more successes than trials, or `alpha` is no probability.
///
/// # Numerics
/// O(1), no allocation. The p-value is accurate to 1e-12 relative down to 1e-300.
///
/// # Examples
/// ```
/// use tidegate_stats::experiment::{Proportion, two_proportions};
/// let reference = Proportion { successes: 100, trials: 1000 };
/// let current = Proportion { successes: 150, trials: 1000 };
/// let result = two_proportions(reference, current, 0.05)?;
/// // By hand: 0.05 / √(0.125 · 0.875 · 0.002).
/// assert!((result.statistic - 3.380617018914066).abs() < 1e-12);
/// assert!((result.lift.unwrap().value - 0.5).abs() < 1e-15);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Newcombe (1998), "Interval estimation for the difference between independent proportions",
/// Statistics in Medicine 17, 873-890, method 10. Oracles: `statsmodels.stats.proportion.proportions_ztest` and
/// `confint_proportions_2indep(method="newcomb")`. GrowthBook treats a rate as a mean: for its
/// numbers give [`super::two_means`] the summaries of the two.
pub fn two_proportions(
    reference: Proportion,
    current: Proportion,
    alpha: f64,
) -> Result<Comparison, Error> {
    let alpha = checked_alpha(alpha)?;
    let (p, q) = (reference.share()?, current.share()?);
    let (n, m) = (reference.trials as f64, current.trials as f64);
    let point = special::normal_point(alpha / 2.0)?;

    let successes = reference.successes as f64 + current.successes as f64;
    let failures = (reference.trials - reference.successes) as f64
        + (current.trials - current.successes) as f64;
    let pooled = (successes / (n + m)) * (failures / (n + m)) * (1.0 / n + 1.0 / m);
    let difference = q - p;
    let statistic = if pooled > 0.0 { difference / num::sqrt(pooled) } else { 0.0 };

    let p_within = wilson_interval(reference.successes, reference.trials, alpha)?;
    let q_within = wilson_interval(current.successes, current.trials, alpha)?;
    let hypotenuse = |a: f64, b: f64| num::sqrt(a * a + b * b);
    let lower = difference - hypotenuse(q - q_within.lower, p_within.upper - p);
    let upper = difference + hypotenuse(q_within.upper - q, p - p_within.lower);
    let [reference, current] = [reference, current].map(SampleSummary::from);
    Ok(Comparison {
        statistic,
        df: None,
        p_value: (2.0 * special::normal_tail(statistic.abs())).min(1.0),
        difference: Estimate { value: difference, interval: [lower, upper].into() },
        lift: lift([&reference, &current], point),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn compare(reference: [u64; 2], current: [u64; 2]) -> Comparison {
        let [a, b] =
            [reference, current].map(|[successes, trials]| Proportion { successes, trials });
        two_proportions(a, b, 0.05).unwrap()
    }

    #[test]
    fn the_square_of_z_is_pearsons_statistic() {
        let z = compare([100, 1000], [150, 800]).statistic;
        let test = crate::chi_square::contingency(&[100, 900], &[150, 650]).unwrap();
        assert!((z * z - test.statistic).abs() < 1e-12);
    }

    #[test]
    fn nobody_and_everybody() {
        for side in [[0, 10], [10, 10]] {
            let result = compare(side, side);
            assert_eq!((result.statistic, result.p_value), (0.0, 1.0));
            assert!(
                result.difference.interval.lower < 0.0 && result.difference.interval.upper > 0.0
            );
            assert_eq!(result.lift, None);
        }
        let result = compare([0, u64::MAX], [u64::MAX, u64::MAX]);
        assert_eq!((result.difference.value, result.p_value), (1.0, 0.0));
        assert!(result.statistic.is_finite());
        assert_eq!(compare([0, 5], [3, 5]).lift, None, "no lift over nothing");
        assert_eq!(compare([3, 5], [0, 5]).lift, None, "the delta method knows no width");
    }

    #[test]
    fn senseless_counts_are_refused() {
        let good = Proportion { successes: 1, trials: 2 };
        for (bad, kind) in [
            (Proportion { successes: 0, trials: 0 }, ErrorKind::EmptySample),
            (Proportion { successes: 3, trials: 2 }, ErrorKind::OutOfRange),
        ] {
            assert_eq!(two_proportions(good, bad, 0.05).unwrap_err().kind(), kind);
            assert_eq!(two_proportions(bad, good, 0.05).unwrap_err().kind(), kind);
        }
        for alpha in [0.0, 1.0, f64::NAN] {
            let error = two_proportions(good, good, alpha).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::OutOfRange);
        }
    }
}
