//! Numbers against numbers.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use tidegate_stats::bins::Edges;
use tidegate_stats::multivariate::mmd;
use tidegate_stats::{Decision, Error, Method, NumericTests, Sorted, compatibility};

use super::outcome::{self, Outcome};
use super::{Methods, distribution, signals};
use crate::report::{ColumnKind, Peer, PeerReport, SignalReport, Unseen};

/// The values of a column that are present.
pub(super) struct Sample {
    finite: Sorted,
    /// Counts of the two infinities.
    below: u64,
    above: u64,
}

impl Sample {
    /// # Errors
    /// More values than a sample may hold.
    pub(super) fn try_new(values: &[f64]) -> Result<Self, Error> {
        let [mut below, mut above] = [0; 2];
        let mut finite = Vec::with_capacity(values.len());
        for value in values {
            if value.is_finite() {
                finite.push(*value);
            } else if *value == f64::INFINITY {
                above += 1;
            } else if *value == f64::NEG_INFINITY {
                below += 1;
            }
        }
        Ok(Self { finite: Sorted::try_new(finite)?, below, above })
    }

    /// As it would be if there were only the rows that are independent: values at even distances of the sorted ones, so
    /// that the distribution stays.
    pub(super) fn thinned(&self, rows_per_independent: f64) -> Self {
        let thinned = |count| outcome::thinned(count, rows_per_independent);
        let values = self.finite.values();
        let rows = thinned(values.len() as u64);
        let place = |row: u64| (row as f64 + 0.5) * (values.len() as f64 / rows as f64);
        let kept = (0..rows).filter_map(|row| values.get(place(row) as usize).copied());
        // They are finite, and fewer than before.
        let finite = Sorted::try_new(kept.collect()).unwrap_or_default();
        Self { finite, below: thinned(self.below), above: thinned(self.above) }
    }

    const fn infinite(&self) -> u64 {
        self.below + self.above
    }

    /// Counts on bins; the infinities are in the outer ones.
    fn count(&self, edges: &Edges) -> Vec<u64> {
        let mut counts = edges.count_sorted(&self.finite);
        if let Some(first) = counts.first_mut() {
            *first += self.below;
        }
        if let Some(last) = counts.last_mut() {
            *last += self.above;
        }
        counts
    }

    /// How many values of `other` lie below and above this sample's range.
    fn count_outside(&self, other: &Self) -> [u64; 2] {
        let values = self.finite.values();
        let (Some(low), Some(high)) = (values.first(), values.last()) else { return [0; 2] };
        let others = other.finite.values();
        let lower = others.partition_point(|value| value < low);
        let higher = others.len() - others.partition_point(|value| value <= high);
        let infinite = |own: u64, others: u64| if own == 0 { others } else { 0 };
        [
            lower as u64 + infinite(self.below, other.below),
            higher as u64 + infinite(self.above, other.above),
        ]
    }
}

/// Current values outside of the reference's range.
pub(super) fn signals(
    reference: &Sample,
    current: &Sample,
    rows_per_independent: Option<f64>,
    decision: &Decision,
) -> Vec<SignalReport> {
    let count = |sample: &Sample| sample.finite.values().len() as u64 + sample.infinite();
    let counts = [reference, current].map(count);
    let [below, above] = reference.count_outside(current);
    let found = signals::of_range(counts, below + above, rows_per_independent, decision);
    found.into_iter().collect()
}

/// What the peers would have printed for the finite values.
pub(super) fn compatibility(
    reference: &Sample,
    current: &Sample,
    peers: &[Peer],
) -> Vec<PeerReport> {
    outcome::compatibility(peers, |peer| {
        compatibility::of_numbers(&reference.finite, &current.finite, peer)
    })
}

pub(super) fn compare(
    reference: &Sample,
    current: &Sample,
    methods: &Methods,
    decision: &Decision,
) -> Outcome {
    let mut notes = Vec::new();
    if reference.infinite() + current.infinite() > 0 {
        notes.push(infinities(reference, current));
    }
    let edges = Edges::deciles(&reference.finite);
    let bins = [reference.count(&edges), current.count(&edges)];
    let methods = outcome::fitting(&methods.of(ColumnKind::Numeric), &bins[0], &bins[1]);
    let on_values = NumericTests::try_new(&reference.finite, &current.finite, &methods);
    let tests = outcome::run(&methods, &mut notes, |method| {
        if method == Method::Mmd {
            mmd::of_column(&reference.finite, &current.finite, decision)
        } else if method.needs_values() {
            on_values.as_ref().map_err(|error| *error)?.test(method, decision)
        } else {
            outcome::on_quantiles(method, &bins[0], &bins[1], decision)
        }
    });
    let infinite = [[reference.below, current.below], [reference.above, current.above]];
    Outcome {
        kind: ColumnKind::Numeric,
        tests,
        distribution: distribution::bins(
            reference.finite.values(),
            current.finite.values(),
            infinite,
        ),
        unseen: Unseen {
            count: reference.count_outside(current).iter().sum(),
            categories: Vec::new(),
        },
        compatibility: Vec::new(),
        notes,
    }
}

fn infinities(reference: &Sample, current: &Sample) -> String {
    format!(
        "infinite values ({} in the reference, {} in the current table) are in the outer bins, \
         but not in the methods that need the values, such as kolmogorov_smirnov",
        reference.infinite(),
        current.infinite()
    )
}
