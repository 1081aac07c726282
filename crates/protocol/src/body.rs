//! A captured body with the headers that say how to read it.

use tidegate_core::event::UnreadReason;

/// A whole body, and the headers that matter for reading it, as raw bytes: headers need not be text.
#[derive(Debug, Clone, Copy, Default)]
pub struct Body<'a> {
    /// The body.
    pub bytes: &'a [u8],
    /// `content-type`. Its absence is no hindrance.
    pub content_type: Option<&'a [u8]>,
    /// `content-encoding`.
    pub content_encoding: Option<&'a [u8]>,
    /// `inference-header-content-length`, of the binary tensor data extension.
    pub inference_header_content_length: Option<&'a [u8]>,
}

/// A body of the binary tensor data extension, or a plain one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Parts<'a> {
    /// JSON.
    pub json: &'a [u8],
    /// Raw tensors; `None` when the body is JSON to its end.
    pub tensors: Option<&'a [u8]>,
}

/// Types that no JSON inference protocol is sent as. A path decides how a body is read, for `curl -d`
/// sends JSON as a form and many clients send no type; only these are not worth a try.
const FOREIGN_TYPES: [&str; 13] = [
    "audio/",
    "font/",
    "image/",
    "multipart/",
    "video/",
    "text/css",
    "text/csv",
    "text/event-stream",
    "text/html",
    "text/xml",
    "application/grpc",
    "application/pdf",
    "application/xml",
];

/// A parameter of Triton's own content types for proxies that drop unknown headers.
const JSON_SIZE_PARAMETER: &str = "json-header-size=";

impl<'a> Body<'a> {
    /// Refuses what is not worth reading: compressed, or of a foreign type. Only the headers are
    /// looked at, so that it can be asked before the body has come.
    ///
    /// # Errors
    /// [`UnreadReason::Compressed`], [`UnreadReason::ContentType`].
    pub fn check(&self) -> Result<(), UnreadReason> {
        let encoding = self.content_encoding.unwrap_or_default().trim_ascii();
        if !encoding.is_empty() && !encoding.eq_ignore_ascii_case(b"identity") {
            return Err(UnreadReason::Compressed);
        }
        let media_type = self.content_type.unwrap_or_default().trim_ascii();
        let is_foreign = |foreign: &str| starts_with_ignoring_case(media_type, foreign.as_bytes());
        if FOREIGN_TYPES.iter().any(|foreign| is_foreign(foreign)) {
            return Err(UnreadReason::ContentType);
        }
        Ok(())
    }

    /// As [`check`](Self::check), once all of the body has come: refuses an empty one too.
    ///
    /// # Errors
    /// Those of `check`, and [`UnreadReason::Malformed`].
    pub(crate) fn check_whole(&self) -> Result<(), UnreadReason> {
        self.check()?;
        if self.bytes.trim_ascii().is_empty() { Err(UnreadReason::Malformed) } else { Ok(()) }
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

    fn check(content_type: &str, content_encoding: &str) -> Result<(), UnreadReason> {
        let body = Body {
            bytes: b"{}",
            content_type: Some(content_type.as_bytes()),
            content_encoding: Some(content_encoding.as_bytes()),
            ..Body::default()
        };
        body.check()
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
    fn headers_are_checked_before_the_body_has_come() {
        assert_eq!(Body::default().check(), Ok(()));
        assert_eq!(Body::default().check_whole(), Err(UnreadReason::Malformed));
    }

    #[test]
    fn any_encoding_but_identity_is_compressed() {
        assert_eq!(check("", "Identity"), Ok(()));
        assert_eq!(check("", "gzip"), Err(UnreadReason::Compressed));
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
