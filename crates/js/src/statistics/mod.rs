//! All that the entry `tidegate/stats` needs: numbers in, numbers out, and no JSON.

mod asked;
mod distinct;
mod error;
mod quantiles;
mod samples;

pub use distinct::DistinctSketch;
pub use quantiles::{QuantileSketch, compare_sketches};
pub use samples::{adjust, bin_counts, compare_counts, compare_numbers, decile_edges};
