use super::{Measured, Signal, SignalRule, checked_sizes, least, ln_all_in};
use crate::{Error, ErrorKind, num};

/// Whether more of the current values lie outside of the reference's smallest and largest than chance puts
/// there.
///
/// If both samples come from one distribution, the mass outside of the extremes of `n` values is
/// Beta(2, n − 1), whatever the distribution. So of `m` values the number `K` outside is beta-binomial:
/// with `N = n + m`,
/// `P(K ≥ k) = C(m, k) / C(N − 1, k) · (n (k + 1) + m − k) / N`, and `K / m` has the mean `2 / (n + 1)`.
///
/// # Arguments
/// * `reference_count`: values of the reference, `≥ 1`.
/// * `outside`: current values below its smallest, and above its largest.
/// * `current_count`: values of the current sample, `≥ 1` and no fewer than are outside.
/// * `rule`: alpha and the excess that matters.
///
/// # Returns
/// `p_value` is exact for continuous values; with ties at the extremes it is a bound from above.
/// `detectable_effect` is the excess of the fewest values outside that are significant, 1 where none are.
///
/// # Errors
/// * [`ErrorKind::EmptySample`]: a sample has no value.
/// * [`ErrorKind::OutOfRange`]: more values outside than there are, counts that sum to more than 2⁶⁴, or a
///   field of `rule` outside its range.
///
/// # Numerics
/// O(log m), no allocation: a quotient of binomial coefficients as in [`crate::fisher_exact::test`].
/// Relative error below 1e-11 down to 1e-300 for a billion values.
///
/// # Examples
/// ```
/// use tidegate_stats::signal::{SignalRule, out_of_range};
/// let signal = out_of_range(9, [1, 0], 1, &SignalRule::default())?;
/// // The newest of ten values is the smallest or the largest: two in ten.
/// assert!((signal.p_value - 0.2).abs() < 1e-15 && (signal.expected_share - 0.2).abs() < 1e-15);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Wilks (1941), "Determination of sample sizes for setting tolerance limits", Annals of Mathematical
/// Statistics 12, <https://doi.org/10.1214/aoms/1177731788>. Oracle: `scipy.stats.betabinom.sf(k - 1, m, 2, n - 1)`,
/// and mpmath.
pub fn out_of_range(
    reference_count: u64,
    outside: [u64; 2],
    current_count: u64,
    rule: &SignalRule,
) -> Result<Signal, Error> {
    let rule = rule.checked()?;
    let sizes = checked_sizes(reference_count, current_count)?;
    let count = outside[0].checked_add(outside[1]).filter(|count| *count <= current_count);
    let Some(count) = count else {
        return Err(Error::new(ErrorKind::OutOfRange, "the number of values outside"));
    };
    let ln_alpha = num::ln(rule.alpha);
    let expected_share = 2.0 / (reference_count as f64 + 1.0);
    let share_of = |count: u64| count as f64 / current_count as f64;
    let excess = |count: u64| (share_of(count) - expected_share).max(0.0);
    let fewest = least(current_count, |count| ln_tail(count, sizes) <= ln_alpha);
    rule.conclude(&Measured {
        counts: [count, current_count],
        expected_share: expected_share.min(1.0),
        p_value: num::exp(ln_tail(count, sizes)).min(1.0),
        effect: excess(count),
        detectable_effect: fewest.map_or(1.0, excess),
    })
}

/// Logarithm of the probability of `count` values, or more, outside.
fn ln_tail(count: u64, [n, m]: [u64; 2]) -> f64 {
    let total = n as f64 + m as f64;
    let rest = n as f64 * (count as f64 + 1.0) + (m - count) as f64;
    ln_all_in(count, [m, n - 1]) + num::ln(rest / total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Verdict;

    fn of(n: u64, outside: [u64; 2], m: u64) -> Signal {
        out_of_range(n, outside, m, &SignalRule::default()).unwrap()
    }

    #[test]
    fn small_samples_by_hand() {
        // Of four ranks, the two of the reference: both current values are outside in 3 of 6 ways, namely
        // when the reference's are neighbours; one of them in 2.
        assert!((of(2, [2, 0], 2).p_value - 0.5).abs() < 1e-15);
        assert!((of(2, [0, 1], 2).p_value - 5.0 / 6.0).abs() < 1e-15);
        assert!((of(2, [0, 0], 2).p_value - 1.0).abs() < 1e-15);
        // A range of one value holds nothing else.
        assert!((of(1, [3, 4], 7).p_value - 1.0).abs() < 1e-14);
    }

    #[test]
    fn verdicts_know_the_sizes() {
        assert_eq!(of(1000, [0, 2], 1000).verdict, Verdict::NoDrift);
        assert_eq!(of(1000, [0, 50], 1000).verdict, Verdict::Drift);
        assert_eq!(of(20, [1, 1], 20).verdict, Verdict::InsufficientData);
        let sure = of(1_000_000, [5_000, 5_000], 1_000_000);
        assert!(sure.p_value < 1e-300);
        assert_eq!(sure.verdict, Verdict::NoDrift, "one in a hundred is below the floor");
    }

    #[test]
    fn the_law_is_symmetric_in_its_ends_and_falls() {
        let mut last = 1.0;
        for count in 0..=40 {
            let p_value = of(30, [count, 0], 40).p_value;
            assert!(p_value <= last * (1.0 + 1e-14), "{count}");
            assert_eq!(p_value, of(30, [0, count], 40).p_value);
            last = p_value;
        }
    }

    #[test]
    fn huge_counts_and_senseless_ones() {
        let billion = 1_000_000_000;
        let huge = of(billion, [3, 4], billion);
        // k values beyond two extremes: (k + 2) / 2^(k + 1) where both samples are large and equal.
        assert!((huge.p_value - 9.0 / 256.0).abs() < 1e-9, "{huge:?}");
        assert_eq!(of(billion, [billion, 0], billion).p_value, 0.0);
        let kind =
            |n, outside, m| out_of_range(n, outside, m, &SignalRule::default()).unwrap_err().kind();
        assert_eq!(kind(0, [0, 0], 1), ErrorKind::EmptySample);
        assert_eq!(kind(1, [0, 0], 0), ErrorKind::EmptySample);
        assert_eq!(kind(1, [1, 1], 1), ErrorKind::OutOfRange);
        assert_eq!(kind(1, [u64::MAX, 1], 1), ErrorKind::OutOfRange);
        assert_eq!(kind(u64::MAX, [0, 0], 1), ErrorKind::OutOfRange);
    }
}
