//! Orders of categories: by name, so that the order of rows cannot matter, and by weight.

use alloc::vec::Vec;
use core::ops::Range;

/// Indices of names, ascending by name; equal names keep their order.
///
/// # Numerics
/// Sorts whole numbers: seven bytes of each name at a time, and of those names alone that share all
/// bytes before. Names that fill a cache are read once a pass, where comparing them two by two reads
/// them anew each time.
pub(crate) fn by_name(names: &[&str]) -> Vec<usize> {
    let mut keyed: Vec<(u64, usize)> = (0..names.len()).map(|index| (0, index)).collect();
    let mut pending: Vec<(Range<usize>, usize)> = Vec::from([(0..names.len(), 0)]);
    while let Some((range, depth)) = pending.pop() {
        let start = range.start;
        let part = &mut keyed[range];
        for (key, index) in &mut *part {
            *key = key_at(names[*index], depth);
        }
        part.sort_unstable();
        let mut run_start = start;
        for run in part.chunk_by(|one, other| one.0 == other.0) {
            let run_end = run_start + run.len();
            if run.len() > 1 && goes_on(run[0].0) {
                pending.push((run_start..run_end, depth + KEY_BYTES));
            }
            run_start = run_end;
        }
    }
    keyed.into_iter().map(|(_, index)| index).collect()
}

/// Bytes of a name in a key.
const KEY_BYTES: usize = 7;

/// The bytes of a name from `depth` on, and how many there are, so that a name comes before those
/// that it begins.
fn key_at(name: &str, depth: usize) -> u64 {
    let rest = name.as_bytes().get(depth..).unwrap_or_default();
    let mut key = [0; 8];
    for (to, from) in key.iter_mut().zip(rest.iter().take(KEY_BYTES)) {
        *to = *from;
    }
    key[KEY_BYTES] = rest.len().min(KEY_BYTES + 1) as u8;
    u64::from_be_bytes(key)
}

/// Whether the name of a key has bytes beyond it.
const fn goes_on(key: u64) -> bool {
    key & 0xff > KEY_BYTES as u64
}

/// Indices of the `most` largest weights, the largest first; equal weights keep their order.
pub(crate) fn largest(weights: impl Iterator<Item = u128>, most: usize) -> Vec<usize> {
    let mut found: Vec<(u128, usize)> = Vec::new();
    for (index, weight) in weights.enumerate() {
        let place = found.partition_point(|(held, _)| *held >= weight);
        if place < most {
            found.truncate(most - 1);
            found.insert(place, (weight, index));
        }
    }
    found.into_iter().map(|(_, index)| index).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn names_are_in_the_order_of_their_bytes(
            names in prop::collection::vec("(same prefix/)?[a\u{0}é]{0,17}", 0..60)
        ) {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let mut expected: Vec<usize> = (0..names.len()).collect();
            expected.sort_by_key(|index| names[*index]);
            prop_assert_eq!(by_name(&names), expected);
        }

        #[test]
        fn the_largest_are_the_first_of_all_in_falling_order(
            weights in prop::collection::vec(0u128..9, 0..40),
            most in 0usize..12,
        ) {
            let mut expected: Vec<usize> = (0..weights.len()).collect();
            expected.sort_by_key(|index| core::cmp::Reverse(weights[*index]));
            expected.truncate(most);
            prop_assert_eq!(largest(weights.into_iter(), most), expected);
        }
    }

    #[test]
    fn long_names_that_differ_in_the_last_byte_are_told_apart() {
        let long = "x".repeat(1_000_000);
        let (b, a) = (long.clone() + "b", long.clone() + "a");
        assert_eq!(by_name(&[&b, &long, &a, &long]), [1, 3, 2, 0]);
    }
}
