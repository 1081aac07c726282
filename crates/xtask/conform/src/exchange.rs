//! Reading both sides of an exchange, whole and in pieces.

use std::collections::BTreeMap;

use tidegate_protocol::{
    BodyHeaders, BodyReader, Facts, FeedbackFacts, Limits, Naming, Protocol, RequestFacts,
    ResponseFacts, Target, UnreadReason,
};

use crate::case::Case;
use crate::splits;

/// A body with its headers.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    bytes: Vec<u8>,
    headers: BTreeMap<String, Vec<u8>>,
}

impl Message {
    /// The message of a file, whose name says what stands before the body: headers (`.http`), or no gRPC
    /// frame (`.pb`).
    pub(crate) fn new(
        file: &str,
        bytes: Vec<u8>,
        headers: &BTreeMap<String, String>,
        protocol: Protocol,
    ) -> Self {
        let lower = |(name, value): (&String, &String)| {
            (name.to_ascii_lowercase(), value.clone().into_bytes())
        };
        let mut message = Self { bytes, headers: headers.iter().map(lower).collect() };
        if file.ends_with(".http") {
            message.take_headers();
        }
        if file.ends_with(".pb") && protocol.is_grpc() {
            message.frame();
        }
        message
    }

    fn take_headers(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        let mut rest = bytes.as_slice();
        while let Some(end) = rest.iter().position(|&byte| byte == b'\n') {
            let (line, after) = rest.split_at(end);
            rest = after.get(1..).unwrap_or_default();
            let line = line.trim_ascii();
            if line.is_empty() {
                break;
            }
            if let Some(colon) = line.iter().position(|&byte| byte == b':') {
                let (name, value) = line.split_at(colon);
                let name = String::from_utf8_lossy(name).to_ascii_lowercase();
                let value = value.get(1..).unwrap_or_default().trim_ascii().to_vec();
                self.headers.insert(name, value);
            }
        }
        self.bytes = rest.to_vec();
    }

    fn frame(&mut self) {
        let length = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        let mut framed = vec![0];
        framed.extend(length.to_be_bytes());
        framed.append(&mut self.bytes);
        self.bytes = framed;
    }
}

/// What an exchange says.
#[derive(Debug, Default)]
pub(crate) struct Exchange {
    /// `None`: no inference.
    pub(crate) target: Option<Target>,
    pub(crate) request: Option<RequestFacts>,
    /// What was read of the response, or nothing.
    pub(crate) response: ResponseFacts,
    pub(crate) unread: Vec<UnreadReason>,
    /// What became of predictions, where the request tells it.
    pub(crate) feedback: Option<FeedbackFacts>,
}

/// A split of a body gave other facts than the whole.
pub(crate) struct SplitMatters {
    pub(crate) side: &'static str,
    pub(crate) at: usize,
}

/// Reads both sides.
pub(crate) fn read(
    case: &Case,
    protocol: Protocol,
    request: Option<&Message>,
    response: Option<&Message>,
) -> Result<Exchange, SplitMatters> {
    let mut exchange = Exchange {
        target: protocol.target(case.method.as_bytes(), case.path.as_bytes()),
        ..Exchange::default()
    };
    if let Some(target) = &mut exchange.target {
        target.read_request_headers(protocol, |name| header(&case.request_headers, name));
        target.read_response_headers(protocol, |name| header(&case.response_headers, name));
    }
    let takes_feedback = protocol.takes_feedback(case.method.as_bytes(), case.path.as_bytes());
    if let Some(request) = request.filter(|_| takes_feedback || case.is_feedback()) {
        match FeedbackFacts::read(&request.bytes, &Limits::default()) {
            Ok(facts) => exchange.feedback = Some(facts),
            Err(reason) => exchange.unread.push(reason),
        }
        return Ok(exchange);
    }
    if let Some(request) = request {
        match side("request", protocol, &case.path, request)? {
            Ok(facts) => exchange.request = Some(facts),
            Err(reason) => exchange.unread.push(reason),
        }
    }
    if let Some(response) = response {
        match side("response", protocol, &case.path, response)? {
            Ok(facts) => exchange.response = facts,
            Err(reason) => exchange.unread.push(reason),
        }
    }
    protocol.settle(exchange.request.as_ref(), &mut exchange.response);
    // The gateway looks for predictions in successful answers only.
    if case.status.is_some_and(|status| status >= 400) {
        let ResponseFacts { predictions, confidences, scores, .. } = &mut exchange.response;
        (*predictions, *confidences, *scores) = (Vec::new(), Vec::new(), None);
    }
    Ok(exchange)
}

/// A header of the case, whose name may be in any case.
fn header<'c>(headers: &'c BTreeMap<String, String>, name: &str) -> Option<&'c [u8]> {
    let mut found = headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
    found.next().map(|(_, value)| value.as_bytes())
}

/// Reads one side in all the ways: they must agree.
fn side<F: Facts + PartialEq>(
    name: &'static str,
    protocol: Protocol,
    path: &str,
    message: &Message,
) -> Result<Result<F, UnreadReason>, SplitMatters> {
    let read = |pieces: &[&[u8]]| {
        let headers =
            BodyHeaders::new(path.as_bytes(), |name| message.headers.get(name).map(Vec::as_slice));
        let mut reader = BodyReader::<F>::new(protocol, headers, &Limits::default());
        for piece in pieces {
            reader.push(piece, &Naming::default());
        }
        reader.finish(true, &Naming::default())
    };
    let whole = read(&[&message.bytes]);
    for at in splits::places(message.bytes.len()) {
        let (first, second) = message.bytes.split_at(at);
        if read(&[first, second]) != whole {
            return Err(SplitMatters { side: name, at });
        }
    }
    let single: Vec<&[u8]> = message.bytes.chunks(1).collect();
    if read(&single) != whole {
        return Err(SplitMatters { side: name, at: 1 });
    }
    Ok(whole)
}
