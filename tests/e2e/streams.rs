//! HTTP/1.1 as clients and upstreams really use it: streams that are left, pipelines, trailers, resets.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use serde_json::json;
use tidegate_demo::client::Response;
use tidegate_demo::envoy::config;

use crate::harness::{Answer, Gateway, Recorder, Setup, admin_config, tidegate, wait_for};

const CHAT: &str = "/v1/chat/completions";
const INFER: &str = "/v2/models/iris/infer";
const REQUEST: &str = r#"{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP64","data":[1,2]}]}"#;
const RESPONSE: &str = r#"{"model_name":"iris","outputs":[{"name":"y","shape":[1],"datatype":"BYTES","data":["setosa"]}]}"#;

fn plugin() -> String {
    json!({
        "models": [
            { "match": { "path_prefix": "/v2/models/" }, "protocol": "open_inference" },
            { "match": { "path_prefix": "/v1/chat/" }, "protocol": "openai" },
        ],
        "admin": admin_config(),
    })
    .to_string()
}

/// Passes trailers, which Envoy drops from HTTP/1.1 otherwise.
fn with_trailers(listener: &mut serde_json::Value) {
    config::connection_manager(listener)["http_protocol_options"] =
        json!({ "enable_trailers": true });
}

/// Gateways before upstreams of their own: one without the filter, and one with it.
fn pair(scenario: &str) -> [(Gateway, Recorder); 2] {
    ["without", "with"].map(|kind| {
        let upstream = Recorder::start();
        let mut cluster = config::cluster("model", upstream.address);
        cluster["typed_extension_protocol_options"] = json!({
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
                "explicit_http_config": { "http_protocol_options": { "enable_trailers": true } },
            },
        });
        let setup = Setup {
            scenario: &format!("streams-{scenario}-{kind}"),
            filter: (kind == "with").then(|| tidegate(&plugin())),
            routes: vec![config::route("model")],
            clusters: &[cluster],
            change_listener: with_trailers,
            options: &[],
        };
        (setup.start(), upstream)
    })
}

