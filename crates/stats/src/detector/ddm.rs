use super::{
    Detector, Signal, calibration, calibration::ErrorTable, check, is_error, running::RunningMean,
};
use crate::{Error, num};

/// Drift detection method (DDM): a classifier's error rate has left its best level.
///
/// With `p` the share of errors so far and `s = √(p(1 − p)/n)`, the best level is the pair
/// `(p_min, s_min)` of the smallest `p + s`. A warning when `p + s > p_min + 2·s_min`, a change when
/// `p + s > p_min + 3·s_min`.
///
/// The comparison is repeated at every value with the best level chosen by hindsight, so three
/// standard deviations are no 99.7 %. And the longer the stream, the slower `p` moves: an old
/// detector is a deaf one. It sees rises only.
///
/// Its state is some 60 bytes. A push is O(1). It takes 0 (right) and 1 (an error), nothing else.
///
/// # Examples
/// ```
/// use tidegate_stats::detector::{Ddm, DdmOptions, Detector, Signal};
/// let mut detector = Ddm::try_new(DdmOptions::default())?;
/// for step in 0..1000 {
///     assert_eq!(detector.push(f64::from(u8::from(step % 10 == 0)))?, Signal::None);
/// }
/// let signals: Vec<_> = (0..100).map(|_| detector.push(1.0)).collect::<Result<_, _>>()?;
/// let first = |wanted| signals.iter().position(|&signal| signal == wanted);
/// assert!(first(Signal::Warning) < first(Signal::Change) && first(Signal::Change).is_some());
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Gama, Medas, Castillo, Rodrigues (2004), <https://doi.org/10.1007/978-3-540-28645-5_29>.
/// `river.drift.binary.DDM` 0.26: the same signals at the same indices.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Ddm {
    options: DdmOptions,
    rate: RunningMean,
    best: Option<Level>,
}

/// Settings of [`Ddm`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct DdmOptions {
    /// No signal up to this many values. Default 30.
    pub warm_up: u64,
    /// Standard deviations above the best level for a warning, `≥ 0`. Default 2.
    pub warning: f64,
    /// Standard deviations above the best level for a change, `≥ warning`. Default 3.
    pub change: f64,
}

impl Default for DdmOptions {
    fn default() -> Self {
        Self { warm_up: 30, warning: 2.0, change: 3.0 }
    }
}

/// `change` by error rate and run length, with a warm-up of ten errors.
const RUN_LENGTHS: ErrorTable = [
    [2.13, 2.476, 2.603, 2.70],
    [2.33, 2.515, 2.607, 2.68],
    [2.365, 2.488, 2.571, 2.63],
    [2.30, 2.393, 2.471, 2.553],
    [2.185, 2.306, 2.399, 2.47],
];

impl DdmOptions {
    /// Settings with a false alarm in so many values, for a stream of known error rate.
    ///
    /// A stream of so many errors and successes at a steady rate has one false alarm, on average, from
    /// its start. Alarms
    /// come early or never, for the level to compare with only gets stricter: beyond 10⁴ values the
    /// setting hardly changes, and after an alarm the next one is as near as at the start.
    ///
    /// # Arguments
    /// * `run_length`: values for each false alarm, in `10³..=10⁵`.
    /// * `error_rate`: the stream's rate of errors without change, in `0.05..=0.5`.
    ///
    /// # Errors
    /// * [`crate::ErrorKind::OutOfRange`]: an argument is outside its range.
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::detector::DdmOptions;
    /// let options = DdmOptions::for_run_length(10_000.0, 0.2)?;
    /// assert!((options.change - 2.571).abs() < 1e-3);
    /// # Ok::<(), tidegate_stats::Error>(())
    /// ```
    ///
    /// # References
    /// Simulation: `examples/detector_run_length.rs`.
    pub fn for_run_length(run_length: f64, error_rate: f64) -> Result<Self, Error> {
        let change = calibration::on_errors(&RUN_LENGTHS, run_length, error_rate)?;
        // Before the first error the best level would be no errors at all.
        let warm_up = num::ceil(10.0 / error_rate).max(30.0) as u64;
        Ok(Self { warm_up, warning: change * (2.0 / 3.0), change })
    }
}

/// An error rate and its standard deviation.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Level {
    rate: f64,
    deviation: f64,
}

impl Ddm {
    /// A detector that has seen nothing.
    ///
    /// # Errors
    /// * [`crate::ErrorKind::OutOfRange`]: a setting is outside its range.
    pub fn try_new(options: DdmOptions) -> Result<Self, Error> {
        super::check_level(options.warning, "warning")?;
        super::check_level(options.change, "change")?;
        check(options.warning <= options.change, "warning, which may not exceed change,")?;
        Ok(Self { options, rate: RunningMean::default(), best: None })
    }
}

impl Detector for Ddm {
    fn push(&mut self, value: f64) -> Result<Signal, Error> {
        self.rate.push(f64::from(u8::from(is_error(value)?)));
        let RunningMean { count, mean: rate } = self.rate;
        if count <= self.options.warm_up {
            return Ok(Signal::None);
        }
        // Rounding may carry the mean of ones a hair above 1.
        let deviation = num::sqrt((rate * (1.0 - rate) / count as f64).max(0.0));
        let now = rate + deviation;
        let best = match self.best {
            Some(best) if now > best.rate + best.deviation => best,
            _ => Level { rate, deviation },
        };
        self.best = Some(best);
        if now > best.rate + self.options.change * best.deviation {
            self.reset();
            Ok(Signal::Change)
        } else if now > best.rate + self.options.warning * best.deviation {
            Ok(Signal::Warning)
        } else {
            Ok(Signal::None)
        }
    }

    fn reset(&mut self) {
        self.rate = RunningMean::default();
        self.best = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn a_detector_takes_zeros_and_ones_only() {
        let mut detector = Ddm::try_new(DdmOptions::default()).unwrap();
        for value in [0.5, -1.0, 2.0] {
            assert_eq!(detector.push(value).unwrap_err().kind(), ErrorKind::OutOfRange);
        }
    }

    #[test]
    fn a_falling_error_rate_is_no_change() {
        let mut detector = Ddm::try_new(DdmOptions::default()).unwrap();
        for step in 0..2000 {
            let error = step < 500 && step % 2 == 0;
            assert_eq!(detector.push(f64::from(u8::from(error))), Ok(Signal::None), "{step}");
        }
    }

    #[test]
    fn a_warning_above_the_change_is_refused() {
        let error = Ddm::try_new(DdmOptions { warning: 4.0, ..Default::default() }).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OutOfRange);
    }
}
