use alloc::vec::Vec;

use crate::{Error, ErrorKind, num, order};

/// How well two lists of importances agree on the order of the features.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RankAgreement {
    /// Kendall's τ-b, in `[-1, 1]`: pairs of features in the same order less those in the other, as a
    /// share. `None` where a list has one value only.
    pub kendall: Option<f64>,
    /// Spearman's ρ, in `[-1, 1]`: the correlation of the ranks. `None` as above.
    pub spearman: Option<f64>,
    /// Normalised discounted cumulative gain, in `[0, 1]`: how much of the reference's importance the
    /// current order has at its top, 1 if it is the reference's order. `None` where the reference has no
    /// importance at all.
    pub ndcg: Option<f64>,
}

/// Compares the order of two lists of importances.
///
/// # Arguments
/// * `reference`, `current`: one importance a feature, `≥ 1` of them, finite and not negative.
///
/// # Returns
/// Three figures, each 1 where the orders are the same. Kendall's and Spearman's weigh all places alike;
/// the gain has the places at the top count for most, by `1/log₂(place + 1)`, and weighs features by
/// their importance in the reference. So it hardly sees what happens among features that do not matter.
///
/// # Errors
/// * [`ErrorKind::ShapeMismatch`]: the lengths differ.
/// * [`ErrorKind::EmptySample`]: no feature.
/// * [`ErrorKind::NotFinite`], [`ErrorKind::OutOfRange`]: an importance is not finite, or negative.
///
/// # Numerics
/// O(d log d). Kendall's and Spearman's from whole numbers. Ties share their mean rank and gain.
///
/// # Examples
/// ```
/// use tidegate_stats::explain::rank_agreement;
/// let agreement = rank_agreement(&[3.0, 2.0, 1.0], &[3.0, 1.0, 2.0])?;
/// assert!((agreement.kendall.unwrap() - 1.0 / 3.0).abs() < 1e-15); // two pairs of three
/// assert!((agreement.spearman.unwrap() - 0.5).abs() < 1e-15);
/// assert!(agreement.ndcg.unwrap() > 0.97);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Kendall (1945), <https://doi.org/10.1093/biomet/33.3.239>; Knight (1966),
/// <https://doi.org/10.1080/01621459.1966.10480879>, for counting pairs by sorting; Järvelin & Kekäläinen
/// (2002), <https://doi.org/10.1145/582415.582418>. Oracles: `scipy.stats.kendalltau`,
/// `scipy.stats.spearmanr`, `sklearn.metrics.ndcg_score`.
pub fn rank_agreement(reference: &[f64], current: &[f64]) -> Result<RankAgreement, Error> {
    if reference.len() != current.len() {
        return Err(Error::new(ErrorKind::ShapeMismatch, "the list of importances"));
    }
    if reference.is_empty() {
        return Err(Error::new(ErrorKind::EmptySample, "the list of importances"));
    }
    for value in reference.iter().chain(current) {
        if !value.is_finite() {
            return Err(Error::new(ErrorKind::NotFinite, "the list of importances"));
        }
        if *value < 0.0 {
            return Err(Error::new(ErrorKind::OutOfRange, "an importance"));
        }
    }
    Ok(agreement(reference, current))
}

/// The same, of importances that were checked.
pub(super) fn agreement(reference: &[f64], current: &[f64]) -> RankAgreement {
    RankAgreement {
        kendall: kendall(reference, current),
        spearman: spearman(&twice_ranks(reference), &twice_ranks(current)),
        ndcg: ndcg(reference, current),
    }
}

/// Twice each value's rank from the top, ties sharing their mean rank; so whole numbers.
pub(super) fn twice_ranks(values: &[f64]) -> Vec<u64> {
    let order = order::descending(values);
    let mut ranks = alloc::vec![0; values.len()];
    let mut above = 0_u64;
    for tied in order.chunk_by(|a, b| values[*a] == values[*b]) {
        let end = above + tied.len() as u64;
        for feature in tied {
            ranks[*feature] = above + 1 + end;
        }
        above = end;
    }
    ranks
}

fn spearman(reference: &[u64], current: &[u64]) -> Option<f64> {
    // Twice the mean of twice the ranks is 2(d + 1): deviations are whole numbers.
    let mean = reference.len() as i128 + 1;
    let (mut product, mut squares) = (0_i128, [0_i128; 2]);
    for (reference, current) in reference.iter().zip(current) {
        let (a, b) = (i128::from(*reference) - mean, i128::from(*current) - mean);
        product += a * b;
        squares[0] += a * a;
        squares[1] += b * b;
    }
    ratio(product, squares)
}

fn kendall(reference: &[f64], current: &[f64]) -> Option<f64> {
    let mut order: Vec<(f64, f64)> =
        reference.iter().copied().zip(current.iter().copied()).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let pairs_in = |count: usize| (count as i128) * (count as i128 - 1) / 2;
    let all = pairs_in(order.len());
    let tied_in_reference: i128 =
        order.chunk_by(|a, b| a.0 == b.0).map(|tied| pairs_in(tied.len())).sum();
    let tied_in_both: i128 = order.chunk_by(|a, b| a == b).map(|tied| pairs_in(tied.len())).sum();
    let mut values: Vec<f64> = order.iter().map(|(_, current)| *current).collect();
    let discordant = sort_counting_swaps(&mut values);
    let tied_in_current: i128 =
        values.chunk_by(|a, b| a == b).map(|tied| pairs_in(tied.len())).sum();
    let tied = tied_in_reference + tied_in_current - tied_in_both;
    let excess = all - tied - 2 * discordant;
    ratio(excess, [all - tied_in_reference, all - tied_in_current])
}

