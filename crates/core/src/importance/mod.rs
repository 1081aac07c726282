//! How much each feature matters to a model: from the explanations of its predictions.
//!
//! # Invariants
//! * The oldest explanations are the reference and the newest are held against it, both by their own
//!   times: any split of the explanations over any number of workers, in any order, gives the same.
//! * A feature that an explanation leaves out added nothing to its prediction.
//! * Models, features and explanations kept are bounded, and what a bound turns away is counted.

mod monitor;
mod rows;
mod standing;

pub(crate) use monitor::most_bytes;
pub use monitor::{IMPORTANCE_BUCKETS, Importances, ModelImportance};
pub use rows::{CURRENT_ROWS, REFERENCE_ROWS};
pub(crate) use standing::most_standing_bytes;
pub use standing::{FeatureStanding, OrderStanding, Standing, Standings};
