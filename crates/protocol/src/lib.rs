//! Inference wire formats: bytes in, facts out.
//!
//! A [`Protocol`] finds the model in a path, and the batch, features, predictions, confidences, tokens and
//! errors in bodies. A body is read whole ([`Protocol::read_request`]) or as it passes ([`BodyReader`]): any
//! split of it gives the same facts. It is tolerant where servers are (bare `NaN`, wrong content types, shapes
//! that lie), and silent where the wire is: what is not said is `None`, never a guess.
//!
//! # Invariants
//! * No input panics, recurses, or takes more than linear time.
//! * Memory is bounded by [`Limits`] and by a small multiple of the body, also of a compressed one.
//! * A message that cannot be read is an [`UnreadReason`], never a partial answer. A stream is as many
//!   messages as it has: those that can be read are, and the facts say why others were not.
#![cfg_attr(not(test), no_std)]
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::string_slice)
)]
extern crate alloc;

mod answers;
mod anthropic;
mod body;
mod csv;
mod custom;
mod encoding;
mod error;
mod facts;
mod features;
mod feedback;
mod frames;
mod generation;
mod hugging_face;
pub mod json;
mod kserve_v1;
mod labelled;
mod merge;
mod message;
mod mlflow;
mod open_inference;
mod open_inference_grpc;
mod openai;
mod outputs;
mod path;
mod predictions;
mod protobuf;
mod ranking;
mod read;
mod records;
mod rows;
mod sagemaker;
mod score_table;
mod seldon;
mod sse;
mod tensor;
mod tensorflow_serving_grpc;
mod torchserve;
mod value;

use serde::{Deserialize, Serialize};

pub use body::{Body, BodyHeaders};
pub use custom::{Pointer, Pointers};
pub use encoding::decompressed;
pub use facts::{
    ClassScores, ErrorFacts, Limits, Naming, RequestFacts, ResponseFacts, StreamFacts, batch_size,
    model_name, model_version,
};
pub use feedback::FeedbackFacts;
pub use generation::GenerationFacts;
pub use path::Target;
pub use read::{BodyReader, Facts, RequestReader, ResponseReader};
pub use tidegate_core::event::{FeatureColumn, UnreadReason, Value};

/// A wire format for inference over HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Protocol {
    /// Open Inference Protocol over REST (KServe v2, Triton, MLServer), with binary tensor data.
    OpenInference,
    /// KServe v1 and TensorFlow Serving REST.
    KserveV1,
    /// MLflow's scoring server.
    Mlflow,
    /// Amazon SageMaker's built-in containers.
    Sagemaker,
    /// Seldon Core's own protocol.
    Seldon,
    /// TorchServe.
    Torchserve,
    /// OpenAI's chat completions, completions, embeddings and responses, as many servers speak it.
    Openai,
    /// Anthropic's messages.
    Anthropic,
    /// Text generation inference and text embeddings inference.
    HuggingFace,
    /// Open Inference Protocol over gRPC.
    OpenInferenceGrpc,
    /// TensorFlow Serving over gRPC.
    TensorflowServingGrpc,
    /// JSON of another form, read by pointers.
    Custom,
}

impl Protocol {
    /// Every protocol.
    pub const ALL: [Self; 12] = [
        Self::OpenInference,
        Self::KserveV1,
        Self::Mlflow,
        Self::Sagemaker,
        Self::Seldon,
        Self::Torchserve,
        Self::Openai,
        Self::Anthropic,
        Self::HuggingFace,
        Self::OpenInferenceGrpc,
        Self::TensorflowServingGrpc,
        Self::Custom,
    ];

