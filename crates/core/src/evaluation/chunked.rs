//! How good a model probably was over time: chunks of a table without labels.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;
use tidegate_stats::num;

use super::estimation::{self, CURRENT, EstimatedFigure, Estimator, FIGURES, NAMES, REFERENCE};
use super::{EvaluateOptions, columns};
use crate::analysis::AnalysisError;
use crate::compare::{Chunk, ChunkOptions, CompareError, chunks_of};
use crate::report::{Verdict, verdict_of_all};
use crate::table::Table;

/// The schema that an estimation of chunks names itself by.
pub const CHUNKED_ESTIMATION_SCHEMA: &str = "tidegate.chunked_estimate/1";

/// What is expected of a model's figures over time, before the truth is known.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChunkedEstimation {
    /// `tidegate.chunked_estimate/1`.
    pub schema: String,
    /// `drift` if a figure of any chunk drifted; `insufficient_data` if none could be judged.
    pub verdict: Verdict,
    /// Labelled rows that say what the probabilities mean.
    pub reference_rows: u64,
    /// Rows that the figures are estimated for.
    pub rows: u64,
    /// Rows of either table without one of the values.
    pub left_out_rows: u64,
    /// In order.
    pub classes: Vec<String>,
    /// The class that the figures are of; `None` where there are more than two: then they are means over
    /// the classes.
    pub positive: Option<String>,
    /// Of which classes the probabilities are corrected by the reference.
    pub calibrated: Vec<String>,
    /// Between which bounds each figure is as it was.
    pub thresholds: Vec<FigureThreshold>,
    /// The reference, cut as the current table is; the oldest first.
    pub reference_chunks: Vec<EstimatedChunk>,
    /// The current table; the oldest first.
    pub chunks: Vec<EstimatedChunk>,
}

/// How far a figure of a chunk may be from what it was.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FigureThreshold {
    /// The figure.
    pub name: String,
    /// Chunks of the reference of which it is known, by their labels.
    pub chunks: u64,
    /// Its mean over them.
    pub mean: Option<f64>,
    /// Three standard deviations over them to either side of the mean, within `[0, 1]`; `None` with fewer than
    /// two chunks.
    pub interval: Option<[f64; 2]>,
}

/// One chunk.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EstimatedChunk {
    /// Rows of the chunk.
    pub rows: u64,
    /// When it begins, in seconds since 1970: its bound, or the time of its first row where it is one of so many
    /// rows; `None` without times.
    pub from_seconds: Option<f64>,
    /// When it ends; its bound does not belong to it.
    pub to_seconds: Option<f64>,
    /// `drift` if a figure's is.
    pub verdict: Verdict,
    /// Each figure; none of them where no row of the chunk has all values.
    pub figures: Vec<EstimatedFigure>,
}

