//! The formulas that peers share, on shares `p` (reference) and `q` (current).

use alloc::vec::Vec;

use crate::{Sorted, jensen_shannon, num, spread, walk::steps};

/// `Σ (p − q) ln(p / q)`.
pub(super) fn stability_index(shares: &[(f64, f64)]) -> f64 {
    shares.iter().map(|&(p, q)| (p - q) * num::ln(p / q)).collect::<num::Sum>().value()
}

/// The Jensen-Shannon distance with natural logarithms, of shares made to sum to one.
pub(super) fn jensen_shannon_nats(shares: &[(f64, f64)]) -> f64 {
    num::sqrt(jensen_shannon::of_shares(normalised(shares).into_iter()))
}

/// `√(½ Σ (√p − √q)²)`.
pub(super) fn hellinger(shares: &[(f64, f64)]) -> f64 {
    let roots = shares.iter().map(|&(p, q)| num::sqrt(p) - num::sqrt(q));
    num::sqrt(roots.map(|gap| gap * gap).collect::<num::Sum>().value() / 2.0)
}

/// Shares, each side of which sums to one.
pub(super) fn normalised(shares: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let total =
        |side: fn(&(f64, f64)) -> f64| shares.iter().map(side).collect::<num::Sum>().value();
    let [all_p, all_q] = [total(|&(p, _)| p), total(|&(_, q)| q)];
    shares.iter().map(|&(p, q)| (p / all_p, q / all_q)).collect()
}

/// Counts as shares of samples of these sizes.
pub(super) fn shares(reference: &[u64], current: &[u64], [n, m]: [usize; 2]) -> Vec<(f64, f64)> {
    let pairs = reference.iter().zip(current);
    pairs.map(|(&a, &b)| (a as f64 / n as f64, b as f64 / m as f64)).collect()
}

/// Counts of both samples by distinct value.
pub(super) fn counts_by_value(reference: &Sorted, current: &Sorted) -> Vec<(u64, u64)> {
    let mut below = (0, 0);
    let mut count = |rank: (u64, u64)| {
        let count = (rank.0 - below.0, rank.1 - below.1);
        below = rank;
        count
    };
    steps(reference, current).map(|step| count((step.reference_rank, step.current_rank))).collect()
}

/// `∫ |F(x) − G(x)| dx`.
pub(super) fn wasserstein(reference: &Sorted, current: &Sorted) -> f64 {
    let unit = spread::power_of_two_near(reference, current);
    let (n, m) = (reference.len() as u64, current.len() as u64);
    let area: num::Sum = steps(reference, current)
        .map(|step| {
            let gap = (step.reference_rank * m).abs_diff(step.current_rank * n) as f64;
            gap * (step.to / unit - step.from / unit)
        })
        .collect();
    area.value() / (n as f64 * m as f64) * unit
}

/// `sup |F − G|`.
pub(super) fn largest_gap(reference: &Sorted, current: &Sorted) -> f64 {
    let (n, m) = (reference.len() as u64, current.len() as u64);
    let gaps = steps(reference, current)
        .map(|step| (step.reference_rank * m).abs_diff(step.current_rank * n));
    gaps.max().unwrap_or(0) as f64 / (n as f64 * m as f64)
}

/// A sum in numpy's order for up to 128 terms: eight lanes, joined in pairs, then what is left.
pub(super) fn plain_sum(terms: &[f64]) -> f64 {
    let mut lanes = [0.0; 8];
    let (whole, rest) = terms.as_chunks::<8>();
    for chunk in whole {
        for (lane, term) in lanes.iter_mut().zip(chunk) {
            *lane += term;
        }
    }
    let [a, b, c, d, e, f, g, h] = lanes;
    let joined = ((a + b) + (c + d)) + ((e + f) + (g + h));
    rest.iter().fold(joined, |sum, term| sum + term)
}
