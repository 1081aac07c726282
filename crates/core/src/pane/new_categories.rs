use serde::{Deserialize, Serialize};

use super::SortedMap;
use super::total::add;
use crate::fnv::fnv1a;

/// Rows of categories that a reference lacks, by the hashes of their names.
///
/// Of more than [`NewCategories::MOST`] those with the largest hashes are kept. Such a category has been among the largest
/// from its first row on, in whatever part of the rows it came, so its count is exact, and any split of the rows
/// gives the same.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NewCategories(SortedMap<u64, u64>);

impl NewCategories {
    /// Categories that are kept.
    pub const MOST: usize = 16;

    /// Counts a row of a category.
    pub fn add(&mut self, category: &str) {
        self.add_rows(fnv1a(category.bytes()), 1);
    }

    /// Adds all counts of `other`.
    pub fn merge(&mut self, other: &Self) {
        other.0.iter().for_each(|(hash, rows)| self.add_rows(*hash, *rows));
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Rows of each category that is kept.
    pub fn rows(&self) -> impl Iterator<Item = u64> {
        self.0.values().copied()
    }

    fn add_rows(&mut self, hash: u64, rows: u64) {
        if self.0.len() >= Self::MOST && !self.0.contains_key(&hash) {
            if self.0.keys().next().is_some_and(|smallest| hash < *smallest) {
                return;
            }
            self.0.keep_last(Self::MOST - 1);
        }
        add(self.0.entry(&hash), rows);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(categories: &[u8]) -> NewCategories {
        let mut new = NewCategories::default();
        categories.iter().for_each(|it| new.add(&format!("category {it}")));
        new
    }

    #[test]
    fn few_categories_are_counted_each() {
        let mut rows: Vec<u64> = of(&[1, 2, 1, 3, 1, 2]).rows().collect();
        rows.sort_unstable();
        assert_eq!(rows, [1, 2, 3]);
        assert!(of(&[]).is_empty());
    }

    proptest! {
        #[test]
        fn any_split_in_any_order_gives_the_same(
            parts in prop::collection::vec(prop::collection::vec(0..60_u8, 0..40), 0..6),
        ) {
            let all = parts.concat();
            let mut merged = NewCategories::default();
            parts.iter().rev().for_each(|part| merged.merge(&of(part)));
            prop_assert_eq!(&merged, &of(&all));
            // What is kept is exact.
            let mut counts: Vec<(u64, u64)> = (0..60)
                .map(|it: u8| (fnv1a(format!("category {it}").bytes()), all.iter().filter(|own| **own == it).count() as u64))
                .filter(|(_, count)| *count > 0)
                .collect();
            counts.sort_unstable();
            let kept = counts.iter().rev().take(NewCategories::MOST).rev().map(|(_, count)| *count);
            prop_assert!(merged.rows().eq(kept));
        }
    }
}
