use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::phase::{Alert, AlertState};
use crate::pane::SortedMap;

/// Who is not to be called, and until when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Silence {
    /// Labels that an alert must have; `alertname` is its name, `severity` its severity.
    pub labels: BTreeMap<String, String>,
    /// When it begins, in seconds since 1970; at once if left out.
    #[serde(default)]
    pub from_seconds: f64,
    /// When it ends, in seconds since 1970.
    pub until_seconds: f64,
    /// Why.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub comment: String,
}

impl Silence {
    /// Whether an alert is silenced at a time.
    #[must_use]
    pub fn covers(&self, alert: &Alert, now_seconds: f64) -> bool {
        (self.from_seconds..self.until_seconds).contains(&now_seconds)
            && !self.labels.is_empty()
            && self.labels.iter().all(|(name, value)| match name.as_str() {
                "alertname" => alert.name == *value,
                "severity" => alert.severity.as_str() == value,
                _ => alert.labels.get(name) == Some(value),
            })
    }
}

/// How notifications are made of alerts.
#[derive(Debug, Clone, PartialEq)]
pub struct NotifySettings {
    /// Alerts that agree in these labels go together; `alertname` is the name.
    pub group_by: Vec<String>,
    /// How long after the last one an unchanged group is told of again, in seconds.
    pub repeat_seconds: f64,
    /// Who is not to be called.
    pub silences: Vec<Silence>,
}

impl Default for NotifySettings {
    /// By alert, every four hours, nobody silenced.
    fn default() -> Self {
        Self {
            group_by: Vec::from(["alertname".into()]),
            repeat_seconds: 4.0 * 3600.0,
            silences: Vec::new(),
        }
    }
}

/// Alerts that are told of together.
#[derive(Debug, Clone, PartialEq)]
pub struct Notification {
    /// What they agree in.
    pub group: BTreeMap<String, String>,
    /// Those that fire, and those that were resolved since they were told of.
    pub alerts: Vec<Alert>,
}

/// What was told, so that nothing is told twice.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Notifier {
    told: SortedMap<GroupKey, Told>,
}

type GroupKey = Vec<(String, String)>;

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
struct Told {
    at_seconds: f64,
    /// Name, labels and beginning of those that fired then.
    firing: Vec<AlertKey>,
}

type AlertKey = (String, Vec<(String, String)>, u64);

impl Notifier {
    /// What is to be told at a time: groups in which an alert has begun or ended since they were told of,
    /// and those that were told of long ago and still fire.
    pub fn due(
        &mut self,
        now_seconds: f64,
        alerts: &[Alert],
        settings: &NotifySettings,
    ) -> Vec<Notification> {
        let is_silent =
            |alert: &Alert| settings.silences.iter().any(|it| it.covers(alert, now_seconds));
        let mut groups: SortedMap<GroupKey, Vec<&Alert>> = SortedMap::default();
        let told_or_fires = alerts
            .iter()
            .filter(|alert| matches!(alert.state, AlertState::Firing | AlertState::Resolved));
        for alert in told_or_fires.filter(|alert| !is_silent(alert)) {
            groups.entry(&group_of(alert, settings)).push(alert);
        }
        let mut due = Vec::new();
        for (group, alerts) in groups.iter() {
            let is_firing = |alert: &&&Alert| alert.state == AlertState::Firing;
            let mut firing: Vec<AlertKey> =
                alerts.iter().filter(is_firing).map(|alert| key(alert)).collect();
            firing.sort_unstable();
            let told = self.told.get(group).cloned().unwrap_or_default();
            let is_old = now_seconds - told.at_seconds >= settings.repeat_seconds;
            if firing == told.firing && (firing.is_empty() || !is_old) {
                continue;
            }
            let was_told = |alert: &Alert| told.firing.contains(&key(alert));
            let mut named = BTreeMap::new();
            named.extend(group.iter().cloned());
            due.push(Notification {
                group: named,
                alerts: alerts
                    .iter()
                    .filter(|alert| alert.state == AlertState::Firing || was_told(alert))
                    .map(|alert| (*alert).clone())
                    .collect(),
            });
            self.told.insert(group.clone(), Told { at_seconds: now_seconds, firing });
        }
        // Of a group that fired and is silent now, or without data, there may be more to say; of one that is gone never.
        let mut present: Vec<GroupKey> = alerts.iter().map(|it| group_of(it, settings)).collect();
        present.sort_unstable();
        self.told.retain(|group, told| {
            let may_change = groups.contains_key(group) || !told.firing.is_empty();
            may_change && present.binary_search(group).is_ok()
        });
        due
    }

