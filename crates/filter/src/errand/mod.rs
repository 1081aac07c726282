//! What the filter itself asks of others: references that lie elsewhere, the store of its state, and
//! whoever is told of alerts.
//!
//! Each has two halves. One is run by whoever sends and waits; the other, its counts and letters, lies in
//! the leader's state, for the next leader to go on from.

mod calls;
pub(crate) mod fetch;
mod remote;
pub(crate) mod storage;
pub(crate) mod webhook;

pub use self::calls::Calls;
