//! How many distinct items a stream has.

mod estimate;
mod wire;

use alloc::{vec, vec::Vec};

use super::murmur;
use crate::{Error, ErrorKind, num};

/// A coupon is 26 bits of slot, and above them a value from 1 to 63.
const SLOT_BITS: u32 = 26;
const SLOT_MASK: u32 = (1 << SLOT_BITS) - 1;

/// HyperLogLog: the number of distinct items of any stream, within a stated relative error.
///
/// Each item is hashed to a slot and a value, the number of leading zeros and one. The first few hundred
/// distinct ones are kept as they are; from then on each slot keeps its largest value. While items come
/// one by one, the estimate is of the historic inverse probability (HIP), whose error is a fifth
/// smaller; merging forgets the order, and the registers alone decide.
///
/// Text and numbers are hashed as DataSketches does, so sketches of other languages can be merged in.
///
/// # Memory
/// [`Self::max_encoded_bytes`]: `¾ · 2^lg_k` and 41 bytes, and `2^lg_k` while it is filled. 3.1 KiB for
/// the default.
///
/// # Examples
/// ```
/// use tidegate_stats::sketch::Hll;
/// let mut sketch = Hll::default();
/// for user in 0..100_000 {
///     sketch.push_integer(user % 20_000);
/// }
/// let relative = sketch.estimate() / 20_000.0 - 1.0;
/// assert!(relative.abs() < 3.0 * sketch.relative_error());
/// assert_eq!(Hll::decode(&sketch.encode())?, sketch);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Flajolet et al. (2007), <https://doi.org/10.46298/dmtcs.3545>; Ting (2014),
/// <https://doi.org/10.1145/2623330.2623669> (HIP); Ertl (2017), <https://arxiv.org/abs/1702.01284> (the
/// estimate after merging). Oracle: `datasketches.hll_sketch`.
#[derive(Debug, Clone, PartialEq)]
pub struct Hll {
    lg_k: u8,
    content: Content,
}

#[derive(Debug, Clone, PartialEq)]
enum Content {
    /// Distinct, ascending.
    Coupons(Vec<u32>),
    Registers(Registers),
}

#[derive(Debug, Clone, PartialEq)]
struct Registers {
    /// One a slot, at most 63.
    values: Vec<u8>,
    /// The estimate from the order of updates, while that is known.
    hip: Option<f64>,
    /// `Σ 2^−value` of the values below 32 and of the others: each is exact.
    inverse_sums: [f64; 2],
}

impl Default for Hll {
    fn default() -> Self {
        Self::empty(Self::DEFAULT_LG_K)
    }
}

impl Hll {
    /// 4096 registers, as in DataSketches: a standard error of 1.3 %, and 1.6 % after merging.
    pub const DEFAULT_LG_K: u8 = 12;
    /// The smallest number of registers is 2⁴.
    pub const MIN_LG_K: u8 = 4;
    /// The largest number of registers is 2²¹.
    pub const MAX_LG_K: u8 = 21;

    /// A sketch without an item.
    ///
    /// # Arguments
    /// * `lg_k`: `2^lg_k` registers, from [`Self::MIN_LG_K`] to [`Self::MAX_LG_K`].
    ///
    /// # Returns
    /// An empty sketch.
    ///
    /// # Errors
    /// [`ErrorKind::OutOfRange`]: `lg_k` is outside its range.
    ///
    /// # Numerics
    /// Registers are allocated once they are needed.
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::sketch::Hll;
    /// assert_eq!(Hll::try_new(10)?.estimate(), 0.0);
    /// assert!(Hll::try_new(22).is_err());
    /// # Ok::<(), tidegate_stats::Error>(())
    /// ```
    ///
    /// # References
    /// As [`Hll`].
    pub fn try_new(lg_k: u8) -> Result<Self, Error> {
        if (Self::MIN_LG_K..=Self::MAX_LG_K).contains(&lg_k) {
            Ok(Self::empty(lg_k))
        } else {
            Err(Error::new(ErrorKind::OutOfRange, "lg_k, which must be from 4 to 21,"))
        }
    }

    const fn empty(lg_k: u8) -> Self {
        Self { lg_k, content: Content::Coupons(Vec::new()) }
    }

    /// Adds a text. An empty one is no item, as in DataSketches.
    pub fn push_text(&mut self, text: &str) {
        if !text.is_empty() {
            self.push_bytes(text.as_bytes());
        }
    }

    /// Adds a number. `-0.0` is `0.0`; all NaNs are one item.
    pub fn push_number(&mut self, number: f64) {
        let number = if number.is_nan() { f64::NAN } else { number + 0.0 };
        self.push_bytes(&number.to_le_bytes());
    }

