//! How good predictions were in each segment of a table.

use alloc::vec::Vec;

use serde::Serialize;
use tidegate_stats::multiple::benjamini_hochberg;
use tidegate_stats::quality::{Ranking, Regression, wilson_interval};
use tidegate_stats::{Decision, Sorted, fisher_exact, welch_t};

use super::columns::{Answers, ClassRows, Read, Scores};
use crate::analysis::AnalysisError;
use crate::compare::{Part, cut};
use crate::report::Segment;
use crate::table::Table;

/// Rows that a segment, and what is left without it, must have.
const LEAST_ROWS: usize = 30;
/// The smallest difference of accuracies that matters.
const LEAST_POINTS: f64 = 0.05;
/// The smallest difference of mean errors that matters, in their standard deviation: a small effect by Cohen.
const LEAST_DEVIATIONS: f64 = 0.2;

/// How good the predictions of one segment were, against those of all other rows.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SegmentEvaluation {
    /// Which rows it has.
    pub segment: Segment,
    /// How many they are.
    pub rows: u64,
    /// Of classes: share that was right, in `[0, 1]`.
    pub accuracy: Option<f64>,
    /// A Wilson interval of it, at the level of the options.
    pub accuracy_interval: Option<[f64; 2]>,
    /// Of two classes with a score: area under the ROC curve, in `[0, 1]`.
    pub roc_auc: Option<f64>,
    /// Of numbers: mean absolute error, in their unit.
    pub mae: Option<f64>,
    /// The accuracy or the mean absolute error of all other rows.
    pub rest: Option<f64>,
    /// That chance makes such a difference of the two: Fisher's exact test of right and wrong, or Welch's test of the
    /// absolute errors.
    pub p_value: Option<f64>,
    /// The p-value adjusted over the segments (Benjamini-Hochberg).
    pub p_adjusted: Option<f64>,
    /// Whether it is worse than the rest.
    pub verdict: SegmentVerdict,
}

/// A segment against the rest. A difference is one that chance does not explain and that is large enough to matter: five
/// points of the accuracy, or a fifth of the errors' standard deviation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum SegmentVerdict {
    /// The model is worse there.
    Worse,
    /// It is better there.
    Better,
    /// Nothing says so.
    NoDifference,
    /// Too few rows, there or elsewhere, to say.
    InsufficientData,
}

/// The segments that the column `by` makes of the rows that were read.
pub(super) fn evaluate(
    table: &Table,
    by: &str,
    read: &Read,
    alpha: f64,
) -> Result<Vec<SegmentEvaluation>, AnalysisError> {
    let unknown = || AnalysisError::UnknownColumn { of: "", column: by.into() };
    let column = table.column(by).ok_or_else(unknown)?.select(&read.kept);
    let parts = cut(&[&column], column.kind());
    let parts = parts.map_err(|_| AnalysisError::WrongKind { of: "", column: by.into() })?;
    let mut found = Vec::with_capacity(parts.len());
    for Part { segment, rows } in parts {
        let rows = rows.into_iter().next().unwrap_or_default();
        let mut is_in: Vec<bool> = read.kept.iter().map(|_| false).collect();
        for row in &rows {
            if let Some(flag) = is_in.get_mut(*row) {
                *flag = true;
            }
        }
        let one = match &read.answers {
            Answers::Classes(classes) => of_classes(segment, &is_in, classes, alpha)?,
            Answers::Numbers { labels, predictions } => {
                of_numbers(segment, &is_in, labels, predictions)?
            }
        };
        found.push(one);
    }
    Ok(judged(found, alpha))
}

/// A segment, and the size of its difference on the scale of what matters.
struct Measured {
    segment: SegmentEvaluation,
    /// Above 0 where it is worse, in what matters.
    harm: f64,
    /// Whether a difference that matters could be told.
    is_enough: bool,
}

fn judged(measured: Vec<Measured>, alpha: f64) -> Vec<SegmentEvaluation> {
    let p_values: Vec<f64> = measured.iter().filter_map(|it| it.segment.p_value).collect();
    let mut adjusted = benjamini_hochberg(&p_values).unwrap_or_default().into_iter();
    let judge = |Measured { mut segment, harm, is_enough }: Measured| {
        segment.p_adjusted = segment.p_value.and_then(|_| adjusted.next());
        let is_told = segment.p_adjusted.is_some_and(|p| p <= alpha);
        segment.verdict = if is_told && harm >= 1.0 {
            SegmentVerdict::Worse
        } else if is_told && harm <= -1.0 {
            SegmentVerdict::Better
        } else if is_enough {
            SegmentVerdict::NoDifference
        } else {
            SegmentVerdict::InsufficientData
        };
        segment
    };
    measured.into_iter().map(judge).collect()
}

