//! Figures of answers that are classes.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use tidegate_stats::quality::{
    Binning, ConfusionMatrix, Ranking, Reliability, brier, log_loss, wilson_interval,
};

use crate::feedback::JudgedRow;
use crate::pane::{LIMITS, OTHER};

/// Bins of the calibration error.
const CALIBRATION_BINS: usize = 10;
/// Of the interval of the accuracy.
const ALPHA: f64 = 0.05;

/// Classes by name, and what was predicted of each.
pub(super) struct Classes {
    pub names: Vec<String>,
    /// Label and prediction of each row, by their places among the names.
    pub places: Vec<[u32; 2]>,
    pub matrix: ConfusionMatrix,
}

/// Counts predictions by class; of too many classes the last by name count as one.
pub(super) fn count(rows: &[JudgedRow]) -> Option<Classes> {
    let named = rows.iter().map(|row| [row.label.class_name(), row.prediction.class_name()]);
    let named: Vec<[Cow<'_, str>; 2]> = named.collect();
    // Rows are many and classes few.
    let mut names: Vec<&str> = Vec::new();
    for name in named.iter().flatten() {
        if let Err(place) = names.binary_search(&&**name) {
            names.insert(place, name);
        }
    }
    if names.is_empty() {
        return None;
    }
    let known = names.len().min(LIMITS.classes);
    let has_more = names.len() > known;
    names.truncate(known);
    let place = |name: &Cow<'_, str>| {
        let found = names.binary_search(&&**name).unwrap_or(known);
        u32::try_from(found).unwrap_or(u32::MAX)
    };
    let places: Vec<[u32; 2]> = named.iter().map(|pair| pair.each_ref().map(place)).collect();
    let names: Vec<String> =
        names.into_iter().chain(has_more.then_some(OTHER)).map(String::from).collect();
    // A matrix has two classes at least, the second of which may never be seen.
    let mut matrix = ConfusionMatrix::try_new(names.len().max(2)).ok()?;
    for [label, prediction] in &places {
        matrix.record(*label, *prediction).ok()?;
    }
    Some(Classes { names, places, matrix })
}

pub(super) fn accuracy_interval(matrix: &ConfusionMatrix) -> Option<[f64; 2]> {
    let total = matrix.counts().iter().fold(0, |sum: u64, count| sum.saturating_add(*count));
    wilson_interval(matrix.right(), total, ALPHA).ok().map(Into::into)
}

/// Figures of two classes that need a score.
#[derive(Default)]
pub(super) struct Scores {
    pub roc_auc: Option<f64>,
    pub average_precision: Option<f64>,
    pub log_loss: Option<f64>,
    pub brier: Option<f64>,
}

/// Of two classes, where each row has a confidence. The second by name is the positive one; its score
/// is the confidence where it was predicted, and the rest to 1 where it was not.
pub(super) fn two_class_scores(rows: &[JudgedRow], classes: &Classes) -> Scores {
    if classes.names.len() != 2 {
        return Scores::default();
    }
    let score = |(row, [_, prediction]): (&JudgedRow, &[u32; 2])| {
        let confidence = row.confidence?;
        Some(if *prediction == 1 { confidence } else { 1.0 - confidence })
    };
    let placed = rows.iter().zip(&classes.places);
    let Some(scores) = placed.map(score).collect::<Option<Vec<f64>>>() else {
        return Scores::default();
    };
    let labels: Vec<bool> = classes.places.iter().map(|[label, _]| *label == 1).collect();
    let ranking = Ranking::try_new(&labels, &scores).ok();
    Scores {
        roc_auc: ranking.as_ref().and_then(Ranking::roc_auc),
        average_precision: ranking.as_ref().and_then(Ranking::average_precision),
        log_loss: log_loss(&labels, &scores).ok(),
        brier: brier(&labels, &scores).ok(),
    }
}

/// How far the confidences are from how often the model is right, over the rows that have one.
pub(super) fn calibration_error(rows: &[JudgedRow]) -> Option<f64> {
    let sure = rows.iter().filter_map(|row| Some((row.is_right(), row.confidence?)));
    let (right, confidences): (Vec<bool>, Vec<f64>) = sure.unzip();
    let binning = Binning::EqualWidth(CALIBRATION_BINS);
    Reliability::try_new(&right, &confidences, binning).ok().map(|curve| curve.expected_error())
}
