use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::{ColumnKind, ColumnReport, TableSize, Verdict};

/// The rows of both tables that one value of a column, or one range of it, has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Segment {
    /// One category, or one number of a few.
    Category {
        /// Its name.
        name: String,
    },
    /// Numbers with `from <= value < to`; an end that is `None` is open.
    Range {
        /// The lower end.
        from: Option<f64>,
        /// The upper end.
        to: Option<f64>,
    },
    /// All categories that have no segment of their own.
    Others {
        /// How many there are.
        categories: u64,
    },
    /// The rows without a value.
    Missing,
}

/// Both tables cut by a column, and compared segment by segment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SegmentsReport {
    /// The column that they are cut by.
    pub by: String,
    /// How it was read.
    pub kind: ColumnKind,
    /// `drift` if any segment drifted; `insufficient_data` if none could be judged.
    pub verdict: Verdict,
    /// The categories by falling share of both tables, ranges and numbers ascending; what has no segment of its own,
    /// and rows without a value, last.
    pub segments: Vec<SegmentReport>,
}

/// What the comparison of one segment found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SegmentReport {
    /// Which rows it has.
    pub segment: Segment,
    /// `drift` if a column of it, or its share of missing values, drifted; `insufficient_data` if nothing could be
    /// judged.
    pub verdict: Verdict,
    /// Its rows of the reference.
    pub reference: TableSize,
    /// Its rows of the current table.
    pub current: TableSize,
    /// Each other column by its deciding method, p-values adjusted over all columns of all segments; none where
    /// either table has too few rows.
    pub columns: Vec<ColumnReport>,
    /// Why it was not compared.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub note: Option<String>,
}
