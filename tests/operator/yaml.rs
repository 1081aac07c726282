//! Reads YAML as Kubernetes, Envoy and Prometheus do: into the values of JSON.

use serde_json::{Map, Number, Value};
use yaml_rust2::{Yaml, YamlLoader};

/// The documents of a file.
pub fn documents(text: &str) -> Vec<Value> {
    let documents = YamlLoader::load_from_str(text).unwrap_or_else(|error| panic!("{error}"));
    documents.iter().map(value).filter(|document| !document.is_null()).collect()
}

/// The only document of a file.
pub fn document(text: &str) -> Value {
    let mut documents = documents(text);
    assert_eq!(documents.len(), 1, "one document");
    documents.remove(0)
}

fn value(yaml: &Yaml) -> Value {
    match yaml {
        Yaml::Null => Value::Null,
        Yaml::Boolean(boolean) => Value::Bool(*boolean),
        Yaml::Integer(integer) => Value::from(*integer),
        Yaml::Real(real) => {
            let number = real.parse().ok().and_then(Number::from_f64);
            Value::Number(number.unwrap_or_else(|| panic!("{real} is no number of JSON")))
        }
        Yaml::String(text) => Value::String(text.clone()),
        Yaml::Array(items) => items.iter().map(value).collect(),
        Yaml::Hash(entries) => {
            let mut object = Map::new();
            for (key, entry) in entries {
                let key = key.as_str().unwrap_or_else(|| panic!("{key:?} is no name"));
                assert!(object.insert(key.into(), value(entry)).is_none(), "{key} is there twice");
            }
            Value::Object(object)
        }
        Yaml::Alias(_) | Yaml::BadValue => {
            panic!("aliases are not for files that people copy from")
        }
    }
}

#[test]
fn yaml_is_read_as_json() {
    let text = "a: 1\nb: [x, 2.5, true]\nc: |\n  two\n  lines\n---\nd: {e: \"1\"}\n";
    let read = documents(text);
    assert_eq!(read[0], serde_json::json!({"a": 1, "b": ["x", 2.5, true], "c": "two\nlines\n"}));
    assert_eq!(read[1], serde_json::json!({"d": {"e": "1"}}));
}
