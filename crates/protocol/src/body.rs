//! A captured body with the headers that say how to read it.

use alloc::string::String;
use alloc::vec::Vec;

use tidegate_core::event::UnreadReason;

use crate::facts::Limits;
use crate::protocol::{CSV, EVENT_STREAM, GRPC, Protocol};
use crate::wire::encoding::Encoding;
use crate::wire::json::lossy;

/// A whole body, and the headers that matter for reading it, as raw bytes: headers need not be text.
#[derive(Debug, Clone, Copy, Default)]
pub struct Body<'a> {
    /// The body.
    pub bytes: &'a [u8],
    /// `:path` of the request, also for a response: some protocols say there what a body is.
    pub path: Option<&'a [u8]>,
    /// `content-type`. Its absence is no hindrance.
    pub content_type: Option<&'a [u8]>,
    /// `content-encoding`.
    pub content_encoding: Option<&'a [u8]>,
    /// `grpc-encoding`, of gRPC's messages.
    pub grpc_encoding: Option<&'a [u8]>,
    /// The id that a header gives to the body.
    pub id: Option<&'a [u8]>,
    /// `inference-header-content-length`, of the binary tensor data extension.
    pub inference_header_content_length: Option<&'a [u8]>,
    /// `x-prompt-tokens`, of a text that was generated.
    pub prompt_tokens: Option<u64>,
    /// `x-generated-tokens`.
    pub generated_tokens: Option<u64>,
}

/// The headers of a [`Body`] that is still to come.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BodyHeaders {
    /// `:path` of the request.
    pub path: Option<Vec<u8>>,
    /// `content-type`.
    pub content_type: Option<Vec<u8>>,
    /// `content-encoding`.
    pub content_encoding: Option<Vec<u8>>,
    /// `grpc-encoding`.
    pub grpc_encoding: Option<Vec<u8>>,
    /// The id that a header gives to the body: `ce-id` of the CloudEvent that it is the data of, Seldon's
    /// `seldon-puid`, or SageMaker's `x-amzn-sagemaker-inference-id`.
    pub id: Option<Vec<u8>>,
    /// `inference-header-content-length`.
    pub inference_header_content_length: Option<Vec<u8>>,
    /// `x-prompt-tokens`, of a text that was generated.
    pub prompt_tokens: Option<u64>,
    /// `x-generated-tokens`.
    pub generated_tokens: Option<u64>,
}

impl BodyHeaders {
    /// The headers that matter of those that `get` knows by name, and the request's path.
    pub fn new<'h>(path: &[u8], get: impl Fn(&str) -> Option<&'h [u8]>) -> Self {
        let owned = |name| get(name).map(<[u8]>::to_vec);
        Self {
            path: Some(path.to_vec()),
            content_type: owned("content-type"),
            content_encoding: owned("content-encoding"),
            grpc_encoding: owned("grpc-encoding"),
            id: ID_HEADERS.iter().find_map(|name| owned(name)),
            inference_header_content_length: owned("inference-header-content-length"),
            prompt_tokens: get("x-prompt-tokens").and_then(count),
            generated_tokens: get("x-generated-tokens").and_then(count),
        }
    }

    /// The headers with the body that came after them.
    pub fn body<'a>(&'a self, bytes: &'a [u8]) -> Body<'a> {
        Body {
            bytes,
            path: self.path.as_deref(),
            content_type: self.content_type.as_deref(),
            content_encoding: self.content_encoding.as_deref(),
            grpc_encoding: self.grpc_encoding.as_deref(),
            id: self.id.as_deref(),
            inference_header_content_length: self.inference_header_content_length.as_deref(),
            prompt_tokens: self.prompt_tokens,
            generated_tokens: self.generated_tokens,
        }
    }
}

