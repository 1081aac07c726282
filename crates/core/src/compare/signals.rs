//! Shares of rows that no test of the values shows.

use alloc::vec::Vec;

use tidegate_stats::signal::{self, Signal, SignalRule};
use tidegate_stats::{Decision, Error};

use super::outcome::thinned;
use crate::report::{ColumnCounts, SignalKind, SignalReport};

/// Missing values; of none at all there is nothing to say.
pub(super) fn of_missing(
    counts: [ColumnCounts; 2],
    rows_per_independent: Option<f64>,
    decision: &Decision,
) -> Option<SignalReport> {
    let rule = rule(decision);
    let find = |rows: Option<f64>| {
        let of = |side: ColumnCounts| [side.count, side.missing].map(|count| counted(count, rows));
        let [reference, current] = counts.map(of);
        signal::missing_rate(reference, current, &rule)
    };
    let has_missing = counts.iter().any(|side| side.missing > 0);
    has_missing.then(|| report(SignalKind::Missing, rows_per_independent, find)).flatten()
}

/// Rows by category, each category at one place.
pub(super) struct Categories<'a> {
    pub(super) reference: &'a [u64],
    pub(super) current: &'a [u64],
    /// Current rows of categories that the reference lacks, beside those.
    pub(super) unnamed: u64,
}

/// New and vanished categories, from the counts of every category.
pub(super) fn of_categories(
    Categories { reference, current, unnamed }: Categories<'_>,
    rows_per_independent: Option<f64>,
    decision: &Decision,
) -> impl Iterator<Item = SignalReport> {
    let rule = rule(decision);
    let find = |rows: Option<f64>| {
        let side = |counts: &[u64]| counts.iter().map(|it| counted(*it, rows)).collect::<Vec<_>>();
        let [reference, current] = [reference, current].map(side);
        signal::new_and_vanished_categories(&reference, &current, counted(unnamed, rows), &rule)
    };
    let all = find(None);
    let effective = rows_per_independent.map(|rows| find(Some(rows)));
    let kinds = [SignalKind::NewCategories, SignalKind::VanishedCategories];
    kinds.into_iter().enumerate().filter_map(move |(place, kind)| {
        let of = |found: &Result<[Signal; 2], Error>| found.map(|both| both[place]);
        told(kind, of(&all), effective.as_ref().map(of))
    })
}

/// So many current values outside of the reference's range.
pub(super) fn of_range(
    [reference, current]: [u64; 2],
    outside: u64,
    rows_per_independent: Option<f64>,
    decision: &Decision,
) -> Option<SignalReport> {
    let rule = rule(decision);
    report(SignalKind::OutOfRange, rows_per_independent, |rows| {
        let [reference, current, outside] =
            [reference, current, outside].map(|count| counted(count, rows));
        signal::out_of_range(reference, [0, outside], current, &rule)
    })
}

/// A signal of all rows; where they depend on each other, how likely it is, and what could have been told from chance, are those of
/// as many rows as are independent.
fn report(
    kind: SignalKind,
    rows_per_independent: Option<f64>,
    find: impl Fn(Option<f64>) -> Result<Signal, Error>,
) -> Option<SignalReport> {
    told(kind, find(None), rows_per_independent.map(|rows| find(Some(rows))))
}

fn told(
    kind: SignalKind,
    all: Result<Signal, Error>,
    effective: Option<Result<Signal, Error>>,
) -> Option<SignalReport> {
    let mut report = SignalReport::new(kind, &all.ok()?);
    if let Some(effective) = effective {
        let effective = effective.ok()?;
        report.p_effective = Some(effective.p_value);
        report.detectable_effect = effective.detectable_effect;
    }
    Some(report)
}

fn counted(count: u64, rows_per_independent: Option<f64>) -> u64 {
    rows_per_independent.map_or(count, |rows| thinned(count, rows))
}

fn rule(decision: &Decision) -> SignalRule {
    SignalRule { alpha: decision.alpha, ..SignalRule::default() }
}
