use super::family::{Family, Kind};
use crate::alert::{Alert, AlertState, Severity};
use crate::pane::SortedMap;

/// How many alerts of each rule are in each state.
#[must_use]
pub fn alert_families(alerts: &[Alert]) -> [Family; 1] {
    let mut counts: SortedMap<(&str, AlertState, Severity), u64> = SortedMap::default();
    for alert in alerts {
        *counts.entry(&(alert.name.as_str(), alert.state, alert.severity)) += 1;
    }
    let mut family = Family::new(
        "tidegate_alerts",
        Kind::Gauge,
        "Alerts of a rule, by the state that they are in.",
    );
    for ((name, state, severity), count) in counts.iter() {
        let labels =
            [("alertname", *name), ("alertstate", state.as_str()), ("severity", severity.as_str())];
        family.push_count(&labels, *count);
    }
    [family]
}
