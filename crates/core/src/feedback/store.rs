use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::Entry;
use crate::experiment::unit_hash;

/// Where entries lie until they are a month old.
pub trait Store {
    /// The entry of an id.
    fn get(&self, id: &str) -> Option<Entry>;
    /// Sets the entry of an id.
    fn put(&mut self, id: &str, entry: Entry);
    /// Forgets entries that were first heard of before a time (seconds since 1970), and the oldest of more
    /// than `capacity`; those that have both parts may hold half of it, so that what is told again is known
    /// again however many await their truth. Returns how many of the latter still waited for their other part.
    fn expire(&mut self, before_seconds: f64, capacity: usize) -> u64;
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
}

/// Entries of which nothing is remembered but that they had both parts: 200 KB.
const REMEMBERED: usize = 20_000;

impl MemoryStore {
    /// Takes over what another store remembers, and gives all of its entries, by id.
    pub(super) fn absorb(&mut self, other: Self) -> BTreeMap<String, Entry> {
        self.remember(other.whole_before);
        other.entries
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
        self.entries.insert(id.into(), entry);
    }

    fn expire(&mut self, before_seconds: f64, capacity: usize) -> u64 {
        self.entries.retain(|_, entry| entry.at_seconds() >= before_seconds);
        if self.entries.len() <= capacity {
            return 0;
        }
        // Times from 0 on have bits in their order; ids decide between equal times.
        let mut ages: [Vec<(u64, &str)>; 2] = Default::default();
        for (id, entry) in &self.entries {
            let [incomplete, whole] = &mut ages;
            let kind = if entry.is_whole() { whole } else { incomplete };
            kind.push((entry.at_seconds().max(0.0).to_bits(), id));
        }
        let [incomplete, whole] = &mut ages;
        let whole_room = (capacity / 2).max(capacity.saturating_sub(incomplete.len()));
        let whole_room = whole_room.min(whole.len());
        let whole: Vec<String> = oldest(whole, whole_room);
        let incomplete = oldest(incomplete, capacity - whole_room);
        self.remember(whole.iter().map(|id| unit_hash(id)));
        for id in whole.iter().chain(&incomplete) {
            self.entries.remove(id);
        }
        incomplete.len() as u64
    }

    fn len(&self) -> usize {
        self.entries.len()
    }

    fn labels_waiting(&self) -> u64 {
        let waits = |entry: &&Entry| entry.prediction().is_none();
        self.entries.values().filter(waits).count() as u64
    }

    fn was_whole(&self, id: &str) -> bool {
        self.whole_before.contains(&unit_hash(id))
    }
}

/// The ids of the oldest of more than `room`.
fn oldest(ages: &mut [(u64, &str)], room: usize) -> Vec<String> {
    let excess = ages.len().saturating_sub(room);
    if excess < ages.len() {
        ages.select_nth_unstable(excess);
    }
    ages.iter().take(excess).map(|(_, id)| String::from(*id)).collect()
}
