//! How good a model probably is on a table without labels.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;
use tidegate_stats::estimate::{Cbpe, CbpeOfClasses, Estimated, Estimates};
use tidegate_stats::quality::{
    Average, Ranking, Undefined, average_precision_one_against_rest, roc_auc_one_against_rest,
};

use super::columns::{self, Answers, ClassRows, Read, Scores, Task};
use super::{EvaluateOptions, confusion};
use crate::analysis::AnalysisError;
use crate::quality::{EstimateCheck, estimate_check};
use crate::report::Verdict;
use crate::table::Table;

/// The schema that an estimation names itself by.
pub const ESTIMATION_SCHEMA: &str = "tidegate.estimate/1";

/// What is expected of a model's figures before the truth is known: confidence-based performance
/// estimation.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Estimation {
    /// `tidegate.estimate/1`.
    pub schema: String,
    /// `drift` if a figure's is.
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
    /// Of which classes the probabilities are corrected by the reference; the others are taken at their
    /// word.
    pub calibrated: Vec<String>,
    /// Each figure.
    pub figures: Vec<EstimatedFigure>,
    /// The estimated accuracy beside the realized one, if all current rows have a label too.
    pub estimate_check: Option<EstimateCheck>,
    /// Expected numbers of rows: a list an actual class, of a number a predicted class.
    pub confusion: Vec<Vec<f64>>,
}

/// One figure, in `[0, 1]`. `None` where the rows leave it undefined.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EstimatedFigure {
    /// Its name, as an evaluation has it.
    pub name: String,
    /// What is expected on the current rows.
    pub estimated: Option<f64>,
    /// Standard deviation of it in as many rows like the reference's.
    pub sampling_error: Option<f64>,
    /// Three of them to either side.
    pub interval: Option<[f64; 2]>,
    /// What it was on the reference, by the labels.
    pub reference: Option<f64>,
    /// What it was on the current rows, if all of them have a label too.
    pub realized: Option<f64>,
    /// `drift` where the reference's figure is outside of the interval.
    pub verdict: Verdict,
}

/// Estimates how good a model is on `current`, whose rows need no labels, by the labelled rows of
/// `reference`.
///
/// # Errors
/// An [`AnalysisError`] that names the table, the column, and the row where there is one.
///
/// # Examples
/// ```
/// use tidegate_core::evaluation::{EvaluateOptions, estimate};
/// use tidegate_core::table::{Column, Table};
///
/// let mut reference = Table::new();
/// reference.try_push("truth", Column::Numeric(vec![1.0, 1.0, 0.0, 0.0]))?;
/// reference.try_push("said", Column::Numeric(vec![1.0, 1.0, 0.0, 0.0]))?;
/// reference.try_push("sure", Column::Numeric(vec![0.9, 0.6, 0.4, 0.1]))?;
/// let mut current = Table::new();
/// current.try_push("said", Column::Numeric(vec![1.0, 1.0, 0.0]))?;
/// current.try_push("sure", Column::Numeric(vec![0.8, 0.7, 0.1]))?;
/// let options = r#"{"label": "truth", "prediction": "said", "score": "sure"}"#;
/// let found = estimate(&reference, &current, &EvaluateOptions::from_json(options)?)?;
/// assert_eq!(found.figures[0].name, "accuracy");
/// assert!((found.figures[0].estimated.unwrap() - 0.8).abs() < 1e-15);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn estimate(
    reference: &Table,
    current: &Table,
    options: &EvaluateOptions,
) -> Result<Estimation, AnalysisError> {
    if options.score.is_none() && options.scores.is_empty() {
        return Err(AnalysisError::options("an estimate needs score, or scores by class"));
    }
    columns::check_probabilities(reference, options, REFERENCE)?;
    columns::check_probabilities(current, options, CURRENT)?;
    let options = EvaluateOptions { task: Some(Task::Classification), ..options.clone() };
    let (known, known_rows) = read(reference, &options, REFERENCE, &[])?;
    // Rows without a label are what an estimate is for: the prediction stands in for it.
    let is_labelled = current.column(&options.label).is_some_and(|it| it.counts().missing == 0);
    let label = if is_labelled { &options.label } else { &options.prediction };
    let of_current = EvaluateOptions { label: label.clone(), ..options.clone() };
    let (unknown, unknown_rows) = read(current, &of_current, CURRENT, &known_rows.names)?;

    let Fitted { estimates, calibrated } = fit(&known_rows, &unknown_rows)?;
    let before = realized(&known_rows)?;
    let estimate_check = match estimates.accuracy.filter(|_| is_labelled) {
        Some(accuracy) => {
            let matrix = confusion::matrix(&unknown_rows)?;
            estimate_check(accuracy, known.rows, [matrix.right(), matrix.total()])
        }
        None => None,
    };
    let realized = is_labelled.then(|| realized(&unknown_rows)).transpose()?;
    let figures = figures(&estimates, &before, realized.as_ref());
    let positive = match known_rows.scores {
        Scores::OfPositive { positive, .. } => Some(positive),
        Scores::None | Scores::OfClasses(_) => None,
    };
    let name = |class: u32| known_rows.names.get(class as usize).cloned();
    Ok(Estimation {
        schema: ESTIMATION_SCHEMA.into(),
        verdict: verdict(&figures),
        reference_rows: known.rows,
        rows: unknown.rows,
        left_out_rows: known.left_out + unknown.left_out,
        positive: positive.and_then(name),
        calibrated: calibrated.iter().filter_map(|class| name(*class)).collect(),
        figures,
        estimate_check,
        confusion: cells(&estimates, positive),
        classes: known_rows.names,
    })
}

