//! Where a body is split in two.

/// Bodies up to this size are split everywhere.
const SPLIT_EVERYWHERE_BYTES: usize = 2_048;

/// Splits of a larger one.
const SAMPLED_SPLITS: usize = 512;

/// The places at which a body of `length` bytes is split, in order; the same at each run.
pub(crate) fn places(length: usize) -> Vec<usize> {
    if length <= SPLIT_EVERYWHERE_BYTES {
        return (0..=length).collect();
    }
    // SplitMix64 (Steele, Lea and Flood, 2014).
    let mut state = 0x7469_6465_6761_7465_u64;
    let mut places: Vec<usize> = (0..SAMPLED_SPLITS)
        .map(|_| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = state;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            ((mixed ^ (mixed >> 31)) % length as u64) as usize
        })
        .collect();
    places.sort_unstable();
    places.dedup();
    places
}
