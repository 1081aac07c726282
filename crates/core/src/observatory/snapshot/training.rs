//! The part of a snapshot that is about training runs.

use alloc::string::ToString;
use alloc::vec::Vec;

use crate::observatory::state::State;
use crate::snapshot::{EpochSnapshot, TrainingSnapshot};
use crate::training::{Run, findings};

pub(super) fn runs(state: &State) -> Vec<TrainingSnapshot> {
    state.training.iter().map(|(job, run)| snapshot(job, run)).collect()
}

/// What is known of one run.
#[must_use]
pub fn snapshot(job_id: &str, run: &Run) -> TrainingSnapshot {
    TrainingSnapshot {
        job_id: job_id.to_string(),
        step: run.steps().last().map(|(step, _)| step),
        loss: run.latest(|row| row.loss),
        grad_norm: run.latest(|row| row.grad_norm),
        learning_rate: run.latest(|row| row.learning_rate),
        throughput_samples_per_second: run.throughput(),
        data_wait_share: run.data_wait_share(),
        epochs: run.epochs().map(|(epoch, row)| EpochSnapshot { epoch, row: *row }).collect(),
        findings: findings(run),
    }
}
