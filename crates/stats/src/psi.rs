//! Population stability index (PSI) between two samples counted into the same bins or categories.
//!
//! The index of credit scoring: `PSI = Σᵢ (qᵢ − pᵢ) · ln(qᵢ / pᵢ)` over bin shares `pᵢ`
//! (reference) and `qᵢ` (current). Its customary cuts, 0.1 and 0.2, ignore the sizes of the samples:
//! without any drift its mean is about `(k − 1)(1/n + 1/m)`, so that ten bins of 100 rows exceed 0.1
//! half of the time. Here a verdict must also clear what chance gives at the sizes at hand.
//!
//! An empty bin would make the index infinite, hence a floor is added to each share. The floor then
//! decides what a new category weighs; count new categories as a signal of their own.

use crate::{
    Decision, Error, Method, TwoSample,
    decision::Measured,
    interval::{self, Slopes},
    num,
    table::Table,
};

/// What is added to each share, so that an empty bin has a finite weight.
pub const SMOOTHING: f64 = 1e-4;

/// Compares two samples by the population stability index.
///
/// `p̃ᵢ = (pᵢ + 10⁻⁴) / (1 + k·10⁻⁴)`, the same for `q̃ᵢ`, and `PSI = Σᵢ (q̃ᵢ − p̃ᵢ) · ln(q̃ᵢ / p̃ᵢ)`.
///
/// # Arguments
/// * `reference`: counts, shape `[k]`, `k ≥ 1`.
/// * `current`: counts in the same bins.
/// * `decision`: alpha and the effect that matters.
///
/// # Returns
/// `statistic` and `effect` are the index, in nats, `≥ 0`, symmetric in the two samples. There is
/// no p-value; `detectable_effect` is what chance gives with probability `alpha`,
/// `χ²₍k−1, 1−α₎ · (1/n + 1/m)` (Yurdakul 2018), over the bins that are not empty in both samples.
///
/// That law needs counts that are not small: a bin that chance left empty weighs
/// `p · ln(p / 10⁻⁴)`, far more than it should. So the index is also computed with half an
/// observation in each cell, and what the published index exceeds it by is added to
/// `detectable_effect`.
///
/// `interval` holds the index of the distributions with confidence `1 − alpha`, chance's own part taken
/// off: it may lie below the index, and holds that too.
///
/// # Errors
/// * [`crate::ErrorKind::ShapeMismatch`]: the lengths differ.
/// * [`crate::ErrorKind::EmptySample`]: a sample sums to zero.
/// * [`crate::ErrorKind::OutOfRange`]: a total exceeds 2⁶⁴, or `decision.alpha` is no probability.
///
/// # Numerics
/// O(k), no allocation.
///
/// # Examples
/// ```
/// use tidegate_stats::{Decision, Verdict, psi};
/// let result = psi::two_sample(&[2500; 4], &[1000, 2000, 3000, 4000], &Decision::default())?;
/// // Shares ¼ against .1, .2, .3, .4: 0.2282 without smoothing.
/// assert!((result.effect - 0.2282).abs() < 5e-4);
/// assert_eq!(result.verdict, Verdict::Drift);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Kullback & Leibler (1951), <https://doi.org/10.1214/aoms/1177729694>, the divergence J. Yurdakul
/// (2018), "Statistical properties of population stability index", Western Michigan University, for
/// the chi-square law.
pub fn two_sample(
    reference: &[u64],
    current: &[u64],
    decision: &Decision,
) -> Result<TwoSample, Error> {
    let alpha = decision.checked_alpha()?;
    let table = Table::try_new(reference, current)?;
    let index = classic_of(&table) / (1.0 + table.len() as f64 * SMOOTHING);
    let without_floor =
        symmetric_divergence(table.shares_with_half_added().map(|(p, q)| (p, q, p - q)));
    let interval = interval::of_smooth(&table, index, slopes, alpha)?;
    Ok(decision.conclude(Measured {
        method: Method::Psi,
        statistic: index,
        p_value: None,
        effect: index,
        interval: Some(interval),
        detectable_effect: table.noise(alpha)? + (index - without_floor).max(0.0),
        counts: table.totals(),
    }))
}

/// Of `(q − p) ln(q / p)`.
fn slopes(p: f64, q: f64) -> Slopes {
    let logarithm = ln_ratio(p, q, p - q);
    Slopes {
        first: [1.0 - q / p - logarithm, 1.0 - p / q + logarithm],
        second: [(1.0 + q / p) / p, (1.0 + p / q) / q],
    }
}

