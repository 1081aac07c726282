//! Levels of noisy series.

use alloc::vec::Vec;

/// The median of values; `None` without one.
pub(super) fn median(values: &[f64]) -> Option<f64> {
    let mut sorted: Vec<f64> = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let middle = sorted.len().checked_sub(1)? / 2;
    let (low, high) = (*sorted.get(middle)?, *sorted.get(sorted.len() / 2)?);
    Some(low / 2.0 + high / 2.0)
}

/// The median of the last `count` of values.
pub(super) fn recent(values: &[f64], count: usize) -> Option<f64> {
    median(values.get(values.len().saturating_sub(count)..)?)
}

/// The median of the first `count` of values.
pub(super) fn initial(values: &[f64], count: usize) -> Option<f64> {
    median(values.get(..count.min(values.len()))?)
}

/// The lowest median of `count` values in a row.
pub(super) fn best(values: &[f64], count: usize) -> Option<f64> {
    // Blocks that overlap by half: a better one in between differs little.
    let stride = (count / 2).max(1);
    let starts = (0..values.len().saturating_sub(count) + 1).step_by(stride);
    let medians = starts.filter_map(|start| median(values.get(start..start + count)?));
    medians.min_by(f64::total_cmp)
}
