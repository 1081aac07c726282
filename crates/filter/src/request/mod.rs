//! A request's way: from its headers to the count of it.
//!
//! A [`Session`] takes the callbacks of one stream. What is meant for the filter goes to the admin API;
//! what asks a model becomes an [`exchange::Exchange`], which is observed when all is over.

pub(crate) mod assign;
mod capture;
pub(crate) mod control;
mod exchange;
mod issue;
mod name;
mod outcome;
mod over;
mod overheard;
mod record;
mod server_timing;
mod session;

pub use self::exchange::Observation;
pub use self::over::Over;
pub(crate) use self::session::Common;
pub use self::session::{Flow, Session};
