//! Chunks of rows against the first rows.

use tidegate_core::compare::{ChunkOptions, CompareOptions, compare_chunks};
use tidegate_core::report::{ColumnReport, Verdict};
use tidegate_core::table::Table;

/// Rows at whose end a chunk is the first of some that drifted.
pub(crate) fn alarms(
    table: &Table,
    reference_rows: usize,
    chunk_rows: usize,
) -> Result<Vec<u64>, String> {
    let rows =
        |from: usize, to: usize| table.select(|_| true, Some(&(from..to).collect::<Vec<usize>>()));
    // A last chunk that is not whole says less than the others, and is left out.
    let end = reference_rows + (table.rows() - reference_rows) / chunk_rows * chunk_rows;
    let (reference, current) = (rows(0, reference_rows), rows(reference_rows, end));
    let by = ChunkOptions { rows: Some(chunk_rows as u64), ..ChunkOptions::default() };
    let report = compare_chunks(&reference, &current, &by, &CompareOptions::default());
    let report = report.map_err(|error| error.to_string())?;
    let drifted = report.chunks.iter().map(|chunk| {
        chunk.report.verdict == Verdict::Drift || chunk.report.columns.iter().any(is_drift)
    });
    let at = |index: usize| (reference_rows + (index + 1) * chunk_rows - 1) as u64;
    Ok(begins(drifted).map(at).collect())
}

/// Whether a column is one that an operator is told of: its values have drifted, or more of them than before are
/// missing, of new categories or out of range. The report names each by itself; here any of them is an alarm.
pub(crate) fn is_drift(column: &ColumnReport) -> bool {
    let missing = column.missing_test.as_ref().map(|test| test.verdict);
    let signals = column.signals.iter().map(|signal| signal.verdict);
    signals.chain(missing).chain([column.verdict]).any(|verdict| verdict == Verdict::Drift)
}

/// The places at which something begins to be so.
pub(crate) fn begins(states: impl Iterator<Item = bool>) -> impl Iterator<Item = usize> {
    let mut before = false;
    states.enumerate().filter_map(move |(index, is_so)| {
        let begins = is_so && !before;
        before = is_so;
        begins.then_some(index)
    })
}
