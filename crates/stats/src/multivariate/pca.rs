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
//! the other half, and the current ones.

use alloc::vec;
use alloc::vec::Vec;

use super::scaling::Scaling;
use super::symmetric::{Eigenpair, eigenpairs};
use super::together::Measured;
use super::{Multivariate, MultivariateMethod, Rows};
use crate::random::Random;
use crate::{Decision, Error, ErrorKind, Interval, Sorted, num, special, welch_t};

/// Errors up to this, on rows of size 1, are rounding.
const ROUNDING: f64 = 1e-12;

/// The most columns: the components of more take too long.
const MAX_COLUMNS: usize = 512;

/// How many components to keep.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReconstructionOptions {
    /// Share of the variance, in `(0, 1)`, that the kept components explain: the fewest that explain
    /// more than it. Default 0.65.
    pub variance: f64,
    /// What the division of the reference into halves follows from. Default 0.
    pub seed: u64,
}

impl Default for ReconstructionOptions {
    fn default() -> Self {
        Self { variance: 0.65, seed: 0 }
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
    /// * `reference`: at least four rows, of 2 to 512 columns.
    /// * `options`: the share of the variance.
    ///
    /// # Errors
    /// * [`ErrorKind::EmptySample`]: there is no row.
    /// * [`ErrorKind::ShapeMismatch`]: fewer than four rows.
    /// * [`ErrorKind::OutOfRange`]: too many columns; the share is not between 0 and 1; or it takes all
    ///   components, as it always does of one column, so that no row would have an error.
    /// * [`ErrorKind::NotConverged`]: the decomposition reached its cap.
    ///
    /// # Numerics
    /// O(rows · columns² + columns³). A column that is constant in the reference keeps
    /// its own unit.
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
        if columns > MAX_COLUMNS {
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
        Ok(Self { all, half, held_out: Sorted::try_new(held_out)?, count })
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
    /// O(columns²) a row: the length along the components that were left out, so nothing cancels.
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
    /// * `p_value`: of Welch's test, two-sided, of the current errors against those of one half of the
    ///   reference, all by components of the other half; in `[0, 1]`.
    /// * `effect`, `interval`, `detectable_effect`: the difference of these mean errors in pooled standard
    ///   deviations of the errors, as [`welch_t::two_sample`].
    ///
    /// # Errors
    /// * [`ErrorKind::EmptySample`], [`ErrorKind::ShapeMismatch`]: no row, one row, or other columns.
    /// * [`ErrorKind::OutOfRange`]: `decision.alpha` is no probability.
    ///
    /// # Numerics
    /// O(columns²) a row. Given the half that was fitted, all errors are independent: so the level of the
    /// test does not hang on how well the components are known.
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
    /// Oracle for the statistic: NannyML's reconstruction error; for the test `scipy.stats.ttest_ind`.
    pub fn score(&self, current: &Rows, decision: &Decision) -> Result<ReconstructionScore, Error> {
        let errors = self.errors(current)?;
        let current = Sorted::try_new(self.half.errors(current))?;
        if current.is_empty() {
            return Err(Error::new(ErrorKind::EmptySample, "the current sample"));
        }
        if current.len() < 2 {
            return Err(Error::new(ErrorKind::ShapeMismatch, "the current sample"));
        }
        let welch = welch_t::two_sample(&self.held_out, &current, decision)?;
        let reference_error = mean(self.held_out.values());
        let (n, m) = (self.held_out.len() as f64, current.len() as f64);
        let squares = self.held_out.values().iter().map(|error| error - reference_error);
        let squares: num::Sum = squares.map(|deviation| deviation * deviation).collect();
        let spread = num::sqrt(squares.value() / (n - 1.0) * (1.0 / n + 1.0 / m));
        let reach = special::student_t_point(decision.alpha / 2.0, n - 1.0)? * spread;
        let test = decision.conclude_rows(Measured {
            method: MultivariateMethod::PcaReconstruction,
            statistic: mean(&errors),
            p_value: welch.p_value.unwrap_or(1.0),
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
    /// The components that were left out: a row's error is its length along them.
    left_out: Vec<Eigenpair>,
}

impl Components {
    fn fit(rows: &Rows, keep: Keep) -> Result<Self, Error> {
        let columns = rows.columns();
        let scaling = Scaling::by_reference(rows, rows);
        let scaled = scaling.apply(rows);
        let pairs = eigenpairs(covariance(&scaled, columns), columns)?;
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
        let left_out = pairs.into_iter().skip(kept).collect();
        Ok(Self { scaling, columns, kept, explained, left_out })
    }

    fn errors(&self, rows: &Rows) -> Vec<f64> {
        let scaled = self.scaling.apply(rows);
        scaled.chunks_exact(self.columns).map(|row| error_of(row, &self.left_out)).collect()
    }
}

/// A row's length along some components; what may be rounding is 0.
fn error_of(row: &[f64], along: &[Eigenpair]) -> f64 {
    let mut square = 0.0;
    for component in along {
        let mut length = 0.0;
        for (value, weight) in row.iter().zip(&component.vector) {
            length += value * weight;
        }
        square += length * length;
    }
    let own: f64 = row.iter().map(|value| value * value).sum();
    let error = num::sqrt(square);
    if error <= ROUNDING * (1.0 + num::sqrt(own)) { 0.0 } else { error }
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
        let options = ReconstructionOptions { variance: 0.9, seed: 1 };
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
        let wide: Vec<f64> = (0..4 * 513).map(f64::from).collect();
        assert_eq!(kind(&wide, 513), ErrorKind::OutOfRange);
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
