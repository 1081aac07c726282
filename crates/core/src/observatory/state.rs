use alloc::string::{String, ToString};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::delta::{Delta, ModelDelta, count_column};
use super::learning;
use super::reference::{Origin, Reference, References};
use super::settings::{ReferenceSettings, Settings};
use super::wire::{self, DecodeError};
use crate::feedback::Ledger;
use crate::importance::{Importances, Standings};
use crate::pane::{
    Cell, Dropped, ExperimentTotals, LIMITS, ModelTotals, PaneStart, RawRows, SortedMap, Traffic,
    VariantTotals, Window, bound, key_within,
};
use crate::profile::Profile;
use crate::remediation::Outcomes;

/// Everything that all workers saw, merged: what the leader holds and a successor resumes from.
///
/// Totals count from the first request and never go back. Panes older than the window are forgotten
/// at a [`State::tick`].
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct State {
    pub(super) models: SortedMap<String, ModelState>,
    pub(super) experiments: ExperimentTotals,
    pub(super) feedback: Ledger,
    pub(super) importances: Importances,
    pub(super) standings: Standings,
    pub(super) dropped: Dropped,
    pub(super) references: References,
    /// The pane of the latest tick.
    latest: Option<PaneStart>,
}

/// The part of the state that is about one model.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct ModelState {
    pub totals: ModelTotals,
    pub traffic: SortedMap<PaneStart, Traffic>,
    /// Counts on the bins of the model's reference; while it has none, of presence only.
    pub window: Window,
    /// Rows that wait for a reference.
    pub waiting: RawRows,
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
        self.feedback.apply(delta.feedback, &settings.feedback, &mut self.dropped);
        self.importances.merge(delta.importances, &mut self.dropped);
        for (name, _) in self.feedback.models() {
            // Labels may come for a model that has no traffic any more.
            self.models.entry(key_within(&self.models, name, LIMITS.models));
        }
        let oldest = self.latest.map(|latest| oldest_pane(latest, settings));
        for (name, delta) in delta.models {
            let key = key_within(&self.models, &name, LIMITS.models);
            let room = LIMITS.kept_cells().saturating_sub(self.waiting_cells());
            let model = self.models.entry(key);
            if key == name {
                let context = Context {
                    reference: self.references.get(&name),
                    pane_seconds: settings.pane_seconds,
                    oldest,
                    room,
                };
                model.apply(delta, &context, &mut self.dropped);
            } else {
                self.dropped.add(bound::MODEL_NAMES, delta.totals.requests());
                model.totals.merge_nameless(&delta.totals, &LIMITS, &mut self.dropped);
                model.apply_traffic(&delta.traffic, settings.pane_seconds);
            }
        }
    }

    /// Brings the state to a time (seconds since 1970): takes over a change of the settings,
    /// finishes learning where there are rows enough, and forgets panes that have left the window.
    ///
    /// Panes that begin later than the next one are dropped too, and counted.
    pub fn tick(&mut self, at_seconds: f64, settings: &Settings) {
        let fullest = self.fullest();
        for (index, (name, model)) in self.models.iter_mut().enumerate() {
            model.realign(settings.pane_seconds);
            let is_full = fullest == Some(index);
            let references = &mut self.references;
            model.settle_reference(name, references, is_full, settings, &mut self.dropped);
        }
        self.standings.update(&self.importances);
        let Some(now) = PaneStart::holding(at_seconds, settings.pane_seconds) else { return };
        self.latest = Some(now);
        self.feedback.tick(at_seconds, &settings.feedback, &mut self.dropped);
        let (oldest, newest) = (oldest_pane(now, settings), now.later(1, settings.pane_seconds));
        for model in self.models.values_mut() {
            model.traffic.retain(|pane, _| (oldest..=newest).contains(pane));
            model.window.retain(|pane| pane >= oldest);
            self.dropped.add(bound::PANES, model.window.retain(|pane| pane <= newest));
        }
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
        Some(reference.profile_of(&self.models.get(model_name)?.window))
    }

    /// Model names and their totals since the first request, by name.
    pub fn totals(&self) -> impl Iterator<Item = (&str, &ModelTotals)> {
        self.models.iter().map(|(name, model)| (name.as_str(), &model.totals))
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

    /// Experiment names, variant names and their totals since the first request, by name.
    pub fn experiments(&self) -> impl Iterator<Item = (&str, &str, &VariantTotals)> {
        self.experiments.iter()
    }

    /// What explanations say of each model.
    #[must_use]
    pub const fn importances(&self) -> &Importances {
        &self.importances
    }

    /// Bytes that [`State::decode`] reads; equal states have equal bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        wire::encode(self)
    }

    /// Reads what [`State::encode`] wrote.
    ///
    /// # Errors
    /// [`DecodeError`] if `bytes` are of another version, or damaged.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let state: Self = wire::decode(bytes)?;
        let rows_are = state.models.values().all(|model| model.waiting.is_sound());
        let sound = rows_are && state.importances.is_sound();
        if sound { Ok(state) } else { Err(DecodeError::Malformed) }
    }
}

impl State {
    /// Cells of all rows that wait for a reference.
    fn waiting_cells(&self) -> u64 {
        self.models.values().fold(0, |sum, model| sum.saturating_add(model.waiting.cells()))
    }

