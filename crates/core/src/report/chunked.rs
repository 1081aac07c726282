use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::{Report, TableSize, Verdict};

/// The schema that a report of chunks names itself by.
pub const CHUNKED_SCHEMA: &str = "tidegate.chunked_report/1";

/// What a comparison of a table's chunks with a reference found: drift over time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChunkedReport {
    /// Always [`CHUNKED_SCHEMA`].
    pub schema: String,
    /// `drift` if any chunk drifted; `insufficient_data` if none could be judged.
    pub verdict: Verdict,
    /// The reference table.
    pub reference: TableSize,
    /// The table that was cut.
    pub current: TableSize,
    /// One entry a chunk, the oldest first.
    pub chunks: Vec<ChunkReport>,
}

/// What the comparison of one chunk found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChunkReport {
    /// Rows of the chunk.
    pub rows: u64,
    /// When it begins, in seconds since 1970: its bound, or the time of its first row where it is one of so many
    /// rows; `None` without times.
    pub from_seconds: Option<f64>,
    /// When it ends; its bound does not belong to it.
    pub to_seconds: Option<f64>,
    /// What was found.
    pub report: Report,
}
