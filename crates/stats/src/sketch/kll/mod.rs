//! Quantiles and ranks of a stream of numbers.

mod capacity;
mod compact;
mod key;
mod wire;

use alloc::{vec, vec::Vec};

use crate::{Error, ErrorKind, num};

/// The most values that a sketch counts: beyond, a double does not tell one count from the next.
const MAX_COUNT: u64 = 1 << 53;

/// The sketch of Karnin, Lang and Liberty: quantiles of any stream, within a stated error of rank.
///
/// Values lie in levels; an item of level `h` stands for `2ʰ` values. When all levels together are full,
/// the lowest level that holds its share is sorted, and every second item of it moves up. The share
/// of the top level is `k`, each lower one has two thirds of that, at least 8.
///
/// Until something has moved up ([`Self::is_exact`]) the sketch holds the values themselves. Values that
/// are not finite are ignored; `-0.0` is `0.0`.
///
/// # Memory
/// Encoded at most [`Self::max_encoded_bytes`] for a `k` and any stream: `3k` numbers and some, for the
/// default `k` of 200 under 9 KiB. While it is filled, up to 4 times that.
///
/// # Numerics
/// A push takes amortised O(log(k)) time, without an allocation once the levels have grown. There is no
/// chance in it: see [`crate::sketch`].
///
/// # Examples
/// ```
/// use tidegate_stats::sketch::Kll;
/// let mut sketch = Kll::default();
/// for value in 1..=100_000 {
///     sketch.push(f64::from(value));
/// }
/// let median = sketch.quantile(0.5).unwrap_or_default();
/// assert!((median / 100_000.0 - 0.5).abs() < sketch.rank_error());
/// assert!(sketch.encode().len() < 6000);
/// assert_eq!(Kll::decode(&sketch.encode())?, sketch);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Karnin, Lang, Liberty (2016), "Optimal quantile approximation in streams",
/// <https://arxiv.org/abs/1603.05346>. Oracle: `datasketches.kll_doubles_sketch`, whose bytes these are.
#[derive(Debug, Clone, PartialEq)]
pub struct Kll {
    k: u16,
    /// Smallest `k` of what was merged in.
    min_k: u16,
    count: u64,
    /// 0 when there is no value; the same goes for the largest.
    min: f64,
    max: f64,
    /// The keys of the items, at least one level. Level 0 in the order of its pushes, the others
    /// ascending.
    levels: Vec<Vec<i64>>,
    /// How many items level 0 may hold before something must move up.
    room: usize,
}

impl Default for Kll {
    fn default() -> Self {
        Self::empty(Self::DEFAULT_K)
    }
}

impl Kll {
    /// The `k` of [`Self::default`], as in DataSketches: an error of rank of 1.33 %.
    pub const DEFAULT_K: u16 = 200;
    /// The smallest `k`.
    pub const MIN_K: u16 = 8;

    /// A sketch without a value.
    ///
    /// # Arguments
    /// * `k`: the size of the top level, at least [`Self::MIN_K`]; the error of rank falls with it
    ///   almost in proportion.
    ///
    /// # Returns
    /// An empty sketch.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfRange`]: `k` is too small.
    ///
    /// # Numerics
    /// Level 0 grows as values come.
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::sketch::Kll;
    /// assert_eq!(Kll::try_new(400)?.k(), 400);
    /// assert!(Kll::try_new(7).is_err());
    /// # Ok::<(), tidegate_stats::Error>(())
    /// ```
    ///
    /// # References
    /// As [`Kll`].
    pub fn try_new(k: u16) -> Result<Self, Error> {
        if k < Self::MIN_K {
            return Err(Error::new(ErrorKind::OutOfRange, "k, which must be at least 8,"));
        }
        Ok(Self::empty(k))
    }

    fn empty(k: u16) -> Self {
        let room = capacity::of_all(k, 1);
        Self { k, min_k: k, count: 0, min: 0.0, max: 0.0, levels: vec![Vec::new()], room }
    }

    /// Adds one value. One that is not finite is ignored, and so is one past 2⁵³ of them.
    #[inline]
    pub fn push(&mut self, value: f64) {
        if !value.is_finite() || self.count >= MAX_COUNT {
            return;
        }
        // Adding zero leaves every number alone but -0.0, which it makes 0.0.
        let value = value + 0.0;
        if self.count == 0 {
            (self.min, self.max) = (value, value);
        }
        self.min = if value < self.min { value } else { self.min };
        self.max = if value > self.max { value } else { self.max };
        self.count += 1;
        if let Some(level) = self.levels.first_mut() {
            level.push(key::of(value));
            if level.len() > self.room {
                self.compact();
            }
        }
    }

