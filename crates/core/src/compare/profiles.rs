//! Profiles against profiles.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use tidegate_stats::Decision;
use tidegate_stats::bins::Edges;

use super::outcome::Outcome;
use super::{
    BinnedColumn, BinnedCounts, Bins, Methods, binned, binned_column, distribution, signals,
    sketched,
};
use crate::event::ColumnRole;
use crate::profile::{ColumnProfile, ColumnSummary, Profile};
use crate::report::{ColumnCounts, ColumnReport, SignalReport, Unseen};

/// Compares the columns of two profiles by role and name, in the order of the reference, then of the current
/// one. The p-values are not adjusted yet.
pub(super) fn compare(
    reference: &Profile,
    current: &Profile,
    methods: &Methods,
    decision: &Decision,
) -> Vec<ColumnReport> {
    let mut unmatched: BTreeMap<(ColumnRole, &str), &ColumnProfile> = BTreeMap::new();
    unmatched.extend(current.columns.iter().map(|column| (column.key(), column)));
    let mut reports: Vec<ColumnReport> = Vec::with_capacity(reference.columns.len());
    for column in &reference.columns {
        reports.push(match unmatched.remove(&column.key()) {
            Some(other) => {
                let counts = [column.counts, other.counts];
                let mut report = compare_columns(column, other, methods, decision);
                report.signals.extend(signals::of_missing(
                    counts,
                    column.rows_per_independent,
                    decision,
                ));
                report
            }
            None => {
                let counts = [column.counts, ColumnCounts::default()];
                not_compared(column, counts, "the current profile has no such column", decision)
            }
        });
    }
    for column in &current.columns {
        if unmatched.contains_key(&column.key()) {
            let counts = [ColumnCounts::default(), column.counts];
            let note = "the reference has no such column";
            reports.push(not_compared(column, counts, note, decision));
        }
    }
    reports
}

fn compare_columns(
    reference: &ColumnProfile,
    current: &ColumnProfile,
    methods: &Methods,
    decision: &Decision,
) -> ColumnReport {
    let [reference_counts, current_counts] = [reference.counts, current.counts];
    let compare = |bins, reference_bins: &[u64], current_bins: &[u64]| {
        let column = BinnedColumn {
            name: &reference.name,
            bins,
            reference: BinnedCounts { counts: reference_counts, bins: reference_bins },
            current: BinnedCounts { counts: current_counts, bins: current_bins },
            rows_per_independent: reference.rows_per_independent,
        };
        binned_column(&column, methods, decision)
    };
    let refuse = |note| not_compared(reference, [reference_counts, current_counts], note, decision);
    match (&reference.summary, &current.summary) {
        (ColumnSummary::Numeric { edges, bins, .. }, ColumnSummary::Numeric { .. }) => {
            let ranges = reference.summary.range().zip(current.summary.range());
            let range = ranges.map(|([low, high], [other_low, other_high])| {
                [low.min(other_low), high.max(other_high)]
            });
            let current_bins = current.summary.bins_on(edges);
            if let (Some(one), Some(other)) = (&reference.sketches.kll, &current.sketches.kll) {
                let sketches = [&one.0, &other.0];
                let exact = current_bins.map(|current_bins| [bins.as_slice(), current_bins]);
                let estimated = || {
                    let edges = Edges::try_new(edges.clone()).unwrap_or_default();
                    other.0.counts(&edges)
                };
                let drawn = current_bins.map_or_else(estimated, <[u64]>::to_vec);
                let mut outcome = binned::numeric(edges, range, bins, &drawn, methods, decision);
                sketched::refine(&mut outcome, sketches, exact, methods, decision);
                let counts = [reference_counts, current_counts];
                let mut report = outcome.report(&reference.name, counts, decision);
                report.signals.extend(of_range(reference, current, decision));
                return report;
            }
            let Some(current_bins) = current_bins else {
                return refuse(
                    "the current profile has bins of its own: count it on the reference's",
                );
            };
            let mut report = compare(Bins::Numeric { edges, range }, bins, current_bins);
            report.signals.extend(of_range(reference, current, decision));
            report
        }
        (
            ColumnSummary::Categorical { names, bins, other },
            ColumnSummary::Categorical {
                names: current_names,
                bins: current_bins,
                other: current_other,
            },
        ) => {
            let aligned =
                Aligned::new((names, bins, *other), (current_names, current_bins, *current_other));
            let bins = Bins::Categorical { names: &aligned.names };
            let mut report = compare(bins, &aligned.reference, &aligned.current);
            let bins = [&aligned.reference[..], &aligned.current];
            let rows = reference.rows_per_independent;
            report.signals.extend(binned::of_categories(bins, &[], rows, decision));
            report
        }
        _ => refuse("numbers in one profile, categories in the other"),
    }
}

/// Current values outside of the reference's range: none where the current range says so, else as many as
/// the current sketch estimates. Nothing is said where neither is known.
fn of_range(
    reference: &ColumnProfile,
    current: &ColumnProfile,
    decision: &Decision,
) -> Option<SignalReport> {
    let [low, high] = reference.summary.range()?;
    let is_within = |[from, to]: [f64; 2]| low <= from && to <= high;
    let outside = if current.summary.range().is_some_and(is_within) {
        0
    } else {
        let sketch = current.sketches.kll.as_ref()?;
        // Of each value, how many there are up to it.
        let ranked = sketch.0.weighted();
        let up_to = |end: usize| {
            end.checked_sub(1).and_then(|last| ranked.get(last)).map_or(0, |(_, count)| *count)
        };
        let below = up_to(ranked.partition_point(|(value, _)| *value < low));
        let not_above = up_to(ranked.partition_point(|(value, _)| *value <= high));
        below.saturating_add(up_to(ranked.len()).saturating_sub(not_above))
    };
    let counts = [reference.counts.count, current.counts.count];
    let rows = reference.rows_per_independent;
    signals::of_range(counts, outside, rows, decision)
}

/// The categories of both profiles, and the counts of each, those without a name last.
struct Aligned {
    names: Vec<String>,
    reference: Vec<u64>,
    current: Vec<u64>,
}

impl Aligned {
    /// A category that only the current profile names is new if the reference names all of its own.
    /// If not, it may be among those left out there, so it is counted with them.
    fn new(reference: (&[String], &[u64], u64), current: (&[String], &[u64], u64)) -> Self {
        let mut counts: BTreeMap<&String, [u64; 2]> = BTreeMap::new();
        let [other, mut current_other] = [reference.2, current.2];
        for (name, count) in reference.0.iter().zip(reference.1) {
            counts.entry(name).or_default()[0] += count;
        }
        for (name, count) in current.0.iter().zip(current.1) {
            match counts.get_mut(name) {
                Some(both) => both[1] += count,
                None if other == 0 => counts.entry(name).or_default()[1] += count,
                None => current_other += count,
            }
        }
        let names = counts.keys().map(|name| (*name).clone()).collect();
        let (mut reference, mut current): (Vec<u64>, Vec<u64>) =
            counts.into_values().map(|[reference, current]| (reference, current)).unzip();
        reference.push(other);
        current.push(current_other);
        Self { names, reference, current }
    }
}

fn not_compared(
    column: &ColumnProfile,
    counts: [ColumnCounts; 2],
    note: &str,
    decision: &Decision,
) -> ColumnReport {
    let outcome = Outcome {
        kind: column.summary.kind(),
        tests: Vec::new(),
        distribution: distribution::no_bins(),
        unseen: Unseen::default(),
        compatibility: Vec::new(),
        notes: Vec::from([note.to_string()]),
    };
    outcome.report(&column.name, counts, decision)
}
