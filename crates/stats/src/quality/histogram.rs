use alloc::{vec, vec::Vec};

use super::{Reliability, ReliabilityBin};
use crate::{Error, ErrorKind, num};

/// Sums of probabilities are kept in whole units of 2⁻⁶⁴.
const UNIT: i32 = -64;

/// Labelled probabilities in bins of equal width: calibration and ROC area in bounded memory, mergeable.
///
/// All of it is whole numbers, the probabilities being rounded to multiples of 2⁻⁶⁴. So the order of
/// pushing and merging cannot matter, and what is taken out of a window leaves no trace. Memory is 32
/// bytes a bin.
///
/// # Examples
/// ```
/// use tidegate_stats::quality::ProbabilityHistogram;
/// let mut histogram = ProbabilityHistogram::try_new(10)?;
/// for (label, p) in [(true, 0.9), (false, 0.6), (true, 0.6), (false, 0.1)] {
///     histogram.push(label, p)?;
/// }
/// let area = histogram.roc_auc().unwrap();
/// // One pair of four shares a bin: here it is tied indeed.
/// assert_eq!((area.value, area.error), (3.5 / 4.0, 0.5 / 4.0));
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Vec<Bin>", into = "Vec<Bin>"))]
pub struct ProbabilityHistogram {
    bins: Vec<Bin>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
struct Bin {
    positives: u64,
    negatives: u64,
    /// Sum of the probabilities, in units of 2⁻⁶⁴.
    probability: u128,
}

/// An area under a curve, from bins.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BinnedArea {
    /// The area if all predictions of a bin were tied, in `[0, 1]`.
    pub value: f64,
    /// How far the area of the predictions themselves can be from `value`, `≥ 0`.
    pub error: f64,
}

impl ProbabilityHistogram {
    /// The most predictions of a bin, 2⁴⁸, so that the pairs of all bins can be counted.
    pub const MAX_COUNT: u64 = 1 << 48;

    /// An empty histogram.
    ///
    /// # Arguments
    /// * `bins`: in `1..=`[`Reliability::MAX_BINS`]. The ROC area of `k` bins is off by about `1/(2k)` at
    ///   most, less where a bin has one class only.
    ///
    /// # Errors
    /// * [`ErrorKind::OutOfRange`]: so many bins are not allowed.
    pub fn try_new(bins: usize) -> Result<Self, Error> {
        if (1..=Reliability::MAX_BINS).contains(&bins) {
            Ok(Self { bins: vec![Bin::default(); bins] })
        } else {
            Err(Error::new(ErrorKind::OutOfRange, "the number of bins"))
        }
    }

    /// Adds one prediction. O(1).
    ///
    /// # Errors
    /// * [`ErrorKind::NotFinite`], [`ErrorKind::OutOfRange`]: the value is no probability, or
    ///   [`Self::MAX_COUNT`] is reached. Nothing is added then.
    pub fn push(&mut self, label: bool, probability: f64) -> Result<(), Error> {
        let (at, units) = self.place(super::check_probability(probability)?);
        if let Some(bin) = self.bins.get_mut(at) {
            if bin.count() >= Self::MAX_COUNT {
                return Err(Error::new(ErrorKind::OutOfRange, "the number of predictions"));
            }
            bin.positives += u64::from(label);
            bin.negatives += u64::from(!label);
            bin.probability += units;
        }
        Ok(())
    }

    /// Takes back one prediction that was added.
    pub(super) fn forget(&mut self, label: bool, probability: f64) {
        let (at, units) = self.place(probability);
        if let Some(bin) = self.bins.get_mut(at) {
            bin.positives = bin.positives.saturating_sub(label.into());
            bin.negatives = bin.negatives.saturating_sub((!label).into());
            bin.probability = bin.probability.saturating_sub(units);
        }
    }

    /// Adds all that `other` has.
    ///
    /// # Errors
    /// * [`ErrorKind::ShapeMismatch`]: the numbers of bins differ.
    /// * [`ErrorKind::OutOfRange`]: a bin would exceed [`Self::MAX_COUNT`]. Nothing is added then.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        if self.bins.len() != other.bins.len() {
            return Err(Error::new(ErrorKind::ShapeMismatch, "the list of bins"));
        }
        let mut pairs = self.bins.iter().zip(&other.bins);
        if pairs.any(|(own, others)| own.count() + others.count() > Self::MAX_COUNT) {
            return Err(Error::new(ErrorKind::OutOfRange, "the number of predictions"));
        }
        for (own, others) in self.bins.iter_mut().zip(&other.bins) {
            own.positives += others.positives;
            own.negatives += others.negatives;
            own.probability += others.probability;
        }
        Ok(())
    }

    /// The number of bins.
    #[must_use]
    pub const fn bins(&self) -> usize {
        self.bins.len()
    }

    /// The number of predictions. O(bins).
    #[must_use]
    pub fn count(&self) -> u64 {
        self.bins.iter().map(Bin::count).sum()
    }

    /// The reliability curve in these bins, as [`super::Binning::EqualWidth`] has it; `None` when there
    /// is no prediction. O(bins).
    ///
    /// # Numerics
    /// Means are off by one rounding, and by 2⁻⁶⁵ where probabilities are below 2⁻¹².
    #[must_use]
    pub fn reliability(&self) -> Option<Reliability> {
        let bins: Vec<ReliabilityBin> = self.bins.iter().filter_map(Bin::mean).collect();
        (!bins.is_empty()).then(|| Reliability::of_bins(bins))
    }

    /// The area under the ROC curve, as [`super::Ranking::roc_auc`], and how far off it can be, for the
    /// order within a bin is not known. `None` when a class is missing. O(bins).
    ///
    /// # Numerics
    /// Pairs are counted exactly; one rounding each.
    #[must_use]
    pub fn roc_auc(&self) -> Option<BinnedArea> {
        let (mut in_order, mut level) = (0_u128, 0_u128);
        let (mut positives, mut below) = (0_u128, 0_u128);
        for bin in &self.bins {
            let (p, n) = (u128::from(bin.positives), u128::from(bin.negatives));
            in_order += p * below;
            level += p * n;
            positives += p;
            below += n;
        }
        let all = 2 * positives * below;
        (all > 0).then(|| BinnedArea {
            value: (2 * in_order + level) as f64 / all as f64,
            error: level as f64 / all as f64,
        })
    }

    /// Where a probability belongs, and how many units it has.
    fn place(&self, probability: f64) -> (usize, u128) {
        let bins = self.bins.len();
        let at = ((probability * bins as f64) as usize).min(bins.saturating_sub(1));
        // Exact: the product has the digits of the factor, and the cast cuts what is below one unit.
        let units = num::scale_by_power_of_two(probability, -UNIT);
        (at, num::round_ties_even(units) as u128)
    }
}

