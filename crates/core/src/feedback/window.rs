use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;
use serde::{Deserialize, Serialize};
use tidegate_stats::order::sort_by;

use super::Answer;

/// The newest labelled predictions of a model version, by the time of the prediction.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Window {
    rows: Vec<JudgedRow>,
}

/// A prediction whose truth is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JudgedRow {
    /// When it was made, in seconds since 1970.
    pub at_seconds: f64,
    /// Its id.
    pub id: String,
    /// What the model said.
    pub prediction: Answer,
    /// How sure it was, in `[0, 1]`.
    pub confidence: Option<f64>,
    /// What was true.
    pub label: Answer,
}

impl JudgedRow {
    fn order(&self, at_seconds: f64, id: &str) -> Ordering {
        self.at_seconds.total_cmp(&at_seconds).then_with(|| self.id.as_str().cmp(id))
    }

    /// Whether the model was right.
    #[must_use]
    pub fn is_right(&self) -> bool {
        self.prediction.agrees_with(&self.label)
    }
}

impl Window {
    /// Rows, oldest prediction first.
    #[must_use]
    pub fn rows(&self) -> &[JudgedRow] {
        &self.rows
    }

    /// Adds a row, or takes the place of that of the same prediction; of more than `capacity` the newest
    /// are kept.
    pub(super) fn put(&mut self, row: JudgedRow, capacity: usize) {
        let place = self.rows.binary_search_by(|own| own.order(row.at_seconds, &row.id));
        match place {
            Ok(index) => {
                if let Some(own) = self.rows.get_mut(index) {
                    *own = row;
                }
            }
            Err(0) if self.rows.len() >= capacity => return,
            Err(index) => self.rows.insert(index, row),
        }
        self.trim(capacity);
    }

    /// Adds the rows of another window.
    pub(super) fn merge(&mut self, other: Self) {
        self.rows.extend(other.rows);
        sort_by(&mut self.rows, |one, other| one.order(other.at_seconds, &other.id));
        self.rows.dedup_by(|one, other| one.order(other.at_seconds, &other.id).is_eq());
    }

    /// As [`Self::put`], but of more than `capacity` the oldest are kept.
    pub(super) fn put_oldest(&mut self, row: JudgedRow, capacity: usize) {
        match self.rows.binary_search_by(|own| own.order(row.at_seconds, &row.id)) {
            Ok(index) => {
                if let Some(own) = self.rows.get_mut(index) {
                    *own = row;
                }
            }
            Err(index) if index < capacity => self.rows.insert(index, row),
            Err(_) => {}
        }
        self.rows.truncate(capacity);
    }

    pub(super) fn remove(&mut self, at_seconds: f64, id: &str) {
        if let Ok(index) = self.rows.binary_search_by(|own| own.order(at_seconds, id)) {
            self.rows.remove(index);
        }
    }

    pub(super) fn trim_newest(&mut self, capacity: usize) {
        self.rows.truncate(capacity);
    }

    /// Forgets rows later than a time, which only a clock that runs ahead can tell of.
    pub(super) fn keep_until(&mut self, newest_seconds: f64) {
        let is_wanted = |row: &JudgedRow| row.at_seconds <= newest_seconds;
        while self.rows.pop_if(|row| !is_wanted(row)).is_some() {}
    }

    pub(super) fn trim(&mut self, capacity: usize) {
        let excess = self.rows.len().saturating_sub(capacity);
        self.rows.drain(..excess);
    }
}
