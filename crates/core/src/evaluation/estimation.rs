//! How good a model probably is on a table without labels.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;
use tidegate_stats::estimate::{Cbpe, CbpeOfClasses, Estimates};
use tidegate_stats::quality::{
    Average, Ranking, Undefined, average_precision_one_against_rest, roc_auc_one_against_rest,
};

use super::columns::{self, Answers, ClassRows, Read, Scores, Task};
use super::{EvaluateOptions, confusion};
use crate::analysis::AnalysisError;
use crate::quality::{EstimateCheck, estimate_check};
use crate::report::{Verdict, verdict_of_all};
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
    /// `drift` where the reference's figure is outside of the interval; of a chunk, where what is expected is
    /// outside of the figure's threshold.
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
    let estimator = Estimator::fit(reference, options)?;
    let judged = estimator.judge(current)?;
    let figures = figures(&judged, &estimator.before, |estimated| {
        let (interval, reference) = (estimated.interval?, estimated.reference?);
        Some(!(interval[0]..=interval[1]).contains(&reference))
    });
    Ok(Estimation {
        schema: ESTIMATION_SCHEMA.into(),
        verdict: verdict_of_all(figures.iter().map(|figure| figure.verdict)),
        reference_rows: estimator.counts.rows,
        rows: judged.counts.rows,
        left_out_rows: estimator.counts.left_out + judged.counts.left_out,
        positive: estimator.positive(),
        calibrated: estimator.calibrated(),
        figures,
        estimate_check: judged.estimate_check,
        confusion: cells(&judged.estimates, estimator.known.positive()),
        classes: estimator.known.names,
    })
}

pub(super) const REFERENCE: &str = "reference: ";
pub(super) const CURRENT: &str = "current: ";

/// What the labelled rows of a reference say of the model's probabilities.
pub(super) struct Estimator {
    options: EvaluateOptions,
    pub(super) known: ClassRows,
    pub(super) counts: RowCounts,
    /// The figures of the reference by its labels.
    pub(super) before: [Option<f64>; FIGURES],
    model: Model,
}

enum Model {
    OfTwo { positive: u32, cbpe: Cbpe },
    OfClasses(CbpeOfClasses),
}

/// What is expected of some rows, and what came true of them where all have a label.
pub(super) struct Judged {
    pub(super) counts: RowCounts,
    pub(super) estimates: Estimates,
    pub(super) realized: Option<[Option<f64>; FIGURES]>,
    /// The accuracy that came true against the estimate.
    estimate_check: Option<EstimateCheck>,
}

impl Estimator {
    pub(super) fn fit(reference: &Table, options: &EvaluateOptions) -> Result<Self, AnalysisError> {
        if options.score.is_none() && options.scores.is_empty() {
            return Err(AnalysisError::options("an estimate needs score, or scores by class"));
        }
        columns::check_probabilities(reference, options, REFERENCE)?;
        let options = EvaluateOptions { task: Some(Task::Classification), ..options.clone() };
        let (counts, known) = read(reference, &options, REFERENCE, &[])?;
        let model = match &known.scores {
            Scores::OfPositive { positive, scores } => {
                let (labels, predictions) =
                    (known.are(*positive, &known.labels), known.are(*positive, &known.predictions));
                Model::OfTwo {
                    positive: *positive,
                    cbpe: Cbpe::fit(&labels, scores, &predictions)?,
                }
            }
            Scores::OfClasses(scores) => Model::OfClasses(CbpeOfClasses::fit(
                &known.labels,
                scores,
                &known.predictions,
                known.names.len(),
            )?),
            Scores::None => return Err(AnalysisError::options(SAME_SCORES)),
        };
        let before = realized(&known)?;
        Ok(Self { options, known, counts, before, model })
    }

    /// The rows of a table that need no labels, and whether all of them have one.
    pub(super) fn read(
        &self,
        current: &Table,
    ) -> Result<(RowCounts, ClassRows, bool), AnalysisError> {
        let options = &self.options;
        columns::check_probabilities(current, options, CURRENT)?;
        // Rows without a label are what an estimate is for: the prediction stands in for it.
        let is_labelled = current.column(&options.label).is_some_and(|it| it.counts().missing == 0);
        let label = if is_labelled { &options.label } else { &options.prediction };
        let of_current = EvaluateOptions { label: label.clone(), ..options.clone() };
        let (counts, rows) = read(current, &of_current, CURRENT, &self.known.names)?;
        Ok((counts, rows, is_labelled))
    }

