//! How good a model is on a table of labelled predictions, and how good it probably is on one without
//! labels.
//!
//! * [`evaluate`]: every figure that the columns allow.
//! * [`estimate`]: the same figures expected from confidences alone, with what a labelled reference
//!   table says of them.
//! * [`estimate_chunks`]: those of each chunk, and where they are no longer what they were.
//!
//! # Invariants
//! * A row without one of the values that are asked for is refused by its place, or left out and
//!   counted; it is never dropped in silence.
//! * A figure that the rows leave undefined is `None`: neither 0 nor 1.

mod chunked;
mod columns;
mod confusion;
mod estimation;
mod numbers;
mod options;
mod scores;
mod segments;

use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;

use crate::analysis::AnalysisError;
use crate::table::Table;

pub use chunked::{
    CHUNKED_ESTIMATION_SCHEMA, ChunkedEstimation, EstimatedChunk, FigureThreshold, estimate_chunks,
};
pub use columns::Task;
pub use confusion::{AverageFigures, ClassEvaluation, ClassificationFigures};
pub use estimation::{ESTIMATION_SCHEMA, EstimatedFigure, Estimation, estimate};
pub use numbers::RegressionFigures;
pub use options::EvaluateOptions;
pub use scores::{Calibration, CalibrationBin, CurvePoint, ScoreFigures};
pub use segments::{SegmentEvaluation, SegmentVerdict};

/// The schema that an evaluation names itself by.
pub const EVALUATION_SCHEMA: &str = "tidegate.evaluation/1";

/// How good a model's predictions were. All shares are in `[0, 1]`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Evaluation {
    /// `tidegate.evaluation/1`.
    pub schema: String,
    /// What was predicted.
    pub task: Task,
    /// Rows that the figures are of.
    pub rows: u64,
    /// Rows without one of the values.
    pub left_out_rows: u64,
    /// Of classes.
    pub classification: Option<ClassificationFigures>,
    /// Of classes, from the scores that the model gave them; `None` without scores.
    pub scores: Option<ScoreFigures>,
    /// Of numbers.
    pub regression: Option<RegressionFigures>,
    /// The rows cut by a column, where that was asked for, in the order of a comparison's segments.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub segments: Vec<SegmentEvaluation>,
}

