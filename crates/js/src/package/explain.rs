use tidegate_core::model::{self, Model};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::TableHandle;
use super::error;

/// A model in the module's memory.
#[wasm_bindgen]
#[derive(Debug)]
pub struct ModelHandle(Model);

#[wasm_bindgen]
impl ModelHandle {
    /// Reads a model file.
    ///
    /// # Errors
    /// The kinds of [`model::ModelError`].
    #[wasm_bindgen(constructor)]
    pub fn new(bytes: &[u8]) -> Result<Self, JsValue> {
        Model::read(bytes).map(Self).map_err(error::throw)
    }

    /// What it was trained for, as the file names it.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn objective(&self) -> String {
        self.0.objective.clone()
    }

    /// Explains the rows of a table by the trees' own counts.
    ///
    /// # Errors
    /// The kinds of [`model::ExplainError`].
    pub fn explain(&self, table: &TableHandle) -> Result<ExplanationHandle, JsValue> {
        self.0.explain(table.table(), None).map(ExplanationHandle).map_err(error::throw)
    }

    /// Explains the rows of a table against those of another.
    ///
    /// # Errors
    /// The kinds of [`model::ExplainError`].
    #[wasm_bindgen(js_name = explainAgainst)]
    pub fn explain_against(
        &self,
        table: &TableHandle,
        background: &TableHandle,
    ) -> Result<ExplanationHandle, JsValue> {
        let found = self.0.explain(table.table(), Some(background.table()));
        found.map(ExplanationHandle).map_err(error::throw)
    }
}

/// What moved a model's outputs, row by row.
#[wasm_bindgen]
#[derive(Debug)]
pub struct ExplanationHandle(model::Explanation);

#[wasm_bindgen]
impl ExplanationHandle {
    /// `tree_path_dependent` or `tree_interventional`.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn method(&self) -> String {
        self.0.method.name().to_owned()
    }

    /// Explained rows.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn rows(&self) -> f64 {
        self.0.attributions.rows() as f64
    }

    /// Cells whose category the model has never seen.
    #[wasm_bindgen(getter, js_name = unknownCategories)]
    #[must_use]
    pub fn unknown_categories(&self) -> f64 {
        self.0.unknown_categories as f64
    }

    /// Names of the features, in the order of the values.
    #[must_use]
    pub fn features(&self) -> Vec<String> {
        self.0.features.clone()
    }

    /// What the model gives before any feature is known; one an output.
    #[must_use]
    pub fn expected(&self) -> Vec<f64> {
        self.0.attributions.expected().to_vec()
    }

    /// Mean magnitude of each feature's values.
    #[must_use]
    pub fn importance(&self, output: usize) -> Vec<f64> {
        self.0.importance(output)
    }

    /// The values of one output: by row, then feature.
    #[must_use]
    pub fn values(&self, output: usize) -> Vec<f64> {
        self.0.attributions.of_output(output)
    }
}
