//! Events that are posted: taken or refused one by one, counted, and never seen by the upstream.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod mock;

use mock::{Exchange, MockHost, ask, sum};
use serde_json::{Value, json};
use tidegate_filter::host::Reply;
use tidegate_filter::{Flow, Worker};

const CONFIG: &str =
    r#"{"admin": {"token": "secret", "cors_origins": ["https://ops.example.com"]}}"#;
const MIB: usize = 1 << 20;

fn worker() -> Worker {
    Worker::configure(&MockHost::default(), CONFIG.as_bytes()).unwrap()
}

fn post(chunks: &[&[u8]]) -> Exchange {
    Exchange {
        path: "/.tidegate/v1/events".into(),
        request_headers: vec![("authorization", b"Bearer secret".to_vec())],
        request_chunks: chunks.iter().map(|chunk| chunk.to_vec()).collect(),
        ..Exchange::iris()
    }
}

/// Sends it, and what it was answered.
fn reply(host: &MockHost, worker: &mut Worker, exchange: &Exchange) -> Reply {
    exchange.run(host, worker);
    let mut replies = host.replies.borrow_mut();
    assert_eq!(replies.len(), 1, "one answer");
    replies.pop().unwrap()
}

fn body(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.body).unwrap()
}

fn metrics(host: &MockHost, worker: &mut Worker) -> Vec<u8> {
    host.advance_millis(1_000);
    worker.tick(host, false);
    ask(host, worker, "GET", "/.tidegate/v1/metrics").body
}

const INFERENCE: &str = r#"{"type": "inference", "model_name": "iris", "prediction_id": "r1", "predictions": ["setosa"]}"#;
const LABEL: &str = r#"{"type": "label", "prediction_id": "r1", "label": "setosa"}"#;

#[test]
fn good_events_are_taken_and_each_bad_one_is_told_with_its_place() {
    let (host, mut worker) = (MockHost::default(), worker());
    let lines = format!("{INFERENCE}\n{{\"type\": \"dance\"}}\n\n{LABEL}");
    let (head, tail) = lines.as_bytes().split_at(40);
    let told = reply(&host, &mut worker, &post(&[head, tail]));
    assert_eq!(told.status, 200);
    let told = body(&told);
    assert_eq!((&told["taken"], &told["refused"][0]["index"]), (&json!(2), &json!(1)));
    assert!(told["refused"][0]["reason"].as_str().unwrap().contains("unknown variant `dance`"));
    let metrics = metrics(&host, &mut worker);
    assert_eq!(sum(&metrics, "inference_requests_total", "model_name=\"iris\""), 1);
    let text = String::from_utf8(metrics).unwrap();
    assert!(text.lines().any(|l| l.contains("joined") && l.ends_with(" 1")), "{text}");
}

#[test]
fn a_list_is_as_good_and_nothing_at_all_is_nothing() {
    let (host, mut worker) = (MockHost::default(), worker());
    let list = format!("[{INFERENCE}, {LABEL}]");
    let told = reply(&host, &mut worker, &post(&[list.as_bytes()]));
    assert_eq!((told.status, body(&told)), (200, json!({"taken": 2, "refused": []})));
    for chunks in [&[][..], &[b"\n".as_slice()]] {
        let told = reply(&host, &mut worker, &post(chunks));
        assert_eq!((told.status, body(&told)), (200, json!({"taken": 0, "refused": []})));
    }
    let told = reply(&host, &mut worker, &post(&[b"not json"]));
    assert_eq!((told.status, &body(&told)["taken"]), (400, &json!(0)));
}

#[test]
fn a_body_has_a_bound_whether_it_is_announced_or_not() {
    let (host, mut worker) = (MockHost::default(), worker());
    let mut announced = post(&[b"never looked at"]);
    announced.request_headers.push(("content-length", (MIB + 1).to_string().into_bytes()));
    assert_eq!(reply(&host, &mut worker, &announced).status, 413);
    let chunk = vec![b' '; MIB / 2];
    assert_eq!(reply(&host, &mut worker, &post(&[&chunk, &chunk, b" "])).status, 413);
    assert_eq!(reply(&host, &mut worker, &post(&[&chunk, &chunk])).status, 200);
}

