//! Less variance by what was known before: CUPED.

use super::summary::{Comparison, Contrast, Estimate, SampleSummary};
use super::two_means::two_means;
use crate::{Error, ErrorKind, num};

/// Beyond this the sum of the squares of 2⁶⁴ values might leave the range of a double.
const MAX_MAGNITUDE: f64 = 1e100;

/// Values of units, with what the same units did before the experiment, in 104 bytes, mergeable.
///
/// Units of which nothing is known from before are kept apart: see [`cuped`].
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CovariateSummary {
    /// Units with a covariate.
    pub known: CoMoments,
    /// Units without.
    pub unknown_count: u64,
    /// Mean of the values of those; 0 when there is none.
    pub unknown_mean: f64,
    /// What `unknown_mean` rounds away: the two together are the mean.
    pub unknown_mean_low: f64,
    /// Sum of their squared differences from it, `≥ 0`.
    pub unknown_m2: f64,
}

/// Count, means and second moments of pairs of a value and a covariate.
///
/// The means carry along what they round away, so that the spread of values far from zero keeps its
/// digits.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CoMoments {
    /// Pairs.
    pub count: u64,
    /// Mean of the values; 0 when there is none.
    pub mean: f64,
    /// What `mean` rounds away.
    pub mean_low: f64,
    /// Mean of the covariates; 0 when there is none.
    pub covariate_mean: f64,
    /// What `covariate_mean` rounds away.
    pub covariate_mean_low: f64,
    /// Sum of squared differences of the values from their mean, `≥ 0`.
    pub m2: f64,
    /// The same of the covariates.
    pub covariate_m2: f64,
    /// Sum of the products of both differences.
    pub co_moment: f64,
}

impl CoMoments {
    fn merge(&mut self, other: &Self) {
        if other.count == 0 {
            return;
        }
        if self.count == 0 {
            *self = *other;
            return;
        }
        let count = self.count.saturating_add(other.count);
        let weight = other.count as f64 / count as f64;
        let apart = weight * self.count as f64;
        let gap = (other.mean - self.mean) + (other.mean_low - self.mean_low);
        let covariate_gap = (other.covariate_mean - self.covariate_mean)
            + (other.covariate_mean_low - self.covariate_mean_low);
        let (mean, mean_low) = num::two_sum(self.mean, gap * weight + self.mean_low);
        let (covariate_mean, covariate_mean_low) =
            num::two_sum(self.covariate_mean, covariate_gap * weight + self.covariate_mean_low);
        *self = Self {
            count,
            mean,
            mean_low,
            covariate_mean,
            covariate_mean_low,
            m2: self.m2 + other.m2 + gap * gap * apart,
            covariate_m2: self.covariate_m2
                + other.covariate_m2
                + covariate_gap * covariate_gap * apart,
            co_moment: self.co_moment + other.co_moment + gap * covariate_gap * apart,
        };
    }
}

impl CovariateSummary {
    /// Adds a unit's value, and its covariate if there is one.
    ///
    /// # Errors
    /// * [`ErrorKind::NotFinite`]: a number is NaN or infinite.
    /// * [`ErrorKind::OutOfRange`]: a number is beyond ±10¹⁰⁰.
    ///
    /// After an error the summary is as it was before.
    pub fn push(&mut self, value: f64, covariate: Option<f64>) -> Result<(), Error> {
        let value = within_range(value)?;
        let one = match covariate {
            Some(covariate) => Self {
                known: CoMoments {
                    count: 1,
                    mean: value,
                    covariate_mean: within_range(covariate)?,
                    ..CoMoments::default()
                },
                ..Self::default()
            },
            None => Self { unknown_count: 1, unknown_mean: value, ..Self::default() },
        };
        self.merge(&one);
        Ok(())
    }

    /// Adds all that `other` has seen, as if its units had been pushed here, up to rounding.
    pub fn merge(&mut self, other: &Self) {
        self.known.merge(&other.known);
        let mut both = self.unknown();
        both.merge(&other.unknown());
        self.unknown_count = both.count;
        self.unknown_mean = both.mean;
        self.unknown_mean_low = both.mean_low;
        self.unknown_m2 = both.m2;
    }

    /// Those without a covariate.
    fn unknown(&self) -> CoMoments {
        CoMoments {
            count: self.unknown_count,
            mean: self.unknown_mean,
            mean_low: self.unknown_mean_low,
            m2: self.unknown_m2,
            ..CoMoments::default()
        }
    }

