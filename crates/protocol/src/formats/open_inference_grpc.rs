//! Open Inference Protocol over gRPC: `ModelInfer`, and `ModelStreamInfer` as Triton and MLServer send it.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use tidegate_core::event::UnreadReason;

use crate::body::Body;
use crate::facts::{ErrorFacts, Limits, Naming, RequestFacts, ResponseFacts};
use crate::features::{self, Batch};
use crate::predictions::outputs;
use crate::tensor::{Data, Datatype, Shape, Tensor, TypedElements, count_binary, layout};
use crate::wire::json::{Extent, lossy};
use crate::wire::protobuf::{Fields, Wire, varint};

/// Field numbers of the raw contents, which differ by the side.
const RAW_INPUT_CONTENTS: u64 = 7;
const RAW_OUTPUT_CONTENTS: u64 = 6;

/// The tensors of either side.
const TENSORS: u64 = 5;

pub(crate) fn read_request(
    message: &[u8],
    naming: &Naming<'_>,
    limits: &Limits,
) -> Result<RequestFacts, UnreadReason> {
    let message = Message::read(message, RAW_INPUT_CONTENTS, limits)?;
    let mut batch = Batch::default();
    let tensors = message.tensors(&mut batch, limits)?;
    let mut facts = RequestFacts {
        model_name: message.model_name,
        model_version: message.model_version,
        request_id: message.id,
        batch_size: batch.size(),
        dropped_columns: message.dropped_tensors,
        ..RequestFacts::default()
    };
    features::add_tensors(&mut facts, &tensors, naming, limits)?;
    Ok(facts)
}

pub(crate) fn read_response(
    body: &Body<'_>,
    naming: &Naming<'_>,
    limits: &Limits,
) -> Result<ResponseFacts, UnreadReason> {
    let is_stream = body.path_ends_with("/ModelStreamInfer");
    let message = match if is_stream { unwrap(body.bytes)? } else { Unwrapped::Bare } {
        Unwrapped::Bare => body.bytes,
        Unwrapped::Response(message) => message,
        Unwrapped::Error(text) => {
            let message = Some(lossy(text, limits.of_sentence().max_text_bytes).into_owned());
            let error = Some(ErrorFacts { message, ..ErrorFacts::default() });
            return Ok(ResponseFacts { error, ..ResponseFacts::default() });
        }
    };
    let message = Message::read(message, RAW_OUTPUT_CONTENTS, limits)?;
    let mut batch = Batch::default();
    let tensors = message.tensors(&mut batch, limits)?;
    let mut facts = ResponseFacts {
        model_name: message.model_name,
        model_version: message.model_version,
        response_id: message.id,
        batch_size: batch.size(),
        output_shape: tensors.first().map(|first| first.shape.dimensions()).unwrap_or_default(),
        ..ResponseFacts::default()
    };
    outputs::read(&tensors, naming, limits)?.finish(&mut facts);
    Ok(facts)
}

/// A message of a stream: Triton wraps each response, MLServer does not.
enum Unwrapped<'a> {
    Bare,
    Response(&'a [u8]),
    Error(&'a [u8]),
}

/// Tells the two apart. Triton's wrapper is `{1: error_message, 2: infer_response}`, and a bare response
/// without a version, `{1: model_name, 5: outputs}`, would parse as one whose error is the model's name.
fn unwrap(message: &[u8]) -> Result<Unwrapped<'_>, UnreadReason> {
    let mut fields = Fields::new(message);
    let mut unwrapped = Unwrapped::Bare;
    while let Some((number, wire)) = fields.next_field()? {
        match (number, wire) {
            (1, Wire::Bytes(text)) if !text.is_empty() => unwrapped = Unwrapped::Error(text),
            (2, Wire::Bytes(inner)) if is_response(inner) => {
                return Ok(match unwrapped {
                    Unwrapped::Error(_) => unwrapped,
                    _ => Unwrapped::Response(inner),
                });
            }
            (2..=u64::MAX, _) => return Ok(Unwrapped::Bare),
            _ => {}
        }
    }
    Ok(unwrapped)
}

/// Whether bytes are a response, and no version: its first field is a name, or the id that Triton leaves in the
/// one beside an error. An empty version is not sent.
fn is_response(bytes: &[u8]) -> bool {
    let mut fields = Fields::new(bytes);
    let mut is_first = true;
    loop {
        match fields.next_field() {
            Ok(Some((1 | 3, Wire::Bytes(_)))) => is_first = false,
            Ok(Some(_)) if !is_first => {}
            Ok(None) => return true,
            _ => return false,
        }
    }
}

/// A request or a response: both are names around tensors.
#[derive(Default)]
struct Message<'a> {
    model_name: Option<String>,
    model_version: Option<String>,
    id: Option<String>,
    tensors: Vec<&'a [u8]>,
    raw: Vec<&'a [u8]>,
    dropped_tensors: u64,
}

impl<'a> Message<'a> {
    fn read(message: &'a [u8], raw_field: u64, limits: &Limits) -> Result<Self, UnreadReason> {
        let mut found = Self::default();
        let mut fields = Fields::new(message);
        while let Some((number, wire)) = fields.next_field()? {
            let Some(bytes) = wire.bytes() else { continue };
            let text = || Some(lossy(bytes, limits.max_text_bytes).into_owned());
            match number {
                // An empty string is an absent one.
                1..=3 if bytes.is_empty() => {}
                1 => found.model_name = text(),
                2 => found.model_version = text(),
                3 => found.id = text(),
                TENSORS if found.tensors.len() < limits.max_columns => found.tensors.push(bytes),
                TENSORS => found.dropped_tensors = found.dropped_tensors.saturating_add(1),
                _ if number == raw_field && found.raw.len() < limits.max_columns => {
                    found.raw.push(bytes);
                }
                _ => {}
            }
        }
        Ok(found)
    }