/// A header's value as a count.
fn count(value: &[u8]) -> Option<u64> {
    let digits = Some(value.trim_ascii()).filter(|digits| !digits.is_empty())?;
    digits.iter().try_fold(0_u64, |count, byte| {
        let digit = byte.checked_sub(b'0').filter(|digit| *digit < 10)?;
        count.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

/// The form that a body comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// One message.
    Whole,
    /// Server-sent events, a message each.
    Events,
    /// gRPC's frames, a message each.
    Frames,
}

/// A body of the binary tensor data extension, or a plain one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parts<'a> {
    /// JSON.
    pub json: &'a [u8],
    /// Raw tensors; `None` when the body is JSON to its end.
    pub tensors: Option<&'a [u8]>,
}

/// Headers that give an id to a body.
const ID_HEADERS: [&str; 3] = ["ce-id", "seldon-puid", "x-amzn-sagemaker-inference-id"];

/// The type of most bodies.
const JSON: &str = "application/json";

/// Types that inference protocols are not sent as, but for those that speak one of them. A path decides how
/// a body is read, for `curl -d` sends JSON as a form and many clients send no type; only these are not worth
/// a try.
const FOREIGN_TYPES: [&str; 13] = [
    "audio/",
    "font/",
    "image/",
    "multipart/",
    "video/",
    "text/css",
    CSV,
    EVENT_STREAM,
    "text/html",
    "text/xml",
    GRPC,
    "application/pdf",
    "application/xml",
];

/// A parameter of Triton's own content types for proxies that drop unknown headers.
const JSON_SIZE_PARAMETER: &str = "json-header-size=";

impl<'a> Body<'a> {
    /// Refuses what is not worth reading: compressed in a way that is not read, or of a type that the
    /// protocol does not speak. Only the headers are looked at, so that it can be asked before the body
    /// has come.
    ///
    /// # Errors
    /// [`UnreadReason::Compressed`], [`UnreadReason::ContentType`].
    pub fn check(&self, protocol: Protocol) -> Result<(), UnreadReason> {
        self.encoding()?;
        if self.is_type(JSON) {
            return Ok(());
        }
        let is_foreign = |foreign: &&str| self.is_type(foreign) && !protocol.speaks(foreign);
        if FOREIGN_TYPES.iter().any(is_foreign) {
            return Err(UnreadReason::ContentType);
        }
        Ok(())
    }

    /// How the body is compressed.
    pub(crate) fn encoding(&self) -> Result<Option<Encoding>, UnreadReason> {
        Encoding::from_name(self.content_encoding.unwrap_or_default())
    }

    /// The form that the body comes in.
    pub(crate) fn form(&self, protocol: Protocol) -> Form {
        if protocol.is_grpc() {
            Form::Frames
        } else if protocol.streams() && self.is_type(EVENT_STREAM) {
            Form::Events
        } else {
            Form::Whole
        }
    }

    /// Whether the content type begins so.
    pub(crate) fn is_type(&self, start: &str) -> bool {
        let media_type = self.content_type.unwrap_or_default().trim_ascii();
        starts_with_ignoring_case(media_type, start.as_bytes())
    }

    /// Whether the path, without its query string, ends so.
    pub(crate) fn path_ends_with(&self, end: &str) -> bool {
        let path = self.path.unwrap_or_default();
        let path = path.split(|byte| b"?#".contains(byte)).next().unwrap_or_default();
        path.ends_with(end.as_bytes())
    }

    /// The id that a header gives to the body.
    pub(crate) fn id(&self, limits: &Limits) -> Option<String> {
        self.id.map(|id| lossy(id, limits.max_text_bytes).into_owned())
    }

    /// The headers alone.
    pub(crate) fn headers(&self) -> BodyHeaders {
        let owned = |header: Option<&[u8]>| header.map(<[u8]>::to_vec);
        BodyHeaders {
            path: owned(self.path),
            content_type: owned(self.content_type),
            content_encoding: owned(self.content_encoding),
            grpc_encoding: owned(self.grpc_encoding),
            id: owned(self.id),
            inference_header_content_length: owned(self.inference_header_content_length),
            prompt_tokens: self.prompt_tokens,
            generated_tokens: self.generated_tokens,
        }
    }

    /// The JSON part of the body, and what follows it.
    ///
    /// # Errors
    /// * [`UnreadReason::HeaderNotText`]: the length of the JSON part is not text.
    /// * [`UnreadReason::Malformed`]: it is not a number, or more than the body has.
    pub(crate) fn parts(&self) -> Result<Parts<'a>, UnreadReason> {
        let Some(length) = self.json_length()? else {
            return Ok(Parts { json: self.bytes, tensors: None });
        };
        let (json, tensors) = self.bytes.split_at_checked(length).ok_or(UnreadReason::Malformed)?;
        Ok(Parts { json, tensors: Some(tensors) })
    }

    fn json_length(&self) -> Result<Option<usize>, UnreadReason> {
        let text = match self.inference_header_content_length {
            Some(header) => {
                core::str::from_utf8(header).map_err(|_| UnreadReason::HeaderNotText)?.trim()
            }
            None => match self.json_size_parameter() {
                Some(parameter) => parameter,
                None => return Ok(None),
            },
        };
        // `usize::from_str` takes a sign; a length has none.
        if !text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(UnreadReason::Malformed);
        }
        text.parse().map(Some).map_err(|_| UnreadReason::Malformed)
    }

    fn json_size_parameter(&self) -> Option<&'a str> {
        let content_type = core::str::from_utf8(self.content_type?).ok()?;
        content_type.split(';').find_map(|part| part.trim().strip_prefix(JSON_SIZE_PARAMETER))
    }
}

