//! How a model is served: rates, latency, and the text that it generates.

use serde::{Deserialize, Serialize};

use crate::pane::Summary;

/// How a model is served: rates and requests in flight over the window, or over the part of it since
/// counting began.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ServingSnapshot {
    /// Length of the span, in seconds.
    pub seconds: f64,
    /// Requests that ended, a second.
    pub requests_per_second: f64,
    /// Their rows, a second.
    pub rows_per_second: f64,
    /// Their input tokens, a second.
    pub input_tokens_per_second: f64,
    /// Their output tokens, a second.
    pub output_tokens_per_second: f64,
    /// Share of the requests that did not succeed, in `[0, 1]`; `None` without requests.
    pub error_rate: Option<f64>,
    /// Total latency of the requests, in seconds.
    pub latency_seconds: WindowQuantiles,
    /// Requests in flight on average: the time that all were, over the span (Little's law).
    pub in_flight: f64,
    /// The same of the busiest pane.
    pub in_flight_peak: f64,
    /// The mean over the requests that the model server works on at once, if the config says how many.
    pub saturation: Option<f64>,
    /// The same of the busiest pane.
    pub saturation_peak: Option<f64>,
}

/// Quantiles over the window.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct WindowQuantiles {
    /// Median; `None` without observations.
    pub p50: Option<f64>,
    /// 0.95 quantile.
    pub p95: Option<f64>,
    /// 0.99 quantile.
    pub p99: Option<f64>,
    /// 0.999 quantile.
    pub p999: Option<f64>,
}

/// Text that one model version generated. A token of a cache is an input token too, and a token of
/// reasoning an output token.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GenerationSnapshot {
    /// Input tokens a request.
    pub input_tokens: Summary,
    /// Output tokens a request.
    pub output_tokens: Summary,
    /// Input tokens that were read from a cache.
    pub cached_tokens: u64,
    /// Input tokens that were written to a cache.
    pub cache_creation_tokens: u64,
    /// Output tokens of reasoning.
    pub reasoning_tokens: u64,
    /// From a request's first byte to the first chunk of its answer, in seconds.
    pub first_chunk_seconds: Summary,
    /// Mean time between the chunks of an answer, in seconds.
    pub chunk_gap_seconds: Summary,
    /// Output tokens of an answer over its request's total latency.
    pub tokens_per_second: Summary,
}
