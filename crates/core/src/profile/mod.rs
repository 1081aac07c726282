//! The mergeable summary of a table: `tidegate.profile/1`.
//!
//! A profile freezes the bins that its columns are counted on: deciles of a numeric column, the
//! most frequent categories of a categorical one. What is counted on the same bins can be added
//! ([`Profile::merge`]) and compared ([`crate::compare::compare_profiles`]). Beside the bins a column may
//! have [`Sketches`], which need no common bins and which other systems can make.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::event::ColumnRole;
use crate::report::{ColumnCounts, ColumnKind};

mod count;
mod merge;
mod read;
mod sketches;

pub use count::{profile, profile_on};
pub use merge::ProfileError;
pub use read::ReadError;
pub use sketches::{Encoded, Sketch, Sketches};

/// The schema that a profile names itself by.
pub const SCHEMA: &str = "tidegate.profile/1";

/// How many categories of a column keep their names; the values of the others are in `other`.
pub const MAX_CATEGORIES: usize = 100;

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
    /// Rows that say as much as one that is independent, where they depend on each other: of references that were
    /// learned from traffic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows_per_independent: Option<f64>,
    /// What was sketched; older profiles, and windows of a gateway, have none.
    #[serde(default, skip_serializing_if = "Sketches::is_empty")]
    pub sketches: Sketches,
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
        /// Smallest finite value; `None` where there is none, or, as in a gateway's window, only
        /// counts were kept. The same goes for the next three.
        min: Option<f64>,
        /// Largest finite value.
        max: Option<f64>,
        /// Arithmetic mean of the finite values.
        mean: Option<f64>,
        /// Standard deviation of the finite values, dividing by their count.
        standard_deviation: Option<f64>,
        /// Infinite values: counted as present and in the outer bins.
        #[serde(default, skip_serializing_if = "is_zero")]
        infinite: u64,
        /// Inner edges, ascending: `k` edges make `k + 1` bins, the outer two open.
        /// Bin `i` holds `edges[i - 1] <= value < edges[i]`.
        edges: Vec<f64>,
        /// Values in each bin, one more than there are edges.
        bins: Vec<u64>,
    },
    /// Categories, by falling count, then by name; at most [`MAX_CATEGORIES`].
    Categorical {
        /// Category names.
        names: Vec<String>,
        /// Values of each.
        bins: Vec<u64>,
        /// Values of the categories that the bound left out.
        other: u64,
    },
}

/// Whether a count can be left out of JSON. Serde passes a reference.
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

impl ColumnProfile {
    /// What tells it from the other columns of its profile.
    pub(crate) const fn key(&self) -> (ColumnRole, &str) {
        (self.role, self.name.as_str())
    }
}

impl ColumnSummary {
    /// How the column was read.
    #[must_use]
    pub const fn kind(&self) -> ColumnKind {
        match self {
            Self::Numeric { .. } => ColumnKind::Numeric,
            Self::Categorical { .. } => ColumnKind::Categorical,
        }
    }

    /// Smallest and largest finite value of a numeric column.
    #[must_use]
    pub fn range(&self) -> Option<[f64; 2]> {
        match self {
            Self::Numeric { min, max, .. } => min.zip(*max).map(|(min, max)| [min, max]),
            Self::Categorical { .. } => None,
        }
    }

    /// Whether some values of a numeric column are infinite.
    pub(crate) const fn has_infinite(&self) -> bool {
        matches!(self, Self::Numeric { infinite: 1.., .. })
    }

    /// The bins of a numeric column, if they lie between these edges.
    #[must_use]
    pub fn bins_on(&self, frozen: &[f64]) -> Option<&[u64]> {
        match self {
            Self::Numeric { edges, bins, .. } => (edges == frozen).then_some(bins),
            Self::Categorical { .. } => None,
        }
    }
}