const REFERENCE: &str = "reference: ";
const CURRENT: &str = "current: ";

struct RowCounts {
    rows: u64,
    left_out: u64,
}

fn read(
    table: &Table,
    options: &EvaluateOptions,
    of: &'static str,
    known: &[String],
) -> Result<(RowCounts, ClassRows), AnalysisError> {
    let Read { rows, left_out, answers, .. } = columns::read(table, options, of, known)?;
    match answers {
        Answers::Classes(classes) => {
            Ok((RowCounts { rows: rows as u64, left_out: left_out as u64 }, classes))
        }
        Answers::Numbers { .. } => Err(AnalysisError::options("an estimate is of classes")),
    }
}

struct Fitted {
    estimates: Estimates,
    /// Classes whose probabilities are corrected.
    calibrated: Vec<u32>,
}

fn fit(known: &ClassRows, unknown: &ClassRows) -> Result<Fitted, AnalysisError> {
    match (&known.scores, &unknown.scores) {
        (
            Scores::OfPositive { positive, scores },
            Scores::OfPositive { scores: unknown_scores, .. },
        ) => {
            let is_positive =
                |codes: &[u32]| codes.iter().map(|code| code == positive).collect::<Vec<bool>>();
            let (labels, predictions) =
                (is_positive(&known.labels), is_positive(&known.predictions));
            let cbpe = Cbpe::fit(&labels, scores, &predictions)?;
            let estimates = cbpe.estimate(unknown_scores, &is_positive(&unknown.predictions))?;
            let calibrated = cbpe.calibration().map(|_| *positive).into_iter().collect();
            Ok(Fitted { estimates, calibrated })
        }
        (Scores::OfClasses(scores), Scores::OfClasses(unknown_scores)) => {
            let classes = known.names.len();
            let cbpe = CbpeOfClasses::fit(&known.labels, scores, &known.predictions, classes)?;
            let estimates = cbpe.estimate(unknown_scores, &unknown.predictions)?;
            let calibrated =
                (0..classes as u32).filter(|class| cbpe.calibration(*class).is_some()).collect();
            Ok(Fitted { estimates, calibrated })
        }
        _ => Err(AnalysisError::options("both tables need the same scores")),
    }
}

