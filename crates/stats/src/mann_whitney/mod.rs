//! Mann-Whitney test (Wilcoxon's rank sum) on numbers, two-sided.
//!
//! Of all pairs of a row of the reference and a row of the current sample, in how many is the
//! reference's the larger? It sees a move up or down of most rows, whatever the distribution, and
//! outliers do not carry it. It does not see a change of spread alone: that is what
//! [`crate::kolmogorov_smirnov`] and [`crate::cramer_von_mises`] are for.

mod exact;

pub use exact::{MAX_EXACT_PAIRS, exact_p_value};

use crate::{
    Decision, Error, Interval, Method, Sorted, TwoSample, decision::Measured, num,
    outline::Outline, rank_sums::RankSums, special, walk::Pair,
};

/// Up to this many rows in the smaller sample the p-value is the exact one, if there are no ties.
pub const MAX_EXACT_LEN: u64 = 8;

/// Compares two samples by the Mann-Whitney test, two-sided.
///
/// # Arguments
/// * `reference`, `current`: not empty. Ties are fine.
/// * `decision`: alpha and the effect that matters.
///
/// # Returns
/// * `statistic`: `U`, the pairs in which the reference's row is the larger, plus half of those that
///   tie; in `[0, nm]`. Above `nm/2` the current values are the smaller ones on the whole. `U/nm` is
///   the probability of superiority.
/// * `effect`: the rank-biserial correlation (Cliff's delta) without its sign, `|2U/nm − 1|`, in
///   `[0, 1]`: by how much the pairs that went one way outnumber the others. Symmetric in the
///   samples, unchanged by any strictly increasing transformation of the values.
/// * `p_value`: [`exact_p_value`] where the smaller sample has at most [`MAX_EXACT_LEN`] rows and
///   nothing ties (and the larger not more than [`MAX_EXACT_PAIRS`] allows); else by the normal
///   distribution, with the variance corrected for ties and half a pair for continuity.
/// * `interval`: for the effect of the distributions with confidence `1 − alpha`, by DeLong's placements on
///   the scale of Fisher's `artanh`; `None` where a sample has one row.
/// * `detectable_effect`: what is just significant by the normal distribution without ties, at most 1.
///
/// # Errors
/// * [`crate::ErrorKind::EmptySample`]: a sample is empty.
/// * [`crate::ErrorKind::OutOfRange`]: `decision.alpha` is no probability.
///
/// # Numerics
/// O(n + m) after sorting. `U` and the sum for ties are whole numbers, so both are exact; the tail is
/// the complementary error function's, which keeps its digits down to 1e-300.
///
/// # Examples
/// ```
/// use tidegate_stats::{Decision, Sorted, mann_whitney};
/// let reference = Sorted::try_new(vec![1.0, 2.0, 3.0])?;
/// let current = Sorted::try_new(vec![4.0, 5.0, 6.0])?;
/// let result = mann_whitney::two_sample(&reference, &current, &Decision::default())?;
/// assert_eq!((result.statistic, result.effect), (0.0, 1.0));
/// // 2 of the 20 orders of three and three keep the samples apart.
/// assert!((result.p_value.unwrap() - 0.1).abs() < 1e-15);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Mann & Whitney (1947), <https://doi.org/10.1214/aoms/1177730491>; Cliff (1993),
/// <https://doi.org/10.1037/0033-2909.114.3.494>. Oracle:
/// `scipy.stats.mannwhitneyu(reference, current)`, whose defaults these are.
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

/// Probability, without drift, of as many pairs in which the current value is the larger: the
/// one-sided test of a rise. `None` for an empty sample.
pub(crate) fn less_p_value(reference: &Sorted, current: &Sorted) -> Option<f64> {
    let pair = Pair::try_new(reference, current).ok()?;
    let [n, m] = pair.counts();
    let RankSums { twice_u, cubes, .. } = RankSums::of(&pair);
    let (pairs, rows) = (n * m, (n + m) as f64);
    // The pairs that went up, doubled.
    let risen = 2 * pairs - twice_u;
    if cubes == 0 && n.min(m) <= MAX_EXACT_LEN && pairs <= MAX_EXACT_PAIRS {
        let up = risen / 2;
        // Half of both tails, or all but half of those beyond the mirror image.
        return if 2 * up > pairs {
            Some(exact_p_value(n, m, up).ok()? / 2.0)
        } else {
            Some(1.0 - exact_p_value(n, m, pairs - up + 1).map_or(0.0, |both| both / 2.0))
        };
    }
    let rows_cubed = u128::from(n + m).pow(3) - u128::from(n + m);
    let variance = pairs as f64 / 12.0 * ((rows_cubed - cubes) as f64 / (rows * (rows - 1.0)));
    let above_centre = (risen as f64 - pairs as f64) / 2.0 - 0.5;
    Some(special::normal_tail(above_centre / num::sqrt(variance)))
}

