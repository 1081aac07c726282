use crate::{Decision, Error, ErrorKind, Interval, Verdict, num};

/// A method for whole rows, by the name that it has in reports and options.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum MultivariateMethod {
    /// Maximum mean discrepancy with a Gaussian kernel.
    Mmd,
    /// Distance of rows from the main components of the reference.
    PcaReconstruction,
    /// A classifier that tells the samples apart.
    DomainClassifier,
}

impl MultivariateMethod {
    /// Every method.
    pub const ALL: [Self; 3] = [Self::Mmd, Self::PcaReconstruction, Self::DomainClassifier];
}

/// How columns are put on one scale before rows are measured against each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scale {
    /// To mean 0 and population standard deviation 1 of both samples' rows together, which no split of them
    /// changes: so a p-value by random splits is exact, however few the rows.
    #[default]
    Together,
    /// To mean 0 and population standard deviation 1 of the reference. A column that is constant there
    /// has its spread in both samples for a unit. Where the reference is small, its own rows lie closer
    /// to its mean than others, and a p-value by random splits is too low: of 30 rows in ten columns with
    /// long tails one pair of samples in six is called drift that is none.
    ByReference,
    /// As they are: for columns of one unit, or that the caller has scaled.
    AsGiven,
}

/// The result of comparing two samples of whole rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Multivariate {
    /// The method that gave it.
    pub method: MultivariateMethod,
    /// The method's statistic, in its own unit.
    pub statistic: f64,
    /// Probability of a statistic at least as extreme if both samples came from one distribution, in
    /// `[0, 1]`; never 0 where it is by permutation.
    pub p_value: f64,
    /// Size of the difference on the method's comparable scale, `≥ 0`.
    pub effect: f64,
    /// Confidence interval of the effect, where one is known.
    pub interval: Option<Interval>,
    /// The smallest effect that this method could have told from chance, at the decision's alpha
    /// and these sample sizes, `≥ 0`.
    pub detectable_effect: f64,
    /// The bound on the p-value that the verdict was made against: the decision's alpha.
    pub threshold: f64,
    /// Rows of the reference.
    pub reference_count: u64,
    /// Rows of the current sample.
    pub current_count: u64,
    /// The verdict at `threshold` and the method's effect floor.
    pub verdict: Verdict,
}

/// The smallest effect that matters, by method for whole rows, each on the method's own scale and
/// `≥ 0`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(default, deny_unknown_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MultivariateFloor {
    /// On the correlation ratio, in `[0, 1]`. Default 0.05, half of that of a single column: most
    /// changes of a table leave most of its columns as they were. Two normal columns reach it when their
    /// correlation goes from 0 to 0.4; twenty, when one of them shifts by half a standard deviation.
    pub mmd: f64,
    /// On the difference of the mean reconstruction errors, in pooled standard deviations of the errors.
    /// Default 0.2, Cohen's "small" effect.
    pub pca_reconstruction: f64,
    /// On `2 AUC − 1`, in `[0, 1]`. Default 0.1: an area of 0.55, the cut that others in the field use.
    pub domain_classifier: f64,
}

impl Default for MultivariateFloor {
    fn default() -> Self {
        Self { mmd: 0.05, pca_reconstruction: 0.2, domain_classifier: 0.1 }
    }
}

impl MultivariateFloor {
    /// The floor of one method.
    #[must_use]
    pub const fn of(&self, method: MultivariateMethod) -> f64 {
        match method {
            MultivariateMethod::Mmd => self.mmd,
            MultivariateMethod::PcaReconstruction => self.pca_reconstruction,
            MultivariateMethod::DomainClassifier => self.domain_classifier,
        }
    }
}

impl Decision {
    /// The verdict on a comparison of whole rows, by the rule of [`Self::judge`].
    ///
    /// # Arguments
    /// * `result`: of any method for whole rows.
    /// * `p_adjusted`: the p-value after a correction for the number of methods, see
    ///   [`crate::multiple`]; `None` to judge by the result's own.
    #[must_use]
    pub fn judge_rows(&self, result: &Multivariate, p_adjusted: Option<f64>) -> Verdict {
        let significant = p_adjusted.unwrap_or(result.p_value) <= self.alpha;
        let floor = self.effect_floor.multivariate.of(result.method);
        Self::verdict(significant, result.effect, result.detectable_effect, floor)
    }

    /// A measured difference of whole rows, made into a result with its threshold and verdict.
    pub(crate) fn conclude_rows(&self, measured: Measured) -> Multivariate {
        let Measured { method, statistic, p_value, effect, interval, detectable_effect, counts } =
            measured;
        let mut result = Multivariate {
            method,
            statistic,
            p_value,
            effect,
            interval,
            detectable_effect,
            threshold: self.alpha,
            reference_count: counts[0] as u64,
            current_count: counts[1] as u64,
            verdict: Verdict::NoDrift,
        };
        result.verdict = self.judge_rows(&result, None);
        result
    }
}

/// How many splits may be as large as the observed one, and it still be significant, and one more.
pub(crate) fn significant_splits(permutations: u32, decision: &Decision) -> Result<usize, Error> {
    let alpha = decision.checked_alpha()?;
    // The permutations that are not above must leave p ≤ alpha: 1 + s ≤ alpha (1 + permutations).
    let most = num::floor(alpha * (1.0 + f64::from(permutations)) * (1.0 + 1e-12));
    if permutations == 0 || permutations > 10_000 || most < 1.0 {
        return Err(Error::new(ErrorKind::OutOfRange, "the number of permutations"));
    }
    Ok(most as usize)
}

/// What a method for whole rows measured, before a verdict.
pub(crate) struct Measured {
    pub method: MultivariateMethod,
    pub statistic: f64,
    pub p_value: f64,
    pub effect: f64,
    pub interval: Option<Interval>,
    pub detectable_effect: f64,
    /// Of the reference and of the current sample.
    pub counts: [usize; 2],
}
