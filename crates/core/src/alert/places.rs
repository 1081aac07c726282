use alloc::vec::Vec;

use crate::fnv::fnv1a;

/// Where series are in a list, by a hash of their names: clients can make thousands of them.
#[derive(Debug, Clone)]
pub(super) struct Places(Vec<(u64, usize)>);

impl Places {
    /// Of an empty list.
    pub(super) const EMPTY: Self = Self(Vec::new());

    /// Of a list that has these hashes.
    pub(super) fn of(hashes: impl Iterator<Item = u64>) -> Self {
        let mut places: Vec<(u64, usize)> =
            hashes.enumerate().map(|(place, hash)| (hash, place)).collect();
        places.sort_unstable();
        Self(places)
    }

    /// FNV-1a of all parts, with a byte between that names have not.
    pub(super) fn hash<'l>(
        sample: [&str; 2],
        labels: impl Iterator<Item = (&'l str, &'l str)>,
    ) -> u64 {
        let labels = labels.flat_map(|(name, value)| ["\u{0}", name, "\u{0}", value]);
        fnv1a(sample.into_iter().chain(labels).flat_map(str::bytes))
    }

    /// The places of a hash, ascending; that they are of the wanted series is to be looked at.
    pub(super) fn with_hash(&self, hash: u64) -> impl Iterator<Item = usize> + '_ {
        let from = self.0.partition_point(|(own, _)| *own < hash);
        let rest = self.0.get(from..).unwrap_or_default();
        rest.iter().take_while(move |(own, _)| *own == hash).map(|(_, place)| *place)
    }

    pub(super) fn insert(&mut self, hash: u64, place: usize) {
        let at = self.0.partition_point(|own| *own < (hash, place));
        self.0.insert(at, (hash, place));
    }
}
