//! Samples of whole rows: does the joint distribution of the columns differ, even where no column
//! differs by itself?
//!
//! | method | sees | blind to |
//! |---|---|---|
//! | [`mmd`] | any difference, given the rows | little: small changes of many columns at once it sees best |
//!
//! Rows are [`Rows`]: finite numbers, one row after another. Categories and missing values are for the
//! caller to encode.

pub mod mmd;
mod rows;
mod scaling;
mod together;

pub use rows::Rows;
pub use together::{Multivariate, MultivariateFloor, MultivariateMethod, Scale};
