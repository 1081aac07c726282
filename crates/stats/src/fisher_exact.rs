//! Fisher's exact test of two samples over two categories.
//!
//! Its p-value needs no large counts: it is the probability, with all margins given, of the tables
//! that are no likelier than the one at hand. For two categories it is what to use where counts are
//! low. It is a little conservative, as any exact test of counts is.

use crate::{
    Decision, Error, ErrorKind, Method, TwoSample,
    association::Association,
    decision::Measured,
    deviance::deviance,
    num, special,
    table::{Table, cross_difference},
};

use core::f64::consts::TAU;

/// Tables whose probabilities differ by less than this, relatively, are equally likely: their
/// difference is rounding.
const TIE: f64 = 1e-10;
/// Cap of the terms of a tail, which covers 10¹² rows.
const MAX_TERMS: u32 = 1 << 22;

/// The test on a 2×2 table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Fisher {
    /// The odds of the first category in the reference over those in the current sample, in `[0, ∞]`;
    /// `None` where one of the categories is empty in both.
    pub odds_ratio: Option<f64>,
    /// Two-sided: probability of a table that is no likelier than this one.
    pub p_value: f64,
}

/// Fisher's exact test, two-sided.
///
/// # Arguments
/// * `reference`: counts of the two categories.
/// * `current`: counts of the same.
///
/// # Errors
/// * [`ErrorKind::EmptySample`]: a sample sums to zero.
/// * [`ErrorKind::OutOfRange`]: the counts sum to more than 2⁶⁴.
/// * [`ErrorKind::NotConverged`]: a tail has more than 4 million terms, beyond some 10¹² rows.
///
/// # Numerics
/// The probability of the table at hand is formed in logarithms from deviances and Stirling's
/// remainders, so nothing large cancels; the other tables of both tails are summed relative to it.
/// Relative error below 1e-11 down to 1e-300. The cost grows with the standard deviation of a count.
///
/// # Examples
/// ```
/// use tidegate_stats::fisher_exact;
/// // The lady tasting tea: three of four cups right. (1 + 16 + 16 + 1) / 70 by hand.
/// let test = fisher_exact::test([3, 1], [1, 3])?;
/// assert!((test.p_value - 34.0 / 70.0).abs() < 1e-14);
/// assert_eq!(test.odds_ratio, Some(9.0));
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Fisher (1935), "The Design of Experiments", chapter 2. Loader (2000), "Fast and accurate
/// computation of binomial probabilities", for the form of the logarithm. Oracle:
/// `scipy.stats.fisher_exact(table)`, in whole numbers.
pub fn test(reference: [u64; 2], current: [u64; 2]) -> Result<Fisher, Error> {
    let table = Table::try_new(&reference, &current)?;
    let totals = table.totals();
    if totals[0].checked_add(totals[1]).is_none() {
        return Err(Error::new(ErrorKind::OutOfRange, "the number of rows in both samples"));
    }
    let [a, c] = reference.map(|count| count as f64);
    let [b, d] = current.map(|count| count as f64);
    let odds_ratio = (a + b > 0.0 && c + d > 0.0).then(|| {
        let (over, under) = (a * d, b * c);
        if under > 0.0 { over / under } else { f64::INFINITY }
    });
    Ok(Fisher { odds_ratio, p_value: two_sided(reference[0], current[0], totals)? })
}

