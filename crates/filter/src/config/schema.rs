//! The config as types, for the JSON Schema that editors and control planes check it with.
//!
//! Nothing is parsed with these: the readers beside them tell every problem at once. A test holds
//! the two to the same fields.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use tidegate_core::alert::RuleDocument;
use tidegate_core::observatory::LabelledReference;
use tidegate_core::profile::Profile;
use tidegate_core::quality::ChangeDetector;
use tidegate_protocol::Protocol;
use tidegate_stats::experiment::Harm;

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
    /// How many false alarms of drift are accepted, over all models and columns. If absent, each model
    /// is tested at 5 % at each look.
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

/// Which requests ask a model, and how to read them.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Model")]
pub struct ModelSchema {
    /// The paths.
    pub r#match: MatchSchema,
    /// The wire format.
    pub protocol: Protocol,
    /// The model's name, whatever the wire says.
    #[schemars(length(min = 1, max = 256))]
    pub name: Option<String>,
    /// The model's version, whatever the wire says.
    #[schemars(length(min = 1, max = 256))]
    pub version: Option<String>,
    /// What is read of bodies.
    pub capture: Option<CaptureSchema>,
    /// Where bodies keep what matters: for the protocol `custom`, which needs it.
    pub pointers: Option<PointersSchema>,
    /// Names of the features that the wire leaves unnamed, by position.
    #[schemars(length(max = 512))]
    pub feature_names: Option<Vec<String>>,
    /// Names of the classes that the wire numbers.
    #[schemars(length(max = 1024))]
    pub classes: Option<Vec<String>>,
    /// Rows that the model takes at once.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub max_batch_size: Option<u64>,
    /// Requests that the model server works on at once.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub max_concurrency: Option<u64>,
    /// What is normal: names of metrics, such as `accuracy`, and their values, none of them 0.
    pub baseline: Option<BTreeMap<String, f64>>,
    /// What drift is measured against. Entries of one name share it.
    pub reference: Option<ReferenceSchema>,
    /// What its confidences mean, for the estimate of its quality before labels come: labelled predictions from
    /// before. If absent, that is learned from the first labels. Entries of one name share it.
    pub labelled_reference: Option<LabelledSourceSchema>,
    /// How much each feature mattered when the model was made, such as its mean absolute SHAP value. If absent,
    /// that is learned from the first explanations. Entries of one name share it.
    pub reference_importances: Option<ImportancesSourceSchema>,
    /// What requests get while the model's circuit is open. The status 503 if absent.
    pub fallback: Option<FallbackSchema>,
}

/// What requests get while the circuit of their model is open.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "snake_case", rename = "Fallback")]
pub enum FallbackSchema {
    /// Another cluster: the request gets the header `x-tidegate-fallback` with this name, for a route that
    /// matches it. It counts under the model's name with `-fallback` behind it.
    Cluster(String),
    /// This answer.
    Reply(FallbackReplySchema),
}

/// An answer in place of a model's.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "FallbackReply")]
pub struct FallbackReplySchema {
    /// HTTP status; 503 if absent. A call of gRPC gets the status that stands for it there.
    #[schemars(range(min = 200, max = 599))]
    pub status: Option<u32>,
    /// Body; empty if absent.
    pub body: Option<String>,
    /// Headers.
    pub headers: Option<BTreeMap<String, String>>,
}

/// Which paths, without their query string.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "snake_case", rename = "Match")]
pub enum MatchSchema {
    /// Paths that begin so; the protocol decides which of them are inferences.
    PathPrefix(String),
    /// This path alone; every POST to it is an inference.
    Path(String),
}

/// Where bodies keep what matters, by JSON pointers (RFC 6901) of at most 16 steps. What has none is unknown.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Pointers")]
pub struct PointersSchema {
    /// Of the request: rows of features. A list of lists or records is as many rows; any other value, one.
    pub features: Option<String>,
    /// Of the response: the prediction of each row, or of the only one.
    pub predictions: Option<String>,
    /// Of the response: the confidence of each prediction.
    pub confidences: Option<String>,
    /// Of either: the model's name.
    pub model: Option<String>,
    /// Of the request: the batch size, where it is not the number of rows of features.
    pub batch: Option<String>,
}

/// What is read of bodies.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Capture")]
pub struct CaptureSchema {
    /// Whether request bodies are read. `true` if absent.
    pub features: Option<bool>,
    /// Whether response bodies are read. `true` if absent.
    pub predictions: Option<bool>,
    /// Larger bodies are not read. 1 MiB if absent.
    #[schemars(range(min = 1, max = 16_777_216))]
    pub max_body_bytes: Option<u64>,
}

/// What drift is measured against.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "snake_case", rename = "ReferenceSource")]
pub enum ReferenceSchema {
    /// The first rows of live traffic.
    Learn(LearnSchema),
    /// A profile made elsewhere.
    Profile(Profile),
    /// A profile that lies elsewhere: it is fetched at the start and then again and again, an hour apart if
    /// nothing is said. The entry needs a `name`. What is no profile is refused, and the one before stays.
    Fetch(FetchSchema),
}

