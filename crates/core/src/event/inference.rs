use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize};

use super::{Columns, ErrorKind, is_measure};

/// One value of one feature in one row.
///
/// In JSON `true` and `false` are categories, and `"NaN"` and `"Infinity"` are missing, as they are where
/// they stand without quotes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Value {
    /// Missing: JSON `null`, a NaN, an empty cell.
    Missing,
    /// A finite number.
    Number(f64),
    /// A category.
    Category(String),
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Scalar;

        impl Visitor<'_> for Scalar {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, text, true, false or null")
            }

            fn visit_unit<E: Error>(self) -> Result<Value, E> {
                Ok(Value::Missing)
            }

            fn visit_bool<E: Error>(self, value: bool) -> Result<Value, E> {
                Ok(Value::Category(value.to_string()))
            }

            fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
                Ok(Value::Number(value))
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Value, E> {
                Ok(Value::Number(value as f64))
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Value, E> {
                Ok(Value::Number(value as f64))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Value, E> {
                Ok(match text {
                    "NaN" | "Infinity" | "-Infinity" => Value::Missing,
                    _ => Value::Category(text.into()),
                })
            }
        }

        deserializer.deserialize_any(Scalar)
    }
}

/// A named column of the rows of one request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FeatureColumn {
    /// Name on the wire, from the config, or `f0`, `f1`, ... where neither gives one.
    pub name: String,
    /// One value a row.
    pub values: Vec<Value>,
}

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Status {
    /// 2xx or 3xx and no error in the body.
    Success,
    /// 4xx.
    ClientError,
    /// 5xx, an error in a 200 body, or no answer from the model.
    ServerError,
    /// The client left before the answer was complete.
    Aborted,
}

impl Status {
    /// The name on the wire and in labels.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::ClientError => "client_error",
            Self::ServerError => "server_error",
            Self::Aborted => "aborted",
        }
    }
}

/// A stage of a request's latency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Stage {
    /// From the first byte of the request to the last of the response, at the gateway.
    Total,
    /// From the request's hand-over to the upstream until its response was complete.
    Upstream,
    /// `Server-Timing: preprocessing`.
    Preprocessing,
    /// `Server-Timing: inference`.
    Inference,
    /// `Server-Timing: postprocessing`.
    Postprocessing,
    /// At the gateway itself: the total without the upstream.
    Gateway,
}

impl Stage {
    /// Stages.
    pub const COUNT: usize = 6;

    /// The name on the wire and in labels.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Total => "total",
            Self::Upstream => "upstream",
            Self::Preprocessing => "preprocessing",
            Self::Inference => "inference",
            Self::Postprocessing => "postprocessing",
            Self::Gateway => "gateway",
        }
    }
}

/// Seconds spent in a stage.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct StageLatency {
    /// Which stage.
    pub stage: Stage,
    /// How long, in seconds, `≥ 0`.
    pub seconds: f64,
}

/// The variant of an experiment that a request was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Assignment {
    /// Experiment name.
    pub experiment: String,
    /// Variant name.
    pub variant: String,
    /// Hash of the unit, by [`crate::experiment::unit_hash`], where it is known.
    #[serde(default)]
    pub unit: Option<u64>,
}

/// One inference request, as it was seen when it ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Inference {
    /// What a late label finds the request's predictions by; `None` where nobody will.
    pub prediction_id: Option<String>,
    /// Model name, or `unknown`.
    pub model_name: String,
    /// Model version, or `unknown`.
    pub model_version: String,
    /// How it ended.
    pub status: Status,
    /// Why it failed, where that is known.
    #[serde(default)]
    pub error: Option<ErrorKind>,
    /// Rows in the request; `None` where the wire does not say.
    pub batch_size: Option<u64>,
    /// Latency by stage; a stage that was not measured is not in the list.
    pub latency: Vec<StageLatency>,
    /// Feature columns of the request.
    pub features: Vec<FeatureColumn>,
    /// Predicted class or number of each row.
    pub predictions: Vec<Value>,
    /// Confidence of each row's prediction, in `[0, 1]`; empty where the wire does not say.
    pub confidences: Vec<f64>,
    /// Variants given to the request.
    pub assignments: Vec<Assignment>,
    /// Why a part of the request or response could not be read.
    pub unread: Vec<Unread>,
    /// What a model that generates text said of its work.
    #[serde(default)]
    pub generation: Option<Generation>,
}

