//! What lies in the gateway's shared data, where contexts meet: who takes part, who leads, the counts
//! that each leaves for the leader, and what the leader publishes.
//!
//! Every write that counts is a compare-and-swap.

pub(crate) mod keys;
pub(crate) mod lease;
pub(crate) mod mailbox;
pub(crate) mod members;
pub(crate) mod published;
pub(crate) mod silences;
