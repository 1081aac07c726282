//! Wasserstein-1 distance ("earth mover's distance") between two samples of numbers.
//!
//! `W₁ = ∫ |F(x) − G(x)| dx` between the empirical distribution functions: how far the average row
//! has to be moved to turn one sample into the other, in the unit of the column. Divided by the
//! reference's standard deviation it can be compared between columns.
//!
//! It sees how *far* values moved, which the Kolmogorov-Smirnov test does not; one far outlier can
//! therefore carry it.

use crate::{
    Decision, Error, ErrorKind, Method, Sorted, TwoSample,
    bridge::BridgeNorm,
    decision::Measured,
    num,
    spread::{power_of_two_near, standard_deviation},
    walk::steps,
};

/// Compares two samples by the Wasserstein-1 distance.
///
/// # Arguments
/// * `reference`, `current`: not empty. Ties are fine.
/// * `decision`: alpha and the effect that matters.
///
/// # Returns
/// * `statistic`: `W₁` in the unit of the data, `≥ 0`.
/// * `effect`: `W₁` in population standard deviations of the reference. If the reference is
///   constant, in those of both samples taken together: a finite number whenever the samples differ.
/// * `detectable_effect`: what chance gives at these sizes with probability at most `alpha`, on the
///   scale of the effect. There is no p-value.
///
/// # The noise
/// Let both samples come from one distribution `F`, with `N = nm/(n+m)`. For large samples `√N · W₁`
/// is distributed as `∫ |B(F(x))| dx`, `B` a Brownian bridge. Its law depends on `F`, so no table will
/// do. It is bounded by a quadratic form whose quantiles are known from three running sums, with
/// both samples together for `F`. Being a bound, it keeps the rate of false alarms below `alpha`: at
/// 5 % the measured rate is 2 to 3 % on continuous columns, 5 % on columns of two values.
///
/// # Errors
/// * [`ErrorKind::EmptySample`]: a sample is empty.
/// * [`ErrorKind::OutOfRange`]: `decision.alpha` is no probability, or the distance itself is beyond
///   the range of a double (samples near both ends of it).
///
/// # Numerics
/// O(n + m) after sorting, no allocation, compensated sums. Values near the ends of a double's range
/// are scaled by a power of two first, so no product overflows or vanishes.
///
/// # Examples
/// ```
/// use tidegate_stats::{Decision, Sorted, wasserstein};
/// let reference = Sorted::try_new(vec![0.0, 1.0, 3.0])?;
/// let current = Sorted::try_new(vec![5.0, 6.0, 8.0])?;
/// let result = wasserstein::two_sample(&reference, &current, &Decision::default())?;
/// assert_eq!(result.statistic, 5.0); // every value moved by 5
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// del Barrio, Giné, Matrán (1999), <https://doi.org/10.1214/aop/1022677394>, for the limit. Oracle:
/// `scipy.stats.wasserstein_distance`.
pub fn two_sample(
    reference: &Sorted,
    current: &Sorted,
    decision: &Decision,
) -> Result<TwoSample, Error> {
    let alpha = decision.checked_alpha()?;
    let n = reference.non_empty("the reference")?.len() as f64;
    let m = current.non_empty("the current sample")?.len() as f64;
    let unit = power_of_two_near(reference, current);

    let mut area = num::Sum::default();
    let mut bridge = BridgeNorm::default();
    for step in steps(reference, current) {
        let width = step.to / unit - step.from / unit;
        let (i, j) = (step.reference_rank as f64, step.current_rank as f64);
        area.add((i * m - j * n).abs() * width);
        bridge.add(i + j, (n - i) + (m - j), width);
    }
    let distance = area.value() / (n * m);
    let statistic = distance * unit;
    if !statistic.is_finite() {
        return Err(Error::new(ErrorKind::OutOfRange, "the distance between the samples"));
    }

    let noise = bridge.bound(alpha)? * num::sqrt((n + m) / (n * m));
    let own_spread = standard_deviation(&[reference], unit);
    let scale =
        if own_spread > 0.0 { own_spread } else { standard_deviation(&[reference, current], unit) };
    let [effect, detectable_effect] =
        if scale > 0.0 { [distance / scale, noise / scale] } else { [0.0, 0.0] };
    Ok(decision.conclude(Measured {
        method: Method::Wasserstein,
        statistic,
        p_value: None,
        effect,
        interval: None,
        detectable_effect,
        counts: [reference.len() as u64, current.len() as u64],
    }))
}

#[cfg(test)]
mod tests {
    use alloc::{vec, vec::Vec};

    use super::*;
    use crate::Verdict;

    fn compare(reference: &[f64], current: &[f64]) -> Result<TwoSample, Error> {
        let sorted = |values: &[f64]| Sorted::try_new(values.to_vec()).unwrap();
        two_sample(&sorted(reference), &sorted(current), &Decision::default())
    }

    #[test]
    fn is_zero_for_the_same_values_in_other_numbers() {
        let result = compare(&[1.0, 2.0], &[2.0, 1.0, 1.0, 2.0]).unwrap();
        assert_eq!((result.statistic, result.effect), (0.0, 0.0));
    }

    #[test]
    fn by_hand() {
        // F − G is ½ on [0, 1), ½ on [1, 2), 1 on [2, 4), ½ on [4, 8).
        let result = compare(&[0.0, 2.0], &[1.0, 8.0]).unwrap();
        // Matched in order: |0 − 1|/2 + |2 − 8|/2.
        assert_eq!(result.statistic, 3.5);
        assert_eq!(result.effect, 3.5, "the reference's standard deviation is 1");
    }

    #[test]
    fn a_constant_reference_is_measured_by_both_samples_together() {
        let constant = vec![2.0; 500];
        let same = compare(&constant, &constant).unwrap();
        assert_eq!((same.effect, same.verdict), (0.0, Verdict::NoDrift));
        let moved = compare(&constant, &[3.0; 500]).unwrap();
        assert_eq!((moved.statistic, moved.effect), (1.0, 2.0));
        assert_eq!(moved.verdict, Verdict::Drift);
    }

    #[test]
    fn the_mean_of_a_constant_does_not_round_into_a_spread() {
        let constant = vec![0.1; 10];
        assert_eq!(compare(&constant, &constant).unwrap().effect, 0.0);
        assert_eq!(compare(&constant, &[0.2; 10]).unwrap().effect, 2.0);
    }

    #[test]
    fn the_scale_of_the_data_does_not_matter_up_to_the_ends_of_the_range() {
        let reference: Vec<f64> = (1..=50).map(f64::from).collect();
        let current: Vec<f64> = reference.iter().map(|value| value + 20.0).collect();
        let plain = compare(&reference, &current).unwrap();
        for scale in [num::pow(2.0, 1000.0), num::pow(2.0, -1000.0), -1.0] {
            let scaled = |values: &[f64]| values.iter().map(|v| v * scale).collect::<Vec<_>>();
            let result = compare(&scaled(&reference), &scaled(&current)).unwrap();
            assert!((result.effect / plain.effect - 1.0).abs() < 1e-14, "{scale:e}");
            assert!((result.detectable_effect / plain.detectable_effect - 1.0).abs() < 1e-14);
        }
    }

    #[test]
    fn a_distance_beyond_the_doubles_is_refused() {
        let error = compare(&[-f64::MAX], &[f64::MAX]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OutOfRange);
        assert!(compare(&[5e-324], &[0.0]).unwrap().effect.is_finite());
        assert_eq!(compare(&[], &[1.0]).unwrap_err().kind(), ErrorKind::EmptySample);
    }
}
