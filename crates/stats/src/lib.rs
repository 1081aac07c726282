//! Numbers in, numbers out: two-sample tests, distances and summaries.
//!
//! # Invariants
//! * Never panics: every function returns a right answer or a typed [`Error`].
//! * The same input gives the same bits on every host: transcendental functions go through
//!   [`num`], sums run in one fixed order, sorting is by total order, nothing is fused.
//! * Two samples are always called `reference` and `current`.
//! * Values are finite: a NaN or an infinity in a sample is an [`ErrorKind::NotFinite`]. Missing
//!   values are counted by the caller, never passed in.
#![cfg_attr(not(test), no_std)]
extern crate alloc;

mod error;
mod method;
pub mod num;
mod two_sample;

pub use error::{Error, ErrorKind};
pub use method::Method;
pub use two_sample::{Interval, TwoSample, Verdict};
