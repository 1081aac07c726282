use serde::{Deserialize, Serialize};
use tidegate_stats::QuantileHistogram;

use super::total::add;
use crate::event::{Inference, Stage, Status};

/// Requests of one model in one pane.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Traffic {
    /// Requests.
    pub requests: u64,
    /// Requests that did not succeed.
    pub errors: u64,
    /// Total latency, in seconds.
    pub latency: QuantileHistogram,
}

impl Traffic {
    /// Counts one request.
    pub fn record(&mut self, inference: &Inference) {
        add(&mut self.requests, 1);
        add(&mut self.errors, u64::from(inference.status != Status::Success));
        if let Some(seconds) = inference.stage_seconds(Stage::Total) {
            self.latency.record(seconds);
        }
    }

    /// Adds the counts of `other`.
    pub fn merge(&mut self, other: &Self) {
        add(&mut self.requests, other.requests);
        add(&mut self.errors, other.errors);
        self.latency.merge(&other.latency);
    }
}
