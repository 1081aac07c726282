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
/// * `rows`: scores and chances of being positive, in any order.
pub(super) fn expected_areas(mut rows: Vec<(f64, f64)>) -> ExpectedAreas {
    rows.sort_unstable_by(|(s, p), (t, q)| t.total_cmp(s).then(q.total_cmp(p)));
    let (mut positives, mut under_roc, mut under_pr) =
        (0.0, num::Sum::default(), num::Sum::default());
    let (mut before, mut before_negatives) = (0.0, 0.0);
    let mut called = 0.0;
    for tie in rows.chunk_by(|(s, _), (t, _)| s == t) {
        let shared = shared_chance(tie);
        for (_, chance) in tie {
            called += 1.0;
            positives += shared.unwrap_or(*chance);
            let (t, f) = (five_decimals(positives), five_decimals(called - positives));
            under_roc.add((f - before_negatives) * 0.5 * (t + before));
            under_pr.add((t - before) * (t / called));
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
fn shared_chance(tie: &[(f64, f64)]) -> Option<f64> {
    let ((_, largest), (_, smallest)) = (tie.first()?, tie.last()?);
    (largest > smallest).then(|| {
        let sum: num::Sum = tie.iter().map(|(_, chance)| *chance).collect();
        sum.value() / tie.len() as f64
    })
}

fn five_decimals(count: f64) -> f64 {
    num::round_ties_even(count * 1e5) / 1e5
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certain_rows_have_the_areas_of_their_labels() {
        let rows = [(0.9, 1.0), (0.8, 0.0), (0.7, 1.0), (0.6, 0.0)].to_vec();
        let areas = expected_areas(rows);
        assert_eq!(areas.roc_auc, Some(0.75));
        assert!((areas.average_precision.unwrap() - 5.0 / 6.0).abs() < 1e-15);
    }

    #[test]
    fn the_order_of_ties_does_not_matter() {
        let rows = [(0.5, 0.1), (0.5, 0.9), (0.5, 0.2), (0.1, 0.0)];
        let mut turned = rows;
        turned.reverse();
        assert_eq!(expected_areas(rows.to_vec()), expected_areas(turned.to_vec()));
        let all_tied = expected_areas([(0.5, 0.2), (0.5, 0.6)].to_vec());
        assert!((all_tied.roc_auc.unwrap() - 0.5).abs() < 1e-15);
    }

    #[test]
    fn what_is_not_expected_has_no_area() {
        let none = expected_areas([(0.5, 0.0), (0.6, 0.0)].to_vec());
        assert_eq!((none.roc_auc, none.average_precision), (None, None));
        let all = expected_areas([(0.5, 1.0), (0.6, 1.0)].to_vec());
        assert_eq!((all.roc_auc, all.average_precision), (None, Some(1.0)));
        // Half a thousandth of a per cent rounds away.
        assert_eq!(expected_areas([(0.5, 1e-6)].to_vec()).average_precision, None);
    }
}
