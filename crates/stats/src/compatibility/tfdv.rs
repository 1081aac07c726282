//! TensorFlow Data Validation 1.17: its comparators for drift and skew, for which a schema sets the cut.

use alloc::vec::Vec;

use super::{Counts, Cut, Peer, PeerScore, arithmetic, equal_width, score};
use crate::{Sorted, jensen_shannon};

/// Bins of its standard histogram.
const BINS: usize = 10;

pub(super) fn of_numbers(reference: &Sorted, current: &Sorted) -> Vec<PeerScore> {
    let note = "a divergence in bits, the square of our distance; each sample has 10 bins of equal width \
                of its own, spread evenly over the edges of both (TFDV interpolates the counts from a \
                sketch)";
    Vec::from([score(
        Peer::Tfdv,
        "jensen_shannon_divergence",
        divergence_of_numbers(reference, current),
        Cut::None,
        note,
    )])
}

pub(super) fn of_categories(counts: &Counts<'_>) -> Vec<PeerScore> {
    let shares = counts.shares();
    let divergence = divergence_bits(&shares);
    let largest = shares.iter().map(|&(p, q)| (p - q).abs()).fold(0.0, f64::max);
    let score = |method, value, note| score(Peer::Tfdv, method, Some(value), Cut::None, note);
    Vec::from([
        score(
            "jensen_shannon_divergence",
            divergence,
            "a divergence in bits, the square of our distance",
        ),
        score("infinity_norm", largest, "the same as ours; a schema has to set the cut"),
    ])
}

fn divergence_bits(shares: &[(f64, f64)]) -> f64 {
    let nats = jensen_shannon::of_shares(shares.iter().copied());
    (nats / core::f64::consts::LN_2).min(1.0)
}

/// A histogram of one sample.
enum Histogram {
    /// All values are one.
    Point(f64),
    /// Edges and counts.
    Bins(Vec<f64>, Vec<u64>),
}

impl Histogram {
    fn of(values: &[f64]) -> Option<Self> {
        let (first, last) = (*values.first()?, *values.last()?);
        if first == last {
            return Some(Self::Point(first));
        }
        let edges = equal_width::edges(first, last, BINS)?;
        let counts = equal_width::count(values, &edges);
        Some(Self::Bins(edges, counts))
    }

    fn edges(&self) -> &[f64] {
        match self {
            Self::Point(_) => &[],
            Self::Bins(edges, _) => edges,
        }
    }

    /// The share of the sample between each of these edges, which hold its own, then in each point.
    fn spread(&self, edges: &[f64], points: &[f64], size: usize) -> Vec<f64> {
        let mut shares: Vec<f64> =
            edges.windows(2).map(|pair| self.between(pair[0], pair[1])).collect();
        shares.extend(points.iter().map(|point| match self {
            Self::Point(own) if own == point => size as f64,
            _ => 0.0,
        }));
        for share in &mut shares {
            *share /= size as f64;
        }
        shares
    }

    fn between(&self, from: f64, to: f64) -> f64 {
        let Self::Bins(edges, counts) = self else { return 0.0 };
        let index = edges.partition_point(|edge| *edge <= from);
        match (index.checked_sub(1).and_then(|bin| Some((bin, counts.get(bin)?))), edges.get(index))
        {
            (Some((bin, count)), Some(upper)) => {
                let lower = edges.get(bin).copied().unwrap_or(from);
                (to - from) / (upper - lower) * *count as f64
            }
            _ => 0.0,
        }
    }
}

fn divergence_of_numbers(reference: &Sorted, current: &Sorted) -> Option<f64> {
    let own = Histogram::of(reference.values())?;
    let other = Histogram::of(current.values())?;
    let mut edges = [own.edges(), other.edges()].concat();
    edges.sort_unstable_by(f64::total_cmp);
    edges.dedup();
    let mut points = Vec::new();
    for histogram in [&own, &other] {
        if let Histogram::Point(point) = histogram
            && !points.contains(point)
        {
            points.push(*point);
        }
    }
    let own = own.spread(&edges, &points, reference.len());
    let other = other.spread(&edges, &points, current.len());
    let shares: Vec<(f64, f64)> = own.into_iter().zip(other).collect();
    Some(divergence_bits(&arithmetic::normalised(&shares)))
}
