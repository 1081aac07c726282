//! A classifier that tries to tell current rows from those of the reference. If it can, on rows that it
//! was not fitted to, the samples differ; and it says by which columns.
//!
//! The classifier is a ridge regression on ranks, their squares and their products: it sees shifts,
//! changes of spread and changed correlations, in any unit and with any outliers, and is fitted in
//! closed form. Its score is the area under the ROC curve, cross-validated: ½ is chance.
//!
//! Areas of different folds are not independent, for each fold's rows are in the other folds' fits:
//! without drift, the variance of their mean is about twice what the folds' own variances say. So
//! chance is measured by permutation, not by a formula.

use alloc::vec;
use alloc::vec::Vec;

use super::rows::check_pair;
use super::symmetric::Cholesky;
use super::together::{Measured, significant_splits};
use super::{Multivariate, MultivariateMethod, Rows};
use crate::quality::Ranking;
use crate::random::Random;
use crate::{Decision, Error, ErrorKind, Interval, num, special};

/// Parts of both samples, each of which is scored by a classifier fitted to the others.
const FOLDS: usize = 5;

/// With more features than this, the products of columns are left out.
const MAX_FEATURES: usize = 256;

/// The most columns: the fit of more takes too long.
const MAX_COLUMNS: usize = 512;

/// How to fit and to judge a classifier.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClassifierOptions {
    /// Random relabellings that the area is compared with, in `1..=10_000`. Default 199. The smallest
    /// p-value is `1/(permutations + 1)`.
    pub permutations: u32,
    /// The most rows of each sample to use, at least 4; of a larger sample so many are chosen at random.
    /// Default 5000: a standard error of the area of 0.006.
    pub max_rows: u32,
    /// What all that is random follows from. Default 0.
    pub seed: u64,
}

impl Default for ClassifierOptions {
    fn default() -> Self {
        Self { permutations: 199, max_rows: 5000, seed: 0 }
    }
}

/// The result of [`two_sample`].
#[derive(Debug, Clone, PartialEq)]
pub struct DomainClassifier {
    /// Statistic (the area under the ROC curve), p-value, effect and verdict.
    pub test: Multivariate,
    /// By column, its share in what tells the samples apart, in `[0, 1]`; together 1, or all 0 if
    /// nothing does.
    pub importances: Vec<f64>,
}