impl Bin {
    const fn count(&self) -> u64 {
        self.positives + self.negatives
    }

    fn mean(&self) -> Option<ReliabilityBin> {
        let count = self.count() as f64;
        let sum = num::scale_by_power_of_two(self.probability as f64, UNIT);
        (count > 0.0).then(|| ReliabilityBin {
            count: self.count(),
            predicted: (sum / count).min(1.0),
            observed: self.positives as f64 / count,
        })
    }
}

impl From<ProbabilityHistogram> for Vec<Bin> {
    fn from(histogram: ProbabilityHistogram) -> Self {
        histogram.bins
    }
}

impl TryFrom<Vec<Bin>> for ProbabilityHistogram {
    type Error = Error;

    fn try_from(bins: Vec<Bin>) -> Result<Self, Error> {
        Self::try_new(bins.len())?;
        for bin in &bins {
            let count = bin.positives.checked_add(bin.negatives);
            let Some(count) = count.filter(|count| *count <= Self::MAX_COUNT) else {
                return Err(Error::new(ErrorKind::OutOfRange, "the number of predictions"));
            };
            if bin.probability > u128::from(count) << -UNIT {
                return Err(Error::new(ErrorKind::OutOfRange, "a sum of probabilities"));
            }
        }
        Ok(Self { bins })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rows: &[(bool, f64)]) -> ProbabilityHistogram {
        let mut histogram = ProbabilityHistogram::try_new(4).unwrap();
        for (label, p) in rows {
            histogram.push(*label, *p).unwrap();
        }
        histogram
    }

    #[test]
    fn what_is_taken_back_leaves_no_trace() {
        let mut histogram = of(&[(true, 0.3), (false, 1.0), (true, 1e-9)]);
        histogram.forget(true, 0.3);
        assert_eq!(histogram, of(&[(true, 1e-9), (false, 1.0)]));
    }

    #[test]
    fn the_area_is_within_its_error() {
        let rows = [(true, 0.9), (false, 0.8), (true, 0.3), (false, 0.26), (false, 0.1)];
        let (labels, p): (Vec<bool>, Vec<f64>) = rows.into_iter().unzip();
        let exact = crate::quality::Ranking::try_new(&labels, &p).unwrap().roc_auc().unwrap();
        let BinnedArea { value, error } = of(&rows).roc_auc().unwrap();
        assert_eq!((value, error), (4.0 / 6.0, 1.0 / 6.0));
        assert!((value - exact).abs() <= error + 1e-15);
    }

    #[test]
    fn nothing_has_no_figures() {
        assert_eq!(of(&[]).reliability(), None);
        assert_eq!(of(&[(true, 0.5)]).roc_auc(), None);
    }

    #[test]
    fn refuses_what_it_cannot_count() {
        for bins in [0, Reliability::MAX_BINS + 1] {
            let error = ProbabilityHistogram::try_new(bins).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::OutOfRange);
        }
        let mut histogram = of(&[]);
        assert_eq!(histogram.push(true, f64::NAN).unwrap_err().kind(), ErrorKind::NotFinite);
        assert_eq!(histogram.push(true, -0.1).unwrap_err().kind(), ErrorKind::OutOfRange);
        let other = ProbabilityHistogram::try_new(3).unwrap();
        assert_eq!(histogram.merge(&other).unwrap_err().kind(), ErrorKind::ShapeMismatch);
        let kind = |bin| ProbabilityHistogram::try_from(vec![bin]).unwrap_err().kind();
        let full = Bin { positives: 1 << 48, negatives: 0, probability: 1 << 112 };
        assert_eq!(kind(Bin { negatives: u64::MAX, ..full }), ErrorKind::OutOfRange);
        assert_eq!(kind(Bin { negatives: 1, ..full }), ErrorKind::OutOfRange);
        assert_eq!(kind(Bin { probability: full.probability + 1, ..full }), ErrorKind::OutOfRange);
        let mut full = ProbabilityHistogram::try_from(vec![full]).unwrap();
        assert_eq!(full.push(true, 0.5).unwrap_err().kind(), ErrorKind::OutOfRange);
        assert_eq!(full.merge(&full.clone()).unwrap_err().kind(), ErrorKind::OutOfRange);
        assert_eq!(full.reliability().unwrap().bins()[0].predicted, 1.0);
    }
}
