//! Did the variants get the traffic that was planned?

use crate::{Error, ErrorKind, num, special};

/// A p-value below this is an alarm.
const ALARM: f64 = 0.001;
/// Expected units of a variant below which nothing is said.
const MIN_EXPECTED: f64 = 8.0;

/// What a sample-ratio check says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum SampleRatioVerdict {
    /// The traffic is not split as planned: the experiment's other results are not to be trusted.
    Mismatch,
    /// Chance explains the split.
    AsPlanned,
    /// A variant would have fewer than eight units as planned.
    InsufficientData,
}

/// The result of a sample-ratio check.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SampleRatio {
    /// Pearson's statistic, `≥ 0`.
    pub statistic: f64,
    /// Degrees of freedom: variants less one.
    pub df: u64,
    /// Probability of a statistic at least as large under the planned split.
    pub p_value: f64,
    /// Alarm below 0.001, from eight expected units a variant.
    pub verdict: SampleRatioVerdict,
}

/// Checks the units of each variant against their planned shares, by the chi-square test of fit.
///
/// `X² = Σ (observed − n·w)² / (n·w)` with `n` units in all and weights `w` that are first divided
/// by their sum. The level is 0.001 and not 0.05, for a mismatch is a defect of the experiment, is
/// checked often, and shows itself at once in any real traffic.
///
/// # Arguments
/// * `observed`: units by variant, shape `[k]`, `k ≥ 2`.
/// * `weights`: planned shares of the same variants, finite and `> 0`, on any scale.
///
/// # Errors
/// * [`ErrorKind::ShapeMismatch`]: the lengths differ, or there are fewer than two variants.
/// * [`ErrorKind::EmptySample`]: there is no unit.
/// * [`ErrorKind::OutOfRange`]: a weight is not positive, or not finite, or their sum is not.
/// * [`ErrorKind::NotConverged`]: see [`special::upper_gamma_ratio`].
///
/// # Numerics
/// O(k), no allocation. The p-value is accurate to 1e-12 relative down to 1e-300.
///
/// # Examples
/// ```
/// use tidegate_stats::experiment::{SampleRatioVerdict, sample_ratio};
/// let result = sample_ratio(&[5000, 5300], &[1.0, 1.0])?;
/// // By hand: 2 · 150² / 5150.
/// assert!((result.statistic - 8.737864077669903).abs() < 1e-12);
/// assert_eq!(result.verdict, SampleRatioVerdict::AsPlanned); // p = 0.003
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Fabijan et al. (2019), <https://doi.org/10.1145/3292500.3330722>. Oracle:
/// `scipy.stats.chisquare(observed, expected)`. Level and minimum as GrowthBook.
pub fn sample_ratio(observed: &[u64], weights: &[f64]) -> Result<SampleRatio, Error> {
    let total = checked_total(observed, weights)?;
    let whole: f64 = weights.iter().copied().collect::<num::Sum>().value();
    let expected = || weights.iter().map(|weight| total * (weight / whole));
    let statistic = observed
        .iter()
        .zip(expected())
        .map(|(count, expected)| {
            let gap = *count as f64 - expected;
            gap * (gap / expected)
        })
        .collect::<num::Sum>()
        .value();
    if !statistic.is_finite() {
        return Err(Error::new(ErrorKind::OutOfRange, "a weight"));
    }
    let df = observed.len() as u64 - 1;
    let p_value = special::chi_square_tail(statistic, df as f64)?;
    let verdict = if expected().any(|expected| expected < MIN_EXPECTED) {
        SampleRatioVerdict::InsufficientData
    } else if p_value < ALARM {
        SampleRatioVerdict::Mismatch
    } else {
        SampleRatioVerdict::AsPlanned
    };
    Ok(SampleRatio { statistic, df, p_value, verdict })
}

/// All counts together, if counts and weights belong together.
pub(super) fn checked_total(counts: &[u64], weights: &[f64]) -> Result<f64, Error> {
    if counts.len() != weights.len() || counts.len() < 2 {
        return Err(Error::new(ErrorKind::ShapeMismatch, "the list of weights"));
    }
    if !weights.iter().all(|weight| *weight > 0.0) || !weights.iter().sum::<f64>().is_finite() {
        return Err(Error::new(ErrorKind::OutOfRange, "a weight"));
    }
    let total = counts.iter().map(|count| *count as f64).sum();
    if total == 0.0 {
        return Err(Error::new(ErrorKind::EmptySample, "the experiment"));
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts() {
        let verdict =
            |observed: &[u64], weights: &[f64]| sample_ratio(observed, weights).unwrap().verdict;
        assert_eq!(verdict(&[1000, 1000], &[0.5, 0.5]), SampleRatioVerdict::AsPlanned);
        assert_eq!(verdict(&[1000, 1200], &[0.5, 0.5]), SampleRatioVerdict::Mismatch);
        assert_eq!(verdict(&[900, 100], &[9.0, 1.0]), SampleRatioVerdict::AsPlanned);
        assert_eq!(verdict(&[15, 0], &[0.5, 0.5]), SampleRatioVerdict::InsufficientData);
        assert_eq!(verdict(&[u64::MAX, 0], &[1.0, 1.0]), SampleRatioVerdict::Mismatch);
    }

    #[test]
    fn what_cannot_be_checked_is_refused() {
        for (observed, weights, kind) in [
            (&[1_u64, 2][..], &[1.0][..], ErrorKind::ShapeMismatch),
            (&[1], &[1.0], ErrorKind::ShapeMismatch),
            (&[0, 0], &[1.0, 1.0], ErrorKind::EmptySample),
            (&[1, 2], &[1.0, 0.0], ErrorKind::OutOfRange),
            (&[1, 2], &[1.0, f64::NAN], ErrorKind::OutOfRange),
            (&[1, 2], &[f64::MAX, f64::MAX], ErrorKind::OutOfRange),
            (&[1, 2], &[1.0, 5e-324], ErrorKind::OutOfRange),
        ] {
            assert_eq!(sample_ratio(observed, weights).unwrap_err().kind(), kind);
        }
    }
}
