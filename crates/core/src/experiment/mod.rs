//! Experiments: which variant a unit gets, which units converted, and what that says of the variants.
//!
//! # Invariants
//! * A unit counts once, for the variant that it was given; a unit that was given two counts for none.
//! * Units are known by their hashes alone. Of too many, those with the smallest hashes are kept: a sample
//!   that does not depend on the variant, on the order of events, or on how they are split over workers.

mod analysis;
mod bucket;
mod business_guardrail;
mod design;
mod effect;
mod population;
mod units;

pub use analysis::{
    AdjustedEffect, EXPERIMENT_SCHEMA, ExperimentAnalysisOptions, ExperimentReport,
    ExperimentVerdict, OutcomeKind, SampleRatioCheck, VariantEffect, VariantInput, VariantReport,
    experiment, experiment_of_table,
};
pub use bucket::{unit_hash, variant_of};
pub use business_guardrail::BusinessGuardrail;
pub use design::{DesignOptions, ExperimentDesign, experiment_design};
pub use effect::{Arm, BusinessHarm, Effect, MIN_UNITS, effect, sample_ratio_p_value};
pub use population::Population;
pub(crate) use units::most_unit_bytes;
pub use units::{Outcome, Units};
