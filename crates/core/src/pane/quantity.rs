use serde::{Deserialize, Serialize};
use tidegate_stats::QuantileHistogram;

use super::{Dropped, Histogram, bound};

/// A measured quantity: on the fixed buckets that Prometheus shows, and on fine ones for quantiles.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Quantity {
    /// Fixed buckets and the exact sum.
    pub histogram: Histogram,
    quantiles: QuantileHistogram,
}

impl Quantity {
    /// Counts `value`; or counts it as dropped if it is not a number from 0 to 10¹².
    pub fn record(&mut self, value: f64, upper_bounds: &[f64], dropped: &mut Dropped) {
        if self.histogram.record(value, upper_bounds) {
            self.quantiles.record(value);
        } else {
            dropped.add(bound::NOT_A_MEASURE, 1);
        }
    }

    /// Adds the counts of `other`.
    pub fn merge(&mut self, other: &Self) {
        self.histogram.merge(&other.histogram);
        self.quantiles.merge(&other.quantiles);
    }

    /// Count, sum and quantiles.
    #[must_use]
    pub fn summary(&self) -> Summary {
        Summary {
            count: self.histogram.count(),
            sum: self.histogram.sum(),
            p50: self.quantiles.quantile(0.5),
            p95: self.quantiles.quantile(0.95),
            p99: self.quantiles.quantile(0.99),
            p999: self.quantiles.quantile(0.999),
        }
    }
}

/// Count, sum and quantiles of a quantity.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Summary {
    /// Observations.
    pub count: u64,
    /// Exact sum.
    pub sum: f64,
    /// Median; `None` without observations.
    pub p50: Option<f64>,
    /// 0.95 quantile.
    pub p95: Option<f64>,
    /// 0.99 quantile.
    pub p99: Option<f64>,
    /// 0.999 quantile.
    pub p999: Option<f64>,
}
