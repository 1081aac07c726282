//! Every Envoy configuration that is for people is one that Envoy takes, with the real filter in it.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use tidegate_demo::client::Client;
use tidegate_demo::envoy::config;
use tidegate_filter::config::Config;

use crate::harness::{Recorder, program, start_envoy, wait_for};
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
        ("FEEDBACK_SECRET", "demo-secret"),
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

/// And the filter takes its config, which Envoy does not look into.
#[test]
fn envoy_takes_the_bootstrap_of_actions() {
    let module = "/etc/envoy/tidegate.wasm";
    let bootstrap = read("actions/envoy.yaml");
    assert!(bootstrap.contains(module));
    validate("actions", &bootstrap.replace(module, program("TIDEGATE_WASM").to_str().unwrap()));
    let document = yaml::document(&bootstrap);
    let manager = &document["static_resources"]["listeners"][0]["filter_chains"][0]["filters"][0];
    let filter = &manager["typed_config"]["http_filters"][0]["typed_config"]["config"];
    let plugin = filter["configuration"]["value"].as_str().unwrap();
    let config = Config::parse(plugin.as_bytes()).unwrap();
    let clusters = document["static_resources"]["clusters"].as_array().unwrap();
    for webhook in &config.webhooks {
        assert!(clusters.iter().any(|cluster| cluster["name"] == webhook.cluster), "{webhook:?}");
    }
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

/// As an operator runs it: only addresses are others, and where the access log goes.
#[test]
fn the_plain_bootstrap_does_what_its_page_says() {
    let upstream = Recorder::start();
    let answer = r#"{"outputs": [{"name": "class", "datatype": "BYTES", "shape": [1], "data": ["setosa"]}]}"#;
    let length = answer.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
    );
    upstream.answer_with((head + answer).as_bytes());

    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("e2e").join("plain");
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(&folder).unwrap();
    let log = folder.join("access.log");
    let mut bootstrap = yaml::document(&read("plain/envoy.yaml"));
    let socket = |address: SocketAddr| json!({ "socket_address": { "address": address.ip(), "port_value": address.port() } });
    let free = socket(SocketAddr::from(([127, 0, 0, 1], 0)));
    bootstrap["admin"]["address"] = free.clone();
    let resources = &mut bootstrap["static_resources"];
    resources["clusters"][0]["load_assignment"]["endpoints"][0]["lb_endpoints"][0]["endpoint"]["address"] =
        socket(upstream.address);
    let listener = &mut resources["listeners"][0];
    listener["address"] = free;
    let manager = &mut listener["filter_chains"][0]["filters"][0]["typed_config"];
    let logger = &mut manager["access_log"][0];
    *logger = json!({
        "name": "envoy.access_loggers.file",
        "typed_config": {
            "@type": "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog",
            "path": log,
            "log_format": logger["typed_config"]["log_format"],
        },
    });
    manager["http_filters"][0]["typed_config"]["config"]["vm_config"]["code"]["local"]["filename"] =
        json!(program("TIDEGATE_WASM"));
    let envoy = start_envoy(&bootstrap, &folder, &[]);
    let address = envoy.listener("inference").unwrap();

    let mut client = Client::new(address);
    let body = br#"{"inputs": [{"name": "x", "datatype": "FP64", "shape": [1], "data": [1.5]}]}"#;
    let headers = [("content-type", "application/json")];
    let response = client.request("POST", "/v2/models/iris/infer", &headers, body).unwrap();
    assert_eq!(response.status, 200);
    assert_eq!(client.request("GET", "/index.html", &[], b"").unwrap().status, 200);
    assert_eq!(client.request("GET", "/.tidegate/v1/metrics", &[], b"").unwrap().status, 401);
    let token = [("authorization", "Bearer CHANGE-ME")];
    let event = br#"{"type": "inference", "model_name": "iris"}"#;
    let told = client.request("POST", "/.tidegate/v1/events", &token, event).unwrap();
    assert_eq!(told.text(), r#"{"taken":1,"refused":[]}"#);
    wait_for("both requests in the metrics", || {
        let metrics = client.request("GET", "/.tidegate/v1/metrics", &token, b"").unwrap();
        let text = metrics.text();
        let series = text.lines().filter(|line| line.starts_with("inference_requests_total"));
        let sum: u64 =
            series.map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()).sum();
        (metrics.status == 200 && sum == 2).then_some(())
    });
    // Envoy writes its log every ten seconds.
    let lines = wait_for("both lines of the access log", || {
        let text = std::fs::read_to_string(&log).ok()?;
        let lines: Vec<String> = text.lines().map(Into::into).collect();
        (lines.len() >= 2).then_some(lines)
    });
    let record: Value = serde_json::from_str(&lines[0]).unwrap();
    assert_eq!(record["type"], "inference");
    assert_eq!(record["model_name"], "iris");
    assert_eq!(record["predictions"], json!(["setosa"]));
    assert!(record.get("features").is_none_or(|it| it == &json!({})), "{record}");
    assert_eq!(lines[1], "-", "the page asks no model");
}
