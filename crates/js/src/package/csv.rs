use tidegate_core::table::csv;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::TableHandle;
use super::error;

/// Reads CSV a chunk at a time.
#[wasm_bindgen]
#[derive(Debug)]
pub struct CsvReader(csv::CsvReader);

#[wasm_bindgen]
impl CsvReader {
    /// A reader at the start of a file.
    ///
    /// # Errors
    /// `InvalidOptions`.
    #[wasm_bindgen(constructor)]
    pub fn new(options_json: Option<String>) -> Result<Self, JsValue> {
        let options = match options_json {
            Some(json) => csv::CsvOptions::from_json(&json).map_err(error::throw)?,
            None => csv::CsvOptions::default(),
        };
        Ok(Self(csv::CsvReader::new(options)))
    }

    /// Rows read so far.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn rows(&self) -> f64 {
        self.0.rows() as f64
    }

    /// Reads the next chunk of the file.
    ///
    /// # Errors
    /// The kinds of [`csv::CsvError`].
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), JsValue> {
        self.0.push(chunk).map_err(error::throw)
    }

    /// Ends the file.
    ///
    /// # Errors
    /// The kinds of [`csv::CsvError`].
    pub fn finish(self) -> Result<TableHandle, JsValue> {
        self.0.finish().map(TableHandle::from).map_err(error::throw)
    }
}
