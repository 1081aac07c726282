//! Elements in protobuf fields: one field a type, packed or one by one, in any mixture.

use tidegate_core::event::UnreadReason;

use super::binary::half;
use crate::wire::json::{Leaf, Number, Text};
use crate::wire::protobuf::{Fields, Wire, varint};

/// How the elements of a field are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Element {
    Boolean,
    /// Two's complement, in 64 bits whatever its type.
    Signed,
    Unsigned,
    Single,
    Double,
    /// The bits of a binary16, as a number.
    Half,
    /// The bits of a bfloat16, as a number.
    Brain,
    Bytes,
}

/// By field number, how its elements are read.
pub(crate) type Layout = fn(u64) -> Option<Element>;

/// `InferTensorContents` of the Open Inference Protocol.
pub(crate) fn open_inference(field: u64) -> Option<Element> {
    Some(match field {
        1 => Element::Boolean,
        2 | 3 => Element::Signed,
        4 | 5 => Element::Unsigned,
        6 => Element::Single,
        7 => Element::Double,
        8 => Element::Bytes,
        _ => return None,
    })
}

/// `TensorProto` of TensorFlow, whose halves are of a `DataType`.
pub(crate) fn tensorflow(field: u64) -> Option<Element> {
    Some(match field {
        5 => Element::Single,
        6 => Element::Double,
        7 | 10 => Element::Signed,
        8 => Element::Bytes,
        11 => Element::Boolean,
        13 => Element::Half,
        16 | 17 => Element::Unsigned,
        _ => return None,
    })
}

/// As [`tensorflow`], of a tensor of type `DT_BFLOAT16`.
pub(crate) fn tensorflow_brain(field: u64) -> Option<Element> {
    tensorflow(field).map(|element| match element {
        Element::Half => Element::Brain,
        other => other,
    })
}

/// `BytesList`, `FloatList` or `Int64List` of TensorFlow's `Feature`: each has one field.
pub(crate) fn bytes_list(field: u64) -> Option<Element> {
    (field == 1).then_some(Element::Bytes)
}

/// See [`bytes_list`].
pub(crate) fn float_list(field: u64) -> Option<Element> {
    (field == 1).then_some(Element::Single)
}

/// See [`bytes_list`].
pub(crate) fn int64_list(field: u64) -> Option<Element> {
    (field == 1).then_some(Element::Signed)
}

/// The elements of a message.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TypedElements<'a> {
    fields: Fields<'a>,
    layout: Layout,
    packed: &'a [u8],
    element: Element,
    /// The element that came last, and how often it is to come again.
    last: Option<Leaf<'a>>,
    fill: usize,
}

impl<'a> TypedElements<'a> {
    pub fn new(message: &'a [u8], layout: Layout) -> Self {
        Self {
            fields: Fields::new(message),
            layout,
            packed: &[],
            element: Element::Bytes,
            last: None,
            fill: 0,
        }
    }

    /// As these elements, and the last of them so many times more.
    pub fn filled(self, fill: usize) -> Self {
        Self { fill, ..self }
    }

    /// The next element; `None` after the last.
    ///
    /// # Errors
    /// The message is none, or an element is cut.
    pub fn next_element(&mut self) -> Result<Option<Leaf<'a>>, UnreadReason> {
        loop {
            if !self.packed.is_empty() {
                self.last = Some(self.unpack()?);
                return Ok(self.last);
            }
            let Some((number, wire)) = self.fields.next_field()? else {
                if self.fill == 0 {
                    return Ok(None);
                }
                self.fill = self.fill.saturating_sub(1);
                return Ok(self.last);
            };
            let Some(element) = (self.layout)(number) else { continue };
            self.element = element;
            let leaf = match (element, wire) {
                (Element::Bytes, Wire::Bytes(bytes)) => Leaf::Text(Text::verbatim(bytes)),
                (Element::Bytes, _) => return Err(UnreadReason::Malformed),
                (_, Wire::Bytes(packed)) => {
                    self.packed = packed;
                    continue;
                }
                (Element::Single, Wire::Fixed32(bytes)) => single(bytes),
                (Element::Double, Wire::Fixed64(bytes)) => double(bytes),
                (Element::Single | Element::Double, _) => return Err(UnreadReason::Malformed),
                (_, Wire::Varint(value)) => varied(element, value),
                _ => return Err(UnreadReason::Malformed),
            };
            self.last = Some(leaf);
            return Ok(self.last);
        }
    }

    fn unpack(&mut self) -> Result<Leaf<'a>, UnreadReason> {
        let cut = UnreadReason::Malformed;
        Ok(match self.element {
            Element::Single => {
                let (bytes, rest) = self.packed.split_first_chunk::<4>().ok_or(cut)?;
                self.packed = rest;
                single(*bytes)
            }
            Element::Double => {
                let (bytes, rest) = self.packed.split_first_chunk::<8>().ok_or(cut)?;
                self.packed = rest;
                double(*bytes)
            }
            element => varied(element, varint(&mut self.packed).map_err(|_| cut)?),
        })
    }

    /// How many elements there are.
    ///
    /// # Errors
    /// As [`next_element`](Self::next_element).
    pub fn count(mut self) -> Result<usize, UnreadReason> {
        let mut count = 0_usize;
        while self.next_element()?.is_some() {
            count = count.saturating_add(1);
        }
        Ok(count)
    }
}

