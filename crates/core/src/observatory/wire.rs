//! The compact encoding of what gateway workers hand to each other: a version byte, then postcard.

use alloc::vec::Vec;
use core::fmt;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The version of the encoding. It changes whenever an encoded type does; bytes of another version
/// are refused, never misread.
const VERSION: u8 = 20;

/// Why bytes are not an encoding of the observatory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DecodeError {
    /// Written by another version of Tidegate; the version is given.
    Version(u8),
    /// Not written by Tidegate, or damaged.
    Malformed,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(version) => {
                write!(f, "encoded by another version of Tidegate ({version}, not {VERSION})")
            }
            Self::Malformed => f.write_str("not an encoding of the observatory, or damaged"),
        }
    }
}

impl core::error::Error for DecodeError {}

pub(super) fn encode<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    encode_behind(Vec::new(), value)
}

/// Encodes a value behind other bytes.
pub(super) fn encode_behind<T: Serialize + ?Sized>(mut bytes: Vec<u8>, value: &T) -> Vec<u8> {
    bytes.push(VERSION);
    // Serialising to a vector fails only for sequences of unknown length, which no type here has;
    // were it to, the bytes would be refused by `decode`.
    postcard::to_extend(value, bytes).unwrap_or_default()
}

pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    match bytes.split_first() {
        Some((&VERSION, body)) => match postcard::take_from_bytes(body) {
            Ok((value, [])) => Ok(value),
            _ => Err(DecodeError::Malformed),
        },
        Some((&version, _)) => Err(DecodeError::Version(version)),
        None => Err(DecodeError::Malformed),
    }
}
