//! What a reader is told, and what it finds out.

use alloc::string::String;
use alloc::vec::Vec;
use tidegate_core::event::{FeatureColumn, Value};

/// Names that the wire leaves out, from the operator's config.
#[derive(Debug, Clone, Copy, Default)]
pub struct Naming<'a> {
    /// Names of unnamed columns, by position. Where it ends, columns are `f0`, `f1`, ... by position.
    pub feature_names: &'a [String],
    /// Names of classes, by index. Where it ends, a class is called by its index.
    pub classes: &'a [String],
}

/// How much of one body is kept. What a limit turns away is counted in the facts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Feature columns of a request.
    pub max_columns: usize,
    /// Rows of features, or of predictions. The batch size counts all rows, kept or not.
    pub max_rows: usize,
    /// Bytes of one name, category or id; a longer one is cut at a character's end.
    pub max_text_bytes: usize,
}

impl Default for Limits {
    /// 512 columns, 65 536 rows, 256 bytes.
    fn default() -> Self {
        Self { max_columns: 512, max_rows: 65_536, max_text_bytes: 256 }
    }
}

/// What a request says. What it does not say is `None` or empty, never a guess.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RequestFacts {
    /// Model name in the body; the path's is in [`Target`](crate::Target).
    pub model_name: Option<String>,
    /// Model version in the body.
    pub model_version: Option<String>,
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
}

/// What a response says. What it does not say is `None` or empty, never a guess.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ResponseFacts {
    /// Model name.
    pub model_name: Option<String>,
    /// The version that answered; it beats the version that was asked for.
    pub model_version: Option<String>,
    /// The server's id of the response.
    pub response_id: Option<String>,
    /// The predicted class or number of each row.
    pub predictions: Vec<Value>,
    /// The confidence of each prediction, in `[0, 1]`: as many as predictions, or none.
    pub confidences: Vec<f64>,
    /// Predictions past [`Limits::max_rows`].
    pub dropped_rows: u64,
    /// The body is an error, whatever the HTTP status says.
    pub error: bool,
}
