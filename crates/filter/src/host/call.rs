//! A call of the filter's own to a cluster of the gateway, and its answer.

use super::headers::Headers;

/// A request of the filter's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call<'a> {
    /// The cluster, as the gateway's configuration names it.
    pub cluster: &'a str,
    /// HTTP method.
    pub method: &'a str,
    /// The path, with its query string.
    pub path: &'a str,
    /// `:authority`, which HTTP/1.1 calls `host`.
    pub authority: &'a str,
    /// Further headers, names in lower case.
    pub headers: Vec<(&'a str, &'a str)>,
    /// The body.
    pub body: &'a [u8],
    /// How long the gateway waits for the whole answer, in milliseconds.
    pub timeout_millis: u32,
    /// The longest body of an answer that is read.
    pub max_answer_bytes: usize,
}

/// A call that was sent, by the gateway's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallId(pub u32);

/// The gateway did not send it: the cluster is unknown, has no hosts, or has too many requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotSent;

/// What came back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// Headers, `:status` among them; none when no answer came.
    pub headers: Headers,
    /// The body; `None` when it was longer than the call allowed.
    pub body: Option<Vec<u8>>,
}

impl Answer {
    /// HTTP status; `None` when no answer came. Where the upstream gave none, the gateway itself says
    /// 503, or 504 when the time was up.
    pub fn status(&self) -> Option<u16> {
        core::str::from_utf8(self.headers.get(":status")?).ok()?.parse().ok()
    }

    /// Whether the status says that it was done.
    pub fn is_success(&self) -> bool {
        self.status().is_some_and(|status| (200..300).contains(&status))
    }
}
