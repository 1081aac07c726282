//! Reconstruction error: how badly the main components of the reference describe a row.
//!
//! Columns are standardised by the reference; of its principal components as many are kept as explain
//! 65 % of the variance, and a row's error is its distance from the space that they span. When columns
//! no longer hang together as they did, rows leave that space, and the mean error rises; when they
//! vary less, it falls.
//!
//! It does not see rows that move within the space, such as a shift along the first component: use it
//! beside [`super::mmd`] or [`super::domain_classifier`].
//!
//! The usual alarm is three standard deviations of the errors of ten chunks of the reference, chunks
//! that the components were fitted to: it fires in some 8 % of chunks without drift. Cross-validation
//! would not do either: where two components are nearly equal, chance decides which is kept, for all
//! rows alike, and a test on cross-validated errors alarms in 10 % of runs at a level of 5 %. So the
//! test is made by components of one half of the reference, on rows that have no part in them: those of
//! the other half, and the current ones. These are alike if nothing changed, so random splits of both
//! together say what chance does, however few there are and however long the tails of their errors.

use alloc::vec;
use alloc::vec::Vec;

use super::scaling::Scaling;
use super::symmetric::{Eigenpair, eigenpairs};
use super::together::{Measured, significant_splits};
use super::{Multivariate, MultivariateMethod, Rows};
use crate::random::Random;
use crate::{Decision, Error, ErrorKind, Interval, Sorted, num, special, welch_t};

/// Errors up to this, on rows of size 1, are rounding.
const ROUNDING: f64 = 1e-12;

/// The most components, of which there are as many as columns, or as rows if there are fewer: more take too long.
const MAX_COMPONENTS: usize = 512;

/// Components of less variance than this share of the largest are rounding, where rows are fewer than columns.
const NO_VARIANCE: f64 = 1e-12;

/// How many components to keep.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReconstructionOptions {
    /// Share of the variance, in `(0, 1)`, that the kept components explain: the fewest that explain
    /// more than it. Default 0.65.
    pub variance: f64,
    /// What the division of the reference into halves, and the random splits, follow from. Default 0.
    pub seed: u64,
    /// Random splits that the difference is compared with, in `1..=10_000`. Default 199.
    pub permutations: u32,
}

impl Default for ReconstructionOptions {
    fn default() -> Self {
        Self { variance: 0.65, seed: 0, permutations: 199 }
    }
}

/// The components of a reference, and those of one half of it with the errors of the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Reconstruction {
    all: Components,
    half: Components,
    /// By the components of the one half, of the rows of the other.
    held_out: Sorted,
    count: usize,
    options: ReconstructionOptions,
}

/// The result of [`Reconstruction::score`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReconstructionScore {
    /// Statistic (the mean error of the current rows), p-value, effect and verdict.
    pub test: Multivariate,
    /// The mean error of one half of the reference, by components of the other half.
    pub reference_error: f64,
    /// The mean error of the current rows, by the same components.
    pub current_error: f64,
    /// Where that lies with probability `1 − alpha` if nothing changed.
    pub expected: Interval,
}

