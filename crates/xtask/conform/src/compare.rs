//! What a case must say, held against what its exchange says.

use std::fs;
use std::path::Path;

use serde_json::Value;
use tidegate_protocol::Protocol;

use crate::Difference;
use crate::case::Case;
use crate::exchange::{self, Message};
use crate::fields;

impl Case {
    /// What differs, reading bodies below `folder`.
    #[must_use]
    pub fn differences(&self, folder: &Path) -> Vec<Difference> {
        let difference = |field: &str, wanted: &str, got: String| Difference {
            id: self.id.clone(),
            field: field.to_owned(),
            wanted: wanted.to_owned(),
            got,
        };
        let Some(protocol) = protocol(&self.protocol, &self.path) else {
            return vec![difference("protocol", &self.protocol, "no such protocol".to_owned())];
        };
        let read = |file: &Option<String>, headers| {
            let Some(file) = file else { return Ok(None) };
            let path = folder.join(file);
            let bytes =
                fs::read(&path).map_err(|error| difference("body", file, error.to_string()))?;
            Ok(Some(Message::new(file, bytes, headers, protocol)))
        };
        let (request, response) = match (
            read(&self.request, &self.request_headers),
            read(&self.response, &self.response_headers),
        ) {
            (Ok(request), Ok(response)) => (request, response),
            (Err(problem), _) | (_, Err(problem)) => return vec![problem],
        };
        let facts = match exchange::read(self, protocol, request.as_ref(), response.as_ref()) {
            Ok(facts) => facts,
            Err(exchange::SplitMatters { side, at }) => {
                let got = format!("other facts of the {side} at byte {at}");
                return vec![difference("splits", "the same facts", got)];
            }
        };
        let differs = |(field, wanted): (&String, &Value)| {
            let got = fields::value(field, &facts);
            let is_as_wanted = match &got {
                Some(got) => fields::is_same(wanted, got),
                None => false,
            };
            let shown = got.map_or_else(|| "no such field".to_owned(), |got| got.to_string());
            (!is_as_wanted).then(|| difference(field, &wanted.to_string(), shown))
        };
        self.expect.iter().filter_map(differs).collect()
    }
}

/// The protocol that a config would name for one of the corpus.
fn protocol(name: &str, path: &str) -> Option<Protocol> {
    let of_path = || {
        [Protocol::Anthropic, Protocol::Openai]
            .into_iter()
            .find(|protocol| protocol.target(b"POST", path.as_bytes()).is_some())
    };
    Some(match name {
        "kserve-v1" | "tfserving-rest" => Protocol::KserveV1,
        "oip-grpc" => Protocol::OpenInferenceGrpc,
        "tfserving-grpc" => Protocol::TensorflowServingGrpc,
        "seldon-v1" => Protocol::Seldon,
        "oip-rest" => Protocol::OpenInference,
        "openai-chat" | "openai-completions" | "openai-embeddings" | "openai-responses"
        | "openai-rerank" | "nim" => Protocol::Openai,
        "anthropic-messages" => Protocol::Anthropic,
        "tgi" | "tei" => Protocol::HuggingFace,
        "sse-edge" => of_path().unwrap_or(Protocol::Openai),
        // No convention of their own: a config says by pointers where things are.
        "bentoml" | "ray-serve" | "feedback" => Protocol::Custom,
        other => return Protocol::from_name(other),
    })
}
