//! Both samples of a column on one set of bins, to be drawn.

use alloc::string::String;
use alloc::vec::Vec;

use crate::order;
use crate::report::{Distribution, MAX_NAMED_CATEGORIES};

/// The most bins that are drawn.
const MAX_BINS: u64 = 40;

/// Bins of equal width over what both samples mostly cover: from the lower of their 0.5 % quantiles
/// to the upper of their 99.5 % quantiles, so that neither a far value nor the smaller sample
/// is lost. Whole numbers get bins of whole width, for others would draw a comb.
///
/// Both samples are ascending and finite; `infinite` are the counts of both infinities,
/// `[[reference, current]; 2]`, below first.
pub(super) fn bins(reference: &[f64], current: &[f64], infinite: [[u64; 2]; 2]) -> Distribution {
    let edges = edges(reference, current);
    let (reference, current) = (counts(&edges, reference), counts(&edges, current));
    let [below, above] = infinite;
    Distribution::Bins {
        edges,
        below: [below[0] + reference.below, below[1] + current.below],
        above: [above[0] + reference.above, above[1] + current.above],
        reference: reference.bins,
        current: current.bins,
    }
}

/// No bins: there is nothing to draw.
pub(super) const fn no_bins() -> Distribution {
    Distribution::Bins {
        edges: Vec::new(),
        reference: Vec::new(),
        current: Vec::new(),
        below: [0; 2],
        above: [0; 2],
    }
}

fn edges(reference: &[f64], current: &[f64]) -> Vec<f64> {
    let Some((mut low, mut high)) = pooled_range(reference, current, 200) else {
        return Vec::new();
    };
    if low == high {
        // One value is nearly all: show the others too.
        (low, high) = pooled_range(reference, current, usize::MAX).unwrap_or((low, high));
    }
    if reference.iter().chain(current).all(|value| is_whole(*value)) {
        let width = ((high - low) as u64 / MAX_BINS + 1) as f64;
        let bins = ((high - low) / width) as u64 + 1;
        return (0..=bins).map(|edge| low - 0.5 + width * edge as f64).collect();
    }
    if low == high {
        let reach = if low.abs() > 50.0 { low.abs() / 100.0 } else { 0.5 };
        return alloc::vec![low - reach, low + reach];
    }
    let bins = rice_bins((reference.len() + current.len()) as u64);
    let edge = |index: u64| {
        let share = index as f64 / bins as f64;
        // Neither product overflows where `high - low` would.
        low * (1.0 - share) + high * share
    };
    let mut edges: Vec<f64> = (0..=bins).map(edge).collect();
    // A range of a few representable numbers has fewer edges.
    edges.dedup_by(|next, previous| *next <= *previous);
    edges
}

/// Lowest and highest value of both samples, but for one in `trim` at each end of each.
fn pooled_range(reference: &[f64], current: &[f64], trim: usize) -> Option<(f64, f64)> {
    let range = |sample: &[f64]| {
        let last = sample.len().checked_sub(1)?;
        Some((sample[last / trim], sample[last - last / trim]))
    };
    match (range(reference), range(current)) {
        (Some(one), Some(other)) => Some((one.0.min(other.0), one.1.max(other.1))),
        (one, other) => one.or(other),
    }
}

/// Whether a bin of width 1 around it is exact.
fn is_whole(value: f64) -> bool {
    value.abs() < (1_u64 << 51) as f64 && value as i64 as f64 == value
}

/// Rice's rule, `2 · n^(1/3)` rounded up, from 5 to [`MAX_BINS`].
fn rice_bins(count: u64) -> u64 {
    (5..MAX_BINS).find(|bins| bins.pow(3) >= 8 * count).unwrap_or(MAX_BINS)
}

/// The edges to draw counts on frozen bins by: the inner edges, and an end for each of the open outer
/// bins. `None` where nothing says where the bins lie.
///
/// An empty outer bin is drawn as narrow as one of [`MAX_BINS`]; one whose end is not known, as wide as
/// the mean of the others. A bin for a single frequent value is as narrow as numbers can be: it is drawn
/// as wide as one of [`MAX_BINS`] too, or half of what is free on its right.
pub(super) fn drawn_edges(inner: &[f64], range: Option<[f64; 2]>) -> Option<Vec<f64>> {
    let range = range.filter(|ends| ends.iter().all(|end| end.is_finite()));
    let first = inner.first().copied().or(range.map(|range| range[0]))?;
    let last = inner.last().copied().or(range.map(|range| range[1]))?;
    let share = |parts: u64| {
        let part = last / parts as f64 - first / parts as f64;
        let is_visible = part > last.abs() * 1e-9;
        if is_visible { part } else { (last.abs() / 100.0).max(0.5) }
    };
    let [low, high] = match range {
        Some([low, high]) => {
            let narrow = share(MAX_BINS);
            [
                if low < first { low } else { first - narrow },
                if high > last { high } else { last + narrow },
            ]
        }
        None => {
            let mean = share(inner.len().max(2) as u64 - 1);
            [first - mean, last + mean]
        }
    };
    let mut edges = Vec::with_capacity(inner.len() + 2);
    edges.push(low);
    edges.extend(inner);
    edges.push(high);
    let narrow = high / MAX_BINS as f64 - low / MAX_BINS as f64;
    for index in 1..edges.len() - 1 {
        let [start, end, next] = [edges[index - 1], edges[index], edges[index + 1]];
        if end == start.next_up() {
            let free = next / 2.0 - start / 2.0;
            edges[index] = end.max(start + narrow.min(free));
        }
    }
    Some(edges)
}

