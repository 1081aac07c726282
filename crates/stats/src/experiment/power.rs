//! How many units does an experiment need, and what can it find?

use super::sequential::Mixture;
use super::summary::checked_alpha;
use crate::{Error, ErrorKind, num, special};

/// The most units of a side that are looked for.
const MAX_COUNT: u64 = 1_000_000_000_000_000;
/// Cap of a search: it halves an interval of doubles.
const MAX_ITERATIONS: u32 = 200;

/// The effects that a test can find.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Alternative {
    /// A difference, whichever side is larger.
    #[default]
    TwoSided,
    /// That `current` is larger.
    Greater,
}

/// When an experiment is judged.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Looks {
    /// At its end.
    #[default]
    Once,
    /// At any time, by [`super::confidence_sequence`] or [`super::guardrail`] of this tuning count.
    Always {
        /// `N*`, finite and `≥ 1`.
        tuning_count: f64,
    },
}

/// How an experiment is to be judged.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Design {
    /// Level of the test, in `(0, 1)`; below a half for [`Alternative::Greater`] at all looks.
    /// Default 0.05.
    pub alpha: f64,
    /// Default [`Alternative::TwoSided`].
    pub alternative: Alternative,
    /// Default [`Looks::Once`].
    pub looks: Looks,
}

impl Default for Design {
    fn default() -> Self {
        Self { alpha: 0.05, alternative: Alternative::TwoSided, looks: Looks::Once }
    }
}

/// Units of the two sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Counts {
    /// Units of the reference.
    pub reference: u64,
    /// Units of the variant under trial.
    pub current: u64,
}

impl Counts {
    fn total(self) -> f64 {
        self.reference as f64 + self.current as f64
    }

    /// `1/n + 1/m`.
    fn reciprocals(self) -> f64 {
        1.0 / self.reference as f64 + 1.0 / self.current as f64
    }

    fn check(self, least: u64) -> Result<(), Error> {
        if self.reference == 0 || self.current == 0 {
            Err(Error::new(ErrorKind::EmptySample, "a side of the design"))
        } else if self.reference.saturating_add(self.current) < least {
            Err(Error::new(ErrorKind::ShapeMismatch, "the design's number of units"))
        } else {
            Ok(())
        }
    }
}

impl Design {
    /// The level of one tail.
    fn tail(&self) -> f64 {
        match self.alternative {
            Alternative::TwoSided => self.alpha / 2.0,
            Alternative::Greater => self.alpha,
        }
    }

    /// How many standard errors a difference must have, where it is taken to be normal.
    fn critical(&self, total: f64) -> Result<f64, Error> {
        checked_alpha(self.alpha)?;
        Ok(match (self.looks, self.alternative) {
            (Looks::Once, _) => special::normal_point(self.tail())?,
            (Looks::Always { tuning_count }, Alternative::TwoSided) => {
                Mixture::two_sided(self.alpha, tuning_count)?.after(total).errors()
            }
            (Looks::Always { tuning_count }, Alternative::Greater) => {
                Mixture::one_sided(self.alpha, tuning_count)?.after(total).errors()
            }
        })
    }

    /// The chance of a normal statistic of this mean and deviation to pass `critical`.
    fn chance(&self, critical: f64, mean: f64, deviation: f64) -> f64 {
        let above = special::normal_tail((critical - mean) / deviation);
        match self.alternative {
            Alternative::Greater => above,
            Alternative::TwoSided => {
                (above + special::normal_tail((critical + mean) / deviation)).min(1.0)
            }
        }
    }
}

