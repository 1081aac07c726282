//! The report of a comparison of two tables: `tidegate.report/1`.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};
use tidegate_stats::TwoSample;
pub use tidegate_stats::compatibility::Peer;
use tidegate_stats::compatibility::PeerScore;
pub use tidegate_stats::{Interval, Method, Verdict};

mod adjust;
mod chunked;
mod segment;
mod signal;
mod together;

pub use adjust::adjust;
pub use chunked::{CHUNKED_SCHEMA, ChunkReport, ChunkedReport};
pub use segment::{Segment, SegmentReport, SegmentsReport};
pub use signal::{SignalKind, SignalReport};
pub use tidegate_stats::multivariate::MultivariateMethod;
pub use together::{ColumnShare, MultivariateReport, RowsTest};

/// The schema that a report names itself by.
pub const SCHEMA: &str = "tidegate.report/1";

/// What a comparison of two tables found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Report {
    /// Always [`SCHEMA`].
    pub schema: String,
    /// `drift` if any column, its share of missing values, the rows by any method, or a segment, drifted;
    /// `insufficient_data` if nothing could be judged.
    pub verdict: Verdict,
    /// The reference table.
    pub reference: TableSize,
    /// The current table.
    pub current: TableSize,
    /// One entry for each column of either table, in the reference's order.
    pub columns: Vec<ColumnReport>,
    /// Whole rows of both tables compared, one entry for each method that was asked for.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub multivariate: Vec<MultivariateReport>,
    /// The tables cut by a column, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub segments: Option<SegmentsReport>,
}

/// What several verdicts come to: one of drift is drift; `insufficient_data` if none could be given.
pub(crate) fn verdict_of_all(all: impl Iterator<Item = Verdict>) -> Verdict {
    let mut found = Verdict::InsufficientData;
    for verdict in all {
        match verdict {
            Verdict::Drift => return Verdict::Drift,
            Verdict::NoDrift => found = Verdict::NoDrift,
            Verdict::InsufficientData => {}
        }
    }
    found
}

/// Size of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TableSize {
    /// Rows.
    pub rows: u64,
}

/// How a column is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum ColumnKind {
    /// Numbers.
    Numeric,
    /// Categories.
    Categorical,
}

/// What a comparison found in one column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ColumnReport {
    /// Column name.
    pub name: String,
    /// How it was read.
    pub kind: ColumnKind,
    /// Verdict of the column's deciding test, its p-value adjusted over all columns.
    pub verdict: Verdict,
    /// Counts of the reference.
    pub reference: ColumnCounts,
    /// Counts of the current table.
    pub current: ColumnCounts,
    /// The tests, the deciding one first.
    pub tests: Vec<TestReport>,
    /// Both distributions on one set of bins or categories, to be drawn.
    pub distribution: Distribution,
    /// What the reference has never seen and the current table holds.
    #[serde(default)]
    pub unseen: Unseen,
    /// Chi-square test of present against missing, if a value is missing in either table. It does
    /// not decide the column's verdict, which is about the values that are present.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub missing_test: Option<TestReport>,
    /// Shares of rows that no test of the values shows, each against what chance gives: in comparisons of
    /// tables and of profiles. They do not decide the column's verdict.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub signals: Vec<SignalReport>,
    /// What other tools would have printed, where it was asked for; no verdict uses it.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub compatibility: Vec<PeerReport>,
    /// Rows that say as much as one that is independent, where neighbouring rows of the reference are alike. Verdicts
    /// count rows so where the rows are known to be in the order of time; where they are not, and are so all the same,
    /// p-values are too small.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rows_per_independent: Option<f64>,
    /// Why the column or a part of it could not be compared, or how it was read to be compared.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub note: Option<String>,
}

impl ColumnReport {
    /// Adds a sentence behind what the note says already.
    pub(crate) fn add_note(&mut self, more: &str) {
        let note = self.note.get_or_insert_default();
        if !note.is_empty() {
            note.push_str("; ");
        }
        note.push_str(more);
    }
}

