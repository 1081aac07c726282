//! Kullback-Leibler divergence of the current sample from the reference, on the same bins or
//! categories.
//!
//! With shares `p` (reference) and `q` (current): `KL = Σᵢ qᵢ ln(qᵢ / pᵢ)`, in nats: what is lost, on
//! average over the current rows, by taking the reference's shares for theirs. It is not symmetric;
//! the [population stability index](crate::psi) is the sum of both directions. Where others publish
//! the other direction, exchange the samples.
//!
//! A new category makes it infinite, hence a floor is added to each share, the same as in the index.
//! The floor then decides what a new category weighs; count new categories as a signal of their own.

use crate::{
    Decision, Error, Method, TwoSample,
    decision::Measured,
    deviance::deviance,
    interval::{self, Slopes},
    num, psi,
    table::Table,
};

/// What is added to each share, so that an empty bin has a finite weight.
pub const SMOOTHING: f64 = psi::SMOOTHING;

/// Compares two samples by the smoothed Kullback-Leibler divergence.
///
/// `p̃ᵢ = (pᵢ + 10⁻⁴) / (1 + k·10⁻⁴)`, the same for `q̃ᵢ`, and `KL = Σᵢ q̃ᵢ · ln(q̃ᵢ / p̃ᵢ)`.
///
/// # Arguments
/// * `reference`: counts, shape `[k]`, `k ≥ 1`.
/// * `current`: counts in the same bins.
/// * `decision`: alpha and the effect that matters.
///
/// # Returns
/// `statistic` and `effect` are the divergence, in nats, `≥ 0`. There is no p-value;
/// `detectable_effect` is what chance gives with probability `alpha`. For large samples without drift
/// `2 · KL / (1/n + 1/m)` is chi-square with `k − 1` degrees of freedom, `k` the bins that are not
/// empty in both. That law needs counts that are not small, so the divergence is also computed with
/// half an observation in each cell, and what the published one exceeds it by is added to
/// `detectable_effect`.
///
/// `interval` holds the divergence of the distributions with confidence `1 − alpha`, chance's own part
/// taken off: it may begin at 0, and holds the one found too.
///
/// # Errors
/// * [`crate::ErrorKind::ShapeMismatch`]: the lengths differ.
/// * [`crate::ErrorKind::EmptySample`]: a sample sums to zero.
/// * [`crate::ErrorKind::OutOfRange`]: a total exceeds 2⁶⁴, or `decision.alpha` is no probability.
///
/// # Numerics
/// O(k), no allocation. Each bin adds `q ln(q/p) − q + p`, which is never negative, so that nothing
/// cancels between bins.
///
/// # Examples
/// ```
/// use tidegate_stats::{Decision, Verdict, kullback_leibler};
/// let decision = Decision::default();
/// let result = kullback_leibler::two_sample(&[500, 500], &[750, 250], &decision)?;
/// // ¾ ln(3/2) + ¼ ln(1/2) = 0.1308 without smoothing.
/// assert!((result.effect - 0.1308).abs() < 1e-3);
/// assert_eq!(result.verdict, Verdict::Drift);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Kullback & Leibler (1951), <https://doi.org/10.1214/aoms/1177729694>; Kupperman (1957) for the
/// chi-square law. Oracle: `scipy.stats.entropy(q, p)` on the smoothed shares, in mpmath.
pub fn two_sample(
    reference: &[u64],
    current: &[u64],
    decision: &Decision,
) -> Result<TwoSample, Error> {
    let alpha = decision.checked_alpha()?;
    let table = Table::try_new(reference, current)?;
    let divergence = classic_of(&table) / (1.0 + table.len() as f64 * SMOOTHING);
    let without_floor =
        self::divergence(table.shares_with_half_added().map(|(p, q)| (p, q, p - q)));
    let interval = interval::of_smooth(&table, divergence, slopes, alpha)?;
    Ok(decision.conclude(Measured {
        method: Method::KullbackLeibler,
        statistic: divergence,
        p_value: None,
        effect: divergence,
        interval: Some(interval),
        detectable_effect: table.noise(alpha)? / 2.0 + (divergence - without_floor).max(0.0),
        counts: table.totals(),
    }))
}

/// Of `q ln(q/p)`.
fn slopes(p: f64, q: f64) -> Slopes {
    let ratio = q / p;
    Slopes { first: [-ratio, num::ln(ratio) + 1.0], second: [ratio / p, 1.0 / q] }
}

