//! Seldon Core's own protocol: `/api/v1.0/predictions`, and the feedback beside it.

use alloc::string::String;
use alloc::vec::Vec;

use tidegate_core::event::{UnreadReason, Value};

use crate::error;
use crate::facts::{Limits, Naming, RequestFacts, ResponseFacts};
use crate::features::rows;
use crate::features::{self, Batch};
use crate::predictions::answers;
use crate::predictions::outputs;
use crate::tensor::{Data, Datatype, Shape, Tensor};
use crate::value;
use crate::wire::json::{Kind, Leaf, Leaves, Reader, Span};

/// Reads a request.
pub(crate) fn read_request(
    json: &[u8],
    naming: &Naming<'_>,
    limits: &Limits,
) -> Result<RequestFacts, UnreadReason> {
    let message = Message::read(json, limits)?;
    let mut facts = RequestFacts { request_id: message.id, ..RequestFacts::default() };
    let Some(data) = message.data else {
        // A string, bytes or JSON of the model's own: it does not say its batch.
        return if message.is_opaque { Ok(facts) } else { Err(UnreadReason::NotProtocol) };
    };
    let own = Some(data.names.as_slice()).filter(|names| !names.is_empty());
    let named = Naming { feature_names: own.unwrap_or(naming.feature_names), ..*naming };
    match (data.ndarray, data.tensor) {
        (Some(ndarray), _) if ndarray.extent.is_array => {
            if is_flat(ndarray)? {
                // One row, or a row a value: the wire does not say.
                return Ok(facts);
            }
            rows::read(ndarray, &mut facts, &named, limits)?;
        }
        (None, Some(tensor)) => {
            let mut batch = Batch::default();
            batch.add(tensor.size.rows);
            facts.batch_size = batch.size();
            features::add_tensors(&mut facts, &[tensor], &named, limits)?;
        }
        _ => {}
    }
    Ok(facts)
}

/// Reads a response. Its names are those of classes.
pub(crate) fn read_response(
    json: &[u8],
    naming: &Naming<'_>,
    limits: &Limits,
) -> Result<ResponseFacts, UnreadReason> {
    let message = Message::read(json, limits)?;
    let mut facts = ResponseFacts {
        response_id: message.id,
        served_by: message.served_by,
        ..ResponseFacts::default()
    };
    let Some(data) = message.data else {
        facts.error = message.error;
        let is_known = message.is_opaque || facts.error.is_some();
        return if is_known { Ok(facts) } else { Err(UnreadReason::NotProtocol) };
    };
    let classes = Naming { classes: &data.names, ..*naming };
    let naming = if naming.classes.is_empty() && data.names.len() > 1 { &classes } else { naming };
    match (data.ndarray, data.tensor) {
        (Some(ndarray), _) => answers::read(ndarray, naming, limits)?.finish(&mut facts),
        (None, Some(tensor)) => {
            facts.batch_size = tensor.size.rows.and_then(|rows| u64::try_from(rows).ok());
            facts.output_shape = tensor.shape.dimensions();
            outputs::read(&[tensor], naming, limits)?.finish(&mut facts);
        }
        (None, None) => {}
    }
    Ok(facts)
}

/// Reads what was true, which names its classes as the answer beside it does if it names none.
pub(crate) fn read_truth(
    json: &[u8],
    answer: Option<Span<'_>>,
    naming: &Naming<'_>,
    limits: &Limits,
) -> Result<Vec<Value>, UnreadReason> {
    let names = match answer {
        Some(answer) if naming.classes.is_empty() => {
            Message::read(answer.bytes, limits)?.data.map(|data| data.names).unwrap_or_default()
        }
        _ => Vec::new(),
    };
    let named = if names.len() > 1 { Naming { classes: &names, ..*naming } } else { *naming };
    match read_response(json, &named, limits) {
        Ok(facts) => Ok(facts.predictions),
        Err(UnreadReason::NotProtocol) => Ok(Vec::new()),
        Err(reason) => Err(reason),
    }
}

