//! Jensen-Shannon distance between two samples counted into the same bins or categories.
//!
//! With shares `p` (reference), `q` (current) and their mean `m`, the divergence is
//! `½ Σ p ln(p/m) + ½ Σ q ln(q/m)`, and the distance its root. The field publishes four quantities
//! under one name; ours is the **distance, base 2**, in `[0, 1]`: 0 for equal shares, 1 for shares
//! without a common bin. The functions here turn it into the other three.
//!
//! It needs no smoothing, for an empty bin has a bounded weight.

use crate::{
    Decision, Error, Interval, Method, TwoSample,
    decision::Measured,
    interval::{self, Slopes},
    num,
    table::Table,
};

use core::f64::consts::LN_2;

/// Compares two samples by the Jensen-Shannon distance, base 2.
///
/// # Arguments
/// * `reference`: counts, shape `[k]`, `k ≥ 1`.
/// * `current`: counts in the same bins.
/// * `decision`: alpha and the effect that matters.
///
/// # Returns
/// `statistic` and `effect` are the distance, in `[0, 1]`, symmetric in the two samples. There is no
/// p-value; `detectable_effect` is the distance that chance gives with probability `alpha`. For large
/// samples without drift `8 · JSD_nats / (1/n + 1/m)` is chi-square with `k − 1` degrees of freedom,
/// `k` the bins that are not empty in both. Small counts make the divergence too large for that law,
/// so it is also computed with half an observation in each cell, and what the published distance
/// exceeds it by is added to `detectable_effect`.
///
/// `interval` holds the distance of the distributions with confidence `1 − alpha`, chance's own part
/// taken off: it may begin at 0, and holds the distance found too.
///
/// # Errors
/// * [`crate::ErrorKind::ShapeMismatch`]: the lengths differ.
/// * [`crate::ErrorKind::EmptySample`]: a sample sums to zero.
/// * [`crate::ErrorKind::OutOfRange`]: a total exceeds 2⁶⁴, or `decision.alpha` is no probability.
///
/// # Numerics
/// O(k), no allocation. Each bin's term is formed from its difference, so that nearly equal shares
/// keep their digits.
///
/// # Examples
/// ```
/// use tidegate_stats::{Decision, jensen_shannon};
/// let apart = jensen_shannon::two_sample(&[100, 0], &[0, 100], &Decision::default())?;
/// assert_eq!(apart.effect, 1.0);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Lin (1991), <https://doi.org/10.1109/18.61115>; Endres & Schindelin (2003),
/// <https://doi.org/10.1109/TIT.2003.813506>, for the distance and its chi-square law. Oracle:
/// `scipy.spatial.distance.jensenshannon(p, q, base=2)`.
pub fn two_sample(
    reference: &[u64],
    current: &[u64],
    decision: &Decision,
) -> Result<TwoSample, Error> {
    let alpha = decision.checked_alpha()?;
    let table = Table::try_new(reference, current)?;
    let divergence = divergence_nats(table.shares_and_differences());
    let distance = distance_from_divergence_nats(divergence);
    let without_sparse = distance_from_divergence_nats(of_shares(table.shares_with_half_added()));
    let noise = distance_from_divergence_nats(table.noise(alpha)? / 8.0);
    let Interval { lower, upper } = interval::of_smooth(&table, divergence, slopes, alpha)?;
    let [lower, upper] = [lower, upper.min(LN_2)].map(distance_from_divergence_nats);
    Ok(decision.conclude(Measured {
        method: Method::JensenShannon,
        statistic: distance,
        p_value: None,
        effect: distance,
        interval: Some(Interval { lower, upper }),
        detectable_effect: noise + (distance - without_sparse).max(0.0),
        counts: table.totals(),
    }))
}

/// Of `½ p ln(p/m) + ½ q ln(q/m)`.
fn slopes(p: f64, q: f64) -> Slopes {
    let mean = (p + q) / 2.0;
    Slopes {
        first: [num::ln(p / mean) / 2.0, num::ln(q / mean) / 2.0],
        second: [q / p / (4.0 * mean), p / q / (4.0 * mean)],
    }
}

/// The distance, base 2, of a divergence in nats: `√(divergence / ln 2)`.
///
/// # Examples
/// ```
/// use tidegate_stats::jensen_shannon;
/// // Two samples without a common category: a divergence of ln 2, and a distance of 1.
/// assert_eq!(jensen_shannon::distance_from_divergence_nats(core::f64::consts::LN_2), 1.0);
/// ```
///
/// # References
/// As [`two_sample`].
#[must_use]
pub fn distance_from_divergence_nats(divergence_nats: f64) -> f64 {
    num::sqrt(divergence_nats / LN_2)
}

