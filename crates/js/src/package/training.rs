use tidegate_core::observatory::training_snapshot;
use tidegate_core::training::read;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::error;

/// The log of a training run, of one file or more.
#[wasm_bindgen]
#[derive(Debug, Default)]
pub struct TrainingLog(read::TrainingLog);

#[wasm_bindgen]
impl TrainingLog {
    /// A log without a step.
    #[wasm_bindgen(constructor)]
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds what a file holds; `is_validation`, where its names do not say so.
    ///
    /// # Errors
    /// The kinds of [`read::LogError`].
    pub fn add(&mut self, bytes: &[u8], is_validation: bool) -> Result<(), JsValue> {
        self.0.add(bytes, is_validation).map_err(error::throw)
    }

    /// What is known of the run, and what is wrong with it, as JSON.
    ///
    /// # Errors
    /// None.
    pub fn snapshot(&self, job_id: &str) -> Result<String, JsValue> {
        error::json(&training_snapshot(job_id, &self.0.run()))
    }
}
