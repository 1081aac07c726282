//! Which variant a unit gets, with nothing stored: the rules of GrowthBook's SDKs, so that every
//! gateway and every one of them agrees.
//!
//! A unit is hashed to a *bucket* in `[0, 1)`, the variants share that line in *ranges*, and the unit
//! gets the variant in whose range its bucket lies, or none. A *namespace* is a line of its own, on
//! which experiments that must not meet take ranges apart.

use alloc::vec::Vec;

use crate::{Error, ErrorKind};

/// How a bucket is made of a seed and a unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum HashVersion {
    /// The old one, in steps of 1/1000. Ids that differ only in their ends fall in like buckets in
    /// two experiments of like names.
    V1,
    /// The present one, in steps of 1/10 000, hashed twice.
    #[default]
    V2,
}

/// A half-open stretch of `[0, 1)`, as `[start, end]` on the wire.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(into = "[f64; 2]", from = "[f64; 2]"))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(with = "[f64; 2]"))]
pub struct BucketRange {
    /// The first bucket in it.
    pub start: f64,
    /// The first bucket after it.
    pub end: f64,
}

impl BucketRange {
    /// Whether a bucket lies in it.
    #[must_use]
    pub fn contains(&self, bucket: f64) -> bool {
        bucket >= self.start && bucket < self.end
    }
}

impl From<[f64; 2]> for BucketRange {
    fn from([start, end]: [f64; 2]) -> Self {
        Self { start, end }
    }
}

impl From<BucketRange> for [f64; 2] {
    fn from(range: BucketRange) -> Self {
        [range.start, range.end]
    }
}

/// The 32-bit FNV-1a hash of UTF-16 units: `h ← (h xor unit) · 16777619`, from 2166136261.
///
/// # Arguments
/// * `units`: as JavaScript sees a string; of ASCII the result is the usual FNV-1a of its bytes.
///
/// # Returns
/// All 32 bits.
///
/// # Examples
/// ```
/// use tidegate_stats::experiment::bucketing::fnv1a_32;
/// // A published vector.
/// assert_eq!(fnv1a_32("foobar".encode_utf16()), 0xbf9c_f968);
/// ```
///
/// # References
/// Fowler, Noll, Vo, <http://www.isthe.com/chongo/tech/comp/fnv/>.
pub fn fnv1a_32(units: impl Iterator<Item = u16>) -> u32 {
    units.fold(0x811c_9dc5, |hash, unit| (hash ^ u32::from(unit)).wrapping_mul(0x0100_0193))
}

/// Where on the line from 0 to 1 a unit falls.
///
/// Version 2 is `fnv(decimal(fnv(seed + unit))) mod 10 000 / 10 000`, version 1 is
/// `fnv(unit + seed) mod 1000 / 1000`.
///
/// # Arguments
/// * `seed`: what is the same for all units, such as the experiment's name.
/// * `unit`: such as the id of a user.
///
/// # Returns
/// In `[0, 1)`, always the same for the same arguments.
///
/// # Numerics
/// O(length), no allocation. The quotient is the double nearest to the decimal.
///
/// # Examples
/// ```
/// use tidegate_stats::experiment::bucketing::{HashVersion, bucket};
/// // From the test cases of GrowthBook's SDKs.
/// assert_eq!(bucket("seed", "a", HashVersion::V2), 0.0505);
/// assert_eq!(bucket("", "a", HashVersion::V1), 0.22);
/// ```
///
/// # References
/// GrowthBook, "Build your own SDK", <https://docs.growthbook.io/lib/build-your-own>, `hash`. Oracle:
/// the `growthbook` package for Python, and the numbers of that page's test cases.
#[must_use]
pub fn bucket(seed: &str, unit: &str, version: HashVersion) -> f64 {
    match version {
        HashVersion::V1 => {
            let hash = fnv1a_32(unit.encode_utf16().chain(seed.encode_utf16()));
            f64::from(hash % 1000) / 1000.0
        }
        HashVersion::V2 => {
            let first = fnv1a_32(seed.encode_utf16().chain(unit.encode_utf16()));
            f64::from(fnv1a_32(decimal_digits(first)) % 10_000) / 10_000.0
        }
    }
}

