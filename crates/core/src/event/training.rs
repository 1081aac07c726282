use alloc::string::String;
use serde::{Deserialize, Serialize};

use super::{Fields, Measure, is_measure, is_share_or_absent};

/// One step of a training run: one update of the weights, or what was seen of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TrainingStep {
    /// When, in seconds since 1970; when it was received, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<f64>,
    /// The training run.
    pub job_id: String,
    /// The number of the step, from the start of the run.
    pub step: u64,
    /// The worker of a distributed run that tells; left out where there is but one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<u32>,
    /// The loss. May be NaN or infinite: that is what a monitor looks for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss: Option<Measure>,
    /// The norm of the gradient. May be NaN or infinite.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grad_norm: Option<Measure>,
    /// The learning rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub learning_rate: Option<f64>,
    /// Samples in the step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub samples: Option<u64>,
    /// How long the step took, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_seconds: Option<f64>,
    /// How much of that it waited for data, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data_wait_seconds: Option<f64>,
    /// How busy each GPU was, by its id, in `[0, 1]`.
    #[serde(default, skip_serializing_if = "Fields::is_empty")]
    pub gpu_utilization: Fields<f64>,
}

impl TrainingStep {
    pub(super) fn fault(&self) -> Option<&'static str> {
        if self.job_id.is_empty() {
            Some("`job_id` must not be empty")
        } else if !self.duration_seconds.is_none_or(is_measure) {
            Some("`duration_seconds` must be a number from 0 on")
        } else if !self.data_wait_seconds.is_none_or(is_measure) {
            Some("`data_wait_seconds` must be a number from 0 on")
        } else if !self.learning_rate.is_none_or(is_measure) {
            Some("`learning_rate` must be a number from 0 on")
        } else if !self.gpu_utilization.values().all(|share| is_share_or_absent(Some(*share))) {
            Some("`gpu_utilization` must be shares between 0 and 1")
        } else {
            None
        }
    }
}

/// One epoch of a training run: one pass over its data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TrainingEpoch {
    /// When it ended, in seconds since 1970; when it was received, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<f64>,
    /// The training run.
    pub job_id: String,
    /// The number of the epoch, as the run counts them.
    pub epoch: u64,
    /// The mean training loss of the epoch. May be NaN or infinite.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loss: Option<Measure>,
    /// The loss on the validation data. May be NaN or infinite.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation_loss: Option<Measure>,
    /// The training accuracy, in `[0, 1]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accuracy: Option<f64>,
    /// The accuracy on the validation data, in `[0, 1]`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation_accuracy: Option<f64>,
    /// How long the epoch took, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub duration_seconds: Option<f64>,
}

impl TrainingEpoch {
    pub(super) fn fault(&self) -> Option<&'static str> {
        if self.job_id.is_empty() {
            Some("`job_id` must not be empty")
        } else if !self.duration_seconds.is_none_or(is_measure) {
            Some("`duration_seconds` must be a number from 0 on")
        } else if !is_share_or_absent(self.accuracy) {
            Some("`accuracy` must be between 0 and 1")
        } else if !is_share_or_absent(self.validation_accuracy) {
            Some("`validation_accuracy` must be between 0 and 1")
        } else {
            None
        }
    }
}
