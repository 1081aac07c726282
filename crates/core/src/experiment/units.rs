use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};
use tidegate_stats::order::sort_by;

use super::unit_hash;
use crate::pane::{Dropped, LIMITS, bound, most};

/// Conversions of a unit that are kept: the earliest.
const KEPT_CONVERSIONS: usize = 4;

/// The units of one experiment by their hashes; the same in a worker and, merged, in the leader.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Units(BTreeMap<u64, Unit>);

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
struct Unit {
    /// When it was first given a variant, and the hash of the variant's name.
    exposed: Option<(f64, u64)>,
    /// Whether it was given two.
    is_mixed: bool,
    /// What it was worth before, where that was said.
    before: Option<f64>,
    /// Times and values, the earliest first.
    conversions: Vec<Conversion>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Conversion {
    at_seconds: f64,
    value: Option<f64>,
}

/// What became of a unit that was given a variant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// Hash of the variant's name.
    pub variant: u64,
    /// Whether it converted within the window after it was first given the variant.
    pub converted: bool,
    /// What its first such conversion was worth, where that was said.
    pub value: Option<f64>,
    /// What it was worth before it was given the variant, where that was said.
    pub before: Option<f64>,
}

impl Units {
    /// A unit was given a variant.
    pub fn expose(&mut self, unit: u64, at_seconds: f64, variant: &str, dropped: &mut Dropped) {
        let seen = Unit { exposed: Some((at_seconds, unit_hash(variant))), ..Unit::default() };
        self.add(unit, seen, dropped);
    }

    /// A unit converted.
    pub fn convert(
        &mut self,
        unit: u64,
        at_seconds: f64,
        value: Option<f64>,
        dropped: &mut Dropped,
    ) {
        let conversions = Vec::from([Conversion { at_seconds, value }]);
        self.add(unit, Unit { conversions, ..Unit::default() }, dropped);
    }

    /// A unit was worth so much before.
    pub fn know(&mut self, unit: u64, before: f64, dropped: &mut Dropped) {
        self.add(unit, Unit { before: Some(before), ..Unit::default() }, dropped);
    }

    /// Adds what `other` saw.
    pub fn merge(&mut self, other: Self, dropped: &mut Dropped) {
        for (hash, unit) in other.0 {
            self.add(hash, unit, dropped);
        }
    }

    /// What became of the units that were given one variant, by their hashes.
    pub fn outcomes(&self, window_seconds: f64) -> impl Iterator<Item = Outcome> {
        self.0.values().filter(|unit| !unit.is_mixed).filter_map(move |unit| {
            let (exposed_at, variant) = unit.exposed?;
            let within = exposed_at..=exposed_at + window_seconds;
            let found = unit.conversions.iter().find(|it| within.contains(&it.at_seconds));
            let value = found.and_then(|conversion| conversion.value);
            Some(Outcome { variant, converted: found.is_some(), value, before: unit.before })
        })
    }

    /// Hash of the name of the variant that a unit was given, by its own hash; `None` if it was given none, or two.
    #[must_use]
    pub fn variant_of(&self, unit: u64) -> Option<u64> {
        let unit = self.0.get(&unit).filter(|unit| !unit.is_mixed)?;
        unit.exposed.map(|(_, variant)| variant)
    }

    /// Units that were given two variants, and count for none.
    #[must_use]
    pub fn mixed(&self) -> u64 {
        self.0.values().filter(|unit| unit.is_mixed).count() as u64
    }

    fn add(&mut self, hash: u64, seen: Unit, dropped: &mut Dropped) {
        if let Some(unit) = self.0.get_mut(&hash) {
            return unit.merge(seen);
        }
        self.0.insert(hash, seen);
        if self.0.len() > LIMITS.units {
            self.0.pop_last();
            dropped.add(bound::UNITS, 1);
        }
    }
}

impl Unit {
    fn merge(&mut self, other: Self) {
        self.is_mixed |= other.is_mixed;
        self.exposed = match (self.exposed, other.exposed) {
            (Some(own), Some(other)) => {
                self.is_mixed |= own.1 != other.1;
                let earlier = own.0.total_cmp(&other.0).then(own.1.cmp(&other.1)).is_le();
                Some(if earlier { own } else { other })
            }
            (own, other) => own.or(other),
        };
        // Of two that were told the smaller is kept, whichever came first.
        self.before = match (self.before, other.before) {
            (Some(own), Some(other)) => {
                Some(if own.total_cmp(&other).is_le() { own } else { other })
            }
            (own, other) => own.or(other),
        };
        self.conversions.extend(other.conversions);
        let value = |it: &Conversion| it.value.unwrap_or(f64::NEG_INFINITY);
        sort_by(&mut self.conversions, |a, b| {
            a.at_seconds.total_cmp(&b.at_seconds).then(value(a).total_cmp(&value(b)))
        });
        self.conversions.truncate(KEPT_CONVERSIONS);
    }
}

/// The most bytes that the units of one experiment take.
pub(crate) const fn most_unit_bytes() -> u64 {
    // A node of a tree may be less than half full.
    let unit = size_of::<(u64, Unit)>() as u64 * 11 / 5;
    let conversions = KEPT_CONVERSIONS as u64 * size_of::<Conversion>() as u64;
    LIMITS.units as u64 * (unit + 2 * conversions + most::PIECE)
}