    /// Adds an integer, which is not the same item as the equal [`Self::push_number`].
    pub fn push_integer(&mut self, integer: i64) {
        self.push_bytes(&integer.to_le_bytes());
    }

    fn push_bytes(&mut self, bytes: &[u8]) {
        let [slot, zeros] = murmur::hash(bytes);
        let value = zeros.leading_zeros().min(62) + 1;
        self.insert((value << SLOT_BITS) | (slot as u32 & SLOT_MASK));
    }

    fn insert(&mut self, coupon: u32) {
        match &mut self.content {
            Content::Registers(registers) => registers.insert(coupon),
            Content::Coupons(coupons) => {
                if let Err(place) = coupons.binary_search(&coupon) {
                    coupons.insert(place, coupon);
                    if coupons.len() > most_coupons(self.lg_k) {
                        let registers = Registers::of_coupons(self.lg_k, coupons);
                        self.content = Content::Registers(registers);
                    }
                }
            }
        }
    }

    /// Adds all that `other` has seen. The result has the fewer registers of the two.
    pub fn merge(&mut self, other: &Self) {
        match &other.content {
            // They say less than registers, so the larger number of these may stay.
            Content::Coupons(coupons) => {
                for coupon in coupons {
                    self.insert(*coupon);
                }
            }
            Content::Registers(others) => {
                let lg_k = self.lg_k.min(other.lg_k);
                let mut merged = others.folded(lg_k);
                match &self.content {
                    Content::Coupons(coupons) => {
                        for coupon in coupons {
                            merged.insert(*coupon);
                        }
                    }
                    Content::Registers(own) => merged.merge(&own.folded(lg_k)),
                }
                *self = Self { lg_k, content: Content::Registers(merged) };
            }
        }
    }

    /// `2^lg_k` registers.
    #[must_use]
    pub const fn lg_k(&self) -> u8 {
        self.lg_k
    }

    /// Whether nothing was pushed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.coupon_count() == Some(0)
    }

    /// How many coupons there are, while there are no registers.
    fn coupon_count(&self) -> Option<usize> {
        match &self.content {
            Content::Coupons(coupons) => Some(coupons.len()),
            Content::Registers(_) => None,
        }
    }

    /// The number of distinct items.
    ///
    /// # Returns
    /// At least 0, off by [`Self::relative_error`] in one standard deviation.
    ///
    /// # Numerics
    /// Constant time while items come one by one, else one pass over the registers.
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::sketch::Hll;
    /// let mut sketch = Hll::default();
    /// for item in ["a", "b", "a"] {
    ///     sketch.push_text(item);
    /// }
    /// assert!((sketch.estimate() - 2.0).abs() < 1e-7);
    /// ```
    ///
    /// # References
    /// As [`Hll`]. Oracle: `hll_sketch.get_estimate()`; after merging, Ertl's sums in mpmath. DIFFERENCE:
    /// the oracle interpolates what coupons may share in a table, 3e-9 off for a few items; and from
    /// `lg_k = 14` on it keeps coupons longer.
    #[must_use]
    pub fn estimate(&self) -> f64 {
        match &self.content {
            Content::Coupons(coupons) => estimate::of_coupons(coupons.len()),
            Content::Registers(registers) => {
                registers.hip.unwrap_or_else(|| estimate::of_registers(&registers.values))
            }
        }
    }

    /// The standard error of [`Self::estimate`], as a share of it.
    ///
    /// # Returns
    /// `0.833/√k`, after merging `1.04/√k`; `1e-4` while all items are kept, of which few can share a
    /// coupon.
    ///
    /// # Numerics
    /// Asymptotic; a property test measures it.
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::sketch::Hll;
    /// let mut sketch = Hll::default();
    /// (0..10_000).for_each(|item| sketch.push_integer(item));
    /// assert!((sketch.relative_error() - 0.0130).abs() < 1e-4);
    /// ```
    ///
    /// # References
    /// As [`Hll`].
    #[must_use]
    pub fn relative_error(&self) -> f64 {
        let factor = match &self.content {
            Content::Coupons(_) => return 1e-4,
            // √(ln 2), √(3 ln 2 − 1)
            Content::Registers(Registers { hip: Some(_), .. }) => 0.832_554_611,
            Content::Registers(_) => 1.038_961_755,
        };
        factor / num::sqrt((1_u64 << self.lg_k) as f64)
    }

    /// Memory that the sketch holds now, in bytes.
    #[must_use]
    pub fn estimated_size_bytes(&self) -> usize {
        let content = match &self.content {
            Content::Coupons(coupons) => 4 * coupons.capacity(),
            Content::Registers(registers) => registers.values.capacity(),
        };
        size_of::<Self>() + content
    }

    /// What [`Self::encode`] gives at most, in bytes.
    #[must_use]
    pub fn max_encoded_bytes(lg_k: u8) -> usize {
        (41 + (3_usize << lg_k) / 4).max(12 + 4 * most_coupons(lg_k))
    }

    /// The sketch as bytes, in the form of Apache DataSketches, with registers of 6 bits.
    ///
    /// # Returns
    /// 8 bytes for an empty sketch, at most [`Self::max_encoded_bytes`].
    ///
    /// # Numerics
    /// One allocation.
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::sketch::Hll;
    /// assert_eq!(Hll::default().encode(), [2, 1, 7, 12, 3, 12, 0, 4]);
    /// ```
    ///
    /// # References
    /// Oracle: `hll_sketch.deserialize`.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        wire::encode(self)
    }

    /// The sketch that bytes hold, whichever language wrote them.
    ///
    /// # Arguments
    /// * `bytes`: the compact or the updatable form, with registers of 4, 6 or 8 bits.
    ///
    /// # Returns
    /// A sketch that goes on as the one did which was encoded.
    ///
    /// # Errors
    /// * [`ErrorKind::CorruptData`]: no sketch would write these bytes.
    /// * [`ErrorKind::UnsupportedVersion`]: another version of the form.
    /// * [`ErrorKind::NotFinite`]: its estimate is NaN or infinite.
    ///
    /// # Numerics
    /// Takes no more memory than twice the bytes.
    ///
    /// # Examples
    /// ```
    /// use tidegate_stats::{ErrorKind, sketch::Hll};
    /// assert_eq!(Hll::decode(&[2, 1, 7, 12, 3, 12, 0, 4])?, Hll::default());
    /// assert_eq!(Hll::decode(b"no sketch").unwrap_err().kind(), ErrorKind::CorruptData);
    /// # Ok::<(), tidegate_stats::Error>(())
    /// ```
    ///
    /// # References
    /// As [`Self::encode`].
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        wire::decode(bytes)
    }
}

