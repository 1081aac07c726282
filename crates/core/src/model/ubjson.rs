//! UBJSON (draft 12), as far as XGBoost writes it: objects, arrays (also of one type and a known
//! length), integers, floats, text, truths.

use alloc::string::String;
use alloc::vec::Vec;

use serde_json::{Map, Number, Value};

use super::ModelError;

/// How deep values may lie in each other.
const MAX_DEPTH: usize = 64;

/// Whether a byte after `{` or `S` says how long a length is.
pub(super) const fn is_length(mark: u8) -> bool {
    matches!(mark, b'i' | b'U' | b'I' | b'l' | b'L')
}

/// Reads one value, and expects nothing after it.
pub(super) fn read(bytes: &[u8]) -> Result<Value, ModelError> {
    let mut reader = Reader { rest: bytes };
    let found = reader.mark().and_then(|mark| reader.value(mark, 0));
    found.ok_or_else(|| ModelError::CorruptModel {
        what: alloc::format!(
            "UBJSON is cut off or unknown near byte {}",
            bytes.len() - reader.rest.len()
        ),
    })
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(len)?;
        self.rest = rest;
        Some(taken)
    }

    fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    /// The next byte that is no padding.
    fn mark(&mut self) -> Option<u8> {
        loop {
            match self.bytes::<1>()? {
                [b'N'] => {}
                [mark] => return Some(mark),
            }
        }
    }

    fn value(&mut self, mark: u8, depth: usize) -> Option<Value> {
        if depth > MAX_DEPTH {
            return None;
        }
        Some(match mark {
            b'Z' => Value::Null,
            b'T' => Value::Bool(true),
            b'F' => Value::Bool(false),
            b'd' => float(f64::from(f32::from_be_bytes(self.bytes()?))),
            b'D' => float(f64::from_be_bytes(self.bytes()?)),
            b'C' => Value::String(char::from(self.bytes::<1>()?[0]).into()),
            b'S' => Value::String(self.text()?),
            b'[' => self.array(depth)?,
            b'{' => self.object(depth)?,
            _ => Value::Number(self.integer(mark)?.into()),
        })
    }

    fn integer(&mut self, mark: u8) -> Option<i64> {
        Some(match mark {
            b'i' => i64::from(i8::from_be_bytes(self.bytes()?)),
            b'U' => i64::from(u8::from_be_bytes(self.bytes()?)),
            b'I' => i64::from(i16::from_be_bytes(self.bytes()?)),
            b'l' => i64::from(i32::from_be_bytes(self.bytes()?)),
            b'L' => i64::from_be_bytes(self.bytes()?),
            _ => return None,
        })
    }

    fn length(&mut self) -> Option<usize> {
        let mark = self.mark()?;
        self.integer(mark)?.try_into().ok()
    }

    fn text(&mut self) -> Option<String> {
        let len = self.length()?;
        String::from_utf8(self.take(len)?.to_vec()).ok()
    }

    fn array(&mut self, depth: usize) -> Option<Value> {
        let mut values = Vec::new();
        let mut mark = self.mark()?;
        if mark == b'$' {
            let kind = self.mark()?;
            // Values that take no byte could be as many as the length says.
            let takes_bytes = !matches!(kind, b'Z' | b'T' | b'F' | b'$' | b'#');
            if self.mark()? != b'#' || !takes_bytes {
                return None;
            }
            for _ in 0..self.length()? {
                values.push(self.value(kind, depth + 1)?);
            }
        } else if mark == b'#' {
            for _ in 0..self.length()? {
                let mark = self.mark()?;
                values.push(self.value(mark, depth + 1)?);
            }
        } else {
            while mark != b']' {
                values.push(self.value(mark, depth + 1)?);
                mark = self.mark()?;
            }
        }
        Some(Value::Array(values))
    }

    fn object(&mut self, depth: usize) -> Option<Value> {
        let mut values = Map::new();
        loop {
            let mark = self.mark()?;
            if mark == b'}' {
                return Some(Value::Object(values));
            }
            let len = usize::try_from(self.integer(mark)?).ok()?;
            let key = String::from_utf8(self.take(len)?.to_vec()).ok()?;
            let mark = self.mark()?;
            values.insert(key, self.value(mark, depth + 1)?);
        }
    }
}

/// A number, or null where it is not finite.
fn float(value: f64) -> Value {
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}
