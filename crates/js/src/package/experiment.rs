use tidegate_core::experiment::{self, DesignOptions, ExperimentAnalysisOptions};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::TableHandle;
use super::error;

/// What an experiment says whose variants are in the options, as JSON.
///
/// # Errors
/// The kinds of [`tidegate_core::analysis::AnalysisError`].
#[wasm_bindgen]
pub fn experiment(options_json: &str) -> Result<String, JsValue> {
    let options = ExperimentAnalysisOptions::from_json(options_json).map_err(error::throw)?;
    error::json(&experiment::experiment(&options).map_err(error::throw)?)
}

/// What an experiment says of which a table has a row a unit, as JSON.
///
/// # Errors
/// The kinds of [`tidegate_core::analysis::AnalysisError`].
#[wasm_bindgen(js_name = experimentOfTable)]
pub fn experiment_of_table(table: &TableHandle, options_json: &str) -> Result<String, JsValue> {
    let options = ExperimentAnalysisOptions::from_json(options_json).map_err(error::throw)?;
    let found = experiment::experiment_of_table(table.table(), &options);
    error::json(&found.map_err(error::throw)?)
}

/// What is missing of an experiment's effect, size and power, as JSON.
///
/// # Errors
/// The kinds of [`tidegate_core::analysis::AnalysisError`].
#[wasm_bindgen(js_name = experimentDesign)]
pub fn experiment_design(options_json: &str) -> Result<String, JsValue> {
    let options = DesignOptions::from_json(options_json).map_err(error::throw)?;
    error::json(&experiment::experiment_design(&options).map_err(error::throw)?)
}

/// The place of the variant that a unit gets, of variants with such shares, which sum to 1.
#[wasm_bindgen(js_name = variantOf)]
#[must_use]
pub fn variant_of(experiment: &str, unit: &str, shares: &[f64]) -> Option<usize> {
    experiment::variant_of(experiment, unit, shares.iter().copied())
}
