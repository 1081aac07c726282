use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};
use tidegate_stats::estimate::{Cbpe, Estimated};

use super::figures::numbers;
use crate::feedback::{JudgedRow, Step};

/// What a model's confidences mean, learned from labelled predictions: what it takes to say how good other
/// predictions probably are before their truth is known.
///
/// Of two classes it is confidence-based performance estimation of the second one by name, as
/// [`Cbpe`] has it. Of more, only the confidence of the predicted class is known, and what is calibrated is
/// whether it is right.
///
/// The estimate follows a change of how sure the model is, and no change of what that means: see
/// [`tidegate_stats::estimate`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// The names of two classes, by name.
    classes: Option<[String; 2]>,
    cbpe: Cbpe,
    /// Labelled predictions that it was learned from.
    pub rows: u64,
    /// When the first and the last of them were made, in seconds since 1970; `None` if that is not known.
    pub times: Option<[f64; 2]>,
}

/// How good predictions probably are, whose truth is not known. Figures are those of [`super::Figures`]; those
/// but the accuracy are of models of two classes.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EstimatedFigures {
    /// Predictions that they are of: those with a confidence.
    pub predictions: u64,
    /// Share that is probably right, in `[0, 1]`.
    pub accuracy: Option<f64>,
    /// Three sampling errors to either side, of as many predictions.
    pub accuracy_interval: Option<[f64; 2]>,
    /// Mean over the classes, in `[0, 1]`.
    pub precision: Option<f64>,
    /// Mean over the classes, in `[0, 1]`.
    pub recall: Option<f64>,
    /// Mean over the classes, in `[0, 1]`.
    pub f1: Option<f64>,
    /// Area under the ROC curve, in `[0, 1]`.
    pub roc_auc: Option<f64>,
    /// Area under the precision-recall curve, in `[0, 1]`.
    pub average_precision: Option<f64>,
}

impl Calibration {
    /// Learns from labelled predictions; those without a confidence in `[0, 1]` are left out. `None` if none is
    /// left, or if they are those of a regression.
    #[must_use]
    pub fn of_rows(rows: &[JudgedRow]) -> Option<Self> {
        let sure = |row: &&JudgedRow| row.confidence.is_some_and(|it| (0.0..=1.0).contains(&it));
        let rows: Vec<&JudgedRow> = rows.iter().filter(sure).collect();
        if rows.is_empty() || numbers(rows.iter().copied()).is_some() {
            return None;
        }
        let mut names: Vec<String> = rows
            .iter()
            .flat_map(|row| [row.label.class_name(), row.prediction.class_name()])
            .collect();
        names.sort_unstable();
        names.dedup();
        let classes: Option<[String; 2]> = names.try_into().ok();
        let mut labels = Vec::with_capacity(rows.len());
        let mut probabilities = Vec::with_capacity(rows.len());
        let mut predictions = Vec::with_capacity(rows.len());
        for row in &rows {
            let confidence = row.confidence.unwrap_or(0.0);
            let (label, prediction) = match &classes {
                Some([_, positive]) => {
                    (row.label.class_name() == *positive, row.prediction.class_name() == *positive)
                }
                None => (row.is_right(), true),
            };
            labels.push(label);
            predictions.push(prediction);
            probabilities.push(if prediction { confidence } else { 1.0 - confidence });
        }
        let times = rows.first().zip(rows.last()).map(|(a, b)| [a.at_seconds, b.at_seconds]);
        let cbpe = Cbpe::fit(&labels, &probabilities, &predictions).ok()?;
        Some(Self { classes, cbpe, rows: rows.len() as u64, times })
    }

    /// The same, of predictions whose times are not known.
    #[must_use]
    pub fn without_times(self) -> Self {
        Self { times: None, ..self }
    }

