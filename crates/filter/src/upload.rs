//! A body that is meant for the filter itself: held back, read when it is whole, answered.

use serde::Serialize;
use tidegate_core::event::{self, Event, Refused, UnreadReason};
use tidegate_protocol::decompressed;

use crate::admin::{Answer, Courtesy, json, text};
use crate::capture::Budget;
use crate::headers::Headers;
use crate::host::{Host, Reply};

/// The longest body, as it is sent and before its compression.
const MAX_BODY_BYTES: usize = 1 << 20;

/// What somebody told the filter, for its worker to count.
#[derive(Debug, Clone, PartialEq, Default)]
#[must_use]
pub struct Told {
    pub(crate) events: Vec<Event>,
    /// Bounds that turned the request itself away.
    pub(crate) rejected: Vec<&'static str>,
}

/// A body that is coming.
#[derive(Debug)]
pub(crate) struct Upload {
    /// What an answer says beside what it is about.
    courtesy: Courtesy,
    encoding: Vec<u8>,
    body: Vec<u8>,
    budget: Budget,
}

impl Upload {
    /// Waits for the body that follows `headers`, or answers at once when it will be too large.
    pub(crate) fn begin(headers: &Headers, courtesy: Courtesy, budget: &Budget) -> Answer {
        let announced = headers
            .get("content-length")
            .and_then(|length| core::str::from_utf8(length).ok()?.trim().parse::<usize>().ok());
        if announced.is_some_and(|length| length > MAX_BODY_BYTES) {
            return Answer::Now(courtesy.with(too_large()));
        }
        let encoding = headers.get("content-encoding").unwrap_or_default().to_vec();
        Answer::AfterBody(Self { courtesy, encoding, body: Vec::new(), budget: budget.clone() })
    }

    /// Takes `length` bytes that came out of the request.
    ///
    /// # Errors
    /// The answer, when there is no room for them.
    pub(crate) fn push(&mut self, host: &dyn Host, length: usize) -> Result<(), Reply> {
        if length > MAX_BODY_BYTES.saturating_sub(self.body.len()) {
            return Err(self.courtesy.with(too_large()));
        }
        if !self.budget.take(length) {
            let mut reply = text(503, "Too many bodies are coming at once; send it again.");
            reply.headers.push(("retry-after", "1".into()));
            return Err(self.courtesy.with(reply));
        }
        let before = self.body.len();
        self.body.extend(host.take_request_chunk(length).iter().take(length));
        let missing = length.saturating_sub(self.body.len().saturating_sub(before));
        self.budget.give_back(missing);
        Ok(())
    }

    /// Reads the body, which is whole.
    pub(crate) fn finish(&self) -> (Reply, Told) {
        let (reply, told) = match decompressed(&self.encoding, &self.body, MAX_BODY_BYTES) {
            Ok(body) => read_events(&body),
            Err(reason) => (refusal(reason), Told::default()),
        };
        (self.courtesy.with(reply), told)
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        self.budget.give_back(self.body.len());
    }
}

/// What became of a body of events.
#[derive(Serialize)]
struct Receipt {
    taken: usize,
    refused: Vec<Refused>,
}

fn read_events(body: &[u8]) -> (Reply, Told) {
    let event::Read { events, refused } = event::read(body);
    let taken = events.len();
    let status = if taken == 0 && !refused.is_empty() { 400 } else { 200 };
    let events = events.into_iter().map(|positioned| positioned.event).collect();
    let told = Told { events, ..Told::default() };
    (json(status, &Receipt { taken, refused }), told)
}

fn refusal(reason: UnreadReason) -> Reply {
    match reason {
        UnreadReason::OverCap => too_large(),
        UnreadReason::Compressed => {
            let mut reply = text(415, "Only gzip and deflate are read, or a body as it is.");
            reply.headers.push(("accept-encoding", "gzip, deflate".into()));
            reply
        }
        _ => text(400, "The body is not compressed as `content-encoding` says."),
    }
}

fn too_large() -> Reply {
    text(413, &format!("A body may have {MAX_BODY_BYTES} bytes; send the rest in another."))
}

/// The answer to a request whose body did not come in time, for its client sends none, or the gateway
/// shows none.
#[must_use]
pub fn unheard() -> Reply {
    text(
        408,
        "No body came in time. If one was sent, the gateway keeps it from the filter: set \
         `allow_on_headers_stop_iteration` in the filter's plugin config of Envoy.",
    )
}
