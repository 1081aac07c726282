//! Open Inference Protocol over REST, with Triton's binary tensor data.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use tidegate_core::event::UnreadReason;

use crate::body::{Body, Parts};
use crate::error;
use crate::facts::GenerationFacts;
use crate::facts::{ErrorFacts, Limits, Naming, RequestFacts, ResponseFacts};
use crate::features::{self, Batch};
use crate::predictions::outputs;
use crate::tensor::{Data, Datatype, Shape, Tensor, count_binary};
use crate::value;
use crate::wire::json::{Extent, Kind, Reader};

pub(crate) fn read_request(
    body: &Body<'_>,
    naming: &Naming<'_>,
    limits: &Limits,
) -> Result<RequestFacts, UnreadReason> {
    let Parts { json, tensors: raw } = body.parts()?;
    if json.is_empty() && raw.is_some() {
        // The whole body is the one tensor of a model that takes one, and a batch of one.
        return Ok(RequestFacts { batch_size: Some(1), ..RequestFacts::default() });
    }
    let message = Message::read(json, raw, "inputs", limits)?;
    let Some(inputs) = message.tensors else {
        // Any member of a request to generate may be an input, by its name.
        return if is_generate(body) {
            Ok(message.prompt())
        } else {
            Err(UnreadReason::NotProtocol)
        };
    };
    let mut facts = RequestFacts {
        model_name: message.model_name,
        model_version: message.model_version,
        request_id: message.id,
        batch_size: message.batch.size(),
        dropped_columns: message.dropped_tensors,
        ..RequestFacts::default()
    };
    features::add_tensors(&mut facts, &inputs, naming, limits)?;
    Ok(facts)
}

pub(crate) fn read_response(
    body: &Body<'_>,
    naming: &Naming<'_>,
    limits: &Limits,
) -> Result<ResponseFacts, UnreadReason> {
    let Parts { json, tensors: raw } = body.parts()?;
    let message = Message::read(json, raw, "outputs", limits)?;
    let mut facts = ResponseFacts {
        model_name: message.model_name,
        model_version: message.model_version,
        response_id: message.id,
        error: message.error,
        ..ResponseFacts::default()
    };
    match message.tensors {
        Some(tensors) => {
            facts.batch_size = message.batch.size();
            facts.output_shape =
                tensors.first().map(|first| first.shape.dimensions()).unwrap_or_default();
            outputs::read(&tensors, naming, limits)?.finish(&mut facts);
        }
        None if facts.error.is_some() => {}
        None if is_generate(body) => facts.generation = Some(message.generates.facts),
        None => return Err(UnreadReason::NotProtocol),
    }
    Ok(facts)
}

/// Whether the path is one of the generate extension.
fn is_generate(body: &Body<'_>) -> bool {
    body.path_ends_with("/generate") || body.path_ends_with("/generate_stream")
}

/// Members of the generate extension.
#[derive(Default)]
struct GenerateMembers {
    prompts: Option<u64>,
    asks_stream: Option<bool>,
    facts: GenerationFacts,
}

impl GenerateMembers {
    /// Reads the object under `details`: why the answer ended.
    fn read_details(
        &mut self,
        reader: &mut Reader<'_>,
        limits: &Limits,
    ) -> Result<(), UnreadReason> {
        self.facts.read_details_of_text(reader, limits)
    }
}

/// Reads `text_input`: one prompt, or a list of them.
fn prompts(reader: &mut Reader<'_>) -> Result<u64, UnreadReason> {
    Ok(u64::try_from(reader.skip()?.extent.elements).unwrap_or(u64::MAX))
}

/// A request or a response: both are names around a list of tensors.
#[derive(Default)]
struct Message<'a> {
    model_name: Option<String>,
    model_version: Option<String>,
    id: Option<String>,
    error: Option<ErrorFacts>,
    generates: GenerateMembers,
    tensors: Option<Vec<Tensor<'a>>>,
    dropped_tensors: u64,
    batch: Batch,
}

impl<'a> Message<'a> {
    /// What a request to generate says.
    fn prompt(self) -> RequestFacts {
        RequestFacts {
            model_name: self.model_name,
            model_version: self.model_version,
            request_id: self.id,
            batch_size: self.generates.prompts,
            asks_stream: self.generates.asks_stream,
            ..RequestFacts::default()
        }
    }

