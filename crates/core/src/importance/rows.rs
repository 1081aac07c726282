use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Ordering;
use serde::{Deserialize, Serialize};

use crate::pane::most;

/// Explanations that the reference is made of: the oldest.
pub const REFERENCE_ROWS: usize = 200;
/// Explanations that are held against the reference: the newest.
pub const CURRENT_ROWS: usize = 200;

/// The magnitudes of one explanation's attributions, a value a feature of the table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Row {
    at_seconds: f64,
    magnitudes: Vec<f64>,
}

impl Row {
    /// By time; of one time by content, so that the order does not depend on who came first. A column of
    /// zeros that is put into all rows leaves the order as it is.
    fn order(&self, other: &Self) -> Ordering {
        let times = self.at_seconds.total_cmp(&other.at_seconds);
        let pairs = self.magnitudes.iter().zip(&other.magnitudes);
        times.then_with(|| {
            pairs.map(|(own, other)| own.total_cmp(other)).find(|it| it.is_ne()).unwrap_or(times)
        })
    }
}

/// The oldest and the newest of the explanations of a model.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct Rows {
    /// In their order; the columns of all rows.
    features: Vec<String>,
    /// All that ever came, kept or not.
    count: u64,
    oldest: Vec<Row>,
    newest: Vec<Row>,
}

impl Rows {
    pub const fn count(&self) -> u64 {
        self.count
    }

    pub fn features(&self) -> &[String] {
        &self.features
    }

    /// The column of a feature, made if need be; `None` if there are `cap` of them already.
    pub fn column(&mut self, feature: &str, cap: usize) -> Option<usize> {
        match self.features.binary_search_by(|own| own.as_str().cmp(feature)) {
            Ok(column) => Some(column),
            Err(_) if self.features.len() >= cap => None,
            Err(column) => {
                self.features.insert(column, String::from(feature));
                for row in self.oldest.iter_mut().chain(&mut self.newest) {
                    row.magnitudes.insert(column, 0.0);
                }
                Some(column)
            }
        }
    }

    /// Adds an explanation: pairs of a column and a magnitude.
    pub fn push(&mut self, at_seconds: f64, magnitudes: &[(usize, f64)]) {
        let mut row = Row { at_seconds, magnitudes: vec![0.0; self.features.len()] };
        for (column, magnitude) in magnitudes {
            if let Some(held) = row.magnitudes.get_mut(*column) {
                *held = *magnitude;
            }
        }
        self.count = self.count.saturating_add(1);
        self.keep_newest(row.clone());
        self.keep_oldest(row);
    }

    /// Adds the explanations of `other`. Returns the magnitudes that found no column.
    pub fn merge(&mut self, other: Self, cap: usize) -> u64 {
        let columns: Vec<Option<usize>> =
            other.features.iter().map(|feature| self.column(feature, cap)).collect();
        // Columns that were made later moved the earlier ones.
        let columns: Vec<Option<usize>> = columns
            .iter()
            .zip(&other.features)
            .map(|(found, feature)| found.and_then(|_| self.column(feature, cap)))
            .collect();
        let mut lost = 0;
        let width = self.features.len();
        let mut aligned = |row: Row| {
            let mut magnitudes = vec![0.0; width];
            for (column, magnitude) in columns.iter().zip(row.magnitudes) {
                match column.and_then(|column| magnitudes.get_mut(column)) {
                    Some(held) => *held = magnitude,
                    None => lost += u64::from(magnitude > 0.0),
                }
            }
            Row { at_seconds: row.at_seconds, magnitudes }
        };
        let oldest: Vec<Row> = other.oldest.into_iter().map(&mut aligned).collect();
        let newest: Vec<Row> = other.newest.into_iter().map(&mut aligned).collect();
        self.count = self.count.saturating_add(other.count);
        oldest.into_iter().for_each(|row| self.keep_oldest(row));
        newest.into_iter().for_each(|row| self.keep_newest(row));
        lost
    }

    fn keep_oldest(&mut self, row: Row) {
        let place = self.oldest.partition_point(|held| held.order(&row).is_le());
        if place < REFERENCE_ROWS {
            self.oldest.insert(place, row);
            self.oldest.truncate(REFERENCE_ROWS);
        }
    }

    fn keep_newest(&mut self, row: Row) {
        let place = self.newest.partition_point(|held| held.order(&row).is_le());
        if self.newest.len() < CURRENT_ROWS {
            self.newest.insert(place, row);
        } else if place > 0 {
            self.newest.insert(place, row);
            self.newest.remove(0);
        }
    }

    /// The magnitudes of the reference, row by row; `None` until there are rows enough.
    pub fn reference(&self) -> Option<Vec<f64>> {
        (self.oldest.len() >= REFERENCE_ROWS).then(|| flat(&self.oldest))
    }

    /// The magnitudes of the newest rows that are not in the reference, row by row; of the newest of all
    /// while there is no reference.
    pub fn current(&self) -> Vec<f64> {
        let beyond = self.count.saturating_sub(REFERENCE_ROWS as u64);
        let wanted = if self.oldest.len() < REFERENCE_ROWS { self.count } else { beyond };
        let skipped = (self.newest.len() as u64).saturating_sub(wanted);
        flat(self.newest.get(skipped as usize..).unwrap_or_default())
    }

    /// Whether each row has a value a column: true of all but a damaged encoding.
    pub fn is_sound(&self) -> bool {
        let width = self.features.len();
        self.features.is_sorted()
            && self.oldest.len() <= REFERENCE_ROWS
            && self.newest.len() <= CURRENT_ROWS
            && self.oldest.iter().chain(&self.newest).all(|row| row.magnitudes.len() == width)
    }
}

fn flat(rows: &[Row]) -> Vec<f64> {
    rows.iter().flat_map(|row| row.magnitudes.iter().copied()).collect()
}

/// The most bytes that rows of so many features take.
pub(super) const fn most_row_bytes(features: u64) -> u64 {
    let row = 2 * size_of::<Row>() as u64 + 2 * 8 * features + most::PIECE;
    (REFERENCE_ROWS + CURRENT_ROWS + 2) as u64 * row
}
