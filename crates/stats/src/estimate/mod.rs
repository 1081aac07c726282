//! How good a model's predictions probably are, before the truth is known.
//!
//! [`Cbpe`] (two classes) and [`CbpeOfClasses`] (many) are confidence-based performance estimation: if a
//! probability means what it says, then of the predictions made with `p = 0.8` four in five are right,
//! and so every figure of a confusion matrix has an expectation that needs no label. Labelled reference
//! rows are used for two things: to learn what the probabilities really mean ([`Isotonic`], where
//! [`needs_calibration`] finds that it helps), and how much each figure scatters.
//!
//! # What it assumes
//! * What a probability means has not changed: there is no *concept drift*. When the same inputs begin
//!   to have other outcomes, the estimate stays where it was, and is wrong. Only labels show that.
//! * The reference has what the current rows have. A shift of the inputs is followed, into regions that
//!   the reference covers; beyond its largest and smallest score the calibration is a constant.
//! * There are enough rows, a few hundred at least, for their shares to be near their probabilities.
//!
//! # What it is not
//! It is no measurement: an estimate that stays is no proof that the model is still good. The interval
//! of an estimate is of three sampling errors, which the reference rows say how large to expect;
//! it has no part for a calibration that is off, so it is too narrow for a small reference.
//!
//! It follows NannyML 0.13, whose numbers it gives; where it departs, the function says DIFFERENCE.

mod binary;
mod calibration_need;
mod classes;
mod expected_areas;
mod expected_confusion;
mod isotonic;
mod reference_scatter;
mod shuffle;

pub use binary::Cbpe;
pub use calibration_need::needs_calibration;
pub use classes::CbpeOfClasses;
pub use expected_confusion::{CellScale, ExpectedConfusion};
pub use isotonic::Isotonic;

use crate::{Error, ErrorKind, Interval, Moments};

/// How many sampling errors an interval reaches to either side.
pub const SAMPLING_ERRORS: f64 = 3.0;

const SHARE: Interval = Interval { lower: 0.0, upper: 1.0 };

/// A figure that was estimated without labels.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimated {
    /// The expected figure, in its own unit.
    pub value: f64,
    /// Standard deviation of the figure of so many rows if nothing changes, in the same unit, `≥ 0`.
    /// `None` where the reference has no row that says.
    pub sampling_error: Option<f64>,
    /// `value ±` [`SAMPLING_ERRORS`] `· sampling_error`, cut to what the figure can be.
    pub interval: Option<Interval>,
}

/// The estimates for one batch of predictions. A figure that has no value, as the recall has none where
/// no positive is expected, is `None`.
///
/// Of two classes they are of the positive one; of many, means over the classes, each against the rest.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimates {
    /// The number of predictions.
    pub count: u64,
    /// Area under the ROC curve, in `[0, 1]`.
    pub roc_auc: Option<Estimated>,
    /// Average precision, in `[0, 1]`.
    pub average_precision: Option<Estimated>,
    /// Harmonic mean of precision and recall, in `[0, 1]`.
    pub f1: Option<Estimated>,
    /// Share of right ones among the predictions of a class, in `[0, 1]`.
    pub precision: Option<Estimated>,
    /// Share of the occurrences of a class that were predicted, in `[0, 1]`.
    pub recall: Option<Estimated>,
    /// Share of the occurrences of other classes that were not predicted to be this one, in `[0, 1]`.
    pub specificity: Option<Estimated>,
    /// Share of right predictions, in `[0, 1]`.
    pub accuracy: Option<Estimated>,
    /// The expected confusion matrix, and what it is worth.
    pub confusion: ExpectedConfusion,
}

impl Estimated {
    fn new(value: f64, sampling_error: Option<f64>, range: Interval) -> Self {
        let interval = sampling_error.map(|error| {
            let reach = SAMPLING_ERRORS * error;
            Interval {
                lower: (value - reach).max(range.lower),
                upper: (value + reach).min(range.upper),
            }
        });
        Self { value, sampling_error, interval }
    }
}

/// The band in which a figure of a chunk of rows is not remarkable: the mean of what the chunks of the
/// reference really had, three standard deviations to either side, cut to what the figure can be.
///
/// It is NannyML's default threshold. It is as rough as a standard deviation from some ten chunks is:
/// without any change, more than one chunk in a hundred leaves it. Chunks of another size than the
/// reference's need another band.
///
/// # Arguments
/// * `realized`: the figure of each reference chunk, from its labels, shape `[k]`, `k ≥ 1`, finite.
/// * `range`: what the figure can be; its bounds may be infinite.
///
/// # Returns
/// The band, within `range`. With one chunk it has no width.
///
/// # Errors
/// * [`ErrorKind::EmptySample`]: there is no chunk.
/// * [`ErrorKind::NotFinite`]: a figure is NaN or infinite, or a bound of `range` is NaN.
///
/// # Numerics
/// O(k), no allocation. Population standard deviation.
///
/// # Examples
/// ```
/// use tidegate_stats::{Interval, estimate::usual_band};
/// let band = usual_band(&[0.90, 0.92, 0.94], Interval { lower: 0.0, upper: 1.0 })?;
/// assert!((band.lower - 0.8710102051).abs() < 1e-9 && (band.upper - 0.9689897949).abs() < 1e-9);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Oracle: NannyML's `StandardDeviationThreshold`.
pub fn usual_band(realized: &[f64], range: Interval) -> Result<Interval, Error> {
    if realized.is_empty() {
        return Err(Error::new(ErrorKind::EmptySample, "the list of reference chunks"));
    }
    if range.lower.is_nan() || range.upper.is_nan() || realized.iter().any(|of| !of.is_finite()) {
        return Err(Error::new(ErrorKind::NotFinite, "the list of reference chunks"));
    }
    let mut moments = Moments::default();
    for figure in realized {
        moments.push(*figure);
    }
    let (mean, reach) = (moments.mean(), SAMPLING_ERRORS * moments.standard_deviation());
    let within = |bound: f64| bound.max(range.lower.max(-f64::MAX)).min(range.upper.min(f64::MAX));
    Ok(Interval { lower: within(mean - reach), upper: within(mean + reach) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_band_is_cut_to_its_range() {
        let band = |realized: &[f64], range: [f64; 2]| usual_band(realized, range.into());
        assert_eq!(band(&[0.5], [0.0, 1.0]).unwrap(), [0.5, 0.5].into());
        assert_eq!(band(&[0.0, 1.0], [0.0, 1.0]).unwrap(), [0.0, 1.0].into());
        assert_eq!(band(&[0.0, 1.0], [0.0, f64::INFINITY]).unwrap(), [0.0, 2.0].into());
        let huge = band(&[-1e308, 1e308], [-f64::INFINITY, f64::INFINITY]).unwrap();
        assert!(huge.lower.is_finite() && huge.upper.is_finite());
        assert_eq!(band(&[], [0.0, 1.0]).unwrap_err().kind(), ErrorKind::EmptySample);
        assert_eq!(band(&[f64::NAN], [0.0, 1.0]).unwrap_err().kind(), ErrorKind::NotFinite);
    }
}
