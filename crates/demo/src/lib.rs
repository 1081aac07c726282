//! What it takes to see a gateway at work: real rows in their order of time, two models trained on
//! the first of them, a server that answers the Open Inference Protocol, a replayer, and the means
//! to run a real Envoy in tests and benchmarks.
//!
//! Nothing here depends on Tidegate: the demo meets it over HTTP, as any deployment does.

pub mod address;
pub mod bench;
pub mod client;
pub mod elec2;
pub mod envoy;
pub mod explorer;
pub mod inference;
pub mod model;
pub mod replay;
pub mod server;
pub mod tell;
pub mod traffic;

/// An error is for a person to read: one sentence, or a chain of them.
pub type Error = Box<dyn std::error::Error + Send + Sync>;