/// Compares two samples over two categories by Fisher's exact test.
///
/// # Arguments
/// * `reference`: counts, shape `[k]`, of which at most two categories are not empty in both samples.
/// * `current`: counts in the same categories.
/// * `decision`: alpha and the effect that matters.
///
/// # Returns
/// `statistic` is the difference of the shares, in `[0, 1]`; `p_value` the two-sided one of [`test()`].
/// `effect` is the bias-corrected Cramér's V, as in
/// [`chi_square::two_sample`](crate::chi_square::two_sample), and `detectable_effect` the V of a
/// chi-square statistic that is just significant.
///
/// # Errors
/// As [`test()`], and
/// * [`ErrorKind::ShapeMismatch`]: the lengths differ, or there are more than two categories.
/// * [`ErrorKind::OutOfRange`]: `decision.alpha` is no probability.
///
/// # Numerics
/// As [`test()`].
///
/// # Examples
/// ```
/// use tidegate_stats::{Decision, Verdict, fisher_exact};
/// let result = fisher_exact::two_sample(&[997, 3], &[985, 115], &Decision::default())?;
/// assert_eq!(result.verdict, Verdict::Drift);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// As [`test()`].
pub fn two_sample(
    reference: &[u64],
    current: &[u64],
    decision: &Decision,
) -> Result<TwoSample, Error> {
    let alpha = decision.checked_alpha()?;
    let table = Table::try_new(reference, current)?;
    let mut seen = table.counts().filter(|&group| group != (0, 0));
    let groups = [seen.next().unwrap_or((0, 0)), seen.next().unwrap_or((0, 0))];
    if seen.next().is_some() {
        let what = "the table of Fisher's exact test, which must have two categories,";
        return Err(Error::new(ErrorKind::ShapeMismatch, what));
    }
    let [(a, b), (c, d)] = groups;
    let fisher = test([a, c], [b, d])?;
    let [n, m] = table.totals().map(|total| total as f64);
    let v = Association::new(table.totals(), 1);
    Ok(decision.conclude(Measured {
        method: Method::FisherExact,
        statistic: (cross_difference((a, b), table.totals()) / n / m).abs(),
        p_value: Some(fisher.p_value),
        effect: v.effect(&groups),
        interval: Some(v.interval(&groups, alpha)?),
        detectable_effect: v.detectable(alpha)?,
        counts: table.totals(),
    }))
}

/// `a` of the `n` and `b` of the `m` rows are in the first category.
fn two_sided(a: u64, b: u64, [n, m]: [u64; 2]) -> Result<f64, Error> {
    // Seen from the sample that has fewer of it than expected, the near tail is the lower one.
    if cross_difference((a, b), [n, m]) > 0.0 {
        return two_sided(b, a, [m, n]);
    }
    let both = a + b;
    let highest = both.min(n);
    let at_hand = ln_probability(a, both, [n, m]);
    let near = relative_tail(a, both, [n, m], Tail::Lower)?;

    // The far tail begins where, beyond the mean, a table is no likelier than this one.
    let mean = (u128::from(n) * u128::from(both)).div_ceil(u128::from(n) + u128::from(m));
    let is_far = |x: u64| ln_probability(x, both, [n, m]) <= at_hand + TIE;
    let mut from = u64::try_from(mean).unwrap_or(highest).max(a + 1);
    let mut to = highest.saturating_add(1);
    while from < to {
        let middle = from + (to - from) / 2;
        if is_far(middle) {
            to = middle;
        } else {
            from = middle + 1;
        }
    }
    let far = if from > highest {
        0.0
    } else {
        let ratio = num::exp(ln_probability(from, both, [n, m]) - at_hand);
        ratio * relative_tail(from, both, [n, m], Tail::Upper)?
    };
    Ok((num::exp(at_hand) * (near + far)).min(1.0))
}

#[derive(Clone, Copy, PartialEq)]
enum Tail {
    Lower,
    Upper,
}

/// The probability of `x` and all beyond, over that of `x`.
fn relative_tail(x: u64, both: u64, [n, m]: [u64; 2], tail: Tail) -> Result<f64, Error> {
    // Beyond means fewer of the one sample or of the other.
    let (mut x, [own, other]) = match tail {
        Tail::Lower => (x, [n, m]),
        Tail::Upper => (both - x, [m, n]),
    };
    let mut term = 1.0;
    let mut sum = num::Sum::default();
    for _ in 0..MAX_TERMS {
        sum.add(term);
        let rest = both - x;
        if x == 0 || rest >= other || term <= sum.value() * f64::EPSILON / 16.0 {
            return Ok(sum.value());
        }
        let less = x as f64 / (rest + 1) as f64;
        term *= less * ((other - rest) as f64 / (own - x + 1) as f64);
        x -= 1;
    }
    Err(Error::new(ErrorKind::NotConverged, "Fisher's exact test"))
}

