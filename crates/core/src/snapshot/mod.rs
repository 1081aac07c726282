//! The state of the observatory at one moment, to be shown or stored: `tidegate.snapshot/1`.

mod business;
mod column;
mod experiment;
mod feature_set;
mod importance;
mod model;
mod quality;
mod serving;
mod training;

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::alert::Alert;
use crate::feedback::FeedbackCounts;
use crate::remediation::Decision;

pub use self::business::{BusinessChange, BusinessMetricSnapshot, BusinessWindow};
pub use self::column::{ColumnSnapshot, ReferenceStatus, WindowSnapshot};
pub use self::experiment::{ExperimentSnapshot, VariantSnapshot};
pub use self::feature_set::{FeatureSetSnapshot, FreshnessSnapshot, RetrievalSnapshot};
pub use self::importance::{
    ImportanceOrderSnapshot, ImportanceReference, ImportanceSnapshot, ModelImportanceSnapshot,
};
pub use self::model::{
    ClassCount, ErrorCount, LatencySnapshot, ModelSnapshot, SeriesPoint, StatusCount, UnreadCount,
    VersionSnapshot,
};
pub use self::quality::{
    CalibrationSnapshot, CalibrationSource, CohortSnapshot, EstimateSnapshot, LagPoint,
    QualitySnapshot,
};
pub use self::serving::{GenerationSnapshot, ServingSnapshot, WindowQuantiles};
pub use self::training::{EpochSnapshot, TrainingSnapshot};
pub use crate::event::ColumnRole;
pub use crate::pane::Summary;

/// The schema that a snapshot names itself by.
pub const SCHEMA: &str = "tidegate.snapshot/1";

/// Everything that the observatory knows at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Snapshot {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// When it was taken, in seconds since 1970.
    pub at_seconds: f64,
    /// One entry a model, by name.
    pub models: Vec<ModelSnapshot>,
    /// One entry an experiment, in the order of the config.
    pub experiments: Vec<ExperimentSnapshot>,
    /// Training runs, by job.
    #[serde(default)]
    pub training: Vec<TrainingSnapshot>,
    /// What became of all labels.
    #[serde(default)]
    pub feedback: FeedbackCounts,
    /// Feature sets, by name.
    #[serde(default)]
    pub feature_sets: Vec<FeatureSetSnapshot>,
    /// How much each feature matters, by model, as explanations tell.
    #[serde(default)]
    pub importances: Vec<ModelImportanceSnapshot>,
    /// What models are worth: business metrics, by model, version and name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub business: Vec<BusinessMetricSnapshot>,
    /// Alerts, by rule: those that are pending or firing, were resolved, or lack data.
    #[serde(default)]
    pub alerts: Vec<Alert>,
    /// Series of alert rules that found no room: alerts of a rule beyond its bound at a tick, and values that a rule
    /// would look back on.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub alerts_turned_away: u64,
    /// What was decided about them, oldest first.
    #[serde(default)]
    pub decisions: Vec<Decision>,
    /// What bounds turned away, by what it was: never silent.
    pub dropped: Vec<DroppedCount>,
    /// What it takes to add this snapshot to those of other gateways, in base64; only where it was asked
    /// for. It is read by the version of Tidegate that wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mergeable: Option<String>,
}

/// Whether a count can be left out of JSON. Serde passes a reference.
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// What one bound turned away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DroppedCount {
    /// The bound, such as `model_names` or `classes`.
    pub bound: String,
    /// How often it was reached.
    pub count: u64,
}
