use super::{
    Detector, Direction, Signal, calibration, calibration::ErrorTable, check, check_fraction,
    running::RunningMean, share,
};
use crate::{Error, num};

/// Drift detection by Hoeffding's bound on averages (HDDM-A), for abrupt changes.
///
/// The mean of all `n` values is compared with that of the first `c`, where the cut `c` is the point
/// whose mean had the smallest upper confidence bound `x̄ + √(ln(1/α) / 2c)` (for a rise; for a fall the
/// largest lower bound). The mean has risen when it exceeds that of the cut by
/// `√((n − c)/(2·c·n) · ln(2/α))`.
///
/// The bound holds for any values in `[0, 1]`, so it is conservative; the search for the cut is not
/// allowed for.
///
/// Its state is some 90 bytes. A push is O(1). It takes values in `[0, 1]`.
///
/// # Examples
/// ```
/// use tidegate_stats::detector::{Detector, HddmA, HddmAOptions, Signal};
/// let mut detector = HddmA::try_new(HddmAOptions::default())?;
/// for step in 0..1000_u32 {
///     assert_eq!(detector.push(f64::from(u8::from(step.is_multiple_of(10))))?, Signal::None);
/// }
/// let seen = (0..200).find(|_| detector.push(1.0) == Ok(Signal::Change));
/// assert!(seen.is_some());
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Frías-Blanco and others (2015), <https://doi.org/10.1109/TKDE.2014.2345382>.
/// `river.drift.binary.HDDMA` 0.26: the same signals at the same indices.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct HddmA {
    options: HddmAOptions,
    all: RunningMean,
    /// The values up to the cut for a rise.
    lowest: RunningMean,
    /// The values up to the cut for a fall.
    highest: RunningMean,
}

/// Settings of [`HddmA`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct HddmAOptions {
    /// `α` of a change at one comparison, in `(0, 1)`. Default 0.001.
    pub change: f64,
    /// `α` of a warning, in `(0, 1)`, `≥ change`. Default 0.005.
    pub warning: f64,
    /// Which movements count. Default up: more errors.
    pub direction: Direction,
}

impl Default for HddmAOptions {
    fn default() -> Self {
        Self { change: 0.001, warning: 0.005, direction: Direction::Up }
    }
}

/// `−ln change` by error rate and run length.
const RUN_LENGTHS: ErrorTable = [
    [2.61, 2.933, 3.018, 4.707],
    [2.726, 3.156, 4.184, 4.839],
    [3.405, 4.278, 4.779, 6.003],
    [3.843, 4.721, 5.405, 6.991],
    [3.5, 4.445, 5.242, 6.748],
];

impl HddmAOptions {
    /// The defaults, but with a false alarm in so many values, for a stream of known error rate.
    ///
    /// A stream of so many errors and successes at a steady rate has one false alarm, on average, from
    /// its start. It
    /// looks for more errors only.
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
    /// use tidegate_stats::detector::HddmAOptions;
    /// let options = HddmAOptions::for_run_length(10_000.0, 0.2)?;
    /// assert!((options.change - 0.0084).abs() < 1e-4);
    /// # Ok::<(), tidegate_stats::Error>(())
    /// ```
    ///
    /// # References
    /// Simulation: `examples/detector_run_length.rs`.
    pub fn for_run_length(run_length: f64, error_rate: f64) -> Result<Self, Error> {
        let at = calibration::on_errors(&RUN_LENGTHS, run_length, error_rate)?;
        let change = num::exp(-at);
        let warning = (5.0 * change).min(f64::midpoint(change, 1.0));
        Ok(Self { change, warning, ..Self::default() })
    }
}

impl HddmA {
    /// A detector that has seen nothing.
    ///
    /// # Errors
    /// * [`crate::ErrorKind::OutOfRange`]: a setting is outside its range.
    pub fn try_new(options: HddmAOptions) -> Result<Self, Error> {
        check_fraction(options.warning, "warning")?;
        check_fraction(options.change, "change")?;
        check(options.change <= options.warning, "change, which may not exceed warning,")?;
        Ok(Self {
            options,
            all: RunningMean::default(),
            lowest: RunningMean::default(),
            highest: RunningMean::default(),
        })
    }

    fn half_width(&self, count: u64) -> f64 {
        num::sqrt(1.0 / (2.0 * count as f64) * num::ln(1.0 / self.options.change))
    }

    /// Whether the mean of all values is beyond that of the cut, by `sign` times upward.
    fn moved(&self, cut: RunningMean, sign: f64, alpha: f64) -> bool {
        if cut.count == self.all.count {
            return false;
        }
        let (n, c) = (self.all.count as f64, cut.count as f64);
        let m = (n - c) / c * (1.0 / n);
        sign * (self.all.mean - cut.mean) >= num::sqrt(m / 2.0 * num::ln(2.0 / alpha))
    }

    fn moved_as_asked(&self, alpha: f64) -> bool {
        self.options.direction.sees_up() && self.moved(self.lowest, 1.0, alpha)
            || self.options.direction.sees_down() && self.moved(self.highest, -1.0, alpha)
    }
}

impl Detector for HddmA {
    fn push(&mut self, value: f64) -> Result<Signal, Error> {
        self.all.push(share(value)?);
        let all = self.all;
        let now = self.half_width(all.count);
        let lowest = self.lowest;
        if lowest.count == 0 || lowest.mean + self.half_width(lowest.count) >= all.mean + now {
            self.lowest = all;
        }
        let highest = self.highest;
        if highest.count == 0 || highest.mean - self.half_width(highest.count) <= all.mean - now {
            self.highest = all;
        }
        if self.moved_as_asked(self.options.change) {
            self.reset();
            Ok(Signal::Change)
        } else if self.moved_as_asked(self.options.warning) {
            Ok(Signal::Warning)
        } else {
            Ok(Signal::None)
        }
    }

    fn reset(&mut self) {
        self.all = RunningMean::default();
        self.lowest = RunningMean::default();
        self.highest = RunningMean::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sees_a_step(direction: Direction, from: f64, to: f64) -> bool {
        let mut detector =
            HddmA::try_new(HddmAOptions { direction, ..Default::default() }).unwrap();
        (0..2000)
            .any(|step| detector.push(if step < 1000 { from } else { to }) == Ok(Signal::Change))
    }

    #[test]
    fn sees_only_the_asked_direction() {
        assert!(sees_a_step(Direction::Up, 0.2, 0.8) && sees_a_step(Direction::Both, 0.2, 0.8));
        assert!(sees_a_step(Direction::Down, 0.8, 0.2) && sees_a_step(Direction::Both, 0.8, 0.2));
        assert!(!sees_a_step(Direction::Down, 0.2, 0.8) && !sees_a_step(Direction::Up, 0.8, 0.2));
    }
}