/// The chance that a comparison of two means finds an effect.
///
/// For one look it is that of Student's test: the statistic has a noncentral t distribution with
/// `n + m − 2` degrees of freedom and `δ = effect / √(1/n + 1/m)`. For [`Looks::Always`] it is the
/// chance at the look with these many units; that it was found at an earlier one comes on top.
///
/// # Arguments
/// * `effect`: the difference in standard deviations of a unit (Cohen's d), finite.
/// * `counts`: at least one unit a side, and three in all.
/// * `design`: see [`Design`].
///
/// # Returns
/// In `[0, 1]`; for no effect, and one look, it is `alpha`. Two-sided, a finding in the wrong
/// direction counts as well, as in statsmodels.
///
/// # Errors
/// * [`ErrorKind::EmptySample`], [`ErrorKind::ShapeMismatch`]: too few units.
/// * [`ErrorKind::OutOfRange`]: `effect` is NaN or infinite, or a setting of the design is outside its
///   range.
/// * [`ErrorKind::NotConverged`]: see [`special::noncentral_t_tail`].
///
/// # Numerics
/// Two integrals of some hundred points; O(1) for [`Looks::Always`].
///
/// # Examples
/// ```
/// use tidegate_stats::experiment::{Counts, Design, two_means_power};
/// // The textbook's 64 a side for half a standard deviation.
/// let power = two_means_power(0.5, Counts { reference: 64, current: 64 }, &Design::default())?;
/// assert!((power - 0.801_459_6).abs() < 1e-7);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Cohen (1988), "Statistical power analysis for the behavioral sciences". Oracle:
/// `statsmodels.stats.power.TTestIndPower`, its tails by mpmath.
pub fn two_means_power(effect: f64, counts: Counts, design: &Design) -> Result<f64, Error> {
    counts.check(3)?;
    if !effect.is_finite() {
        return Err(Error::new(ErrorKind::OutOfRange, "the effect"));
    }
    let shift = effect / num::sqrt(counts.reciprocals());
    if design.looks != Looks::Once {
        return Ok(design.chance(design.critical(counts.total())?, shift, 1.0));
    }
    checked_alpha(design.alpha)?;
    let shift = shift.clamp(-f64::MAX, f64::MAX);
    let df = counts.total() - 2.0;
    let critical = special::student_t_point(design.tail(), df)?;
    let above = special::noncentral_t_tail(critical, df, shift)?;
    Ok(match design.alternative {
        Alternative::Greater => above,
        Alternative::TwoSided => {
            (above + special::noncentral_t_tail(critical, df, -shift)?).min(1.0)
        }
    })
}

/// The fewest units with which a comparison of two means finds an effect with the wanted chance.
///
/// # Arguments
/// * `effect`: as for [`two_means_power`], but not 0; `> 0` for [`Alternative::Greater`].
/// * `power`: the wanted chance, in `(alpha, 1)`.
/// * `ratio`: units of `current` for each of the reference, in `[10⁻⁶, 10⁶]`.
/// * `design`: see [`Design`].
///
/// # Returns
/// Whole units, of which `current` is `ratio` times as many as the reference, rounded up.
///
/// # Errors
/// As [`two_means_power`], and [`ErrorKind::OutOfRange`] where an argument is outside its range or
/// more than 10¹⁵ units would be needed.
///
/// # Numerics
/// Some fifty times [`two_means_power`].
///
/// # Examples
/// ```
/// use tidegate_stats::experiment::{Counts, Design, two_means_counts};
/// let counts = two_means_counts(0.5, 0.8, 1.0, &Design::default())?;
/// assert_eq!(counts, Counts { reference: 64, current: 64 });
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// As [`two_means_power`]; oracle: the next whole number from `TTestIndPower.solve_power`.
pub fn two_means_counts(
    effect: f64,
    power: f64,
    ratio: f64,
    design: &Design,
) -> Result<Counts, Error> {
    fewest(power, ratio, 2, design, |counts| two_means_power(effect, counts, design))
}

/// The smallest effect that a comparison of two means finds with the wanted chance: the minimum
/// detectable effect.
///
/// # Arguments
/// * `counts`: as for [`two_means_power`].
/// * `power`: the wanted chance, in `(alpha, 1)`.
/// * `design`: see [`Design`].
///
/// # Returns
/// A difference in standard deviations of a unit, `> 0`.
///
/// # Errors
/// As [`two_means_power`], and [`ErrorKind::OutOfRange`] if `power` is outside its range.
///
/// # Numerics
/// Bisection to the last bits: some sixty times [`two_means_power`]. Relative error below 1e-10.
///
/// # Examples
/// ```
/// use tidegate_stats::experiment::{Counts, Design, two_means_detectable_effect};
/// let counts = Counts { reference: 5000, current: 5000 };
/// let effect = two_means_detectable_effect(counts, 0.8, &Design::default())?;
/// // By hand, of the normal distribution: (1.959964 + 0.841621) · √(2/5000).
/// assert!((effect - 0.056032).abs() < 1e-5);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// As [`two_means_power`].
pub fn two_means_detectable_effect(
    counts: Counts,
    power: f64,
    design: &Design,
) -> Result<f64, Error> {
    check_power(power, design)?;
    counts.check(3)?;
    let unit = num::sqrt(counts.reciprocals());
    let mut high = unit;
    for _ in 0..MAX_ITERATIONS {
        if two_means_power(high, counts, design)? >= power {
            return least(
                0.0,
                high,
                |effect| Ok(two_means_power(effect, counts, design)? >= power),
            );
        }
        high *= 2.0;
    }
    Err(Error::new(ErrorKind::NotConverged, "the detectable effect"))
}

