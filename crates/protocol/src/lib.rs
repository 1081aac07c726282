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

mod body;
mod error;
mod facts;
mod features;
mod feedback;
mod formats;
mod predictions;
mod protocol;
mod reader;
mod tensor;
mod value;
mod wire;

pub use body::{Body, BodyHeaders};
pub use facts::{
    ClassScores, ErrorFacts, GenerationFacts, Limits, Naming, Pointer, Pointers, RequestFacts,
    ResponseFacts, StreamFacts, Target, batch_size, model_name, model_version,
};
pub use feedback::FeedbackFacts;
pub use protocol::Protocol;
pub use reader::{BodyReader, Facts, RequestReader, ResponseReader};
pub use tidegate_core::event::{FeatureColumn, UnreadReason, Value};
pub use wire::encoding::decompressed;
pub use wire::json;

use formats::path;

impl Protocol {
    /// Corrects what a response says by what was asked, where it alone can be read in two ways.
    pub fn settle(self, request: Option<&RequestFacts>, response: &mut ResponseFacts) {
        if let (Self::Sagemaker, Some(rows)) = (self, request.and_then(|asked| asked.batch_size)) {
            formats::split_line(rows, response);
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
        reader::read_whole(*self, body, naming, limits)
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
        reader::read_whole(*self, body, naming, limits)
    }
}