/// Names of the figures, in the order that they are told in.
const NAMES: [&str; 7] =
    ["accuracy", "precision", "recall", "specificity", "f1", "roc_auc", "average_precision"];

/// The figures of labelled rows, as they are estimated: of the positive class, or means over all.
fn realized(rows: &ClassRows) -> Result<[Option<f64>; 7], AnalysisError> {
    let matrix = confusion::matrix(rows)?;
    let (labels, classes) = (&rows.labels, rows.names.len());
    Ok(match &rows.scores {
        Scores::OfPositive { positive, scores } => {
            let labels: Vec<bool> = labels.iter().map(|label| label == positive).collect();
            let ranking = Ranking::try_new(&labels, scores)?;
            [
                matrix.accuracy(),
                matrix.precision(*positive),
                matrix.recall(*positive),
                matrix.specificity(*positive),
                matrix.f1(*positive),
                ranking.roc_auc(),
                ranking.average_precision(),
            ]
        }
        Scores::OfClasses(scores) => {
            let averages = matrix.averages(Average::Macro, Undefined::Zero);
            let specificity: Option<Vec<f64>> =
                (0..classes as u32).map(|class| matrix.specificity(class)).collect();
            let mean = |values: Vec<f64>| values.iter().sum::<f64>() / classes as f64;
            [
                matrix.accuracy(),
                averages.precision,
                averages.recall,
                specificity.map(mean),
                averages.f1,
                roc_auc_one_against_rest(labels, scores, classes, Average::Macro)?,
                average_precision_one_against_rest(labels, scores, classes, Average::Macro)?,
            ]
        }
        Scores::None => [None; 7],
    })
}

fn figures(
    estimates: &Estimates,
    before: &[Option<f64>; 7],
    realized: Option<&[Option<f64>; 7]>,
) -> Vec<EstimatedFigure> {
    let estimated = [
        estimates.accuracy,
        estimates.precision,
        estimates.recall,
        estimates.specificity,
        estimates.f1,
        estimates.roc_auc,
        estimates.average_precision,
    ];
    let all = NAMES.iter().zip(estimated).zip(before).enumerate();
    all.map(|(at, ((name, estimated), reference))| {
        let interval = estimated.and_then(|estimated: Estimated| estimated.interval);
        let verdict = match (interval, reference) {
            (Some(interval), Some(reference)) => {
                if (interval.lower..=interval.upper).contains(reference) {
                    Verdict::NoDrift
                } else {
                    Verdict::Drift
                }
            }
            _ => Verdict::InsufficientData,
        };
        EstimatedFigure {
            name: (*name).into(),
            estimated: estimated.map(|estimated| estimated.value),
            sampling_error: estimated.and_then(|estimated| estimated.sampling_error),
            interval: interval.map(Into::into),
            reference: *reference,
            realized: realized.and_then(|all| *all.get(at)?),
            verdict,
        }
    })
    .collect()
}

fn verdict(figures: &[EstimatedFigure]) -> Verdict {
    let any = |verdict| figures.iter().any(|figure| figure.verdict == verdict);
    [Verdict::Drift, Verdict::NoDrift]
        .into_iter()
        .find(|verdict| any(*verdict))
        .unwrap_or(Verdict::InsufficientData)
}

/// The expected confusion matrix, its classes in their order: an estimate of two has the positive one last.
fn cells(estimates: &Estimates, positive: Option<u32>) -> Vec<Vec<f64>> {
    let confusion = &estimates.confusion;
    let lists = confusion.cells().chunks(confusion.classes());
    let mut lists: Vec<Vec<f64>> = lists.map(<[f64]>::to_vec).collect();
    if positive == Some(0) {
        lists.reverse();
        lists.iter_mut().for_each(|list| list.reverse());
    }
    lists
}

#[cfg(test)]
mod tests {
    use alloc::format;
    use alloc::vec;

    use super::*;
    use crate::table::Column;

