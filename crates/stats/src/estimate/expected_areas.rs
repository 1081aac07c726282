//! Areas under the curves of rows that are positive with a known probability.

use alloc::vec::Vec;

use crate::num;

/// Areas of one ranking. `None` where no positive, or no negative, is expected.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ExpectedAreas {
    pub roc_auc: Option<f64>,
    pub average_precision: Option<f64>,
}

/// Areas of rows by their scores, each counting as a positive to the part of its chance.
///
/// Each row is a point of the curves, and the counts of positives and negatives up to it are rounded to
/// five decimals, as in the oracle. Tied rows share their chances, so that their order does not matter.
///
/// # Arguments
/// * `rows`: scores, chances of being positive, and how often each row is there, at least once; in any
///   order.
pub(super) fn expected_areas(mut rows: Vec<(f64, f64, u64)>) -> ExpectedAreas {
    rows.sort_unstable_by(|(s, p, _), (t, q, _)| t.total_cmp(s).then(q.total_cmp(p)));
    let (mut positives, mut under_roc, mut under_pr) =
        (0.0, num::Sum::default(), num::Sum::default());
    let (mut before, mut before_negatives) = (0.0, 0.0);
    let mut called = 0.0;
    for tie in rows.chunk_by(|(s, ..), (t, ..)| s == t) {
        let shared = shared_chance(tie);
        for (_, chance, count) in tie {
            let (chance, count) = (shared.unwrap_or(*chance), *count as f64);
            let called_before = called;
            called += count;
            positives += chance * count;
            let (t, f) = (five_decimals(positives), five_decimals(called - positives));
            under_roc.add((f - before_negatives) * 0.5 * (t + before));
            under_pr.add(if count > 1.0 {
                let step = (t - before) / count;
                step * (step * count
                    + (before - step * called_before) * reciprocals(called_before, called))
            } else {
                (t - before) * (t / called)
            });
            (before, before_negatives) = (t, f);
        }
    }
    let (t, f) = (before, before_negatives);
    ExpectedAreas {
        roc_auc: (t > 0.0 && f > 0.0).then(|| (under_roc.value() / t / f).clamp(0.0, 1.0)),
        average_precision: (t > 0.0).then(|| (under_pr.value() / t).clamp(0.0, 1.0)),
    }
}

/// The mean chance of tied rows, where they differ.
fn shared_chance(tie: &[(f64, f64, u64)]) -> Option<f64> {
    let ((_, largest, _), (_, smallest, _)) = (tie.first()?, tie.last()?);
    (largest > smallest).then(|| {
        let sum: num::Sum = tie.iter().map(|(_, chance, count)| *chance * *count as f64).collect();
        let rows: u64 = tie.iter().map(|(.., count)| count).sum();
        sum.value() / rows as f64
    })
}

/// The sum of `1/j` over the whole numbers `j` with `from < j ≤ to`.
///
/// The rows that one count stands for are points of the curve of average precision at `t₀ + j s` positives
/// among `c₀ + j` rows; `Σ (t₀ + j s)/(c₀ + j)` is `w s + (t₀ − s c₀) Σ 1/(c₀ + j)`.
fn reciprocals(from: f64, to: f64) -> f64 {
    /// From here on the expansion below is exact to the last digits.
    const LARGE: f64 = 32.0;
    let (mut sum, mut from) = (0.0, from);
    while from < to.min(LARGE) {
        from += 1.0;
        sum += 1.0 / from;
    }
    // Harmonic numbers are ln n + γ + 1/2n − 1/12n² + 1/120n⁴.
    let rest = |n: f64| {
        let inverse = 1.0 / n;
        let square = inverse * inverse;
        0.5 * inverse - square * (1.0 / 12.0 - square / 120.0)
    };
    if to > from { sum + num::ln_1p((to - from) / from) + (rest(to) - rest(from)) } else { sum }
}

fn five_decimals(count: f64) -> f64 {
    num::round_ties_even(count * 1e5) / 1e5
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    fn of(rows: &[(f64, f64)]) -> ExpectedAreas {
        expected_areas(rows.iter().map(|(score, chance)| (*score, *chance, 1)).collect())
    }

    #[test]
    fn certain_rows_have_the_areas_of_their_labels() {
        let areas = of(&[(0.9, 1.0), (0.8, 0.0), (0.7, 1.0), (0.6, 0.0)]);
        assert_eq!(areas.roc_auc, Some(0.75));
        assert!((areas.average_precision.unwrap() - 5.0 / 6.0).abs() < 1e-15);
    }

    #[test]
    fn the_order_of_ties_does_not_matter() {
        let rows = [(0.5, 0.1), (0.5, 0.9), (0.5, 0.2), (0.1, 0.0)];
        let mut turned = rows;
        turned.reverse();
        assert_eq!(of(&rows), of(&turned));
        let all_tied = of(&[(0.5, 0.2), (0.5, 0.6)]);
        assert!((all_tied.roc_auc.unwrap() - 0.5).abs() < 1e-15);
    }

    #[test]
    fn what_is_not_expected_has_no_area() {
        let none = of(&[(0.5, 0.0), (0.6, 0.0)]);
        assert_eq!((none.roc_auc, none.average_precision), (None, None));
        let all = of(&[(0.5, 1.0), (0.6, 1.0)]);
        assert_eq!((all.roc_auc, all.average_precision), (None, Some(1.0)));
        // Half a thousandth of a per cent rounds away.
        assert_eq!(of(&[(0.5, 1e-6)]).average_precision, None);
    }

    #[test]
    fn a_count_is_as_many_rows() {
        for counts in [[3, 1, 40, 7], [1, 1, 1, 200], [500, 2, 30, 1]] {
            let rows = [(0.9, 0.75), (0.7, 0.5), (0.7, 0.25), (0.1, 0.125)];
            let counted = rows.iter().zip(counts).map(|((s, p), count)| (*s, *p, count)).collect();
            let each = rows.iter().zip(counts).flat_map(|(row, count)| vec![*row; count as usize]);
            let (counted, each) = (expected_areas(counted), of(&each.collect::<Vec<_>>()));
            let near = |a: Option<f64>, b: Option<f64>| (a.unwrap() - b.unwrap()).abs() < 1e-7;
            assert!(near(counted.roc_auc, each.roc_auc), "{counted:?} {each:?}");
            assert!(
                near(counted.average_precision, each.average_precision),
                "{counted:?} {each:?}"
            );
        }
    }
}
