//! The part of a snapshot that is about predictions whose truth is known.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::estimates;
use crate::feedback::{LAG_SECONDS_BUCKETS, Window};
use crate::observatory::settings::Settings;
use crate::observatory::state::State;
use crate::pane::Histogram;
use crate::quality::{
    CountedFigures, Degradation, Figures, counted_figures, degradation, error_change, quality,
};
use crate::snapshot::{CohortSnapshot, LagPoint, QualitySnapshot};

/// Quality by version.
pub(super) fn of_model(name: &str, state: &State, settings: &Settings) -> Vec<QualitySnapshot> {
    let versions = estimates::versions(name, state);
    versions.iter().map(|version| of_version((name, version), state, settings)).collect()
}

fn of_version(
    (name, version): (&str, &str),
    state: &State,
    settings: &Settings,
) -> QualitySnapshot {
    let window = state.feedback.model(name).and_then(|model| model.versions.get(version));
    let rows = window.map_or(&[][..], Window::rows);
    let missing = settings.feedback.min_samples.max(1).saturating_sub(rows.len()) as u64;
    let figures = (missing == 0).then(|| quality(rows));
    let baseline = settings.model(name).map_or(&[][..], |model| &model.baseline);
    QualitySnapshot {
        version: version.to_string(),
        missing,
        degradation: figures.as_ref().map_or_else(Vec::new, |it| degradations(it, baseline)),
        figures,
        error_change: (missing == 0).then(|| error_change(rows, settings.error_detector)),
        calibration: estimates::calibration((name, version), state, settings),
        estimated: estimates::of_newest((name, version), state, settings),
        estimate_check: estimates::check_of_newest((name, version), state, settings),
    }
}

fn degradations(figures: &Figures, baseline: &[(String, f64)]) -> Vec<Degradation> {
    let held_against = |(metric, baseline): &(String, f64)| {
        let current = figures.by_name(metric)?;
        let degradation = degradation(metric, *baseline, current)?;
        Some(Degradation { metric: metric.clone(), baseline: *baseline, current, degradation })
    };
    baseline.iter().filter_map(held_against).collect()
}

/// By day of the prediction, oldest first.
pub(super) fn cohorts(name: &str, state: &State, settings: &Settings) -> Vec<CohortSnapshot> {
    let days = state.feedback.model(name).into_iter().flat_map(|model| model.days.iter());
    days.filter(|(_, cohort)| cohort.predictions > 0 || cohort.labelled > 0)
        .map(|(day, cohort)| {
            let scores = cohort.scores.values().collect::<Vec<_>>();
            // Scores of two versions have no common curve.
            let counted = match scores.as_slice() {
                [one] => counted_figures(one.steps()),
                _ => CountedFigures::default(),
            };
            let is_whole = counted.labelled == cohort.labelled;
            CohortSnapshot {
                at_seconds: estimates::start(*day),
                predictions: cohort.predictions,
                labelled: cohort.labelled,
                completeness: cohort.completeness(),
                accuracy: cohort.accuracy(),
                f1: counted.f1.filter(|_| is_whole),
                roc_auc: counted.roc_auc.filter(|_| is_whole),
                mean_absolute_error: cohort.mean_absolute_error(),
                estimated: estimates::of_day(name, cohort, state, settings),
                estimate_check: estimates::check_of_day(name, cohort, state, settings),
            }
        })
        .collect()
}

/// The share of all labels that came within each time; empty without labels.
pub(super) fn label_lag(name: &str, state: &State) -> Vec<LagPoint> {
    let mut lag = Histogram::default();
    for cohort in state.feedback.model(name).into_iter().flat_map(|model| model.days.values()) {
        lag.merge(&cohort.lag);
    }
    let total = lag.count();
    if total == 0 {
        return Vec::new();
    }
    let points = lag.cumulative(LAG_SECONDS_BUCKETS).filter(|(seconds, _)| seconds.is_finite());
    points
        .map(|(seconds, count)| LagPoint { seconds, share: count as f64 / total as f64 })
        .collect()
}
