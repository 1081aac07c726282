//! Two-sample chi-square test of homogeneity, on categories or on frozen bins.
//!
//! The question is whether two *samples* come from one distribution, so the table is 2×K and both
//! rows carry noise. The goodness-of-fit test that takes the reference's shares for the truth is the
//! wrong one: it raises the false-alarm rate from 5 % to 30 % and more.
//!
//! On bins between quantiles of the reference, its counts are what they are by construction, and the
//! noise is in the edges: [`two_sample_on_quantiles`] is for those.

use alloc::vec::Vec;

use crate::{
    Decision, Error, Method, TwoSample,
    association::Association,
    decision::Measured,
    num, special,
    table::{Table, cross_difference},
};

/// The least weight of the reference in a bin's expected share, where its edges come from it.
const LEAST_WEIGHT: f64 = 1.0 / 3.0;

/// Pearson's test on a 2×K table, without any merging or correction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Contingency {
    /// Pearson's statistic, `≥ 0`.
    pub statistic: f64,
    /// Degrees of freedom: categories seen in either sample, less one.
    pub df: u64,
    /// Probability of a statistic at least as large without drift; 1 if there is one category.
    pub p_value: f64,
    /// Cramér's V, `√(statistic / (n + m))` for two rows, in `[0, 1]`; not corrected for bias.
    pub cramers_v: f64,
}

/// Pearson's statistic on the counts as they are, low ones included.
///
/// `X² = Σ (observed − expected)² / expected` over the cells of the 2×K table, the expected counts
/// by its margins. Categories that neither sample has are left out.
///
/// # Arguments
/// * `reference`: counts, shape `[k]`, `k ≥ 1`.
/// * `current`: counts in the same categories.
///
/// # Returns
/// Statistic, degrees of freedom, p-value and the plain Cramér's V: see [`Contingency`].
///
/// # Errors
/// * [`crate::ErrorKind::ShapeMismatch`]: the lengths differ.
/// * [`crate::ErrorKind::EmptySample`]: a sample sums to zero.
/// * [`crate::ErrorKind::OutOfRange`]: a total exceeds 2⁶⁴.
/// * [`crate::ErrorKind::NotConverged`]: see [`special::upper_gamma_ratio`].
///
/// # Examples
/// ```
/// use tidegate_stats::chi_square;
/// // By hand: X² = 100 · (25·20 − 25·30)² / (50 · 50 · 55 · 45).
/// let test = chi_square::contingency(&[25, 25], &[30, 20])?;
/// assert!((test.statistic - 1.0101010101010102).abs() < 1e-14);
/// assert_eq!(test.df, 1);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Pearson (1900), <https://doi.org/10.1080/14786440009463897>. Oracle:
/// `scipy.stats.chi2_contingency(table, correction=False)`.
pub fn contingency(reference: &[u64], current: &[u64]) -> Result<Contingency, Error> {
    let table = Table::try_new(reference, current)?;
    let groups: Vec<_> = table.counts().collect();
    pearson(&groups, table.totals())
}

