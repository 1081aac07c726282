use super::{
    Detector, Direction, Signal, check, check_level,
    cusum::Sums,
    finite,
    run_length::{check_slack, threshold_for_run_length},
    running::RunningSpread,
};
use crate::{Error, num};

/// The Page-Hinkley test on standardised values, with a known rate of false alarms.
///
/// Each value is compared with the mean `x̄` and the standard deviation `s` of the `n` values before
/// it: `t = (x − x̄)/s · √(n/(n+1))` has Student's distribution with `n − 1` degrees of freedom, and
/// is made into a standard normal `z`. For normal values these are independent of each other however
/// few came before (Basu's theorem), so the run length of [`threshold_for_run_length`] holds from the
/// first value after the warm-up on, in any unit. Then as [`super::Cusum`]:
/// `up ← max(0, up + z − k)`, `down ← max(0, down − z − k)`, a change when either exceeds `h`. The
/// sum less its minimum, as Page and Hinkley write it, is this same number.
///
/// The mean follows the stream, so a change must be found before it is learnt: after `n` values, a
/// shift is seen for some `n` values more, and a slow trend not at all. For that take
/// [`super::Cusum`] with the mean of a reference.
///
/// What is not normal alarms more often: sizes of normal errors three times as often as is promised, of Laplace's
/// nine times. Their cube roots are near enough to normal to keep the promise.
///
/// As long as all values are equal, there is no `s` and no signal.
///
/// Its state is some 90 bytes. A push is O(1): a logarithm and three roots.
///
/// # Examples
/// ```
/// use tidegate_stats::detector::{
///     Detector, Signal, StandardPageHinkley, StandardPageHinkleyOptions,
/// };
/// let mut detector = StandardPageHinkley::try_new(StandardPageHinkleyOptions::default())?;
/// for step in 0..1000_u32 {
///     assert_eq!(detector.push(120.0 + f64::from(step % 7))?, Signal::None);
/// }
/// // The mean moves from 123 by two standard deviations, to 127.
/// let seen = (0..20_u32).find(|step| {
///     detector.push(124.0 + f64::from(step % 7)) == Ok(Signal::Change)
/// });
/// assert!(seen.is_some_and(|step| step < 10));
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Hawkins (1987), <https://doi.org/10.2307/2348827>, for the self-starting chart; Wallace (1959),
/// <https://doi.org/10.1214/aoms/1177706103>, for the normal of a Student's `t`:
/// `z = (8ν + 1)/(8ν + 3) · √(ν ln(1 + t²/ν))`.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct StandardPageHinkley {
    options: StandardPageHinkleyOptions,
    spread: RunningSpread,
    sums: Sums,
}

/// Settings of [`StandardPageHinkley`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct StandardPageHinkleyOptions {
    /// Values that are only learnt from, `≥ 3`. Default 30.
    pub warm_up: u64,
    /// `k`, half of the shift to be found soonest, in standard deviations, in `0.05..=1`. Default ½.
    pub slack: f64,
    /// `h`, in standard deviations, `≥ 0`. Default 8.045: a false alarm in 10 000 values.
    pub threshold: f64,
    /// Which movements count. Default both.
    pub direction: Direction,
}

impl Default for StandardPageHinkleyOptions {
    fn default() -> Self {
        Self { warm_up: 30, slack: 0.5, threshold: 8.045, direction: Direction::Both }
    }
}

impl StandardPageHinkleyOptions {
    /// The defaults, but with a false alarm in so many values.
    ///
    /// # Errors
    /// * [`crate::ErrorKind::OutOfRange`]: `run_length` is not in `10..=1e15`.
    pub fn for_run_length(run_length: f64) -> Result<Self, Error> {
        let standard = Self::default();
        let threshold = threshold_for_run_length(run_length, standard.slack, standard.direction)?;
        Ok(Self { threshold, ..standard })
    }
}

