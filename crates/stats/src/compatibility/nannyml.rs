//! NannyML 0.13: its univariate methods, the whole current sample taken for one chunk.
//!
//! Its cuts are the mean of the reference's chunks plus three of their standard deviations: they need
//! the reference in the order of its rows, and are not given here. Only the chi-square test has a cut
//! of its own.

use alloc::vec::Vec;

use super::{Counts, Cut, Peer, PeerScore, arithmetic, equal_width, score};
use crate::{Sorted, chi_square, num, special};

use core::f64::consts::LN_2;

/// From this many rows of the reference on, samples are binned.
const BINNED_FROM: usize = 10_000;
/// Into this many bins of equal width.
const BINS: usize = 10_000;

pub(super) fn of_numbers(reference: &Sorted, current: &Sorted) -> Vec<PeerScore> {
    let shares = doane_shares(reference, current);
    let binned = reference.len() >= BINNED_FROM;
    let ks = if binned {
        binned_gap(reference, current)
    } else {
        Some(arithmetic::largest_gap(reference, current))
    };
    let distance = if binned {
        binned_distance(reference, current)
    } else {
        Some(arithmetic::wasserstein(reference, current))
    };
    let score = |method, value, note| score(Peer::Nannyml, method, value, Cut::None, note);
    Vec::from([
        score(
            "jensen_shannon",
            shares.as_deref().map(jensen_shannon_bits),
            "Doane's bins of equal width over the reference, and one for what lies beyond it; the cut comes \
             from chunks of the reference",
        ),
        score(
            "kolmogorov_smirnov",
            ks,
            "with a reference of 10,000 rows or more, on 10,000 bins of equal width, which one outlier \
             makes useless; no p-value",
        ),
        score(
            "wasserstein",
            distance,
            "in the unit of the column; with a reference of 10,000 rows or more, on 10,000 bins",
        ),
        score(
            "hellinger",
            shares.as_deref().map(arithmetic::hellinger),
            "Doane's bins of equal width over the reference, and one for what lies beyond it; the cut comes \
             from chunks of the reference",
        ),
    ])
}

pub(super) fn of_categories(counts: &Counts<'_>) -> Vec<PeerScore> {
    let [_, m] = counts.sizes();
    // Categories that the reference lacks share one bin.
    let (known, new): (Vec<(u64, u64)>, Vec<_>) = counts.counts.iter().partition(|&&(a, _)| a > 0);
    let known = Counts { counts: &known, totals: counts.totals };
    let mut shares = known.shares();
    let leftover = new.iter().map(|&(_, b)| b).sum::<u64>() as f64 / m;
    if leftover > 0.0 {
        shares.push((0.0, leftover));
    }
    let largest = counts.shares().iter().map(|&(p, q)| (p - q).abs()).fold(0.0, f64::max);
    let (reference, current): (Vec<u64>, Vec<u64>) = counts.counts.iter().copied().unzip();
    let statistic = chi_square::corrected_statistic(&reference, &current);
    let mut chi_square = score(
        Peer::Nannyml,
        "chi2",
        statistic,
        Cut::None,
        "prints the statistic, and alarms where p < 0.05; rare categories stay, and two categories get \
         Yates's correction",
    );
    let df = counts.counts.len().saturating_sub(1) as f64;
    let p_value = statistic.and_then(|x| special::chi_square_tail(x, df).ok());
    chi_square.drift = if df > 0.0 { p_value.map(|p| p < 0.05) } else { Some(false) };
    let new = "categories that the reference lacks share one bin; the cut comes from chunks of the reference";
    let score = |method, value, note| score(Peer::Nannyml, method, Some(value), Cut::None, note);
    Vec::from([
        score("jensen_shannon", jensen_shannon_bits(&shares), new),
        chi_square,
        score(
            "l_infinity",
            largest,
            "the same as ours; the cut comes from chunks of the reference",
        ),
        score("hellinger", arithmetic::hellinger(&shares), new),
    ])
}

fn jensen_shannon_bits(shares: &[(f64, f64)]) -> f64 {
    arithmetic::jensen_shannon_nats(shares) / num::sqrt(LN_2)
}

/// Shares in Doane's bins of the reference, and of the current sample what is outside of them.
fn doane_shares(reference: &Sorted, current: &Sorted) -> Option<Vec<(f64, f64)>> {
    let values = reference.values();
    let edges = equal_width::edges(*values.first()?, *values.last()?, equal_width::doane(values))?;
    let [own, other] = [reference, current].map(|s| equal_width::count(s.values(), &edges));
    let mut shares = arithmetic::shares(&own, &other, [reference.len(), current.len()]);
    let outside = current.len() as u64 - other.iter().sum::<u64>();
    if outside > 0 {
        shares.push((0.0, outside as f64 / current.len() as f64));
    }
    Some(shares)
}

/// Both samples counted into bins of equal width over the reference.
fn binned(reference: &Sorted, current: &Sorted) -> Option<(Vec<f64>, [Vec<u64>; 2])> {
    let values = reference.values();
    let edges = equal_width::edges(*values.first()?, *values.last()?, BINS)?;
    let counts = [reference, current].map(|s| equal_width::count(s.values(), &edges));
    Some((edges, counts))
}

fn binned_gap(reference: &Sorted, current: &Sorted) -> Option<f64> {
    let (edges, [own, other]) = binned(reference, current)?;
    let [n, m] = [reference.len() as f64, current.len() as f64];
    let first = *edges.first()?;
    let below = current.values().partition_point(|value| *value < first) as f64 / m;
    let gaps = own.iter().zip(&other).scan((0.0, 0.0), |(p, q), (&a, &b)| {
        *p += a as f64 / n;
        *q += b as f64 / m;
        Some((*p - (below + *q)).abs())
    });
    Some(gaps.fold(0.0, f64::max))
}

fn binned_distance(reference: &Sorted, current: &Sorted) -> Option<f64> {
    let (edges, [own, other]) = binned(reference, current)?;
    let [n, m] = [reference.len() as f64, current.len() as f64];
    let (first, last) = (*edges.first()?, *edges.last()?);
    let values = current.values();
    let smaller = values.get(..values.partition_point(|value| *value < first))?;
    let bigger = values.get(values.partition_point(|value| *value <= last)..)?;
    let amount = |beyond: &[f64]| match beyond.len() {
        0 => 0.0,
        count => (count as f64 + 1.0) / m, // One more than there are, as NannyML counts.
    };
    let width = edges.get(1)? - first;
    let before = amount(smaller);
    // The shares are added up one by one, for so is their rounding.
    let gaps = own.iter().zip(&other).scan((0.0, 0.0), |(p, q), (&a, &b)| {
        *p += a as f64 / n;
        *q += b as f64 / m;
        Some((*p - (*q + before)).abs())
    });
    let within: num::Sum = gaps.map(|gap| gap * width).collect();
    let below = area(smaller.iter().copied().chain([first]), smaller.len(), |share| share);
    let above = area([last].into_iter().chain(bigger.iter().copied()), bigger.len(), |s| 1.0 - s);
    Some(within.value() + below * before + above * amount(bigger))
}

/// The integral of some height of the distribution function of ascending points, one more than `beyond`.
fn area(points: impl Iterator<Item = f64>, beyond: usize, height: impl Fn(f64) -> f64) -> f64 {
    let mut sum = num::Sum::default();
    let mut before = None;
    for (rank, point) in points.enumerate() {
        if let Some(before) = before {
            sum.add(height(rank as f64 / (beyond as f64 + 1.0)) * (point - before));
        }
        before = Some(point);
    }
    sum.value()
}
