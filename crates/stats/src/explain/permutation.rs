use alloc::vec;
use alloc::vec::Vec;

use super::attributions::{Attributions, rows_of};
use super::coalition::Coalitions;
use crate::random::Random;
use crate::{Error, ErrorKind};

/// How [`permutation`] draws orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PermutationOptions {
    /// Pairs of an order and its reverse, `1..=`[`Self::MAX_PAIRS`].
    pub pairs: u32,
    /// The orders follow from it; each row has the same ones.
    pub seed: u64,
}

impl PermutationOptions {
    /// The most pairs of orders.
    pub const MAX_PAIRS: u32 = 1 << 20;
}

impl Default for PermutationOptions {
    fn default() -> Self {
        Self { pairs: 10, seed: 0 }
    }
}

/// SHAP values of any model, by some random orders of its features.
///
/// In the order in which they become known, each feature has the change of the model's mean output
/// over the background. The values are the means over the orders. Each order comes with its reverse,
/// so that effects of single features and of pairs come out exactly; only what takes three features or
/// more varies with the seed.
///
/// # Arguments
/// * `model`: from rows, row-major, to one finite output a row. It is asked for at most 4096 rows at once.
/// * `rows`: row-major, `[n × features]`; anything that the model takes.
/// * `background`: row-major, `[m × features]`, `m ≥ 1`.
/// * `features`: in a row, `≥ 1`.
/// * `options`: number of orders, and their seed.
///
/// # Returns
/// In the unit of the model's output. `expected` is the mean output over the background. Additive
/// whatever the orders.
///
/// # Errors
/// * [`ErrorKind::OutOfRange`]: no pair of orders, or too many; a result leaves the range of a double.
/// * [`ErrorKind::ShapeMismatch`]: a table is no whole number of rows, or the model gave another number
///   of outputs.
/// * [`ErrorKind::EmptySample`]: no background row.
/// * [`ErrorKind::NotFinite`]: the model gave NaN or an infinity.
///
/// # Numerics
/// Asks for `n · m · 2 · pairs · features` rows, about. The standard error falls with the root of the
/// number of pairs.
///
/// # Examples
/// ```
/// use tidegate_stats::explain::{PermutationOptions, permutation};
/// let product = |rows: &[f64]| rows.chunks(2).map(|row| row[0] * row[1]).collect();
/// let options = PermutationOptions { pairs: 1, seed: 7 };
/// let found = permutation(product, &[2.0, 3.0], &[0.0, 0.0], 2, &options)?;
/// assert_eq!(found.of(0, 0), [3.0, 3.0]);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Castro, Gómez & Tejada (2009), <https://doi.org/10.1016/j.cor.2008.04.004>; Mitchell, Cooper, Frank &
/// Holmes (2022), <https://jmlr.org/papers/v23/21-0439.html>, for orders with their reverses. Oracle:
/// `shap.ExactExplainer`, which it approaches; `shap.PermutationExplainer` draws other orders.
pub fn permutation(
    model: impl FnMut(&[f64]) -> Vec<f64>,
    rows: &[f64],
    background: &[f64],
    features: usize,
    options: &PermutationOptions,
) -> Result<Attributions, Error> {
    if !(1..=PermutationOptions::MAX_PAIRS).contains(&options.pairs) {
        return Err(Error::new(ErrorKind::OutOfRange, "the number of pairs of orders"));
    }
    let count = rows_of(rows, features, "the table of rows")?;
    let mut coalitions = Coalitions::try_new(model, background, features)?;
    let nothing_known = coalitions.worth(&vec![0.0; features], |_| false)?;
    let mut found = Attributions::try_new(count, features, vec![nothing_known])?;
    let mut is_known = vec![false; features];
    let explained = rows.chunks_exact(features).zip(found.values_mut().chunks_exact_mut(features));
    for (row, values) in explained {
        let all_known = coalitions.worth(row, |_| true)?;
        let mut random = Random::new(options.seed);
        let mut order: Vec<usize> = (0..features).collect();
        for _ in 0..options.pairs {
            random.pick(&mut order, features);
            for _ in 0..2 {
                is_known.fill(false);
                let mut before = nothing_known;
                for (at, feature) in order.iter().enumerate() {
                    is_known[*feature] = true;
                    let after = if at + 1 == features {
                        all_known
                    } else {
                        coalitions.worth(row, |feature| is_known[feature])?
                    };
                    values[*feature] += after - before;
                    before = after;
                }
                order.reverse();
            }
        }
        for value in values.iter_mut() {
            *value /= 2.0 * f64::from(options.pairs);
        }
    }
    found.finite()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::exact;

    /// One of all three, one of two.
    fn mixed(rows: &[f64]) -> Vec<f64> {
        rows.chunks(3).map(|row| row[0] * row[1] * row[2] + row[0] * row[1] - row[2]).collect()
    }

    #[test]
    fn more_orders_come_closer_to_all() {
        let (row, background) = ([1.0, 2.0, -3.0], [0.0, 0.5, 1.0, -1.0, 0.0, 2.0]);
        let want = exact(mixed, &row, &background, 3).unwrap();
        let miss = |pairs| {
            let options = PermutationOptions { pairs, seed: 3 };
            let got = permutation(mixed, &row, &background, 3, &options).unwrap();
            let gaps = got.of(0, 0).iter().zip(want.of(0, 0)).map(|(got, want)| (got - want).abs());
            gaps.fold(0.0, f64::max)
        };
        assert!(miss(1) > 1.0 && miss(1000) < 0.2, "{} {}", miss(1), miss(1000));
    }

    #[test]
    fn the_seed_decides() {
        let found = |seed| {
            let options = PermutationOptions { pairs: 1, seed };
            permutation(mixed, &[1.0, 2.0, -3.0], &[0.0; 3], 3, &options).unwrap()
        };
        assert_eq!(found(1), found(1));
        assert!((0..9).any(|seed| found(seed) != found(9)));
    }

    #[test]
    fn refuses_what_it_cannot_explain() {
        let row = [0.0; 3];
        for pairs in [0, PermutationOptions::MAX_PAIRS + 1] {
            let options = PermutationOptions { pairs, seed: 0 };
            let error = permutation(mixed, &row, &row, 3, &options).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::OutOfRange);
        }
        let kind = |background: &[f64], features| {
            let options = PermutationOptions::default();
            permutation(mixed, &row, background, features, &options).unwrap_err().kind()
        };
        assert_eq!(
            (kind(&[], 3), kind(&row, 0)),
            (ErrorKind::EmptySample, ErrorKind::ShapeMismatch)
        );
    }
}
