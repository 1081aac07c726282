use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};
use tidegate_stats::estimate::{Cbpe, Estimated, Estimates};

use super::figures::numbers;
use super::{EstimateCheck, estimate_check};
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
            .flat_map(|row| [&row.label, &row.prediction])
            .map(|answer| answer.class_name().into_owned())
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
        let found = self.expected(steps.map(|(class, step)| (class, step, step.count)))?;
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

    /// Holds the accuracy that is expected of the labelled ones of such predictions against theirs. `None` without
    /// labelled predictions.
    #[must_use]
    pub fn check<'s>(
        &self,
        steps: impl Iterator<Item = (&'s str, &'s Step)>,
    ) -> Option<EstimateCheck> {
        let is_known =
            |class: &str| self.classes.as_ref().is_none_or(|all| all.iter().any(|it| it == class));
        let labelled: Vec<(&str, &Step)> =
            steps.filter(|(class, step)| step.labelled > 0 && is_known(class)).collect();
        let right = labelled.iter().fold(0_u64, |sum, (_, step)| sum.saturating_add(step.right));
        let counted = labelled.into_iter().map(|(class, step)| (class, step, step.labelled));
        let found = self.expected(counted)?;
        estimate_check(found.accuracy?, self.rows, [right, found.count])
    }

    /// What is expected of so many predictions of each step.
    fn expected<'s>(
        &self,
        steps: impl Iterator<Item = (&'s str, &'s Step, u64)>,
    ) -> Option<Estimates> {
        let (mut probabilities, mut predictions, mut counts) = (Vec::new(), Vec::new(), Vec::new());
        for (class, step, count) in steps {
            let prediction = match &self.classes {
                Some([negative, _]) if class == negative => false,
                Some([_, positive]) if class != positive => continue,
                _ => true,
            };
            let confidence = step.confidence();
            probabilities.push(if prediction { confidence } else { 1.0 - confidence });
            predictions.push(prediction);
            counts.push(count);
        }
        self.cbpe.estimate_counted(&probabilities, &predictions, &counts).ok()
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
    use crate::draws::Draws;
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
    fn labels_are_held_against_the_estimate_of_the_same_predictions() {
        let judged = |index: usize| {
            let (said, was) = (["a", "b"][index % 2], ["b", "a"][index % 2]);
            row(index, said, 0.9, if index % 10 < 2 { was } else { said })
        };
        let rows: Vec<JudgedRow> = (0..400).map(judged).collect();
        let calibration = Calibration::of_rows(&rows).unwrap();
        // Of a hundred thousand predictions without a label nothing is asked; a third class is not known.
        let [kept, unlabelled] = [Step::of(0.9, [200, 200, 160]), Step::of(0.9, [100_000, 0, 0])];
        let steps = [("a", &kept), ("a", &unlabelled), ("b", &kept), ("c", &kept)];
        let found = calibration.check(steps.into_iter()).unwrap();
        assert_eq!((found.predictions, found.realized), (400, 0.8));
        assert!((found.estimated - 0.8).abs() < 0.011, "{found:?}");
        assert_eq!(found.verdict, tidegate_stats::Verdict::NoDrift);
        let turned = Step::of(0.9, [200, 200, 60]);
        let found = calibration.check([("a", &turned), ("b", &turned)].into_iter()).unwrap();
        assert_eq!((found.realized, found.verdict), (0.3, tidegate_stats::Verdict::Drift));
        assert_eq!(calibration.check([("a", &unlabelled)].into_iter()), None);
    }

    #[test]
    fn inputs_that_move_are_no_concept_drift_and_labels_that_turn_are() {
        let mut draws = Draws::new();
        let mut draw = || draws.draw();
        // Confidences are right as often as they say, but for the share of the labels that is turned.
        let mut rows = |count: usize, least_sure: f64, turned: f64| -> Vec<JudgedRow> {
            let mut one = |index| {
                let sure = least_sure + (1.0 - least_sure) * draw();
                let (said, other) = if draw() < 0.5 { ("a", "b") } else { ("b", "a") };
                let is_right = (draw() < sure) != (draw() < turned);
                row(index, said, sure, if is_right { said } else { other })
            };
            (0..count).map(&mut one).collect()
        };
        let mut told = |reference: usize, least_sure, turned| {
            let calibration = Calibration::of_rows(&rows(reference, 0.5, 0.0)).unwrap();
            let current = rows(500, least_sure, turned);
            let steps: Vec<Step> = current
                .iter()
                .map(|row| Step::of(row.confidence.unwrap(), [1, 1, u64::from(row.is_right())]))
                .collect();
            let classes: Vec<String> =
                current.iter().map(|row| row.prediction.class_name().into_owned()).collect();
            let classes = classes.iter().map(String::as_str);
            let check = calibration.check(classes.zip(&steps)).unwrap();
            u32::from(check.verdict == tidegate_stats::Verdict::Drift)
        };
        let mut of_200 = |reference, least_sure, turned| -> u32 {
            (0..200).map(|_| told(reference, least_sure, turned)).sum()
        };
        for reference in [100, 1000] {
            let found = [0.5, 0.8].map(|least_sure| of_200(reference, least_sure, 0.0));
            assert!(found.iter().all(|alarms| *alarms <= 2), "{found:?} of 200, {reference}");
        }
        assert!(of_200(1000, 0.5, 0.3) >= 190);
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
