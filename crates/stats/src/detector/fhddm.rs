use alloc::collections::VecDeque;

use super::{Detector, Direction, Signal, check, check_fraction, is_error};
use crate::{Error, num};

/// The largest window of [`Fhddm`].
const MAX_WINDOW: usize = 10_000;

/// Fast Hoeffding drift detection (FHDDM): the error rate of a window has left its best level.
///
/// With `u` the share of errors in the newest `window` values, a change when `u` exceeds the smallest
/// share that there was (or, for a fall, is exceeded by the largest) by more than
/// `ε = √(ln(1/α) / 2·window)`.
///
/// The best level is chosen by hindsight, so `α` is no probability of a false alarm.
///
/// DIFFERENCE to river, which says that a 1 is an error, and sees the share of ones *fall*: a
/// classifier that gets better. Here the default is that it gets worse; [`Direction::Down`] gives
/// river's signals.
///
/// Memory: a byte a value of the window. A push is O(1). It takes 0 (right) and 1 (an error), nothing
/// else.
///
/// # Examples
/// ```
/// use tidegate_stats::detector::{Detector, Fhddm, FhddmOptions, Signal};
/// let mut detector = Fhddm::try_new(FhddmOptions::default())?;
/// for step in 0..1000_u32 {
///     assert_eq!(detector.push(f64::from(u8::from(step.is_multiple_of(10))))?, Signal::None);
/// }
/// // By hand: ε = √(ln 10⁶ / 200) = 0.263, so the share must pass 0.363. Of what leaves the window
/// // every tenth is an error too: 0.37 is reached with the 30th.
/// let seen = (1..100).find(|_| detector.push(1.0) == Ok(Signal::Change));
/// assert_eq!(seen, Some(30));
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Pesaranghader & Viktor (2016), <https://doi.org/10.1007/978-3-319-46227-1_7>.
/// `river.drift.binary.FHDDM` 0.26, without its short window: the same signals at the same indices.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Fhddm {
    options: FhddmOptions,
    /// The oldest first.
    window: VecDeque<bool>,
    errors: u64,
    /// The smallest and the largest share of a full window; `None` before the first.
    shares: Option<(f64, f64)>,
}

/// Settings of [`Fhddm`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FhddmOptions {
    /// Values in the window, in `1..=10_000`. Default 100.
    pub window: usize,
    /// `α`, in `(0, 1)`. Default 10⁻⁶.
    pub change: f64,
    /// Which movements count. Default up: more errors.
    pub direction: Direction,
}

impl Default for FhddmOptions {
    fn default() -> Self {
        Self { window: 100, change: 1e-6, direction: Direction::Up }
    }
}

impl Fhddm {
    /// A detector that has seen nothing.
    ///
    /// # Errors
    /// * [`crate::ErrorKind::OutOfRange`]: a setting is outside its range.
    pub fn try_new(options: FhddmOptions) -> Result<Self, Error> {
        check((1..=MAX_WINDOW).contains(&options.window), "window")?;
        check_fraction(options.change, "change")?;
        let window = VecDeque::with_capacity(options.window);
        Ok(Self { options, window, errors: 0, shares: None })
    }
}

impl Detector for Fhddm {
    fn push(&mut self, value: f64) -> Result<Signal, Error> {
        let is_error = is_error(value)?;
        let FhddmOptions { window, change, direction } = self.options;
        if self.window.len() >= window && self.window.pop_front() == Some(true) {
            self.errors = self.errors.saturating_sub(1);
        }
        self.window.push_back(is_error);
        self.errors += u64::from(is_error);
        if self.window.len() < window {
            return Ok(Signal::None);
        }
        let size = window as f64;
        let share = self.errors as f64 / size;
        let (low, high) = self.shares.unwrap_or((share, share));
        let (low, high) = (low.min(share), high.max(share));
        self.shares = Some((low, high));
        let bound = num::sqrt(num::ln(1.0 / change) / (2.0 * size));
        let changed = direction.sees_up() && share - low > bound
            || direction.sees_down() && high - share > bound;
        if changed {
            self.reset();
            return Ok(Signal::Change);
        }
        Ok(Signal::None)
    }

    fn reset(&mut self) {
        self.window.clear();
        self.errors = 0;
        self.shares = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sees_a_step(direction: Direction, from: u32, to: u32) -> bool {
        let mut detector =
            Fhddm::try_new(FhddmOptions { direction, ..Default::default() }).unwrap();
        (0..2000_u32).any(|step| {
            let share = if step < 1000 { from } else { to };
            detector.push(f64::from(u8::from(step % 10 < share))) == Ok(Signal::Change)
        })
    }

    #[test]
    fn sees_only_the_asked_direction() {
        assert!(sees_a_step(Direction::Up, 1, 9) && sees_a_step(Direction::Both, 1, 9));
        assert!(sees_a_step(Direction::Down, 9, 1) && sees_a_step(Direction::Both, 9, 1));
        assert!(!sees_a_step(Direction::Down, 1, 9) && !sees_a_step(Direction::Up, 9, 1));
    }

    #[test]
    fn senseless_settings_are_refused() {
        for options in [
            FhddmOptions { window: 0, ..Default::default() },
            FhddmOptions { window: 10_001, ..Default::default() },
            FhddmOptions { change: 0.0, ..Default::default() },
        ] {
            assert!(Fhddm::try_new(options).is_err(), "{options:?}");
        }
    }
}