/// The chance that a comparison of two rates finds their difference.
///
/// The pooled z-test of [`super::two_proportions`] rejects when `|q̂ − p̂|` passes `c·s₀` with
/// `s₀² = r̄(1 − r̄)(1/n + 1/m)`, `r̄` the rate of both together; the difference is normal around
/// `q − p` with `s₁² = p(1 − p)/n + q(1 − q)/m`. For [`Looks::Always`] as [`two_means_power`], and
/// with `s₁` in both places, for a confidence sequence does not pool.
///
/// # Arguments
/// * `reference_rate`, `current_rate`: `p` and `q`, in `(0, 1)`.
/// * `counts`: at least one unit a side; the normal distribution wants ten successes and failures.
/// * `design`: see [`Design`].
///
/// # Returns
/// In `[0, 1]`.
///
/// # Errors
/// * [`ErrorKind::EmptySample`]: a side has no unit.
/// * [`ErrorKind::OutOfRange`]: a rate or a setting of the design is outside its range.
///
/// # Numerics
/// O(1).
///
/// # Examples
/// ```
/// use tidegate_stats::experiment::{Counts, Design, two_proportions_power};
/// let counts = Counts { reference: 4000, current: 4000 };
/// let power = two_proportions_power(0.10, 0.12, counts, &Design::default())?;
/// // By hand: s₀ = 0.0069957, s₁ = 0.0069943, and Φ(0.02/s₁ − 1.959964·s₀/s₁).
/// assert!((power - 0.8159).abs() < 1e-3);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Fleiss, Levin, Paik (2003), "Statistical methods for rates and proportions", section 4.3, without
/// the correction for continuity. Oracle: `statsmodels.stats.proportion.power_proportions_2indep`.
pub fn two_proportions_power(
    reference_rate: f64,
    current_rate: f64,
    counts: Counts,
    design: &Design,
) -> Result<f64, Error> {
    counts.check(2)?;
    let is_rate = |rate: f64| rate > 0.0 && rate < 1.0;
    if !(is_rate(reference_rate) && is_rate(current_rate)) {
        return Err(Error::new(ErrorKind::OutOfRange, "a rate"));
    }
    let (n, m) = (counts.reference as f64, counts.current as f64);
    let (p, q) = (reference_rate, current_rate);
    let deviation = num::sqrt(p * (1.0 - p) / n + q * (1.0 - q) / m);
    let critical = design.critical(n + m)?;
    let bound = match design.looks {
        Looks::Once => {
            let pooled = (n / (n + m)) * p + (m / (n + m)) * q;
            num::sqrt(pooled * (1.0 - pooled) * counts.reciprocals())
        }
        Looks::Always { .. } => deviation,
    };
    Ok(design.chance(critical * bound, q - p, deviation))
}

/// The fewest units with which a comparison of two rates finds their difference with the wanted
/// chance.
///
/// # Arguments
/// * `reference_rate`, `current_rate`: in `(0, 1)`, not equal; for [`Alternative::Greater`] the second
///   is the larger.
/// * `power`, `ratio`, `design`: as for [`two_means_counts`].
///
/// # Returns
/// As [`two_means_counts`].
///
/// # Errors
/// As [`two_proportions_power`] and [`two_means_counts`].
///
/// # Numerics
/// Some fifty times [`two_proportions_power`].
///
/// # Examples
/// ```
/// use tidegate_stats::experiment::{Design, two_proportions_counts};
/// let counts = two_proportions_counts(0.10, 0.12, 0.8, 1.0, &Design::default())?;
/// // Fleiss's table, without the correction for continuity.
/// assert_eq!(counts.reference, 3841);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// As [`two_proportions_power`]; oracle: the next whole number from
/// `statsmodels.stats.proportion.samplesize_proportions_2indep_onetail`.
pub fn two_proportions_counts(
    reference_rate: f64,
    current_rate: f64,
    power: f64,
    ratio: f64,
    design: &Design,
) -> Result<Counts, Error> {
    fewest(power, ratio, 1, design, |counts| {
        two_proportions_power(reference_rate, current_rate, counts, design)
    })
}

