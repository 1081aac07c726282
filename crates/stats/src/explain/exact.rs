use alloc::vec;
use alloc::vec::Vec;

use super::attributions::{Attributions, rows_of};
use super::coalition::Coalitions;
use crate::{Error, ErrorKind, num};

/// The most features that [`exact`] takes: it asks for all their subsets.
pub const MAX_EXACT_FEATURES: usize = 16;

/// SHAP values of any model, by their definition: over all subsets of the features.
///
/// `φᵢ = Σ_S |S|! (d − |S| − 1)!/d! · (v(S ∪ i) − v(S))` over the subsets `S` without `i`, where `v(S)`
/// is the model's mean output over the background, the features in `S` being the row's.
///
/// # Arguments
/// * `model`: from rows, row-major, to one finite output a row. It is asked for at most 4096 rows at once.
/// * `rows`: row-major, `[n × features]`; anything that the model takes.
/// * `background`: row-major, `[m × features]`, `m ≥ 1`.
/// * `features`: in a row, `1..=`[`MAX_EXACT_FEATURES`].
///
/// # Returns
/// In the unit of the model's output. `expected` is the mean output over the background.
///
/// # Errors
/// * [`ErrorKind::OutOfRange`]: no feature, or too many; a result leaves the range of a double.
/// * [`ErrorKind::ShapeMismatch`]: a table is no whole number of rows, or the model gave another number
///   of outputs.
/// * [`ErrorKind::EmptySample`]: no background row.
/// * [`ErrorKind::NotFinite`]: the model gave NaN or an infinity.
///
/// # Numerics
/// Asks for `n · m · 2^features` rows. Compensated sums: additive to a few roundings of the outputs.
///
/// # Examples
/// ```
/// use tidegate_stats::explain::exact;
/// // What needs both is shared: worth 0, 0, 0 and 6 with none, either and both known.
/// let product = |rows: &[f64]| rows.chunks(2).map(|row| row[0] * row[1]).collect();
/// let found = exact(product, &[2.0, 3.0], &[0.0, 0.0], 2)?;
/// assert_eq!((found.expected()[0], found.of(0, 0)), (0.0, &[3.0, 3.0][..]));
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Shapley (1953), "A value for n-person games"; Lundberg & Lee (2017), <https://arxiv.org/abs/1705.07874>.
/// Oracle: `shap.ExactExplainer(model, shap.maskers.Independent(background))`.
pub fn exact(
    model: impl FnMut(&[f64]) -> Vec<f64>,
    rows: &[f64],
    background: &[f64],
    features: usize,
) -> Result<Attributions, Error> {
    if !(1..=MAX_EXACT_FEATURES).contains(&features) {
        return Err(Error::new(ErrorKind::OutOfRange, "the number of features"));
    }
    let count = rows_of(rows, features, "the table of rows")?;
    let mut coalitions = Coalitions::try_new(model, background, features)?;
    let nothing_known = coalitions.worth(&vec![0.0; features], |_| false)?;
    let mut found = Attributions::try_new(count, features, vec![nothing_known])?;
    // By size of the subset: 1/(d · C(d − 1, size)).
    let mut weights = vec![1.0 / features as f64; features];
    for size in 1..features {
        weights[size] = weights[size - 1] * size as f64 / (features - size) as f64;
    }
    let subsets = 1_usize << features;
    let mut worths = vec![nothing_known; subsets];
    let explained = rows.chunks_exact(features).zip(found.values_mut().chunks_exact_mut(features));
    for (row, values) in explained {
        for (subset, worth) in worths.iter_mut().enumerate().skip(1) {
            *worth = coalitions.worth(row, |feature| subset >> feature & 1 == 1)?;
        }
        for (feature, value) in values.iter_mut().enumerate() {
            let without = (0..subsets).filter(|subset| subset >> feature & 1 == 0);
            *value = without
                .map(|subset| {
                    let gain = worths[subset | 1 << feature] - worths[subset];
                    weights[subset.count_ones() as usize] * gain
                })
                .collect::<num::Sum>()
                .value();
        }
    }
    found.finite()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(rows: &[f64]) -> Vec<f64> {
        rows.chunks(3).map(|row| row.iter().sum()).collect()
    }

    #[test]
    fn of_a_sum_each_feature_has_its_own_difference() {
        let found = exact(sums, &[1.0, 2.0, 4.0], &[0.0, 1.0, 0.0, 1.0, 1.0, 1.0], 3).unwrap();
        assert_eq!(found.expected(), [2.0]);
        for (got, want) in found.of(0, 0).iter().zip([0.5, 1.0, 3.5]) {
            assert!((got - want).abs() < 1e-15);
        }
    }

    #[test]
    fn refuses_what_it_cannot_explain() {
        let row = [0.0; 3];
        let kind = |model: fn(&[f64]) -> Vec<f64>, rows: &[f64], background: &[f64], features| {
            exact(model, rows, background, features).unwrap_err().kind()
        };
        assert_eq!(kind(sums, &row, &row, 0), ErrorKind::OutOfRange);
        assert_eq!(kind(sums, &[], &[], MAX_EXACT_FEATURES + 1), ErrorKind::OutOfRange);
        assert_eq!(kind(sums, &row[1..], &row, 3), ErrorKind::ShapeMismatch);
        assert_eq!(kind(sums, &row, &[], 3), ErrorKind::EmptySample);
        assert_eq!(kind(|_| vec![0.0; 2], &row, &row, 3), ErrorKind::ShapeMismatch);
        assert_eq!(kind(|_| vec![f64::NAN], &row, &row, 3), ErrorKind::NotFinite);
        let jump = |rows: &[f64]| vec![if rows[0] > 0.0 { f64::MAX } else { -f64::MAX }];
        assert_eq!(kind(jump, &[1.0], &[0.0], 1), ErrorKind::OutOfRange);
    }
}
