use tidegate_core::compare;
use tidegate_core::profile::{self, Profile};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::TableHandle;
use super::compare::options;
use super::error;

/// Summarises a table, as JSON; on the bins of `reference`, itself a profile as JSON, if it is given.
///
/// # Errors
/// The kinds of [`profile::ReadError`].
#[wasm_bindgen]
pub fn profile(table: &TableHandle, reference: Option<String>) -> Result<String, JsValue> {
    error::json(&match reference {
        Some(reference) => profile::profile_on(table.table(), &read(&reference)?),
        None => profile::profile(table.table()),
    })
}

/// The profile of the rows of both.
///
/// # Errors
/// The kinds of [`profile::ReadError`] and of [`profile::ProfileError`].
#[wasm_bindgen(js_name = mergeProfiles)]
pub fn merge_profiles(one: &str, other: &str) -> Result<String, JsValue> {
    let merged = read(one)?.merge(&read(other)?).map_err(error::throw)?;
    error::json(&merged)
}

/// Compares two profiles; a report, as JSON.
///
/// # Errors
/// The kinds of [`profile::ReadError`] and of [`compare::CompareError`].
#[wasm_bindgen(js_name = compareProfiles)]
pub fn compare_profiles(
    reference: &str,
    current: &str,
    options_json: Option<String>,
) -> Result<String, JsValue> {
    let (reference, current) = (read(reference)?, read(current)?);
    let options = options(options_json.as_deref())?;
    let report = compare::compare_profiles(&reference, &current, &options);
    error::json(&report.map_err(error::throw)?)
}

fn read(json: &str) -> Result<Profile, JsValue> {
    Profile::from_json(json).map_err(error::throw)
}
