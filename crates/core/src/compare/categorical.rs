//! Categories against categories.

use alloc::string::String;
use alloc::vec::Vec;

use tidegate_stats::{Decision, Method, compatibility, num};

use super::outcome::{self, Outcome};
use super::signals::Categories;
use super::{distribution, signals};
use crate::order;
use crate::report::{ColumnKind, MAX_NAMED_CATEGORIES, Peer, PeerReport, SignalReport, Unseen};

/// The chance with which a category that is not rare has no value in the reference.
const MAX_CHANCE_OF_UNSEEN: f64 = 0.001;

/// Counts of both samples by category.
#[derive(Default)]
pub(super) struct Tally<'a> {
    /// As they came: a name may be there more than once.
    counts: Vec<(&'a str, [u64; 2])>,
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
            let mut both = [0; 2];
            both[side as usize] = count;
            self.counts.push((name, both));
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

    /// As it would be if there were only the rows that are independent.
    pub(super) fn thinned(&self, rows_per_independent: f64) -> Self {
        let (names, [reference, current]) = self.by_name();
        let thinned = |both: [u64; 2]| both.map(|it| outcome::thinned(it, rows_per_independent));
        let both = reference.into_iter().zip(current).map(|(one, other)| thinned([one, other]));
        Self { counts: names.into_iter().zip(both).collect(), unnamed: thinned(self.unnamed) }
    }

    pub(super) fn compare(&self, methods: &[Method], decision: &Decision) -> Outcome {
        let mut notes = Vec::new();
        let (names, [mut reference, mut current]) = self.by_name();
        let pooled = self.rare_with_unnamed(&reference, &current);
        if self.unnamed != [0; 2] {
            reference.push(self.unnamed[0]);
            current.push(self.unnamed[1]);
        }
        let methods = outcome::fitting(methods, &reference, &current);
        let tests = outcome::run(&methods, &mut notes, |method| match (&pooled, method) {
            (Some([reference, current]), Method::ChiSquare) => {
                outcome::on_bins(method, reference, current, decision)
            }
            _ => outcome::on_bins(method, &reference, &current, decision),
        });
        let (reference, current) = (&reference[..names.len()], &current[..names.len()]);
        Outcome {
            kind: ColumnKind::Categorical,
            tests,
            distribution: distribution::categories(&names, reference, current, self.unnamed),
            unseen: self.unseen(&names, reference, current),
            compatibility: Vec::new(),
            notes,
        }
    }

    /// The counts with rare categories beside those that the reference has none of, where these have no names.
    ///
    /// That the reference has none of a category is chance where the category is rare, and is why it counts as unnamed:
    /// a bin of such categories alone has always more current values than it should. By its count in both samples a
    /// category is chosen without regard to either, so those of so few that all may well be current go into that bin.
    fn rare_with_unnamed(&self, reference: &[u64], current: &[u64]) -> Option<[Vec<u64>; 2]> {
        let [0, unnamed] = self.unnamed else { return None };
        if unnamed == 0 {
            return None;
        }
        let total = |bins: &[u64]| bins.iter().map(|it| *it as f64).sum::<f64>();
        let (of_reference, of_current) = (total(reference), total(current) + unnamed as f64);
        // A category of `k` values has them all in the current sample with the chance (m / (n + m))^k.
        let rarest = num::ln(1.0 / MAX_CHANCE_OF_UNSEEN) / num::ln_1p(of_reference / of_current);
        let is_rare = |one: u64, other: u64| one.saturating_add(other) as f64 <= rarest;
        let mut pooled = [Vec::new(), Vec::new()];
        let mut rare = self.unnamed;
        for (one, other) in reference.iter().zip(current) {
            for (side, count) in [*one, *other].into_iter().enumerate() {
                if is_rare(*one, *other) {
                    rare[side] = rare[side].saturating_add(count);
                } else {
                    pooled[side].push(count);
                }
            }
        }
        pooled.iter_mut().zip(rare).for_each(|(bins, rare)| bins.push(rare));
        Some(pooled)
    }

    /// What the peers would have printed.
    pub(super) fn compatibility(&self, peers: &[Peer]) -> Vec<PeerReport> {
        if peers.is_empty() {
            return Vec::new();
        }
        let (_, [reference, current]) = self.by_name();
        outcome::compatibility(peers, |peer| {
            compatibility::of_categories(&reference, &current, peer)
        })
    }

    /// New and vanished categories.
    pub(super) fn signals(
        &self,
        rows_per_independent: Option<f64>,
        decision: &Decision,
    ) -> Vec<SignalReport> {
        let (_, [reference, current]) = self.by_name();
        let categories = Categories { reference: &reference, current: &current, unnamed: 0 };
        signals::of_categories(categories, rows_per_independent, decision).collect()
    }

    /// Each name once, ascending, and the counts of both samples.
    fn by_name(&self) -> (Vec<&'a str>, [Vec<u64>; 2]) {
        let came: Vec<&str> = self.counts.iter().map(|(name, _)| *name).collect();
        let (mut names, [mut reference, mut current]) = <(Vec<&str>, [Vec<u64>; 2])>::default();
        for same in order::by_name(&came).chunk_by(|one, other| came[*one] == came[*other]) {
            let sum = |side: Side| {
                let counts = same.iter().map(|index| self.counts[*index].1[side as usize]);
                counts.fold(0, u64::saturating_add)
            };
            names.push(came[same[0]]);
            reference.push(sum(Side::Reference));
            current.push(sum(Side::Current));
        }
        (names, [reference, current])
    }

    /// Without a reference nothing is new.
    fn unseen(&self, names: &[&str], reference: &[u64], current: &[u64]) -> Unseen {
        if self.unnamed[0] == 0 && reference.iter().all(|count| *count == 0) {
            return Unseen::default();
        }
        let new: Vec<(&str, u64)> = names
            .iter()
            .zip(reference.iter().zip(current))
            .filter(|(_, (reference, _))| **reference == 0)
            .map(|(name, (_, current))| (*name, *current))
            .collect();
        let unnamed = if self.unnamed[0] == 0 { self.unnamed[1] } else { 0 };
        let count = new.iter().fold(unnamed, |sum, (_, count)| sum.saturating_add(*count));
        // Names are in order where counts are equal.
        let weights = new.iter().map(|(_, count)| u128::from(*count));
        let named = order::largest(weights, MAX_NAMED_CATEGORIES).into_iter();
        Unseen { count, categories: named.map(|index| new[index].0.into()).collect() }
    }
}
