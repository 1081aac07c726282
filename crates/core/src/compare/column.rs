//! One column of two tables: settles how it is read, then compares.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use tidegate_stats::Decision;

use super::categorical::{Side, Tally};
use super::numeric::{self, Sample};
use super::outcome::Outcome;
use super::reading::{categories, numbers};
use super::{Methods, dependence, distribution, signals};
use crate::report::{ColumnKind, ColumnReport, Peer, SignalReport, Unseen};
use crate::table::Column;

/// What is to be computed.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) methods: &'a Methods,
    /// The tools whose own numbers are wanted too.
    pub(super) peers: &'a [Peer],
    /// Whether rows are in the order of time.
    pub(super) in_time_order: bool,
}

/// Compares the columns of one name: the reference's and the current table's.
pub(super) fn compare(
    name: &str,
    reference: Option<&Column>,
    current: Option<&Column>,
    declared: Option<ColumnKind>,
    asked: Asked<'_>,
    decision: &Decision,
) -> ColumnReport {
    let absent = match (reference, current) {
        (Some(_), Some(_)) => None,
        (Some(_), None) => Some("the current table has no such column"),
        (None, Some(_)) => Some("the reference has no such column"),
        (None, None) => Some("neither table has such a column"),
    };
    let empty = Column::Numeric(Vec::new());
    let (reference, current) = (reference.unwrap_or(&empty), current.unwrap_or(&empty));
    let (kind, note) = settle_kind(reference, current, declared);
    let rows_per_independent = if asked.in_time_order || !is_sorted(reference) {
        dependence::measure(reference, current, kind)
    } else {
        None
    };
    let counted = if asked.in_time_order { rows_per_independent } else { None };
    let (mut outcome, mut signals) = match kind {
        ColumnKind::Numeric => compare_numbers(reference, current, asked, counted, decision),
        ColumnKind::Categorical => compare_categories(reference, current, asked, counted, decision),
    };
    outcome.notes.extend(note);
    if let Some(absent) = absent {
        outcome.tests.clear();
        signals.clear();
        outcome.compatibility.clear();
        outcome.notes = Vec::from([absent.to_string()]);
    }
    let counts = [reference.counts(), current.counts()];
    if absent.is_none() {
        signals.extend(signals::of_missing(counts, counted, decision));
    }
    let report = ColumnReport { signals, ..outcome.report(name, counts, decision) };
    match rows_per_independent {
        Some(rows) if absent.is_none() => {
            dependence::tell(report, rows, counted.is_some(), decision)
        }
        _ => report,
    }
}

/// How the column is read, and a note where its tables disagree on that.
pub(super) fn settle_kind(
    reference: &Column,
    current: &Column,
    declared: Option<ColumnKind>,
) -> (ColumnKind, Option<String>) {
    if let Some(kind) = declared {
        return (kind, None);
    }
    let is_empty = |column: &Column| column.counts().count == 0;
    match (reference.kind(), current.kind()) {
        (one, other) if one == other => (one, None),
        // Without a value, a column has no kind of its own.
        (_, kind) if is_empty(reference) => (kind, None),
        (kind, _) if is_empty(current) => (kind, None),
        (kind, _) => {
            let (one, other) = match kind {
                ColumnKind::Numeric => ("numbers", "text"),
                ColumnKind::Categorical => ("text", "numbers"),
            };
            let note = format!(
                "compared as categories, for the reference holds {one} and the current table {other}"
            );
            (ColumnKind::Categorical, Some(note))
        }
    }
}

/// Whether the table was sorted by the column, so that neighbours are alike whatever their times.
fn is_sorted(column: &Column) -> bool {
    let Column::Numeric(values) = column else { return false };
    values.is_sorted() || values.iter().rev().is_sorted()
}

fn compare_numbers(
    reference: &Column,
    current: &Column,
    asked: Asked<'_>,
    rows_per_independent: Option<f64>,
    decision: &Decision,
) -> (Outcome, Vec<SignalReport>) {
    let sample = |column, side: &str| {
        let values = numbers(column).map_err(|level| {
            format!("declared numeric, but the {side} holds {level:?}, which is not a number")
        })?;
        Sample::try_new(&values).map_err(|error| error.to_string())
    };
    match (sample(reference, "reference"), sample(current, "current table")) {
        (Ok(reference), Ok(current)) => {
            let mut outcome = numeric::compare(&reference, &current, asked.methods, decision);
            if let Some(rows) = rows_per_independent {
                let [reference, current] =
                    [&reference, &current].map(|sample| sample.thinned(rows));
                let thinned = numeric::compare(&reference, &current, asked.methods, decision);
                outcome.count_as(thinned);
            }
            let compatibility = numeric::compatibility(&reference, &current, asked.peers);
            let signals = numeric::signals(&reference, &current, rows_per_independent, decision);
            (Outcome { compatibility, ..outcome }, signals)
        }
        (Err(note), _) | (_, Err(note)) => {
            let outcome = Outcome {
                kind: ColumnKind::Numeric,
                tests: Vec::new(),
                distribution: distribution::no_bins(),
                unseen: Unseen::default(),
                compatibility: Vec::new(),
                notes: Vec::from([note]),
            };
            (outcome, Vec::new())
        }
    }
}

fn compare_categories(
    reference: &Column,
    current: &Column,
    asked: Asked<'_>,
    rows_per_independent: Option<f64>,
    decision: &Decision,
) -> (Outcome, Vec<SignalReport>) {
    let (reference, current) = (categories(reference), categories(current));
    let mut tally = Tally::default();
    tally.add_column(Side::Reference, &reference.0, &reference.1);
    tally.add_column(Side::Current, &current.0, &current.1);
    let methods = asked.methods.of(ColumnKind::Categorical);
    let mut outcome = tally.compare(&methods, decision);
    if let Some(rows) = rows_per_independent {
        outcome.count_as(tally.thinned(rows).compare(&methods, decision));
    }
    let signals = tally.signals(rows_per_independent, decision);
    (Outcome { compatibility: tally.compatibility(asked.peers), ..outcome }, signals)
}
