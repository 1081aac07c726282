//! What is observed, and how its bodies are read.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use tidegate_protocol::Protocol;

use super::fallback::FallbackSchema;
use super::reference::{ImportancesSourceSchema, LabelledSourceSchema, ReferenceSchema};

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