/// Compares two samples by the chi-square test of homogeneity.
///
/// Categories whose expected count in the smaller sample is below 1 are first merged into one group,
/// and if that is still below 1, the next smallest category joins it: without this, rare categories
/// make the p-value meaningless.
///
/// # Arguments
/// * `reference`: counts, shape `[k]`, `k ≥ 1`.
/// * `current`: counts in the same categories.
/// * `decision`: alpha and the effect that matters.
///
/// # Returns
/// `statistic` is Pearson's on the merged table; `p_value` its upper tail. `effect` is the
/// bias-corrected Cramér's V in `[0, 1]`, with both samples given the same weight: the uncorrected
/// `φ² = ½ Σ (pᵢ − qᵢ)² / (pᵢ + qᵢ)` is what a table of two equally large samples with these shares
/// would have. (The plain V shrinks as the reference grows, and would call the same change smaller.)
/// `detectable_effect` is the V of a statistic that is just significant. `interval` holds the V of the
/// distributions with confidence `1 − alpha`, chance's own part taken off; it may begin at 0.
///
/// # Errors
/// As [`contingency`], and [`crate::ErrorKind::OutOfRange`] if `decision.alpha` is no probability.
///
/// # Numerics
/// O(k), one allocation. The p-value is accurate to 1e-12 relative down to 1e-300.
///
/// # Examples
/// ```
/// use tidegate_stats::{Decision, Verdict, chi_square};
/// let result = chi_square::two_sample(&[500, 500], &[600, 400], &Decision::default())?;
/// // By hand: X² = 2000 · (500·400 − 500·600)² / (1000 · 1000 · 1100 · 900).
/// assert!((result.statistic - 20.202020202020204).abs() < 1e-12);
/// assert_eq!(result.verdict, Verdict::NoDrift); // significant, but V is just below 0.1
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Cochran (1954), <https://doi.org/10.2307/3001616>, for the counts. Bergsma (2013),
/// <https://doi.org/10.1016/j.jkss.2012.10.002>, for the correction of V; where the sizes differ,
/// ours takes `4 / (1/n + 1/m)` for the size of the table, which is `n + m` for equal ones.
pub fn two_sample(
    reference: &[u64],
    current: &[u64],
    decision: &Decision,
) -> Result<TwoSample, Error> {
    let alpha = decision.checked_alpha()?;
    let table = Table::try_new(reference, current)?;
    let totals = table.totals();
    let groups = table.merged();
    let test = pearson(&groups, totals)?;
    let v = Association::new(totals, test.df);
    Ok(decision.conclude(Measured {
        method: Method::ChiSquare,
        statistic: test.statistic,
        p_value: Some(test.p_value),
        effect: v.effect(&groups),
        interval: Some(v.interval(&groups, alpha)?),
        detectable_effect: v.detectable(alpha)?,
        counts: totals,
    }))
}

/// Compares two samples by a chi-square test on bins whose edges are quantiles of the reference.
///
/// The reference's counts then hardly vary: what varies is how much of the distribution lies between
/// its edges, and the current shares `q` vary with it. Where the reference is small, Pearson's expected
/// shares are nearly those of the current sample, so that a bin which chance made narrow gets a small
/// denominator too: with 50 rows against 1000 the false-alarm rate is 10 %. So
/// `X² = Σ (pᵢ − qᵢ)²/sᵢ / (1/n + 1/m)` takes `s = ωp + (1 − ω)q` with `ω = n/(n + m)`, Pearson's, but at
/// least ⅓: the rate is then 3 to 6 % from 50 rows on, on bins of even width of a lattice too. Up to twice
/// as many current rows as the reference has, it is Pearson's statistic.
///
/// # Arguments
/// * `reference`: counts between its own quantiles, shape `[k]`, `k ≥ 1`.
/// * `current`: counts in the same bins.
/// * `decision`: alpha and the effect that matters.
///
/// # Returns
/// As [`two_sample`], with `X²` for the statistic.
///
/// # Errors
/// As [`two_sample`].
///
/// # Numerics
/// As [`two_sample`].
///
/// # Examples
/// ```
/// use tidegate_stats::{Decision, chi_square};
/// let decision = Decision::default();
/// let result = chi_square::two_sample_on_quantiles(&[50, 50], &[540, 360], &decision)?;
/// // By hand: the shares are ⅓·0.5 + ⅔·0.6 and ⅓·0.5 + ⅔·0.4, the gaps 0.1, and 1/n + 1/m is 1/90.
/// assert!((result.statistic - 0.9 * (3.0 / 1.7 + 3.0 / 1.3)).abs() < 1e-14);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Wilks (1941), <https://doi.org/10.1214/aoms/1177731788>, for the law of what lies between order
/// statistics. Oracle: the definition in mpmath; `scipy.stats.chi2_contingency` for `m ≤ 2n`; the rates by
/// simulation.
pub fn two_sample_on_quantiles(
    reference: &[u64],
    current: &[u64],
    decision: &Decision,
) -> Result<TwoSample, Error> {
    let alpha = decision.checked_alpha()?;
    let table = Table::try_new(reference, current)?;
    let totals = table.totals();
    let groups = table.merged();
    let df = groups.len().saturating_sub(1) as u64;
    let statistic = weighted(&groups, totals);
    let p_value = if df == 0 { 1.0 } else { special::chi_square_tail(statistic, df as f64)? };
    let v = Association::new(totals, df);
    Ok(decision.conclude(Measured {
        method: Method::ChiSquare,
        statistic,
        p_value: Some(p_value),
        effect: v.effect(&groups),
        interval: Some(v.interval(&groups, alpha)?),
        detectable_effect: v.detectable(alpha)?,
        counts: totals,
    }))
}

