//! The scores of all classes, gathered row by row while predictions are read.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::facts::{ClassScores, Naming};
use crate::value;
use crate::wire::json::Leaf;

/// Scores of one body that are kept. A larger table is none: half of one would be wrong.
const MAX_SCORES: usize = 65_536;

/// Classes of one body that are kept.
const MAX_CLASSES: usize = 1_024;

/// A table whose rows all have the same classes in the same order, or no table.
#[derive(Debug, Default)]
pub(crate) struct ScoreTable {
    /// Names that the wire gives, in the first row.
    labels: Vec<String>,
    scores: Vec<f64>,
    /// Scores of the row that has not ended.
    in_row: usize,
    width: Option<usize>,
    is_given_up: bool,
    non_finite: u64,
}

impl ScoreTable {
    /// Adds the score of the row's next class.
    pub fn put(&mut self, label: Option<&str>, leaf: &Leaf<'_>) {
        let score = match leaf {
            Leaf::Number(number) => number.value,
            _ => return self.give_up(),
        };
        if !score.is_finite() {
            self.non_finite = self.non_finite.saturating_add(1);
            return self.give_up();
        }
        if self.is_given_up {
            return;
        }
        let is_first_row = self.width.is_none();
        let is_labelled = match label {
            Some(label) if is_first_row => {
                self.labels.push(label.to_string());
                true
            }
            Some(label) => self.labels.get(self.in_row).is_some_and(|known| known == label),
            None => self.labels.is_empty(),
        };
        let has_room = self.scores.len() < MAX_SCORES && self.in_row < MAX_CLASSES;
        if !is_labelled || !has_room {
            return self.give_up();
        }
        self.scores.push(score);
        self.in_row = self.in_row.saturating_add(1);
    }

    /// The row has ended.
    pub fn end_row(&mut self) {
        if self.in_row != *self.width.get_or_insert(self.in_row) {
            self.give_up();
        }
        self.in_row = 0;
    }

    /// Rows differ, are too many, or have no finite scores: there is no table.
    pub fn give_up(&mut self) {
        self.is_given_up = true;
        self.scores = Vec::new();
        self.labels = Vec::new();
    }

    /// Scores that are NaN or infinite.
    pub fn non_finite(&self) -> u64 {
        self.non_finite
    }

    /// The table, if there is one.
    pub fn finish(self, naming: &Naming<'_>, are_probabilities: bool) -> Option<ClassScores> {
        let width = self.width.filter(|&width| width > 0 && !self.is_given_up)?;
        let classes = if self.labels.is_empty() {
            (0..width).map(|index| value::class_name(index, naming)).collect()
        } else {
            self.labels
        };
        Some(ClassScores { classes, scores: self.scores, are_probabilities })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::json::Number;

    fn put(table: &mut ScoreTable, row: &[(Option<&str>, f64)]) {
        for &(label, value) in row {
            table.put(label, &Leaf::Number(Number { value, is_integer: false }));
        }
        table.end_row();
    }

    #[test]
    fn rows_of_the_same_classes_are_a_table() {
        let mut table = ScoreTable::default();
        put(&mut table, &[(Some("a"), 0.25), (Some("b"), 0.75)]);
        put(&mut table, &[(Some("a"), 1.0), (Some("b"), 0.0)]);
        let found = table.finish(&Naming::default(), true).unwrap();
        assert_eq!(
            (found.classes.join(","), found.scores),
            ("a,b".into(), vec![0.25, 0.75, 1.0, 0.0])
        );
        let mut table = ScoreTable::default();
        put(&mut table, &[(None, 2.0), (None, -1.0)]);
        let names = ["no".to_string()];
        let naming = Naming { classes: &names, ..Naming::default() };
        assert_eq!(table.finish(&naming, false).unwrap().classes, ["no", "1"]);
    }

    #[test]
    fn rows_that_differ_are_none() {
        for second in
            [&[(Some("b"), 1.0)][..], &[(None, 1.0)], &[(Some("a"), 1.0), (Some("b"), 2.0)], &[]]
        {
            let mut table = ScoreTable::default();
            put(&mut table, &[(Some("a"), 0.5)]);
            put(&mut table, second);
            assert_eq!(table.finish(&Naming::default(), true), None, "{second:?}");
        }
    }

    #[test]
    fn a_score_that_is_not_finite_is_counted_and_no_score() {
        let mut table = ScoreTable::default();
        put(&mut table, &[(None, f64::NAN), (None, 0.5)]);
        put(&mut table, &[(None, f64::INFINITY)]);
        assert_eq!(table.non_finite(), 2);
        assert_eq!(table.finish(&Naming::default(), true), None);
    }

    #[test]
    fn a_table_has_a_largest_size() {
        let mut table = ScoreTable::default();
        for _ in 0..=MAX_SCORES {
            put(&mut table, &[(None, 0.5)]);
        }
        assert_eq!(table.finish(&Naming::default(), true), None);
    }
}
