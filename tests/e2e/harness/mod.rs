//! What scenarios are made of: programs, models, gateways, and what a gateway says of itself.

mod gateway;
mod http2;
mod model;
mod object_store;
mod prometheus;
mod recorder;

use std::path::PathBuf;
use std::time::{Duration, Instant};

pub use gateway::{Gateway, Setup, TOKEN, admin_config, start_envoy, tidegate};
pub use http2::{Http2Client, Http2Upstream, Incoming, Outgoing};
pub use model::ModelProcess;
pub use object_store::ObjectStore;
pub use prometheus::Metrics;
pub use recorder::{Answer, Received, Recorder};

/// The path that an environment variable names.
pub fn program(variable: &str) -> PathBuf {
    let path = std::env::var_os(variable).unwrap_or_else(|| {
        panic!("{variable} is not set: run `cargo xtask test`, which builds all parts and sets it")
    });
    PathBuf::from(path)
}

/// Waits until `look` finds something, for a minute at most.
pub fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "waited a minute for {what}");
        std::thread::sleep(Duration::from_millis(100));
    }
}
