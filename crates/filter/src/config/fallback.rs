//! `models[].fallback` of the config: what requests get while the circuit of their model is open.

use super::field::Field;

pub(super) const FALLBACK_FIELDS: &[&str] = &["cluster", "reply"];
pub(super) const REPLY_FIELDS: &[&str] = &["status", "body", "headers"];

const MAX_BODY_BYTES: usize = 64 << 10;
const MAX_HEADERS: usize = 16;
/// What the gateway says of an answer itself.
const OWN_HEADERS: [&str; 4] = ["content-length", "transfer-encoding", "connection", "grpc-status"];

/// What requests get while the circuit of their model is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fallback {
    /// Another cluster, by a route that goes by `x-tidegate-fallback`.
    Cluster(String),
    /// This answer.
    Reply(FallbackReply),
}

/// An answer in place of a model's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FallbackReply {
    /// HTTP status. A call of gRPC gets the status that stands for it there.
    pub status: u32,
    /// Body.
    pub body: String,
    /// Headers.
    pub headers: Vec<(String, String)>,
}

pub(super) fn read_fallback(field: &Field) -> Option<Fallback> {
    let object = field.object(FALLBACK_FIELDS)?;
    let (kind, field) = object.one_of(FALLBACK_FIELDS)?;
    if kind == "reply" {
        return read_reply(&field).map(Fallback::Reply);
    }
    let cluster = field.name(256)?;
    if !cluster.bytes().all(|byte| byte.is_ascii_graphic()) {
        field.problem("expected the name of a cluster, without spaces: it goes into a header");
        return None;
    }
    Some(Fallback::Cluster(cluster))
}

fn read_reply(field: &Field) -> Option<FallbackReply> {
    let object = field.object(REPLY_FIELDS)?;
    let status = object.optional("status").map_or(Some(503), |field| field.whole_u32(200..=599));
    let body = object.optional("body").map_or(Some(""), |field| field.text());
    if body.is_some_and(|body| body.len() > MAX_BODY_BYTES) {
        field.problem(format!("expected a `body` of at most {MAX_BODY_BYTES} bytes"));
    }
    let headers = object.optional("headers").map_or_else(Vec::new, |field| {
        field.members(MAX_HEADERS).iter().filter_map(read_header).collect()
    });
    Some(FallbackReply { status: status?, body: body?.into(), headers })
}

fn read_header((name, field): &(String, Field)) -> Option<(String, String)> {
    let name = name.to_ascii_lowercase();
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    if name.is_empty() || !name.bytes().all(is_token) || OWN_HEADERS.contains(&name.as_str()) {
        field.problem("expected the name of a header that the gateway does not write itself");
        return None;
    }
    let value = field.name(4096)?;
    if !value.is_ascii() {
        field.problem("expected ASCII");
    }
    Some((name, value))
}
