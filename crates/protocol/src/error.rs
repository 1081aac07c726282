//! Errors in bodies: a sentence, or an object that says more.

use tidegate_core::event::UnreadReason;

use crate::facts::{ErrorFacts, Limits};
use crate::json::{Kind, Reader};
use crate::value;

/// Reads what stands under `error`; `null` is none.
pub(crate) fn read(
    reader: &mut Reader<'_>,
    limits: &Limits,
) -> Result<Option<ErrorFacts>, UnreadReason> {
    let mut error = ErrorFacts::default();
    match reader.peek()? {
        Kind::Null => {
            reader.null()?;
            return Ok(None);
        }
        Kind::Object => {
            reader.members(|key, reader| {
                match key {
                    "message" | "reason" | "info" => {
                        error.message = value::name(reader, limits)?.or(error.message.take());
                    }
                    "type" | "status" => error.kind = value::name(reader, limits)?,
                    "code" | "http_status_code" => error.code = value::name(reader, limits)?,
                    _ => {
                        reader.skip()?;
                    }
                }
                Ok::<(), UnreadReason>(())
            })?;
        }
        _ => error.message = value::name(reader, limits)?,
    }
    Ok(Some(error))
}
