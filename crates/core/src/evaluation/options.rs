use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;

use serde::Deserialize;

use super::columns::Task;
use crate::analysis::{AnalysisError, Missing};
use crate::options;

/// Which columns hold what. As JSON, unknown fields are refused; `label` and `prediction` must be there.
///
/// ```
/// use tidegate_core::evaluation::EvaluateOptions;
///
/// let options = EvaluateOptions::from_json(r#"{"label": "truth", "prediction": "said"}"#)?;
/// assert_eq!(options.calibration_bins, 10);
/// assert!(EvaluateOptions::from_json(r#"{"labels": "truth"}"#).is_err());
/// # Ok::<(), tidegate_core::analysis::AnalysisError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EvaluateOptions {
    /// The column of what was true.
    pub label: String,
    /// The column of what was predicted.
    pub prediction: String,
    /// Of two classes, the column of the positive one's score; higher where it is more likely.
    #[serde(default)]
    pub score: Option<String>,
    /// The column of each class's probability, by class.
    #[serde(default)]
    pub scores: BTreeMap<String, String>,
    /// The positive class of two; the second in their order by default.
    #[serde(default)]
    pub positive: Option<String>,
    /// What is predicted. By default it is read from the values: numbers are those of a regression if one
    /// of them is no index of a class, or if there are more than a hundred different ones.
    #[serde(default)]
    pub task: Option<Task>,
    /// What becomes of rows without one of the values.
    #[serde(default)]
    pub missing: Missing,
    /// Bins of equal width that the calibration is told in, 1 to 100.
    #[serde(default = "ten")]
    pub calibration_bins: usize,
    /// Of intervals, in `(0, 1)`.
    #[serde(default = "one_in_twenty")]
    pub alpha: f64,
    /// A column to cut the rows by, and to hold each segment against the others.
    #[serde(default)]
    pub segment_by: Option<String>,
}

const fn ten() -> usize {
    10
}

const fn one_in_twenty() -> f64 {
    0.05
}

impl EvaluateOptions {
    /// Reads and checks options.
    ///
    /// # Errors
    /// [`AnalysisError::InvalidOptions`]: not JSON, an unknown name, or a value out of range.
    pub fn from_json(json: &str) -> Result<Self, AnalysisError> {
        let found: Self = options::from_json(json).map_err(AnalysisError::options)?;
        if !(found.alpha > 0.0 && found.alpha < 1.0) {
            return Err(AnalysisError::options("alpha must be between 0 and 1"));
        }
        if !(1..=100).contains(&found.calibration_bins) {
            let got = found.calibration_bins;
            let what = format!("calibration_bins must be from 1 to 100, and is {got}");
            return Err(AnalysisError::options(what));
        }
        if found.score.is_some() && !found.scores.is_empty() {
            let what = "score is of the positive class and scores of every class: give one of them";
            return Err(AnalysisError::options(what));
        }
        Ok(found)
    }
}
