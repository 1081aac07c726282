use serde::{Deserialize, Serialize};

use super::level::{ChangeDetector, Level, level_change};
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

/// A pane with fewer requests says too little.
const MIN_REQUESTS: u64 = 10;

/// Looks for changes in the level of the latency from pane to pane, oldest first: of their mean logarithms, by
/// [`level_change`]; `None` while there are too few panes with requests enough.
#[must_use]
pub fn latency_change(
    panes: impl Iterator<Item = (PaneStart, LatencyLevel)>,
    detector: Option<ChangeDetector>,
) -> Option<LatencyChange> {
    let panes = panes.filter(|(_, latency)| latency.count >= MIN_REQUESTS);
    let found = level_change(panes, detector)?;
    Some(LatencyChange {
        changes: found.changes,
        at_seconds: found.at_seconds,
        before_seconds: found.before.and_then(|level| level.seconds()),
        after_seconds: found.after.and_then(|level| level.seconds()),
    })
}

impl Level for LatencyLevel {
    fn value(&self) -> Option<f64> {
        self.mean_log()
    }

    fn add(&mut self, other: &Self) {
        self.merge(other);
    }
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
        let steady = latency_change(panes(&[0.1; 60]).into_iter(), None).unwrap();
        assert_eq!((steady.changes, steady.at_seconds), (0, None));
        let slower = [&[0.1; 40][..], &[0.15; 20]].concat();
        let found = latency_change(panes(&slower).into_iter(), None).unwrap();
        assert_eq!(found.changes, 1);
        let minute = found.at_seconds.unwrap() / 60.0;
        assert!((40.0..44.0).contains(&minute), "{minute}");
        assert!((found.before_seconds.unwrap() / 0.1 - 1.0).abs() < 0.05, "{found:?}");
        assert!((found.after_seconds.unwrap() / 0.15 - 1.0).abs() < 0.02, "{found:?}");
    }

    #[test]
    fn each_detector_sees_a_slower_model_and_is_quiet_before() {
        for (detector, panes_late) in [
            (ChangeDetector::PageHinkley, 4),
            (ChangeDetector::Adwin, 10),
            (ChangeDetector::HddmA, 40),
        ] {
            let steady = latency_change(panes(&[0.1; 240]).into_iter(), Some(detector)).unwrap();
            assert_eq!(steady.changes, 0, "{detector:?}");
            for to in [0.15, 0.07] {
                let moved = [&[0.1; 60][..], &[to; 60]].concat();
                let found = latency_change(panes(&moved).into_iter(), Some(detector)).unwrap();
                assert_eq!(found.changes, 1, "{detector:?} {to}");
                let minute = found.at_seconds.unwrap() / 60.0;
                assert!(
                    (60.0..60.0 + f64::from(panes_late)).contains(&minute),
                    "{detector:?} {minute}"
                );
            }
        }
    }

    #[test]
    fn too_few_panes_or_requests_tell_nothing() {
        assert_eq!(latency_change(panes(&[0.1; 10]).into_iter(), None), None);
        let thin = panes(&[0.1; 60]).into_iter().map(|(pane, _)| {
            let mut latency = LatencyLevel::default();
            latency.record(0.1);
            (pane, latency)
        });
        assert_eq!(latency_change(thin, None), None);
    }
}