/// Counts of one column of one table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ColumnCounts {
    /// Values present.
    pub count: u64,
    /// Values missing.
    pub missing: u64,
}

/// Current values that the reference has never seen: a signal of its own, whatever the tests say.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Unseen {
    /// Current values outside of the reference's range, or of categories that it does not have.
    pub count: u64,
    /// Names of such categories, by falling count, at most [`MAX_NAMED_CATEGORIES`].
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub categories: Vec<String>,
}

/// How many categories of a column are named in a report.
pub const MAX_NAMED_CATEGORIES: usize = 20;

/// One test of one column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TestReport {
    /// The method.
    pub method: Method,
    /// Its statistic.
    pub statistic: f64,
    /// Its p-value, if it has one.
    pub p_value: Option<f64>,
    /// The p-value of samples of as many rows as are independent, where the column's rows depend on each other.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub p_effective: Option<f64>,
    /// The p-value, or `p_effective` where there is one, adjusted over the columns (Benjamini-Hochberg).
    pub p_adjusted: Option<f64>,
    /// Size of the difference on the method's comparable scale.
    pub effect: f64,
    /// Confidence interval of the effect, where known.
    pub interval: Option<Interval>,
    /// The smallest effect that the method could have told from chance at these sample sizes.
    #[serde(default)]
    pub detectable_effect: f64,
    /// The bound that the verdict was made against: on `p_adjusted` where there is one, else on
    /// `effect`.
    pub threshold: f64,
    /// The smallest effect that matters: what is smaller is no drift, however little chance explains it.
    #[serde(default)]
    pub effect_floor: f64,
    /// The test's own verdict, its p-value adjusted.
    pub verdict: Verdict,
}

impl From<&TwoSample> for TestReport {
    fn from(test: &TwoSample) -> Self {
        Self {
            method: test.method,
            statistic: test.statistic,
            p_value: test.p_value,
            p_effective: None,
            p_adjusted: None,
            effect: test.effect,
            interval: test.interval,
            detectable_effect: test.detectable_effect,
            threshold: test.threshold,
            effect_floor: 0.0,
            verdict: test.verdict,
        }
    }
}

/// What another tool would have printed for a column.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PeerReport {
    /// The tool.
    pub peer: Peer,
    /// The method, by the name that the tool has for it; a tool's own choice is its first.
    pub method: String,
    /// The number that it prints, if it has one: a distance, a statistic or a p-value.
    pub value: Option<f64>,
    /// Its default cut, if it has one.
    pub threshold: Option<f64>,
    /// Whether its defaults call this drift, if they say.
    pub drift: Option<bool>,
    /// Why the number differs from ours.
    pub note: String,
}

impl From<&PeerScore> for PeerReport {
    fn from(score: &PeerScore) -> Self {
        Self {
            peer: score.peer,
            method: score.method.into(),
            value: score.value,
            threshold: score.threshold,
            drift: score.drift,
            note: score.note.into(),
        }
    }
}

/// Both samples of a column, counted on the same bins or categories.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Distribution {
    /// Bin `i` holds `edges[i] <= value < edges[i + 1]`; the last holds its upper edge too. Widths
    /// differ where the edges are a reference's deciles: draw densities.
    Bins {
        /// Edges, ascending, one more than there are counts.
        edges: Vec<f64>,
        /// Reference observations in each bin.
        reference: Vec<u64>,
        /// Current observations in each bin.
        current: Vec<u64>,
        /// Observations below the first edge, where a few far values would leave the rest no room:
        /// reference, current.
        #[serde(default)]
        below: [u64; 2],
        /// Observations above the last edge: reference, current.
        #[serde(default)]
        above: [u64; 2],
    },
    /// The most frequent categories of both tables; the rest is in `other`.
    Categories {
        /// Names, by falling share of both tables, then by name; at most [`MAX_NAMED_CATEGORIES`].
        names: Vec<String>,
        /// Reference observations of each.
        reference: Vec<u64>,
        /// Current observations of each.
        current: Vec<u64>,
        /// Observations of the categories not named: reference, current.
        other: [u64; 2],
    },
}
