use tidegate_core::observatory;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::error;

/// The snapshot of all the traffic, of mergeable ones; a JSON array in, JSON out.
///
/// # Errors
/// The kinds of [`observatory::MergeError`].
#[wasm_bindgen(js_name = mergeSnapshots)]
pub fn merge_snapshots(snapshots: &str) -> Result<String, JsValue> {
    error::json(&observatory::merge_snapshots_from_json(snapshots).map_err(error::throw)?)
}
