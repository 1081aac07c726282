//! Traps on demand, for tests of what a gateway does when a filter traps. Not in what ships.

use tidegate_filter::Host;
use tidegate_filter::host::{Expected, Side};

use crate::envoy::Envoy;

const HEADER: &str = "x-tidegate-trap";
const LEADER_IS_TO_TRAP: &str = "tidegate-trap/leader";

/// Does what the request's header asks for: `here` traps in its callback, `leader` at the leader's next
/// tick.
pub(crate) fn on_request_headers() {
    match Envoy.headers(Side::Request).get(HEADER) {
        Some(b"here") => trap(),
        Some(b"leader") => {
            let _ = Envoy.set_shared(LEADER_IS_TO_TRAP, b"1", Expected::Any);
        }
        _ => {}
    }
}

pub(crate) fn on_tick(leads: bool) {
    if leads && Envoy.shared(LEADER_IS_TO_TRAP).is_some_and(|it| !it.value.is_empty()) {
        // Only the first.
        let _ = Envoy.set_shared(LEADER_IS_TO_TRAP, b"", Expected::Any);
        trap();
    }
}

fn trap() -> ! {
    std::process::abort()
}
