use tidegate_core::compare::{self, CompareOptions};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::TableHandle;
use super::error;

/// Compares two tables a column at a time.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Comparison(compare::Comparison);

#[wasm_bindgen]
impl Comparison {
    /// A comparison without columns.
    ///
    /// # Errors
    /// `InvalidOptions`.
    #[wasm_bindgen(constructor)]
    pub fn new(options_json: Option<String>) -> Result<Self, JsValue> {
        let options = options(options_json.as_deref())?;
        compare::Comparison::try_new(options).map(Self).map_err(error::throw)
    }

    /// The columns of both tables, in the order that the report should have.
    #[wasm_bindgen(js_name = columnNames)]
    #[must_use]
    pub fn column_names(&self, reference: &TableHandle, current: &TableHandle) -> Vec<String> {
        let names = compare::column_names(reference.table(), current.table());
        names.into_iter().map(str::to_owned).collect()
    }

    /// Compares the columns of one name; a table may have none of that name.
    #[wasm_bindgen(js_name = compareColumn)]
    pub fn compare_column(&mut self, reference: &TableHandle, current: &TableHandle, name: &str) {
        let [reference, current] = [reference, current].map(|table| table.table().column(name));
        self.0.compare_column(name, reference, current);
    }

    /// The report, as JSON, with the rows or segments compared too if the options ask for it.
    ///
    /// # Errors
    /// `UnknownColumn`: `kinds` names a column that was not compared; `NoSegments`: a table has no column to be cut by.
    pub fn finish(
        mut self,
        reference: &TableHandle,
        current: &TableHandle,
    ) -> Result<String, JsValue> {
        self.0.compare_rows(reference.table(), current.table());
        let compared = self.0.compare_segments(reference.table(), current.table());
        compared.map_err(error::throw)?;
        let [reference, current] = [reference, current].map(|table| table.table().rows() as u64);
        let report = self.0.finish(reference, current).map_err(error::throw)?;
        error::json(&report)
    }
}

/// Reads options; none given are the defaults.
pub(crate) fn options(json: Option<&str>) -> Result<CompareOptions, JsValue> {
    json.map_or_else(|| Ok(CompareOptions::default()), CompareOptions::from_json)
        .map_err(error::throw)
}
