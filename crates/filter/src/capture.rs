//! A copy of a passing body: capped, and charged to a budget that all bodies of a worker share.

use std::cell::Cell;
use std::rc::Rc;

use tidegate_core::event::{Side, UnreadReason};
use tidegate_protocol::Body;

use crate::headers::Headers;
use crate::host::Host;

/// Bytes of bodies that one worker holds at a time, so that slow uploads cannot exhaust it.
const BUDGET_BYTES: usize = 64 << 20;

/// Bytes that may still be held.
#[derive(Debug, Clone)]
pub(crate) struct Budget(Rc<Cell<usize>>);

impl Default for Budget {
    fn default() -> Self {
        Self::new(BUDGET_BYTES)
    }
}

impl Budget {
    pub(crate) fn new(bytes: usize) -> Self {
        Self(Rc::new(Cell::new(bytes)))
    }

    fn take(&self, bytes: usize) -> bool {
        let left = self.0.get().checked_sub(bytes);
        if let Some(left) = left {
            self.0.set(left);
        }
        left.is_some()
    }

    fn give_back(&self, bytes: usize) {
        self.0.set(self.0.get().saturating_add(bytes));
    }
}

/// The copy of one body.
#[derive(Debug)]
pub(crate) struct Capture {
    side: Side,
    headers: BodyHeaders,
    max_bytes: usize,
    bytes: Vec<u8>,
    budget: Budget,
    refused: Option<UnreadReason>,
    ended: bool,
}

#[derive(Debug, Default)]
struct BodyHeaders {
    content_type: Option<Vec<u8>>,
    content_encoding: Option<Vec<u8>>,
    inference_header_content_length: Option<Vec<u8>>,
}

impl Capture {
    /// Begins a copy of the body that follows `headers`.
    pub(crate) fn new(side: Side, headers: &Headers, max_bytes: usize, budget: &Budget) -> Self {
        let owned = |name| headers.get(name).map(<[u8]>::to_vec);
        let announced = headers.get("content-length").and_then(parse_length);
        let mut capture = Self {
            side,
            headers: BodyHeaders {
                content_type: owned("content-type"),
                content_encoding: owned("content-encoding"),
                inference_header_content_length: owned("inference-header-content-length"),
            },
            max_bytes,
            bytes: Vec::new(),
            budget: budget.clone(),
            refused: None,
            ended: false,
        };
        capture.refused = capture.body().check().err();
        if capture.refused.is_none() && announced.is_some_and(|length| length > max_bytes) {
            capture.refused = Some(UnreadReason::OverCap);
        }
        capture
    }

    /// Copies a chunk that is passing.
    pub(crate) fn push(&mut self, host: &dyn Host, length: usize) {
        if self.refused.is_some() || length == 0 {
            return;
        }
        if length > self.max_bytes.saturating_sub(self.bytes.len()) || !self.budget.take(length) {
            self.refuse(UnreadReason::OverCap);
            return;
        }
        let chunk = host.body_chunk(self.side, length);
        let missing = length.saturating_sub(chunk.len());
        self.budget.give_back(missing);
        self.bytes.extend_from_slice(chunk.get(..length).unwrap_or(&chunk));
        if missing > 0 {
            self.refuse(UnreadReason::Truncated);
        }
    }

    /// The body is complete.
    pub(crate) fn end(&mut self) {
        self.ended = true;
    }

    /// The whole body.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub(crate) fn read(&self) -> Result<Body<'_>, UnreadReason> {
        match self.refused {
            Some(reason) => Err(reason),
            None if !self.ended => Err(UnreadReason::Truncated),
            None => Ok(self.body()),
        }
    }

    fn body(&self) -> Body<'_> {
        Body {
            bytes: &self.bytes,
            content_type: self.headers.content_type.as_deref(),
            content_encoding: self.headers.content_encoding.as_deref(),
            inference_header_content_length: self
                .headers
                .inference_header_content_length
                .as_deref(),
        }
    }

    fn refuse(&mut self, reason: UnreadReason) {
        self.refused = Some(reason);
        self.budget.give_back(self.bytes.len());
        self.bytes = Vec::new();
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        self.budget.give_back(self.bytes.len());
    }
}

fn parse_length(text: &[u8]) -> Option<usize> {
    core::str::from_utf8(text).ok()?.trim().parse().ok()
}
