use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};
use tidegate_stats::quality::{Average, Regression, Undefined};

use super::classes::{self, Classes};
use crate::feedback::{Answer, JudgedRow, are_classes};

/// What is known of a model's quality on a window. A figure that the window leaves undefined is `None`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Figures {
    /// Labelled predictions in the window.
    pub rows: u64,
    /// Share that was right, in `[0, 1]`.
    pub accuracy: Option<f64>,
    /// A Wilson interval of the accuracy, 95 per cent.
    pub accuracy_interval: Option<[f64; 2]>,
    /// Mean over the classes, in `[0, 1]`; a class that was never predicted counts as 0.
    pub precision: Option<f64>,
    /// Mean over the classes, in `[0, 1]`.
    pub recall: Option<f64>,
    /// Mean over the classes, in `[0, 1]`.
    pub f1: Option<f64>,
    /// Matthews's correlation, in `[-1, 1]`.
    pub matthews_correlation: Option<f64>,
    /// Area under the ROC curve, in `[0, 1]`; of two classes with confidences.
    pub roc_auc: Option<f64>,
    /// Area under the precision-recall curve, in `[0, 1]`; of two classes with confidences.
    pub average_precision: Option<f64>,
    /// In nats; of two classes with confidences.
    pub log_loss: Option<f64>,
    /// In `[0, 1]`; of two classes with confidences.
    pub brier: Option<f64>,
    /// Expected calibration error in ten bins of equal width, in `[0, 1]`: how far confidences are from how
    /// often the model is right.
    pub calibration_error: Option<f64>,
    /// Mean absolute error, in the unit of the numbers.
    pub mae: Option<f64>,
    /// Root mean squared error, in the unit of the numbers.
    pub rmse: Option<f64>,
    /// Mean absolute error as a share of the truth.
    pub mape: Option<f64>,
    /// Share of the variance that is explained, at most 1.
    pub r2: Option<f64>,
    /// By class, by name.
    pub classes: Vec<ClassFigures>,
}

/// What is known of one class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ClassFigures {
    /// The class.
    pub class: String,
    /// Rows of it.
    pub support: u64,
    /// Of those predicted to be of it, the share that was; `None` if none was predicted.
    pub precision: Option<f64>,
    /// Of those that were of it, the share that was predicted; `None` if none was.
    pub recall: Option<f64>,
    /// Harmonic mean of the two.
    pub f1: Option<f64>,
}

/// All figures of a window.
#[must_use]
pub fn quality(rows: &[JudgedRow]) -> Figures {
    let count = Figures { rows: rows.len() as u64, ..Figures::default() };
    match numbers(rows) {
        Some((actual, predicted)) => of_numbers(&actual, &predicted, count),
        None => of_classes(rows, count),
    }
}

/// Truths and predictions as numbers, if they are those of a regression.
pub(super) fn numbers<'r>(
    rows: impl IntoIterator<Item = &'r JudgedRow>,
) -> Option<(Vec<f64>, Vec<f64>)> {
    let number = |answer: &Answer| match answer {
        Answer::Number(number) => Some(*number),
        Answer::Class(_) => None,
    };
    let mut have_confidences = false;
    let pair = |row: &JudgedRow| {
        have_confidences |= row.confidence.is_some();
        number(&row.label).zip(number(&row.prediction))
    };
    let pairs: Option<Vec<(f64, f64)>> = rows.into_iter().map(pair).collect();
    let pairs = pairs?;
    let all = pairs.iter().flat_map(|(actual, predicted)| [*actual, *predicted]);
    if are_classes(all, have_confidences) {
        return None;
    }
    Some(pairs.into_iter().unzip())
}

fn of_numbers(actual: &[f64], predicted: &[f64], figures: Figures) -> Figures {
    let Ok(regression) = Regression::of_predictions(actual, predicted) else { return figures };
    Figures {
        mae: regression.mean_absolute_error(),
        rmse: regression.root_mean_squared_error(),
        mape: regression.mean_absolute_percentage_error(),
        r2: regression.r_squared(),
        ..figures
    }
}

fn of_classes(rows: &[JudgedRow], figures: Figures) -> Figures {
    let Some(classes) = classes::count(rows) else { return figures };
    let scores = classes::two_class_scores(rows, &classes);
    let Classes { names, matrix, .. } = classes;
    let averages = matrix.averages(Average::Macro, Undefined::Zero);
    let of_class = |(class, name): (u32, &String)| ClassFigures {
        class: name.clone(),
        support: matrix.support(class),
        precision: matrix.precision(class),
        recall: matrix.recall(class),
        f1: matrix.f1(class),
    };
    Figures {
        accuracy: matrix.accuracy(),
        accuracy_interval: classes::accuracy_interval(&matrix),
        precision: averages.precision,
        recall: averages.recall,
        f1: averages.f1,
        matthews_correlation: matrix.matthews_correlation(),
        roc_auc: scores.roc_auc,
        average_precision: scores.average_precision,
        log_loss: scores.log_loss,
        brier: scores.brier,
        calibration_error: classes::calibration_error(rows),
        classes: (0..).zip(&names).map(of_class).collect(),
        ..figures
    }
}

