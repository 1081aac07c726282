use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::level::{best, initial, median, recent};
use super::run::Run;
use super::series::{Series, Unit};

/// Something that is wrong with a training run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Finding {
    /// What it is.
    pub kind: FindingKind,
    /// The step that shows it, where one does.
    pub step: Option<u64>,
    /// The epoch that shows it, where one does.
    pub epoch: Option<u64>,
    /// The number that it rests on.
    pub value: Option<f64>,
    /// The number that it is held against.
    pub expected: Option<f64>,
    /// One sentence with both.
    pub evidence: String,
}

/// The kinds of faults.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum FindingKind {
    /// The loss or the gradient is no finite number any more.
    NotFinite,
    /// The loss is worse than it was.
    Divergence,
    /// The loss has not fallen.
    Plateau,
    /// The training loss falls, and the validation loss does not.
    Overfitting,
    /// The gradient grew to many times of what it was.
    ExplodingGradients,
    /// The gradient is a small part of what it was, and the loss is still high.
    VanishingGradients,
    /// Steps wait for their data.
    DataBottleneck,
    /// One rank is slower than the others, which wait for it.
    StragglingRank,
}

impl FindingKind {
    /// The name on the wire and in labels.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotFinite => "not_finite",
            Self::Divergence => "divergence",
            Self::Plateau => "plateau",
            Self::Overfitting => "overfitting",
            Self::ExplodingGradients => "exploding_gradients",
            Self::VanishingGradients => "vanishing_gradients",
            Self::DataBottleneck => "data_bottleneck",
            Self::StragglingRank => "straggling_rank",
        }
    }
}

/// What is wrong with a run; the worst first. Empty if nothing is, or if too little is known.
#[must_use]
pub fn findings(run: &Run) -> Vec<Finding> {
    let not_finite = not_finite(run);
    let is_broken = !not_finite.is_empty();
    let mut found = not_finite;
    // After the first value that is no number, the rest of the loss says nothing.
    if !is_broken {
        let divergence = divergence(run);
        let has_diverged = divergence.is_some();
        found.extend(divergence);
        if !has_diverged {
            found.extend(plateau(run));
            found.extend(overfitting(run));
            found.extend(vanishing_gradients(run));
        }
        found.extend(exploding_gradients(run));
    }
    found.extend(data_bottleneck(run));
    found.extend(straggling_rank(run));
    found
}

fn finding(kind: FindingKind, evidence: String) -> Finding {
    Finding { kind, step: None, epoch: None, value: None, expected: None, evidence }
}

fn not_finite(run: &Run) -> Vec<Finding> {
    let of = |what: &str, step: Option<u64>| {
        let step = step?;
        let evidence = format!("the {what} is no finite number from step {step} on");
        Some(Finding { step: Some(step), ..finding(FindingKind::NotFinite, evidence) })
    };
    let by_step = [of("loss", run.loss_broke_at), of("gradient", run.gradient_broke_at)];
    let found: Vec<Finding> = by_step.into_iter().flatten().collect();
    if !found.is_empty() {
        return found;
    }
    // Runs that only tell their epochs.
    let of_epoch = |epoch: u64| Finding {
        epoch: Some(epoch),
        ..finding(
            FindingKind::NotFinite,
            format!("the loss is no finite number from epoch {epoch} on"),
        )
    };
    run.epoch_broke_at.map(of_epoch).into_iter().collect()
}

/// Values at an end of a series that make a level.
const fn level_width(count: usize) -> usize {
    let tenth = count / 10;
    if tenth < 3 {
        3
    } else if tenth > 50 {
        50
    } else {
        tenth
    }
}

/// Records of steps or epochs below which a series says nothing that chance could not.
const fn enough(unit: Unit) -> usize {
    match unit {
        Unit::Steps => 40,
        Unit::Epochs => 5,
    }
}

/// A part of the progress that, lost again, is a divergence.
const LOST_PROGRESS: f64 = 0.3;
/// Progress below this part of the initial loss is none.
const SOME_PROGRESS: f64 = 0.05;
/// A loss this many times the initial one is out of all proportion.
const SPIKE: f64 = 3.0;

