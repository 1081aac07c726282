//! OpenAI's chat completions, completions, embeddings and responses, and the rerankings of servers that
//! speak like it, whole or event by event.

use tidegate_core::event::UnreadReason;

use crate::error;
use crate::facts::GenerationFacts;
use crate::facts::{ErrorFacts, Limits, RequestFacts, ResponseFacts};
use crate::value;
use crate::wire::json::{Extent, Kind, Leaf, Leaves, Reader};

/// Reads a request.
pub(crate) fn read_request(json: &[u8], limits: &Limits) -> Result<RequestFacts, UnreadReason> {
    let mut facts = RequestFacts::default();
    let mut is_known = false;
    let mut reader = Reader::new(json);
    reader.members(&mut |key, reader| {
        match key {
            "model" => {
                facts.model_name = value::name(reader, limits)?;
                is_known = true;
            }
            "stream" => facts.asks_stream = reader.flag_if_any()?,
            "messages" => {
                reader.skip()?;
                facts.batch_size = Some(1);
                is_known = true;
            }
            "prompt" | "input" => {
                let span = reader.skip()?;
                facts.batch_size = prompts(span.bytes, &span.extent)?;
                is_known = true;
            }
            "documents" | "passages" | "texts" => {
                let extent = reader.skip()?.extent;
                let count = u64::try_from(extent.elements).ok();
                facts.batch_size = count.filter(|_| extent.is_array);
                is_known = true;
            }
            _ => {
                reader.skip()?;
            }
        }
        Ok(())
    })?;
    if is_known { Ok(facts) } else { Err(UnreadReason::NotProtocol) }
}

/// How many prompts an input is: a string, or the tokens of one, is a single prompt; a list of either is as
/// many as it has. A list of objects is one conversation.
fn prompts(json: &[u8], extent: &Extent) -> Result<Option<u64>, UnreadReason> {
    let first = Leaves::new(json).next_leaf()?;
    let is_nested = json.get(1..).unwrap_or_default().trim_ascii_start().starts_with(b"[");
    let count = match first {
        Some(Leaf::Text(_)) if extent.is_array => extent.elements,
        Some(Leaf::Number(_)) if is_nested => extent.elements,
        Some(Leaf::Text(_) | Leaf::Number(_)) => 1,
        Some(Leaf::Object(_)) if extent.is_array => 1,
        _ => return Ok(None),
    };
    Ok(u64::try_from(count).ok())
}

/// Reads a response, or one event of it.
pub(crate) fn read_response(json: &[u8], limits: &Limits) -> Result<ResponseFacts, UnreadReason> {
    let mut message = Message { limits, ..Message::new(limits) };
    let mut reader = Reader::new(json);
    // Gemini puts its error into a list.
    if reader.peek()? == Kind::Array {
        reader.enter_array()?;
        if !reader.next_element()? {
            return Err(UnreadReason::NotProtocol);
        }
    }
    message.read(&mut reader, true)?;
    message.finish()
}

/// The members of a response that matter here.
struct Message<'l> {
    limits: &'l Limits,
    facts: ResponseFacts,
    generation: GenerationFacts,
    /// Members of an error that stand at the top: older vLLM, and the `error` event of responses.
    bare_error: ErrorFacts,
    is_bare_error: bool,
    is_known: bool,
}

impl<'l> Message<'l> {
    fn new(limits: &'l Limits) -> Self {
        Self {
            limits,
            facts: ResponseFacts::default(),
            generation: GenerationFacts::default(),
            bare_error: ErrorFacts::default(),
            is_bare_error: false,
            is_known: false,
        }
    }

    /// Reads an object; `is_outermost`: an event's object may hold the response in a member.
    fn read(&mut self, reader: &mut Reader<'_>, is_outermost: bool) -> Result<(), UnreadReason> {
        let limits = self.limits;
        reader.members(&mut |key, reader| {
            match key {
                "model" => self.facts.model_name = value::name(reader, limits)?,
                "id" => self.facts.response_id = value::name(reader, limits)?,
                "status" => self.generation.status = value::name(reader, limits)?,
                "usage" => {
                    self.generation.read_usage(reader)?;
                    self.is_known = true;
                }
                // Groq tells the usage of a stream here only.
                "x_groq" => {
                    reader.members(&mut |key, reader| {
                        match key {
                            "usage" => self.generation.read_usage(reader)?,
                            _ => {
                                reader.skip()?;
                            }
                        }
                        Ok(())
                    })?;
                }
                "choices" => {
                    self.generation.read_choices(reader, limits)?;
                    self.is_known = true;
                }
                "data" | "results" | "rankings" => {
                    let extent = reader.skip()?.extent;
                    let count = u64::try_from(extent.elements).ok();
                    self.facts.batch_size = count.filter(|_| extent.is_array);
                    self.is_known = true;
                }
                "response" if is_outermost && reader.peek()? == Kind::Object => {
                    self.read(reader, false)?;
                }
                "error" => {
                    let error = error::read(reader, limits)?;
                    self.is_known |= error.is_some();
                    self.facts.error = error;
                }
                "detail" if is_outermost => {
                    self.is_known = true;
                    self.facts.error = error::read(reader, limits)?;
                }
                "object" => {
                    let object = value::name(reader, limits)?;
                    self.is_bare_error |= object.as_deref() == Some("error");
                    self.is_known |= object.is_some();
                }
                "type" => {
                    let kind = value::name(reader, limits)?;
                    self.is_bare_error |= kind.as_deref() == Some("error");
                    self.is_known |= kind.is_some();
                    self.bare_error.kind = kind.filter(|kind| kind != "error");
                }
                "code" | "error_code" => self.bare_error.code = value::name(reader, limits)?,
                "message" => self.bare_error.message = value::sentence(reader, limits)?,
                _ => {
                    reader.skip()?;
                }
            }
            Ok(())
        })?;
        Ok(())
    }

