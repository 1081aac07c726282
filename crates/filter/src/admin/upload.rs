//! A body that is meant for the filter itself: held back, read when it is whole, answered.

use serde::Serialize;
use tidegate_core::event::{self, Refused, UnreadReason};
use tidegate_core::feedback::TokenCounts;
use tidegate_protocol::decompressed;

use super::feedback;
use super::reply::{Courtesy, json, text};
use super::silences;
use super::told::Told;
use crate::budget::Budget;
use crate::host::{Headers, Host, Reply};
use crate::plan::Plan;

/// The longest body, as it is sent and before its compression.
const MAX_BODY_BYTES: usize = 1 << 20;
/// The same of labels with tokens, which anybody may send.
const MAX_FEEDBACK_BYTES: usize = 1 << 18;

/// The same of a silence.
const MAX_SILENCE_BYTES: usize = 1 << 14;

/// What a body is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Topic {
    /// Events, from whoever has the admin token.
    Events,
    /// Labels with the tokens of their predictions, from anybody.
    Feedback,
    /// A silence, from whoever has the admin token.
    Silence,
}

impl Topic {
    const fn max_bytes(self) -> usize {
        match self {
            Self::Events => MAX_BODY_BYTES,
            Self::Feedback => MAX_FEEDBACK_BYTES,
            Self::Silence => MAX_SILENCE_BYTES,
        }
    }
}

/// A body that is coming.
#[derive(Debug)]
pub(crate) struct Upload {
    topic: Topic,
    /// What an answer says beside what it is about.
    courtesy: Courtesy,
    encoding: Vec<u8>,
    body: Vec<u8>,
    budget: Budget,
}

impl Upload {
    /// Waits for the body that follows `headers`.
    ///
    /// # Errors
    /// The answer, when it will be too large.
    pub(crate) fn begin(
        topic: Topic,
        headers: &Headers,
        courtesy: Courtesy,
        budget: &Budget,
    ) -> Result<Self, Reply> {
        let announced = headers
            .get("content-length")
            .and_then(|length| core::str::from_utf8(length).ok()?.trim().parse::<usize>().ok());
        if announced.is_some_and(|length| length > topic.max_bytes()) {
            return Err(courtesy.with(too_large(topic)));
        }
        let encoding = headers.get("content-encoding").unwrap_or_default().to_vec();
        let (body, budget) = (Vec::new(), budget.clone());
        Ok(Self { topic, courtesy, encoding, body, budget })
    }

    /// Takes `length` bytes that came out of the request.
    ///
    /// # Errors
    /// The answer, when there is no room for them.
    pub(crate) fn push(&mut self, host: &dyn Host, length: usize) -> Result<(), Reply> {
        if length > self.topic.max_bytes().saturating_sub(self.body.len()) {
            return Err(self.courtesy.with(too_large(self.topic)));
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
    pub(crate) fn finish(&self, host: &dyn Host, plan: &Plan) -> (Reply, Told) {
        let body = decompressed(&self.encoding, &self.body, self.topic.max_bytes());
        let (reply, told) = match (body, &plan.feedback) {
            (Err(reason), _) => (refusal(self.topic, reason), Told::default()),
            (Ok(body), _) if self.topic == Topic::Silence => {
                (silences::add(plan, host, &body), Told::default())
            }
            (Ok(body), Some(config)) if self.topic == Topic::Feedback => {
                let now_seconds = host.now_nanos() as f64 / 1e9;
                let (told, refused) = feedback::read(&body, config, now_seconds);
                (receipt(told.tokens.accepted as usize, refused, &told), told)
            }
            (Ok(body), _) => read_events(&body),
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
    let events = events.into_iter().map(|positioned| positioned.event).collect();
    let told = Told { events, ..Told::default() };
    (receipt(taken, refused, &told), told)
}

fn receipt(taken: usize, refused: Vec<Refused>, told: &Told) -> Reply {
    let TokenCounts { malformed, forged, expired, .. } = told.tokens;
    let status = match (taken, refused.len()) {
        (1.., _) | (_, 0) => 200,
        _ if malformed == 0 && forged + expired > 0 => 403,
        _ => 400,
    };
    json(status, &Receipt { taken, refused })
}

fn refusal(topic: Topic, reason: UnreadReason) -> Reply {
    match reason {
        UnreadReason::OverCap => too_large(topic),
        UnreadReason::Compressed => {
            let mut reply = text(415, "Only gzip and deflate are read, or a body as it is.");
            reply.headers.push(("accept-encoding", "gzip, deflate".into()));
            reply
        }
        _ => text(400, "The body is not compressed as `content-encoding` says."),
    }
}

fn too_large(topic: Topic) -> Reply {
    let most = topic.max_bytes();
    text(413, &format!("A body may have {most} bytes; send the rest in another."))
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
