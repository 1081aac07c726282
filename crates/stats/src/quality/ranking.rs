use alloc::vec::Vec;

use crate::{Error, ErrorKind, Interval, Sorted, num, special};

/// Labelled scores in descending order, equal ones as one: sorted once, then used by every curve.
///
/// Only the order of the scores matters, so they may be probabilities or not.
///
/// # Examples
/// ```
/// use tidegate_stats::quality::Ranking;
/// let ranking = Ranking::try_new(&[true, false, true, false], &[0.9, 0.6, 0.6, 0.1])?;
/// // Of the four pairs of a positive and a negative, three are in order and one is tied.
/// assert_eq!(ranking.roc_auc(), Some(3.5 / 4.0));
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking {
    /// Descending.
    ties: Vec<Tie>,
    positives: u64,
    negatives: u64,
}

/// All predictions with one score.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Tie {
    pub(crate) score: f64,
    pub(crate) positives: u64,
    pub(crate) negatives: u64,
}

/// A point of the ROC curve: what calling positive all scores from `threshold` up would give.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RocPoint {
    /// The lowest score that is called positive; `None` at the origin, where none is.
    pub threshold: Option<f64>,
    /// Share of the negatives called positive, in `[0, 1]`.
    pub false_positive_rate: f64,
    /// Share of the positives called positive, in `[0, 1]`.
    pub true_positive_rate: f64,
}

impl Ranking {
    /// Sorts labelled scores. `-0.0` and `0.0` are tied.
    ///
    /// # Arguments
    /// * `labels`: whether each is a positive, shape `[n]`, `n ≥ 1`.
    /// * `scores`: finite, shape `[n]`; higher ones for what the model takes to be positive.
    ///
    /// # Errors
    /// * [`ErrorKind::ShapeMismatch`]: the lengths differ.
    /// * [`ErrorKind::EmptySample`]: there is no prediction.
    /// * [`ErrorKind::NotFinite`]: a score is NaN or infinite.
    /// * [`ErrorKind::OutOfRange`]: more than [`Sorted::MAX_LEN`] scores.
    ///
    /// # Numerics
    /// O(n log n), two allocations of 16 and 24 bytes a score.
    pub fn try_new(labels: &[bool], scores: &[f64]) -> Result<Self, Error> {
        super::check_pairs(labels.len(), scores.len())?;
        if scores.len() as u64 > Sorted::MAX_LEN {
            return Err(Error::new(ErrorKind::OutOfRange, "the number of scores"));
        }
        if scores.iter().any(|score| !score.is_finite()) {
            return Err(Error::new(ErrorKind::NotFinite, "the list of scores"));
        }
        // Adding zero leaves every number alone but -0.0, which it makes 0.0.
        let mut sorted: Vec<(f64, bool)> =
            scores.iter().map(|score| score + 0.0).zip(labels.iter().copied()).collect();
        sorted.sort_unstable_by(|(a, _), (b, _)| b.total_cmp(a));

        let mut ties = Vec::new();
        for run in sorted.chunk_by(|(a, _), (b, _)| a == b) {
            let Some((score, _)) = run.first() else { continue };
            let of_run = run.iter().filter(|(_, label)| *label).count() as u64;
            let tie =
                Tie { score: *score, positives: of_run, negatives: run.len() as u64 - of_run };
            ties.push(tie);
        }
        Ok(Self::of_ties(ties))
    }

    /// The ranking of scores in descending order, equal ones as one, each with a prediction.
    pub(super) fn of_ties(ties: Vec<Tie>) -> Self {
        let positives = ties.iter().map(|tie| tie.positives).sum();
        let negatives = ties.iter().map(|tie| tie.negatives).sum();
        Self { ties, positives, negatives }
    }

