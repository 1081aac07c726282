//! Rows by the value that they have in one column.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::reading::{categories, numbers};
use crate::order;
use crate::report::{ColumnKind, Segment};
use crate::table::Column;

/// Categories that have a segment of their own, at most: the most frequent of all tables.
const MOST_SEGMENTS: usize = 20;
/// A column of no more different numbers than this is cut by each of them, one of more by ranges.
const MOST_VALUES: usize = 8;
/// Ranges that numbers are cut into, each of as many rows of the first table: by its quartiles.
const RANGES: usize = 4;

/// One segment of tables.
pub(crate) struct Part {
    pub(crate) segment: Segment,
    /// Its rows of each table, ascending.
    pub(crate) rows: Vec<Vec<usize>>,
}

/// Cuts tables by a column that each of them has. Edges of ranges are those of the first, the reference.
///
/// # Errors
/// A category that is no number, where the column is to be read as numbers.
pub(crate) fn cut(columns: &[&Column], kind: ColumnKind) -> Result<Vec<Part>, String> {
    match kind {
        ColumnKind::Categorical => Ok(by_category(columns)),
        ColumnKind::Numeric => {
            let read: Result<Vec<_>, &str> = columns.iter().map(|it| numbers(it)).collect();
            let read = read.map_err(ToString::to_string)?;
            let values: Vec<&[f64]> = read.iter().map(AsRef::as_ref).collect();
            Ok(distinct(&values).map_or_else(
                || by_range(&values),
                |distinct| {
                    let named =
                        distinct.iter().map(|it| Segment::Category { name: it.to_string() });
                    let place = |value: f64| distinct.partition_point(|it| *it < value);
                    parts(named.collect(), &values, place)
                },
            ))
        }
    }
}

/// The different numbers, ascending; `None` if there are too many.
fn distinct(tables: &[&[f64]]) -> Option<Vec<f64>> {
    let mut found: Vec<f64> = Vec::with_capacity(MOST_VALUES);
    for value in tables.iter().copied().flatten().filter(|value| !value.is_nan()) {
        // Adding zero makes one zero of the two.
        let value = value + 0.0;
        let place = found.partition_point(|held| *held < value);
        if found.get(place) != Some(&value) {
            if found.len() == MOST_VALUES {
                return None;
            }
            found.insert(place, value);
        }
    }
    Some(found)
}

fn by_range(tables: &[&[f64]]) -> Vec<Part> {
    let mut sorted: Vec<f64> = tables.first().copied().unwrap_or_default().to_vec();
    sorted.retain(|value| value.is_finite());
    sorted.sort_unstable_by(f64::total_cmp);
    let edge = |part: usize| sorted.get(part * sorted.len() / RANGES).copied();
    let mut edges: Vec<f64> = (1..RANGES).filter_map(edge).collect();
    // An edge at the smallest number would have nothing below it.
    edges.retain(|edge| sorted.first().is_some_and(|first| first < edge));
    edges.dedup();
    let end = |place: usize| edges.get(place).copied();
    let range =
        |place: usize| Segment::Range { from: place.checked_sub(1).and_then(end), to: end(place) };
    let named = (0..=edges.len()).map(range).collect();
    parts(named, tables, |value| edges.partition_point(|edge| *edge <= value))
}

/// The rows of each segment, and of those without a value, each segment that has any.
fn parts(mut named: Vec<Segment>, tables: &[&[f64]], place: impl Fn(f64) -> usize) -> Vec<Part> {
    let missing = named.len();
    named.push(Segment::Missing);
    let place = |value: &f64| if value.is_nan() { missing } else { place(value + 0.0) };
    filled(named, tables.iter().map(|values| values.iter().map(place)))
}

fn by_category(columns: &[&Column]) -> Vec<Part> {
    let read: Vec<_> = columns.iter().map(|column| categories(column)).collect();
    let mut counts: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    let mut totals: Vec<u64> = Vec::new();
    for (table, (codes, levels)) in read.iter().enumerate() {
        let mut of_levels: Vec<u64> = levels.iter().map(|_| 0).collect();
        for code in codes.iter() {
            if let Some(count) = of_levels.get_mut(*code as usize) {
                *count += 1;
            }
        }
        totals.push(of_levels.iter().sum::<u64>().max(1));
        for (level, count) in levels.iter().zip(of_levels).filter(|(_, count)| *count > 0) {
            let held = counts.entry(level).or_insert_with(|| read.iter().map(|_| 0).collect());
            if let Some(held) = held.get_mut(table) {
                *held += count;
            }
        }
    }
    // A share of one table times the rows of all others is whole.
    let weight = |counts: &Vec<u64>| {
        let others = |table: usize| {
            let others = totals.iter().enumerate().filter(|(other, _)| *other != table);
            others.fold(1_u128, |product, (_, total)| product.saturating_mul(u128::from(*total)))
        };
        let shares = counts.iter().enumerate();
        shares.fold(0_u128, |sum, (table, count)| {
            sum.saturating_add(u128::from(*count).saturating_mul(others(table)))
        })
    };
    let names: Vec<&str> = counts.keys().copied().collect();
    let kept = order::largest(counts.values().map(weight), MOST_SEGMENTS);
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut named: Vec<Segment> = Vec::new();
    for name in kept.into_iter().filter_map(|index| names.get(index)) {
        places.insert(name, named.len());
        named.push(Segment::Category { name: (*name).into() });
    }
    let others = named.len();
    named.push(Segment::Others { categories: (names.len() - others) as u64 });
    named.push(Segment::Missing);
    let tables = read.iter().map(|(codes, levels)| {
        let place = |level: &String| places.get(level.as_str()).copied().unwrap_or(others);
        let of_levels: Vec<usize> = levels.iter().map(place).collect();
        codes.iter().map(move |code| of_levels.get(*code as usize).copied().unwrap_or(others + 1))
    });
    filled(named, tables)
}

