use alloc::vec::Vec;

use crate::num;

/// Binary exponents of the smallest and of the first too large value that have a bucket.
const MIN_EXPONENT: i32 = -40;
const MAX_EXPONENT: i32 = 40;
/// Each octave is cut into 2⁵ buckets of equal width.
const SUB_BUCKET_BITS: u32 = 5;
const SUB_BUCKETS: i32 = 1 << SUB_BUCKET_BITS;
/// Bucket 0 holds zeros; the rest follow in ascending order.
const BUCKETS: u16 = ((MAX_EXPONENT - MIN_EXPONENT) * SUB_BUCKETS) as u16 + 1;

/// A histogram of non-negative numbers that answers quantiles with a relative error of at most
/// 1/64, in bounded memory, and merges exactly in any order.
///
/// The buckets are log-linear: each octave between 2⁻⁴⁰ (about 9e-13) and 2⁴⁰ (about 1.1e12) has 32
/// of equal width, and zero has its own. Only buckets in use take memory, so latencies between a
/// millisecond and a second take at most 320 of them; no input takes more than [`Self::MAX_BUCKETS`].
///
/// Beyond its range the histogram clamps: a smaller positive value counts into the lowest bucket, a
/// larger one and infinity into the highest, a negative one as zero. NaN is not counted.
#[derive(Debug, Clone, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Vec<(u16, u64)>", into = "Vec<(u16, u64)>"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "Vec<(u16, u64)>"))]
pub struct QuantileHistogram {
    /// Bucket and its count, above zero, by ascending bucket.
    buckets: Vec<(u16, u64)>,
    /// How many buckets below the one that was last found are not in use. Where most values fall,
    /// neighbours are in use without a gap: all of them have this number in common, and their places
    /// follow from it without a search.
    unused_below: u16,
}

impl PartialEq for QuantileHistogram {
    fn eq(&self, other: &Self) -> bool {
        self.buckets == other.buckets
    }
}

impl QuantileHistogram {
    /// The most buckets that a histogram can come to hold: 41 KiB.
    pub const MAX_BUCKETS: usize = BUCKETS as usize;

    /// The largest relative error of a quantile within the range: half a bucket.
    pub const RELATIVE_ERROR: f64 = 0.5 / SUB_BUCKETS as f64;

    /// Counts one value.
    ///
    /// # Numerics
    /// No logarithm and, but in the tails, no search; allocates where a bucket is new.
    #[inline]
    pub fn record(&mut self, value: f64) {
        self.record_n(value, 1);
    }

    /// Counts one value `count` times. Counts stay at `u64::MAX` rather than wrap.
    #[inline]
    pub fn record_n(&mut self, value: f64, count: u64) {
        if !value.is_nan() {
            self.add(bucket_of(value), count);
        }
    }

    /// Adds all that `other` has counted.
    pub fn merge(&mut self, other: &Self) {
        let is_new = |it: &&(u16, u64)| self.place(it.0).is_err();
        let new = other.buckets.iter().filter(is_new).count();
        if new == 0 {
            other.buckets.iter().for_each(|&(bucket, count)| self.add(bucket, count));
            return;
        }
        // Both rise: one pass over the two, for an insertion moves all buckets behind it.
        let mut buckets = Vec::with_capacity(self.buckets.len() + new);
        let mut theirs = other.buckets.iter().copied().peekable();
        for &(bucket, count) in &self.buckets {
            while let Some(less) = theirs.next_if(|it| it.0 < bucket) {
                buckets.push(less);
            }
            let more = theirs.next_if(|it| it.0 == bucket).map_or(0, |it| it.1);
            buckets.push((bucket, count.saturating_add(more)));
        }
        buckets.extend(theirs);
        self.buckets = buckets;
    }

