//! A body as it passes: held whole where its meaning needs all of it, read message by message where it
//! is a stream of them.

use alloc::boxed::Box;
use alloc::vec::Vec;

use tidegate_core::event::UnreadReason;

use crate::body::{Body, BodyHeaders, Form};
use crate::facts::{Limits, Naming, RequestFacts, ResponseFacts, StreamFacts};
use crate::formats;
use crate::protocol::Protocol;
use crate::wire::encoding::Encoding;
use crate::wire::frames::{Frame, FrameParser};
use crate::wire::sse::EventParser;

/// The end of a stream of events, by OpenAI's and others' habit. It is no message.
const END_MARK: &[u8] = b"[DONE]";

/// What one side of an exchange says, message by message.
pub trait Facts: Default {
    /// Reads one whole message.
    #[doc(hidden)]
    fn read_message(
        protocol: Protocol,
        body: &Body<'_>,
        naming: &Naming<'_>,
        limits: &Limits,
    ) -> Result<Self, UnreadReason>;

    /// Adds what the next message of a stream says.
    #[doc(hidden)]
    fn merge(&mut self, later: Self, limits: &Limits);

    /// Notes why a message is left out.
    #[doc(hidden)]
    fn leave_out(&mut self, reason: UnreadReason);

    /// Notes that the body is a stream of so many messages.
    #[doc(hidden)]
    fn set_stream(&mut self, stream: StreamFacts);
}

/// Reads the body of a request as it passes.
pub type RequestReader = BodyReader<RequestFacts>;

/// Reads the body of a response as it passes.
pub type ResponseReader = BodyReader<ResponseFacts>;

/// Reads a body as it passes. Any split of the body into pieces gives the same facts.
///
/// A body that is one message is all or nothing. Of a stream, each message is: one that cannot be read
/// is left out, and the facts say why.
#[derive(Debug)]
pub struct BodyReader<F> {
    protocol: Protocol,
    headers: BodyHeaders,
    limits: Limits,
    intake: Intake,
    messages: Messages<F>,
    refused: Option<UnreadReason>,
}

#[derive(Debug)]
enum Intake {
    Whole(Vec<u8>),
    Events(EventParser),
    Frames(FrameParser),
}

/// The messages of a stream, so far.
#[derive(Debug, Default)]
struct Messages<F> {
    /// Apart, for most bodies are one message.
    facts: Option<Box<F>>,
    stream: StreamFacts,
    is_any_read: bool,
}

impl<F: Facts> BodyReader<F> {
    /// A reader of the body that follows `headers`; one that is not worth reading is refused at once.
    pub fn new(protocol: Protocol, headers: BodyHeaders, limits: &Limits) -> Self {
        let body = headers.body(&[]);
        let refused = body.check(protocol).err();
        let max_bytes = limits.max_body_bytes;
        let is_compressed = !protocol.is_grpc() && !matches!(body.encoding(), Ok(None));
        let intake = match body.form(protocol) {
            _ if is_compressed => Intake::Whole(Vec::new()),
            Form::Whole => Intake::Whole(Vec::new()),
            Form::Events => Intake::Events(EventParser::new(max_bytes)),
            Form::Frames => Intake::Frames(FrameParser::new(max_bytes)),
        };
        Self { protocol, headers, limits: *limits, intake, messages: Messages::default(), refused }
    }

    /// Takes a piece of the body.
    pub fn push(&mut self, piece: &[u8], naming: &Naming<'_>) {
        if self.refused.is_some() {
            return;
        }
        let Self { protocol, headers, limits, intake, messages, .. } = self;
        match intake {
            Intake::Whole(bytes) => {
                if piece.len() > limits.max_body_bytes.saturating_sub(bytes.len()) {
                    self.refuse(UnreadReason::OverCap);
                } else {
                    bytes.extend_from_slice(piece);
                }
            }
            Intake::Events(parser) => parser.push(piece, &mut |event| {
                messages.add_event(event, *protocol, headers, naming, limits);
            }),
            Intake::Frames(parser) => parser.push(piece, &mut |frame| {
                messages.add_frame(frame, *protocol, headers, naming, limits);
            }),
        }
    }

    /// Takes a piece of the body, and its memory, where it is the first of a body that is held whole.
    pub fn push_owned(&mut self, piece: Vec<u8>, naming: &Naming<'_>) {
        match &mut self.intake {
            Intake::Whole(bytes)
                if self.refused.is_none()
                    && bytes.is_empty()
                    && piece.len() <= self.limits.max_body_bytes =>
            {
                *bytes = piece;
            }
            _ => self.push(&piece, naming),
        }
    }