/// Compares two samples of rows by how well a classifier tells them apart.
///
/// # Arguments
/// * `reference`, `current`: rows of the same columns, at most 512, at least four rows each.
/// * `options`: permutations, the most rows.
/// * `decision`: alpha and the effect that matters.
///
/// # Returns
/// * `statistic`: the mean over 5 folds (fewer for samples below ten rows) of the area under the ROC
///   curve, in `[0, 1]`: the probability that a current row has a higher score than one of the
///   reference, both in a fold that the classifier did not see. ½ is chance.
/// * `p_value`: `(1 + s)/(1 + permutations)`, where `s` of the relabellings within the folds had an area
///   at least as large. Never 0.
/// * `effect`: `2 AUC − 1`, 0 if that is below 0: the rank-biserial correlation of score and sample.
/// * `interval`: for the effect with confidence `1 − alpha`, by DeLong's variance in each fold, plus half
///   of the variance over the relabellings, the less of it the farther the area is from chance.
/// * `detectable_effect`: that of the largest area which chance gives with probability `alpha`.
/// * `importances`: the score's difference between the samples is a sum over features; a column has its
///   own features' part and half of its products', none if that is negative.
///
/// # Errors
/// * [`ErrorKind::EmptySample`]: a sample has no row.
/// * [`ErrorKind::ShapeMismatch`]: fewer than four rows, or the columns differ in number.
/// * [`ErrorKind::OutOfRange`]: too many columns; there are no permutations, too many, or fewer than
///   `1/alpha − 1`; `max_rows` is below 4; `decision.alpha` is no probability.
///
/// # Numerics
/// With `N` rows in use and `p` features, O(N p² + p³ + permutations · N p), memory O(N p). `p` is twice
/// the number of columns, and one for each pair of them if that makes at most 256. Fewer rows than features
/// span no more than a space of `N` dimensions, in which the same scores cost O(N² p + N³ + permutations · N²). Columns count by
/// their ranks among both samples, from −√3 to √3, so that no relabelling changes a feature. The
/// penalty is `p`, so that it fades as rows come.
///
/// # Examples
/// ```
/// use tidegate_stats::Decision;
/// use tidegate_stats::multivariate::{Rows, domain_classifier};
/// // The second column follows the first, then runs against it.
/// let with: Vec<f64> = (0..60).flat_map(|i| [f64::from(i), f64::from(i)]).collect();
/// let against: Vec<f64> = (0..60).flat_map(|i| [f64::from(i), f64::from(59 - i)]).collect();
/// let [reference, current] = [Rows::try_new(&with, 2)?, Rows::try_new(&against, 2)?];
/// let options = Default::default();
/// let found = domain_classifier::two_sample(&reference, &current, &options, &Decision::default())?;
/// assert!(found.test.statistic > 0.9 && found.test.p_value == 0.005);
/// assert!((found.importances[0] - 0.5).abs() < 0.01);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Lopez-Paz & Oquab (2017), <https://arxiv.org/abs/1610.06545>; LeDell, Petersen, van der Laan (2015),
/// <https://doi.org/10.1214/15-EJS1035>, for the variance away from chance. Oracle: scikit-learn's `Ridge`
/// on the same features and folds.
pub fn two_sample(
    reference: &Rows,
    current: &Rows,
    options: &ClassifierOptions,
    decision: &Decision,
) -> Result<DomainClassifier, Error> {
    check_pair(reference, current, 4)?;
    let significant = significant_splits(options.permutations, decision)?;
    if options.max_rows < 4 {
        return Err(Error::new(ErrorKind::OutOfRange, "the most rows to use"));
    }
    let columns = reference.columns();
    if columns > MAX_COLUMNS {
        return Err(Error::new(ErrorKind::OutOfRange, "the number of columns"));
    }
    let mut random = Random::new(options.seed);
    let chosen = [reference, current].map(|rows| {
        let mut order: Vec<usize> = (0..rows.len()).collect();
        random.pick(&mut order, rows.len());
        order.truncate(options.max_rows as usize);
        order.into_iter().map(|index| rows.row(index)).collect::<Vec<&[f64]>>()
    });
    let trial = Trial::try_new(&chosen, columns)?;

    let mut labels = trial.labels.clone();
    let observed = trial.areas(&labels)?;
    let mut by_chance = Vec::with_capacity(options.permutations as usize);
    for _ in 0..options.permutations {
        for fold in &trial.folds {
            let of_fold = &mut labels[fold.start..fold.end];
            let len = of_fold.len();
            random.pick(of_fold, len);
        }
        by_chance.push(trial.areas(&labels)?.mean);
    }
    // Areas are quotients of whole numbers: what is as large is so to the last bits.
    let as_large = by_chance.iter().filter(|area| **area >= observed.mean - 1e-12).count();
    by_chance.sort_unstable_by(f64::total_cmp);
    by_chance.reverse();
    let just_significant = by_chance.get(significant - 1).copied().unwrap_or(1.0);

    let of_area = |area: f64| (2.0 * area - 1.0).clamp(0.0, 1.0);
    let squares: num::Sum = by_chance.iter().map(|area| (area - 0.5) * (area - 0.5)).collect();
    let by_chance_variance = squares.value() / by_chance.len() as f64;
    // The part of the direction that was fitted which is noise: all of it at chance.
    let from_chance = observed.mean - 0.5;
    let noise = if from_chance > 0.0 {
        ((just_significant - 0.5).max(0.0) / from_chance).min(1.0)
    } else {
        1.0
    };
    let variance = observed.variance + 0.5 * by_chance_variance * noise * noise;
    let reach = num::sqrt(variance * special::chi_square_point(decision.alpha, 1.0)?);
    let test = decision.conclude_rows(Measured {
        method: MultivariateMethod::DomainClassifier,
        statistic: observed.mean,
        p_value: (1 + as_large) as f64 / (1.0 + f64::from(options.permutations)),
        effect: of_area(observed.mean),
        interval: Some(Interval {
            lower: of_area(observed.mean - reach),
            upper: of_area(observed.mean + reach),
        }),
        detectable_effect: of_area(just_significant),
        counts: chosen.map(|rows| rows.len()),
    });
    Ok(DomainClassifier { test, importances: trial.importances()? })
}

