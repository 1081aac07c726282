//! Feature sets: how a feature store answers, how fresh its values are, and whether its rows drifted.
//!
//! The parts of a delta and of the state.

use alloc::string::String;
use serde::{Deserialize, Serialize};

use super::reference::References;
use super::settings::{FeatureSetSettings, ReferenceSettings, Settings};
use super::table::{self, Context, Room, TableDelta, TableState};
use crate::event::{ColumnRole, Columns, FeatureRetrieval, FeatureRow};
use crate::pane::{
    Dropped, Histogram, LIMITS, OTHER, PaneStart, Quantity, RETRIEVAL_SECONDS_BUCKETS, SortedMap,
    bound, entry_within, key_within, most,
};

/// What is counted of one feature set, in a worker and, merged, in the leader; its rows apart.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct FeatureSetCounts {
    /// Time that retrievals took since the first, by source.
    pub retrievals: SortedMap<String, Quantity>,
    /// Retrievals and rows: all panes that anything is counted in.
    events: SortedMap<PaneStart, u64>,
    /// Hits and misses of a cache.
    pub(super) cache: SortedMap<PaneStart, [u64; 2]>,
    pub(super) freshness: SortedMap<String, SortedMap<PaneStart, Freshness>>,
}

/// Ages of one feature's values, at the times of their rows.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Freshness {
    /// Without buckets: count and exact sum.
    pub ages: Histogram,
    pub oldest_seconds: f64,
    pub stale: u64,
}

impl Freshness {
    pub fn merge(&mut self, other: &Self) {
        self.ages.merge(&other.ages);
        self.oldest_seconds = self.oldest_seconds.max(other.oldest_seconds);
        self.stale = self.stale.saturating_add(other.stale);
    }
}

impl FeatureSetCounts {
    fn retrieval(
        &mut self,
        pane: Option<PaneStart>,
        retrieval: &FeatureRetrieval,
        dropped: &mut Dropped,
    ) {
        let source = LIMITS.cut(&retrieval.source, dropped);
        let reached = (bound::FEATURE_SOURCES, 1);
        let sources = &mut self.retrievals;
        entry_within(sources, source, LIMITS.feature_sources, reached, dropped).record(
            retrieval.duration_seconds,
            RETRIEVAL_SECONDS_BUCKETS,
            dropped,
        );
        match (pane, retrieval.cache_hit) {
            (Some(pane), Some(hit)) => {
                let events = self.events.entry(&pane);
                *events = events.saturating_add(1);
                let [hits, misses] = self.cache.entry(&pane);
                let count = if hit { hits } else { misses };
                *count = count.saturating_add(1);
            }
            (None, Some(_)) => dropped.add(bound::PANES, 1),
            (_, None) => {}
        }
    }

    fn ages(
        &mut self,
        (at_seconds, pane): (f64, PaneStart),
        row: &FeatureRow,
        (max_age_seconds, aged): (Option<f64>, usize),
        dropped: &mut Dropped,
    ) {
        let mut room = LIMITS.aged_features.saturating_sub(aged);
        let events = self.events.entry(&pane);
        *events = events.saturating_add(1);
        for (name, computed_at) in row.timestamps.iter() {
            let name = LIMITS.cut(name, dropped);
            let Some(panes) = self.feature(name, &mut room) else {
                dropped.add(bound::COLUMNS, 1);
                continue;
            };
            // A value of the future is one of a clock that runs ahead: it is new.
            let age = (at_seconds - computed_at).max(0.0);
            let freshness = panes.entry(&pane);
            if freshness.ages.record(age, &[]) {
                freshness.oldest_seconds = freshness.oldest_seconds.max(age);
                let is_stale = max_age_seconds.is_some_and(|most| age > most);
                freshness.stale = freshness.stale.saturating_add(u64::from(is_stale));
            } else {
                dropped.add(bound::NOT_A_MEASURE, 1);
            }
        }
    }

    /// The panes of a feature, made if there is room.
    fn feature(
        &mut self,
        name: &str,
        room: &mut usize,
    ) -> Option<&mut SortedMap<PaneStart, Freshness>> {
        let freshness = &mut self.freshness;
        if !freshness.contains_key(name) {
            *room = room.checked_sub(1).filter(|_| freshness.len() < LIMITS.columns)?;
        }
        Some(freshness.entry(name))
    }

