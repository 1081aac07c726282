use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::feature_sets::FeatureSetDeltas;
use super::reference::References;
use super::settings::{ReferenceSettings, Settings};
use super::table::{Room, TableDelta};
use super::units::{self, UnitsByExperiment};
use super::wire::{self, DecodeError};
use crate::business::BusinessMetrics;
use crate::event::ColumnRole;
use crate::event::{Columns, Conversion, Event, Inference, InferenceRef, Stage};
use crate::feedback::{FeedbackDelta, Labelled, TokenCounts};
use crate::importance::Importances;
use crate::pane::{
    Dropped, ExperimentTotals, LIMITS, Limits, ModelTotals, OTHER, PaneStart, SortedMap, Traffic,
    bound, key_within, record_in_flight,
};
use crate::training::RunDelta;

/// What one worker saw since it last handed over.
///
/// Everything in it is named (model, version, status, stage, class, column, reference), never
/// numbered by a place in a config, so that it can be read under the next config.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Delta {
    pub(super) models: SortedMap<String, ModelDelta>,
    pub(super) experiments: ExperimentTotals,
    pub(super) units: UnitsByExperiment,
    pub(super) feedback: FeedbackDelta,
    pub(super) importances: Importances,
    pub(super) feature_sets: FeatureSetDeltas,
    pub(super) training: RunDelta,
    pub(super) business: BusinessMetrics,
    /// Models whose window is to become their reference.
    pub(super) pins: BTreeSet<String>,
    pub(super) dropped: Dropped,
}

/// The part of a delta that is about one model.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct ModelDelta {
    pub totals: ModelTotals,
    pub traffic: SortedMap<PaneStart, Traffic>,
    pub table: TableDelta,
}

impl Delta {
    /// Counts one request that ended at `at_seconds` (seconds since 1970).
    ///
    /// The request always counts in the totals. Its rows count in the window, on the bins of the
    /// model's reference; while a reference is wanted and not there yet, they are kept as they
    /// came. A feature that a request leaves out is missing from its rows.
    pub fn record(
        &mut self,
        at_seconds: f64,
        inference: &Inference,
        references: &References,
        settings: &Settings,
    ) {
        self.count(at_seconds, &inference.borrowed(), references, settings);
    }

    fn count(
        &mut self,
        at_seconds: f64,
        inference: &InferenceRef<'_>,
        references: &References,
        settings: &Settings,
    ) {
        let room = self.room(LIMITS.raw_cells);
        let limits = LIMITS.with_versions(self.models.values().map(|model| &model.totals));
        let dropped = &mut self.dropped;
        let pane = PaneStart::holding(at_seconds, settings.pane_seconds);
        self.experiments.record(inference, pane, &LIMITS, dropped);
        units::expose(&mut self.units, at_seconds, inference, settings, dropped);
        self.feedback.record(at_seconds, inference, dropped);

        let name = LIMITS.cut(inference.model_name, dropped);
        let key = key_within(&self.models, name, LIMITS.models);
        let model = self.models.entry(key);
        if let Some(pane) = pane {
            model.traffic.entry(&pane).record(inference);
            if let Some(seconds) = inference.stage_seconds(Stage::Total) {
                let ended = (at_seconds, seconds);
                let (length, most) = (settings.pane_seconds, LIMITS.delta_panes);
                record_in_flight(&mut model.traffic, ended, length, most);
            }
        }
        if key != name {
            dropped.add(bound::MODEL_NAMES, 1);
            model.totals.record(OTHER, inference, &LIMITS, dropped);
            model.keep_newest_panes(dropped);
            return;
        }
        model.totals.record(inference.model_version, inference, &limits, dropped);
        let is_awaited = |it: &ReferenceSettings| {
            matches!(it, ReferenceSettings::Learn { .. } | ReferenceSettings::Profile(_))
        };
        let learns = is_awaited(settings.reference(name));
        for_each_role(inference, |role, columns| match (pane, references.get(name)) {
            (None, _) => dropped.add(bound::PANES, columns.rows() as u64),
            (Some(pane), reference) => {
                model.table.record((role, pane), columns, reference, (learns, room), dropped);
            }
        });
        model.keep_newest_panes(dropped);
    }

    /// Counts one event, at its own time, or else at `received_at` (seconds since 1970).
    pub fn observe(
        &mut self,
        received_at: f64,
        event: &Event,
        references: &References,
        settings: &Settings,
    ) {
        let at_seconds = event.at().unwrap_or(received_at);
        match event {
            Event::Inference(observed) => {
                observed.with_borrowed(|inference| {
                    self.count(at_seconds, inference, references, settings);
                });
            }
            Event::Label(label) => {
                self.feedback.record_label(at_seconds, label, &mut self.dropped);
            }
            Event::Explanation(explanation) => {
                self.importances.record(at_seconds, explanation, &mut self.dropped);
            }
            Event::FeatureRetrieval(retrieval) => {
                let dropped = &mut self.dropped;
                self.feature_sets.record_retrieval(at_seconds, retrieval, settings, dropped);
            }
            Event::FeatureRow(row) => {
                let room = self.room(LIMITS.raw_cells);
                let dropped = &mut self.dropped;
                let known = (references, room);
                self.feature_sets.record_row(at_seconds, row, known, settings, dropped);
            }
            Event::TrainingStep(step) => self.training.step(step, &mut self.dropped),
            Event::TrainingEpoch(epoch) => self.training.epoch(epoch, &mut self.dropped),
            Event::BusinessMetric(told) => {
                let panes = settings.pane_seconds;
                self.business.record(at_seconds, told, panes, &mut self.dropped);
            }
            Event::ExperimentUnit(unit) => {
                units::know(&mut self.units, unit, settings, &mut self.dropped);
            }
            Event::Conversion(conversion) => {
                self.convert(at_seconds, (conversion, None), settings);
            }
        }
    }

