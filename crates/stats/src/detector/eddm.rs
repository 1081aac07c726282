use super::{
    Detector, Signal, calibration, calibration::ErrorTable, check, check_fraction, is_error,
    running::RunningSpread,
};
use crate::Error;

/// Early drift detection method (EDDM): a classifier's errors come closer together.
///
/// With `p` the mean number of values from one error to the next and `s` its standard deviation, the
/// level is `p + 2s` over the largest that it has been. A warning below 0.95, a change below 0.9.
///
/// The level is no probability, and where errors come at random it falls below 0.9 by chance every
/// thousand values or so (golden streams: 34 changes in 40 000 values at a steady rate). It is here
/// for comparison.
///
/// Its state is some 80 bytes. A push is O(1). It takes 0 (right) and 1 (an error), nothing else.
///
/// # Examples
/// ```
/// use tidegate_stats::detector::{Detector, Eddm, EddmOptions, Signal};
/// let mut detector = Eddm::try_new(EddmOptions::default())?;
/// // Errors 5 and 15 values apart by turns, then 2.
/// let error = |step: u32| match step {
///     0..1000 => [0, 5].contains(&(step % 20)),
///     _ => step.is_multiple_of(2),
/// };
/// let seen = (0..1100).find(|&step| {
///     detector.push(f64::from(u8::from(error(step)))) == Ok(Signal::Change)
/// });
/// assert!(seen.is_some_and(|step| step > 1000));
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Baena-García and others (2006), "Early drift detection method", Fourth International Workshop on
/// Knowledge Discovery from Data Streams. `river.drift.binary.EDDM` 0.26: the same signals at the same
/// indices.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Eddm {
    options: EddmOptions,
    distances: RunningSpread,
    count: u64,
    last_error: u64,
    /// The largest level so far; 0 when there is none.
    largest: f64,
    warns: bool,
}

/// Settings of [`Eddm`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct EddmOptions {
    /// No signal up to this many errors. Default 30.
    pub warm_up: u64,
    /// Ratio below which a warning is given, in `(0, 1)`. Default 0.95.
    pub warning: f64,
    /// Ratio below which a change is seen, in `(0, warning]`. Default 0.9.
    pub change: f64,
}

impl Default for EddmOptions {
    fn default() -> Self {
        Self { warm_up: 30, warning: 0.95, change: 0.9 }
    }
}

/// `1 − change` by error rate and run length.
const RUN_LENGTHS: ErrorTable = [
    [0.070, 0.266, 0.299, 0.302],
    [0.225, 0.272, 0.280, 0.283],
    [0.233, 0.251, 0.254, 0.254],
    [0.202, 0.211, 0.212, 0.214],
    [0.184, 0.190, 0.192, 0.192],
];

impl EddmOptions {
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
    /// use tidegate_stats::detector::EddmOptions;
    /// let options = EddmOptions::for_run_length(10_000.0, 0.2)?;
    /// assert!((options.change - 0.746).abs() < 1e-9);
    /// # Ok::<(), tidegate_stats::Error>(())
    /// ```
    ///
    /// # References
    /// Simulation: `examples/detector_run_length.rs`.
    pub fn for_run_length(run_length: f64, error_rate: f64) -> Result<Self, Error> {
        let apart = calibration::on_errors(&RUN_LENGTHS, run_length, error_rate)?;
        Ok(Self { change: 1.0 - apart, warning: 1.0 - 0.5 * apart, ..Self::default() })
    }
}

impl Eddm {
    /// A detector that has seen nothing.
    ///
    /// # Errors
    /// * [`crate::ErrorKind::OutOfRange`]: a setting is outside its range.
    pub fn try_new(options: EddmOptions) -> Result<Self, Error> {
        check_fraction(options.warning, "warning")?;
        check_fraction(options.change, "change")?;
        check(options.change <= options.warning, "change, which may not exceed warning,")?;
        Ok(Self {
            options,
            distances: RunningSpread::default(),
            count: 0,
            last_error: 0,
            largest: 0.0,
            warns: false,
        })
    }

    /// The signal at an error.
    fn judge(&mut self) -> Signal {
        self.distances.push((self.count - self.last_error.min(self.count)) as f64);
        self.last_error = self.count;
        if self.count > self.options.warm_up {
            let level = self.distances.mean.mean + 2.0 * self.distances.standard_deviation();
            if level > self.largest {
                self.largest = level;
            } else if self.distances.mean.count > self.options.warm_up {
                let ratio = level / self.largest;
                if ratio < self.options.change {
                    self.reset();
                    return Signal::Change;
                }
                self.warns = ratio < self.options.warning;
            }
        }
        self.between_errors()
    }

    /// A warning lasts until an error says otherwise.
    const fn between_errors(&self) -> Signal {
        if self.warns { Signal::Warning } else { Signal::None }
    }
}

impl Detector for Eddm {
    fn push(&mut self, value: f64) -> Result<Signal, Error> {
        let is_error = is_error(value)?;
        self.count = self.count.saturating_add(1);
        Ok(if is_error { self.judge() } else { self.between_errors() })
    }

    fn reset(&mut self) {
        self.distances = RunningSpread::default();
        self.count = 0;
        self.last_error = 0;
        self.largest = 0.0;
        self.warns = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_nothing_before_the_31st_error() {
        let mut detector = Eddm::try_new(EddmOptions::default()).unwrap();
        let signals: alloc::vec::Vec<_> = (1..=200)
            .map(|step| step % 10 == 0)
            .chain([true; 200])
            .map(|error| detector.push(f64::from(u8::from(error))).unwrap())
            .collect();
        // 20 errors, 10 values apart, and then nothing but errors.
        assert!(signals.iter().take(210).all(|&signal| signal == Signal::None));
        assert!(signals.contains(&Signal::Change));
    }

    #[test]
    fn a_change_above_the_warning_is_refused() {
        let options = EddmOptions { change: 0.99, ..Default::default() };
        assert!(Eddm::try_new(options).is_err());
    }
}
