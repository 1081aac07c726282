//! An event of JSON: its `type` first, wherever it stands, then the fields of that type straight from the text.
//!
//! What serde makes of an enum with a tag keeps each event in a tree of its own before it is read, and has code for it.

use alloc::borrow::Cow;
use core::fmt;

use serde::Deserialize;
use serde::de::value::{CowStrDeserializer, MapAccessDeserializer};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::Event;

/// Which event it is; its other fields are left for later.
#[derive(Deserialize)]
#[serde(expecting = "an event, such as {\"type\": \"label\", ...}")]
struct Tag {
    r#type: Type,
}

#[derive(Deserialize)]
#[serde(variant_identifier, rename_all = "snake_case")]
enum Type {
    Inference,
    Label,
    Conversion,
    ExperimentUnit,
    FeatureRetrieval,
    FeatureRow,
    TrainingStep,
    TrainingEpoch,
    Explanation,
    BusinessMetric,
}

/// Reads the text of one event.
pub(crate) fn of_json(text: &[u8]) -> serde_json::Result<Event> {
    let Tag { r#type } = serde_json::from_slice(text)?;
    Ok(match r#type {
        Type::Inference => Event::Inference(fields(text)?),
        Type::Label => Event::Label(fields(text)?),
        Type::Conversion => Event::Conversion(fields(text)?),
        Type::ExperimentUnit => Event::ExperimentUnit(fields(text)?),
        Type::FeatureRetrieval => Event::FeatureRetrieval(fields(text)?),
        Type::FeatureRow => Event::FeatureRow(fields(text)?),
        Type::TrainingStep => Event::TrainingStep(fields(text)?),
        Type::TrainingEpoch => Event::TrainingEpoch(fields(text)?),
        Type::Explanation => Event::Explanation(fields(text)?),
        Type::BusinessMetric => Event::BusinessMetric(fields(text)?),
    })
}

/// Reads an object but for its tag.
fn fields<'t, T: Deserialize<'t>>(text: &'t [u8]) -> serde_json::Result<T> {
    struct Object<T>(core::marker::PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Object<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
            T::deserialize(MapAccessDeserializer::new(WithoutTag(map)))
        }
    }

    serde_json::Deserializer::from_slice(text).deserialize_map(Object(core::marker::PhantomData))
}

struct WithoutTag<A>(A);

#[derive(Deserialize)]
struct Key<'k>(#[serde(borrow)] Cow<'k, str>);

impl<'de, A: MapAccess<'de>> MapAccess<'de> for WithoutTag<A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        while let Some(Key(key)) = self.0.next_key()? {
            if key != "type" {
                return seed.deserialize(CowStrDeserializer::new(key)).map(Some);
            }
            self.0.next_value::<IgnoredAny>()?;
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.0.next_value_seed(seed)
    }
}
