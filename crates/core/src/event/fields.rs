use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::marker::PhantomData;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};

/// The members of a JSON object in their order, each name once.
#[derive(Debug, Clone, PartialEq)]
pub struct Fields<V>(Vec<(String, V)>);

impl<V> Default for Fields<V> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<V> Fields<V> {
    /// Whether there is no member.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Number of members.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &V)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Name and value of a place in their order.
    #[must_use]
    pub fn at(&self, index: usize) -> Option<(&str, &V)> {
        self.0.get(index).map(|(name, value)| (name.as_str(), value))
    }

    /// Values, in order.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &V> {
        self.0.iter().map(|(_, value)| value)
    }

    /// The value of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&V> {
        self.0.iter().find(|(own, _)| own == name).map(|(_, value)| value)
    }
}

/// Members in the order given; of a name that is given twice, the first.
impl<V> FromIterator<(String, V)> for Fields<V> {
    fn from_iter<I: IntoIterator<Item = (String, V)>>(members: I) -> Self {
        let mut fields = Self::default();
        for (name, value) in members {
            if fields.get(&name).is_none() {
                fields.0.push((name, value));
            }
        }
        fields
    }
}

impl<V: Serialize> Serialize for Fields<V> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Fields<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members(PhantomData))
    }
}

struct Members<V>(PhantomData<V>);

impl<'de, V: Deserialize<'de>> Visitor<'de> for Members<V> {
    type Value = Fields<V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Fields<V>, M::Error> {
        let mut members: Vec<(String, V)> = Vec::new();
        while let Some(member) = map.next_entry::<String, V>()? {
            members.push(member);
        }
        // By sorting, for a search at each of many members would take for ever.
        let mut names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        if let Some(pair) = names.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(M::Error::custom(format_args!("`{}` is given twice", pair[0])));
        }
        Ok(Fields(members))
    }
}

#[cfg(feature = "schema")]
impl<V: schemars::JsonSchema> schemars::JsonSchema for Fields<V> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> alloc::borrow::Cow<'static, str> {
        alloc::format!("Fields_of_{}", V::schema_name()).into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let values = generator.subschema_for::<V>();
        schemars::json_schema!({ "type": "object", "additionalProperties": values })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_keep_their_order_and_each_name_is_there_once() {
        let fields: Fields<f64> = serde_json::from_str(r#"{"b": 2, "a": 1}"#).unwrap();
        assert_eq!(fields.iter().collect::<Vec<_>>(), [("b", &2.0), ("a", &1.0)]);
        assert_eq!((fields.get("a"), fields.get("c")), (Some(&1.0), None));
        assert_eq!(serde_json::to_string(&fields).unwrap(), r#"{"b":2.0,"a":1.0}"#);
        let twice = serde_json::from_str::<Fields<f64>>(r#"{"b": 2, "a": 1, "b": 3}"#);
        assert!(twice.unwrap_err().to_string().starts_with("`b` is given twice"));
    }
}