    /// Forgets that a group was told of, because it could not be: it is due again.
    pub fn failed(&mut self, notification: &Notification) {
        let group: GroupKey = notification.group.clone().into_iter().collect();
        self.told.remove(&group);
    }
}

fn group_of(alert: &Alert, settings: &NotifySettings) -> GroupKey {
    let value = |name: &String| match name.as_str() {
        "alertname" => Some(alert.name.clone()),
        _ => alert.labels.get(name).cloned(),
    };
    settings.group_by.iter().filter_map(|name| Some((name.clone(), value(name)?))).collect()
}

fn key(alert: &Alert) -> AlertKey {
    let labels = alert.labels.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    (alert.name.clone(), labels, alert.fired_at_seconds.unwrap_or(0.0).to_bits())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::Severity;

    fn alert(model: &str, state: AlertState, fired_at: f64) -> Alert {
        Alert {
            name: "accuracy".into(),
            state,
            severity: Severity::Critical,
            labels: [("model_name".into(), model.into())].into(),
            value: Some(0.8),
            when: "model_accuracy < 0.85".into(),
            summary: String::new(),
            since_seconds: fired_at,
            fired_at_seconds: Some(fired_at),
        }
    }

    fn told(due: &[Notification]) -> Vec<(&str, AlertState)> {
        let alerts = due.iter().flat_map(|it| &it.alerts);
        alerts.map(|alert| (alert.labels["model_name"].as_str(), alert.state)).collect()
    }

    #[test]
    fn a_group_is_told_of_when_it_changes_and_now_and_then() {
        use AlertState::{Firing, Pending, Resolved};
        let mut notifier = Notifier::default();
        let settings = NotifySettings::default();
        let mut due = |now, alerts: &[Alert]| notifier.due(now, alerts, &settings);
        assert_eq!(due(0.0, &[alert("iris", Pending, 0.0)]), []);
        let iris = alert("iris", Firing, 1.0);
        assert_eq!(told(&due(1.0, core::slice::from_ref(&iris))), [("iris", Firing)]);
        assert_eq!(due(2.0, core::slice::from_ref(&iris)), [], "told already");
        let both = [iris.clone(), alert("wine", Firing, 3.0)];
        assert_eq!(told(&due(3.0, &both)), [("iris", Firing), ("wine", Firing)]);
        let one_less = [alert("iris", Resolved, 1.0), alert("wine", Firing, 3.0)];
        assert_eq!(told(&due(4.0, &one_less)), [("iris", Resolved), ("wine", Firing)]);
        assert_eq!(due(5.0, &one_less), []);
        assert_eq!(told(&due(4.0 + 4.0 * 3600.0, &one_less)), [("wine", Firing)], "a reminder");
    }

    #[test]
    fn a_silence_covers_what_has_its_labels_until_it_ends() {
        let mut notifier = Notifier::default();
        let silence = Silence {
            labels: [("model_name".into(), "iris".into())].into(),
            from_seconds: 1.0,
            until_seconds: 100.0,
            comment: String::new(),
        };
        let settings =
            NotifySettings { silences: Vec::from([silence]), ..NotifySettings::default() };
        let alerts =
            [alert("iris", AlertState::Firing, 1.0), alert("wine", AlertState::Firing, 1.0)];
        let due = notifier.due(1.0, &alerts, &settings);
        assert_eq!(told(&due), [("wine", AlertState::Firing)]);
        assert_eq!(notifier.due(100.0, &alerts, &settings)[0].alerts.len(), 2);
        let everything = Silence { labels: BTreeMap::new(), ..settings.silences[0].clone() };
        assert!(!everything.covers(&alerts[0], 1.0), "a silence without labels covers nothing");
        let silence = &settings.silences[0];
        assert!(!silence.covers(&alerts[0], 0.9), "it has not begun");
        let labels = [("alertname", "accuracy"), ("severity", "critical")];
        let labels = labels.map(|(name, value)| (name.into(), value.into())).into();
        assert!(Silence { labels, ..silence.clone() }.covers(&alerts[1], 1.0));
    }

    #[test]
    fn what_could_not_be_told_is_due_again() {
        let mut notifier = Notifier::default();
        let settings = NotifySettings::default();
        let alerts = [alert("iris", AlertState::Firing, 1.0)];
        let due = notifier.due(1.0, &alerts, &settings);
        notifier.failed(&due[0]);
        assert_eq!(notifier.due(2.0, &alerts, &settings), due);
    }
}
