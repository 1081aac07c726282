//! Training runs: what is known of them step by step, and what is wrong with them.
//!
//! A [`Run`] keeps the first and the newest steps and epochs of a job, of whatever it is told, in any order;
//! [`findings`] reads them: values that are no numbers, divergence, a plateau, overfitting, exploding and
//! vanishing gradients, a starved GPU, a straggling rank. [`read`] makes events of the files that trainers
//! write.
//!
//! # Invariants
//! * Any order of the same events gives the same run.
//! * A finding carries the numbers that it rests on, and is silent where there are too few.

mod findings;
mod level;
pub mod read;
mod run;
mod series;

pub use findings::{Finding, FindingKind, findings};
pub(crate) use run::most_bytes;
pub use run::{EPOCH_SECONDS_BUCKETS, EpochRow, Run, RunDelta, StepRow, TrainingJobs};