/// Features of all rows in use, fold after fold, and what of the fits no relabelling changes.
struct Trial {
    columns: usize,
    /// What the columns say of a row, and how much.
    features: Vec<f64>,
    width: usize,
    /// The same in the space that the rows span, if that is smaller: what is fitted to.
    spanned: Option<Vec<f64>>,
    /// Whether each row is a current one.
    labels: Vec<bool>,
    folds: Vec<Fold>,
    /// Means of the features and the equations of a fit to all rows.
    all: Fit,
}

/// Rows that are scored together, by a fit to all the others.
struct Fold {
    start: usize,
    end: usize,
    fit: Fit,
}

struct Fit {
    means: Vec<f64>,
    equations: Cholesky,
}

/// Area under the ROC curve over the folds.
struct Areas {
    mean: f64,
    /// Of the mean, as if the folds were independent.
    variance: f64,
}

impl Trial {
    fn try_new(chosen: &[Vec<&[f64]>; 2], columns: usize) -> Result<Self, Error> {
        let count = FOLDS.min(chosen[0].len() / 2).min(chosen[1].len() / 2);
        let mut rows = Vec::new();
        let mut labels = Vec::new();
        let mut ends = Vec::new();
        for fold in 0..count {
            for (sample, is_current) in chosen.iter().zip([false, true]) {
                for row in sample.iter().skip(fold).step_by(count) {
                    rows.push(*row);
                    labels.push(is_current);
                }
            }
            ends.push(rows.len());
        }
        let ranks: Vec<Vec<f64>> = (0..columns).map(|column| ranks(&rows, column)).collect();
        let pairs = columns * (columns - 1) / 2;
        let has_products = 2 * columns + pairs <= MAX_FEATURES;
        let width = 2 * columns + if has_products { pairs } else { 0 };
        let mut features = Vec::with_capacity(width * rows.len());
        for (row, _) in rows.iter().enumerate() {
            let rank = |column: usize| ranks[column][row];
            features.extend((0..columns).map(rank));
            features.extend((0..columns).map(|column| rank(column) * rank(column)));
            if has_products {
                for one in 0..columns {
                    features.extend((0..one).map(|other| rank(one) * rank(other)));
                }
            }
        }

        let count_of_rows = rows.len();
        let spanned = (count_of_rows < width).then(|| coordinates(&features, count_of_rows, width));
        let (fitted, size) = match &spanned {
            Some(spanned) => (spanned, count_of_rows),
            None => (&features, width),
        };
        let starts = core::iter::once(0).chain(ends.iter().copied());
        let ranges: Vec<(usize, usize)> = starts.zip(ends.iter().copied()).collect();
        let sums: Vec<Sums> = ranges
            .iter()
            .map(|(start, end)| Sums::of(&fitted[start * size..end * size], size))
            .collect();
        let fit = |sums: &[&Sums]| Fit::of(sums, size, width as f64);
        let all = fit(&sums.iter().collect::<Vec<_>>())?;
        let mut folds = Vec::with_capacity(count);
        for (index, (start, end)) in ranges.into_iter().enumerate() {
            let others = sums.iter().enumerate().filter(|(other, _)| *other != index);
            let others: Vec<&Sums> = others.map(|(_, sums)| sums).collect();
            folds.push(Fold { start, end, fit: fit(&others)? });
        }
        Ok(Self { columns, features, width, spanned, labels, folds, all })
    }

