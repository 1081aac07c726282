//! What requests get while a circuit is open.

use std::collections::BTreeMap;

use schemars::JsonSchema;

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
