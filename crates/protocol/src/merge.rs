//! What several messages of one body say together.

use alloc::string::String;

use tidegate_core::event::FeatureColumn;

use crate::facts::{Limits, RequestFacts, ResponseFacts};

fn first(known: &mut Option<String>, later: Option<String>) {
    *known = known.take().or(later);
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
        first(&mut self.model_name, later.model_name);
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