    /// The rows that are fitted to, and their width.
    fn fitted(&self) -> (&[f64], usize) {
        match &self.spanned {
            Some(spanned) => (spanned, self.labels.len()),
            None => (&self.features, self.width),
        }
    }

    /// The area in each fold, by fits to the others with these labels.
    fn areas(&self, labels: &[bool]) -> Result<Areas, Error> {
        let (fitted, width) = self.fitted();
        let sums: Vec<Labelled> = self
            .folds
            .iter()
            .map(|fold| sum_of_current(self.fitted(), labels, fold.start, fold.end))
            .collect();
        let all = Labelled::merged(sums.iter(), width);
        let mut scores = Vec::new();
        let (mut mean, mut variance) = (num::Sum::default(), num::Sum::default());
        for (fold, own) in self.folds.iter().zip(&sums) {
            let weights = fold.fit.weights(&all.without(own));
            scores.clear();
            let rows = &fitted[fold.start * width..fold.end * width];
            scores.extend(rows.chunks_exact(width).map(|row| product(row, &weights)));
            let ranking = Ranking::try_new(&labels[fold.start..fold.end], &scores)?;
            mean.add(ranking.roc_auc().unwrap_or(0.5));
            variance.add(ranking.roc_auc_variance().unwrap_or(0.0));
        }
        let count = self.folds.len() as f64;
        Ok(Areas { mean: mean.value() / count, variance: variance.value() / (count * count) })
    }

    /// The weights of features from those of coordinates: by the equations of the regression, the rows weighed by what
    /// is left of their labels, over the penalty.
    fn weights_of_features(&self, weights: &[f64]) -> Vec<f64> {
        let (fitted, width) = self.fitted();
        let rows = fitted.chunks_exact(width).zip(&self.labels);
        let mut left: Vec<f64> = rows
            .map(|(row, is_current)| f64::from(u8::from(*is_current)) - product(row, weights))
            .collect();
        let mean = left.iter().sum::<f64>() / left.len() as f64;
        left.iter_mut().for_each(|left| *left = (*left - mean) / self.width as f64);
        let mut found = vec![0.0; self.width];
        for (row, left) in self.features.chunks_exact(self.width).zip(&left) {
            for (weight, feature) in found.iter_mut().zip(row) {
                *weight += left * feature;
            }
        }
        found
    }

    fn importances(&self) -> Result<Vec<f64>, Error> {
        let count = self.labels.len();
        let current = sum_of_current(self.fitted(), &self.labels, 0, count);
        let weights = self.all.weights(&current);
        let own = sum_of_current((&self.features, self.width), &self.labels, 0, count);
        let all = sum_of_current((&self.features, self.width), &vec![true; count], 0, count);
        let weights =
            if self.spanned.is_some() { self.weights_of_features(&weights) } else { weights };
        // The mean of the current rows less that of all is in proportion to the difference of means.
        let part = |index: usize| {
            let difference = own.features[index] / own.count - all.features[index] / all.count;
            weights[index] * difference
        };
        let parts: Vec<f64> = (0..self.width).map(part).collect();
        let columns = self.columns;
        let mut importances: Vec<f64> =
            (0..columns).map(|column| parts[column] + parts[columns + column]).collect();
        let pairs = (0..columns).flat_map(|one| (0..one).map(move |other| [one, other]));
        for (pair, part) in pairs.zip(&parts[2 * columns..]) {
            for column in pair {
                importances[column] += 0.5 * part;
            }
        }
        let positive = importances.iter().map(|part| part.max(0.0));
        let total: f64 = positive.clone().sum();
        let share = |part: f64| if total > 0.0 { part / total } else { 0.0 };
        Ok(positive.map(share).collect())
    }
}

