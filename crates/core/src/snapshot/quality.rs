//! How good predictions are, by the truth that came and by what confidences mean.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::quality::{Degradation, ErrorChange, EstimateCheck, EstimatedFigures, Figures};

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
    /// What is estimated of the newest labelled predictions, beside what their labels say; `None` without a
    /// calibration, or with too few labels.
    #[serde(default)]
    pub estimate_check: Option<EstimateCheck>,
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
    /// What is estimated of the day's labelled predictions, beside what their labels say; `None` without a
    /// calibration, or of several model versions.
    #[serde(default)]
    pub estimate_check: Option<EstimateCheck>,
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
