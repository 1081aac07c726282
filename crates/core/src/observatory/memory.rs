//! What an observatory can come to hold, whatever it is told.

use alloc::string::String;
use alloc::vec::Vec;

use super::feature_sets;
use super::reference::ReferenceColumn;
use super::settings::Settings;
use crate::pane::{CELL_TEXT_BYTES, Cell, LIMITS, PaneStart, Traffic, most};
use crate::profile::MAX_CATEGORIES;
use crate::{alert, business, experiment, feedback, importance, training};

/// The parts of what an [`Observatory`](super::Observatory) holds after a tick, and the most bytes that each can
/// come to: every cap of [`Limits`](super::Limits) times the size of what it caps, with what a growing list holds
/// in reserve. Their sum is the bound of the whole.
///
/// It depends on the settings where they give a number: panes, the window of labelled predictions and the capacity
/// of the store, experiments, rules. References that are given or pinned are the operator's and are not in it.
///
/// What comes between two ticks is held beside it until the next: see [`most_bytes_between_ticks`].
///
/// # Examples
/// ```
/// use tidegate_core::observatory::{Settings, most_bytes};
///
/// let bytes: u64 = most_bytes(&Settings::default()).iter().map(|(_, bytes)| bytes).sum();
/// assert!(bytes < 1 << 30);
/// ```
#[must_use]
pub fn most_bytes(settings: &Settings) -> Vec<(&'static str, u64)> {
    // The pane that comes next may have events already.
    let panes = u64::from(settings.panes.max(1)) + 1;
    let cells = LIMITS.kept_cells();
    let shared = shared(settings, panes);
    let own = [
        ("raw rows, while references are learned", raw_rows(cells)),
        ("learned references, and counts on their bins", references()),
        ("predictions that await their label", feedback::most_store_bytes(&settings.feedback)),
        ("labelled predictions", feedback::most_window_bytes(&settings.feedback)),
        ("days of labelled predictions", feedback::most_cohort_bytes(&settings.feedback)),
        ("importances now and in the reference", importance::most_standing_bytes()),
        ("alerts and what rules look back on", alert::most_bytes(settings.alerts.len())),
    ];
    shared.into_iter().chain(own).collect()
}

/// The same of what comes between two ticks.
#[must_use]
pub fn most_bytes_between_ticks(settings: &Settings) -> Vec<(&'static str, u64)> {
    let own = [
        ("raw rows", raw_rows(LIMITS.raw_cells)),
        ("predictions and labels", feedback::most_delta_bytes()),
    ];
    shared(settings, LIMITS.delta_panes as u64 + 1).into_iter().chain(own).collect()
}

/// What a delta holds as the state does, in so many panes.
fn shared(settings: &Settings, panes: u64) -> [(&'static str, u64); 10] {
    let (models, sets) = (LIMITS.models as u64 + 1, LIMITS.feature_sets as u64 + 1);
    let variants = (LIMITS.experiments as u64 + 1) * (LIMITS.variants as u64 + 1);
    let columns = (models + sets) * (LIMITS.columns as u64 + 2);
    let experiments = settings.experiments.len() as u64;
    let traffic = most::entry::<PaneStart, Traffic>() + most::QUANTILES;
    [
        ("versions of models", (LIMITS.all_versions as u64 + models) * most::version()),
        ("panes of traffic", models * panes * traffic),
        ("variants of experiments", variants * most::variant(panes)),
        ("units of experiments", experiments * experiment::most_unit_bytes()),
        ("windows of columns", LIMITS.window_counts * 8 + columns * 3 * most::NAME),
        ("sources of feature sets", sets * LIMITS.feature_sources as u64 * most::quantity()),
        ("ages of features", LIMITS.aged_features as u64 * feature_sets::most_age_bytes(panes)),
        ("explanations", importance::most_bytes()),
        ("training runs", training::most_bytes()),
        ("business metrics", business::most_bytes(panes)),
    ]
}

fn raw_rows(cells: u64) -> u64 {
    // A quarter in reserve, and a text, the shortest of which takes as much as a cell's text may have.
    let cell = size_of::<Cell>() as u64 * 5 / 4 + CELL_TEXT_BYTES;
    cells * cell
}

fn references() -> u64 {
    let names = MAX_CATEGORIES as u64 * (most::NAME + 4 * size_of::<u32>() as u64);
    let bins = 4 * 8 * (MAX_CATEGORIES as u64 + 1);
    let column = 2 * size_of::<ReferenceColumn>() as u64 + most::NAME + names + bins;
    LIMITS.reference_columns as u64 * (column + size_of::<String>() as u64)
}
