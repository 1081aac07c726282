use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::cohort::most_day_bytes;
use super::delta::{MAX_ID_BYTES, MAX_RECORDS};
use super::entry::WEIGHT_BYTES;
use super::store::REMEMBERED;
use super::{
    Awaiting, Cohort, Entry, FeedbackDelta, JudgedRow, Labelled, MemoryStore, Step, Store,
    TokenCounts, Truth, Window,
};
use crate::pane::{Dropped, LIMITS, OTHER, SortedMap, bound, key_within, most};

/// How feedback is kept.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FeedbackSettings {
    /// Labelled predictions of each model version that quality is computed on; 0 is read as 1.
    pub window: usize,
    /// Labelled predictions below which no figure is told.
    pub min_samples: usize,
    /// How long a prediction awaits its truth, in seconds.
    pub retention_seconds: f64,
    /// Predictions that may await their truth.
    pub capacity: usize,
    /// Whether predictions come back with their labels, in tokens: then none is lost that awaits no more.
    pub by_token: bool,
}

impl Default for FeedbackSettings {
    /// The last 1000, from 100 on; 30 days, 100 000.
    fn default() -> Self {
        Self {
            window: 1000,
            min_samples: 100,
            retention_seconds: 30.0 * 86_400.0,
            capacity: 100_000,
            by_token: false,
        }
    }
}

/// What became of all labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FeedbackCounts {
    /// Labels that brought the truth about a prediction.
    pub joined: u64,
    /// Labels that said again what was known.
    pub duplicate: u64,
    /// Labels that said something else than an earlier one.
    pub contradicting: u64,
    /// Labels that came when their prediction was too old.
    pub late: u64,
    /// Labels whose prediction never came: it was unknown, or too long ago.
    pub unknown: u64,
    /// Labels whose prediction has not come yet.
    pub waiting: u64,
    /// Predictions that came back with their label and differ from what was recorded, or from each other.
    #[serde(default)]
    pub contradicting_echoes: u64,
    /// What became of tokens.
    #[serde(default)]
    pub tokens: TokenCounts,
}

/// Everything that is known of predictions and their truth.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Ledger<S: Store = MemoryStore> {
    store: S,
    models: SortedMap<String, ModelFeedback>,
    /// By experiment and variant, labelled predictions and those of them that were wrong.
    variants: SortedMap<(String, String), [u64; 2]>,
    counts: FeedbackCounts,
    /// Whether there are as many steps of confidence as are counted.
    is_full_of_steps: bool,
}

/// The labelled predictions of one model.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ModelFeedback {
    /// The newest, by version.
    pub versions: SortedMap<String, Window>,
    /// As many of the oldest, by version: what confidences are calibrated on.
    pub oldest: SortedMap<String, Window>,
    /// By the day of the prediction, in days since 1970.
    pub days: SortedMap<u64, Cohort>,
}

/// Variants of all experiments that labels are counted of.
const MAX_VARIANTS: usize = 128;
/// Model versions that have windows of their own; further ones share their model's [`OTHER`].
const MAX_WINDOWS: usize = 64;
/// Steps of confidence that are counted of all models, versions, days and classes; further confidences are not.
const MAX_STEPS: usize = 500_000;
/// Days that are kept beyond the retention.
const SPARE_DAYS: u64 = 2;
const DAY_SECONDS: f64 = 86_400.0;

impl<S: Store> Ledger<S> {
    /// Models and their feedback, by name.
    pub fn models(&self) -> impl Iterator<Item = (&str, &ModelFeedback)> {
        self.models.iter().map(|(name, model)| (name.as_str(), model))
    }

    /// The feedback of a model.
    #[must_use]
    pub fn model(&self, name: &str) -> Option<&ModelFeedback> {
        self.models.get(name)
    }

    /// Labelled predictions of requests that were given a variant, and those of them that were wrong.
    #[must_use]
    pub fn of_variant(&self, experiment: &str, variant: &str) -> [u64; 2] {
        let found =
            self.variants.iter().find(|((own, name), _)| own == experiment && name == variant);
        found.map_or([0, 0], |(_, counts)| *counts)
    }

    /// What became of all labels.
    #[must_use]
    pub fn counts(&self) -> FeedbackCounts {
        FeedbackCounts { waiting: self.store.labels_waiting(), ..self.counts }
    }

