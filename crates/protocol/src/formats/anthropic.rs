//! Anthropic's messages, whole or event by event.

use tidegate_core::event::UnreadReason;

use crate::error;
use crate::facts::GenerationFacts;
use crate::facts::{Limits, RequestFacts, ResponseFacts};
use crate::value;
use crate::wire::json::Reader;

/// Reads a request: one conversation.
pub(crate) fn read_request(json: &[u8], limits: &Limits) -> Result<RequestFacts, UnreadReason> {
    let mut facts = RequestFacts { batch_size: Some(1), ..RequestFacts::default() };
    let mut is_known = false;
    Reader::new(json).members(&mut |key, reader| {
        match key {
            "model" => facts.model_name = value::name(reader, limits)?,
            "stream" => facts.asks_stream = reader.flag_if_any()?,
            "messages" => {
                is_known = true;
                reader.skip()?;
            }
            _ => {
                reader.skip()?;
            }
        }
        Ok(())
    })?;
    if is_known { Ok(facts) } else { Err(UnreadReason::NotProtocol) }
}

/// Reads a response, or one event of it.
pub(crate) fn read_response(json: &[u8], limits: &Limits) -> Result<ResponseFacts, UnreadReason> {
    let mut facts = ResponseFacts::default();
    // It counts the tokens of its cache apart, whether or not it names any.
    let mut generation = GenerationFacts { counts_cache_apart: true, ..GenerationFacts::default() };
    let is_known = read(&mut Reader::new(json), true, &mut facts, &mut generation, limits)?;
    if !is_known {
        return Err(UnreadReason::NotProtocol);
    }
    facts.generation = Some(generation);
    Ok(facts)
}

/// Reads an object; `is_outermost`: an event's object may hold the message in a member.
fn read(
    reader: &mut Reader<'_>,
    is_outermost: bool,
    facts: &mut ResponseFacts,
    generation: &mut GenerationFacts,
    limits: &Limits,
) -> Result<bool, UnreadReason> {
    let mut is_known = false;
    reader.members(&mut |key, reader| {
        match key {
            "type" => is_known |= value::name(reader, limits)?.is_some(),
            "model" => facts.model_name = value::name(reader, limits)?,
            "id" => facts.response_id = value::name(reader, limits)?,
            "stop_reason" => {
                if let Some(reason) = value::name(reader, limits)? {
                    generation.set_finish_reason(0, reason);
                }
            }
            "usage" => generation.read_usage(reader)?,
            "error" => {
                facts.error = error::read(reader, limits)?;
                is_known |= facts.error.is_some();
            }
            // Where a model that declined gives way to another, a block says which one goes on.
            "content_block" if is_outermost => {
                reader.members(&mut |key, reader| {
                    if key == "to" {
                        read(reader, false, facts, generation, limits)?;
                    } else {
                        reader.skip()?;
                    }
                    Ok(())
                })?;
            }
            "message" | "delta" if is_outermost => {
                read(reader, false, facts, generation, limits)?;
            }
            _ => {
                reader.skip()?;
            }
        }
        Ok(())
    })?;
    Ok(is_known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_message_is_read() {
        let facts = read_response(
            br#"{"id": "m1", "type": "message", "model": "c", "content": [{"type": "text", "text": "x"}],
                "stop_reason": "max_tokens", "usage": {"input_tokens": 5, "output_tokens": 7,
                "cache_read_input_tokens": 2}}"#,
            &Limits::default(),
        )
        .unwrap();
        let generation = facts.generation.unwrap();
        assert_eq!(generation.input_tokens(), Some(7));
        assert_eq!(generation.finish_reasons, [(0, "max_tokens".into())]);
        assert_eq!(
            (facts.model_name.as_deref(), facts.response_id.as_deref()),
            (Some("c"), Some("m1"))
        );
    }

    #[test]
    fn the_model_that_goes_on_is_the_one_that_answers() {
        let block =
            br#"{"type": "content_block_start", "index": 0, "content_block": {"type": "fallback",
            "from": {"model": "c1"}, "to": {"model": "c2"}}}"#;
        let facts = read_response(block, &Limits::default()).unwrap();
        assert_eq!(facts.model_name.as_deref(), Some("c2"));
        let tool =
            br#"{"type": "content_block_start", "index": 0, "content_block": {"type": "tool_use",
            "id": "t", "input": {"to": {"model": "c3"}}}}"#;
        let facts = read_response(tool, &Limits::default()).unwrap();
        assert_eq!((facts.model_name, facts.response_id), (None, None));
    }

    #[test]
    fn an_error_is_read() {
        let json =
            br#"{"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}"#;
        let error = read_response(json, &Limits::default()).unwrap().error.unwrap();
        assert_eq!(error.kind.as_deref(), Some("overloaded_error"));
        assert_eq!(error.message.as_deref(), Some("Overloaded"));
    }

    #[test]
    fn other_objects_are_no_messages() {
        for other in [&b"{\"foo\": true}"[..], b"[]", b"1"] {
            assert_eq!(read_response(other, &Limits::default()), Err(UnreadReason::NotProtocol));
        }
    }
}
