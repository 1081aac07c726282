//! Figures of classes that need no score.

use alloc::string::String;
use alloc::vec::Vec;

use serde::Serialize;
use tidegate_stats::quality::{Average, Averages, ConfusionMatrix, Undefined, wilson_interval};

use super::columns::ClassRows;
use crate::analysis::AnalysisError;

/// Of the interval of the accuracy.
const ALPHA: f64 = 0.05;

/// How good the predicted classes were.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClassificationFigures {
    /// Share that was right.
    pub accuracy: Option<f64>,
    /// A Wilson interval of the accuracy, 95 per cent.
    pub accuracy_interval: Option<[f64; 2]>,
    /// Mean recall of the classes that occurred.
    pub balanced_accuracy: Option<f64>,
    /// Matthews's correlation, in `[-1, 1]`.
    pub matthews_correlation: Option<f64>,
    /// Cohen's κ, at most 1.
    pub cohen_kappa: Option<f64>,
    /// Each class counts the same; a class that was never predicted has a precision of 0.
    pub macro_average: AverageFigures,
    /// Each class counts as often as it occurs.
    pub weighted_average: AverageFigures,
    /// By class, in order.
    pub classes: Vec<ClassEvaluation>,
    /// Numbers of rows: a list an actual class, of a number a predicted class.
    pub confusion: Vec<Vec<u64>>,
}

/// Averages over the classes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AverageFigures {
    /// Of the precisions.
    pub precision: Option<f64>,
    /// Of the recalls.
    pub recall: Option<f64>,
    /// Of the F1 scores.
    pub f1: Option<f64>,
}

impl From<Averages> for AverageFigures {
    fn from(averages: Averages) -> Self {
        Self { precision: averages.precision, recall: averages.recall, f1: averages.f1 }
    }
}

/// One class against the rest.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClassEvaluation {
    /// Its name.
    pub class: String,
    /// Rows that were of it.
    pub support: u64,
    /// Rows that were predicted to be of it.
    pub predicted: u64,
    /// Of those predicted to be of it, the share that was.
    pub precision: Option<f64>,
    /// Of those that were of it, the share that was predicted.
    pub recall: Option<f64>,
    /// Of those that were not of it, the share that was not predicted to be.
    pub specificity: Option<f64>,
    /// Harmonic mean of precision and recall.
    pub f1: Option<f64>,
    /// Rows of it that were predicted, as a share of those that were or were predicted to be of it.
    pub jaccard: Option<f64>,
}

pub(super) fn matrix(rows: &ClassRows) -> Result<ConfusionMatrix, AnalysisError> {
    // A matrix has two classes at least, the second of which may never be seen.
    let classes = rows.names.len().max(2);
    Ok(ConfusionMatrix::of_predictions(classes, &rows.labels, &rows.predictions)?)
}

pub(super) fn figures(rows: &ClassRows) -> Result<ClassificationFigures, AnalysisError> {
    let matrix = matrix(rows)?;
    let lists = matrix.counts().chunks(matrix.classes()).take(rows.names.len());
    let confusion: Vec<Vec<u64>> =
        lists.map(|list| list.iter().take(rows.names.len()).copied().collect()).collect();
    let of_class = |(class, name): (u32, &String)| ClassEvaluation {
        class: name.clone(),
        support: matrix.support(class),
        predicted: confusion.iter().filter_map(|list| list.get(class as usize)).sum(),
        precision: matrix.precision(class),
        recall: matrix.recall(class),
        specificity: matrix.specificity(class),
        f1: matrix.f1(class),
        jaccard: matrix.jaccard(class),
    };
    let interval = wilson_interval(matrix.right(), matrix.total(), ALPHA);
    Ok(ClassificationFigures {
        accuracy: matrix.accuracy(),
        accuracy_interval: interval.ok().map(Into::into),
        balanced_accuracy: matrix.balanced_accuracy(),
        matthews_correlation: matrix.matthews_correlation(),
        cohen_kappa: matrix.cohen_kappa(),
        macro_average: matrix.averages(Average::Macro, Undefined::Zero).into(),
        weighted_average: matrix.averages(Average::Weighted, Undefined::Zero).into(),
        classes: (0..).zip(&rows.names).map(of_class).collect(),
        confusion,
    })
}