/// What the current rows among some add up to.
fn sum_of_current(
    (features, width): (&[f64], usize),
    labels: &[bool],
    start: usize,
    end: usize,
) -> Labelled {
    let mut sum = Labelled { count: 0.0, features: vec![0.0; width] };
    let rows = features[start * width..end * width].chunks_exact(width);
    for (row, is_current) in rows.zip(&labels[start..end]) {
        if *is_current {
            sum.count += 1.0;
            for (sum, feature) in sum.features.iter_mut().zip(row) {
                *sum += feature;
            }
        }
    }
    sum
}

/// Rows in a base of the space that they span, as many coordinates as there are rows: their lengths and angles are the
/// same, and so is every ridge regression. The triangle whose product with its transpose is that of the rows; of a row
/// that lies in the space of those before it, the own coordinate is 0.
fn coordinates(rows: &[f64], count: usize, width: usize) -> Vec<f64> {
    const ROUNDING: f64 = 1e-13;
    let mut found = vec![0.0; count * count];
    for at in 0..count {
        let row = &rows[at * width..(at + 1) * width];
        let own = product(row, row);
        let (before, rest) = found.split_at_mut(at * count);
        for (other, theirs) in before.chunks_exact(count).enumerate() {
            let left = product(row, &rows[other * width..(other + 1) * width])
                - product(&rest[..other], &theirs[..other]);
            rest[other] = if theirs[other] > 0.0 { left / theirs[other] } else { 0.0 };
        }
        let left = own - product(&rest[..at], &rest[..at]);
        rest[at] = if left > ROUNDING * own { num::sqrt(left) } else { 0.0 };
    }
    found
}

/// How many current rows, and the sums of their features.
struct Labelled {
    count: f64,
    features: Vec<f64>,
}

impl Labelled {
    fn merged<'a>(parts: impl Iterator<Item = &'a Self>, width: usize) -> Self {
        let mut all = Self { count: 0.0, features: vec![0.0; width] };
        for part in parts {
            all.count += part.count;
            for (sum, value) in all.features.iter_mut().zip(&part.features) {
                *sum += value;
            }
        }
        all
    }

    fn without(&self, part: &Self) -> Self {
        let features = self.features.iter().zip(&part.features);
        Self {
            count: self.count - part.count,
            features: features.map(|(all, own)| all - own).collect(),
        }
    }
}

/// Sums over rows, from which a fit follows.
struct Sums {
    count: f64,
    features: Vec<f64>,
    /// The lower triangle, row by row of the square.
    products: Vec<f64>,
}

impl Sums {
    fn of(rows: &[f64], width: usize) -> Self {
        let mut sums =
            Self { count: 0.0, features: vec![0.0; width], products: vec![0.0; width * width] };
        for row in rows.chunks_exact(width) {
            sums.count += 1.0;
            for (index, value) in row.iter().enumerate() {
                sums.features[index] += value;
                let products = &mut sums.products[index * width..=index * width + index];
                for (sum, other) in products.iter_mut().zip(row) {
                    *sum += value * other;
                }
            }
        }
        sums
    }
}

impl Fit {
    /// The equations of a ridge regression on the rows of some sums.
    fn of(parts: &[&Sums], width: usize, penalty: f64) -> Result<Self, Error> {
        let mut count = 0.0;
        let mut means = vec![0.0; width];
        let mut matrix = vec![0.0; width * width];
        for part in parts {
            count += part.count;
            for (sum, value) in means.iter_mut().zip(&part.features) {
                *sum += value;
            }
            for (sum, value) in matrix.iter_mut().zip(&part.products) {
                *sum += value;
            }
        }
        for mean in &mut means {
            *mean /= count;
        }
        for (index, row) in matrix.chunks_exact_mut(width).enumerate() {
            for (value, mean) in row.iter_mut().zip(&means) {
                *value -= count * means[index] * mean;
            }
            row[index] += penalty;
        }
        Ok(Self { means, equations: Cholesky::try_new(matrix, width)? })
    }

