//! Kubernetes objects: their fields are ones that their definitions have, and the plugin's config in each is one
//! that the filter takes.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tidegate_filter::config::Config;

use crate::files::{self, read};
use crate::yaml;

const DEFINITIONS: &str = include_str!("schemas/kubernetes.json");
/// Folders whose YAML files are for `kubectl apply`, but for Helm's values.
const FOLDERS: &[&str] = &["istio/", "envoy-gateway/", "kserve/"];
const VALUES: &str = "istio/mesh.yaml";

/// Of each object of each file, the file and itself.
fn objects() -> Vec<(String, Value)> {
    let mut objects = Vec::new();
    for file in files::all() {
        let is_ours = FOLDERS.iter().any(|folder| file.starts_with(folder));
        if is_ours && file.ends_with(".yaml") && file != VALUES {
            let documents = yaml::documents(&read(&file)).into_iter();
            objects.extend(documents.map(|document| (file.clone(), document)));
        }
    }
    objects
}

/// Problems of a value, by the part of OpenAPI that custom resource definitions use.
fn problems(schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    let is_open = schema["x-kubernetes-preserve-unknown-fields"] == true;
    let has_type = match schema["type"].as_str() {
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("integer") => value.is_i64(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        Some(other) => panic!("{other} is no type"),
        None => is_open,
    };
    if !has_type {
        found.push(format!("{at} is no {}", schema["type"]));
        return;
    }
    if let Some(names) = schema["enum"].as_array()
        && !names.contains(value)
    {
        found.push(format!("{at} is {value}, none of {names:?}"));
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        problems(&schema["items"], item, &format!("{at}/{index}"), found);
    }
    let Some(fields) = value.as_object().filter(|_| !is_open) else { return };
    for name in schema["required"].as_array().into_iter().flatten() {
        if !fields.contains_key(name.as_str().unwrap()) {
            found.push(format!("{at} has no {name}"));
        }
    }
    for (name, field) in fields {
        let known = schema["properties"].get(name).or(schema.get("additionalProperties"));
        match known {
            Some(schema) => problems(schema, field, &format!("{at}/{name}"), found),
            None => found.push(format!("{at} has a field {name:?}, which nobody reads")),
        }
    }
}

#[test]
fn the_fields_are_those_of_the_definitions() {
    let definitions: Vec<Value> = serde_json::from_str(DEFINITIONS).unwrap();
    let objects = objects();
    let mut used = BTreeSet::new();
    for (file, object) in &objects {
        let kind = &object["kind"];
        let definition = definitions.iter().find(|it| it["kind"] == *kind);
        let definition = definition.unwrap_or_else(|| panic!("{file}: no definition of {kind}"));
        assert_eq!(object["apiVersion"], definition["apiVersion"], "{file}: {kind}");
        used.insert(kind.as_str().unwrap());
        let mut found = Vec::new();
        let names = ["name", "namespace", "labels", "annotations"];
        for name in object["metadata"].as_object().unwrap().keys() {
            assert!(names.contains(&name.as_str()), "{file}: metadata has {name}");
        }
        for map in ["labels", "annotations"] {
            for (name, value) in object["metadata"][map].as_object().into_iter().flatten() {
                assert!(value.is_string(), "{file}: {name} must be in quotes");
            }
        }
        assert_eq!(
            object.as_object().unwrap().len(),
            4,
            "{file}: apiVersion, kind, metadata, spec"
        );
        problems(&definition["spec"], &object["spec"], "spec", &mut found);
        assert!(found.is_empty(), "{file}, {kind}: {found:#?}");
    }
    assert_eq!(used.len(), definitions.len(), "a definition that no file needs");
}

#[test]
fn a_wrong_field_is_seen() {
    let definitions: Vec<Value> = serde_json::from_str(DEFINITIONS).unwrap();
    let plugin = definitions.iter().find(|it| it["kind"] == "WasmPlugin").unwrap();
    let spec = json!({ "phase": "LAST", "match": [{ "ports": [8080] }], "failOpen": true });
    let mut found = Vec::new();
    problems(&plugin["spec"], &spec, "spec", &mut found);
    found.sort();
    let expected = ["failOpen", "no \"url\"", "no \"object\"", "LAST"];
    assert_eq!(found.len(), expected.len(), "{found:?}");
    for part in expected {
        assert!(found.iter().any(|problem| problem.contains(part)), "{part}: {found:?}");
    }
}

/// Configs of the plugin in a value: under `pluginConfig`, under `config` beside `code`, and as text.
fn configs(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(config) = fields.get("pluginConfig") {
                found.push(config.to_string());
            }
            if let Some(config) = fields.get("config").filter(|_| fields.contains_key("code")) {
                found.push(config.to_string());
            }
            if fields.get("@type")
                == Some(&json!("type.googleapis.com/google.protobuf.StringValue"))
            {
                found.push(fields["value"].as_str().unwrap().to_string());
            }
            fields.values().for_each(|value| configs(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| configs(value, found)),
        _ => {}
    }
}

#[test]
fn the_filter_takes_every_config() {
    let mut count = 0;
    for file in files::all() {
        if !file.ends_with(".yaml") && !file.ends_with(".yaml.template") {
            continue;
        }
        let mut text = read(&file);
        // What a shell fills in.
        for (name, value) in [
            ("TOKEN", "t"),
            ("WASM", "tidegate.wasm"),
            ("EXPLORER_ORIGIN", "http://127.0.0.1:1"),
            ("GATEWAY_PORT", "1"),
            ("ENVOY_ADMIN_PORT", "2"),
            ("MODEL_V1_PORT", "3"),
            ("MODEL_V2_PORT", "4"),
        ] {
            text = text.replace(&format!("${{{name}}}"), value);
        }
        let mut found = Vec::new();
        yaml::documents(&text).iter().for_each(|document| configs(document, &mut found));
        for config in &found {
            if let Err(problems) = Config::parse(config.as_bytes()) {
                panic!("{file}: {problems:?}");
            }
        }
        count += found.len();
    }
    assert_eq!(count, 7, "actions, demo, plain, two of Istio, Envoy Gateway, KServe");
}

/// Istio keeps `pluginConfig` as a structure whose numbers are all doubles, and Kubernetes keeps no order of fields.
fn as_istio_sends(value: &Value) -> Value {
    match value {
        Value::Number(number) => json!(number.as_f64().unwrap()),
        Value::Array(items) => items.iter().map(as_istio_sends).collect(),
        Value::Object(fields) => {
            fields.iter().rev().map(|(name, value)| (name.clone(), as_istio_sends(value))).collect()
        }
        other => other.clone(),
    }
}

#[test]
fn whole_numbers_may_come_as_doubles() {
    for file in ["istio/wasmplugin.yaml", "kserve/iris.yaml"] {
        for document in yaml::documents(&read(file)) {
            if document["kind"] == "WasmPlugin" {
                let sent = as_istio_sends(&document["spec"]["pluginConfig"]).to_string();
                assert!(sent.contains("000.0"), "{sent}");
                let problems = Config::parse(sent.as_bytes()).err();
                assert_eq!(problems, None, "{file}");
            }
        }
    }
}

/// One place that names what the plugin's own statistics are labelled with.
#[test]
fn all_files_name_the_same_statistic_labels() {
    let plain = yaml::document(&read("plain/envoy.yaml"));
    let tags = plain["stats_config"]["stats_tags"].clone();
    let names: Vec<&str> =
        tags.as_array().unwrap().iter().map(|tag| tag["tag_name"].as_str().unwrap()).collect();
    for tag in tags.as_array().unwrap() {
        let name = tag["tag_name"].as_str().unwrap();
        assert_eq!(tag["regex"], format!("({name}=\\.=(.*?);\\.;)"));
    }
    for (file, object) in objects() {
        let template = &object["spec"]["template"]["metadata"];
        for metadata in [&object["metadata"], template] {
            if let Some(labels) = metadata["annotations"].get("sidecar.istio.io/extraStatTags") {
                assert_eq!(*labels, names.join(","), "{file}");
            }
        }
        if let Some(bootstrap) = object["spec"]["bootstrap"]["value"].as_str() {
            assert_eq!(yaml::document(bootstrap)["stats_config"]["stats_tags"], tags, "{file}");
        }
    }
}

/// Whoever reads one of the two alternatives must come to the same gateway.
#[test]
fn the_two_ways_into_istio_are_one_config() {
    let of = |file: &str| {
        let mut found = Vec::new();
        configs(&yaml::document(&read(file)), &mut found);
        serde_json::from_str::<Value>(&found.remove(0)).unwrap()
    };
    assert_eq!(of("istio/wasmplugin.yaml"), of("istio/envoyfilter.yaml"));
}

/// Istio takes any name of a provider and writes no line for one that there is not.
#[test]
fn telemetry_names_a_provider_of_the_mesh() {
    let mesh = yaml::document(&read("istio/mesh.yaml"));
    let telemetry = yaml::document(&read("istio/telemetry.yaml"));
    let provider = &mesh["meshConfig"]["extensionProviders"][0];
    assert_eq!(telemetry["spec"]["accessLogging"][0]["providers"][0]["name"], provider["name"]);
    let fields: Vec<&str> = provider.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(fields, ["envoyFileAccessLog", "name"]);
    let labels = provider["envoyFileAccessLog"]["logFormat"]["labels"].as_object().unwrap();
    for (label, command) in labels {
        let command = command.as_str().unwrap();
        assert!(command.starts_with('%') && command.ends_with('%'), "{label}: {command}");
    }
}
