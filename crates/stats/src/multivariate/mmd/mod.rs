//! Maximum mean discrepancy (MMD): how far apart the means of two samples lie in the space of a
//! kernel.
//!
//! With `k(x, y) = exp(−γ |x − y|²)`:  `MMD² = E k(X, X′) + E k(Y, Y′) − 2 E k(X, Y)`. It is 0 only if
//! both distributions are one, so it sees any difference of the rows, given enough of them: a changed
//! correlation too, which no column shows.
//!
//! [`two_sample`] computes the kernel matrix tile by tile and keeps none of it: memory grows with the
//! rows, time with their square. Past [`EXACT_ROWS`] rows of both samples it takes random Fourier
//! features instead, whose time grows with the rows, unless [`Form`] says otherwise.
//!
//! A cut such as `MMD² > 0.01` means another thing for each number of rows and columns; here the
//! verdict needs a p-value by permutation and an effect on a scale from 0 to 1.

use alloc::vec::Vec;

use super::rows::check_pair;
use super::scaling::{self, Scaling};
use super::together::{Measured, significant_splits};
use super::{Multivariate, MultivariateMethod, Rows, Scale};
use crate::{Decision, Error, ErrorKind, Interval, num, special};

mod bandwidth;
mod column;
mod features;
mod tiles;

pub use column::of_column;
use features::Features;
use tiles::{PairSums, Summed, Tiles};

/// How the kernel's `γ` is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Bandwidth {
    /// `1/(2σ²)`, with `σ` the median distance between the pooled rows (of up to 2048 of them, chosen
    /// at random if there are more): it follows the data.
    #[default]
    Median,
    /// One over the number of columns: `rbf_kernel`'s default in scikit-learn.
    OneOverColumns,
    /// This `γ`, finite and `> 0`.
    Gamma(f64),
}

/// Which estimate of `MMD²` is the statistic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Estimate {
    /// The U-statistic: right on average, so it may be below 0.
    #[default]
    Unbiased,
    /// The V-statistic, which takes each row with itself for a pair: `≥ 0`, and about
    /// `(1 − E k)(1/n + 1/m)` too large.
    Biased,
}

/// Rows of both samples together up to which [`Form::Auto`] is exact.
pub const EXACT_ROWS: usize = 10_000;

/// How the kernel is summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    /// Exact up to [`EXACT_ROWS`] rows of both samples together, then by random features.
    #[default]
    Auto,
    /// Over all pairs of rows.
    Exact,
    /// By 128 random Fourier features: `k(x, y) ≈ Σ cos ωᵢ(x − y) / 128`, with `ω` normal. The test is one
    /// of the distributions still, at its level, only by another, coarser kernel; the statistic is that
    /// of the exact form up to the accuracy of the kernel, about `1/√128` of a pair's.
    RandomFeatures,
}

/// How to compute the discrepancy, and how sure to be of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MmdOptions {
    /// The kernel's width. Default [`Bandwidth::Median`].
    pub bandwidth: Bandwidth,
    /// The statistic. Default [`Estimate::Unbiased`].
    pub estimate: Estimate,
    /// Whether columns are standardised first. Default [`Scale::Together`]: else the column with the
    /// largest unit decides alone.
    pub scale: Scale,
    /// How the kernel is summed. Default [`Form::Auto`].
    pub form: Form,
    /// Random splits that the statistic is compared with, in `1..=10_000`. Default 199. The smallest
    /// p-value is `1/(permutations + 1)`.
    pub permutations: u32,
    /// What all that is random follows from. Default 0.
    pub seed: u64,
}

impl Default for MmdOptions {
    fn default() -> Self {
        Self {
            bandwidth: Bandwidth::default(),
            estimate: Estimate::default(),
            scale: Scale::default(),
            form: Form::default(),
            permutations: 199,
            seed: 0,
        }
    }
}

/// Sums of the kernel over all ordered pairs, a row with itself among them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KernelSums {
    /// Over pairs of the reference, `Σᵢⱼ k(xᵢ, xⱼ)`.
    pub reference: f64,
    /// Over pairs of the current sample, `Σᵢⱼ k(yᵢ, yⱼ)`.
    pub current: f64,
    /// Over pairs of both, `Σᵢⱼ k(xᵢ, yⱼ)`.
    pub cross: f64,
}