    /// Adds all that `other` has ranked, as if all had been sorted together.
    ///
    /// # Errors
    /// * [`ErrorKind::OutOfRange`]: more than [`Sorted::MAX_LEN`] scores. Nothing is added then.
    ///
    /// # Numerics
    /// O(d) for `d` distinct scores of both, one allocation; exact.
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::quality::Ranking;
    /// let mut ranking = Ranking::try_new(&[true, false], &[0.9, 0.6])?;
    /// ranking.merge(&Ranking::try_new(&[true, false], &[0.6, 0.1])?)?;
    /// assert_eq!(ranking.roc_auc(), Some(3.5 / 4.0));
    /// # Ok::<(), tidegate_stats::Error>(())
    /// ```
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        let total = [self, other].iter().map(|of| of.positives + of.negatives).sum::<u64>();
        if total > Sorted::MAX_LEN {
            return Err(Error::new(ErrorKind::OutOfRange, "the number of scores"));
        }
        let mut ties: Vec<Tie> = Vec::with_capacity(self.ties.len() + other.ties.len());
        let (mut own, mut others) = (self.ties.iter().peekable(), other.ties.iter().peekable());
        loop {
            let is_own = match (own.peek(), others.peek()) {
                (Some(own), Some(other)) => own.score >= other.score,
                (own, _) => own.is_some(),
            };
            let Some(tie) = (if is_own { own.next() } else { others.next() }) else { break };
            match ties.last_mut() {
                Some(last) if last.score == tie.score => {
                    last.positives += tie.positives;
                    last.negatives += tie.negatives;
                }
                _ => ties.push(*tie),
            }
        }
        *self = Self::of_ties(ties);
        Ok(())
    }

    /// The scores in descending order, equal ones as one.
    pub(crate) fn ties(&self) -> &[Tie] {
        &self.ties
    }

    /// The number of positives.
    #[must_use]
    pub const fn positives(&self) -> u64 {
        self.positives
    }

    /// The number of negatives.
    #[must_use]
    pub const fn negatives(&self) -> u64 {
        self.negatives
    }

    /// Area under the ROC curve: the probability that a random positive scores above a random
    /// negative, a tie counting half. In `[0, 1]`; ½ is chance.
    ///
    /// `None` when a class is missing.
    ///
    /// # Numerics
    /// O(n). The pairs in order are counted exactly, in halves: one rounding in all.
    ///
    /// # References
    /// Hanley & McNeil (1982), <https://doi.org/10.1148/radiology.143.1.7063747>. Oracle:
    /// `sklearn.metrics.roc_auc_score`.
    #[must_use]
    pub fn roc_auc(&self) -> Option<f64> {
        // At most 2 · 2³⁰ · 2³⁰: a sample holds no more than 2³¹ scores.
        let mut half_pairs = 0_u64;
        let mut negatives_below = self.negatives;
        for tie in &self.ties {
            negatives_below -= tie.negatives;
            half_pairs += tie.positives * (2 * negatives_below + tie.negatives);
        }
        let all = 2 * self.positives * self.negatives;
        (all > 0).then(|| half_pairs as f64 / all as f64)
    }

    /// Gini coefficient of the scores, `2 AUC − 1`: the share of pairs in order less that of pairs out
    /// of order. In `[-1, 1]`; 0 is chance. `None` when a class is missing.
    ///
    /// # References
    /// Somers (1962), <https://doi.org/10.2307/2090408>: it is his D of the scores given the labels.
    #[must_use]
    pub fn gini(&self) -> Option<f64> {
        self.roc_auc().map(|area| 2.0 * area - 1.0)
    }

    /// DeLong's interval of [`Self::roc_auc`].
    ///
    /// `AUC ± z √(S₁₀/P + S₀₁/N)`, cut to `[0, 1]`, where `S₁₀` is the variance over the `P` positives
    /// of the share of negatives below each, and `S₀₁` that over the `N` negatives of the share of
    /// positives above.
    ///
    /// # Arguments
    /// * `alpha`: the accepted probability that the AUC is outside, in `(0, 1)`.
    ///
    /// # Returns
    /// `None` when a class has fewer than two predictions, or the variance is 0, as it is when the
    /// classes do not overlap: the law says nothing then. It is doubtful for AUCs near 1 from less
    /// than some 50 of a class.
    ///
    /// # Errors
    /// * [`ErrorKind::OutOfRange`]: `alpha` is no probability.
    ///
    /// # Numerics
    /// O(n), no allocation.
    ///
    /// # References
    /// DeLong, DeLong & Clarke-Pearson (1988), <https://doi.org/10.2307/2531595>; Sun & Xu (2014),
    /// <https://doi.org/10.1109/LSP.2014.2337313>, for the linear time.
    pub fn roc_auc_interval(&self, alpha: f64) -> Result<Option<Interval>, Error> {
        let z_squared = special::chi_square_point(checked_alpha(alpha)?, 1.0)?;
        let Some((auc, variance)) = self.roc_auc().zip(self.roc_auc_variance()) else {
            return Ok(None);
        };
        let reach = num::sqrt(variance * z_squared);
        Ok((variance > 0.0)
            .then(|| Interval { lower: (auc - reach).max(0.0), upper: (auc + reach).min(1.0) }))
    }

    /// DeLong's variance of [`Self::roc_auc`]; `None` when a class has fewer than two predictions.
    pub(crate) fn roc_auc_variance(&self) -> Option<f64> {
        let auc = self.roc_auc().filter(|_| self.positives > 1 && self.negatives > 1)?;
        let [p, n] = [self.positives, self.negatives].map(|count| count as f64);
        let (mut of_positives, mut of_negatives) = (num::Sum::default(), num::Sum::default());
        let (mut positives_above, mut negatives_below) = (0, self.negatives);
        for tie in &self.ties {
            negatives_below -= tie.negatives;
            let below = (2 * negatives_below + tie.negatives) as f64 / (2.0 * n) - auc;
            let above = (2 * positives_above + tie.positives) as f64 / (2.0 * p) - auc;
            of_positives.add(tie.positives as f64 * below * below);
            of_negatives.add(tie.negatives as f64 * above * above);
            positives_above += tie.positives;
        }
        Some(of_positives.value() / (p - 1.0) / p + of_negatives.value() / (n - 1.0) / n)
    }

    /// Average precision, the area under the precision-recall curve as a sum of steps:
    /// `Σ (Rᵢ − Rᵢ₋₁) Pᵢ` over the distinct scores, descending. In `[0, 1]`; the share of positives is
    /// chance.
    ///
    /// `None` when there is no positive. (scikit-learn says 0.)
    ///
    /// # Numerics
    /// O(n), a compensated sum.
    ///
    /// # References
    /// Oracle: `sklearn.metrics.average_precision_score`.
    #[must_use]
    pub fn average_precision(&self) -> Option<f64> {
        self.pr_area(|_, precision| precision)
    }

    /// Area under the precision-recall curve by trapezoids, from the point of recall 0 and
    /// precision 1. In `[0, 1]`.
    ///
    /// Straight lines between the points promise a precision that no threshold has, so it is too
    /// high where points are few; prefer [`Self::average_precision`]. `None` when there is no
    /// positive.
    ///
    /// # References
    /// Davis & Goadrich (2006), <https://doi.org/10.1145/1143844.1143874>. Oracle:
    /// `sklearn.metrics.auc` of `precision_recall_curve`.
    #[must_use]
    pub fn pr_auc_trapezoidal(&self) -> Option<f64> {
        self.pr_area(|before, precision| 0.5 * (before + precision))
    }

    /// Kolmogorov-Smirnov distance of the scores of the two classes: the largest difference between
    /// true and false positive rate, in `[0, 1]`. `None` when a class is missing.
    ///
    /// # Numerics
    /// O(n); exact but for one division.
    #[must_use]
    pub fn kolmogorov_smirnov(&self) -> Option<f64> {
        let (mut positives, mut negatives) = (0, 0);
        let mut largest = 0;
        for tie in &self.ties {
            positives += tie.positives;
            negatives += tie.negatives;
            let gap = (positives * self.negatives).abs_diff(negatives * self.positives);
            largest = gap.max(largest);
        }
        let all = self.positives * self.negatives;
        (all > 0).then(|| largest as f64 / all as f64)
    }

    /// The ROC curve, from the origin to (1, 1): a point for each distinct score. `None` when a class
    /// is missing.
    #[must_use]
    pub fn roc_curve(&self) -> Option<Vec<RocPoint>> {
        if self.positives == 0 || self.negatives == 0 {
            return None;
        }
        let origin =
            RocPoint { threshold: None, false_positive_rate: 0.0, true_positive_rate: 0.0 };
        let mut curve = Vec::with_capacity(self.ties.len() + 1);
        curve.push(origin);
        let (mut positives, mut negatives) = (0, 0);
        for tie in &self.ties {
            positives += tie.positives;
            negatives += tie.negatives;
            curve.push(RocPoint {
                threshold: Some(tie.score),
                false_positive_rate: negatives as f64 / self.negatives as f64,
                true_positive_rate: positives as f64 / self.positives as f64,
            });
        }
        Some(curve)
    }

    /// The area under the precision-recall curve, its height over a step being made of the
    /// precisions before and after.
    fn pr_area(&self, height: fn(f64, f64) -> f64) -> Option<f64> {
        let (mut positives, mut called) = (0, 0);
        let mut before = 1.0;
        let mut sum = num::Sum::default();
        for tie in &self.ties {
            positives += tie.positives;
            called += tie.positives + tie.negatives;
            let precision = positives as f64 / called as f64;
            sum.add(tie.positives as f64 * height(before, precision));
            before = precision;
        }
        (self.positives > 0).then(|| (sum.value() / self.positives as f64).min(1.0))
    }
}