    /// Gives up: the body is not read, whatever else of it passes.
    pub fn refuse(&mut self, reason: UnreadReason) {
        self.refused = Some(reason);
        self.intake = Intake::Whole(Vec::new());
        self.messages = Messages::default();
    }

    /// Whether what passes is read.
    pub fn is_reading(&self) -> bool {
        self.refused.is_none()
    }

    /// Bytes of the body that are held.
    pub fn held_bytes(&self) -> usize {
        match &self.intake {
            Intake::Whole(bytes) => bytes.len(),
            Intake::Events(parser) => parser.held_bytes(),
            Intake::Frames(parser) => parser.held_bytes(),
        }
    }

    /// Messages of a stream so far; 0 for a body that comes whole.
    pub fn messages(&self) -> u64 {
        self.messages.stream.messages
    }

    /// Whether the body is a stream of messages, each read as it ends.
    pub fn is_stream(&self) -> bool {
        !matches!(self.intake, Intake::Whole(_))
    }

    /// What the body says; the reader is done with it. `is_complete`: its end has come.
    ///
    /// # Errors
    /// Why it could not be read; nothing of it is used then.
    pub fn finish(&mut self, is_complete: bool, naming: &Naming<'_>) -> Result<F, UnreadReason> {
        let facts = self.facts(is_complete, naming);
        self.refuse(UnreadReason::Truncated);
        facts
    }

    fn facts(&mut self, is_complete: bool, naming: &Naming<'_>) -> Result<F, UnreadReason> {
        if let Some(reason) = self.refused {
            return Err(reason);
        }
        let Self { protocol, headers, limits, intake, messages, .. } = self;
        let is_whole_message = match intake {
            Intake::Whole(_) if !is_complete => return Err(UnreadReason::Truncated),
            Intake::Whole(bytes) => {
                // Its headers were looked at before it came.
                return read_checked(*protocol, &headers.body(bytes), naming, limits);
            }
            Intake::Events(parser) => {
                if is_complete {
                    parser.finish(&mut |event| {
                        messages.add_event(event, *protocol, headers, naming, limits);
                    });
                }
                true
            }
            Intake::Frames(parser) => parser.is_between(),
        };
        if !(is_complete && is_whole_message) {
            messages.facts().leave_out(UnreadReason::Truncated);
        }
        let nothing = if is_complete && is_whole_message {
            UnreadReason::Malformed
        } else {
            UnreadReason::Truncated
        };
        let is_stream = match intake {
            Intake::Events(_) => true,
            _ => headers.body(&[]).path_ends_with("/ModelStreamInfer"),
        };
        core::mem::take(messages).finish(nothing, is_stream)
    }
}

impl<F: Facts> Messages<F> {
    fn add_event(
        &mut self,
        event: Result<&[u8], UnreadReason>,
        protocol: Protocol,
        headers: &BodyHeaders,
        naming: &Naming<'_>,
        limits: &Limits,
    ) {
        if event.is_ok_and(|data| data.trim_ascii() == END_MARK) {
            self.stream.has_end_mark = true;
            return;
        }
        let read = event.and_then(|data| {
            // The headers speak of the stream, not of the message.
            let path = headers.path.as_deref();
            let body = Body { bytes: data, path, ..Body::default() };
            F::read_message(protocol, &body, naming, limits)
        });
        self.add(read, limits);
    }

    fn add_frame(
        &mut self,
        frame: Result<Frame<'_>, UnreadReason>,
        protocol: Protocol,
        headers: &BodyHeaders,
        naming: &Naming<'_>,
        limits: &Limits,
    ) {
        let read = frame.and_then(|frame| {
            let path = headers.path.as_deref();
            let body = |bytes| Body { bytes, path, ..Body::default() };
            if !frame.is_compressed {
                return F::read_message(protocol, &body(frame.bytes), naming, limits);
            }
            let encoding =
                Encoding::from_name(headers.grpc_encoding.as_deref().unwrap_or_default())?;
            let encoding = encoding.ok_or(UnreadReason::Compressed)?;
            let decoded = encoding.decode(frame.bytes, limits.max_body_bytes)?;
            F::read_message(protocol, &body(&decoded), naming, limits)
        });
        self.add(read, limits);
    }