    /// Adds all that `other` has seen. The result has the `k` of this sketch and the larger error of the
    /// two.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfRange`]: together they have more than 2⁵³ values; then nothing is merged.
    pub fn merge(&mut self, other: &Self) -> Result<(), Error> {
        if other.count == 0 {
            return Ok(());
        }
        let count = self.count.saturating_add(other.count);
        if count > MAX_COUNT {
            return Err(Error::new(ErrorKind::OutOfRange, "the count of two KLL sketches"));
        }
        let is_first = self.count == 0;
        self.min = if is_first { other.min } else { self.min.min(other.min) };
        self.max = if is_first { other.max } else { self.max.max(other.max) };
        self.count = count;
        if !other.is_exact() {
            self.min_k = self.min_k.min(other.min_k);
        }
        self.levels.resize_with(self.levels.len().max(other.levels.len()), Vec::new);
        for (level, (own, others)) in self.levels.iter_mut().zip(&other.levels).enumerate() {
            if level == 0 {
                own.extend_from_slice(others);
            } else {
                compact::merge_into(others, own);
            }
        }
        self.compact();
        Ok(())
    }

    /// Halves levels until all together hold no more than they may.
    fn compact(&mut self) {
        while let Some(level) = self.full_level() {
            if level + 1 == self.levels.len() {
                self.levels.push(Vec::new());
            }
            let share = capacity::of_level(self.k, self.levels.len(), level);
            if let [low, above, ..] = &mut self.levels[level..] {
                compact::halve(low, above, level > 0);
                if level > 0 {
                    // It was filled when its share was larger.
                    low.shrink_to(2 * share);
                }
            }
        }
        self.make_room();
    }

    /// The lowest level with its share or more, if something must move up.
    fn full_level(&self) -> Option<usize> {
        let held: usize = self.levels.iter().map(Vec::len).sum();
        if held <= capacity::of_all(self.k, self.levels.len()) {
            return None;
        }
        let full = |level: usize, items: &Vec<i64>| {
            items.len() >= capacity::of_level(self.k, self.levels.len(), level)
        };
        self.levels.iter().enumerate().find(|(level, items)| full(*level, items)).map(|(at, _)| at)
    }

    fn make_room(&mut self) {
        let above: usize = self.levels.iter().skip(1).map(Vec::len).sum();
        self.room = capacity::of_all(self.k, self.levels.len()).saturating_sub(above);
    }

    /// The size of the top level.
    #[must_use]
    pub const fn k(&self) -> u16 {
        self.k
    }

    /// Values seen.
    #[must_use]
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Smallest and largest value, exact; `None` when there is none.
    #[must_use]
    pub fn range(&self) -> Option<[f64; 2]> {
        (self.count > 0).then_some([self.min, self.max])
    }

    /// Whether every value is still here, so that ranks have no error.
    #[must_use]
    pub fn is_exact(&self) -> bool {
        self.levels.iter().skip(1).all(Vec::is_empty)
    }

    /// The error of any rank, as a share of the count: with a confidence of 99 % the ranks of *all*
    /// values are off by no more.
    ///
    /// # Returns
    /// `2.296 / k^0.9723`, in `(0, 1)`, of the smallest `k` merged; 0 while the sketch is exact.
    ///
    /// # Numerics
    /// The formula is DataSketches' fit to the 99th percentile of the largest error in its simulations;
    /// a property test measures it for this one.
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::sketch::Kll;
    /// let mut sketch = Kll::default();
    /// assert_eq!(sketch.rank_error(), 0.0);
    /// for value in 0..1000 {
    ///     sketch.push(f64::from(value));
    /// }
    /// assert!((sketch.rank_error() - 0.0133).abs() < 1e-4);
    /// ```
    ///
    /// # References
    /// As [`Kll`]. Oracle: `kll_doubles_sketch.normalized_rank_error(False)`.
    #[must_use]
    pub fn rank_error(&self) -> f64 {
        if self.is_exact() { 0.0 } else { 2.296 / num::pow(f64::from(self.min_k), 0.9723) }
    }

