use alloc::vec;
use alloc::vec::Vec;

use super::attributions::finite_rows_of;
use super::rank::{RankAgreement, agreement, twice_ranks};
use crate::random::Random;
use crate::{Decision, Error, ErrorKind, Sorted, TwoSample, kolmogorov_smirnov, multiple, num};

/// How [`importance_drift`] finds its p-values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportanceOptions {
    /// Random splits of all rows into two samples, `1..=`[`Self::MAX_PERMUTATIONS`]. The least p-value is
    /// `1/(permutations + 1)`.
    pub permutations: u32,
    /// The splits follow from it.
    pub seed: u64,
}

impl ImportanceOptions {
    /// The most random splits.
    pub const MAX_PERMUTATIONS: u32 = 1 << 20;
}

impl Default for ImportanceOptions {
    fn default() -> Self {
        Self { permutations: 999, seed: 0 }
    }
}

/// What became of one feature's importance.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FeatureImportance {
    /// Mean magnitude of the feature's values in the reference, `≥ 0`, in the unit of the output.
    pub reference: f64,
    /// The same in the current sample.
    pub current: f64,
    /// Its place in the reference, 1 for the most important; features that tie share their mean place.
    pub reference_rank: f64,
    /// Its place in the current sample.
    pub current_rank: f64,
    /// Whether the magnitudes have another distribution: the Kolmogorov-Smirnov test.
    pub test: TwoSample,
    /// The test's p-value, adjusted for the number of features by Benjamini and Hochberg's rule.
    pub p_adjusted: f64,
}

/// What [`importance_drift`] finds.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportanceDrift {
    /// One a feature, in the order of the columns.
    pub features: Vec<FeatureImportance>,
    /// How well the two orders of importance agree.
    pub agreement: RankAgreement,
    /// How often chance alone makes them agree as little as that: one p-value a figure of `agreement`, 1
    /// where it is undefined.
    pub kendall_p_value: f64,
    /// For Spearman's ρ.
    pub spearman_p_value: f64,
    /// For the discounted gain.
    pub ndcg_p_value: f64,
}

