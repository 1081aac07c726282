//! Families of training runs.

use alloc::vec::Vec;

use super::family::{Family, Kind};
use crate::observatory::State;
use crate::snapshot::{Snapshot, TrainingSnapshot};
use crate::training::EPOCH_SECONDS_BUCKETS;

/// A figure of a run: its family, what it says, and where it is.
type Figure = (&'static str, &'static str, fn(&TrainingSnapshot) -> Option<f64>);

/// The current ones only, for a label by epoch would grow without end; their history is in the snapshot.
const FIGURES: [Figure; 8] = [
    ("training_loss", "The newest training loss.", |run| {
        run.loss.or_else(|| run.epochs.iter().rev().find_map(|epoch| epoch.row.loss))
    }),
    ("training_validation_loss", "The newest loss on the validation data.", |run| {
        run.epochs.iter().rev().find_map(|epoch| epoch.row.validation_loss)
    }),
    ("training_step", "The newest step.", |run| run.step.map(|step| step as f64)),
    ("training_epoch", "The newest epoch.", |run| run.epochs.last().map(|it| it.epoch as f64)),
    ("training_gradient_norm", "The newest norm of the gradient.", |run| run.grad_norm),
    ("training_learning_rate", "The newest learning rate.", |run| run.learning_rate),
    ("training_throughput_samples_per_second", "Samples a second over the newest steps.", |run| {
        run.throughput_samples_per_second
    }),
    (
        "training_data_wait_ratio",
        "Share of the newest steps' time that they waited for data.",
        |run| run.data_wait_share,
    ),
];

pub(super) fn families(state: &State, snapshot: &Snapshot) -> Vec<Family> {
    let mut families: Vec<Family> = Vec::new();
    for (name, help, of) in FIGURES {
        let mut family = Family::new(name, Kind::Gauge, help);
        for run in &snapshot.training {
            if let Some(value) = of(run) {
                family.push_measure(&[("job_id", &run.job_id)], value);
            }
        }
        families.push(family);
    }
    let mut duration = Family::new(
        "training_epoch_duration_seconds",
        Kind::Histogram,
        "How long the epochs of a training run took.",
    );
    let mut gpus = Family::new(
        "training_gpu_utilization",
        Kind::Gauge,
        "How busy a GPU of a training run was at its newest step, from 0 to 1.",
    );
    for (job, run) in state.training().iter() {
        duration.push_histogram(&[("job_id", job)], &run.epoch_duration, EPOCH_SECONDS_BUCKETS);
        for (gpu, (_, busy)) in run.gpus.iter() {
            gpus.push_measure(&[("job_id", job), ("gpu_id", gpu)], *busy);
        }
    }
    let mut findings =
        Family::new("training_finding", Kind::Gauge, "1 for each fault that a training run shows.");
    for run in &snapshot.training {
        let mut kinds: Vec<&str> =
            run.findings.iter().map(|finding| finding.kind.as_str()).collect();
        kinds.dedup();
        for kind in kinds {
            findings.push_count(&[("job_id", &run.job_id), ("kind", kind)], 1);
        }
    }
    families.extend([duration, gpus, findings]);
    families
}
