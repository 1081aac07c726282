//! One whole message, by its protocol.

mod anthropic;
mod custom;
mod generation;
mod hugging_face;
mod kserve_v1;
mod mlflow;
mod open_inference;
mod open_inference_grpc;
mod openai;
pub(crate) mod path;
mod sagemaker;
pub(crate) mod seldon;
mod tensorflow_serving_grpc;
mod torchserve;

pub(crate) use sagemaker::split_line;
use tidegate_core::event::UnreadReason;

use crate::body::Body;
use crate::facts::{Limits, Naming, RequestFacts, ResponseFacts};
use crate::protocol::Protocol;

pub(crate) fn read_request(
    protocol: Protocol,
    body: &Body<'_>,
    naming: &Naming<'_>,
    limits: &Limits,
) -> Result<RequestFacts, UnreadReason> {
    let mut facts = match protocol {
        Protocol::OpenInference => open_inference::read_request(body, naming, limits),
        Protocol::KserveV1 => kserve_v1::read_request(body, naming, limits),
        Protocol::Mlflow => mlflow::read_request(body, naming, limits),
        Protocol::Sagemaker => sagemaker::read_request(body, naming, limits),
        Protocol::Seldon => seldon::read_request(body.bytes, naming, limits),
        Protocol::Torchserve if is_open_inference(body) => {
            open_inference::read_request(body, naming, limits)
        }
        Protocol::Torchserve => torchserve::read_request(body.bytes, naming, limits),
        Protocol::Openai => openai::read_request(body.bytes, limits),
        Protocol::Anthropic => anthropic::read_request(body.bytes, limits),
        Protocol::HuggingFace => hugging_face::read_request(body, limits),
        Protocol::OpenInferenceGrpc => {
            open_inference_grpc::read_request(body.bytes, naming, limits)
        }
        Protocol::TensorflowServingGrpc => {
            tensorflow_serving_grpc::read_request(body, naming, limits)
        }
        Protocol::Custom => custom::read_request(body.bytes, naming, limits),
    }?;
    facts.request_id = facts.request_id.or_else(|| body.id(limits));
    Ok(facts)
}

pub(crate) fn read_response(
    protocol: Protocol,
    body: &Body<'_>,
    naming: &Naming<'_>,
    limits: &Limits,
) -> Result<ResponseFacts, UnreadReason> {
    let mut facts = match protocol {
        Protocol::OpenInference => open_inference::read_response(body, naming, limits),
        Protocol::KserveV1 => kserve_v1::read_response(body, naming, limits),
        Protocol::Mlflow => mlflow::read_response(body.bytes, naming, limits),
        Protocol::Sagemaker => sagemaker::read_response(body, naming, limits),
        Protocol::Seldon => seldon::read_response(body.bytes, naming, limits),
        Protocol::Torchserve if is_open_inference(body) => {
            open_inference::read_response(body, naming, limits)
        }
        Protocol::Torchserve => torchserve::read_response(body.bytes, naming, limits),
        Protocol::Openai => openai::read_response(body.bytes, limits),
        Protocol::Anthropic => anthropic::read_response(body.bytes, limits),
        Protocol::HuggingFace => hugging_face::read_response(body, naming, limits),
        Protocol::OpenInferenceGrpc => open_inference_grpc::read_response(body, naming, limits),
        Protocol::TensorflowServingGrpc => {
            tensorflow_serving_grpc::read_response(body, naming, limits)
        }
        Protocol::Custom => custom::read_response(body.bytes, naming, limits),
    }?;
    facts.response_id = facts.response_id.or_else(|| body.id(limits));
    Ok(facts)
}

/// Whether the path is one of the Open Inference Protocol's, which TorchServe also speaks.
fn is_open_inference(body: &Body<'_>) -> bool {
    path::open_inference(b"POST", body.path.unwrap_or_default()).is_some()
}