/// The nearest larger rate that a comparison with the reference's finds with the wanted chance.
///
/// For a smaller one give the rates of failure: one minus each.
///
/// # Arguments
/// * `reference_rate`: in `(0, 1)`.
/// * `counts`: as for [`two_proportions_power`].
/// * `power`: the wanted chance, in `(alpha, 1)`.
/// * `design`: see [`Design`].
///
/// # Returns
/// The rate of `current`, between the reference's and 1; the minimum detectable effect is its
/// distance.
///
/// # Errors
/// As [`two_proportions_power`], and [`ErrorKind::OutOfRange`] if `power` is outside its range or no
/// rate is found with such a chance.
///
/// # Numerics
/// Bisection to the last bit: some sixty times [`two_proportions_power`].
///
/// # Examples
/// ```
/// use tidegate_stats::experiment::{Counts, Design, two_proportions_detectable_rate};
/// let counts = Counts { reference: 3841, current: 3841 };
/// let rate = two_proportions_detectable_rate(0.10, counts, 0.8, &Design::default())?;
/// assert!((rate - 0.12).abs() < 1e-5);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// As [`two_proportions_power`].
pub fn two_proportions_detectable_rate(
    reference_rate: f64,
    counts: Counts,
    power: f64,
    design: &Design,
) -> Result<f64, Error> {
    check_power(power, design)?;
    let reaches =
        |rate: f64| Ok(two_proportions_power(reference_rate, rate, counts, design)? >= power);
    // Checks the reference's rate too.
    reaches(reference_rate)?;
    let top = 1.0 - f64::EPSILON / 2.0;
    if reference_rate >= top || !reaches(top)? {
        return Err(Error::new(ErrorKind::OutOfRange, "the power, for so few units,"));
    }
    least(reference_rate, top, reaches)
}

fn check_power(power: f64, design: &Design) -> Result<(), Error> {
    let alpha = checked_alpha(design.alpha)?;
    if power > alpha && power < 1.0 {
        Ok(())
    } else {
        Err(Error::new(ErrorKind::OutOfRange, "the power"))
    }
}

/// The least number of an interval at whose upper end something holds that then holds above.
fn least(low: f64, high: f64, holds: impl Fn(f64) -> Result<bool, Error>) -> Result<f64, Error> {
    let (mut low, mut high) = (low, high);
    for _ in 0..MAX_ITERATIONS {
        let middle = f64::midpoint(low, high);
        if middle <= low || middle >= high {
            break;
        }
        if holds(middle)? {
            high = middle;
        } else {
            low = middle;
        }
    }
    Ok(high)
}

