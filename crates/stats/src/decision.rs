use crate::multivariate::MultivariateFloor;
use crate::{Error, ErrorKind, Method, TwoSample, Verdict};

/// How a verdict is made from a result.
///
/// *Drift* needs two things at once: a difference that chance does not explain, and one that is
/// large enough to matter. With much data anything is significant; with little, anything is large.
///
/// *Insufficient data* is not a number of rows: it is said when the smallest effect that the test
/// could have found significant at these sizes ([`TwoSample::detectable_effect`]) is more than
/// twice the effect that matters, and no drift was found. Twice, for drift that breaks a model is
/// rarely just at the floor, and asking for a test that sees the floor itself takes four times the
/// rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Decision {
    /// The accepted probability of seeing drift where there is none, in `(0, 1)`. Default 0.05.
    pub alpha: f64,
    /// The smallest effect that matters, by method.
    pub effect_floor: EffectFloor,
}

impl Default for Decision {
    fn default() -> Self {
        Self { alpha: 0.05, effect_floor: EffectFloor::default() }
    }
}

/// The smallest effect that matters, by method, each on the method's own scale and `≥ 0`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EffectFloor {
    /// On D, the largest gap between the two distribution functions. Default 0.1: a tenth of the
    /// rows would have to move. A normal variable reaches it at a shift of a quarter of its
    /// standard deviation.
    pub kolmogorov_smirnov: f64,
    /// On the root mean square gap between the two distribution functions. Default 0.075: a normal
    /// variable reaches it, as it does the floor of `kolmogorov_smirnov`, at a shift of a quarter of
    /// its standard deviation.
    pub cramer_von_mises: f64,
    /// On the root mean square gap between the two distribution functions, each gap weighted by what
    /// chance would make it. Default 0.085: a normal variable reaches it, as it does the floors of
    /// the two above, at a shift of a quarter of its standard deviation.
    pub anderson_darling: f64,
    /// On the rank-biserial correlation, in `[0, 1]`. Default 0.1: of all pairs of a row of each
    /// sample, 55 of 100 go one way. A normal variable reaches it at a shift of 0.18 of its standard
    /// deviation.
    pub mann_whitney: f64,
    /// On Cohen's d, in pooled standard deviations. Default 0.2, Cohen's "small" effect.
    pub welch_t: f64,
    /// On the distance in standard deviations of the reference. Default 0.1: the mean row moves by
    /// a tenth of one, the cut that others in the field use.
    pub wasserstein: f64,
    /// On the root of the coefficient of inhomogeneity, in `[0, 1]`. Default 0.125: a normal variable
    /// reaches it at a shift of a quarter of its standard deviation.
    pub energy: f64,
    /// On the index in nats. Default 0.2, the classic cut for "a significant change".
    pub psi: f64,
    /// On the distance, base 2, in `[0, 1]`. Default 0.1.
    pub jensen_shannon: f64,
    /// On the smoothed divergence in nats. Default 0.1, half of the cut of the index, which is the
    /// divergence in both directions.
    pub kullback_leibler: f64,
    /// On the distance, in `[0, 1]`. Default 0.1, the cut that others in the field use.
    pub hellinger: f64,
    /// On the distance, in `[0, 1]`. Default 0.1: a tenth of the rows would have to move.
    pub total_variation: f64,
    /// On the bias-corrected Cramér's V, in `[0, 1]`. Default 0.1, Cohen's "small" effect: an even
    /// split that becomes 60 : 40.
    pub chi_square: f64,
    /// On the same V as for `chi_square`. Default 0.1.
    pub g_test: f64,
    /// On the same V as for `chi_square`. Default 0.1.
    pub fisher_exact: f64,
    /// On the same V as for `chi_square`. Default 0.1.
    pub cramers_v: f64,
    /// On the largest change of a share, in `[0, 1]`. Default 0.1: ten points of a hundred.
    pub l_infinity: f64,
    /// On the correlation ratio of maximum mean discrepancy, in `[0, 1]`. Default 0.1, Cohen's "small"
    /// correlation: a normal variable reaches it at a shift of 0.3 of its standard deviation.
    pub mmd: f64,
    /// Those of the methods for whole rows.
    pub multivariate: MultivariateFloor,
}

impl Default for EffectFloor {
    fn default() -> Self {
        Self {
            kolmogorov_smirnov: 0.1,
            cramer_von_mises: 0.075,
            anderson_darling: 0.085,
            mann_whitney: 0.1,
            welch_t: 0.2,
            wasserstein: 0.1,
            energy: 0.125,
            psi: 0.2,
            jensen_shannon: 0.1,
            kullback_leibler: 0.1,
            hellinger: 0.1,
            total_variation: 0.1,
            chi_square: 0.1,
            g_test: 0.1,
            fisher_exact: 0.1,
            cramers_v: 0.1,
            l_infinity: 0.1,
            mmd: 0.1,
            multivariate: MultivariateFloor::default(),
        }
    }
}