    /// Counts a conversion, of the variant that its unit was given, where that is known.
    pub(super) fn convert(
        &mut self,
        at_seconds: f64,
        conversion: (&Conversion, Option<&str>),
        settings: &Settings,
    ) {
        let counts = (&mut self.units, &mut self.experiments);
        units::convert(counts, at_seconds, conversion, settings, &mut self.dropped);
    }

    /// Counts a prediction with its truth, which came together: from a token, say.
    pub fn record_labelled(&mut self, labelled: Labelled) {
        self.feedback.record_labelled(labelled, &mut self.dropped);
    }

    /// Asks for the window of a model to become its reference, with what was counted up to now.
    pub fn pin(&mut self, model_name: &str) {
        if self.pins.len() < LIMITS.models {
            self.pins.insert(model_name.into());
        }
    }

    /// Counts tokens.
    pub fn count_tokens(&mut self, counts: &TokenCounts) {
        self.feedback.count_tokens(counts);
    }

    /// Counts one thing that a bound outside the observatory turned away.
    pub fn reject(&mut self, bound: &str) {
        self.dropped.add(bound, 1);
    }

    /// Adds what `other` saw.
    pub fn merge(&mut self, other: Self) {
        self.dropped.merge(&other.dropped);
        self.experiments.merge(&other.experiments, &LIMITS, &mut self.dropped);
        units::merge(&mut self.units, other.units, &mut self.dropped);
        self.feedback.merge(other.feedback, &mut self.dropped);
        self.importances.merge(other.importances, &mut self.dropped);
        let of_models = Room::sum(self.models.values().map(|model| model.table.held()));
        self.feature_sets.merge(other.feature_sets, of_models, &mut self.dropped);
        self.training.merge(other.training, &mut self.dropped);
        self.business.merge(other.business, &mut self.dropped);
        for name in &other.pins {
            self.pin(name);
        }
        for (name, model) in other.models {
            let key = key_within(&self.models, &name, LIMITS.models);
            let own_name = key == name;
            let room = self.room(LIMITS.kept_cells());
            let limits = LIMITS.with_versions(self.models.values().map(|model| &model.totals));
            let held = self.models.entry(key);
            held.merge(model, own_name, (room, &limits), &mut self.dropped);
        }
    }

    /// What the tables of all models and feature sets leave of so many cells, and of the counts of windows.
    fn room(&self, cells: u64) -> Room {
        let of_models = Room::sum(self.models.values().map(|model| model.table.held()));
        Room::beside(cells, [of_models, self.feature_sets.held()])
    }

    /// Whether nothing was seen since the last hand-over.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.models.is_empty()
            && self.experiments.is_empty()
            && self.units.is_empty()
            && self.feedback.is_empty()
            && self.importances.is_empty()
            && self.feature_sets.is_empty()
            && self.training.is_empty()
            && self.business.is_empty()
            && self.pins.is_empty()
            && self.dropped.is_empty()
    }

    /// Bytes that [`Delta::decode`] reads.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        wire::encode(self)
    }

    /// Reads what [`Delta::encode`] wrote.
    ///
    /// # Errors
    /// [`DecodeError`] if `bytes` are of another version, or damaged.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let delta: Self = wire::decode(bytes)?;
        let rows_are = delta.models.values().all(|model| model.table.raw.is_sound());
        let sound = rows_are && delta.importances.is_sound() && delta.feature_sets.is_sound();
        if sound { Ok(delta) } else { Err(DecodeError::Malformed) }
    }
}

impl ModelDelta {
    fn merge(
        &mut self,
        other: Self,
        own_name: bool,
        (room, limits): (Room, &Limits),
        dropped: &mut Dropped,
    ) {
        for (pane, traffic) in other.traffic.iter() {
            self.traffic.entry(pane).merge(traffic);
        }
        if own_name {
            self.totals.merge(&other.totals, limits, dropped);
            self.table.merge(other.table, room, dropped);
        } else {
            dropped.add(bound::MODEL_NAMES, other.totals.requests());
            self.totals.merge_nameless(&other.totals, &LIMITS, dropped);
        }
        self.keep_newest_panes(dropped);
    }

    /// A delta that nobody takes must not grow for ever. Keeping the newest gives the same whatever
    /// the order of merging.
    fn keep_newest_panes(&mut self, dropped: &mut Dropped) {
        let excess = self.traffic.len().saturating_sub(LIMITS.delta_panes);
        let Some(oldest) = self.traffic.keys().copied().nth(excess).filter(|_| excess > 0) else {
            return;
        };
        self.traffic.retain(|pane, _| *pane >= oldest);
        self.table.keep_from(oldest, dropped);
    }
}

/// Calls `each` with the columns of each role that the request shows rows of.
fn for_each_role(inference: &InferenceRef<'_>, mut each: impl FnMut(ColumnRole, Columns<'_>)) {
    let predictions = Columns::One(PREDICTION, inference.predictions);
    let confidences = Columns::Numbers(CONFIDENCE, inference.confidences);
    for (role, columns) in [
        (ColumnRole::Feature, inference.features),
        (ColumnRole::Prediction, predictions),
        (ColumnRole::Confidence, confidences),
    ] {
        if columns.iter().any(|(_, values)| !values.is_empty()) {
            each(role, columns);
        }
    }
}

/// Name of the column of predictions.
const PREDICTION: &str = "prediction";
/// Name of the column of confidences.
const CONFIDENCE: &str = "confidence";