fn starts_with_ignoring_case(text: &[u8], prefix: &[u8]) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_may_be_a_count() {
        assert_eq!(count(b" 12 "), Some(12));
        for other in [&b""[..], b" ", b"-1", b"1.5", b"12a", b"99999999999999999999"] {
            assert_eq!(count(other), None);
        }
    }

    fn check(content_type: &str, content_encoding: &str) -> Result<(), UnreadReason> {
        let body = Body {
            bytes: b"{}",
            content_type: Some(content_type.as_bytes()),
            content_encoding: Some(content_encoding.as_bytes()),
            ..Body::default()
        };
        body.check(Protocol::OpenInference)
    }

    #[test]
    fn only_foreign_types_are_refused() {
        for readable in
            ["", "application/json;", "application/x-www-form-urlencoded", "text/plain", "nonsense"]
        {
            assert_eq!(check(readable, ""), Ok(()), "{readable}");
        }
        for foreign in ["text/html; charset=utf-8", " IMAGE/png", "application/grpc+proto"] {
            assert_eq!(check(foreign, ""), Err(UnreadReason::ContentType), "{foreign}");
        }
    }

    #[test]
    fn a_protocol_speaks_what_others_do_not() {
        let check = |protocol, content_type: &str| {
            let content_type = Some(content_type.as_bytes());
            Body { content_type, ..Body::default() }.check(protocol)
        };
        assert_eq!(check(Protocol::Openai, "text/event-stream; charset=utf-8"), Ok(()));
        assert_eq!(check(Protocol::KserveV1, "text/event-stream"), Err(UnreadReason::ContentType));
    }

    #[test]
    fn encodings_that_are_not_read_are_refused() {
        assert_eq!(check("", "Identity"), Ok(()));
        assert_eq!(check("", "gzip"), Ok(()));
        assert_eq!(check("", "br"), Err(UnreadReason::Compressed));
        assert_eq!(check("", "identity, br"), Err(UnreadReason::Compressed));
    }

    #[test]
    fn a_lying_length_is_malformed() {
        let split = |length: &'static [u8]| {
            let body = Body {
                bytes: b"{}\x01\x02",
                inference_header_content_length: Some(length),
                ..Body::default()
            };
            body.parts().map(|parts| (parts.json, parts.tensors))
        };
        assert_eq!(split(b"2"), Ok((&b"{}"[..], Some(&b"\x01\x02"[..]))));
        assert_eq!(split(b" 4 "), Ok((&b"{}\x01\x02"[..], Some(&b""[..]))));
        for lie in [&b"5"[..], b"-1", b"+2", b"2.0", b"two", b"99999999999999999999999"] {
            assert_eq!(split(lie), Err(UnreadReason::Malformed), "{lie:?}");
        }
        assert_eq!(split(b""), Err(UnreadReason::Malformed));
        assert_eq!(split(b"\xff"), Err(UnreadReason::HeaderNotText));
    }

    #[test]
    fn the_length_may_be_in_the_content_type() {
        let body = Body {
            bytes: b"{}\x01",
            content_type: Some(b"application/vnd.sagemaker-triton.binary+json;json-header-size=2"),
            ..Body::default()
        };
        assert_eq!(body.parts(), Ok(Parts { json: b"{}", tensors: Some(b"\x01") }));
    }
}
