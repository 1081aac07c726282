//! What a generated answer says of itself: tokens, and why it ended.

use alloc::string::String;
use alloc::vec::Vec;

/// Choices of one answer whose end is kept.
pub(crate) const MAX_CHOICES: usize = 128;

/// What is said of one generated answer. What the wire does not say is `None`, never 0.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct GenerationFacts {
    /// Tokens of the input as the server counts them: see [`input_tokens`](Self::input_tokens).
    pub counted_input_tokens: Option<u64>,
    /// The server counts the tokens of a cache apart from those of the input.
    pub counts_cache_apart: bool,
    /// Tokens of the output, those of reasoning among them.
    pub output_tokens: Option<u64>,
    /// Input tokens that were read from a cache.
    pub cached_tokens: Option<u64>,
    /// Input tokens that were written to a cache.
    pub cache_creation_tokens: Option<u64>,
    /// Output tokens of reasoning.
    pub reasoning_tokens: Option<u64>,
    /// Why each choice ended, ordered by the choice's index.
    pub finish_reasons: Vec<(u64, String)>,
    /// How far the answer is, where a server says so.
    pub status: Option<String>,
    /// Logarithms of token probabilities are given.
    pub has_log_probabilities: bool,
}

impl GenerationFacts {
    /// Tokens of the input, those of a cache among them.
    pub fn input_tokens(&self) -> Option<u64> {
        let counted = self.counted_input_tokens?;
        if !self.counts_cache_apart {
            return Some(counted);
        }
        let cached = self.cached_tokens.unwrap_or(0);
        Some(counted.saturating_add(cached).saturating_add(self.cache_creation_tokens.unwrap_or(0)))
    }

    /// Why a choice ended; a later reason replaces an earlier one.
    pub(crate) fn set_finish_reason(&mut self, choice: u64, reason: String) {
        match self.finish_reasons.binary_search_by_key(&choice, |(index, _)| *index) {
            Ok(found) => {
                if let Some((_, known)) = self.finish_reasons.get_mut(found) {
                    *known = reason;
                }
            }
            Err(place) if self.finish_reasons.len() < MAX_CHOICES => {
                self.finish_reasons.insert(place, (choice, reason));
            }
            Err(_) => {}
        }
    }

    /// Adds what a later message of the stream says. Counts are running totals: the last one counts.
    pub(crate) fn merge(&mut self, later: Self) {
        fn last<T>(known: &mut Option<T>, later: Option<T>) {
            *known = later.or(known.take());
        }
        last(&mut self.counted_input_tokens, later.counted_input_tokens);
        last(&mut self.output_tokens, later.output_tokens);
        last(&mut self.cached_tokens, later.cached_tokens);
        last(&mut self.cache_creation_tokens, later.cache_creation_tokens);
        last(&mut self.reasoning_tokens, later.reasoning_tokens);
        last(&mut self.status, later.status);
        self.counts_cache_apart |= later.counts_cache_apart;
        self.has_log_probabilities |= later.has_log_probabilities;
        for (choice, reason) in later.finish_reasons {
            self.set_finish_reason(choice, reason);
        }
    }
}
