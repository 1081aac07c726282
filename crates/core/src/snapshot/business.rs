use alloc::string::String;
use serde::{Deserialize, Serialize};

use crate::quality::Degradation;

/// What one version of a model is worth by one measure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BusinessMetricSnapshot {
    /// Model name.
    pub model_name: String,
    /// Model version.
    pub model_version: String,
    /// What was measured.
    pub metric: String,
    /// Values since the first.
    pub count: u64,
    /// Their sum.
    pub sum: f64,
    /// The same of the window.
    pub window: BusinessWindow,
    /// The window's mean held against its baseline, if it has one.
    pub degradation: Option<Degradation>,
    /// Changes of the mean over the window; `None` while there are too few panes with values enough.
    pub change: Option<BusinessChange>,
}

/// Values of a business metric in the window.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BusinessWindow {
    /// Values.
    pub count: u64,
    /// Their sum.
    pub sum: f64,
    /// Values that are missing before a mean is told; 0 when it is.
    pub missing: u64,
    /// Their mean; `None` while values are missing.
    pub mean: Option<f64>,
    /// Where the mean lies with a confidence of 95 %.
    pub interval: Option<[f64; 2]>,
}

/// When the mean of a business metric last changed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BusinessChange {
    /// Changes in the window.
    pub changes: u64,
    /// When the last was seen: the start of a pane, in seconds since 1970.
    pub at_seconds: Option<f64>,
    /// Mean before it, since the change before that one.
    pub before: Option<f64>,
    /// The same from it on.
    pub after: Option<f64>,
}
