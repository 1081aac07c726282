//! Every Envoy configuration that is for people is one that Envoy takes, with the real filter in it.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tidegate_demo::envoy::config;

use crate::harness::program;
use crate::yaml;

fn read(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../envoy").join(file);
    std::fs::read_to_string(path).unwrap()
}

fn validate(name: &str, bootstrap: &str) {
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-bootstrap.yaml"));
    std::fs::write(&file, bootstrap).unwrap();
    let output = Command::new(program("TIDEGATE_ENVOY"))
        .args(["--mode", "validate", "--config-path"])
        .arg(&file)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("OK"), "{said}");
}

/// A bootstrap with this filter, its code being the built one.
fn around(mut filter: Value) -> Value {
    let code = &mut filter["typed_config"]["config"]["vm_config"]["code"];
    *code = json!({ "local": { "filename": program("TIDEGATE_WASM") } });
    let upstream = std::net::SocketAddr::from(([127, 0, 0, 1], 9));
    config::bootstrap(
        &config::listener(&[filter], &[config::route("model")]),
        &[config::cluster("model", upstream)],
    )
}

#[test]
fn envoy_takes_the_demo_bootstrap() {
    let wasm = program("TIDEGATE_WASM");
    let mut bootstrap = read("demo/envoy.yaml.template");
    for (name, value) in [
        ("ENVOY_ADMIN_PORT", "0"),
        ("GATEWAY_PORT", "0"),
        ("MODEL_V1_PORT", "9001"),
        ("MODEL_V2_PORT", "9002"),
        ("WASM", wasm.to_str().unwrap()),
        ("TOKEN", "demo-token"),
        ("EXPLORER_ORIGIN", "http://127.0.0.1:8000"),
    ] {
        let placeholder = format!("${{{name}}}");
        assert!(bootstrap.contains(&placeholder), "{name} is not in the template");
        bootstrap = bootstrap.replace(&placeholder, value);
    }
    assert!(!bootstrap.contains("${"), "a placeholder is left");
    validate("demo", &bootstrap);
}

#[test]
fn envoy_takes_the_plain_bootstrap() {
    let module = "/etc/envoy/tidegate.wasm";
    let bootstrap = read("plain/envoy.yaml");
    assert!(bootstrap.contains(module));
    validate("plain", &bootstrap.replace(module, program("TIDEGATE_WASM").to_str().unwrap()));
}

/// Istio checks nothing of what an `EnvoyFilter` puts into Envoy.
#[test]
fn envoy_takes_what_the_envoy_filter_adds() {
    let object = yaml::document(&read("istio/envoyfilter.yaml"));
    let patches = object["spec"]["configPatches"].as_array().unwrap();
    let values: Vec<&Value> = patches.iter().map(|patch| &patch["patch"]["value"]).collect();
    let remote = &values[0]["typed_config"]["config"]["vm_config"]["code"]["remote"]["http_uri"];
    assert!(remote["uri"].as_str().unwrap().starts_with("oci://"), "Istio's agent fetches it");
    validate("istio", &around(values[0].clone()).to_string());

    // And that the listener asks for it by name.
    assert_eq!(values[0]["name"], values[1]["name"]);
    let upstream = std::net::SocketAddr::from(([127, 0, 0, 1], 9));
    let mut bootstrap = config::bootstrap(
        &config::listener(&[values[1].clone()], &[config::route("model")]),
        &[config::cluster("model", upstream)],
    );
    bootstrap["dynamic_resources"]["ads_config"] = json!({
        "api_type": "GRPC", "transport_api_version": "V3",
        "grpc_services": [{ "envoy_grpc": { "cluster_name": "model" } }],
    });
    let http2 = json!({ "explicit_http_config": { "http2_protocol_options": {} } });
    bootstrap["static_resources"]["clusters"][0]["typed_extension_protocol_options"] = json!({
        "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
            "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
            "explicit_http_config": http2["explicit_http_config"],
        },
    });
    validate("istio-discovery", &bootstrap.to_string());
}

/// Envoy Gateway merges it into its own bootstrap; here into ours.
#[test]
fn envoy_takes_what_the_envoy_proxy_merges() {
    let objects = yaml::documents(&read("envoy-gateway/tidegate.yaml"));
    let proxy = objects.iter().find(|object| object["kind"] == "EnvoyProxy").unwrap();
    let merged = yaml::document(proxy["spec"]["bootstrap"]["value"].as_str().unwrap());
    let policy = objects.iter().find(|object| object["kind"] == "EnvoyExtensionPolicy").unwrap();
    let wasm = &policy["spec"]["wasm"][0];
    let module = program("TIDEGATE_WASM");
    let filter = config::wasm_filter("tidegate", &module, &wasm["config"].to_string());
    let mut bootstrap = around(filter);
    bootstrap["stats_config"] = merged["stats_config"].clone();
    validate("envoy-gateway", &bootstrap.to_string());
}
