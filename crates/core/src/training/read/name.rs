//! What a name says.

use alloc::string::String;
use alloc::vec::Vec;

/// What a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantity {
    Loss,
    Accuracy,
    GradientNorm,
    LearningRate,
    Duration,
    DataWait,
    Samples,
    /// The number of a step.
    Step,
    /// The number of an epoch.
    Epoch,
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
}

impl Scope {
    /// Validation comes once an epoch, and so does what says that it is of one.
    pub(super) const fn is_of_epoch(self) -> bool {
        self.is_validation || (self.is_epoch && !self.is_step)
    }
}

/// What a column, tag or key means; `None` if it says nothing.
pub(super) fn meaning(name: &str) -> Option<(Quantity, Scope)> {
    let lower: String = name.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let has = |any: &[&str]| words.iter().any(|word| any.contains(word));
    let scope = Scope {
        is_validation: has(&["val", "valid", "validation", "eval", "test", "dev"]),
        is_epoch: has(&["epoch"]),
        is_step: has(&["batch", "step"]),
    };
    let is_time = has(&["seconds", "second", "time", "duration", "s", "runtime"]);
    let is_rate = has(&["per"]);
    let quantity = match words.as_slice() {
        ["step"] | ["global", "step"] | ["iteration"] | ["iter"] => Quantity::Step,
        ["epoch"] => Quantity::Epoch,
        _ if has(&["loss"]) && !is_time => Quantity::Loss,
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
    let is_own = is_validation && matches!(quantity, Quantity::Loss | Quantity::Accuracy);
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
            ("global_step", Quantity::Step, false),
            ("epoch", Quantity::Epoch, true),
        ] {
            assert_eq!(of(name), Some((quantity, is_of_epoch)), "{name}");
        }
        for name in
            ["", "samples_per_second", "train_samples_per_second", "comment", "eval_runtime"]
        {
            assert_eq!(of(name), None, "{name}");
        }
    }
}