/// More coupons than these become registers: where DataSketches has its limit, but never more than
/// can be kept in order cheaply.
fn most_coupons(lg_k: u8) -> usize {
    match lg_k {
        0..8 => 7,
        8..14 => (3 << (lg_k - 3)) / 4,
        _ => 1536,
    }
}

impl Registers {
    fn new(values: Vec<u8>, hip: Option<f64>) -> Self {
        let mut inverse_sums = [0.0; 2];
        for value in &values {
            inverse_sums[usize::from(*value >= 32)] += inverse_power(*value);
        }
        Self { values, hip, inverse_sums }
    }

    fn of_coupons(lg_k: u8, coupons: &[u32]) -> Self {
        let mut registers = Self::new(vec![0; 1 << lg_k], Some(0.0));
        for coupon in coupons {
            registers.insert(*coupon);
        }
        registers.hip = Some(estimate::of_coupons(coupons.len()));
        registers
    }

    fn insert(&mut self, coupon: u32) {
        // The number of registers is a power of two.
        let slot = (coupon & SLOT_MASK) as usize & (self.values.len() - 1);
        let value = (coupon >> SLOT_BITS) as u8;
        let k = self.values.len() as f64;
        if let Some(held) = self.values.get_mut(slot).filter(|held| **held < value) {
            if let Some(hip) = &mut self.hip {
                *hip += k / (self.inverse_sums[0] + self.inverse_sums[1]);
            }
            self.inverse_sums[usize::from(*held >= 32)] -= inverse_power(*held);
            self.inverse_sums[usize::from(value >= 32)] += inverse_power(value);
            *held = value;
        }
    }

    /// The same with fewer registers, each the largest of those that it stands for.
    fn folded(&self, lg_k: u8) -> Self {
        let len = 1 << lg_k;
        if len >= self.values.len() {
            return self.clone();
        }
        let mut values = vec![0; len];
        for part in self.values.chunks(len) {
            for (folded, value) in values.iter_mut().zip(part) {
                *folded = (*folded).max(*value);
            }
        }
        Self::new(values, None)
    }

    fn merge(&mut self, other: &Self) {
        let pairs = self.values.iter().zip(&other.values);
        *self = Self::new(pairs.map(|(one, two)| *one.max(two)).collect(), None);
    }
}