fn post(path: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: gateway.test\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

fn answer(body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json\r\n\
         content-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

fn without_times(mut response: Response) -> Response {
    let differs = |name: &str| ["date", "x-envoy-upstream-service-time"].contains(&name);
    response.headers.retain(|(name, _)| !differs(name));
    response
}

/// A chat that is answered piece by piece, half a second between two.
fn slow_chat() -> Answer {
    let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: text/event-stream\r\n\
                transfer-encoding: chunked\r\n\r\n";
    let event = |text: &str| {
        let event = format!(
            "data: {{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"model\":\"tiny\",\
             \"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{text}\"}}}}]}}\n\n"
        );
        format!("{:x}\r\n{event}\r\n", event.len()).into_bytes()
    };
    let mut pieces = vec![[head.as_bytes(), &event("one")].concat()];
    pieces.extend(["two", "three", "four"].map(event));
    pieces.push(b"e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n".to_vec());
    Answer { pieces, pause: Duration::from_millis(500), resets: false }
}

#[test]
fn a_stream_comes_as_it_is_sent_and_may_be_left_in_its_middle() {
    let [_, (gateway, upstream)] = pair("left");
    upstream.answer_as(slow_chat());
    let request = post(CHAT, r#"{"model":"tiny","stream":true,"messages":[]}"#);

    let started = Instant::now();
    let mut connection = gateway.client().connect().unwrap();
    connection.get_mut().write_all(&request).unwrap();
    let mut got = Vec::new();
    while !String::from_utf8_lossy(&got).contains("one") {
        let mut piece = [0; 4096];
        let length = connection.get_mut().read(&mut piece).unwrap();
        assert!(length > 0, "the stream ended early");
        got.extend_from_slice(&piece[..length]);
    }
    assert!(!String::from_utf8_lossy(&got).contains("two"));
    assert!(started.elapsed() < Duration::from_millis(1500), "the first piece was held back");
    drop(connection);

    let whole = gateway.client().send(&request, false).unwrap();
    assert!(whole.text().ends_with("data: [DONE]\n\n"), "{}", whole.text());
    let metrics = gateway.settled_metrics();
    let count = |status| {
        let labels = [("model_name", "tiny"), ("status", status)];
        metrics.sum("inference_requests_total", &labels)
    };
    assert_eq!(["success", "aborted"].map(count), [1.0, 1.0]);
    assert_eq!(metrics.sum("inference_requests_total", &[]), 2.0);
}

#[test]
fn requests_may_be_pipelined_and_cut_anywhere() {
    let ways = pair("pipelined");
    let count = 12;
    let one = post(INFER, REQUEST);
    let message = one.repeat(count);
    let responses = ways.each_ref().map(|(gateway, upstream)| {
        upstream.answer_with(&answer(RESPONSE));
        let whole = gateway.client().pipeline(&message, count).unwrap();
        // In pieces that end in the middle of heads, of bodies, and of line ends.
        let mut connection = gateway.client().connect().unwrap();
        for piece in message.chunks(one.len() / 3 + 7) {
            connection.get_mut().write_all(piece).unwrap();
            std::thread::sleep(Duration::from_millis(2));
        }
        connection.get_mut().shutdown(std::net::Shutdown::Write).unwrap();
        drop(connection);
        // One after the other over one connection that is kept.
        let mut client = gateway.client();
        let kept = (0..count).map(|_| client.send(&one, false).unwrap());
        let all = whole.into_iter().chain(kept).map(without_times).collect::<Vec<_>>();
        wait_for("the pieces to arrive", || {
            (gateway.requests_seen_by_envoy() >= 2 * count as u64).then_some(())
        });
        all
    });
    assert_eq!(responses[0], responses[1]);
    assert_eq!(responses[1].len(), 2 * count);
    let gateway = &ways[1].0;
    gateway.settle();
    let by_envoy = gateway.requests_seen_by_envoy() as f64;
    assert_eq!(gateway.settled_metrics().sum("inference_requests_total", &[]), by_envoy);
}

#[test]
fn trailers_pass_in_both_directions() {
    let ways = pair("trailers");
    let (first, second) = REQUEST.split_at(20);
    let [first_size, second_size] = [first.len(), second.len()];
    let request = format!(
        "POST {INFER} HTTP/1.1\r\nhost: gateway.test\r\ntransfer-encoding: chunked\r\n\
         content-type: application/json\r\ntrailer: x-checksum\r\n\r\n\
         {first_size:x}\r\n{first}\r\n{second_size:x}\r\n{second}\r\n0\r\nx-checksum: abc\r\n\r\n"
    );
    let size = RESPONSE.len();
    let response = format!(
        "HTTP/1.1 200 OK\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\
         content-type: application/json\r\n\r\n{size:x}\r\n{RESPONSE}\r\n0\r\nx-took: 5\r\n\r\n"
    );
    let seen = ways.each_ref().map(|(gateway, upstream)| {
        upstream.answer_with(response.as_bytes());
        let mut connection = gateway.client().connect().unwrap();
        connection.get_mut().write_all(request.as_bytes()).unwrap();
        let mut got = Vec::new();
        while !got.ends_with(b"x-took: 5\r\n\r\n") {
            let mut piece = [0; 4096];
            let length = connection.get_mut().read(&mut piece).unwrap();
            assert!(length > 0, "no trailer in {}", String::from_utf8_lossy(&got));
            got.extend_from_slice(&piece[..length]);
        }
        let received = upstream.take_received();
        assert_eq!(received[0].trailers, ["x-checksum: abc"]);
        assert_eq!(received[0].body, REQUEST.as_bytes());
        let text = String::from_utf8(got).unwrap();
        text.split_once("\r\n\r\n").unwrap().1.to_string()
    });
    assert_eq!(seen[0], seen[1]);
    let metrics = ways[1].0.settled_metrics();
    assert_eq!(metrics.sum("inference_requests_total", &[("status", "success")]), 1.0);
    assert_eq!(metrics.sum("tidegate_unread_bodies_total", &[]), 0.0);
}

#[test]
fn an_upstream_that_resets_is_passed_on_and_is_an_error() {
    let ways = pair("resets");
    let whole = answer(RESPONSE);
    let cut = [Vec::new(), whole[..30].to_vec(), whole[..whole.len() - 20].to_vec()];
    let seen = ways.each_ref().map(|(gateway, upstream)| {
        let ask = |piece: &Vec<u8>| {
            let pieces = if piece.is_empty() { vec![] } else { vec![piece.clone()] };
            upstream.answer_as(Answer { pieces, pause: Duration::ZERO, resets: true });
            let got = gateway.client().send(&post(INFER, REQUEST), false);
            got.map(without_times).map_err(|error| error.kind())
        };
        cut.iter().map(ask).collect::<Vec<_>>()
    });
    assert_eq!(seen[0], seen[1]);
    let metrics = ways[1].0.settled_metrics();
    let errors = metrics.sum("inference_requests_total", &[("status", "server_error")]);
    assert_eq!(errors, cut.len() as f64);
    assert_eq!(metrics.sum("inference_requests_total", &[]), errors);
}
