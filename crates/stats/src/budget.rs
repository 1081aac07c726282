//! A false-alarm budget: how many false alarms an operator accepts, "one in 30 days", turned into the
//! level of a test or the run length of a detector.
//!
//! # The arithmetic
//! A window of live traffic that is looked at again before all of its rows have changed says nearly the
//! same as before. So a level of `α` at each of `L` looks does not give `αL` alarms: most looks that alarm go
//! on with an alarm that is there. What counts is how often one *begins*. Two looks that are one step
//! apart share all but `step/window` of their rows; without drift the statistics behind them are
//! then like two normal variables with the correlation `ρ = 1 − step/window`, and
//!
//! `θ = P(no alarm before | alarm now) = ∫ φ(x) Φ((z − ρx)/√(1 − ρ²)) dx / P(Z > z)` over `x > z`,
//! `P(Z > z) = α/2`,
//!
//! is the share of the alarms that are new: 1 for windows that do not overlap. `θL` is the effective number
//! of independent looks, and the level solves `α · θ(α) · looks · families = count` over the days of the
//! budget. For an hour that is looked at each minute and one alarm in 30 days, `θ` is 0.3, and
//! 0.36 with the margin below: 15,600 of 43,200 looks.
//!
//! The model is for two-sided tests of one normal variable. Statistics of many degrees of freedom forget
//! faster, and more alarms begin: for four to eleven of them mostly up to 1.2 times as many (levels of 1e-2
//! and 1e-3, windows of 5 to 60 looks), in the worst cell that was simulated 1.36 times. So `θ` is taken to be
//! 1.2 times as large, at most 1: mostly 0.8 to 1 of the budget is used, and in that cell 1.14 of it. The
//! budget is a mean that is met about, not a bound. The noise of a reference that all windows share makes alarms stay for longer, and fewer of
//! them begin. Floors on the effect use less still.
//!
//! *Families* are what alarms by itself: a model, if the tests of its columns are corrected for their
//! number ([`crate::multiple`]), else each column of each method.

use crate::{Error, ErrorKind, num, special};

use core::f64::consts::SQRT_2;

const SECONDS_A_DAY: f64 = 86_400.0;
/// No level is higher, however large the budget.
const HIGHEST_LEVEL: f64 = 0.5;
/// What statistics of many degrees of freedom add to the share of new alarms.
const MARGIN: f64 = 1.2;
/// Nodes of the quadrature, an even number.
const NODES: u32 = 512;
/// Cap on the rounds for the level; ten are enough.
const MAX_ROUNDS: u32 = 100;

/// How many false alarms are accepted.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FalseAlarmBudget {
    /// Alarms, above 0.
    pub count: f64,
    /// In this many days, above 0.
    pub days: f64,
}

/// How traffic is watched.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Watch {
    /// Length of the sliding window, above 0.
    pub window_seconds: f64,
    /// From one look at it to the next, above 0.
    pub look_seconds: f64,
    /// How many families of tests can alarm by themselves, at least 1.
    pub families: u64,
}

impl FalseAlarmBudget {
    /// The level at which each family is to be tested at each look.
    ///
    /// # Arguments
    /// * `watch`: windows, looks and families.
    ///
    /// # Returns
    /// A level in `(0, 0.5]`, for [`crate::Decision::alpha`].
    ///
    /// # Errors
    /// * [`ErrorKind::OutOfRange`]: a number of the budget or of the watch is not above 0, or the level
    ///   would be below 1e-300.
    ///
    /// # Numerics
    /// A few hundred thousand operations: once a configuration, not once a request. Relative error
    /// below 1e-8.
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::{FalseAlarmBudget, Watch};
    /// let budget = FalseAlarmBudget { count: 1.0, days: 30.0 };
    /// // An hour at a time, without overlap: 720 looks.
    /// let watch = Watch { window_seconds: 3600.0, look_seconds: 3600.0, families: 1 };
    /// assert!((budget.level(&watch)? * 720.0 - 1.0).abs() < 1e-9);
    /// # Ok::<(), tidegate_stats::Error>(())
    /// ```
    ///
    /// # References
    /// Leadbetter, Lindgren, Rootzén (1983), "Extremes and related properties of random sequences and
    /// processes", for alarms that come in groups. Oracle: the same equation in mpmath; the rate by
    /// simulation.
    pub fn level(&self, watch: &Watch) -> Result<f64, Error> {
        let looks = watch.looks_a_day()? * self.checked()?;
        let independent = self.count / looks / watch.families as f64;
        let overlap = watch.overlap();
        let mut level = independent.min(HIGHEST_LEVEL);
        for _ in 0..MAX_ROUNDS {
            if level < 1e-300 {
                return Err(Error::new(ErrorKind::OutOfRange, "the level of so small a budget"));
            }
            let next = (independent / new_share(level, overlap)?).min(HIGHEST_LEVEL);
            if (next / level - 1.0).abs() < 1e-12 {
                return Ok(next);
            }
            level = next;
        }
        Err(Error::new(ErrorKind::NotConverged, "the level of a false-alarm budget"))
    }

