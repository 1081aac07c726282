//! The wire formats by name, and what each is known by.

use serde::{Deserialize, Serialize};

/// The type of server-sent events.
pub(crate) const EVENT_STREAM: &str = "text/event-stream";

/// The type of gRPC's messages.
pub(crate) const GRPC: &str = "application/grpc";

/// The type of comma-separated values.
pub(crate) const CSV: &str = "text/csv";

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
            Self::OpenInference
            | Self::Openai
            | Self::Anthropic
            | Self::HuggingFace
            | Self::Mlflow => true,
            Self::KserveV1
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
            EVENT_STREAM => self.streams(),
            GRPC => self.is_grpc(),
            CSV => matches!(self, Self::Mlflow | Self::Sagemaker),
            _ => false,
        }
    }
}
