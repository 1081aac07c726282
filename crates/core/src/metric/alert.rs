use super::family::{Family, Kind};
use crate::alert::{Alert, AlertState, Severity};
use crate::pane::SortedMap;
use crate::snapshot::Snapshot;

/// How many alerts of each rule are in each state, and how many found no room.
#[must_use]
pub fn alert_families(snapshot: &Snapshot) -> [Family; 2] {
    let alerts: &[Alert] = &snapshot.alerts;
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
    let mut turned_away = Family::new(
        "tidegate_alerts_turned_away_total",
        Kind::Counter,
        "Series of alert rules that found no room: alerts of a rule beyond its bound at a tick, and values that a rule \
         would look back on.",
    );
    turned_away.push_count(&[], snapshot.alerts_turned_away);
    [family, turned_away]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::prometheus_text;
    use crate::observatory::{Settings, State};

    #[test]
    fn alerts_that_found_no_room_are_counted() {
        let snapshot = State::default().snapshot(0.0, &Settings::default());
        let text =
            prometheus_text(&alert_families(&Snapshot { alerts_turned_away: 44, ..snapshot }));
        assert!(
            text.contains("# HELP tidegate_alerts_turned_away_total Series of alert rules"),
            "{text}"
        );
        assert!(text.ends_with("\ntidegate_alerts_turned_away_total 44\n"), "{text}");
    }
}
