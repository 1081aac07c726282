//! The config as types, for the JSON Schema that editors and control planes check it with.
//!
//! Nothing is parsed with these: the readers beside them tell every problem at once. A test holds
//! the two to the same fields.

pub mod experiment;
pub mod fallback;
pub mod model;
pub mod reference;
pub mod remediation;
pub mod webhook;

use schemars::JsonSchema;
use tidegate_core::quality::ChangeDetector;

use self::experiment::ExperimentSchema;
use self::model::ModelSchema;
use self::reference::FetchSchema;
use self::remediation::{AlertsSchema, RemediationSchema};
use self::webhook::WebhookSchema;

/// The config of the Tidegate filter. An empty one observes every path that a known protocol
/// recognises, and answers no one.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "PluginConfig")]
pub struct ConfigSchema {
    /// Separates the shared data of several plugins in one proxy. `default` if absent.
    pub instance: Option<String>,
    /// What is observed; exact paths first, then the longest prefix. If absent, whatever a protocol
    /// recognises by its path.
    #[schemars(length(max = 64))]
    pub models: Option<Vec<ModelSchema>>,
    /// Experiments; each assigns a variant to every unit.
    #[schemars(length(max = 16))]
    pub experiments: Option<Vec<ExperimentSchema>>,
    /// The sliding window that drift is computed on.
    pub windows: Option<WindowsSchema>,
    /// How many false alarms of drift are accepted, over all models and columns, their signals included. If absent,
    /// each model and each kind of its signals is tested at 5 % at each look.
    pub false_alarms: Option<FalseAlarmsSchema>,
    /// What looks for changes in the stream of a model's errors. If absent, `hddm_a` for classes and
    /// `page_hinkley` for numbers.
    pub error_detector: Option<ChangeDetector>,
    /// What looks for changes of levels from pane to pane: of the latency, of business metrics. `page_hinkley` if
    /// absent.
    pub level_detector: Option<ChangeDetector>,
    /// Tell what generates text under OpenTelemetry's names too. `false` if absent.
    pub gen_ai_metrics: Option<bool>,
    /// When somebody is to be called: rules, or `default` for those that are good for most. None if
    /// absent.
    pub alerts: Option<AlertsSchema>,
    /// What is done about alerts that have actions.
    pub remediation: Option<RemediationSchema>,
    /// Labels that come back with the signed token of their prediction; no token is issued or taken if
    /// absent.
    pub feedback: Option<FeedbackSchema>,
    /// Who is told of alerts and decisions.
    #[schemars(length(max = 8))]
    pub webhooks: Option<Vec<WebhookSchema>>,
    /// What of each request the gateway's access log can show; nothing if absent.
    pub access_log: Option<AccessLogSchema>,
    /// Where the state lies between two starts of the gateway: an object store or WebDAV, to which it is PUT
    /// once a minute if nothing is said, and from which it is read at the start. `{node}` in the path stands
    /// for the gateway's name, `{instance}` for the instance: each gateway needs a place of its own.
    pub state: Option<FetchSchema>,
    /// The admin API; off if absent.
    pub admin: Option<AdminSchema>,
}

/// The sliding window: so many panes of so many seconds.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Windows")]
pub struct WindowsSchema {
    /// Length of a pane, in seconds. 60 if absent.
    #[schemars(range(min = 1, max = 86_400))]
    pub pane_seconds: Option<u32>,
    /// Panes in the window. 60 if absent.
    #[schemars(range(min = 1, max = 240))]
    pub panes: Option<u32>,
}

/// So many false alarms in so many days.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "FalseAlarms")]
pub struct FalseAlarmsSchema {
    /// Alarms.
    #[schemars(range(min = 0.001, max = 1_000_000.0))]
    pub count: f64,
    /// Days.
    #[schemars(range(min = 0.001, max = 36_500.0))]
    pub days: f64,
}

/// Labels that come back with the signed token of their prediction.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Feedback")]
pub struct FeedbackSchema {
    /// Signs tokens. Every gateway of a fleet has the same; best 32 random bytes in hexadecimal.
    #[schemars(length(min = 1, max = 4096))]
    pub secret: String,
    /// The secret before it: tokens that it signed are still taken.
    #[schemars(length(min = 1, max = 4096))]
    pub previous_secret: Option<String>,
    /// How long a token is taken, in days. 30 if absent.
    #[schemars(range(min = 0.001, max = 366))]
    pub lifetime_days: Option<f64>,
    /// The models whose responses carry tokens, by name. All if absent.
    #[schemars(length(max = 64))]
    pub models: Option<Vec<String>>,
}

