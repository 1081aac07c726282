//! Rows that depend on each other, and what a report says of it.

use alloc::format;
use alloc::vec;
use alloc::vec::Vec;

use tidegate_stats::Decision;
use tidegate_stats::dependence::{Dependence, of_batched_categories, of_batched_numbers};

use super::outcome;
use super::reading::{categories, numbers};
use crate::report::{ColumnKind, ColumnReport};
use crate::table::{Column, MISSING};

/// Rows that dependence is measured on, at most: the first ones.
const MOST_ROWS: usize = 10_000;

/// Blocks that an estimate is made from, at least.
const BLOCKS: usize = 10;

/// The batches of the rows that dependence is measured on, in the order of time.
pub(crate) fn first_batches(rows: impl Iterator<Item = u64>) -> Vec<usize> {
    let mut left = MOST_ROWS;
    let cut = rows.map_while(|rows| {
        let cut = left.min(rows as usize);
        left -= cut;
        (cut > 0).then_some(cut)
    });
    cut.collect()
}

/// Rows of a column that say as much as one that is independent; `None` where rows of one batch, and neighbours among
/// the batches, are no more alike than others.
pub(crate) fn rows_per_independent(column: &Column, batches: &[usize]) -> Option<f64> {
    measured(column, column.kind(), batches, usize::MAX)
}

/// The same of a reference whose rows are in the order of time, for current samples as long as this one.
pub(super) fn measure(reference: &Column, current: &Column, kind: ColumnKind) -> Option<f64> {
    let batches = vec![1; reference.len().min(MOST_ROWS)];
    measured(reference, kind, &batches, current.len())
}

fn measured(column: &Column, kind: ColumnKind, batches: &[usize], longest: usize) -> Option<f64> {
    let first: usize = batches.iter().sum();
    let block = |rows: usize| (rows / BLOCKS).min(longest).max(1);
    let of_codes = |codes: &[u32], batches: &[usize]| {
        of_batched_categories(codes, batches, block(codes.len())).ok()
    };
    let (of_values, is_missing): (Option<Dependence>, Vec<u32>) = match kind {
        ColumnKind::Numeric => {
            let values = numbers(column).ok()?;
            let values = values.get(..first)?;
            let present: Vec<f64> = values.iter().copied().filter(|it| it.is_finite()).collect();
            let batches = left_in(batches, values, |value| value.is_finite());
            let of_values = of_batched_numbers(&present, &batches, block(present.len())).ok();
            (of_values, values.iter().map(|value| u32::from(value.is_nan())).collect())
        }
        ColumnKind::Categorical => {
            let (codes, _) = categories(column);
            let codes = codes.get(..first)?;
            let present: Vec<u32> = codes.iter().copied().filter(|it| *it != MISSING).collect();
            let batches = left_in(batches, codes, |code| *code != MISSING);
            let is_missing = codes.iter().map(|code| u32::from(*code == MISSING)).collect();
            (of_codes(&present, &batches), is_missing)
        }
    };
    let found = [of_values, of_codes(&is_missing, batches)];
    let rows = found.iter().flatten().map(Dependence::rows_per_independent).fold(1.0, f64::max);
    (rows > 1.0).then_some(rows)
}

/// Of each batch how many rows are there, without batches of which there is none.
fn left_in<T>(batches: &[usize], mut rows: &[T], is_there: impl Fn(&T) -> bool) -> Vec<usize> {
    let mut left = Vec::with_capacity(batches.len());
    for batch in batches {
        let Some((own, others)) = rows.split_at_checked(*batch) else { break };
        left.push(own.iter().filter(|row| is_there(row)).count());
        rows = others;
    }
    left.retain(|rows| *rows > 0);
    left
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
        report.add_note(&format!(
            "rows depend on each other: {rows:.1} say as much as one that is independent, and verdicts \
             count {reference} against {current}"
        ));
    }
    report
}