/// `Σ (pᵢ − qᵢ)² / sᵢ / (1/n + 1/m)` with `sᵢ` a mean of both shares.
fn weighted(groups: &[(u64, u64)], totals: [u64; 2]) -> f64 {
    let [n, m] = totals.map(|total| total as f64);
    let own = (n / (n + m)).max(LEAST_WEIGHT);
    let mut sum = num::Sum::default();
    for &(a, b) in groups {
        // p − q = gap/(nm), s = share/(nm).
        let gap = cross_difference((a, b), totals);
        let share = own * m * a as f64 + (1.0 - own) * n * b as f64;
        sum.add(gap / (n + m) * (gap / share));
    }
    sum.value()
}

/// Pearson's test on groups of `(reference, current)` counts with the given totals.
fn pearson(groups: &[(u64, u64)], totals: [u64; 2]) -> Result<Contingency, Error> {
    let [n, m] = totals.map(|total| total as f64);
    let mut sum = num::Sum::default();
    let mut columns = 0_u64;
    for &(a, b) in groups.iter().filter(|&&group| group != (0, 0)) {
        // Both cells of a column miss their expected counts by the same (a·m − b·n)/(n + m).
        let gap = cross_difference((a, b), totals);
        sum.add(gap / n * (gap / m) / (a as f64 + b as f64));
        columns += 1;
    }
    let statistic = sum.value().max(0.0);
    let df = columns.saturating_sub(1);
    let p_value = if df == 0 { 1.0 } else { special::chi_square_tail(statistic, df as f64)? };
    Ok(Contingency { statistic, df, p_value, cramers_v: num::sqrt(statistic / (n + m)).min(1.0) })
}

