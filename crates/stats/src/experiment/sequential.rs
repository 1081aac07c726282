//! Answers that hold however often one looks.

use super::sample_ratio::checked_total;
use super::summary::{Comparison, Contrast, SampleSummary, checked_alpha};
use crate::{Error, ErrorKind, num, special};

/// The number of units at which a [`confidence_sequence`] is made to be narrowest, as GrowthBook has
/// it.
pub const DEFAULT_TUNING_COUNT: f64 = 5000.0;

/// A comparison that may be repeated while the data come in.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AlwaysValid {
    /// As of a single look, but `p_value` and the intervals hold at all looks together.
    pub comparison: Comparison,
    /// Natural logarithm of the p-value, which does not underflow; `≤ 0`.
    pub ln_p_value: f64,
    /// How many times as wide as at a single look the intervals are.
    pub widening_ratio: f64,
}

/// Compares two means by asymptotic confidence sequences: with probability `1 − alpha` the true
/// difference is inside *all* the intervals of an experiment, however often it is looked at.
///
/// With `N` units in all, `e` the standard error of the difference `d`,
/// `ρ² = (−2 ln α + ln(1 − 2 ln α)) / N*`, and `r = Nρ² + 1`:
/// `half-width = e √(2 r ln(√r / α) / (Nρ²))`, and
/// `p = min(1, √r · exp(−ρ² N (d/e)² / (2 r)))`.
///
/// # Arguments
/// * `reference`, `current`: of at least two observations each, with finite mean and variance.
/// * `alpha`: in `(0, 1)`.
/// * `tuning_count`: `N*`, the size at which the intervals are to be narrowest, finite and `≥ 1`;
///   [`DEFAULT_TUNING_COUNT`] if unsure. It must be chosen before the data are seen.
///
/// # Returns
/// The p-value is about the difference, and the interval of the difference leaves out 0 exactly when
/// it is below `alpha`. The lift's interval is as wide in its own standard errors. Being asymptotic,
/// all of it wants some hundred units before the first look.
///
/// # Errors
/// As [`super::two_means`], and [`ErrorKind::OutOfRange`] if `tuning_count` is outside its range.
///
/// # Numerics
/// O(1), no allocation.
///
/// # Examples
/// ```
/// use tidegate_stats::experiment::{DEFAULT_TUNING_COUNT, SampleSummary, confidence_sequence};
/// let reference = SampleSummary { count: 2500, mean: 10.0, variance: 4.0 };
/// let current = SampleSummary { count: 2500, mean: 10.2, variance: 4.0 };
/// let result = confidence_sequence(&reference, &current, 0.05, DEFAULT_TUNING_COUNT)?;
/// // By hand: Nρ² = 5.991464547 + ln 6.991464547 = 7.936154..., r = 8.936154...
/// assert!((result.widening_ratio * 1.959963985 - 3.035).abs() < 1e-3);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Waudby-Smith et al. (2024), <https://doi.org/10.1214/24-AOS2408>, equations 9, 155 and 161 of
/// arXiv:2103.06476v7. Oracle: GrowthBook's `gbstats.frequentist.tests.SequentialTwoSidedTTest`.
pub fn confidence_sequence(
    reference: &SampleSummary,
    current: &SampleSummary,
    alpha: f64,
    tuning_count: f64,
) -> Result<AlwaysValid, Error> {
    let mixture = Mixture::two_sided(alpha, tuning_count)?;
    let contrast = Contrast::try_new(reference, current)?;
    let seen = mixture.after(reference.count as f64 + current.count as f64);
    let errors = seen.errors();
    let statistic = contrast.statistic();
    // Evidence beyond the doubles is as sure as can be said.
    let ln_p_value = (seen.half_ln_growth - seen.evidence(statistic)).clamp(-f64::MAX, 0.0);
    let comparison = Comparison {
        statistic,
        df: None,
        p_value: num::exp(ln_p_value),
        difference: contrast.difference(errors)?,
        lift: contrast.lift(errors),
    };
    let widening_ratio = errors / special::normal_point(alpha / 2.0)?;
    Ok(AlwaysValid { comparison, ln_p_value, widening_ratio })
}

/// The normal mixture behind a confidence sequence, tuned to a level and a number of units.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mixture {
    rho_squared: f64,
    /// Of one side.
    alpha: f64,
    is_one_sided: bool,
}

impl Mixture {
    pub fn two_sided(alpha: f64, tuning_count: f64) -> Result<Self, Error> {
        let alpha = checked_alpha(alpha)?;
        let rho_squared = rho_squared(alpha, tuning_count)?;
        Ok(Self { rho_squared, alpha, is_one_sided: false })
    }

