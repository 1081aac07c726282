//! One case: an exchange, and what it must say.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

/// A case of `cases.jsonl`.
#[derive(Debug, Clone, Deserialize)]
pub struct Case {
    /// Its name.
    pub id: String,
    /// The protocol's name in the corpus.
    pub protocol: String,
    /// HTTP method.
    #[serde(default = "post")]
    pub method: String,
    /// Path, with its query string.
    #[serde(default)]
    pub path: String,
    /// Headers of the request that matter, in any case.
    #[serde(default)]
    pub request_headers: BTreeMap<String, String>,
    /// Headers of the response that matter.
    #[serde(default)]
    pub response_headers: BTreeMap<String, String>,
    /// The file with the request's body.
    pub request: Option<String>,
    /// The file with the response's body.
    pub response: Option<String>,
    /// HTTP status.
    #[serde(default)]
    pub status: Option<u16>,
    /// Facts by their names in the corpus. `null`: must be unknown.
    pub expect: Map<String, Value>,
}

fn post() -> String {
    "POST".to_owned()
}

impl Case {
    /// It is a record of feedback, and no traffic of a protocol.
    pub(crate) fn is_feedback(&self) -> bool {
        self.protocol == "feedback"
    }
}
