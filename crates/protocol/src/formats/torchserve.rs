//! TorchServe: bodies are the model's own. What its default handlers take and answer is read.

use tidegate_core::event::UnreadReason;

use crate::facts::{ErrorFacts, Limits, Naming, RequestFacts, ResponseFacts};
use crate::features::rows;
use crate::predictions::Predictions;
use crate::predictions::answers;
use crate::predictions::labelled;
use crate::value;
use crate::wire::json::{Kind, Leaf, Leaves, Reader, Span};

/// Reads a request: rows under `instances`, as its KServe envelope has them. Others do not say their batch.
pub(crate) fn read_request(
    json: &[u8],
    naming: &Naming<'_>,
    limits: &Limits,
) -> Result<RequestFacts, UnreadReason> {
    let mut facts = RequestFacts::default();
    let mut instances = None;
    let mut reader = Reader::new(json);
    if reader.peek()? == Kind::Object {
        reader.enter_object()?;
        while let Some(key) = reader.next_key()? {
            let span = reader.skip()?;
            if key.decode(16) == "instances" {
                instances = Some(span);
            }
        }
    } else {
        reader.skip()?;
    }
    if let Some(instances) = instances.filter(|instances| instances.extent.is_array) {
        rows::read(instances, &mut facts, naming, limits)?;
    }
    Ok(facts)
}

/// Reads a response: a map from label to probability, the best of many; a list of such maps, all of one
/// input; a class with its probability; or rows.
pub(crate) fn read_response(
    json: &[u8],
    naming: &Naming<'_>,
    limits: &Limits,
) -> Result<ResponseFacts, UnreadReason> {
    let mut facts = ResponseFacts::default();
    let mut reader = Reader::new(json);
    let kind = reader.peek()?;
    let span = reader.skip()?;
    if kind == Kind::Object {
        facts.error = read_error(span.bytes, limits)?;
        if facts.error.is_some() {
            return Ok(facts);
        }
    }
    let mut predictions = Predictions::new(naming, limits);
    match (kind, Leaves::new(span.bytes).next_leaf()?) {
        (Kind::Object, _) if is_label_map(span.bytes)? => {
            labelled::read_label_map(span.bytes, limits, &mut predictions)?;
        }
        (Kind::Object, _) if is_envelope(span.bytes)? => {
            return crate::formats::kserve_v1::read_response(
                &crate::Body { bytes: json, ..crate::Body::default() },
                naming,
                limits,
            );
        }
        (Kind::Array, Some(Leaf::Object(first))) if is_label_map(first)? && !is_nested(span) => {
            labelled::read_ranked(span, limits, &mut predictions)?;
        }
        _ => predictions = answers::read(span, naming, limits)?,
    }
    predictions.finish(&mut facts);
    // The answer of one request says nothing of the batch that it was part of.
    facts.batch_size = facts.batch_size.filter(|_| is_nested(span));
    Ok(facts)
}

fn is_nested(list: Span<'_>) -> bool {
    list.extent.is_array
        && list.bytes.get(1..).unwrap_or_default().trim_ascii_start().starts_with(b"[")
}

/// `{code, type, message}`.
pub(crate) fn read_error(json: &[u8], limits: &Limits) -> Result<Option<ErrorFacts>, UnreadReason> {
    let mut error = ErrorFacts::default();
    Reader::new(json).members(&mut |key, reader| {
        match key {
            "code" => error.code = value::name(reader, limits)?,
            "type" => error.kind = value::name(reader, limits)?,
            "message" => error.message = value::sentence(reader, limits)?,
            _ => {
                reader.skip()?;
            }
        }
        Ok(())
    })?;
    Ok(Some(error).filter(|error| error.code.is_some() && error.message.is_some()))
}

/// Whether all members are numbers, and there is one.
fn is_label_map(json: &[u8]) -> Result<bool, UnreadReason> {
    let mut are_numbers = true;
    let mut is_any = false;
    Reader::new(json).members(&mut |_, reader| {
        is_any = true;
        are_numbers &= reader.number_if_any()?.is_some();
        Ok(())
    })?;
    Ok(are_numbers && is_any)
}

/// Whether it is an answer of the KServe envelope.
fn is_envelope(json: &[u8]) -> Result<bool, UnreadReason> {
    let mut is_envelope = false;
    Reader::new(json).members(&mut |key, reader| {
        is_envelope |= key == "predictions" || key == "explanations";
        reader.skip()?;
        Ok(())
    })?;
    Ok(is_envelope)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;
    use tidegate_core::event::Value;

    fn answer(json: &str) -> (Vec<Value>, Vec<f64>, Option<u64>) {
        let facts = read_response(json.as_bytes(), &Naming::default(), &Limits::default()).unwrap();
        (facts.predictions, facts.confidences, facts.batch_size)
    }

    #[test]
    fn the_best_of_many_classes_is_the_prediction() {
        let cat = vec![Value::Category("cat".into())];
        for json in [
            r#"{"cat": 0.5, "dog": 0.25}"#,
            r#"[{"cat": 0.5}, {"dog": 0.25}]"#,
            r#"{"class": "cat", "probability": 0.5}"#,
        ] {
            assert_eq!(answer(json), (cat.clone(), vec![0.5], None), "{json}");
        }
        assert_eq!(answer(r#"{"cat": 12.5, "dog": -3}"#), (cat.clone(), vec![], None));
        assert_eq!(answer("\"cat\""), (cat, vec![], None));
        assert_eq!(answer(r#"{"predictions": [[0.25, 0.75]]}"#).1, [0.75]);
        assert_eq!(answer("{}"), (vec![], vec![], None));
    }

    #[test]
    fn an_error_is_read() {
        let json = br#"{"code": 404, "type": "ModelNotFoundException", "message": "no"}"#;
        let facts = read_response(json, &Naming::default(), &Limits::default()).unwrap();
        assert_eq!(facts.error.unwrap().code.as_deref(), Some("404"));
    }
}
