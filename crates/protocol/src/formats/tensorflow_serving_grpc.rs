//! TensorFlow Serving over gRPC: `Predict`, `Classify`, `Regress`, and `MultiInference`, which is several of the
//! last two about the same examples: the first stands for all.

use alloc::borrow::Cow;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use tidegate_core::event::{UnreadReason, Value};

use crate::body::Body;
use crate::facts::{Limits, Naming, RequestFacts, ResponseFacts};
use crate::features::records::Records;
use crate::features::{self, Batch};
use crate::predictions::outputs;
use crate::predictions::{Predictions, Scores};
use crate::tensor::{Data, Datatype, Shape, Tensor, TypedElements, count_binary, layout};
use crate::wire::json::{Extent, Leaf, Number, lossy};
use crate::wire::protobuf::{Fields, Wire};

/// Elements that a single value may stand for, by the rule that the last value fills the shape.
const MAX_FILLED: usize = 65_536;

pub(crate) fn read_request(
    body: &Body<'_>,
    naming: &Naming<'_>,
    limits: &Limits,
) -> Result<RequestFacts, UnreadReason> {
    let mut facts = RequestFacts::default();
    let is_predict = body.path_ends_with("/Predict");
    let is_multiple = body.path_ends_with("/MultiInference");
    let mut tensors = Vec::new();
    let mut batch = Batch::default();
    let mut fields = Fields::new(body.bytes);
    while let Some((number, wire)) = fields.next_field()? {
        match (number, wire) {
            (1, Wire::Bytes(_)) if is_multiple && facts.model_name.is_some() => {}
            (1, Wire::Bytes(spec)) => {
                let spec = if is_multiple { bytes_of(1, spec)?.unwrap_or_default() } else { spec };
                let spec = ModelSpec::read(spec, limits)?;
                facts.model_name = spec.name;
                facts.model_version = spec.version;
                facts.signature = spec.signature;
            }
            (2, Wire::Bytes(entry)) if is_predict => {
                let tensor = read_entry(entry, limits)?;
                batch.add(tensor.size.rows);
                if tensors.len() < limits.max_columns {
                    tensors.push(tensor);
                } else {
                    facts.dropped_columns = facts.dropped_columns.saturating_add(1);
                }
            }
            (2, Wire::Bytes(input)) => read_examples(input, &mut facts, naming, limits)?,
            _ => {}
        }
    }
    if is_predict {
        facts.batch_size = batch.size();
        features::add_tensors(&mut facts, &tensors, naming, limits)?;
    }
    Ok(facts)
}

pub(crate) fn read_response(
    body: &Body<'_>,
    naming: &Naming<'_>,
    limits: &Limits,
) -> Result<ResponseFacts, UnreadReason> {
    let mut facts = ResponseFacts::default();
    let is_predict = body.path_ends_with("/Predict");
    let is_regress = body.path_ends_with("/Regress");
    let is_multiple = body.path_ends_with("/MultiInference");
    let mut is_any = false;
    let mut tensors = Vec::new();
    let mut batch = Batch::default();
    let mut predictions = Predictions::new(naming, limits);
    let mut fields = Fields::new(body.bytes);
    while let Some((number, wire)) = fields.next_field()? {
        match (number, wire) {
            (1, Wire::Bytes(entry)) if is_predict => {
                let tensor = read_entry(entry, limits)?;
                batch.add(tensor.size.rows);
                if tensors.len() < limits.max_columns {
                    tensors.push(tensor);
                }
            }
            (1, Wire::Bytes(result)) if is_multiple => {
                if core::mem::replace(&mut is_any, true) {
                    continue;
                }
                let spec = ModelSpec::read(bytes_of(1, result)?.unwrap_or_default(), limits)?;
                facts.model_name = spec.name;
                facts.model_version = spec.version;
                let (rows, is_regress) = match bytes_of(2, result)? {
                    Some(classes) => (Some(classes), false),
                    None => (bytes_of(3, result)?, true),
                };
                read_rows(rows.unwrap_or_default(), is_regress, limits, &mut predictions)?;
            }
            (1, Wire::Bytes(rows)) => read_rows(rows, is_regress, limits, &mut predictions)?,
            (2, Wire::Bytes(spec)) => {
                let spec = ModelSpec::read(spec, limits)?;
                facts.model_name = spec.name;
                facts.model_version = spec.version;
            }
            _ => {}
        }
    }
    if is_predict {
        facts.batch_size = batch.size();
        facts.output_shape =
            tensors.first().map(|first| first.shape.dimensions()).unwrap_or_default();
        predictions = outputs::read(&tensors, naming, limits)?;
    }
    predictions.finish(&mut facts);
    Ok(facts)
}

/// `ModelSpec`: which model, which version, which of its functions.
#[derive(Default)]
struct ModelSpec {
    name: Option<String>,
    version: Option<String>,
    signature: Option<String>,
}