/// The index with `10⁻⁴` added to each share and the shares not renormalised, as it is often
/// published: larger than [`two_sample`]'s by the factor `1 + k·10⁻⁴`.
///
/// # Errors
/// As [`two_sample`], but for `alpha`.
///
/// # Examples
/// ```
/// use tidegate_stats::psi;
/// // Shares ¼ against .1, .2, .3, .4: 0.2282 without smoothing.
/// let index = psi::classic(&[2500; 4], &[1000, 2000, 3000, 4000])?;
/// assert!((index - 0.2282).abs() < 5e-4);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// As [`two_sample`].
pub fn classic(reference: &[u64], current: &[u64]) -> Result<f64, Error> {
    Ok(classic_of(&Table::try_new(reference, current)?))
}

fn classic_of(table: &Table<'_>) -> f64 {
    let bins = table.shares_and_differences();
    symmetric_divergence(bins.map(|(p, q, gap)| (p + SMOOTHING, q + SMOOTHING, gap)))
}

/// `Σ (q − p) ln(q / p)` over positive shares and their differences `p − q`, which may be known more
/// exactly than the shares.
fn symmetric_divergence(bins: impl Iterator<Item = (f64, f64, f64)>) -> f64 {
    bins.map(|(p, q, gap)| -gap * ln_ratio(p, q, gap)).collect::<num::Sum>().value()
}

/// `ln(q / p)`, which keeps its digits where the two are nearly equal; `gap` is `p − q`.
fn ln_ratio(p: f64, q: f64, gap: f64) -> f64 {
    let d = -gap / (q + p);
    if d.abs() < 0.5 { num::ln_1p(d) - num::ln_1p(-d) } else { num::ln(q) - num::ln(p) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ErrorKind, Verdict};

    fn compare(reference: &[u64], current: &[u64]) -> TwoSample {
        two_sample(reference, current, &Decision::default()).unwrap()
    }

    #[test]
    fn is_zero_for_equal_shares_and_symmetric() {
        assert_eq!(compare(&[10, 20, 30], &[100, 200, 300]).effect, 0.0);
        let (a, b) = (&[500, 300, 200][..], &[400, 100, 500][..]);
        assert_eq!(compare(a, b).effect.to_bits(), compare(b, a).effect.to_bits());
    }

    #[test]
    fn renormalising_divides_by_one_constant() {
        let (a, b) = (&[500, 300, 200, 0][..], &[400, 100, 400, 100][..]);
        let ratio = classic(a, b).unwrap() / compare(a, b).effect;
        assert!((ratio - 1.0004).abs() < 1e-12);
    }

    #[test]
    fn shares_that_differ_in_their_last_digits_keep_them() {
        // Shares of ½ ± x and ½ ∓ x, x = 1e-12: 2 · 2x · 2x / (½ + 1e-4), and a term in x⁴.
        let (more, fewer) = (500_000_000_001, 499_999_999_999);
        let index = classic(&[more, fewer], &[fewer, more]).unwrap();
        assert!((index / (8e-24 / 0.5001) - 1.0).abs() < 1e-14, "{index}");
    }

    #[test]
    fn a_lone_bin_and_tiny_samples_are_answered() {
        assert_eq!(compare(&[5], &[7]).verdict, Verdict::InsufficientData);
        assert_eq!(compare(&[1_000], &[7_000]).verdict, Verdict::NoDrift);
        assert_eq!(compare(&[1, 0], &[0, 1]).verdict, Verdict::InsufficientData);
        assert_eq!(compare(&[1000, 0], &[0, 1000]).verdict, Verdict::Drift);
    }

    #[test]
    fn bad_shapes_are_refused() {
        let kind =
            |a: &[u64], b: &[u64]| two_sample(a, b, &Decision::default()).unwrap_err().kind();
        assert_eq!(kind(&[1, 2], &[1]), ErrorKind::ShapeMismatch);
        assert_eq!(kind(&[], &[]), ErrorKind::EmptySample);
        assert_eq!(kind(&[0, 0], &[1, 2]), ErrorKind::EmptySample);
        assert_eq!(kind(&[u64::MAX, 1], &[1, 2]), ErrorKind::OutOfRange);
        let senseless = Decision { alpha: 1.0, ..Decision::default() };
        let error = two_sample(&[1], &[1], &senseless).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OutOfRange);
    }
}