    /// Adds the counts of `other`, with its panes moved to those of a length.
    fn merge(
        &mut self,
        other: &Self,
        (pane_seconds, aged): (Option<u32>, usize),
        dropped: &mut Dropped,
    ) {
        let mut room = LIMITS.aged_features.saturating_sub(aged);
        let aligned = |pane: &PaneStart| pane_seconds.map_or(*pane, |it| pane.aligned(it));
        for (source, theirs) in other.retrievals.iter() {
            let reached = (bound::FEATURE_SOURCES, theirs.histogram.count());
            let sources = &mut self.retrievals;
            entry_within(sources, source, LIMITS.feature_sources, reached, dropped).merge(theirs);
        }
        for (pane, theirs) in other.events.iter() {
            let held = self.events.entry(&aligned(pane));
            *held = held.saturating_add(*theirs);
        }
        for (pane, theirs) in other.cache.iter() {
            let held = self.cache.entry(&aligned(pane));
            held.iter_mut().zip(theirs).for_each(|(held, more)| *held = held.saturating_add(*more));
        }
        for (name, panes) in other.freshness.iter() {
            match self.feature(name, &mut room) {
                Some(held) => {
                    panes.iter().for_each(|(pane, it)| held.entry(&aligned(pane)).merge(it));
                }
                None => {
                    let values = panes.values().fold(0u64, |sum, it| sum + it.ages.count());
                    dropped.add(bound::COLUMNS, values);
                }
            }
        }
    }

    fn panes(&self) -> impl Iterator<Item = PaneStart> {
        self.events.keys().copied()
    }

    /// Keeps the panes for which `keep` is true. What is in the others is counted as dropped if `told`.
    fn retain(&mut self, keep: impl Fn(PaneStart) -> bool, told: bool, dropped: &mut Dropped) {
        let lost = self.events.iter().filter(|(pane, _)| !keep(**pane));
        let lost = lost.fold(0_u64, |sum, (_, count)| sum.saturating_add(*count));
        dropped.add(bound::PANES, if told { lost } else { 0 });
        self.events.retain(|pane, _| keep(*pane));
        self.cache.retain(|pane, _| keep(*pane));
        for panes in self.freshness.values_mut() {
            panes.retain(|pane, _| keep(*pane));
        }
        self.freshness.retain(|_, panes| !panes.is_empty());
    }
}

/// What one worker saw of feature sets since it last handed over.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct FeatureSetDeltas(SortedMap<String, FeatureSetDelta>);

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
struct FeatureSetDelta {
    counts: FeatureSetCounts,
    table: TableDelta,
}

impl FeatureSetDeltas {
    pub fn record_retrieval(
        &mut self,
        at_seconds: f64,
        retrieval: &FeatureRetrieval,
        settings: &Settings,
        dropped: &mut Dropped,
    ) {
        let name = LIMITS.cut(&retrieval.feature_set, dropped);
        let reached = (bound::FEATURE_SETS, 1);
        let set = entry_within(&mut self.0, name, LIMITS.feature_sets, reached, dropped);
        let pane = PaneStart::holding(at_seconds, settings.pane_seconds);
        set.counts.retrieval(pane, retrieval, dropped);
        set.keep_newest_panes(dropped);
    }

    pub fn record_row(
        &mut self,
        at_seconds: f64,
        row: &FeatureRow,
        (references, room): (&References, Room),
        settings: &Settings,
        dropped: &mut Dropped,
    ) {
        let name = LIMITS.cut(&row.feature_set, dropped);
        let Some(pane) = PaneStart::holding(at_seconds, settings.pane_seconds) else {
            return dropped.add(bound::PANES, 1);
        };
        if key_within(&self.0, name, LIMITS.feature_sets) != name {
            return dropped.add(bound::FEATURE_SETS, 1);
        }
        let aged = aged_features(self.0.values().map(|set| &set.counts));
        let set = self.0.entry(name);
        let wanted = settings.feature_set(name);
        let max_age_seconds = wanted.and_then(|set| set.max_age_seconds);
        set.counts.ages((at_seconds, pane), row, (max_age_seconds, aged), dropped);
        let learns = !matches!(reference_of(wanted), ReferenceSettings::None);
        let at = (ColumnRole::Feature, pane);
        let reference = references.feature_set(name);
        set.table.record(at, Columns::Row(&row.values), reference, (learns, room), dropped);
        set.keep_newest_panes(dropped);
    }

    pub fn merge(&mut self, other: Self, of_models: Room, dropped: &mut Dropped) {
        for (name, theirs) in other.0 {
            let key = key_within(&self.0, &name, LIMITS.feature_sets);
            let room = Room::beside(LIMITS.kept_cells(), [of_models, self.held()]);
            let aged = aged_features(self.0.values().map(|set| &set.counts));
            let set = self.0.entry(key);
            set.counts.merge(&theirs.counts, (None, aged), dropped);
            if key == name {
                set.table.merge(theirs.table, room, dropped);
            } else {
                dropped.add(bound::FEATURE_SETS, 1);
            }
            set.keep_newest_panes(dropped);
        }
    }

    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn is_sound(&self) -> bool {
        self.0.values().all(|set| set.table.raw.is_sound())
    }

    /// What the tables of all sets hold.
    pub fn held(&self) -> Room {
        Room::sum(self.0.values().map(|set| set.table.held()))
    }
}