    /// The name in a config.
    pub const fn name(self) -> &'static str {
        match self {
            Self::OpenInference => "open_inference",
            Self::KserveV1 => "kserve_v1",
            Self::Mlflow => "mlflow",
            Self::Sagemaker => "sagemaker",
            Self::Seldon => "seldon",
            Self::Torchserve => "torchserve",
            Self::Openai => "openai",
            Self::Anthropic => "anthropic",
            Self::HuggingFace => "hugging_face",
            Self::OpenInferenceGrpc => "open_inference_grpc",
            Self::TensorflowServingGrpc => "tensorflow_serving_grpc",
            Self::Custom => "custom",
        }
    }

    /// The protocol of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|protocol| protocol.name() == name)
    }

    /// Whether its paths are its own, so that it can be found by them.
    pub const fn has_own_paths(self) -> bool {
        match self {
            Self::OpenInference
            | Self::KserveV1
            | Self::Seldon
            | Self::Openai
            | Self::Anthropic
            | Self::OpenInferenceGrpc
            | Self::TensorflowServingGrpc => true,
            // `/invocations` is three servers', `/predictions` and `/predict` are anyone's.
            Self::Mlflow
            | Self::Sagemaker
            | Self::Torchserve
            | Self::HuggingFace
            | Self::Custom => false,
        }
    }

    /// Whether its messages come in gRPC's frames.
    pub const fn is_grpc(self) -> bool {
        matches!(self, Self::OpenInferenceGrpc | Self::TensorflowServingGrpc)
    }

    /// Whether an answer may be server-sent events.
    pub const fn streams(self) -> bool {
        match self {
            Self::OpenInference | Self::Openai | Self::Anthropic | Self::HuggingFace => true,
            Self::KserveV1
            | Self::Mlflow
            | Self::Sagemaker
            | Self::Seldon
            | Self::Torchserve
            | Self::OpenInferenceGrpc
            | Self::TensorflowServingGrpc
            | Self::Custom => false,
        }
    }

    /// Whether it is sent with that content type, which no other is.
    pub(crate) fn speaks(self, content_type: &str) -> bool {
        match content_type {
            body::EVENT_STREAM => self.streams(),
            body::GRPC => self.is_grpc(),
            body::CSV => matches!(self, Self::Mlflow | Self::Sagemaker),
            _ => false,
        }
    }

    /// The model that a request asks; `None` when it is not an inference (metadata, health, ...).
    ///
    /// The query string is ignored, escapes are decoded, and the protocol's path may stand below a
    /// prefix. Any bytes are taken.
    pub fn target(&self, method: &[u8], path: &[u8]) -> Option<Target> {
        match self {
            Self::OpenInference => path::open_inference(method, path),
            Self::KserveV1 => path::kserve_v1(method, path),
            Self::Openai => path::ends_with(method, path, path::OPENAI),
            Self::Anthropic => path::ends_with(method, path, path::ANTHROPIC),
            Self::HuggingFace => path::hugging_face(method, path),
            Self::Mlflow | Self::Sagemaker => path::invocations(method, path),
            Self::Seldon => path::ends_with(method, path, path::SELDON),
            Self::Torchserve => path::torchserve(method, path),
            Self::OpenInferenceGrpc => path::ends_with(method, path, path::OPEN_INFERENCE_GRPC),
            Self::TensorflowServingGrpc => {
                path::ends_with(method, path, path::TENSORFLOW_SERVING_GRPC)
            }
            Self::Custom => (method == b"POST").then(Target::default),
        }
    }

    /// Whether a request tells what became of predictions, for [`FeedbackFacts::read`]. It is no inference.
    pub fn takes_feedback(&self, method: &[u8], path: &[u8]) -> bool {
        *self == Self::Seldon && path::ends_with(method, path, path::SELDON_FEEDBACK).is_some()
    }

    /// Reads the whole body of an inference request.
    ///
    /// # Errors
    /// Why the body could not be read; nothing of it is used then.
    pub fn read_request(
        &self,
        body: &Body<'_>,
        naming: &Naming<'_>,
        limits: &Limits,
    ) -> Result<RequestFacts, UnreadReason> {
        read::read_whole(*self, body, naming, limits)
    }

    /// Reads the whole body of an inference response.
    ///
    /// # Errors
    /// Why the body could not be read; nothing of it is used then.
    pub fn read_response(
        &self,
        body: &Body<'_>,
        naming: &Naming<'_>,
        limits: &Limits,
    ) -> Result<ResponseFacts, UnreadReason> {
        read::read_whole(*self, body, naming, limits)
    }
}
