//! A table in memory: named columns of numbers or categories.

use alloc::string::String;
use alloc::vec::Vec;

/// The code of a missing category.
pub const MISSING: u32 = u32::MAX;

/// A column's values.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// Numbers; NaN is missing. Infinities are values.
    Numeric(Vec<f64>),
    /// Codes into `levels`; [`MISSING`] is missing.
    Categorical {
        /// One code a row.
        codes: Vec<u32>,
        /// Distinct category names, in the order in which they were first seen.
        levels: Vec<String>,
    },
}

/// Columns of one length, in order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    columns: Vec<(String, Column)>,
    rows: usize,
}