/// Segments with the rows that are placed in them; those without a row of any table are left out.
fn filled(
    named: Vec<Segment>,
    tables: impl ExactSizeIterator<Item = impl Iterator<Item = usize>>,
) -> Vec<Part> {
    let lists = tables.len();
    let empty = |segment| Part { segment, rows: (0..lists).map(|_| Vec::new()).collect() };
    let mut parts: Vec<Part> = named.into_iter().map(empty).collect();
    for (table, places) in tables.enumerate() {
        for (row, place) in places.enumerate() {
            let rows = parts.get_mut(place).and_then(|part| part.rows.get_mut(table));
            if let Some(rows) = rows {
                rows.push(row);
            }
        }
    }
    parts.retain(|part| part.rows.iter().any(|rows| !rows.is_empty()));
    parts
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;
    use crate::table::MISSING;

    fn words(codes: &[u32], levels: &[&str]) -> Column {
        let levels = levels.iter().map(|level| String::from(*level)).collect();
        Column::Categorical { codes: codes.to_vec(), levels }
    }

    fn named(parts: &[Part]) -> Vec<(Segment, Vec<Vec<usize>>)> {
        parts.iter().map(|part| (part.segment.clone(), part.rows.clone())).collect()
    }

    fn category(name: &str) -> Segment {
        Segment::Category { name: name.into() }
    }

    #[test]
    fn categories_are_by_falling_share_and_a_level_without_a_row_is_none() {
        let reference = words(&[1, 0, 1, MISSING], &["a", "b", "never"]);
        let current = words(&[0, 0], &["b"]);
        let found = cut(&[&reference, &current], ColumnKind::Categorical).unwrap();
        let want = [
            (category("b"), [[0, 2].to_vec(), [0, 1].to_vec()].to_vec()),
            (category("a"), [[1].to_vec(), [].to_vec()].to_vec()),
            (Segment::Missing, [[3].to_vec(), [].to_vec()].to_vec()),
        ];
        assert_eq!(named(&found), want);
    }

    #[test]
    fn rare_categories_are_one_segment() {
        let levels: Vec<String> = (0..30).map(|level| format!("{level:02}")).collect();
        let levels: Vec<&str> = levels.iter().map(String::as_str).collect();
        let codes: Vec<u32> = (0..30).flat_map(|code| (code..30).map(move |_| code)).collect();
        let found = cut(&[&words(&codes, &levels)], ColumnKind::Categorical).unwrap();
        assert_eq!(found.len(), MOST_SEGMENTS + 1);
        assert_eq!(found[0].segment, category("00"));
        let last = found.last().unwrap();
        assert_eq!(last.segment, Segment::Others { categories: 10 });
        assert_eq!(last.rows[0].len(), (1..=10).sum::<usize>());
    }

    #[test]
    fn few_numbers_are_each_a_segment_and_many_are_quartiles_of_the_first_table() {
        let few = Column::Numeric([2.0, -0.0, 0.0, f64::NAN, 10.0].to_vec());
        let found = named(&cut(&[&few], ColumnKind::Numeric).unwrap());
        let want = [
            (category("0"), [[1, 2].to_vec()].to_vec()),
            (category("2"), [[0].to_vec()].to_vec()),
            (category("10"), [[4].to_vec()].to_vec()),
            (Segment::Missing, [[3].to_vec()].to_vec()),
        ];
        assert_eq!(found, want);

        let reference = Column::Numeric((0..12).map(f64::from).collect());
        let current = Column::Numeric([f64::INFINITY, 5.9, f64::NEG_INFINITY, 6.0].to_vec());
        let found = cut(&[&reference, &current], ColumnKind::Numeric).unwrap();
        let range = |from, to| Segment::Range { from, to };
        let segments: Vec<Segment> = found.iter().map(|part| part.segment.clone()).collect();
        let want = [
            range(None, Some(3.0)),
            range(Some(3.0), Some(6.0)),
            range(Some(6.0), Some(9.0)),
            range(Some(9.0), None),
        ];
        assert_eq!(segments, want);
        let of_current: Vec<&[usize]> = found.iter().map(|part| part.rows[1].as_slice()).collect();
        assert_eq!(of_current, [&[2][..], &[1], &[3], &[0]]);
        assert!(found.iter().all(|part| part.rows[0].len() == 3));
    }

    #[test]
    fn nothing_and_ties_cut_what_they_can() {
        assert!(cut(&[&Column::Numeric(Vec::new())], ColumnKind::Numeric).unwrap().is_empty());
        assert!(cut(&[&words(&[], &[])], ColumnKind::Categorical).unwrap().is_empty());
        let mut tied: Vec<f64> = (0..90).map(|_| 1.0).collect();
        tied.extend((2..12).map(f64::from));
        let found = cut(&[&Column::Numeric(tied)], ColumnKind::Numeric).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].segment, Segment::Range { from: None, to: None });
        let error = cut(&[&words(&[0], &["x"])], ColumnKind::Numeric).err();
        assert_eq!(error.as_deref(), Some("x"));
    }
}