    /// Adds what a worker saw.
    pub fn apply(
        &mut self,
        delta: FeedbackDelta,
        settings: &FeedbackSettings,
        dropped: &mut Dropped,
    ) {
        self.counts.tokens.merge(&delta.tokens);
        self.settle_scoring();
        for (id, prediction) in delta.predictions {
            let with = |entry: &mut Entry| entry.add_prediction(prediction);
            self.update(&id, with, settings, dropped);
        }
        for (id, truth) in delta.labels {
            self.learn(&id, truth, settings, dropped);
        }
        for Labelled { id, prediction, truth } in delta.labelled {
            if self.store.get(&id).is_none() && self.store.was_whole(&id) {
                self.counts.duplicate = self.counts.duplicate.saturating_add(1);
                continue;
            }
            let with = |entry: &mut Entry| entry.add_echo(prediction);
            self.update(&id, with, settings, dropped);
            self.learn(&id, truth, settings, dropped);
        }
        self.forget_empty();
    }

    /// Equal knowledge has one form: nothing is left of what was taken back.
    fn forget_empty(&mut self) {
        self.variants.retain(|_, counts| *counts != [0; 2]);
        for model in self.models.values_mut() {
            model.versions.retain(|_, window| !window.rows().is_empty());
            model.oldest.retain(|_, window| !window.rows().is_empty());
            model.days.retain(|_, day| !day.is_empty());
        }
        self.models.retain(|_, model| *model != ModelFeedback::default());
    }

    /// Forgets what is too old at a time (seconds since 1970), and what is too much.
    pub fn tick(&mut self, now_seconds: f64, settings: &FeedbackSettings, dropped: &mut Dropped) {
        let oldest = now_seconds - settings.retention_seconds;
        let waiting = self.store.labels_waiting();
        // Times are what clients say they are; their clocks may run ahead a day.
        let newest = now_seconds + DAY_SECONDS;
        let forgotten = self.store.expire(oldest..=newest, settings.capacity);
        dropped.add(bound::FEEDBACK, if settings.by_token { 0 } else { forgotten });
        let gone = waiting.saturating_sub(self.store.labels_waiting());
        self.counts.unknown = self.counts.unknown.saturating_add(gone);
        let oldest_day = (oldest.max(0.0) / DAY_SECONDS) as u64;
        let newest_day = (now_seconds / DAY_SECONDS) as u64 + 1;
        for model in self.models.values_mut() {
            let days = oldest_day.saturating_sub(SPARE_DAYS)..=newest_day;
            model.days.retain(|day, _| days.contains(day));
            for window in model.versions.values_mut().chain(model.oldest.values_mut()) {
                window.keep_until(newest);
            }
            for window in model.versions.values_mut() {
                window.trim(settings.window.max(1));
            }
            for window in model.oldest.values_mut() {
                window.trim_newest(settings.window.max(1));
            }
        }
    }

    fn update(
        &mut self,
        id: &str,
        with: impl FnOnce(&mut Entry),
        settings: &FeedbackSettings,
        dropped: &mut Dropped,
    ) {
        let before = self.store.get(id).unwrap_or_default();
        let mut after = before.clone();
        with(&mut after);
        self.replace(id, &before, after, settings, dropped);
    }

    fn learn(
        &mut self,
        id: &str,
        truth: Truth,
        settings: &FeedbackSettings,
        dropped: &mut Dropped,
    ) {
        let before = self.store.get(id).unwrap_or_default();
        let mut after = before.clone();
        let is_late = after.prediction().is_some_and(|prediction| {
            truth.at_seconds - prediction.at_seconds > settings.retention_seconds
        });
        if is_late {
            self.counts.late = self.counts.late.saturating_add(1);
            return;
        }
        after.add_label(truth);
        self.replace(id, &before, after, settings, dropped);
    }

    /// Puts an entry in place of another, and everything that is counted of it.
    fn replace(
        &mut self,
        id: &str,
        before: &Entry,
        after: Entry,
        settings: &FeedbackSettings,
        dropped: &mut Dropped,
    ) {
        self.take_back(id, before, dropped);
        self.count(id, &after, settings, dropped);
        self.store.put(id, after);
    }

