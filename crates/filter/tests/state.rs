//! State that outlives the gateway: what is written, what is read at the start, and what came meanwhile.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod mock;

use mock::{Exchange, MockHost, Sent, ask, sum};
use serde_json::json;
use tidegate_filter::Worker;

fn config(period_seconds: u64) -> String {
    json!({
        "admin": { "token": "secret" },
        "models": [{
            "match": { "path_prefix": "/v2" }, "protocol": "open_inference",
            "reference": { "learn": { "samples": 100 } },
        }],
        "state": {
            "cluster": "store", "path": "/tidegate/{node}/{instance}", "period_seconds": period_seconds,
            "headers": { "authorization": "Bearer hidden" },
        },
    })
    .to_string()
}

/// A gateway that has just started.
fn start(host: &MockHost) -> Worker {
    host.properties.borrow_mut().insert("xds.node.id".into(), b"gw 1/a".to_vec());
    Worker::configure(host, config(60).as_bytes()).unwrap()
}

fn tick(host: &MockHost, worker: &mut Worker, seconds: u64) -> Vec<Sent> {
    host.advance_millis(1_000 * seconds);
    worker.tick(host, false);
    host.take_calls()
}

fn send(host: &MockHost, worker: &mut Worker, requests: usize) {
    for _ in 0..requests {
        Exchange::iris().run(host, worker);
    }
}

fn metrics(host: &MockHost, worker: &mut Worker) -> Vec<u8> {
    ask(host, worker, "GET", "/.tidegate/v1/metrics").body
}

fn requests(host: &MockHost, worker: &mut Worker) -> u64 {
    sum(&metrics(host, worker), "inference_requests_total", "")
}

fn transfers(host: &MockHost, worker: &mut Worker, result: &str) -> u64 {
    sum(&metrics(host, worker), "tidegate_state_transfers_total", result)
}

/// Runs a gateway without a former state until it has written one of 60 requests.
fn written(host: &MockHost) -> Vec<u8> {
    let mut worker = start(host);
    let asked = tick(host, &mut worker, 1);
    host.answer_call(&mut worker, asked[0].id, Some((404, "")));
    send(host, &mut worker, 60);
    let mut written = tick(host, &mut worker, 60);
    assert_eq!(written.len(), 1, "what is there is known, so it is written");
    host.answer_call(&mut worker, written[0].id, Some((201, "")));
    written.remove(0).bytes
}

#[test]
fn a_gateway_that_starts_anew_goes_on_counting() {
    let state = written(&MockHost::default());
    let host = MockHost::default();
    host.advance_millis(120_000);
    let mut worker = start(&host);
    send(&host, &mut worker, 5);
    let asked = tick(&host, &mut worker, 1);
    assert_eq!(asked[0].request_line, "GET /tidegate/gw-1-a/default");
    assert_eq!(asked[0].headers, [("authorization".into(), "Bearer hidden".into())]);
    // It waits for what was before, and loses nothing meanwhile.
    assert_eq!(tick(&host, &mut worker, 1), []);
    assert_eq!(ask(&host, &mut worker, "GET", "/.tidegate/v1/metrics").status, 503);
    send(&host, &mut worker, 3);
    host.answer_bytes(&mut worker, asked[0].id, 200, &state);
    let sent = tick(&host, &mut worker, 1);
    assert_eq!(requests(&host, &mut worker), 68);
    assert_eq!(transfers(&host, &mut worker, "restored"), 1);
    assert_eq!(transfers(&host, &mut worker, "absent"), 1, "counted before");
    assert_eq!(sum(&metrics(&host, &mut worker), "tidegate_state_resets_total", ""), 0);
    let profile = ask(&host, &mut worker, "GET", "/.tidegate/v1/profile?model=iris");
    assert_eq!(profile.status, 200, "the reference that was learned is known");
    // A period after it was read it is written.
    assert_eq!(sent, []);
    let sent = tick(&host, &mut worker, 60);
    assert_eq!(sent[0].request_line, "PUT /tidegate/gw-1-a/default");

    // Another context leads on, and reads nothing again.
    drop(worker);
    let mut other = start(&host);
    let sent = tick(&host, &mut other, 10);
    assert!(sent.iter().all(|call| call.request_line.starts_with("PUT")), "{sent:?}");
    assert_eq!(requests(&host, &mut other), 68);
}