    /// The number of values counted.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.buckets.iter().fold(0, |sum: u64, (_, count)| sum.saturating_add(*count))
    }

    /// Whether nothing was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.buckets.is_empty()
    }

    /// The value at a quantile by the nearest rank: the middle of the bucket that holds the
    /// `⌈q · count⌉`-th smallest value.
    ///
    /// # Arguments
    /// * `q`: in `[0, 1]`; what lies outside is taken for the nearer end, NaN for 0.
    ///
    /// # Returns
    /// `None` if nothing was counted.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<f64> {
        let count = self.count();
        let rank = num::ceil(q.clamp(0.0, 1.0) * count as f64) as u64;
        let rank = rank.clamp(1, count.max(1));
        let mut seen = 0_u64;
        for &(bucket, in_bucket) in &self.buckets {
            seen = seen.saturating_add(in_bucket);
            if seen >= rank {
                return Some(middle_of(bucket));
            }
        }
        None
    }

    #[inline]
    fn add(&mut self, bucket: u16, count: u64) {
        // What is below the first place wraps to one that there is not.
        let place = usize::from(bucket.wrapping_sub(self.unused_below));
        match self.buckets.get_mut(place) {
            Some((held, total)) if *held == bucket => *total = total.saturating_add(count),
            _ => self.search_and_add(bucket, count),
        }
    }

    #[cold]
    fn search_and_add(&mut self, bucket: u16, count: u64) {
        if count == 0 {
            return;
        }
        let found = self.place(bucket);
        let (Ok(place) | Err(place)) = found;
        match (found, self.buckets.get_mut(place)) {
            (Ok(_), Some((_, total))) => *total = total.saturating_add(count),
            _ => {
                if self.buckets.len() == self.buckets.capacity() {
                    // By half, and not beyond what there can be.
                    let most = Self::MAX_BUCKETS.saturating_sub(self.buckets.len());
                    self.buckets.reserve_exact((self.buckets.len() / 2).clamp(4, most.max(4)));
                }
                self.buckets.insert(place, (bucket, count));
            }
        }
        // Zeros lie apart from all others, which come between them.
        if bucket > 0 {
            self.unused_below = bucket - place as u16;
        }
    }

    /// Where a bucket is, or where it would be.
    fn place(&self, bucket: u16) -> Result<usize, usize> {
        self.buckets.binary_search_by_key(&bucket, |&(bucket, _)| bucket)
    }
}

/// The bucket of a number. A double's bits are its exponent, then its mantissa: the leading bits
/// number the buckets without a logarithm.
#[inline]
fn bucket_of(value: f64) -> u16 {
    if value <= 0.0 {
        return 0;
    }
    let leading = (value.to_bits() >> (52 - SUB_BUCKET_BITS)) as i32;
    let first = (1023 + MIN_EXPONENT) * SUB_BUCKETS;
    (leading - first + 1).clamp(1, i32::from(BUCKETS) - 1) as u16
}

/// The middle of a bucket.
fn middle_of(bucket: u16) -> f64 {
    if bucket == 0 {
        return 0.0;
    }
    let leading = i32::from(bucket) - 1 + (1023 + MIN_EXPONENT) * SUB_BUCKETS;
    let half = 1_u64 << (51 - SUB_BUCKET_BITS);
    f64::from_bits(((leading as u64) << (52 - SUB_BUCKET_BITS)) | half)
}

/// The buckets of a histogram from elsewhere are not in order, not in range, or empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidBuckets;

impl core::fmt::Display for InvalidBuckets {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "a quantile histogram is a list of [bucket, count] with rising buckets below {BUCKETS} \
             and counts above 0"
        )
    }
}

impl core::error::Error for InvalidBuckets {}

impl TryFrom<Vec<(u16, u64)>> for QuantileHistogram {
    type Error = InvalidBuckets;

    fn try_from(buckets: Vec<(u16, u64)>) -> Result<Self, InvalidBuckets> {
        let rising = buckets.is_sorted_by(|a, b| a.0 < b.0);
        if rising && buckets.iter().all(|&(bucket, count)| bucket < BUCKETS && count > 0) {
            Ok(Self { buckets, unused_below: 0 })
        } else {
            Err(InvalidBuckets)
        }
    }
}

