use serde::{Deserialize, Serialize};

use super::total::add;
use super::{
    CHUNK_GAP_SECONDS_BUCKETS, Dropped, FIRST_CHUNK_SECONDS_BUCKETS, Quantity, TOKEN_BUCKETS,
    TOKENS_PER_SECOND_BUCKETS,
};
use crate::event::{Generation, InferenceRef, Stage};

/// What a model that generates text did since the first request. Of each quantity, only the requests
/// that tell it are counted.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct GenerationTotals {
    /// Tokens of a request's input, those of a cache among them.
    pub input_tokens: Quantity,
    /// Tokens of an answer, those of reasoning among them.
    pub output_tokens: Quantity,
    /// Input tokens that were read from a cache.
    pub cached_tokens: u64,
    /// Input tokens that were written to a cache.
    pub cache_creation_tokens: u64,
    /// Output tokens of reasoning.
    pub reasoning_tokens: u64,
    /// From a request's first byte to the first chunk of its answer, in seconds.
    pub first_chunk: Quantity,
    /// Mean time between the chunks of an answer, in seconds.
    pub chunk_gap: Quantity,
    /// Output tokens of an answer over its request's total latency.
    pub tokens_per_second: Quantity,
}

impl GenerationTotals {
    pub(super) fn record(
        &mut self,
        inference: &InferenceRef<'_>,
        said: &Generation,
        dropped: &mut Dropped,
    ) {
        let total_seconds = inference.stage_seconds(Stage::Total).filter(|seconds| *seconds > 0.0);
        let gaps = said.chunks.and_then(|chunks| chunks.checked_sub(1)).filter(|gaps| *gaps > 0);
        let gap = said.chunks_seconds.zip(gaps).map(|(seconds, gaps)| seconds / gaps as f64);
        let input = said.input_tokens.map(|tokens| tokens as f64);
        let output = said.output_tokens.map(|tokens| tokens as f64);
        let rate = output.zip(total_seconds).map(|(tokens, seconds)| tokens / seconds);
        for (quantity, measure, buckets) in [
            (&mut self.input_tokens, input, TOKEN_BUCKETS),
            (&mut self.output_tokens, output, TOKEN_BUCKETS),
            (&mut self.first_chunk, said.first_chunk_seconds, FIRST_CHUNK_SECONDS_BUCKETS),
            (&mut self.chunk_gap, gap, CHUNK_GAP_SECONDS_BUCKETS),
            (&mut self.tokens_per_second, rate, TOKENS_PER_SECOND_BUCKETS),
        ] {
            if let Some(measure) = measure {
                quantity.record(measure, buckets, dropped);
            }
        }
        add(&mut self.cached_tokens, said.cached_tokens.unwrap_or(0));
        add(&mut self.cache_creation_tokens, said.cache_creation_tokens.unwrap_or(0));
        add(&mut self.reasoning_tokens, said.reasoning_tokens.unwrap_or(0));
    }

    pub(super) fn merge(&mut self, other: &Self) {
        self.input_tokens.merge(&other.input_tokens);
        self.output_tokens.merge(&other.output_tokens);
        self.first_chunk.merge(&other.first_chunk);
        self.chunk_gap.merge(&other.chunk_gap);
        self.tokens_per_second.merge(&other.tokens_per_second);
        add(&mut self.cached_tokens, other.cached_tokens);
        add(&mut self.cache_creation_tokens, other.cache_creation_tokens);
        add(&mut self.reasoning_tokens, other.reasoning_tokens);
    }

    /// Tokens by type, those that were told: `cached` and `cache_creation` are among `input`,
    /// `reasoning` among `output`.
    pub fn tokens(&self) -> impl Iterator<Item = (&'static str, u64)> {
        [
            // A sum of whole numbers is a whole number.
            ("input", self.input_tokens.histogram.sum() as u64),
            ("output", self.output_tokens.histogram.sum() as u64),
            ("cached", self.cached_tokens),
            ("cache_creation", self.cache_creation_tokens),
            ("reasoning", self.reasoning_tokens),
        ]
        .into_iter()
        .filter(|(_, count)| *count > 0)
    }

    /// Whether no request told anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}