#[test]
fn without_its_store_it_begins_after_a_while_and_adds_the_former_state_later() {
    let state = written(&MockHost::default());
    let host = MockHost::default();
    host.advance_millis(120_000);
    let mut worker = start(&host);
    let mut asked = 0;
    send(&host, &mut worker, 4);
    for _ in 0..30 {
        for call in tick(&host, &mut worker, 1) {
            assert!(
                call.request_line.starts_with("GET"),
                "nothing is written over what is unknown"
            );
            host.answer_call(&mut worker, call.id, Some((503, "")));
            asked += 1;
        }
    }
    assert!((4..=7).contains(&asked), "{asked}");
    assert_eq!(requests(&host, &mut worker), 4, "it went on without");
    send(&host, &mut worker, 2);
    let mut calls = Vec::new();
    while calls.is_empty() {
        calls = tick(&host, &mut worker, 1);
    }
    host.answer_bytes(&mut worker, calls[0].id, 200, &state);
    tick(&host, &mut worker, 1);
    assert_eq!(requests(&host, &mut worker), 66);
    assert!(transfers(&host, &mut worker, "failed") >= 4);
    assert_eq!(transfers(&host, &mut worker, "restored"), 1);
    assert!(!host.logs.borrow().join(" ").contains("hidden"));
}

#[test]
fn what_is_no_state_is_left_behind_and_counted() {
    let state = written(&MockHost::default());
    let mut damaged = state.clone();
    *damaged.last_mut().unwrap() ^= 1;
    for body in [&damaged[..], &state[..state.len() - 1], b"", b"<html>"] {
        let host = MockHost::default();
        let mut worker = start(&host);
        send(&host, &mut worker, 1);
        let asked = tick(&host, &mut worker, 1);
        host.answer_bytes(&mut worker, asked[0].id, 200, body);
        tick(&host, &mut worker, 1);
        assert_eq!(
            (requests(&host, &mut worker), transfers(&host, &mut worker, "unreadable")),
            (1, 1)
        );
    }
}

#[test]
fn a_store_that_refuses_is_asked_less_often_and_harms_nothing() {
    let host = MockHost::default();
    let mut worker = start(&host);
    let asked = tick(&host, &mut worker, 1);
    host.answer_call(&mut worker, asked[0].id, Some((404, "")));
    host.refusing.borrow_mut().push("store".into());
    for _ in 0..180 {
        send(&host, &mut worker, 1);
        tick(&host, &mut worker, 1);
    }
    // After 60 s, then 1, 2, 4, 8, 16, 32 and 60 s apart.
    let failed = transfers(&host, &mut worker, "failed");
    assert!((6..=9).contains(&failed), "{failed}");
    assert_eq!(requests(&host, &mut worker), 180);
}

/// Silences that are known.
fn silenced(host: &MockHost, worker: &mut Worker) -> Vec<String> {
    let listed = ask(host, worker, "GET", "/.tidegate/v1/silences").body;
    let listed: Vec<serde_json::Value> = serde_json::from_slice(&listed).unwrap();
    listed.iter().map(|it| it["labels"]["alertname"].as_str().unwrap().into()).collect()
}

fn silence(host: &MockHost, worker: &mut Worker, alert: &str, seconds: u64) {
    let until = mock::START_NANOS / 1_000_000_000 + seconds;
    let told = json!({ "labels": { "alertname": alert }, "until_seconds": until });
    assert_eq!(mock::post(host, worker, "/.tidegate/v1/silences", &told.to_string()).status, 200);
}

#[test]
fn silences_of_before_stand_beside_what_is_told_before_they_are_back() {
    let host = MockHost::default();
    let mut worker = start(&host);
    let asked = tick(&host, &mut worker, 1);
    host.answer_call(&mut worker, asked[0].id, Some((404, "")));
    silence(&host, &mut worker, "stored", 10_000);
    silence(&host, &mut worker, "ends meanwhile", 100);
    let state = tick(&host, &mut worker, 60).remove(0).bytes;

    let host = MockHost::default();
    host.advance_millis(120_000);
    let mut worker = start(&host);
    let asked = tick(&host, &mut worker, 1);
    silence(&host, &mut worker, "told at once", 10_000);
    assert_eq!(silenced(&host, &mut worker), ["told at once"]);
    host.answer_bytes(&mut worker, asked[0].id, 200, &state);
    tick(&host, &mut worker, 1);
    assert_eq!(silenced(&host, &mut worker), ["stored", "told at once"]);
    tick(&host, &mut worker, 1);
    assert_eq!(silenced(&host, &mut worker), ["stored", "told at once"]);
}

#[test]
fn silences_of_before_are_back_where_none_was_told() {
    let host = MockHost::default();
    let mut worker = start(&host);
    let asked = tick(&host, &mut worker, 1);
    host.answer_call(&mut worker, asked[0].id, Some((404, "")));
    silence(&host, &mut worker, "stored", 10_000);
    let state = tick(&host, &mut worker, 60).remove(0).bytes;
    let host = MockHost::default();
    let mut worker = start(&host);
    let asked = tick(&host, &mut worker, 1);
    host.answer_bytes(&mut worker, asked[0].id, 200, &state);
    tick(&host, &mut worker, 1);
    assert_eq!(silenced(&host, &mut worker), ["stored"]);
}