/// The divergence with `10⁻⁴` added to each share and the shares not renormalised, as it is often
/// published: larger than [`two_sample`]'s by the factor `1 + k·10⁻⁴`.
///
/// # Errors
/// As [`two_sample`], but for `alpha`.
///
/// # Examples
/// ```
/// use tidegate_stats::kullback_leibler;
/// // ¾ ln(3/2) + ¼ ln(1/2) = 0.1308 without smoothing.
/// let divergence = kullback_leibler::classic(&[500, 500], &[750, 250])?;
/// assert!((divergence - 0.1308).abs() < 1e-3);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// As [`two_sample`].
pub fn classic(reference: &[u64], current: &[u64]) -> Result<f64, Error> {
    Ok(classic_of(&Table::try_new(reference, current)?))
}

/// The divergence by its definition, without smoothing, in nats.
///
/// A bin that the current sample leaves empty adds nothing.
///
/// # Returns
/// In `[0, ∞]`: infinite if the current sample has rows in a bin that the reference leaves empty.
///
/// # Errors
/// As [`two_sample`], but for `alpha`.
///
/// # Examples
/// ```
/// use tidegate_stats::kullback_leibler;
/// assert_eq!(kullback_leibler::unsmoothed(&[10, 0], &[5, 5])?, f64::INFINITY);
/// // All of the current rows where the reference has half of its own: ln 2.
/// assert!((kullback_leibler::unsmoothed(&[5, 5], &[10, 0])? - 0.693147).abs() < 1e-6);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// As [`two_sample`]. Oracle: `scipy.stats.entropy(q, p)`, in mpmath.
pub fn unsmoothed(reference: &[u64], current: &[u64]) -> Result<f64, Error> {
    Ok(divergence(Table::try_new(reference, current)?.shares_and_differences()))
}

fn classic_of(table: &Table<'_>) -> f64 {
    let bins = table.shares_and_differences();
    divergence(bins.map(|(p, q, difference)| (p + SMOOTHING, q + SMOOTHING, difference)))
}

/// Of shares of the reference and of the current sample, and their difference.
fn divergence(bins: impl Iterator<Item = (f64, f64, f64)>) -> f64 {
    let mut sum = num::Sum::default();
    for (p, q, difference) in bins {
        let term = deviance(q, p, difference);
        if term.is_infinite() {
            return term;
        }
        sum.add(term);
    }
    sum.value()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ErrorKind, Verdict};

    fn compare(reference: &[u64], current: &[u64]) -> TwoSample {
        two_sample(reference, current, &Decision::default()).unwrap()
    }

    #[test]
    fn is_zero_for_equal_shares_and_has_a_direction() {
        assert_eq!(compare(&[10, 20, 30], &[100, 200, 300]).effect, 0.0);
        assert_eq!(unsmoothed(&[10, 20, 30], &[100, 200, 300]), Ok(0.0));
        let (a, b) = (&[900, 100][..], &[500, 500][..]);
        assert!(unsmoothed(a, b).unwrap() > 1.3 * unsmoothed(b, a).unwrap());
    }

    #[test]
    fn both_directions_make_the_stability_index() {
        let (a, b) = (&[500, 300, 200, 0][..], &[400, 100, 400, 100][..]);
        let both = compare(a, b).effect + compare(b, a).effect;
        let index = psi::two_sample(a, b, &Decision::default()).unwrap().effect;
        assert!((both / index - 1.0).abs() < 1e-14);
        assert!((classic(a, b).unwrap() / compare(a, b).effect - 1.0004).abs() < 1e-12);
    }

    #[test]
    fn a_new_category_has_a_finite_weight() {
        assert_eq!(unsmoothed(&[1000, 0], &[500, 500]), Ok(f64::INFINITY));
        let result = compare(&[1000, 0], &[500, 500]);
        assert!(result.effect.is_finite() && result.verdict == Verdict::Drift, "{result:?}");
    }

    #[test]
    fn one_row_each_is_not_enough() {
        assert_eq!(compare(&[1, 0], &[0, 1]).verdict, Verdict::InsufficientData);
        assert_eq!(compare(&[5], &[7]).verdict, Verdict::InsufficientData);
        assert_eq!(compare(&[1_000], &[7_000]).verdict, Verdict::NoDrift);
    }

    #[test]
    fn bad_arguments_are_refused() {
        assert_eq!(unsmoothed(&[1], &[1, 2]).unwrap_err().kind(), ErrorKind::ShapeMismatch);
        assert_eq!(unsmoothed(&[0, 0], &[1, 2]).unwrap_err().kind(), ErrorKind::EmptySample);
        let senseless = Decision { alpha: f64::NAN, ..Decision::default() };
        let error = two_sample(&[1], &[1], &senseless).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OutOfRange);
    }
}
