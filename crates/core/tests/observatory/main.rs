//! The observatory through its public door: streams of requests in, totals, windows and metrics
//! out.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, in its helpers too"
)]

mod alerts;
mod bins;
mod bounds;
mod business;
mod estimates;
mod every_event;
mod experiment;
mod exposition;
mod feature_store;
mod feedback;
mod fixture;
mod giving;
mod importance;
mod learning;
mod merging;
mod merging_snapshots;
mod metrics;
mod notifying;
mod serving;
mod signals;
mod snapshot;
mod windows;
mod wire;
