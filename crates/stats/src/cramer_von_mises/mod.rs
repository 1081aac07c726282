//! Two-sample Cramér-von Mises test on numbers.
//!
//! The square of the gap between the two empirical distribution functions, summed over all rows. It
//! asks the same question as [`crate::kolmogorov_smirnov`], but of the whole curve instead of its one
//! worst place, and so sees a broad small change better.

mod asymptotic;
mod exact;

pub use asymptotic::asymptotic_p_value;
pub(crate) use asymptotic::{asymptotic_point, standardised};

use crate::{
    Decision, Error, Interval, Method, Sorted, TwoSample,
    decision::Measured,
    gap_squares::{self, Term},
    interval, num,
    outline::{Cell, Outline},
    rank_sums::RankSums,
    walk::Pair,
};

/// Up to this many rows in the larger sample the p-value is the exact one.
pub const MAX_EXACT_LEN: u64 = 20;

/// Compares two samples by the Cramér-von Mises test.
///
/// # Arguments
/// * `reference`, `current`: not empty. Ties are fine.
/// * `decision`: alpha and the effect that matters.
///
/// # Returns
/// * `statistic`: Anderson's `T = nm/(n+m)² Σ (F − G)²` over the rows of both samples, by ranks,
///   `(n Σ (rᵢ − i)² + m Σ (sⱼ − j)²) / (nm(n+m)) − (4nm − 1) / (6(n+m))`, of which tied rows have
///   the mean, as others define it.
/// * `effect`: the root mean square gap, `√(Σ (F − G)² / (n+m))`, in `[0, 1]` (0.58 for large samples
///   that are apart), 0 where the distributions are equal. Tied rows share the step of their group
///   equally. Symmetric in the samples, unchanged by any strictly increasing transformation of the
///   values.
/// * `p_value`: of `nm/(n+m)` times the squared effect, which without ties is `T`. Exact where both
///   samples have at most [`MAX_EXACT_LEN`] rows, else [`asymptotic_p_value`]; with ties it errs
///   towards no drift.
/// * `interval`: for the effect of the distributions with confidence `1 − alpha`, by its slopes (the
///   influence of each row), less the bias that chance gives it; `None` where a sample has one row.
/// * `detectable_effect`: what is just significant by the asymptotic distribution, at most 1.
///
/// # Errors
/// * [`crate::ErrorKind::EmptySample`]: a sample is empty.
/// * [`crate::ErrorKind::OutOfRange`]: `decision.alpha` is no probability.
///
/// # Ties
/// With the mean of tied ranks, `T` itself is no measure of a difference: it grows with the ties
/// where the sizes are unequal. Of 1000 and 50 rows from one Poisson distribution of mean 0.3 it is
/// near 700, and `scipy` gives a p-value of 0. Hence the p-value from the shared steps. DIFFERENCE:
/// scipy's own p-value of a column with ties is `asymptotic_p_value(n, m, statistic)`, and for small
/// samples an exact one that does not know of ties.
///
/// # Numerics
/// O(n + m) after sorting. The statistic is a difference of two large terms, taken in whole numbers:
/// it is exact up to three roundings (scipy's own sums are off by 1e-10 at a million rows). The exact p-value takes some milliseconds at most.
///
/// # Examples
/// ```
/// use tidegate_stats::{Decision, Sorted, cramer_von_mises};
/// let reference = Sorted::try_new(vec![1.0, 2.0, 3.0])?;
/// let current = Sorted::try_new(vec![4.0, 5.0, 6.0])?;
/// let result = cramer_von_mises::two_sample(&reference, &current, &Decision::default())?;
/// // The gaps are 1/3, 2/3, 1, 2/3, 1/3 and 0: their squares add up to 19/9.
/// assert!((result.statistic - 9.0 / 36.0 * 19.0 / 9.0).abs() < 1e-15);
/// // 2 of the 20 orders of three and three keep the samples apart.
/// assert!((result.p_value.unwrap() - 0.1).abs() < 1e-15);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Anderson (1962), <https://doi.org/10.1214/aoms/1177704477>; Xiao, Gordon & Yakovlev (2006),
/// <https://doi.org/10.18637/jss.v017.i08>. Oracle:
/// `scipy.stats.cramervonmises_2samp(reference, current, method="auto")`.
pub fn two_sample(
    reference: &Sorted,
    current: &Sorted,
    decision: &Decision,
) -> Result<TwoSample, Error> {
    decision.checked_alpha()?;
    let pair = Pair::try_new(reference, current)?;
    let ranks = pair.walk(RankSums::default());
    conclude(&pair, &ranks, Outline::of(&pair).as_ref(), decision)
}

