use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::RangeInclusive;
use serde::{Deserialize, Serialize};

use super::entry::{Entry, WEIGHT_BYTES};
use crate::experiment::unit_hash;

/// Where entries lie until they are a month old.
pub trait Store {
    /// The entry of an id.
    fn get(&self, id: &str) -> Option<Entry>;
    /// Sets the entry of an id.
    fn put(&mut self, id: &str, entry: Entry);
    /// Forgets entries that were first heard of out of a span of time (seconds since 1970), and the oldest where
    /// more than `capacity` of [`Entry::weight`] are held; those that have both parts may hold half of it, so
    /// that what is told again is known again however many await their truth. Returns how many were forgotten
    /// for want of room while they still waited for their other part, or because their time is to come.
    fn expire(&mut self, times: RangeInclusive<f64>, capacity: usize) -> u64;
    /// Entries held.
    fn len(&self) -> usize;
    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Labels that came without their prediction, so far.
    fn labels_waiting(&self) -> u64;
    /// Whether an entry had both parts when room was made for others, as far as that is remembered.
    fn was_whole(&self, id: &str) -> bool;
}

/// A store in memory.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct MemoryStore {
    entries: BTreeMap<String, Entry>,
    /// Hashes of the ids of entries that had both parts when room was made: the newest last.
    whole_before: Vec<u64>,
    /// Entries that have a label and no prediction.
    labels_waiting: u64,
    /// Sum of the weights of all entries.
    weight: usize,
    #[serde(skip)]
    times: Times,
}

/// No entry is earlier or later than these times, if that is known: then a look at all of them is saved.
#[derive(Debug, Clone, Default)]
struct Times(Option<[f64; 2]>);

/// What is only remembered makes no difference.
impl PartialEq for Times {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Entries of which nothing is remembered but that they had both parts: 200 KB.
pub(super) const REMEMBERED: usize = 20_000;

impl MemoryStore {
    /// Takes over what another store remembers, and gives all of its entries, by id.
    pub(super) fn absorb(&mut self, other: Self) -> BTreeMap<String, Entry> {
        self.remember(other.whole_before);
        other.entries
    }

    fn count_out(&mut self, id: &str, entry: &Entry) {
        let weight = entry.weight().saturating_add(id.len() / WEIGHT_BYTES);
        self.weight = self.weight.saturating_sub(weight);
        let waited = u64::from(entry.prediction().is_none());
        self.labels_waiting = self.labels_waiting.saturating_sub(waited);
    }

    fn remember(&mut self, hashes: impl IntoIterator<Item = u64>) {
        self.whole_before.extend(hashes);
        let excess = self.whole_before.len().saturating_sub(REMEMBERED);
        self.whole_before.drain(..excess);
    }
}

impl Store for MemoryStore {
    fn get(&self, id: &str) -> Option<Entry> {
        self.entries.get(id).cloned()
    }

    fn put(&mut self, id: &str, entry: Entry) {
        if self.entries.is_empty() {
            self.times = Times(Some([entry.at_seconds(); 2]));
        }
        self.times.0 = self.times.0.map(|[earliest, latest]| {
            let at_seconds = entry.at_seconds();
            [earliest.min(at_seconds), latest.max(at_seconds)]
        });
        self.weight = self.weight.saturating_add(entry.weight() + id.len() / WEIGHT_BYTES);
        let waits = u64::from(entry.prediction().is_none());
        self.labels_waiting = self.labels_waiting.saturating_add(waits);
        if let Some(before) = self.entries.insert(id.into(), entry) {
            self.count_out(id, &before);
        }
    }

    fn expire(&mut self, times: RangeInclusive<f64>, capacity: usize) -> u64 {
        let mut forgotten = 0;
        if self.times.0.is_none_or(|known| !known.iter().all(|it| times.contains(it))) {
            let is_out = |_: &String, entry: &mut Entry| !times.contains(&entry.at_seconds());
            let out: Vec<(String, Entry)> = self.entries.extract_if(.., is_out).collect();
            for (id, entry) in &out {
                self.count_out(id, entry);
                forgotten += u64::from(entry.at_seconds() > *times.end());
            }
            let left = self.entries.values().map(Entry::at_seconds);
            let [earliest, latest] = left.fold([f64::INFINITY, f64::NEG_INFINITY], |own, at| {
                [own[0].min(at), own[1].max(at)]
            });
            self.times = Times(Some([earliest, latest]));
        }
        if self.weight <= capacity {
            return forgotten;
        }
        // Times from 0 on have bits in their order; ids decide between equal times.
        let mut ages: [Vec<(u64, &str, usize)>; 2] = Default::default();
        let mut weights = [0_usize; 2];
        for (id, entry) in &self.entries {
            let kind = usize::from(entry.is_whole());
            let weight = entry.weight() + id.len() / WEIGHT_BYTES;
            weights[kind] += weight;
            ages[kind].push((entry.at_seconds().max(0.0).to_bits(), id, weight));
        }
        let [incomplete, whole] = &mut ages;
        let whole_room = (capacity / 2).max(capacity.saturating_sub(weights[0])).min(weights[1]);
        let whole: Vec<String> = oldest(whole, weights[1] - whole_room);
        let excess = weights[0].saturating_sub(capacity - whole_room);
        let incomplete = oldest(incomplete, excess);
        self.remember(whole.iter().map(|id| unit_hash(id)));
        for id in whole.iter().chain(&incomplete) {
            if let Some(entry) = self.entries.remove(id) {
                self.count_out(id, &entry);
            }
        }
        forgotten + incomplete.len() as u64
    }

    fn len(&self) -> usize {
        self.entries.len()
    }

    fn labels_waiting(&self) -> u64 {
        self.labels_waiting
    }

    fn was_whole(&self, id: &str) -> bool {
        self.whole_before.contains(&unit_hash(id))
    }
}

/// The ids of as few of the oldest as weigh `excess` together.
fn oldest(ages: &mut [(u64, &str, usize)], excess: usize) -> Vec<String> {
    if excess == 0 {
        return Vec::new();
    }
    ages.sort_unstable();
    let mut left = excess;
    let taken = ages.iter().take_while(|(_, _, weight)| {
        let is_wanted = left > 0;
        left = left.saturating_sub(*weight);
        is_wanted
    });
    taken.map(|(_, id, _)| String::from(*id)).collect()
}