impl Figures {
    /// A figure by its name, as a baseline names it.
    #[must_use]
    pub fn by_name(&self, name: &str) -> Option<f64> {
        match name.strip_prefix("model_").unwrap_or(name) {
            "accuracy" => self.accuracy,
            "precision" => self.precision,
            "recall" => self.recall,
            "f1" => self.f1,
            "matthews_correlation" => self.matthews_correlation,
            "roc_auc" | "auc" => self.roc_auc,
            "average_precision" => self.average_precision,
            "log_loss" => self.log_loss,
            "brier" => self.brier,
            "calibration_error" => self.calibration_error,
            "mae" => self.mae,
            "rmse" => self.rmse,
            "mape" => self.mape,
            "r2" => self.r2,
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    fn row(index: usize, prediction: Answer, confidence: Option<f64>, label: Answer) -> JudgedRow {
        JudgedRow {
            at_seconds: index as f64,
            id: format!("{index}"),
            prediction,
            confidence,
            label,
        }
    }

    fn classes(pairs: &[(&str, f64, &str)]) -> Vec<JudgedRow> {
        let class = |name: &str| Answer::Class(name.into());
        let rows = pairs.iter().enumerate();
        rows.map(|(i, (said, sure, was))| row(i, class(said), Some(*sure), class(was))).collect()
    }

    #[test]
    fn two_classes_with_confidences_have_every_figure() {
        let rows = classes(&[
            ("cat", 0.9, "cat"),
            ("dog", 0.8, "dog"),
            ("dog", 0.6, "cat"),
            ("cat", 0.7, "cat"),
        ]);
        let figures = quality(&rows);
        assert_eq!((figures.rows, figures.accuracy), (4, Some(0.75)));
        // Of dog: one of two predictions was right; the one dog was found.
        assert_eq!(figures.classes[1].precision, Some(0.5));
        assert_eq!(figures.classes[1].recall, Some(1.0));
        assert_eq!(figures.precision, Some(0.75));
        // Scores of dog: 0.1, 0.8, 0.6, 0.3; the one dog is above all three cats.
        assert_eq!(figures.roc_auc, Some(1.0));
        let brier = (0.01 + 0.04 + 0.36 + 0.09) / 4.0;
        assert!((figures.brier.unwrap() - brier).abs() < 1e-15);
        assert_eq!((figures.mae, figures.r2), (None, None));
        assert_eq!(figures.by_name("model_accuracy"), Some(0.75));
        assert_eq!(figures.by_name("auc"), figures.roc_auc);
    }

    #[test]
    fn numbers_are_a_regression_unless_all_could_be_classes() {
        let numbers = |pairs: &[(f64, f64)]| -> Vec<JudgedRow> {
            let rows = pairs.iter().enumerate();
            rows.map(|(i, (said, was))| row(i, Answer::Number(*said), None, Answer::Number(*was)))
                .collect()
        };
        let regression = quality(&numbers(&[(1.5, 1.0), (2.0, 3.0)]));
        assert_eq!((regression.mae, regression.accuracy), (Some(0.75), None));
        let indices = quality(&numbers(&[(1.0, 1.0), (0.0, 1.0)]));
        assert_eq!((indices.mae, indices.accuracy), (None, Some(0.5)));
        assert_eq!(indices.classes[1].class, "1");
        // Prices are whole, and no classes.
        let prices: Vec<(f64, f64)> =
            (1..=80).map(|i| (f64::from(50 * i), f64::from(40 * i))).collect();
        let prices = quality(&numbers(&prices));
        assert_eq!((prices.mae, prices.accuracy), (Some(405.0), None));
    }

    #[test]
    fn a_window_of_one_class_has_an_accuracy() {
        let figures = quality(&classes(&[("a", 0.9, "a"), ("a", 0.7, "a")]));
        assert_eq!(
            (figures.accuracy, figures.precision, figures.f1),
            (Some(1.0), Some(1.0), Some(1.0))
        );
        let [only] = &figures.classes[..] else { panic!("{:?}", figures.classes) };
        assert_eq!((only.class.as_str(), only.support, only.recall), ("a", 2, Some(1.0)));
        assert_eq!((figures.roc_auc, figures.matthews_correlation), (None, None));
        assert!((figures.calibration_error.unwrap() - 0.2).abs() < 1e-15);
    }

    #[test]
    fn without_confidences_and_without_rows_some_figures_are_unknown() {
        let mut rows = classes(&[("a", 0.5, "a"), ("b", 0.5, "a")]);
        rows[1].confidence = None;
        let figures = quality(&rows);
        assert_eq!((figures.accuracy, figures.roc_auc), (Some(0.5), None));
        assert_eq!(quality(&[]), Figures::default());
        let three = classes(&[("a", 0.5, "a"), ("b", 0.5, "c")]);
        assert_eq!(quality(&three).roc_auc, None);
        assert!(quality(&three).calibration_error.is_some());
    }
}
