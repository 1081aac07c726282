//! May the experiment go on? One-sided answers that hold however often one looks.

use super::sequential::{Mixture, MixtureAt};
use super::summary::{Contrast, SampleSummary};
use crate::{Error, ErrorKind, num};

/// The movement of a metric that does harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Harm {
    /// More is worse: latency, errors.
    #[default]
    Increase,
    /// Less is worse: conversions, revenue.
    Decrease,
}

/// Settings of a [`guardrail`], chosen before the data are seen.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GuardrailOptions {
    /// Which movement does harm. Default: more.
    pub harm: Harm,
    /// Harm that is borne, in units of the mean, finite and `≥ 0`. Default 0.
    pub margin: f64,
    /// Level of each of the two verdicts, in `(0, ½)`. Default 0.05.
    pub alpha: f64,
    /// `N*`, the number of units at which the bounds are to be closest, finite and `≥ 1`. Default
    /// [`super::DEFAULT_TUNING_COUNT`].
    pub tuning_count: f64,
}

impl Default for GuardrailOptions {
    fn default() -> Self {
        Self {
            harm: Harm::Increase,
            margin: 0.0,
            alpha: 0.05,
            tuning_count: super::DEFAULT_TUNING_COUNT,
        }
    }
}

/// What a guardrail says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum GuardrailVerdict {
    /// The harm is more than the margin: roll back.
    Harmed,
    /// The harm is less than the margin (non-inferiority).
    Safe,
    /// Neither is sure yet.
    Undecided,
}

/// The result of a [`guardrail`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Guardrail {
    /// The difference in the direction of harm, in units of the mean; negative where it did good.
    pub harm: f64,
    /// The harm is above this at all looks together with probability `1 − alpha`.
    pub lower_bound: f64,
    /// The harm is below this at all looks together with probability `1 − alpha`.
    pub upper_bound: f64,
    /// Always-valid p-value against a harm of at most the margin, in `[0, 1]`.
    pub harmed_p_value: f64,
    /// Always-valid p-value against a harm of at least the margin, in `[0, 1]`.
    pub safe_p_value: f64,
    /// The verdict at `alpha`.
    pub verdict: GuardrailVerdict,
}

/// Compares two means for harm, by one-sided asymptotic confidence sequences: for a rollout that is
/// looked at all the time and rolled back by itself.
///
/// With `N` units in all, `e` the standard error, `ρ² = (−2 ln 2α + ln(1 − 2 ln 2α)) / N*` and
/// `r = Nρ² + 1`, either bound is `e √(2 r ln(1 + √r / 2α) / (Nρ²))` from the harm. The p-value of a
/// harm of `z > 0` standard errors beyond the margin is `min(1, ½√r / (exp(½ z² Nρ² / r) − 1))`.
///
/// # Arguments
/// * `reference`, `current`: of at least two observations each, with finite mean and variance.
/// * `options`: see [`GuardrailOptions`].
///
/// # Returns
/// `harmed` exactly when the lower bound is above the margin, `safe` when the upper one is below it.
/// If the harm is at most the margin, the chance that it is ever called `harmed` is at most `alpha`;
/// if it is at least that, the same holds of `safe`. Being asymptotic, all of it wants some hundred
/// units before the first look.
///
/// # Errors
/// As [`super::two_means`], and [`ErrorKind::OutOfRange`] where an option is outside its range.
///
/// # Numerics
/// O(1), no allocation.
///
/// # Examples
/// ```
/// use tidegate_stats::experiment::{
///     GuardrailOptions, GuardrailVerdict, SampleSummary, guardrail,
/// };
/// // Milliseconds; two more are borne.
/// let options = GuardrailOptions { margin: 2.0, ..Default::default() };
/// let reference = SampleSummary { count: 5000, mean: 120.0, variance: 400.0 };
/// let like = SampleSummary { count: 5000, mean: 120.3, variance: 400.0 };
/// let slow = SampleSummary { count: 5000, mean: 124.0, variance: 400.0 };
/// assert_eq!(guardrail(&reference, &like, &options)?.verdict, GuardrailVerdict::Safe);
/// let result = guardrail(&reference, &slow, &options)?;
/// assert_eq!(result.verdict, GuardrailVerdict::Harmed);
/// // By hand: Nρ² = 2 · 6.329..., and the bound is 2.801 standard errors of 0.4 away.
/// assert!((result.lower_bound - (4.0 - 2.801 * 0.4)).abs() < 5e-4);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Waudby-Smith et al. (2024), <https://doi.org/10.1214/24-AOS2408>, equation 134 of
/// arXiv:2103.06476v7. Oracle: the formula in mpmath, which is that of GrowthBook's one-sided
/// sequential tests; they find the p-value by bisection between 1e-5 and 0.4999.
pub fn guardrail(
    reference: &SampleSummary,
    current: &SampleSummary,
    options: &GuardrailOptions,
) -> Result<Guardrail, Error> {
    let GuardrailOptions { harm, margin, alpha, tuning_count } = *options;
    if !(margin >= 0.0 && margin.is_finite()) {
        return Err(Error::new(ErrorKind::OutOfRange, "the margin"));
    }
    let mixture = Mixture::one_sided(alpha, tuning_count)?;
    let contrast = Contrast::try_new(reference, current)?;
    let seen = mixture.after(reference.count as f64 + current.count as f64);
    let harm = match harm {
        Harm::Increase => contrast.difference,
        Harm::Decrease => -contrast.difference,
    };
    let reach = seen.errors() * contrast.standard_error;
    let beyond = (harm - margin) / contrast.standard_error;
    let (lower_bound, upper_bound) = (harm - reach, harm + reach);
    if !(beyond.is_finite() && lower_bound.is_finite() && upper_bound.is_finite()) {
        return Err(Error::new(ErrorKind::NotFinite, "the harm in standard errors"));
    }
    let verdict = if lower_bound > margin {
        GuardrailVerdict::Harmed
    } else if upper_bound < margin {
        GuardrailVerdict::Safe
    } else {
        GuardrailVerdict::Undecided
    };
    Ok(Guardrail {
        harm,
        lower_bound,
        upper_bound,
        harmed_p_value: p_value(&seen, beyond),
        safe_p_value: p_value(&seen, -beyond),
        verdict,
    })
}