    /// The error of the share of values between any two points: with a confidence of 99 % the shares of
    /// *all* stretches are off by no more.
    ///
    /// # Returns
    /// `2.446 / k^0.9433`, in `(0, 1)`, of the smallest `k` merged; 0 while the sketch is exact.
    ///
    /// # Numerics
    /// As [`Self::rank_error`].
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::sketch::Kll;
    /// let sketch: Kll = (0..1000).map(f64::from).collect();
    /// assert!((sketch.share_error() - 0.0165).abs() < 1e-4);
    /// ```
    ///
    /// # References
    /// As [`Kll`]. Oracle: `kll_doubles_sketch.normalized_rank_error(True)`.
    #[must_use]
    pub fn share_error(&self) -> f64 {
        if self.is_exact() { 0.0 } else { 2.446 / num::pow(f64::from(self.min_k), 0.9433) }
    }

    /// The share of values that are not above `value`.
    ///
    /// # Arguments
    /// * `value`: any number; NaN is above all.
    ///
    /// # Returns
    /// In `[0, 1]`, off by at most [`Self::rank_error`]; `None` when there is no value.
    ///
    /// # Numerics
    /// One pass over the items. [`Self::weighted`] is for many ranks.
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::sketch::Kll;
    /// let sketch: Kll = [1.0, 2.0, 2.0, 3.0].into_iter().collect();
    /// assert_eq!(sketch.rank(2.0), Some(0.75));
    /// assert_eq!(sketch.rank(0.0), Some(0.0));
    /// ```
    ///
    /// # References
    /// As [`Kll`]. Oracle: `kll_doubles_sketch.get_rank(value, inclusive=True)`.
    #[must_use]
    pub fn rank(&self, value: f64) -> Option<f64> {
        if self.count == 0 {
            return None;
        }
        if value.is_nan() {
            return Some(1.0);
        }
        let below = |items: &Vec<i64>| {
            items.iter().filter(|item| key::value(**item) <= value).count() as u64
        };
        let levels = self.levels.iter().enumerate();
        let rank: u64 = levels.map(|(level, items)| below(items) << level).sum();
        Some(rank as f64 / self.count as f64)
    }

    /// The value at a quantile by the nearest rank: the `⌈q · count⌉`-th smallest.
    ///
    /// # Arguments
    /// * `q`: in `[0, 1]`; what lies outside is taken for the nearer end, NaN for 0. The ends are the
    ///   smallest and the largest value, exactly.
    ///
    /// # Returns
    /// A value that was pushed, whose rank is off by at most [`Self::rank_error`]; `None` when there is
    /// no value.
    ///
    /// # Numerics
    /// Sorts the items: [`Self::weighted`] is for many quantiles.
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::sketch::Kll;
    /// let sketch: Kll = [4.0, 1.0, 2.0, 8.0].into_iter().collect();
    /// assert_eq!([0.0, 0.25, 0.5, 1.0].map(|q| sketch.quantile(q)), [1.0, 1.0, 2.0, 8.0].map(Some));
    /// ```
    ///
    /// # References
    /// As [`Kll`]. Oracle: `kll_doubles_sketch.get_quantile(q, inclusive=True)`. DIFFERENCE: at 0 and 1 it
    /// says the smallest and the largest value that it still holds.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<f64> {
        let [min, max] = self.range()?;
        if q >= 1.0 {
            return Some(max);
        }
        if q <= 0.0 || q.is_nan() {
            return Some(min);
        }
        let rank = num::ceil(q * self.count as f64) as u64;
        let weighted = self.weighted();
        let at = weighted.partition_point(|(_, cumulative)| *cumulative < rank);
        Some(weighted.get(at).map_or(max, |(value, _)| *value))
    }

    /// The items, ascending and each value once, with the number of values that are not above it.
    ///
    /// # Returns
    /// Strictly rising pairs; the last one's number is [`Self::count`]. Nothing when there is no value.
    ///
    /// # Numerics
    /// O(r log r) for `r` items, two allocations.
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::sketch::Kll;
    /// let sketch: Kll = [2.0, 1.0, 2.0].into_iter().collect();
    /// assert_eq!(sketch.weighted(), [(1.0, 1), (2.0, 3)]);
    /// ```
    ///
    /// # References
    /// As [`Kll`].
    #[must_use]
    pub fn weighted(&self) -> Vec<(f64, u64)> {
        let levels = self.levels.iter().enumerate();
        let mut items: Vec<(i64, u64)> =
            levels.flat_map(|(level, items)| items.iter().map(move |v| (*v, 1 << level))).collect();
        items.sort_unstable();
        let mut cumulative = 0;
        let same = items.chunk_by(|one, other| one.0 == other.0).map(|same| {
            cumulative += same.iter().map(|(_, weight)| weight).sum::<u64>();
            (key::value(same[0].0), cumulative)
        });
        same.collect()
    }

    /// Memory that the sketch holds now, in bytes.
    #[must_use]
    pub fn estimated_size_bytes(&self) -> usize {
        let items: usize = self.levels.iter().map(Vec::capacity).sum();
        size_of::<Self>() + self.levels.capacity() * size_of::<Vec<i64>>() + 8 * items
    }

    /// What [`Self::encode`] gives at most, in bytes, for a `k` and any stream.
    #[must_use]
    pub fn max_encoded_bytes(k: u16) -> usize {
        // 2⁵³ values fill no more levels than these.
        36 + 54 * 4 + 8 * capacity::of_all(k, 54)
    }

    /// The sketch as bytes, in the form of Apache DataSketches.
    ///
    /// # Returns
    /// 8 bytes for an empty sketch, 16 for one value, at most [`Self::max_encoded_bytes`].
    ///
    /// # Numerics
    /// One allocation.
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::sketch::Kll;
    /// assert_eq!(Kll::default().encode(), [2, 1, 15, 1, 200, 0, 8, 0]);
    /// ```
    ///
    /// # References
    /// Oracle: `kll_doubles_sketch.deserialize` and `.serialize`.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        wire::encode(self)
    }

    /// The sketch that bytes hold, whichever language wrote them.
    ///
    /// # Arguments
    /// * `bytes`: the compact form. Java's updatable form is not for exchange.
    ///
    /// # Returns
    /// A sketch that goes on as the one did which was encoded.
    ///
    /// # Errors
    /// * [`ErrorKind::CorruptData`]: no sketch of doubles would write these bytes.
    /// * [`ErrorKind::UnsupportedVersion`]: another version of the form.
    /// * [`ErrorKind::NotFinite`]: it holds a NaN or an infinity.
    /// * [`ErrorKind::OutOfRange`]: it counts more than 2⁵³ values.
    ///
    /// # Numerics
    /// Takes no more memory than twice the bytes.
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::{ErrorKind, sketch::Kll};
    /// assert_eq!(Kll::decode(&[2, 1, 15, 1, 200, 0, 8, 0])?, Kll::default());
    /// assert_eq!(Kll::decode(b"no sketch").unwrap_err().kind(), ErrorKind::CorruptData);
    /// # Ok::<(), tidegate_stats::Error>(())
    /// ```
    ///
    /// # References
    /// As [`Self::encode`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        wire::decode(bytes)
    }
}