/// `alpha`, refused when it is no probability.
pub(super) fn checked_alpha(alpha: f64) -> Result<f64, Error> {
    crate::Decision { alpha, ..crate::Decision::default() }.checked_alpha()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranking(labels: &[bool], scores: &[f64]) -> Ranking {
        Ranking::try_new(labels, scores).unwrap()
    }

    #[test]
    fn all_tied_is_chance() {
        let tied = ranking(&[true, false, false, true], &[0.0, -0.0, 0.0, 0.0]);
        assert_eq!((tied.roc_auc(), tied.average_precision()), (Some(0.5), Some(0.5)));
        assert_eq!(tied.kolmogorov_smirnov(), Some(0.0));
        assert_eq!(tied.roc_curve().unwrap().len(), 2);
        assert_eq!(tied.roc_auc_interval(0.05).unwrap(), None);
    }

    #[test]
    fn by_hand() {
        // Descending: +, −, +, −. Precisions 1 and 2/3 at the positives; three pairs of four in order.
        let ranked = ranking(&[true, false, true, false], &[4.0, 3.0, 2.0, 1.0]);
        assert_eq!((ranked.roc_auc(), ranked.gini()), (Some(0.75), Some(0.5)));
        assert!((ranked.average_precision().unwrap() - 5.0 / 6.0).abs() < 1e-15);
        // ½ · (1 + 1)/2 + ½ · (1/2 + 2/3)/2.
        assert!((ranked.pr_auc_trapezoidal().unwrap() - 19.0 / 24.0).abs() < 1e-15);
        assert_eq!(ranked.kolmogorov_smirnov(), Some(0.5));
        // Shares of the other class in order: 1, ½ and ½, 1; so both variances are ⅛, theirs of the
        // area ⅛/2 + ⅛/2, and its root times 0.6745 is the reach of one half.
        let interval = ranked.roc_auc_interval(0.5).unwrap().unwrap();
        let reach = 0.674_489_750_196_081_7 * 0.353_553_390_593_273_8;
        assert!((interval.lower - (0.75 - reach)).abs() < 1e-12, "{interval:?}");
        assert!((interval.upper - (0.75 + reach)).abs() < 1e-12, "{interval:?}");
    }

    #[test]
    fn one_class_has_no_area() {
        let positives = ranking(&[true, true], &[0.1, 0.2]);
        assert_eq!((positives.roc_auc(), positives.average_precision()), (None, Some(1.0)));
        assert_eq!((positives.roc_curve(), positives.kolmogorov_smirnov()), (None, None));
        let negatives = ranking(&[false], &[1e308]);
        assert_eq!((negatives.roc_auc(), negatives.average_precision()), (None, None));
        assert_eq!(negatives.pr_auc_trapezoidal(), None);
        assert_eq!(negatives.roc_auc_interval(0.05).unwrap(), None);
    }

    #[test]
    fn refuses_what_cannot_be_ranked() {
        let kind =
            |labels: &[bool], scores: &[f64]| Ranking::try_new(labels, scores).unwrap_err().kind();
        assert_eq!(kind(&[], &[]), ErrorKind::EmptySample);
        assert_eq!(kind(&[true], &[]), ErrorKind::ShapeMismatch);
        assert_eq!(kind(&[true], &[f64::NAN]), ErrorKind::NotFinite);
        let ranked = ranking(&[true, false], &[1.0, 0.0]);
        for alpha in [0.0, 1.0, f64::NAN] {
            assert_eq!(ranked.roc_auc_interval(alpha).unwrap_err().kind(), ErrorKind::OutOfRange);
        }
    }
}
