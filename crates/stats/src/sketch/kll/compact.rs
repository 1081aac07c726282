//! Halving a level: every second item moves up, to stand for two.

use alloc::vec::Vec;

/// Halves a level into the one above, which stays sorted. Of an odd number one item stays.
pub(super) fn halve(level: &mut Vec<i64>, above: &mut Vec<i64>, is_sorted: bool) {
    // Which one stays must not depend on its value where it can be avoided.
    let odd = if level.len() % 2 == 1 { level.pop() } else { None };
    if !is_sorted {
        level.sort_unstable();
    }
    let half = level.len() / 2;
    let first = usize::from(coin(level));
    for index in 0..half {
        level[index] = level[2 * index + first];
    }
    merge_into(&level[..half], above);
    level.clear();
    level.extend(odd);
}

/// Adds ascending items to ascending items, from the largest down, in place.
pub(super) fn merge_into(items: &[i64], into: &mut Vec<i64>) {
    let (mut left, mut right) = (into.len(), items.len());
    into.resize(left + right, 0);
    while right > 0 {
        let item = items[right - 1];
        if left > 0 && into[left - 1] > item {
            into[left + right - 1] = into[left - 1];
            left -= 1;
        } else {
            into[left + right - 1] = item;
            right -= 1;
        }
    }
}

/// A toss that is fair over data, and the same for the same data: the top bit of a hash of all items.
///
/// Not a generator with a state. That would be a part of the sketch which the byte form does not keep,
/// and in a thousand equally long shards it would toss alike, so that their errors would add up
/// instead of cancelling.
fn coin(items: &[i64]) -> bool {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut hash = items.len() as u64;
    for item in items {
        hash = (hash ^ *item as u64).wrapping_mul(ODD);
        hash ^= hash >> 32;
    }
    hash.wrapping_mul(ODD) >> 63 == 1
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn every_second_item_moves_up_and_an_odd_one_stays() {
        let (mut level, mut above) = (vec![5, 1, 3, 7, 9], vec![2, 6]);
        halve(&mut level, &mut above, false);
        assert_eq!(level, [9]);
        assert!(above == [1, 2, 5, 6] || above == [2, 3, 6, 7], "{above:?}");
    }

    #[test]
    fn merging_keeps_the_order() {
        for (items, mut into, want) in [
            (vec![], vec![1], vec![1]),
            (vec![1], vec![], vec![1]),
            (vec![1, 4], vec![1, 2, 5], vec![1, 1, 2, 4, 5]),
            (vec![8, 9], vec![1], vec![1, 8, 9]),
        ] {
            merge_into(&items, &mut into);
            assert_eq!(into, want);
        }
    }

    #[test]
    fn the_coin_is_fair_over_data() {
        let tosses = (0..10_000).filter(|n| coin(&[*n, n + 1])).count();
        // Four standard deviations.
        assert!((4800..=5200).contains(&tosses), "{tosses}");
    }
}