impl Extend<f64> for Kll {
    fn extend<I: IntoIterator<Item = f64>>(&mut self, values: I) {
        for value in values {
            self.push(value);
        }
    }
}

impl FromIterator<f64> for Kll {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut sketch = Self::default();
        sketch.extend(values);
        sketch
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(k: u16, values: core::ops::Range<i32>) -> Kll {
        let mut sketch = Kll::try_new(k).unwrap();
        sketch.extend(values.map(f64::from));
        sketch
    }

    fn weight(sketch: &Kll) -> u64 {
        sketch.weighted().last().map_or(0, |(_, cumulative)| *cumulative)
    }

    #[test]
    fn is_exact_while_all_values_fit() {
        let sketch = ramp(200, 0..200);
        assert!(sketch.is_exact());
        assert_eq!((sketch.quantile(0.5), sketch.rank(99.0)), (Some(99.0), Some(0.5)));
        assert_eq!(sketch.rank_error(), 0.0);
        assert!(!ramp(200, 0..201).is_exact());
    }

    #[test]
    fn weights_add_up_and_memory_is_bounded() {
        for k in [8, 9, 64, 200, 1000] {
            let sketch = ramp(k, 0..100_000);
            assert_eq!((weight(&sketch), sketch.count()), (100_000, 100_000));
            assert_eq!(sketch.range(), Some([0.0, 99_999.0]));
            let (encoded, held) = (sketch.encode().len(), sketch.estimated_size_bytes());
            let most = Kll::max_encoded_bytes(k);
            assert!(encoded <= most && held <= 4 * most, "{k}: {encoded}, {held}, {most}");
        }
        assert!(Kll::max_encoded_bytes(Kll::DEFAULT_K) < 9 * 1024);
    }

    #[test]
    fn what_is_not_finite_is_ignored_and_zero_has_no_sign() {
        let sketch: Kll = [f64::NAN, f64::INFINITY, -0.0, f64::NEG_INFINITY].into_iter().collect();
        assert_eq!((sketch.count(), sketch.quantile(0.5).map(f64::to_bits)), (1, Some(0)));
        assert_eq!((sketch.rank(f64::NAN), sketch.rank(-1.0)), (Some(1.0), Some(0.0)));
        let empty = Kll::default();
        assert_eq!((empty.rank(0.0), empty.quantile(0.5), empty.range()), (None, None, None));
        assert_eq!(sketch.quantile(f64::NAN), Some(0.0));
    }

