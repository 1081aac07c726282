//! Two-sample Kolmogorov-Smirnov test on numbers.
//!
//! `D = supₓ |F(x) − G(x)|` between the empirical distribution functions. It needs no bins and no
//! assumption on the distribution, sees any change of shape or place, and is weakest in the tails.
//! With ties the p-values are upper bounds: the test errs towards no drift.

mod asymptotic;
mod exact;

pub use asymptotic::asymptotic_p_value;
pub use exact::exact_p_value;

use crate::{
    Decision, Error, Interval, Method, Sorted, TwoSample, decision::Measured, num,
    rank_sums::RankSums, walk::Pair,
};

/// Beyond this many rows in a sample the p-value is the asymptotic one.
pub const MAX_EXACT_LEN: u64 = 10_000;

/// Compares two samples by the Kolmogorov-Smirnov test, two-sided.
///
/// # Arguments
/// * `reference`, `current`: not empty. Ties are fine.
/// * `decision`: alpha and the effect that matters.
///
/// # Returns
/// * `statistic` and `effect`: `D`, in `[0, 1]`, symmetric in the samples, unchanged by any strictly
///   increasing transformation of the values.
/// * `p_value`: [`exact_p_value`] where both samples have at most [`MAX_EXACT_LEN`] rows, else
///   [`asymptotic_p_value`].
/// * `interval`: for the true `D` with confidence `1 − alpha`, by the inequality of Dvoretzky,
///   Kiefer, Wolfowitz and Massart on each sample: `D ± (√(ln(4/α)/2n) + √(ln(4/α)/2m))`. Valid for
///   every distribution, and wider than it has to be: it may hold 0 although the test finds drift.
/// * `detectable_effect`: the `D` that is just significant, `√(ln(2/α)/2 · (1/n + 1/m))`, at most 1.
///
/// # Errors
/// * [`crate::ErrorKind::EmptySample`]: a sample is empty.
/// * [`crate::ErrorKind::OutOfRange`]: `decision.alpha` is no probability.
///
/// # Numerics
/// `D` is exact up to one rounding, from integer ranks, in O(n + m). The exact p-value takes
/// O(n·m·D), at most a fraction of a second; the asymptotic one takes microseconds to milliseconds.
///
/// # Examples
/// ```
/// use tidegate_stats::{Decision, Sorted, kolmogorov_smirnov};
/// let reference = Sorted::try_new(vec![1.0, 2.0, 3.0])?;
/// let current = Sorted::try_new(vec![4.0, 5.0, 6.0])?;
/// let result = kolmogorov_smirnov::two_sample(&reference, &current, &Decision::default())?;
/// assert_eq!(result.statistic, 1.0);
/// // 2 of the 20 orders of three and three keep the samples apart.
/// assert!((result.p_value.unwrap() - 0.1).abs() < 1e-15);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Smirnov (1939); Hodges (1958), <https://doi.org/10.1007/BF02589501>; Massart (1990),
/// <https://doi.org/10.1214/aop/1176990746>. Oracle: `scipy.stats.ks_2samp(method="auto")`.
pub fn two_sample(
    reference: &Sorted,
    current: &Sorted,
    decision: &Decision,
) -> Result<TwoSample, Error> {
    decision.checked_alpha()?;
    let pair = Pair::try_new(reference, current)?;
    let ranks = pair.walk(RankSums::default());
    Ok(conclude(&pair, &ranks, decision))
}

/// The test of two samples with these ranks.
pub(crate) fn conclude(pair: &Pair<'_>, ranks: &RankSums, decision: &Decision) -> TwoSample {
    let ([n, m], [rows, current_rows]) = (pair.counts(), pair.sizes());
    // `n·m·D` is a whole number.
    let d = ranks.largest_gap / (rows * current_rows);
    let p_value = if n.max(m) <= MAX_EXACT_LEN {
        exact::tail(n, m, ranks.largest_gap as u64)
    } else {
        asymptotic_p_value(n, m, d)
    };
    let band = |len: f64| num::sqrt(num::ln(4.0 / decision.alpha) / (2.0 * len));
    let margin = band(rows) + band(current_rows);
    let noise = num::ln(2.0 / decision.alpha) / 2.0 * (1.0 / rows + 1.0 / current_rows);
    decision.conclude(Measured {
        method: Method::KolmogorovSmirnov,
        statistic: d,
        p_value: Some(p_value),
        effect: d,
        interval: Some(Interval { lower: (d - margin).max(0.0), upper: (d + margin).min(1.0) }),
        detectable_effect: num::sqrt(noise).min(1.0),
        counts: [n, m],
    })
}

#[cfg(test)]
mod tests {
    use alloc::{vec, vec::Vec};

    use super::*;
    use crate::{ErrorKind, Verdict};

    fn compare(reference: &[f64], current: &[f64]) -> TwoSample {
        let sorted = |values: &[f64]| Sorted::try_new(values.to_vec()).unwrap();
        two_sample(&sorted(reference), &sorted(current), &Decision::default()).unwrap()
    }

    #[test]
    fn is_zero_for_identical_samples() {
        let result = compare(&[3.0, 1.0, 2.0], &[1.0, 2.0, 3.0]);
        assert_eq!((result.statistic, result.p_value), (0.0, Some(1.0)));
        assert_eq!(result.verdict, Verdict::InsufficientData);
    }

    #[test]
    fn ties_are_stepped_over_together() {
        // F is 1/4, 3/4, 1 at 1, 2, 3; G is 0, 1/2, 1: the largest gap is 1/4.
        assert_eq!(compare(&[1.0, 2.0, 2.0, 3.0], &[2.0, 3.0]).statistic, 0.25);
        assert_eq!(compare(&[7.0; 9], &[7.0; 4]).statistic, 0.0);
    }

    #[test]
    fn one_row_against_many_is_not_enough_to_clear_a_model() {
        let reference: Vec<f64> = (0..1000).map(f64::from).collect();
        assert_eq!(compare(&reference, &[500.0]).verdict, Verdict::InsufficientData);
        assert_eq!(compare(&reference, &reference).verdict, Verdict::NoDrift);
        assert_eq!(compare(&reference, &[1e9; 20]).verdict, Verdict::Drift);
    }

    #[test]
    fn the_interval_holds_the_statistic_and_stays_in_range() {
        let result = compare(&[1.0, 2.0, 3.0], &[2.5]);
        let Interval { lower, upper } = result.interval.unwrap();
        assert!(0.0 <= lower && lower <= result.effect && result.effect <= upper && upper <= 1.0);
    }

    #[test]
    fn an_empty_sample_is_refused() {
        let (some, none) = (Sorted::try_new(vec![1.0]).unwrap(), Sorted::default());
        for (reference, current) in [(&some, &none), (&none, &some)] {
            let error = two_sample(reference, current, &Decision::default()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::EmptySample);
        }
    }
}
