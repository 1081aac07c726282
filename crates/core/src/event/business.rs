use alloc::string::String;
use serde::{Deserialize, Serialize};

/// What one use of a model was worth: its revenue, how satisfied somebody was, whether they clicked.
///
/// It is about a model and not about an experiment, where a [`super::Conversion`] has a value of its own.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BusinessMetric {
    /// When, in seconds since 1970; when it was received, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<f64>,
    /// Model name.
    pub model_name: String,
    /// Model version; `unknown` if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model_version: Option<String>,
    /// What was measured, such as `revenue`, `satisfaction`, `conversion` or `click_through`.
    pub name: String,
    /// How much it was, within 10¹² of 0, to a millionth. What happened or not is 1 or 0; what was lost is negative.
    pub value: f64,
}

impl BusinessMetric {
    pub(super) fn fault(&self) -> Option<&'static str> {
        if self.model_name.is_empty() {
            Some("`model_name` must not be empty")
        } else if self.name.is_empty() {
            Some("`name` must not be empty")
        } else if !(-1e12..=1e12).contains(&self.value) {
            Some("`value` must be a number within 1e12 of 0")
        } else {
            None
        }
    }
}
