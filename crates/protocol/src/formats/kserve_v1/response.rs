//! Rows under `predictions` or `results`; columns under `outputs`.

use tidegate_core::event::UnreadReason;

use crate::body::Body;
use crate::error;
use crate::facts::{Limits, Naming, ResponseFacts};
use crate::predictions::answers;
use crate::wire::json::Reader;

use super::message::Message;

pub(crate) fn read(
    body: &Body<'_>,
    naming: &Naming<'_>,
    limits: &Limits,
) -> Result<ResponseFacts, UnreadReason> {
    let message = Message::read(body.bytes, limits)?;
    let mut facts = ResponseFacts { response_id: message.event_id, ..ResponseFacts::default() };
    let rows = message.predictions.or(message.results);
    match (rows, message.outputs) {
        (Some(rows), _) => answers::read(rows, naming, limits)?.finish(&mut facts),
        (None, Some(outputs)) if outputs.bytes.starts_with(b"{") => {
            answers::read_columns(outputs, &mut facts, naming, limits)?;
        }
        (None, Some(outputs)) => answers::read(outputs, naming, limits)?.finish(&mut facts),
        (None, None) => match message.error {
            Some(error) => facts.error = error::read(&mut Reader::new(error.bytes), limits)?,
            None if message.explanations.is_some() => {}
            None => return Err(UnreadReason::NotProtocol),
        },
    }
    Ok(facts)
}
