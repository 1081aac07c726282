//! Largest change of any category's share (L∞), and the category that has it.
//!
//! With shares `p` (reference) and `q` (current): `L∞ = maxᵢ |pᵢ − qᵢ|`, in `[0, 1]`. It says which
//! category to look at, where the other distances say only how much changed in all; many small
//! changes it does not see.

use crate::{
    Decision, Error, Method, TwoSample, decision::Measured, interval, num, special, table::Table,
};

use core::f64::consts::SQRT_2;

/// The category whose share changed most.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LargestChange {
    /// Position of the category in the counts; the first, if several changed by the same.
    pub index: usize,
    /// Its share in the reference, in `[0, 1]`.
    pub reference_share: f64,
    /// Its share in the current sample, in `[0, 1]`.
    pub current_share: f64,
    /// By how much the two differ, in `[0, 1]`.
    pub difference: f64,
}

/// Finds the category whose share changed most.
///
/// # Arguments
/// * `reference`: counts, shape `[k]`, `k ≥ 1`.
/// * `current`: counts in the same categories.
///
/// # Errors
/// * [`crate::ErrorKind::ShapeMismatch`]: the lengths differ.
/// * [`crate::ErrorKind::EmptySample`]: a sample sums to zero.
/// * [`crate::ErrorKind::OutOfRange`]: a total exceeds 2⁶⁴.
///
/// # Examples
/// ```
/// use tidegate_stats::l_infinity;
/// let largest = l_infinity::largest_change(&[50, 30, 20], &[45, 15, 40])?;
/// assert_eq!(largest.index, 2);
/// assert!((largest.difference - 0.2).abs() < 1e-15);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// As [`two_sample`].
pub fn largest_change(reference: &[u64], current: &[u64]) -> Result<LargestChange, Error> {
    Ok(largest_of(&Table::try_new(reference, current)?))
}

/// Compares two samples by the largest change of any category's share.
///
/// # Arguments
/// * `reference`: counts, shape `[k]`, `k ≥ 1`.
/// * `current`: counts in the same categories.
/// * `decision`: alpha and the effect that matters.
///
/// # Returns
/// `statistic` and `effect` are the distance, in `[0, 1]`, symmetric in the two samples;
/// [`largest_change`] says of which category. There is no p-value; `detectable_effect` is what chance
/// gives with probability `alpha`, or a little more: the point at which the tails of all categories'
/// differences sum to `alpha`. Without drift the difference of a category with the pooled share `s`
/// is nearly normal with variance `v = s(1 − s)(1/n + 1/m)`. Small counts have heavier tails, so half
/// an observation is added to each cell for the variances, and the tail at `t` is the normal one at
/// Bernstein's `t / √(v + t / (3 min(n, m)))`. Two categories have one difference.
///
/// `interval` holds the largest change of the distributions with confidence `1 − alpha` or more: all
/// differences lie between their bounds at once.
///
/// # Errors
/// As [`largest_change`], and [`crate::ErrorKind::OutOfRange`] if `decision.alpha` is no probability.
///
/// # Numerics
/// O(k), no allocation; the point is found by 32 halvings, and is the upper end of what is left.
///
/// # Examples
/// ```
/// use tidegate_stats::{Decision, Verdict, l_infinity};
/// let decision = Decision::default();
/// let result = l_infinity::two_sample(&[500, 300, 200], &[450, 150, 400], &decision)?;
/// assert!((result.effect - 0.2).abs() < 1e-15);
/// assert_eq!(result.verdict, Verdict::Drift);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Dunn (1961), <https://doi.org/10.1080/01621459.1961.10482090>, for the sum of the tails; Bernstein
/// (1924) for the heavier ones. Oracle: the definition in mpmath.
pub fn two_sample(
    reference: &[u64],
    current: &[u64],
    decision: &Decision,
) -> Result<TwoSample, Error> {
    let alpha = decision.checked_alpha()?;
    let table = Table::try_new(reference, current)?;
    let distance = largest_of(&table).difference;
    Ok(decision.conclude(Measured {
        method: Method::LInfinity,
        statistic: distance,
        p_value: None,
        effect: distance,
        interval: Some(interval::of_largest_change(&table, alpha)?),
        detectable_effect: noise(&table, alpha)?,
        counts: table.totals(),
    }))
}

