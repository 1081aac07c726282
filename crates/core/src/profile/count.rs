//! Counts a table into a profile.

use alloc::borrow::ToOwned;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use tidegate_stats::bins::Edges;
use tidegate_stats::{Moments, Sorted};

use super::{ColumnProfile, ColumnSummary, MAX_CATEGORIES, Profile, SCHEMA, Sketches};
use crate::event::ColumnRole;
use crate::order;
use crate::table::{Column, Table};

/// Summarises a table, on bins of its own: the deciles of each numeric column.
#[must_use]
pub fn profile(table: &Table) -> Profile {
    count(table, |_| None)
}

/// Summarises a table on the bins of a reference, so that the two can be compared and merged: each
/// column has the role that the reference's of its name has; where two have that name, the feature's.
/// A column that the reference does not have is a feature, on bins of its own.
#[must_use]
pub fn profile_on(table: &Table, reference: &Profile) -> Profile {
    let mut frozen: BTreeMap<&str, &ColumnProfile> = BTreeMap::new();
    for column in &reference.columns {
        let held = frozen.entry(&column.name).or_insert(column);
        if column.role < held.role {
            *held = column;
        }
    }
    count(table, |name| frozen.get(name).copied())
}

fn count<'r>(table: &Table, frozen: impl Fn(&str) -> Option<&'r ColumnProfile>) -> Profile {
    let columns = table.columns().map(|(name, column)| {
        let frozen = frozen(name);
        let (summary, sketches) = match column {
            Column::Numeric(values) => {
                (numeric(values, frozen.and_then(edges)), Sketches::of_numbers(values))
            }
            Column::Categorical { codes, levels } => categorical(codes, levels),
        };
        ColumnProfile {
            name: name.to_owned(),
            role: frozen.map_or(ColumnRole::Feature, |frozen| frozen.role),
            counts: column.counts(),
            summary,
            rows_per_independent: None,
            sketches,
        }
    });
    Profile { schema: SCHEMA.into(), rows: table.rows() as u64, columns: columns.collect() }
}

fn edges(column: &ColumnProfile) -> Option<Edges> {
    match &column.summary {
        ColumnSummary::Numeric { edges, .. } => Edges::try_new(edges.clone()).ok(),
        ColumnSummary::Categorical { .. } => None,
    }
}

fn numeric(values: &[f64], frozen: Option<Edges>) -> ColumnSummary {
    let present: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    let moments: Moments = present.iter().copied().collect();
    let edges = frozen.unwrap_or_else(|| {
        let finite = present.iter().copied().filter(|value| value.is_finite()).collect();
        // Refused only beyond the largest sample: then one bin holds all.
        Edges::deciles(&Sorted::try_new(finite).unwrap_or_default())
    });
    let known = |value: f64| (moments.count() > 0).then_some(value);
    ColumnSummary::Numeric {
        min: known(moments.min()),
        max: known(moments.max()),
        mean: known(moments.mean()),
        standard_deviation: known(moments.standard_deviation()),
        infinite: present.len() as u64 - moments.count(),
        bins: edges.count(&present),
        edges: edges.into(),
    }
}

fn categorical(codes: &[u32], levels: &[String]) -> (ColumnSummary, Sketches) {
    let mut by_code = alloc::vec![0_u64; levels.len()];
    for code in codes {
        // The code of a missing value is no index.
        if let Some(count) = by_code.get_mut(*code as usize) {
            *count += 1;
        }
    }
    let counts = levels.iter().zip(by_code).filter(|(_, count)| *count > 0);
    let counts: Vec<(&str, u64)> = counts.map(|(level, count)| (level.as_str(), count)).collect();
    (bounded(&counts, 0), Sketches::of_categories(counts.iter().copied()))
}

/// The most frequent categories, the rest added to `other`. Counts of one name are added.
pub(super) fn bounded(counts: &[(&str, u64)], other: u64) -> ColumnSummary {
    let came: Vec<&str> = counts.iter().map(|(name, _)| *name).collect();
    let sum =
        |same: &[usize]| same.iter().map(|index| counts[*index].1).fold(0, u64::saturating_add);
    let order = order::by_name(&came);
    let by_name: Vec<(&str, u64)> = order
        .chunk_by(|one, other| came[*one] == came[*other])
        .map(|same| (came[same[0]], sum(same)))
        .collect();
    // Names are in order where counts are equal.
    let weights = by_name.iter().map(|(_, count)| u128::from(*count));
    let named = order::largest(weights, MAX_CATEGORIES);
    let (names, bins): (_, Vec<u64>) =
        named.into_iter().map(|index| (by_name[index].0.to_owned(), by_name[index].1)).unzip();
    let total = by_name.iter().fold(other, |sum, (_, count)| sum.saturating_add(*count));
    let other = bins.iter().fold(total, |rest, count| rest.saturating_sub(*count));
    ColumnSummary::Categorical { names, bins, other }
}
