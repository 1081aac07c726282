//! What a model is for, in numbers: revenue, satisfaction, click-through.
//!
//! Whoever knows them tells one value after the other ([`crate::event::BusinessMetric`]), by model and version; what is
//! kept is their count, sum and spread, since the first and in each pane of the window. What happened or not, such as
//! a click, is told as 1 or 0: then the mean is its rate.
//!
//! # Invariants
//! * Sums are of whole millionths, so that any split of the values over gateways, in any order, gives the same.
//! * There is a bound of metrics, and a counter; those beyond count as one.

mod metrics;
mod sums;

pub(crate) use metrics::most_bytes;
pub use metrics::{BusinessMetrics, MetricKey, MetricTotals};
pub use sums::Sums;