fn largest_of(table: &Table<'_>) -> LargestChange {
    let nothing =
        LargestChange { index: 0, reference_share: 0.0, current_share: 0.0, difference: -1.0 };
    let changes = table.shares_and_differences().enumerate().map(|(index, (p, q, difference))| {
        LargestChange {
            index,
            reference_share: p,
            current_share: q,
            difference: difference.abs().min(1.0),
        }
    });
    changes.fold(nothing, |held, next| if next.difference > held.difference { next } else { held })
}

/// What chance gives with probability `alpha`, or a little more.
fn noise(table: &Table<'_>, alpha: f64) -> Result<f64, Error> {
    let occupied = table.difference_deviations().count();
    // The two differences of two categories are one but for the sign.
    let counted = if occupied == 2 { 1 } else { occupied };
    let widest = table.difference_deviations().fold(0.0, f64::max);
    let [n, m] = table.totals();
    let heavier = 1.0 / (3.0 * n.min(m) as f64);
    // Where t² / (v + t · heavier) is the square of a normal variable's point.
    let point = |tail: f64| -> Result<f64, Error> {
        let square = special::chi_square_point(tail, 1.0)?;
        let half = square * heavier / 2.0;
        Ok(half + num::sqrt(half * half + square * widest * widest))
    };
    // One category alone reaches the lower end with probability alpha, all together the upper one with
    // at most that.
    let mut low = point(alpha)?;
    let mut high = point((alpha / counted as f64).max(f64::MIN_POSITIVE))?.max(low);
    for _ in 0..32 {
        let middle = low + (high - low) / 2.0;
        let tails: num::Sum = table
            .difference_deviations()
            .take(counted)
            .map(|deviation| middle / num::sqrt(deviation * deviation + middle * heavier))
            .map(|point| num::erfc(point / SQRT_2))
            .collect();
        if tails.value() > alpha {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok(high)
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
        assert_eq!(compare(&[70, 0], &[0, 50]).effect, 1.0);
    }

    #[test]
    fn names_the_category() {
        let largest = largest_change(&[60, 25, 15], &[30, 25, 45]).unwrap();
        assert_eq!((largest.index, largest.reference_share), (0, 0.6), "the first of equal ones");
        assert_eq!(largest.current_share, 0.3);
        let same = largest_change(&[5, 5], &[7, 7]).unwrap();
        assert_eq!((same.index, same.difference), (0, 0.0));
    }

    #[test]
    fn the_bound_for_two_categories_is_the_normal_one() {
        let bound = compare(&[500_000, 500_000], &[500_000, 500_000]).detectable_effect;
        let want = 1.959_963_984_540_054 * 0.5 * num::sqrt(2e-6);
        assert!((bound / want - 1.0).abs() < 1e-3, "{bound} {want}");
    }

    #[test]
    fn the_bound_for_equal_categories_divides_alpha_among_them() {
        let counts = [1_000_000; 5];
        let bound = compare(&counts, &counts).detectable_effect;
        // The point of a normal variable with both tails 0.01.
        let want = 2.575_829_303_548_901 * num::sqrt(0.2 * 0.8 * 2.0 / 5e6);
        assert!((bound / want - 1.0).abs() < 1e-3, "{bound} {want}");
    }

    #[test]
    fn one_row_each_is_not_enough() {
        assert_eq!(compare(&[1, 0], &[0, 1]).verdict, Verdict::InsufficientData);
        assert_eq!(compare(&[2], &[1]).verdict, Verdict::InsufficientData);
        assert_eq!(compare(&[1_000], &[7_000]).verdict, Verdict::NoDrift);
    }

    #[test]
    fn bad_arguments_are_refused() {
        assert_eq!(largest_change(&[1], &[1, 2]).unwrap_err().kind(), ErrorKind::ShapeMismatch);
        assert_eq!(largest_change(&[], &[]).unwrap_err().kind(), ErrorKind::EmptySample);
        let senseless = Decision { alpha: -1.0, ..Decision::default() };
        let error = two_sample(&[1], &[1], &senseless).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OutOfRange);
    }
}