/// A number as it is written, from the front.
fn decimal_digits(number: u32) -> impl Iterator<Item = u16> {
    // The largest power of ten that is not above the number; 1 for 0.
    let largest = 10_u32.pow(number.checked_ilog10().unwrap_or(0));
    let places = core::iter::successors(Some(largest), |place| (*place > 1).then(|| place / 10));
    places.map(move |place| u16::from(b'0') + (number / place % 10) as u16)
}

/// The ranges of an experiment's variants: each begins where the weights before it end, and is as
/// long as its own weight times the coverage.
///
/// So with a growing coverage units join and none changes its variant.
///
/// # Arguments
/// * `variants`: how many there are.
/// * `coverage`: the share of units in the experiment; outside `[0, 1]` the nearest bound is taken.
/// * `weights`: shares of the variants, `≥ 0`. Where there are not as many as variants, or their sum
///   is not in `[0.99, 1.01]`, all variants get the same, as in the SDKs.
///
/// # Returns
/// One range for each variant, in their order.
///
/// # Errors
/// * [`ErrorKind::NotFinite`]: the coverage is NaN, or a weight is NaN or infinite.
/// * [`ErrorKind::OutOfRange`]: a weight is negative.
///
/// GrowthBook's SDK for JavaScript takes such weights, and makes ranges of them that overlap.
///
/// # Numerics
/// O(variants), one allocation. The sums are the SDKs' to the bit.
///
/// # Examples
/// ```
/// use tidegate_stats::experiment::bucketing::bucket_ranges;
/// let ranges = bucket_ranges(2, 0.5, &[0.25, 0.75])?;
/// assert_eq!(ranges, [[0.0, 0.125].into(), [0.25, 0.625].into()]);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// As [`bucket`]; there it is `getBucketRanges`.
pub fn bucket_ranges(
    variants: usize,
    coverage: f64,
    weights: &[f64],
) -> Result<Vec<BucketRange>, Error> {
    if coverage.is_nan() {
        return Err(Error::new(ErrorKind::NotFinite, "the coverage"));
    }
    if weights.iter().any(|weight| !weight.is_finite()) {
        return Err(Error::new(ErrorKind::NotFinite, "a weight"));
    }
    if weights.iter().any(|weight| *weight < 0.0) {
        return Err(Error::new(ErrorKind::OutOfRange, "a weight"));
    }
    let coverage = coverage.clamp(0.0, 1.0);
    let whole: f64 = weights.iter().sum();
    let as_given = weights.len() == variants && (0.99..=1.01).contains(&whole);
    let equal = 1.0 / variants as f64;
    let mut end = 0.0;
    let range = |index: usize| {
        let weight = weights.get(index).copied().filter(|_| as_given).unwrap_or(equal);
        let start = end;
        end += weight;
        BucketRange { start, end: start + coverage * weight }
    };
    Ok((0..variants).map(range).collect())
}

/// The variant of a bucket: the first in whose range it lies.
///
/// # Arguments
/// * `bucket`: by [`bucket`].
/// * `ranges`: of the variants, in their order, by [`bucket_ranges`].
///
/// # Returns
/// The variant's index, or `None`, where the unit is not in the experiment.
///
/// # Examples
/// ```
/// use tidegate_stats::experiment::bucketing::choose_variation;
/// let ranges = [[0.0, 0.25].into(), [0.5, 0.75].into()];
/// assert_eq!(choose_variation(0.6, &ranges), Some(1));
/// assert_eq!(choose_variation(0.25, &ranges), None);
/// ```
///
/// # References
/// As [`bucket`]; there it is `chooseVariation`, with −1 for none.
#[must_use]
pub fn choose_variation(bucket: f64, ranges: &[BucketRange]) -> Option<usize> {
    ranges.iter().position(|range| range.contains(bucket))
}

