use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, MapDeserializer, StrDeserializer};
use tidegate_stats::{Decision, EffectFloor, Method, TwoSample, Verdict};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::error;

/// The methods of a comparison, and how each is judged.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Asked {
    pub(super) methods: Vec<Method>,
    pub(super) decision: Decision,
}

#[wasm_bindgen]
impl Asked {
    /// Methods by their names in options, and for some of all methods the smallest effect that matters.
    ///
    /// # Errors
    /// `InvalidOptions`.
    #[wasm_bindgen(constructor)]
    pub fn new(
        methods: Vec<String>,
        alpha: Option<f64>,
        floor_names: Vec<String>,
        floors: &[f64],
    ) -> Result<Self, JsValue> {
        let invalid = |what: &str| error::error("InvalidOptions", what);
        let methods: Result<_, Error> =
            methods.iter().map(|name| Method::deserialize(StrDeserializer::new(name))).collect();
        let pairs = floor_names.iter().map(String::as_str).zip(floors.iter().copied());
        let floors: Result<_, Error> =
            EffectFloor::deserialize(MapDeserializer::new(pairs).into_deserializer());
        let decision = Decision {
            alpha: alpha.unwrap_or(Decision::default().alpha),
            effect_floor: floors.map_err(|fault| invalid(&format!("effect_floor: {fault}")))?,
        };
        if !(decision.alpha > 0.0 && decision.alpha < 1.0) {
            return Err(invalid("alpha must be between 0 and 1"));
        }
        let is_size = |floor: f64| floor.is_finite() && floor >= 0.0;
        if !Method::ALL.iter().all(|method| is_size(decision.effect_floor.of(*method))) {
            return Err(invalid("each effect_floor must be a number of at least 0"));
        }
        let methods = methods.map_err(|fault| invalid(&format!("methods: {fault}")))?;
        Ok(Self { methods, decision })
    }
}

impl Asked {
    /// What each method found, as numbers: nine a method, see [`FIELDS`]; NaN is none.
    pub(super) fn answer(
        &self,
        test: impl Fn(Method) -> Result<TwoSample, tidegate_stats::Error>,
    ) -> Result<Vec<f64>, JsValue> {
        let mut answer = Vec::with_capacity(FIELDS * self.methods.len());
        for method in &self.methods {
            let found = test(*method).map_err(error::throw)?;
            answer.extend(self.numbers(&found));
        }
        Ok(answer)
    }

    fn numbers(&self, found: &TwoSample) -> [f64; FIELDS] {
        let [lower, upper] = found.interval.map_or([f64::NAN; 2], Into::into);
        let verdict = match found.verdict {
            Verdict::NoDrift => 0.0,
            Verdict::Drift => 1.0,
            Verdict::InsufficientData => 2.0,
        };
        [
            found.statistic,
            found.p_value.unwrap_or(f64::NAN),
            found.effect,
            lower,
            upper,
            found.detectable_effect,
            self.decision.effect_floor.of(found.method),
            found.threshold,
            verdict,
        ]
    }
}

/// Statistic, p-value, effect, its interval, the detectable effect, the one that matters, the bound, the verdict.
const FIELDS: usize = 9;
