//! CSV files, gzipped or not.

use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use tidegate_core::compare::seconds_of;
use tidegate_core::table::csv::{CsvOptions, CsvReader};
use tidegate_core::table::{Column, Table};

/// The table in a CSV file, which may be gzipped.
///
/// # Errors
/// A sentence with the path.
pub fn read(path: &Path) -> Result<Table, String> {
    let at = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let bytes = std::fs::read(path).map_err(|error| at(&error))?;
    table_of(&bytes).map_err(|error| at(&error))
}

/// The table in the bytes of such a file.
///
/// # Errors
/// A sentence.
pub fn table_of(bytes: &[u8]) -> Result<Table, String> {
    let mut unpacked = Vec::new();
    let text = if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut decoder = GzDecoder::new(bytes);
        decoder.read_to_end(&mut unpacked).map_err(|error| error.to_string())?;
        unpacked.as_slice()
    } else {
        bytes
    };
    let mut reader = CsvReader::new(CsvOptions::default());
    reader.push(text).map_err(|error| error.to_string())?;
    reader.finish().map_err(|error| error.to_string())
}

/// The table sorted by a column of times, rows of one time in their order.
pub(crate) fn in_order(table: &Table, time: Option<&str>) -> Result<Table, String> {
    let Some(name) = time else { return Ok(table.clone()) };
    let times: Vec<Option<f64>> = match table.column(name) {
        Some(Column::Numeric(values)) => values.iter().map(|value| Some(*value)).collect(),
        Some(Column::Categorical { codes, levels }) => {
            let read: Vec<Option<f64>> = levels.iter().map(|level| seconds_of(level)).collect();
            codes.iter().map(|code| read.get(*code as usize).copied().flatten()).collect()
        }
        None => return Err(format!("there is no column `{name}`")),
    };
    let times: Option<Vec<f64>> =
        times.into_iter().map(|time| time.filter(|time| time.is_finite())).collect();
    let times = times.ok_or(format!("column `{name}`: a row has no time"))?;
    let mut order: Vec<usize> = (0..table.rows()).collect();
    order.sort_by(|one, other| times[*one].total_cmp(&times[*other]));
    Ok(table.select(|_| true, Some(&order)))
}
