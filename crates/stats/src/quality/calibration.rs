use alloc::{vec, vec::Vec};

use crate::{Error, ErrorKind, num, order};

/// How probabilities are put into bins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binning {
    /// So many bins of equal width over `[0, 1]`, each with its lower end, the last with both: bin
    /// `min(⌊p · bins⌋, bins − 1)`.
    EqualWidth(usize),
    /// So many bins of equal size, in the order of the probabilities, the first ones larger by one
    /// where the number does not divide. Equal probabilities stay in the order they came in, and
    /// may be parted.
    EqualCount(usize),
    /// So many bins of equal width over `[0, 1]`, each with its upper end, the first with both.
    /// scikit-learn's `calibration_curve(strategy="uniform")`.
    UpperEnds(usize),
    /// So many bins of about equal size, each with its upper end, between the quantiles of the
    /// probabilities by linear interpolation. Equal probabilities are never parted.
    /// scikit-learn's `calibration_curve(strategy="quantile")`.
    Quantiles(usize),
}

/// How often what was predicted with a probability happened, by bins of that probability.
///
/// # Examples
/// ```
/// use tidegate_stats::quality::{Binning, Reliability};
/// let labels = [true, true, true, false];
/// let curve = Reliability::try_new(&labels, &[0.6; 4], Binning::EqualWidth(10))?;
/// assert_eq!(curve.bins().len(), 1);
/// assert!((curve.expected_error() - 0.15).abs() < 1e-15); // ¾ happened
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(try_from = "Vec<ReliabilityBin>", into = "Vec<ReliabilityBin>")
)]
pub struct Reliability {
    bins: Vec<ReliabilityBin>,
    total: u64,
}

/// One bin of a [`Reliability`] curve.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ReliabilityBin {
    /// Predictions in the bin, `≥ 1`.
    pub count: u64,
    /// Mean probability predicted, in `[0, 1]`.
    pub predicted: f64,
    /// Share of positives, in `[0, 1]`.
    pub observed: f64,
}

#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    count: u64,
    positives: u64,
    probability: num::Sum,
}

impl Reliability {
    /// The most bins.
    pub const MAX_BINS: usize = 10_000;

    /// Bins labelled probabilities. Empty bins are left out.
    ///
    /// # Arguments
    /// * `labels`: whether each is a positive, shape `[n]`, `n ≥ 1`.
    /// * `probabilities`: of being positive, shape `[n]`, each in `[0, 1]`.
    /// * `binning`: into `1..=`[`Self::MAX_BINS`] bins.
    ///
    /// # Errors
    /// * [`ErrorKind::ShapeMismatch`]: the lengths differ.
    /// * [`ErrorKind::EmptySample`]: there is no prediction.
    /// * [`ErrorKind::NotFinite`]: a probability is NaN or infinite.
    /// * [`ErrorKind::OutOfRange`]: a value is no probability, or the number of bins is not allowed.
    ///
    /// # Numerics
    /// O(n) with bins of equal width, O(n log bins) with their upper ends, O(n log n) and a copy with
    /// bins of equal count or between quantiles. Compensated sums.
    ///
    /// # References
    /// `numpy.array_split` of a stable sort, for the bins of equal count;
    /// `sklearn.calibration.calibration_curve` for those with their upper ends.
    pub fn try_new(
        labels: &[bool],
        probabilities: &[f64],
        binning: Binning,
    ) -> Result<Self, Error> {
        super::check_pairs(labels.len(), probabilities.len())?;
        let (Binning::EqualWidth(bins)
        | Binning::EqualCount(bins)
        | Binning::UpperEnds(bins)
        | Binning::Quantiles(bins)) = binning;
        if !(1..=Self::MAX_BINS).contains(&bins) {
            return Err(Error::new(ErrorKind::OutOfRange, "the number of bins"));
        }
        for p in probabilities {
            super::check_probability(*p)?;
        }
        let pairs = labels.iter().copied().zip(probabilities.iter().copied());
        let tallies = match binning {
            Binning::EqualWidth(_) => equal_width(pairs, bins),
            Binning::EqualCount(_) => equal_count(&pairs.collect::<Vec<_>>(), bins),
            Binning::UpperEnds(_) => between(pairs, &shares(bins)),
            Binning::Quantiles(_) => between(pairs, &quantiles(probabilities.to_vec(), bins)),
        };
        Ok(Self::of_bins(tallies.iter().filter_map(Tally::bin).collect()))
    }

