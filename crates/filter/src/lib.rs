//! The gateway plugin without a gateway: it talks to a [`Host`] only.
//!
//! A [`Worker`] is one root context: it compiles a config, gives each stream a [`Session`], counts what
//! sessions saw, and once a second hands its counts over. One worker leads: it merges what all handed
//! over and publishes it.
//!
//! # Invariants
//! * A request passes as it came, but for the headers of experiments, and its answer but for the token of
//!   its prediction; nothing waits for the filter, save what is told to the filter itself.
//! * A request is counted once, when its stream is over, however that came.
//! * A count is in one place at a time; every move is a compare-and-swap, and a lost one moves nothing.
//! * Nothing here panics: a trap would take the traffic of a worker with it.
#![deny(clippy::indexing_slicing)]

mod admin;
mod budget;
mod by_id;
pub mod config;
mod errand;
pub mod host;
mod leader;
mod plan;
mod request;
mod shared_data;
pub mod token;
mod worker;

pub use self::admin::{Told, unheard};
pub use self::by_id::ById;
pub use self::errand::Calls;
pub use self::host::Host;
pub use self::request::{Flow, Observation, Over, Session};
pub use self::worker::{TICK_MILLIS, Worker};