    /// The weights of the features, for labels of 1 for a current row and 0 for one of the reference.
    fn weights(&self, current: &Labelled) -> Vec<f64> {
        let right = current.features.iter().zip(&self.means);
        let mut weights: Vec<f64> = right.map(|(sum, mean)| sum - current.count * mean).collect();
        self.equations.solve(&mut weights);
        weights
    }
}

fn product(row: &[f64], weights: &[f64]) -> f64 {
    let mut sum = 0.0;
    for (value, weight) in row.iter().zip(weights) {
        sum += value * weight;
    }
    sum
}

/// The middle ranks of a column, moved and stretched to −√3 to √3: of many different values the
/// variance is 1.
fn ranks(rows: &[&[f64]], column: usize) -> Vec<f64> {
    let mut order: Vec<(f64, usize)> =
        rows.iter().enumerate().map(|(index, row)| (row[column] + 0.0, index)).collect();
    order.sort_unstable_by(|(one, _), (other, _)| one.total_cmp(other));
    let mut ranks = vec![0.0; rows.len()];
    let half = 0.5 * rows.len() as f64;
    let mut below = 0_usize;
    for run in order.chunk_by(|(one, _), (other, _)| one == other) {
        let middle = below as f64 + 0.5 * run.len() as f64;
        for (_, index) in run {
            ranks[*index] = num::sqrt(3.0) * ((middle - half) / half);
        }
        below += run.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Verdict;

    fn compare(
        reference: &[f64],
        current: &[f64],
        columns: usize,
    ) -> Result<DomainClassifier, Error> {
        let [reference, current] =
            [reference, current].map(|of| Rows::try_new(of, columns).unwrap());
        two_sample(&reference, &current, &ClassifierOptions::default(), &Decision::default())
    }

    fn normals(count: usize, random: &mut Random) -> Vec<f64> {
        (0..count).map(|_| random.normal()).collect()
    }

    #[test]
    fn ranks_are_by_hand() {
        let values = [[5.0], [-0.0], [0.0], [7.0]];
        let rows: Vec<&[f64]> = values.iter().map(|row| &row[..]).collect();
        let root = num::sqrt(3.0);
        assert_eq!(ranks(&rows, 0), [0.25 * root, -0.5 * root, -0.5 * root, 0.75 * root]);
    }

    #[test]
    fn coordinates_have_the_products_of_their_rows() {
        let mut random = Random::new(3);
        let mut rows = normals(6 * 40, &mut random);
        // One lies in the space of two others, and one is nothing.
        for at in 0..40 {
            rows[160 + at] = 2.0 * rows[at] - rows[40 + at];
            rows[120 + at] = 0.0;
        }
        let found = coordinates(&rows, 6, 40);
        let of = |rows: &[f64], width: usize, [one, other]: [usize; 2]| {
            product(
                &rows[one * width..(one + 1) * width],
                &rows[other * width..(other + 1) * width],
            )
        };
        for pair in (0..36).map(|pair| [pair / 6, pair % 6]) {
            assert!((of(&found, 6, pair) - of(&rows, 40, pair)).abs() < 1e-11, "{pair:?}");
        }
    }

    #[test]
    fn few_rows_of_many_columns_are_told_apart_and_named() {
        let mut random = Random::new(4);
        let reference = normals(30 * 200, &mut random);
        let mut current = normals(30 * 200, &mut random);
        let same = compare(&reference, &current, 200).unwrap();
        assert_ne!(same.test.verdict, Verdict::Drift);
        for row in current.chunks_exact_mut(200) {
            row[7..12].iter_mut().for_each(|value| *value += 3.0);
        }
        let apart = compare(&reference, &current, 200).unwrap();
        assert_eq!((apart.test.verdict, apart.test.p_value), (Verdict::Drift, 0.005));
        assert!(apart.importances[7..12].iter().all(|share| *share > 0.05));
    }

    #[test]
    fn a_column_that_moved_is_found_and_named() {
        let mut random = Random::new(1);
        let reference = normals(900, &mut random);
        let mut current = normals(900, &mut random);
        for row in current.chunks_exact_mut(3) {
            row[1] += 0.8;
        }
        let found = compare(&reference, &current, 3).unwrap();
        assert_eq!((found.test.p_value, found.test.verdict), (0.005, Verdict::Drift));
        // Of two normals 0.8 apart the area is P(Z < 0.8/√2) = 0.714.
        let interval = found.test.interval.unwrap();
        assert!(interval.lower < 0.428 && 0.428 < interval.upper, "{found:?}");
        assert!(found.importances[1] > 0.9, "{found:?}");
        assert!((found.importances.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_wider_column_and_a_changed_correlation_are_found() {
        let mut random = Random::new(2);
        let reference = normals(900, &mut random);
        let mut wider = normals(900, &mut random);
        wider.iter_mut().step_by(3).for_each(|value| *value *= 2.0);
        let found = compare(&reference, &wider, 3).unwrap();
        assert_eq!(found.test.verdict, Verdict::Drift);
        assert!(found.importances[0] > 0.8, "{found:?}");
        let mut joined = normals(900, &mut random);
        for row in joined.chunks_exact_mut(3) {
            row[2] = 0.8 * row[0] + 0.6 * row[2];
        }
        let found = compare(&reference, &joined, 3).unwrap();
        assert_eq!(found.test.verdict, Verdict::Drift);
        assert!(found.importances[1] < 0.1, "{found:?}");
        let same = compare(&reference, &normals(900, &mut random), 3).unwrap();
        assert_eq!(same.test.verdict, Verdict::NoDrift, "{same:?}");
    }

    #[test]
    fn constants_and_the_largest_doubles_have_an_area() {
        let same = compare(&[1.0; 20], &[1.0; 30], 2).unwrap();
        assert_eq!((same.test.statistic, same.test.p_value), (0.5, 1.0));
        assert_eq!(same.importances, [0.0, 0.0]);
        let apart = compare(&[f64::MAX; 40], &[-5e-324; 40], 1).unwrap();
        assert_eq!((apart.test.statistic, apart.test.verdict), (1.0, Verdict::Drift));
    }

    #[test]
    fn more_rows_than_wanted_are_sampled_and_many_columns_have_no_products() {
        let mut random = Random::new(3);
        let [reference, current] = [normals(2000, &mut random), normals(3000, &mut random)];
        let [reference, current] = [&reference, &current].map(|of| Rows::try_new(of, 25).unwrap());
        let options = ClassifierOptions { max_rows: 100, ..ClassifierOptions::default() };
        let found = two_sample(&reference, &current, &options, &Decision::default()).unwrap();
        assert_eq!((found.test.reference_count, found.test.current_count), (80, 100));
        assert_eq!(found.importances.len(), 25);
    }

    #[test]
    fn refuses_what_cannot_be_compared() {
        let kind = |reference: &[f64], current: &[f64], columns| {
            compare(reference, current, columns).unwrap_err().kind()
        };
        assert_eq!(kind(&[], &[1.0; 9], 1), ErrorKind::EmptySample);
        assert_eq!(kind(&[1.0; 3], &[1.0; 9], 1), ErrorKind::ShapeMismatch);
        assert_eq!(kind(&[1.0; 4 * 513], &[1.0; 4 * 513], 513), ErrorKind::OutOfRange);
        let rows = Rows::try_new(&[1.0; 8], 1).unwrap();
        for options in [
            ClassifierOptions { permutations: 0, ..ClassifierOptions::default() },
            ClassifierOptions { permutations: 18, ..ClassifierOptions::default() },
            ClassifierOptions { max_rows: 3, ..ClassifierOptions::default() },
        ] {
            let error = two_sample(&rows, &rows, &options, &Decision::default()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::OutOfRange);
        }
    }
}
