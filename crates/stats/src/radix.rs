//! Sorting by digits instead of by comparison.

use alloc::vec::Vec;

/// Bits of a digit: as many as let three of them tell a million values apart.
const DIGIT: u32 = 11;
const BUCKETS: usize = 1 << DIGIT;
/// Digits that are counted in one pass.
const AT_ONCE: u32 = 3;
/// Below it, comparing is faster than counting.
const FEW: usize = 1024;
const SIGN: u64 = 1 << 63;

/// A whole number whose order is the total order of the doubles.
pub(crate) const fn key(value: f64) -> u64 {
    let bits = value.to_bits();
    // A negative number has all of its bits turned, another its sign alone.
    bits ^ ((bits.cast_signed() >> 63).cast_unsigned() | SIGN)
}

/// The value of a key.
const fn value(key: u64) -> f64 {
    f64::from_bits(key ^ ((!key.cast_signed() >> 63).cast_unsigned() | SIGN))
}

/// Sorts finite values, none of which is -0.0, ascending. In each bit of `differing`, and in no other, do
/// any two of them differ.
///
/// # Numerics
/// By the leading digits alone, from the highest bit in which any two values differ, the least digit
/// first: so many of them that few values which agree there are out of order, which insertion puts
/// right. Data in which these are many are sorted by all of their digits. O(n) and one buffer of the
/// same size. Equal values have the same bits, so that the result does not depend on how it was reached.
pub(crate) fn sort(values: &mut Vec<f64>, differing: u64) {
    if differing == 0 {
        return;
    }
    if values.len() < FEW {
        values.sort_unstable_by(f64::total_cmp);
        return;
    }
    let width = u64::BITS - differing.leading_zeros();
    // Mixed signs and exponents take twelve bits; of the rest a million steps are enough.
    let digits = if values.len() < 1 << 21 { AT_ONCE } else { AT_ONCE + 1 };
    let lowest = width.saturating_sub(digits * DIGIT);
    by_digits(values, lowest, width);
    if lowest > 0 && !insert(values) {
        by_digits(values, 0, width);
    }
}

type Counts = [[u32; BUCKETS]; AT_ONCE as usize];

/// Sorts by the bits from `lowest` up to `width` of the keys, stable. In the bit below `width` two differ.
fn by_digits(values: &mut Vec<f64>, lowest: u32, width: u32) {
    let mut counts = [[0; BUCKETS]; AT_ONCE as usize];
    let mut keys = Vec::with_capacity(values.len());
    keys.extend(values.iter().map(|value| {
        let key = key(*value);
        count(&mut counts, key >> lowest);
        f64::from_bits(key)
    }));
    let (mut from, to) = (keys, &mut *values);
    let mut shift = lowest;
    loop {
        for counts in &mut counts {
            if shift < width && counts.iter().all(|count| (*count as usize) < from.len()) {
                if shift + DIGIT < width {
                    deal(&from, to, counts, shift, f64::from_bits);
                } else {
                    deal(&from, to, counts, shift, value);
                }
                core::mem::swap(&mut from, to);
            }
            shift += DIGIT;
        }
        if shift >= width {
            break;
        }
        counts = [[0; BUCKETS]; AT_ONCE as usize];
        for key in &from {
            count(&mut counts, key.to_bits() >> shift);
        }
    }
    *values = from;
}

/// Counts the lowest digits.
fn count(counts: &mut Counts, mut digits: u64) {
    for counts in counts {
        counts[digits as usize % BUCKETS] += 1;
        digits >>= DIGIT;
    }
}

/// Deals the keys into `to` by a digit, of whose values `counts` are known, as what `of_key` makes of them.
fn deal(
    keys: &[f64],
    to: &mut [f64],
    counts: &mut [u32; BUCKETS],
    shift: u32,
    of_key: impl Fn(u64) -> f64,
) {
    let mut start = 0;
    for count in counts.iter_mut() {
        start += core::mem::replace(count, start);
    }
    for key in keys {
        let key = key.to_bits();
        let place = &mut counts[(key >> shift) as usize % BUCKETS];
        if let Some(slot) = to.get_mut(*place as usize) {
            *slot = of_key(key);
        }
        *place += 1;
    }
}

/// Sorts by insertion; `false` if that would take more steps than there are values.
fn insert(values: &mut [f64]) -> bool {
    let mut steps = values.len();
    let mut index = 1;
    while index < values.len() {
        // Most are in order, which is seen of several at a time.
        if let Some(some) = values.get(index - 1..).and_then(<[f64]>::first_chunk)
            && is_ascending(some)
        {
            index += TOGETHER;
            continue;
        }
        let end = (index + TOGETHER).min(values.len());
        while index < end {
            let value = values[index];
            let mut at = index;
            while at > 0 && values[at - 1] > value {
                values[at] = values[at - 1];
                at -= 1;
            }
            values[at] = value;
            let Some(left) = steps.checked_sub(index - at) else { return false };
            steps = left;
            index += 1;
        }
    }
    true
}

/// Neighbours that are compared without a branch.
const TOGETHER: usize = 8;

fn is_ascending(values: &[f64; TOGETHER + 1]) -> bool {
    values[..TOGETHER].iter().zip(&values[1..]).fold(true, |is, (one, next)| is & (one <= next))
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

    /// Any bits, but for those of a number that is not finite.
    fn finite(value: f64) -> f64 {
        if value.is_finite() { value + 0.0 } else { f64::from_bits(value.to_bits() ^ (1 << 62)) }
    }

    fn check(name: &str, draw: impl Fn(u64, usize) -> f64) {
        let mut state = 5;
        for len in [0, 1, 2, FEW - 1, FEW, 5000, 70_000] {
            let values: Vec<f64> =
                (0..len).map(|index| draw(bits(&mut state), index)).map(finite).collect();
            let mut want = values.clone();
            want.sort_by(f64::total_cmp);
            let first = values.first().map_or(0, |value| value.to_bits());
            let differing = values.iter().fold(0, |bits, v| bits | (v.to_bits() ^ first));
            let mut got = values;
            sort(&mut got, differing);
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
