use super::{
    Detector, Direction, Signal, calibration, calibration::ValueTable, check, check_fraction,
    check_level, finite, running::RunningMean,
};
use crate::Error;

/// The Page-Hinkley test with fixed thresholds, as river has it.
///
/// With `x̄ₜ` the mean of the first `t` values, two sums follow the deviations:
/// `uₜ = α·uₜ₋₁ + (xₜ − x̄ₜ) − δ` and `dₜ = α·dₜ₋₁ + (xₜ − x̄ₜ) + δ`. The mean has risen when
/// `uₜ − min u > λ`, and fallen when `max d − dₜ > λ`.
///
/// `δ` and `λ` are in the unit of the stream, so the defaults suit errors of 0 and 1 and little else:
/// a steady stream with a standard deviation of 10 passes a threshold of 50 by chance again and
/// again, and one of 0.01 could move by whole standard deviations unseen. For any other stream take
/// [`super::StandardPageHinkley`].
///
/// Its state is some 100 bytes. A push is O(1).
///
/// # Examples
/// ```
/// use tidegate_stats::detector::{Detector, PageHinkley, PageHinkleyOptions, Signal};
/// let options = PageHinkleyOptions { threshold: 5.0, ..Default::default() };
/// let mut detector = PageHinkley::try_new(options)?;
/// for _ in 0..100 {
///     assert_eq!(detector.push(0.0)?, Signal::None);
/// }
/// // The sum grows by somewhat less than 1 a value: the sixth carries it past 5.
/// let signals: Vec<_> = (0..6).map(|_| detector.push(1.0)).collect::<Result<_, _>>()?;
/// assert_eq!(signals.iter().position(|&signal| signal == Signal::Change), Some(5));
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Page (1954), <https://doi.org/10.1093/biomet/41.1-2.100>. `river.drift.PageHinkley` 0.26: the same
/// signals at the same indices.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PageHinkley {
    options: PageHinkleyOptions,
    state: State,
}

/// Settings of [`PageHinkley`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct PageHinkleyOptions {
    /// No signal before this many values. Default 30.
    pub warm_up: u64,
    /// `δ`, the deviation that is let pass at each value, in units of the stream, `≥ 0`. Default
    /// 0.005.
    pub slack: f64,
    /// `λ`, in units of the stream, `≥ 0`. Default 50.
    pub threshold: f64,
    /// `α`, what is kept of a sum at each value, in `(0, 1]`. Default 0.9999.
    pub memory: f64,
    /// Which movements count. Default both.
    pub direction: Direction,
}

impl Default for PageHinkleyOptions {
    fn default() -> Self {
        Self {
            warm_up: 30,
            slack: 0.005,
            threshold: 50.0,
            memory: 1.0 - 0.0001,
            direction: Direction::Both,
        }
    }
}

/// `λ` in standard deviations by run length, with `δ` half a one and nothing forgotten.
const RUN_LENGTHS: &ValueTable =
    &[(1e3, 5.64), (3e3, 6.845), (1e4, 8.0), (1e5, 10.28), (1e6, 12.59)];

impl PageHinkleyOptions {
    /// Settings with a false alarm in so many values, for a stream of known spread and unknown mean.
    ///
    /// `δ` is half a standard deviation, which finds a shift of one soonest, and nothing is
    /// forgotten: with the default memory a sum wanders back and forth, and passes any threshold in
    /// the end. The run length holds for independent normal values.
    ///
    /// # Arguments
    /// * `run_length`: values for each false alarm, in `10³..=10⁶`.
    /// * `standard_deviation`: of the stream without change, in `10⁻¹⁰⁰..=10⁹⁸`.
    ///
    /// # Errors
    /// * [`crate::ErrorKind::OutOfRange`]: an argument is outside its range.
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::detector::PageHinkleyOptions;
    /// let options = PageHinkleyOptions::for_run_length(10_000.0, 15.0)?;
    /// assert_eq!((options.slack, options.threshold), (7.5, 120.0));
    /// # Ok::<(), tidegate_stats::Error>(())
    /// ```
    ///
    /// # References
    /// Simulation: `examples/detector_run_length.rs`.
    pub fn for_run_length(run_length: f64, standard_deviation: f64) -> Result<Self, Error> {
        check((1e-100..=1e98).contains(&standard_deviation), "standard_deviation")?;
        Ok(Self {
            slack: 0.5 * standard_deviation,
            threshold: standard_deviation * calibration::on_values(RUN_LENGTHS, run_length)?,
            memory: 1.0,
            ..Self::default()
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct State {
    mean: RunningMean,
    up: f64,
    up_min: f64,
    down: f64,
    down_max: f64,
}

impl State {
    const START: Self = Self {
        mean: RunningMean { count: 0, mean: 0.0 },
        up: 0.0,
        up_min: f64::MAX,
        down: 0.0,
        down_max: f64::MIN,
    };
}

impl PageHinkley {
    /// A detector that has seen nothing.
    ///
    /// # Errors
    /// * [`crate::ErrorKind::OutOfRange`]: a setting is outside its range.
    pub fn try_new(options: PageHinkleyOptions) -> Result<Self, Error> {
        check_level(options.slack, "slack")?;
        check_level(options.threshold, "threshold")?;
        if options.memory != 1.0 {
            check_fraction(options.memory, "memory")?;
        }
        Ok(Self { options, state: State::START })
    }
}

impl Detector for PageHinkley {
    fn push(&mut self, value: f64) -> Result<Signal, Error> {
        let value = finite(value)?;
        let PageHinkleyOptions { warm_up, slack, threshold, memory, direction } = self.options;
        let state = &mut self.state;
        state.mean.push(value);
        let deviation = value - state.mean.mean;
        state.up = memory * state.up + deviation - slack;
        state.down = memory * state.down + deviation + slack;
        state.up_min = state.up_min.min(state.up);
        state.down_max = state.down_max.max(state.down);
        let rose = direction.sees_up() && state.up - state.up_min > threshold;
        let fell = direction.sees_down() && state.down_max - state.down > threshold;
        if state.mean.count >= warm_up && (rose || fell) {
            self.reset();
            return Ok(Signal::Change);
        }
        Ok(Signal::None)
    }

    fn reset(&mut self) {
        self.state = State::START;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn first_change(direction: Direction, step: f64) -> Option<usize> {
        let options = PageHinkleyOptions { threshold: 10.0, direction, ..Default::default() };
        let mut detector = PageHinkley::try_new(options).unwrap();
        (0..200).position(|i| {
            detector.push(if i < 100 { 0.0 } else { step }).unwrap() == Signal::Change
        })
    }

    #[test]
    fn sees_only_the_asked_direction() {
        let seen = first_change(Direction::Both, 1.0);
        assert!((109..120).contains(&seen.unwrap()));
        assert_eq!(first_change(Direction::Up, 1.0), seen);
        assert_eq!(first_change(Direction::Down, 1.0), None);
        assert_eq!(first_change(Direction::Down, -1.0), seen, "symmetric");
        assert_eq!(first_change(Direction::Up, -1.0), None);
    }

    #[test]
    fn senseless_settings_are_refused() {
        for options in [
            PageHinkleyOptions { slack: -0.1, ..Default::default() },
            PageHinkleyOptions { threshold: f64::NAN, ..Default::default() },
            PageHinkleyOptions { memory: 0.0, ..Default::default() },
            PageHinkleyOptions { memory: 1.1, ..Default::default() },
        ] {
            assert_eq!(PageHinkley::try_new(options).unwrap_err().kind(), ErrorKind::OutOfRange);
        }
    }
}
