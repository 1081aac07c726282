//! The envelope of both directions: an object, perhaps inside a CloudEvent.

use alloc::string::String;

use tidegate_core::event::UnreadReason;

use crate::facts::Limits;
use crate::value;
use crate::wire::json::{Kind, Reader, Span};

/// The members of a message that matter here.
#[derive(Debug, Default)]
pub(super) struct Message<'a> {
    /// `instances`: rows.
    pub instances: Option<Span<'a>>,
    /// `inputs`: columns if an object, rows otherwise.
    pub inputs: Option<Span<'a>>,
    /// `examples` of `:classify` and `:regress`: records.
    pub examples: Option<Span<'a>>,
    /// `context` of `:classify` and `:regress`: what all examples have in common.
    pub context: Option<Span<'a>>,
    /// `predictions`: rows.
    pub predictions: Option<Span<'a>>,
    /// `outputs`: columns if an object, rows otherwise.
    pub outputs: Option<Span<'a>>,
    /// `results` of `:classify` and `:regress`, which its pages call `result`: rows.
    pub results: Option<Span<'a>>,
    /// `explanations` of `:explain`.
    pub explanations: Option<Span<'a>>,
    /// `error`, or FastAPI's `detail`.
    pub error: Option<Span<'a>>,
    /// `signature_name` of TensorFlow Serving.
    pub signature: Option<String>,
    /// Id of the CloudEvent around the message.
    pub event_id: Option<String>,
    data: Option<Span<'a>>,
    is_event: bool,
}

impl<'a> Message<'a> {
    /// Reads a message, or the one inside a structured CloudEvent. What follows it is ignored, as
    /// TensorFlow Serving does.
    pub fn read(json: &'a [u8], limits: &Limits) -> Result<Self, UnreadReason> {
        let outer = Self::read_object(json, limits)?;
        match outer.data {
            Some(data) if outer.is_event => {
                let inner = Self::read_object(data.bytes, limits)?;
                Ok(Self { event_id: outer.event_id, ..inner })
            }
            _ => Ok(Self { event_id: None, ..outer }),
        }
    }

    fn read_object(json: &'a [u8], limits: &Limits) -> Result<Self, UnreadReason> {
        let mut reader = Reader::new(json);
        if reader.peek()? != Kind::Object {
            reader.skip()?;
            return Err(UnreadReason::NotProtocol);
        }
        let mut message = Self::default();
        reader.enter_object()?;
        while let Some(key) = reader.next_key()? {
            let key = key.decode(limits.max_text_bytes);
            if key == "id" {
                let id = reader.text_if_any()?;
                message.event_id = id.map(|id| id.decode(limits.max_text_bytes).into_owned());
                continue;
            }
            if key == "signature_name" {
                message.signature = value::name(&mut reader, limits)?;
                continue;
            }
            let span = reader.skip()?;
            let member = match &*key {
                "instances" => &mut message.instances,
                "inputs" => &mut message.inputs,
                "examples" => &mut message.examples,
                "context" => &mut message.context,
                "predictions" => &mut message.predictions,
                "outputs" => &mut message.outputs,
                "results" | "result" => &mut message.results,
                "explanations" => &mut message.explanations,
                "error" | "detail" => &mut message.error,
                "data" => &mut message.data,
                "specversion" => {
                    message.is_event = true;
                    continue;
                }
                _ => continue,
            };
            *member = (span.bytes != b"null").then_some(span);
        }
        Ok(message)
    }
}
