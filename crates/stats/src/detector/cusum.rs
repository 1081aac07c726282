use super::{
    Detector, Direction, Signal, check, check_level, finite,
    run_length::{check_slack, threshold_for_run_length},
};
use crate::Error;

/// Cumulative sums (CUSUM) of standardised deviations from a known mean.
///
/// With `z = (x − mean)/standard_deviation`: `up ← max(0, up + z − k)`,
/// `down ← max(0, down − z − k)`, and a change when either exceeds `h`. Nothing finds a lasting shift
/// of `2k` standard deviations sooner at the same rate of false alarms (Moustakides 1986).
///
/// The mean and the deviation are those of the stream without change, from a reference of many
/// values: an error of a tenth of a deviation in the mean halves the run length or worse. Where they
/// are not known take [`super::StandardPageHinkley`].
///
/// Its state is some 70 bytes. A push is O(1).
///
/// # Examples
/// ```
/// use tidegate_stats::detector::{Cusum, CusumOptions, Detector, Signal};
/// // Latencies of 120 ± 15 ms; one false alarm in 10 000 values.
/// let options = CusumOptions {
///     mean: 120.0,
///     standard_deviation: 15.0,
///     ..CusumOptions::standard(10_000.0)?
/// };
/// let mut detector = Cusum::try_new(options)?;
/// // 150 ms is z = 2, so each adds 1.5: the sixth carries the sum past 8.05.
/// let signals: Vec<_> = (0..6).map(|_| detector.push(150.0)).collect::<Result<_, _>>()?;
/// assert_eq!(signals.iter().position(|&signal| signal == Signal::Change), Some(5));
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Page (1954), <https://doi.org/10.1093/biomet/41.1-2.100>; Moustakides (1986),
/// <https://doi.org/10.1214/aos/1176350164>.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Cusum {
    options: CusumOptions,
    sums: Sums,
}

/// Settings of [`Cusum`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct CusumOptions {
    /// Mean of the stream without change, within ±10¹⁰⁰.
    pub mean: f64,
    /// Standard deviation of the stream without change, in `10⁻¹⁰⁰..=10¹⁰⁰`.
    pub standard_deviation: f64,
    /// `k`, half of the shift to be found soonest, in standard deviations, in `0.05..=1`.
    pub slack: f64,
    /// `h`, in standard deviations, `≥ 0`: by [`threshold_for_run_length`].
    pub threshold: f64,
    /// Which movements count.
    pub direction: Direction,
}

impl CusumOptions {
    /// For a stream of mean 0 and standard deviation 1, a shift of one standard deviation in either
    /// direction, and a false alarm in so many values.
    ///
    /// # Errors
    /// * [`crate::ErrorKind::OutOfRange`]: `run_length` is not in `10..=1e15`.
    pub fn standard(run_length: f64) -> Result<Self, Error> {
        let (slack, direction) = (0.5, Direction::Both);
        let threshold = threshold_for_run_length(run_length, slack, direction)?;
        Ok(Self { mean: 0.0, standard_deviation: 1.0, slack, threshold, direction })
    }
}

/// The two sums, neither negative.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub(super) struct Sums {
    up: f64,
    down: f64,
}

impl Sums {
    /// Adds a standardised deviation; whether the threshold is passed, after which both are 0.
    pub fn push(&mut self, z: f64, slack: f64, threshold: f64, direction: Direction) -> bool {
        let sums =
            Self { up: (self.up + z - slack).max(0.0), down: (self.down - z - slack).max(0.0) };
        let passed = direction.sees_up() && sums.up > threshold
            || direction.sees_down() && sums.down > threshold;
        *self = if passed { Self::default() } else { sums };
        passed
    }
}

impl Cusum {
    /// A detector that has seen nothing.
    ///
    /// # Errors
    /// * [`crate::ErrorKind::NotFinite`]: the mean is NaN or infinite.
    /// * [`crate::ErrorKind::OutOfRange`]: a setting is outside its range.
    pub fn try_new(options: CusumOptions) -> Result<Self, Error> {
        finite(options.mean)?;
        check((1e-100..=1e100).contains(&options.standard_deviation), "standard_deviation")?;
        check_slack(options.slack)?;
        check_level(options.threshold, "threshold")?;
        Ok(Self { options, sums: Sums::default() })
    }
}

impl Detector for Cusum {
    fn push(&mut self, value: f64) -> Result<Signal, Error> {
        let CusumOptions { mean, standard_deviation, slack, threshold, direction } = self.options;
        let z = (finite(value)? - mean) / standard_deviation;
        let changed = self.sums.push(z, slack, threshold, direction);
        Ok(if changed { Signal::Change } else { Signal::None })
    }

    fn reset(&mut self) {
        self.sums = Sums::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first_change(direction: Direction, step: f64) -> Option<usize> {
        let options = CusumOptions {
            mean: 1e6,
            standard_deviation: 10.0,
            threshold: 5.0,
            direction,
            ..CusumOptions::standard(1000.0).unwrap()
        };
        let mut detector = Cusum::try_new(options).unwrap();
        (0..20).position(|_| detector.push(1e6 + step) == Ok(Signal::Change))
    }

    #[test]
    fn adds_what_is_beyond_the_slack() {
        // z = 1.5 adds 1 a value; the sixth is the first beyond 5.
        assert_eq!(first_change(Direction::Up, 15.0), Some(5));
        assert_eq!(first_change(Direction::Both, -15.0), Some(5));
        assert_eq!(first_change(Direction::Down, 15.0), None);
        assert_eq!(first_change(Direction::Both, 4.9), None, "less than the slack");
    }

    #[test]
    fn senseless_settings_are_refused() {
        let standard = CusumOptions::standard(1000.0).unwrap();
        for options in [
            CusumOptions { mean: f64::NAN, ..standard },
            CusumOptions { standard_deviation: 0.0, ..standard },
            CusumOptions { slack: 0.0, ..standard },
            CusumOptions { threshold: -1.0, ..standard },
        ] {
            assert!(Cusum::try_new(options).is_err(), "{options:?}");
        }
        assert!(CusumOptions::standard(1.0).is_err());
    }
}