impl StandardPageHinkley {
    /// A detector that has seen nothing.
    ///
    /// # Errors
    /// * [`crate::ErrorKind::OutOfRange`]: a setting is outside its range.
    pub fn try_new(options: StandardPageHinkleyOptions) -> Result<Self, Error> {
        check(options.warm_up >= 3, "warm_up")?;
        check_slack(options.slack)?;
        check_level(options.threshold, "threshold")?;
        Ok(Self { options, spread: RunningSpread::default(), sums: Sums::default() })
    }

    /// The value as a standard normal, by the values before it.
    fn standardised(&self, value: f64) -> f64 {
        let deviation = self.spread.standard_deviation();
        if deviation == 0.0 {
            return 0.0;
        }
        let count = self.spread.mean.count as f64;
        let t = (value - self.spread.mean.mean) / deviation * num::sqrt(count / (count + 1.0));
        let df = count - 1.0;
        let z = (8.0 * df + 1.0) / (8.0 * df + 3.0) * num::sqrt(df * num::ln_1p(t * t / df));
        z.copysign(t)
    }
}

impl Detector for StandardPageHinkley {
    fn push(&mut self, value: f64) -> Result<Signal, Error> {
        let value = finite(value)?;
        let StandardPageHinkleyOptions { warm_up, slack, threshold, direction } = self.options;
        let is_warm = self.spread.mean.count >= warm_up;
        if is_warm && self.sums.push(self.standardised(value), slack, threshold, direction) {
            self.reset();
            return Ok(Signal::Change);
        }
        self.spread.push(value);
        Ok(Signal::None)
    }

    fn reset(&mut self) {
        self.spread = RunningSpread::default();
        self.sums = Sums::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn new(options: StandardPageHinkleyOptions) -> StandardPageHinkley {
        StandardPageHinkley::try_new(options).unwrap()
    }

    #[test]
    fn the_default_threshold_is_for_ten_thousand_values() {
        let options = StandardPageHinkleyOptions::for_run_length(10_000.0).unwrap();
        let default = StandardPageHinkleyOptions::default();
        assert!((options.threshold - default.threshold).abs() < 5e-4, "{}", options.threshold);
    }

    #[test]
    fn a_value_is_standardised_by_those_before_it() {
        let mut detector = new(StandardPageHinkleyOptions::default());
        for value in [1.0, 2.0, 3.0, 4.0, 5.0] {
            detector.push(value).unwrap();
        }
        // t = (9 − 3)/√2.5 · √(5/6) = 2√3 with 4 degrees of freedom: p = 0.0257 two-sided, z = 2.23.
        assert!((detector.standardised(9.0) - 2.23).abs() < 0.01, "{}", detector.standardised(9.0));
        assert_eq!(detector.standardised(9.0), -detector.standardised(-3.0));
        assert_eq!(detector.standardised(3.0), 0.0);
    }

    #[test]
    fn a_constant_stream_that_moves_is_seen_once_it_has_a_spread() {
        let mut detector = new(StandardPageHinkleyOptions::default());
        for _ in 0..1000 {
            assert_eq!(detector.push(5.0), Ok(Signal::None));
        }
        assert_eq!(detector.push(6.0), Ok(Signal::None));
        assert_eq!(detector.push(6.0), Ok(Signal::Change));
    }

    #[test]
    fn the_unit_does_not_matter() {
        let signals = |unit: f64| -> alloc::vec::Vec<_> {
            let mut detector = new(StandardPageHinkleyOptions::default());
            (0..400_u32)
                .map(|i| {
                    detector.push(unit * f64::from(i * 37 % 101 + if i > 200 { 90 } else { 0 }))
                })
                .collect()
        };
        // Powers of two: the same bits but for the exponent.
        let one = signals(1.0);
        assert!(one.contains(&Ok(Signal::Change)));
        assert!([1024.0, 1.0 / 1048576.0].into_iter().all(|unit| signals(unit) == one));
    }
}
