//! What an operator is given, in `envoy/`: every file is checked here, rules and queries against what gateways
//! really say.
//!
//! A real Prometheus and its promtool (`apt-get install prometheus`) run what needs them; without them those tests
//! say that they were skipped, and the others hold names and forms all the same.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::iter_over_hash_type,
    reason = "a test fails by panicking"
)]

mod dashboard;
mod expression;
mod files;
mod fleet;
mod gateway;
mod image;
mod kubernetes;
#[path = "../../crates/filter/tests/mock/mod.rs"]
mod mock;
mod prometheus;
mod rules;
mod scrape;
mod sizing;
mod yaml;