fn divergence(run: &Run) -> Option<Finding> {
    let (loss, unit) = Series::loss(run);
    let count = loss.values.len();
    if unit == Unit::Epochs && count < enough(unit) {
        return None;
    }
    let width = level_width(count);
    // The lesser of the two, for a run may go wrong in its first ten steps.
    let start = initial(&loss.values, 3)?.min(initial(&loss.values, 10)?);
    let now = recent(&loss.values, width)?;
    let best = best(&loss.values, width)?;
    let progress = start - best;
    let has_lost = count >= enough(unit)
        && progress > SOME_PROGRESS * start.abs()
        && now - best > LOST_PROGRESS * progress;
    let (at, most) = loss.most()?;
    let has_exploded = most > SPIKE * start.abs() && now > (1.0 + SOME_PROGRESS) * start;
    // A rise without a spike: the level is plainly above where it began.
    let has_risen = now > 1.5 * start && start > 0.0;
    if !(has_lost || has_exploded || has_risen) {
        return None;
    }
    let evidence = format!(
        "the loss began at {start:.4}, was {best:.4} at its best and is {now:.4} now; its peak was {most:.4}"
    );
    let own = Finding {
        value: Some(now),
        expected: Some(best.min(start)),
        ..finding(FindingKind::Divergence, evidence)
    };
    Some(placed(own, at, unit))
}

fn placed(finding: Finding, at: u64, unit: Unit) -> Finding {
    match unit {
        Unit::Steps => Finding { step: Some(at), ..finding },
        Unit::Epochs => Finding { epoch: Some(at), ..finding },
    }
}

fn plateau(run: &Run) -> Option<Finding> {
    let (loss, unit) = Series::loss(run);
    let count = loss.values.len();
    // Warm-up takes its time. A trainer may tell each fifth step, or each hundredth.
    let (passed, patience) = match unit {
        Unit::Steps => (loss.at.last()?.saturating_sub(*loss.at.first()?).saturating_add(1), 200),
        Unit::Epochs => (count as u64, 6),
    };
    if passed < patience {
        return None;
    }
    let width = level_width(count);
    let start = initial(&loss.values, width)?;
    let now = recent(&loss.values, width)?;
    // A loss that falls a little, while the model guesses as it did, is none that is trained.
    let allowed = if accuracy_stands_still(run) { STILL_PROGRESS } else { SOME_PROGRESS };
    if start - now > allowed * start.abs() || start <= 0.0 {
        return None;
    }
    let evidence = format!("the loss began at {start:.4} and is {now:.4} after {count} records");
    let own = Finding {
        value: Some(now),
        expected: Some(start),
        ..finding(FindingKind::Plateau, evidence)
    };
    Some(placed(own, *loss.at.last()?, unit))
}

/// Progress of the loss that is none if the accuracy stands still.
const STILL_PROGRESS: f64 = 0.2;
/// A change of the accuracy that is none.
const STILL_ACCURACY: f64 = 0.02;

/// Whether the accuracy of the training data is known and has not risen.
fn accuracy_stands_still(run: &Run) -> bool {
    let accuracy = Series::of_epochs(run, |row| row.accuracy).values;
    let levels = initial(&accuracy, 3).zip(recent(&accuracy, 3));
    accuracy.len() >= 6 && levels.is_some_and(|(start, now)| now - start <= STILL_ACCURACY)
}

/// Epochs after its best that the validation loss is given to improve.
const PATIENCE: usize = 5;
/// By what part the validation loss must have risen again.
const RISE: f64 = 0.05;

fn overfitting(run: &Run) -> Option<Finding> {
    let rows: Vec<(u64, f64, f64)> = run
        .epochs()
        .filter_map(|(epoch, row)| Some((epoch, row.loss?, row.validation_loss?)))
        .collect();
    let best = rows.iter().enumerate().min_by(|(_, one), (_, other)| one.2.total_cmp(&other.2))?;
    let (place, (best_epoch, train_then, best_validation)) = (best.0, *best.1);
    let since = rows.len() - 1 - place;
    if since < PATIENCE {
        return None;
    }
    let last = &rows[rows.len() - PATIENCE.min(since)..];
    let middle = |of: fn(&(u64, f64, f64)) -> f64| median(&last.iter().map(of).collect::<Vec<_>>());
    let (train, validation) = (middle(|row| row.1)?, middle(|row| row.2)?);
    let has_risen = validation > (1.0 + RISE) * best_validation;
    let still_falls = train < (1.0 - RISE) * train_then;
    let gap = validation - train;
    if !(has_risen && still_falls && gap > RISE * validation.abs()) {
        return None;
    }
    let evidence = format!(
        "the validation loss was {best_validation:.4} in epoch {best_epoch} and is {validation:.4} now, while the \
         training loss fell from {train_then:.4} to {train:.4}"
    );
    Some(Finding {
        epoch: Some(best_epoch),
        value: Some(validation),
        expected: Some(best_validation),
        ..finding(FindingKind::Overfitting, evidence)
    })
}

