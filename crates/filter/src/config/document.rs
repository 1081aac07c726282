//! The JSON of a config. A key that an object gives twice is a problem: readers of JSON take the first
//! or the last of them as they please, so one of the two would be lost in silence.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::field::{Problem, Problems, join};

/// Reads a document; a repeated key counts as it is given first, and is among the problems.
///
/// # Errors
/// It is not JSON.
pub(super) fn read(bytes: &[u8], problems: &Problems) -> Result<Value, Problem> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let root = Place { pointer: String::new(), problems };
    let value = root.deserialize(&mut deserializer);
    value
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|error| Problem { pointer: String::new(), message: format!("not JSON: {error}") })
}

/// Where a value stands that is about to be read.
struct Place<'p> {
    pointer: String,
    problems: &'p Problems,
}

impl Place<'_> {
    fn below(&self, name: &str) -> Self {
        Self { pointer: join(&self.pointer, name), problems: self.problems }
    }
}

impl<'de> DeserializeSeed<'de> for Place<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Place<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Value, E> {
        Ok(Value::Bool(flag))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(Value::Number(number.into()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(Number::from_f64(number).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.into()))
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element_seed(self.below(&items.len().to_string()))? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(name) = object.next_key::<String>()? {
            let place = self.below(&name);
            if map.contains_key(&name) {
                self.problems.push(&place.pointer, format!("`{name}` is given twice"));
                // What stands there is not looked at.
                object.next_value::<serde::de::IgnoredAny>()?;
            } else {
                let value = object.next_value_seed(place)?;
                map.insert(name, value);
            }
        }
        Ok(Value::Object(map))
    }
}
