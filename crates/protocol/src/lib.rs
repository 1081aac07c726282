//! Inference wire formats: bytes in, facts out.
//!
//! A [`Protocol`] finds the model in a path, and the batch, features, predictions and confidences in
//! bodies. It is tolerant where servers are (bare `NaN`, wrong content types, shapes that lie), and
//! silent where the wire is: what is not said is `None`, never a guess.
//!
//! # Invariants
//! * No input panics, recurses, or takes more than linear time.
//! * Memory is bounded by [`Limits`] and by a small multiple of the body.
//! * A body that cannot be read is an [`UnreadReason`], never a partial answer.
#![cfg_attr(not(test), no_std)]
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::string_slice)
)]
extern crate alloc;

mod body;
mod facts;
mod features;
pub mod json;
mod kserve_v1;
mod labelled;
mod open_inference;
mod outputs;
mod path;
mod predictions;
mod ranking;
mod records;
mod tensor;
mod value;

use serde::{Deserialize, Serialize};

pub use body::Body;
pub use facts::{Limits, Naming, RequestFacts, ResponseFacts};
pub use path::Target;
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
}

impl Protocol {
    /// The model that a request asks; `None` when it is not an inference (metadata, health, ...).
    ///
    /// The query string is ignored, escapes are decoded, and the protocol's path may stand below a
    /// prefix. Any bytes are taken.
    pub fn target(&self, method: &[u8], path: &[u8]) -> Option<Target> {
        match self {
            Self::OpenInference => path::open_inference(method, path),
            Self::KserveV1 => path::kserve_v1(method, path),
        }
    }

    /// Reads the body of an inference request.
    ///
    /// # Errors
    /// Why the body could not be read; nothing of it is used then.
    pub fn read_request(
        &self,
        body: &Body<'_>,
        naming: &Naming<'_>,
        limits: &Limits,
    ) -> Result<RequestFacts, UnreadReason> {
        body.check_whole()?;
        match self {
            Self::OpenInference => open_inference::read_request(body, naming, limits),
            Self::KserveV1 => kserve_v1::read_request(body, naming, limits),
        }
    }

    /// Reads the body of an inference response.
    ///
    /// # Errors
    /// Why the body could not be read; nothing of it is used then.
    pub fn read_response(
        &self,
        body: &Body<'_>,
        naming: &Naming<'_>,
        limits: &Limits,
    ) -> Result<ResponseFacts, UnreadReason> {
        body.check_whole()?;
        match self {
            Self::OpenInference => open_inference::read_response(body, naming, limits),
            Self::KserveV1 => kserve_v1::read_response(body, naming, limits),
        }
    }
}