/// The result of [`two_sample`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mmd {
    /// Statistic, p-value, effect and verdict.
    pub test: Multivariate,
    /// The kernel's `γ`, for columns as they were compared: standardised, unless [`Scale::AsGiven`].
    pub gamma: f64,
    /// The sums that the statistic was made of.
    pub sums: KernelSums,
}

/// Compares two samples of rows by the maximum mean discrepancy with a Gaussian kernel.
///
/// Unbiased, of `n` and `m` rows:
/// `Σᵢ≠ⱼ k(xᵢ, xⱼ)/n(n−1) + Σᵢ≠ⱼ k(yᵢ, yⱼ)/m(m−1) − 2 Σᵢⱼ k(xᵢ, yⱼ)/nm`; biased, with all pairs, over
/// `n²` and `m²`.
///
/// # Arguments
/// * `reference`, `current`: rows of the same columns, at least two each.
/// * `options`: kernel, estimate, scale, permutations.
/// * `decision`: alpha and the effect that matters.
///
/// # Returns
/// * `statistic`: the estimate of `MMD²`, at most 2.
/// * `p_value`: `(1 + s)/(1 + permutations)`, where `s` of the random splits of all rows into samples
///   of these sizes had a statistic at least as large, up to rounding. Never 0.
/// * `effect`: the correlation ratio in the space of the kernel, `√(D/(D + 4V))`, in `[0, 1]`, with
///   `D` the unbiased estimate, 0 if it is below 0, and `V` the mean of the two samples' variances
///   `1 − Σᵢ≠ⱼ k/n(n−1)`. So it is the share, as a root, of all variance that lies between the samples
///   if they are of one size. For a wide kernel and one column it is `d/√(d² + 4)` of Cohen's d.
/// * `interval`: for the effect with confidence `1 − alpha`, from the normal law of `MMD²`, its
///   variance being that of the witness function plus that of the random splits; `V` is taken as known.
/// * `detectable_effect`: that of the largest `MMD²` that chance gives with probability `alpha`, by the
///   random splits.
///
/// # Errors
/// * [`ErrorKind::EmptySample`]: a sample has no row.
/// * [`ErrorKind::ShapeMismatch`]: a sample has one row, or the columns differ in number.
/// * [`ErrorKind::OutOfRange`]: `γ` is not finite and positive; there are no permutations, too many, or
///   fewer than `1/alpha − 1`, which could never be significant; `decision.alpha` is no probability.
///
/// # Numerics
/// Exact: O((n+m)² (columns + permutations/32)), memory O((n+m)(columns + permutations/4)). Squared distances are
/// sums of squared differences, so an offset common to all rows costs no digits. Sums run in the
/// order of tiles of 8 by 64 rows, the same on every host. By random features: O((n+m) · 128 · columns), and
/// rows are split in random blocks of equal size, of which the smaller sample has about a thousand; a
/// row of a thousand may be left over and is not used. A split's statistic counts as large as the
/// own if it is within `10⁻¹²` of the kernel means of it.
///
/// # Examples
/// ```
/// use tidegate_stats::multivariate::{Rows, Scale, mmd};
/// use tidegate_stats::multivariate::mmd::{Bandwidth, Estimate, MmdOptions};
/// use tidegate_stats::Decision;
/// let reference = Rows::try_new(&[0.0, 0.0, 1.0, 0.0], 2)?;
/// let current = Rows::try_new(&[0.0, 1.0, 1.0, 1.0], 2)?;
/// let options = MmdOptions {
///     bandwidth: Bandwidth::Gamma(1.0),
///     estimate: Estimate::Biased,
///     scale: Scale::AsGiven,
///     ..MmdOptions::default()
/// };
/// let found = mmd::two_sample(&reference, &current, &options, &Decision::default())?;
/// // Two of each four pairs are at distance 0, or 1 across; the others 1, or √2.
/// let e = (-1.0_f64).exp();
/// assert!((found.test.statistic - (1.0 + e - (e + e * e))).abs() < 1e-15);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Gretton, Borgwardt, Rasch, Schölkopf, Smola (2012), <https://jmlr.org/papers/v13/gretton12a.html>,
/// equations 3 and 5; Phipson & Smyth (2010), <https://doi.org/10.2202/1544-6115.1585>, for the +1.
/// Oracle: the sums of `sklearn.metrics.pairwise.rbf_kernel`.
pub fn two_sample(
    reference: &Rows,
    current: &Rows,
    options: &MmdOptions,
    decision: &Decision,
) -> Result<Mmd, Error> {
    check_pair(reference, current, 2)?;
    let significant = significant_splits(options.permutations, decision)?;
    let prepared = Prepared::try_new(reference, current, options)?;
    let is_exact = match options.form {
        Form::Auto => reference.len() + current.len() <= EXACT_ROWS,
        Form::Exact => true,
        Form::RandomFeatures => false,
    };
    let evidence = if is_exact {
        prepared.sum(options.permutations as usize, options.seed).into()
    } else {
        prepared.features(FEATURES).evidence(options.permutations as usize, options.seed)
    };
    let found = evidence.conclude(options.estimate, significant, decision)?;
    let test = decision.conclude_rows(Measured {
        method: MultivariateMethod::Mmd,
        statistic: found.statistic,
        p_value: found.p_value,
        effect: found.effect,
        interval: Some(found.interval),
        detectable_effect: found.detectable_effect,
        counts: [reference.len(), current.len()],
    });
    Ok(Mmd { test, gamma: prepared.gamma, sums: evidence.observed })
}

