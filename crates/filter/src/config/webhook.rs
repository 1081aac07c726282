//! `webhooks` of the config: who is told of alerts and decisions, and how.

use super::Secret;
use super::field::{Field, Object};

pub(super) const WEBHOOK_FIELDS: &[&str] = &[
    "name",
    "format",
    "cluster",
    "authority",
    "path",
    "headers",
    "timeout_seconds",
    "repeat_seconds",
    "labels",
    "generator_url",
];

pub(super) const MAX_HEADERS: usize = 16;
const MAX_LABELS: usize = 16;
/// What the filter says of a message itself.
const OWN_HEADERS: [&str; 6] =
    ["host", "content-type", "content-length", "transfer-encoding", "connection", "te"];

/// Somebody who is told of alerts and decisions.
#[derive(Debug, Clone, PartialEq)]
pub struct Webhook {
    /// How metrics name it.
    pub name: String,
    /// What it is told, and in which form.
    pub format: WebhookFormat,
    /// The cluster of the gateway that it is reached by.
    pub cluster: String,
    /// The name that it is called by.
    pub authority: String,
    /// The path, with its query string.
    pub path: String,
    /// Further headers, such as its credentials.
    pub headers: Vec<(String, Secret)>,
    /// How long an answer is waited for, in milliseconds.
    pub timeout_millis: u32,
    /// How often it is told of what still fires, in seconds.
    pub repeat_seconds: f64,
    /// Labels that every alert gets.
    pub labels: Vec<(String, String)>,
    /// Where a person looks at what the alert is about.
    pub generator_url: Option<String>,
}

/// What a webhook is told, and in which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WebhookFormat {
    /// Alerts, as the Alertmanager takes them from Prometheus (API v2).
    Alertmanager,
    /// Alerts, decisions and requests for a new model, as CloudEvents 1.0 in structured JSON.
    CloudEvents,
}

impl WebhookFormat {
    const ALL: [Self; 2] = [Self::Alertmanager, Self::CloudEvents];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Alertmanager => "alertmanager",
            Self::CloudEvents => "cloud_events",
        }
    }

    const fn default_path(self) -> &'static str {
        match self {
            Self::Alertmanager => "/api/v2/alerts",
            Self::CloudEvents => "/",
        }
    }

    /// The Alertmanager forgets what it is not told again; others remember.
    const fn default_repeat_seconds(self) -> f64 {
        match self {
            Self::Alertmanager => 60.0,
            Self::CloudEvents => 4.0 * 3600.0,
        }
    }
}

pub(super) fn read_webhooks(fields: &[Field]) -> Vec<Webhook> {
    let mut webhooks: Vec<Webhook> = Vec::new();
    for field in fields {
        let Some(webhook) = read_webhook(field) else { continue };
        if webhooks.iter().any(|other| other.name == webhook.name) {
            field.problem(format!("another webhook is called `{}`", webhook.name));
        }
        webhooks.push(webhook);
    }
    webhooks
}

fn read_webhook(field: &Field) -> Option<Webhook> {
    let object = field.object(WEBHOOK_FIELDS)?;
    let name = object.required("name").and_then(|field| field.name(64));
    let format = object.required("format").and_then(|field| read_format(&field));
    let cluster = object.required("cluster").and_then(|field| field.name(256));
    let authority = optional(&object, "authority", read_header_value);
    let path = optional(&object, "path", read_path);
    let headers = object.optional("headers").map_or_else(Vec::new, |field| {
        field.members(MAX_HEADERS).iter().filter_map(read_header).collect()
    });
    let timeout = optional(&object, "timeout_seconds", |field| field.number(0.1..=60.0));
    let repeat = optional(&object, "repeat_seconds", |field| field.number(1.0..=31_622_400.0));
    let labels = object.optional("labels").map_or_else(Vec::new, |field| {
        field.members(MAX_LABELS).iter().filter_map(read_label).collect()
    });
    let generator_url = optional(&object, "generator_url", read_url);
    let (format, cluster) = (format?, cluster?);
    Some(Webhook {
        name: name?,
        format,
        authority: authority?.unwrap_or_else(|| cluster.clone()),
        path: path?.unwrap_or_else(|| format.default_path().into()),
        cluster,
        headers,
        timeout_millis: (timeout?.unwrap_or(5.0) * 1000.0) as u32,
        repeat_seconds: repeat?.unwrap_or_else(|| format.default_repeat_seconds()),
        labels,
        generator_url: generator_url?,
    })
}

/// A field that may be absent, which `None` inside says; `None` outside: it is wrong.
pub(super) fn optional<T>(
    object: &Object,
    name: &str,
    read: impl Fn(&Field) -> Option<T>,
) -> Option<Option<T>> {
    match object.optional(name) {
        Some(field) => read(&field).map(Some),
        None => Some(None),
    }
}

fn read_format(field: &Field) -> Option<WebhookFormat> {
    let word = field.text()?;
    let format = WebhookFormat::ALL.into_iter().find(|format| format.as_str() == word);
    if format.is_none() {
        field.problem("expected `alertmanager` or `cloud_events`");
    }
    format
}

pub(super) fn read_path(field: &Field) -> Option<String> {
    let path = field.name(2048)?;
    if !path.starts_with('/') || path.bytes().any(|byte| !byte.is_ascii_graphic()) {
        field.problem("expected a path that begins with `/`");
        return None;
    }
    Some(path)
}

pub(super) fn read_header((name, field): &(String, Field)) -> Option<(String, Secret)> {
    let name = name.to_ascii_lowercase();
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_token) {
        field.problem("expected the name of a header");
        return None;
    }
    if OWN_HEADERS.contains(&name.as_str()) {
        field.problem("this header is written by the gateway");
        return None;
    }
    Some((name, Secret(read_header_value(field)?)))
}

pub(super) fn read_header_value(field: &Field) -> Option<String> {
    let value = field.name(4096)?;
    if !value.is_ascii() || value.trim_ascii() != value {
        field.problem("expected ASCII without space around it");
        return None;
    }
    Some(value)
}

fn read_label((name, field): &(String, Field)) -> Option<(String, String)> {
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let begins_with_digit = name.bytes().next().is_none_or(|byte| byte.is_ascii_digit());
    if begins_with_digit || !name.bytes().all(is_letter) {
        field.problem("the name of a label has letters, digits and `_`, and no digit first");
        return None;
    }
    Some((name.clone(), field.name(256)?))
}

fn read_url(field: &Field) -> Option<String> {
    let url = field.name(2048)?;
    let is_web = url.starts_with("http://") || url.starts_with("https://");
    if !is_web || url.bytes().any(|byte| !byte.is_ascii_graphic()) {
        field.problem("expected a URL such as `https://gateway.example.com/explorer`");
        return None;
    }
    Some(url)
}
