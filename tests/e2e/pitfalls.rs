//! What bites a filter in a real Envoy and is not seen in another test: headers that are not text, callbacks
//! that come more often than one thinks, names and sums that Envoy's own metrics would change, and a body
//! that a filter waits for in vain.

use std::time::{Duration, Instant};

use serde_json::json;
use tidegate_demo::envoy::config;

use crate::harness::{Gateway, Recorder, Setup, TOKEN, admin_config, tidegate};

fn plugin() -> String {
    json!({
        "models": [{ "match": { "path_prefix": "/v2/models/" }, "protocol": "open_inference" }],
        "experiments": [{
            "name": "a", "unit": { "header": "x-user-id" },
            "variants": [{ "name": "control", "weight": 0.5 }, { "name": "treatment", "weight": 0.5 }],
        }],
        "admin": admin_config(),
    })
    .to_string()
}

fn post(model: &str, headers: &[u8], body: &str) -> Vec<u8> {
    let length = body.len();
    let first = format!("POST /v2/models/{model}/infer HTTP/1.1\r\nhost: gateway.test\r\n");
    let framing = format!("content-type: application/json\r\ncontent-length: {length}\r\n\r\n");
    [first.as_bytes(), headers, framing.as_bytes(), body.as_bytes()].concat()
}

fn answer(headers: &[u8], body: &str) -> Vec<u8> {
    let length = body.len();
    let framing = format!("content-type: application/json\r\ncontent-length: {length}\r\n\r\n");
    [b"HTTP/1.1 200 OK\r\nconnection: close\r\n", headers, framing.as_bytes(), body.as_bytes()]
        .concat()
}

/// A request for so many rows.
fn rows(count: usize) -> String {
    let data = vec!["1.5"; count].join(",");
    format!(
        r#"{{"inputs":[{{"name":"x","shape":[{count},1],"datatype":"FP64","data":[{data}]}}]}}"#
    )
}

fn prediction(class: &str) -> String {
    format!(
        r#"{{"model_name":"m","outputs":[{{"name":"y","shape":[1],"datatype":"BYTES","data":["{class}"]}}]}}"#
    )
}

#[test]
fn headers_that_are_not_text_trap_nothing() {
    let upstream = Recorder::start();
    let gateway = Gateway::before("pitfalls-text", Some(&plugin()), upstream.address);
    // Each header that the filter looks at, on both sides, and some that it does not.
    let names = [
        "x-user-id",
        "cookie",
        "content-type",
        "content-encoding",
        "accept-encoding",
        "inference-header-content-length",
        "x-tidegate-variant",
        "x-tidegate-experiment",
        "authorization",
        "origin",
        "server-timing",
        "grpc-encoding",
        "x-request-id",
        "traceparent",
        "user-agent",
        "x-other",
    ];
    let mut sent = 0;
    for name in names {
        let header = [name.as_bytes(), b": \xff\xfe\x80=\xc3\r\n"].concat();
        upstream.answer_with(&answer(&header, &prediction("a")));
        // Four connections, to meet both workers.
        for _ in 0..4 {
            let response = gateway.client().send(&post("m", &header, &rows(1)), false).unwrap();
            assert_eq!(response.status, 200, "{name}");
            sent += 1;
        }
    }
    let metrics = gateway.settled_metrics();
    assert_eq!(metrics.sum("inference_requests_total", &[]), f64::from(sent));
    assert!(!gateway.envoy.log().unwrap().contains("proxy_on"), "a callback failed");
}

#[test]
fn configuring_counts_nothing_and_joins_nothing() {
    let upstream = Recorder::start();
    let gateway = Gateway::before("pitfalls-configure", Some(&plugin()), upstream.address);
    assert!(gateway.update(&plugin().replace("treatment", "challenger")));
    let metrics = gateway.settled_metrics();
    assert_eq!(metrics.sum("inference_requests_total", &[]), 0.0);
    // A main thread and two workers, of each config; the contexts that Envoy tries a config on are none.
    assert_eq!(metrics.sum("tidegate_members", &[]), 6.0);
    assert_eq!(metrics.sum("tidegate_state_resets_total", &[]), 0.0);
}

#[test]
fn names_and_sums_are_exact() {
    let upstream = Recorder::start();
    let gateway = Gateway::before("pitfalls-names", Some(&plugin()), upstream.address);
    // Envoy's own metrics would drop, split or change each of these.
    let names = ["9lives", "a.b-c", "cache.hits", "x_rq_200", "tag.=;.", "m%C3%A9"];
    for (i, name) in names.into_iter().enumerate() {
        upstream.answer_with(&answer(b"", &prediction(&format!("{i}.class \\\"é"))));
        let response = gateway.client().send(&post(name, b"", &rows(1)), false).unwrap();
        assert_eq!(response.status, 200);
    }
    upstream.answer_with(&answer(b"", &prediction("a")));
    for batch in [10, 5, 42] {
        let request = post("sums", b"", &rows(batch));
        assert_eq!(gateway.client().send(&request, false).unwrap().status, 200);
    }
    let metrics = gateway.settled_metrics();
    for name in names {
        let name = name.replace("%C3%A9", "é");
        let labels = [("model_name", name.as_str())];
        assert_eq!(metrics.sum("inference_requests_total", &labels), 1.0, "{name}");
        assert_eq!(metrics.sum("model_predictions_total", &labels), 1.0, "{name}");
    }
    let class = [("predicted_class", "0.class \"é")];
    assert_eq!(metrics.sum("model_predictions_total", &class), 1.0);
    // A histogram of Envoy would say 57.5 or so.
    assert_eq!(metrics.sum("inference_batch_size_sum", &[("model_name", "sums")]), 57.0);
}

#[test]
fn a_body_that_the_gateway_does_not_show_is_not_waited_for_for_ever() {
    let upstream = Recorder::start();
    upstream.answer_with(&answer(b"", &prediction("a")));
    let mut filter = tidegate(&plugin());
    filter["typed_config"]["config"]["allow_on_headers_stop_iteration"] = json!(false);
    let setup = Setup {
        scenario: "pitfalls-pause",
        filter: Some(filter),
        routes: vec![config::route("model")],
        clusters: &[config::cluster("model", upstream.address)],
        change_listener: |_| {},
        options: &[],
    };
    let gateway = setup.start();
    let started = Instant::now();
    let authorization = format!("Bearer {TOKEN}");
    let headers = [("authorization", authorization.as_str())];
    let event = br#"{"type":"label","prediction_id":"r1","label":"a"}"#;
    let response =
        gateway.client().request("POST", "/.tidegate/v1/events", &headers, event).unwrap();
    assert_eq!(response.status, 408, "{}", response.text());
    assert!(started.elapsed() < Duration::from_secs(20));
    assert!(response.text().contains("allow_on_headers_stop_iteration"));
    // Requests of models never wait.
    let started = Instant::now();
    assert_eq!(gateway.client().send(&post("m", b"", &rows(1)), false).unwrap().status, 200);
    assert!(started.elapsed() < Duration::from_secs(5));
}