fn number<'a>(value: f64, is_integer: bool) -> Leaf<'a> {
    Leaf::Number(Number { value, is_integer })
}

fn single<'a>(bytes: [u8; 4]) -> Leaf<'a> {
    number(f64::from(f32::from_le_bytes(bytes)), false)
}

fn double<'a>(bytes: [u8; 8]) -> Leaf<'a> {
    number(f64::from_le_bytes(bytes), false)
}

fn varied<'a>(element: Element, value: u64) -> Leaf<'a> {
    match element {
        Element::Boolean => Leaf::Boolean(value != 0),
        Element::Signed => number(value.cast_signed() as f64, true),
        Element::Half => number(half(value as u16), false),
        Element::Brain => number(f64::from(f32::from_bits(u32::from(value as u16) << 16)), false),
        Element::Unsigned | Element::Single | Element::Double | Element::Bytes => {
            number(value as f64, true)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    fn numbers(elements: TypedElements<'_>) -> Result<Vec<f64>, UnreadReason> {
        let mut elements = elements;
        let mut numbers = Vec::new();
        while let Some(leaf) = elements.next_element()? {
            match leaf {
                Leaf::Number(number) => numbers.push(number.value),
                Leaf::Boolean(flag) => numbers.push(f64::from(u8::from(flag))),
                other => panic!("{other:?} is no number"),
            }
        }
        Ok(numbers)
    }

    #[test]
    fn packed_and_single_elements_mix() {
        // int64_contents: 1, 2 packed; -1 alone; 3 packed.
        let message = b"\x1a\x02\x01\x02\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x1a\x01\x03";
        let elements = TypedElements::new(message, open_inference);
        assert_eq!(numbers(elements), Ok(vec![1.0, 2.0, -1.0, 3.0]));
        assert_eq!(elements.count(), Ok(4));
        let singles = b"\x35\0\0\x80\x3f\x32\x08\0\0\0\x40\0\0\x40\x40";
        let elements = TypedElements::new(singles, open_inference);
        assert_eq!(numbers(elements), Ok(vec![1.0, 2.0, 3.0]));
    }

    #[test]
    fn the_last_element_fills_what_is_missing() {
        let elements = TypedElements::new(b"\x3a\x02\x07\x08", tensorflow).filled(2);
        assert_eq!(numbers(elements), Ok(vec![7.0, 8.0, 8.0, 8.0]));
        assert_eq!(numbers(TypedElements::new(b"", tensorflow).filled(2)), Ok(vec![]));
    }

    #[test]
    fn halves_are_their_bits() {
        // half_val: 0x3c00 and 0xc000, which are 1 and -2 in binary16.
        let message = b"\x6a\x06\x80\x78\x80\x80\x03\x00";
        let elements = TypedElements::new(message, tensorflow);
        assert_eq!(numbers(elements), Ok(vec![1.0, -2.0, 0.0]));
        // 0x3f80 is 1 in bfloat16.
        let elements = TypedElements::new(b"\x6a\x02\x80\x7f", tensorflow_brain);
        assert_eq!(numbers(elements), Ok(vec![1.0]));
    }

    #[test]
    fn cut_elements_are_malformed() {
        for message in [&b"\x32\x03\0\0\0"[..], b"\x1a\x01\xff", b"\x30\x01", b"\x40\x01"] {
            let elements = TypedElements::new(message, open_inference);
            assert_eq!(numbers(elements), Err(UnreadReason::Malformed), "{message:?}");
        }
    }
}
