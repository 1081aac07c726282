//! How much each feature matters to a model.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};
use tidegate_stats::Verdict;

use super::column::ReferenceStatus;

/// How much each feature matters to a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModelImportanceSnapshot {
    /// Model name.
    pub model_name: String,
    /// Explanations since the first.
    pub explanations: u64,
    /// The oldest explanations: what is normal.
    pub reference: ReferenceStatus,
    /// The newest explanations, which the figures are of.
    pub current_rows: u64,
    /// The most important first.
    pub features: Vec<ImportanceSnapshot>,
    /// Their order against the reference's; `None` with too few explanations.
    pub order: Option<ImportanceOrderSnapshot>,
}

/// How much one feature matters.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImportanceSnapshot {
    /// Feature name.
    pub feature_name: String,
    /// Mean magnitude of what it added to the newest predictions, in the unit of the model's margin.
    pub importance: f64,
    /// Its place, 1 for the most important; features that tie share their mean place.
    pub rank: f64,
    /// The same in the reference, and the change since; `None` with too few explanations.
    pub reference: Option<ImportanceReference>,
}

/// A feature's importance in the reference.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImportanceReference {
    /// Mean magnitude there.
    pub importance: f64,
    /// Place there.
    pub rank: f64,
    /// Places that the feature has fallen since; negative where it rose.
    pub rank_change: f64,
    /// p-value of the magnitudes' Kolmogorov-Smirnov test, adjusted over the features; `None` against
    /// importances that were given, of which there are no rows. So it is for the order.
    pub p_adjusted: Option<f64>,
}

/// The order of the features against that of the reference, with p-values by permutation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ImportanceOrderSnapshot {
    /// Whether the order drifted, by the discounted gain.
    pub verdict: Verdict,
    /// Kendall's τ-b, in `[-1, 1]`.
    pub kendall: Option<f64>,
    /// Its p-value.
    pub kendall_p_value: Option<f64>,
    /// Normalised discounted cumulative gain, in `[0, 1]`.
    pub ndcg: Option<f64>,
    /// Its p-value.
    pub ndcg_p_value: Option<f64>,
}
