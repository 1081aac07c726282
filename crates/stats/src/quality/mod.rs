//! How good a model's predictions were, once the truth is known.
//!
//! * Classes: [`ConfusionMatrix`] and all that follows from its counts.
//! * Scores of two classes: [`Ranking`], sorted once, for the areas under the curves; of many classes:
//!   [`roc_auc_one_against_rest`] and [`roc_auc_one_against_one`].
//! * Probabilities: [`log_loss`], [`brier`], and their calibration by [`Reliability`]; in bounded memory
//!   and mergeable [`ProbabilityLoss`] and [`ProbabilityHistogram`].
//! * Numbers: [`Regression`].
//! * All of a share: [`wilson_interval`]. The last N predictions only: [`window`].
//!
//! A figure that its data leave undefined, such as the precision of a class that was never
//! predicted, is `None`: neither 0, which blames the model, nor 1, which praises it.

mod calibration;
mod classes;
mod confusion;
mod histogram;
mod probability;
mod proportion;
mod ranking;
mod ranking_of_classes;
mod regression;
pub mod window;

pub use calibration::{Binning, Reliability, ReliabilityBin};
pub use classes::{brier_of_classes, log_loss_of_classes, top_k_accuracy};
pub use confusion::{Average, Averages, ConfusionMatrix, Undefined};
pub use histogram::{BinnedArea, ProbabilityHistogram};
pub use probability::{ProbabilityLoss, brier, log_loss};
pub use proportion::wilson_interval;
pub use ranking::{Ranking, RocPoint};
pub use ranking_of_classes::{
    average_precision_one_against_rest, roc_auc_one_against_one, roc_auc_one_against_rest,
};
pub use regression::{Regression, mean_squared_log_error, median_absolute_error};

pub(crate) use classes::check_table;

use crate::{Error, ErrorKind};

/// Refuses two lists that do not belong together, and empty ones.
pub(crate) const fn check_pairs(one: usize, other: usize) -> Result<(), Error> {
    if one != other {
        Err(Error::new(ErrorKind::ShapeMismatch, "the list of predictions, one for each label,"))
    } else if one == 0 {
        Err(Error::new(ErrorKind::EmptySample, "the list of predictions"))
    } else {
        Ok(())
    }
}

/// A probability, refused when it is none.
pub(crate) fn check_probability(p: f64) -> Result<f64, Error> {
    if !p.is_finite() {
        Err(Error::new(ErrorKind::NotFinite, "the list of probabilities"))
    } else if (0.0..=1.0).contains(&p) {
        Ok(p)
    } else {
        Err(Error::new(ErrorKind::OutOfRange, "a probability, which must be between 0 and 1,"))
    }
}
