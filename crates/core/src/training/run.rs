use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};
use tidegate_stats::num::Sum;

use crate::event::{Measure, TrainingEpoch, TrainingStep};
use crate::pane::{Dropped, Histogram, LIMITS, SortedMap, bound, key_within, most};

/// Upper bounds of the buckets of an epoch's duration, in seconds: from a toy to a week.
pub const EPOCH_SECONDS_BUCKETS: &[f64] =
    &[1.0, 10.0, 60.0, 300.0, 900.0, 3600.0, 14_400.0, 43_200.0, 86_400.0, 604_800.0];

/// Steps at the start of a run that are kept for ever: they say where it came from.
const FIRST_STEPS: usize = 64;
/// GPUs and ranks of a run that are told apart.
const MAX_MEMBERS: usize = 256;

/// What one worker saw of training runs.
pub type RunDelta = TrainingJobs;

/// Training runs by job.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct TrainingJobs(SortedMap<String, Run>);

/// What is known of one training run.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Run {
    /// The first steps.
    first: SortedMap<StepKey, StepRow>,
    /// The newest steps.
    newest: SortedMap<StepKey, StepRow>,
    /// Epochs.
    epochs: SortedMap<u64, EpochRow>,
    /// The first step whose loss is no finite number.
    pub loss_broke_at: Option<u64>,
    /// The first step whose gradient is no finite number.
    pub gradient_broke_at: Option<u64>,
    /// The first epoch whose loss is no finite number.
    pub epoch_broke_at: Option<u64>,
    /// How long epochs took, in seconds.
    pub epoch_duration: Histogram,
    /// How busy each GPU was at its newest step, in `[0, 1]`.
    pub gpus: SortedMap<String, (u64, f64)>,
    /// By rank: steps, and the time that they took in billionths of a second.
    ranks: SortedMap<u32, (u64, u128)>,
}

/// Step and rank.
type StepKey = (u64, u32);

/// One step. What was not told is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct StepRow {
    /// The loss.
    pub loss: Option<f64>,
    /// The norm of the gradient.
    pub grad_norm: Option<f64>,
    /// The learning rate.
    pub learning_rate: Option<f64>,
    /// Samples in it.
    pub samples: Option<u64>,
    /// How long it took, in seconds.
    pub duration_seconds: Option<f64>,
    /// How long it waited for data, in seconds.
    pub data_wait_seconds: Option<f64>,
}

/// One epoch. What was not told is `None`.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EpochRow {
    /// Mean training loss; `None` if it is no finite number.
    pub loss: Option<f64>,
    /// Loss on the validation data; `None` if it is no finite number.
    pub validation_loss: Option<f64>,
    /// Training accuracy, in `[0, 1]`.
    pub accuracy: Option<f64>,
    /// Accuracy on the validation data, in `[0, 1]`.
    pub validation_accuracy: Option<f64>,
    /// How long it took, in seconds.
    pub duration_seconds: Option<f64>,
}

/// Steps and epochs that are kept of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Kept {
    pub steps: usize,
    pub epochs: usize,
}

/// What a gateway keeps: some 100 KB a run.
pub(crate) const LIVE: Kept = Kept { steps: 1_000, epochs: 500 };
/// What is kept of a file that is read whole.
pub(crate) const WHOLE: Kept = Kept { steps: 200_000, epochs: 20_000 };

impl TrainingJobs {
    /// Takes one step.
    pub fn step(&mut self, step: &TrainingStep, dropped: &mut Dropped) {
        if let Some(run) = self.run(&step.job_id, dropped) {
            run.step(step, LIVE);
        }
    }

    /// Takes one epoch.
    pub fn epoch(&mut self, epoch: &TrainingEpoch, dropped: &mut Dropped) {
        if let Some(run) = self.run(&epoch.job_id, dropped) {
            run.epoch(epoch, LIVE);
        }
    }

    /// Adds what another worker saw.
    pub fn merge(&mut self, other: Self, dropped: &mut Dropped) {
        for (job, run) in other.0 {
            if let Some(own) = self.run(&job, dropped) {
                own.merge(run, LIVE);
            }
        }
    }

    /// Jobs and their runs, by job.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Run)> {
        self.0.iter().map(|(job, run)| (job.as_str(), run))
    }

    /// Whether there is no job.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Two jobs are never put together, so those beyond the bound are not kept at all.
    fn run(&mut self, job: &str, dropped: &mut Dropped) -> Option<&mut Run> {
        let job = LIMITS.cut(job, dropped);
        if key_within(&self.0, job, LIMITS.jobs) != job {
            dropped.add(bound::JOBS, 1);
            return None;
        }
        Some(self.0.entry(job))
    }
}

