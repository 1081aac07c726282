//! What a reader is told, and what it finds out.

mod generation;
mod merge;
mod pointer;
mod target;

use alloc::string::String;
use alloc::vec::Vec;
use tidegate_core::event::{FeatureColumn, UnreadReason, Value};

pub use generation::GenerationFacts;
#[cfg(test)]
pub(crate) use generation::MAX_CHOICES;
pub use pointer::{Pointer, Pointers};
pub(crate) use target::MAX_NAME_BYTES;
pub use target::Target;

/// Names that the wire leaves out, from the operator's config.
#[derive(Debug, Clone, Copy, Default)]
pub struct Naming<'a> {
    /// Names of unnamed columns, by position. Where it ends, columns are `f0`, `f1`, ... by position.
    pub feature_names: &'a [String],
    /// Names of classes, by index. Where it ends, a class is called by its index.
    pub classes: &'a [String],
    /// Where bodies of [`Protocol::Custom`](crate::Protocol::Custom) keep what matters.
    pub pointers: Option<&'a Pointers>,
}

/// How much of one body is kept. What a limit turns away is counted in the facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Feature columns of a request.
    pub max_columns: usize,
    /// Rows of features, or of predictions. The batch size counts all rows, kept or not.
    pub max_rows: usize,
    /// Bytes of one name, category or id; a longer one is cut at a character's end. The sentence of an error
    /// may have 16 times as many.
    pub max_text_bytes: usize,
    /// Bytes that are held of a body, or of one message of a stream, as sent and as decoded.
    pub max_body_bytes: usize,
}

/// How many times longer than a name a sentence for a person may be: servers repeat what they were sent.
const NAMES_PER_SENTENCE: usize = 16;

impl Limits {
    /// The same limits, for a sentence.
    pub(crate) const fn of_sentence(&self) -> Self {
        let max_text_bytes = self.max_text_bytes.saturating_mul(NAMES_PER_SENTENCE);
        Self { max_text_bytes, ..*self }
    }
}

impl Default for Limits {
    /// 512 columns, 65 536 rows, 256 bytes of text, 1 MiB of body.
    fn default() -> Self {
        Self { max_columns: 512, max_rows: 65_536, max_text_bytes: 256, max_body_bytes: 1 << 20 }
    }
}

/// What a request says. What it does not say is `None` or empty, never a guess.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RequestFacts {
    /// Model name in the body; the path's is in [`Target`].
    pub model_name: Option<String>,
    /// Model version in the body.
    pub model_version: Option<String>,
    /// Which of the model's functions is asked.
    pub signature: Option<String>,
    /// The client's id of the request.
    pub request_id: Option<String>,
    /// Rows; `None` where the inputs disagree or do not say.
    pub batch_size: Option<u64>,
    /// Feature columns. All have one length, except where `batch_size` is `None`: each input then
    /// has its own.
    pub features: Vec<FeatureColumn>,
    /// Columns past [`Limits::max_columns`].
    pub dropped_columns: u64,
    /// Rows past [`Limits::max_rows`].
    pub dropped_rows: u64,
    /// Whether the answer shall come as a stream.
    pub asks_stream: Option<bool>,
    /// Why a message of the stream is left out of these facts; the first reason, where several are.
    pub unread: Option<UnreadReason>,
}

/// What a response says. What it does not say is `None` or empty, never a guess.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ResponseFacts {
    /// Model name.
    pub model_name: Option<String>,
    /// The version that answered; it beats the version that was asked for.
    pub model_version: Option<String>,
    /// What the server that answered runs, such as an image and its tag.
    pub served_by: Option<String>,
    /// The server's id of the response.
    pub response_id: Option<String>,
    /// Rows that were answered; `None` where the outputs disagree or do not say.
    pub batch_size: Option<u64>,
    /// Dimensions of the first output, where it has any.
    pub output_shape: Vec<u64>,
    /// The predicted class or number of each row.
    pub predictions: Vec<Value>,
    /// The confidence of each prediction, in `[0, 1]`: as many as predictions, or none.
    pub confidences: Vec<f64>,
    /// The scores of all classes, where every row has the same classes.
    pub scores: Option<ClassScores>,
    /// Numbers among the predictions that are NaN or infinite.
    pub non_finite: u64,
    /// Predictions past [`Limits::max_rows`].
    pub dropped_rows: u64,
    /// The body is an error, whatever the HTTP status says.
    pub error: Option<ErrorFacts>,
    /// What a model that generates text says of its work.
    pub generation: Option<GenerationFacts>,
    /// How the answer came in pieces; `None` for one that came whole.
    pub stream: Option<StreamFacts>,
    /// Why a message of the stream is left out of these facts; the first reason, where several are.
    pub unread: Option<UnreadReason>,
}

/// The scores of all classes, row by row.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ClassScores {
    /// The classes, by position in a row.
    pub classes: Vec<String>,
    /// As many scores a row as there are classes.
    pub scores: Vec<f64>,
    /// Each row's scores are probabilities of classes that exclude each other, or the highest of them.
    pub are_probabilities: bool,
}

/// What an error says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ErrorFacts {
    /// For a person.
    pub message: Option<String>,
    /// Its kind, by the server's own names.
    pub kind: Option<String>,
    /// Its code, by the server's own names.
    pub code: Option<String>,
}

/// A stream of messages in one body.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StreamFacts {
    /// Messages, those that could not be read among them; not the mark of the end.
    pub messages: u64,
    /// The stream ended with the mark of its protocol, such as `[DONE]`.
    pub has_end_mark: bool,
}

/// The name of the model that answered, as far as it is known.
///
/// A path says what is asked for by its address, and beats the bodies; of these the response's says what
/// ran (`gpt-5-nano-2025-08-07`), the request's what was asked for (`gpt-5-nano`).
pub fn model_name<'a>(
    target: &'a Target,
    request: &'a RequestFacts,
    response: &'a ResponseFacts,
) -> Option<&'a str> {
    first([&target.model_name, &response.model_name, &request.model_name])
}

/// The version that answered, as far as it is known: the response's, then the path's, then the request's.
pub fn model_version<'a>(
    target: &'a Target,
    request: &'a RequestFacts,
    response: &'a ResponseFacts,
) -> Option<&'a str> {
    first([&response.model_version, &target.model_version, &request.model_version])
}

/// Rows of an exchange: what the request says, if it was read, else what the response says.
pub fn batch_size(request: Option<&RequestFacts>, response: &ResponseFacts) -> Option<u64> {
    request.map_or(response.batch_size, |request| request.batch_size)
}

fn first(names: [&Option<String>; 3]) -> Option<&str> {
    names.into_iter().flatten().map(String::as_str).find(|name| !name.is_empty())
}