impl EffectFloor {
    /// The floor of one method.
    #[must_use]
    pub const fn of(&self, method: Method) -> f64 {
        match method {
            Method::KolmogorovSmirnov => self.kolmogorov_smirnov,
            Method::CramerVonMises => self.cramer_von_mises,
            Method::AndersonDarling => self.anderson_darling,
            Method::MannWhitney => self.mann_whitney,
            Method::WelchT => self.welch_t,
            Method::Wasserstein => self.wasserstein,
            Method::Energy => self.energy,
            Method::Psi => self.psi,
            Method::JensenShannon => self.jensen_shannon,
            Method::KullbackLeibler => self.kullback_leibler,
            Method::Hellinger => self.hellinger,
            Method::TotalVariation => self.total_variation,
            Method::ChiSquare => self.chi_square,
            Method::GTest => self.g_test,
            Method::FisherExact => self.fisher_exact,
            Method::CramersV => self.cramers_v,
            Method::LInfinity => self.l_infinity,
            Method::Mmd => self.mmd,
        }
    }
}

impl Decision {
    /// The verdict on a result.
    ///
    /// Drift if the effect reaches the method's floor and
    /// * for a method with a p-value: `p ≤ alpha`;
    /// * for one without: the effect reaches what chance alone would give with probability `alpha`.
    ///
    /// # Arguments
    /// * `result`: of any method.
    /// * `p_adjusted`: the p-value after a correction for the number of columns, see
    ///   [`crate::multiple`]; `None` to judge by the result's own.
    #[must_use]
    pub fn judge(&self, result: &TwoSample, p_adjusted: Option<f64>) -> Verdict {
        let floor = self.effect_floor.of(result.method);
        let significant = match p_adjusted.or(result.p_value) {
            Some(p_value) => p_value <= self.alpha,
            None => result.effect >= result.detectable_effect,
        };
        Self::verdict(significant, result.effect, result.detectable_effect, floor)
    }

    /// The rule that all verdicts are made by.
    pub(crate) fn verdict(significant: bool, effect: f64, detectable: f64, floor: f64) -> Verdict {
        if significant && effect >= floor {
            Verdict::Drift
        } else if detectable > 2.0 * floor {
            Verdict::InsufficientData
        } else {
            Verdict::NoDrift
        }
    }

    /// A measured difference, made into a result with its threshold and verdict.
    pub(crate) fn conclude(&self, measured: Measured) -> TwoSample {
        let Measured { method, statistic, p_value, effect, interval, detectable_effect, counts } =
            measured;
        let threshold = match p_value {
            Some(_) => self.alpha,
            None => self.effect_floor.of(method).max(detectable_effect),
        };
        let mut result = TwoSample {
            method,
            statistic,
            p_value,
            effect,
            interval,
            detectable_effect,
            threshold,
            reference_count: counts[0],
            current_count: counts[1],
            verdict: Verdict::NoDrift,
        };
        result.verdict = self.judge(&result, None);
        result
    }

    /// `alpha`, refused when it is no probability.
    pub(crate) fn checked_alpha(&self) -> Result<f64, Error> {
        if self.alpha > 0.0 && self.alpha < 1.0 {
            Ok(self.alpha)
        } else {
            Err(Error::new(ErrorKind::OutOfRange, "alpha, which must be between 0 and 1,"))
        }
    }
}

/// What a method measured, before a verdict.
pub(crate) struct Measured {
    pub method: Method,
    pub statistic: f64,
    pub p_value: Option<f64>,
    pub effect: f64,
    pub interval: Option<crate::Interval>,
    pub detectable_effect: f64,
    /// Of the reference and of the current sample.
    pub counts: [u64; 2],
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(method: Method, p_value: Option<f64>, effect: f64, detectable: f64) -> TwoSample {
        Decision::default().conclude(Measured {
            method,
            statistic: effect,
            p_value,
            effect,
            interval: None,
            detectable_effect: detectable,
            counts: [100, 100],
        })
    }

    #[test]
    fn drift_needs_both_an_effect_and_a_small_p() {
        let method = Method::KolmogorovSmirnov;
        let verdict = |p, effect, detectable| result(method, Some(p), effect, detectable).verdict;
        assert_eq!(verdict(0.05, 0.1, 0.1), Verdict::Drift);
        assert_eq!(verdict(0.051, 0.1, 0.1), Verdict::NoDrift);
        assert_eq!(verdict(1e-9, 0.099, 0.01), Verdict::NoDrift);
        assert_eq!(verdict(0.3, 0.15, 0.2), Verdict::NoDrift);
        assert_eq!(verdict(0.3, 0.15, 0.21), Verdict::InsufficientData);
        assert_eq!(verdict(0.01, 0.8, 0.5), Verdict::Drift, "little data, but plain to see");
    }

    #[test]
    fn without_a_p_value_the_effect_must_clear_floor_and_noise() {
        let small = result(Method::Psi, None, 0.25, 0.3);
        assert_eq!((small.threshold, small.verdict), (0.3, Verdict::NoDrift));
        let clear = result(Method::Psi, None, 0.31, 0.3);
        assert_eq!((clear.threshold, clear.verdict), (0.3, Verdict::Drift));
        let large_sample = result(Method::Psi, None, 0.1, 0.01);
        assert_eq!((large_sample.threshold, large_sample.verdict), (0.2, Verdict::NoDrift));
        assert_eq!(result(Method::Psi, None, 0.1, 0.5).verdict, Verdict::InsufficientData);
    }

    #[test]
    fn an_adjusted_p_value_takes_the_place_of_the_own() {
        let found = result(Method::ChiSquare, Some(0.01), 0.3, 0.1);
        assert_eq!(found.verdict, Verdict::Drift);
        assert_eq!(Decision::default().judge(&found, Some(0.2)), Verdict::NoDrift);
    }
}