impl Run {
    /// A run of events that were read whole.
    #[must_use]
    pub fn of<'e>(
        steps: impl IntoIterator<Item = &'e TrainingStep>,
        epochs: impl IntoIterator<Item = &'e TrainingEpoch>,
    ) -> Self {
        let mut run = Self::default();
        for step in steps {
            run.step(step, WHOLE);
        }
        for epoch in epochs {
            run.epoch(epoch, WHOLE);
        }
        run
    }

    fn step(&mut self, step: &TrainingStep, kept: Kept) {
        if is_broken(step.loss) {
            earliest(&mut self.loss_broke_at, Some(step.step));
        }
        if is_broken(step.grad_norm) {
            earliest(&mut self.gradient_broke_at, Some(step.step));
        }
        let rank = step.rank.unwrap_or(0);
        if let Some(seconds) = step.duration_seconds {
            self.add_rank(rank, 1, (seconds * 1e9 + 0.5) as u128);
        }
        for (gpu, busy) in step.gpu_utilization.iter() {
            let gpu = LIMITS.cut(gpu, &mut Dropped::default());
            self.add_gpu(gpu, (step.step, *busy));
        }
        let row = StepRow {
            loss: finite(step.loss),
            grad_norm: finite(step.grad_norm),
            learning_rate: step.learning_rate,
            samples: step.samples,
            duration_seconds: step.duration_seconds,
            data_wait_seconds: step.data_wait_seconds,
        };
        self.add_step((step.step, rank), row, kept);
    }

    fn epoch(&mut self, epoch: &TrainingEpoch, kept: Kept) {
        if is_broken(epoch.loss) || is_broken(epoch.validation_loss) {
            earliest(&mut self.epoch_broke_at, Some(epoch.epoch));
        }
        if let Some(seconds) = epoch.duration_seconds {
            self.epoch_duration.record(seconds, EPOCH_SECONDS_BUCKETS);
        }
        let row = EpochRow {
            loss: finite(epoch.loss),
            validation_loss: finite(epoch.validation_loss),
            accuracy: epoch.accuracy,
            validation_accuracy: epoch.validation_accuracy,
            duration_seconds: epoch.duration_seconds,
        };
        self.add_epoch(epoch.epoch, row, kept);
    }

    fn merge(&mut self, other: Self, kept: Kept) {
        earliest(&mut self.loss_broke_at, other.loss_broke_at);
        earliest(&mut self.gradient_broke_at, other.gradient_broke_at);
        earliest(&mut self.epoch_broke_at, other.epoch_broke_at);
        self.epoch_duration.merge(&other.epoch_duration);
        for (rank, (steps, billionths)) in other.ranks {
            self.add_rank(rank, steps, billionths);
        }
        for (gpu, busy) in other.gpus {
            self.add_gpu(&gpu, busy);
        }
        for (key, row) in other.first.into_iter().chain(other.newest) {
            self.add_step(key, row, kept);
        }
        for (epoch, row) in other.epochs {
            self.add_epoch(epoch, row, kept);
        }
    }

    fn add_step(&mut self, key: StepKey, row: StepRow, kept: Kept) {
        for (map, capacity, keeps_first) in
            [(&mut self.first, FIRST_STEPS, true), (&mut self.newest, kept.steps, false)]
        {
            map.entry(&key).fill(row);
            if map.len() > capacity {
                let last = map.len() - 1;
                let gone = map.keys().nth(if keeps_first { last } else { 0 }).copied();
                gone.map(|gone| map.remove(&gone));
            }
        }
    }

    fn add_epoch(&mut self, epoch: u64, row: EpochRow, kept: Kept) {
        self.epochs.entry(&epoch).fill(row);
        if self.epochs.len() > kept.epochs {
            let gone = self.epochs.keys().next().copied();
            gone.map(|gone| self.epochs.remove(&gone));
        }
    }

    fn add_rank(&mut self, rank: u32, steps: u64, billionths: u128) {
        if self.ranks.len() < MAX_MEMBERS || self.ranks.contains_key(&rank) {
            let own = self.ranks.entry(&rank);
            *own = (own.0.saturating_add(steps), own.1.saturating_add(billionths));
        }
    }

    fn add_gpu(&mut self, gpu: &str, busy: (u64, f64)) {
        if self.gpus.len() < MAX_MEMBERS || self.gpus.contains_key(gpu) {
            let own = self.gpus.entry(gpu);
            let is_newer = busy.0.cmp(&own.0).then_with(|| busy.1.total_cmp(&own.1)).is_gt();
            if is_newer {
                *own = busy;
            }
        }
    }

    /// The kept steps, ascending, each with its number; of several ranks the lowest of each step.
    pub fn steps(&self) -> impl Iterator<Item = (u64, &StepRow)> {
        let newest = self.newest.keys().next().copied().unwrap_or_default();
        let earlier = self.first.iter().filter(move |(key, _)| **key < newest);
        let mut last = None;
        earlier.chain(self.newest.iter()).filter_map(move |((step, _), row)| {
            (last.replace(*step) != Some(*step)).then_some((*step, row))
        })
    }

    /// The kept epochs, ascending, each with its number.
    pub fn epochs(&self) -> impl DoubleEndedIterator<Item = (u64, &EpochRow)> {
        self.epochs.iter().map(|(epoch, row)| (*epoch, row))
    }

    /// By rank: steps, and the mean time that one took, in seconds.
    pub fn ranks(&self) -> impl Iterator<Item = (u32, u64, f64)> {
        self.ranks.iter().map(|(rank, (steps, billionths))| {
            (*rank, *steps, *billionths as f64 / 1e9 / (*steps).max(1) as f64)
        })
    }

    /// The newest steps that say how long they took, summed.
    pub(super) fn pace(&self) -> Pace {
        let mut pace = Pace::default();
        for row in self.newest.values() {
            let Some(seconds) = row.duration_seconds else { continue };
            if let Some(samples) = row.samples {
                pace.samples.add(samples as f64);
                pace.sampled_seconds.add(seconds);
            }
            if let Some(wait) = row.data_wait_seconds {
                pace.wait_seconds.add(wait.min(seconds));
                pace.watched_seconds.add(seconds);
                pace.watched_steps += 1;
            }
        }
        pace
    }

    /// Samples a second, over the newest steps; `None` if they do not say.
    #[must_use]
    pub fn throughput(&self) -> Option<f64> {
        let Pace { samples, sampled_seconds, .. } = self.pace();
        (sampled_seconds.value() > 0.0).then(|| samples.value() / sampled_seconds.value())
    }

    /// Share of the time that the newest steps waited for data, in `[0, 1]`; `None` if they do not say.
    #[must_use]
    pub fn data_wait_share(&self) -> Option<f64> {
        let Pace { wait_seconds, watched_seconds, .. } = self.pace();
        (watched_seconds.value() > 0.0).then(|| wait_seconds.value() / watched_seconds.value())
    }

    /// The newest value of a quantity of steps.
    #[must_use]
    pub fn latest(&self, of: impl Fn(&StepRow) -> Option<f64>) -> Option<f64> {
        let values: Vec<f64> = self.steps().filter_map(|(_, row)| of(row)).collect();
        values.last().copied()
    }
}

