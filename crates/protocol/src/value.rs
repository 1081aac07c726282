//! What a leaf means: a feature's value, or the name of a class.

use alloc::string::{String, ToString};

use tidegate_core::base64;
use tidegate_core::event::Value;

use crate::facts::{Limits, Naming};
use crate::wire::json::{Error, Leaf, Reader, Text, lossy};

/// A feature's value. Booleans are categories; what is not finite is missing.
pub(crate) fn feature(leaf: &Leaf<'_>, limits: &Limits) -> Value {
    match leaf {
        Leaf::Null => Value::Missing,
        Leaf::Boolean(value) => Value::Category(value.to_string()),
        Leaf::Number(number) => finite(number.value),
        Leaf::Text(text) => Value::Category(text.decode(limits.max_text_bytes).into_owned()),
        Leaf::Object(json) => Value::Category(object(json, limits.max_text_bytes)),
    }
}

/// A number, or [`Value::Missing`] if it is not finite.
pub(crate) fn finite(value: f64) -> Value {
    if value.is_finite() { Value::Number(value) } else { Value::Missing }
}

/// The class that a leaf stands for: an index of `naming.classes`, or the leaf itself as a name.
pub(crate) fn class(leaf: &Leaf<'_>, naming: &Naming<'_>, limits: &Limits) -> Value {
    match leaf {
        Leaf::Number(number) => class_of_number(number.value, naming, limits),
        other => class_index(other)
            .and_then(|index| naming.classes.get(index))
            .map_or_else(|| feature(other, limits), |name| Value::Category(name.clone())),
    }
}

/// The class that a number stands for.
pub(crate) fn class_of_number(number: f64, naming: &Naming<'_>, limits: &Limits) -> Value {
    if !number.is_finite() {
        return Value::Missing;
    }
    let named = index(number).and_then(|index| naming.classes.get(index));
    Value::Category(named.cloned().unwrap_or_else(|| {
        let mut name = number.to_string();
        name.truncate(limits.max_text_bytes);
        name
    }))
}

/// The name of the class at `index`.
pub(crate) fn class_name(index: usize, naming: &Naming<'_>) -> String {
    naming.classes.get(index).cloned().unwrap_or_else(|| index.to_string())
}

/// The index of a class that is given as a number or a boolean.
pub(crate) fn class_index(leaf: &Leaf<'_>) -> Option<usize> {
    match leaf {
        Leaf::Boolean(value) => Some(usize::from(*value)),
        Leaf::Number(number) => index(number.value),
        Leaf::Null | Leaf::Text(_) | Leaf::Object(_) => None,
    }
}

/// A number as an index, if it is one.
pub(crate) fn index(value: f64) -> Option<usize> {
    // The cast saturates, so only an index survives the way back.
    let index = value as u32;
    if f64::from(index) == value { usize::try_from(index).ok() } else { None }
}

/// Reads a string, or a number that stands for one; one that says nothing, and a value of another kind, is none.
pub(crate) fn name(reader: &mut Reader<'_>, limits: &Limits) -> Result<Option<String>, Error> {
    Ok(match reader.leaf()? {
        Some(Leaf::Text(text)) => {
            Some(text.decode(limits.max_text_bytes).into_owned()).filter(|name| !name.is_empty())
        }
        Some(Leaf::Number(number)) => Some(number.value.to_string()),
        Some(Leaf::Null | Leaf::Boolean(_) | Leaf::Object(_)) => None,
        None => {
            reader.skip()?;
            None
        }
    })
}

/// Reads the sentence of an error as [`name`] does, at greater length.
pub(crate) fn sentence(reader: &mut Reader<'_>, limits: &Limits) -> Result<Option<String>, Error> {
    name(reader, &limits.of_sentence())
}

/// Largest integer up to which every one is exact in an `f64`.
const MAX_EXACT_INTEGER: f64 = 9_007_199_254_740_992.0;

/// Reads a count; a value that is none is passed over.
pub(crate) fn count(reader: &mut Reader<'_>) -> Result<Option<u64>, Error> {
    let number = reader.number_if_any()?.map(|number| number.value);
    let is_count = |value: &f64| (0.0..=MAX_EXACT_INTEGER).contains(value);
    Ok(number
        .filter(is_count)
        .map(|value| value as u64)
        .filter(|&count| Some(count as f64) == number))
}

/// The bytes of `{"b64": "..."}`, as text, or any other object's own JSON.
fn object(json: &[u8], max_bytes: usize) -> String {
    match base64_text(json) {
        Some(encoded) => {
            // Four characters a group of three bytes; one group more, for a character may be cut.
            let enough = max_bytes.saturating_mul(2).saturating_add(8);
            let decoded =
                base64::decode_prefix(&encoded.decode(enough), max_bytes.saturating_add(4));
            lossy(&decoded, max_bytes).into_owned()
        }
        None => lossy(json, max_bytes).into_owned(),
    }
}

/// The string of `{"b64": "..."}`, how TensorFlow Serving's JSON holds bytes.
pub(crate) fn base64_text(json: &[u8]) -> Option<Text<'_>> {
    let mut reader = Reader::new(json);
    reader.enter_object().ok()?;
    let key = reader.next_key().ok()??;
    if key.decode(4) != "b64" {
        return None;
    }
    let encoded = reader.text_if_any().ok()??;
    reader.next_key().ok()?.is_none().then_some(encoded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::json::Leaves;

    const LIMITS: Limits =
        Limits { max_columns: 4, max_rows: 4, max_text_bytes: 8, max_body_bytes: 64 };

    fn leaf(json: &str) -> Leaf<'_> {
        Leaves::new(json.as_bytes()).next_leaf().unwrap().unwrap()
    }

    fn category(text: &str) -> Value {
        Value::Category(text.into())
    }

    #[test]
    fn features_are_numbers_categories_or_missing() {
        let check = |json, expected| assert_eq!(feature(&leaf(json), &LIMITS), expected, "{json}");
        check("1.5", Value::Number(1.5));
        check("null", Value::Missing);
        check("NaN", Value::Missing);
        check("-Infinity", Value::Missing);
        check("true", category("true"));
        check("\"a category\"", category("a catego"));
        check(r#"{"b64": "aGVsbG8="}"#, category("hello"));
        check(r#"{"b64": "aGVsbG8gd29ybGQh"}"#, category("hello wo"));
        check(r#"{"b64": "aGVsbG8=", "x": 1}"#, category("{\"b64\": "));
    }

    #[test]
    fn classes_are_named_by_index() {
        let names = ["no".into(), "yes".into()];
        let naming = Naming { classes: &names, ..Naming::default() };
        let check = |json, expected| {
            assert_eq!(class(&leaf(json), &naming, &LIMITS), expected, "{json}");
        };
        check("0", category("no"));
        check("1.0", category("yes"));
        check("true", category("yes"));
        check("2", category("2"));
        check("-1", category("-1"));
        check("0.5", category("0.5"));
        check("1e300", category("10000000"));
        check("\"maybe\"", category("maybe"));
        check("null", Value::Missing);
    }
}
