//! What somebody told the filter.

use tidegate_core::event::Event;
use tidegate_core::feedback::{Labelled, TokenCounts};

/// What somebody told the filter, for its worker to count.
#[derive(Debug, Clone, PartialEq, Default)]
#[must_use]
pub struct Told {
    pub(crate) events: Vec<Event>,
    /// Predictions whose truth came with them.
    pub(crate) labelled: Vec<Labelled>,
    /// What became of tokens.
    pub(crate) tokens: TokenCounts,
    /// Models whose window is to become their reference.
    pub(crate) pins: Vec<String>,
    /// Bounds that turned the request itself away.
    pub(crate) rejected: Vec<&'static str>,
}
