//! The same questions answered by posteriors: how likely is it that a variant is better, and what
//! does choosing it cost if it is not.

use super::summary::{Contrast, Proportion, SampleSummary};
use crate::{Error, ErrorKind, num, special};

/// Quadrature points at most, and where another way is taken.
const MAX_POINTS: u32 = 20_000;

/// A Beta distribution of belief about a rate.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct BetaPrior {
    /// Successes that the belief is worth, in `[0.1, 10⁹]`.
    pub successes: f64,
    /// Failures that it is worth, in the same range.
    pub failures: f64,
}

impl Default for BetaPrior {
    /// The flat one: every rate is as likely.
    fn default() -> Self {
        Self { successes: 1.0, failures: 1.0 }
    }
}

/// What the posteriors of two variants say.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Posterior {
    /// Probability that `current` is larger, in `[0, 1]`.
    pub chance_to_win: f64,
    /// What choosing `current` loses on average, in units of the mean: `E max(reference − current,
    /// 0)`, `≥ 0`.
    pub expected_loss_current: f64,
    /// The same of choosing `reference`.
    pub expected_loss_reference: f64,
}

/// Compares two rates by their Beta posteriors, which after `x` of `n` successes are
/// `Beta(x + successes, n − x + failures)` of the prior.
///
/// `chance = ∫ f_reference (1 − F_current)` and `loss of current = ∫ F_current (1 − F_reference)`.
///
/// # Arguments
/// * `reference`, `current`: successes among trials; no trials leave the prior.
/// * `prior`: the same for both.
///
/// # Returns
/// See [`Posterior`]; losses are differences of rates.
///
/// # Errors
/// * [`ErrorKind::OutOfRange`]: more successes than trials, more than 10⁹ trials, or a prior outside
///   its range.
/// * [`ErrorKind::NotConverged`]: see [`special::lower_beta_ratio`].
///
/// # Numerics
/// The trapezoid rule on the log-odds, where the integrands are analytic and die out, so that it
/// converges faster than any power of its step: half a standard deviation of the narrower posterior.
/// O(√n) a point, some hundred points. Against exact sums the error is below 1e-11 relative, or 1e-14
/// absolute. Where that would take more than 20 000 points, as for a million trials against none, what
/// is known of the wide posterior in closed form is averaged over the narrow one, to the same accuracy.
///
/// # Examples
/// ```
/// use tidegate_stats::experiment::{BetaPrior, Proportion, bayes_proportions};
/// let nothing = Proportion { successes: 0, trials: 0 };
/// let one = Proportion { successes: 1, trials: 1 };
/// let result = bayes_proportions(nothing, one, BetaPrior::default())?;
/// // By hand: ∫ 1 · (1 − x²) dx.
/// assert!((result.chance_to_win - 2.0 / 3.0).abs() < 1e-13);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Stucchio (2015), "Bayesian A/B testing at VWO", for the loss. Trefethen & Weideman (2014),
/// <https://doi.org/10.1137/130932132>, for the rule. Oracle: exact finite sums in mpmath.
pub fn bayes_proportions(
    reference: Proportion,
    current: Proportion,
    prior: BetaPrior,
) -> Result<Posterior, Error> {
    let [reference, current] = [Beta::after(reference, prior)?, Beta::after(current, prior)?];
    let step = 0.3_f64.min(0.5 * reference.deviation().min(current.deviation()));
    let (low_a, high_a) = reference.reach();
    let (low_b, high_b) = current.reach();
    let (low, high) = (low_a.min(low_b), high_a.max(high_b));
    let points = num::ceil((high - low) / step);
    if points > f64::from(MAX_POINTS) {
        return of_unequal_widths(reference, current);
    }
    let [mut win, mut of_current, mut of_reference] = [num::Sum::default(); 3];
    for index in 0..=points as u32 {
        let (x, y) = shares(low + step * f64::from(index));
        let [(a_below, a_above), (b_below, b_above)] =
            [reference.sides(x, y)?, current.sides(x, y)?];
        win.add(reference.density(x, y) * b_above);
        of_current.add(x * y * b_below * a_above);
        of_reference.add(x * y * a_below * b_above);
    }
    Ok(Posterior {
        chance_to_win: (win.value() * step).min(1.0),
        expected_loss_current: of_current.value() * step,
        expected_loss_reference: of_reference.value() * step,
    })
}

