//! Signals that no test of distributions shows: missing values, categories that came or went, and values
//! outside of the reference's range.
//!
//! A model has never seen such rows, so they matter where they are few, and a test on the values that are
//! present does not see them at all. Each is a share of one sample, compared with what chance alone gives
//! at these sizes: a reference of 50 rows misses categories and extremes that are nothing new.
//!
//! | signal | function | what chance gives |
//! |---|---|---|
//! | missing values | [`missing_rate`] | the reference's share, by Fisher's exact test |
//! | new categories | [`new_categories`] | a random split of all rows, category by category |
//! | vanished categories | [`vanished_categories`] | the same, seen from the reference |
//! | both, where some have no name | [`new_and_vanished_categories`] | the same, row by row where there is no name |
//! | out-of-range values | [`out_of_range`] | `2 / (n + 1)`, a Beta law whatever the distribution |
//!
//! [`unseen_mass`] says, before there is a current sample, how much of it will be new.
//!
//! A verdict needs both: chance does not explain the share, and its excess is at least
//! [`SignalRule::share_floor`]. They are not tests of the shape: see [`crate::counted`] and
//! [`crate::NumericTests`] for those.

mod categories;
mod missing_rate;
mod out_of_range;

pub use categories::{
    UnseenMass, new_and_vanished_categories, new_categories, unseen_mass, vanished_categories,
};
pub use missing_rate::missing_rate;
pub use out_of_range::out_of_range;

use crate::{Decision, Error, ErrorKind, Interval, Verdict, fisher_exact, quality};

/// How a verdict is made from a signal.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SignalRule {
    /// The accepted probability of a signal where nothing changed, in `(0, 1)`. Default 0.05.
    pub alpha: f64,
    /// The smallest excess of a share that matters, in `(0, 1]`. Default 0.02: one row in fifty that a
    /// model was not made for. Shares of a distribution have a floor of 0.1, for there the rows only move.
    pub share_floor: f64,
}

impl Default for SignalRule {
    fn default() -> Self {
        Self { alpha: 0.05, share_floor: 0.02 }
    }
}

/// A share of a sample that is a signal of its own.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Signal {
    /// The share of the sample's values that show it, in `[0, 1]`.
    pub share: f64,
    /// The share that is expected where nothing changed, in `[0, 1]`.
    pub expected_share: f64,
    /// Probability of such a share, or a more extreme one, where nothing changed: exact, or a bound above it.
    pub p_value: f64,
    /// Size of the signal in shares, in `[0, 1]`: how far `share` is from `expected_share`, 0 where less
    /// than expected is no signal.
    pub effect: f64,
    /// Wilson's interval of `share`, at one minus alpha.
    pub interval: Interval,
    /// The smallest effect that could have been told from chance at these sizes, in `[0, 1]`.
    pub detectable_effect: f64,
    /// The bound on `p_value`: alpha.
    pub threshold: f64,
    /// The verdict at `threshold` and the floor.
    pub verdict: Verdict,
}

/// What was measured, before a verdict.
struct Measured {
    /// Values that show the signal, and all of their sample.
    counts: [u64; 2],
    expected_share: f64,
    p_value: f64,
    effect: f64,
    detectable_effect: f64,
}

impl SignalRule {
    fn checked(&self) -> Result<Self, Error> {
        if !(self.alpha > 0.0 && self.alpha < 1.0) {
            return Err(Error::new(ErrorKind::OutOfRange, "alpha, which must be between 0 and 1,"));
        }
        if !(self.share_floor > 0.0 && self.share_floor <= 1.0) {
            return Err(Error::new(ErrorKind::OutOfRange, "the smallest share that matters"));
        }
        Ok(*self)
    }

    /// The verdict on a signal.
    ///
    /// Drift if the effect reaches the floor and `p ≤ alpha`; insufficient data where the smallest effect
    /// that could have been seen is more than twice the floor. As [`Decision::judge`] does for a test.
    ///
    /// # Arguments
    /// * `signal`: of any function here.
    /// * `p_adjusted`: the p-value after a correction for the number of columns, see [`crate::multiple`];
    ///   `None` to judge by the signal's own.
    #[must_use]
    pub fn judge(&self, signal: &Signal, p_adjusted: Option<f64>) -> Verdict {
        let is_significant = p_adjusted.unwrap_or(signal.p_value) <= self.alpha;
        Decision::verdict(is_significant, signal.effect, signal.detectable_effect, self.share_floor)
    }

    fn conclude(&self, measured: &Measured) -> Result<Signal, Error> {
        let Measured { counts: [count, total], expected_share, p_value, effect, detectable_effect } =
            *measured;
        let mut signal = Signal {
            share: count as f64 / total as f64,
            expected_share,
            p_value,
            effect,
            interval: quality::wilson_interval(count, total, self.alpha)?,
            detectable_effect,
            threshold: self.alpha,
            verdict: Verdict::NoDrift,
        };
        signal.verdict = self.judge(&signal, None);
        Ok(signal)
    }
}

/// Both sizes, refused where one is empty or their sum is beyond 2⁶⁴.
fn checked_sizes(reference: u64, current: u64) -> Result<[u64; 2], Error> {
    if reference == 0 || current == 0 {
        let what = if reference == 0 { "the reference" } else { "the current sample" };
        return Err(Error::new(ErrorKind::EmptySample, what));
    }
    match reference.checked_add(current) {
        Some(_) => Ok([reference, current]),
        None => Err(Error::new(ErrorKind::OutOfRange, "the number of rows in both samples")),
    }
}

/// Logarithm of the probability that `count` given rows of both samples are all in one of `own` rows, the
/// other sample having `other`. `count` is at most `own`.
fn ln_all_in(count: u64, [own, other]: [u64; 2]) -> f64 {
    if other == 0 { 0.0 } else { fisher_exact::ln_probability(count, count, [own, other]) }
}

/// The least number in `0..=largest` that is so, where all that follow are too; `None` if none is.
fn least(largest: u64, is_so: impl Fn(u64) -> bool) -> Option<u64> {
    let (mut from, mut to) = (0, largest);
    while from < to {
        let middle = from + (to - from) / 2;
        if is_so(middle) {
            to = middle;
        } else {
            from = middle + 1;
        }
    }
    is_so(from).then_some(from)
}