    /// Estimates the figures of predictions that were counted by class and confidence. Of a model of two
    /// classes, predictions of a third are left out. `None` without predictions.
    #[must_use]
    pub fn estimate<'s>(
        &self,
        steps: impl Iterator<Item = (&'s str, &'s Step)>,
    ) -> Option<EstimatedFigures> {
        let (mut probabilities, mut predictions, mut counts) = (Vec::new(), Vec::new(), Vec::new());
        for (class, step) in steps {
            let prediction = match &self.classes {
                Some([negative, _]) if class == negative => false,
                Some([_, positive]) if class != positive => continue,
                _ => true,
            };
            let confidence = step.confidence();
            probabilities.push(if prediction { confidence } else { 1.0 - confidence });
            predictions.push(prediction);
            counts.push(step.count);
        }
        let found = self.cbpe.estimate_counted(&probabilities, &predictions, &counts).ok()?;
        let value = |figure: Option<Estimated>| figure.map(|it| it.value);
        let accuracy = EstimatedFigures {
            predictions: found.count,
            accuracy: value(found.accuracy),
            accuracy_interval: found.accuracy.and_then(|it| it.interval).map(Into::into),
            ..EstimatedFigures::default()
        };
        if self.classes.is_none() {
            return Some(accuracy);
        }
        // As of real counts, a class that is never predicted counts as 0.
        let [precision, recall, f1] = macro_averages(found.confusion.cells());
        Some(EstimatedFigures {
            precision,
            recall,
            f1,
            roc_auc: value(found.roc_auc),
            average_precision: value(found.average_precision),
            ..accuracy
        })
    }
}

/// Precision, recall and F1 as means over the classes, of a matrix of two by two, a row being an actual class.
pub(super) fn macro_averages(cells: &[f64]) -> [Option<f64>; 3] {
    let &[a, b, c, d] = cells else { return [None; 3] };
    let share = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
    let mean = |negative: f64, positive: f64| Some(0.5 * (negative + positive));
    [
        mean(share(a, a + c), share(d, b + d)),
        mean(share(a, a + b), share(d, c + d)),
        mean(share(2.0 * a, 2.0 * a + b + c), share(2.0 * d, 2.0 * d + b + c)),
    ]
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;
    use crate::feedback::Answer;

    fn row(index: usize, said: &str, sure: f64, was: &str) -> JudgedRow {
        JudgedRow {
            at_seconds: index as f64,
            id: format!("{index}"),
            prediction: Answer::Class(said.into()),
            confidence: Some(sure),
            label: Answer::Class(was.into()),
        }
    }

    fn step(confidence: f64, count: u64) -> Step {
        Step::of(confidence, [count, 0, 0])
    }

    #[test]
    fn two_classes_have_every_figure() {
        let rows = [row(0, "a", 0.9, "a"), row(1, "b", 0.8, "b"), row(2, "b", 0.6, "a")];
        let calibration = Calibration::of_rows(&rows).unwrap();
        assert_eq!((calibration.rows, calibration.times), (3, Some([0.0, 2.0])));
        let [sure, unsure] = [step(0.8, 10), step(0.75, 20)];
        let found = calibration.estimate([("a", &sure), ("b", &unsure)].into_iter()).unwrap();
        // By hand: of a 8 of 10 are right, of b 15 of 20.
        assert_eq!(found.predictions, 30);
        assert!((found.accuracy.unwrap() - 23.0 / 30.0).abs() < 1e-12);
        assert!((found.precision.unwrap() - 0.5 * (0.8 + 0.75)).abs() < 1e-12);
        assert!((found.recall.unwrap() - 0.5 * (8.0 / 13.0 + 15.0 / 17.0)).abs() < 1e-12);
        assert!((found.f1.unwrap() - 0.5 * (16.0 / 23.0 + 30.0 / 37.0)).abs() < 1e-12);
        assert!(found.roc_auc.is_some() && found.accuracy_interval.is_some());
        assert_eq!(calibration.estimate([("c", &sure)].into_iter()), None);
    }

    #[test]
    fn many_classes_have_an_accuracy() {
        let rows = [row(0, "a", 0.9, "a"), row(1, "b", 0.8, "b"), row(2, "b", 0.6, "c")];
        let calibration = Calibration::of_rows(&rows).unwrap();
        let sure = step(0.7, 10);
        let found = calibration.estimate([("a", &sure), ("d", &sure)].into_iter()).unwrap();
        assert_eq!((found.predictions, found.f1, found.roc_auc), (20, None, None));
        assert!((found.accuracy.unwrap() - 0.7).abs() < 1e-12);
    }

    #[test]
    fn without_confidences_or_classes_there_is_none() {
        let unsure = JudgedRow { confidence: None, ..row(0, "a", 0.5, "a") };
        assert_eq!(Calibration::of_rows(&[unsure]), None);
        let number = |it: f64| Answer::Number(it);
        let regression =
            JudgedRow { prediction: number(0.5), label: number(1.5), ..row(0, "a", 0.5, "a") };
        assert_eq!(Calibration::of_rows(&[regression]), None);
    }
}
