//! The few figures in Envoy's own statistics have their labels under a plain Envoy's `stats_tags` and under those that
//! Istio writes, and count each request once.

use std::net::SocketAddr;
use std::path::Path;

use serde_json::{Value, json};
use tidegate_demo::client::Client;
use tidegate_demo::envoy::config;

use crate::harness::{Recorder, program, start_envoy, wait_for};
use crate::yaml;

const REQUESTS: u64 = 25;
/// With a dot, as many have: where Envoy cuts names.
const MODEL: &str = "gpt-4.1";

/// Those of the plain bootstrap.
fn plain() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../envoy/plain/envoy.yaml");
    yaml::document(&std::fs::read_to_string(path).unwrap())["stats_config"].clone()
}

/// Istio's form of `extraStatTags`, its own tags that look into the middle of names, and its list of what is kept.
fn istio() -> Value {
    let extra = ["tg_model", "tg_status", "tg_experiment", "tg_variant"];
    let tag = |name: &str, regex: &str| json!({ "tag_name": name, "regex": regex });
    let mut tags: Vec<Value> =
        extra.iter().map(|name| tag(name, &format!("({name}=\\.=(.*?);\\.;)"))).collect();
    for name in ["cache", "component", "wasm_filter"] {
        tags.push(tag(name, &format!("({name}\\.(.+?)\\.)")));
    }
    tags.push(tag("tag", "(tag\\.(.+?);\\.)"));
    tags.push(tag("response_code", "(response_code=\\.=(.+?);\\.;)|_rq(_(\\.d{3}))$"));
    tags.push(tag("response_code_class", "_rq(_(\\dxx))$"));
    json!({
        "use_all_default_tags": false,
        "stats_tags": tags,
        "stats_matcher": { "inclusion_list": { "patterns": [
            { "prefix": "wasmcustom.tidegate" }, { "prefix": "listener_manager" },
        ] } },
    })
}

/// Lines of Envoy's own statistics about Tidegate, once every request is in them.
fn statistics(name: &str, stats_config: Value) -> Vec<String> {
    let upstream = Recorder::start();
    let answer =
        r#"{"outputs": [{"name": "class", "datatype": "INT64", "shape": [2], "data": [0, 1]}]}"#;
    let length = answer.len();
    let head = format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
    );
    upstream.answer_with((head + answer).as_bytes());
    let plugin = json!({
        "experiments": [{ "name": "old-or-new", "unit": { "header": "x-user-id" }, "variants": [
            { "name": "control", "weight": 0.5 }, { "name": "treatment", "weight": 0.5 },
        ] }],
    });
    let filter = config::wasm_filter("tidegate", &program("TIDEGATE_WASM"), &plugin.to_string());
    let mut bootstrap = config::bootstrap(
        &config::listener(&[filter], &[config::route("model")]),
        &[config::cluster("model", upstream.address)],
    );
    bootstrap["stats_config"] = stats_config;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("e2e").join(name);
    let envoy = start_envoy(&bootstrap, &folder, &[]);
    let address: SocketAddr = envoy.listener(config::LISTENER).unwrap();
    for user in 0..REQUESTS {
        let headers = [("x-user-id", &*user.to_string()), ("content-type", "application/json")];
        let path = format!("/v2/models/{MODEL}/infer");
        let body =
            br#"{"inputs": [{"name": "x", "datatype": "FP64", "shape": [2], "data": [1.5, 2.5]}]}"#;
        // A connection each, so that both workers have some.
        let response = Client::new(address).request("POST", &path, &headers, body).unwrap();
        assert_eq!(response.status, 200);
    }
    wait_for("all requests in Envoy's statistics", || {
        let text = envoy.admin_get("/stats/prometheus").unwrap();
        let lines: Vec<String> =
            text.lines().filter(|line| line.starts_with("tidegate_")).map(Into::into).collect();
        let all = lines.iter().any(|line| {
            line.starts_with("tidegate_requests_total") && line.ends_with(&format!(" {REQUESTS}"))
        });
        all.then_some(lines)
    })
}

fn check(lines: &[String]) {
    let expected = [
        format!("tidegate_requests_total{{tg_model=\"{MODEL}\",tg_status=\"success\"}} {REQUESTS}"),
        format!("tidegate_predictions_total{{tg_model=\"{MODEL}\"}} {}", 2 * REQUESTS),
        format!("tidegate_latency_microseconds_count{{tg_model=\"{MODEL}\"}} {REQUESTS}"),
    ];
    for line in expected {
        assert!(lines.contains(&line), "{line}\n{lines:#?}");
    }
    let count = |beginning: &str| -> u64 {
        let found = lines.iter().filter(|line| line.starts_with(beginning));
        found.map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap()).sum()
    };
    let variant = "tidegate_variant_requests_total{tg_experiment=\"old-or-new\",tg_variant=";
    assert_eq!(count(variant), REQUESTS, "{lines:#?}");
    assert!(count("tidegate_ticks_total{}") > 0, "{lines:#?}");
    assert!(count("tidegate_latency_microseconds_sum") >= REQUESTS, "{lines:#?}");
}

#[test]
fn a_plain_envoy_takes_the_labels_out_of_the_names() {
    check(&statistics("statistics-plain", plain()));
}

#[test]
fn so_does_one_with_the_bootstrap_of_istio() {
    check(&statistics("statistics-istio", istio()));
}
