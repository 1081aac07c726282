//! What several messages of one body say together.

use alloc::string::String;

use tidegate_core::event::FeatureColumn;

use crate::facts::{Limits, RequestFacts, ResponseFacts};

/// Keeps the first text that says anything: the first event of some servers names its model "".
fn first(known: &mut Option<String>, later: Option<String>) {
    *known = known.take().filter(|text| !text.is_empty()).or(later);
}

/// Keeps the last text that says anything: an answer may pass from one model to another.
fn last(known: &mut Option<String>, later: Option<String>) {
    *known = later.filter(|text| !text.is_empty()).or(known.take());
}

impl RequestFacts {
    /// Adds what a later message says: more rows, if its columns are the same.
    pub(crate) fn merge(&mut self, later: Self, limits: &Limits) {
        self.unread = self.unread.or(later.unread);
        first(&mut self.model_name, later.model_name);
        first(&mut self.model_version, later.model_version);
        first(&mut self.signature, later.signature);
        first(&mut self.request_id, later.request_id);
        self.asks_stream = self.asks_stream.or(later.asks_stream);
        if later.batch_size.is_none() && later.features.is_empty() {
            return;
        }
        let names = |columns: &[FeatureColumn], other: &[FeatureColumn]| {
            columns.len() == other.len()
                && columns.iter().zip(other).all(|(column, other)| column.name == other.name)
        };
        self.batch_size = match (self.batch_size, later.batch_size) {
            (Some(rows), Some(more)) if names(&self.features, &later.features) => {
                Some(rows.saturating_add(more))
            }
            _ => {
                self.features.clear();
                self.batch_size = None;
                return;
            }
        };
        let mut dropped = 0;
        for (column, mut more) in self.features.iter_mut().zip(later.features) {
            let room = limits.max_rows.saturating_sub(column.values.len());
            dropped = more.values.len().saturating_sub(room);
            more.values.truncate(room);
            column.values.append(&mut more.values);
        }
        self.dropped_columns = self.dropped_columns.max(later.dropped_columns);
        self.dropped_rows = self
            .dropped_rows
            .saturating_add(later.dropped_rows)
            .saturating_add(u64::try_from(dropped).unwrap_or(u64::MAX));
    }
}

impl ResponseFacts {
    /// Adds what a later message says: more rows, or the next part of an answer.
    pub(crate) fn merge(&mut self, later: Self, limits: &Limits) {
        self.unread = self.unread.or(later.unread);
        last(&mut self.model_name, later.model_name);
        first(&mut self.model_version, later.model_version);
        first(&mut self.served_by, later.served_by);
        first(&mut self.response_id, later.response_id);
        self.error = self.error.take().or(later.error);
        if self.output_shape.is_empty() {
            self.output_shape = later.output_shape;
        }
        self.non_finite = self.non_finite.saturating_add(later.non_finite);
        match (&mut self.generation, later.generation) {
            (Some(known), Some(later)) => known.merge(later),
            (None, later) => self.generation = later,
            (Some(_), None) => {}
        }
        self.batch_size = match (self.batch_size, later.batch_size) {
            (Some(rows), Some(more)) => Some(rows.saturating_add(more)),
            (rows, more) => rows.or(more),
        };
        if later.predictions.is_empty() {
            return;
        }
        let had_rows = !self.predictions.is_empty();
        let has_confidences =
            (!had_rows || !self.confidences.is_empty()) && !later.confidences.is_empty();
        let room = limits.max_rows.saturating_sub(self.predictions.len());
        let dropped = later.predictions.len().saturating_sub(room);
        self.predictions.extend(later.predictions.into_iter().take(room));
        if has_confidences {
            self.confidences.extend(later.confidences.into_iter().take(room));
        } else {
            self.confidences.clear();
        }
        self.scores = if had_rows { None } else { later.scores };
        self.dropped_rows = self
            .dropped_rows
            .saturating_add(later.dropped_rows)
            .saturating_add(u64::try_from(dropped).unwrap_or(u64::MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use tidegate_core::event::Value;

    fn request(names: &[&str], values: &[f64]) -> RequestFacts {
        let column = |name: &&str| FeatureColumn {
            name: (*name).into(),
            values: values.iter().map(|&value| Value::Number(value)).collect(),
        };
        RequestFacts {
            batch_size: Some(values.len() as u64),
            features: names.iter().map(column).collect(),
            ..RequestFacts::default()
        }
    }

    #[test]
    fn rows_of_the_same_columns_are_one_batch() {
        let limits = Limits { max_rows: 3, ..Limits::default() };
        let mut facts = request(&["a", "b"], &[1.0, 2.0]);
        facts.merge(request(&["a", "b"], &[3.0, 4.0]), &limits);
        assert_eq!((facts.batch_size, facts.dropped_rows), (Some(4), 1));
        assert_eq!(facts.features[1].values, [1.0, 2.0, 3.0].map(Value::Number));
        facts.merge(request(&["b", "a"], &[5.0]), &limits);
        assert_eq!((facts.batch_size, facts.features.len()), (None, 0));
    }

    #[test]
    fn an_empty_name_is_none() {
        let named = |name: &str| ResponseFacts {
            model_name: Some(name.into()),
            ..ResponseFacts::default()
        };
        let mut facts = named("");
        facts.merge(named("m"), &Limits::default());
        assert_eq!(facts.model_name.as_deref(), Some("m"));
        facts.merge(named(""), &Limits::default());
        assert_eq!(facts.model_name.as_deref(), Some("m"));
    }

    #[test]
    fn confidences_are_those_of_all_predictions_or_none() {
        let answer = |confidences: vec::Vec<f64>| ResponseFacts {
            predictions: vec![Value::Number(1.0)],
            confidences,
            ..ResponseFacts::default()
        };
        let mut facts = answer(vec![0.5]);
        facts.merge(answer(vec![0.75]), &Limits::default());
        assert_eq!(facts.confidences, [0.5, 0.75]);
        facts.merge(answer(vec![]), &Limits::default());
        assert_eq!((facts.predictions.len(), facts.confidences.len()), (3, 0));
        facts.merge(answer(vec![1.0]), &Limits::default());
        assert_eq!(facts.confidences.len(), 0);
    }
}
