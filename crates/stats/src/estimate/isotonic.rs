use alloc::vec::Vec;

use crate::{Error, ErrorKind, Sorted, quality};

/// What scores mean: the rising curve nearest to the outcomes, by isotonic regression.
///
/// The curve `f` minimises `Σ (yᵢ − f(sᵢ))²` over all that never fall. Between its knots it is straight,
/// and beyond the smallest and largest score it is constant.
///
/// # Examples
/// ```
/// use tidegate_stats::estimate::Isotonic;
/// let labels = [false, true, false, true];
/// let curve = Isotonic::fit(&labels, &[0.1, 0.2, 0.3, 0.9])?;
/// // 1 at 0.2 and 0 at 0.3 are the wrong way round, and become ½ both.
/// assert_eq!([0.0, 0.1, 0.25, 0.9].map(|score| curve.calibrate(score)), [0.0, 0.0, 0.5, 1.0]);
/// assert!((curve.calibrate(0.6) - 0.75).abs() < 1e-15);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Zadrozny & Elkan (2002), <https://doi.org/10.1145/775047.775151>. Oracle:
/// `sklearn.isotonic.IsotonicRegression(out_of_bounds="clip")`.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Isotonic {
    /// Scores and probabilities, at least one, the scores ascending and the probabilities never falling.
    knots: Vec<(f64, f64)>,
}

/// Neighbouring scores that share a probability.
#[derive(Debug, Clone, Copy)]
struct Block {
    first: f64,
    last: f64,
    positives: u64,
    count: u64,
}

impl Isotonic {
    /// Scores that are nearer than this count as one, as in the oracle.
    pub const RESOLUTION: f64 = 1e-15;

    /// Fits the curve.
    ///
    /// # Arguments
    /// * `labels`: whether each is a positive, shape `[n]`, `n ≥ 1`.
    /// * `scores`: finite, shape `[n]`; higher ones for what the model takes to be positive.
    ///
    /// # Errors
    /// * [`ErrorKind::ShapeMismatch`]: the lengths differ.
    /// * [`ErrorKind::EmptySample`]: there is no row.
    /// * [`ErrorKind::NotFinite`]: a score is NaN or infinite.
    /// * [`ErrorKind::OutOfRange`]: more than [`Sorted::MAX_LEN`] rows.
    ///
    /// # Numerics
    /// O(n log n). Blocks are compared in whole numbers, so each probability is one rounded quotient.
    ///
    /// # References
    /// Pooled adjacent violators: Ayer et al. (1955), <https://doi.org/10.1214/aoms/1177728423>.
    pub fn fit(labels: &[bool], scores: &[f64]) -> Result<Self, Error> {
        quality::check_pairs(labels.len(), scores.len())?;
        if scores.len() as u64 > Sorted::MAX_LEN {
            return Err(Error::new(ErrorKind::OutOfRange, "the number of scores"));
        }
        if scores.iter().any(|score| !score.is_finite()) {
            return Err(Error::new(ErrorKind::NotFinite, "the list of scores"));
        }
        let mut rows: Vec<(f64, bool)> =
            scores.iter().map(|score| score + 0.0).zip(labels.iter().copied()).collect();
        rows.sort_unstable_by(|(a, _), (b, _)| a.total_cmp(b));
        Ok(Self::of_sorted(rows.into_iter()))
    }

    /// The curve of rows by ascending score, at least one.
    pub(super) fn of_sorted(rows: impl Iterator<Item = (f64, bool)>) -> Self {
        let mut blocks: Vec<Block> = Vec::new();
        let mut open: Option<Block> = None;
        for (score, label) in rows {
            let positives = u64::from(label);
            match &mut open {
                Some(block) if score - block.first < Self::RESOLUTION => {
                    block.count += 1;
                    block.positives += positives;
                }
                _ => {
                    close(&mut blocks, open);
                    open = Some(Block { first: score, last: score, positives, count: 1 });
                }
            }
        }
        close(&mut blocks, open);
        let mut knots = Vec::with_capacity(2 * blocks.len());
        for Block { first, last, positives, count } in blocks {
            let probability = positives as f64 / count as f64;
            knots.push((first, probability));
            if last > first {
                knots.push((last, probability));
            }
        }
        Self { knots }
    }

    /// The probability that a score means, in `[0, 1]`. NaN is taken for the lowest score.
    ///
    /// # Numerics
    /// O(log k) for `k` knots, no allocation.
    #[must_use]
    pub fn calibrate(&self, score: f64) -> f64 {
        let above = self.knots.partition_point(|(knot, _)| *knot < score);
        let upper = self.knots.get(above).or(self.knots.last());
        let lower = above.checked_sub(1).and_then(|below| self.knots.get(below)).or(upper);
        let (Some((lower, p)), Some((upper, q))) = (lower, upper) else { return 0.0 };
        if score >= *upper {
            return *q;
        }
        let (mut part, mut whole) = (score - lower, upper - lower);
        if !whole.is_finite() {
            (part, whole) = (0.5 * score - 0.5 * lower, 0.5 * upper - 0.5 * lower);
        }
        if part > 0.0 { (part / whole * (q - p) + p).clamp(*p, *q) } else { *p }
    }

    /// Scores and probabilities between which the curve is straight, ascending.
    #[must_use]
    pub fn knots(&self) -> &[(f64, f64)] {
        &self.knots
    }
}

/// Adds a block after others that rise, and pools what then does not.
fn close(blocks: &mut Vec<Block>, block: Option<Block>) {
    let Some(mut block) = block else { return };
    // Products of two counts of a sample stay below 2⁶².
    while let Some(before) = blocks.last().copied()
        && before.positives * block.count >= block.positives * before.count
    {
        block.first = before.first;
        block.positives += before.positives;
        block.count += before.count;
        blocks.pop();
    }
    blocks.push(block);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_row_is_a_constant() {
        let curve = Isotonic::fit(&[true], &[0.3]).unwrap();
        assert_eq!([-1e308, 0.3, 7.0].map(|score| curve.calibrate(score)), [1.0; 3]);
    }

    #[test]
    fn falling_outcomes_are_one_block() {
        let curve = Isotonic::fit(&[true, true, false, false], &[1.0, 2.0, 3.0, 4.0]).unwrap();
        assert_eq!(curve.knots(), [(1.0, 0.5), (4.0, 0.5)]);
    }

    #[test]
    fn ties_are_one_score() {
        let curve = Isotonic::fit(&[false, true, true, true], &[0.0, -0.0, 1e-16, 0.5]).unwrap();
        assert_eq!(curve.knots(), [(0.0, 2.0 / 3.0), (0.5, 1.0)]);
    }

    #[test]
    fn the_ends_of_the_doubles_are_scores_too() {
        let curve = Isotonic::fit(&[false, true], &[-f64::MAX, f64::MAX]).unwrap();
        assert_eq!(curve.calibrate(0.0), 0.5);
        assert_eq!(curve.calibrate(f64::INFINITY), 1.0);
        assert_eq!(curve.calibrate(f64::NAN), 0.0);
    }

    #[test]
    fn refuses_what_has_no_curve() {
        let kind =
            |labels: &[bool], scores: &[f64]| Isotonic::fit(labels, scores).unwrap_err().kind();
        assert_eq!(kind(&[], &[]), ErrorKind::EmptySample);
        assert_eq!(kind(&[true], &[]), ErrorKind::ShapeMismatch);
        assert_eq!(kind(&[true], &[f64::NEG_INFINITY]), ErrorKind::NotFinite);
    }
}
