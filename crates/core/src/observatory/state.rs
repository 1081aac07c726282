use alloc::string::{String, ToString};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::bin_totals::BinnedColumns;
use super::calibrations::Calibrations;
use super::delta::{Delta, ModelDelta};
use super::feature_sets::{FeatureSetCounts, FeatureSetStates};
use super::reference::{Origin, Reference, References};
use super::settings::Settings;
use super::table::{self, Context, Room, TableState};
use super::units::{self, UnitsByExperiment};
use super::wire::{self, DecodeError};
use crate::business::BusinessMetrics;
use crate::feedback::Ledger;
use crate::importance::{Importances, Standings};
use crate::pane::{
    Dropped, ExperimentTotals, LIMITS, ModelTotals, PaneStart, SortedMap, Traffic, VariantTotals,
    bound, key_within,
};
use crate::profile::Profile;
use crate::remediation::Outcomes;
use crate::training::TrainingJobs;

/// Everything that all workers saw, merged: what the leader holds and a successor resumes from.
///
/// Totals count from the first request and never go back. Panes older than the window are forgotten
/// at a [`State::tick`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct State {
    pub(super) models: SortedMap<String, ModelState>,
    pub(super) experiments: ExperimentTotals,
    pub(super) units: UnitsByExperiment,
    pub(super) feedback: Ledger,
    pub(super) calibrations: Calibrations,
    pub(super) importances: Importances,
    pub(super) standings: Standings,
    pub(super) feature_sets: FeatureSetStates,
    pub(super) training: TrainingJobs,
    pub(super) business: BusinessMetrics,
    pub(super) dropped: Dropped,
    pub(super) references: References,
    /// The pane of the latest tick.
    latest: Option<PaneStart>,
    /// When counting began: the time of the first tick, in seconds since 1970.
    since_seconds: Option<f64>,
}

/// The part of the state that is about one model.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct ModelState {
    pub totals: ModelTotals,
    pub traffic: SortedMap<PaneStart, Traffic>,
    pub table: TableState,
}

impl State {
    /// Adds what a worker saw.
    ///
    /// Totals always count. Rows that were counted against another reference than the model's
    /// present one, or in panes that have left the window, are left out of the window and counted
    /// as dropped.
    pub fn apply(&mut self, delta: Delta, settings: &Settings) {
        self.dropped.merge(&delta.dropped);
        self.experiments.merge(&delta.experiments, &LIMITS, &mut self.dropped);
        self.training.merge(delta.training, &mut self.dropped);
        self.business.apply(delta.business, settings.pane_seconds, &mut self.dropped);
        units::merge(&mut self.units, delta.units, &mut self.dropped);
        self.feedback.apply(delta.feedback, &settings.feedback, &mut self.dropped);
        self.importances.merge(delta.importances, &mut self.dropped);
        for (name, _) in self.feedback.models() {
            // Labels may come for a model that has no traffic any more.
            self.models.entry(key_within(&self.models, name, LIMITS.models));
        }
        let oldest = self.latest.map(|latest| oldest_pane(latest, settings));
        let panes = (settings.pane_seconds, oldest);
        let dropped = &mut self.dropped;
        let of_models = Room::sum(self.models.values().map(|model| model.table.held()));
        let known = (&self.references, of_models);
        self.feature_sets.apply(delta.feature_sets, known, panes, dropped);
        let pins = delta.pins;
        for (name, delta) in delta.models {
            let key = key_within(&self.models, &name, LIMITS.models);
            let held = self.models.values().map(|model| model.table.held());
            let room =
                Room::beside(LIMITS.kept_cells(), [self.feature_sets.held(), Room::sum(held)]);
            let limits = LIMITS.with_versions(self.models.values().map(|model| &model.totals));
            let model = self.models.entry(key);
            if key == name {
                let context = Context {
                    reference: self.references.get(&name),
                    pane_seconds: settings.pane_seconds,
                    oldest,
                    room,
                    limits: &limits,
                };
                model.apply(delta, &context, &mut self.dropped);
            } else {
                self.dropped.add(bound::MODEL_NAMES, delta.totals.requests());
                model.totals.merge_nameless(&delta.totals, &LIMITS, &mut self.dropped);
                model.apply_traffic(&delta.traffic, settings.pane_seconds);
            }
        }
        for name in pins {
            self.pin_reference(&name, settings);
        }
    }