/// Frequencies of [`Form::RandomFeatures`] for rows.
const FEATURES: usize = 128;

/// The kernel sums of two samples of rows, without a test.
///
/// # Arguments
/// * `reference`, `current`: rows of the same columns, as they are to be compared, at least one each.
/// * `gamma`: of the kernel `exp(−γ |x − y|²)`, finite and `> 0`.
///
/// # Returns
/// The three sums; [`KernelSums::biased`] and [`KernelSums::unbiased`] make `MMD²` of them.
///
/// # Errors
/// * [`ErrorKind::EmptySample`]: a sample has no row.
/// * [`ErrorKind::ShapeMismatch`]: the columns differ in number.
/// * [`ErrorKind::OutOfRange`]: `gamma` is not finite and positive.
///
/// # Numerics
/// As [`two_sample`], without permutations.
///
/// # Examples
/// ```
/// use tidegate_stats::multivariate::{Rows, mmd::kernel_sums};
/// let sample = Rows::try_new(&[0.0, 1.0], 1)?;
/// let sums = kernel_sums(&sample, &sample, 1.0)?;
/// assert!((sums.cross - (2.0 + 2.0 * (-1.0_f64).exp())).abs() < 1e-15);
/// assert_eq!(sums.biased([2.0, 2.0]), 0.0);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// As for [`two_sample`]. Oracle: `sklearn.metrics.pairwise.rbf_kernel(x, y, gamma).sum()`.
pub fn kernel_sums(reference: &Rows, current: &Rows, gamma: f64) -> Result<KernelSums, Error> {
    check_pair(reference, current, 1)?;
    let options = MmdOptions {
        bandwidth: Bandwidth::Gamma(gamma),
        scale: Scale::AsGiven,
        ..MmdOptions::default()
    };
    let prepared = Prepared::try_new(reference, current, &options)?;
    Ok(Evidence::from(prepared.sum(0, 0)).observed)
}

impl KernelSums {
    fn of_pairs(pairs: &PairSums, sizes: [f64; 2]) -> Self {
        // A row with itself has the kernel 1.
        Self {
            reference: 2.0 * pairs.within[0] + sizes[0],
            current: 2.0 * pairs.within[1] + sizes[1],
            cross: pairs.across,
        }
    }

    /// The V-statistic of samples of these sizes.
    #[must_use]
    pub fn biased(&self, [n, m]: [f64; 2]) -> f64 {
        self.reference / (n * n) + self.current / (m * m) - 2.0 * (self.cross / (n * m))
    }

    /// The U-statistic of samples of these sizes, each above 1.
    #[must_use]
    pub fn unbiased(&self, [n, m]: [f64; 2]) -> f64 {
        let [own, other] = self.means([n, m]);
        own + other - 2.0 * (self.cross / (n * m))
    }

