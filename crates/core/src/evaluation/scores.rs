//! Figures of classes that need what the model says of their chances.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;
use tidegate_stats::quality::{
    Average, Binning, Ranking, Reliability, RocPoint, average_precision_one_against_rest, brier,
    brier_of_classes, log_loss, log_loss_of_classes, roc_auc_one_against_one,
    roc_auc_one_against_rest,
};

use super::EvaluateOptions;
use super::columns::{ClassRows, Scores};
use crate::analysis::AnalysisError;

/// Points of a curve, at most: enough for a plot.
const MOST_POINTS: usize = 200;

/// How good the scores of the classes were. Of many classes, the areas are means over each against the
/// rest.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScoreFigures {
    /// The class that the figures are of; `None` where there are more than two.
    pub positive: Option<String>,
    /// Area under the ROC curve, in `[0, 1]`.
    pub roc_auc: Option<f64>,
    /// Its interval; of two classes.
    pub roc_auc_interval: Option<[f64; 2]>,
    /// Mean area over all pairs of classes; of more than two.
    pub roc_auc_one_against_one: Option<f64>,
    /// `2 · roc_auc − 1`, in `[-1, 1]`; of two classes.
    pub gini: Option<f64>,
    /// Area under the precision-recall curve, by steps.
    pub average_precision: Option<f64>,
    /// The same by trapezoids, which is a little too good; of two classes.
    pub pr_auc: Option<f64>,
    /// Largest difference of true and false positive rate; of two classes.
    pub kolmogorov_smirnov: Option<f64>,
    /// In nats; of probabilities.
    pub log_loss: Option<f64>,
    /// Mean squared error of the probabilities: in `[0, 1]` of two classes, in `[0, 2]` of more.
    pub brier: Option<f64>,
    /// What the probabilities mean; `None` where the scores are none.
    pub calibration: Option<Calibration>,
    /// From the highest threshold to the lowest, thinned out to 200 points; of two classes.
    pub curve: Vec<CurvePoint>,
}

/// What calling positive all scores from a threshold up would give.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CurvePoint {
    /// The lowest score that is called positive.
    pub threshold: f64,
    /// Share of the negatives that is.
    pub false_positive_rate: f64,
    /// Share of the positives that is: the recall.
    pub true_positive_rate: f64,
    /// Share of those that are which is positive.
    pub precision: f64,
}

/// How far what is said is from what happens: of two classes, the probability of the positive one from how
/// often it occurs; of many, that of the predicted one from how often the prediction is right.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Calibration {
    /// Mean distance over the rows.
    pub expected_error: f64,
    /// Largest distance of a bin.
    pub maximum_error: f64,
    /// Root of the mean squared distance.
    pub root_mean_square_error: f64,
    /// Bins of equal width that have a row, ascending.
    pub bins: Vec<CalibrationBin>,
}

/// One bin of a calibration curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CalibrationBin {
    /// Rows in it.
    pub count: u64,
    /// Mean probability.
    pub predicted: f64,
    /// Share that happened.
    pub observed: f64,
}

impl From<Reliability> for Calibration {
    fn from(curve: Reliability) -> Self {
        Self {
            expected_error: curve.expected_error(),
            maximum_error: curve.maximum_error(),
            root_mean_square_error: curve.root_mean_square_error(),
            bins: curve
                .bins()
                .iter()
                .map(|bin| CalibrationBin {
                    count: bin.count,
                    predicted: bin.predicted,
                    observed: bin.observed,
                })
                .collect(),
        }
    }
}

pub(super) fn figures(
    rows: &ClassRows,
    options: &EvaluateOptions,
) -> Result<Option<ScoreFigures>, AnalysisError> {
    match &rows.scores {
        Scores::None => Ok(None),
        Scores::OfPositive { positive, scores } => {
            of_positive(rows, *positive, scores, options).map(Some)
        }
        Scores::OfClasses(probabilities) => of_classes(rows, probabilities, options).map(Some),
    }
}

fn of_positive(
    rows: &ClassRows,
    positive: u32,
    scores: &[f64],
    options: &EvaluateOptions,
) -> Result<ScoreFigures, AnalysisError> {
    let labels: Vec<bool> = rows.labels.iter().map(|label| *label == positive).collect();
    let ranking = Ranking::try_new(&labels, scores)?;
    let binning = Binning::EqualWidth(options.calibration_bins);
    let curve = ranking.roc_curve().unwrap_or_default();
    Ok(ScoreFigures {
        positive: rows.names.get(positive as usize).cloned(),
        roc_auc: ranking.roc_auc(),
        roc_auc_interval: ranking.roc_auc_interval(options.alpha)?.map(Into::into),
        roc_auc_one_against_one: None,
        gini: ranking.gini(),
        average_precision: ranking.average_precision(),
        pr_auc: ranking.pr_auc_trapezoidal(),
        kolmogorov_smirnov: ranking.kolmogorov_smirnov(),
        // Scores that are no probabilities have none of these.
        log_loss: log_loss(&labels, scores).ok(),
        brier: brier(&labels, scores).ok(),
        calibration: Reliability::try_new(&labels, scores, binning).ok().map(Into::into),
        curve: thinned(&curve, ranking.positives() as f64, ranking.negatives() as f64),
    })
}

/// At even distances, the last point always.
fn thinned(curve: &[RocPoint], positives: f64, negatives: f64) -> Vec<CurvePoint> {
    let step = curve.len().div_ceil(MOST_POINTS).max(1);
    let last = curve.len().saturating_sub(1);
    let kept = curve.iter().enumerate().filter(|(at, _)| (last - at).is_multiple_of(step));
    kept.filter_map(|(_, point)| {
        let hits = point.true_positive_rate * positives;
        Some(CurvePoint {
            threshold: point.threshold?,
            false_positive_rate: point.false_positive_rate,
            true_positive_rate: point.true_positive_rate,
            precision: hits / (hits + point.false_positive_rate * negatives),
        })
    })
    .collect()
}

fn of_classes(
    rows: &ClassRows,
    probabilities: &[f64],
    options: &EvaluateOptions,
) -> Result<ScoreFigures, AnalysisError> {
    let classes = rows.names.len();
    let labels = &rows.labels;
    let (right, sure): (Vec<bool>, Vec<f64>) = labels
        .iter()
        .zip(&rows.predictions)
        .zip(probabilities.chunks_exact(classes))
        .filter_map(|((label, said), row)| Some((label == said, *row.get(*said as usize)?)))
        .unzip();
    let binning = Binning::EqualWidth(options.calibration_bins);
    Ok(ScoreFigures {
        positive: None,
        roc_auc: roc_auc_one_against_rest(labels, probabilities, classes, Average::Macro)?,
        roc_auc_interval: None,
        roc_auc_one_against_one: roc_auc_one_against_one(
            labels,
            probabilities,
            classes,
            Average::Macro,
        )?,
        gini: None,
        average_precision: average_precision_one_against_rest(
            labels,
            probabilities,
            classes,
            Average::Macro,
        )?,
        pr_auc: None,
        kolmogorov_smirnov: None,
        log_loss: Some(log_loss_of_classes(labels, probabilities, classes)?),
        brier: Some(brier_of_classes(labels, probabilities, classes)?),
        calibration: Reliability::try_new(&right, &sure, binning).ok().map(Into::into),
        curve: Vec::new(),
    })
}
