//! Rows under `instances`, `inputs` or `examples`; columns under `inputs`.

use tidegate_core::event::UnreadReason;

use crate::body::Body;
use crate::facts::{Limits, Naming, RequestFacts};
use crate::features::rows;

use super::message::Message;

pub(crate) fn read(
    body: &Body<'_>,
    naming: &Naming<'_>,
    limits: &Limits,
) -> Result<RequestFacts, UnreadReason> {
    let message = Message::read(body.bytes, limits)?;
    let mut facts = RequestFacts {
        request_id: message.event_id,
        signature: message.signature,
        ..RequestFacts::default()
    };
    let context = message.context.filter(|context| context.bytes.starts_with(b"{"));
    if let Some(examples) = message.examples.filter(|_| message.instances.is_none()) {
        rows::read_with(examples, context, &mut facts, naming, limits)?;
        return Ok(facts);
    }
    match (message.instances, message.inputs) {
        (Some(rows), _) => rows::read(rows, &mut facts, naming, limits)?,
        (None, Some(inputs)) if inputs.bytes.starts_with(b"{") => {
            rows::read_columns(inputs, &mut facts, naming, limits)?;
        }
        (None, Some(inputs)) if inputs.extent.is_array => {
            rows::read(inputs, &mut facts, naming, limits)?;
        }
        // One value without a batch around it.
        (None, Some(_)) => {}
        (None, None) => return Err(UnreadReason::NotProtocol),
    }
    Ok(facts)
}
