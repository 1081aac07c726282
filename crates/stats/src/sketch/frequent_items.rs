//! The heavy hitters of a stream of items.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::borrow::Borrow;

use super::bytes::Reader;
use crate::{Error, ErrorKind, order};

const FAMILY: u8 = 10;
/// Either bit says that nothing was pushed; both are written.
const EMPTY: u8 = 5;
const MIN_LG: u8 = 3;
const MAX_LG: u8 = 30;

/// Counts of the frequent items of any stream, each between two bounds.
///
/// It keeps at most `¾ · 2^lg_max` counters. When one more is needed, the median count is taken off every
/// counter, and those that reach zero go; what was taken off in all is [`Self::maximum_error`]. Until
/// then the counts are exact. An item whose count is above the maximum error cannot be missed.
///
/// # Memory
/// `¾ · 2^lg_max` items and their counts. The caller bounds the length of an item.
///
/// # Numerics
/// A push takes O(log) time in the number of counters. There is no chance in it, and no hashing.
///
/// # Examples
/// ```
/// use tidegate_stats::sketch::FrequentItems;
/// let mut cities = FrequentItems::<String>::try_new(4)?;
/// for index in 0..1000 {
///     cities.push("Rome", 3);
///     cities.push(&format!("village {index}"), 1);
/// }
/// let rome = cities.bounds("Rome");
/// assert!(rome.lower <= 3000 && 3000 <= rome.upper);
/// assert_eq!(cities.frequent()[0].0, "Rome");
/// // At most 2.67 / 2^lg_max of all.
/// assert!(cities.maximum_error() <= 4000 / 6);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Misra, Gries (1982), <https://doi.org/10.1016/0167-6423(82)90012-0>; Anderson et al. (2017),
/// <https://doi.org/10.1145/3131365.3131407>, who take off the median. Oracle:
/// `datasketches.frequent_strings_sketch`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrequentItems<T> {
    lg_max: u8,
    /// All counts pushed.
    total: u64,
    /// What was taken off every counter.
    taken_off: u64,
    counters: BTreeMap<T, u64>,
}

/// Between which bounds the count of an item lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frequent {
    /// It came at least so often.
    pub lower: u64,
    /// It came at most so often.
    pub upper: u64,
}

/// What can be counted, and how its bytes are.
pub trait FrequentItem: Ord + Clone + private::Coded {}

impl FrequentItem for String {}
impl FrequentItem for i64 {}

mod private {
    use super::{Error, Reader, String, ToOwned, Vec};

    pub trait Coded: Sized {
        fn write(&self, bytes: &mut Vec<u8>);
        fn read(reader: &mut Reader<'_>) -> Result<Self, Error>;
    }

    /// Its length in 4 bytes, then UTF-8.
    impl Coded for String {
        fn write(&self, bytes: &mut Vec<u8>) {
            bytes.extend((self.len() as u32).to_le_bytes());
            bytes.extend(self.as_bytes());
        }

        fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
            let len = reader.u32()? as usize;
            let text = core::str::from_utf8(reader.take(len)?);
            text.map(ToOwned::to_owned).map_err(|_| reader.corrupt())
        }
    }

    impl Coded for i64 {
        fn write(&self, bytes: &mut Vec<u8>) {
            bytes.extend(self.to_le_bytes());
        }

        fn read(reader: &mut Reader<'_>) -> Result<Self, Error> {
            Ok(reader.u64()? as Self)
        }
    }
}

impl<T: FrequentItem> FrequentItems<T> {
    /// A sketch without an item.
    ///
    /// # Arguments
    /// * `lg_max`: `¾ · 2^lg_max` counters at most; from 3 to 30.
    ///
    /// # Returns
    /// An empty sketch.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfRange`]: `lg_max` is outside its range.
    ///
    /// # Numerics
    /// Counters are allocated as items come.
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::sketch::FrequentItems;
    /// assert_eq!(FrequentItems::<i64>::try_new(10)?.capacity(), 768);
    /// assert!(FrequentItems::<i64>::try_new(2).is_err());
    /// # Ok::<(), tidegate_stats::Error>(())
    /// ```
    ///
    /// # References
    /// As [`FrequentItems`].
    pub fn try_new(lg_max: u8) -> Result<Self, Error> {
        if (MIN_LG..=MAX_LG).contains(&lg_max) {
            Ok(Self { lg_max, total: 0, taken_off: 0, counters: BTreeMap::new() })
        } else {
            Err(Error::new(ErrorKind::OutOfRange, "lg_max, which must be from 3 to 30,"))
        }
    }