    /// The curve of these bins, ascending, none of which is empty, but not all.
    pub(super) fn of_bins(bins: Vec<ReliabilityBin>) -> Self {
        let total = bins.iter().map(|bin| bin.count).sum();
        Self { bins, total }
    }

    /// The bins that are not empty, ascending: the reliability curve.
    #[must_use]
    pub fn bins(&self) -> &[ReliabilityBin] {
        &self.bins
    }

    /// Expected calibration error (ECE): the mean over the predictions of their bin's
    /// `|observed − predicted|`, in `[0, 1]`.
    ///
    /// It is not 0 for a perfectly calibrated model but of the order of `√(bins / n)`, and it depends
    /// on the binning: compare only numbers that were got in the same way.
    ///
    /// # References
    /// Naeini, Cooper & Hauskrecht (2015), <https://doi.org/10.1609/aaai.v29i1.9602>.
    #[must_use]
    pub fn expected_error(&self) -> f64 {
        self.mean(|gap| gap)
    }

    /// Maximum calibration error (MCE): the largest `|observed − predicted|`, in `[0, 1]`.
    #[must_use]
    pub fn maximum_error(&self) -> f64 {
        self.bins.iter().map(ReliabilityBin::gap).fold(0.0, f64::max)
    }

    /// Root mean square calibration error: as the expected one, the gaps being squared, in `[0, 1]`.
    #[must_use]
    pub fn root_mean_square_error(&self) -> f64 {
        num::sqrt(self.mean(|gap| gap * gap))
    }

    fn mean(&self, of_gap: fn(f64) -> f64) -> f64 {
        let sum: num::Sum =
            self.bins.iter().map(|bin| bin.count as f64 * of_gap(bin.gap())).collect();
        sum.value() / self.total as f64
    }
}

impl From<Reliability> for Vec<ReliabilityBin> {
    fn from(curve: Reliability) -> Self {
        curve.bins
    }
}

impl TryFrom<Vec<ReliabilityBin>> for Reliability {
    type Error = Error;

    /// The curve of these bins, at least one, none of them empty.
    fn try_from(bins: Vec<ReliabilityBin>) -> Result<Self, Error> {
        if bins.is_empty() || bins.len() > Self::MAX_BINS {
            return Err(Error::new(ErrorKind::OutOfRange, "the number of bins"));
        }
        let mut total = 0_u64;
        for bin in &bins {
            super::check_probability(bin.predicted)?;
            super::check_probability(bin.observed)?;
            total = total
                .checked_add(bin.count)
                .filter(|_| bin.count > 0)
                .ok_or(Error::new(ErrorKind::OutOfRange, "the number of predictions"))?;
        }
        Ok(Self { bins, total })
    }
}

impl ReliabilityBin {
    fn gap(&self) -> f64 {
        (self.observed - self.predicted).abs()
    }
}

impl Tally {
    fn add(&mut self, label: bool, probability: f64) {
        self.count += 1;
        self.positives += u64::from(label);
        self.probability.add(probability);
    }

    fn bin(&self) -> Option<ReliabilityBin> {
        let count = self.count as f64;
        (self.count > 0).then(|| ReliabilityBin {
            count: self.count,
            predicted: (self.probability.value() / count).min(1.0),
            observed: self.positives as f64 / count,
        })
    }
}

fn equal_width(pairs: impl Iterator<Item = (bool, f64)>, bins: usize) -> Vec<Tally> {
    let mut tallies = vec![Tally::default(); bins];
    for (label, p) in pairs {
        // The cast drops what is behind the point.
        let bin = ((p * bins as f64) as usize).min(bins - 1);
        if let Some(tally) = tallies.get_mut(bin) {
            tally.add(label, p);
        }
    }
    tallies
}

fn equal_count(pairs: &[(bool, f64)], bins: usize) -> Vec<Tally> {
    // -0.0 is 0.0, and must not go before it.
    let probabilities: Vec<f64> = pairs.iter().map(|(_, p)| p + 0.0).collect();
    let (size, larger) = (pairs.len() / bins, pairs.len() % bins);
    let mut rest = order::ascending(&probabilities)
        .into_iter()
        .map(|place| (pairs[place].0, probabilities[place]));
    (0..bins)
        .map(|bin| {
            let mut tally = Tally::default();
            for (label, p) in rest.by_ref().take(size + usize::from(bin < larger)) {
                tally.add(label, p);
            }
            tally
        })
        .collect()
}