    /// The observations that each of some detectors should see, on average, from one false alarm to the
    /// next: their target run length.
    ///
    /// # Arguments
    /// * `detectors`: how many watch at the same time, at least 1.
    /// * `observations_per_day`: what each of them sees, above 0.
    ///
    /// # Returns
    /// The run length in observations, above 0.
    ///
    /// # Errors
    /// * [`ErrorKind::OutOfRange`]: an argument is out of range.
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::FalseAlarmBudget;
    /// let budget = FalseAlarmBudget { count: 2.0, days: 30.0 };
    /// // Ten detectors of a thousand a day: each may alarm once in 150 days.
    /// assert_eq!(budget.run_length(10, 1000.0)?, 150_000.0);
    /// # Ok::<(), tidegate_stats::Error>(())
    /// ```
    pub fn run_length(&self, detectors: u64, observations_per_day: f64) -> Result<f64, Error> {
        let days = self.checked()? / self.count;
        let length = days * detectors as f64 * observations_per_day;
        if length > 0.0 && length.is_finite() {
            Ok(length)
        } else {
            Err(Error::new(ErrorKind::OutOfRange, "the run length of a false-alarm budget"))
        }
    }

    /// The days, if this is a budget.
    fn checked(&self) -> Result<f64, Error> {
        let is_positive = |value: f64| value > 0.0 && value.is_finite();
        if is_positive(self.count) && is_positive(self.days) {
            Ok(self.days)
        } else {
            Err(Error::new(ErrorKind::OutOfRange, "a false-alarm budget, which must be above 0,"))
        }
    }
}

impl Watch {
    /// How many independent looks a day would see as many alarms begin at a level.
    ///
    /// # Arguments
    /// * `level`: in `(0, 1)`.
    ///
    /// # Returns
    /// `θ(level)` of the looks, with its margin, in `(0, 86400 / look_seconds]`; of one family.
    ///
    /// # Errors
    /// * [`ErrorKind::OutOfRange`]: an argument is out of range.
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::Watch;
    /// let watch = Watch { window_seconds: 3600.0, look_seconds: 60.0, families: 1 };
    /// let looks = watch.effective_looks_a_day(1e-4)?;
    /// assert!(looks > 24.0 * 20.0 && looks < 24.0 * 40.0); // of the 60 looks an hour
    /// # Ok::<(), tidegate_stats::Error>(())
    /// ```
    pub fn effective_looks_a_day(&self, level: f64) -> Result<f64, Error> {
        if !(level > 0.0 && level < 1.0) {
            return Err(Error::new(
                ErrorKind::OutOfRange,
                "a level, which must be between 0 and 1,",
            ));
        }
        Ok(self.looks_a_day()? * new_share(level, self.overlap())?)
    }

    fn looks_a_day(&self) -> Result<f64, Error> {
        let is_positive = |value: f64| value > 0.0 && value.is_finite();
        if is_positive(self.window_seconds) && is_positive(self.look_seconds) && self.families > 0 {
            Ok(SECONDS_A_DAY / self.look_seconds)
        } else {
            Err(Error::new(ErrorKind::OutOfRange, "a window or a look, which must be above 0,"))
        }
    }

