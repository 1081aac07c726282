//! TensorBoard event files: `TFRecord`s of `Event` messages.
//!
//! A record is its length, the length's checksum, the message, and the message's checksum. TensorFlow 2
//! writes a scalar as a tensor of the plugin `scalars`, which only the first summary of a tag names; PyTorch
//! writes a `simple_value`.

use super::LogError;
use super::crc::masked;
use super::log::TrainingLog;
use super::name::meaning_in;
use super::protobuf::{Message, Wire};

/// Bytes around a message.
const HEAD: usize = 12;
const TAIL: usize = 4;

/// Whether bytes begin as an event file does.
pub(super) fn is_one(bytes: &[u8]) -> bool {
    length_of(bytes).is_some()
}

/// The length of the record at the start, if its checksum matches.
fn length_of(bytes: &[u8]) -> Option<usize> {
    let head = bytes.get(..HEAD)?;
    let (length, checksum) = head.split_first_chunk::<8>()?;
    let checksum = u32::from_le_bytes(*checksum.first_chunk()?);
    (masked(length) == checksum).then(|| usize::try_from(u64::from_le_bytes(*length)).ok())?
}

pub(super) fn add(
    log: &mut TrainingLog,
    bytes: &[u8],
    is_validation: bool,
) -> Result<(), LogError> {
    let mut rest = bytes;
    while rest.len() >= HEAD {
        let at = bytes.len() - rest.len();
        let length = length_of(rest).ok_or(LogError::Damaged(at))?;
        let end = HEAD.saturating_add(length);
        let (Some(message), Some(tail)) = (rest.get(HEAD..end), rest.get(end..)) else { break };
        // A file that is being written ends in the middle of a record.
        let Some((checksum, tail)) = tail.split_first_chunk::<TAIL>() else { break };
        if masked(message) != u32::from_le_bytes(*checksum) {
            return Err(LogError::Damaged(at));
        }
        event(log, message, is_validation);
        rest = tail;
    }
    Ok(())
}

/// `Event`: `step` is 2, `summary` 5.
fn event(log: &mut TrainingLog, message: &[u8], is_validation: bool) {
    let mut step = 0;
    for (field, value) in Message(message) {
        if let (2, Wire::Number(number)) = (field, value) {
            step = number;
        }
    }
    for (field, value) in Message(message) {
        if let (5, Wire::Bytes(summary)) = (field, value) {
            for (field, value) in Message(summary) {
                if let (1, Wire::Bytes(value)) = (field, value) {
                    scalar(log, step, value, is_validation);
                }
            }
        }
    }
}

/// `Summary.Value`: `tag` is 1, `simple_value` 2, `tensor` 8.
fn scalar(log: &mut TrainingLog, step: u64, message: &[u8], is_validation: bool) {
    let (mut tag, mut number) = (None, None);
    for (field, value) in Message(message) {
        match (field, value) {
            (1, Wire::Bytes(bytes)) => tag = core::str::from_utf8(bytes).ok(),
            (2, Wire::Four(bytes)) => number = Some(f64::from(f32::from_le_bytes(bytes))),
            (8, Wire::Bytes(tensor)) => number = number.or_else(|| first_number(tensor)),
            _ => {}
        }
    }
    let (Some(tag), Some(number)) = (tag, number) else { return };
    let Some((quantity, scope)) = meaning_in(tag, is_validation) else { return };
    log.put(step, quantity, scope, number);
}

const FLOAT: u64 = 1;
const DOUBLE: u64 = 2;

/// `TensorProto`: `dtype` is 1, `tensor_content` 4, `float_val` 5, `double_val` 6.
fn first_number(message: &[u8]) -> Option<f64> {
    let (mut kind, mut content, mut listed) = (0, None, None);
    for (field, value) in Message(message) {
        match (field, value) {
            (1, Wire::Number(number)) => kind = number,
            (4..=6, Wire::Bytes(bytes)) => content = content.or(Some(bytes)),
            (5, Wire::Four(bytes)) => {
                listed = listed.or(Some(f64::from(f32::from_le_bytes(bytes))))
            }
            (6, Wire::Eight(bytes)) => listed = listed.or(Some(f64::from_le_bytes(bytes))),
            _ => {}
        }
    }
    let packed = content.and_then(|bytes| match kind {
        FLOAT => bytes.first_chunk().map(|bytes| f64::from(f32::from_le_bytes(*bytes))),
        DOUBLE => bytes.first_chunk().map(|bytes| f64::from_le_bytes(*bytes)),
        _ => None,
    });
    listed.or(packed)
}