    fn add(&mut self, read: Result<F, UnreadReason>, limits: &Limits) {
        self.stream.messages = self.stream.messages.saturating_add(1);
        match read {
            Ok(first) if !self.is_any_read => {
                let unread = core::mem::replace(self.facts(), first);
                self.facts().merge(unread, limits);
                self.is_any_read = true;
            }
            Ok(later) => self.facts().merge(later, limits),
            Err(reason) => self.facts().leave_out(reason),
        }
    }

    fn facts(&mut self) -> &mut F {
        self.facts.get_or_insert_default()
    }

    /// `is_stream`: it is one however many messages it has.
    fn finish(self, nothing: UnreadReason, is_stream: bool) -> Result<F, UnreadReason> {
        if self.stream.messages == 0 && !self.stream.has_end_mark {
            return Err(nothing);
        }
        let mut facts = *self.facts.unwrap_or_default();
        if is_stream || self.stream.messages > 1 {
            facts.set_stream(self.stream);
        }
        Ok(facts)
    }
}

/// Reads a body that is here from its start to its end.
pub(crate) fn read_whole<F: Facts>(
    protocol: Protocol,
    body: &Body<'_>,
    naming: &Naming<'_>,
    limits: &Limits,
) -> Result<F, UnreadReason> {
    body.check(protocol)?;
    read_checked(protocol, body, naming, limits)
}

fn read_checked<F: Facts>(
    protocol: Protocol,
    body: &Body<'_>,
    naming: &Naming<'_>,
    limits: &Limits,
) -> Result<F, UnreadReason> {
    if protocol.is_grpc() {
        return read_stream(protocol, body, naming, limits);
    }
    if let Some(encoding) = body.encoding()? {
        let decoded = encoding.decode(body.bytes, limits.max_body_bytes)?;
        let plain = Body { bytes: &decoded, content_encoding: None, ..*body };
        return read_plain(protocol, &plain, naming, limits);
    }
    read_plain(protocol, body, naming, limits)
}

fn read_plain<F: Facts>(
    protocol: Protocol,
    body: &Body<'_>,
    naming: &Naming<'_>,
    limits: &Limits,
) -> Result<F, UnreadReason> {
    if body.form(protocol) != Form::Whole || protocol.streams() && looks_like_events(body.bytes) {
        return read_stream(protocol, body, naming, limits);
    }
    if body.bytes.trim_ascii().is_empty() {
        return Err(UnreadReason::Malformed);
    }
    let bytes = match body.inference_header_content_length {
        None => without_byte_order_mark(body.bytes),
        // It counts each byte.
        Some(_) => body.bytes,
    };
    F::read_message(protocol, &Body { bytes, ..*body }, naming, limits)
}

fn without_byte_order_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)
}

fn read_stream<F: Facts>(
    protocol: Protocol,
    body: &Body<'_>,
    naming: &Naming<'_>,
    limits: &Limits,
) -> Result<F, UnreadReason> {
    let mut headers = body.headers();
    if !protocol.is_grpc() {
        headers.content_type = Some(b"text/event-stream".to_vec());
    }
    let mut reader = BodyReader::new(protocol, headers, limits);
    reader.push(body.bytes, naming);
    reader.finish(true, naming)
}

/// Whether a body without a type is a stream of events: no JSON begins so.
fn looks_like_events(bytes: &[u8]) -> bool {
    let bytes = without_byte_order_mark(bytes).trim_ascii_start();
    [&b"data:"[..], b"event:", b"id:", b":"].iter().any(|start| bytes.starts_with(start))
}

impl Facts for RequestFacts {
    fn read_message(
        protocol: Protocol,
        body: &Body<'_>,
        naming: &Naming<'_>,
        limits: &Limits,
    ) -> Result<Self, UnreadReason> {
        formats::read_request(protocol, body, naming, limits)
    }

    fn merge(&mut self, later: Self, limits: &Limits) {
        self.merge(later, limits);
    }

    fn leave_out(&mut self, reason: UnreadReason) {
        self.unread = self.unread.or(Some(reason));
    }

    fn set_stream(&mut self, _: StreamFacts) {}
}

impl Facts for ResponseFacts {
    fn read_message(
        protocol: Protocol,
        body: &Body<'_>,
        naming: &Naming<'_>,
        limits: &Limits,
    ) -> Result<Self, UnreadReason> {
        formats::read_response(protocol, body, naming, limits)
    }

    fn merge(&mut self, later: Self, limits: &Limits) {
        self.merge(later, limits);
    }

    fn leave_out(&mut self, reason: UnreadReason) {
        self.unread = self.unread.or(Some(reason));
    }

    fn set_stream(&mut self, stream: StreamFacts) {
        self.stream = Some(stream);
    }
}