/// Whether features matter as much as they did, and in the same order.
///
/// The importance of a feature is the mean magnitude of its SHAP values. Two samples never give the same
/// importances, so that features of like importance change places by chance alone: the p-values of the
/// order are by permutation. All rows are split at random into two samples of the same sizes, and
/// counted are the splits whose orders agree as little as the observed ones or less.
///
/// # Arguments
/// * `reference`, `current`: SHAP values, row-major, `[n × features]` and `[m × features]`; finite;
///   at least one row each.
/// * `features`: in a row, `≥ 1`.
/// * `decision`: for the test of each feature; its verdict there is not adjusted.
/// * `options`: number of random splits, and their seed.
///
/// # Returns
/// See [`ImportanceDrift`].
///
/// # Errors
/// * [`ErrorKind::ShapeMismatch`]: a table is no whole number of rows.
/// * [`ErrorKind::EmptySample`]: a table has no row.
/// * [`ErrorKind::NotFinite`]: a value is NaN or infinite.
/// * [`ErrorKind::OutOfRange`]: the sum of a feature's magnitudes leaves the range of a double; no
///   random split, or too many; `decision.alpha` is no probability.
///
/// # Numerics
/// O((n + m) · features · permutations). The p-values are exact in the sense of Phipson and Smyth: at
/// most `α` of samples without drift have one of `α` or less.
///
/// # Examples
/// ```
/// use tidegate_stats::Decision;
/// use tidegate_stats::explain::{ImportanceOptions, importance_drift};
/// let reference = [3.0, -1.0, -3.0, 1.0, 3.0, 1.0, -3.0, -1.0];
/// let current = [1.0, -3.0, -1.0, 3.0, 1.0, 3.0, -1.0, -3.0];
/// let options = ImportanceOptions::default();
/// let found = importance_drift(&reference, &current, 2, &Decision::default(), &options)?;
/// assert_eq!((found.features[0].reference, found.features[0].current), (3.0, 1.0));
/// assert_eq!((found.features[0].reference_rank, found.features[0].current_rank), (1.0, 2.0));
/// assert_eq!(found.agreement.kendall, Some(-1.0));
/// // Eight rows are too few to tell: many splits of them turn the order round.
/// assert!(found.kendall_p_value > 0.1 && found.kendall_p_value < 0.9);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Phipson & Smyth (2010), <https://doi.org/10.2202/1544-6115.1585>, for counting the observed split.
/// Oracles: the agreement's and the test's own; a full enumeration of the splits for the p-values.
pub fn importance_drift(
    reference: &[f64],
    current: &[f64],
    features: usize,
    decision: &Decision,
    options: &ImportanceOptions,
) -> Result<ImportanceDrift, Error> {
    if !(1..=ImportanceOptions::MAX_PERMUTATIONS).contains(&options.permutations) {
        return Err(Error::new(ErrorKind::OutOfRange, "the number of permutations"));
    }
    let reference_rows = finite_rows_of(reference, features, "the reference")?;
    let current_rows = finite_rows_of(current, features, "the current sample")?;
    let mut tests = Vec::with_capacity(features);
    for feature in 0..features {
        let [reference, current] = [reference, current].map(|values| {
            let column = values.iter().skip(feature).step_by(features);
            Sorted::try_new(column.map(|value| value.abs()).collect())
        });
        tests.push(kolmogorov_smirnov::two_sample(&reference?, &current?, decision)?);
    }
    let p_values: Vec<f64> = tests.iter().map(|test| test.p_value.unwrap_or(1.0)).collect();
    let adjusted = multiple::benjamini_hochberg(&p_values)?;

    let importances = [reference, current].map(|values| means(values, features));
    if importances.iter().flatten().any(|mean| !mean.is_finite()) {
        return Err(Error::new(ErrorKind::OutOfRange, "the magnitude of an attribution"));
    }
    let ranks = importances.each_ref().map(|means| twice_ranks(means));
    let found = agreement(&importances[0], &importances[1]);
    let as_little = count_as_little(
        &Pooled { reference, current, features, sizes: [reference_rows, current_rows] },
        &found,
        options,
    );
    let p_value = |count: u32| f64::from(1 + count) / f64::from(1 + options.permutations);
    Ok(ImportanceDrift {
        features: tests
            .into_iter()
            .zip(adjusted)
            .enumerate()
            .map(|(feature, (test, p_adjusted))| FeatureImportance {
                reference: importances[0][feature],
                current: importances[1][feature],
                reference_rank: ranks[0][feature] as f64 / 2.0,
                current_rank: ranks[1][feature] as f64 / 2.0,
                test,
                p_adjusted,
            })
            .collect(),
        agreement: found,
        kendall_p_value: p_value(as_little[0]),
        spearman_p_value: p_value(as_little[1]),
        ndcg_p_value: p_value(as_little[2]),
    })
}

/// Mean magnitude of each column.
fn means(values: &[f64], features: usize) -> Vec<f64> {
    let rows = (values.len() / features) as f64;
    (0..features)
        .map(|feature| {
            let column = values.iter().skip(feature).step_by(features);
            column.map(|value| value.abs()).collect::<num::Sum>().value() / rows
        })
        .collect()
}

/// The rows of both samples.
struct Pooled<'a> {
    reference: &'a [f64],
    current: &'a [f64],
    features: usize,
    sizes: [usize; 2],
}

impl Pooled<'_> {
    fn row(&self, index: usize) -> &[f64] {
        let (values, index) = match index.checked_sub(self.sizes[0]) {
            Some(index) => (self.current, index),
            None => (self.reference, index),
        };
        values.get(index * self.features..(index + 1) * self.features).unwrap_or(&[])
    }
}

