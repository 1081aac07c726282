//! What is found by a number that the gateway gave it.

/// Lists that numbers are spread over: a power of two, and few enough to stay in the nearest cache.
const LISTS: usize = 64;

/// Things by number, for numbers that are given in turn. A list keeps its memory when it empties, so that
/// what comes and goes costs none.
#[derive(Debug)]
pub struct ById<T> {
    lists: [Vec<(u32, T)>; LISTS],
}

impl<T> ById<T> {
    /// Nothing.
    pub const fn new() -> Self {
        Self { lists: [const { Vec::new() }; LISTS] }
    }

    /// Adds a thing, in place of one that had its number.
    pub fn insert(&mut self, id: u32, thing: T) {
        self.remove(id);
        if let Some(list) = self.lists.get_mut(place(id)) {
            list.push((id, thing));
        }
    }

    /// The thing of this number.
    pub fn get_mut(&mut self, id: u32) -> Option<&mut T> {
        let list = self.lists.get_mut(place(id))?;
        list.iter_mut().find(|(other, _)| *other == id).map(|(_, thing)| thing)
    }

    /// Takes the thing of this number out.
    pub fn remove(&mut self, id: u32) -> Option<T> {
        let list = self.lists.get_mut(place(id))?;
        let found = list.iter().position(|(other, _)| *other == id)?;
        Some(list.swap_remove(found).1)
    }
}

impl<T> Default for ById<T> {
    fn default() -> Self {
        Self::new()
    }
}

const fn place(id: u32) -> usize {
    id as usize % LISTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_found_by_its_number_until_it_is_taken() {
        let mut things = ById::default();
        for id in 0..1_000 {
            things.insert(id, id * 2);
        }
        assert_eq!(things.remove(500), Some(1_000));
        assert_eq!(things.remove(500), None);
        assert_eq!(things.get_mut(500), None);
        for id in (0..1_000).filter(|id| *id != 500) {
            assert_eq!(things.get_mut(id).copied(), Some(id * 2));
        }
        things.insert(u32::MAX, 1);
        things.insert(u32::MAX, 2);
        assert_eq!(things.remove(u32::MAX), Some(2));
        assert_eq!(things.remove(u32::MAX), None);
    }
}
