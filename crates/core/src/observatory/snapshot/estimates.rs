//! The part of a snapshot that tells how good predictions probably are before their truth is known.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::feedback::{Cohort, Scores, Step};
use crate::observatory::settings::Settings;
use crate::observatory::state::State;
use crate::quality::{EstimateCheck, EstimatedFigures};
use crate::snapshot::{CalibrationSnapshot, EstimateSnapshot};

const DAY_SECONDS: f64 = 86_400.0;

/// When a day begins, in seconds since 1970.
pub(super) const fn start(day: u64) -> f64 {
    day as f64 * DAY_SECONDS
}

/// What the calibration in force was learned from.
pub(super) fn calibration(
    names: (&str, &str),
    state: &State,
    settings: &Settings,
) -> Option<CalibrationSnapshot> {
    let (source, calibration) = state.calibrations.in_force(names, settings)?;
    let [from_seconds, to_seconds] = [0, 1].map(|end| calibration.times.map(|times| times[end]));
    Some(CalibrationSnapshot { source, rows: calibration.rows, from_seconds, to_seconds })
}

/// The figures that the newest predictions of a version probably have: of as few whole days as have the
/// smallest number of samples together.
pub(super) fn of_newest(
    (model, version): (&str, &str),
    state: &State,
    settings: &Settings,
) -> Option<EstimateSnapshot> {
    let (_, calibration) = state.calibrations.in_force((model, version), settings)?;
    let (day, steps) = newest((model, version), state, settings, |step| step.count)?;
    let figures = calibration.estimate(steps.into_iter())?;
    Some(EstimateSnapshot { from_seconds: start(day), figures })
}

/// The estimate beside the labels, of as few whole days as have the smallest number of labelled samples together.
pub(super) fn check_of_newest(
    names: (&str, &str),
    state: &State,
    settings: &Settings,
) -> Option<EstimateCheck> {
    let (_, calibration) = state.calibrations.in_force(names, settings)?;
    let (_, steps) = newest(names, state, settings, |step| step.labelled)?;
    calibration.check(steps.into_iter())
}

/// The steps of the newest whole days that hold as many predictions together, of those that `count` counts, as the
/// smallest number of samples; and the first of the days.
fn newest<'s>(
    (model, version): (&str, &str),
    state: &'s State,
    settings: &Settings,
    count: impl Fn(&Step) -> u64,
) -> Option<(u64, Vec<(&'s str, &'s Step)>)> {
    let mut taken: Vec<(&str, &Step)> = Vec::new();
    let mut counted = 0_u64;
    let days: Vec<(&u64, &Cohort)> = state.feedback.model(model)?.days.iter().collect();
    for (day, cohort) in days.into_iter().rev() {
        let Some(scores) = cohort.scores.get(version) else { continue };
        counted = scores.steps().fold(counted, |sum, (_, step)| sum.saturating_add(count(step)));
        taken.extend(scores.steps());
        if counted >= settings.feedback.min_samples as u64 {
            return Some((*day, taken));
        }
    }
    None
}

/// The estimate of a day's labelled predictions beside the labels, where one model version made them.
pub(super) fn check_of_day(
    model: &str,
    cohort: &Cohort,
    state: &State,
    settings: &Settings,
) -> Option<EstimateCheck> {
    let mut versions = cohort.scores.iter();
    let ((version, scores), None) = (versions.next()?, versions.next()) else { return None };
    let (_, calibration) = state.calibrations.in_force((model, version), settings)?;
    calibration.check(scores.steps())
}

/// The figures that the predictions of a day probably have. Of several versions it is the accuracy of all of
/// them, each by its own calibration.
pub(super) fn of_day(
    model: &str,
    cohort: &Cohort,
    state: &State,
    settings: &Settings,
) -> Option<EstimatedFigures> {
    let of_version = |(version, scores): (&String, &Scores)| {
        let names = (model, version.as_str());
        let (_, calibration) = state.calibrations.in_force(names, settings)?;
        calibration.estimate(scores.steps())
    };
    let of_versions: Option<Vec<EstimatedFigures>> = cohort.scores.iter().map(of_version).collect();
    match of_versions?.as_slice() {
        [] => None,
        [one] => Some(*one),
        several => Some(together(several)),
    }
}

fn together(versions: &[EstimatedFigures]) -> EstimatedFigures {
    let predictions = versions.iter().fold(0_u64, |sum, it| sum.saturating_add(it.predictions));
    let weighted = |of: &dyn Fn(&EstimatedFigures) -> Option<f64>| {
        versions.iter().map(|it| Some(of(it)? * it.predictions as f64)).sum::<Option<f64>>()
    };
    let total = predictions as f64;
    let accuracy = weighted(&|it| it.accuracy).map(|sum| sum / total);
    // The errors of the versions are independent: their squares add.
    let reach = |it: &EstimatedFigures| {
        let [lower, upper] = it.accuracy_interval?;
        let reach = 0.5 * (upper - lower) * it.predictions as f64;
        Some(reach * reach)
    };
    let reach = versions.iter().map(reach).sum::<Option<f64>>();
    let reach = reach.map(|sum| tidegate_stats::num::sqrt(sum) / total);
    let interval = accuracy.zip(reach);
    EstimatedFigures {
        predictions,
        accuracy,
        accuracy_interval: interval
            .map(|(at, reach)| [(at - reach).max(0.0), (at + reach).min(1.0)]),
        ..EstimatedFigures::default()
    }
}

/// Versions that have labelled predictions, or any with a confidence.
pub(super) fn versions(model: &str, state: &State) -> Vec<String> {
    let Some(feedback) = state.feedback.model(model) else { return Vec::new() };
    let scored = feedback.days.values().flat_map(|cohort| cohort.scores.keys());
    let mut all: Vec<String> =
        feedback.versions.keys().chain(scored).map(ToString::to_string).collect();
    all.sort_unstable();
    all.dedup();
    all
}