    fn table(label: Option<Vec<f64>>, said: &[f64], sure: &[f64]) -> Table {
        let mut table = Table::new();
        if let Some(label) = label {
            table.try_push("y", Column::Numeric(label)).unwrap();
        }
        table.try_push("p", Column::Numeric(said.to_vec())).unwrap();
        table.try_push("s", Column::Numeric(sure.to_vec())).unwrap();
        table
    }

    fn options(more: &str) -> EvaluateOptions {
        let json = format!(r#"{{"label": "y", "prediction": "p", "score": "s"{more}}}"#);
        EvaluateOptions::from_json(&json).unwrap()
    }

    fn reference() -> Table {
        let said = [1.0, 1.0, 0.0, 0.0, 1.0];
        table(Some(vec![1.0, 1.0, 0.0, 0.0, 0.0]), &said, &[0.9, 0.6, 0.4, 0.1, 0.6])
    }

    #[test]
    fn the_truth_is_told_beside_the_estimate_where_it_is_known() {
        let current = table(None, &[1.0, 1.0], &[0.8, 0.7]);
        let found = estimate(&reference(), &current, &options("")).unwrap();
        assert_eq!((found.reference_rows, found.rows), (5, 2));
        assert_eq!(found.positive.as_deref(), Some("1"));
        let accuracy = &found.figures[0];
        assert!((accuracy.estimated.unwrap() - 0.75).abs() < 1e-15);
        assert_eq!((accuracy.reference, accuracy.realized), (Some(0.8), None));
        assert_eq!(found.estimate_check, None);
        let known = table(Some(vec![1.0, 0.0]), &[1.0, 1.0], &[0.8, 0.7]);
        let found = estimate(&reference(), &known, &options("")).unwrap();
        assert_eq!(found.figures[0].realized, Some(0.5));
        assert_eq!(found.figures[0].estimated, accuracy.estimated);
        let check = found.estimate_check.unwrap();
        assert_eq!((check.predictions, check.realized, check.verdict), (2, 0.5, Verdict::NoDrift));
    }

    #[test]
    fn the_first_class_can_be_the_positive_one() {
        let mirrored: Vec<f64> = [0.8, 0.7].iter().map(|p| 1.0 - p).collect();
        let mirror = |table: &Table| {
            let Some(Column::Numeric(sure)) = table.column("s") else { panic!() };
            let sure: Vec<f64> = sure.iter().map(|p| 1.0 - p).collect();
            let (Some(Column::Numeric(y)), Some(Column::Numeric(p))) =
                (table.column("y"), table.column("p"))
            else {
                panic!()
            };
            self::table(Some(y.clone()), p, &sure)
        };
        let current = table(None, &[1.0, 1.0], &mirrored);
        let asked = options(r#", "positive": "0""#);
        let found = estimate(&mirror(&reference()), &current, &asked).unwrap();
        assert_eq!(found.positive.as_deref(), Some("0"));
        assert!((found.confusion[1][1] - 1.5).abs() < 1e-15, "{:?}", found.confusion);
        assert!((found.confusion[0][1] - 0.5).abs() < 1e-15);
    }

    #[test]
    fn what_cannot_be_estimated_is_told_with_its_table() {
        let says = |current: &Table, options: &EvaluateOptions| {
            format!("{}", estimate(&reference(), current, options).unwrap_err())
        };
        let plain = options("");
        let no_probability = table(None, &[1.0, 1.0], &[0.8, 7.0]);
        assert_eq!(
            says(&no_probability, &plain),
            "current: column \"s\", index 1 is 7, and a probability is from 0 to 1"
        );
        let new_class = table(None, &[1.0, 2.0], &[0.8, 0.7]);
        assert_eq!(
            says(&new_class, &plain),
            "options: class \"2\" is in current, and not in reference"
        );
        let without = EvaluateOptions { score: None, ..plain };
        assert!(says(&new_class, &without).starts_with("options: an estimate needs score"));
    }
}
