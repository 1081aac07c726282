//! The observatory without a host: events and tables in; panes, profiles, reports, snapshots and
//! metric families out.
//!
//! # Invariants
//! * Sans-IO: no clock, no randomness, no network, no log, no global state. Time comes in with
//!   the events and ticks.
//! * Panes and profiles merge, and the order of merging cannot change a count.
//! * Everything that traffic can grow has a bound, and a counter for what the bound turned away.
#![cfg_attr(not(test), no_std)]
extern crate alloc;

pub mod alert;
pub mod analysis;
pub mod base64;
pub mod business;
pub mod compare;
#[cfg(test)]
mod draws;
pub mod evaluation;
pub mod event;
pub mod experiment;
pub mod feedback;
pub mod fnv;
pub mod importance;
pub mod metric;
pub mod model;
pub mod observatory;
mod options;
mod order;
pub mod pane;
pub mod profile;
pub mod quality;
pub mod remediation;
pub mod report;
pub mod snapshot;
pub mod table;
pub mod training;