    fn finish(mut self) -> Result<ResponseFacts, UnreadReason> {
        // What says nothing but a sentence is a gateway's or a cloud's error.
        if !self.is_known && self.bare_error.message.is_none() {
            return Err(UnreadReason::NotProtocol);
        }
        if (self.is_bare_error || !self.is_known) && self.facts.error.is_none() {
            self.facts.error = Some(self.bare_error);
        }
        self.facts.generation = Some(self.generation);
        Ok(self.facts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    fn batch(json: &str) -> Option<u64> {
        read_request(json.as_bytes(), &Limits::default()).unwrap().batch_size
    }

    #[test]
    fn prompts_are_counted_by_their_form() {
        assert_eq!(batch(r#"{"input": "a"}"#), Some(1));
        assert_eq!(batch(r#"{"input": ["a", "b"]}"#), Some(2));
        assert_eq!(batch(r#"{"input": [1, 2, 3]}"#), Some(1));
        assert_eq!(batch(r#"{"input": [[1, 2], [3]]}"#), Some(2));
        assert_eq!(
            batch(r#"{"input": [{"role": "user", "content": "a"}, {"role": "user"}]}"#),
            Some(1)
        );
        assert_eq!(batch(r#"{"prompt": []}"#), None);
        assert_eq!(batch(r#"{"prompt": null}"#), None);
        assert_eq!(batch(r#"{"messages": []}"#), Some(1));
        assert_eq!(batch(r#"{"model": "m", "documents": ["a", "b", "c"]}"#), Some(3));
        assert_eq!(read_request(b"{\"x\": 1}", &Limits::default()), Err(UnreadReason::NotProtocol));
    }

    #[test]
    fn errors_have_many_forms() {
        let error = |json: &str| {
            let error = read_response(json.as_bytes(), &Limits::default()).unwrap().error.unwrap();
            (error.message, error.kind, error.code)
        };
        let text = |text: &str| Some(String::from(text));
        assert_eq!(
            error(r#"{"error": {"message": "no", "type": "bad", "param": null, "code": null}}"#),
            (text("no"), text("bad"), None)
        );
        assert_eq!(
            error(r#"{"object": "error", "message": "no", "type": "bad", "code": 400}"#),
            (text("no"), text("bad"), text("400"))
        );
        assert_eq!(
            error(r#"{"type": "error", "code": "c", "message": "no", "sequence_number": 1}"#),
            (text("no"), None, text("c"))
        );
        assert_eq!(error(r#"{"error": "no"}"#), (text("no"), None, None));
        assert_eq!(
            error(r#"[{"error": {"code": 400, "message": "no"}}]"#),
            (text("no"), None, text("400"))
        );
        assert_eq!(error(r#"{"message": "no"}"#), (text("no"), None, None));
        assert_eq!(error(r#"{"error_code": "c", "message": "no"}"#), (text("no"), None, text("c")));
        for other in ["[]", "[1]", r#"{"message": {"content": "x"}}"#, "1"] {
            let read = read_response(other.as_bytes(), &Limits::default());
            assert_eq!(read, Err(UnreadReason::NotProtocol), "{other}");
        }
    }

    #[test]
    fn a_vendor_may_tell_the_usage_of_a_stream() {
        let event =
            br#"{"id": "c", "choices": [], "x_groq": {"id": "r", "usage": {"prompt_tokens": 11}}}"#;
        let facts = read_response(event, &Limits::default()).unwrap();
        assert_eq!(facts.response_id.as_deref(), Some("c"));
        assert_eq!(facts.generation.unwrap().input_tokens(), Some(11));
    }

    #[test]
    fn a_sentence_may_be_longer_than_a_name() {
        let words = "what was sent is repeated ".repeat(40);
        let json = alloc::format!(r#"{{"error": {{"message": "{words}", "type": "{words}"}}}}"#);
        let error = read_response(json.as_bytes(), &Limits::default()).unwrap().error.unwrap();
        assert_eq!(error.message.as_deref(), Some(&*words));
        assert_eq!(error.kind.unwrap().len(), Limits::default().max_text_bytes);
    }

    #[test]
    fn the_last_event_of_a_response_holds_it() {
        let event = br#"{"type": "response.completed", "response": {"id": "r", "model": "m",
            "status": "completed", "error": null,
            "usage": {"input_tokens": 2, "output_tokens": 3}}}"#;
        let facts = read_response(event, &Limits::default()).unwrap();
        let generation = facts.generation.unwrap();
        assert_eq!(facts.model_name.as_deref(), Some("m"));
        assert_eq!((generation.input_tokens(), generation.output_tokens), (Some(2), Some(3)));
        assert_eq!((generation.status.as_deref(), facts.error), (Some("completed"), None));
    }
}