/// In how many random splits each figure is as low as observed.
fn count_as_little(
    pooled: &Pooled<'_>,
    observed: &RankAgreement,
    options: &ImportanceOptions,
) -> [u32; 3] {
    /// Figures of one value that were summed in another order.
    const SLACK: f64 = 1e-12;
    let figures = |of: &RankAgreement| [of.kendall, of.spearman, of.ndcg];
    let observed = figures(observed);
    let sizes = pooled.sizes;
    let mut random = Random::new(options.seed);
    let mut order: Vec<usize> = (0..sizes[0] + sizes[1]).collect();
    let mut counts = [0; 3];
    for _ in 0..options.permutations {
        random.pick(&mut order, sizes[0]);
        let (first, second) = order.split_at(sizes[0]);
        let [first, second] = [first, second].map(|rows| {
            let mut sums = vec![0.0; pooled.features];
            for row in rows {
                for (sum, value) in sums.iter_mut().zip(pooled.row(*row)) {
                    *sum += value.abs();
                }
            }
            sums
        });
        let split = figures(&agreement(&first, &second));
        for ((count, split), observed) in counts.iter_mut().zip(split).zip(observed) {
            // An undefined figure tells nothing, and an undefined split nothing against it.
            let is_as_low = match (split, observed) {
                (Some(split), Some(observed)) => split <= observed + SLACK,
                (None, Some(_)) => false,
                (_, None) => true,
            };
            *count += u32::from(is_as_low);
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Verdict;

    fn drift(reference: &[f64], current: &[f64], features: usize) -> ImportanceDrift {
        let options = ImportanceOptions { permutations: 99, seed: 1 };
        importance_drift(reference, current, features, &Decision::default(), &options).unwrap()
    }

    #[test]
    fn a_feature_that_begins_to_matter_is_found() {
        let (mut reference, mut current) = (Vec::new(), Vec::new());
        let mut random = Random::new(5);
        for _ in 0..200 {
            let [a, b, c] = [0; 3].map(|_| random.normal());
            reference.extend([5.0 * a, 2.0 * b, 0.1 * c]);
            current.extend([5.0 * b, 2.0 * c, 3.0 * a]);
        }
        let found = drift(&reference, &current, 3);
        let ranks = |of: fn(&FeatureImportance) -> f64| -> Vec<f64> {
            found.features.iter().map(of).collect()
        };
        assert_eq!(ranks(|of| of.reference_rank), [1.0, 2.0, 3.0]);
        assert_eq!(ranks(|of| of.current_rank), [1.0, 3.0, 2.0]);
        assert_eq!(found.features[2].test.verdict, Verdict::Drift);
        assert!(found.features[2].p_adjusted < 1e-6 && found.features[0].p_adjusted > 1e-3);
        assert_eq!(found.kendall_p_value, found.spearman_p_value);
        assert!(found.kendall_p_value <= 0.05, "{}", found.kendall_p_value);
    }

    #[test]
    fn the_sign_of_a_value_does_not_matter() {
        let reference = [1.0, -2.0, 3.0, 4.0];
        let found = drift(&reference, &reference.map(|value| -value), 2);
        assert_eq!((found.agreement.kendall, found.kendall_p_value), (Some(1.0), 1.0));
        assert!(found.features.iter().all(|of| of.test.statistic == 0.0));
    }

    #[test]
    fn features_without_any_importance_have_no_order() {
        let found = drift(&[0.0; 8], &[0.0; 4], 2);
        assert_eq!((found.agreement.kendall, found.agreement.ndcg), (None, None));
        assert_eq!((found.kendall_p_value, found.ndcg_p_value), (1.0, 1.0));
    }

    #[test]
    fn refuses_what_it_cannot_compare() {
        let kind = |reference: &[f64], current: &[f64], permutations| {
            let options = ImportanceOptions { permutations, seed: 0 };
            importance_drift(reference, current, 2, &Decision::default(), &options)
                .unwrap_err()
                .kind()
        };
        let row = [1.0, 2.0];
        assert_eq!(kind(&row, &[], 9), ErrorKind::EmptySample);
        assert_eq!(kind(&row[1..], &row, 9), ErrorKind::ShapeMismatch);
        assert_eq!(kind(&row, &[1.0, f64::NAN], 9), ErrorKind::NotFinite);
        assert_eq!(kind(&[1e308; 8], &row, 9), ErrorKind::OutOfRange);
        assert_eq!(kind(&row, &row, 0), ErrorKind::OutOfRange);
    }
}