    /// The tensors with their data. Raw contents belong to all of them or to none, in their order.
    fn tensors(&self, batch: &mut Batch, limits: &Limits) -> Result<Vec<Tensor<'a>>, UnreadReason> {
        let mut tensors = Vec::with_capacity(self.tensors.len());
        for (index, bytes) in self.tensors.iter().enumerate() {
            let raw = match self.raw.get(index) {
                Some(raw) => Raw::Own(raw),
                None if self.raw.is_empty() => Raw::None,
                None => Raw::Missing,
            };
            let tensor = read_tensor(bytes, raw, limits)?;
            batch.add(tensor.size.rows);
            tensors.push(tensor);
        }
        Ok(tensors)
    }
}

/// Where a tensor's raw contents are.
#[derive(Debug, Clone, Copy)]
enum Raw<'a> {
    /// The message has none.
    None,
    /// The message has some, but none for this tensor.
    Missing,
    Own(&'a [u8]),
}

fn read_tensor<'a>(
    bytes: &'a [u8],
    raw: Raw<'a>,
    limits: &Limits,
) -> Result<Tensor<'a>, UnreadReason> {
    let mut name = Cow::Borrowed("");
    let mut datatype = Datatype::Unknown;
    let mut shape = Shape::default();
    let mut contents = None;
    let mut fields = Fields::new(bytes);
    while let Some((number, wire)) = fields.next_field()? {
        match (number, wire) {
            (1, Wire::Bytes(text)) => name = lossy(text, limits.max_text_bytes),
            (2, Wire::Bytes(text)) => datatype = Datatype::from_name(&lossy(text, 16)),
            (3, Wire::Varint(size)) => shape.push_size(size.cast_signed()),
            (3, Wire::Bytes(mut packed)) => {
                while !packed.is_empty() {
                    shape.push_size(varint(&mut packed)?.cast_signed());
                }
            }
            (5, Wire::Bytes(message)) => contents = Some(message),
            _ => {}
        }
    }
    let data = match (raw, contents) {
        // Whose the raw contents are, the message does not say; servers refuse it.
        (Raw::Own(_), Some(contents)) if !contents.is_empty() => {
            return Err(UnreadReason::Malformed);
        }
        (Raw::Own(raw), _) => Data::Binary(raw),
        (Raw::None, Some(contents)) => match halves(datatype, contents)? {
            Some(halves) => Data::Binary(halves),
            None => Data::Typed(TypedElements::new(contents, layout::open_inference)),
        },
        (Raw::Missing, _) | (Raw::None, None) => Data::Absent,
    };
    let size = match &data {
        Data::Binary(raw) => {
            let count = count_binary(datatype, raw).ok_or(UnreadReason::Malformed)?;
            shape.size(&Extent::flat(count))
        }
        Data::Typed(elements) => match elements.count()? {
            // Contents of a field that is not read.
            0 if shape.elements() != Some(0) => shape.declared_size(),
            count => shape.size(&Extent::flat(count)),
        },
        Data::Json(_) | Data::Absent => shape.declared_size(),
    };
    Ok(Tensor { name, datatype, shape, size, data })
}

/// Halves as MLServer sends them: there is no field for them, so their bytes are one string.
fn halves(datatype: Datatype, contents: &[u8]) -> Result<Option<&[u8]>, UnreadReason> {
    if !matches!(datatype, Datatype::Half | Datatype::Brain) {
        return Ok(None);
    }
    let mut fields = Fields::new(contents);
    while let Some((number, wire)) = fields.next_field()? {
        if let (8, Wire::Bytes(bytes)) = (number, wire) {
            return Ok(Some(bytes));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &[u8] = b"/inference.GRPCInferenceService/ModelStreamInfer";

    fn response(message: &[u8]) -> ResponseFacts {
        let body = Body { bytes: message, path: Some(PATH), ..Body::default() };
        read_response(&body, &Naming::default(), &Limits::default()).unwrap()
    }

    /// `{model_name: "m", outputs: [{name: "y", datatype: "INT64", shape: [1], contents: [4]}]}`
    const BARE: &[u8] = b"\x0a\x01m\x2a\x12\x0a\x01y\x12\x05INT64\x1a\x01\x01\x2a\x03\x1a\x01\x04";

    #[test]
    fn streams_are_wrapped_or_not() {
        let bare = response(BARE);
        assert_eq!((bare.model_name.as_deref(), bare.predictions.len()), (Some("m"), 1));
        let mut wrapped = b"\x12".to_vec();
        wrapped.push(u8::try_from(BARE.len()).unwrap());
        wrapped.extend(BARE);
        assert_eq!(response(&wrapped), bare);
        let with_version = [b"\x0a\x01m\x12\x011", &BARE[3..]].concat();
        assert_eq!(response(&with_version).model_version.as_deref(), Some("1"));
        let error = response(b"\x0a\x02no").error.unwrap();
        assert_eq!(error.message.as_deref(), Some("no"));
    }

    #[test]
    fn a_lying_shape_takes_no_memory() {
        // shape [2^62, 2^62], contents of one element.
        let size = b"\x80\x80\x80\x80\x80\x80\x80\x80\x40";
        let tensor =
            [b"\x0a\x01x\x12\x05INT64\x1a\x12", &size[..], size, b"\x2a\x03\x1a\x01\x04"].concat();
        let mut message = b"\x2a".to_vec();
        message.push(u8::try_from(tensor.len()).unwrap());
        message.extend(tensor);
        let facts = read_request(&message, &Naming::default(), &Limits::default()).unwrap();
        assert_eq!(facts.batch_size, Some(1));
    }
}