    /// Of a bound on one side only; `alpha` below a half.
    pub fn one_sided(alpha: f64, tuning_count: f64) -> Result<Self, Error> {
        let twice = checked_alpha(2.0 * alpha)?;
        let rho_squared = rho_squared(twice, tuning_count)?;
        Ok(Self { rho_squared, alpha, is_one_sided: true })
    }

    /// What it says after so many units.
    pub fn after(self, total: f64) -> MixtureAt {
        let scaled = total * self.rho_squared;
        MixtureAt { mixture: self, scaled, half_ln_growth: 0.5 * num::ln_1p(scaled) }
    }
}

fn rho_squared(alpha: f64, tuning_count: f64) -> Result<f64, Error> {
    if !(tuning_count >= 1.0 && tuning_count.is_finite()) {
        return Err(Error::new(ErrorKind::OutOfRange, "the tuning count"));
    }
    let ln_alpha = num::ln(alpha);
    Ok((-2.0 * ln_alpha + num::ln_1p(-2.0 * ln_alpha)) / tuning_count)
}

/// A [`Mixture`] at one look.
#[derive(Debug, Clone, Copy)]
pub(super) struct MixtureAt {
    mixture: Mixture,
    /// `Nρ²`.
    scaled: f64,
    /// `½ ln (Nρ² + 1)`.
    pub half_ln_growth: f64,
}

impl MixtureAt {
    /// Half of the interval's width, or the bound's distance, in standard errors.
    pub fn errors(&self) -> f64 {
        let ln_alpha = num::ln(self.mixture.alpha);
        let ln_bound = if self.mixture.is_one_sided {
            // ln(1 + √r / 2α).
            num::ln_1p(num::exp(self.half_ln_growth - core::f64::consts::LN_2 - ln_alpha))
        } else {
            self.half_ln_growth - ln_alpha
        };
        num::sqrt(2.0 * ((self.scaled + 1.0) / self.scaled) * ln_bound)
    }

    /// The exponent of the evidence of a difference of so many standard errors.
    pub fn evidence(&self, statistic: f64) -> f64 {
        0.5 * statistic * (self.scaled / (self.scaled + 1.0)) * statistic
    }
}

/// The result of a [`multinomial_sequence`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MultinomialSequence {
    /// Natural logarithm of the evidence against the planned shares: a bet's capital, 0 at its
    /// start.
    pub ln_e_value: f64,
    /// `min(1, 1 / evidence)`, valid at any number of looks.
    pub p_value: f64,
}

