//! How servers of generating models say what they did: usage, details, choices.

use tidegate_core::event::UnreadReason;

use crate::facts::{GenerationFacts, Limits};
use crate::value;
use crate::wire::json::{Kind, Reader, Span};

impl GenerationFacts {
    /// Reads the object under `usage`, by the names of OpenAI and of Anthropic.
    pub(crate) fn read_usage(&mut self, reader: &mut Reader<'_>) -> Result<(), UnreadReason> {
        // Proxies tell both vocabularies at once: tokens of a prompt have those of its cache among them.
        let (mut is_of_prompt, mut is_cache_named) = (false, false);
        reader.members(&mut |key, reader| {
            match key {
                "prompt_tokens" | "input_tokens" => {
                    is_of_prompt |= key == "prompt_tokens";
                    set(&mut self.counted_input_tokens, reader)?;
                }
                "completion_tokens" | "output_tokens" => set(&mut self.output_tokens, reader)?,
                // DeepSeek's and Moonshot's names: of the prompt's tokens, these.
                "prompt_cache_hit_tokens" | "cached_tokens" => {
                    set(&mut self.cached_tokens, reader)?;
                }
                "cache_read_input_tokens" => {
                    is_cache_named = true;
                    set(&mut self.cached_tokens, reader)?;
                }
                "cache_creation_input_tokens" => {
                    is_cache_named = true;
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
        self.counts_cache_apart |= is_cache_named && !is_of_prompt;
        Ok(())
    }

    fn read_details(&mut self, reader: &mut Reader<'_>) -> Result<(), UnreadReason> {
        reader.members(&mut |key, reader| {
            match key {
                "cached_tokens" => set(&mut self.cached_tokens, reader)?,
                "cache_write_tokens" => set(&mut self.cache_creation_tokens, reader)?,
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
                    self.has_log_probabilities |= says_anything(reader.skip()?)?;
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
                    // Moonshot tells the usage of a stream in the choice that ends.
                    "usage" => self.read_usage(reader)?,
                    "logprobs" => {
                        self.has_log_probabilities |= says_anything(reader.skip()?)?;
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

/// Whether a value, or a member of it, is more than `null` and an empty list: a refusal has log probabilities
/// whose `content` is `null`, and the first event of a stream an empty list of them.
fn says_anything(value: Span<'_>) -> Result<bool, UnreadReason> {
    let is_given = |value: Span<'_>| value.bytes != b"null" && value.extent.leaves > 0;
    if !value.bytes.starts_with(b"{") {
        return Ok(is_given(value));
    }
    let mut is_any = false;
    Reader::new(value.bytes).members(&mut |_, reader| {
        is_any |= is_given(reader.skip()?);
        Ok(())
    })?;
    Ok(is_any)
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
    use alloc::string::String;

    use super::*;
    use crate::facts::MAX_CHOICES;

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
    fn tokens_of_a_cache_have_many_names() {
        let cache = |json: &str| {
            let facts = usage(json);
            (facts.input_tokens(), facts.cached_tokens, facts.cache_creation_tokens)
        };
        let written = r#"{"prompt_tokens": 30, "prompt_tokens_details": {"cached_tokens": 8, "cache_write_tokens": 20}}"#;
        assert_eq!(cache(written), (Some(30), Some(8), Some(20)));
        let deepseek = r#"{"prompt_tokens": 30, "prompt_cache_hit_tokens": 24, "prompt_cache_miss_tokens": 6}"#;
        assert_eq!(cache(deepseek), (Some(30), Some(24), None));
        let moonshot = r#"{"prompt_tokens": 30, "cached_tokens": 8}"#;
        assert_eq!(cache(moonshot), (Some(30), Some(8), None));
    }

    #[test]
    fn the_choice_that_ends_may_tell_the_usage() {
        let mut facts = GenerationFacts::default();
        let choices =
            r#"[{"index": 0, "finish_reason": "stop", "usage": {"completion_tokens": 3}}]"#;
        facts.read_choices(&mut Reader::new(choices.as_bytes()), &Limits::default()).unwrap();
        assert_eq!(facts.output_tokens, Some(3));
    }

    #[test]
    fn choices_end_by_their_index() {
        let mut facts = GenerationFacts::default();
        let choices = r#"[{"index": 1, "finish_reason": "stop"}, {"finish_reason": null, "index": 0},
            {"index": 0, "finish_reason": "length", "logprobs": {"content": [{"token": "a"}]}}]"#;
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