/// Where labelled predictions from before are.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "snake_case", rename = "LabelledSource")]
pub enum LabelledSourceSchema {
    /// Here, at most 100,000.
    Values(LabelledReference),
    /// Elsewhere, as the same JSON: fetched at the start and then again and again, an hour apart if nothing is
    /// said. The entry needs a `name`. What cannot be read is refused, and what was there before stays.
    Fetch(FetchSchema),
}

/// Where the importances of features are.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "snake_case", rename = "ImportancesSource")]
pub enum ImportancesSourceSchema {
    /// Here: by feature, a number from 0 on.
    Values(BTreeMap<String, f64>),
    /// Elsewhere, as the same JSON: fetched at the start and then again and again, an hour apart if nothing is
    /// said. The entry needs a `name`. What cannot be read is refused, and what was there before stays.
    Fetch(FetchSchema),
}

/// A place behind a cluster of the gateway.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Remote")]
pub struct FetchSchema {
    /// The cluster of the gateway.
    #[schemars(length(min = 1, max = 256))]
    pub cluster: String,
    /// The name that it is called by; the cluster's if absent.
    pub authority: Option<String>,
    /// The path, with its query string.
    #[schemars(regex(pattern = "^/[!-~]*$"))]
    pub path: String,
    /// Further headers, such as `authorization`.
    pub headers: Option<BTreeMap<String, String>>,
    /// How long an answer is waited for, in seconds. 10 if absent.
    #[schemars(range(min = 0.1, max = 60.0))]
    pub timeout_seconds: Option<f64>,
    /// How often it is asked, in seconds.
    #[schemars(range(min = 1, max = 31_622_400))]
    pub period_seconds: Option<f64>,
}

/// How much of the live traffic becomes the reference.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Learn")]
pub struct LearnSchema {
    /// Rows.
    #[schemars(range(min = 100, max = 1_000_000))]
    pub samples: u64,
}

/// An experiment: every unit gets one variant, and keeps it.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Experiment")]
pub struct ExperimentSchema {
    /// Its name, which also seeds the assignment.
    #[schemars(regex(pattern = r"^[A-Za-z0-9._-]{1,64}$"))]
    pub name: String,
    /// What is assigned.
    pub unit: UnitSchema,
    /// Its variants; the weights sum to 1.
    #[schemars(length(min = 2, max = 16))]
    pub variants: Vec<VariantSchema>,
    /// What the hash of a unit begins with, as GrowthBook's `seed`. The experiment's name if absent.
    #[schemars(length(min = 1, max = 256))]
    pub seed: Option<String>,
    /// How units are hashed, as GrowthBook's `hashVersion`. 2 if absent.
    #[schemars(range(min = 1, max = 2))]
    pub hash_version: Option<u64>,
    /// The share of units that are in the experiment. 1 if absent.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub coverage: Option<f64>,
    /// Experiments with ranges of one namespace that are apart share no unit.
    pub namespace: Option<NamespaceSchema>,
    /// Units that are left out, such as probes.
    #[schemars(length(max = 256))]
    pub exclude_units: Option<Vec<String>>,
    /// Who may choose a variant, to test it. Such requests are in no count of the experiment.
    pub forced: Option<ForcedSchema>,
    /// Which requests are what it hopes for. Conversions can be told as events too.
    pub conversion: Option<ConversionSchema>,
    /// Business metrics that no variant may harm.
    #[schemars(length(max = 8))]
    pub guardrails: Option<Vec<GuardrailSchema>>,
}

/// A business metric that no variant may harm: `ab_test_guardrail_p_value` has it under its name.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "BusinessGuardrail")]
pub struct GuardrailSchema {
    /// The metric, as its events name it; not `latency`, `errors` or `quality`, which are guarded by themselves.
    #[schemars(length(min = 1, max = 256))]
    pub metric: String,
    /// The model that it is told of.
    #[schemars(length(min = 1, max = 256))]
    pub model_name: String,
    /// By variant, the version of the model that serves it: of the first variant and of others.
    pub versions: BTreeMap<String, String>,
    /// Which movement of the mean does harm. `decrease` if absent.
    pub harm: Option<Harm>,
    /// Harm that is borne, in units of the metric. 0 if absent.
    #[schemars(range(min = 0.0, max = 1e12))]
    pub margin: Option<f64>,
}

/// A range of a namespace, as GrowthBook hashes it.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Namespace")]
pub struct NamespaceSchema {
    /// Its name.
    #[schemars(length(min = 1, max = 256))]
    pub name: String,
    /// Where the range begins and ends, from 0 to 1.
    pub range: [f64; 2],
}

/// Who may choose a variant, to test it.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Forced")]
pub struct ForcedSchema {
    /// Whoever sends it as `x-tidegate-force-secret` may choose by `x-tidegate-force: EXPERIMENT=VARIANT`.
    #[schemars(length(min = 1, max = 4096))]
    pub secret: Option<String>,
    /// By unit, the variant that it gets.
    pub units: Option<BTreeMap<String, String>>,
}

