use tidegate_core::compare::{self, ChunkOptions};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::TableHandle;
use super::compare::options;
use super::error;

/// Compares each chunk of the current table with the reference; a report of chunks, as JSON.
///
/// # Errors
/// The kinds of [`compare::CompareError`].
#[wasm_bindgen(js_name = compareChunks)]
pub fn compare_chunks(
    reference: &TableHandle,
    current: &TableHandle,
    chunks_json: &str,
    options_json: Option<String>,
) -> Result<String, JsValue> {
    let by = ChunkOptions::from_json(chunks_json).map_err(error::throw)?;
    let options = options(options_json.as_deref())?;
    let report = compare::compare_chunks(reference.table(), current.table(), &by, &options);
    error::json(&report.map_err(error::throw)?)
}