fn of_classes(
    segment: Segment,
    is_in: &[bool],
    rows: &ClassRows,
    alpha: f64,
) -> Result<Measured, AnalysisError> {
    let (inside, outside) = (counts(is_in, rows, true), counts(is_in, rows, false));
    let [right, wrong] = inside;
    let interval = wilson_interval(right, right + wrong, alpha).ok();
    let share = |[right, wrong]: [u64; 2]| {
        let total = right + wrong;
        (total > 0).then(|| right as f64 / total as f64)
    };
    let (accuracy, rest) = (share(inside), share(outside));
    let has_rows = [inside, outside].iter().all(|[a, b]| (a + b) as usize >= LEAST_ROWS);
    let test = has_rows.then(|| fisher_exact::test(outside, inside)).transpose()?;
    let harm = rest.zip(accuracy).map_or(0.0, |(rest, accuracy)| rest - accuracy);
    let reach = interval.map_or(1.0, |it| 0.5 * (it.upper - it.lower));
    Ok(Measured {
        harm: harm / LEAST_POINTS,
        is_enough: has_rows && reach <= 2.0 * LEAST_POINTS,
        segment: SegmentEvaluation {
            segment,
            rows: right + wrong,
            accuracy,
            accuracy_interval: interval.map(Into::into),
            roc_auc: roc_auc(is_in, rows),
            mae: None,
            rest,
            p_value: test.map(|test| test.p_value),
            p_adjusted: None,
            verdict: SegmentVerdict::InsufficientData,
        },
    })
}

/// Right and wrong predictions of the rows that are in the segment, or of the others.
fn counts(is_in: &[bool], rows: &ClassRows, side: bool) -> [u64; 2] {
    let mut counts = [0, 0];
    let judged = rows.labels.iter().zip(&rows.predictions).zip(is_in);
    for ((label, prediction), _) in judged.filter(|(_, is_in)| **is_in == side) {
        counts[usize::from(label != prediction)] += 1;
    }
    counts
}

fn roc_auc(is_in: &[bool], rows: &ClassRows) -> Option<f64> {
    let Scores::OfPositive { positive, scores } = &rows.scores else { return None };
    let labels = rows.labels.iter().map(|label| label == positive);
    let inside = labels.zip(scores).zip(is_in).filter(|(_, is_in)| **is_in).map(|(row, _)| row);
    let (labels, scores): (Vec<bool>, Vec<f64>) = inside.unzip();
    Ranking::try_new(&labels, &scores).ok()?.roc_auc()
}

fn of_numbers(
    segment: Segment,
    is_in: &[bool],
    labels: &[f64],
    predictions: &[f64],
) -> Result<Measured, AnalysisError> {
    let errors = |side: bool| -> Vec<f64> {
        let rows = labels.iter().zip(predictions).zip(is_in).filter(|(_, is_in)| **is_in == side);
        rows.map(|((label, prediction), _)| (label - prediction).abs().min(f64::MAX)).collect()
    };
    let [inside, outside] = [true, false].map(errors);
    let [rows, others] = [inside.len(), outside.len()];
    let mean = |errors: &[f64]| {
        let zeros: Vec<f64> = errors.iter().map(|_| 0.0).collect();
        Regression::of_predictions(errors, &zeros).ok()?.mean_absolute_error()
    };
    let (mae, rest) = (mean(&inside), mean(&outside));
    let has_rows = rows.min(others) >= LEAST_ROWS;
    let test = if has_rows {
        let [inside, outside] = [Sorted::try_new(inside)?, Sorted::try_new(outside)?];
        Some(welch_t::two_sample(&outside, &inside, &Decision::default())?)
    } else {
        None
    };
    let is_worse = mae > rest;
    let size = test.map_or(0.0, |test| test.effect / LEAST_DEVIATIONS);
    Ok(Measured {
        harm: if is_worse { size } else { -size },
        is_enough: test.is_some_and(|test| test.detectable_effect <= 2.0 * LEAST_DEVIATIONS),
        segment: SegmentEvaluation {
            segment,
            rows: rows as u64,
            accuracy: None,
            accuracy_interval: None,
            roc_auc: None,
            mae,
            rest,
            p_value: test.and_then(|test| test.p_value),
            p_adjusted: None,
            verdict: SegmentVerdict::InsufficientData,
        },
    })
}
