//! The state of the observatory at one moment, to be shown or stored: `tidegate.snapshot/1`.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::alert::Alert;
use crate::event::{ErrorKind, Side, Stage, Status, UnreadReason};
use crate::experiment::Effect;
use crate::feedback::FeedbackCounts;
use crate::quality::{Degradation, ErrorChange, EstimatedFigures, Figures, LatencyChange};
use crate::remediation::Decision;
use crate::report::ColumnReport;
use crate::training::{EpochRow, Finding};
use tidegate_stats::Verdict;

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
    /// Alerts, by rule: those that are pending or firing, were resolved, or lack data.
    #[serde(default)]
    pub alerts: Vec<Alert>,
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

/// Quality of one model version on its newest labelled predictions.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct QualitySnapshot {
    /// Model version.
    pub version: String,
    /// Labelled predictions that are missing before a figure is told; 0 when figures are.
    pub missing: u64,
    /// The figures; `None` while labels are missing.
    pub figures: Option<Figures>,
    /// Each figure that has a baseline, held against it.
    pub degradation: Vec<Degradation>,
    /// Changes in the stream of errors; `None` while labels are missing.
    pub error_change: Option<ErrorChange>,
    /// Where it is known from what confidences mean; `None` while too few predictions with a confidence have
    /// a label.
    #[serde(default)]
    pub calibration: Option<CalibrationSnapshot>,
    /// How good the newest predictions probably are, whether they have labels or not; `None` without a
    /// calibration, or with too few predictions.
    #[serde(default)]
    pub estimated: Option<EstimateSnapshot>,
}

/// What it is known from what a model's confidences mean.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CalibrationSnapshot {
    /// Whose labels they are.
    pub source: CalibrationSource,
    /// Labelled predictions.
    pub rows: u64,
    /// When the first of them was made, in seconds since 1970, if that is known.
    pub from_seconds: Option<f64>,
    /// When the last was.
    pub to_seconds: Option<f64>,
}

/// Whose labels confidences are calibrated on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum CalibrationSource {
    /// Those that came for the oldest predictions of the model version.
    Feedback,
    /// Those of a table that was given.
    Reference,
}

/// How good the newest predictions probably are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EstimateSnapshot {
    /// Start of the first day of the predictions, in seconds since 1970; they are all since.
    pub from_seconds: f64,
    /// The figures, without labels.
    #[serde(flatten)]
    pub figures: EstimatedFigures,
}

/// The predictions of one day.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CohortSnapshot {
    /// Start of the day, in seconds since 1970.
    pub at_seconds: f64,
    /// Predictions.
    pub predictions: u64,
    /// Those whose truth is known.
    pub labelled: u64,
    /// Share of them, in `[0, 1]`.
    pub completeness: Option<f64>,
    /// Share of the labelled that were right, in `[0, 1]`.
    pub accuracy: Option<f64>,
    /// Mean F1 over the classes, where there are two and one model version, and all have a confidence; in
    /// `[0, 1]`.
    #[serde(default)]
    pub f1: Option<f64>,
    /// Area under the ROC curve under the same conditions, in 200 steps of the confidence.
    #[serde(default)]
    pub roc_auc: Option<f64>,
    /// Mean size of the error, where all are numbers.
    pub mean_absolute_error: Option<f64>,
    /// The same figures of all of the day's predictions as they probably are, labelled or not; `None` without a
    /// calibration.
    #[serde(default)]
    pub estimated: Option<EstimatedFigures>,
}

/// A point of the curve of label lags.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LagPoint {
    /// Seconds after the prediction.
    pub seconds: f64,
    /// Share of all labels that came within them, in `[0, 1]`.
    pub share: f64,
}

/// One training run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TrainingSnapshot {
    /// The run.
    pub job_id: String,
    /// The newest step that was told.
    pub step: Option<u64>,
    /// Its loss; `None` if it was not told or is no finite number.
    pub loss: Option<f64>,
    /// The newest norm of the gradient.
    pub grad_norm: Option<f64>,
    /// The newest learning rate.
    pub learning_rate: Option<f64>,
    /// Samples a second, over the newest steps.
    pub throughput_samples_per_second: Option<f64>,
    /// Share of the time that the newest steps waited for data, in `[0, 1]`.
    pub data_wait_share: Option<f64>,
    /// Epochs, oldest first.
    pub epochs: Vec<EpochSnapshot>,
    /// What is wrong with it; the worst first.
    pub findings: Vec<Finding>,
}

/// One epoch of a training run.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EpochSnapshot {
    /// Its number.
    pub epoch: u64,
    /// What was told of it.
    #[serde(flatten)]
    pub row: EpochRow,
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

/// Text that one model version generated. A token of a cache is an input token too, and a token of
/// reasoning an output token.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GenerationSnapshot {
    /// Input tokens a request.
    pub input_tokens: Summary,
    /// Output tokens a request.
    pub output_tokens: Summary,
    /// Input tokens that were read from a cache.
    pub cached_tokens: u64,
    /// Input tokens that were written to a cache.
    pub cache_creation_tokens: u64,
    /// Output tokens of reasoning.
    pub reasoning_tokens: u64,
    /// From a request's first byte to the first chunk of its answer, in seconds.
    pub first_chunk_seconds: Summary,
    /// Mean time between the chunks of an answer, in seconds.
    pub chunk_gap_seconds: Summary,
    /// Output tokens of an answer over its request's total latency.
    pub tokens_per_second: Summary,
}

