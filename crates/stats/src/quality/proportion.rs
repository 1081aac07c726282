use super::ranking::checked_alpha;
use crate::{Error, ErrorKind, Interval, num, special};

/// Wilson's score interval of a proportion, such as an accuracy, a precision or a recall.
///
/// With `p = successes / trials`, `n = trials` and `z` the normal point of `alpha / 2`:
/// `(p + z²/2n ± z √(p(1−p)/n + z²/4n²)) / (1 + z²/n)`.
///
/// # Arguments
/// * `successes`: `≤ trials`.
/// * `trials`: `≥ 1`.
/// * `alpha`: the accepted probability that the proportion is outside, in `(0, 1)`.
///
/// # Returns
/// Bounds in `[0, 1]`, on either side of the share. Unlike the textbook's `p ± z √(p(1−p)/n)` it keeps its level for few trials
/// and has a width when none, or all, succeed.
///
/// # Errors
/// * [`ErrorKind::EmptySample`]: there is no trial.
/// * [`ErrorKind::OutOfRange`]: more successes than trials, or `alpha` is no probability.
///
/// # Numerics
/// O(1). Neither bound is formed by a subtraction.
///
/// # Examples
/// ```
/// use tidegate_stats::quality::wilson_interval;
/// let interval = wilson_interval(8, 10, 0.05)?;
/// assert!((interval.lower - 0.4902).abs() < 5e-5 && (interval.upper - 0.9433).abs() < 5e-5);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Wilson (1927), <https://doi.org/10.1080/01621459.1927.10502953>; Brown, Cai & DasGupta (2001),
/// <https://doi.org/10.1214/ss/1009213286>, for its level. Oracle:
/// `scipy.stats.binomtest(successes, trials).proportion_ci(method="wilson")`.
pub fn wilson_interval(successes: u64, trials: u64, alpha: f64) -> Result<Interval, Error> {
    // The square of a normal variable is chi-square with one degree of freedom.
    let z_squared = special::chi_square_point(checked_alpha(alpha)?, 1.0)?;
    if trials == 0 {
        return Err(Error::new(ErrorKind::EmptySample, "the list of trials"));
    }
    let Some(failures) = trials.checked_sub(successes) else {
        return Err(Error::new(ErrorKind::OutOfRange, "the number of successes"));
    };
    let [s, f, n] = [successes, failures, trials].map(|count| count as f64);
    let root = num::sqrt(z_squared * (s * (f / n) + 0.25 * z_squared));
    let middle = s + 0.5 * z_squared;
    // The product of the two bounds is s²/(n (n + z²)).
    let lower = s * (s / n) / (middle + root);
    let upper = if failures == 0 { 1.0 } else { ((middle + root) / (n + z_squared)).min(1.0) };
    // Rounding must not push a bound past the share itself.
    Ok(Interval { lower: lower.min(s / n), upper: upper.max(s / n) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_and_all() {
        // z² = 3.841458820694124: the bound is z²/(n + z²).
        let none = wilson_interval(0, 10, 0.05).unwrap();
        assert_eq!(none.lower, 0.0);
        assert!((none.upper - 0.277_532_799_862_889).abs() < 1e-12, "{none:?}");
        let all = wilson_interval(10, 10, 0.05).unwrap();
        assert_eq!(all.upper, 1.0);
        assert!((all.lower - (1.0 - none.upper)).abs() < 1e-15);
        let huge = wilson_interval(u64::MAX / 2, u64::MAX, 0.05).unwrap();
        assert!(huge.lower < 0.5 && huge.upper > 0.5 && huge.upper - huge.lower < 1e-9);
    }

    #[test]
    fn refuses_what_is_no_proportion() {
        let kind = |s, n, alpha| wilson_interval(s, n, alpha).unwrap_err().kind();
        assert_eq!(kind(0, 0, 0.05), ErrorKind::EmptySample);
        assert_eq!(kind(2, 1, 0.05), ErrorKind::OutOfRange);
        assert_eq!(kind(1, 1, 0.0), ErrorKind::OutOfRange);
        assert_eq!(kind(1, 1, f64::NAN), ErrorKind::OutOfRange);
    }
}