    /// If too many rows wait: the place of the model that has the most of them.
    fn fullest(&self) -> Option<usize> {
        let is_full = self.waiting_cells() >= LIMITS.learning_cells;
        let cells = self.models.values().map(|model| model.waiting.cells()).enumerate();
        cells.max_by_key(|(_, cells)| *cells).map(|(index, _)| index).filter(|_| is_full)
    }
}

/// What a model's delta is applied under.
struct Context<'s> {
    reference: Option<&'s Reference>,
    pane_seconds: u32,
    /// The oldest pane of the window, once there was a tick.
    oldest: Option<PaneStart>,
    /// Cells of raw rows that there is room for.
    room: u64,
}

/// The oldest pane of the window whose newest is `now`.
pub(super) fn oldest_pane(now: PaneStart, settings: &Settings) -> PaneStart {
    now.earlier(settings.panes.saturating_sub(1), settings.pane_seconds)
}

impl ModelState {
    fn apply(&mut self, delta: ModelDelta, context: &Context<'_>, dropped: &mut Dropped) {
        let Context { reference, pane_seconds, oldest, room } = *context;
        self.totals.merge(&delta.totals, &LIMITS, dropped);
        self.apply_traffic(&delta.traffic, pane_seconds);

        let mut arrived = Window::default();
        let current = reference.map(Reference::id);
        for (counted_against, window) in delta.counted.iter() {
            if *counted_against == current {
                arrived.merge(window, &LIMITS, dropped);
            } else if counted_against.is_some() {
                dropped.add(bound::REFERENCE, window.rows());
            }
            // Counts of presence alone are of rows that came raw too: those are binned below.
        }
        match reference {
            Some(reference) => bin_rows(&delta.raw, reference, &mut arrived, dropped),
            None => self.waiting.merge(delta.raw, room, dropped),
        }
        arrived.realign(pane_seconds);
        if let Some(oldest) = oldest {
            dropped.add(bound::PANES, arrived.retain(|pane| pane >= oldest));
        }
        self.window.merge(&arrived, &LIMITS, dropped);
    }

    fn apply_traffic(&mut self, panes: &SortedMap<PaneStart, Traffic>, pane_seconds: u32) {
        for (pane, traffic) in panes.iter() {
            self.traffic.entry(&pane.aligned(pane_seconds)).merge(traffic);
        }
    }

    fn realign(&mut self, pane_seconds: u32) {
        let aligned = |pane: PaneStart| pane.aligned(pane_seconds) == pane;
        if self.traffic.keys().copied().all(aligned) && self.window.panes().all(aligned) {
            return;
        }
        let traffic = core::mem::take(&mut self.traffic);
        self.apply_traffic(&traffic, pane_seconds);
        self.window.realign(pane_seconds);
    }

    /// Makes the model's reference the one that the settings ask for, as soon as that can be.
    fn settle_reference(
        &mut self,
        name: &str,
        references: &mut References,
        is_full: bool,
        settings: &Settings,
        dropped: &mut Dropped,
    ) {
        let held = references.get(name);
        let wanted = match settings.reference(name) {
            ReferenceSettings::None => {
                self.waiting = RawRows::default();
                None
            }
            ReferenceSettings::Profile(profile) => Some(Reference::new(profile, Origin::Given)),
            ReferenceSettings::Learn { samples } => match held {
                Some(held) if held.origin() == Origin::Learned => return,
                _ => self.learn((*samples).max(1), is_full, dropped),
            },
        };
        if wanted.as_ref().map(Reference::id) == held.map(Reference::id) {
            return;
        }
        let replaced = core::mem::take(&mut self.window);
        if held.is_some() {
            dropped.add(bound::REFERENCE, replaced.rows());
        }
        match wanted {
            Some(reference) => {
                let waiting = core::mem::take(&mut self.waiting);
                bin_rows(&waiting, &reference, &mut self.window, dropped);
                self.window.realign(settings.pane_seconds);
                references.insert(name, reference);
            }
            None => {
                references.remove(name);
            }
        }
    }

    /// A reference of the first `samples` rows that wait, if there are as many, or if too many
    /// cells wait already.
    fn learn(&mut self, samples: u64, is_full: bool, dropped: &mut Dropped) -> Option<Reference> {
        if self.waiting.rows() < samples && !is_full {
            return None;
        }
        let profile = learning::profile(&self.waiting.take_first(samples), dropped);
        Some(Reference::new(&profile, Origin::Learned))
    }
}

/// Counts raw rows on the bins of a reference.
fn bin_rows(raw: &RawRows, reference: &Reference, window: &mut Window, dropped: &mut Dropped) {
    for (role, group) in raw.roles() {
        let window = window.role_mut(role);
        for (pane, range) in group.panes() {
            window.add_rows(pane, range.len() as u64);
            for (name, cells) in group.columns() {
                let cells = cells.get(range.clone()).unwrap_or_default();
                if cells.iter().any(|cell| *cell != Cell::Absent) {
                    let (column, cells) = ((role, name, 0), cells.iter().map(Cell::as_ref));
                    count_column(window, column, pane, cells, Some(reference), dropped);
                }
            }
        }
    }
}