/// Whether a unit is in an experiment's range of a namespace.
///
/// # Arguments
/// * `unit`: such as the id of a user.
/// * `namespace`: its id. The bucket is of version 1, with the id after two underscores for a seed.
/// * `range`: the experiment's.
///
/// # Returns
/// Whether the unit's bucket on the namespace's line lies in the range.
///
/// # Examples
/// ```
/// use tidegate_stats::experiment::bucketing::in_namespace;
/// assert!(!in_namespace("1", "namespace1", [0.0, 0.4].into()));
/// assert!(in_namespace("1", "namespace1", [0.4, 1.0].into()));
/// ```
///
/// # References
/// As [`bucket`]; there it is `inNamespace`.
#[must_use]
pub fn in_namespace(unit: &str, namespace: &str, range: BucketRange) -> bool {
    let seed = "__".encode_utf16().chain(namespace.encode_utf16());
    let hash = fnv1a_32(unit.encode_utf16().chain(seed));
    range.contains(f64::from(hash % 1000) / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{string::ToString, vec};

    #[test]
    fn fnv1a_agrees_with_its_published_vectors() {
        // http://www.isthe.com/chongo/tech/comp/fnv/ (test vectors of FNV-1a, 32 bits).
        for (text, hash) in [("", 0x811c_9dc5), ("a", 0xe40c_292c), ("foobar", 0xbf9c_f968)] {
            assert_eq!(fnv1a_32(text.encode_utf16()), hash, "{text}");
        }
    }

    #[test]
    fn buckets_agree_with_an_independent_implementation() {
        // Python: fnv over `text.encode("utf-16-le")`, by hand, then `% 10000 / 10000`.
        for (seed, unit, expected) in [
            ("seed", "b", 0.2696),
            ("seed", "c", 0.613),
            ("iris-v1-vs-v2", "u1", 0.2719),
            ("iris-v1-vs-v2", "user-42", 0.3419),
            ("exp", "ü", 0.7371),
            ("exp", "😀", 0.7506),
        ] {
            assert_eq!(bucket(seed, unit, HashVersion::V2), expected, "{seed} {unit}");
        }
    }

    #[test]
    fn digits_are_those_of_the_decimal() {
        for number in [0, 1, 9, 10, 99, 100, 4_000_000_000, u32::MAX] {
            let digits: Vec<u16> = decimal_digits(number).collect();
            assert_eq!(digits, number.to_string().encode_utf16().collect::<Vec<_>>());
        }
    }

    #[test]
    fn ranges_at_their_edges() {
        assert_eq!(bucket_ranges(0, 1.0, &[]), Ok(vec![]));
        assert_eq!(bucket_ranges(1, 7.0, &[]), Ok(vec![[0.0, 1.0].into()]));
        assert_eq!(
            bucket_ranges(2, f64::NEG_INFINITY, &[0.2, 0.1]),
            Ok(vec![[0.0, 0.0].into(), [0.5, 0.5].into()]),
        );
        for (coverage, weights, kind) in [
            (f64::NAN, [0.5, 0.5], ErrorKind::NotFinite),
            (1.0, [f64::NAN, 0.5], ErrorKind::NotFinite),
            (1.0, [f64::INFINITY, 0.5], ErrorKind::NotFinite),
            (1.0, [1.5, -0.5], ErrorKind::OutOfRange),
        ] {
            assert_eq!(bucket_ranges(2, coverage, &weights).unwrap_err().kind(), kind);
        }
    }

    #[test]
    fn a_variant_without_weight_gets_nobody() {
        let ranges = bucket_ranges(3, 1.0, &[0.5, 0.0, 0.5]).unwrap();
        assert_eq!(choose_variation(0.5, &ranges), Some(2));
    }
}
