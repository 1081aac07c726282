use super::{
    Detector, Direction, Signal, calibration, calibration::ErrorTable, check, check_fraction, share,
};
use crate::{Error, num};

/// Drift detection by McDiarmid's bound on weighted averages (HDDM-W), for gradual changes.
///
/// An exponentially weighted mean `w ← λx + (1 − λ)w` has independence term `b ← λ² + (1 − λ)²b`
/// (from 1) and bound `√(b·ln(1/α)/2)`. The stream is cut where the upper bound of the mean was the
/// smallest (for a rise; for a fall the lower bound the largest), a second mean begins there, and the
/// stream has changed when the two differ by more than `√((b₁ + b₂)·ln(1/α)/2)`.
///
/// Its state is some 200 bytes. A push is O(1). It takes values in `[0, 1]`.
///
/// # Examples
/// ```
/// use tidegate_stats::detector::{Detector, HddmW, HddmWOptions, Signal};
/// let mut detector = HddmW::try_new(HddmWOptions::default())?;
/// for step in 0..1000_u32 {
///     assert_eq!(detector.push(f64::from(u8::from(step.is_multiple_of(10))))?, Signal::None);
/// }
/// let seen = (0..100).find(|_| detector.push(1.0) == Ok(Signal::Change));
/// assert!(seen.is_some());
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Frías-Blanco and others (2015), <https://doi.org/10.1109/TKDE.2014.2345382>.
/// `river.drift.binary.HDDMW` 0.26: the same signals at the same indices.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct HddmW {
    options: HddmWOptions,
    all: Option<Weighted>,
    rise: Cut,
    fall: Cut,
}

/// Settings of [`HddmW`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct HddmWOptions {
    /// `α` of a change at one comparison, in `(0, 1)`. Default 0.001.
    pub change: f64,
    /// `α` of a warning, in `(0, 1)`, `≥ change`. Default 0.005.
    pub warning: f64,
    /// `λ`, the weight of the newest value, in `(0, 1)`. Default 0.05.
    pub weight: f64,
    /// Which movements count. Default up: more errors.
    pub direction: Direction,
}

impl Default for HddmWOptions {
    fn default() -> Self {
        Self { change: 0.001, warning: 0.005, weight: 0.05, direction: Direction::Up }
    }
}

/// `−ln change` by error rate and run length.
const RUN_LENGTHS: ErrorTable = [
    [2.436, 2.548, 2.616, 2.883],
    [2.908, 3.248, 3.730, 4.742],
    [4.194, 5.292, 6.501, 8.703],
    [5.516, 7.475, 9.345, 12.754],
    [6.029, 8.164, 10.389, 14.104],
];

impl HddmWOptions {
    /// The defaults, but with a false alarm in so many values, for a stream of known error rate.
    ///
    /// A stream of so many errors and successes at a steady rate has one false alarm, on average, from
    /// its start. It
    /// looks for more errors only, with the default weight.
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
    /// use tidegate_stats::detector::HddmWOptions;
    /// let options = HddmWOptions::for_run_length(10_000.0, 0.2)?;
    /// assert!((options.change - 0.0015).abs() < 1e-4);
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

/// An exponentially weighted mean, and the sum of its squared weights.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Weighted {
    mean: f64,
    squares: f64,
}

impl Weighted {
    fn after(before: Option<Self>, value: f64, weight: f64) -> Self {
        let rest = 1.0 - weight;
        let squares = |squares: f64| weight * weight + rest * rest * squares;
        match before {
            None => Self { mean: value, squares: squares(1.0) },
            Some(so_far) => {
                Self { mean: weight * value + rest * so_far.mean, squares: squares(so_far.squares) }
            }
        }
    }
}

fn bound(squares: f64, alpha: f64) -> f64 {
    num::sqrt(squares * num::ln(1.0 / alpha) / 2.0)
}

/// The means up to a cut and from it on.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Cut {
    before: Option<Weighted>,
    after: Option<Weighted>,
}

impl Cut {
    /// Moves the cut to here, if the bound of the mean here is better: lower for a `sign` of 1,
    /// higher for one of −1.
    fn push(&mut self, value: f64, all: Weighted, sign: f64, options: &HddmWOptions) {
        let edge = |part: Weighted| sign * part.mean + bound(part.squares, options.change);
        if self.before.is_none_or(|before| edge(all) < edge(before)) {
            *self = Self { before: Some(all), after: None };
        } else {
            self.after = Some(Weighted::after(self.after, value, options.weight));
        }
    }

    fn moved(&self, sign: f64, alpha: f64) -> bool {
        self.before.zip(self.after).is_some_and(|(before, after)| {
            sign * (after.mean - before.mean) > bound(before.squares + after.squares, alpha)
        })
    }
}

impl HddmW {
    /// A detector that has seen nothing.
    ///
    /// # Errors
    /// * [`crate::ErrorKind::OutOfRange`]: a setting is outside its range.
    pub fn try_new(options: HddmWOptions) -> Result<Self, Error> {
        check_fraction(options.warning, "warning")?;
        check_fraction(options.change, "change")?;
        check_fraction(options.weight, "weight")?;
        check(options.change <= options.warning, "change, which may not exceed warning,")?;
        Ok(Self { options, all: None, rise: Cut::default(), fall: Cut::default() })
    }

    fn moved(&self, alpha: f64) -> bool {
        let direction = self.options.direction;
        direction.sees_up() && self.rise.moved(1.0, alpha)
            || direction.sees_down() && self.fall.moved(-1.0, alpha)
    }
}

impl Detector for HddmW {
    fn push(&mut self, value: f64) -> Result<Signal, Error> {
        let value = share(value)?;
        let all = Weighted::after(self.all, value, self.options.weight);
        self.all = Some(all);
        self.rise.push(value, all, 1.0, &self.options);
        self.fall.push(value, all, -1.0, &self.options);
        if self.moved(self.options.change) {
            self.reset();
            Ok(Signal::Change)
        } else if self.moved(self.options.warning) {
            Ok(Signal::Warning)
        } else {
            Ok(Signal::None)
        }
    }

    fn reset(&mut self) {
        self.all = None;
        self.rise = Cut::default();
        self.fall = Cut::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sees_a_step(direction: Direction, from: f64, to: f64) -> bool {
        let mut detector =
            HddmW::try_new(HddmWOptions { direction, ..Default::default() }).unwrap();
        (0..2000)
            .any(|step| detector.push(if step < 1000 { from } else { to }) == Ok(Signal::Change))
    }

    #[test]
    fn sees_only_the_asked_direction() {
        assert!(sees_a_step(Direction::Up, 0.1, 0.9) && sees_a_step(Direction::Both, 0.1, 0.9));
        assert!(sees_a_step(Direction::Down, 0.9, 0.1) && sees_a_step(Direction::Both, 0.9, 0.1));
        assert!(!sees_a_step(Direction::Down, 0.1, 0.9) && !sees_a_step(Direction::Up, 0.9, 0.1));
    }
}
