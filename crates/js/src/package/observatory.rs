use tidegate_core::event::{self, Taken};
use tidegate_core::observatory;
use tidegate_core::observatory::ObservatoryOptions;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::error;

/// The whole observatory: events in; metrics, a snapshot and alerts out.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Observatory(observatory::Observatory);

#[wasm_bindgen]
impl Observatory {
    /// An observatory that has seen nothing.
    ///
    /// # Errors
    /// `InvalidOptions`.
    #[wasm_bindgen(constructor)]
    pub fn new(options_json: Option<String>) -> Result<Self, JsValue> {
        let options = options_json.as_deref().unwrap_or("{}");
        let settings = ObservatoryOptions::settings_from_json(options).map_err(error::throw)?;
        Ok(Self(observatory::Observatory::new(settings)))
    }

    /// Takes events, as a JSON array or NDJSON, at their own times or else at `received_at` (seconds
    /// since 1970); returns how many were taken, and the others with their reasons, as JSON.
    ///
    /// # Errors
    /// None: a bad event is in what is returned.
    pub fn observe(&mut self, received_at: f64, events: &[u8]) -> Result<String, JsValue> {
        let read = event::read(events);
        for positioned in &read.events {
            self.0.observe(received_at, &positioned.event);
        }
        error::json(&Taken { taken: read.events.len() as u64, refused: read.refused })
    }

    /// Brings everything to a time (seconds since 1970); returns the alerts that changed their state, as
    /// JSON.
    ///
    /// # Errors
    /// None.
    pub fn tick(&mut self, now_seconds: f64) -> Result<String, JsValue> {
        let changed = self.0.tick(now_seconds);
        error::json(&changed.into_iter().map(|change| change.alert).collect::<Vec<_>>())
    }

    /// The metrics as of the last tick, as Prometheus reads them.
    #[must_use]
    pub fn prometheus(&self) -> String {
        self.0.prometheus_text()
    }

    /// The same as OpenMetrics 1.0 has them.
    #[must_use]
    pub fn openmetrics(&self) -> String {
        self.0.openmetrics_text()
    }

    /// Everything as of the last tick, as JSON; with what it takes to add it to others if it is to be
    /// mergeable.
    ///
    /// # Errors
    /// None.
    pub fn snapshot(&self, is_mergeable: bool) -> Result<String, JsValue> {
        error::json(&if is_mergeable { self.0.mergeable_snapshot() } else { self.0.snapshot() })
    }

    /// Holds rules, a JSON array, or else the default ones, against the last tick alone; returns the alerts as
    /// JSON.
    ///
    /// # Errors
    /// `InvalidOptions`.
    pub fn alert_check(&self, rules_json: Option<String>) -> Result<String, JsValue> {
        let options = rules_json.map_or_else(|| "{}".into(), |it| format!("{{\"alerts\":{it}}}"));
        let settings = ObservatoryOptions::settings_from_json(&options).map_err(error::throw)?;
        error::json(&self.0.ml_metrics().alert_check(&settings.alerts))
    }

    /// What is to be done about alerts that have actions, as of the last tick, as JSON.
    ///
    /// # Errors
    /// None.
    pub fn directives(&self) -> Result<String, JsValue> {
        error::json(self.0.directives())
    }

    /// The variant that a unit of an experiment gets; nothing if it is not in it.
    #[wasm_bindgen(js_name = variantOf)]
    #[must_use]
    pub fn variant_of(&self, experiment: &str, unit: &str) -> Option<String> {
        self.0.variant_of(experiment, unit).map(String::from)
    }

    /// The window of a model as a profile, as JSON; nothing before its reference is ready.
    ///
    /// # Errors
    /// None.
    pub fn profile(&self, model_name: &str) -> Result<Option<String>, JsValue> {
        self.0.state().profile(model_name).map(|profile| error::json(&profile)).transpose()
    }
}