/// The fewest units that reach a power, by doubling and halving.
fn fewest(
    power: f64,
    ratio: f64,
    least: u64,
    design: &Design,
    power_of: impl Fn(Counts) -> Result<f64, Error>,
) -> Result<Counts, Error> {
    check_power(power, design)?;
    if !(1e-6..=1e6).contains(&ratio) {
        return Err(Error::new(ErrorKind::OutOfRange, "the ratio of the sides"));
    }
    let counts = |reference: u64| {
        let current = num::ceil(ratio * reference as f64) as u64;
        Counts { reference, current: current.max(1) }
    };
    let (mut low, mut high) = (least.saturating_sub(1), least);
    while power_of(counts(high))? < power {
        if high >= MAX_COUNT {
            return Err(Error::new(ErrorKind::OutOfRange, "the effect, for 10¹⁵ units,"));
        }
        low = high;
        high = (2 * high).min(MAX_COUNT);
    }
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if power_of(counts(middle))? < power {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok(counts(high))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DESIGNS: [Design; 4] = [
        Design { alpha: 0.05, alternative: Alternative::TwoSided, looks: Looks::Once },
        Design { alpha: 0.01, alternative: Alternative::Greater, looks: Looks::Once },
        Design {
            alpha: 0.05,
            alternative: Alternative::TwoSided,
            looks: Looks::Always { tuning_count: 5000.0 },
        },
        Design {
            alpha: 0.05,
            alternative: Alternative::Greater,
            looks: Looks::Always { tuning_count: 500.0 },
        },
    ];

    #[test]
    fn without_an_effect_the_power_is_alpha() {
        let counts = Counts { reference: 30, current: 70 };
        for design in &DESIGNS[..2] {
            let power = two_means_power(0.0, counts, design).unwrap();
            assert!((power - design.alpha).abs() < 1e-12, "{power}");
        }
        for design in &DESIGNS[2..] {
            assert!(two_means_power(0.0, counts, design).unwrap() < design.alpha);
        }
    }

    #[test]
    fn one_unit_less_is_too_few() {
        for design in &DESIGNS {
            for (effect, ratio) in [(0.02, 1.0), (0.5, 1.0), (0.5, 0.25), (3.0, 2.0)] {
                let counts = two_means_counts(effect, 0.8, ratio, design).unwrap();
                assert!(two_means_power(effect, counts, design).unwrap() >= 0.8);
                let reference = counts.reference - 1;
                let current = num::ceil(ratio * reference as f64) as u64;
                let fewer = Counts { reference, current };
                let power = two_means_power(effect, fewer, design);
                assert!(power.is_err() || power.is_ok_and(|power| power < 0.8), "{counts:?}");
            }
            let counts = two_proportions_counts(0.1, 0.11, 0.9, 1.0, design).unwrap();
            assert!(two_proportions_power(0.1, 0.11, counts, design).unwrap() >= 0.9);
        }
    }

    #[test]
    fn what_is_detectable_has_the_power() {
        let counts = Counts { reference: 800, current: 300 };
        for design in &DESIGNS {
            let effect = two_means_detectable_effect(counts, 0.8, design).unwrap();
            assert!((two_means_power(effect, counts, design).unwrap() - 0.8).abs() < 1e-11);
            let rate = two_proportions_detectable_rate(0.3, counts, 0.8, design).unwrap();
            let power = two_proportions_power(0.3, rate, counts, design).unwrap();
            assert!((power - 0.8).abs() < 1e-11);
        }
    }

    #[test]
    fn looking_always_costs_units() {
        let [once, _, always, _] = DESIGNS;
        let [once, always] =
            [once, always].map(|design| two_means_counts(0.1, 0.8, 1.0, &design).unwrap());
        assert!(always.reference > once.reference && always.reference < 3 * once.reference);
    }

    #[test]
    fn extremes_are_answered_or_refused() {
        let design = Design::default();
        let many = Counts { reference: u64::MAX, current: u64::MAX };
        assert_eq!(two_means_power(1e300, many, &design), Ok(1.0));
        assert_eq!(two_means_power(1.0, many, &design), Ok(1.0));
        assert_eq!(two_proportions_power(0.1, 0.2, many, &design), Ok(1.0));
        let one = Counts { reference: 1, current: 1 };
        let error = two_means_power(1.0, one, &design).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ShapeMismatch);
        let none = Counts { reference: 0, current: 9 };
        let error = two_means_power(1.0, none, &design).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::EmptySample);
        for (effect, power, ratio) in [
            (0.0, 0.8, 1.0),
            (1e-12, 0.8, 1.0),
            (f64::NAN, 0.8, 1.0),
            (0.5, 0.04, 1.0),
            (0.5, 1.0, 1.0),
            (0.5, 0.8, 0.0),
        ] {
            let error = two_means_counts(effect, power, ratio, &design).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::OutOfRange, "{effect} {power} {ratio}");
        }
        for rate in [0.0, 1.0, f64::NAN] {
            let error = two_proportions_detectable_rate(rate, many, 0.8, &design).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::OutOfRange);
        }
        let few = Counts { reference: 2, current: 2 };
        let error = two_proportions_detectable_rate(0.5, few, 0.99, &design).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OutOfRange);
    }
}
