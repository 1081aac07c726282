//! The most bytes that parts can come to hold.

use alloc::string::String;
use tidegate_stats::QuantileHistogram;

use super::{LIMITS, LatencyLevel, PaneStart, Quantity, VariantTotals, VersionTotals};
use crate::event::Stage;

/// What an allocator keeps with each piece of memory.
pub const PIECE: u64 = 16;
/// A name, and what it takes to have it in a growing list.
pub const NAME: u64 = LIMITS.name_bytes as u64 + 2 * size_of::<String>() as u64 + PIECE;
/// The buckets of a histogram of quantiles.
pub const QUANTILES: u64 = QuantileHistogram::MAX_BUCKETS as u64 * 16 + PIECE;
/// Buckets of the longest list, and half as many in reserve.
const BUCKETS: u64 = 32 * 8 + PIECE;
/// Quantities of the text that is generated, and confidence and batch size.
const QUANTITIES: u64 = 7;

/// A place in a growing map: as much may be in reserve.
pub const fn entry<K, V>() -> u64 {
    2 * size_of::<(K, V)>() as u64
}

pub const fn quantity() -> u64 {
    entry::<String, Quantity>() + NAME + BUCKETS + QUANTILES
}

pub const fn version() -> u64 {
    let classes = (LIMITS.classes as u64 + 1) * (NAME + entry::<String, u64>());
    entry::<String, VersionTotals>()
        + NAME
        + classes
        + (Stage::COUNT as u64 + QUANTITIES) * quantity()
}

pub const fn variant(panes: u64) -> u64 {
    let panes = panes * entry::<PaneStart, LatencyLevel>();
    entry::<String, VariantTotals>() + NAME + quantity() + panes
}
