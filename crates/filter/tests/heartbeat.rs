//! A member whose VM trapped makes no noise: the leader shows that it is not heard any more.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod mock;

use mock::{MockHost, ask, sum};
use tidegate_filter::Worker;

const CONFIG: &[u8] = br#"{ "admin": { "token": "secret" } }"#;

#[test]
fn a_member_that_stops_ticking_is_silent_until_it_is_heard_again() {
    let host = MockHost::default();
    let mut leader = Worker::configure(&host, CONFIG).unwrap();
    let mut other = Worker::configure(&host, CONFIG).unwrap();
    let mut silent_after = |seconds: u64, other_ticks: bool| {
        for _ in 0..seconds {
            host.advance_millis(1_000);
            leader.tick(&host, false);
            if other_ticks {
                other.tick(&host, false);
            }
        }
        let metrics = ask(&host, &mut leader, "GET", "/.tidegate/v1/metrics").body;
        assert_eq!(sum(&metrics, "tidegate_members", ""), 2);
        sum(&metrics, "tidegate_silent_members", "")
    };
    assert_eq!(silent_after(60, true), 0);
    assert_eq!(silent_after(10, false), 0);
    assert_eq!(silent_after(12, false), 1);
    assert_eq!(silent_after(2, true), 0);
}