    /// What is new from one look to the next, in `(0, 1]`.
    fn overlap(&self) -> Overlap {
        Overlap { renewed: (self.look_seconds / self.window_seconds).min(1.0) }
    }
}

/// How much two looks in a row have in common.
#[derive(Debug, Clone, Copy)]
struct Overlap {
    renewed: f64,
}

/// `θ`: of the looks that alarm at this level, those before which there was no alarm, with the margin.
fn new_share(level: f64, Overlap { renewed }: Overlap) -> Result<f64, Error> {
    let z = special::normal_point(level / 2.0)?;
    let correlation = 1.0 - renewed;
    // √(1 − ρ²).
    let deviation = num::sqrt(renewed * (1.0 + correlation));
    // x = z + u, with u = range · t³, so that the nodes are dense where the integrand is steep.
    let range = num::sqrt(z * z + 80.0) - z;
    let mut sums = [num::Sum::default(); 2];
    for node in 0..=NODES {
        let t = f64::from(node) / f64::from(NODES);
        let u = range * t * t * t;
        let simpson = match node {
            0 | NODES => 1.0,
            odd if odd % 2 == 1 => 4.0,
            _ => 2.0,
        };
        let weight = simpson * t * t * num::exp(-u * (z + u / 2.0));
        let below = num::erfc((correlation * u - renewed * z) / deviation / SQRT_2) / 2.0;
        // Before, a variable with the other sign alarms too, but hardly ever.
        sums[0].add(weight * below);
        sums[1].add(weight);
    }
    Ok((MARGIN * sums[0].value() / sums[1].value()).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MONTHLY: FalseAlarmBudget = FalseAlarmBudget { count: 1.0, days: 30.0 };

    fn hour_by_minutes(families: u64) -> Watch {
        Watch { window_seconds: 3600.0, look_seconds: 60.0, families }
    }

    #[test]
    fn overlap_allows_a_higher_level() {
        let level = MONTHLY.level(&hour_by_minutes(1)).unwrap();
        let share = level * 43_200.0;
        assert!(share > 2.5 && share < 3.0, "θ is about 0.3, and 1.2 of it: {share}");
        let effective = hour_by_minutes(1).effective_looks_a_day(level).unwrap();
        assert!((effective * 30.0 * level - 1.0).abs() < 1e-9);
    }

    #[test]
    fn more_families_and_smaller_budgets_need_lower_levels() {
        let level = |count: f64, families| {
            let budget = FalseAlarmBudget { count, ..MONTHLY };
            budget.level(&hour_by_minutes(families)).unwrap()
        };
        assert!(level(1.0, 10) < level(1.0, 1) / 9.0);
        assert!(level(0.1, 1) < level(1.0, 1) / 9.0);
        assert_eq!(level(1e9, 1), HIGHEST_LEVEL);
    }

    #[test]
    fn windows_that_do_not_overlap_are_independent() {
        let apart = Watch { window_seconds: 60.0, look_seconds: 3600.0, families: 1 };
        let level = MONTHLY.level(&apart).unwrap();
        assert!((level * 720.0 - 1.0).abs() < 1e-9);
    }

    #[test]
    fn senseless_budgets_are_refused() {
        for (count, days) in [(0.0, 30.0), (1.0, 0.0), (f64::NAN, 1.0), (1.0, f64::INFINITY)] {
            let budget = FalseAlarmBudget { count, days };
            let error = budget.level(&hour_by_minutes(1)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::OutOfRange);
            assert!(budget.run_length(1, 1.0).is_err());
        }
        assert!(MONTHLY.level(&hour_by_minutes(0)).is_err());
        assert!(MONTHLY.run_length(0, 1.0).is_err());
        assert!(MONTHLY.run_length(1, f64::NAN).is_err());
        let endless = FalseAlarmBudget { count: 1e-300, days: 1e300 };
        assert!(endless.level(&hour_by_minutes(1)).is_err());
        assert!(hour_by_minutes(1).effective_looks_a_day(1.0).is_err());
    }
}
