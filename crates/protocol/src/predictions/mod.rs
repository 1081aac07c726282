//! The predictions of a response, row by row, and what they are: classes, numbers, probabilities.

pub(crate) mod answers;
pub(crate) mod labelled;
pub(crate) mod outputs;
mod ranking;
mod score_table;

use alloc::vec::Vec;

use tidegate_core::event::Value;

use crate::facts::{Limits, Naming, ResponseFacts};
use crate::predictions::score_table::ScoreTable;
use crate::value;
use crate::wire::json::Leaf;

/// How far a row of probabilities may be from 1: servers round them to three digits and more.
const SUM_TOLERANCE: f64 = 1e-3;

/// One row of scores, one a class.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scores {
    count: usize,
    best: usize,
    highest: f64,
    sum: f64,
    is_within_unit: bool,
}

impl Default for Scores {
    /// No scores.
    fn default() -> Self {
        Self { count: 0, best: 0, highest: f64::NEG_INFINITY, sum: 0.0, is_within_unit: true }
    }
}

impl Scores {
    /// Adds the score of the next class.
    pub fn push(&mut self, score: f64) {
        if score > self.highest {
            self.best = self.count;
            self.highest = score;
        }
        self.sum += score;
        self.is_within_unit &= (0.0..=1.0).contains(&score);
        self.count = self.count.saturating_add(1);
    }

    /// Adds a leaf; one that is no number is no probability either.
    pub fn push_leaf(&mut self, leaf: &Leaf<'_>) {
        self.push(match leaf {
            Leaf::Number(number) => number.value,
            _ => f64::NAN,
        });
    }

    /// Scores so far.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Index of the highest score; the first, where several are.
    pub fn best(&self) -> usize {
        self.best
    }

    /// The highest score.
    pub fn highest(&self) -> f64 {
        self.highest
    }

    /// Whether these are probabilities of classes that exclude each other. No wire format says so;
    /// logits pass by as rarely as they happen to add up to 1.
    pub fn is_distribution(&self) -> bool {
        self.count >= 2 && self.is_part_of_distribution() && self.sum >= 1.0 - SUM_TOLERANCE
    }

    /// Whether these may be the highest probabilities of some.
    pub fn is_part_of_distribution(&self) -> bool {
        self.is_within_unit && self.sum <= 1.0 + SUM_TOLERANCE
    }
}

/// Gathers predictions. What kind they are is decided when all rows have been seen, for one row of
/// regression may look like a class, or one row of logits like probabilities.
#[derive(Debug)]
pub(crate) struct Predictions<'n> {
    naming: Naming<'n>,
    limits: Limits,
    values: Vec<Value>,
    confidences: Vec<f64>,
    /// The scores behind the predictions.
    pub table: ScoreTable,
    rows: u64,
    non_finite: u64,
    dropped_rows: u64,
    has_unknown_row: bool,
    /// All plain numbers were written, or typed, as integers.
    are_integers: bool,
    /// All plain numbers are indices of named classes.
    are_class_indices: bool,
    /// All rows of scores are distributions.
    are_distributions: bool,
    /// All rows of scores have as many as there are named classes.
    match_classes: bool,
}

impl<'n> Predictions<'n> {
    pub fn new(naming: &Naming<'n>, limits: &Limits) -> Self {
        Self {
            naming: *naming,
            limits: *limits,
            values: Vec::new(),
            confidences: Vec::new(),
            table: ScoreTable::default(),
            rows: 0,
            non_finite: 0,
            dropped_rows: 0,
            has_unknown_row: false,
            are_integers: true,
            are_class_indices: true,
            are_distributions: true,
            match_classes: true,
        }
    }

    /// Adds a row whose prediction is known.
    pub fn push(&mut self, prediction: Value, confidence: Option<f64>) {
        self.rows = self.rows.saturating_add(1);
        self.table.end_row();
        if self.values.len() >= self.limits.max_rows {
            self.dropped_rows = self.dropped_rows.saturating_add(1);
            return;
        }
        self.values.push(prediction);
        self.confidences.extend(confidence);
    }

    /// Adds a row that is one value: a class, or a number.
    pub fn push_plain(&mut self, leaf: &Leaf<'_>) {
        match leaf {
            Leaf::Number(number) => {
                if !number.value.is_finite() {
                    self.non_finite = self.non_finite.saturating_add(1);
                }
                self.are_integers &= number.is_integer;
                self.are_class_indices &= value::index(number.value)
                    .is_some_and(|index| index < self.naming.classes.len());
                self.push(value::finite(number.value), None);
            }
            other => self.push(value::class(other, &self.naming, &self.limits), None),
        }
    }

    /// The class that a leaf stands for.
    pub fn class_of(&self, leaf: &Leaf<'_>) -> Value {
        value::class(leaf, &self.naming, &self.limits)
    }

    /// Adds a row of scores, one a class.
    pub fn push_scores(&mut self, scores: &Scores) {
        self.are_distributions &= scores.is_distribution();
        self.match_classes &= scores.count() == self.naming.classes.len();
        let class = Value::Category(value::class_name(scores.best(), &self.naming));
        self.push(class, Some(scores.highest()));
    }

    /// Adds a row of a form that no rule covers.
    pub fn push_unknown(&mut self) {
        self.rows = self.rows.saturating_add(1);
        self.has_unknown_row = true;
        self.table.give_up();
    }

    /// Writes what was found.
    pub fn finish(mut self, facts: &mut ResponseFacts) {
        if facts.batch_size.is_none() {
            facts.batch_size = Some(self.rows).filter(|&rows| rows > 0);
        }
        let of_scores = self.table.non_finite();
        facts.non_finite =
            facts.non_finite.saturating_add(self.non_finite).saturating_add(of_scores);
        let is_understood = !self.has_unknown_row && (self.are_distributions || self.match_classes);
        if !is_understood {
            facts.scores = self.table.finish(&self.naming, false);
            return;
        }
        if self.are_integers || self.are_class_indices {
            for prediction in &mut self.values {
                if let Value::Number(number) = *prediction {
                    *prediction = value::class_of_number(number, &self.naming, &self.limits);
                }
            }
        }
        if self.are_distributions && self.confidences.len() == self.values.len() {
            facts.confidences = self.confidences;
        }
        let are_probabilities = !facts.confidences.is_empty();
        facts.scores = self.table.finish(&self.naming, are_probabilities);
        facts.predictions = self.values;
        facts.dropped_rows = self.dropped_rows;
    }
}
