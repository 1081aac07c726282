//! Chunks of rows against the first rows.

use tidegate_core::compare::{ChunkOptions, CompareOptions, compare_chunks};
use tidegate_core::report::Verdict;
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
    let drifted = report.chunks.iter().map(|chunk| chunk.report.verdict == Verdict::Drift);
    let at = |index: usize| (reference_rows + (index + 1) * chunk_rows - 1) as u64;
    Ok(begins(drifted).map(at).collect())
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
