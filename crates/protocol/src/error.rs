//! Errors in bodies: a sentence, or an object that says more.

use tidegate_core::event::UnreadReason;

use crate::facts::{ErrorFacts, Limits};
use crate::value;
use crate::wire::json::{Kind, Leaf, Leaves, Reader};

/// Reads what stands under `error`; `null` is none.
pub(crate) fn read(
    reader: &mut Reader<'_>,
    limits: &Limits,
) -> Result<Option<ErrorFacts>, UnreadReason> {
    let mut error = ErrorFacts::default();
    if reader.peek()? == Kind::Array {
        // A list of problems: the first stands for all.
        let list = reader.skip()?;
        if let Some(Leaf::Object(first)) = Leaves::new(list.bytes).next_leaf()? {
            return read(&mut Reader::new(first), limits);
        }
        return Ok(Some(error));
    }
    match reader.peek()? {
        Kind::Null => {
            reader.null()?;
            return Ok(None);
        }
        Kind::Object => {
            reader.members(&mut |key, reader| {
                match key {
                    "message" | "msg" | "info" => error.message = value::sentence(reader, limits)?,
                    "type" | "reason" => error.kind = value::name(reader, limits)?,
                    "code" | "http_status_code" => error.code = value::name(reader, limits)?,
                    _ => {
                        reader.skip()?;
                    }
                }
                Ok(())
            })?;
        }
        _ => error.message = value::sentence(reader, limits)?,
    }
    Ok(Some(error))
}