    /// Takes back everything that was counted of an entry.
    fn take_back(&mut self, id: &str, entry: &Entry, dropped: &mut Dropped) {
        let counts = &mut self.counts;
        let less = |count: &mut u64, by: u64| *count = count.saturating_sub(by);
        less(&mut counts.joined, u64::from(entry.is_whole()));
        less(&mut counts.duplicate, entry.duplicates());
        less(&mut counts.contradicting, entry.contradictions());
        less(&mut counts.contradicting_echoes, entry.contradicting_echoes());
        let is_recorded = entry.is_recorded();
        let Some(prediction) = entry.prediction() else { return };
        self.cohort(prediction).take_back(prediction, entry.truth(), is_recorded);
        if let Some(truth) = entry.truth() {
            let wrong = u64::from(!prediction.prediction.agrees_with(&truth.label));
            for key in &prediction.variants {
                if let Some(held) = self.variants.get_mut(key) {
                    let [labelled, errors] = *held;
                    *held = [labelled.saturating_sub(1), errors.saturating_sub(wrong)];
                }
            }
            for window in self.windows(&prediction.model_name, &prediction.model_version, dropped) {
                window.remove(prediction.at_seconds, id);
            }
        }
    }

    /// Counts everything that there is to count of an entry.
    fn count(
        &mut self,
        id: &str,
        entry: &Entry,
        settings: &FeedbackSettings,
        dropped: &mut Dropped,
    ) {
        let counts = &mut self.counts;
        let more = |count: &mut u64, by: u64| *count = count.saturating_add(by);
        more(&mut counts.joined, u64::from(entry.is_whole()));
        more(&mut counts.duplicate, entry.duplicates());
        more(&mut counts.contradicting, entry.contradictions());
        more(&mut counts.contradicting_echoes, entry.contradicting_echoes());
        let is_recorded = entry.is_recorded();
        let Some(prediction) = entry.prediction() else { return };
        let is_scored = !self.is_full_of_steps;
        if !is_scored && prediction.confidence.is_some() {
            dropped.add(bound::FEEDBACK, 1);
        }
        self.cohort(prediction).add(prediction, entry.truth(), (is_recorded, is_scored));
        if let Some(truth) = entry.truth() {
            let wrong = u64::from(!prediction.prediction.agrees_with(&truth.label));
            for key in &prediction.variants {
                add_to_variant(&mut self.variants, key, [1, wrong], dropped);
            }
            let row = JudgedRow {
                at_seconds: prediction.at_seconds,
                id: id.into(),
                prediction: prediction.prediction.clone(),
                confidence: prediction.confidence,
                label: truth.label.clone(),
            };
            let [newest, oldest] =
                self.windows(&prediction.model_name, &prediction.model_version, dropped);
            oldest.put_oldest(row.clone(), settings.window.max(1));
            newest.put(row, settings.window.max(1));
        }
    }

    fn settle_scoring(&mut self) {
        let cohorts = self.models.values().flat_map(|model| model.days.values());
        self.is_full_of_steps = cohorts.map(Cohort::steps).sum::<usize>() >= MAX_STEPS;
    }

    fn cohort(&mut self, prediction: &Awaiting) -> &mut Cohort {
        let name = key_within(&self.models, &prediction.model_name, LIMITS.models);
        // The cast saturates, and a time before 1970 counts there.
        let day = (prediction.at_seconds / DAY_SECONDS) as u64;
        self.models.entry(name).days.entry(&day)
    }

    /// The newest and the oldest labelled predictions of a model version.
    fn windows(&mut self, model: &str, version: &str, dropped: &mut Dropped) -> [&mut Window; 2] {
        let name = key_within(&self.models, model, LIMITS.models);
        if name != model {
            dropped.add(bound::MODEL_NAMES, 1);
        }
        let has_room =
            self.models.values().map(|it| it.versions.len()).sum::<usize>() < MAX_WINDOWS;
        let ModelFeedback { versions, oldest, .. } = self.models.entry(name);
        let version = if name == model { version } else { OTHER };
        let cap = if has_room { LIMITS.versions } else { 0 };
        let key = key_within(versions, version, cap);
        if key != version {
            dropped.add(bound::MODEL_VERSIONS, 1);
        }
        [versions.entry(key), oldest.entry(key)]
    }
}