/// Pearson's statistic, with Yates's correction where there is one degree of freedom: each cell is half
/// an observation, but no more than there is, nearer to what is expected. `None` for a table that is
/// none.
pub(crate) fn corrected_statistic(reference: &[u64], current: &[u64]) -> Option<f64> {
    let test = contingency(reference, current).ok()?;
    if test.df != 1 {
        return Some(test.statistic);
    }
    let table = Table::try_new(reference, current).ok()?;
    let totals = table.totals();
    let [n, m] = totals.map(|total| total as f64);
    // All four cells miss their expected counts by the same.
    let gap = table.counts().map(|cell| cross_difference(cell, totals).abs()).fold(0.0, f64::max)
        / (n + m);
    let ratio = (gap - 0.5).max(0.0) / gap;
    Some(if gap > 0.0 { test.statistic * ratio * ratio } else { 0.0 })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ErrorKind, Verdict};

    fn compare(reference: &[u64], current: &[u64]) -> TwoSample {
        two_sample(reference, current, &Decision::default()).unwrap()
    }

    #[test]
    fn two_by_two_by_hand() {
        // X² = N (ad − bc)² / (products of the margins) = 100 · 500² / (50 · 50 · 55 · 45).
        let test = contingency(&[25, 25], &[30, 20]).unwrap();
        assert!((test.statistic - 100.0 * 62_500.0 / 6_187_500.0).abs() < 1e-14);
        assert_eq!(test.df, 1);
        assert!((test.cramers_v - num::sqrt(test.statistic / 100.0)).abs() < 1e-15);
    }

    #[test]
    fn a_lone_category_cannot_drift() {
        let test = contingency(&[25], &[30]).unwrap();
        assert_eq!((test.statistic, test.df, test.p_value), (0.0, 0, 1.0));
        assert_eq!(compare(&[1_000], &[30_000]).verdict, Verdict::NoDrift);
        assert_eq!(compare(&[2], &[1]).verdict, Verdict::InsufficientData);
    }

    #[test]
    fn categories_that_nobody_has_change_nothing() {
        let with = contingency(&[25, 0, 25], &[30, 0, 20]).unwrap();
        assert_eq!(with, contingency(&[25, 25], &[30, 20]).unwrap());
    }

    #[test]
    fn rare_categories_become_one() {
        // 40 singletons a side: unmerged they look like 80 different categories.
        let mut reference = alloc::vec![1_u64; 40];
        let mut current = alloc::vec![0_u64; 40];
        reference.extend([0; 40]);
        current.extend([1; 40]);
        reference.push(960);
        current.push(960);
        let table = Table::try_new(&reference, &current).unwrap();
        assert_eq!(table.merged(), [(960, 960), (40, 40)]);
        assert_eq!(compare(&reference, &current).p_value, Some(1.0));
    }

    #[test]
    fn a_rare_group_that_stays_rare_takes_the_next_category() {
        let table = Table::try_new(&[1, 30, 100], &[0, 30, 100]).unwrap();
        assert_eq!(table.merged(), [(100, 100), (31, 30)]);
    }

    #[test]
    fn the_effect_does_not_depend_on_the_ratio_of_the_sizes() {
        let even = compare(&[50_000, 50_000], &[70_000, 30_000]).effect;
        let uneven = compare(&[500_000_000, 500_000_000], &[70_000, 30_000]).effect;
        assert!((even - uneven).abs() < 1e-4, "{even} and {uneven}");
        assert!((even - 0.2041).abs() < 1e-3, "√(½·(.04/1.2 + .04/.8)) by hand");
    }

    #[test]
    fn on_quantiles_a_large_reference_changes_nothing() {
        let (a, b) = (&[100, 90, 110][..], &[150, 160, 290][..]);
        let plain = compare(a, b);
        let on_quantiles = two_sample_on_quantiles(a, b, &Decision::default()).unwrap();
        assert!((on_quantiles.statistic / plain.statistic - 1.0).abs() < 1e-14);
        assert_eq!(on_quantiles.effect, plain.effect);
        let more: Vec<u64> = b.iter().map(|count| 10 * count).collect();
        let weighted = two_sample_on_quantiles(a, &more, &Decision::default()).unwrap().statistic;
        assert!((weighted / compare(a, &more).statistic - 1.0).abs() > 1e-3);
    }

    #[test]
    fn on_quantiles_edges_are_answered() {
        for (a, b) in [([1, 0], [0, 1]), ([1, 0], [1, 0]), ([u64::MAX, 0], [0, 1])] {
            let result = two_sample_on_quantiles(&a, &b, &Decision::default()).unwrap();
            assert!((0.0..=1.0).contains(&result.p_value.unwrap()), "{result:?}");
            assert!(result.statistic.is_finite() && result.statistic >= 0.0);
        }
        assert!(two_sample_on_quantiles(&[1], &[1, 2], &Decision::default()).is_err());
    }

    #[test]
    fn edges_are_answered_with_finite_numbers() {
        for (a, b) in [([1, 0], [0, 1]), ([1, 0], [1, 0]), ([u64::MAX, 0], [0, 1])] {
            let result = compare(&a, &b);
            assert!((0.0..=1.0).contains(&result.effect), "{result:?}");
            assert!((0.0..=1.0).contains(&result.p_value.unwrap()), "{result:?}");
            assert!(result.statistic.is_finite() && result.detectable_effect.is_finite());
        }
        let error = contingency(&[1], &[1, 2]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ShapeMismatch);
    }
}
