use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::Entry;

/// Where entries lie until they are a month old.
pub trait Store {
    /// The entry of an id.
    fn get(&self, id: &str) -> Option<Entry>;
    /// Sets the entry of an id.
    fn put(&mut self, id: &str, entry: Entry);
    /// Forgets entries that were first heard of before a time (seconds since 1970), and the oldest of more
    /// than `capacity`. Returns how many of the latter still waited for their other part.
    fn expire(&mut self, before_seconds: f64, capacity: usize) -> u64;
    /// Entries held.
    fn len(&self) -> usize;
    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// Labels that came without their prediction, so far.
    fn labels_waiting(&self) -> u64;
}

/// A store in memory.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct MemoryStore(BTreeMap<String, Entry>);

impl MemoryStore {
    /// All entries with their ids, by id.
    pub(super) fn into_entries(self) -> impl Iterator<Item = (String, Entry)> {
        self.0.into_iter()
    }
}

impl Store for MemoryStore {
    fn get(&self, id: &str) -> Option<Entry> {
        self.0.get(id).cloned()
    }

    fn put(&mut self, id: &str, entry: Entry) {
        self.0.insert(id.into(), entry);
    }

    fn expire(&mut self, before_seconds: f64, capacity: usize) -> u64 {
        self.0.retain(|_, entry| entry.at_seconds() >= before_seconds);
        let excess = self.0.len().saturating_sub(capacity);
        if excess == 0 {
            return 0;
        }
        let mut ages: Vec<(u64, &str)> = self
            .0
            .iter()
            .map(|(id, entry)| (entry.at_seconds().max(0.0).to_bits(), id.as_str()))
            .collect();
        // Times from 0 on have bits in their order; ids decide between equal times.
        let (oldest, _, _) = ages.select_nth_unstable(excess);
        let gone: Vec<String> = oldest.iter().map(|(_, id)| String::from(*id)).collect();
        let mut incomplete = 0;
        for id in gone {
            let entry = self.0.remove(&id);
            let is_whole = |entry: &Entry| entry.prediction.is_some() && entry.truth().is_some();
            incomplete += u64::from(!entry.as_ref().is_some_and(is_whole));
        }
        incomplete
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn labels_waiting(&self) -> u64 {
        let waits = |entry: &&Entry| entry.prediction.is_none();
        self.0.values().filter(waits).count() as u64
    }
}