    /// Units in all.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.known.count.saturating_add(self.unknown_count)
    }

    /// The values alone, as if there were no covariate.
    #[must_use]
    pub fn unadjusted(&self) -> SampleSummary {
        let all = self.adjusted(0.0, &self.known);
        summary(&all, all.mean)
    }

    /// Of the values less `theta` times the covariate's distance from its mean in `both` samples, where it
    /// is known.
    fn adjusted(&self, theta: f64, both: &CoMoments) -> CoMoments {
        let known = &self.known;
        let m2 = known.m2 - theta * (2.0 * known.co_moment - theta * known.covariate_m2);
        let apart = (known.covariate_mean - both.covariate_mean)
            + (known.covariate_mean_low - both.covariate_mean_low);
        let (mean, mean_low) = num::two_sum(known.mean, known.mean_low - theta * apart);
        let mut all = CoMoments {
            count: known.count,
            mean,
            mean_low,
            m2: m2.max(0.0),
            ..CoMoments::default()
        };
        all.merge(&self.unknown());
        all
    }
}

/// Of values whose mean is moved to `mean`.
fn summary(of: &CoMoments, mean: f64) -> SampleSummary {
    let freedom = of.count.saturating_sub(1).max(1) as f64;
    SampleSummary { count: of.count, mean, variance: of.m2 / freedom }
}

/// θ, and the values of both samples without what the covariate foretells.
fn adjust([reference, current]: [&CovariateSummary; 2]) -> (f64, [CoMoments; 2]) {
    let mut both = reference.known;
    both.merge(&current.known);
    let theta = if both.covariate_m2 > 0.0 { both.co_moment / both.covariate_m2 } else { 0.0 };
    (theta, [reference, current].map(|side| side.adjusted(theta, &both)))
}

fn within_range(value: f64) -> Result<f64, Error> {
    if !value.is_finite() {
        return Err(Error::new(ErrorKind::NotFinite, "a value or its covariate"));
    }
    if value.abs() > MAX_MAGNITUDE {
        return Err(Error::new(ErrorKind::OutOfRange, "a value, which must be within ±1e100,"));
    }
    Ok(value)
}

/// Two samples with the part taken out that was foreseeable.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CovariateAdjusted {
    /// `θ`, the value's change that goes with one unit more of the covariate.
    pub theta: f64,
    /// The adjusted values of the reference.
    pub reference: SampleSummary,
    /// The adjusted values of the current sample.
    pub current: SampleSummary,
    /// How much of the squared error of the difference the adjustment removed, at most 1. An
    /// experiment needs that much fewer units.
    pub variance_reduction_ratio: f64,
}

/// Takes out of two samples what a covariate from before the experiment foretells (CUPED).
///
/// Of each value `y` with covariate `x` it leaves `y − θ (x − x̄)`, with `θ = cov(x, y) / var(x)` and
/// `x̄` over both samples together. Since the experiment cannot have moved what was before it, the
/// difference keeps its expectation, and where `x` and `y` correlate by `ρ` loses `ρ²` of its
/// variance. A unit without a covariate keeps its value, as if it had had the mean one.
///
/// # Arguments
/// * `reference`, `current`: the units of each variant. The covariate must be from before a unit was
///   assigned, such as the same metric over the two weeks before.
///
/// # Returns
/// Summaries for [`two_means`], [`super::confidence_sequence`], [`super::guardrail`] or
/// [`super::bayes_means`]. Without two covariates that differ `θ` is 0, and they are the plain ones.
///
/// # Errors
/// * [`ErrorKind::EmptySample`]: a sample has no unit.
/// * [`ErrorKind::NotFinite`]: a field of a summary, or a moment of both, is NaN or infinite.
///
/// # Numerics
/// O(1), no allocation. The adjusted variance is a difference: of its relative digits it loses
/// those of `1/(1 − ρ²)`.
///
/// # Examples
/// ```
/// use tidegate_stats::experiment::{CovariateSummary, covariate_adjusted};
/// let [mut reference, mut current] = [CovariateSummary::default(); 2];
/// for before in [1.0, 2.0, 3.0] {
///     reference.push(2.0 * before, Some(before))?;
///     current.push(2.0 * before + 1.0, Some(before))?;
/// }
/// let adjusted = covariate_adjusted(&reference, &current)?;
/// // The value is twice what it was, and all of the spread was known before.
/// assert_eq!((adjusted.theta, adjusted.reference.variance), (2.0, 0.0));
/// assert_eq!(adjusted.current.mean - adjusted.reference.mean, 1.0);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Deng, Xu, Kohavi, Walker (2013), <https://doi.org/10.1145/2433396.2433413>. Oracles: numpy on the
/// units themselves; GrowthBook's `gbstats` (`RegressionAdjustedStatistic`), which has the same `θ`
/// and takes no `x̄` out of the means, so that they differ by one number in both samples; what it
/// does not know it takes for a covariate of 0.
pub fn covariate_adjusted(
    reference: &CovariateSummary,
    current: &CovariateSummary,
) -> Result<CovariateAdjusted, Error> {
    if reference.count() == 0 || current.count() == 0 {
        return Err(Error::new(ErrorKind::EmptySample, "a summary with a covariate"));
    }
    let (theta, adjusted) = adjust([reference, current]);
    let adjusted = adjusted.map(|side| summary(&side, side.mean));
    let is_finite = |side: &SampleSummary| side.mean.is_finite() && side.variance.is_finite();
    if !(theta.is_finite() && adjusted.iter().all(is_finite)) {
        return Err(Error::new(ErrorKind::NotFinite, "a summary with a covariate"));
    }
    let squared_error = |[a, b]: [SampleSummary; 2]| a.squared_error() + b.squared_error();
    let before = squared_error([reference, current].map(CovariateSummary::unadjusted));
    let after = squared_error(adjusted);
    let variance_reduction_ratio = if before > 0.0 { 1.0 - after / before } else { 0.0 };
    if !variance_reduction_ratio.is_finite() {
        return Err(Error::new(ErrorKind::NotFinite, "a summary with a covariate"));
    }
    let [reference, current] = adjusted;
    Ok(CovariateAdjusted { theta, reference, current, variance_reduction_ratio })
}