/// The same where one posterior is so much narrower that steps of its width would be too many for the other:
/// what is known of the wide one in closed form is averaged over the narrow one.
fn of_unequal_widths(reference: Beta, current: Beta) -> Result<Posterior, Error> {
    let is_reference_narrow = reference.deviation() < current.deviation();
    let (narrow, wide) =
        if is_reference_narrow { (reference, current) } else { (current, reference) };
    let step = 0.3_f64.min(0.5 * narrow.deviation());
    let (low, high) = narrow.reach();
    let points = num::ceil((high - low) / step).min(f64::from(MAX_POINTS));
    let [mut wide_below, mut wide_above, mut over, mut under] = [num::Sum::default(); 4];
    for index in 0..=points as u32 {
        let (x, y) = shares(low + step * f64::from(index));
        let weight = narrow.density(x, y);
        let (below, above) = wide.sides(x, y)?;
        wide_below.add(weight * below);
        wide_above.add(weight * above);
        // E max(x − W, 0) and E max(W − x, 0), each by parts.
        let (mean, total) = (wide.a / (wide.a + wide.b), wide.a + wide.b);
        let edge = wide.density(x, y) / total;
        over.add(weight * ((x - mean) * below + edge).max(0.0));
        under.add(weight * ((mean - x) * above + edge).max(0.0));
    }
    let [below, above, over, under] =
        [wide_below, wide_above, over, under].map(|sum| sum.value() * step);
    Ok(if is_reference_narrow {
        Posterior {
            chance_to_win: above.min(1.0),
            expected_loss_current: over,
            expected_loss_reference: under,
        }
    } else {
        Posterior {
            chance_to_win: below.min(1.0),
            expected_loss_current: under,
            expected_loss_reference: over,
        }
    })
}

/// `x` of log-odds `u`, and `1 − x`, neither by a subtraction.
fn shares(u: f64) -> (f64, f64) {
    let odds = num::exp(-u.abs());
    let (larger, smaller) = (1.0 / (1.0 + odds), odds / (1.0 + odds));
    if u < 0.0 { (smaller, larger) } else { (larger, smaller) }
}

#[derive(Clone, Copy)]
struct Beta {
    a: f64,
    b: f64,
}

impl Beta {
    fn after(seen: Proportion, prior: BetaPrior) -> Result<Self, Error> {
        let sound = 0.1..=1e9;
        if !(sound.contains(&prior.successes) && sound.contains(&prior.failures)) {
            return Err(Error::new(ErrorKind::OutOfRange, "the prior"));
        }
        if seen.successes > seen.trials || seen.trials > 1_000_000_000 {
            return Err(Error::new(ErrorKind::OutOfRange, "the number of trials"));
        }
        let failures = (seen.trials - seen.successes) as f64;
        Ok(Self { a: seen.successes as f64 + prior.successes, b: failures + prior.failures })
    }

    /// About the standard deviation of the log-odds.
    fn deviation(self) -> f64 {
        num::sqrt(1.0 / self.a + 1.0 / self.b)
    }

    /// Log-odds outside of which there is no mass that counts: twelve deviations, and where a shape
    /// is small and its tail exponential, 45 of that.
    fn reach(self) -> (f64, f64) {
        let centre = num::ln(self.a / self.b);
        let margin = |shape: f64| 12.0 * self.deviation() + 45.0 / shape;
        (centre - margin(self.a), centre + margin(self.b))
    }

    /// Density of the log-odds.
    fn density(self, x: f64, y: f64) -> f64 {
        num::exp(special::ln_beta_factor(self.a, self.b, x, y))
    }

    /// Probabilities below and above `x = 1 − y`.
    fn sides(self, x: f64, y: f64) -> Result<(f64, f64), Error> {
        Ok((special::beta_ratio(self.a, self.b, x, y)?, special::beta_ratio(self.b, self.a, y, x)?))
    }
}

