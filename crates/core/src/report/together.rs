use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};
use tidegate_stats::multivariate::{Multivariate, MultivariateMethod};

use super::{Interval, Verdict};

/// What a comparison of whole rows found by one method.
///
/// Categories count by indicators of the most frequent ones; missing numbers by the reference's mean and
/// an indicator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MultivariateReport {
    /// The method.
    pub method: MultivariateMethod,
    /// Its verdict, its p-value adjusted over the methods.
    pub verdict: Verdict,
    /// The test; none if the rows could not be compared.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub test: Option<RowsTest>,
    /// By what columns the tables can be told apart, the largest share first: of `domain_classifier`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub columns: Vec<ColumnShare>,
    /// How the rows were read, or why they could not be compared.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub note: Option<String>,
}

/// A column's share in what tells two tables apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ColumnShare {
    /// Column name.
    pub name: String,
    /// In `[0, 1]`; the shares of all columns are together 1, or 0.
    pub share: f64,
}

/// One test of whole rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RowsTest {
    /// Its statistic: the squared discrepancy, the mean error, or the area under the ROC curve.
    pub statistic: f64,
    /// Its p-value.
    pub p_value: f64,
    /// The p-value adjusted over the methods (Benjamini-Hochberg).
    pub p_adjusted: Option<f64>,
    /// Size of the difference on the method's comparable scale.
    pub effect: f64,
    /// Confidence interval of the effect, where known.
    pub interval: Option<Interval>,
    /// The smallest effect that the method could have told from chance with so many rows.
    pub detectable_effect: f64,
    /// The bound on `p_adjusted` that the verdict was made against.
    pub threshold: f64,
    /// The smallest effect that matters.
    #[serde(default)]
    pub effect_floor: f64,
    /// The verdict.
    pub verdict: Verdict,
}

impl RowsTest {
    /// The report of a result.
    pub(crate) const fn new(
        test: &Multivariate,
        p_adjusted: Option<f64>,
        (effect_floor, verdict): (f64, Verdict),
    ) -> Self {
        Self {
            statistic: test.statistic,
            p_value: test.p_value,
            p_adjusted,
            effect: test.effect,
            interval: test.interval,
            detectable_effect: test.detectable_effect,
            threshold: test.threshold,
            effect_floor,
            verdict,
        }
    }
}
