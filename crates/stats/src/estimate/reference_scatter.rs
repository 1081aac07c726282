//! How much figures scatter from sample to sample, as labelled reference rows tell.

use crate::{num, quality::Ranking};

/// The counts of one class against all others.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counts {
    pub true_positives: u64,
    pub false_positives: u64,
    pub false_negatives: u64,
    pub true_negatives: u64,
}

impl Counts {
    fn total(&self) -> u64 {
        self.true_positives + self.false_positives + self.false_negatives + self.true_negatives
    }

    /// Variance of precision in a sample of one row; `None` when no row says.
    pub(super) fn precision(&self) -> Option<f64> {
        self.of_share(self.true_positives, self.false_positives)
    }

    /// As [`Self::precision`], of recall.
    pub(super) fn recall(&self) -> Option<f64> {
        self.of_share(self.true_positives, self.false_negatives)
    }

    /// As [`Self::precision`], of specificity.
    pub(super) fn specificity(&self) -> Option<f64> {
        self.of_share(self.true_negatives, self.false_positives)
    }

    /// As [`Self::precision`], of the Jaccard index, which NannyML takes for F1 in many classes.
    pub(super) fn jaccard(&self) -> Option<f64> {
        self.of_share(self.true_positives, self.false_positives + self.false_negatives)
    }

    /// As [`Self::precision`], of F1.
    pub(super) fn f1(&self) -> Option<f64> {
        let wrong = (self.false_positives + self.false_negatives) as f64;
        let right = self.true_positives as f64;
        let correction = (right + wrong) / (right + 0.5 * wrong);
        Some(self.jaccard()? * correction * correction)
    }

    /// The variance of a share of the rows that it is about, of which there are fewer than rows.
    fn of_share(&self, right: u64, wrong: u64) -> Option<f64> {
        let relevant = (right + wrong) as f64;
        let variance = (right as f64 / relevant) * (wrong as f64 / relevant);
        (relevant > 0.0).then(|| variance / (relevant / self.total() as f64))
    }
}

/// Variance of a share in a sample of one row.
pub(super) fn of_share(successes: u64, trials: u64) -> Option<f64> {
    let n = trials as f64;
    (trials > 0).then(|| (successes as f64 / n) * ((trials - successes) as f64 / n))
}

/// Variance of the ROC area in a sample of one row: over the rows of the rarer class, that of the share
/// of the other class which each is in order with, divided by how rare it is.
///
/// `None` when a class is missing.
pub(super) fn of_roc_auc(ranking: &Ranking) -> Option<f64> {
    let (all_positives, all_negatives) = (ranking.positives(), ranking.negatives());
    if all_positives == 0 || all_negatives == 0 {
        return None;
    }
    let positives_are_rare = all_positives <= all_negatives;
    let (rare, other) = if positives_are_rare {
        (all_positives as f64, all_negatives as f64)
    } else {
        (all_negatives as f64, all_positives as f64)
    };
    let area = ranking.roc_auc()?;
    let mut sum = num::Sum::default();
    let (mut positives_above, mut negatives_below) = (0, all_negatives);
    for tie in ranking.ties() {
        negatives_below -= tie.negatives;
        let (own, others, in_order) = if positives_are_rare {
            (tie.positives as f64, tie.negatives as f64, negatives_below)
        } else {
            (tie.negatives as f64, tie.positives as f64, positives_above)
        };
        positives_above += tie.positives;
        // The mean over all orders of the tied: of the squares within, less that of the mean's own.
        let gap = (in_order as f64 + 0.5 * others) / other - area;
        let within = others * (others + 2.0) / 12.0;
        let of_mean = others * (own + others + 1.0) / 12.0 / rare;
        sum.add(own * (gap * gap + (within - of_mean) / (other * other)));
    }
    let variance = (sum.value() / rare).max(0.0);
    Some(variance / (rare / (rare + other)))
}

