//! Rows under `instances`, `inputs` or `examples`; columns under `inputs`.

use alloc::vec::Vec;

use tidegate_core::event::UnreadReason;

use crate::body::Body;
use crate::facts::{Limits, Naming, RequestFacts};
use crate::features::{self, Batch};
use crate::json::{Reader, Span};
use crate::records::Records;
use crate::tensor::Tensor;

use super::message::Message;

pub(crate) fn read(
    body: &Body<'_>,
    naming: &Naming<'_>,
    limits: &Limits,
) -> Result<RequestFacts, UnreadReason> {
    let message = Message::read(body.bytes, limits)?;
    let mut facts = RequestFacts { request_id: message.event_id, ..RequestFacts::default() };
    match (message.instances.or(message.examples), message.inputs) {
        (Some(rows), _) => read_rows(rows, &mut facts, naming, limits)?,
        (None, Some(inputs)) if inputs.bytes.starts_with(b"{") => {
            read_columns(inputs, &mut facts, naming, limits)?;
        }
        (None, Some(inputs)) if inputs.extent.is_array => {
            read_rows(inputs, &mut facts, naming, limits)?;
        }
        // One value without a batch around it.
        (None, Some(_)) => {}
        (None, None) => return Err(UnreadReason::NotProtocol),
    }
    Ok(facts)
}

fn read_rows(
    span: Span<'_>,
    facts: &mut RequestFacts,
    naming: &Naming<'_>,
    limits: &Limits,
) -> Result<(), UnreadReason> {
    if !span.extent.is_array {
        return Err(UnreadReason::NotProtocol);
    }
    let mut records = Records::new(naming, limits);
    let mut reader = Reader::new(span.bytes);
    reader.enter_array()?;
    while reader.next_element()? {
        records.push_row(&mut reader)?;
    }
    facts.batch_size = u64::try_from(span.extent.elements).ok();
    records.finish(facts);
    Ok(())
}

fn read_columns(
    span: Span<'_>,
    facts: &mut RequestFacts,
    naming: &Naming<'_>,
    limits: &Limits,
) -> Result<(), UnreadReason> {
    let mut tensors = Vec::new();
    let mut batch = Batch::default();
    let mut reader = Reader::new(span.bytes);
    reader.enter_object()?;
    while let Some(key) = reader.next_key()? {
        let input = reader.skip()?;
        batch.add(input.extent.is_array.then_some(input.extent.elements));
        if tensors.len() < limits.max_columns {
            tensors.push(Tensor::from_json(key.decode(limits.max_text_bytes), input));
        } else {
            facts.dropped_columns = facts.dropped_columns.saturating_add(1);
        }
    }
    facts.batch_size = batch.size();
    features::add_tensors(facts, &tensors, naming, limits)
}
