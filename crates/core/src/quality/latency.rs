use serde::{Deserialize, Serialize};
use tidegate_stats::detector::{Detector, Signal, StandardPageHinkley, StandardPageHinkleyOptions};

use crate::pane::{LatencyLevel, PaneStart};

/// When the latency last changed its level.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LatencyChange {
    /// Changes in the window.
    pub changes: u64,
    /// When the last was seen: the start of a pane, in seconds since 1970.
    pub at_seconds: Option<f64>,
    /// Geometric mean of the latency before it, since the change before that one.
    pub before_seconds: Option<f64>,
    /// The same from it on.
    pub after_seconds: Option<f64>,
}

/// Panes that are only learnt from.
const WARM_UP: u64 = 10;
/// Panes between two false alarms: a week of minutes.
const RUN_LENGTH: f64 = 10_000.0;
/// A pane with fewer requests says too little.
const MIN_REQUESTS: u64 = 10;

/// Looks for changes in the level of the latency from pane to pane, oldest first, by a standardised
/// Page-Hinkley test of their mean logarithms; `None` while there are too few panes with requests enough.
///
/// A pane and not a request is the value, so that any split of the requests over gateways finds the
/// same. The last pane must be over.
#[must_use]
pub fn latency_change(
    panes: impl Iterator<Item = (PaneStart, LatencyLevel)>,
) -> Option<LatencyChange> {
    let options = StandardPageHinkleyOptions::for_run_length(RUN_LENGTH).ok()?;
    let options = StandardPageHinkleyOptions { warm_up: WARM_UP, ..options };
    let mut detector = StandardPageHinkley::try_new(options).ok()?;
    let (mut seen, mut changes, mut at_seconds) = (0_u64, 0, None);
    let (mut before, mut level) = (None, LatencyLevel::default());
    for (pane, latency) in panes.filter(|(_, latency)| latency.count >= MIN_REQUESTS) {
        seen += 1;
        if detector.push(latency.mean_log()?) == Ok(Signal::Change) {
            changes += 1;
            at_seconds = Some(pane.seconds() as f64);
            before = level.seconds();
            level = LatencyLevel::default();
        }
        level.merge(&latency);
    }
    let after_seconds = at_seconds.and_then(|_| level.seconds());
    (seen > WARM_UP).then_some(LatencyChange {
        changes,
        at_seconds,
        before_seconds: before,
        after_seconds,
    })
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    /// A pane a minute of 20 requests around each latency, up to a twentieth off.
    fn panes(seconds: &[f64]) -> Vec<(PaneStart, LatencyLevel)> {
        let pane = |(index, seconds): (usize, &f64)| {
            let start = PaneStart::holding(index as f64 * 60.0, 60).unwrap();
            let mut latency = LatencyLevel::default();
            for request in 0..20 {
                let off = ((index * 37 + request * 11) % 21) as f64 / 200.0 - 0.05;
                latency.record(seconds * (1.0 + off));
            }
            (start, latency)
        };
        seconds.iter().enumerate().map(pane).collect()
    }

    #[test]
    fn a_slower_model_is_seen_and_a_steady_one_is_not() {
        let steady = latency_change(panes(&[0.1; 60]).into_iter()).unwrap();
        assert_eq!((steady.changes, steady.at_seconds), (0, None));
        let slower = [&[0.1; 40][..], &[0.15; 20]].concat();
        let found = latency_change(panes(&slower).into_iter()).unwrap();
        assert_eq!(found.changes, 1);
        let minute = found.at_seconds.unwrap() / 60.0;
        assert!((40.0..44.0).contains(&minute), "{minute}");
        assert!((found.before_seconds.unwrap() / 0.1 - 1.0).abs() < 0.05, "{found:?}");
        assert!((found.after_seconds.unwrap() / 0.15 - 1.0).abs() < 0.02, "{found:?}");
    }

    #[test]
    fn too_few_panes_or_requests_tell_nothing() {
        assert_eq!(latency_change(panes(&[0.1; 10]).into_iter()), None);
        let thin = panes(&[0.1; 60]).into_iter().map(|(pane, _)| {
            let mut latency = LatencyLevel::default();
            latency.record(0.1);
            (pane, latency)
        });
        assert_eq!(latency_change(thin), None);
    }
}