impl ModelSpec {
    fn read(message: &[u8], limits: &Limits) -> Result<Self, UnreadReason> {
        let mut spec = Self::default();
        let mut fields = Fields::new(message);
        while let Some((number, wire)) = fields.next_field()? {
            let Some(bytes) = wire.bytes() else { continue };
            let text = || {
                Some(lossy(bytes, limits.max_text_bytes).into_owned())
                    .filter(|text| !text.is_empty())
            };
            match number {
                1 => spec.name = text(),
                2 => {
                    // An `Int64Value`; its field is left out where it is 0.
                    let version = first_varint(bytes)?.unwrap_or(0).cast_signed();
                    spec.version = Some(version.to_string());
                }
                3 => spec.signature = text(),
                4 => spec.version = text(),
                _ => {}
            }
        }
        Ok(spec)
    }
}

/// The first field of that number that holds bytes.
fn bytes_of(wanted: u64, message: &[u8]) -> Result<Option<&[u8]>, UnreadReason> {
    let mut fields = Fields::new(message);
    while let Some((number, wire)) = fields.next_field()? {
        if let (true, Wire::Bytes(bytes)) = (number == wanted, wire) {
            return Ok(Some(bytes));
        }
    }
    Ok(None)
}

fn first_varint(message: &[u8]) -> Result<Option<u64>, UnreadReason> {
    let mut fields = Fields::new(message);
    while let Some((number, wire)) = fields.next_field()? {
        if let (1, Wire::Varint(value)) = (number, wire) {
            return Ok(Some(value));
        }
    }
    Ok(None)
}

/// Reads an entry of a map from name to tensor.
fn read_entry<'a>(entry: &'a [u8], limits: &Limits) -> Result<Tensor<'a>, UnreadReason> {
    let mut name = Cow::Borrowed("");
    let mut tensor: &[u8] = &[];
    let mut fields = Fields::new(entry);
    while let Some((number, wire)) = fields.next_field()? {
        match (number, wire) {
            (1, Wire::Bytes(text)) => name = lossy(text, limits.max_text_bytes),
            (2, Wire::Bytes(message)) => tensor = message,
            _ => {}
        }
    }
    read_tensor(name, tensor)
}

/// `TensorProto`.
fn read_tensor<'a>(name: Cow<'a, str>, message: &'a [u8]) -> Result<Tensor<'a>, UnreadReason> {
    let mut datatype = Datatype::Unknown;
    let mut shape = Shape::default();
    let mut content: Option<&[u8]> = None;
    let mut fields = Fields::new(message);
    while let Some((number, wire)) = fields.next_field()? {
        match (number, wire) {
            (1, Wire::Varint(number)) => datatype = Datatype::from_tensorflow(number),
            (2, Wire::Bytes(dimensions)) => shape = read_shape(dimensions)?,
            (4, Wire::Bytes(bytes)) if !bytes.is_empty() => content = Some(bytes),
            _ => {}
        }
    }
    let (data, size) = match content {
        // Strings in there have a form of TensorFlow's own.
        Some(_) if datatype.width().is_none() => (Data::Absent, shape.declared_size()),
        Some(bytes) => {
            let count = count_binary(datatype, bytes).ok_or(UnreadReason::Malformed)?;
            (Data::Binary(bytes), shape.size(&Extent::flat(count)))
        }
        None => {
            let layout = match datatype {
                Datatype::Brain => layout::tensorflow_brain,
                _ => layout::tensorflow,
            };
            let elements = TypedElements::new(message, layout);
            let count = elements.count()?;
            if count == 0 && shape.elements() != Some(0) {
                // Of a type that is not read, such as complex numbers.
                (Data::Absent, shape.declared_size())
            } else {
                let wanted = shape.elements().filter(|&wanted| wanted <= MAX_FILLED);
                let fill = wanted.unwrap_or(count).saturating_sub(count);
                let size = shape.size(&Extent::flat(count.saturating_add(fill)));
                (Data::Typed(elements.filled(fill)), size)
            }
        }
    };
    Ok(Tensor { name, datatype, shape, size, data })
}

/// `TensorShapeProto`.
fn read_shape(message: &[u8]) -> Result<Shape, UnreadReason> {
    let mut shape = Shape::declared();
    let mut fields = Fields::new(message);
    while let Some((number, wire)) = fields.next_field()? {
        match (number, wire) {
            (2, Wire::Bytes(dimension)) => {
                shape.push_size(first_varint(dimension)?.unwrap_or(0).cast_signed());
            }
            (3, Wire::Varint(1..)) => return Ok(Shape::default()),
            _ => {}
        }
    }
    Ok(shape)
}