/// Which requests are what an experiment hopes for: once they succeed, their unit has converted.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "ConversionMatch")]
pub struct ConversionSchema {
    /// Which requests.
    pub r#match: ConversionPathSchema,
    /// What a conversion is worth.
    pub value: Option<ValueSchema>,
}

/// Which requests convert: by one of `path` and `path_prefix`.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "ConversionPath")]
pub struct ConversionPathSchema {
    /// This path alone.
    pub path: Option<String>,
    /// Paths that begin so.
    pub path_prefix: Option<String>,
    /// The method. Any if absent.
    pub method: Option<String>,
}

/// What a conversion is worth.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "snake_case", rename = "ConversionValue")]
pub enum ValueSchema {
    /// A number in a request header.
    Header(String),
    /// A number in a query parameter.
    Query(String),
    /// Always the same.
    Number(f64),
}

/// Where a request says which unit it belongs to.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename_all = "snake_case", rename = "Unit")]
pub enum UnitSchema {
    /// A request header.
    Header(String),
    /// A cookie.
    Cookie(String),
    /// A query parameter.
    Query(String),
}

/// A variant of an experiment.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Variant")]
pub struct VariantSchema {
    /// Its name.
    #[schemars(regex(pattern = r"^[A-Za-z0-9._-]{1,64}$"))]
    pub name: String,
    /// Its share of the units.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub weight: f64,
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

/// When somebody is to be called.
#[derive(Debug, JsonSchema)]
#[schemars(untagged, rename = "Alerts")]
pub enum AlertsSchema {
    /// The rules that are good for most.
    #[schemars(with = "DefaultAlerts")]
    Default,
    /// Own rules.
    Rules(#[schemars(length(max = 64))] Vec<RuleDocument>),
}

/// The word for the rules that are good for most.
#[derive(Debug, JsonSchema)]
#[schemars(rename_all = "snake_case")]
pub enum DefaultAlerts {
    /// Those of the documentation.
    Default,
}

/// What is done about alerts that have actions.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Remediation")]
pub struct RemediationSchema {
    /// Decide and log, but change nothing. `false` if absent.
    pub dry_run: Option<bool>,
    /// How a variant is rolled back, and how it comes back.
    pub rollback: Option<RollbackSchema>,
    /// How a model's circuit opens and closes.
    pub circuit: Option<CircuitSchema>,
    /// How often a new model may be asked for.
    pub retrain: Option<RetrainSchema>,
}

/// How a variant is rolled back, and how it comes back.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "RollbackPolicy")]
pub struct RollbackSchema {
    /// How long the alert must have been quiet before the variant comes back, in seconds. If absent, it
    /// stays away.
    #[schemars(range(min = 0, max = 31_622_400))]
    pub ramp_after_seconds: Option<f64>,
    /// The shares of its traffic that it gets back, one after the other, ascending. 1, 5, 10, 25 and 50
    /// per cent if absent.
    #[schemars(length(min = 1, max = 32), inner(range(min = 0.0001, max = 0.9999)))]
    pub ramp: Option<Vec<f64>>,
    /// How long each share is held, in seconds. 900 if absent.
    #[schemars(range(min = 1, max = 31_622_400))]
    pub hold_seconds: Option<f64>,
    /// How often it may come back. 2 if absent.
    #[schemars(range(max = 1000))]
    pub attempts: Option<u32>,
}

/// How a model's circuit opens and closes.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "CircuitPolicy")]
pub struct CircuitSchema {
    /// How long it stays open before the first probe, in seconds; doubled each time that the probes fail.
    /// 30 if absent.
    #[schemars(range(min = 1, max = 31_622_400))]
    pub open_seconds: Option<f64>,
    /// It stays open no longer, in seconds. 300 if absent.
    #[schemars(range(min = 1, max = 31_622_400))]
    pub max_open_seconds: Option<f64>,
    /// The share of requests that are probes while it is half open. 0.05 if absent.
    #[schemars(range(min = 0.0001, max = 1))]
    pub probe_share: Option<f64>,
    /// Probes after which it is decided. 20 if absent.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub probes: Option<u64>,
    /// The share of probes that may fail. 0.1 if absent.
    #[schemars(range(min = 0, max = 0.9999))]
    pub max_failure_share: Option<f64>,
    /// How long it waits for the probes, in seconds. 60 if absent.
    #[schemars(range(min = 1, max = 31_622_400))]
    pub max_probe_seconds: Option<f64>,
}

/// How often a new model may be asked for.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "RetrainPolicy")]
pub struct RetrainSchema {
    /// How long after a request none is made, in seconds. Six hours if absent.
    #[schemars(range(min = 1, max = 31_622_400))]
    pub cool_down_seconds: Option<f64>,
    /// Requests in a budget's time. 3 if absent.
    #[schemars(range(max = 1000))]
    pub attempts: Option<u32>,
    /// The budget's time, in seconds. A week if absent.
    #[schemars(range(min = 1, max = 31_622_400))]
    pub budget_seconds: Option<f64>,
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
