//! Rows that depend on the rows before them, and what a report says of it.

use alloc::format;
use alloc::vec::Vec;

use tidegate_stats::Decision;
use tidegate_stats::dependence::{Dependence, of_ordered_categories, of_ordered_numbers};

use super::outcome;
use super::reading::{categories, numbers};
use crate::report::{ColumnKind, ColumnReport};
use crate::table::{Column, MISSING};

/// Rows that dependence is measured on, at most: the first ones.
const MOST_ROWS: usize = 10_000;

/// Blocks that an estimate is made from, at least.
const BLOCKS: usize = 10;

/// Rows of a column that say as much as one that is independent, its rows in the order of time; `None` where
/// neighbours are no more alike than others.
pub(crate) fn rows_per_independent(column: &Column) -> Option<f64> {
    measured(column, column.kind(), usize::MAX)
}

/// The same of a reference, for current samples as long as this one.
pub(super) fn measure(reference: &Column, current: &Column, kind: ColumnKind) -> Option<f64> {
    measured(reference, kind, current.len())
}

fn measured(column: &Column, kind: ColumnKind, longest: usize) -> Option<f64> {
    let first = column.len().min(MOST_ROWS);
    let block = |rows: usize| (rows / BLOCKS).min(longest).max(1);
    let of_codes = |codes: &[u32]| of_ordered_categories(codes, block(codes.len())).ok();
    let (of_values, is_missing): (Option<Dependence>, Vec<u32>) = match kind {
        ColumnKind::Numeric => {
            let values = numbers(column).ok()?;
            let values = values.get(..first)?;
            let present: Vec<f64> = values.iter().copied().filter(|it| it.is_finite()).collect();
            let of_values = of_ordered_numbers(&present, block(present.len())).ok();
            (of_values, values.iter().map(|value| u32::from(value.is_nan())).collect())
        }
        ColumnKind::Categorical => {
            let (codes, _) = categories(column);
            let codes = codes.get(..first)?;
            let present: Vec<u32> = codes.iter().copied().filter(|it| *it != MISSING).collect();
            (of_codes(&present), codes.iter().map(|code| u32::from(*code == MISSING)).collect())
        }
    };
    let found = [of_values, of_codes(&is_missing)];
    let rows = found.iter().flatten().map(Dependence::rows_per_independent).fold(1.0, f64::max);
    (rows > 1.0).then_some(rows)
}

/// The report of a column whose rows depend on each other, and whether its verdicts count them so.
pub(super) fn tell(
    mut report: ColumnReport,
    rows: f64,
    is_counted: bool,
    decision: &Decision,
) -> ColumnReport {
    if report.tests.is_empty() {
        return report;
    }
    report.rows_per_independent = Some(rows);
    if is_counted {
        outcome::count_missing_as(&mut report, rows, decision);
        let [reference, current] =
            [report.reference, report.current].map(|counts| outcome::thinned(counts.count, rows));
        let note = format!(
            "rows depend on the rows before them: {rows:.1} say as much as one that is independent, and verdicts \
             count {reference} against {current}"
        );
        report.note = Some(report.note.map_or(note.clone(), |own| format!("{own}; {note}")));
    }
    report
}
