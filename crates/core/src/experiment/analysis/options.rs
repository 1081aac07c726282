use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::Deserialize;
use tidegate_stats::experiment::DEFAULT_TUNING_COUNT;

use crate::analysis::{AnalysisError, Missing};
use crate::options;

/// How to analyse an experiment. As JSON, unknown fields are refused, and every field may be left out.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExperimentAnalysisOptions {
    /// What is known of each variant, the control first.
    pub variants: Vec<VariantInput>,
    /// Of a table: the column of each unit's variant.
    pub variant: Option<String>,
    /// Of a table: the column of each unit's outcome.
    pub outcome: Option<String>,
    /// Of a table: the column of a number that was known before the experiment, and goes with the outcome.
    pub covariate: Option<String>,
    /// What becomes of rows without a variant or an outcome. A covariate may be missing.
    pub missing: Missing,
    /// The variant that the others are compared with; by default the first.
    pub control: Option<String>,
    /// Planned shares by variant, in any unit.
    pub weights: BTreeMap<String, f64>,
    /// The level of intervals and verdicts, in `(0, 1)`.
    pub alpha: f64,
    /// Units at which the interval that is valid at every look is narrowest.
    pub tuning_count: f64,
}

/// What is known of a variant: successes among trials, or the mean and the variance of an outcome.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VariantInput {
    /// Its name.
    pub name: String,
    /// Units that succeeded.
    pub successes: Option<u64>,
    /// Units.
    pub trials: Option<u64>,
    /// Units whose outcome is a number.
    pub count: Option<u64>,
    /// Mean outcome.
    pub mean: Option<f64>,
    /// Variance of one outcome, with divisor `count − 1`.
    pub variance: Option<f64>,
}

impl Default for ExperimentAnalysisOptions {
    fn default() -> Self {
        Self {
            variants: Vec::new(),
            variant: None,
            outcome: None,
            covariate: None,
            missing: Missing::default(),
            control: None,
            weights: BTreeMap::new(),
            alpha: 0.05,
            tuning_count: DEFAULT_TUNING_COUNT,
        }
    }
}

impl ExperimentAnalysisOptions {
    /// Reads and checks options.
    ///
    /// # Errors
    /// [`AnalysisError::InvalidOptions`]: not JSON, an unknown name, or a value out of range.
    pub fn from_json(json: &str) -> Result<Self, AnalysisError> {
        let found: Self = options::from_json(json).map_err(AnalysisError::options)?;
        if !(found.alpha > 0.0 && found.alpha < 1.0) {
            return Err(AnalysisError::options("alpha must be between 0 and 1"));
        }
        if !(found.tuning_count >= 1.0 && found.tuning_count.is_finite()) {
            return Err(AnalysisError::options("tuning_count must be 1 or more"));
        }
        if let Some((name, _)) =
            found.weights.iter().find(|(_, it)| !(**it > 0.0 && it.is_finite()))
        {
            let what = format!("the weight of variant {name:?} must be above 0");
            return Err(AnalysisError::options(what));
        }
        Ok(found)
    }

    /// The planned shares of these variants; `None` if none is given.
    pub(super) fn weights_of(&self, names: &[String]) -> Result<Option<Vec<f64>>, AnalysisError> {
        if self.weights.is_empty() {
            return Ok(None);
        }
        if let Some(name) = self.weights.keys().find(|name| !names.contains(name)) {
            let what = format!("weights has one for {name:?}, which is no variant");
            return Err(AnalysisError::options(what));
        }
        let of = |name: &String| {
            self.weights.get(name).copied().ok_or_else(|| {
                AnalysisError::options(format!("weights has none for variant {name:?}"))
            })
        };
        let weights = names.iter().map(of).collect::<Result<Vec<f64>, _>>()?;
        let whole: f64 = weights.iter().sum();
        Ok(Some(weights.into_iter().map(|weight| weight / whole).collect()))
    }
}
