//! Sorting by digits instead of by comparison.

use alloc::{vec, vec::Vec};

/// Bits of a digit: few enough that where the next value of each goes stays in the nearest cache.
const DIGIT: u32 = 8;
const BUCKETS: usize = 1 << DIGIT;
/// Digits that are counted in one pass.
const AT_ONCE: u32 = 4;
/// Below it, comparing is faster than counting.
const FEW: usize = 1024;
const SIGN: u64 = 1 << 63;

/// A whole number whose order is the total order of the doubles.
const fn key(value: f64) -> u64 {
    let bits = value.to_bits();
    // A negative number has all of its bits turned, another its sign alone.
    bits ^ ((bits.cast_signed() >> 63).cast_unsigned() | SIGN)
}

/// The value of a key.
const fn value(key: u64) -> f64 {
    f64::from_bits(key ^ ((!key.cast_signed() >> 63).cast_unsigned() | SIGN))
}

/// Sorts by the total order, ascending.
///
/// # Numerics
/// By the leading digits alone, from the highest bit in which any two values differ, the least digit
/// first: so many of them that few values which agree there are out of order, which insertion puts
/// right. Data in which these are many are sorted by all of their digits. O(n) and one buffer of the
/// same size. The order is total, so that the result does not depend on how it was reached.
pub(crate) fn sort(values: &mut Vec<f64>) {
    if values.len() < FEW {
        values.sort_unstable_by(f64::total_cmp);
        return;
    }
    let first = values.first().map_or(0, |value| key(*value));
    let differing = values.iter().fold(0, |bits, value| bits | (key(*value) ^ first));
    let width = u64::BITS - differing.leading_zeros();
    // Mixed signs and exponents take twelve bits; of the rest a million steps are enough.
    let leading = if values.len() < 1 << 21 { 4 * DIGIT } else { 5 * DIGIT };
    let mut scratch = vec![0.0; values.len()];
    let lowest = width.saturating_sub(leading);
    by_digits(values, &mut scratch, lowest, width);
    if lowest > 0 && !insert(values) {
        by_digits(values, &mut scratch, 0, width);
    }
}

/// Sorts by the bits from `lowest` up to `width` of the keys, stable.
fn by_digits(values: &mut Vec<f64>, scratch: &mut Vec<f64>, lowest: u32, width: u32) {
    // Keys are made once, and kept where the values were.
    for value in &mut *values {
        *value = f64::from_bits(key(*value));
    }
    let mut shift = lowest;
    while shift < width {
        let mut counts = [[0_u32; BUCKETS]; AT_ONCE as usize];
        for key in &*values {
            let mut digits = key.to_bits() >> shift;
            for counts in &mut counts {
                counts[digits as usize % BUCKETS] += 1;
                digits >>= DIGIT;
            }
        }
        for counts in &mut counts {
            if shift < width && counts.iter().all(|count| (*count as usize) < values.len()) {
                deal(values, scratch, counts, shift);
                core::mem::swap(values, scratch);
            }
            shift += DIGIT;
        }
    }
    for place in &mut *values {
        *place = value(place.to_bits());
    }
}

/// Deals the keys into `to` by a digit, of whose values `counts` are known.
fn deal(from: &[f64], to: &mut [f64], counts: &mut [u32; BUCKETS], shift: u32) {
    let mut start = 0;
    for count in counts.iter_mut() {
        start += core::mem::replace(count, start);
    }
    for key in from {
        let place = &mut counts[(key.to_bits() >> shift) as usize % BUCKETS];
        if let Some(slot) = to.get_mut(*place as usize) {
            *slot = *key;
        }
        *place += 1;
    }
}

/// Sorts by insertion; `false` if that would take more steps than there are values.
fn insert(values: &mut [f64]) -> bool {
    let mut steps = values.len();
    for index in 1..values.len() {
        let value = values[index];
        if key(values[index - 1]) <= key(value) {
            continue;
        }
        let mut at = index;
        while at > 0 && key(values[at - 1]) > key(value) {
            values[at] = values[at - 1];
            at -= 1;
        }
        values[at] = value;
        let Some(left) = steps.checked_sub(index - at) else { return false };
        steps = left;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SplitMix64.
    fn bits(state: &mut u64) -> u64 {
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = *state;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    fn check(name: &str, draw: impl Fn(u64, usize) -> f64) {
        let mut state = 5;
        for len in [0, 1, 2, FEW - 1, FEW, 5000, 70_000] {
            let values: Vec<f64> = (0..len).map(|index| draw(bits(&mut state), index)).collect();
            let mut want = values.clone();
            want.sort_by(f64::total_cmp);
            let mut got = values;
            sort(&mut got);
            let same = got.iter().map(|v| v.to_bits()).eq(want.iter().map(|v| v.to_bits()));
            assert!(same, "{name}, {len}");
        }
    }

    #[test]
    fn the_order_is_that_of_total_cmp() {
        let uniform = |bits: u64| (bits >> 11) as f64 / (1_u64 << 53) as f64;
        check("any bits", |bits, _| f64::from_bits(bits));
        check("uniform", |bits, _| uniform(bits));
        check("both signs", |bits, _| uniform(bits) - 0.5);
        check("an offset", |bits, _| 1e12 + uniform(bits));
        check(
            "an offset, and one far away",
            |bits, i| if i == 7 { -1.0 } else { 1e12 + uniform(bits) },
        );
        check("a crowd, and one far away", |bits, i| {
            if i == 7 { -1.0 } else { 300.0 + uniform(bits) * 1e-9 }
        });
        check("whole numbers", |bits, _| (bits % 100) as f64 - 50.0);
        check("constant", |_, _| 0.1);
        check("subnormal", |bits, _| f64::from_bits(bits % 1000));
        check("falling", |_, i| -(i as f64));
        check(
            "huge and tiny",
            |bits, _| if bits % 2 == 0 { 1e300 } else { -uniform(bits) * 1e-300 },
        );
    }

    #[test]
    fn insertion_gives_up_where_it_would_be_slow() {
        assert!(insert(&mut [1.0, 3.0, 2.0, 4.0]));
        assert!(!insert(&mut (0..100).rev().map(f64::from).collect::<Vec<_>>()));
    }
}