/// Whether a list has no lists or records in it.
fn is_flat(list: Span<'_>) -> Result<bool, UnreadReason> {
    let is_nested = list.bytes.get(1..).unwrap_or_default().trim_ascii_start().starts_with(b"[");
    let first = Leaves::new(list.bytes).next_leaf()?;
    Ok(!is_nested && first.is_some() && !matches!(first, Some(Leaf::Object(_))))
}

/// `SeldonMessage`.
#[derive(Default)]
pub(crate) struct Message<'a> {
    pub data: Option<MessageData<'a>>,
    /// `strData`, `jsonData`, `binData` or `customData`.
    pub is_opaque: bool,
    pub id: Option<String>,
    served_by: Option<String>,
    error: Option<crate::facts::ErrorFacts>,
}

/// `data` of a message.
#[derive(Default)]
pub(crate) struct MessageData<'a> {
    names: Vec<String>,
    ndarray: Option<Span<'a>>,
    tensor: Option<Tensor<'a>>,
}

impl<'a> Message<'a> {
    pub fn read(json: &'a [u8], limits: &Limits) -> Result<Self, UnreadReason> {
        let mut message = Self::default();
        let mut reader = Reader::new(json);
        if reader.peek()? != Kind::Object {
            reader.skip()?;
            return Err(UnreadReason::NotProtocol);
        }
        reader.enter_object()?;
        while let Some(key) = reader.next_key()? {
            match &*key.decode(32) {
                "data" => {
                    let span = reader.skip()?;
                    message.data = if span.bytes.starts_with(b"{") {
                        Some(MessageData::read(span.bytes, limits)?)
                    } else {
                        None
                    };
                }
                "strData" | "jsonData" | "binData" | "customData" => {
                    reader.skip()?;
                    message.is_opaque = true;
                }
                "meta" => message.read_meta(&mut reader, limits)?,
                "status" => {
                    let span = reader.skip()?;
                    if is_failure(span.bytes, limits)? {
                        message.error = error::read(&mut Reader::new(span.bytes), limits)?;
                    }
                }
                _ => {
                    reader.skip()?;
                }
            }
        }
        Ok(message)
    }

    fn read_meta(&mut self, reader: &mut Reader<'_>, limits: &Limits) -> Result<(), UnreadReason> {
        reader.members(&mut |key, reader| {
            match key {
                "puid" => self.id = value::name(reader, limits)?,
                // By node of the graph, its image; the last one is nearest to the answer.
                "requestPath" => {
                    reader.members(&mut |_, reader| {
                        self.served_by = value::name(reader, limits)?.or(self.served_by.take());
                        Ok(())
                    })?;
                }
                _ => {
                    reader.skip()?;
                }
            }
            Ok(())
        })?;
        Ok(())
    }
}

impl<'a> MessageData<'a> {
    /// Its rows, where they are a list of them.
    pub fn rows(&self) -> Option<Span<'a>> {
        self.ndarray.or_else(|| match &self.tensor {
            Some(Tensor { data: Data::Json(values), size, .. }) if size.columns == Some(1) => {
                Some(*values)
            }
            _ => None,
        })
    }

    /// The values of a tensor of several columns, and how many columns they are.
    pub fn table(&self) -> Option<(Span<'a>, usize)> {
        match &self.tensor {
            Some(Tensor { data: Data::Json(values), size, .. }) => Some((*values, size.columns?)),
            _ => None,
        }
    }

    fn read(json: &'a [u8], limits: &Limits) -> Result<Self, UnreadReason> {
        let mut data = Self::default();
        let mut reader = Reader::new(json);
        reader.enter_object()?;
        while let Some(key) = reader.next_key()? {
            let span = reader.skip()?;
            match &*key.decode(32) {
                "names" => {
                    let mut leaves = Leaves::new(span.bytes);
                    data.names.clear();
                    while let Some(leaf) = leaves.next_leaf()? {
                        let (Leaf::Text(text), true) =
                            (leaf, data.names.len() < limits.max_columns)
                        else {
                            break;
                        };
                        data.names.push(text.decode(limits.max_text_bytes).into_owned());
                    }
                }
                "ndarray" => data.ndarray = (span.bytes != b"null").then_some(span),
                "tensor" if span.bytes.starts_with(b"{") => {
                    data.tensor = read_tensor(span.bytes)?;
                }
                _ => {}
            }
        }
        Ok(data)
    }
}

