use serde::{Deserialize, Serialize};
use tidegate_stats::QuantileHistogram;

use super::total::add;
use super::{LatencyLevel, PaneStart, SortedMap};
use crate::event::{InferenceRef, Stage, Status};

/// Requests of one model in one pane: of those that ended in it, but for the time in flight.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Traffic {
    /// Requests.
    pub requests: u64,
    /// Requests that did not succeed.
    pub errors: u64,
    /// Rows of the requests that tell theirs.
    pub rows: u64,
    /// Tokens of their input.
    pub input_tokens: u64,
    /// Tokens of their output.
    pub output_tokens: u64,
    /// Total latency, in seconds.
    pub latency: QuantileHistogram,
    /// Where the total latency lies.
    pub level: LatencyLevel,
    /// How long requests were in flight in this pane, also those that ended in a later one: in
    /// nanoseconds, so that the sum is the same in any order.
    in_flight_nanos: u128,
}

impl Traffic {
    /// Counts one request.
    pub fn record(&mut self, inference: &InferenceRef<'_>) {
        add(&mut self.requests, 1);
        add(&mut self.errors, u64::from(inference.status != Status::Success));
        add(&mut self.rows, inference.batch_size.unwrap_or(0));
        if let Some(generation) = inference.generation {
            add(&mut self.input_tokens, generation.input_tokens.unwrap_or(0));
            add(&mut self.output_tokens, generation.output_tokens.unwrap_or(0));
        }
        if let Some(seconds) = inference.stage_seconds(Stage::Total) {
            self.latency.record(seconds);
            self.level.record(seconds);
        }
    }

    /// Adds the counts of `other`.
    pub fn merge(&mut self, other: &Self) {
        add(&mut self.requests, other.requests);
        add(&mut self.errors, other.errors);
        add(&mut self.rows, other.rows);
        add(&mut self.input_tokens, other.input_tokens);
        add(&mut self.output_tokens, other.output_tokens);
        self.latency.merge(&other.latency);
        self.level.merge(&other.level);
        self.in_flight_nanos = self.in_flight_nanos.saturating_add(other.in_flight_nanos);
    }

    /// How long requests were in flight in this pane, in seconds: over a span of time, the mean number
    /// of requests in flight (Little's law).
    #[must_use]
    pub fn in_flight_seconds(&self) -> f64 {
        self.in_flight_nanos as f64 / 1e9
    }
}

/// Adds a request that ended at a time and took so many seconds to the time in flight of each pane
/// that it was in flight in, of the newest `most`.
pub(crate) fn record_in_flight(
    panes: &mut SortedMap<PaneStart, Traffic>,
    (ended_at, seconds): (f64, f64),
    pane_seconds: u32,
    most: usize,
) {
    let Some(mut pane) = PaneStart::holding(ended_at, pane_seconds) else { return };
    let mut left = if seconds > 0.0 { seconds } else { return };
    let mut within = ended_at - pane.seconds() as f64;
    for _ in 0..most {
        let here = left.min(within);
        let held = &mut panes.entry(&pane).in_flight_nanos;
        // Rounds to the nearest: a pane is shorter than 2³² seconds.
        *held = held.saturating_add((here * 1e9 + 0.5) as u128);
        left -= here;
        if left <= 0.0 || pane.seconds() == 0 {
            return;
        }
        pane = pane.earlier(1, pane_seconds);
        within = f64::from(pane_seconds.max(1));
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    fn in_flight(requests: &[(f64, f64)]) -> Vec<(u64, f64)> {
        let mut panes = SortedMap::default();
        for request in requests {
            record_in_flight(&mut panes, *request, 60, 3);
        }
        panes.iter().map(|(pane, it)| (pane.seconds(), it.in_flight_seconds())).collect()
    }

    #[test]
    fn a_request_is_in_flight_in_every_pane_that_it_lasts_through() {
        assert_eq!(in_flight(&[(630.0, 20.0), (640.0, 0.25)]), [(600, 20.25)]);
        let longer = [(480, 10.0), (540, 60.0), (600, 30.0)];
        assert_eq!(in_flight(&[(630.0, 100.0)]), longer);
        assert_eq!(in_flight(&[(30.0, 100.0)]), [(0, 30.0)], "not before 1970");
        assert_eq!(in_flight(&[(1030.0, 1e12)]).len(), 3);
    }

    #[test]
    fn what_is_no_duration_is_not_in_flight() {
        assert_eq!(in_flight(&[(630.0, f64::NAN), (630.0, -1.0), (630.0, 0.0), (-5.0, 1.0)]), []);
    }
}
