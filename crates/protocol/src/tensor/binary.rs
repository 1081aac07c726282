//! Raw little-endian elements, as the binary tensor data extension lays them out.

use crate::wire::json::{Leaf, Number, Text};

use super::Datatype;

/// Elements of a raw tensor.
#[derive(Debug, Clone)]
pub(super) struct Elements<'a> {
    datatype: Datatype,
    rest: &'a [u8],
}

/// How many elements `bytes` are; `None` when they are not a whole number of them.
pub(crate) fn count(datatype: Datatype, bytes: &[u8]) -> Option<usize> {
    if let Some(width) = datatype.width() {
        return bytes.len().is_multiple_of(width).then_some(bytes.len().checked_div(width)?);
    }
    if datatype != Datatype::Bytes {
        return None;
    }
    let mut count = 0_usize;
    let mut rest = bytes;
    while !rest.is_empty() {
        rest = string(rest)?.1;
        count = count.saturating_add(1);
    }
    Some(count)
}

/// The string at the start of `bytes`, after its length, and what follows it.
fn string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(usize::try_from(u32::from_le_bytes(*length)).ok()?)
}

impl<'a> Elements<'a> {
    pub fn new(datatype: Datatype, bytes: &'a [u8]) -> Self {
        Self { datatype, rest: bytes }
    }

    /// The next element; `None` after the last whole one.
    pub fn next_element(&mut self) -> Option<Leaf<'a>> {
        if self.datatype == Datatype::Bytes {
            let (text, rest) = string(self.rest)?;
            self.rest = rest;
            return Some(Leaf::Text(Text::verbatim(text)));
        }
        let (element, rest) = self.rest.split_at_checked(self.datatype.width()?)?;
        self.rest = rest;
        if self.datatype == Datatype::Bool {
            return Some(Leaf::Boolean(element != [0]));
        }
        let value = number(self.datatype, element)?;
        Some(Leaf::Number(Number { value, is_integer: !self.datatype.is_float() }))
    }
}

fn number(datatype: Datatype, element: &[u8]) -> Option<f64> {
    let value = match datatype {
        Datatype::Single => f64::from(f32::from_le_bytes(element.try_into().ok()?)),
        Datatype::Double => f64::from_le_bytes(element.try_into().ok()?),
        Datatype::Half => half(u16::from_le_bytes(element.try_into().ok()?)),
        Datatype::Brain => {
            let upper = u16::from_le_bytes(element.try_into().ok()?);
            f64::from(f32::from_bits(u32::from(upper) << 16))
        }
        Datatype::Integer { is_signed, .. } => integer(is_signed, element)?,
        Datatype::Bool | Datatype::Bytes | Datatype::Unknown => return None,
    };
    Some(value)
}

/// An integer of 1 to 8 bytes; past 2^53 the nearest `f64`.
fn integer(is_signed: bool, element: &[u8]) -> Option<f64> {
    let is_negative = is_signed && element.last()? & 0x80 != 0;
    let mut wide = if is_negative { [0xff; 8] } else { [0; 8] };
    wide.get_mut(..element.len())?.copy_from_slice(element);
    Some(if is_signed { i64::from_le_bytes(wide) as f64 } else { u64::from_le_bytes(wide) as f64 })
}