    /// Adds an item that came `count` times. Counts stay at `u64::MAX` rather than wrap.
    pub fn push<Q>(&mut self, item: &Q, count: u64)
    where
        T: Borrow<Q>,
        Q: Ord + ToOwned<Owned = T> + ?Sized,
    {
        if count == 0 {
            return;
        }
        self.total = self.total.saturating_add(count);
        match self.counters.get_mut(item) {
            Some(held) => *held = held.saturating_add(count),
            None => {
                self.counters.insert(item.to_owned(), count);
                self.take_off();
            }
        }
    }

    /// Adds all that `other` has seen; its error is added, too.
    pub fn merge(&mut self, other: &Self) {
        let total = self.total.saturating_add(other.total);
        self.taken_off = self.taken_off.saturating_add(other.taken_off);
        for (item, count) in &other.counters {
            self.push(item, *count);
        }
        self.total = total;
    }

    /// Frees counters, if there are more than there may be.
    fn take_off(&mut self) {
        if self.counters.len() <= self.capacity() {
            return;
        }
        let mut counts: Vec<u64> = self.counters.values().copied().collect();
        let middle = counts.len() / 2;
        let median = *counts.select_nth_unstable(middle).1;
        self.counters.retain(|_, count| {
            *count -= median.min(*count);
            *count > 0
        });
        self.taken_off = self.taken_off.saturating_add(median);
    }

    /// How many counters there may be.
    #[must_use]
    pub const fn capacity(&self) -> usize {
        capacity(self.lg_max)
    }

    /// All counts pushed.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// No bounds are farther apart; 0 while all counts are exact.
    ///
    /// # Returns
    /// At most [`Self::total`]` / (⅜ · 2^lg_max)`.
    ///
    /// # Numerics
    /// Each time something is taken off, it comes off more than half of the counters.
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::sketch::FrequentItems;
    /// let mut sketch = FrequentItems::<i64>::try_new(3)?;
    /// (0..6).for_each(|item| sketch.push(&item, 1));
    /// assert_eq!(sketch.maximum_error(), 0);
    /// sketch.push(&6, 1);
    /// assert_eq!(sketch.maximum_error(), 1);
    /// # Ok::<(), tidegate_stats::Error>(())
    /// ```
    ///
    /// # References
    /// As [`FrequentItems`]. Oracle: `frequent_strings_sketch.get_estimate` less `get_lower_bound`.
    #[must_use]
    pub const fn maximum_error(&self) -> u64 {
        self.taken_off
    }

    /// The bounds of an item's count; from 0 for one that has no counter.
    #[must_use]
    pub fn bounds<Q>(&self, item: &Q) -> Frequent
    where
        T: Borrow<Q>,
        Q: Ord + ?Sized,
    {
        self.of_counter(self.counters.get(item).copied().unwrap_or(0))
    }

    fn of_counter(&self, lower: u64) -> Frequent {
        Frequent { lower, upper: lower.saturating_add(self.taken_off).min(self.total) }
    }

    /// The items that have a counter, by falling count, then in order, with the bounds of each.
    ///
    /// # Returns
    /// Every item that came more often than [`Self::maximum_error`], and maybe others.
    ///
    /// # Numerics
    /// Sorts the counters.
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::sketch::{Frequent, FrequentItems};
    /// let mut sketch = FrequentItems::<i64>::try_new(3)?;
    /// sketch.push(&7, 1);
    /// sketch.push(&9, 2);
    /// let counted = |count| Frequent { lower: count, upper: count };
    /// assert_eq!(sketch.frequent(), [(&9, counted(2)), (&7, counted(1))]);
    /// # Ok::<(), tidegate_stats::Error>(())
    /// ```
    ///
    /// # References
    /// As [`FrequentItems`]. Oracle: `get_frequent_items(NO_FALSE_NEGATIVES)`.
    #[must_use]
    pub fn frequent(&self) -> Vec<(&T, Frequent)> {
        let counters = self.counters.iter();
        let mut items: Vec<(&T, Frequent)> =
            counters.map(|(item, count)| (item, self.of_counter(*count))).collect();
        order::sort_by(&mut items, |(_, one), (_, other)| other.lower.cmp(&one.lower));
        items
    }

