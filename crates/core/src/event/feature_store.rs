use alloc::string::String;
use serde::{Deserialize, Serialize};

use super::{Fields, Value, is_measure};

/// A feature store answered a request for a feature set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FeatureRetrieval {
    /// When, in seconds since 1970; when it was received, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<f64>,
    /// The feature set.
    pub feature_set: String,
    /// What answered: `redis`, say.
    pub source: String,
    /// How long it took, in seconds, `≥ 0`.
    pub duration_seconds: f64,
    /// Whether a cache had it; left out where there is no cache.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_hit: Option<bool>,
}

impl FeatureRetrieval {
    pub(super) fn fault(&self) -> Option<&'static str> {
        if self.feature_set.is_empty() {
            Some("`feature_set` must not be empty")
        } else if !is_measure(self.duration_seconds) {
            Some("`duration_seconds` must be a number from 0 on")
        } else {
            None
        }
    }
}

/// One row of a feature set, as a model was given it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FeatureRow {
    /// When, in seconds since 1970; when it was received, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<f64>,
    /// The feature set.
    pub feature_set: String,
    /// The values, by feature name; `null` is missing.
    pub values: Fields<Value>,
    /// When each value was computed, in seconds since 1970, by feature name; as many as are known.
    #[serde(default, skip_serializing_if = "Fields::is_empty")]
    pub timestamps: Fields<f64>,
}

impl FeatureRow {
    pub(super) fn fault(&self) -> Option<&'static str> {
        if self.feature_set.is_empty() {
            Some("`feature_set` must not be empty")
        } else if self.values.is_empty() {
            Some("`values` must name a feature")
        } else if !self.timestamps.values().all(|seconds| is_measure(*seconds)) {
            Some("`timestamps` must be times in seconds since 1970")
        } else {
            None
        }
    }
}
