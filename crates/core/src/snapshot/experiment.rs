//! Experiments and their variants.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::experiment::Effect;
use crate::pane::Summary;
use crate::quality::LatencyChange;

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