impl Reconstruction {
    /// Fits components to a reference.
    ///
    /// # Arguments
    /// * `reference`: at least four rows, of at least two columns; of more than 512 columns at most 512 rows.
    /// * `options`: the share of the variance.
    ///
    /// # Errors
    /// * [`ErrorKind::EmptySample`]: there is no row.
    /// * [`ErrorKind::ShapeMismatch`]: fewer than four rows.
    /// * [`ErrorKind::OutOfRange`]: too many columns and rows; the share is not between 0 and 1; or it takes all
    ///   components, as it always does of one column, so that no row would have an error.
    /// * [`ErrorKind::NotConverged`]: the decomposition reached its cap.
    ///
    /// # Numerics
    /// O(rows · columns² + columns³), or O(rows² · columns + rows³) if there are fewer rows than columns, whose inner
    /// products then say the same as the covariances of the columns. A column that is constant in the reference
    /// keeps its own unit.
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::multivariate::Rows;
    /// use tidegate_stats::multivariate::pca::{Reconstruction, ReconstructionOptions};
    /// // Of the points ±(1, 1) and ±(1, −1)/2 the first component lies along the diagonal.
    /// let reference = Rows::try_new(&[1.0, 1.0, -1.0, -1.0, 0.5, -0.5, -0.5, 0.5], 2)?;
    /// let fitted = Reconstruction::fit(&reference, &ReconstructionOptions::default())?;
    /// assert_eq!(fitted.components(), 1);
    /// assert!((fitted.explained_variance() - 0.8).abs() < 1e-15);
    /// // Both deviations are √(5/8); the last two rows are √½ off the diagonal.
    /// let errors = fitted.errors(&reference)?;
    /// assert!(errors[0] == 0.0 && (errors[2] - 0.8_f64.sqrt()).abs() < 1e-15);
    /// # Ok::<(), tidegate_stats::Error>(())
    /// ```
    ///
    /// # References
    /// As NannyML's `DataReconstructionDriftCalculator`: the same scaling,
    /// components and error. Oracle: scikit-learn's `StandardScaler` and `PCA(n_components=0.65)`.
    pub fn fit(reference: &Rows, options: &ReconstructionOptions) -> Result<Self, Error> {
        super::rows::check_pair(reference, reference, 4)?;
        let columns = reference.columns();
        if columns.min(reference.len()) > MAX_COMPONENTS {
            return Err(Error::new(ErrorKind::OutOfRange, "the number of columns"));
        }
        if !(options.variance > 0.0 && options.variance < 1.0) {
            return Err(Error::new(ErrorKind::OutOfRange, "the share of the variance"));
        }
        let all = Components::fit(reference, Keep::Share(options.variance))?;
        if all.kept == columns {
            let what = "the share of the variance, which takes all components,";
            return Err(Error::new(ErrorKind::OutOfRange, what));
        }
        let count = reference.len();
        let mut order: Vec<usize> = (0..count).collect();
        Random::new(options.seed).pick(&mut order, count);
        let (fitted, held_out) = order.split_at(count / 2);
        let gather = |of: &[usize]| -> Vec<f64> {
            of.iter().flat_map(|index| reference.row(*index)).copied().collect()
        };
        let half =
            Components::fit(&Rows::try_new(&gather(fitted), columns)?, Keep::Count(all.kept))?;
        let held_out = half.errors(&Rows::try_new(&gather(held_out), columns)?);
        Ok(Self { all, half, held_out: Sorted::try_new(held_out)?, count, options: *options })
    }

    /// Components that are kept.
    #[must_use]
    pub const fn components(&self) -> usize {
        self.all.kept
    }

    /// Share of the reference's variance that they explain, in `(0, 1]`.
    #[must_use]
    pub const fn explained_variance(&self) -> f64 {
        self.all.explained
    }

    /// The error of each row: its Euclidean distance from the kept components, in standard deviations
    /// of the reference's columns. 0 up to rounding.
    ///
    /// # Arguments
    /// * `rows`: of the reference's columns; there may be none.
    ///
    /// # Errors
    /// * [`ErrorKind::ShapeMismatch`]: the columns differ in number.
    ///
    /// # Numerics
    /// O(columns²) a row: the length along the components that were left out, so nothing cancels. Of fewer rows than
    /// columns O(columns · components): what is left of a row without its lengths along those that were kept.
    ///
    /// # Examples
    /// See [`Self::fit`].
    ///
    /// # References
    /// As for [`Self::fit`]. Oracle: the distance from scikit-learn's
    /// `PCA.inverse_transform(PCA.transform(x))`.
    pub fn errors(&self, rows: &Rows) -> Result<Vec<f64>, Error> {
        if rows.columns() != self.all.columns {
            return Err(Error::new(ErrorKind::ShapeMismatch, "a row of the current sample"));
        }
        Ok(self.all.errors(rows))
    }

