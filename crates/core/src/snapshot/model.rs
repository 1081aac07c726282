//! One model: what was counted of it, and how it is now.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::column::{ColumnSnapshot, ReferenceStatus, WindowSnapshot};
use super::quality::{CohortSnapshot, LagPoint, QualitySnapshot};
use super::serving::{GenerationSnapshot, ServingSnapshot};
use crate::event::{ErrorKind, Side, Stage, Status, UnreadReason};
use crate::pane::Summary;
use crate::quality::LatencyChange;

/// One model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ModelSnapshot {
    /// Model name.
    pub model_name: String,
    /// Totals since the first request, by version.
    pub versions: Vec<VersionSnapshot>,
    /// Bodies that were not read, by side and reason.
    pub unread: Vec<UnreadCount>,
    /// How it is served, over the window; `None` before there is a span of time to speak of.
    #[serde(default)]
    pub serving: Option<ServingSnapshot>,
    /// Changes in the level of the latency over the window; `None` while there are too few panes.
    #[serde(default)]
    pub latency_change: Option<LatencyChange>,
    /// Quality on the newest labelled predictions, by version.
    #[serde(default)]
    pub quality: Vec<QualitySnapshot>,
    /// By the day of the prediction, oldest first.
    #[serde(default)]
    pub cohorts: Vec<CohortSnapshot>,
    /// How long labels take: the share of them that came within each time.
    #[serde(default)]
    pub label_lag: Vec<LagPoint>,
    /// Where the reference of the features stands.
    pub reference: ReferenceStatus,
    /// Rows in the window that drift is computed on.
    pub window: WindowSnapshot,
    /// Each column of the window against the reference: features, then `prediction` and
    /// `confidence`.
    pub columns: Vec<ColumnSnapshot>,
    /// One point a pane, oldest first.
    pub series: Vec<SeriesPoint>,
}

/// Totals of one model version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VersionSnapshot {
    /// Model version.
    pub version: String,
    /// Requests by status; a status not seen is not in the list.
    pub requests: Vec<StatusCount>,
    /// Requests that did not succeed, by why; a kind not seen is not in the list.
    #[serde(default)]
    pub errors: Vec<ErrorCount>,
    /// Latency by stage; a stage not seen is not in the list.
    pub latency: Vec<LatencySnapshot>,
    /// Rows a request.
    pub batch_size: Summary,
    /// Mean rows a request over the largest batch that the model server makes, if the config says
    /// it.
    #[serde(default)]
    pub batch_utilization: Option<f64>,
    /// Predicted classes by falling count; empty for a regression.
    pub predictions: Vec<ClassCount>,
    /// Confidence of the predictions.
    pub confidence: Summary,
    /// What requests tell of the text that was generated; `None` where none does.
    #[serde(default)]
    pub generation: Option<GenerationSnapshot>,
}

/// Requests that ended in one status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StatusCount {
    /// The status.
    pub status: Status,
    /// Requests.
    pub count: u64,
}

/// Requests that failed for one reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ErrorCount {
    /// Why.
    pub kind: ErrorKind,
    /// Requests.
    pub count: u64,
}

/// Latency of one stage, in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LatencySnapshot {
    /// The stage.
    pub stage: Stage,
    /// Its latency, in seconds.
    pub seconds: Summary,
}

/// Predictions of one class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClassCount {
    /// The class.
    pub class: String,
    /// Predictions.
    pub count: u64,
}

/// Bodies not read for one reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UnreadCount {
    /// Whose body.
    pub side: Side,
    /// Why.
    pub reason: UnreadReason,
    /// Bodies.
    pub count: u64,
}

/// One pane of a model's traffic.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SeriesPoint {
    /// Start of the pane, in seconds since 1970.
    pub at_seconds: f64,
    /// Length of the pane, in seconds.
    pub seconds: f64,
    /// Requests.
    pub requests: u64,
    /// Requests that did not succeed.
    pub errors: u64,
    /// Median total latency, in seconds.
    pub p50_seconds: Option<f64>,
    /// 0.99 quantile of the total latency, in seconds.
    pub p99_seconds: Option<f64>,
    /// Requests in flight on average.
    #[serde(default)]
    pub in_flight: f64,
    /// Output tokens.
    #[serde(default)]
    pub output_tokens: u64,
}