/// What of each request the gateway's access log can show: its record, an event as `v1/events` takes it,
/// which an access log of Envoy writes as `%FILTER_STATE(wasm.tidegate:PLAIN)%`.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "AccessLog")]
pub struct AccessLogSchema {
    /// Whether features are in it. `false` if absent.
    pub features: Option<bool>,
    /// A longer record is written without features, predictions and confidences. 16384 if absent.
    #[schemars(range(min = 256, max = 1_048_576))]
    pub max_bytes: Option<u64>,
}

/// The admin API.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Admin")]
pub struct AdminSchema {
    /// What its paths begin with. `/.tidegate` if absent.
    #[schemars(regex(pattern = "^/[^?#]*[^/?#]$"))]
    pub path: Option<String>,
    /// The bearer token that it asks for.
    #[schemars(regex(pattern = "^[!-~]{1,4096}$"))]
    pub token: String,
    /// Origins of pages that may call it; `*` for any.
    #[schemars(length(max = 16))]
    pub cors_origins: Option<Vec<String>>,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use schemars::schema_for;
    use serde_json::Value;

    use super::*;
    use crate::config;

    /// The fields that a schema knows: of an object, or of the objects that stand for alternatives.
    fn fields(schema: &Value) -> BTreeSet<&str> {
        let alternatives = schema["oneOf"].as_array().into_iter().flatten();
        let objects = alternatives.chain([schema]);
        let fields = objects.filter_map(|object| {
            let properties = object["properties"].as_object()?;
            assert_eq!(object["additionalProperties"], false, "{object}");
            Some(properties.keys().map(String::as_str))
        });
        fields.flatten().collect()
    }

    #[test]
    fn the_schema_knows_the_fields_that_the_readers_know() {
        let schema = schema_for!(ConfigSchema).to_value();
        let definition = |name: &str| &schema["$defs"][name];
        for (schema, known) in [
            (&schema, config::CONFIG_FIELDS),
            (definition("Windows"), config::WINDOWS_FIELDS),
            (definition("FalseAlarms"), config::FALSE_ALARMS_FIELDS),
            (definition("Admin"), config::ADMIN_FIELDS),
            (definition("Feedback"), config::feedback::FEEDBACK_FIELDS),
            (definition("Model"), config::model::MODEL_FIELDS),
            (definition("Match"), config::model::MATCH_FIELDS),
            (definition("Pointers"), config::model::POINTERS_FIELDS),
            (definition("Capture"), config::model::CAPTURE_FIELDS),
            (definition("ReferenceSource"), config::model::REFERENCE_FIELDS),
            (definition("LabelledSource"), config::given::FROM_BEFORE_FIELDS),
            (definition("ImportancesSource"), config::given::FROM_BEFORE_FIELDS),
            (definition("Learn"), config::model::LEARN_FIELDS),
            (definition("Remote"), config::remote::FETCH_FIELDS),
            (definition("Experiment"), config::experiment::EXPERIMENT_FIELDS),
            (definition("BusinessGuardrail"), config::experiment::GUARDRAIL_FIELDS),
            (definition("Namespace"), config::experiment::NAMESPACE_FIELDS),
            (definition("Forced"), config::experiment::FORCED_FIELDS),
            (definition("ConversionMatch"), config::experiment::CONVERSION_FIELDS),
            (definition("ConversionPath"), config::experiment::CONVERSION_MATCH_FIELDS),
            (definition("ConversionValue"), config::experiment::VALUE_FIELDS),
            (definition("RuleDocument"), config::alert::ALERT_FIELDS),
            (definition("Remediation"), config::remediation::REMEDIATION_FIELDS),
            (definition("RollbackPolicy"), config::remediation::ROLLBACK_FIELDS),
            (definition("CircuitPolicy"), config::remediation::CIRCUIT_FIELDS),
            (definition("RetrainPolicy"), config::remediation::RETRAIN_FIELDS),
            (definition("Fallback"), config::fallback::FALLBACK_FIELDS),
            (definition("FallbackReply"), config::fallback::REPLY_FIELDS),
            (definition("AccessLog"), config::access_log::ACCESS_LOG_FIELDS),
            (definition("Webhook"), config::webhook::WEBHOOK_FIELDS),
            (definition("Unit"), config::experiment::UNIT_FIELDS),
            (definition("Variant"), config::experiment::VARIANT_FIELDS),
        ] {
            assert_eq!(fields(schema), known.iter().copied().collect(), "{schema}");
        }
    }
}