/// A gradient this many times its usual size explodes.
const EXPLOSION: f64 = 20.0;
/// Gradients at the start that say what is usual.
const USUAL: usize = 20;

fn exploding_gradients(run: &Run) -> Option<Finding> {
    let norms = Series::of_steps(run, |row| row.grad_norm);
    if norms.values.len() < 10 {
        return None;
    }
    // The lesser of the two: a run that explodes at once has no usual start.
    let start = initial(&norms.values, USUAL)?;
    let all = median(&norms.values)?;
    let usual = start.min(all.max(start / 10.0));
    // It must have been small before: one that begins large and falls is as it should be.
    let mut least = f64::INFINITY;
    let leapt = norms.at.iter().zip(&norms.values).filter(|(_, norm)| {
        let from = usual.max(least);
        least = least.min(**norm);
        usual > 0.0 && **norm >= EXPLOSION * from
    });
    let (step, most) = leapt.max_by(|(_, one), (_, other)| one.total_cmp(other))?;
    let evidence =
        format!("the gradient's norm is {usual:.4} as a rule, and was {most:.4} at step {step}");
    Some(Finding {
        step: Some(*step),
        value: Some(*most),
        expected: Some(usual),
        ..finding(FindingKind::ExplodingGradients, evidence)
    })
}

/// A gradient this small a part of its start has vanished.
const VANISHED: f64 = 1e-3;

fn vanishing_gradients(run: &Run) -> Option<Finding> {
    let norms = Series::of_steps(run, |row| row.grad_norm);
    let count = norms.values.len();
    if count < enough(Unit::Steps) {
        return None;
    }
    let start = initial(&norms.values, USUAL)?;
    let now = recent(&norms.values, level_width(count))?;
    let (loss, _) = Series::loss(run);
    let (first, last) = (initial(&loss.values, 10)?, recent(&loss.values, 10)?);
    let is_done = last < 0.5 * first;
    if now > VANISHED * start || is_done {
        return None;
    }
    let evidence = format!(
        "the gradient's norm fell from {start:.3e} to {now:.3e}, and the loss only from {first:.4} to {last:.4}"
    );
    Some(Finding {
        step: norms.at.last().copied(),
        value: Some(now),
        expected: Some(start),
        ..finding(FindingKind::VanishingGradients, evidence)
    })
}

/// A share of the time spent waiting that is worth a person's.
const WAITING: f64 = 0.3;

fn data_bottleneck(run: &Run) -> Option<Finding> {
    let share = run.data_wait_share()?;
    let steps = run.pace().watched_steps;
    if share < WAITING || steps < PATIENCE as u64 {
        return None;
    }
    let busy: Vec<f64> = run.gpus.values().map(|(_, busy)| *busy).collect();
    let gpus = if busy.is_empty() {
        String::new()
    } else {
        let mean = busy.iter().sum::<f64>() / busy.len() as f64;
        format!(", with GPUs {:.0} % busy", 100.0 * mean)
    };
    let evidence = format!("steps wait for data {:.0} % of their time{gpus}", 100.0 * share);
    Some(Finding {
        value: Some(share),
        expected: Some(WAITING),
        ..finding(FindingKind::DataBottleneck, evidence)
    })
}

/// A rank this many times slower than the middle one holds up the others.
const STRAGGLER: f64 = 1.2;
/// Steps of a rank below which its pace says nothing.
const PACED_STEPS: u64 = 20;

fn straggling_rank(run: &Run) -> Option<Finding> {
    let ranks: Vec<(u32, f64)> = run
        .ranks()
        .filter(|(_, steps, _)| *steps >= PACED_STEPS)
        .map(|(rank, _, seconds)| (rank, seconds))
        .collect();
    if ranks.len() < 2 {
        return None;
    }
    let (rank, slowest) = ranks.iter().copied().max_by(|one, other| one.1.total_cmp(&other.1))?;
    let others: Vec<f64> =
        ranks.iter().filter(|(own, _)| *own != rank).map(|(_, seconds)| *seconds).collect();
    let usual = median(&others)?;
    if usual <= 0.0 || slowest < STRAGGLER * usual {
        return None;
    }
    let evidence = format!(
        "a step takes rank {rank} {slowest:.3} s, and the others {usual:.3} s in the middle"
    );
    Some(Finding {
        value: Some(slowest),
        expected: Some(usual),
        ..finding(FindingKind::StragglingRank, evidence)
    })
}
