//! Training runs.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::training::{EpochRow, Finding};

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