    /// Brings the state to a time (seconds since 1970): takes over a change of the settings,
    /// finishes learning where there are rows enough, and forgets panes that have left the window.
    ///
    /// Panes that begin later than the next one are dropped too, and counted.
    pub fn tick(&mut self, at_seconds: f64, settings: &Settings) {
        let fullest = table::fullest(self.models.values().map(|model| &model.table.waiting));
        for (index, (name, model)) in self.models.iter_mut().enumerate() {
            model.realign(settings.pane_seconds);
            let is_full = fullest == Some(index);
            let wanted = (settings.reference(name), settings.pane_seconds);
            let taken = self.references.columns();
            let references = (self.references.of_models(), taken);
            let table = &mut model.table;
            table.settle_reference(name, references, wanted, is_full, &mut self.dropped);
        }
        let dropped = &mut self.dropped;
        self.feature_sets.settle_references(&mut self.references, settings, dropped);
        self.standings.update(&self.importances);
        let Some(now) = PaneStart::holding(at_seconds, settings.pane_seconds) else { return };
        self.latest = Some(now);
        self.since_seconds = self.since_seconds.or(Some(at_seconds));
        self.feedback.tick(at_seconds, &settings.feedback, &mut self.dropped);
        self.calibrations.update(&self.feedback, settings);
        let (oldest, newest) = (oldest_pane(now, settings), now.later(1, settings.pane_seconds));
        self.experiments.keep_between(oldest, newest);
        self.business.realign(settings.pane_seconds);
        self.business.keep_between(oldest, newest);
        self.feature_sets.keep_between(oldest, newest, &mut self.dropped);
        for model in self.models.values_mut() {
            model.traffic.retain(|pane, _| (oldest..=newest).contains(pane));
            model.table.keep_between(oldest, newest, &mut self.dropped);
        }
    }

    /// Counting began where it began first.
    pub(super) fn join_since(&mut self, other: Option<f64>) {
        self.since_seconds = match (self.since_seconds, other) {
            (Some(own), Some(other)) => Some(own.min(other)),
            (own, other) => own.or(other),
        };
    }

    /// When counting began, in seconds since 1970; `None` before the first tick.
    #[must_use]
    pub const fn since_seconds(&self) -> Option<f64> {
        self.since_seconds
    }

    /// Gives a model its reference, where the settings leave that to run time; its window begins anew. The
    /// one that it was given last changes nothing, so that what was pinned since stays.
    pub fn give_reference(&mut self, model_name: &str, profile: &Profile, settings: &Settings) {
        let key = key_within(&self.models, model_name, LIMITS.models);
        if key != model_name {
            self.dropped.add(bound::MODEL_NAMES, 1);
            return;
        }
        let table = &mut self.models.entry(key).table;
        let given = (Reference::new(profile, Origin::Given), settings.pane_seconds);
        let references = self.references.of_models();
        table.give_reference(model_name, references, given, &mut self.dropped);
    }

    /// Makes the window of a model its reference, until another is given; `false` while the window has
    /// fewer than [`Limits::pinned_rows`](super::Limits::pinned_rows) rows, or no reference to have its bins of.
    pub fn pin_reference(&mut self, model_name: &str, settings: &Settings) -> bool {
        if self.models.get(model_name).is_none() {
            return false;
        }
        let table = &mut self.models.entry(model_name).table;
        let references = self.references.of_models();
        table.pin(model_name, references, settings.pane_seconds, &mut self.dropped)
    }

    /// The references that are ready.
    #[must_use]
    pub fn references(&self) -> &References {
        &self.references
    }

    /// The window of a model as a profile, on the bins of its reference: pinned, it can be a
    /// reference itself. `None` if there is no such model, or it has no reference yet.
    #[must_use]
    pub fn profile(&self, model_name: &str) -> Option<Profile> {
        let reference = self.references.get(model_name)?;
        Some(reference.profile_of(&self.models.get(model_name)?.table.window))
    }

    /// Model names and their totals since the first request, by name.
    pub fn totals(&self) -> impl Iterator<Item = (&str, &ModelTotals)> {
        self.models.iter().map(|(name, model)| (name.as_str(), &model.totals))
    }

