//! What a webhook is told, as its format writes it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Map, Value, json};
use tidegate_core::alert::{Alert, AlertState};
use tidegate_core::remediation::Decision;

use super::time::rfc3339;
use crate::config::{Webhook, WebhookFormat};

/// How many times its repetition an alert is believed without being told again, as Prometheus does it.
const REPEATS_MISSED: f64 = 4.0;

/// The kind of a body.
pub(crate) const fn content_type(format: WebhookFormat) -> &'static str {
    match format {
        WebhookFormat::Alertmanager => "application/json",
        WebhookFormat::CloudEvents => "application/cloudevents+json; charset=utf-8",
    }
}

/// Who tells, and which of its messages this is: together they are in no other message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stamp<'a> {
    pub(super) source: &'a str,
    pub(super) id: u64,
    pub(super) now_seconds: f64,
}

/// Alerts of one group in the webhook's format.
pub(super) fn of_alerts(
    webhook: &Webhook,
    stamp: Stamp,
    group: &BTreeMap<String, String>,
    alerts: &[Alert],
) -> String {
    match webhook.format {
        WebhookFormat::Alertmanager => {
            let alerts = alerts.iter();
            alerts
                .map(|alert| for_alertmanager(webhook, stamp, alert))
                .collect::<Value>()
                .to_string()
        }
        WebhookFormat::CloudEvents => {
            let labels = own_labels(webhook);
            let data = json!({
                "group": group, "labels": labels, "alerts": alerts,
            });
            cloud_event(stamp, "tidegate.alerts", group.get("alertname"), &data)
        }
    }
}

/// A decision, for webhooks that are told of decisions. A request for a new model is an event of its
/// own kind, so that what starts a training run need not look inside.
pub(super) fn of_decision(stamp: Stamp, decision: &Decision) -> String {
    let kind =
        if is_request(decision) { "tidegate.retrain.requested" } else { "tidegate.decision" };
    cloud_event(stamp, kind, decision.action.split_once(':').map(|(_, target)| target), decision)
}

/// Whether a decision asks for a new model.
pub(super) fn is_request(decision: &Decision) -> bool {
    decision.action.starts_with("retrain:") && decision.to == "requested"
}

/// An alert as the Alertmanager's API v2 takes it.
fn for_alertmanager(webhook: &Webhook, stamp: Stamp, alert: &Alert) -> Value {
    let mut labels = own_labels(webhook);
    // A label without a value is no label there.
    let named = alert.labels.iter().filter(|(_, value)| !value.is_empty());
    labels.extend(named.map(|(name, value)| (name.clone(), value.clone().into())));
    labels.insert("alertname".into(), alert.name.clone().into());
    labels.insert("severity".into(), alert.severity.as_str().into());
    let mut annotations = object([("when", alert.when.clone().into())]);
    if !alert.summary.is_empty() {
        annotations.insert("summary".into(), alert.summary.clone().into());
    }
    annotations.extend(alert.value.map(|value| ("value".into(), value.to_string().into())));
    let starts_at = alert.fired_at_seconds.unwrap_or(alert.since_seconds);
    let ends_at = match alert.state {
        AlertState::Resolved => alert.since_seconds,
        // So that an alert of a gateway that is gone ends by itself.
        _ => stamp.now_seconds + REPEATS_MISSED * webhook.repeat_seconds,
    };
    let mut posted = object([
        ("labels", labels.into()),
        ("annotations", annotations.into()),
        ("startsAt", rfc3339(starts_at).into()),
        ("endsAt", rfc3339(ends_at).into()),
    ]);
    let url = webhook.generator_url.as_ref();
    posted.extend(url.map(|url| ("generatorURL".into(), url.clone().into())));
    posted.into()
}

fn own_labels(webhook: &Webhook) -> Map<String, Value> {
    object(webhook.labels.iter().map(|(name, value)| (name.as_str(), value.clone().into())))
}

fn cloud_event(
    stamp: Stamp,
    kind: &str,
    subject: Option<impl AsRef<str>>,
    data: &impl Serialize,
) -> String {
    let mut event = object([
        ("specversion", "1.0".into()),
        ("id", stamp.id.to_string().into()),
        ("source", stamp.source.into()),
        ("type", kind.into()),
        ("time", rfc3339(stamp.now_seconds).into()),
        ("datacontenttype", "application/json".into()),
        ("data", serde_json::to_value(data).unwrap_or_default()),
    ]);
    event.extend(subject.map(|subject| ("subject".into(), subject.as_ref().into())));
    Value::Object(event).to_string()
}

/// One member after the other: collected, they would be sorted first.
fn object<'n>(members: impl IntoIterator<Item = (&'n str, Value)>) -> Map<String, Value> {
    let mut object = Map::new();
    for (name, value) in members {
        object.insert(name.into(), value);
    }
    object
}
