//! whylogs 1.6: what its drift scores would be without the error of its sketches.

use alloc::vec::Vec;

use super::{Counts, Cut, Peer, PeerScore, arithmetic, equal_width, score};
use crate::{Sorted, num, special};

/// The most bins, and the rows that it wants in each.
const MAX_BINS: f64 = 30.0;
const ROWS_PER_BIN: f64 = 4.0;

pub(super) fn of_numbers(reference: &Sorted, current: &Sorted) -> Vec<PeerScore> {
    let note = "up to 30 bins of equal width over both samples, of a sketch; drift from 0.4 on, possible \
                from 0.15 on";
    let value = hellinger(reference, current);
    Vec::from([score(Peer::Whylogs, "hellinger", value, Cut::AtLeast(0.4), note)])
}

pub(super) fn of_categories(counts: &Counts<'_>) -> Vec<PeerScore> {
    let note = "takes the reference's shares for the truth, rounds expected counts down, and calls any \
                value that the reference lacks p = 0";
    let value = chi_square(counts);
    Vec::from([score(Peer::Whylogs, "chi-square", value, Cut::Below(0.05), note)])
}

fn hellinger(reference: &Sorted, current: &Sorted) -> Option<f64> {
    let [own, other] = [reference.values(), current.values()];
    let first = own.first()?.min(*other.first()?);
    let last = own.last()?.max(*other.last()?);
    let end = last + if last == 0.0 { 1e-7 } else { last.abs() * 1e-7 };
    let rows = (own.len() + other.len()) as f64;
    let mut bins = num::ceil(rows / ROWS_PER_BIN).clamp(2.0, MAX_BINS);
    let narrowest = single_precision(first.abs().max(end.abs()));
    if (end - first) / bins < narrowest {
        bins = num::floor((end - first) / narrowest).max(1.0);
    }
    let width = (end - first) / bins;
    let edges: Vec<f64> = (0..=bins as usize).map(|bin| first + bin as f64 * width).collect();
    if !(width > 0.0 && edges.is_sorted_by(|a, b| a < b) && end.is_finite()) {
        return None;
    }
    let [own_counts, other_counts] = [own, other].map(|values| equal_width::count(values, &edges));
    let shares = arithmetic::shares(&own_counts, &other_counts, [own.len(), other.len()]);
    Some(arithmetic::hellinger(&shares))
}

/// The distance between single-precision numbers of this magnitude: its power of two, 2⁻²³ of it.
fn single_precision(magnitude: f64) -> f64 {
    f64::from_bits(magnitude.to_bits() & 0x7ff0_0000_0000_0000) / 8_388_608.0
}

fn chi_square(counts: &Counts<'_>) -> Option<f64> {
    let [n, m] = counts.sizes();
    let mut statistic = num::Sum::default();
    // A category that only the reference has is one of the target's, with a count of 0.
    for &(a, b) in counts.counts {
        let expected = num::floor(a as f64 / n * m);
        if expected == 0.0 {
            return Some(0.0);
        }
        let gap = b as f64 - expected;
        statistic.add(gap * gap / expected);
    }
    let seen = counts.counts.iter().filter(|&&(_, b)| b > 0).count();
    let df = seen.saturating_sub(1).max(1) as f64;
    special::chi_square_tail(statistic.value(), df).ok()
}