    /// Models that have a reference: their names, it, and what fell into the bins of its columns since it was
    /// frozen.
    pub fn binned(&self) -> impl Iterator<Item = (&str, &Reference, BinnedColumns<'_>)> {
        self.models.iter().filter_map(|(name, model)| {
            let reference = self.references.get(name)?;
            Some((name.as_str(), reference, model.table.binned(reference)))
        })
    }

    /// The same of feature sets.
    pub fn binned_feature_sets(
        &self,
    ) -> impl Iterator<Item = (&str, &Reference, BinnedColumns<'_>)> {
        self.feature_sets.iter().filter_map(|(name, set)| {
            let reference = self.references.feature_set(name)?;
            Some((name, reference, set.table.binned(reference)))
        })
    }

    /// By model, the requests that reached it and those of them that failed, since the first.
    #[must_use]
    pub fn outcomes(&self) -> Vec<Outcomes> {
        let of_model = |(name, totals): (&str, &ModelTotals)| Outcomes {
            model_name: name.to_string(),
            requests: totals.requests(),
            failures: totals.failures(),
        };
        self.totals().map(of_model).collect()
    }

    /// Training runs.
    #[must_use]
    pub const fn training(&self) -> &TrainingJobs {
        &self.training
    }

    /// Business metrics.
    #[must_use]
    pub const fn business(&self) -> &BusinessMetrics {
        &self.business
    }

    /// Experiment names, variant names and their totals since the first request, by name.
    pub fn experiments(&self) -> impl Iterator<Item = (&str, &str, &VariantTotals)> {
        self.experiments.iter()
    }

    /// Names of feature sets and what is counted of them, by name.
    pub fn feature_sets(&self) -> impl Iterator<Item = (&str, &FeatureSetCounts)> {
        self.feature_sets.iter().map(|(name, set)| (name, &set.counts))
    }

    /// What explanations say of each model.
    #[must_use]
    pub const fn importances(&self) -> &Importances {
        &self.importances
    }

    /// Bytes that [`State::decode`] reads; equal states have equal bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.encode_behind(Vec::new())
    }

    /// The same behind other bytes; with room enough in their vector it is not moved.
    #[must_use]
    pub fn encode_behind(&self, bytes: Vec<u8>) -> Vec<u8> {
        wire::encode_behind(bytes, self)
    }

    /// Reads what [`State::encode`] wrote.
    ///
    /// # Errors
    /// [`DecodeError`] if `bytes` are of another version, or damaged.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let state: Self = wire::decode(bytes)?;
        if state.is_sound() { Ok(state) } else { Err(DecodeError::Malformed) }
    }
}

impl State {
    /// Whether this can be worked with: true of all but a damaged encoding.
    pub(super) fn is_sound(&self) -> bool {
        let rows_are = self.models.values().all(|model| model.table.waiting.is_sound());
        rows_are && self.importances.is_sound() && self.feature_sets.is_sound()
    }

    /// Whatever pane comes is kept until the next tick.
    pub(super) const fn forget_tick(&mut self) {
        self.latest = None;
    }
}

/// The oldest pane of the window whose newest is `now`.
pub(super) fn oldest_pane(now: PaneStart, settings: &Settings) -> PaneStart {
    now.earlier(settings.panes.saturating_sub(1), settings.pane_seconds)
}

impl ModelState {
    fn apply(&mut self, delta: ModelDelta, context: &Context<'_>, dropped: &mut Dropped) {
        self.totals.merge(&delta.totals, context.limits, dropped);
        self.apply_traffic(&delta.traffic, context.pane_seconds);
        self.table.apply(delta.table, context, dropped);
    }

    fn apply_traffic(&mut self, panes: &SortedMap<PaneStart, Traffic>, pane_seconds: u32) {
        for (pane, traffic) in panes.iter() {
            self.traffic.entry(&pane.aligned(pane_seconds)).merge(traffic);
        }
    }

    fn realign(&mut self, pane_seconds: u32) {
        let aligned = |pane: PaneStart| pane.aligned(pane_seconds) == pane;
        if self.traffic.keys().copied().all(aligned) && self.table.window.panes().all(aligned) {
            return;
        }
        let traffic = core::mem::take(&mut self.traffic);
        self.apply_traffic(&traffic, pane_seconds);
        self.table.window.realign(pane_seconds);
    }
}
