use tidegate_core::compare::ChunkOptions;
use tidegate_core::evaluation::{self, EvaluateOptions};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::TableHandle;
use super::error;

/// How good the labelled predictions of a table were, as JSON.
///
/// # Errors
/// The kinds of [`tidegate_core::analysis::AnalysisError`].
#[wasm_bindgen]
pub fn evaluate(table: &TableHandle, options_json: &str) -> Result<String, JsValue> {
    let options = EvaluateOptions::from_json(options_json).map_err(error::throw)?;
    error::json(&evaluation::evaluate(table.table(), &options).map_err(error::throw)?)
}

/// How good the predictions of a table without labels probably are, as JSON.
///
/// # Errors
/// The kinds of [`tidegate_core::analysis::AnalysisError`].
#[wasm_bindgen]
pub fn estimate(
    reference: &TableHandle,
    current: &TableHandle,
    options_json: &str,
) -> Result<String, JsValue> {
    let options = EvaluateOptions::from_json(options_json).map_err(error::throw)?;
    let found = evaluation::estimate(reference.table(), current.table(), &options);
    error::json(&found.map_err(error::throw)?)
}

/// The same of each chunk of the current table, against those of the reference, as JSON.
///
/// # Errors
/// The kinds of [`tidegate_core::analysis::AnalysisError`].
#[wasm_bindgen(js_name = estimateChunks)]
pub fn estimate_chunks(
    reference: &TableHandle,
    current: &TableHandle,
    chunks_json: &str,
    options_json: &str,
) -> Result<String, JsValue> {
    let by = ChunkOptions::from_json(chunks_json).map_err(error::throw)?;
    let options = EvaluateOptions::from_json(options_json).map_err(error::throw)?;
    let found = evaluation::estimate_chunks(reference.table(), current.table(), &by, &options);
    error::json(&found.map_err(error::throw)?)
}
