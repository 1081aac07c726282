//! Columns of a window against their reference.

use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::event::ColumnRole;
use crate::report::ColumnReport;

/// Where the reference of a model stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ReferenceStatus {
    /// The config asks for none.
    None,
    /// The first rows are being collected.
    Learning {
        /// Rows so far.
        rows: u64,
        /// Rows wanted.
        wanted: u64,
    },
    /// Drift is computed against it.
    Ready {
        /// Rows that it was made from.
        rows: u64,
    },
}

/// The window that drift is computed on.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WindowSnapshot {
    /// Start of its oldest pane, in seconds since 1970.
    pub from_seconds: f64,
    /// End of its newest pane, in seconds since 1970.
    pub to_seconds: f64,
    /// Rows in it.
    pub rows: u64,
}

/// One column of the window against the reference.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ColumnSnapshot {
    /// What it is to the model.
    pub role: ColumnRole,
    /// Share of its values that are missing, in `[0, 1]`; `None` without rows.
    pub null_rate: Option<f64>,
    /// Share of its numbers outside of the reference's smallest and largest, in `[0, 1]`; `None` if they
    /// are not known.
    #[serde(default)]
    pub out_of_range_rate: Option<f64>,
    /// Share of its numbers more than 1.5 interquartile ranges beyond the reference's quartiles, in
    /// `[0, 1]`; the quartiles are within the reference's bins.
    #[serde(default)]
    pub outlier_rate: Option<f64>,
    /// PSI of each pane against the reference, oldest first; `None` where a pane has too few rows.
    pub psi_series: Vec<Option<f64>>,
    /// Counts, tests and distributions, as in a report.
    #[serde(flatten)]
    pub report: ColumnReport,
}