/// Sums over the newest steps.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Pace {
    pub samples: Sum,
    /// Of the steps that tell their samples.
    pub sampled_seconds: Sum,
    pub wait_seconds: Sum,
    /// Of the steps that tell how long they waited.
    pub watched_seconds: Sum,
    pub watched_steps: u64,
}

impl StepRow {
    /// Takes what is told; of a thing that is told twice the lesser, so that the order does not matter.
    fn fill(&mut self, other: Self) {
        lesser(&mut self.loss, other.loss);
        lesser(&mut self.grad_norm, other.grad_norm);
        lesser(&mut self.learning_rate, other.learning_rate);
        self.samples = self.samples.into_iter().chain(other.samples).min();
        lesser(&mut self.duration_seconds, other.duration_seconds);
        lesser(&mut self.data_wait_seconds, other.data_wait_seconds);
    }
}

impl EpochRow {
    fn fill(&mut self, other: Self) {
        lesser(&mut self.loss, other.loss);
        lesser(&mut self.validation_loss, other.validation_loss);
        lesser(&mut self.accuracy, other.accuracy);
        lesser(&mut self.validation_accuracy, other.validation_accuracy);
        lesser(&mut self.duration_seconds, other.duration_seconds);
    }
}

fn finite(measure: Option<Measure>) -> Option<f64> {
    measure.map(|measure| measure.0).filter(|value| value.is_finite())
}

fn is_broken(measure: Option<Measure>) -> bool {
    measure.is_some_and(|measure| !measure.0.is_finite())
}

fn lesser(own: &mut Option<f64>, other: Option<f64>) {
    *own = own.iter().copied().chain(other).min_by(f64::total_cmp);
}

fn earliest(own: &mut Option<u64>, other: Option<u64>) {
    *own = own.iter().copied().chain(other).min();
}

/// The most bytes that all runs take.
pub(crate) const fn most_bytes() -> u64 {
    let steps = (FIRST_STEPS + LIVE.steps + 2) as u64 * most::entry::<StepKey, StepRow>();
    let epochs = (LIVE.epochs as u64 + 1) * most::entry::<u64, EpochRow>();
    let gpu = most::entry::<String, (u64, f64)>() + most::NAME;
    let members = MAX_MEMBERS as u64 * (gpu + most::entry::<u32, (u64, u128)>());
    let run = most::entry::<String, Run>() + most::NAME + 256 + steps + epochs + members;
    LIMITS.jobs as u64 * run
}
