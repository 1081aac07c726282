//! `tidegate.wasm`: the filter in a proxy-wasm host.
//!
//! The host enters by [`callback`], which finds the [`root`] or [`stream`]; calls to the host go out by
//! [`hostcall`]. Both are ours instead of an SDK's, for those panic on what they do not expect of a host, a panic
//! here is a trap, and a trap takes the traffic of a worker with it.

mod callback;
mod envoy;
mod hostcall;
mod root;
mod stream;
#[cfg(feature = "trap")]
mod trap;