/// `Input`: a list of examples, with or without a context that belongs to all of them.
fn read_examples(
    input: &[u8],
    facts: &mut RequestFacts,
    naming: &Naming<'_>,
    limits: &Limits,
) -> Result<(), UnreadReason> {
    let mut records = Records::new(naming, limits);
    let mut rows = 0_u64;
    let mut lists = Fields::new(input);
    while let Some((number, wire)) = lists.next_field()? {
        let (1 | 2, Wire::Bytes(list)) = (number, wire) else { continue };
        let mut context = None;
        let mut examples = Fields::new(list);
        while let Some((number, wire)) = examples.next_field()? {
            if let (2, Wire::Bytes(message)) = (number, wire) {
                context = Some(message);
            }
        }
        let mut examples = Fields::new(list);
        while let Some((number, wire)) = examples.next_field()? {
            let (1, Wire::Bytes(example)) = (number, wire) else { continue };
            rows = rows.saturating_add(1);
            if !records.admits_row() {
                continue;
            }
            for example in [Some(example), context].into_iter().flatten() {
                read_example(example, &mut records, limits)?;
            }
            records.end_row();
        }
    }
    facts.batch_size = Some(rows);
    records.finish(facts);
    Ok(())
}

/// `Example`: features by name, each a list of one type.
fn read_example(
    example: &[u8],
    records: &mut Records<'_>,
    limits: &Limits,
) -> Result<(), UnreadReason> {
    let mut outer = Fields::new(example);
    while let Some((number, wire)) = outer.next_field()? {
        let (1, Wire::Bytes(features)) = (number, wire) else { continue };
        let mut entries = Fields::new(features);
        while let Some((number, wire)) = entries.next_field()? {
            if let (1, Wire::Bytes(entry)) = (number, wire) {
                read_feature(entry, records, limits)?;
            }
        }
    }
    Ok(())
}

fn read_feature(
    entry: &[u8],
    records: &mut Records<'_>,
    limits: &Limits,
) -> Result<(), UnreadReason> {
    let mut name = Cow::Borrowed("");
    let mut feature: &[u8] = &[];
    let mut fields = Fields::new(entry);
    while let Some((number, wire)) = fields.next_field()? {
        match (number, wire) {
            (1, Wire::Bytes(text)) => name = lossy(text, limits.max_text_bytes),
            (2, Wire::Bytes(message)) => feature = message,
            _ => {}
        }
    }
    let mut lists = Fields::new(feature);
    while let Some((number, wire)) = lists.next_field()? {
        let (number, Wire::Bytes(list)) = (number, wire) else { continue };
        let layout = match number {
            1 => layout::bytes_list,
            2 => layout::float_list,
            3 => layout::int64_list,
            _ => continue,
        };
        let mut elements = TypedElements::new(list, layout);
        let mut position = 0_usize;
        while let Some(leaf) = elements.next_element()? {
            records.put_named(&name, position, &leaf);
            position = position.saturating_add(1);
        }
    }
    Ok(())
}

/// `ClassificationResult` or `RegressionResult`: a row for each example.
fn read_rows(
    result: &[u8],
    is_regress: bool,
    limits: &Limits,
    predictions: &mut Predictions<'_>,
) -> Result<(), UnreadReason> {
    let mut rows = Fields::new(result);
    while let Some((number, wire)) = rows.next_field()? {
        match (number, wire) {
            (1, Wire::Bytes(row)) if is_regress => read_regression(row, predictions)?,
            (1, Wire::Bytes(row)) => read_classes(row, limits, predictions)?,
            _ => {}
        }
    }
    Ok(())
}

/// `Classifications`: labels with scores, the best of which is the class.
fn read_classes(
    row: &[u8],
    limits: &Limits,
    predictions: &mut Predictions<'_>,
) -> Result<(), UnreadReason> {
    let mut scores = Scores::default();
    let mut best = None;
    let mut classes = Fields::new(row);
    while let Some((number, wire)) = classes.next_field()? {
        let (1, Wire::Bytes(class)) = (number, wire) else { continue };
        let mut label = Cow::Borrowed("");
        let mut score = 0.0;
        let mut fields = Fields::new(class);
        while let Some((number, wire)) = fields.next_field()? {
            match (number, wire) {
                (1, Wire::Bytes(text)) => label = lossy(text, limits.max_text_bytes),
                (2, Wire::Fixed32(bytes)) => score = f64::from(f32::from_le_bytes(bytes)),
                _ => {}
            }
        }
        let position = scores.count();
        scores.push(score);
        let leaf = Leaf::Number(Number { value: score, is_integer: false });
        predictions.table.put(Some(&label), &leaf);
        if best.is_none() || scores.best() == position {
            best = Some(label.into_owned());
        }
    }
    let confidence = scores.is_distribution().then_some(scores.highest());
    predictions.push(best.map_or(Value::Missing, Value::Category), confidence);
    Ok(())
}

/// `Regression`: a number.
fn read_regression(row: &[u8], predictions: &mut Predictions<'_>) -> Result<(), UnreadReason> {
    let mut value = 0.0;
    let mut fields = Fields::new(row);
    while let Some((number, wire)) = fields.next_field()? {
        if let (1, Wire::Fixed32(bytes)) = (number, wire) {
            value = f64::from(f32::from_le_bytes(bytes));
        }
    }
    predictions.push_plain(&Leaf::Number(Number { value, is_integer: false }));
    Ok(())
}
