//! How many items each level of a sketch may hold before it is halved. The byte form leaves the
//! total out and expects a reader to know it, so it is a part of the format.

/// No level is smaller.
pub(super) const MIN_LEVEL: u8 = 8;

/// No sketch has more levels: the weight of an item is a power of two below 2⁶¹.
pub(super) const MAX_LEVELS: usize = 61;

/// The capacity of one level: `k · (2/3)^depth`, rounded, where the top level has depth 0.
pub(super) fn of_level(k: u16, levels: usize, level: usize) -> usize {
    let depth = levels.saturating_sub(level + 1);
    // Beyond 30 the powers of three leave 64 bits: two steps, each rounded.
    let (first, second) = if depth > 30 { (depth / 2, depth - depth / 2) } else { (0, depth) };
    let items = shrink(shrink(u64::from(k), first), second);
    items.max(u64::from(MIN_LEVEL)) as usize
}

/// The capacity of all levels together.
pub(super) fn of_all(k: u16, levels: usize) -> usize {
    (0..levels).map(|level| of_level(k, levels, level)).sum()
}

/// `k · (2/3)^depth` to the nearest integer, for a depth of at most 30.
fn shrink(k: u64, depth: usize) -> u64 {
    let thrice = 3_u64.saturating_pow(depth as u32);
    (((k << (depth + 1)) / thrice) + 1) >> 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_shrink_by_a_third_down_to_eight() {
        // 200, 133.3, 88.9, 59.3, 39.5, 26.3, 17.6, 11.7, 7.8 …
        let levels: [usize; 10] = core::array::from_fn(|level| of_level(200, 10, level));
        assert_eq!(levels, [8, 8, 12, 18, 26, 40, 59, 89, 133, 200]);
        assert_eq!(of_all(200, 10), levels.iter().sum::<usize>());
    }

    #[test]
    fn the_extremes_do_not_overflow() {
        assert_eq!(of_level(u16::MAX, 1, 0), 65535);
        assert_eq!(of_level(u16::MAX, MAX_LEVELS, 0), 8);
        assert!(of_all(u16::MAX, MAX_LEVELS) < 4 * 65535);
        assert_eq!(of_level(8, 2, 5), 8, "a level above the top has its capacity");
    }
}