/// How a model is served: rates and requests in flight over the window, or over the part of it since
/// counting began.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ServingSnapshot {
    /// Length of the span, in seconds.
    pub seconds: f64,
    /// Requests that ended, a second.
    pub requests_per_second: f64,
    /// Their rows, a second.
    pub rows_per_second: f64,
    /// Their input tokens, a second.
    pub input_tokens_per_second: f64,
    /// Their output tokens, a second.
    pub output_tokens_per_second: f64,
    /// Share of the requests that did not succeed, in `[0, 1]`; `None` without requests.
    pub error_rate: Option<f64>,
    /// Total latency of the requests, in seconds.
    pub latency_seconds: WindowQuantiles,
    /// Requests in flight on average: the time that all were, over the span (Little's law).
    pub in_flight: f64,
    /// The same of the busiest pane.
    pub in_flight_peak: f64,
    /// The mean over the requests that the model server works on at once, if the config says how many.
    pub saturation: Option<f64>,
    /// The same of the busiest pane.
    pub saturation_peak: Option<f64>,
}

/// Quantiles over the window.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WindowQuantiles {
    /// Median; `None` without observations.
    pub p50: Option<f64>,
    /// 0.95 quantile.
    pub p95: Option<f64>,
    /// 0.99 quantile.
    pub p99: Option<f64>,
    /// 0.999 quantile.
    pub p999: Option<f64>,
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

/// What one bound turned away.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DroppedCount {
    /// The bound, such as `model_names` or `classes`.
    pub bound: String,
    /// How often it was reached.
    pub count: u64,
}

/// Count, sum and quantiles of a quantity.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Summary {
    /// Observations.
    pub count: u64,
    /// Exact sum.
    pub sum: f64,
    /// Median; `None` without observations.
    pub p50: Option<f64>,
    /// 0.95 quantile.
    pub p95: Option<f64>,
    /// 0.99 quantile.
    pub p99: Option<f64>,
    /// 0.999 quantile.
    pub p999: Option<f64>,
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

/// Where the reference of a model stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ReferenceStatus {
    /// The config asks for none.
    None,
    /// The first rows are being collected.
    Learning {
        /// Rows so far.
        rows: u64,
        /// Rows wanted.
        wanted: u64,
    },
    /// Drift is computed against it.
    Ready {
        /// Rows that it was made from.
        rows: u64,
    },
}

/// The window that drift is computed on.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WindowSnapshot {
    /// Start of its oldest pane, in seconds since 1970.
    pub from_seconds: f64,
    /// End of its newest pane, in seconds since 1970.
    pub to_seconds: f64,
    /// Rows in it.
    pub rows: u64,
}

/// What a column is to its model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ColumnRole {
    /// An input.
    Feature,
    /// The predicted class or number.
    Prediction,
    /// The confidence of the prediction.
    Confidence,
}

/// One column of the window against the reference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ColumnSnapshot {
    /// What it is to the model.
    pub role: ColumnRole,
    /// Share of its values that are missing, in `[0, 1]`; `None` without rows.
    pub null_rate: Option<f64>,
    /// Share of its numbers outside of the reference's smallest and largest, in `[0, 1]`; `None` if they
    /// are not known.
    #[serde(default)]
    pub out_of_range_rate: Option<f64>,
    /// Share of its numbers more than 1.5 interquartile ranges beyond the reference's quartiles, in
    /// `[0, 1]`; the quartiles are within the reference's bins.
    #[serde(default)]
    pub outlier_rate: Option<f64>,
    /// PSI of each pane against the reference, oldest first; `None` where a pane has too few rows.
    pub psi_series: Vec<Option<f64>>,
    /// Counts, tests and distributions, as in a report.
    #[serde(flatten)]
    pub report: ColumnReport,
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

/// One experiment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExperimentSnapshot {
    /// Its name.
    pub name: String,
    /// How likely chance alone splits the units like that, valid at every look; `None` with too few of
    /// them, or if requests do not tell theirs.
    #[serde(default)]
    pub sample_ratio_p_value: Option<f64>,
    /// Units that were given two variants, and count for none.
    #[serde(default)]
    pub mixed_units: u64,
    /// Its variants, in the order of the config; the first is the control.
    pub variants: Vec<VariantSnapshot>,
}

/// One variant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VariantSnapshot {
    /// Its name.
    pub name: String,
    /// Its configured share of the units, in `[0, 1]`.
    pub weight: f64,
    /// Requests.
    pub requests: u64,
    /// Requests that did not succeed.
    pub errors: u64,
    /// Total latency, in seconds.
    pub latency_seconds: Summary,
    /// Changes in the level of the latency over the window; `None` while there are too few panes.
    #[serde(default)]
    pub latency_change: Option<LatencyChange>,
    /// Units that were first given it.
    #[serde(default)]
    pub units: u64,
    /// Those that converted within the window after it.
    #[serde(default)]
    pub conversions: u64,
    /// Share of them, in `[0, 1]`.
    #[serde(default)]
    pub conversion_rate: Option<f64>,
    /// Labelled predictions of its requests.
    #[serde(default)]
    pub labelled: u64,
    /// Share of them that were right, in `[0, 1]`.
    #[serde(default)]
    pub accuracy: Option<f64>,
    /// Mean worth of a unit, where conversions tell values; one that did not convert is worth 0.
    #[serde(default)]
    pub value_mean: Option<f64>,
    /// The variant against the control; `None` of the control itself.
    #[serde(default)]
    pub effect: Option<Effect>,
}

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
