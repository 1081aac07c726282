//! Feature sets of a feature store.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::column::{ColumnSnapshot, ReferenceStatus};
use crate::pane::Summary;

/// One feature set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FeatureSetSnapshot {
    /// Its name.
    pub feature_set: String,
    /// Time that retrievals took since the first, by source.
    pub retrievals: Vec<RetrievalSnapshot>,
    /// Retrievals in the window that a cache was asked for.
    pub cache_lookups: u64,
    /// Share of them that it had, in `[0, 1]`.
    pub cache_hit_rate: Option<f64>,
    /// Age from which a value is stale, in seconds.
    pub max_age_seconds: Option<f64>,
    /// Ages of the values in the window, by feature name.
    pub freshness: Vec<FreshnessSnapshot>,
    /// Where the reference of the rows stands.
    pub reference: ReferenceStatus,
    /// Rows in the window.
    pub rows: u64,
    /// Each feature of the window against the reference.
    pub columns: Vec<ColumnSnapshot>,
}

/// How long one source of a feature set takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RetrievalSnapshot {
    /// What answered.
    pub source: String,
    /// How long it took, in seconds.
    pub seconds: Summary,
}

/// How old the values of one feature were, at the times of their rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FreshnessSnapshot {
    /// Feature name.
    pub feature_name: String,
    /// Values whose age is known.
    pub values: u64,
    /// Mean age, in seconds.
    pub mean_seconds: f64,
    /// Age of the oldest, in seconds.
    pub oldest_seconds: f64,
    /// Share of them that are stale, in `[0, 1]`; `None` without an objective.
    pub stale_share: Option<f64>,
}
