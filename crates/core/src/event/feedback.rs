use alloc::string::String;
use serde::{Deserialize, Serialize};

use super::Value;

/// The truth about a prediction, which may come long after it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Label {
    /// When it was learnt, in seconds since 1970; when it was received, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<f64>,
    /// The prediction that it is about.
    pub prediction_id: String,
    /// The true class or number.
    pub label: Value,
}

impl Label {
    pub(super) const fn fault(&self) -> Option<&'static str> {
        if self.prediction_id.is_empty() {
            Some("`prediction_id` must not be empty")
        } else if matches!(self.label, Value::Missing) {
            Some("`label` must be a class or a number")
        } else {
            None
        }
    }
}

/// A unit of an experiment did what the experiment hopes for: bought, clicked, stayed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Conversion {
    /// When, in seconds since 1970; when it was received, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<f64>,
    /// The experiment.
    pub experiment: String,
    /// The unit, as the experiment hashes it: a user, say.
    pub unit: String,
    /// What it was worth, where that can be said: revenue, satisfaction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
}

impl Conversion {
    pub(super) fn fault(&self) -> Option<&'static str> {
        if self.experiment.is_empty() {
            Some("`experiment` must not be empty")
        } else if self.unit.is_empty() {
            Some("`unit` must not be empty")
        } else if self.value.is_some_and(|value| !value.is_finite()) {
            Some("`value` must be a finite number")
        } else {
            None
        }
    }
}

/// What is known of a unit of an experiment from before it was given a variant: it takes out of the variants'
/// values what was foreseeable (CUPED).
///
/// It must be told of units whatever they do afterwards, and not of those alone that convert.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExperimentUnit {
    /// When it was told, in seconds since 1970; when it was received, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<f64>,
    /// The experiment.
    pub experiment: String,
    /// The unit, as the experiment hashes it: a user, say.
    pub unit: String,
    /// The same measure as the conversions' value from before: last month's revenue, say.
    pub value_before: f64,
}

impl ExperimentUnit {
    pub(super) fn fault(&self) -> Option<&'static str> {
        if self.experiment.is_empty() {
            Some("`experiment` must not be empty")
        } else if self.unit.is_empty() {
            Some("`unit` must not be empty")
        } else if !self.value_before.is_finite() {
            Some("`value_before` must be a finite number")
        } else {
            None
        }
    }
}
