//! A small feature store: half-hours as text, computed a stretch at a time, and a cache of the newest stretches.

use std::collections::VecDeque;
use std::time::Instant;

use serde_json::{Value, json};

use super::now_seconds;
use crate::Error;
use crate::elec2::{self, FEATURE_NAMES, Row};

/// The name of its one feature set.
const FEATURE_SET: &str = "market";
/// Half-hours that are computed at once: ten days.
const STRETCH: usize = 480;
/// Stretches that the cache holds.
const CACHED: usize = 4;

/// Half-hours by their number, from a cache or from their text.
#[derive(Debug)]
pub struct FeatureStore {
    lines: Vec<String>,
    /// The newest last.
    cache: VecDeque<Stretch>,
}

#[derive(Debug)]
struct Stretch {
    number: usize,
    rows: Vec<Row>,
    computed_at_seconds: f64,
}

impl FeatureStore {
    /// A store with an empty cache.
    ///
    /// # Errors
    /// As [`elec2::lines`].
    pub fn open() -> Result<Self, Error> {
        Ok(Self { lines: elec2::lines()?, cache: VecDeque::new() })
    }

    /// Looks rows up, and says so in events: one of the retrieval, one of each row.
    pub fn retrieve(&mut self, rows: std::ops::Range<usize>) -> Vec<Value> {
        let started = Instant::now();
        let number = rows.start / STRETCH;
        let is_hit = self.cache.iter().any(|stretch| stretch.number == number);
        if !is_hit {
            self.compute(number);
        }
        let found: Vec<Value> = rows.filter_map(|row| self.row_event(row)).collect();
        let retrieval = json!({
            "type": "feature_retrieval", "feature_set": FEATURE_SET,
            "source": if is_hit { "cache" } else { "text" },
            "duration_seconds": started.elapsed().as_secs_f64(), "cache_hit": is_hit,
        });
        [retrieval].into_iter().chain(found).collect()
    }

    fn compute(&mut self, number: usize) {
        let first = number * STRETCH;
        let lines = self.lines.iter().skip(first).take(STRETCH);
        let rows = lines.filter_map(|line| elec2::parse(line)).collect();
        self.cache.push_back(Stretch { number, rows, computed_at_seconds: now_seconds() });
        if self.cache.len() > CACHED {
            self.cache.pop_front();
        }
    }

    /// The row as it was served; the rest of a batch that begins in another stretch is not told.
    fn row_event(&self, row: usize) -> Option<Value> {
        let stretch = self.cache.iter().find(|stretch| stretch.number == row / STRETCH)?;
        let features = stretch.rows.get(row % STRETCH)?.features;
        let by_name = |of: &dyn Fn(usize) -> f64| -> serde_json::Map<String, Value> {
            FEATURE_NAMES
                .iter()
                .enumerate()
                .map(|(i, name)| (name.to_string(), json!(of(i))))
                .collect()
        };
        Some(json!({
            "type": "feature_row", "feature_set": FEATURE_SET,
            "values": by_name(&|i| features[i]),
            "timestamps": by_name(&|_| stretch.computed_at_seconds),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stretch_is_computed_once_and_then_cached() {
        let mut store = FeatureStore::open().unwrap();
        let rows = elec2::rows().unwrap();
        let first = store.retrieve(1000..1003);
        assert_eq!((&first[0]["cache_hit"], first.len()), (&json!(false), 4));
        assert_eq!(first[2]["values"]["nswprice"], json!(rows[1001].features[1]));
        let again = store.retrieve(1003..1004);
        assert_eq!((&again[0]["cache_hit"], &again[0]["source"]), (&json!(true), &json!("cache")));
        assert_eq!(again[1]["timestamps"], first[1]["timestamps"], "computed with the first");
    }
}
