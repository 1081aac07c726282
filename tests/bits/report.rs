//! What each host computes: the default comparison of the two tables, as JSON.

use tidegate_core::compare::{CompareOptions, compare};
use tidegate_core::table::Table;
use tidegate_core::table::csv::{CsvError, CsvOptions, CsvReader};

const REFERENCE: &[u8] = include_bytes!("reference.csv");
const CURRENT: &[u8] = include_bytes!("current.csv");

/// The report, or why there is none.
pub fn report() -> Result<String, String> {
    let reference = table(REFERENCE).map_err(|error| error.to_string())?;
    let current = table(CURRENT).map_err(|error| error.to_string())?;
    let report = compare(&reference, &current, &CompareOptions::default())
        .map_err(|error| error.to_string())?;
    serde_json::to_string(&report).map_err(|error| error.to_string())
}

fn table(csv: &[u8]) -> Result<Table, CsvError> {
    let mut reader = CsvReader::new(CsvOptions::default());
    reader.push(csv)?;
    reader.finish()
}