    /// The figures of a table whose rows need no labels.
    pub(super) fn judge(&self, current: &Table) -> Result<Judged, AnalysisError> {
        let (counts, rows, is_labelled) = self.read(current)?;
        let estimates = match (&self.model, &rows.scores) {
            (Model::OfTwo { positive, cbpe }, Scores::OfPositive { scores, .. }) => {
                cbpe.estimate(scores, &rows.are(*positive, &rows.predictions))?
            }
            (Model::OfClasses(cbpe), Scores::OfClasses(scores)) => {
                cbpe.estimate(scores, &rows.predictions)?
            }
            _ => return Err(AnalysisError::options(SAME_SCORES)),
        };
        let estimate_check = match estimates.accuracy.filter(|_| is_labelled) {
            Some(accuracy) => {
                let matrix = confusion::matrix(&rows)?;
                estimate_check(accuracy, self.counts.rows, [matrix.right(), matrix.total()])
            }
            None => None,
        };
        let realized = is_labelled.then(|| realized(&rows)).transpose()?;
        Ok(Judged { counts, estimates, realized, estimate_check })
    }

    /// The positive class of two.
    pub(super) fn positive(&self) -> Option<String> {
        self.known.positive().and_then(|class| self.name(class))
    }

    /// The classes whose probabilities are corrected.
    pub(super) fn calibrated(&self) -> Vec<String> {
        match &self.model {
            Model::OfTwo { positive, cbpe } => {
                cbpe.calibration().and_then(|_| self.name(*positive)).into_iter().collect()
            }
            Model::OfClasses(cbpe) => {
                let classes = 0..self.known.names.len() as u32;
                let corrected = classes.filter(|class| cbpe.calibration(*class).is_some());
                corrected.filter_map(|class| self.name(class)).collect()
            }
        }
    }

    fn name(&self, class: u32) -> Option<String> {
        self.known.names.get(class as usize).cloned()
    }
}

const SAME_SCORES: &str = "both tables need the same scores";

pub(super) struct RowCounts {
    pub(super) rows: u64,
    pub(super) left_out: u64,
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

pub(super) const FIGURES: usize = 7;

/// Names of the figures, in the order that they are told in.
pub(super) const NAMES: [&str; FIGURES] =
    ["accuracy", "precision", "recall", "specificity", "f1", "roc_auc", "average_precision"];

/// The figures of labelled rows, as they are estimated: of the positive class, or means over all.
fn realized(rows: &ClassRows) -> Result<[Option<f64>; FIGURES], AnalysisError> {
    let matrix = confusion::matrix(rows)?;
    let (labels, classes) = (&rows.labels, rows.names.len());
    Ok(match &rows.scores {
        Scores::OfPositive { positive, scores } => {
            let labels = rows.are(*positive, labels);
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
        Scores::None => [None; FIGURES],
    })
}

/// The figures, of which `is_drift` says whether they drifted, or `None` where that is not known.
pub(super) fn figures(
    judged: &Judged,
    before: &[Option<f64>; FIGURES],
    is_drift: impl Fn(&EstimatedFigure) -> Option<bool>,
) -> Vec<EstimatedFigure> {
    let estimates = &judged.estimates;
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
        let mut figure = EstimatedFigure {
            name: (*name).into(),
            estimated: estimated.map(|estimated| estimated.value),
            sampling_error: estimated.and_then(|estimated| estimated.sampling_error),
            interval: estimated.and_then(|estimated| estimated.interval).map(Into::into),
            reference: *reference,
            realized: judged.realized.as_ref().and_then(|all| *all.get(at)?),
            verdict: Verdict::InsufficientData,
        };
        figure.verdict = match is_drift(&figure) {
            Some(true) => Verdict::Drift,
            Some(false) => Verdict::NoDrift,
            None => Verdict::InsufficientData,
        };
        figure
    })
    .collect()
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