    /// Mean kernels over the pairs of different rows of each sample.
    fn means(&self, [n, m]: [f64; 2]) -> [f64; 2] {
        [(self.reference - n) / (n * (n - 1.0)), (self.current - m) / (m * (m - 1.0))]
    }

    /// What a statistic's rounding errors are relative to.
    fn scale(&self, [n, m]: [f64; 2]) -> f64 {
        let [own, other] = self.means([n, m]);
        own + other + 2.0 * (self.cross / (n * m))
    }

    /// The mean of the two samples' variances in the space of the kernel.
    fn variance_within(&self, sizes: [f64; 2]) -> f64 {
        let [own, other] = self.means(sizes);
        (1.0 - 0.5 * (own + other)).max(0.0)
    }
}

/// The kernel sums of the samples, and of random splits of all rows into two of their sizes.
struct Evidence {
    observed: KernelSums,
    permuted: Vec<KernelSums>,
    sizes: [f64; 2],
    /// The first-order variance of the U-statistic.
    variance: f64,
}

/// What the evidence says.
struct Found {
    statistic: f64,
    p_value: f64,
    effect: f64,
    interval: Interval,
    detectable_effect: f64,
}

impl From<Summed> for Evidence {
    fn from(summed: Summed) -> Self {
        let sizes = [0, 1].map(|side: usize| summed.rows[side].len() as f64);
        let sums = |pairs: &PairSums| KernelSums::of_pairs(pairs, sizes);
        Self {
            observed: sums(&summed.observed),
            permuted: summed.permuted.iter().map(sums).collect(),
            sizes,
            variance: witness_variance(&summed, sizes),
        }
    }
}

impl Evidence {
    fn conclude(
        &self,
        estimate: Estimate,
        significant: usize,
        decision: &Decision,
    ) -> Result<Found, Error> {
        let (sums, sizes) = (&self.observed, self.sizes);
        let statistic_of = |sums: &KernelSums| match estimate {
            Estimate::Unbiased => sums.unbiased(sizes),
            Estimate::Biased => sums.biased(sizes),
        };
        let statistic = statistic_of(sums);
        let slack = 1e-12 * sums.scale(sizes);
        let as_large =
            self.permuted.iter().filter(|split| statistic_of(split) >= statistic - slack);
        let p_value = (1 + as_large.count()) as f64 / (1 + self.permuted.len()) as f64;

        let mut by_chance: Vec<f64> =
            self.permuted.iter().map(|split| split.unbiased(sizes)).collect();
        by_chance.sort_unstable_by(f64::total_cmp);
        by_chance.reverse();
        let just_significant = by_chance.get(significant - 1).copied().unwrap_or(0.0);
        let variance = self.variance + mean_square(&by_chance);
        let reach = num::sqrt(variance * special::chi_square_point(decision.alpha, 1.0)?);
        let discrepancy = sums.unbiased(sizes);
        let within = sums.variance_within(sizes);
        Ok(Found {
            statistic,
            p_value,
            effect: correlation_ratio(discrepancy, within),
            interval: Interval {
                lower: correlation_ratio(discrepancy - reach, within),
                upper: correlation_ratio(discrepancy + reach, within),
            },
            detectable_effect: correlation_ratio(just_significant, within),
        })
    }
}

/// `√(D/(D + 4V))`, 0 where `D` is not positive.
fn correlation_ratio(discrepancy: f64, within: f64) -> f64 {
    if discrepancy > 0.0 { num::sqrt(discrepancy / (discrepancy + 4.0 * within)) } else { 0.0 }
}

/// The first-order variance of the U-statistic: `4 (Var f(X)/n + Var f(Y)/m)`, with `f` the difference
/// of a row's mean kernels with either sample.
fn witness_variance(summed: &Summed, [n, m]: [f64; 2]) -> f64 {
    let witness = [
        summed.rows[0].iter().map(|[x, y]| x / (n - 1.0) - y / m).collect::<Vec<f64>>(),
        summed.rows[1].iter().map(|[x, y]| x / n - y / (m - 1.0)).collect(),
    ];
    let [own, other] = witness.map(|values| {
        let count = values.len() as f64;
        let mean = values.iter().copied().collect::<num::Sum>().value() / count;
        let squares: num::Sum =
            values.iter().map(|value| (value - mean) * (value - mean)).collect();
        squares.value() / (count - 1.0) / count
    });
    4.0 * (own + other)
}

