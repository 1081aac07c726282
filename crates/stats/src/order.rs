//! Orders, by one sort for all that is ordered now and then.
//!
//! The standard library's sorts are compiled anew for each type and each comparison, 4 KB a time in a
//! program for a page or a gateway. Here all share one that sorts places; it is as stable, and for
//! items by the thousand within a few times as fast.
//!
//! # References
//! D. E. Knuth, The Art of Computer Programming 3, 5.2.4: the natural merge.

use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::radix;

/// Sorts by a comparison; those that compare equal keep their order.
///
/// # Arguments
/// * `items`: any.
/// * `compare`: their order. One that is none leaves the items in some order.
///
/// # Returns
/// Nothing: after it, `compare(a, b)` is at most `Equal` of each `a` right before a `b`.
///
/// # Numerics
/// A merge of the runs that are in order already: O(n) for what is sorted, without a buffer, and
/// O(n log r) for r runs.
///
/// # Examples
/// ```
/// use tidegate_stats::order::sort_by;
///
/// let mut words = ["tide", "gate", "a", "of"];
/// sort_by(&mut words, |one, other| one.len().cmp(&other.len()));
/// assert_eq!(words, ["a", "of", "tide", "gate"]);
/// ```
pub fn sort_by<T>(items: &mut [T], mut compare: impl FnMut(&T, &T) -> Ordering) {
    let places = merged(items.len(), &mut |one, other| {
        let pair = items.get(one).zip(items.get(other));
        pair.is_some_and(|(one, other)| compare(one, other).is_gt())
    });
    arrange(items, places);
}

/// The places of values in ascending total order; equal ones keep their order.
///
/// # Arguments
/// * `values`: any, NaN too.
///
/// # Returns
/// Places such that `values[places[i]] <= values[places[i + 1]]` by [`f64::total_cmp`].
///
/// # Examples
/// ```
/// use tidegate_stats::order::ascending;
///
/// assert_eq!(ascending(&[2.0, -1.0, 2.0, 0.5]), [1, 3, 0, 2]);
/// ```
#[must_use]
pub fn ascending(values: &[f64]) -> Vec<usize> {
    by_keys(values.iter().map(|value| radix::key(*value)).collect())
}

/// The places of values in descending total order; equal ones keep their order.
///
/// # Arguments
/// * `values`: any, NaN too.
///
/// # Returns
/// Places such that `values[places[i]] >= values[places[i + 1]]` by [`f64::total_cmp`].
///
/// # Examples
/// ```
/// use tidegate_stats::order::descending;
///
/// assert_eq!(descending(&[2.0, -1.0, 2.0, 0.5]), [0, 2, 3, 1]);
/// ```
#[must_use]
pub fn descending(values: &[f64]) -> Vec<usize> {
    by_keys(values.iter().map(|value| !radix::key(*value)).collect())
}

/// The places of keys, ascending.
fn by_keys(keys: Vec<u64>) -> Vec<usize> {
    let mut placed: Vec<(u64, usize)> =
        keys.into_iter().enumerate().map(|(place, key)| (key, place)).collect();
    placed.sort_unstable();
    placed.into_iter().map(|(_, place)| place).collect()
}

/// The places from 0 to `len` in their order; none if that is the one in which they are.
fn merged(len: usize, is_after: &mut dyn FnMut(usize, usize) -> bool) -> Vec<usize> {
    let mut ends: Vec<usize> = (1..len).filter(|place| is_after(place - 1, *place)).collect();
    if ends.is_empty() {
        return ends;
    }
    ends.push(len);
    let mut order: Vec<usize> = (0..len).collect();
    let mut merged = Vec::with_capacity(len);
    while ends.len() > 1 {
        merged.clear();
        let mut start = 0;
        for pair in ends.chunks(2) {
            let (middle, end) = (pair[0], pair[pair.len() - 1]);
            let (mut left, mut right) = (&order[start..middle], &order[middle..end]);
            while let ([one, after_one @ ..], [other, after_other @ ..]) = (left, right) {
                if is_after(*one, *other) {
                    merged.push(*other);
                    right = after_other;
                } else {
                    merged.push(*one);
                    left = after_one;
                }
            }
            merged.extend_from_slice(left);
            merged.extend_from_slice(right);
            start = end;
        }
        core::mem::swap(&mut order, &mut merged);
        ends = ends.chunks(2).map(|pair| pair[pair.len() - 1]).collect();
    }
    order
}

/// Moves to each place the item whose place is told for it.
fn arrange<T>(items: &mut [T], mut from: Vec<usize>) {
    for start in 0..from.len() {
        let mut to = start;
        loop {
            let next = core::mem::replace(&mut from[to], to);
            if next == start {
                break;
            }
            items.swap(to, next);
            to = next;
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;

    #[test]
    fn few_or_sorted_items_need_no_move() {
        for mut items in [vec![], vec![1], vec![1, 1], vec![1, 2, 2, 3]] {
            let before = items.clone();
            sort_by(&mut items, i32::cmp);
            assert_eq!(items, before);
        }
    }

    #[test]
    fn an_order_that_is_none_loses_nothing() {
        let mut items: Vec<u32> = (0..100).collect();
        sort_by(&mut items, |_, _| Ordering::Greater);
        items.sort_unstable();
        assert!(items.into_iter().eq(0..100));
    }

    #[test]
    fn every_kind_of_number_has_its_place() {
        let values = [f64::NAN, 0.0, f64::INFINITY, -0.0, f64::NEG_INFINITY, 5e-324, -f64::NAN];
        assert_eq!(ascending(&values), [6, 4, 3, 1, 5, 2, 0]);
        assert_eq!(descending(&values), [0, 2, 5, 1, 3, 4, 6]);
    }
}
