//! What confidences mean, and how good predictions probably are before their truth is known.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::quality;
use super::reference::fnv1a;
use super::settings::Settings;
use super::state::State;
use super::wire;
use crate::feedback::{Cohort, Ledger, Scores, Step};
use crate::pane::SortedMap;
use crate::quality::{Calibration, EstimatedFigures};
use crate::snapshot::{CalibrationSnapshot, CalibrationSource, EstimateSnapshot};

/// Calibrations by model and version, learned from the oldest labelled predictions as of the last tick.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Calibrations(SortedMap<String, SortedMap<String, Learned>>);

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
struct Learned {
    /// Of the rows that it was learned from.
    fingerprint: u64,
    calibration: Option<Calibration>,
}

impl Calibrations {
    /// Learns again where other predictions are the oldest than before.
    pub fn update(&mut self, ledger: &Ledger, settings: &Settings) {
        let min_samples = settings.feedback.min_samples.max(1);
        for (model, feedback) in ledger.models() {
            if given(model, settings).is_some() {
                self.0.remove(model);
                continue;
            }
            for (version, window) in feedback.oldest.iter() {
                let rows = window.rows();
                let enough = rows.len() >= min_samples;
                let fingerprint = if enough { fnv1a(&wire::encode(rows)) } else { 0 };
                let held = self.0.entry(model).entry(version);
                if held.fingerprint != fingerprint {
                    let found = Calibration::of_rows(if enough { rows } else { &[] });
                    let calibration = found.filter(|it| it.rows >= min_samples as u64);
                    *held = Learned { fingerprint, calibration };
                }
            }
        }
    }

    fn get(&self, model: &str, version: &str) -> Option<&Calibration> {
        self.0.get(model)?.get(version)?.calibration.as_ref()
    }
}

/// The calibration that the settings hold.
fn given<'s>(model: &str, settings: &'s Settings) -> Option<&'s Calibration> {
    settings.model(model)?.calibration.as_ref()
}

/// The calibration that is in force, and where it comes from.
fn in_force<'s>(
    (model, version): (&str, &str),
    state: &'s State,
    settings: &'s Settings,
) -> Option<(CalibrationSource, &'s Calibration)> {
    let learned = || Some((CalibrationSource::Feedback, state.calibrations.get(model, version)?));
    given(model, settings).map(|it| (CalibrationSource::Reference, it)).or_else(learned)
}

pub(super) fn calibration(
    names: (&str, &str),
    state: &State,
    settings: &Settings,
) -> Option<CalibrationSnapshot> {
    let (source, calibration) = in_force(names, state, settings)?;
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
    let (_, calibration) = in_force((model, version), state, settings)?;
    let mut taken: Vec<(&str, &Step)> = Vec::new();
    let mut predictions = 0_u64;
    let days: Vec<(&u64, &Cohort)> = state.feedback.model(model)?.days.iter().collect();
    for (day, cohort) in days.into_iter().rev() {
        let Some(scores) = cohort.scores.get(version) else { continue };
        predictions = predictions.saturating_add(scores.predictions());
        taken.extend(scores.steps());
        if predictions >= settings.feedback.min_samples as u64 {
            let figures = calibration.estimate(taken.into_iter())?;
            return Some(EstimateSnapshot { from_seconds: quality::start(*day), figures });
        }
    }
    None
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
        let (_, calibration) = in_force(names, state, settings)?;
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