    /// Compares the errors of current rows with those of the reference.
    ///
    /// # Arguments
    /// * `current`: rows of the reference's columns, at least two.
    /// * `decision`: alpha and the effect that matters.
    ///
    /// # Returns
    /// * `statistic`: the mean error of the current rows, by components of all of the reference.
    /// * `p_value`: of the current errors against those of one half of the reference, all by components of the
    ///   other half, `(1 + s)/(1 + permutations)`, where `s` of the random splits of them all had means at least as
    ///   far apart. If none had, that of Welch's test, two-sided, where it is smaller; in `[0, 1]`.
    /// * `effect`, `interval`, `detectable_effect`: the difference of these mean errors in pooled standard
    ///   deviations of the errors, as [`welch_t::two_sample`].
    ///
    /// # Errors
    /// * [`ErrorKind::EmptySample`], [`ErrorKind::ShapeMismatch`]: no row, one row, or other columns.
    /// * [`ErrorKind::OutOfRange`]: `decision.alpha` is no probability, or there are no permutations, too many, or fewer
    ///   than it needs.
    ///
    /// # Numerics
    /// O(columns²) a row, and O(permutations) for each row of the smaller side. Given the half that was fitted, all errors
    /// are independent and alike: so the level of the test hangs neither on how well the components are known nor on how
    /// many rows there are. Welch's alone alarms at 18 % of log-normal tables of ten rows against a hundred, and at 10 %
    /// of a thousand against four thousand, for the mean of few errors with a long tail is as a rule too low.
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::Decision;
    /// use tidegate_stats::multivariate::Rows;
    /// use tidegate_stats::multivariate::pca::{Reconstruction, ReconstructionOptions};
    /// let line: Vec<f64> = (0..100).flat_map(|i| [f64::from(i), f64::from(i + i % 3)]).collect();
    /// let cross: Vec<f64> = (0..100).flat_map(|i| [f64::from(i), f64::from(99 - i)]).collect();
    /// let reference = Rows::try_new(&line, 2)?;
    /// let fitted = Reconstruction::fit(&reference, &ReconstructionOptions::default())?;
    /// let found = fitted.score(&Rows::try_new(&cross, 2)?, &Decision::default())?;
    /// assert!(found.test.statistic > 1.0 && found.test.p_value < 1e-9);
    /// # Ok::<(), tidegate_stats::Error>(())
    /// ```
    ///
    /// # References
    /// Oracle for the statistic: NannyML's reconstruction error; for the test `scipy.stats.permutation_test` of the
    /// difference of means, and `scipy.stats.ttest_ind`. Never 0 but far out: Phipson & Smyth (2010),
    /// <https://doi.org/10.2202/1544-6115.1585>.
    pub fn score(&self, current: &Rows, decision: &Decision) -> Result<ReconstructionScore, Error> {
        let errors = self.errors(current)?;
        let current = Sorted::try_new(self.half.errors(current))?;
        if current.is_empty() {
            return Err(Error::new(ErrorKind::EmptySample, "the current sample"));
        }
        if current.len() < 2 {
            return Err(Error::new(ErrorKind::ShapeMismatch, "the current sample"));
        }
        significant_splits(self.options.permutations, decision)?;
        let welch = welch_t::two_sample(&self.held_out, &current, decision)?;
        let p_value = self.by_splits(current.values(), welch.p_value.unwrap_or(1.0));
        let reference_error = mean(self.held_out.values());
        let (n, m) = (self.held_out.len() as f64, current.len() as f64);
        let squares = self.held_out.values().iter().map(|error| error - reference_error);
        let squares: num::Sum = squares.map(|deviation| deviation * deviation).collect();
        let spread = num::sqrt(squares.value() / (n - 1.0) * (1.0 / n + 1.0 / m));
        let reach = special::student_t_point(decision.alpha / 2.0, n - 1.0)? * spread;
        let test = decision.conclude_rows(Measured {
            method: MultivariateMethod::PcaReconstruction,
            statistic: mean(&errors),
            p_value,
            effect: welch.effect,
            interval: welch.interval,
            detectable_effect: welch.detectable_effect,
            counts: [self.count, errors.len()],
        });
        Ok(ReconstructionScore {
            test,
            reference_error,
            current_error: mean(current.values()),
            expected: Interval {
                lower: (reference_error - reach).max(0.0),
                upper: reference_error + reach,
            },
        })
    }
}

impl Reconstruction {
    /// How many random splits of the errors have means as far apart, as a probability; where none has, `far_out` if
    /// that is smaller.
    fn by_splits(&self, current: &[f64], far_out: f64) -> f64 {
        let mut all = [self.held_out.values(), current].concat();
        let smaller = current.len().min(self.held_out.len());
        let share = smaller as f64 / all.len() as f64;
        // The means are as far apart as this sum is from its share of all.
        let sum = |values: &[f64]| values.iter().copied().collect::<num::Sum>().value();
        let total = sum(&all);
        let apart = |sum: f64| (sum - share * total).abs();
        let own = if smaller == current.len() { current } else { self.held_out.values() };
        let observed = apart(sum(own)) - ROUNDING * total;
        let mut random = Random::new(self.options.seed);
        let mut as_far = 0_u32;
        for _ in 0..self.options.permutations {
            random.pick(&mut all, smaller);
            let picked: f64 = all.iter().take(smaller).sum();
            as_far += u32::from(apart(picked) >= observed);
        }
        let p_value = f64::from(1 + as_far) / (1.0 + f64::from(self.options.permutations));
        if as_far == 0 { p_value.min(far_out) } else { p_value }
    }
}

