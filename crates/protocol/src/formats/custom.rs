//! Bodies of no known protocol, read at the places that the operator points to.

use alloc::string::String;
use alloc::vec::Vec;

use tidegate_core::event::UnreadReason;

use crate::error;
use crate::facts::{Limits, Naming, Pointer, RequestFacts, ResponseFacts};
use crate::features::records::Records;
use crate::features::rows;
use crate::predictions::answers;
use crate::value;
use crate::wire::json::{Kind, Leaf, Leaves, Reader, Span};

/// Reads a request.
pub(crate) fn read_request(
    json: &[u8],
    naming: &Naming<'_>,
    limits: &Limits,
) -> Result<RequestFacts, UnreadReason> {
    Reader::new(json).skip()?;
    let mut facts = RequestFacts::default();
    let Some(pointers) = naming.pointers else { return Ok(facts) };
    facts.model_name = name_at(pointers.model.as_ref(), json, limits)?;
    if let Some(pointer) = &pointers.features {
        let span = pointer.find(json)?.ok_or(UnreadReason::NotProtocol)?;
        if is_list_of_rows(span)? {
            rows::read(span, &mut facts, naming, limits)?;
        } else {
            let mut records = Records::new(naming, limits);
            records.push_row(&mut Reader::new(span.bytes))?;
            facts.batch_size = Some(1);
            records.finish(&mut facts);
        }
    }
    if let Some(pointer) = &pointers.batch {
        facts.batch_size = match pointer.find(json)? {
            Some(span) if span.extent.is_array => u64::try_from(span.extent.elements).ok(),
            Some(span) => value::count(&mut Reader::new(span.bytes))?,
            None => None,
        };
    }
    Ok(facts)
}

/// Whether a value is a list whose elements are lists or records.
fn is_list_of_rows(span: Span<'_>) -> Result<bool, UnreadReason> {
    let is_nested = span.bytes.get(1..).unwrap_or_default().trim_ascii_start().starts_with(b"[");
    let first = Leaves::new(span.bytes).next_leaf()?;
    Ok(span.extent.is_array && (is_nested || matches!(first, Some(Leaf::Object(_)))))
}

/// Reads a response.
pub(crate) fn read_response(
    json: &[u8],
    naming: &Naming<'_>,
    limits: &Limits,
) -> Result<ResponseFacts, UnreadReason> {
    Reader::new(json).skip()?;
    let mut facts = ResponseFacts { error: error_of(json, limits)?, ..ResponseFacts::default() };
    let Some(pointers) = naming.pointers else { return Ok(facts) };
    facts.model_name = name_at(pointers.model.as_ref(), json, limits)?;
    match pointers.predictions.as_ref().map(|pointer| pointer.find(json)).transpose()? {
        Some(Some(span)) => answers::read(span, naming, limits)?.finish(&mut facts),
        Some(None) if facts.error.is_none() => return Err(UnreadReason::NotProtocol),
        Some(None) | None => {}
    }
    if let Some(pointer) = &pointers.confidences
        && let Some(span) = pointer.find(json)?
    {
        let mut confidences = Vec::new();
        let mut leaves = Leaves::new(span.bytes);
        while let Some(leaf) = leaves.next_leaf()? {
            match leaf {
                Leaf::Number(number) if (0.0..=1.0).contains(&number.value) => {
                    if confidences.len() < limits.max_rows {
                        confidences.push(number.value);
                    }
                }
                _ => return Ok(facts),
            }
        }
        if confidences.len() == facts.predictions.len() {
            facts.confidences = confidences;
        }
    }
    Ok(facts)
}

fn name_at(
    pointer: Option<&Pointer>,
    json: &[u8],
    limits: &Limits,
) -> Result<Option<String>, UnreadReason> {
    let Some(span) = pointer.map(|pointer| pointer.find(json)).transpose()?.flatten() else {
        return Ok(None);
    };
    Ok(value::name(&mut Reader::new(span.bytes), limits)?)
}

/// The member `error` of an object, or of the only one in a list, as BentoML sends it.
fn error_of(
    json: &[u8],
    limits: &Limits,
) -> Result<Option<crate::facts::ErrorFacts>, UnreadReason> {
    let mut reader = Reader::new(json);
    if reader.peek()? == Kind::Array {
        reader.enter_array()?;
        if !reader.next_element()? {
            return Ok(None);
        }
    }
    let mut found = None;
    reader.members(&mut |key, reader| {
        if key == "error" {
            found = error::read(reader, limits)?;
        } else {
            reader.skip()?;
        }
        Ok(())
    })?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Pointers;
    use tidegate_core::event::Value;

    #[test]
    fn what_pointers_name_is_read() {
        let pointer = Pointer::parse;
        let pointers = Pointers {
            features: pointer("/input/rows"),
            predictions: pointer("/answer/label"),
            confidences: pointer("/answer/p"),
            model: pointer("/model"),
            batch: None,
        };
        let naming = Naming { pointers: Some(&pointers), ..Naming::default() };
        let limits = Limits::default();
        let request = br#"{"model": "m", "input": {"rows": [[1, 2], [3, 4]]}}"#;
        let facts = read_request(request, &naming, &limits).unwrap();
        assert_eq!((facts.model_name.as_deref(), facts.batch_size), (Some("m"), Some(2)));
        assert_eq!(facts.features.len(), 2);
        let flat = br#"{"input": {"rows": [1, 2, 3]}}"#;
        let facts = read_request(flat, &naming, &limits).unwrap();
        assert_eq!((facts.batch_size, facts.features.len()), (Some(1), 3));
        let response = br#"{"answer": {"label": ["a", "b"], "p": [0.5, 1]}}"#;
        let facts = read_response(response, &naming, &limits).unwrap();
        assert_eq!(facts.predictions, ["a", "b"].map(|class| Value::Category(class.into())));
        assert_eq!(facts.confidences, [0.5, 1.0]);
        let other = read_response(b"{\"x\": 1}", &naming, &limits);
        assert_eq!(other, Err(UnreadReason::NotProtocol));
        let error = read_response(b"[{\"error\": \"no\"}]", &naming, &limits).unwrap().error;
        assert_eq!(error.unwrap().message.as_deref(), Some("no"));
    }
}
