//! What the filter asks of the gateway that it runs in.

mod call;
mod headers;
pub(crate) mod path;

/// The side of an exchange, as the core names it.
pub use tidegate_core::event::Side;

pub use self::call::{Answer, Call, CallId, NotSent};
pub use self::headers::Headers;

/// A gateway, as seen from one callback.
///
/// Nothing here fails loudly: what the gateway cannot give is `None` or empty, for the filter has
/// nothing better to do than to go on.
pub trait Host {
    /// Wall-clock time, in nanoseconds since 1970. It may step.
    fn now_nanos(&self) -> u64;

    /// Writes a line to the gateway's log.
    fn log(&self, level: LogLevel, message: &str);

    /// The headers of one side, pseudo-headers among them.
    fn headers(&self, side: Side) -> Headers;

    /// Takes every value of a header out of the request.
    fn remove_request_header(&self, name: &str);

    /// Gives a header of the request one value.
    fn set_request_header(&self, name: &str, value: &str);

    /// Gives a header or trailer of the response one value, while they pass.
    fn set_response_header(&self, part: ResponsePart, name: &str, value: &str);

    /// The first `length` bytes of the chunk of the body that is passing.
    fn body_chunk(&self, side: Side, length: usize) -> Vec<u8>;

    /// Takes `length` bytes out of the request's body, which is held back: nobody else will see them.
    fn take_request_chunk(&self, length: usize) -> Vec<u8>;

    /// A property of the stream, such as `request.duration`.
    fn property(&self, path: &[&str]) -> Option<Vec<u8>>;

    /// Keeps something of the stream under a name, for others than the filter: for access logs.
    fn keep(&self, name: &str, value: &str);

    /// A value that all threads of the gateway share.
    fn shared(&self, key: &str) -> Option<Shared>;

    /// Writes a shared value, if it still is what the writer thinks it is.
    ///
    /// # Errors
    /// [`Conflict`]: it is not, and nothing was written.
    fn set_shared(&self, key: &str, value: &[u8], expected: Expected) -> Result<(), Conflict>;

    /// Adds to a counter among the gateway's own statistics, which is made if there is none.
    fn count(&self, name: &str, more: u64);

    /// Answers the request in place of the upstream.
    fn respond(&self, reply: &Reply);

    /// Sends a request of the filter's own. From a root context only: a stream takes its calls with it
    /// when it ends.
    ///
    /// # Errors
    /// [`NotSent`]: the gateway refused it, and no answer will come.
    fn call(&self, call: &Call) -> Result<CallId, NotSent>;

    /// The headers of an answer, in the callback that tells of it; none when no answer came.
    fn answer_headers(&self) -> Headers;

    /// The first `length` bytes of the body of that answer.
    fn answer_body(&self, length: usize) -> Vec<u8>;
}

/// Where a response carries names and values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResponsePart {
    /// Before its body.
    Headers,
    /// Behind it.
    Trailers,
}

/// How loud a log line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    /// Worth knowing.
    Info,
    /// Something is lost or limited.
    Warn,
    /// Something does not work.
    Error,
}

/// A shared value and the number of its last write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// The value; empty where it was never written.
    pub value: Vec<u8>,
    /// The number of the write.
    pub version: u32,
}

/// What a writer thinks that a shared value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// Never written.
    Absent,
    /// As it was read.
    Version(u32),
    /// It does not matter.
    Any,
}

impl Expected {
    /// As it was read, or found absent.
    pub fn from_read(shared: Option<&Shared>) -> Self {
        shared.map_or(Self::Absent, |shared| Self::Version(shared.version))
    }
}

/// A shared value was written by another first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Conflict;

/// An answer of the filter's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u32,
    /// Headers.
    pub headers: Vec<(&'static str, String)>,
    /// Headers that an operator named.
    pub further_headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}