/// An IEEE 754 binary16.
pub(super) fn half(bits: u16) -> f64 {
    const FRACTION_BITS: u32 = 10;
    /// The unit of a subnormal, `2^-24`.
    const SUBNORMAL_UNIT: f64 = 1.0 / 16_777_216.0;
    let exponent = u32::from(bits >> FRACTION_BITS) & 0x1f;
    let fraction = u32::from(bits) & 0x3ff;
    let magnitude = match (exponent, fraction) {
        (0, fraction) => f64::from(fraction) * SUBNORMAL_UNIT,
        (0x1f, 0) => f64::INFINITY,
        (0x1f, _) => f64::NAN,
        // 1.fraction * 2^(exponent - 15) in units of 2^-24: exact, for it has 11 digits.
        _ => {
            let significand = (fraction | 0x400) as f32;
            let scale = (1_u32 << exponent.saturating_sub(1)) as f32;
            f64::from(significand) * f64::from(scale) * SUBNORMAL_UNIT
        }
    };
    if bits >> 15 == 1 { -magnitude } else { magnitude }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn numbers(name: &str, bytes: &[u8]) -> Vec<f64> {
        let mut elements = Elements::new(Datatype::from_name(name), bytes);
        core::iter::from_fn(|| elements.next_element())
            .map(|leaf| match leaf {
                Leaf::Number(number) => number.value,
                other => panic!("{other:?} is no number"),
            })
            .collect()
    }

    #[test]
    fn integers_keep_their_sign() {
        assert_eq!(numbers("UINT8", &[0, 255]), [0.0, 255.0]);
        assert_eq!(numbers("INT8", &[127, 128, 255]), [127.0, -128.0, -1.0]);
        assert_eq!(numbers("INT16", &[0, 128]), [-32_768.0]);
        assert_eq!(numbers("UINT16", &[1, 2]), [513.0]);
        assert_eq!(numbers("INT32", &(-7_i32).to_le_bytes()), [-7.0]);
        assert_eq!(numbers("INT64", &i64::MIN.to_le_bytes()), [-9_223_372_036_854_775_808.0]);
        assert_eq!(numbers("UINT64", &u64::MAX.to_le_bytes()), [18_446_744_073_709_551_615.0]);
    }

    #[test]
    fn floats_of_each_width() {
        // Bit patterns from IEEE 754: 1, -2, 65504 (the largest half), 2^-24 (the least), 1/3.
        let halves = [0x3c00_u16, 0xc000, 0x7bff, 0x0001, 0x3555, 0x7c00, 0xfc00];
        let bytes: Vec<u8> = halves.iter().flat_map(|bits| bits.to_le_bytes()).collect();
        let third = 0.333_251_953_125;
        let tiny = 5.960_464_477_539_063e-8;
        assert_eq!(
            numbers("FP16", &bytes),
            [1.0, -2.0, 65_504.0, tiny, third, f64::INFINITY, f64::NEG_INFINITY]
        );
        assert!(numbers("FP16", &[0x01, 0x7c])[0].is_nan());
        assert_eq!(numbers("BF16", &[0x80, 0x3f, 0x20, 0xc1]), [1.0, -10.0]);
        assert_eq!(numbers("FP32", &0.5_f32.to_le_bytes()), [0.5]);
        assert_eq!(numbers("FP64", &0.1_f64.to_le_bytes()), [0.1]);
    }

    #[test]
    fn booleans_and_strings() {
        let mut booleans = Elements::new(Datatype::Bool, &[0, 1, 7]);
        for expected in [false, true, true] {
            assert_eq!(booleans.next_element(), Some(Leaf::Boolean(expected)));
        }
        assert_eq!(booleans.next_element(), None);
        let mut strings = Elements::new(Datatype::Bytes, b"\x02\0\0\0hi\0\0\0\0");
        for expected in ["hi", ""] {
            match strings.next_element() {
                Some(Leaf::Text(text)) => assert_eq!(text.decode(9), expected),
                other => panic!("{other:?} is no string"),
            }
        }
        assert_eq!(strings.next_element(), None);
    }

    #[test]
    fn a_part_of_an_element_is_not_counted() {
        let check = |name, bytes: &[u8], expected| {
            assert_eq!(count(Datatype::from_name(name), bytes), expected, "{name} {bytes:?}");
        };
        check("FP32", &[0; 8], Some(2));
        check("FP32", &[0; 7], None);
        check("BOOL", &[], Some(0));
        check("BYTES", b"\x02\0\0\0hi\0\0\0\0", Some(2));
        check("BYTES", b"\x03\0\0\0hi", None);
        check("BYTES", b"\xff\xff\xff\xffhi", None);
        check("BYTES", b"\x01", None);
        check("COMPLEX", &[0; 8], None);
    }
}