/// The divergence in bits, in `[0, 1]`, of a distance, base 2.
///
/// # Examples
/// ```
/// use tidegate_stats::jensen_shannon;
/// assert_eq!(jensen_shannon::divergence_bits_from_distance(0.5), 0.25);
/// ```
///
/// # References
/// As [`two_sample`].
#[must_use]
pub fn divergence_bits_from_distance(distance: f64) -> f64 {
    distance * distance
}

/// The divergence in nats, in `[0, ln 2]`, of a distance, base 2.
///
/// # Examples
/// ```
/// use tidegate_stats::jensen_shannon;
/// assert_eq!(jensen_shannon::divergence_nats_from_distance(1.0), core::f64::consts::LN_2);
/// ```
///
/// # References
/// As [`two_sample`].
#[must_use]
pub fn divergence_nats_from_distance(distance: f64) -> f64 {
    distance * distance * LN_2
}

/// The distance with natural logarithms, in `[0, √ln 2]`, of a distance, base 2.
///
/// # Examples
/// ```
/// use tidegate_stats::jensen_shannon;
/// let distance = jensen_shannon::distance_nats_from_distance(1.0);
/// assert!((distance - 0.832554611157698).abs() < 1e-15); // √ln 2
/// ```
///
/// # References
/// As [`two_sample`]. Oracle: `scipy.spatial.distance.jensenshannon(p, q)`, of base e.
#[must_use]
pub fn distance_nats_from_distance(distance: f64) -> f64 {
    distance * num::sqrt(LN_2)
}

/// The divergence of two share vectors, in nats, in `[0, ln 2]`.
pub(crate) fn of_shares(pairs: impl Iterator<Item = (f64, f64)>) -> f64 {
    divergence_nats(pairs.map(|(p, q)| (p, q, p - q)))
}

/// The same of shares and their difference, which may be known more exactly.
fn divergence_nats(bins: impl Iterator<Item = (f64, f64, f64)>) -> f64 {
    let sum: num::Sum = bins.map(|(p, q, gap)| bin_divergence(p, q, gap)).collect();
    (sum.value() / 2.0).clamp(0.0, LN_2)
}

/// `p ln(p/m) + q ln(q/m)`, `m = (p + q)/2`, which is never negative.
fn bin_divergence(p: f64, q: f64, gap: f64) -> f64 {
    let total = p + q;
    if total <= 0.0 {
        return 0.0;
    }
    // With d = (p − q)/(p + q):  total/2 · [(1+d) ln(1+d) + (1−d) ln(1−d)].
    let d = gap.abs() / total;
    if d >= 1.0 {
        return total * LN_2;
    }
    if d < 0.01 {
        // The bracket is Σ 2 d^2k / (2k(2k−1)); the logarithms would cancel to d².
        let s = d * d;
        return total / 2.0 * s * (1.0 + s * (1.0 / 6.0 + s * (1.0 / 15.0 + s / 28.0)));
    }
    total / 2.0 * ((1.0 + d) * num::ln_1p(d) + (1.0 - d) * num::ln_1p(-d))
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
    fn half_in_common_by_hand() {
        // p = (1, 0), q = (½, ½): the divergence is ½ ln(4/3) + ¼ ln(2/3) + ¼ ln 2 nats.
        let nats = 0.5 * num::ln(4.0 / 3.0) + 0.25 * num::ln(2.0 / 3.0) + 0.25 * LN_2;
        let distance = compare(&[400, 0], &[200, 200]).effect;
        assert!((distance - num::sqrt(nats / LN_2)).abs() < 1e-15);
        assert!((divergence_nats_from_distance(distance) - nats).abs() < 1e-15);
        assert!((divergence_bits_from_distance(distance) - nats / LN_2).abs() < 1e-15);
        assert!((distance_nats_from_distance(distance) - num::sqrt(nats)).abs() < 1e-15);
    }

    #[test]
    fn both_branches_of_a_bin_agree() {
        let logarithms = |d: f64| (1.0 + d) * num::ln_1p(d) + (1.0 - d) * num::ln_1p(-d);
        for d in [0.009_9, 0.005] {
            let series = bin_divergence(1.0 + d, 1.0 - d, 2.0 * d);
            assert!((series / logarithms(d) - 1.0).abs() < 1e-11);
        }
    }

    #[test]
    fn shares_that_differ_in_their_last_digits_keep_them() {
        // Shares of ½ ± x and ½ ∓ x, x = 1e-12: the divergence is 2x² nats and a term in x⁴.
        let (more, fewer) = (500_000_000_001, 499_999_999_999);
        let distance = compare(&[more, fewer], &[fewer, more]).effect;
        assert!((distance / (1e-12 * num::sqrt(2.0 / LN_2)) - 1.0).abs() < 1e-14, "{distance}");
    }

    #[test]
    fn one_row_each_is_not_enough() {
        assert_eq!(compare(&[1, 0], &[0, 1]).verdict, Verdict::InsufficientData);
        let error = two_sample(&[1], &[1, 2], &Decision::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ShapeMismatch);
    }
}
