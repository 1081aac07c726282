//! The filters whose costs are compared.

use std::path::Path;

use serde_json::{Value, json};

use super::FEATURES;
use crate::envoy::config;

/// Five operations on headers, as a small routing script makes them.
const FIVE_HEADERS: &str = r#"
function envoy_on_request(handle)
  local headers = handle:headers()
  local user = headers:get("x-user-id")
  headers:remove("x-variant")
  headers:add("x-variant", #user % 2 == 0 and "control" or "treatment")
  headers:get(":path")
end

function envoy_on_response(handle)
  handle:headers():get("content-type")
end
"#;

/// Decodes both bodies in pure Lua.
const DECODE: &str = include_str!("decode.lua");

/// Each with its name; the first two are what the others are measured against.
pub(super) fn all(tidegate: &Path, noop: &Path) -> Vec<(&'static str, Option<Value>)> {
    let tidegate = |plugin: &Value| config::wasm_filter("tidegate", tidegate, &plugin.to_string());
    vec![
        ("none", None),
        ("noop", Some(config::wasm_filter("noop", noop, ""))),
        ("tidegate, headers", Some(tidegate(&headers_only()))),
        ("tidegate, capture", Some(tidegate(&capture()))),
        ("tidegate, experiment", Some(tidegate(&experiment()))),
        ("lua, five headers", Some(lua(FIVE_HEADERS))),
        ("lua, decode", Some(lua(DECODE))),
    ]
}

fn lua(source: &str) -> Value {
    json!({
        "name": "lua",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua",
            "default_source_code": { "inline_string": source },
        },
    })
}

/// Requests, statuses and latencies: bodies are not looked at.
fn headers_only() -> Value {
    json!({ "models": [{
        "match": { "path_prefix": "/v2/models/" }, "protocol": "open_inference",
        "capture": { "features": false, "predictions": false },
    }] })
}

/// The features are read and compared with a reference, the predictions counted.
fn capture() -> Value {
    let names: Vec<String> = (1..=FEATURES).map(|i| format!("feature_{i}")).collect();
    json!({ "models": [{
        "match": { "path_prefix": "/v2/models/" }, "protocol": "open_inference",
        "feature_names": names, "classes": ["no", "yes"],
        "reference": { "learn": { "samples": 1000 } },
    }] })
}

/// The same with an experiment, which writes headers and so makes Envoy choose the route anew.
fn experiment() -> Value {
    let mut plugin = capture();
    plugin["experiments"] = json!([{
        "name": "bench", "unit": { "header": "x-user-id" },
        "variants": [{ "name": "control", "weight": 0.5 }, { "name": "treatment", "weight": 0.5 }],
    }]);
    plugin
}