    #[test]
    fn merging_adds_counts_and_keeps_the_larger_error() {
        let (mut large, small) = (ramp(200, 0..5000), ramp(20, 5000..10_000));
        large.merge(&small).unwrap();
        assert_eq!((large.count(), weight(&large), large.k()), (10_000, 10_000, 200));
        assert_eq!(large.range(), Some([0.0, 9999.0]));
        assert!((large.rank_error() - small.rank_error()).abs() < 1e-15);
        assert!((large.rank(4999.0).unwrap() - 0.5).abs() < large.rank_error());

        let before = large.clone();
        large.merge(&Kll::default()).unwrap();
        assert_eq!(large, before);
        let mut empty = Kll::default();
        empty.merge(&ramp(200, 3..5)).unwrap();
        assert_eq!(empty, ramp(200, 3..5));
    }

    #[test]
    fn a_sketch_goes_on_after_decoding_as_it_would_have() {
        for len in [0, 1, 2, 200, 201, 5000] {
            let mut sketch = ramp(200, 0..len);
            let mut again = Kll::decode(&sketch.encode()).unwrap();
            assert_eq!(again, sketch, "{len}");
            sketch.extend((0..1000).map(f64::from));
            again.extend((0..1000).map(f64::from));
            assert_eq!(again.encode(), sketch.encode(), "{len}");
        }
    }

    #[test]
    fn bytes_that_no_sketch_writes_are_refused() {
        let good = ramp(20, 0..1000).encode();
        let kind = |change: &dyn Fn(&mut Vec<u8>)| {
            let mut bytes = good.clone();
            change(&mut bytes);
            Kll::decode(&bytes).unwrap_err().kind()
        };
        use ErrorKind::{CorruptData, NotFinite, OutOfRange, UnsupportedVersion};
        assert_eq!(kind(&|bytes| bytes[1] = 3), UnsupportedVersion);
        assert_eq!(kind(&|bytes| bytes[6] = 9), UnsupportedVersion);
        assert_eq!(kind(&|bytes| bytes[2] = 16), CorruptData);
        assert_eq!(kind(&|bytes| bytes[3] = 5), CorruptData);
        assert_eq!(kind(&|bytes| bytes[4] = 7), CorruptData);
        assert_eq!(kind(&|bytes| bytes[8] ^= 1), CorruptData);
        assert_eq!(kind(&|bytes| bytes[15] = 1), OutOfRange);
        assert_eq!(kind(&|bytes| bytes[16] = 21), CorruptData);
        assert_eq!(kind(&|bytes| bytes[18] = 200), CorruptData);
        assert_eq!(kind(&|bytes| bytes[20] = 200), CorruptData);
        assert_eq!(kind(&|bytes| bytes.push(0)), CorruptData);
        assert_eq!(kind(&|bytes| bytes.truncate(100)), CorruptData);
        let last = good.len() - 8;
        let put = |bytes: &mut Vec<u8>, value: f64| {
            bytes[last..].copy_from_slice(&value.to_le_bytes());
        };
        assert_eq!(kind(&|bytes| put(bytes, f64::NAN)), NotFinite);
        assert_eq!(kind(&|bytes| put(bytes, 1e9)), CorruptData);
        assert_eq!(kind(&|bytes| put(bytes, 0.0)), CorruptData);
    }

    #[test]
    fn too_many_values_are_refused_when_merging() {
        let mut bytes = ramp(8, 0..2).encode();
        // One item that stands for 2⁵² values.
        bytes.truncate(8);
        bytes[0..4].copy_from_slice(&[5, 1, 15, 0]);
        bytes.extend((1_u64 << 52).to_le_bytes());
        bytes.extend([8, 0, 53, 0]);
        let total = capacity::of_all(8, 53) as u32;
        for _ in 0..53 {
            bytes.extend((total - 1).to_le_bytes());
        }
        bytes.extend([1.0_f64, 1.0, 1.0].map(f64::to_le_bytes).concat());
        let mut sketch = Kll::decode(&bytes).unwrap();
        sketch.merge(&sketch.clone()).unwrap();
        assert_eq!((sketch.count(), sketch.quantile(0.5)), (1 << 53, Some(1.0)));
        let error = sketch.merge(&sketch.clone()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::OutOfRange);
        sketch.push(2.0);
        assert_eq!(sketch.range(), Some([1.0, 1.0]));
    }
}
