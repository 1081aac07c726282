//! What servers of generating models say of an answer: tokens, and why it ended.

use alloc::string::String;
use alloc::vec::Vec;

use tidegate_core::event::UnreadReason;

use crate::facts::Limits;
use crate::json::{Kind, Reader};
use crate::value;

/// Choices of one answer whose end is kept.
const MAX_CHOICES: usize = 128;

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

    /// Reads the object under `usage`, by the names of OpenAI and of Anthropic.
    pub(crate) fn read_usage(&mut self, reader: &mut Reader<'_>) -> Result<(), UnreadReason> {
        reader.members(&mut |key, reader| {
            match key {
                "prompt_tokens" | "input_tokens" => {
                    set(&mut self.counted_input_tokens, reader)?;
                }
                "completion_tokens" | "output_tokens" => set(&mut self.output_tokens, reader)?,
                "cache_read_input_tokens" => {
                    self.counts_cache_apart = true;
                    set(&mut self.cached_tokens, reader)?;
                }
                "cache_creation_input_tokens" => {
                    self.counts_cache_apart = true;
                    set(&mut self.cache_creation_tokens, reader)?;
                }
                "prompt_tokens_details"
                | "input_tokens_details"
                | "completion_tokens_details"
                | "output_tokens_details" => self.read_details(reader)?,
                _ => {
                    reader.skip()?;
                }
            }
            Ok(())
        })?;
        Ok(())
    }

    fn read_details(&mut self, reader: &mut Reader<'_>) -> Result<(), UnreadReason> {
        reader.members(&mut |key, reader| {
            match key {
                "cached_tokens" => set(&mut self.cached_tokens, reader)?,
                "reasoning_tokens" | "thinking_tokens" => {
                    set(&mut self.reasoning_tokens, reader)?;
                }
                _ => {
                    reader.skip()?;
                }
            }
            Ok(())
        })?;
        Ok(())
    }

    /// Reads the object under `details`, as TGI and the generate extension of the Open Inference Protocol
    /// have it.
    pub(crate) fn read_details_of_text(
        &mut self,
        reader: &mut Reader<'_>,
        limits: &Limits,
    ) -> Result<(), UnreadReason> {
        reader.members(&mut |key, reader| {
            match key {
                "finish_reason" => {
                    if let Some(reason) = value::name(reader, limits)? {
                        self.set_finish_reason(0, reason);
                    }
                }
                "generated_tokens" => set(&mut self.output_tokens, reader)?,
                "input_length" => set(&mut self.counted_input_tokens, reader)?,
                "tokens" | "logprobs" | "logprob" => {
                    let is_any = reader.peek()? != Kind::Null;
                    let span = reader.skip()?;
                    self.has_log_probabilities |=
                        is_any && !(span.extent.is_array && span.extent.elements == 0);
                }
                _ => {
                    reader.skip()?;
                }
            }
            Ok(())
        })?;
        Ok(())
    }

    /// Reads the list of choices: why each ended, and whether tokens have probabilities.
    pub(crate) fn read_choices(
        &mut self,
        reader: &mut Reader<'_>,
        limits: &Limits,
    ) -> Result<(), UnreadReason> {
        if reader.peek()? != Kind::Array {
            reader.skip()?;
            return Ok(());
        }
        reader.enter_array()?;
        let mut position = 0_u64;
        while reader.next_element()? {
            let mut index = position;
            let mut reason = None;
            reader.members(&mut |key, reader| {
                match key {
                    "index" => index = value::count(reader)?.unwrap_or(index),
                    "finish_reason" => reason = value::name(reader, limits)?,
                    "logprobs" => {
                        let is_given = reader.peek()? != Kind::Null;
                        reader.skip()?;
                        self.has_log_probabilities |= is_given;
                    }
                    _ => {
                        reader.skip()?;
                    }
                }
                Ok(())
            })?;
            if let Some(reason) = reason {
                self.set_finish_reason(index, reason);
            }
            position = position.saturating_add(1);
        }
        Ok(())
    }
}

/// Reads a count; `null`, and what is no count, leaves what is known.
fn set(known: &mut Option<u64>, reader: &mut Reader<'_>) -> Result<(), UnreadReason> {
    if let Some(count) = value::count(reader)? {
        *known = Some(count);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(json: &str) -> GenerationFacts {
        let mut facts = GenerationFacts::default();
        facts.read_usage(&mut Reader::new(json.as_bytes())).unwrap();
        facts
    }

    #[test]
    fn a_cache_that_is_counted_apart_is_part_of_the_input() {
        let facts = usage(r#"{"input_tokens": 4522, "cache_creation_input_tokens": 4511}"#);
        assert_eq!(facts.input_tokens(), Some(9033));
        let facts =
            usage(r#"{"prompt_tokens": 30, "prompt_tokens_details": {"cached_tokens": 10}}"#);
        assert_eq!((facts.input_tokens(), facts.cached_tokens), (Some(30), Some(10)));
        assert_eq!(usage("null"), GenerationFacts::default());
    }

    #[test]
    fn running_totals_are_not_added_up() {
        let mut facts = usage(r#"{"input_tokens": 11, "output_tokens": 1}"#);
        facts.merge(usage(r#"{"input_tokens": null, "output_tokens": 6}"#));
        assert_eq!((facts.input_tokens(), facts.output_tokens), (Some(11), Some(6)));
    }

    #[test]
    fn choices_end_by_their_index() {
        let mut facts = GenerationFacts::default();
        let choices = r#"[{"index": 1, "finish_reason": "stop"}, {"finish_reason": null, "index": 0},
            {"index": 0, "finish_reason": "length", "logprobs": {"content": []}}]"#;
        facts.read_choices(&mut Reader::new(choices.as_bytes()), &Limits::default()).unwrap();
        assert_eq!(facts.finish_reasons, [(0, "length".into()), (1, "stop".into())]);
        assert!(facts.has_log_probabilities);
        let many: String = (0..500)
            .map(|index| alloc::format!("{{\"index\":{index},\"finish_reason\":\"x\"}},"))
            .collect();
        let many = alloc::format!("[{}]", many.trim_end_matches(','));
        facts.read_choices(&mut Reader::new(many.as_bytes()), &Limits::default()).unwrap();
        assert_eq!(facts.finish_reasons.len(), MAX_CHOICES);
    }
}