/// What is known of one generated answer. What the wire does not say is `None`, never 0.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Generation {
    /// Tokens of the input, those of a cache among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_tokens: Option<u64>,
    /// Tokens of the output, those of reasoning among them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub output_tokens: Option<u64>,
    /// Input tokens that were read from a cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cached_tokens: Option<u64>,
    /// Input tokens that were written to a cache.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_creation_tokens: Option<u64>,
    /// Output tokens of reasoning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning_tokens: Option<u64>,
    /// Why each choice ended, by the choice's index.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub finish_reasons: Vec<String>,
    /// Events of the stream; `None` for an answer that came whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chunks: Option<u64>,
    /// From the request's first byte to the first chunk of its answer, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_chunk_seconds: Option<f64>,
    /// From the first chunk to the last, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chunks_seconds: Option<f64>,
}

impl Generation {
    pub(super) fn is_measured(&self) -> bool {
        let seconds = [self.first_chunk_seconds, self.chunks_seconds];
        seconds.into_iter().flatten().all(is_measure)
    }
}

/// An [`Inference`], borrowed from wherever its parts are: what monitors count.
#[derive(Debug, Clone, Copy)]
pub struct InferenceRef<'a> {
    /// What a late label finds the request's predictions by.
    pub prediction_id: Option<&'a str>,
    /// Model name.
    pub model_name: &'a str,
    /// Model version.
    pub model_version: &'a str,
    /// How it ended.
    pub status: Status,
    /// Why it failed, where that is known.
    pub error: Option<ErrorKind>,
    /// Rows in the request.
    pub batch_size: Option<u64>,
    /// Latency by stage.
    pub latency: &'a [StageLatency],
    /// Feature columns of the request.
    pub features: Columns<'a>,
    /// Predicted class or number of each row.
    pub predictions: &'a [Value],
    /// Confidence of each row's prediction.
    pub confidences: &'a [f64],
    /// Variants given to the request.
    pub assignments: &'a [Assignment],
    /// Why a part of the request or response could not be read.
    pub unread: &'a [Unread],
    /// What a model that generates text said of its work.
    pub generation: Option<&'a Generation>,
}

impl InferenceRef<'_> {
    /// Why it failed, `unspecified` where that is not known; `None` of a success.
    #[must_use]
    pub fn error_kind(&self) -> Option<ErrorKind> {
        ErrorKind::of_status(self.status).map(|kind| self.error.unwrap_or(kind))
    }

    /// Seconds spent in `stage`, if it was measured.
    #[must_use]
    pub fn stage_seconds(&self, stage: Stage) -> Option<f64> {
        self.latency.iter().find(|latency| latency.stage == stage).map(|latency| latency.seconds)
    }
}

impl Inference {
    /// Its parts, borrowed.
    #[must_use]
    pub fn borrowed(&self) -> InferenceRef<'_> {
        InferenceRef {
            prediction_id: self.prediction_id.as_deref(),
            model_name: &self.model_name,
            model_version: &self.model_version,
            status: self.status,
            error: self.error,
            batch_size: self.batch_size,
            latency: &self.latency,
            features: Columns::Features(&self.features),
            predictions: &self.predictions,
            confidences: &self.confidences,
            assignments: &self.assignments,
            unread: &self.unread,
            generation: self.generation.as_ref(),
        }
    }

    /// Seconds spent in `stage`, if it was measured.
    #[must_use]
    pub fn stage_seconds(&self, stage: Stage) -> Option<f64> {
        self.latency.iter().find(|latency| latency.stage == stage).map(|latency| latency.seconds)
    }

    /// Values of all rows: of features, predictions and confidences.
    #[must_use]
    pub fn values(&self) -> usize {
        let features = self.features.iter().map(|column| column.values.len());
        features.sum::<usize>() + self.predictions.len() + self.confidences.len()
    }
}

/// The side of an exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Side {
    /// The request.
    Request,
    /// The response.
    Response,
}

impl Side {
    /// The name on the wire and in labels.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
        }
    }
}

/// Why a body could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum UnreadReason {
    /// The body was larger than `max_body_bytes`.
    OverCap,
    /// The stream ended before the body did.
    Truncated,
    /// Not the JSON that its protocol asks for.
    Malformed,
    /// JSON nested deeper than the reader follows.
    TooDeep,
    /// A `content-encoding` that is not read.
    Compressed,
    /// A content type that the protocol does not speak.
    ContentType,
    /// JSON, but not a message of the protocol.
    NotProtocol,
    /// A header that is needed is not text.
    HeaderNotText,
}

impl UnreadReason {
    /// The name on the wire and in labels.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OverCap => "over_cap",
            Self::Truncated => "truncated",
            Self::Malformed => "malformed",
            Self::TooDeep => "too_deep",
            Self::Compressed => "compressed",
            Self::ContentType => "content_type",
            Self::NotProtocol => "not_protocol",
            Self::HeaderNotText => "header_not_text",
        }
    }
}

/// A body that was not read, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Unread {
    /// Whose body.
    pub side: Side,
    /// Why.
    pub reason: UnreadReason,
}