/// The test of two samples with these ranks.
pub(crate) fn conclude(
    pair: &Pair<'_>,
    ranks: &RankSums,
    outline: Option<&Outline>,
    decision: &Decision,
) -> Result<TwoSample, Error> {
    let [n, m] = pair.counts();
    let (pairs, rows) = ((n * m) as f64, (n + m) as f64);
    let mean_square = ranks.squares.value() / pairs / pairs / rows;
    let p_value = if n.max(m) <= MAX_EXACT_LEN {
        let unit = exact::lcm(n, m) as f64;
        // A whole number without ties, whatever the last digit says; with them, the one below.
        exact::tail(n, m, num::floor(mean_square * rows * unit * unit + 1e-6) as u64)
    } else {
        asymptotic_p_value(n, m, mean_square * (pairs / rows))
    };
    let noise = asymptotic::asymptotic_point(n, m, decision.alpha) * rows / pairs;
    let effect = num::sqrt(mean_square);
    let interval = match outline {
        Some(outline) => interval(outline, effect, decision.alpha)?,
        None => None,
    };
    Ok(decision.conclude(Measured {
        method: Method::CramerVonMises,
        statistic: criterion(ranks, n, m) as f64 / (12.0 * pairs * rows),
        p_value: Some(p_value),
        effect,
        interval,
        detectable_effect: num::sqrt(noise).min(1.0),
        counts: [n, m],
    }))
}

/// The exact p-value of a statistic of up to [`MAX_EXACT_LEN`] rows by the distribution that it has without
/// ties: what one gets who takes no notice of them.
pub(crate) fn untied_p_value(n: u64, m: u64, statistic: f64) -> f64 {
    let unit = exact::lcm(n, m) as f64;
    let (pairs, rows) = ((n * m) as f64, (n + m) as f64);
    exact::tail(n, m, num::floor(statistic * (rows * rows / pairs) * unit * unit + 1e-6) as u64)
}

/// `12 nm(n+m) T`, which is an integer: `3 · 4U − 2nm(4nm − 1)`, U Anderson's, modulo 2¹²⁸, for the
/// difference is far below that.
fn criterion(ranks: &RankSums, n: u64, m: u64) -> i128 {
    let [own, others] = ranks.displaced;
    let pairs = u128::from(n * m);
    let four_u = u128::from(n).wrapping_mul(own).wrapping_add(u128::from(m).wrapping_mul(others));
    let least = pairs.wrapping_mul(pairs.wrapping_mul(4).wrapping_sub(1)).wrapping_mul(2);
    four_u.wrapping_mul(3).wrapping_sub(least).cast_signed()
}

/// The interval of the root mean square gap.
pub(crate) fn interval(
    outline: &Outline,
    effect: f64,
    alpha: f64,
) -> Result<Option<Interval>, Error> {
    let scatter = gap_squares::scatter(outline, |cell| term(outline, cell));
    Ok(interval::of_root(effect, scatter, alpha)?.map(|found| found.at_most(1.0)))
}

/// `h (a² + ab + b²)/3`, the rows `h` of a cell sharing the step from the gap `a` to `b`.
fn term(outline: &Outline, cell: &Cell) -> Term {
    let [a, b] = [cell.below, cell.at].map(|[f, g]| f - g);
    let rows = outline.together(cell.own());
    Term {
        by_gap: rows * (a + b),
        by_gap_at: rows * (a + 2.0 * b) / 3.0,
        by_place: 0.0,
        by_rows: (a * a + a * b + b * b) / 3.0,
        curvature: [rows / 3.0, rows / 3.0],
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::{ErrorKind, Verdict};

    fn compare(reference: &[f64], current: &[f64]) -> TwoSample {
        let sorted = |values: &[f64]| Sorted::try_new(values.to_vec()).unwrap();
        two_sample(&sorted(reference), &sorted(current), &Decision::default()).unwrap()
    }

    #[test]
    fn without_ties_the_statistic_is_the_scaled_effect() {
        let result = compare(&[0.3, 1.2, 5.0, 6.1, 7.0], &[0.1, 2.0, 3.0, 9.0]);
        let scaled = result.effect * result.effect * 20.0 / 9.0;
        assert!((result.statistic - scaled).abs() < 1e-15);
    }

    #[test]
    fn equal_distributions_have_no_effect_in_whatever_numbers() {
        assert_eq!(compare(&[1.0, 2.0], &[1.0, 1.0, 2.0, 2.0]).effect, 0.0);
        let constant = compare(&[7.0; 400], &[7.0; 900]);
        assert_eq!((constant.effect, constant.verdict), (0.0, Verdict::NoDrift));
    }

    #[test]
    fn ties_at_unequal_sizes_are_no_difference() {
        let reference: Vec<f64> = (0..1000).map(|row| f64::from(row % 10 / 8)).collect();
        let current: Vec<f64> = (0..50).map(|row| f64::from(row % 10 / 8)).collect();
        let result = compare(&reference, &current);
        assert_eq!((result.effect, result.p_value), (0.0, Some(1.0)));
        assert!(result.statistic > 100.0, "of tied ranks, the classic statistic is large");
    }

    #[test]
    fn little_data_clears_nothing() {
        let many: Vec<f64> = (0..2000).map(f64::from).collect();
        assert_eq!(compare(&many, &[1000.5]).verdict, Verdict::InsufficientData);
        assert_eq!(compare(&many, &many).verdict, Verdict::NoDrift);
        assert_eq!(compare(&many, &[5000.0; 20]).verdict, Verdict::Drift);
        assert_eq!(compare(&[1.0], &[2.0]).p_value, Some(1.0));
    }

    #[test]
    fn an_empty_sample_is_refused() {
        let (some, none) = (Sorted::try_new([1.0].into()).unwrap(), Sorted::default());
        for (reference, current) in [(&some, &none), (&none, &some)] {
            let error = two_sample(reference, current, &Decision::default()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::EmptySample);
        }
    }
}
