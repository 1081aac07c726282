//! Total variation between two samples counted into the same bins or categories.
//!
//! With shares `p` (reference) and `q` (current): `TV = ½ Σᵢ |pᵢ − qᵢ|`, in `[0, 1]`: the share of the
//! rows that would have to change their bin to turn one sample into the other. The easiest of all
//! distances to explain, and it needs no smoothing.

use crate::{
    Decision, Error, Method, TwoSample, decision::Measured, interval, num, special, table::Table,
};

use core::f64::consts::FRAC_2_PI;

/// Compares two samples by the total variation of their shares.
///
/// # Arguments
/// * `reference`: counts, shape `[k]`, `k ≥ 1`.
/// * `current`: counts in the same bins.
/// * `decision`: alpha and the effect that matters.
///
/// # Returns
/// `statistic` and `effect` are the distance, in `[0, 1]`, symmetric in the two samples. There is no
/// p-value; `detectable_effect` is what chance gives with probability `alpha`.
///
/// Without drift, the difference of a bin with the pooled share `sᵢ` is nearly normal with variance
/// `σ² sᵢ(1 − sᵢ)`, `σ² = 1/n + 1/m`, so the mean of `TV` is `½ σ √(2/π) · Σ √(sᵢ(1 − sᵢ))`. What it
/// exceeds its mean by is widest for two equal bins, where `TV` is half-normal: `½ σ (z − √(2/π))`,
/// `z` the point of a normal variable with both tails `alpha`. Their sum is the bound: exact for two
/// equal bins, and otherwise wide (with ten equal bins, by 3 %: measured). Small counts are less
/// even than normal ones, so half an observation is added to each cell for the variances.
///
/// `interval` holds the distance of the distributions with confidence `1 − alpha`, chance's own part
/// taken off: it may begin at 0, and holds the one found too.
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
/// use tidegate_stats::{Decision, Verdict, total_variation};
/// let decision = Decision::default();
/// let result = total_variation::two_sample(&[500, 300, 200], &[300, 300, 400], &decision)?;
/// // A fifth of the rows went from the first to the last.
/// assert!((result.effect - 0.2).abs() < 1e-15);
/// assert_eq!(result.verdict, Verdict::Drift);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Levin & Peres (2017), "Markov Chains and Mixing Times", 2nd edition, section 4.1. Oracle: the
/// definition in mpmath.
pub fn two_sample(
    reference: &[u64],
    current: &[u64],
    decision: &Decision,
) -> Result<TwoSample, Error> {
    let alpha = decision.checked_alpha()?;
    let table = Table::try_new(reference, current)?;
    let gaps: num::Sum = table.shares_and_differences().map(|(_, _, gap)| gap.abs()).collect();
    let distance = (gaps.value() / 2.0).min(1.0);
    Ok(decision.conclude(Measured {
        method: Method::TotalVariation,
        statistic: distance,
        p_value: None,
        effect: distance,
        interval: Some(interval::of_total_variation(&table, distance, alpha)?),
        detectable_effect: noise(&table, alpha)?,
        counts: table.totals(),
    }))
}

/// What chance gives with probability `alpha`.
fn noise(table: &Table<'_>, alpha: f64) -> Result<f64, Error> {
    let deviations: num::Sum = table.difference_deviations().collect();
    let mean_of_normal = num::sqrt(FRAC_2_PI);
    let excess = num::sqrt(special::chi_square_point(alpha, 1.0)?) - mean_of_normal;
    let half_normal = table.sampling_deviation() * excess;
    Ok((mean_of_normal * deviations.value() + half_normal).max(0.0) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ErrorKind, Verdict};

    fn compare(reference: &[u64], current: &[u64]) -> TwoSample {
        two_sample(reference, current, &Decision::default()).unwrap()
    }

    #[test]
    fn runs_from_zero_to_one() {
        assert_eq!(compare(&[1, 2, 3], &[10, 20, 30]).effect, 0.0);
        assert_eq!(compare(&[70, 0, 30], &[0, 50, 0]).effect, 1.0);
    }

    #[test]
    fn the_bound_for_two_equal_bins_is_the_normal_one() {
        // The difference of two shares of ½ has the deviation ½ √(1/n + 1/m).
        let bound = compare(&[500_000, 500_000], &[500_000, 500_000]).detectable_effect;
        let want = 1.959_963_984_540_054 * 0.5 * num::sqrt(2e-6);
        assert!((bound / want - 1.0).abs() < 1e-5, "{bound} {want}");
    }

    #[test]
    fn one_row_each_is_not_enough() {
        assert_eq!(compare(&[1, 0], &[0, 1]).verdict, Verdict::InsufficientData);
        assert_eq!(compare(&[5], &[7]).verdict, Verdict::InsufficientData);
        assert_eq!(compare(&[1_000], &[7_000]).verdict, Verdict::NoDrift);
    }

    #[test]
    fn bad_arguments_are_refused() {
        let kind =
            |a: &[u64], b: &[u64]| two_sample(a, b, &Decision::default()).unwrap_err().kind();
        assert_eq!(kind(&[1], &[1, 2]), ErrorKind::ShapeMismatch);
        assert_eq!(kind(&[0, 0], &[1, 2]), ErrorKind::EmptySample);
        let senseless = Decision { alpha: 2.0, ..Decision::default() };
        let error = two_sample(&[1], &[1], &senseless).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OutOfRange);
    }
}