/// Tests counts against planned shares by the mixture sequential probability ratio test, at every
/// look.
///
/// Each arrival falls to one of `k` sides with shares `w`. The evidence after counts `x`, of sum `n`,
/// is the likelihood ratio of a Dirichlet mixture around `w`, of concentration `c`:
/// `E = Γ(c)/Γ(c+n) · Π Γ(c·wᵢ + xᵢ)/Γ(c·wᵢ) · wᵢ^(−xᵢ)`. Without a difference the chance that it
/// ever reaches `1/α` is at most `α`; this is exact, at every size.
///
/// For two uses: *units* by variant, against their weights, is a sample-ratio check at every look;
/// *conversions* by variant, against the weights of the traffic, is a test of equal rates, for a
/// conversion falls to either side by its share of the traffic if the rates are equal.
///
/// # Arguments
/// * `counts`: arrivals by side, shape `[k]`, `k ≥ 2`; may all be 0.
/// * `weights`: planned shares, finite and `> 0`, on any scale.
/// * `concentration`: `c`, finite and `> 0`. 1 finds large differences at once; GrowthBook has
///   10 000, for small ones. It must be chosen before the data are seen.
///
/// # Errors
/// * [`ErrorKind::ShapeMismatch`]: the lengths differ, or there are fewer than two sides.
/// * [`ErrorKind::OutOfRange`]: a weight or the concentration is outside its range.
///
/// # Numerics
/// O(k), no allocation. Gamma functions are replaced by deviances and Stirling's remainders, so that
/// nothing large cancels: the logarithm is good to 1e-11 relative, or absolute where it is below 1.
///
/// # Examples
/// ```
/// use tidegate_stats::experiment::multinomial_sequence;
/// let result = multinomial_sequence(&[2, 0], &[1.0, 1.0], 2.0)?;
/// // By hand: a flat prior gives two of two the chance 1/3, equal shares give it 1/4.
/// assert!((result.ln_e_value - 0.28768207245178096).abs() < 1e-12);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Lindon & Malek (2022), "Anytime-valid inference for multinomial count data", NeurIPS 35. Oracle:
/// the formula in mpmath, 60 digits.
pub fn multinomial_sequence(
    counts: &[u64],
    weights: &[f64],
    concentration: f64,
) -> Result<MultinomialSequence, Error> {
    if !(concentration > 0.0 && concentration.is_finite()) {
        return Err(Error::new(ErrorKind::OutOfRange, "the concentration"));
    }
    let arrivals = match checked_total(counts, weights) {
        Err(error) if error.kind() == ErrorKind::EmptySample => 0.0,
        total => total?,
    };
    let whole: f64 = weights.iter().copied().collect::<num::Sum>().value();
    let total = concentration + arrivals;
    let remainder = special::stirling_error;
    let mut ln_e_value = num::Sum::default();
    ln_e_value.add(remainder(concentration) - remainder(total));
    ln_e_value.add(0.5 * num::ln_1p(arrivals / concentration));
    for (count, weight) in counts.iter().zip(weights) {
        let share = weight / whole;
        let prior = concentration * share;
        if prior < f64::MIN_POSITIVE {
            return Err(Error::new(ErrorKind::OutOfRange, "a weight"));
        }
        let seen = *count as f64;
        let posterior = prior + seen;
        // a ln(a/e) + e − a for the pseudo-counts a and their expectation e; it sums to a
        // divergence, and no term is negative.
        let expected = total * share;
        let gap = (arrivals * share - seen) / posterior;
        let ratio = expected / posterior;
        let bracket = if (0.5..=2.0).contains(&ratio) {
            special::ln_1p_minus(gap)
        } else {
            num::ln(ratio) - gap
        };
        ln_e_value.add(-posterior * bracket);
        ln_e_value.add(remainder(posterior) - remainder(prior));
        ln_e_value.add(-0.5 * num::ln_1p(seen / prior));
    }
    let ln_e_value = ln_e_value.value();
    Ok(MultinomialSequence { ln_e_value, p_value: num::exp((-ln_e_value).min(0.0)) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFERENCE: SampleSummary = SampleSummary { count: 3000, mean: 10.0, variance: 9.0 };

    #[test]
    fn an_interval_beyond_the_doubles_is_refused() {
        let refused = |alpha, tuning| confidence_sequence(&REFERENCE, &REFERENCE, alpha, tuning);
        assert_eq!(refused(0.999_999, f64::MAX).unwrap_err().kind(), ErrorKind::NotFinite);
        assert!(refused(1.0 - f64::EPSILON / 2.0, 5000.0).unwrap().widening_ratio.is_finite());
        assert!(refused(0.05, 1e15).unwrap().widening_ratio.is_finite());
    }

    #[test]
    fn the_interval_leaves_out_zero_exactly_when_the_p_value_is_below_alpha() {
        for mean in [10.01, 10.1, 10.2, 10.25, 10.3, 11.0] {
            let current = SampleSummary { count: 2000, mean, variance: 10.0 };
            let result =
                confidence_sequence(&REFERENCE, &current, 0.05, 5000.0).unwrap().comparison;
            assert_eq!(result.difference.interval.lower > 0.0, result.p_value < 0.05, "{mean}");
        }
    }

    #[test]
    fn it_is_narrowest_near_its_tuning_count() {
        let errors = |tuning: f64| {
            confidence_sequence(&REFERENCE, &REFERENCE, 0.05, tuning).unwrap().widening_ratio
        };
        assert!(errors(6000.0) < errors(1000.0) && errors(6000.0) < errors(36_000.0));
        assert!(errors(6000.0) > 1.0);
    }

    #[test]
    fn a_flat_prior_makes_every_number_of_successes_equally_likely() {
        // E = 2ⁿ / ((n + 1) · C(n, k)).
        for (k, ways) in [(0_u64, 1.0), (1, 5.0), (2, 10.0)] {
            let got = multinomial_sequence(&[k, 5 - k], &[3.0, 3.0], 2.0).unwrap();
            assert!((got.ln_e_value - num::ln(32.0 / (6.0 * ways))).abs() < 1e-13);
        }
    }

    #[test]
    fn no_arrival_is_no_evidence() {
        let result = multinomial_sequence(&[0, 0, 0], &[1.0, 2.0, 3.0], 10.0).unwrap();
        assert!(result.ln_e_value.abs() < 1e-14 && (result.p_value - 1.0).abs() < 1e-14);
    }

    #[test]
    fn arguments_outside_their_ranges_are_refused() {
        for tuning in [0.0, f64::NAN, f64::INFINITY] {
            let error = confidence_sequence(&REFERENCE, &REFERENCE, 0.05, tuning).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::OutOfRange);
        }
        for concentration in [0.0, f64::NAN, f64::INFINITY] {
            let error = multinomial_sequence(&[1, 2], &[1.0, 1.0], concentration).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::OutOfRange);
        }
        let error = multinomial_sequence(&[1], &[1.0], 1.0).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ShapeMismatch);
    }
}