struct Counts {
    below: u64,
    bins: Vec<u64>,
    above: u64,
}

fn counts(edges: &[f64], sample: &[f64]) -> Counts {
    let (Some(first), Some(last)) = (edges.first(), edges.last()) else {
        return Counts { below: 0, bins: Vec::new(), above: 0 };
    };
    let below = sample.partition_point(|value| value < first);
    let mut start = below;
    let mut bins = Vec::with_capacity(edges.len() - 1);
    for edge in &edges[1..] {
        let end = start + sample[start..].partition_point(|value| value < edge);
        bins.push((end - start) as u64);
        start = end;
    }
    let on_last = sample[start..].partition_point(|value| value <= last);
    if let Some(bin) = bins.last_mut() {
        *bin += on_last as u64;
    }
    Counts { below: below as u64, bins, above: (sample.len() - start - on_last) as u64 }
}

/// The most frequent categories by the mean of their shares in both samples, which counts the
/// smaller sample as much as the larger; the rest goes to `other`, to which `unnamed` is added. Names
/// are ascending.
pub(super) fn categories(
    names: &[&str],
    reference: &[u64],
    current: &[u64],
    unnamed: [u64; 2],
) -> Distribution {
    let total = |counts: &[u64]| counts.iter().map(|count| u128::from(*count)).sum::<u128>();
    let (reference_total, current_total) = (total(reference).max(1), total(current).max(1));
    // The shares' sum, times both totals: whole, so that hosts cannot differ.
    let weight = |index: usize| {
        let reference = u128::from(reference[index]).saturating_mul(current_total);
        let current = u128::from(current[index]).saturating_mul(reference_total);
        reference.saturating_add(current)
    };
    // Names are in order where weights are equal.
    let named = order::largest((0..names.len()).map(weight), MAX_NAMED_CATEGORIES);
    let pick = |counts: &[u64]| -> Vec<u64> { named.iter().map(|index| counts[*index]).collect() };
    let (named_reference, named_current) = (pick(reference), pick(current));
    let rest = |unnamed: u64, total: u128, named: &[u64]| {
        let named: u128 = named.iter().map(|count| u128::from(*count)).sum();
        let rest = u64::try_from(total.saturating_sub(named)).unwrap_or(u64::MAX);
        unnamed.saturating_add(rest)
    };
    Distribution::Categories {
        names: named.iter().map(|index| String::from(names[*index])).collect(),
        other: [
            rest(unnamed[0], total(reference), &named_reference),
            rest(unnamed[1], total(current), &named_current),
        ],
        reference: named_reference,
        current: named_current,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Drawn {
        edges: Vec<f64>,
        reference: Vec<u64>,
        current: Vec<u64>,
        below: [u64; 2],
        above: [u64; 2],
    }

    fn draw(reference: &[f64], current: &[f64]) -> Drawn {
        match bins(reference, current, [[0; 2]; 2]) {
            Distribution::Bins { edges, reference, current, below, above } => {
                Drawn { edges, reference, current, below, above }
            }
            Distribution::Categories { .. } => panic!("not bins"),
        }
    }

    fn check_nothing_is_lost(reference: &[f64], current: &[f64]) -> Drawn {
        let drawn = draw(reference, current);
        assert!(drawn.edges.is_sorted_by(|one, other| one < other), "{:?}", drawn.edges);
        assert!(drawn.edges.iter().all(|edge| edge.is_finite()), "{:?}", drawn.edges);
        assert!(drawn.reference.len() <= 40);
        assert_eq!(drawn.reference.len(), drawn.edges.len().saturating_sub(1));
        assert_eq!(drawn.current.len(), drawn.reference.len());
        for (side, bins, sample) in [(0, &drawn.reference, reference), (1, &drawn.current, current)]
        {
            let inside: u64 = bins.iter().sum();
            assert_eq!(drawn.below[side] + inside + drawn.above[side], sample.len() as u64);
        }
        drawn
    }

    #[test]
    fn flags_get_one_bin_each() {
        let drawn = check_nothing_is_lost(&[0.0, 0.0, 1.0], &[1.0]);
        assert_eq!(drawn.edges, [-0.5, 0.5, 1.5]);
        assert_eq!(drawn.reference, [2, 1]);
        assert_eq!(drawn.current, [0, 1]);
    }

    #[test]
    fn whole_numbers_get_whole_bins() {
        let hours: Vec<f64> = (0..24).map(f64::from).collect();
        let drawn = check_nothing_is_lost(&hours, &hours);
        assert_eq!(drawn.reference, [1; 24]);
        let days: Vec<f64> = (0..100).map(f64::from).collect();
        let drawn = check_nothing_is_lost(&days, &days);
        assert!(drawn.edges.windows(2).all(|pair| pair[1] - pair[0] == 3.0));
    }

    #[test]
    fn a_far_value_is_counted_and_does_not_squash_the_rest() {
        let mut values: Vec<f64> = (0..1000).map(|index| f64::from(index) / 1000.0).collect();
        values.push(1e9);
        let drawn = check_nothing_is_lost(&values, &values[..10]);
        assert!(drawn.edges[drawn.edges.len() - 1] < 1.0);
        assert!(drawn.above[0] > 0);
        assert_eq!(drawn.above[1], 0);
    }

    #[test]
    fn a_small_sample_that_moved_away_is_still_drawn() {
        let values: Vec<f64> = (0..10_000).map(|index| f64::from(index) / 10_000.0).collect();
        let drawn = check_nothing_is_lost(&values, &[5.25]);
        assert_eq!(drawn.current.iter().sum::<u64>(), 1);
    }

    #[test]
    fn odd_samples_are_drawn() {
        check_nothing_is_lost(&[], &[]);
        check_nothing_is_lost(&[], &[1.5]);
        check_nothing_is_lost(&[1e300], &[1e300]);
        check_nothing_is_lost(&[0.1, 0.1], &[0.1]);
        check_nothing_is_lost(&[-f64::MAX, 0.5], &[f64::MAX]);
        check_nothing_is_lost(&[1.0 - f64::EPSILON / 2.0], &[1.0]);
        check_nothing_is_lost(&[-1e15, 0.0], &[1e15]);
        let mut zeros = std::vec![0.0; 999];
        zeros.push(0.5);
        let drawn = check_nothing_is_lost(&zeros, &zeros);
        assert_eq!(drawn.above, [0, 0]);
    }

    #[test]
    fn frozen_bins_are_drawn_with_ends_and_a_single_value_is_wide_enough_to_see() {
        let check = |inner: &[f64], range, expected: &[f64]| {
            assert_eq!(drawn_edges(inner, range).unwrap(), expected);
        };
        check(&[0.0, 10.0, 20.0], Some([-5.0, 60.0]), &[-5.0, 0.0, 10.0, 20.0, 60.0]);
        check(&[0.0, 10.0, 20.0], None, &[-10.0, 0.0, 10.0, 20.0, 30.0]);
        check(&[0.0, 20.0, 40.0], Some([0.0, 40.0]), &[-1.0, 0.0, 20.0, 40.0, 41.0]);
        check(&[0.0, 0.0_f64.next_up(), 40.0], Some([-20.0, 60.0]), &[-20.0, 0.0, 2.0, 40.0, 60.0]);
        let above = 5.0_f64.next_up();
        check(&[5.0, above], Some([5.0, 5.0]), &[4.5, 5.0, 5.025, above + 0.5]);
        assert_eq!(drawn_edges(&[], None), None);
        let huge = drawn_edges(&[-f64::MAX / 2.0, f64::MAX / 2.0], Some([-f64::MAX, f64::MAX]));
        assert!(huge.unwrap().is_sorted_by(|one, other| one < other));
    }

    #[test]
    fn categories_are_named_by_share_and_the_rest_is_counted() {
        let names: Vec<String> = (0..30).map(|index| std::format!("c{index:02}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let reference: Vec<u64> = (0..30).map(|index| 100 - index).collect();
        let mut current = std::vec![0; 30];
        current[29] = 2;
        let Distribution::Categories { names, reference, current, other } =
            categories(&names, &reference, &current, [3, 4])
        else {
            panic!("not categories");
        };
        assert_eq!(names.len(), 20);
        assert_eq!(names[..2], ["c29", "c00"]);
        assert_eq!(reference[..2], [71, 100]);
        assert_eq!(current[0], 2);
        // 81 down to 72, and 3 that had no name before.
        assert_eq!(other, [(72..=81).sum::<u64>() + 3, 4]);
    }
}
