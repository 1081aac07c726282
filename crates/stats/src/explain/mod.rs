//! Which features moved a prediction, and by how much: SHAP values.
//!
//! A model's output for a row, less what it gives on average, is shared out among the features: each
//! gets its marginal contribution, averaged over all orders in which the features could become known
//! (Shapley 1953). The shares add up to the difference.
//!
//! What a feature that is not yet known stands for is a choice, and the forms differ in it:
//!
//! * [`tree_path_dependent`]: the model's own training counts. Fast, and needs no data.
//! * [`tree_interventional`], [`linear`], [`exact`], [`permutation`]: the rows of a background, feature by
//!   feature: of trees, of a linear model, of any model with few features, and of any model.
//!
//! What became of the values since the model was trained: [`importance_drift`] between two samples, and
//! [`split_points`] along a stream.

mod attributions;
mod coalition;
mod ensemble;
mod exact;
mod importance;
mod interventional;
mod linear;
mod path_dependent;
mod permutation;
mod quadrature;
mod rank;
mod split_point;

pub use attributions::Attributions;
pub use ensemble::{Node, Precision, Rule, TreeEnsemble, ZERO_BOUND};
pub use exact::{MAX_EXACT_FEATURES, exact};
pub use importance::{FeatureImportance, ImportanceDrift, ImportanceOptions, importance_drift};
pub use interventional::tree_interventional;
pub use linear::linear;
pub use path_dependent::tree_path_dependent;
pub use permutation::{PermutationOptions, permutation};
pub use rank::{RankAgreement, rank_agreement};
pub use split_point::{SplitPoint, SplitPointOptions, split_points};
