use tidegate_stats::sketch::Hll;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::error;

/// How many different items a stream has: an HLL sketch.
#[wasm_bindgen]
#[derive(Debug)]
pub struct DistinctSketch(Hll);

#[wasm_bindgen]
impl DistinctSketch {
    /// A sketch of nothing, with `2^lg_k` registers; 12 by default.
    ///
    /// # Errors
    /// `OutOfRange`.
    #[wasm_bindgen(constructor)]
    pub fn new(lg_k: Option<u32>) -> Result<Self, JsValue> {
        // More than any allowed is refused as such, and not cut to eight bits.
        let lg_k = u8::try_from(lg_k.unwrap_or(12)).unwrap_or(u8::MAX);
        Hll::try_new(lg_k).map(Self).map_err(error::throw)
    }

    /// Reads a sketch in the form of Apache DataSketches.
    ///
    /// # Errors
    /// `CorruptData`, `UnsupportedVersion`.
    pub fn decode(bytes: &[u8]) -> Result<Self, JsValue> {
        Hll::decode(bytes).map(Self).map_err(error::throw)
    }

    /// Its bytes, in the form of Apache DataSketches.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.0.encode()
    }

    /// Adds a text; an empty one is no item.
    #[wasm_bindgen(js_name = pushText)]
    pub fn push_text(&mut self, text: &str) {
        self.0.push_text(text);
    }

    /// Adds a number; all NaNs are one item.
    #[wasm_bindgen(js_name = pushNumber)]
    pub fn push_number(&mut self, number: f64) {
        self.0.push_number(number);
    }

    /// Adds all that another sketch has seen.
    pub fn merge(&mut self, other: &Self) {
        self.0.merge(&other.0);
    }

    /// Different items seen, about.
    #[must_use]
    pub fn estimate(&self) -> f64 {
        self.0.estimate()
    }

    /// The standard error of the estimate, as a share of it.
    #[wasm_bindgen(getter, js_name = relativeError)]
    #[must_use]
    pub fn relative_error(&self) -> f64 {
        self.0.relative_error()
    }
}
