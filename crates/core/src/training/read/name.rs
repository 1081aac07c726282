//! What a name says.

use alloc::string::String;
use alloc::vec::Vec;

/// What a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantity {
    Loss,
    /// A term of the loss: `loss_cls`, say.
    PartOfLoss,
    Accuracy,
    GradientNorm,
    LearningRate,
    Duration,
    DataWait,
    /// A time of nothing said: of a step, where a part of it is a wait for data.
    Time,
    Samples,
    /// The number of a step.
    Step,
    /// The number of an epoch.
    Epoch,
    /// The number of a process, of several that train together.
    Rank,
}

impl Quantity {
    /// Whether it depends on the data that it is of: those of the training or of the validation.
    pub(super) const fn is_of_data(self) -> bool {
        matches!(self, Self::Loss | Self::PartOfLoss | Self::Accuracy)
    }
}

/// What a number is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Scope {
    /// Of the validation data.
    pub is_validation: bool,
    /// Of a whole epoch.
    pub is_epoch: bool,
    /// Of one step.
    pub is_step: bool,
    /// Of which process.
    pub rank: Option<u32>,
}

impl Scope {
    /// Validation comes once an epoch, and so does what says that it is of one.
    pub(super) const fn is_of_epoch(self) -> bool {
        self.is_validation || (self.is_epoch && !self.is_step)
    }
}

/// Words beside `loss` that make no other loss of it.
const OF_THE_WHOLE: [&str; 12] = [
    "loss", "train", "training", "total", "mean", "avg", "average", "running", "smoothed", "step",
    "batch", "epoch",
];
/// Words of the validation data.
const OF_VALIDATION: [&str; 6] = ["val", "valid", "validation", "eval", "test", "dev"];

/// What a column, tag or key means; `None` if it says nothing.
pub(super) fn meaning(name: &str) -> Option<(Quantity, Scope)> {
    let lower: String = name.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let has = |any: &[&str]| words.iter().any(|word| any.contains(word));
    let scope = Scope {
        is_validation: has(&OF_VALIDATION),
        is_epoch: has(&["epoch"]),
        is_step: has(&["batch", "step"]),
        rank: None,
    };
    let is_time = has(&["seconds", "second", "time", "duration", "s", "runtime"]);
    let is_rate = has(&["per"]);
    let quantity = match words.as_slice() {
        ["step"] | ["global", "step"] | ["iteration"] | ["iter"] => Quantity::Step,
        ["epoch"] => Quantity::Epoch,
        ["rank"] | ["global", "rank"] => Quantity::Rank,
        ["time"] => Quantity::Time,
        // Keras's `evaluation_loss_vs_iterations` repeats what `epoch_loss` says, and counts otherwise.
        [.., "vs", "iterations"] => return None,
        _ if has(&["loss", "logloss", "mlogloss"]) && !is_time => {
            let is_of_whole = |word: &&str| {
                OF_THE_WHOLE.contains(word)
                    || OF_VALIDATION.contains(word)
                    || word.ends_with("logloss")
            };
            if words.iter().all(is_of_whole) { Quantity::Loss } else { Quantity::PartOfLoss }
        }
        _ if has(&["acc", "accuracy"]) => Quantity::Accuracy,
        _ if has(&["grad", "gradient", "gradients"]) && has(&["norm"]) => Quantity::GradientNorm,
        _ if has(&["lr"]) || (has(&["learning"]) && has(&["rate"])) => Quantity::LearningRate,
        _ if has(&["data"]) && (is_time || has(&["wait", "load", "loading"])) => Quantity::DataWait,
        _ if is_time && !is_rate && (scope.is_step || scope.is_epoch) => Quantity::Duration,
        ["samples"] => Quantity::Samples,
        _ => return None,
    };
    Some((quantity, scope))
}

/// What a name means in a file that is of the validation data, or not: its losses and accuracies are, even
/// where they do not say so.
pub(super) fn meaning_in(name: &str, is_validation: bool) -> Option<(Quantity, Scope)> {
    let (quantity, scope) = meaning(name)?;
    let is_own = is_validation && quantity.is_of_data();
    Some((quantity, Scope { is_validation: scope.is_validation || is_own, ..scope }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_usual_trainers_are_understood() {
        let of =
            |name: &str| meaning(name).map(|(quantity, scope)| (quantity, scope.is_of_epoch()));
        for (name, quantity, is_of_epoch) in [
            ("batch_loss", Quantity::Loss, false),
            ("loss", Quantity::Loss, false),
            ("total_loss", Quantity::Loss, false),
            ("loss_cls", Quantity::PartOfLoss, false),
            ("val/box_loss", Quantity::PartOfLoss, true),
            ("validation-logloss", Quantity::Loss, true),
            ("epoch_loss", Quantity::Loss, true),
            ("train/loss", Quantity::Loss, false),
            ("Loss/train", Quantity::Loss, false),
            ("train_loss_step", Quantity::Loss, false),
            ("train_loss_epoch", Quantity::Loss, true),
            ("val_loss", Quantity::Loss, true),
            ("eval/loss", Quantity::Loss, true),
            ("epoch_accuracy", Quantity::Accuracy, true),
            ("val_acc", Quantity::Accuracy, true),
            ("grad_norm", Quantity::GradientNorm, false),
            ("train/grad_norm", Quantity::GradientNorm, false),
            ("lr-Adam", Quantity::LearningRate, false),
            ("learning_rate", Quantity::LearningRate, false),
            ("data_wait_seconds", Quantity::DataWait, false),
            ("step_seconds", Quantity::Duration, false),
            ("epoch_seconds", Quantity::Duration, true),
            ("samples", Quantity::Samples, false),
            ("rank", Quantity::Rank, false),
            ("time", Quantity::Time, false),
            ("global_step", Quantity::Step, false),
            ("epoch", Quantity::Epoch, true),
        ] {
            assert_eq!(of(name), Some((quantity, is_of_epoch)), "{name}");
        }
        for name in [
            "",
            "samples_per_second",
            "train_samples_per_second",
            "comment",
            "eval_runtime",
            "evaluation_loss_vs_iterations",
        ] {
            assert_eq!(of(name), None, "{name}");
        }
    }
}