/// Compares two means by Gaussian posteriors under a flat prior: that of the difference has the
/// difference for its mean and its standard error for its deviation.
///
/// With `z` the difference in standard errors `e`: `chance = Φ(z)`, and
/// `loss of current = e (φ(z) − z Φ(−z))`.
///
/// # Arguments
/// * `reference`, `current`: of at least two observations each, with finite mean and variance.
///
/// # Returns
/// See [`Posterior`]; losses are in units of the mean. GrowthBook's default engine gives the same
/// chance; its risk is relative to the reference's mean.
///
/// # Errors
/// As [`super::two_means`].
///
/// # Numerics
/// O(1). The chance is accurate to 1e-12 relative; a loss to 1e-15 standard errors.
///
/// # Examples
/// ```
/// use tidegate_stats::experiment::{SampleSummary, bayes_means};
/// let side = SampleSummary { count: 100, mean: 10.0, variance: 50.0 };
/// let result = bayes_means(&side, &side)?;
/// assert_eq!(result.chance_to_win, 0.5);
/// // By hand: the standard error is 1, and φ(0) = 1/√(2π).
/// assert!((result.expected_loss_current - 0.3989422804014327).abs() < 1e-15);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Oracle: `scipy.stats.norm` and the closed form in mpmath.
pub fn bayes_means(reference: &SampleSummary, current: &SampleSummary) -> Result<Posterior, Error> {
    let contrast = Contrast::try_new(reference, current)?;
    let z = contrast.statistic();
    let density = num::exp(-0.5 * z * z) * core::f64::consts::FRAC_1_SQRT_2
        / num::sqrt(core::f64::consts::PI);
    let loss = |z: f64| {
        let tail = special::normal_tail(z);
        if tail == 0.0 {
            return 0.0;
        }
        // Of a difference at the end of the doubles the last rounding may leave them.
        (contrast.standard_error * (density - z * tail).max(0.0)).min(f64::MAX)
    };
    Ok(Posterior {
        chance_to_win: special::normal_tail(-z),
        expected_loss_current: loss(z),
        expected_loss_reference: loss(-z),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compare(a: [u64; 2], b: [u64; 2]) -> Posterior {
        let [a, b] = [a, b].map(|[successes, trials]| Proportion { successes, trials });
        bayes_proportions(a, b, BetaPrior::default()).unwrap()
    }

    #[test]
    fn the_largest_difference_is_the_largest_loss() {
        let side = |mean| SampleSummary { count: 2, mean, variance: 1e7 };
        let result = bayes_means(&side(3180.4), &side(-f64::MAX)).unwrap();
        assert_eq!((result.chance_to_win, result.expected_loss_reference), (0.0, 0.0));
        assert!(result.expected_loss_current.is_finite());
        assert!(result.expected_loss_current > 1.7e308);
    }

    #[test]
    fn losses_differ_by_the_difference_of_the_means() {
        for (a, b) in [([3, 10], [7, 12]), ([100, 1000], [130, 1000]), ([0, 5], [5, 5])] {
            let result = compare(a, b);
            let mean = |[x, n]: [u64; 2]| (x + 1) as f64 / (n + 2) as f64;
            let gap = result.expected_loss_reference - result.expected_loss_current;
            assert!((gap - (mean(b) - mean(a))).abs() < 1e-14, "{result:?}");
        }
    }

    #[test]
    fn one_posterior_may_be_much_narrower() {
        for (successes, trials) in [(300_000, 1_000_000), (0, 10_000_000), (999, 1000)] {
            let known = [successes, trials];
            // Of a rate that nothing is known of: 1 − E x, E x²/2 and E (1 − x)²/2, by hand.
            let (a, b) = ((successes + 1) as f64, (trials - successes + 1) as f64);
            let (mean, rest) = (a / (a + b), b / (a + b));
            let variance = mean * rest / (a + b + 1.0);
            let [below, above] = [mean, rest].map(|share| (share * share + variance) / 2.0);
            let result = compare(known, [0, 0]);
            assert!((result.chance_to_win - rest).abs() < 1e-11 * rest, "{result:?}");
            assert!((result.expected_loss_current - below).abs() < 1e-11 * below + 1e-15);
            assert!((result.expected_loss_reference - above).abs() < 1e-11 * above + 1e-15);
            let other = compare([0, 0], known);
            assert!((other.chance_to_win - mean).abs() < 1e-11 * mean, "{other:?}");
            assert_eq!(other.expected_loss_reference, result.expected_loss_current);
        }
    }

    #[test]
    fn equal_evidence_is_a_draw() {
        for side in [[0, 0], [3, 10], [0, 1000], [5000, 10_000], [400_000, 1_000_000]] {
            assert!((compare(side, side).chance_to_win - 0.5).abs() < 1e-13, "{side:?}");
        }
    }

    #[test]
    fn the_two_engines_agree_on_much_data() {
        let [a, b] =
            [50_000_u64, 50_300].map(|successes| Proportion { successes, trials: 100_000 });
        let exact = bayes_proportions(a, b, BetaPrior::default()).unwrap();
        let gaussian = bayes_means(&a.into(), &b.into()).unwrap();
        assert!((exact.chance_to_win - gaussian.chance_to_win).abs() < 1e-5);
        assert!((exact.expected_loss_current / gaussian.expected_loss_current - 1.0).abs() < 1e-3);
    }

    #[test]
    fn what_has_no_posterior_is_refused() {
        let seen = Proportion { successes: 1, trials: 2 };
        for bad in [0.0, f64::NAN, f64::INFINITY] {
            let prior = BetaPrior { successes: bad, failures: 1.0 };
            let error = bayes_proportions(seen, seen, prior).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::OutOfRange);
        }
        let bad = Proportion { successes: 3, trials: 2 };
        let error = bayes_proportions(seen, bad, BetaPrior::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OutOfRange);
    }
}