/// The test of two samples with these ranks.
pub(crate) fn conclude(
    pair: &Pair<'_>,
    ranks: &RankSums,
    outline: Option<&Outline>,
    decision: &Decision,
) -> Result<TwoSample, Error> {
    let RankSums { twice_u, cubes, .. } = *ranks;
    let [n, m] = pair.counts();
    let (pairs, rows) = ((n * m) as f64, (n + m) as f64);
    let rows_cubed = u128::from(n + m).pow(3) - u128::from(n + m);
    // In half pairs, so that it is a whole number.
    let off_centre = twice_u.abs_diff(n * m);
    let is_exact = cubes == 0 && n.min(m) <= MAX_EXACT_LEN && n * m <= MAX_EXACT_PAIRS;
    let p_value = if is_exact {
        exact_p_value(n, m, twice_u / 2)?
    } else if off_centre <= 1 {
        1.0
    } else {
        let variance = pairs / 12.0 * ((rows_cubed - cubes) as f64 / (rows * (rows - 1.0)));
        let z = (off_centre - 1) as f64 / (2.0 * num::sqrt(variance));
        2.0 * special::normal_tail(z)
    };
    let z = special::normal_point(decision.alpha / 2.0)?;
    let just_significant = z * num::sqrt(pairs / 12.0 * (rows + 1.0)) + 0.5;
    let effect = off_centre as f64 / pairs;
    let interval = match outline {
        Some(outline) => Some(interval(outline, effect, decision.alpha)?),
        None => None,
    };
    Ok(decision.conclude(Measured {
        method: Method::MannWhitney,
        statistic: twice_u as f64 / 2.0,
        p_value: Some(p_value),
        effect,
        interval,
        detectable_effect: (2.0 * just_significant / pairs).min(1.0),
        counts: [n, m],
    }))
}

/// The interval of the correlation by DeLong's placements, on the scale of Fisher's `artanh`. Where no
/// pair goes the other way they do not vary; then of the rows of the smaller sample, none of which
/// crosses over, a share of `1 − (α/2)^(1/rows)` may.
pub(crate) fn interval(outline: &Outline, effect: f64, alpha: f64) -> Result<Interval, Error> {
    if effect >= 1.0 {
        let rows = outline.freedoms[0].min(outline.freedoms[1]) + 1.0;
        let lower = 2.0 * num::pow(alpha / 2.0, 1.0 / rows) - 1.0;
        return Ok(Interval { lower: lower.max(0.0), upper: 1.0 });
    }
    // 2P − 1, P being the probability that a row of the reference is the larger.
    let variance = outline.variance(|cell| {
        let [f, g] = cell.middle();
        [2.0 * g, -2.0 * f]
    });
    let point = special::normal_point(alpha / 2.0)?;
    let margin = point * num::sqrt(variance) / (1.0 - effect * effect);
    let centre = (num::ln_1p(effect) - num::ln_1p(-effect)) / 2.0;
    let back = |z: f64| {
        let rest = num::exp(-2.0 * z.abs());
        (1.0 - rest) / (1.0 + rest)
    };
    let lower = back((centre - margin).max(0.0)).min(effect);
    Ok(Interval { lower, upper: back(centre + margin).max(effect) })
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
    fn pairs_are_counted_and_ties_are_halves() {
        // 2 > 1; 3 > 1, 3 = 3: two and a half of six pairs.
        let result = compare(&[0.0, 2.0, 3.0], &[1.0, 3.0]);
        assert_eq!(result.statistic, 2.5);
        assert!((result.effect - 1.0 / 6.0).abs() < 1e-15);
    }

    #[test]
    fn the_direction_shows_in_the_statistic_and_not_in_the_p_value() {
        let (down, up) =
            (compare(&[4.0, 5.0, 6.0], &[1.0, 2.0]), compare(&[1.0, 2.0], &[4.0, 5.0, 6.0]));
        assert_eq!((down.statistic, up.statistic), (6.0, 0.0));
        assert_eq!((down.effect, down.p_value), (up.effect, up.p_value));
    }

    #[test]
    fn a_constant_column_does_not_differ_from_itself() {
        let result = compare(&[7.0; 900], &[7.0; 400]);
        assert_eq!((result.effect, result.p_value), (0.0, Some(1.0)));
        assert_eq!(result.verdict, Verdict::NoDrift);
        assert_eq!(compare(&[7.0], &[7.0]).verdict, Verdict::InsufficientData);
    }

    #[test]
    fn one_row_that_differs_in_a_constant_column_keeps_its_variance() {
        // By hand: T = 999³ − 999 of the 1000³ − 1000, so the variance is 500·500·3·999·1000/(12·1000·999).
        let mut current = Vec::from([7.0; 500]);
        current[0] = 8.0;
        let result = compare(&[7.0; 500], &current);
        let z = (250.0 - 0.5) / num::sqrt(500.0 * 500.0 * 3.0 / 12.0);
        let want = 2.0 * special::normal_tail(z);
        assert!((result.p_value.unwrap() / want - 1.0).abs() < 1e-13);
    }

    #[test]
    fn little_data_clears_nothing() {
        let many: Vec<f64> = (0..1000).map(f64::from).collect();
        assert_eq!(compare(&many, &[500.5]).verdict, Verdict::InsufficientData);
        assert_eq!(compare(&many, &many).verdict, Verdict::NoDrift);
        assert_eq!(compare(&many, &[2000.0; 20]).verdict, Verdict::Drift);
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
