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
        if self.0.len() <= capacity {
            return 0;
        }
        // Times from 0 on have bits in their order; ids decide between equal times.
        let mut ages: [Vec<(u64, &str)>; 2] = Default::default();
        for (id, entry) in &self.0 {
            let [incomplete, whole] = &mut ages;
            let kind = if entry.is_whole() { whole } else { incomplete };
            kind.push((entry.at_seconds().max(0.0).to_bits(), id));
        }
        let [incomplete, whole] = &mut ages;
        let whole_room = (capacity / 2).max(capacity.saturating_sub(incomplete.len()));
        let whole_room = whole_room.min(whole.len());
        let mut gone: Vec<String> = oldest(whole, whole_room);
        let incomplete = oldest(incomplete, capacity - whole_room);
        let forgotten = incomplete.len() as u64;
        gone.extend(incomplete);
        for id in gone {
            self.0.remove(&id);
        }
        forgotten
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn labels_waiting(&self) -> u64 {
        let waits = |entry: &&Entry| entry.prediction().is_none();
        self.0.values().filter(waits).count() as u64
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
