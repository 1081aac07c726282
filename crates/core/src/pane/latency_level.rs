use serde::{Deserialize, Serialize};
use tidegate_stats::num;

/// Where the latencies of a pane lie: their count and the sum of their logarithms. Logarithms, for
/// latencies spread by factors, and one slow request should not hide a thousand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LatencyLevel {
    /// Requests whose latency is known.
    pub count: u64,
    /// In millionths, so that the sum is the same in any order.
    sum_millionths: i64,
}

/// No latency is less: below this, clocks tell nothing.
const LEAST_SECONDS: f64 = 1e-9;
/// Nor more: three years.
const MOST_SECONDS: f64 = 1e8;

impl LatencyLevel {
    /// Counts a latency, in seconds; one that is not a number from 0 on is not counted.
    pub fn record(&mut self, seconds: f64) {
        if seconds >= 0.0 {
            let log = num::ln(seconds.clamp(LEAST_SECONDS, MOST_SECONDS));
            self.count = self.count.saturating_add(1);
            self.sum_millionths = self.sum_millionths.saturating_add((log * 1e6) as i64);
        }
    }

    /// Adds the counts of `other`.
    pub fn merge(&mut self, other: &Self) {
        self.count = self.count.saturating_add(other.count);
        self.sum_millionths = self.sum_millionths.saturating_add(other.sum_millionths);
    }

    /// Mean logarithm of the latency in seconds; `None` without one.
    #[must_use]
    pub fn mean_log(&self) -> Option<f64> {
        (self.count > 0).then(|| self.sum_millionths as f64 / 1e6 / self.count as f64)
    }

    /// Geometric mean of the latency, in seconds; `None` without one.
    #[must_use]
    pub fn seconds(&self) -> Option<f64> {
        self.mean_log().map(num::exp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_is_the_geometric_mean() {
        let mut level = LatencyLevel::default();
        assert_eq!(level.seconds(), None);
        for seconds in [0.01, 1.0, 100.0, f64::NAN, -1.0] {
            level.record(seconds);
        }
        assert_eq!(level.count, 3);
        assert!((level.seconds().unwrap() - 1.0).abs() < 1e-5);
        level.record(0.0);
        level.record(f64::INFINITY);
        assert!(level.mean_log().unwrap().is_finite());
    }
}