impl Ledger {
    /// Adds what another ledger knows, as if all of its predictions and labels had come here: a label that
    /// went to one of them joins the prediction that went to the other.
    pub fn merge(&mut self, mut other: Self, settings: &FeedbackSettings, dropped: &mut Dropped) {
        // What both know of is taken out of both, and counted as one at the end.
        let mut shared = Vec::new();
        let absorbed = self.store.absorb(core::mem::take(&mut other.store));
        for (id, theirs) in absorbed {
            let Some(own) = self.store.get(&id) else {
                self.store.put(&id, theirs);
                continue;
            };
            self.take_back(&id, &own, dropped);
            other.take_back(&id, &theirs, dropped);
            shared.push((id, own.merged(theirs)));
        }
        self.counts.merge(&other.counts);
        for (key, counts) in other.variants.iter() {
            add_to_variant(&mut self.variants, key, *counts, dropped);
        }
        for (name, model) in other.models {
            let capacity = settings.window.max(1);
            for (version, window) in model.versions {
                let [newest, _] = self.windows(&name, &version, dropped);
                newest.merge(window);
                newest.trim(capacity);
            }
            for (version, window) in model.oldest {
                let [_, oldest] = self.windows(&name, &version, dropped);
                oldest.merge(window);
                oldest.trim_newest(capacity);
            }
            let name = key_within(&self.models, &name, LIMITS.models);
            let days = &mut self.models.entry(name).days;
            model.days.iter().for_each(|(day, cohort)| days.entry(day).merge(cohort));
        }
        for (id, entry) in shared {
            self.count(&id, &entry, settings, dropped);
            self.store.put(&id, entry);
        }
        self.forget_empty();
    }
}

fn add_to_variant(
    held: &mut SortedMap<(String, String), [u64; 2]>,
    key: &(String, String),
    counts: [u64; 2],
    dropped: &mut Dropped,
) {
    if held.len() >= MAX_VARIANTS && !held.contains_key(key) {
        return dropped.add(bound::VARIANTS, counts[0]);
    }
    let own = held.entry(key);
    own.iter_mut().zip(counts).for_each(|(own, more)| *own = own.saturating_add(more));
}

impl FeedbackCounts {
    fn merge(&mut self, other: &Self) {
        let Self { joined, duplicate, contradicting, late, unknown, waiting, .. } = self;
        let more = |count: &mut u64, by: u64| *count = count.saturating_add(by);
        more(joined, other.joined);
        more(duplicate, other.duplicate);
        more(contradicting, other.contradicting);
        more(late, other.late);
        more(unknown, other.unknown);
        more(waiting, other.waiting);
        more(&mut self.contradicting_echoes, other.contradicting_echoes);
        self.tokens.merge(&other.tokens);
    }
}

/// The most bytes that entries in a store take.
pub(crate) const fn most_store_bytes(settings: &FeedbackSettings) -> u64 {
    // A node of a tree may be less than half full; the ids of entries that were whole are beside it.
    let node = size_of::<(String, Entry)>() as u64 * 11 / 5;
    let lists = 4 * size_of::<(Truth, u64)>() as u64 + 8 * most::PIECE;
    let entry = node + lists + WEIGHT_BYTES as u64;
    settings.capacity as u64 * entry + 2 * 8 * REMEMBERED as u64
}

/// The most bytes that the windows of labelled predictions take.
pub(crate) const fn most_window_bytes(settings: &FeedbackSettings) -> u64 {
    let texts = MAX_ID_BYTES as u64 + 2 * LIMITS.name_bytes as u64 + 3 * most::PIECE;
    let row = 2 * size_of::<JudgedRow>() as u64 + texts;
    let windows = 2 * (MAX_WINDOWS + LIMITS.models + 1) as u64;
    windows * (settings.window as u64 + 1) * row
}

/// The most bytes that days take.
pub(crate) fn most_cohort_bytes(settings: &FeedbackSettings) -> u64 {
    let days = (settings.retention_seconds / DAY_SECONDS) as u64 + SPARE_DAYS + 3;
    let models = LIMITS.models as u64 + 1;
    models * days * most_day_bytes()
        + (MAX_STEPS + 2 * MAX_RECORDS) as u64 * most::entry::<u8, Step>()
}

/// The most bytes that one worker's predictions and labels take.
pub(crate) const fn most_delta_bytes() -> u64 {
    let name = most::NAME;
    let prediction = 2 * size_of::<(String, Awaiting)>() as u64
        + MAX_ID_BYTES as u64
        + 3 * name
        + 2 * LIMITS.variants as u64 * name;
    let label = 2 * size_of::<(String, Truth)>() as u64 + MAX_ID_BYTES as u64 + name;
    MAX_RECORDS as u64 * 2 * (prediction + label)
}