fn p_value(seen: &MixtureAt, beyond: f64) -> f64 {
    if beyond <= 0.0 {
        return 1.0;
    }
    // Below 1 only where the evidence is above 0.4, so that nothing cancels in its exponential.
    let evidence = seen.evidence(beyond);
    let ln_less_one = evidence + num::ln_1p(-num::exp(-evidence));
    num::exp((seen.half_ln_growth - core::f64::consts::LN_2 - ln_less_one).min(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFERENCE: SampleSummary = SampleSummary { count: 3000, mean: 10.0, variance: 9.0 };

    fn with_mean(mean: f64) -> SampleSummary {
        SampleSummary { count: 2000, mean, variance: 10.0 }
    }

    #[test]
    fn a_verdict_is_given_exactly_when_its_p_value_is_below_alpha() {
        for margin in [0.0, 0.1] {
            for alpha in [0.001, 0.05, 0.4] {
                let options = GuardrailOptions { margin, alpha, ..Default::default() };
                for mean in [9.5, 9.8, 9.9, 10.0, 10.1, 10.2, 10.25, 10.3, 10.4, 11.0] {
                    let result = guardrail(&REFERENCE, &with_mean(mean), &options).unwrap();
                    let harmed = result.verdict == GuardrailVerdict::Harmed;
                    let safe = result.verdict == GuardrailVerdict::Safe;
                    assert_eq!(harmed, result.harmed_p_value < alpha, "{mean} {result:?}");
                    assert_eq!(safe, result.safe_p_value < alpha, "{mean} {result:?}");
                }
            }
        }
    }

    #[test]
    fn the_other_harm_is_the_mirror() {
        let less = GuardrailOptions { harm: Harm::Decrease, ..Default::default() };
        let more = GuardrailOptions::default();
        let a = guardrail(&REFERENCE, &with_mean(10.5), &more).unwrap();
        let b = guardrail(&REFERENCE, &with_mean(9.5), &less).unwrap();
        assert_eq!(a, b);
        assert_eq!(a.verdict, GuardrailVerdict::Harmed);
    }

    #[test]
    fn evidence_beyond_the_doubles_has_a_p_value_of_zero() {
        let far = guardrail(&REFERENCE, &with_mean(1e9), &GuardrailOptions::default()).unwrap();
        assert_eq!((far.harmed_p_value, far.safe_p_value), (0.0, 1.0));
    }

    #[test]
    fn arguments_outside_their_ranges_are_refused() {
        let good = GuardrailOptions::default();
        for bad in [
            GuardrailOptions { margin: -1.0, ..good },
            GuardrailOptions { margin: f64::NAN, ..good },
            GuardrailOptions { alpha: 0.5, ..good },
            GuardrailOptions { alpha: f64::NAN, ..good },
            GuardrailOptions { tuning_count: 0.5, ..good },
        ] {
            let error = guardrail(&REFERENCE, &REFERENCE, &bad).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::OutOfRange, "{bad:?}");
        }
        let huge = GuardrailOptions { margin: f64::MAX, ..good };
        let tiny = SampleSummary { count: 9, mean: 0.0, variance: 1e-200 };
        assert_eq!(guardrail(&tiny, &tiny, &huge).unwrap_err().kind(), ErrorKind::NotFinite);
    }
}
