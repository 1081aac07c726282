//! Who is told.

use std::collections::BTreeMap;

use schemars::JsonSchema;

/// Somebody who is told of alerts and decisions, by the gateway that leads.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Webhook")]
pub struct WebhookSchema {
    /// How metrics name it.
    #[schemars(length(min = 1, max = 64))]
    pub name: String,
    /// What it is told, and in which form.
    pub format: WebhookFormatSchema,
    /// The cluster of the gateway that it is reached by.
    #[schemars(length(min = 1, max = 256))]
    pub cluster: String,
    /// The name that it is called by; the cluster's if absent.
    pub authority: Option<String>,
    /// The path, with its query string. `/api/v2/alerts` for `alertmanager`, `/` for `cloud_events` if
    /// absent.
    #[schemars(regex(pattern = "^/[!-~]*$"))]
    pub path: Option<String>,
    /// Further headers, such as `authorization`.
    pub headers: Option<BTreeMap<String, String>>,
    /// How long an answer is waited for, in seconds. 5 if absent.
    #[schemars(range(min = 0.1, max = 60.0))]
    pub timeout_seconds: Option<f64>,
    /// How often it is told of what still fires, in seconds. A minute for `alertmanager`, four hours for
    /// `cloud_events` if absent.
    #[schemars(range(min = 1, max = 31_622_400))]
    pub repeat_seconds: Option<f64>,
    /// Labels that every alert gets.
    pub labels: Option<BTreeMap<String, String>>,
    /// Where a person looks at what an alert is about.
    #[schemars(regex(pattern = "^https?://"))]
    pub generator_url: Option<String>,
}

/// What a webhook is told, and in which form.
#[derive(Debug, JsonSchema)]
#[schemars(rename_all = "snake_case", rename = "WebhookFormat")]
pub enum WebhookFormatSchema {
    /// Alerts, as the Alertmanager takes them from Prometheus (API v2).
    Alertmanager,
    /// Alerts, decisions and requests for a new model, as CloudEvents 1.0 in structured JSON.
    CloudEvents,
}
