use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// What is to be done about the decisions, by whoever serves the requests.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Directives {
    /// Variants that do not keep all of their traffic.
    pub variants: Vec<VariantDirective>,
    /// Models whose requests do not all pass.
    pub circuits: Vec<CircuitDirective>,
}

/// A variant that is rolled back, or on its way back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VariantDirective {
    /// The experiment.
    pub experiment: String,
    /// The variant.
    pub variant: String,
    /// The share of its own traffic that it keeps, in `[0, 1]`; the rest goes to the first variant.
    pub share_kept: f64,
}

/// A circuit that is not closed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
        let is_it =
            |own: &&VariantDirective| own.experiment == experiment && own.variant == variant;
        self.variants.iter().find(is_it).map_or(1.0, |own| own.share_kept)
    }

    /// Whether a variant of such a weight keeps a unit that lies so far behind the start of its range.
    ///
    /// A variant that is rolled back in part keeps the units at the beginning of its range, so that a unit
    /// which it keeps at one share it keeps at each larger one.
    #[must_use]
    pub fn keeps(&self, (experiment, variant): (&str, &str), weight: f64, within: f64) -> bool {
        let share_kept = self.share_kept(experiment, variant);
        share_kept >= 1.0 || within < share_kept * weight
    }

    /// The share of a model's requests that pass, in `[0, 1]`.
    #[must_use]
    pub fn share_passed(&self, model_name: &str) -> f64 {
        let own = self.circuits.iter().find(|own| own.model_name == model_name);
        own.map_or(1.0, |own| own.share_passed)
    }
}