/// Compares two means after [`covariate_adjusted`], by Welch's t-test.
///
/// # Arguments
/// * `reference`, `current`: of at least two units each.
/// * `alpha`: one minus the confidence of the intervals, in `(0, 1)`.
///
/// # Returns
/// As [`two_means`] of the adjusted samples, but for the lift: that is the adjusted difference over
/// the *unadjusted* mean of the reference, as GrowthBook has it.
///
/// # Errors
/// As [`covariate_adjusted`] and [`two_means`]. Two samples that the covariate foretells to the last
/// digit are constant ones.
///
/// # Numerics
/// As those two. One degree of freedom, that of `θ`, is not accounted for.
///
/// # Examples
/// ```
/// use tidegate_stats::experiment::{CovariateSummary, cuped};
/// let [mut reference, mut current] = [CovariateSummary::default(); 2];
/// for (before, noise) in [(1.0, 0.5), (2.0, -0.5), (3.0, -0.5), (4.0, 0.5)] {
///     reference.push(10.0 * before + noise, Some(before))?;
///     current.push(10.0 * before + noise + 2.0, Some(before))?;
/// }
/// let result = cuped(&reference, &current, 0.05)?;
/// // By hand: the noise is orthogonal, of variance 1/3 in four values, so t = 2 / √(1/6).
/// assert!((result.statistic - 4.898979485566356).abs() < 1e-12);
/// assert!((result.difference.value - 2.0).abs() < 1e-12);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// As [`covariate_adjusted`]. Oracles: `scipy.stats.ttest_ind(equal_var=False)` on adjusted units;
/// `gbstats.frequentist.tests.TwoSidedTTest` of two `RegressionAdjustedStatistic`.
pub fn cuped(
    reference: &CovariateSummary,
    current: &CovariateSummary,
    alpha: f64,
) -> Result<Comparison, Error> {
    covariate_adjusted(reference, current)?;
    let (_, [one, other]) = adjust([reference, current]);
    // Moved to the reference's mean: at an offset of 10¹² a mean in one double is rounded by more than means differ.
    let moved =
        [summary(&one, one.mean_low), summary(&other, (other.mean - one.mean) + other.mean_low)];
    let comparison = two_means(&moved[0], &moved[1], alpha)?;
    let contrast = Contrast::try_new(&moved[0], &moved[1])?;
    // Half of the interval's width, in standard errors.
    let width = comparison.difference.interval.upper - comparison.difference.value;
    let errors = width / contrast.standard_error;
    let plain = [reference, current].map(CovariateSummary::unadjusted);
    Ok(Comparison { lift: lift(&contrast, &plain, errors), ..comparison })
}

