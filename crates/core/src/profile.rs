//! The mergeable summary of a table: `tidegate.profile/1`.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::report::ColumnCounts;
use crate::snapshot::ColumnRole;

/// The schema that a profile names itself by.
pub const SCHEMA: &str = "tidegate.profile/1";

/// A summary of a table that two of can be merged and compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Profile {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// Rows summarised.
    pub rows: u64,
    /// One entry a column, in order.
    pub columns: Vec<ColumnProfile>,
}

/// A summary of one column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ColumnProfile {
    /// Column name.
    pub name: String,
    /// What it is to a model; a feature unless it says otherwise.
    #[serde(default = "feature")]
    pub role: ColumnRole,
    /// Values present and missing.
    pub counts: ColumnCounts,
    /// What was counted.
    pub summary: ColumnSummary,
}

const fn feature() -> ColumnRole {
    ColumnRole::Feature
}

/// What was counted of a column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ColumnSummary {
    /// Numbers, on bins whose edges are frozen here.
    Numeric {
        /// Smallest value; `None` without values.
        min: Option<f64>,
        /// Largest value.
        max: Option<f64>,
        /// Arithmetic mean.
        mean: Option<f64>,
        /// Standard deviation, dividing by the count.
        standard_deviation: Option<f64>,
        /// Inner edges, ascending: `k` edges make `k + 1` bins, the outer two open.
        /// Bin `i` holds `edges[i - 1] <= value < edges[i]`.
        edges: Vec<f64>,
        /// Values in each bin, one more than there are edges.
        bins: Vec<u64>,
    },
    /// Categories, by falling count, then by name; bounded.
    Categorical {
        /// Category names.
        names: Vec<String>,
        /// Values of each.
        bins: Vec<u64>,
        /// Values of the categories that the bound left out.
        other: u64,
    },
}
