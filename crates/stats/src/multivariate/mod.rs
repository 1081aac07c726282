//! Samples of whole rows: does the joint distribution of the columns differ, even where no column
//! differs by itself?
//!
//! | method | sees | blind to |
//! |---|---|---|
//! | [`mmd`] | any difference, given the rows | a change of few columns among many, unless it is large |
//! | [`pca`] | a change of how columns hang together, and of their spread | a move along the main components |
//! | [`domain_classifier`] | shifts, spreads and correlations; it names the columns | differences of higher order |
//!
//! Rows are [`Rows`]: finite numbers, one row after another. Categories and missing values are for the
//! caller to encode.

pub mod domain_classifier;
pub mod mmd;
pub mod pca;
mod rows;
mod scaling;
mod symmetric;
mod together;

pub use rows::Rows;
pub use together::{Multivariate, MultivariateFloor, MultivariateMethod, Scale};
