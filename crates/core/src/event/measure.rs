use core::fmt;
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};

/// A number that may be NaN or infinite, which JSON has no number for: there it is `"NaN"`,
/// `"Infinity"` or `"-Infinity"`.
///
/// [`super::read`] also takes them without the quotes, as Python writes them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measure(pub f64);

impl Serialize for Measure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            value if value.is_nan() => serializer.serialize_str("NaN"),
            f64::INFINITY => serializer.serialize_str("Infinity"),
            f64::NEG_INFINITY => serializer.serialize_str("-Infinity"),
            value => serializer.serialize_f64(value),
        }
    }
}

impl<'de> Deserialize<'de> for Measure {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumberOrName;

        impl Visitor<'_> for NumberOrName {
            type Value = Measure;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, \"NaN\", \"Infinity\" or \"-Infinity\"")
            }

            fn visit_f64<E: Error>(self, value: f64) -> Result<Measure, E> {
                Ok(Measure(value))
            }

            fn visit_u64<E: Error>(self, value: u64) -> Result<Measure, E> {
                Ok(Measure(value as f64))
            }

            fn visit_i64<E: Error>(self, value: i64) -> Result<Measure, E> {
                Ok(Measure(value as f64))
            }

            fn visit_str<E: Error>(self, name: &str) -> Result<Measure, E> {
                match name {
                    "NaN" => Ok(Measure(f64::NAN)),
                    "Infinity" => Ok(Measure(f64::INFINITY)),
                    "-Infinity" => Ok(Measure(f64::NEG_INFINITY)),
                    _ => Err(E::invalid_value(serde::de::Unexpected::Str(name), &self)),
                }
            }
        }

        deserializer.deserialize_any(NumberOrName)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Measure {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        "Measure".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "anyOf": [{ "type": "number" }, { "enum": ["NaN", "Infinity", "-Infinity"] }]
        })
    }
}