    /// Memory that the sketch holds now, in bytes, without what texts hold outside themselves.
    #[must_use]
    pub fn estimated_size_bytes(&self) -> usize {
        // A tree of this kind is at least half full.
        size_of::<Self>() + 2 * self.counters.len() * (size_of::<T>() + 8)
    }

    /// What [`Self::encode`] gives at most, in bytes, for items of up to so many.
    #[must_use]
    pub const fn max_encoded_bytes(lg_max: u8, item_bytes: usize) -> usize {
        32 + capacity(lg_max) * (12 + item_bytes)
    }

    /// The sketch as bytes, in the form of Apache DataSketches.
    ///
    /// # Returns
    /// 8 bytes for an empty sketch, at most [`Self::max_encoded_bytes`].
    ///
    /// # Numerics
    /// The items are in their order, so equal sketches have equal bytes.
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::sketch::FrequentItems;
    /// assert_eq!(FrequentItems::<i64>::try_new(5)?.encode(), [1, 1, 10, 5, 3, 5, 0, 0]);
    /// # Ok::<(), tidegate_stats::Error>(())
    /// ```
    ///
    /// # References
    /// Oracle: `frequent_strings_sketch.deserialize`.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let len = self.counters.len();
        let lg = (MIN_LG..self.lg_max).find(|lg| capacity(*lg) >= len).unwrap_or(self.lg_max);
        let mut bytes = Vec::with_capacity(32 + 16 * len);
        if self.total == 0 {
            bytes.extend([1, 1, FAMILY, self.lg_max, lg, EMPTY, 0, 0]);
            return bytes;
        }
        bytes.extend([4, 1, FAMILY, self.lg_max, lg, 0, 0, 0]);
        bytes.extend((len as u64).to_le_bytes());
        bytes.extend(self.total.to_le_bytes());
        bytes.extend(self.taken_off.to_le_bytes());
        for count in self.counters.values() {
            bytes.extend(count.to_le_bytes());
        }
        for item in self.counters.keys() {
            item.write(&mut bytes);
        }
        bytes
    }

    /// The sketch that bytes hold, whichever language wrote them.
    ///
    /// # Arguments
    /// * `bytes`: of a sketch with items of the same kind, which the bytes do not say.
    ///
    /// # Returns
    /// A sketch that goes on as the one did which was encoded.
    ///
    /// # Errors
    /// * [`ErrorKind::CorruptData`]: no sketch of such items would write these bytes.
    /// * [`ErrorKind::UnsupportedVersion`]: another version of the form.
    ///
    /// # Numerics
    /// Takes no more memory than a small multiple of the bytes.
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::{ErrorKind, sketch::FrequentItems};
    /// let empty = FrequentItems::<String>::try_new(5)?;
    /// assert_eq!(FrequentItems::decode(&[1, 1, 10, 5, 3, 5, 0, 0])?, empty);
    /// let error = FrequentItems::<i64>::decode(b"no sketch").unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::CorruptData);
    /// # Ok::<(), tidegate_stats::Error>(())
    /// ```
    ///
    /// # References
    /// As [`Self::encode`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let mut reader = Reader::new(bytes, "a sketch of frequent items");
        let [preamble, version, family, lg_max] =
            [reader.u8()?, reader.u8()?, reader.u8()?, reader.u8()?];
        let [lg, flags] = [reader.u8()?, reader.u8()?];
        reader.u16()?;
        reader.check(family == FAMILY)?;
        if version != 1 {
            return Err(reader.unsupported());
        }
        let mut sketch = Self::try_new(lg_max).map_err(|_| reader.corrupt())?;
        reader.check((MIN_LG..=lg_max).contains(&lg))?;
        // The upper bits of this byte are not of the length.
        let is_empty = flags & EMPTY != 0;
        reader.check(preamble & 63 == if is_empty { 1 } else { 4 })?;
        if is_empty {
            reader.end()?;
            return Ok(sketch);
        }
        let len = reader.u32()? as usize;
        reader.u32()?;
        (sketch.total, sketch.taken_off) = (reader.u64()?, reader.u64()?);
        reader.check(sketch.total > 0 && len <= sketch.capacity() && len <= reader.len() / 8)?;
        let mut counts = Vec::with_capacity(len);
        let mut rest = sketch.total;
        for _ in 0..len {
            let count = reader.u64()?;
            rest = rest.checked_sub(count).filter(|_| count > 0).ok_or_else(|| reader.corrupt())?;
            counts.push(count);
        }
        reader.check(sketch.taken_off <= rest)?;
        for count in counts {
            let is_new = sketch.counters.insert(T::read(&mut reader)?, count).is_none();
            reader.check(is_new)?;
        }
        reader.end()?;
        Ok(sketch)
    }
}

