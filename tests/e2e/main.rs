//! Tidegate in a real Envoy with two workers. Each scenario starts its own Envoy and models on free
//! ports, and stops them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod access_log;
mod admin;
mod attack;
mod bootstraps;
mod circuit;
mod config;
mod conservation;
mod discovery;
mod drift;
mod events;
mod examples;
mod feedback;
mod fleet;
mod harness;
mod http2;
mod keeping;
mod leader;
mod pitfalls;
mod proxying;
mod rollback;
mod servers;
mod sizes;
mod statistics;
mod streams;
mod transparency;
mod traps;
mod updates;
mod variants;
mod webhooks;
#[path = "../operator/yaml.rs"]
mod yaml;
