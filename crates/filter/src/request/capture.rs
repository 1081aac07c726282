//! What is read of a passing body: capped, and charged to the budget.

use tidegate_core::event::{Side, UnreadReason};
use tidegate_protocol::{BodyHeaders, BodyReader, Facts, Limits, Naming, Protocol};

use crate::budget::Budget;
use crate::host::{Headers, Host};

/// What is kept of one body: all of it, or of a stream the message that has not ended.
#[derive(Debug)]
pub(crate) struct Capture<F: Facts> {
    side: Side,
    reader: BodyReader<F>,
    max_bytes: usize,
    /// What the budget was charged.
    charged: usize,
    budget: Budget,
    ended: bool,
    first_nanos: Option<u64>,
    last_nanos: Option<u64>,
}

/// When the first and the last message of a stream came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Arrivals {
    pub first_nanos: u64,
    pub last_nanos: u64,
}

impl<F: Facts> Capture<F> {
    /// Begins to read the body that follows `headers`; `path` is the request's.
    pub(crate) fn new(
        side: Side,
        protocol: Protocol,
        path: &[u8],
        headers: &Headers,
        limits: &Limits,
        budget: &Budget,
    ) -> Self {
        let announced = headers.get("content-length").and_then(parse_length);
        let body_headers = BodyHeaders::new(path, |name| headers.get(name));
        let mut reader = BodyReader::new(protocol, body_headers, limits);
        let max_bytes = limits.max_body_bytes;
        let is_over = announced.is_some_and(|length| length > max_bytes);
        if reader.is_reading() && !reader.is_stream() && is_over {
            reader.refuse(UnreadReason::OverCap);
        }
        Self {
            side,
            reader,
            max_bytes,
            charged: 0,
            budget: budget.clone(),
            ended: false,
            first_nanos: None,
            last_nanos: None,
        }
    }

    /// Reads a chunk that is passing.
    pub(crate) fn push(&mut self, host: &dyn Host, length: usize, naming: &Naming<'_>) {
        if !self.reader.is_reading() || length == 0 {
            return;
        }
        // A chunk is held only while it is read, but a body that comes in one is held by it.
        let is_over = !self.reader.is_stream()
            && length > self.max_bytes.saturating_sub(self.reader.held_bytes());
        if is_over || !self.budget.take(length) {
            self.refuse(UnreadReason::OverCap);
            return;
        }
        self.charged = self.charged.saturating_add(length);
        let mut chunk = host.body_chunk(self.side, length);
        chunk.truncate(length);
        let is_cut = chunk.len() < length;
        let messages = self.reader.messages();
        self.reader.push_owned(chunk, naming);
        if self.reader.messages() > messages {
            let now = host.now_nanos();
            self.first_nanos.get_or_insert(now);
            self.last_nanos = Some(now);
        }
        if is_cut {
            self.refuse(UnreadReason::Truncated);
        }
        self.charge_what_is_held();
    }

    /// Bytes of the body that are held.
    pub(crate) fn held_bytes(&self) -> usize {
        self.charged
    }

    /// The body is complete.
    pub(crate) fn end(&mut self) {
        self.ended = true;
    }

    /// When messages of a stream came; `None` for a body that came whole.
    pub(crate) fn arrivals(&self) -> Option<Arrivals> {
        Some(Arrivals { first_nanos: self.first_nanos?, last_nanos: self.last_nanos? })
    }

    /// What the body says.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub(crate) fn read(mut self, naming: &Naming<'_>) -> Result<F, UnreadReason> {
        self.reader.finish(self.ended, naming)
    }

    fn refuse(&mut self, reason: UnreadReason) {
        self.reader.refuse(reason);
        self.charge_what_is_held();
    }

    fn charge_what_is_held(&mut self) {
        let held = self.reader.held_bytes();
        self.budget.give_back(self.charged.saturating_sub(held));
        self.charged = held;
    }
}

impl<F: Facts> Drop for Capture<F> {
    fn drop(&mut self) {
        self.budget.give_back(self.charged);
    }
}

fn parse_length(text: &[u8]) -> Option<usize> {
    core::str::from_utf8(text).ok()?.trim().parse().ok()
}