/// Three quarters of a table of this size.
const fn capacity(lg: u8) -> usize {
    (1 << lg) / 4 * 3
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn counts_are_exact_until_a_counter_is_missing() {
        let mut sketch = FrequentItems::<String>::try_new(3).unwrap();
        for item in ["a", "b", "a", "c", "d", "e", "f"] {
            sketch.push(item, 1);
        }
        sketch.push("a", 0);
        assert_eq!(sketch.bounds("a"), Frequent { lower: 2, upper: 2 });
        assert_eq!((sketch.total(), sketch.maximum_error()), (7, 0));
        sketch.push("g", 1);
        assert_eq!((sketch.total(), sketch.maximum_error()), (8, 1));
        assert_eq!(sketch.bounds("a"), Frequent { lower: 1, upper: 2 });
        assert_eq!(sketch.bounds("g"), Frequent { lower: 0, upper: 1 });
        assert_eq!(sketch.frequent().len(), 1);
    }

    #[test]
    fn the_heaviest_item_is_never_lost_and_its_bounds_hold() {
        let mut sketch = FrequentItems::<i64>::try_new(4).unwrap();
        for item in 0..3000 {
            sketch.push(&item, 1);
            if item % 3 == 0 {
                sketch.push(&-1, 1);
            }
        }
        let Frequent { lower, upper } = sketch.bounds(&-1);
        assert!(lower <= 1000 && 1000 <= upper, "{lower} {upper}");
        assert_eq!(sketch.frequent()[0].0, &-1);
        assert!(sketch.maximum_error() <= 4000 / 6);
    }

    #[test]
    fn huge_counts_saturate() {
        let mut sketch = FrequentItems::<i64>::try_new(3).unwrap();
        for item in 0..50 {
            sketch.push(&item, u64::MAX - 5);
        }
        sketch.merge(&sketch.clone());
        assert_eq!((sketch.total(), sketch.maximum_error()), (u64::MAX, u64::MAX));
        assert!(sketch.bounds(&3).lower <= sketch.bounds(&3).upper);
    }

    #[test]
    fn decoding_gives_what_was_encoded() {
        for count in [0, 1, 6, 7, 200] {
            let mut texts = FrequentItems::<String>::try_new(5).unwrap();
            let mut integers = FrequentItems::<i64>::try_new(4).unwrap();
            for item in 0..count {
                texts.push(format!("é{item}").as_str(), item % 7 + 1);
                integers.push(&-(item as i64), item % 7 + 1);
            }
            assert_eq!(FrequentItems::decode(&texts.encode()).as_ref(), Ok(&texts));
            assert_eq!(FrequentItems::decode(&integers.encode()).as_ref(), Ok(&integers));
            assert!(texts.encode().len() <= FrequentItems::<String>::max_encoded_bytes(5, 6));
        }
    }

    #[test]
    fn bytes_that_no_sketch_writes_are_refused() {
        use ErrorKind::{CorruptData, UnsupportedVersion};
        let mut sketch = FrequentItems::<String>::try_new(5).unwrap();
        sketch.push("a", 1);
        sketch.push("b", 2);
        let good = sketch.encode();
        let last = good.len() - 1;
        for (at, byte, kind) in [
            (0, 1, CorruptData),
            (1, 2, UnsupportedVersion),
            (2, 9, CorruptData),
            (3, 2, CorruptData),
            (3, 31, CorruptData),
            (4, 6, CorruptData),
            (5, 4, CorruptData),
            (8, 3, CorruptData),
            (8, 200, CorruptData),
            (16, 2, CorruptData),
            (24, 1, CorruptData),
            (32, 0, CorruptData),
            (last, 0xff, CorruptData),
            (last, b'a', CorruptData),
        ] {
            let mut bytes = good.clone();
            bytes[at] = byte;
            let error = FrequentItems::<String>::decode(&bytes).unwrap_err();
            assert_eq!(error.kind(), kind, "{at}: {byte}");
        }
        assert!(FrequentItems::<i64>::decode(&good).is_err());
    }
}
