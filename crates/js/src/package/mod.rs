//! All that the entry `tidegate` needs of the core.

mod chunks;
mod compare;
mod csv;
mod error;
mod evaluation;
mod experiment;
mod explain;
mod observatory;
mod profile;
mod snapshot;
mod table;
mod training;

pub use chunks::compare_chunks;
pub use compare::Comparison;
pub use csv::CsvReader;
pub use evaluation::{estimate, estimate_chunks, evaluate};
pub use experiment::{experiment, experiment_design, experiment_of_table, variant_of};
pub use explain::{ExplanationHandle, ModelHandle};
pub use observatory::Observatory;
pub use profile::{compare_profiles, merge_profiles, profile};
pub use snapshot::merge_snapshots;
pub use table::TableHandle;
pub use training::TrainingLog;