fn mean_square(values: &[f64]) -> f64 {
    let squares: num::Sum = values.iter().map(|value| value * value).collect();
    squares.value() / values.len() as f64
}

/// Scaled rows and the kernel for them.
struct Prepared {
    columns: usize,
    reference: Vec<f64>,
    current: Vec<f64>,
    /// For the rows that were asked to be compared.
    gamma: f64,
    /// For the rows as they are here.
    scaled_gamma: f64,
}

impl Prepared {
    fn try_new(reference: &Rows, current: &Rows, options: &MmdOptions) -> Result<Self, Error> {
        let columns = reference.columns();
        let (scaling, unit) = match options.scale {
            Scale::Together => (Scaling::together(reference, current), 1.0),
            Scale::ByReference => (Scaling::by_reference(reference, current), 1.0),
            Scale::AsGiven => {
                let unit = scaling::unit(reference, current);
                (Scaling::by_unit(columns, unit), unit)
            }
        };
        let (reference, current) = (scaling.apply(reference), scaling.apply(current));
        let of_gamma = |gamma: f64| (gamma, positive(gamma * unit * unit));
        let (gamma, scaled_gamma) = match options.bandwidth {
            Bandwidth::Gamma(gamma) if gamma > 0.0 && gamma.is_finite() => of_gamma(gamma),
            Bandwidth::Gamma(_) => {
                return Err(Error::new(ErrorKind::OutOfRange, "the gamma of the kernel"));
            }
            Bandwidth::OneOverColumns => of_gamma(1.0 / columns as f64),
            Bandwidth::Median => {
                let seed = options.seed ^ MEDIAN_SEED;
                let sigma = bandwidth::median_distance(&reference, &current, columns, seed);
                // If all rows are equal, any kernel is 1.
                let scaled = if sigma > 0.0 { positive(0.5 / (sigma * sigma)) } else { 1.0 };
                (positive(scaled / unit / unit), scaled)
            }
        };
        Ok(Self { columns, reference, current, gamma, scaled_gamma })
    }

    fn features(&self, frequencies: usize) -> Features<'_> {
        Features {
            samples: [&self.reference, &self.current],
            columns: self.columns,
            gamma: self.scaled_gamma,
            frequencies,
        }
    }

    fn sum(&self, permutations: usize, seed: u64) -> Summed {
        Tiles::new(&self.reference, &self.current, self.columns).sum(
            self.scaled_gamma,
            permutations,
            seed,
        )
    }
}

/// Keeps the choice of rows for the median apart from the permutations.
const MEDIAN_SEED: u64 = 0x6d65_6469_616e_0000;

