//! Hugging Face's own protocols: text generation inference (`/generate`), and text embeddings inference
//! (`/predict`, `/rerank`, `/embed`). Both also speak OpenAI's.

use tidegate_core::event::UnreadReason;

use crate::body::Body;
use crate::error;
use crate::facts::GenerationFacts;
use crate::facts::{ErrorFacts, Limits, Naming, RequestFacts, ResponseFacts};
use crate::formats::openai;
use crate::predictions::Predictions;
use crate::predictions::labelled;
use crate::value;
use crate::wire::json::{Kind, Leaf, Leaves, Reader, Span};

/// Reads a request.
pub(crate) fn read_request(body: &Body<'_>, limits: &Limits) -> Result<RequestFacts, UnreadReason> {
    let mut facts = RequestFacts::default();
    let mut is_known = false;
    Reader::new(body.bytes).members(&mut |key, reader| {
        match key {
            "stream" => facts.asks_stream = reader.flag_if_any()?,
            "inputs" | "texts" => {
                let span = reader.skip()?;
                let is_pair = body.path_ends_with("/predict") && !is_nested(span);
                let inputs = if is_pair { 1 } else { span.extent.elements };
                let is_record = span.bytes.starts_with(b"{");
                facts.batch_size = u64::try_from(inputs).ok().filter(|_| !is_record);
                is_known = true;
            }
            _ => {
                reader.skip()?;
            }
        }
        Ok(())
    })?;
    if is_known { Ok(facts) } else { openai::read_request(body.bytes, limits) }
}

/// Whether a value is a list whose first element is a list.
fn is_nested(span: Span<'_>) -> bool {
    span.extent.is_array
        && span.bytes.get(1..).unwrap_or_default().trim_ascii_start().starts_with(b"[")
}

/// Reads a response, or one event of it. Headers tell the tokens where the body does not.
pub(crate) fn read_response(
    body: &Body<'_>,
    naming: &Naming<'_>,
    limits: &Limits,
) -> Result<ResponseFacts, UnreadReason> {
    let mut facts = read_body(body.bytes, naming, limits)?;
    if let Some(generation) = &mut facts.generation {
        generation.counted_input_tokens = generation.counted_input_tokens.or(body.prompt_tokens);
        generation.output_tokens = generation.output_tokens.or(body.generated_tokens);
    }
    Ok(facts)
}

fn read_body(
    json: &[u8],
    naming: &Naming<'_>,
    limits: &Limits,
) -> Result<ResponseFacts, UnreadReason> {
    let mut reader = Reader::new(json);
    match reader.peek()? {
        Kind::Object => read_object(json, limits),
        Kind::Array => read_list(reader.skip()?, naming, limits),
        _ => {
            reader.skip()?;
            Err(UnreadReason::NotProtocol)
        }
    }
}

/// A generated text, or one token of it.
fn read_object(json: &[u8], limits: &Limits) -> Result<ResponseFacts, UnreadReason> {
    let mut facts = ResponseFacts::default();
    let mut generation = GenerationFacts::default();
    let mut kind = None;
    let mut is_known = false;
    Reader::new(json).members(&mut |key, reader| {
        match key {
            "generated_text" => {
                reader.skip()?;
                is_known = true;
            }
            "token" => {
                generation.read_details_of_text(reader, limits)?;
                is_known = true;
            }
            "details" => generation.read_details_of_text(reader, limits)?,
            "error" => {
                facts.error = error::read(reader, limits)?;
                is_known |= facts.error.is_some();
            }
            "error_type" => kind = value::name(reader, limits)?,
            _ => {
                reader.skip()?;
            }
        }
        Ok(())
    })?;
    if !is_known {
        return openai::read_response(json, limits);
    }
    if let Some(ErrorFacts { kind: known, .. }) = &mut facts.error {
        *known = known.take().or(kind);
    }
    facts.generation = Some(generation);
    Ok(facts)
}

/// Classes of one input or of several, ranks, embeddings, or generated texts.
fn read_list(
    list: Span<'_>,
    naming: &Naming<'_>,
    limits: &Limits,
) -> Result<ResponseFacts, UnreadReason> {
    let mut facts = ResponseFacts::default();
    let mut predictions = Predictions::new(naming, limits);
    let mut reader = Reader::new(list.bytes);
    let first = Leaves::new(list.bytes).next_leaf()?;
    let is_classes = match first {
        Some(Leaf::Object(first)) => {
            let mut is_classes = false;
            let mut is_text = false;
            Reader::new(first).members(&mut |key, reader| {
                is_classes |= key == "label";
                is_text |= key == "generated_text";
                reader.skip()?;
                Ok(())
            })?;
            if is_text {
                facts = read_object(first, limits)?;
            }
            is_classes
        }
        Some(Leaf::Number(_)) => false,
        _ => return Err(UnreadReason::NotProtocol),
    };
    if is_classes {
        if is_nested(list) {
            reader.enter_array()?;
            while reader.next_element()? {
                labelled::read_ranked(reader.skip()?, limits, &mut predictions)?;
            }
        } else {
            labelled::read_ranked(list, limits, &mut predictions)?;
        }
        predictions.finish(&mut facts);
    } else {
        facts.batch_size = u64::try_from(list.extent.elements).ok();
    }
    Ok(facts)
}
