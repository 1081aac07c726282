use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// What workers do about the decisions.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Directives {
    /// Experiment, variant, and the share of its own traffic that it keeps; the rest goes to the first
    /// variant.
    pub variants: Vec<(String, String, f64)>,
    /// Models whose requests do not all pass.
    pub circuits: Vec<CircuitDirective>,
}

/// A circuit that is not closed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CircuitDirective {
    /// The model.
    pub model_name: String,
    /// The share of its requests that pass, in `[0, 1)`.
    pub share_passed: f64,
}

impl Directives {
    /// The share of its own traffic that a variant keeps, in `[0, 1]`.
    #[must_use]
    pub fn share_kept(&self, experiment: &str, variant: &str) -> f64 {
        let own = self.variants.iter().find(|(own, name, _)| own == experiment && name == variant);
        own.map_or(1.0, |(_, _, share)| *share)
    }

    /// The share of a model's requests that pass, in `[0, 1]`.
    #[must_use]
    pub fn share_passed(&self, model_name: &str) -> f64 {
        let own = self.circuits.iter().find(|own| own.model_name == model_name);
        own.map_or(1.0, |own| own.share_passed)
    }
}