#[test]
fn compressed_bodies_are_read_within_the_same_bound() {
    // printf '%s' '[]' | gzip, and a body that is none.
    let gzip =
        [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0x8b, 0x8e, 5, 0, 0x29, 0xbb, 0x4c, 0x0d, 2, 0, 0, 0];
    for (encoding, body, status) in [
        ("gzip", &gzip[..], 200),
        ("identity", b"[]", 200),
        ("gzip", &gzip[..12], 400),
        ("gzip", b"[]", 400),
        ("br", b"[]", 415),
    ] {
        let (host, mut worker) = (MockHost::default(), worker());
        let mut exchange = post(&[body]);
        exchange.request_headers.push(("content-encoding", encoding.into()));
        let told = reply(&host, &mut worker, &exchange);
        assert_eq!(told.status, status, "{encoding}: {}", String::from_utf8_lossy(&told.body));
    }
}

#[test]
fn only_who_has_the_token_may_tell_and_only_by_post() {
    let (host, mut worker) = (MockHost::default(), worker());
    let mut exchange = post(&[INFERENCE.as_bytes()]);
    exchange.request_headers.clear();
    assert_eq!(reply(&host, &mut worker, &exchange).status, 401);
    let exchange = Exchange { method: "GET", ..post(&[]) };
    let told = reply(&host, &mut worker, &exchange);
    assert_eq!(told.status, 405);
    assert!(told.headers.contains(&("allow", "POST, OPTIONS".into())));
    assert_eq!(sum(&metrics(&host, &mut worker), "inference_requests_total", ""), 0);
}

#[test]
fn pages_of_listed_origins_may_tell() {
    let (host, mut worker) = (MockHost::default(), worker());
    let origin = ("origin", b"https://ops.example.com".to_vec());
    let mut preflight = Exchange { method: "OPTIONS", ..post(&[]) };
    preflight.request_headers = vec![origin.clone()];
    let told = reply(&host, &mut worker, &preflight);
    assert!(told.headers.contains(&("access-control-allow-methods", "POST".into())));
    let mut exchange = post(&[INFERENCE.as_bytes()]);
    exchange.request_headers.push(origin);
    let told = reply(&host, &mut worker, &exchange);
    let allowed = ("access-control-allow-origin", "https://ops.example.com".to_string());
    assert!(told.headers.contains(&allowed));
}

#[test]
fn a_body_that_never_ends_is_never_counted() {
    let (host, mut worker) = (MockHost::default(), worker());
    let mut session = worker.session();
    let exchange = Exchange { request_ends: false, status: None, ..post(&[INFERENCE.as_bytes()]) };
    assert_eq!(exchange.pass(&host, &mut session), Flow::Held);
    assert!(session.on_log(&host).is_none());
    assert_eq!(sum(&metrics(&host, &mut worker), "inference_requests_total", ""), 0);
}

#[test]
fn trailers_end_a_body_too_and_a_closed_worker_still_hands_over() {
    let (host, mut worker) = (MockHost::default(), worker());
    worker.tick(&host, false);
    let mut session = worker.session();
    let exchange = Exchange { request_ends: false, status: None, ..post(&[INFERENCE.as_bytes()]) };
    assert_eq!(exchange.pass(&host, &mut session), Flow::Held);
    assert_eq!(session.on_request_trailers(&host), Flow::Answered);
    worker.close(&host);
    worker.hear(&host, &session.take_told());
    let mut successor = Worker::configure(&host, CONFIG.as_bytes()).unwrap();
    assert_eq!(sum(&metrics(&host, &mut successor), "inference_requests_total", ""), 1);
}

#[test]
fn slow_uploads_cannot_exhaust_a_worker() {
    let (host, mut worker) = (MockHost::default(), worker());
    let chunk = vec![b' '; MIB];
    let exchange = Exchange { request_ends: false, status: None, ..post(&[&chunk]) };
    let mut sessions = Vec::new();
    let refused = (0..100).any(|_| {
        let mut session = worker.session();
        let flow = exchange.pass(&host, &mut session);
        sessions.push(session);
        flow == Flow::Answered
    });
    assert!(refused, "100 MiB are not held");
    assert_eq!(host.replies.borrow_mut().pop().unwrap().status, 503);
    sessions.clear();
    assert_eq!(reply(&host, &mut worker, &post(&[&chunk])).status, 200);
}
