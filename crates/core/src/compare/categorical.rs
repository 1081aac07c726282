//! Categories against categories.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use tidegate_stats::{Decision, Method};

use super::distribution;
use super::outcome::{self, Outcome};
use crate::report::{ColumnKind, MAX_NAMED_CATEGORIES, Unseen};

/// Counts of both samples by category. By name, so that the order of rows cannot matter.
#[derive(Default)]
pub(super) struct Tally<'a> {
    counts: BTreeMap<&'a str, [u64; 2]>,
    /// Counts of categories that have no name.
    unnamed: [u64; 2],
}

/// A sample of the two.
#[derive(Debug, Clone, Copy)]
pub(super) enum Side {
    Reference,
    Current,
}

impl<'a> Tally<'a> {
    pub(super) fn add(&mut self, side: Side, name: &'a str, count: u64) {
        if count > 0 {
            let sum = &mut self.counts.entry(name).or_default()[side as usize];
            *sum = sum.saturating_add(count);
        }
    }

    pub(super) const fn add_unnamed(&mut self, side: Side, count: u64) {
        let sum = &mut self.unnamed[side as usize];
        *sum = sum.saturating_add(count);
    }

    /// Adds the rows of a column.
    pub(super) fn add_column(&mut self, side: Side, codes: &[u32], levels: &'a [String]) {
        let mut counts = alloc::vec![0_u64; levels.len()];
        for code in codes {
            // The code of a missing value is no index.
            if let Some(count) = counts.get_mut(*code as usize) {
                *count += 1;
            }
        }
        for (level, count) in levels.iter().zip(counts) {
            self.add(side, level, count);
        }
    }

    pub(super) fn compare(&self, methods: &[Method], decision: &Decision) -> Outcome {
        let mut notes = Vec::new();
        let names: Vec<&str> = self.counts.keys().copied().collect();
        let named = |side: Side| self.counts.values().map(move |counts| counts[side as usize]);
        let with_unnamed = |side: Side| -> Vec<u64> {
            let unnamed = (self.unnamed != [0; 2]).then_some(self.unnamed[side as usize]);
            named(side).chain(unnamed).collect()
        };
        let bins = [with_unnamed(Side::Reference), with_unnamed(Side::Current)];
        let tests = outcome::run(methods, &mut notes, |method| {
            outcome::on_bins(method, &bins[0], &bins[1], decision)
        });
        let [reference, current] = &bins;
        let (reference, current) = (&reference[..names.len()], &current[..names.len()]);
        Outcome {
            kind: ColumnKind::Categorical,
            tests,
            distribution: distribution::categories(&names, reference, current, self.unnamed),
            unseen: self.unseen(),
            notes,
        }
    }

    /// Without a reference nothing is new.
    fn unseen(&self) -> Unseen {
        if self.unnamed[0] == 0 && self.counts.values().all(|counts| counts[0] == 0) {
            return Unseen::default();
        }
        let is_new = |counts: &[u64; 2]| counts[0] == 0;
        let mut new: Vec<(&str, u64)> = self
            .counts
            .iter()
            .filter(|(_, counts)| is_new(counts))
            .map(|(name, counts)| (*name, counts[1]))
            .collect();
        let unnamed = if is_new(&self.unnamed) { self.unnamed[1] } else { 0 };
        let count = new.iter().fold(unnamed, |sum, (_, count)| sum.saturating_add(*count));
        // Stable: names are in order where counts are equal.
        new.sort_by_key(|(_, count)| core::cmp::Reverse(*count));
        new.truncate(MAX_NAMED_CATEGORIES);
        Unseen { count, categories: new.into_iter().map(|(name, _)| name.into()).collect() }
    }
}
