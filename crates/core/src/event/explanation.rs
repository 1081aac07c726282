use alloc::string::String;
use serde::{Deserialize, Serialize};

use super::Fields;

/// What each feature added to one prediction: its SHAP values, or others that add up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Explanation {
    /// When, in seconds since 1970; when it was received, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<f64>,
    /// Model name.
    pub model_name: String,
    /// Model version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_version: Option<String>,
    /// By feature name, in the unit of the model's margin; signed.
    pub attributions: Fields<f64>,
}

impl Explanation {
    pub(super) fn fault(&self) -> Option<&'static str> {
        if self.model_name.is_empty() {
            Some("`model_name` must not be empty")
        } else if self.attributions.is_empty() {
            Some("`attributions` must name a feature")
        } else if !self.attributions.values().all(|value| value.is_finite()) {
            Some("`attributions` must be finite numbers")
        } else {
            None
        }
    }
}