/// Evaluates the labelled predictions of a table.
///
/// # Errors
/// An [`AnalysisError`] that names the column, and the row where there is one.
///
/// # Examples
/// ```
/// use tidegate_core::evaluation::{EvaluateOptions, evaluate};
/// use tidegate_core::table::{Column, Table};
///
/// let mut table = Table::new();
/// table.try_push("truth", Column::Numeric(vec![0.0, 1.0, 1.0, 1.0]))?;
/// table.try_push("said", Column::Numeric(vec![0.0, 0.0, 1.0, 1.0]))?;
/// table.try_push("sure", Column::Numeric(vec![0.1, 0.4, 0.8, 0.9]))?;
/// let options = r#"{"label": "truth", "prediction": "said", "score": "sure"}"#;
/// let found = evaluate(&table, &EvaluateOptions::from_json(options)?)?;
/// assert_eq!(found.classification.unwrap().accuracy, Some(0.75));
/// assert_eq!(found.scores.unwrap().roc_auc, Some(1.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn evaluate(table: &Table, options: &EvaluateOptions) -> Result<Evaluation, AnalysisError> {
    let read = columns::read(table, options, "", &[])?;
    if !options.scores.is_empty() {
        columns::check_probabilities(table, options, "")?;
    }
    let mut found = Evaluation {
        schema: EVALUATION_SCHEMA.into(),
        task: Task::Classification,
        rows: read.rows as u64,
        left_out_rows: read.left_out as u64,
        classification: None,
        scores: None,
        regression: None,
        segments: match &options.segment_by {
            Some(by) => segments::evaluate(table, by, &read, options.alpha)?,
            None => Vec::new(),
        },
    };
    match read.answers {
        columns::Answers::Numbers { labels, predictions } => {
            found.task = Task::Regression;
            found.regression = Some(numbers::figures(&labels, &predictions)?);
        }
        columns::Answers::Classes(classes) => {
            found.scores = scores::figures(&classes, options)?;
            found.classification = Some(confusion::figures(&classes)?);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use alloc::vec;
    use alloc::vec::Vec;

    use super::*;
    use crate::table::{Column, MISSING};

    fn table(columns: Vec<(&str, Column)>) -> Table {
        let mut table = Table::new();
        for (name, column) in columns {
            table.try_push(name, column).unwrap();
        }
        table
    }

    fn words(codes: &[u32], levels: &[&str]) -> Column {
        let levels = levels.iter().map(|level| String::from(*level)).collect();
        Column::Categorical { codes: codes.to_vec(), levels }
    }

    fn run(columns: Vec<(&str, Column)>, options: &str) -> Result<Evaluation, AnalysisError> {
        evaluate(&table(columns), &EvaluateOptions::from_json(options)?)
    }

    const PLAIN: &str = r#"{"label": "y", "prediction": "p"}"#;

    #[test]
    fn numbers_are_a_regression_and_indices_are_classes() {
        let numbers = |values: &[f64]| Column::Numeric(values.to_vec());
        let found =
            run(vec![("y", numbers(&[1.5, 3.0])), ("p", numbers(&[1.0, 3.0]))], PLAIN).unwrap();
        assert_eq!(found.task, Task::Regression);
        assert_eq!(found.regression.unwrap().mae, Some(0.25));
        let found =
            run(vec![("y", numbers(&[10.0, 2.0])), ("p", numbers(&[10.0, 10.0]))], PLAIN).unwrap();
        let classes = found.classification.unwrap();
        assert_eq!(classes.classes[0].class, "2");
        assert_eq!(classes.confusion, [[0, 1], [0, 1]]);
        let asked = r#"{"label": "y", "prediction": "p", "task": "regression"}"#;
        let found =
            run(vec![("y", numbers(&[10.0, 2.0])), ("p", numbers(&[10.0, 10.0]))], asked).unwrap();
        assert_eq!(found.regression.unwrap().max_error, Some(8.0));
    }

    #[test]
    fn labels_and_predictions_meet_by_their_names() {
        let found = run(
            vec![
                ("y", words(&[0, 1, 1], &["0", "1"])),
                ("p", Column::Numeric(vec![0.0, 1.0, 0.0])),
            ],
            PLAIN,
        );
        assert_eq!(found.unwrap().classification.unwrap().confusion, [[1, 0], [1, 1]]);
    }

    #[test]
    fn a_row_without_a_value_is_refused_by_its_place_or_left_out() {
        let columns =
            || vec![("y", words(&[0, MISSING, 1], &["a", "b"])), ("p", words(&[0, 0, 0], &["a"]))];
        let error = run(columns(), PLAIN).unwrap_err();
        assert_eq!(error.code(), "MissingValue");
        assert_eq!(
            alloc::format!("{error}"),
            "column \"y\", index 1 has no value: give it one, or leave such rows out"
        );
        let asked = r#"{"label": "y", "prediction": "p", "missing": "leave_out"}"#;
        let found = run(columns(), asked).unwrap();
        assert_eq!((found.rows, found.left_out_rows), (2, 1));
        assert_eq!(found.classification.unwrap().accuracy, Some(0.5));
    }

    #[test]
    fn what_does_not_fit_is_told_by_name() {
        let columns = || {
            vec![
                ("y", words(&[0, 1, 2], &["a", "b", "c"])),
                ("p", words(&[0, 1, 1], &["a", "b"])),
                ("s", Column::Numeric(vec![0.5, 1.5, 0.5])),
                ("w", words(&[0, 0, 0], &["much"])),
                ("h", Column::Numeric(vec![0.5, f64::INFINITY, 0.5])),
            ]
        };
        for (options, code, says) in [
            (r#"{"label": "z", "prediction": "p"}"#, "UnknownColumn", "there is no column \"z\""),
            (r#"{"label": "y"}"#, "InvalidOptions", "options: missing field `prediction`"),
            (
                r#"{"label": "y", "prediction": "p", "score": "s"}"#,
                "InvalidOptions",
                "options: one score is of two classes, and there are 3",
            ),
            (
                r#"{"label": "y", "prediction": "p", "scores": {"a": "s"}}"#,
                "InvalidOptions",
                "options: scores has no column for class \"b\"",
            ),
            (
                r#"{"label": "y", "prediction": "p", "scores": {"a": "s", "b": "s", "c": "w"}}"#,
                "WrongKind",
                "column \"w\" must hold numbers",
            ),
            (
                r#"{"label": "y", "prediction": "p", "scores": {"a": "s", "b": "s", "c": "h"}}"#,
                "NotFinite",
                "column \"h\", index 1 is not finite",
            ),
            (
                r#"{"label": "y", "prediction": "p", "scores": {"a": "s", "b": "s", "c": "s"}}"#,
                "OutOfRange",
                "column \"s\", index 1 is 1.5, and a probability is from 0 to 1",
            ),
            (
                r#"{"label": "y", "prediction": "p", "task": "regression"}"#,
                "WrongKind",
                "column \"y\" must hold numbers",
            ),
            (
                r#"{"label": "y", "prediction": "p", "positive": "d"}"#,
                "InvalidOptions",
                "options: positive is \"d\", which no row says or predicts",
            ),
        ] {
            let error = run(columns(), options).unwrap_err();
            assert_eq!(error.code(), code, "{error}");
            assert!(alloc::format!("{error}").starts_with(says), "{error}");
        }
        let error = run(vec![("y", words(&[], &[])), ("p", words(&[], &[]))], PLAIN).unwrap_err();
        assert_eq!(error.code(), "NoRows");
    }

    #[test]
    fn scores_that_are_no_probabilities_rank_and_nothing_more() {
        let options = r#"{"label": "y", "prediction": "p", "score": "s", "positive": "0"}"#;
        let found = run(
            vec![
                ("y", Column::Numeric(vec![0.0, 1.0, 1.0])),
                ("p", Column::Numeric(vec![0.0, 1.0, 1.0])),
                ("s", Column::Numeric(vec![3.0, -1.0, -2.0])),
            ],
            options,
        )
        .unwrap();
        let scores = found.scores.unwrap();
        assert_eq!(scores.positive.as_deref(), Some("0"));
        assert_eq!((scores.roc_auc, scores.gini), (Some(1.0), Some(1.0)));
        assert_eq!((scores.log_loss, scores.calibration), (None, None));
    }

    #[test]
    fn probabilities_of_many_classes_are_calibrated_by_the_predicted_one() {
        let options =
            r#"{"label": "y", "prediction": "p", "scores": {"a": "a", "b": "b", "c": "c"}}"#;
        let found = run(
            vec![
                ("y", words(&[0, 1, 2, 2], &["a", "b", "c"])),
                ("p", words(&[0, 1, 2, 0], &["a", "b", "c"])),
                ("a", Column::Numeric(vec![0.8, 0.2, 0.1, 0.8])),
                ("b", Column::Numeric(vec![0.1, 0.8, 0.1, 0.1])),
                ("c", Column::Numeric(vec![0.1, 0.0, 0.8, 0.1])),
            ],
            options,
        )
        .unwrap();
        let scores = found.scores.unwrap();
        let calibration = scores.calibration.unwrap();
        assert_eq!(calibration.bins.len(), 1);
        assert_eq!(calibration.bins[0].observed, 0.75);
        assert!((calibration.expected_error - 0.05).abs() < 1e-15);
        assert_eq!((scores.positive, scores.gini), (None, None));
    }
}