/// `part/√(a·b)`, within −1 and 1.
fn ratio(part: i128, [a, b]: [i128; 2]) -> Option<f64> {
    if a == 0 || b == 0 {
        return None;
    }
    let of = if a == b { a as f64 } else { num::sqrt(a as f64) * num::sqrt(b as f64) };
    Some((part as f64 / of).clamp(-1.0, 1.0))
}

/// Sorts ascending, and counts the pairs that were the wrong way round.
fn sort_counting_swaps(values: &mut [f64]) -> i128 {
    let mut merged = Vec::with_capacity(values.len());
    let (mut width, mut swaps) = (1, 0);
    while width < values.len() {
        for block in values.chunks_mut(2 * width) {
            let (mut left, mut right) = block.split_at(width.min(block.len()));
            merged.clear();
            loop {
                match (left, right) {
                    ([a, rest @ ..], [b, ..]) if a <= b => {
                        merged.push(*a);
                        left = rest;
                    }
                    (_, [b, rest @ ..]) => {
                        swaps += left.len() as i128;
                        merged.push(*b);
                        right = rest;
                    }
                    (_, []) => break,
                }
            }
            merged.extend_from_slice(left);
            block.copy_from_slice(&merged);
        }
        width *= 2;
    }
    swaps
}

fn ndcg(reference: &[f64], current: &[f64]) -> Option<f64> {
    let largest = reference.iter().copied().fold(0.0, f64::max);
    if largest == 0.0 {
        return None;
    }
    // In units of the largest, so that no sum leaves the range.
    let gains: Vec<f64> = reference.iter().map(|gain| gain / largest).collect();
    Some((discounted(&gains, current) / discounted(&gains, reference)).clamp(0.0, 1.0))
}

/// The discounted gain of the order that `scores` make; ties share their mean gain.
fn discounted(gains: &[f64], scores: &[f64]) -> f64 {
    let order = order::descending(scores);
    let mut sum = num::Sum::default();
    let mut place = 0;
    for tied in order.chunk_by(|a, b| scores[*a] == scores[*b]) {
        let gain: num::Sum = tied.iter().map(|feature| gains[*feature]).collect();
        let gain = gain.value() / tied.len() as f64;
        for _ in tied {
            place += 1;
            sum.add(gain * core::f64::consts::LN_2 / num::ln_1p(f64::from(place)));
        }
    }
    sum.value()
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn same_and_opposite_orders() {
        let up: Vec<f64> = (0..9).map(f64::from).collect();
        let down: Vec<f64> = up.iter().rev().copied().collect();
        let same = rank_agreement(&up, &up).unwrap();
        assert_eq!((same.kendall, same.spearman, same.ndcg), (Some(1.0), Some(1.0), Some(1.0)));
        let opposite = rank_agreement(&up, &down).unwrap();
        assert_eq!((opposite.kendall, opposite.spearman), (Some(-1.0), Some(-1.0)));
    }

    #[test]
    fn ties_are_counted_by_hand() {
        // Pairs: (1,1)-(1,2) tied in the reference; the others go the same way: 2/√(2·3).
        let agreement = rank_agreement(&[1.0, 1.0, 2.0], &[1.0, 2.0, 3.0]).unwrap();
        assert!((agreement.kendall.unwrap() - 2.0 / num::sqrt(6.0)).abs() < 1e-15);
        assert_eq!(twice_ranks(&[5.0, 7.0, 5.0]), [5, 2, 5]);
    }

    #[test]
    fn what_is_undefined_is_none() {
        let agreement = rank_agreement(&[0.0, 0.0], &[1.0, 2.0]).unwrap();
        assert_eq!((agreement.kendall, agreement.spearman, agreement.ndcg), (None, None, None));
        let lone = rank_agreement(&[1e308], &[1.0]).unwrap();
        assert_eq!((lone.kendall, lone.ndcg), (None, Some(1.0)));
    }

    #[test]
    fn refuses_what_has_no_order() {
        let kind = |reference: &[f64], current: &[f64]| {
            rank_agreement(reference, current).unwrap_err().kind()
        };
        assert_eq!(kind(&[], &[]), ErrorKind::EmptySample);
        assert_eq!(kind(&[1.0], &[]), ErrorKind::ShapeMismatch);
        assert_eq!(kind(&[f64::NAN], &[1.0]), ErrorKind::NotFinite);
        assert_eq!(kind(&[1.0], &[-1.0]), ErrorKind::OutOfRange);
    }

    #[test]
    fn swaps_are_counted() {
        let mut values = vec![3.0, 1.0, 2.0, 2.0, 0.0];
        assert_eq!(sort_counting_swaps(&mut values), 7);
        assert_eq!(values, [0.0, 1.0, 2.0, 2.0, 3.0]);
    }
}
