use tidegate_stats::sketch::{self, Kll};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::asked::Asked;
use super::error;

/// Quantiles of a stream that is too long to keep: a KLL sketch.
#[wasm_bindgen]
#[derive(Debug)]
pub struct QuantileSketch(Kll);

#[wasm_bindgen]
impl QuantileSketch {
    /// A sketch of nothing; a larger `k` is closer to the truth and takes more room.
    ///
    /// # Errors
    /// `OutOfRange`.
    #[wasm_bindgen(constructor)]
    pub fn new(k: Option<u32>) -> Result<Self, JsValue> {
        let k = k.map_or(Ok(Kll::DEFAULT_K), u16::try_from);
        let k = k.map_err(|_| error::error("OutOfRange", "k is at most 65535"))?;
        Kll::try_new(k).map(Self).map_err(error::throw)
    }

    /// Reads a sketch in the form of Apache DataSketches.
    ///
    /// # Errors
    /// `CorruptData`, `UnsupportedVersion`.
    pub fn decode(bytes: &[u8]) -> Result<Self, JsValue> {
        Kll::decode(bytes).map(Self).map_err(error::throw)
    }

    /// Its bytes, in the form of Apache DataSketches.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.0.encode()
    }

    /// Adds a value; one that is not finite is ignored.
    pub fn push(&mut self, value: f64) {
        self.0.push(value);
    }

    /// Adds each of the values.
    #[wasm_bindgen(js_name = pushAll)]
    pub fn push_all(&mut self, values: &[f64]) {
        for value in values {
            self.0.push(*value);
        }
    }

    /// Adds all that another sketch has seen.
    ///
    /// # Errors
    /// `OutOfRange`: together they have more than 2⁵³ values.
    pub fn merge(&mut self, other: &Self) -> Result<(), JsValue> {
        self.0.merge(&other.0).map_err(error::throw)
    }

    /// Values seen.
    #[wasm_bindgen(getter)]
    #[must_use]
    pub fn count(&self) -> f64 {
        self.0.count() as f64
    }

    /// The smallest value and the largest; nothing of an empty sketch.
    #[must_use]
    pub fn range(&self) -> Option<Vec<f64>> {
        self.0.range().map(Into::into)
    }

    /// The value below or at which a share `q` of all lies; nothing of an empty sketch. What
    /// is outside of `[0, 1]` is taken for the nearer end.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<f64> {
        self.0.quantile(q)
    }

    /// The share of the values at or below this one; nothing of an empty sketch.
    #[must_use]
    pub fn rank(&self, value: f64) -> Option<f64> {
        self.0.rank(value)
    }

    /// How far the ranks of all values are from the truth at most, 99 times in 100.
    #[wasm_bindgen(getter, js_name = rankError)]
    #[must_use]
    pub fn rank_error(&self) -> f64 {
        self.0.rank_error()
    }
}

/// Compares what two sketches have seen, by each method.
///
/// # Errors
/// The kinds of [`tidegate_stats::Error`].
#[wasm_bindgen(js_name = compareSketches)]
pub fn compare_sketches(
    reference: &QuantileSketch,
    current: &QuantileSketch,
    asked: &Asked,
) -> Result<Vec<f64>, JsValue> {
    asked.answer(|method| sketch::two_sample(method, &reference.0, &current.0, &asked.decision))
}
