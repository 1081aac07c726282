//! `tidegate.wasm`: the filter in a proxy-wasm host.
//!
//! The SDK dispatches callbacks to [`root`] and [`stream`]; calls to the host go through [`hostcall`]
//! instead of the SDK's own wrappers, which panic on every status that they do not list. A panic here is
//! a trap, and a trap takes the traffic of a worker with it.

mod envoy;
mod hostcall;
mod root;
mod stream;
#[cfg(feature = "trap")]
mod trap;

proxy_wasm::main! {{
    proxy_wasm::set_root_context(|id| Box::new(root::Root::new(id)));
}}