impl From<QuantileHistogram> for Vec<(u16, u64)> {
    fn from(histogram: QuantileHistogram) -> Self {
        histogram.buckets
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    fn of(values: &[f64]) -> QuantileHistogram {
        let mut histogram = QuantileHistogram::default();
        for value in values {
            histogram.record(*value);
        }
        histogram
    }

    #[test]
    fn every_value_in_range_is_met_within_the_stated_error() {
        let mut value = 1e-12;
        while value < 1e12 {
            let answer = of(&[value]).quantile(0.5).unwrap();
            let error = (answer - value).abs() / value;
            assert!(error <= QuantileHistogram::RELATIVE_ERROR, "{value} became {answer}");
            value *= 1.01;
        }
    }

    #[test]
    fn quantiles_are_by_nearest_rank() {
        let histogram = of(&[1.0, 2.0, 4.0, 8.0]);
        let answers = [0.0, 0.25, 0.26, 0.5, 0.75, 1.0].map(|q| histogram.quantile(q).unwrap());
        for (answer, exact) in answers.iter().zip([1.0, 1.0, 2.0, 2.0, 4.0, 8.0]) {
            assert!((answer / exact - 1.0).abs() <= QuantileHistogram::RELATIVE_ERROR);
        }
        assert_eq!(QuantileHistogram::default().quantile(0.5), None);
    }

    #[test]
    fn what_is_out_of_range_is_clamped_and_counted() {
        let low = of(&[5e-324]).quantile(0.5).unwrap();
        let high = of(&[f64::INFINITY]).quantile(0.5).unwrap();
        assert!(low > 0.0 && low < 1e-12, "{low}");
        assert!(high > 1e12 && high.is_finite(), "{high}");
        assert_eq!(of(&[f64::MAX]), of(&[f64::INFINITY]));
        assert_eq!(of(&[0.0, -1.0, -0.0]).quantile(1.0), Some(0.0));
        assert_eq!(of(&[f64::NAN]).count(), 0);
    }

    #[test]
    fn memory_is_bounded_whatever_is_recorded() {
        let mut histogram = QuantileHistogram::default();
        for exponent in 0..2048_u64 {
            for step in 0..64_u64 {
                histogram.record(f64::from_bits((exponent << 52) | (step << 46)));
            }
        }
        assert!(histogram.buckets.len() <= QuantileHistogram::MAX_BUCKETS);
    }

    #[test]
    fn places_are_found_whatever_came_before() {
        // Zeros, a body without gaps, tails with them, in an order that always moves the places.
        let mut values: Vec<f64> = (0..3000).map(|step| f64::from(step * step % 1009)).collect();
        values.extend((-30..30).map(|exponent| num::pow(3.0, f64::from(exponent))));
        let histogram = of(&values);
        let mut counts = alloc::collections::BTreeMap::new();
        values.iter().for_each(|value| *counts.entry(bucket_of(*value)).or_insert(0) += 1);
        assert_eq!(histogram.buckets, counts.into_iter().collect::<Vec<(u16, u64)>>());
        values.reverse();
        assert_eq!(of(&values), histogram);
    }

    #[test]
    fn counts_saturate_instead_of_wrapping() {
        let mut histogram = QuantileHistogram::default();
        histogram.record_n(1.0, u64::MAX);
        histogram.record_n(1.0, 5);
        histogram.record_n(2.0, 5);
        assert_eq!(histogram.count(), u64::MAX);
        assert!(histogram.quantile(1.0).is_some());
    }

    #[test]
    fn buckets_from_elsewhere_are_checked() {
        let is_ok = |buckets: &[(u16, u64)]| QuantileHistogram::try_from(buckets.to_vec()).is_ok();
        assert!(is_ok(&[]) && is_ok(&[(0, 1), (7, 2)]));
        assert!(!is_ok(&[(7, 2), (0, 1)]) && !is_ok(&[(7, 1), (7, 1)]));
        assert!(!is_ok(&[(7, 0)]) && !is_ok(&[(BUCKETS, 1)]));
        let histogram = of(&[1.0, 3.0]);
        let buckets: Vec<_> = histogram.clone().into();
        assert_eq!(QuantileHistogram::try_from(buckets), Ok(histogram));
        assert_eq!(vec![(0_u16, 1_u64)], Vec::from(of(&[0.0])));
    }
}
