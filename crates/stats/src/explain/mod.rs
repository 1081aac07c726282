//! Which features moved a prediction, and by how much: SHAP values.
//!
//! A model's output for a row, less what it gives on average, is shared out among the features: each
//! gets its marginal contribution, averaged over all orders in which the features could become known
//! (Shapley 1953). The shares add up to the difference.
//!
//! What a feature that is not yet known stands for is a choice, and the forms differ in it:
//!
//! * [`tree_path_dependent`]: the model's own training counts. Fast, and needs no data.
//! * [`tree_interventional`]: the rows of a background, feature by feature.

mod attributions;
mod ensemble;
mod interventional;
mod path_dependent;
mod quadrature;

pub use attributions::Attributions;
pub use ensemble::{Node, Precision, Rule, TreeEnsemble, ZERO_BOUND};
pub use interventional::tree_interventional;
pub use path_dependent::tree_path_dependent;
