use alloc::vec::Vec;

use super::{Bandwidth, Estimate, Evidence, MmdOptions, Prepared};
use crate::decision::Measured;
use crate::multivariate::rows::check_pair;
use crate::multivariate::together::significant_splits;
use crate::multivariate::{Rows, Scale};
use crate::random::Random;
use crate::{Decision, Error, Method, Sorted, TwoSample, num};

/// Values of both samples up to which a column is compared exactly.
const EXACT_VALUES: usize = 2048;

/// The most values of a sample to use.
const MOST_VALUES: usize = 1 << 15;

/// Frequencies of the random features for one column.
const FEATURES: usize = 64;

/// Random splits: so that one column among twenty can be significant at 5 %.
const PERMUTATIONS: u32 = 999;

/// Compares two samples of numbers by the maximum mean discrepancy, with the median heuristic.
///
/// [`super::two_sample`] for one column: the unbiased estimate, 999 random splits (more if
/// `decision.alpha` is below 0.001: the fewest that could be significant), from one fixed seed. Past 2048
/// values of both samples by 64 random Fourier features, of up to 32,768 values of each sample, chosen at
/// random from a larger one: with so many an effect of 0.01 is told from chance.
///
/// # Arguments
/// * `reference`, `current`: at least two values each. Ties are fine.
/// * `decision`: alpha, at least 10⁻⁴, and the effect that matters.
///
/// # Returns
/// As [`super::two_sample`]: `statistic` is `MMD²`, `effect` the correlation ratio in `[0, 1]`. The smallest
/// p-value is 0.001, so with hundreds of columns one alone cannot be significant.
///
/// # Errors
/// * [`crate::ErrorKind::EmptySample`]: a sample is empty.
/// * [`crate::ErrorKind::ShapeMismatch`]: a sample has one value.
/// * [`crate::ErrorKind::OutOfRange`]: `decision.alpha` is no probability, or below 10⁻⁴.
///
/// # Numerics
/// Exact: some 60 ms for 1024 values each. By random features: O((n+m) · 64), with a copy of the samples.
///
/// # Examples
/// ```
/// use tidegate_stats::{Decision, Sorted, Verdict, multivariate::mmd};
/// let reference = Sorted::try_new((0..200).map(f64::from).collect())?;
/// // The same mean and range, but nothing in between.
/// let current = Sorted::try_new((0..200).map(|i| f64::from(i / 100 * 199)).collect())?;
/// let found = mmd::of_column(&reference, &current, &Decision::default())?;
/// assert_eq!((found.p_value, found.verdict), (Some(0.001), Verdict::Drift));
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// As for [`super::two_sample`].
pub fn of_column(
    reference: &Sorted,
    current: &Sorted,
    decision: &Decision,
) -> Result<TwoSample, Error> {
    let alpha = decision.checked_alpha()?;
    let mut random = Random::new(0);
    let mut sample = |of: &Sorted| -> Vec<f64> {
        let mut values = of.values().to_vec();
        if values.len() > MOST_VALUES {
            random.pick(&mut values, MOST_VALUES);
            values.truncate(MOST_VALUES);
        }
        values
    };
    let (x, y) = (sample(reference), sample(current));
    let [x, y] = [Rows::try_new(&x, 1)?, Rows::try_new(&y, 1)?];
    check_pair(&x, &y, 2)?;
    // Not above what a u32 holds, for a tiny alpha.
    let least = num::ceil(1.0 / alpha).min(1e9) as u32;
    let permutations = PERMUTATIONS.max(least);
    let significant = significant_splits(permutations, decision)?;
    let options = MmdOptions {
        bandwidth: Bandwidth::Median,
        scale: Scale::AsGiven,
        permutations,
        ..MmdOptions::default()
    };
    let prepared = Prepared::try_new(&x, &y, &options)?;
    let evidence: Evidence = if x.len() + y.len() <= EXACT_VALUES {
        prepared.sum(permutations as usize, options.seed).into()
    } else {
        prepared.features(FEATURES).evidence(permutations as usize, options.seed)
    };
    let found = evidence.conclude(Estimate::Unbiased, significant, decision)?;
    Ok(decision.conclude(Measured {
        method: Method::Mmd,
        statistic: found.statistic,
        p_value: Some(found.p_value),
        effect: found.effect,
        interval: Some(found.interval),
        detectable_effect: found.detectable_effect,
        counts: [reference.len() as u64, current.len() as u64],
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ErrorKind, Verdict};

    fn compare(reference: &[f64], current: &[f64], alpha: f64) -> Result<TwoSample, Error> {
        let sorted = |values: &[f64]| Sorted::try_new(values.to_vec()).unwrap();
        let decision = Decision { alpha, ..Decision::default() };
        of_column(&sorted(reference), &sorted(current), &decision)
    }

    #[test]
    fn both_forms_find_a_shift_and_nothing_else() {
        let mut random = Random::new(1);
        let mut draw = |count: usize, shift: f64| -> Vec<f64> {
            (0..count).map(|_| random.normal() + shift).collect()
        };
        for count in [500, 3000] {
            let reference = draw(count, 0.0);
            let shifted = compare(&reference, &draw(count, 0.5), 0.05).unwrap();
            assert_eq!((shifted.p_value, shifted.verdict), (Some(0.001), Verdict::Drift));
            // By the Gaussian integrals of the kernel.
            assert!((shifted.effect - 0.161).abs() < 0.04, "{shifted:?}");
            let same = compare(&reference, &draw(count, 0.0), 0.05).unwrap();
            assert_eq!(same.verdict, Verdict::NoDrift, "{same:?}");
        }
    }

    #[test]
    fn refuses_what_cannot_be_compared() {
        let kind = |a: &[f64], b: &[f64], alpha| compare(a, b, alpha).unwrap_err().kind();
        assert_eq!(kind(&[], &[1.0, 2.0], 0.05), ErrorKind::EmptySample);
        assert_eq!(kind(&[1.0], &[1.0, 2.0], 0.05), ErrorKind::ShapeMismatch);
        for alpha in [0.0, 1.0, f64::NAN, 1e-5, 1e-300] {
            assert_eq!(kind(&[1.0, 2.0], &[1.0, 2.0], alpha), ErrorKind::OutOfRange);
        }
        assert!(compare(&[1.0, 2.0], &[1.0, 2.0], 1e-4).is_ok());
        assert_eq!(compare(&[1.0; 30], &[1.0; 30], 0.05).unwrap().effect, 0.0);
    }
}