/// `2^−value`, for a value of at most 63.
const fn inverse_power(value: u8) -> f64 {
    f64::from_bits((1023 - value as u64) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lg_k: u8, items: core::ops::Range<i64>) -> Hll {
        let mut sketch = Hll::try_new(lg_k).unwrap();
        items.for_each(|item| sketch.push_integer(item));
        sketch
    }

    #[test]
    fn an_empty_sketch_is_read_in_both_forms() {
        let bare = [2, 1, 7, 12, 3, 4, 0, 8];
        let mut with_its_table = [0; 40];
        with_its_table[..8].copy_from_slice(&bare);
        assert_eq!(Hll::decode(&bare), Ok(Hll::default()));
        // As Java, C++ and Python write it.
        assert_eq!(Hll::decode(&with_its_table), Ok(Hll::default()));
        assert!(Hll::decode(&with_its_table[..12]).is_err());
        with_its_table[39] = 1;
        assert!(Hll::decode(&with_its_table).is_err(), "a coupon in a sketch without any");
    }

    #[test]
    fn counts_each_item_once() {
        let mut sketch = of(12, 0..100);
        sketch.merge(&of(12, 50..150));
        assert!((sketch.estimate() - 150.0).abs() < 0.01);
        for count in [1000, 30_000] {
            let mut sketch = of(12, 0..count);
            let before = sketch.clone();
            (0..count).for_each(|item| sketch.push_integer(item));
            assert_eq!(sketch, before);
            let off = sketch.estimate() / count as f64 - 1.0;
            assert!(off.abs() < 3.0 * sketch.relative_error(), "{count}: {off}");
        }
    }

    #[test]
    fn kinds_of_items_are_told_apart_and_empty_text_is_none() {
        let mut sketch = Hll::default();
        sketch.push_text("");
        assert!(sketch.is_empty());
        sketch.push_number(0.0);
        sketch.push_number(-0.0);
        sketch.push_number(f64::NAN);
        sketch.push_number(-f64::NAN);
        sketch.push_text("1");
        sketch.push_integer(1);
        sketch.push_number(1.0);
        assert_eq!(sketch.coupon_count(), Some(5));
    }

    #[test]
    fn merging_folds_to_the_fewer_registers() {
        let (mut large, small) = (of(14, 0..20_000), of(8, 10_000..30_000));
        large.merge(&small);
        assert_eq!(large.lg_k(), 8);
        assert!((large.estimate() / 30_000.0 - 1.0).abs() < 3.0 * large.relative_error());
        let mut other_way = of(8, 10_000..30_000);
        other_way.merge(&of(14, 0..20_000));
        assert_eq!(large, other_way);
    }

    #[test]
    fn a_sketch_goes_on_after_decoding_as_it_would_have() {
        for lg_k in [4, 7, 8, 12] {
            for count in [0, 1, 7, 8, 24, 25, 300, 50_000] {
                let mut sketch = of(lg_k, 0..count);
                let mut again = Hll::decode(&sketch.encode()).unwrap();
                assert_eq!(again, sketch, "{lg_k} {count}");
                for sketch in [&mut sketch, &mut again] {
                    (-500..0).for_each(|item| sketch.push_integer(item));
                }
                assert_eq!(again, sketch, "{lg_k} {count}");
                assert!(sketch.encode().len() <= Hll::max_encoded_bytes(lg_k));
                assert!(sketch.estimated_size_bytes() <= 2 * Hll::max_encoded_bytes(lg_k) + 100);
            }
        }
    }

    #[test]
    fn bytes_that_no_sketch_writes_are_refused() {
        use ErrorKind::{CorruptData, NotFinite, UnsupportedVersion};
        let [list, registers] = [3, 5000].map(|count| of(10, 0..count).encode());
        for (good, at, byte, kind) in [
            (&list, 1, 2, UnsupportedVersion),
            (&list, 2, 8, CorruptData),
            (&list, 3, 22, CorruptData),
            (&list, 6, 4, CorruptData),
            (&list, 7, 3, CorruptData),
            (&list, 5, 12, CorruptData),
            (&list, 11, 0, CorruptData),
            (&registers, 0, 3, CorruptData),
            (&registers, 6, 1, CorruptData),
            (&registers, 36, 1, CorruptData),
            (&registers, 3, 11, CorruptData),
            (&registers, 15, 0xbf, CorruptData),
        ] {
            let mut bytes = good.clone();
            bytes[at] = byte;
            assert_eq!(Hll::decode(&bytes).unwrap_err().kind(), kind, "{at}: {byte}");
        }
        let mut bytes = registers;
        bytes[8..16].copy_from_slice(&f64::NAN.to_le_bytes());
        assert_eq!(Hll::decode(&bytes).unwrap_err().kind(), NotFinite);
    }
}
