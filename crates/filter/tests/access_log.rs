//! What access logs are given: the record of each request, from which an observatory elsewhere counts
//! what the gateway counted.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod mock;

use mock::{Exchange, MockHost, ask, sum};
use serde_json::{Value, json};
use tidegate_core::event;
use tidegate_core::metric;
use tidegate_core::observatory::{Delta, References, Settings, State};
use tidegate_filter::Worker;

fn worker(host: &MockHost, access_log: Option<Value>) -> Worker {
    let mut config = json!({
        "admin": { "token": "secret" },
        "experiments": [{
            "name": "e", "unit": { "header": "x-user" },
            "variants": [{ "name": "a", "weight": 0.5 }, { "name": "b", "weight": 0.5 }],
        }],
        "feedback": { "secret": "s3cret" },
    });
    config["access_log"] = access_log.unwrap_or_default();
    if config["access_log"].is_null() {
        config.as_object_mut().unwrap().remove("access_log");
    }
    Worker::configure(host, config.to_string().as_bytes()).unwrap()
}

/// Requests of every kind: good, failed, left, unreadable, of both variants and of none.
fn run_all(host: &MockHost, worker: &mut Worker) {
    for user in 0..40_u32 {
        let mut exchange = Exchange::iris();
        if user % 4 != 0 {
            exchange.request_headers.push(("x-user", user.to_string().into_bytes()));
        }
        match user % 5 {
            1 => exchange.status = Some(500),
            2 => {
                exchange.response_ends = false;
                exchange.flags = 1 << 14;
            }
            3 => exchange.response_chunks = vec![b"{no json".to_vec()],
            _ => {}
        }
        exchange.run(host, worker);
    }
}

#[test]
fn the_records_count_as_the_gateway_did() {
    let host = MockHost::default();
    let mut worker = worker(&host, Some(json!({})));
    run_all(&host, &mut worker);
    host.advance_millis(1000);
    worker.tick(&host, false);
    let own = ask(&host, &mut worker, "GET", "/.tidegate/v1/metrics").body;

    let kept = host.kept.take();
    assert_eq!(kept.len(), 40);
    assert!(kept.iter().all(|(name, _)| name == "tidegate"));
    let lines: Vec<&str> = kept.iter().map(|(_, line)| line.as_str()).collect();
    let read = event::read(lines.join("\n").as_bytes());
    assert!(read.refused.is_empty(), "{:?}", read.refused);
    let (mut delta, mut state, settings) =
        (Delta::default(), State::default(), Settings::default());
    for positioned in &read.events {
        delta.observe(0.0, &positioned.event, &References::default(), &settings);
    }
    let now_seconds = host.now_nanos.get() as f64 / 1e9;
    state.apply(delta, &settings);
    state.tick(now_seconds, &settings);
    let snapshot = state.snapshot(now_seconds, &settings);
    let text = metric::prometheus_text(&metric::families(&state, &snapshot));
    for name in ["inference_requests_total", "model_predictions_total", "ab_test_requests_total"] {
        let lines = |text: &str| -> Vec<String> {
            let is_meant = |line: &&str| line.starts_with(&format!("{name}{{"));
            text.lines().filter(is_meant).map(String::from).collect()
        };
        let own = lines(std::str::from_utf8(&own).unwrap());
        assert!(!own.is_empty(), "{name}");
        assert_eq!(lines(&text), own, "{name}");
    }
    let unread = sum(&own, "tidegate_unread_bodies_total", "");
    assert_eq!(sum(text.as_bytes(), "tidegate_unread_bodies_total", ""), unread);
}

#[test]
fn a_record_has_what_is_wanted_and_nothing_is_kept_without_being_asked() {
    let of = |access_log| {
        let host = MockHost::default();
        let mut worker = worker(&host, access_log);
        Exchange::iris().run(&host, &mut worker);
        host.kept.take()
    };
    assert_eq!(of(None), []);
    let record =
        |access_log| -> Value { serde_json::from_str(&of(Some(access_log))[0].1).unwrap() };
    let lean = record(json!({}));
    assert_eq!((&lean["type"], &lean["model_name"]), (&json!("inference"), &json!("iris")));
    assert_eq!((&lean["model_version"], &lean["status"]), (&json!("3"), &json!("success")));
    assert_eq!(lean["predictions"], json!(["0", "1"]));
    assert_eq!(lean["features"], Value::Null);
    assert!(lean["prediction_id"].is_string());
    let stages = &lean["latency_seconds"];
    assert_eq!(*stages, json!({ "total": 0.012, "upstream": 0.01, "gateway": 0.002 }));
    let full = record(json!({ "features": true }));
    let features = full["features"].as_object().unwrap();
    assert_eq!(features.values().next(), Some(&json!([1.5, 3.5])));
}
