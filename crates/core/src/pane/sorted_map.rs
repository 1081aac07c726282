use alloc::borrow::ToOwned;
use alloc::vec::{self, Vec};
use core::borrow::Borrow;
use core::cmp::Ordering;
use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, Serializer};

/// A map in one vector, ascending by key.
///
/// For maps that a bound keeps small: a lookup is a binary search, and a new key moves those after
/// it. Generic code is compiled anew for each type of map, and this one's is a tenth of a B-tree's.
///
/// It is encoded as a sequence of pairs, and decoded only if the keys rise: equal maps have equal
/// bytes, and no other bytes are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortedMap<K, V>(Vec<(K, V)>);

impl<K, V> Default for SortedMap<K, V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<K: Ord, V> FromIterator<(K, V)> for SortedMap<K, V> {
    /// Of one key's values the last is kept.
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        let mut map = Self::default();
        pairs.into_iter().for_each(|(key, value)| map.insert(key, value));
        map
    }
}

impl<K: Ord, V> SortedMap<K, V> {
    /// The value of a key.
    #[must_use]
    pub fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        let index = self.position(key).ok()?;
        self.0.get(index).map(|(_, value)| value)
    }

    /// The value of a key, to be changed.
    pub fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        let index = self.position(key).ok()?;
        self.0.get_mut(index).map(|(_, value)| value)
    }

    /// The value of a key, made if need be. Only a new key is copied.
    pub fn entry<Q: Ord + ToOwned<Owned = K> + ?Sized>(&mut self, key: &Q) -> &mut V
    where
        K: Borrow<Q>,
        V: Default,
    {
        let index = self.position(key).unwrap_or_else(|index| {
            self.0.insert(index, (key.to_owned(), V::default()));
            index
        });
        &mut self.0[index].1
    }

    /// Sets the value of a key.
    pub fn insert(&mut self, key: K, value: V) {
        match self.position(&key) {
            Ok(index) => self.0[index].1 = value,
            Err(index) => self.0.insert(index, (key, value)),
        }
    }

    /// Takes a key out and returns its value.
    pub fn remove<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        let index = self.position(key).ok()?;
        Some(self.0.remove(index).1)
    }

    /// Whether it has a key.
    #[must_use]
    pub fn contains_key<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.position(key).is_ok()
    }

    /// The place of a key; `near` is looked at first.
    pub fn place_near<Q: Ord + ?Sized>(&self, key: &Q, near: usize) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        match self.0.get(near) {
            Some((own, _)) if own.borrow() == key => Ok(near),
            _ => self.position(key),
        }
    }

    /// The value at a place.
    pub fn at_mut(&mut self, place: usize) -> Option<&mut V> {
        self.0.get_mut(place).map(|(_, value)| value)
    }

    /// Where a key is, or where it would be.
    fn position<Q: Ord + ?Sized>(&self, key: &Q) -> Result<usize, usize>
    where
        K: Borrow<Q>,
    {
        // Not the library's search, which never branches: requests ask for the same keys in the
        // same order, so that branches are predicted while a comparison of strings is awaited.
        let (mut low, mut high) = (0, self.0.len());
        while low < high {
            let middle = low.midpoint(high);
            match self.0[middle].0.borrow().cmp(key) {
                Ordering::Less => low = middle + 1,
                Ordering::Equal => return Ok(middle),
                Ordering::Greater => high = middle,
            }
        }
        Err(low)
    }
}

impl<K, V> SortedMap<K, V> {
    /// Keys.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has no key.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keys and values, ascending by key.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&K, &V)> + DoubleEndedIterator {
        self.0.iter().map(|(key, value)| (key, value))
    }

    /// Keys and values, ascending by key, the values to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&K, &mut V)> {
        self.0.iter_mut().map(|(key, value)| (&*key, value))
    }

    /// Keys, ascending.
    pub fn keys(&self) -> impl Iterator<Item = &K> {
        self.0.iter().map(|(key, _)| key)
    }

    /// Values, ascending by key.
    pub fn values(&self) -> impl Iterator<Item = &V> {
        self.0.iter().map(|(_, value)| value)
    }

    /// Values, ascending by key, to be changed.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut V> {
        self.0.iter_mut().map(|(_, value)| value)
    }

    /// Keeps the largest keys, so many of them.
    pub fn keep_last(&mut self, count: usize) {
        let excess = self.0.len().saturating_sub(count);
        self.0.drain(..excess);
    }

    /// Keeps the keys for which `keep` is true.
    pub fn retain(&mut self, mut keep: impl FnMut(&K, &V) -> bool) {
        self.0.retain(|(key, value)| keep(key, value));
    }
}

impl<K, V> IntoIterator for SortedMap<K, V> {
    type Item = (K, V);
    type IntoIter = vec::IntoIter<(K, V)>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<K: Serialize, V: Serialize> Serialize for SortedMap<K, V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, K: Deserialize<'de> + Ord, V: Deserialize<'de>> Deserialize<'de> for SortedMap<K, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let entries = Vec::<(K, V)>::deserialize(deserializer)?;
        if entries.is_sorted_by(|one, other| one.0 < other.0) {
            Ok(Self(entries))
        } else {
            Err(D::Error::custom("keys that do not rise"))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_was_put_in_is_found_and_nothing_else() {
        let mut map = SortedMap::<String, u64>::default();
        assert!(map.is_empty());
        for name in ["b", "a", "c", "a"] {
            *map.entry(name) += 1;
        }
        assert_eq!((map.get("a"), map.get("d")), (Some(&2), None));
        *map.get_mut("b").unwrap() = 7;
        map.insert("c".into(), 9);
        assert_eq!(map.keys().collect::<Vec<_>>(), ["a", "b", "c"]);
        assert_eq!(map.values().copied().collect::<Vec<_>>(), [2, 7, 9]);
        assert_eq!((map.remove("b"), map.remove("b")), (Some(7), None));
        map.retain(|name, _| name != "a");
        assert_eq!(map.into_iter().collect::<Vec<_>>(), [("c".to_owned(), 9)]);
    }

    #[test]
    fn keys_that_do_not_rise_are_not_decoded() {
        let decode = |entries: &[(u8, u8)]| {
            postcard::from_bytes::<SortedMap<u8, u8>>(&postcard::to_allocvec(entries).unwrap())
        };
        assert_eq!(decode(&[(1, 0), (2, 0)]).unwrap().len(), 2);
        assert!(decode(&[(2, 0), (1, 0)]).is_err());
        assert!(decode(&[(1, 0), (1, 0)]).is_err());
    }

    proptest! {
        #[test]
        fn it_is_a_b_tree_map(changes in prop::collection::vec((0u8..20, 0u8..3), 0..100)) {
            let (mut ours, mut theirs) = (SortedMap::<u8, u8>::default(), BTreeMap::new());
            for (key, change) in changes {
                match change {
                    0 => assert_eq!(ours.remove(&key), theirs.remove(&key)),
                    1 => {
                        ours.insert(key, 1);
                        theirs.insert(key, 1);
                    }
                    _ => {
                        *ours.entry(&key) += 1;
                        *theirs.entry(key).or_default() += 1;
                    }
                }
            }
            assert!(ours.iter().eq(&theirs));
            let bytes = postcard::to_allocvec(&ours).unwrap();
            assert_eq!(bytes, postcard::to_allocvec(&theirs).unwrap());
            assert_eq!(postcard::from_bytes::<SortedMap<u8, u8>>(&bytes).unwrap(), ours);
        }
    }
}