/// Estimates how good a model is on each chunk of `current`, whose rows need no labels, by the labelled rows of
/// `reference`, which is cut in the same way: a figure drifted where it is more than three deviations from
/// what it was in the chunks of the reference.
///
/// # Errors
/// An [`AnalysisError`] that names the table, the column, and the row where there is one.
///
/// # Numerics
/// A deviation is that of the reference's chunks themselves, over their number. With few of them, or small ones,
/// the threshold is a rough one: have ten or more.
///
/// # Examples
/// ```
/// use tidegate_core::compare::ChunkOptions;
/// use tidegate_core::evaluation::{EvaluateOptions, estimate_chunks};
/// use tidegate_core::report::Verdict;
/// use tidegate_core::table::{Column, Table};
///
/// // Right in 9 of 10 rows, and as sure as that; then in half of them.
/// let numbers = |rows: usize, of: fn(usize) -> f64| Column::Numeric((0..rows).map(of).collect());
/// let mut reference = Table::new();
/// reference.try_push("truth", numbers(400, |row| f64::from(row % 20 == 0 || row % 20 > 10)))?;
/// reference.try_push("said", numbers(400, |row| f64::from(row % 20 >= 10)))?;
/// reference.try_push("sure", numbers(400, |row| if row % 20 >= 10 { 0.9 } else { 0.1 }))?;
/// let mut current = Table::new();
/// current.try_push("said", numbers(200, |row| f64::from(row % 20 >= 10)))?;
/// current.try_push("sure", numbers(200, |row| match (row < 100, row % 20 >= 10) {
///     (true, true) => 0.9,
///     (true, false) => 0.1,
///     _ => 0.5,
/// }))?;
/// let options = r#"{"label": "truth", "prediction": "said", "score": "sure"}"#;
/// let by = ChunkOptions { rows: Some(100), ..ChunkOptions::default() };
/// let found = estimate_chunks(&reference, &current, &by, &EvaluateOptions::from_json(options)?)?;
/// let accuracies: Vec<_> = found.chunks.iter().map(|chunk| chunk.figures[0].verdict).collect();
/// assert_eq!(accuracies, [Verdict::NoDrift, Verdict::Drift]);
/// assert!((found.chunks[0].figures[0].estimated.unwrap() - 0.9).abs() < 1e-9);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
/// Oracle: `nannyml.CBPE` with `chunk_size`. DIFFERENCE: with one chunk of the reference there is no
/// threshold, where the oracle's is the figure itself.
pub fn estimate_chunks(
    reference: &Table,
    current: &Table,
    by: &ChunkOptions,
    options: &EvaluateOptions,
) -> Result<ChunkedEstimation, AnalysisError> {
    let estimator = Estimator::fit(reference, options)?;
    // What is wrong with a row is told by its place in the table.
    let (whole, ..) = estimator.read(current)?;
    let judge = |table: &Table, of: &'static str| -> Result<Vec<Piece>, AnalysisError> {
        let chunks = chunks_of(table, by).map_err(|error| match error {
            CompareError::InvalidOptions { what } => AnalysisError::options(what),
            error => AnalysisError::Chunks { of, error },
        })?;
        chunks.into_iter().map(|chunk| Piece::of(table, chunk, options, &estimator)).collect()
    };
    let (before, now) = (judge(reference, REFERENCE)?, judge(current, CURRENT)?);
    let thresholds: Vec<FigureThreshold> =
        (0..FIGURES).map(|figure| threshold(figure, &before)).collect();
    let told = |pieces: Vec<Piece>| -> Vec<EstimatedChunk> {
        pieces.into_iter().map(|piece| piece.told(&estimator, &thresholds)).collect()
    };
    let chunks = told(now);
    Ok(ChunkedEstimation {
        schema: CHUNKED_ESTIMATION_SCHEMA.into(),
        verdict: verdict_of_all(chunks.iter().map(|chunk| chunk.verdict)),
        reference_rows: estimator.counts.rows,
        rows: whole.rows,
        left_out_rows: estimator.counts.left_out + whole.left_out,
        positive: estimator.positive(),
        calibrated: estimator.calibrated(),
        reference_chunks: told(before),
        chunks,
        thresholds,
        classes: estimator.known.names,
    })
}

/// What sums may be off by: chunks of the reference that are all alike leave no room for anything else.
const ROUNDING: f64 = 1e-12;

/// A chunk, and what is expected of it, unless none of its rows has all values.
struct Piece {
    rows: u64,
    times: Option<[f64; 2]>,
    judged: Option<estimation::Judged>,
}

impl Piece {
    fn of(
        table: &Table,
        chunk: Chunk,
        options: &EvaluateOptions,
        estimator: &Estimator,
    ) -> Result<Self, AnalysisError> {
        let table = table.select(|name| columns::is_named(options, name), Some(&chunk.rows));
        let judged = match estimator.judge(&table) {
            Err(AnalysisError::NoRows { .. }) => None,
            judged => Some(judged?),
        };
        Ok(Self { rows: chunk.rows.len() as u64, times: chunk.times, judged })
    }

    fn realized(&self, figure: usize) -> Option<f64> {
        *self.judged.as_ref()?.realized.as_ref()?.get(figure)?
    }

    fn told(self, estimator: &Estimator, thresholds: &[FigureThreshold]) -> EstimatedChunk {
        let is_drift = |figure: &EstimatedFigure| {
            let of_figure = thresholds.iter().find(|threshold| threshold.name == figure.name)?;
            let ([lower, upper], estimated) = (of_figure.interval?, figure.estimated?);
            Some(estimated < lower - ROUNDING || estimated > upper + ROUNDING)
        };
        let figures = self.judged.map_or_else(Vec::new, |judged| {
            estimation::figures(&judged, &estimator.before, is_drift)
        });
        EstimatedChunk {
            rows: self.rows,
            from_seconds: self.times.map(|[from, _]| from),
            to_seconds: self.times.map(|[_, to]| to),
            verdict: verdict_of_all(figures.iter().map(|figure| figure.verdict)),
            figures,
        }
    }
}

/// Where a figure is as it was in the chunks of the reference.
fn threshold(figure: usize, before: &[Piece]) -> FigureThreshold {
    let known: Vec<f64> = before.iter().filter_map(|piece| piece.realized(figure)).collect();
    let count = known.len() as f64;
    let mean = (!known.is_empty()).then(|| known.iter().sum::<f64>() / count);
    let interval = mean.filter(|_| known.len() > 1).map(|mean| {
        let squares: f64 = known.iter().map(|value| (value - mean) * (value - mean)).sum();
        let deviation = num::sqrt(squares / count);
        [(mean - 3.0 * deviation).max(0.0), (mean + 3.0 * deviation).min(1.0)]
    });
    FigureThreshold {
        name: NAMES.get(figure).copied().unwrap_or_default().into(),
        chunks: known.len() as u64,
        mean,
        interval,
    }
}
