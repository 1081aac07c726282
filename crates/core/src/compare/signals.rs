//! Shares of rows that no test of the values shows.

use tidegate_stats::Decision;
use tidegate_stats::signal::{self, SignalRule};

use crate::report::{ColumnCounts, SignalKind, SignalReport};

/// Missing values; of none at all there is nothing to say.
pub(super) fn of_missing(
    counts: [ColumnCounts; 2],
    decision: &Decision,
) -> impl Iterator<Item = SignalReport> {
    let [reference, current] = counts.map(|counts| [counts.count, counts.missing]);
    let has_missing = reference[1] > 0 || current[1] > 0;
    let found = has_missing.then(|| signal::missing_rate(reference, current, &rule(decision)).ok());
    found.flatten().map(|found| SignalReport::new(SignalKind::Missing, &found)).into_iter()
}

/// New and vanished categories, from the counts of every category.
pub(super) fn of_categories(
    reference: &[u64],
    current: &[u64],
    decision: &Decision,
) -> impl Iterator<Item = SignalReport> {
    let rule = rule(decision);
    let new = signal::new_categories(reference, current, &rule);
    let vanished = signal::vanished_categories(reference, current, &rule);
    [(SignalKind::NewCategories, new), (SignalKind::VanishedCategories, vanished)]
        .into_iter()
        .filter_map(|(kind, found)| Some(SignalReport::new(kind, &found.ok()?)))
}

/// Current values below and above the reference's.
pub(super) fn of_range(
    reference_count: u64,
    outside: [u64; 2],
    current_count: u64,
    decision: &Decision,
) -> impl Iterator<Item = SignalReport> {
    let found = signal::out_of_range(reference_count, outside, current_count, &rule(decision));
    found.ok().map(|found| SignalReport::new(SignalKind::OutOfRange, &found)).into_iter()
}

fn rule(decision: &Decision) -> SignalRule {
    SignalRule { alpha: decision.alpha, ..SignalRule::default() }
}
