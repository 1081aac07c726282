//! What is answered, in the form that all answers have.

use serde::Serialize;

use crate::host::Reply;

pub(crate) const TEXT: &str = "text/plain; charset=utf-8";
pub(crate) const JSON: &str = "application/json";

/// What every answer says, whatever it is about.
#[derive(Debug)]
pub(crate) struct Courtesy {
    /// The caller's origin, when it may call.
    pub(super) origin: Option<String>,
}

impl Courtesy {
    pub(crate) fn with(&self, mut reply: Reply) -> Reply {
        reply.headers.push(("cache-control", "no-store".into()));
        reply.headers.push(("vary", "origin".into()));
        if let Some(origin) = &self.origin {
            reply.headers.push(("access-control-allow-origin", origin.clone()));
        }
        reply
    }
}

pub(crate) fn not_yet() -> Reply {
    let mut reply = text(503, "Nothing has been published yet; it takes a second after the start.");
    reply.headers.push(("retry-after", "1".into()));
    reply
}

pub(crate) fn json(status: u32, value: &impl Serialize) -> Reply {
    reply(status, JSON, serde_json::to_vec(value).unwrap_or_default())
}

pub(crate) fn text(status: u32, sentence: &str) -> Reply {
    reply(status, TEXT, format!("{sentence}\n").into_bytes())
}

pub(crate) fn reply(status: u32, content_type: &str, body: Vec<u8>) -> Reply {
    let headers = vec![("content-type", content_type.into())];
    Reply { status, headers, further_headers: Vec::new(), body }
}
