//! Counts in bins of one width.

use alloc::{vec, vec::Vec};

use crate::{Error, ErrorKind};

/// A histogram whose bins have one width, with the values below and above counted by themselves.
///
/// Where the range is known: scores between 0 and 1, degrees, a share. [`crate::bins::Edges`] has bins
/// that fit a reference, [`crate::QuantileHistogram`] bins for durations.
///
/// # Memory
/// 8 bytes a bin, at most [`Self::MAX_BINS`].
///
/// # Numerics
/// A push is a product and an index. A value within a rounding of an edge may fall to either side of it,
/// the same on every host.
///
/// # Examples
/// ```
/// use tidegate_stats::sketch::Histogram;
/// let mut scores = Histogram::try_new([0.0, 1.0], 4)?;
/// for score in [0.1, 0.2, 0.6, 1.0, 1.5] {
///     scores.push(score);
/// }
/// assert_eq!(scores.bins(), [2, 0, 1, 1]);
/// assert_eq!(scores.outside(), [0, 1]);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Oracle: `numpy.histogram(values, bins, range)`.
#[derive(Debug, Clone, PartialEq)]
pub struct Histogram {
    low: f64,
    high: f64,
    /// Bins a unit.
    density: f64,
    bins: Vec<u64>,
    below: u64,
    above: u64,
}

impl Histogram {
    /// The most bins: half a mebibyte.
    pub const MAX_BINS: usize = 1 << 16;

    /// A histogram without a value.
    ///
    /// # Arguments
    /// * `range`: both ends, which belong to the first and to the last bin; finite and rising.
    /// * `bins`: how many, from 1 to [`Self::MAX_BINS`].
    ///
    /// # Returns
    /// An empty histogram.
    ///
    /// # Errors
    /// * [`ErrorKind::NotFinite`]: an end, or the width of a bin, is not finite.
    /// * [`ErrorKind::OutOfRange`]: the range is empty, or too narrow for its bins, or their number is
    ///   outside its range.
    ///
    /// # Numerics
    /// One allocation.
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::sketch::Histogram;
    /// assert_eq!(Histogram::try_new([0.0, 1.0], 10)?.bins().len(), 10);
    /// assert!(Histogram::try_new([1.0, 1.0], 10).is_err());
    /// # Ok::<(), tidegate_stats::Error>(())
    /// ```
    ///
    /// # References
    /// As [`Histogram`].
    pub fn try_new([low, high]: [f64; 2], bins: usize) -> Result<Self, Error> {
        if !(1..=Self::MAX_BINS).contains(&bins) {
            return Err(Error::new(ErrorKind::OutOfRange, "the number of bins"));
        }
        if !(high - low).is_finite() {
            return Err(Error::new(ErrorKind::NotFinite, "the range of a histogram"));
        }
        let density = bins as f64 / (high - low);
        if high <= low || !density.is_finite() || density <= 0.0 {
            return Err(Error::new(ErrorKind::OutOfRange, "the range of a histogram"));
        }
        Ok(Self { low, high, density, bins: vec![0; bins], below: 0, above: 0 })
    }

    /// Counts one value. NaN is not counted.
    #[inline]
    pub fn push(&mut self, value: f64) {
        if value < self.low {
            self.below += 1;
        } else if value > self.high {
            self.above += 1;
        } else if value <= self.high {
            // The cast is of a number in 0..=bins; the upper end belongs to the last bin.
            let last = self.bins.len() - 1;
            let bin = ((value - self.low) * self.density) as usize;
            if let Some(count) = self.bins.get_mut(bin.min(last)) {
                *count += 1;
            }
        }
    }

