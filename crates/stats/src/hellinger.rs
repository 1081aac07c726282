//! Hellinger distance between two samples counted into the same bins or categories.
//!
//! With shares `p` (reference) and `q` (current): `H = √(½ Σᵢ (√pᵢ − √qᵢ)²) = √(1 − Σᵢ √(pᵢ qᵢ))`, in
//! `[0, 1]`: 0 for equal shares, 1 for shares without a common bin. It needs no smoothing.
//!
//! For small changes it is 0.83 of the base 2 Jensen-Shannon distance (`√ln 2`), and it bounds the
//! total variation: `H² ≤ TV ≤ √2 · H`.

use crate::{
    Decision, Error, Interval, Method, TwoSample,
    decision::Measured,
    interval::{self, Slopes},
    num,
    table::Table,
};

/// Compares two samples by the Hellinger distance.
///
/// # Arguments
/// * `reference`: counts, shape `[k]`, `k ≥ 1`.
/// * `current`: counts in the same bins.
/// * `decision`: alpha and the effect that matters.
///
/// # Returns
/// `statistic` and `effect` are the distance, in `[0, 1]`, symmetric in the two samples. There is no
/// p-value; `detectable_effect` is the distance that chance gives with probability `alpha`. For large
/// samples without drift `8 · H² / (1/n + 1/m)` is chi-square with `k − 1` degrees of freedom, `k`
/// the bins that are not empty in both. Small counts make the distance too large for that law, so it
/// is also computed with half an observation in each cell, and what the published distance exceeds it
/// by is added to `detectable_effect`.
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
/// O(k), no allocation. `√p − √q` is formed as `(p − q) / (√p + √q)`, so that nearly equal shares
/// keep their digits, which `1 − Σ √(pq)` loses.
///
/// # Examples
/// ```
/// use tidegate_stats::{Decision, hellinger};
/// let result = hellinger::two_sample(&[100, 0], &[50, 50], &Decision::default())?;
/// // By hand: 1 − √½, and its root.
/// assert!((result.effect - 0.541196).abs() < 1e-6);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Hellinger (1909), <https://doi.org/10.1515/crll.1909.136.210>. Beran (1977),
/// <https://doi.org/10.1214/aos/1176343842>, for distances of this kind in inference. Oracle: the
/// definition in mpmath.
pub fn two_sample(
    reference: &[u64],
    current: &[u64],
    decision: &Decision,
) -> Result<TwoSample, Error> {
    let alpha = decision.checked_alpha()?;
    let table = Table::try_new(reference, current)?;
    let distance = distance(table.shares_and_differences());
    let even = table.shares_with_half_added().map(|(p, q)| (p, q, p - q));
    let without_sparse = self::distance(even);
    let noise = num::sqrt(table.noise(alpha)? / 8.0);
    let Interval { lower, upper } =
        interval::of_smooth(&table, distance * distance, slopes, alpha)?;
    let [lower, upper] = [lower, upper.min(1.0)].map(num::sqrt);
    // The root of a square may be its neighbour.
    let interval = Interval { lower: lower.min(distance), upper: upper.max(distance) };
    Ok(decision.conclude(Measured {
        method: Method::Hellinger,
        statistic: distance,
        p_value: None,
        effect: distance,
        interval: Some(interval),
        detectable_effect: noise + (distance - without_sparse).max(0.0),
        counts: table.totals(),
    }))
}

/// Of the squared distance, `1 − Σ √(pq)`.
fn slopes(p: f64, q: f64) -> Slopes {
    let [down, up] = [num::sqrt(q / p), num::sqrt(p / q)];
    Slopes { first: [-down / 2.0, -up / 2.0], second: [down / p / 4.0, up / q / 4.0] }
}

/// Of shares of the reference and of the current sample, and their difference.
fn distance(bins: impl Iterator<Item = (f64, f64, f64)>) -> f64 {
    let squares: num::Sum = bins
        .filter(|&(p, q, _)| p + q > 0.0)
        .map(|(p, q, difference)| difference / (num::sqrt(p) + num::sqrt(q)))
        .map(|difference| difference * difference)
        .collect();
    num::sqrt(squares.value() / 2.0).min(1.0)
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
    fn shares_of_squares_by_hand() {
        // p = (.36, .64), q = (.64, .36): Σ √(pq) = 2 · .48, so H² = .04.
        let result = compare(&[360, 640], &[640, 360]);
        assert!((result.effect - 0.2).abs() < 1e-15);
        assert_eq!(result.verdict, Verdict::Drift);
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
        let senseless = Decision { alpha: 0.0, ..Decision::default() };
        let error = two_sample(&[1], &[1], &senseless).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OutOfRange);
    }
}