impl FeatureSetDelta {
    /// As of models: a delta that nobody takes must not grow for ever.
    fn keep_newest_panes(&mut self, dropped: &mut Dropped) {
        let excess = self.counts.events.len().saturating_sub(LIMITS.delta_panes);
        let oldest = self.counts.events.keys().copied().nth(excess);
        let Some(oldest) = oldest.filter(|_| excess > 0) else { return };
        self.counts.retain(|pane| pane >= oldest, true, dropped);
        self.table.keep_from(oldest, dropped);
    }
}

/// What is known of feature sets.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct FeatureSetStates(SortedMap<String, FeatureSetState>);

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct FeatureSetState {
    pub counts: FeatureSetCounts,
    pub table: TableState,
}

impl FeatureSetStates {
    /// What the tables of all sets hold.
    pub fn held(&self) -> Room {
        Room::sum(self.0.values().map(|set| set.table.held()))
    }

    pub fn apply(
        &mut self,
        deltas: FeatureSetDeltas,
        (references, of_models): (&References, Room),
        (pane_seconds, oldest): (u32, Option<PaneStart>),
        dropped: &mut Dropped,
    ) {
        for (name, delta) in deltas.0 {
            let key = key_within(&self.0, &name, LIMITS.feature_sets);
            let room = Room::beside(LIMITS.kept_cells(), [of_models, self.held()]);
            let aged = aged_features(self.0.values().map(|set| &set.counts));
            let set = self.0.entry(key);
            set.counts.merge(&delta.counts, (Some(pane_seconds), aged), dropped);
            if key == name {
                let reference = references.feature_set(&name);
                let limits = &LIMITS;
                let context = Context { reference, pane_seconds, oldest, room, limits };
                set.table.apply(delta.table, &context, dropped);
            } else {
                dropped.add(bound::FEATURE_SETS, 1);
            }
        }
    }

    /// Changes from ones references to others.
    pub fn change_references(
        &mut self,
        [held, wanted]: [&References; 2],
        pane_seconds: u32,
        dropped: &mut Dropped,
    ) {
        for (name, set) in self.0.iter_mut() {
            let change = [held.feature_set(name), wanted.feature_set(name)];
            set.table.change_reference(change, pane_seconds, dropped);
        }
    }

    /// What is known of the sets, as if one worker had seen it.
    pub fn into_deltas(self, references: &References) -> FeatureSetDeltas {
        let sets = self.0.into_iter().map(|(name, set)| {
            let table = set.table.into_delta(references.feature_set(&name));
            (name, FeatureSetDelta { counts: set.counts, table })
        });
        FeatureSetDeltas(sets.collect())
    }

    pub fn settle_references(
        &mut self,
        references: &mut References,
        settings: &Settings,
        dropped: &mut Dropped,
    ) {
        let fullest = table::fullest(self.0.values().map(|set| &set.table.waiting));
        for (index, (name, set)) in self.0.iter_mut().enumerate() {
            set.realign(settings.pane_seconds, dropped);
            if name == OTHER {
                continue;
            }
            let wanted = (reference_of(settings.feature_set(name)), settings.pane_seconds);
            let taken = references.columns();
            let references = (references.of_feature_sets(), taken);
            let is_full = fullest == Some(index);
            set.table.settle_reference(name, references, wanted, is_full, dropped);
        }
    }

    pub fn keep_between(&mut self, oldest: PaneStart, newest: PaneStart, dropped: &mut Dropped) {
        for set in self.0.values_mut() {
            set.counts.retain(|pane| pane >= oldest, false, dropped);
            set.counts.retain(|pane| pane <= newest, true, dropped);
            set.table.keep_between(oldest, newest, dropped);
        }
    }

    pub fn is_sound(&self) -> bool {
        self.0.values().all(|set| set.table.waiting.is_sound())
    }

    /// The sets, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &FeatureSetState)> {
        self.0.iter().map(|(name, set)| (name.as_str(), set))
    }
}

impl FeatureSetState {
    fn realign(&mut self, pane_seconds: u32, dropped: &mut Dropped) {
        let aligned = |pane: PaneStart| pane.aligned(pane_seconds) == pane;
        if self.counts.panes().all(aligned) && self.table.window.panes().all(aligned) {
            return;
        }
        let counts = core::mem::take(&mut self.counts);
        self.counts.merge(&counts, (Some(pane_seconds), 0), dropped);
        self.table.window.realign(pane_seconds);
    }
}

/// Where the reference of a feature set comes from.
pub(super) fn reference_of(settings: Option<&FeatureSetSettings>) -> &ReferenceSettings {
    settings.map_or(&ReferenceSettings::None, |settings| &settings.reference)
}

/// Features of all sets whose age is known.
fn aged_features<'c>(sets: impl Iterator<Item = &'c FeatureSetCounts>) -> usize {
    sets.map(|set| set.freshness.len()).sum()
}

/// The most that the ages of one feature take.
pub(super) const fn most_age_bytes(panes: u64) -> u64 {
    let ages = most::entry::<PaneStart, Freshness>() + 4 * 8 + most::PIECE;
    most::entry::<String, SortedMap<PaneStart, Freshness>>() + most::NAME + panes * ages
}