fn mean(values: &[f64]) -> f64 {
    let count = values.len() as f64;
    values.iter().map(|value| value / count).collect::<num::Sum>().value()
}

/// How many components to keep: the fewest that explain more than a share of the variance, or so many.
#[derive(Clone, Copy)]
enum Keep {
    Share(f64),
    Count(usize),
}

/// Principal components of standardised columns.
#[derive(Debug, Clone, PartialEq)]
struct Components {
    scaling: Scaling,
    columns: usize,
    kept: usize,
    explained: f64,
    space: Space,
}

/// The space that a row's error is its distance from.
#[derive(Debug, Clone, PartialEq)]
enum Space {
    /// By the components that were left out: the error is a row's length along them.
    LeftOut(Vec<Eigenpair>),
    /// By those that were kept: the error is what is left of a row without them.
    Kept(Vec<Eigenpair>),
}

impl Components {
    fn fit(rows: &Rows, keep: Keep) -> Result<Self, Error> {
        let columns = rows.columns();
        let scaling = Scaling::by_reference(rows, rows);
        let scaled = scaling.apply(rows);
        let is_wide = rows.len() < columns;
        let mut pairs = if is_wide {
            of_products(&scaled, rows.len(), columns)?
        } else {
            eigenpairs(covariance(&scaled, columns), columns)?
        };
        let total: f64 = pairs.iter().map(|pair| pair.value.max(0.0)).sum();
        let mut explained = 0.0;
        let mut kept = 0;
        for pair in &pairs {
            let is_enough = match keep {
                Keep::Share(share) => explained > share * total,
                Keep::Count(count) => kept == count,
            };
            if is_enough {
                break;
            }
            explained += pair.value.max(0.0);
            kept += 1;
        }
        let explained = if total > 0.0 { (explained / total).min(1.0) } else { 1.0 };
        let others = pairs.split_off(kept);
        let space = if is_wide { Space::Kept(pairs) } else { Space::LeftOut(others) };
        Ok(Self { scaling, columns, kept, explained, space })
    }

    fn errors(&self, rows: &Rows) -> Vec<f64> {
        let mut scaled = self.scaling.apply(rows);
        let error = |row: &mut [f64]| {
            let own = length(row);
            let error = match &self.space {
                Space::LeftOut(others) => {
                    let square = |it: &Eigenpair| along(row, it) * along(row, it);
                    num::sqrt(others.iter().map(square).sum())
                }
                Space::Kept(kept) => {
                    for component in kept {
                        let along = along(row, component);
                        for (value, weight) in row.iter_mut().zip(&component.vector) {
                            *value -= along * weight;
                        }
                    }
                    length(row)
                }
            };
            // What may be rounding is 0.
            if error <= ROUNDING * (1.0 + own) { 0.0 } else { error }
        };
        scaled.chunks_exact_mut(self.columns).map(error).collect()
    }
}

fn length(row: &[f64]) -> f64 {
    num::sqrt(row.iter().map(|value| value * value).sum())
}

/// A row's length along a component.
fn along(row: &[f64], component: &Eigenpair) -> f64 {
    row.iter().zip(&component.vector).map(|(value, weight)| value * weight).sum()
}

/// The components of some variance of fewer rows than columns, whose means are near 0: with `Z` the rows less their
/// means and `u` an eigenvector of `Z Zᵀ / n` of eigenvalue `λ`, `Zᵀ u / √(n λ)`.
fn of_products(scaled: &[f64], count: usize, columns: usize) -> Result<Vec<Eigenpair>, Error> {
    let n = count as f64;
    let mut means = vec![0.0; columns];
    for row in scaled.chunks_exact(columns) {
        for (mean, value) in means.iter_mut().zip(row) {
            *mean += value / n;
        }
    }
    let row = |values: &[f64]| -> Vec<f64> {
        values.iter().zip(&means).map(|(value, mean)| value - mean).collect()
    };
    let rows: Vec<Vec<f64>> = scaled.chunks_exact(columns).map(row).collect();
    let mut products = vec![0.0; count * count];
    for (at, one) in rows.iter().enumerate() {
        for (other_at, other) in rows.iter().enumerate().take(at + 1) {
            let product: f64 = one.iter().zip(other).map(|(a, b)| a * b).sum();
            products[at * count + other_at] = product / n;
            products[other_at * count + at] = product / n;
        }
    }
    let mut pairs = eigenpairs(products, count)?;
    let least = pairs.first().map_or(0.0, |pair| NO_VARIANCE * pair.value);
    pairs.retain(|pair| pair.value > least);
    for pair in &mut pairs {
        let mut vector = vec![0.0; columns];
        for (row, weight) in rows.iter().zip(&pair.vector) {
            for (sum, value) in vector.iter_mut().zip(row) {
                *sum += weight * value;
            }
        }
        let length = length(&vector);
        vector.iter_mut().for_each(|value| *value /= length);
        pair.vector = vector;
    }
    Ok(pairs)
}

