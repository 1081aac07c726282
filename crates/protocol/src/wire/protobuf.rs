//! A reader of protobuf messages over a slice: fields in their order, none of them copied.
//!
//! # Invariants
//! * A field never reaches beyond its message.
//! * Groups, which proto3 has none of, are malformed.

use tidegate_core::event::UnreadReason;

/// A field's value as it stands on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire<'a> {
    Varint(u64),
    Fixed32([u8; 4]),
    Fixed64([u8; 8]),
    /// A string, bytes, a message, or packed numbers.
    Bytes(&'a [u8]),
}

impl<'a> Wire<'a> {
    /// The bytes of a field that has any.
    pub fn bytes(self) -> Option<&'a [u8]> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            Self::Varint(_) | Self::Fixed32(_) | Self::Fixed64(_) => None,
        }
    }
}

/// The fields of a message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields<'a> {
    rest: &'a [u8],
}

impl<'a> Fields<'a> {
    pub fn new(message: &'a [u8]) -> Self {
        Self { rest: message }
    }

    /// The next field's number and value; `None` after the last.
    ///
    /// # Errors
    /// * [`UnreadReason::Truncated`]: the message ends inside a field.
    /// * [`UnreadReason::Malformed`]: it is no message.
    pub fn next_field(&mut self) -> Result<Option<(u64, Wire<'a>)>, UnreadReason> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let key = varint(&mut self.rest)?;
        let number = key >> 3;
        if number == 0 {
            return Err(UnreadReason::Malformed);
        }
        let wire = match key & 7 {
            0 => Wire::Varint(varint(&mut self.rest)?),
            1 => Wire::Fixed64(self.fixed()?),
            2 => {
                let length = varint(&mut self.rest)?;
                let length = usize::try_from(length).map_err(|_| UnreadReason::Truncated)?;
                let split = self.rest.split_at_checked(length);
                let (bytes, rest) = split.ok_or(UnreadReason::Truncated)?;
                self.rest = rest;
                Wire::Bytes(bytes)
            }
            5 => Wire::Fixed32(self.fixed()?),
            _ => return Err(UnreadReason::Malformed),
        };
        Ok(Some((number, wire)))
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N], UnreadReason> {
        let (value, rest) = self.rest.split_first_chunk::<N>().ok_or(UnreadReason::Truncated)?;
        self.rest = rest;
        Ok(*value)
    }
}

/// Takes a number of seven bits a byte, the lowest first.
///
/// # Errors
/// * [`UnreadReason::Truncated`]: the bytes end inside it.
/// * [`UnreadReason::Malformed`]: it has more than ten bytes.
pub(crate) fn varint(rest: &mut &[u8]) -> Result<u64, UnreadReason> {
    let mut value = 0_u64;
    for shift in (0..70).step_by(7) {
        let (&byte, after) = rest.split_first().ok_or(UnreadReason::Truncated)?;
        *rest = after;
        // Bits past the 64th are dropped, as other readers do.
        value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        if byte & 0x80 == 0 {
            return Ok(value);
        }
    }
    Err(UnreadReason::Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn fields(message: &[u8]) -> Result<Vec<(u64, Wire<'_>)>, UnreadReason> {
        let mut fields = Fields::new(message);
        let mut found = Vec::new();
        while let Some(field) = fields.next_field()? {
            found.push(field);
        }
        Ok(found)
    }

    #[test]
    fn every_wire_type_is_read() {
        // From the encoding's documentation: field 1 as 150, field 2 as "testing".
        let message = b"\x08\x96\x01\x12\x07testing\x1d\0\0\x80\x3f\x21\0\0\0\0\0\0\xf0\x3f";
        let expected = [
            (1, Wire::Varint(150)),
            (2, Wire::Bytes(b"testing")),
            (3, Wire::Fixed32(1.0_f32.to_le_bytes())),
            (4, Wire::Fixed64(1.0_f64.to_le_bytes())),
        ];
        assert_eq!(fields(message).unwrap(), expected);
        for length in [1, 2, 4, 8, 13, 20] {
            assert_eq!(fields(&message[..length]), Err(UnreadReason::Truncated), "{length}");
        }
    }

    #[test]
    fn a_negative_number_has_ten_bytes() {
        let minus_one = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];
        assert_eq!(varint(&mut &minus_one[..]), Ok(u64::MAX));
        assert_eq!(varint(&mut &[0xff; 11][..]), Err(UnreadReason::Malformed));
    }

    #[test]
    fn groups_and_field_0_are_malformed() {
        for message in [&b"\x0b\x0c"[..], b"\x00\x01", b"\x0e", b"\x0f"] {
            assert_eq!(fields(message), Err(UnreadReason::Malformed), "{message:?}");
        }
        let endless = b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01";
        assert_eq!(fields(endless), Err(UnreadReason::Truncated));
    }
}