/// The nearest positive double.
const fn positive(value: f64) -> f64 {
    value.clamp(f64::MIN_POSITIVE, f64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Verdict;
    use crate::random::Random;

    fn compare(reference: &[f64], current: &[f64], columns: usize) -> Result<Mmd, Error> {
        let [reference, current] =
            [reference, current].map(|of| Rows::try_new(of, columns).unwrap());
        two_sample(&reference, &current, &MmdOptions::default(), &Decision::default())
    }

    /// Pairs of normal numbers with this correlation.
    fn correlated(count: usize, correlation: f64, random: &mut Random) -> Vec<f64> {
        let rest = num::sqrt(1.0 - correlation * correlation);
        let mut rows = Vec::new();
        for _ in 0..count {
            let (x, e) = (random.normal(), random.normal());
            rows.extend([x, correlation * x + rest * e]);
        }
        rows
    }

    #[test]
    fn a_changed_correlation_is_drift_though_no_column_shows_it() {
        let mut random = Random::new(1);
        let reference = correlated(300, 0.0, &mut random);
        let found = compare(&reference, &correlated(300, 0.9, &mut random), 2).unwrap().test;
        assert_eq!((found.p_value, found.verdict), (0.005, Verdict::Drift));
        let interval = found.interval.unwrap();
        assert!(interval.lower > 0.08 && interval.upper > found.effect, "{found:?}");
        let same = compare(&reference, &correlated(300, 0.0, &mut random), 2).unwrap().test;
        assert_eq!(same.verdict, Verdict::NoDrift, "{same:?}");
    }

    #[test]
    fn few_rows_can_say_nothing() {
        let found = compare(&[0.0, 1.0, 2.0], &[0.0, 1.5, 3.0], 1).unwrap().test;
        assert_eq!(found.verdict, Verdict::InsufficientData);
        assert!(found.p_value > 0.05 && found.detectable_effect > 0.2);
    }

    #[test]
    fn all_equal_rows_are_no_drift_and_two_constants_are_the_farthest_apart() {
        let same = compare(&[3.0; 40], &[3.0; 60], 1).unwrap();
        assert_eq!((same.test.statistic, same.test.effect, same.test.p_value), (0.0, 0.0, 1.0));
        let apart = compare(&[3.0; 40], &[4.0; 40], 1).unwrap();
        assert_eq!((apart.test.effect, apart.test.verdict), (1.0, Verdict::Drift));
    }

    #[test]
    fn the_scale_of_the_data_does_not_matter_up_to_the_ends_of_the_range() {
        let mut random = Random::new(2);
        let rows = |shift: f64, random: &mut Random| -> Vec<f64> {
            (0..60).map(|_| random.normal() + shift).collect()
        };
        let (reference, current) = (rows(0.0, &mut random), rows(0.7, &mut random));
        let plain = compare(&reference, &current, 1).unwrap().test;
        for scale in [num::pow(2.0, 1000.0), num::pow(2.0, -1000.0), -1.0] {
            let times = |values: &[f64]| values.iter().map(|v| v * scale).collect::<Vec<f64>>();
            let (reference, current) = (times(&reference), times(&current));
            let found = compare(&reference, &current, 1).unwrap().test;
            assert!((found.statistic / plain.statistic - 1.0).abs() < 1e-12, "{scale:e}");
            assert_eq!(found.p_value, plain.p_value);
            let [x, y] = [&reference, &current].map(|of| Rows::try_new(of, 1).unwrap());
            let options = MmdOptions { scale: Scale::AsGiven, ..MmdOptions::default() };
            let given = two_sample(&x, &y, &options, &Decision::default()).unwrap();
            assert!((given.test.statistic / plain.statistic - 1.0).abs() < 1e-12, "{scale:e}");
            assert!(given.gamma > 0.0 && given.gamma.is_finite());
        }
        let ends = compare(&[f64::MAX, -f64::MAX, 0.0], &[5e-324, 1e300, -1.0], 1).unwrap().test;
        assert!(ends.statistic.is_finite() && (0.0..=1.0).contains(&ends.effect));
    }

    #[test]
    fn an_offset_costs_no_digits() {
        let shift = |values: &[f64]| values.iter().map(|v| v + 1e12).collect::<Vec<f64>>();
        let (reference, current) = ([0.0, 1.0, 2.0, 5.0], [1.0, 3.0, 7.0, 4.0]);
        let plain = compare(&reference, &current, 1).unwrap().test;
        let far = compare(&shift(&reference), &shift(&current), 1).unwrap().test;
        assert!((far.statistic - plain.statistic).abs() < 1e-13);
    }

    #[test]
    fn refuses_what_cannot_be_compared() {
        let kind =
            |reference: &[f64], current: &[f64]| compare(reference, current, 1).unwrap_err().kind();
        assert_eq!(kind(&[], &[1.0, 2.0]), ErrorKind::EmptySample);
        assert_eq!(kind(&[1.0, 2.0], &[1.0]), ErrorKind::ShapeMismatch);
        let rows = Rows::try_new(&[1.0, 2.0], 1).unwrap();
        for gamma in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert_eq!(kernel_sums(&rows, &rows, gamma).unwrap_err().kind(), ErrorKind::OutOfRange);
        }
        for permutations in [0, 18, 10_001] {
            let options = MmdOptions { permutations, ..MmdOptions::default() };
            let error = two_sample(&rows, &rows, &options, &Decision::default()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::OutOfRange, "{permutations}");
        }
        let options = MmdOptions { permutations: 19, ..MmdOptions::default() };
        assert!(two_sample(&rows, &rows, &options, &Decision::default()).is_ok());
    }
}