    fn read(
        json: &'a [u8],
        raw: Option<&'a [u8]>,
        tensors_key: &str,
        limits: &Limits,
    ) -> Result<Self, UnreadReason> {
        let mut reader = Reader::new(json);
        if reader.peek()? != Kind::Object {
            reader.skip()?;
            return Err(UnreadReason::NotProtocol);
        }
        let mut message = Self::default();
        reader.enter_object()?;
        while let Some(key) = reader.next_key()? {
            match &*key.decode(limits.max_text_bytes) {
                "model_name" => message.model_name = value::name(&mut reader, limits)?,
                "model_version" => message.model_version = value::name(&mut reader, limits)?,
                "id" => message.id = value::name(&mut reader, limits)?,
                "error" | "detail" => message.error = error::read(&mut reader, limits)?,
                "text_input" => message.generates.prompts = Some(prompts(&mut reader)?),
                "stream" => message.generates.asks_stream = reader.flag_if_any()?,
                "details" => message.generates.read_details(&mut reader, limits)?,
                key if key == tensors_key => message.read_tensors(&mut reader, raw, limits)?,
                _ => {
                    reader.skip()?;
                }
            }
        }
        reader.finish()?;
        Ok(message)
    }

    /// Reads the list of tensors; a later list replaces an earlier one.
    fn read_tensors(
        &mut self,
        reader: &mut Reader<'a>,
        mut raw: Option<&'a [u8]>,
        limits: &Limits,
    ) -> Result<(), UnreadReason> {
        if reader.peek()? != Kind::Array {
            reader.skip()?;
            return Err(UnreadReason::NotProtocol);
        }
        let mut tensors = Vec::new();
        self.batch = Batch::default();
        self.dropped_tensors = 0;
        reader.enter_array()?;
        while reader.next_element()? {
            let tensor = read_tensor(reader, &mut raw, limits)?;
            self.batch.add(tensor.size.rows);
            if tensors.len() < limits.max_columns {
                tensors.push(tensor);
            } else {
                self.dropped_tensors = self.dropped_tensors.saturating_add(1);
            }
        }
        if raw.is_some_and(|rest| !rest.is_empty()) {
            return Err(UnreadReason::Malformed);
        }
        self.tensors = Some(tensors);
        Ok(())
    }
}

/// Reads a tensor; takes its data from `raw` if it says so.
fn read_tensor<'a>(
    reader: &mut Reader<'a>,
    raw: &mut Option<&'a [u8]>,
    limits: &Limits,
) -> Result<Tensor<'a>, UnreadReason> {
    if reader.peek()? != Kind::Object {
        return Err(UnreadReason::NotProtocol);
    }
    let mut name = Cow::Borrowed("");
    let mut datatype = Datatype::Unknown;
    let mut shape = Shape::default();
    let mut data = None;
    let mut binary_size = None;
    reader.enter_object()?;
    while let Some(key) = reader.next_key()? {
        match &*key.decode(limits.max_text_bytes) {
            "name" => {
                let text = reader.text_if_any()?;
                name = text.map(|text| text.decode(limits.max_text_bytes)).unwrap_or_default();
            }
            "datatype" => {
                let text = reader.text_if_any()?;
                datatype = text.map_or(datatype, |text| Datatype::from_name(&text.decode(16)));
            }
            "shape" => shape = Shape::read(reader)?,
            "data" => {
                let is_null = reader.peek()? == Kind::Null;
                let span = reader.skip()?;
                data = (!is_null).then_some(span);
            }
            "parameters" => binary_size = read_binary_size(reader)?,
            _ => {
                reader.skip()?;
            }
        }
    }
    let (size, data) = match (data, binary_size, raw.as_mut()) {
        (Some(span), ..) => (shape.size(&span.extent), Data::Json(span)),
        (None, Some(binary_size), Some(raw)) => {
            let (own, rest) = raw.split_at_checked(binary_size).ok_or(UnreadReason::Malformed)?;
            *raw = rest;
            let count = count_binary(datatype, own).ok_or(UnreadReason::Malformed)?;
            (shape.size(&Extent::flat(count)), Data::Binary(own))
        }
        (None, ..) => (shape.declared_size(), Data::Absent),
    };
    Ok(Tensor { name, datatype, shape, size, data })
}

fn read_binary_size(reader: &mut Reader<'_>) -> Result<Option<usize>, UnreadReason> {
    let mut size = None;
    if reader.peek()? != Kind::Object {
        reader.skip()?;
        return Ok(size);
    }
    reader.enter_object()?;
    while let Some(key) = reader.next_key()? {
        if key.decode(32) == "binary_data_size" {
            // The cast saturates, and a size past the body is refused where it is used.
            let number = reader.number_if_any()?;
            size = number.filter(|number| number.value >= 0.0).map(|number| number.value as usize);
        } else {
            reader.skip()?;
        }
    }
    Ok(size)
}