    /// Adds all that `other` has counted, exactly and in any order.
    ///
    /// # Errors
    /// [`ErrorKind::ShapeMismatch`]: its bins are others; then nothing is merged.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        let shape = |histogram: &Self| (histogram.low, histogram.high, histogram.bins.len());
        if shape(self) != shape(other) {
            return Err(Error::new(ErrorKind::ShapeMismatch, "the bins of a histogram"));
        }
        for (own, others) in self.bins.iter_mut().zip(&other.bins) {
            *own = own.saturating_add(*others);
        }
        self.below = self.below.saturating_add(other.below);
        self.above = self.above.saturating_add(other.above);
        Ok(())
    }

    /// Both ends.
    #[must_use]
    pub const fn range(&self) -> [f64; 2] {
        [self.low, self.high]
    }

    /// The counts, from the lower end up.
    #[must_use]
    pub fn bins(&self) -> &[u64] {
        &self.bins
    }

    /// How many values were below the range, and above it.
    #[must_use]
    pub const fn outside(&self) -> [u64; 2] {
        [self.below, self.above]
    }

    /// All values counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        let outside = self.below.saturating_add(self.above);
        self.bins.iter().fold(outside, |sum, count| sum.saturating_add(*count))
    }

    /// The value at a quantile, evenly spread within a bin.
    ///
    /// # Arguments
    /// * `q`: in `[0, 1]`; what lies outside is taken for the nearer end, NaN for 0.
    ///
    /// # Returns
    /// Within a bin's width of the true quantile, if that is within the range; else the nearer end.
    /// `None` when nothing was counted.
    ///
    /// # Numerics
    /// One pass over the bins.
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::sketch::Histogram;
    /// let mut histogram = Histogram::try_new([0.0, 10.0], 10)?;
    /// (0..10).for_each(|value| histogram.push(f64::from(value)));
    /// assert_eq!(histogram.quantile(0.25), Some(2.5));
    /// # Ok::<(), tidegate_stats::Error>(())
    /// ```
    ///
    /// # References
    /// As [`Histogram`].
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<f64> {
        let count = self.count();
        if count == 0 {
            return None;
        }
        let q = if q.is_nan() { 0.0 } else { q.clamp(0.0, 1.0) };
        let mut rest = q * count as f64 - self.below as f64;
        if rest <= 0.0 {
            return Some(self.low);
        }
        for (index, count) in self.bins.iter().enumerate() {
            let held = *count as f64;
            if held > 0.0 && rest <= held {
                let value = self.low + (index as f64 + rest / held) / self.density;
                return Some(value.min(self.high));
            }
            rest -= held;
        }
        Some(self.high)
    }

    /// Memory that the histogram holds, in bytes.
    #[must_use]
    pub fn estimated_size_bytes(&self) -> usize {
        size_of::<Self>() + 8 * self.bins.capacity()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_belong_to_the_range() {
        let mut histogram = Histogram::try_new([-1.0, 1.0], 2).unwrap();
        for value in [-1.0, -0.0, 0.0, 1.0, 1.0_f64.next_up(), -2.0, f64::NAN, f64::INFINITY] {
            histogram.push(value);
        }
        assert_eq!((histogram.bins(), histogram.outside()), (&[1, 3][..], [1, 2]));
        assert_eq!(histogram.count(), 7);
    }

    #[test]
    fn ranges_that_have_no_bins_are_refused() {
        let kind = |range, bins| Histogram::try_new(range, bins).unwrap_err().kind();
        for range in [[0.0, f64::INFINITY], [f64::NAN, 1.0], [-1e308, 1e308]] {
            assert_eq!(kind(range, 10), ErrorKind::NotFinite);
        }
        for (range, bins) in [([1.0, 0.0], 1), ([0.0, 5e-324], 10), ([0.0, 1.0], 0)] {
            assert_eq!(kind(range, bins), ErrorKind::OutOfRange);
        }
        assert_eq!(kind([0.0, 1.0], Histogram::MAX_BINS + 1), ErrorKind::OutOfRange);
    }

    #[test]
    fn quantiles_stay_in_the_range() {
        let mut histogram = Histogram::try_new([0.0, 4.0], 4).unwrap();
        assert_eq!(histogram.quantile(0.5), None);
        for value in [-9.0, 0.5, 2.5, 99.0] {
            histogram.push(value);
        }
        let quantiles = [f64::NAN, 0.25, 0.5, 0.75, 1.0].map(|q| histogram.quantile(q));
        assert_eq!(quantiles, [0.0, 0.0, 1.0, 3.0, 4.0].map(Some));
    }

    #[test]
    fn only_equal_bins_merge() {
        let mut histogram = Histogram::try_new([0.0, 1.0], 2).unwrap();
        histogram.push(0.7);
        histogram.merge(&histogram.clone()).unwrap();
        assert_eq!(histogram.bins(), [0, 2]);
        let other = Histogram::try_new([0.0, 1.0], 3).unwrap();
        assert_eq!(histogram.merge(&other).unwrap_err().kind(), ErrorKind::ShapeMismatch);
    }
}
