//! Bins of equal width, by numpy's operations in numpy's order, so that a value falls on the same side
//! of an edge.

use alloc::vec::Vec;

use crate::num;

/// `bins + 1` edges from `first` to `last`. `None` if doubles cannot hold that many.
pub(super) fn edges(first: f64, last: f64, bins: usize) -> Option<Vec<f64>> {
    // What has no width gets one of 1.
    let (first, last) = if first == last { (first - 0.5, last + 0.5) } else { (first, last) };
    let step = (last - first) / bins as f64;
    let inner = (0..bins).map(|index| index as f64 * step + first);
    let edges: Vec<f64> = inner.chain([last]).collect();
    let is_rising = edges.is_sorted_by(|a, b| a < b) && edges.iter().all(|edge| edge.is_finite());
    is_rising.then_some(edges)
}

/// The number of bins by Sturges for this many values: `⌈log₂ n + 1⌉`, as `range / width` rounds.
pub(super) fn sturges(range: f64, count: usize) -> usize {
    bins_of_width(range, range / (log2(count as f64) + 1.0))
}

/// The number of bins by Doane, who adds to Sturges's for skewness.
pub(super) fn doane(values: &[f64]) -> usize {
    let (Some(first), Some(last)) = (values.first(), values.last()) else { return 1 };
    let (count, range) = (values.len() as f64, last - first);
    if values.len() < 3 {
        return 1;
    }
    let mean = values.iter().copied().collect::<num::Sum>().value() / count;
    let squares: num::Sum = values.iter().map(|v| (v - mean) * (v - mean)).collect();
    let deviation = num::sqrt(squares.value() / count);
    if !(deviation > 0.0 && deviation.is_finite()) {
        return 1;
    }
    let cubes: num::Sum = values
        .iter()
        .map(|value| (value - mean) / deviation)
        .map(|standard| standard * standard * standard)
        .collect();
    let skewness = (cubes.value() / count).abs();
    let error = num::sqrt(6.0 * (count - 2.0) / ((count + 1.0) * (count + 3.0)));
    let width = range / (1.0 + log2(count) + log2(1.0 + skewness / error));
    bins_of_width(range, width)
}

/// `⌈range / width⌉`, at most some thousand.
fn bins_of_width(range: f64, width: f64) -> usize {
    let bins = num::ceil(range / width);
    if bins >= 1.0 { bins.min(4096.0) as usize } else { 1 }
}

fn log2(x: f64) -> f64 {
    num::ln(x) / core::f64::consts::LN_2
}

/// Counts of ascending values in the bins `edges[i] ≤ v < edges[i + 1]`, the last with its upper edge.
pub(super) fn count(values: &[f64], edges: &[f64]) -> Vec<u64> {
    let below = |edge: f64| values.partition_point(|value| *value < edge);
    let last = edges.len().saturating_sub(1);
    let mut ranks: Vec<usize> = edges.iter().map(|edge| below(*edge)).collect();
    if let (Some(rank), Some(edge)) = (ranks.get_mut(last), edges.last()) {
        *rank = values.partition_point(|value| value <= edge);
    }
    ranks.windows(2).map(|pair| (pair[1] - pair[0]) as u64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_bin_holds_its_upper_edge() {
        let edges = edges(0.0, 4.0, 4).unwrap();
        assert_eq!(edges, [0.0, 1.0, 2.0, 3.0, 4.0]);
        assert_eq!(count(&[-1.0, 0.0, 1.0, 3.5, 4.0, 4.5], &edges), [1, 1, 0, 2]);
    }

    #[test]
    fn a_constant_gets_a_width_and_what_has_no_room_none() {
        assert_eq!(edges(2.0, 2.0, 1).unwrap(), [1.5, 2.5]);
        assert!(edges(1.0, 1.0_f64.next_up(), 10).is_none());
        assert!(edges(-f64::MAX, f64::MAX, 10).is_none());
    }

    #[test]
    fn a_symmetric_sample_has_as_many_bins_by_both() {
        let values: Vec<f64> = (0..64).map(f64::from).collect();
        assert_eq!(sturges(63.0, 64), 7);
        assert_eq!(doane(&values), 7);
        let skewed: Vec<f64> = values.iter().map(|value| value * value * value).collect();
        assert!(doane(&skewed) > 7);
        assert_eq!(doane(&[3.0; 9]), 1);
    }
}