/// Logarithm of the probability that of `both` rows, `x` are among the first `n` of `n + m`.
pub(crate) fn ln_probability(x: u64, both: u64, [n, m]: [u64; 2]) -> f64 {
    let rest = both - x;
    let total = n as f64 + m as f64;
    let share = both as f64 / total;
    let gap = cross_difference((x, rest), [n, m]) / total;
    let not = (n - x) as f64 + (m - rest) as f64;
    let shares = [share, not / total];
    ln_binomial(x, n, shares, -gap) + ln_binomial(rest, m, shares, gap)
        - ln_binomial(both, n + m, shares, 0.0)
}

/// Logarithm of the binomial probability of `x` of `n`, shares `[p, 1 − p]`, `gap = n·p − x`.
fn ln_binomial(x: u64, n: u64, [p, q]: [f64; 2], gap: f64) -> f64 {
    let (x, rest, n) = (x as f64, (n - x) as f64, n as f64);
    let deviances = deviance(x, n * p, gap) + deviance(rest, n * q, -gap);
    if x == 0.0 || rest == 0.0 {
        return -deviances;
    }
    special::stirling_error(n) - special::stirling_error(x) - special::stirling_error(rest)
        + num::ln(n / (TAU * x) / rest) / 2.0
        - deviances
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Verdict;

    fn p_value(reference: [u64; 2], current: [u64; 2]) -> f64 {
        test(reference, current).unwrap().p_value
    }

    #[track_caller]
    fn assert_close(got: f64, want: f64) {
        assert!((got / want - 1.0).abs() < 1e-13, "got {got:e}, want {want:e}");
    }

    #[test]
    fn small_tables_by_hand() {
        // Both rows of one kind on one side: 1 of C(4, 2) = 6 ways, and its mirror.
        assert_close(p_value([2, 0], [0, 2]), 2.0 / 6.0);
        assert_close(p_value([3, 0], [0, 2]), 1.0 / 10.0);
        assert_close(p_value([1, 0], [0, 1]), 1.0);
        // C(20, 10)^2 / C(40, 10) ... all ten on one side: 2 · C(10, 10) / C(20, 10).
        assert_close(p_value([10, 0], [0, 10]), 2.0 / 184_756.0);
    }

    #[test]
    fn the_likeliest_table_has_the_p_value_one() {
        assert_close(p_value([50, 50], [50, 50]), 1.0);
        assert_close(p_value([41, 59], [40, 60]), 1.0);
        assert_close(p_value([5, 0], [7, 0]), 1.0);
        assert_eq!(test([5, 0], [7, 0]).unwrap().odds_ratio, None);
        assert_eq!(test([5, 0], [7, 1]).unwrap().odds_ratio, Some(f64::INFINITY));
    }

    #[test]
    fn large_counts_are_answered_or_refused() {
        let billion = 1_000_000_000;
        let p = p_value([billion, billion], [billion + 10_000, billion - 10_000]);
        // Chi-square is 0.1, with one degree of freedom.
        assert!((p - 0.751_830).abs() < 1e-4, "{p}");
        assert_eq!(p_value([billion, 0], [0, billion]), 0.0);
        let error = test([u64::MAX / 2; 2], [u64::MAX / 2; 2]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OutOfRange);
        let error = test([u64::MAX / 4; 2], [u64::MAX / 4; 2]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotConverged);
    }

    #[test]
    fn only_two_categories_fit() {
        let compare = |a: &[u64], b: &[u64]| two_sample(a, b, &Decision::default());
        let with_empty = compare(&[0, 40, 0, 60], &[0, 60, 0, 40]).unwrap();
        assert_eq!(with_empty, compare(&[40, 60], &[60, 40]).unwrap());
        assert!((with_empty.statistic - 0.2).abs() < 1e-15);
        assert_eq!(compare(&[1, 2, 3], &[1, 2, 3]).unwrap_err().kind(), ErrorKind::ShapeMismatch);
        assert_eq!(compare(&[0, 0], &[1, 2]).unwrap_err().kind(), ErrorKind::EmptySample);
        assert_eq!(compare(&[1_000], &[7_000]).unwrap().verdict, Verdict::NoDrift);
        assert_eq!(compare(&[2], &[1]).unwrap().verdict, Verdict::InsufficientData);
    }
}
