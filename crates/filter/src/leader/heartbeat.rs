//! The filter's own metrics: whether anyone leads, since when, and over how many.

use tidegate_core::metric::{Family, Kind};

use super::stored_state::Header;

/// How many take part.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct MemberCounts {
    pub(crate) all: usize,
    /// Of these, those that should have been heard, and were not.
    pub(crate) silent: usize,
}

/// A dead gateway filter makes no noise: alert on the absence of these, on an old
/// `tidegate_last_tick_timestamp_seconds`, and on any `tidegate_silent_members`.
pub(crate) fn families(header: &Header, members: MemberCounts, now_seconds: f64) -> Vec<Family> {
    let counter = |name, help, count| {
        let mut family = Family::new(name, Kind::Counter, help);
        family.push_count(&[], count);
        family
    };
    let gauge = |name, help, measure| {
        let mut family = Family::new(name, Kind::Gauge, help);
        family.push_measure(&[], measure);
        family
    };
    vec![
        counter(
            "tidegate_leader_ticks_total",
            "Times that a leader merged and published, since the first.",
            header.ticks,
        ),
        counter(
            "tidegate_leader_changes_total",
            "Times that another member took over.",
            header.takeovers,
        ),
        counter(
            "tidegate_state_resets_total",
            "Times that the shared state could not be read, and counts began anew.",
            header.resets,
        ),
        gauge(
            "tidegate_members",
            "Contexts that hand counts over: one a worker and the main thread, for each config that \
             is in use or drains.",
            members.all as f64,
        ),
        gauge(
            "tidegate_silent_members",
            "Contexts of these that have not been heard for 15 s: their VM trapped, and requests of \
             their worker pass uncounted or fail, as Envoy's failure policy says.",
            members.silent as f64,
        ),
        gauge(
            "tidegate_last_tick_timestamp_seconds",
            "When the leader last published, in seconds since 1970.",
            now_seconds,
        ),
    ]
}