/// The adjusted difference over the plain mean of the reference, by the delta method.
fn lift(contrast: &Contrast, plain: &[SampleSummary; 2], errors: f64) -> Option<Estimate> {
    let [reference, current] = plain;
    let ratio = current.mean / reference.mean;
    let squared =
        contrast.current.squared_error() + ratio * ratio * contrast.reference.squared_error();
    let half_width = errors * num::sqrt(squared) / reference.mean.abs();
    let value = contrast.difference / reference.mean;
    let known = half_width > 0.0 && half_width.is_finite() && value.is_finite();
    known.then(|| Estimate::within(value, half_width))
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    fn summary(pairs: &[(f64, Option<f64>)]) -> CovariateSummary {
        let mut summary = CovariateSummary::default();
        for &(value, covariate) in pairs {
            summary.push(value, covariate).unwrap();
        }
        summary
    }

    #[test]
    fn an_offset_costs_no_digits() {
        let side = |lift: f64, moved: f64| {
            let pairs = (0..40).map(|i| (f64::from(i % 7) * 0.5 + f64::from(i % 3) + lift, i % 7));
            let pairs: Vec<(f64, Option<f64>)> =
                pairs.map(|(value, x)| (value + moved, Some(f64::from(x) + moved))).collect();
            summary(&pairs)
        };
        let near = cuped(&side(0.0, 0.0), &side(0.25, 0.0), 0.05).unwrap();
        let far = cuped(&side(0.0, 1e12), &side(0.25, 1e12), 0.05).unwrap();
        assert!((far.statistic / near.statistic - 1.0).abs() < 1e-12, "{far:?} {near:?}");
        assert!((far.difference.value - 0.25).abs() < 1e-12);
    }

    #[test]
    fn without_covariates_it_is_welchs_test() {
        let a = summary(&[(1.0, None), (2.0, None), (4.0, None)]);
        let b = summary(&[(2.0, None), (3.5, None), (4.0, None), (7.0, None)]);
        let plain = two_means(&a.unadjusted(), &b.unadjusted(), 0.05).unwrap();
        let found = cuped(&a, &b, 0.05).unwrap();
        // Its difference is one of means that are not yet rounded.
        assert!((found.statistic / plain.statistic - 1.0).abs() < 1e-15);
        assert_eq!((found.df, found.p_value > 0.2), (plain.df, true));
        let adjusted = covariate_adjusted(&a, &b).unwrap();
        assert_eq!((adjusted.theta, adjusted.variance_reduction_ratio), (0.0, 0.0));
    }

    #[test]
    fn a_constant_covariate_tells_nothing() {
        let a = summary(&[(1.0, Some(5.0)), (2.0, Some(5.0)), (4.0, None)]);
        assert_eq!(covariate_adjusted(&a, &a).unwrap().theta, 0.0);
    }

    #[test]
    fn an_unknown_covariate_is_as_good_as_the_mean_one() {
        let known = [(1.0, Some(0.0)), (2.5, Some(1.0)), (2.0, Some(2.0)), (5.0, Some(3.0))];
        let b = summary(&[(2.0, Some(1.0)), (4.0, Some(2.0))]);
        // The mean of all covariates is 1.5.
        let [with, without] = [Some(1.5), None].map(|covariate| {
            let mut side = summary(&known);
            side.push(9.0, covariate).unwrap();
            covariate_adjusted(&side, &b).unwrap()
        });
        // The first has a θ of its own only through the value at the mean, which adds nothing.
        assert!((with.theta - without.theta).abs() < 1e-15);
        assert!((with.reference.mean - without.reference.mean).abs() < 1e-15);
        assert!((with.reference.variance - without.reference.variance).abs() < 1e-14);
    }

    #[test]
    fn what_is_no_number_is_refused_and_changes_nothing() {
        let mut side = summary(&[(1.0, Some(2.0))]);
        let before = side;
        for (value, covariate) in
            [(f64::NAN, None), (1.0, Some(f64::NAN)), (f64::INFINITY, Some(1.0)), (1e101, None)]
        {
            assert!(side.push(value, covariate).is_err());
            assert_eq!(side, before);
        }
        let error = covariate_adjusted(&side, &CovariateSummary::default()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::EmptySample);
        let broken = CovariateSummary { unknown_count: 2, unknown_mean: f64::NAN, ..side };
        assert_eq!(covariate_adjusted(&side, &broken).unwrap_err().kind(), ErrorKind::NotFinite);
    }

    #[test]
    fn a_perfect_forecast_leaves_constant_samples() {
        let a = summary(&[(1.0, Some(1.0)), (2.0, Some(2.0))]);
        assert_eq!(cuped(&a, &a, 0.05).unwrap_err().kind(), ErrorKind::OutOfRange);
    }

    #[test]
    fn the_largest_values_stay_finite() {
        let a = summary(&[(1e100, Some(-1e100)), (-1e100, Some(1e100)), (0.0, Some(1e100))]);
        let adjusted = covariate_adjusted(&a, &a).unwrap();
        assert!(adjusted.reference.variance.is_finite() && adjusted.theta.is_finite());
    }
}
