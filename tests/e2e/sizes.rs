//! Bodies of 100 MB and headers of 1 MB pass as they are, and Envoy holds no more of them than without the
//! filter, but for the capped copy.

use serde_json::{Value, json};
use tidegate_demo::client::Response;
use tidegate_demo::envoy::config;

use crate::harness::{Gateway, Recorder, Setup, admin_config, tidegate};

const INFER: &str = "/v2/models/large/infer";
const MEGABYTE: usize = 1 << 20;

fn plugin() -> String {
    json!({
        "models": [{
            "match": { "path_prefix": "/v2/models/" },
            "protocol": "open_inference",
            "capture": { "max_body_bytes": MEGABYTE },
        }],
        "admin": admin_config(),
    })
    .to_string()
}

/// Lets Envoy take large headers, and hold little of a body at a time.
fn change(listener: &mut Value) {
    listener["per_connection_buffer_limit_bytes"] = json!(32 << 10);
    config::connection_manager(listener)["max_request_headers_kb"] = json!(4096);
}

fn pair(scenario: &str) -> [(Gateway, Recorder); 2] {
    ["without", "with"].map(|kind| {
        let upstream = Recorder::start();
        let mut cluster = config::cluster("model", upstream.address);
        cluster["per_connection_buffer_limit_bytes"] = json!(32 << 10);
        cluster["typed_extension_protocol_options"] = json!({
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                "common_http_protocol_options": { "max_response_headers_kb": 4096 },
                "explicit_http_config": { "http_protocol_options": {} },
            },
        });
        let setup = Setup {
            scenario: &format!("sizes-{scenario}-{kind}"),
            filter: (kind == "with").then(|| tidegate(&plugin())),
            routes: vec![config::route("model")],
            clusters: &[cluster],
            change_listener: change,
            options: &[],
        };
        (setup.start(), upstream)
    })
}

/// Bytes that no two places share, so that a loss or an exchange shows.
fn bytes(count: usize) -> Vec<u8> {
    let words = (0..count.div_ceil(8) as u64).map(|i| i.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ i);
    let mut bytes: Vec<u8> = words.flat_map(u64::to_le_bytes).collect();
    bytes.truncate(count);
    bytes
}

fn message(first_line: &str, headers: &[u8], body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let framing = format!("content-type: application/json\r\ncontent-length: {length}\r\n\r\n");
    [first_line.as_bytes(), b"\r\n", headers, framing.as_bytes(), body].concat()
}

fn request(headers: &[u8], body: &[u8]) -> Vec<u8> {
    let headers = [b"host: gateway.test\r\n", headers].concat();
    message(&format!("POST {INFER} HTTP/1.1"), &headers, body)
}

fn answer(headers: &[u8], body: &[u8]) -> Vec<u8> {
    let headers = [b"connection: close\r\n", headers].concat();
    message("HTTP/1.1 200 OK", &headers, body)
}

fn header(response: &Response, name: &str) -> Vec<u8> {
    let found = response.headers.iter().find(|(header, _)| header == name);
    found.map(|(_, value)| value.clone()).unwrap_or_default()
}

#[test]
fn a_hundred_megabytes_pass_both_ways_and_are_not_held() {
    let ways = pair("bodies");
    let body = bytes(100 * MEGABYTE);
    let grown = ways.each_ref().map(|(gateway, upstream)| {
        upstream.answer_with(&answer(b"", &body));
        let before = gateway.envoy.memory_bytes().unwrap();
        for _ in 0..2 {
            let response = gateway.client().send(&request(b"", &body), false).unwrap();
            assert_eq!(response.status, 200);
            assert!(response.body == body, "the answer's body is another");
            let received = upstream.take_received();
            assert!(received[0].body == body, "the request's body is another");
        }
        gateway.envoy.memory_bytes().unwrap().saturating_sub(before)
    });
    // What a worker may hold of all bodies is 64 MiB; of these two it is the cap of one body each.
    assert!(grown[1] <= grown[0] + 24 * MEGABYTE as u64, "{grown:?} bytes");
    let metrics = ways[1].0.settled_metrics();
    for side in ["request", "response"] {
        let labels = [("side", side), ("reason", "over_cap")];
        assert_eq!(metrics.sum("tidegate_unread_bodies_total", &labels), 2.0);
    }
    assert_eq!(metrics.sum("inference_requests_total", &[("status", "success")]), 2.0);
}

#[test]
fn a_megabyte_of_headers_passes_both_ways() {
    let ways = pair("headers");
    let huge = [b"x-huge: ", &vec![b'h'; MEGABYTE][..], b"\r\n"].concat();
    let many: Vec<u8> = (0..90)
        .flat_map(|i| format!("x-many-{i}: {}\r\n", "m".repeat(11_000)).into_bytes())
        .collect();
    let body = br#"{"inputs":[{"name":"x","shape":[1],"datatype":"FP64","data":[1]}]}"#;
    let seen = ways.each_ref().map(|(gateway, upstream)| {
        [&huge, &many].map(|headers| {
            upstream.answer_with(&answer(headers, b"{}"));
            let response = gateway.client().send(&request(headers, body), false).unwrap();
            let received = upstream.take_received();
            let sizes = |headers: &[(String, Vec<u8>)]| {
                let sent = headers.iter().filter(|(name, _)| name.starts_with("x-"));
                let passed = sent.filter(|(name, _)| !name.starts_with("x-envoy"));
                passed.map(|(name, value)| (name.clone(), value.len())).collect::<Vec<_>>()
            };
            let at_upstream = received.first().map(|request| sizes(&request.headers));
            (response.status, sizes(&response.headers), at_upstream, header(&response, "x-huge"))
        })
    });
    assert!(seen[0] == seen[1], "headers differ");
    assert_eq!(seen[1][0].0, 200);
    assert_eq!(seen[1][0].3.len(), MEGABYTE);
    let metrics = ways[1].0.settled_metrics();
    assert_eq!(metrics.sum("inference_requests_total", &[("status", "success")]), 2.0);
}
