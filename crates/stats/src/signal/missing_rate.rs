use super::{Measured, Signal, SignalRule, checked_sizes, least, ln_all_in};
use crate::experiment::{Proportion, two_proportions};
use crate::{Error, ErrorKind, fisher_exact, num, special};

/// Whether the share of missing values changed, in either direction.
///
/// With shares `p` of `n` and `q` of `m`, `effect = |q − p|`, and the p-value is that of Fisher's exact
/// test, two-sided.
///
/// # Arguments
/// * `reference`: `[present, missing]` values, at least one in all.
/// * `current`: the same of the current sample.
/// * `rule`: alpha and the change that matters.
///
/// # Returns
/// `share` is the current one and `expected_share` the reference's. `detectable_effect` is the change that
/// makes the z-statistic significant, and no less than the fewest missing values that are, where the
/// reference has none.
///
/// # Errors
/// * [`ErrorKind::EmptySample`]: a sample has no value, present or missing.
/// * [`ErrorKind::OutOfRange`]: the counts sum to more than 2⁶⁴, or a field of `rule` is outside its range.
///
/// # Numerics
/// As [`fisher_exact::test`]; beyond some 10¹² rows the normal approximation, which is as good there.
///
/// # Examples
/// ```
/// use tidegate_stats::{Verdict, signal::{SignalRule, missing_rate}};
/// let signal = missing_rate([990, 10], [950, 50], &SignalRule::default())?;
/// assert_eq!(signal.verdict, Verdict::Drift);
/// assert!((signal.effect - 0.04).abs() < 1e-15);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// As [`fisher_exact::test`]. Oracle: `scipy.stats.fisher_exact(table)`. A test on the present values alone,
/// as peers run it, does not see missing ones.
pub fn missing_rate(
    reference: [u64; 2],
    current: [u64; 2],
    rule: &SignalRule,
) -> Result<Signal, Error> {
    let rule = rule.checked()?;
    let total = |[present, missing]: [u64; 2]| {
        let what = "the number of rows in a sample";
        present.checked_add(missing).ok_or(Error::new(ErrorKind::OutOfRange, what))
    };
    let sizes = checked_sizes(total(reference)?, total(current)?)?;
    let p_value = match fisher_exact::test(reference, current) {
        Ok(fisher) => fisher.p_value,
        Err(_) => {
            let side = |[_, missing]: [u64; 2], trials| Proportion { successes: missing, trials };
            let [one, other] = [side(reference, sizes[0]), side(current, sizes[1])];
            two_proportions(one, other, rule.alpha)?.p_value
        }
    };
    let [n, m] = sizes.map(|size| size as f64);
    let missing = reference[1] as f64 + current[1] as f64;
    let share = missing / (n + m);
    let deviation = num::sqrt(share * (1.0 - share).max(0.0) * (1.0 / n + 1.0 / m));
    let of_z = special::normal_point(rule.alpha / 2.0)? * deviation;
    let ln_alpha = num::ln(rule.alpha / 2.0);
    let fewest = least(sizes[1], |count| ln_all_in(count, [sizes[1], sizes[0]]) <= ln_alpha);
    let of_none = fewest.map_or(1.0, |count| count as f64 / m);
    let expected_share = reference[1] as f64 / n;
    rule.conclude(&Measured {
        counts: [current[1], sizes[1]],
        expected_share,
        p_value,
        effect: (current[1] as f64 / m - expected_share).abs(),
        detectable_effect: of_z.max(of_none).min(1.0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Verdict;

    fn of(reference: [u64; 2], current: [u64; 2]) -> Signal {
        missing_rate(reference, current, &SignalRule::default()).unwrap()
    }

    #[test]
    fn fewer_missing_values_are_a_signal_too() {
        let signal = of([900, 100], [1000, 0]);
        assert_eq!((signal.share, signal.expected_share, signal.effect), (0.0, 0.1, 0.1));
        assert_eq!(signal.verdict, Verdict::Drift);
    }

    #[test]
    fn none_missing_is_no_drift_once_there_are_rows_to_say_so() {
        assert_eq!(of([500, 0], [500, 0]).verdict, Verdict::NoDrift);
        let few = of([9, 0], [9, 0]);
        assert_eq!((few.p_value, few.verdict), (1.0, Verdict::InsufficientData));
        // Four given rows of 18 are all in this half with probability 9·8·7·6 / 18·17·16·15 = 0.041, five
        // with 0.015.
        assert!((few.detectable_effect - 5.0 / 9.0).abs() < 1e-15);
        assert_eq!(of([0, 5], [0, 7]).p_value, 1.0);
    }

    #[test]
    fn a_small_change_is_not_drift_however_sure() {
        let signal = of([990_000, 10_000], [975_000, 25_000]);
        assert!(signal.p_value < 1e-300);
        assert_eq!(signal.verdict, Verdict::NoDrift);
    }

    #[test]
    fn huge_counts_and_senseless_ones() {
        let huge = of([u64::MAX / 4, u64::MAX / 4], [u64::MAX / 4, u64::MAX / 4]);
        assert!((huge.p_value - 1.0).abs() < 1e-9 && huge.effect == 0.0, "{huge:?}");
        let kind = |a, b, rule: &SignalRule| missing_rate(a, b, rule).unwrap_err().kind();
        let rule = SignalRule::default();
        assert_eq!(kind([0, 0], [1, 1], &rule), ErrorKind::EmptySample);
        assert_eq!(kind([u64::MAX, 1], [1, 1], &rule), ErrorKind::OutOfRange);
        assert_eq!(kind([u64::MAX, 0], [1, 1], &rule), ErrorKind::OutOfRange);
        for alpha in [0.0, 1.0, f64::NAN] {
            assert_eq!(kind([1, 1], [1, 1], &SignalRule { alpha, ..rule }), ErrorKind::OutOfRange);
        }
        let rule = SignalRule { share_floor: f64::NAN, ..rule };
        assert_eq!(kind([1, 1], [1, 1], &rule), ErrorKind::OutOfRange);
    }
}