/// Variance of average precision in a sample of one row, by its influence function.
///
/// With `G` the share of rows at or above a score, `A` that of positives at or above it, `π` that of all
/// positives, and sums over the positives at or below a score `s`, `h = Σ 1/(n G)` and
/// `k = Σ A/(n G²)`: a row with label `y` has the influence
/// `(y (A/G + h) − k − AP (y − π)) / π − AP`.
///
/// `None` when there is no positive.
pub(super) fn of_average_precision(ranking: &Ranking) -> Option<f64> {
    let area = ranking.average_precision()?;
    let rows = (ranking.positives() + ranking.negatives()) as f64;
    let prevalence = ranking.positives() as f64 / rows;
    let (mut at_or_above, mut positives_at_or_above) = (rows, ranking.positives() as f64);
    let (mut below, mut weighed) = (num::Sum::default(), num::Sum::default());
    let mut sum = num::Sum::default();
    for tie in ranking.ties().iter().rev() {
        let (positives, negatives) = (tie.positives as f64, tie.negatives as f64);
        let precision = positives_at_or_above / at_or_above;
        below.add(positives / at_or_above);
        weighed.add(positives * precision / at_or_above);
        let influence = |label: f64| {
            let of_sum = label * (precision + below.value()) - weighed.value();
            (of_sum - area * (label - prevalence)) / prevalence - area
        };
        let (of_positive, of_negative) = (influence(1.0), influence(0.0));
        sum.add(positives * of_positive * of_positive);
        sum.add(negatives * of_negative * of_negative);
        at_or_above -= positives + negatives;
        positives_at_or_above -= positives;
    }
    Some(sum.value() / rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_of_a_perfect_ranking_do_not_scatter() {
        let ranking = Ranking::try_new(&[true, true, false], &[0.9, 0.8, 0.1]).unwrap();
        assert_eq!(of_roc_auc(&ranking), Some(0.0));
        assert!(of_average_precision(&ranking).unwrap() < 1e-30);
    }

    #[test]
    fn a_variance_by_hand() {
        // The one negative is below one of two positives: a single rank has no spread. The other way
        // round the shares are 1 and 0, of a variance of ¼, and two of three rows are about them.
        let rare_negative = Ranking::try_new(&[true, false, true], &[3.0, 2.0, 1.0]).unwrap();
        assert_eq!(of_roc_auc(&rare_negative), Some(0.0));
        let even = Ranking::try_new(&[true, false, true, false], &[4.0, 3.0, 2.0, 1.0]).unwrap();
        // Shares 1 and ½: variance 1/16, of half of the rows.
        assert_eq!(of_roc_auc(&even), Some(0.125));
    }

    #[test]
    fn ties_give_the_mean_over_their_orders() {
        // A positive tied with two negatives stands after none, one or both: no spread of a single one.
        let single = Ranking::try_new(&[true, false, false], &[1.0; 3]).unwrap();
        assert!(of_roc_auc(&single).unwrap() < 1e-15);
        // Two and two: of the six orders, positives' shares are (0,0) (0,½) (0,1) (½,½) (½,1) (1,1).
        let pairs = [(0.0, 0.0), (0.0, 0.5), (0.0, 1.0), (0.5, 0.5), (0.5, 1.0), (1.0, 1.0)];
        let mean: f64 = pairs.iter().map(|(a, b)| (a - b) * (a - b) / 4.0).sum::<f64>() / 6.0;
        let both = Ranking::try_new(&[true, false, false, true], &[1.0; 4]).unwrap();
        assert!((of_roc_auc(&both).unwrap() - 2.0 * mean).abs() < 1e-15);
    }

    #[test]
    fn one_class_says_nothing() {
        let positives = Ranking::try_new(&[true, true], &[0.5, 0.6]).unwrap();
        assert_eq!(of_roc_auc(&positives), None);
        let negatives = Ranking::try_new(&[false, false], &[0.5, 0.6]).unwrap();
        assert_eq!((of_roc_auc(&negatives), of_average_precision(&negatives)), (None, None));
    }
}
