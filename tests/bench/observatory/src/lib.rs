//! What the observatory is given in the benchmarks and in the tests of its costs.

pub mod hostile;
pub mod request;
pub mod state;
pub mod tick;
