//! Laws of telling: whatever alerts come and go, in whatever order, and however often who tells is replaced.

use std::collections::BTreeMap;

use proptest::prelude::*;
use tidegate_core::alert::{
    Alert, AlertState, Notification, Notifier, NotifySettings, Severity, Silence,
};

/// A rule and a model of few, and how an alert of it stands.
type Place = (u8, u8);
/// The alerts of a tick.
type Tick = BTreeMap<Place, (AlertState, u8)>;

fn states() -> impl Strategy<Value = AlertState> {
    use AlertState::{Firing, InsufficientData, NoData, Pending, Resolved};
    prop::sample::select(vec![
        Firing,
        Firing,
        Firing,
        Resolved,
        Resolved,
        Pending,
        NoData,
        InsufficientData,
    ])
}

fn ticks() -> impl Strategy<Value = Vec<Tick>> {
    let tick = prop::collection::btree_map((0..3_u8, 0..3_u8), (states(), 0..2_u8), 0..9);
    prop::collection::vec(tick, 1..20)
}

fn silences() -> impl Strategy<Value = Vec<Silence>> {
    let silence = (0..3_u8, 0..2_u8, 0..20_u8, 0..20_u8).prop_map(|(which, by, from, length)| {
        let label = if by == 0 {
            ("alertname", format!("rule {which}"))
        } else {
            ("model_name", format!("m{which}"))
        };
        Silence {
            labels: [(label.0.into(), label.1)].into(),
            from_seconds: f64::from(from),
            until_seconds: f64::from(from) + f64::from(length),
            comment: String::new(),
        }
    });
    prop::collection::vec(silence, 0..4)
}

fn settings(silences: &[Silence], group_by: &[&str], repeat_seconds: f64) -> NotifySettings {
    let group_by = group_by.iter().map(|name| (*name).into()).collect();
    NotifySettings { group_by, repeat_seconds, silences: silences.to_vec() }
}

fn alert((place, (state, began)): (&Place, &(AlertState, u8))) -> Alert {
    Alert {
        name: format!("rule {}", place.0),
        state: *state,
        severity: Severity::Warning,
        labels: [("model_name".into(), format!("m{}", place.1))].into(),
        value: None,
        when: String::new(),
        summary: String::new(),
        since_seconds: 0.0,
        fired_at_seconds: Some(f64::from(*began)),
    }
}

fn alerts(tick: &Tick) -> Vec<Alert> {
    tick.iter().map(alert).collect()
}

/// Notifications by their groups, alerts by name: what does not hang on an order.
fn told(due: Vec<Notification>) -> BTreeMap<Vec<(String, String)>, Vec<String>> {
    let named = |it: Notification| {
        let mut alerts: Vec<String> = it.alerts.iter().map(|alert| format!("{alert:?}")).collect();
        alerts.sort();
        (it.group.into_iter().collect(), alerts)
    };
    due.into_iter().map(named).collect()
}

const GROUPINGS: [&[&str]; 4] =
    [&[], &["alertname"], &["model_name"], &["alertname", "model_name"]];

proptest! {
    #[test]
    fn what_is_silenced_is_never_told(
        ticks in ticks(), silences in silences(), grouping in 0..4_usize, repeat in 1..9_u8,
    ) {
        let settings = settings(&silences, GROUPINGS[grouping], f64::from(repeat));
        let mut notifier = Notifier::default();
        for (now, tick) in (0..).zip(&ticks) {
            let now = f64::from(now);
            for one in notifier.due(now, &alerts(tick), &settings).iter().flat_map(|it| &it.alerts) {
                prop_assert!(!silences.iter().any(|it| it.covers(one, now)), "{:?}", one);
                prop_assert!(matches!(one.state, AlertState::Firing | AlertState::Resolved));
            }
        }
    }

    #[test]
    fn a_group_is_told_once_for_each_change(
        ticks in ticks(), silences in silences(), grouping in 0..4_usize,
    ) {
        let settings = settings(&silences, GROUPINGS[grouping], 1e9);
        let mut notifier = Notifier::default();
        for (now, tick) in (0..).zip(&ticks) {
            let now = f64::from(now);
            let due = notifier.due(now, &alerts(tick), &settings);
            for notification in &due {
                let group: Vec<_> = notification.group.iter().collect();
                let is_of_group = |alert: &Alert| group.iter().all(|(name, value)| match name.as_str() {
                    "alertname" => alert.name == **value,
                    _ => alert.labels.get(*name) == Some(*value),
                });
                prop_assert!(notification.alerts.iter().all(is_of_group));
            }
            prop_assert_eq!(notifier.due(now, &alerts(tick), &settings), vec![], "told already");
        }
    }

    #[test]
    fn the_order_of_alerts_and_a_restart_change_nothing(
        ticks in ticks(), silences in silences(), grouping in 0..4_usize, repeat in 1..9_u8,
        turns in prop::collection::vec(0..9_usize, 20),
    ) {
        let settings = settings(&silences, GROUPINGS[grouping], f64::from(repeat));
        let (mut one, mut other) = (Notifier::default(), Notifier::default());
        for ((now, tick), turn) in (0..).zip(&ticks).zip(turns) {
            let now = f64::from(now);
            let mut turned = alerts(tick);
            let by = turn.min(turned.len());
            turned.rotate_left(by);
            turned.reverse();
            prop_assert_eq!(
                told(one.due(now, &alerts(tick), &settings)),
                told(other.due(now, &turned, &settings))
            );
            other = postcard::from_bytes(&postcard::to_allocvec(&other).unwrap()).unwrap();
            prop_assert_eq!(&one, &other);
        }
    }

    #[test]
    fn groups_that_are_told_apart_are_told_together(
        ticks in ticks(), silences in silences(), repeat in 1..9_u8,
    ) {
        let settings = settings(&silences, &["model_name"], f64::from(repeat));
        let mut all = Notifier::default();
        let mut by_model = [(); 3].map(|()| Notifier::default());
        for (now, tick) in (0..).zip(&ticks) {
            let now = f64::from(now);
            let mut apart = BTreeMap::new();
            for (model, notifier) in (0_u8..).zip(&mut by_model) {
                let own: Tick = tick.iter().filter(|(place, _)| place.1 == model).map(|(k, v)| (*k, *v)).collect();
                apart.extend(told(notifier.due(now, &alerts(&own), &settings)));
            }
            prop_assert_eq!(told(all.due(now, &alerts(tick), &settings)), apart);
        }
    }

    #[test]
    fn nothing_is_remembered_of_what_is_gone(
        ticks in ticks(), silences in silences(), grouping in 0..4_usize,
    ) {
        let settings = settings(&silences, GROUPINGS[grouping], 5.0);
        let mut notifier = Notifier::default();
        for (now, tick) in (0..).zip(&ticks) {
            notifier.due(f64::from(now), &alerts(tick), &settings);
        }
        notifier.due(100.0, &[], &settings);
        prop_assert_eq!(notifier, Notifier::default());
    }
}
