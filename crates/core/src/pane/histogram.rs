use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Upper bounds of latency buckets, in seconds: those of an inference service, and three more for
/// slow models.
pub const LATENCY_SECONDS_BUCKETS: &[f64] =
    &[0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// Upper bounds of retrieval buckets, in seconds: finer below, for a feature store is asked first.
pub const RETRIEVAL_SECONDS_BUCKETS: &[f64] =
    &[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5];
/// Upper bounds of confidence buckets: fine where classifiers are sure.
pub const CONFIDENCE_BUCKETS: &[f64] = &[0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0];
/// Upper bounds of batch-size buckets, in rows: powers of two, as batches are configured.
pub const BATCH_SIZE_BUCKETS: &[f64] =
    &[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0];
/// Upper bounds of the buckets of a first chunk's time, in seconds: those that OpenTelemetry asks for.
pub const FIRST_CHUNK_SECONDS_BUCKETS: &[f64] =
    &[0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];
/// Upper bounds of the buckets of the time between two chunks, in seconds: from the fastest models on.
pub const CHUNK_GAP_SECONDS_BUCKETS: &[f64] = &[
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5,
];
/// Upper bounds of the buckets of tokens: powers of four, as OpenTelemetry asks.
pub const TOKEN_BUCKETS: &[f64] = &[
    1.0,
    4.0,
    16.0,
    64.0,
    256.0,
    1024.0,
    4096.0,
    16_384.0,
    65_536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
];
/// Upper bounds of the buckets of tokens a second.
pub const TOKENS_PER_SECOND_BUCKETS: &[f64] =
    &[1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0, 2000.0];

const BILLION: f64 = 1e9;
/// No measure is larger: as seconds, it is 32 000 years.
const LARGEST: f64 = 1e12;

/// A histogram on fixed buckets with an exact sum.
///
/// The buckets are one of the lists above, given at each call. A value is in the first bucket whose
/// upper bound is not below it. The sum is kept in whole billionths of the unit (nanoseconds, for
/// seconds), so that it does not depend on the order in which histograms are merged.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Histogram {
    counts: Vec<u64>,
    sum_billionths: u128,
}

impl Histogram {
    /// Counts `value` and returns true; returns false and counts nothing if `value` is not a number
    /// from 0 to 10¹².
    pub fn record(&mut self, value: f64, upper_bounds: &[f64]) -> bool {
        if !(0.0..=LARGEST).contains(&value) {
            return false;
        }
        let bucket = upper_bounds.partition_point(|bound| *bound < value);
        if self.counts.len() <= bucket {
            self.counts.resize(bucket + 1, 0);
        }
        if let Some(count) = self.counts.get_mut(bucket) {
            *count = count.saturating_add(1);
        }
        // Rounds to the nearest: the value is not negative, and the cast saturates.
        self.sum_billionths = self.sum_billionths.saturating_add((value * BILLION + 0.5) as u128);
        true
    }

    /// Takes back a value that was recorded.
    pub fn take_back(&mut self, value: f64, upper_bounds: &[f64]) {
        let bucket = upper_bounds.partition_point(|bound| *bound < value);
        if let Some(count) = self.counts.get_mut(bucket) {
            *count = count.saturating_sub(1);
        }
        // Equal counts have equal forms.
        let used = self.counts.iter().rposition(|count| *count > 0).map_or(0, |last| last + 1);
        self.counts.truncate(used);
        let billionths = (value * BILLION + 0.5) as u128;
        self.sum_billionths = self.sum_billionths.saturating_sub(billionths);
    }

    /// Adds the counts of `other`, which has the same buckets.
    pub fn merge(&mut self, other: &Self) {
        add_counts(&mut self.counts, &other.counts);
        self.sum_billionths = self.sum_billionths.saturating_add(other.sum_billionths);
    }

    /// Values recorded.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// Sum of the values, exact to a billionth of the unit for each value.
    #[must_use]
    pub fn sum(&self) -> f64 {
        self.sum_billionths as f64 / BILLION
    }

    /// Values not above each upper bound, and last the count of all.
    pub fn cumulative(&self, upper_bounds: &[f64]) -> impl Iterator<Item = (f64, u64)> {
        let bounds = upper_bounds.iter().copied().chain([f64::INFINITY]);
        bounds.enumerate().scan(0u64, |sum, (bucket, bound)| {
            *sum = sum.saturating_add(self.counts.get(bucket).copied().unwrap_or(0));
            Some((bound, *sum))
        })
    }
}

/// Adds `other` to `counts` element by element; the shorter is extended by zeros.
pub(super) fn add_counts(counts: &mut Vec<u64>, other: &[u64]) {
    if counts.len() < other.len() {
        counts.resize(other.len(), 0);
    }
    for (count, more) in counts.iter_mut().zip(other) {
        *count = count.saturating_add(*more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn histogram(values: &[f64]) -> Histogram {
        let mut histogram = Histogram::default();
        for value in values {
            assert!(histogram.record(*value, LATENCY_SECONDS_BUCKETS));
        }
        histogram
    }

    #[test]
    fn a_value_on_an_upper_bound_is_in_its_bucket() {
        let counts: Vec<u64> = histogram(&[0.0, 0.001, 0.0010001, 10.0, 11.0])
            .cumulative(LATENCY_SECONDS_BUCKETS)
            .map(|(_, count)| count)
            .collect();
        assert_eq!(counts, [2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4, 5]);
    }

    #[test]
    fn the_sum_is_exact_in_any_order() {
        let values: Vec<f64> = (1..=1000).map(|n| f64::from(n) * 0.000_1).collect();
        let forward = histogram(&values);
        let backward = histogram(&values.iter().rev().copied().collect::<Vec<_>>());
        // 0.0001 · (1 + 2 + ... + 1000)
        assert_eq!(forward.sum(), 50.05);
        assert_eq!(forward, backward);
        let mut halves = histogram(&values[500..]);
        halves.merge(&histogram(&values[..500]));
        assert_eq!(halves, forward);
    }

    #[test]
    fn what_is_no_measure_is_refused() {
        let mut histogram = Histogram::default();
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1e-9, 1e13] {
            assert!(!histogram.record(value, BATCH_SIZE_BUCKETS));
        }
        assert_eq!(histogram, Histogram::default());
        assert_eq!(histogram.cumulative(BATCH_SIZE_BUCKETS).last(), Some((f64::INFINITY, 0)));
    }
}