/// `{shape, values}`.
fn read_tensor(json: &[u8]) -> Result<Option<Tensor<'_>>, UnreadReason> {
    let mut shape = Shape::default();
    let mut values = None;
    let mut reader = Reader::new(json);
    reader.enter_object()?;
    while let Some(key) = reader.next_key()? {
        match &*key.decode(16) {
            "shape" => shape = Shape::read(&mut reader)?,
            "values" => values = Some(reader.skip()?),
            _ => {
                reader.skip()?;
            }
        }
    }
    Ok(values.map(|values| Tensor {
        name: "".into(),
        datatype: Datatype::Double,
        shape,
        size: shape.size(&values.extent),
        data: Data::Json(values),
    }))
}

/// Whether a `status` says that the call failed: 1 or `FAILURE` under `status`.
fn is_failure(json: &[u8], limits: &Limits) -> Result<bool, UnreadReason> {
    let mut is_failure = false;
    Reader::new(json).members(&mut |key, reader| {
        if key == "status" {
            let status = value::name(reader, limits)?;
            is_failure = matches!(status.as_deref(), Some("1" | "FAILURE"));
        } else {
            reader.skip()?;
        }
        Ok(())
    })?;
    Ok(is_failure)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(json: &str) -> Result<RequestFacts, UnreadReason> {
        read_request(json.as_bytes(), &Naming::default(), &Limits::default())
    }

    fn response(json: &str) -> Result<ResponseFacts, UnreadReason> {
        read_response(json.as_bytes(), &Naming::default(), &Limits::default())
    }

    #[test]
    fn requests_are_rows_under_their_names() {
        for json in [
            r#"{"data": {"names": ["a", "b"], "ndarray": [[1, 2], [3, 4]]}, "meta": {"puid": "p"}}"#,
            r#"{"meta": {"puid": "p"}, "data": {"tensor": {"values": [1, 2, 3, 4], "shape": [2, 2]}, "names": ["a", "b"]}}"#,
        ] {
            let facts = request(json).unwrap();
            assert_eq!(
                (facts.batch_size, facts.request_id.as_deref()),
                (Some(2), Some("p")),
                "{json}"
            );
            let names: Vec<&str> = facts.features.iter().map(|f| f.name.as_str()).collect();
            assert_eq!(names, ["a", "b"], "{json}");
        }
        assert_eq!(request(r#"{"data": {"ndarray": [1, 2]}}"#).unwrap().batch_size, None);
        assert_eq!(request(r#"{"jsonData": {"x": 1}}"#).unwrap().batch_size, None);
        assert_eq!(request(r#"{"x": 1}"#), Err(UnreadReason::NotProtocol));
    }

    #[test]
    fn responses_are_probabilities_of_named_classes() {
        let facts =
            response(r#"{"data": {"names": ["no", "yes"], "ndarray": [[0.25, 0.75]]}}"#).unwrap();
        assert_eq!(facts.predictions, [Value::Category("yes".into())]);
        assert_eq!(facts.confidences, [0.75]);
        let facts = response(
            r#"{"data": {"names": ["y"], "tensor": {"shape": [2, 1], "values": [1.5, 2]}}}"#,
        );
        assert_eq!(facts.unwrap().predictions, [1.5, 2.0].map(Value::Number));
    }

    #[test]
    fn a_failure_is_an_error_and_a_success_is_not() {
        let failure =
            response(r#"{"status": {"status": 1, "info": "no", "code": -1, "reason": "BAD"}}"#);
        let error = failure.unwrap().error.unwrap();
        assert_eq!((error.kind.as_deref(), error.code.as_deref()), (Some("BAD"), Some("-1")));
        let success = r#"{"status": {"status": "SUCCESS", "code": 200}, "strData": "x"}"#;
        assert_eq!(response(success).unwrap().error, None);
    }
}