/// Population covariances of scaled rows, whose means are near 0.
fn covariance(rows: &[f64], columns: usize) -> Vec<f64> {
    let mut sums = vec![0.0; columns];
    let mut products = vec![0.0; columns * columns];
    for row in rows.chunks_exact(columns) {
        for (sum, value) in sums.iter_mut().zip(row) {
            *sum += value;
        }
        for (products, one) in products.chunks_exact_mut(columns).zip(row) {
            for (sum, other) in products.iter_mut().zip(row) {
                *sum += one * other;
            }
        }
    }
    let count = (rows.len() / columns) as f64;
    for (row, one) in products.chunks_exact_mut(columns).zip(&sums) {
        for (value, other) in row.iter_mut().zip(&sums) {
            *value = *value / count - one / count * (other / count);
        }
    }
    products
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Verdict;

    /// Rows of two columns that nearly are one, and a third of its own.
    fn rows(count: usize, noise: f64, seed: u64) -> Vec<f64> {
        let mut random = Random::new(seed);
        let mut rows = Vec::new();
        for _ in 0..count {
            let x = random.normal();
            rows.extend([x, x + noise * random.normal(), random.normal()]);
        }
        rows
    }

    fn fit(values: &[f64], columns: usize) -> Result<Reconstruction, Error> {
        Reconstruction::fit(
            &Rows::try_new(values, columns).unwrap(),
            &ReconstructionOptions::default(),
        )
    }

    #[test]
    fn columns_that_come_apart_are_drift_and_the_same_are_not() {
        let reference = rows(500, 0.1, 1);
        let options =
            ReconstructionOptions { variance: 0.9, seed: 1, ..ReconstructionOptions::default() };
        let fitted = Reconstruction::fit(&Rows::try_new(&reference, 3).unwrap(), &options).unwrap();
        assert_eq!(fitted.components(), 2);
        assert!(fitted.explained_variance() > 0.99);
        let score = |values: &[f64]| {
            fitted.score(&Rows::try_new(values, 3).unwrap(), &Decision::default()).unwrap()
        };
        let apart = score(&rows(500, 1.0, 2));
        assert_eq!(apart.test.verdict, Verdict::Drift);
        assert!(apart.current_error > apart.expected.upper && apart.test.effect > 1.0);
        let closer = score(&rows(500, 0.03, 3));
        assert_eq!(closer.test.verdict, Verdict::Drift, "a smaller error is a change too");
        assert!(closer.current_error < closer.expected.lower);
        let same = score(&rows(500, 0.1, 4));
        assert_eq!(same.test.verdict, Verdict::NoDrift, "{same:?}");
        assert!((same.reference_error / same.test.statistic - 1.0).abs() < 0.1);
    }

    #[test]
    fn columns_that_are_one_have_no_error_by_rounding() {
        let line: Vec<f64> =
            (0..40).flat_map(|i| [f64::from(i), 3.0 * f64::from(i) + 7.0]).collect();
        let fitted = fit(&line, 2).unwrap();
        let rows = Rows::try_new(&line, 2).unwrap();
        assert!(fitted.errors(&rows).unwrap().iter().all(|error| *error == 0.0));
        let found = fitted.score(&rows, &Decision::default()).unwrap().test;
        assert_eq!((found.statistic, found.effect, found.p_value), (0.0, 0.0, 1.0));
    }

    #[test]
    fn refuses_what_has_no_error() {
        let kind = |values: &[f64], columns| fit(values, columns).unwrap_err().kind();
        assert_eq!(kind(&[], 2), ErrorKind::EmptySample);
        assert_eq!(kind(&[1.0, 2.0, 3.0, 4.0], 2), ErrorKind::ShapeMismatch);
        assert_eq!(kind(&[1.0, 2.0, 3.0, 4.0], 1), ErrorKind::OutOfRange, "one component is all");
        assert_eq!(kind(&[1.0; 12], 3), ErrorKind::OutOfRange, "nothing varies");
        let large: Vec<f64> = (0..513 * 513).map(f64::from).collect();
        assert_eq!(kind(&large, 513), ErrorKind::OutOfRange);
        let rows = rows(50, 0.5, 5);
        let fitted = fit(&rows, 3).unwrap();
        let score = |values: &[f64], columns| {
            let rows = Rows::try_new(values, columns).unwrap();
            fitted.score(&rows, &Decision::default()).unwrap_err().kind()
        };
        assert_eq!(score(&[], 3), ErrorKind::EmptySample);
        assert_eq!(score(&[1.0; 3], 3), ErrorKind::ShapeMismatch);
        assert_eq!(score(&[1.0; 4], 2), ErrorKind::ShapeMismatch);
        let reference = Rows::try_new(&rows, 3).unwrap();
        for variance in [0.0, 1.0, f64::NAN] {
            let options = ReconstructionOptions { variance, ..ReconstructionOptions::default() };
            let error = Reconstruction::fit(&reference, &options).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::OutOfRange);
        }
    }

    /// Rows of columns with long tails that have nothing in common.
    fn log_normal(count: usize, columns: usize, random: &mut Random) -> Vec<f64> {
        (0..count * columns).map(|_| num::exp(1.5 * random.normal())).collect()
    }

    #[test]
    fn few_rows_with_long_tails_are_no_drift() {
        let mut random = Random::new(7);
        for [n, m, columns] in [[10, 100, 20], [10, 10, 20], [100, 20, 5], [200, 1000, 5]] {
            let mut alarms = 0;
            for _ in 0..300 {
                let [x, y] = [n, m].map(|count| log_normal(count, columns, &mut random));
                let Ok(fitted) = fit(&x, columns) else { continue };
                let rows = Rows::try_new(&y, columns).unwrap();
                let p_value = fitted.score(&rows, &Decision::default()).unwrap().test.p_value;
                alarms += u32::from(p_value <= 0.05);
            }
            // 5 % and three deviations of 300.
            assert!(alarms <= 26, "{alarms} of 300: {n} {m} {columns}");
        }
    }

    #[test]
    fn fewer_rows_than_columns_have_the_components_of_their_covariances() {
        let mut random = Random::new(8);
        for [count, columns] in [[5, 8], [20, 21], [12, 60]] {
            let values = log_normal(count, columns, &mut random);
            let rows = Rows::try_new(&values, columns).unwrap();
            let scaled = Scaling::by_reference(&rows, &rows).apply(&rows);
            let found = of_products(&scaled, count, columns).unwrap();
            assert_eq!(found.len(), count - 1);
            let wanted = eigenpairs(covariance(&scaled, columns), columns).unwrap();
            for (found, wanted) in found.iter().zip(&wanted) {
                assert!((found.value / wanted.value - 1.0).abs() < 1e-10);
                assert!((along(&found.vector, wanted).abs() - 1.0).abs() < 1e-9);
            }
        }
    }

    #[test]
    fn embeddings_of_few_texts_are_told_apart() {
        let mut random = Random::new(9);
        let mut rows = |tilt: f64| -> Vec<f64> {
            let mut row = || {
                let (x, y) = (random.normal(), random.normal());
                let value = |at: usize| x * (at % 7) as f64 + tilt * y * (at % 5) as f64;
                (0..768).map(value).map(|it| it + 0.1 * random.normal()).collect::<Vec<f64>>()
            };
            (0..40).flat_map(|_| row()).collect()
        };
        let (reference, same, apart) = (rows(0.1), rows(0.1), rows(1.0));
        let fitted = fit(&reference, 768).unwrap();
        let score = |values: &[f64]| {
            let rows = Rows::try_new(values, 768).unwrap();
            fitted.score(&rows, &Decision::default()).unwrap().test.verdict
        };
        assert_ne!(score(&same), Verdict::Drift);
        assert_eq!(score(&apart), Verdict::Drift);
    }

    #[test]
    fn the_largest_doubles_have_an_error() {
        let reference = rows(50, 0.5, 6);
        let far = [f64::MAX, -f64::MAX, 0.0, 5e-324, 1e300, -1.0];
        let found = fit(&reference, 3)
            .unwrap()
            .score(&Rows::try_new(&far, 3).unwrap(), &Decision::default())
            .unwrap();
        assert!(found.test.statistic.is_finite() && found.test.effect.is_finite());
        let fitted = fit(&far.repeat(4), 3);
        assert!(fitted.is_ok_and(|fitted| fitted.held_out.values().iter().all(|e| e.is_finite())));
    }
}