/// The ends of bins of equal width but for the first and the last, as `numpy.linspace` rounds them.
fn shares(bins: usize) -> Vec<f64> {
    let step = 1.0 / bins as f64;
    (1..bins).map(|bin| bin as f64 * step).collect()
}

/// The quantiles at these shares, as `numpy.percentile` rounds them.
fn quantiles(mut p: Vec<f64>, bins: usize) -> Vec<f64> {
    p.sort_unstable_by(f64::total_cmp);
    let at = |rank: usize| p.get(rank).or(p.last()).copied().unwrap_or(0.0);
    shares(bins)
        .into_iter()
        .map(|share| {
            let rank = share * 100.0 / 100.0 * (p.len() - 1) as f64;
            let below = num::floor(rank);
            let part = rank - below;
            let (lower, upper) = (at(below as usize), at(below as usize + 1));
            if part < 0.5 {
                lower + (upper - lower) * part
            } else {
                upper - (upper - lower) * (1.0 - part)
            }
        })
        .collect()
}

/// Bins that have their upper ends, which are ascending.
fn between(pairs: impl Iterator<Item = (bool, f64)>, ends: &[f64]) -> Vec<Tally> {
    let mut tallies = vec![Tally::default(); ends.len() + 1];
    for (label, p) in pairs {
        if let Some(tally) = tallies.get_mut(ends.partition_point(|end| *end < p)) {
            tally.add(label, p);
        }
    }
    tallies
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_probability_of_one_is_in_the_last_bin() {
        let labels = [false, true, true];
        let curve =
            Reliability::try_new(&labels, &[0.0, 0.5, 1.0], Binning::EqualWidth(2)).unwrap();
        let counts: Vec<u64> = curve.bins().iter().map(|bin| bin.count).collect();
        assert_eq!(counts, [1, 2]);
        assert_eq!(curve.expected_error(), 0.5 / 3.0 * 1.0);
        assert_eq!(curve.maximum_error(), 0.25);
    }

    #[test]
    fn bins_of_equal_count_begin_with_the_larger_ones() {
        let p = [0.5, 0.1, 0.4, 0.2, 0.3];
        let curve = Reliability::try_new(&[true; 5], &p, Binning::EqualCount(3)).unwrap();
        let counts: Vec<u64> = curve.bins().iter().map(|bin| bin.count).collect();
        assert_eq!(counts, [2, 2, 1]);
        assert_eq!(curve.bins()[2].predicted, 0.5);
        let more_bins = Reliability::try_new(&[true; 5], &p, Binning::EqualCount(8)).unwrap();
        assert_eq!(more_bins.bins().len(), 5);
    }

    #[test]
    fn upper_ends_take_what_is_on_them() {
        let counts = |p: &[f64], binning| -> Vec<u64> {
            let labels = vec![true; p.len()];
            let curve = Reliability::try_new(&labels, p, binning).unwrap();
            curve.bins().iter().map(|bin| bin.count).collect()
        };
        assert_eq!(counts(&[0.0, 0.5, 0.6, 1.0], Binning::UpperEnds(2)), [2, 2]);
        assert_eq!(counts(&[0.0, 0.5, 0.6, 1.0], Binning::UpperEnds(1)), [4]);
        // The median of 0.2, 0.2, 0.2, 0.9 is 0.2: ties stay together.
        assert_eq!(counts(&[0.2, 0.9, 0.2, 0.2], Binning::Quantiles(2)), [3, 1]);
        assert_eq!(counts(&[0.7], Binning::Quantiles(3)), [1]);
    }

    #[test]
    fn refuses_what_cannot_be_binned() {
        let kind = |labels: &[bool], p: &[f64], binning| {
            Reliability::try_new(labels, p, binning).unwrap_err().kind()
        };
        assert_eq!(kind(&[], &[], Binning::EqualCount(3)), ErrorKind::EmptySample);
        assert_eq!(kind(&[true], &[], Binning::EqualCount(3)), ErrorKind::ShapeMismatch);
        assert_eq!(kind(&[true], &[0.5], Binning::EqualWidth(0)), ErrorKind::OutOfRange);
        assert_eq!(kind(&[true], &[0.5], Binning::EqualCount(10_001)), ErrorKind::OutOfRange);
        assert_eq!(kind(&[true], &[f64::INFINITY], Binning::EqualWidth(3)), ErrorKind::NotFinite);
        assert_eq!(kind(&[true], &[1.5], Binning::EqualWidth(3)), ErrorKind::OutOfRange);
    }
}
