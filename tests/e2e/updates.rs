//! Updates of the listener while requests flow: no request fails, none is lost, none is counted twice.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use serde_json::json;
use tidegate_demo::envoy::config;
use tidegate_demo::{elec2, traffic};

use crate::harness::{Gateway, ModelProcess, Setup, TOKEN, admin_config, program, tidegate};

const INFER: &str = "/v2/models/elec2/infer";

pub(crate) fn plugin(pane_seconds: u64) -> String {
    json!({
        "models": [{
            "match": { "path_prefix": "/v2/models/" },
            "protocol": "open_inference",
            "feature_names": elec2::FEATURE_NAMES,
        }],
        "experiments": [{
            "name": "told", "unit": { "header": "x-user-id" },
            "variants": [{ "name": "x", "weight": 0.5 }, { "name": "y", "weight": 0.5 }],
        }],
        "windows": { "pane_seconds": pane_seconds, "panes": 10 },
        "admin": admin_config(),
    })
    .to_string()
}

fn start(scenario: &str, options: &[&str], model: &ModelProcess) -> Gateway {
    let setup = Setup {
        scenario,
        filter: Some(tidegate(&plugin(1))),
        routes: vec![config::route("model")],
        clusters: &[config::cluster("model", model.address)],
        change_listener: |_| {},
        options,
    };
    setup.start()
}

/// Sends requests over four connections until `changes` returns, and returns how many were answered.
pub(crate) fn while_requests_flow(gateway: &Gateway, changes: impl FnOnce()) -> u64 {
    let (answered, done) = (AtomicU64::new(0), AtomicBool::new(false));
    let rows = elec2::rows().unwrap();
    std::thread::scope(|scope| {
        for connection in 0..4 {
            let (rows, done, answered) = (&rows, &done, &answered);
            scope.spawn(move || {
                let mut client = gateway.client();
                let mut row = connection;
                while !done.load(Ordering::Relaxed) {
                    let body = traffic::body(row, &[&rows[row]]);
                    let response = client.request("POST", INFER, &[], &body);
                    // A connection that drains is closed, perhaps just as a request leaves.
                    if let Ok(response) = response {
                        assert_eq!(response.status, 200);
                        answered.fetch_add(1, Ordering::Relaxed);
                    }
                    row += 4;
                    std::thread::sleep(Duration::from_millis(2));
                }
            });
        }
        std::thread::sleep(Duration::from_secs(1));
        changes();
        std::thread::sleep(Duration::from_secs(1));
        done.store(true, Ordering::Relaxed);
    });
    answered.into_inner()
}

/// Tidegate counts what Envoy saw: as a success what the client or the model got whole, and as aborted where the
/// connection was closed before the answer's end, which a model may have got or not.
fn check(gateway: &Gateway, model: &ModelProcess, answered: u64) {
    gateway.settle();
    // Before the first request of the admin API, which Envoy counts too.
    let by_envoy = gateway.requests_seen_by_envoy() as f64;
    let metrics = gateway.settled_metrics();
    let of = |status| metrics.sum("inference_requests_total", &[("status", status)]);
    let counted = metrics.sum("inference_requests_total", &[]);
    assert_eq!(counted, by_envoy);
    assert_eq!(of("success") + of("aborted"), counted);
    assert!(of("success") >= answered as f64);
    let whole = of("success")..=counted;
    assert!(whole.contains(&(model.requests() as f64)), "{} of {whole:?}", model.requests());
    let batches = metrics.sum("inference_batch_size_count", &[]);
    assert!(whole.contains(&batches), "{batches} of {whole:?}");
}

#[test]
fn two_updates_within_the_time_that_old_listeners_drain() {
    let model = ModelProcess::start("v1", &[]);
    let gateway = start("updates-drain", &["--drain-time-s", "4"], &model);
    let answered = while_requests_flow(&gateway, || {
        assert!(gateway.update(&plugin(2)));
        std::thread::sleep(Duration::from_millis(500));
        assert!(gateway.update(&plugin(3)));
        // Past the time of both: the old contexts have gone, and what they held is handed over.
        std::thread::sleep(Duration::from_secs(6));
    });
    check(&gateway, &model, answered);
    assert_eq!(gateway.metrics().sum("tidegate_members", &[]), 3.0);
    assert_eq!(gateway.metrics().sum("tidegate_silent_members", &[]), 0.0);
}

/// Events of five kinds, a hundred of each, of predictions that were made here or told.
fn tell(gateway: &Gateway, round: usize) {
    let mut events = Vec::new();
    for i in 0..100 {
        let id = format!("{round}-{i}");
        let variant = ["x", "y"][i % 2];
        let (class, label) = (["a", "b"][i % 2], ["a", "b"][i % 3 % 2]);
        events.push(json!({
            "type": "inference", "model_name": "told", "prediction_id": id, "predictions": [class],
            "variants": { "told": variant }, "unit": id,
        }));
        events.push(json!({ "type": "label", "prediction_id": id, "label": label }));
        events.push(json!({ "type": "conversion", "experiment": "told", "unit": id }));
    }
    // Labels and conversions may come to another worker, and before what they are about.
    events.rotate_left(round % 7);
    for part in events.chunks(60) {
        let lines: Vec<_> = part.iter().map(ToString::to_string).collect();
        let authorization = format!("Bearer {TOKEN}");
        let headers = [("authorization", authorization.as_str())];
        let body = lines.join("\n");
        let response = gateway
            .client()
            .request("POST", "/.tidegate/v1/events", &headers, body.as_bytes())
            .unwrap();
        assert_eq!(response.status, 200, "{}", response.text());
        assert!(response.text().contains("\"refused\":[]"), "{}", response.text());
    }
}

#[test]
fn predictions_labels_and_conversions_count_once_over_a_swap_of_code() {
    let model = ModelProcess::start("v1", &[]);
    let gateway = start("updates-told", &["--drain-time-s", "4"], &model);
    let other = config::wasm_filter("tidegate", &program("TIDEGATE_TRAP"), &plugin(1));
    for round in 0..30 {
        match round {
            10 => assert!(gateway.update_filter(&other)),
            20 => assert!(gateway.update(&plugin(2))),
            _ => {}
        }
        tell(&gateway, round);
    }
    let told = 3_000.0;
    let metrics = gateway.settled_metrics();
    let of_model = [("model_name", "told")];
    assert_eq!(metrics.sum("inference_requests_total", &of_model), told);
    assert_eq!(metrics.sum("model_predictions_total", &of_model), told);
    assert_eq!(metrics.sum("ab_test_requests_total", &[("test_name", "told")]), told);
    assert_eq!(metrics.sum("ab_test_conversions_total", &[("test_name", "told")]), told);
    assert_eq!(metrics.sum("ab_test_units", &[("test_name", "told")]), told);
    assert_eq!(metrics.sum("model_labels_total", &[("outcome", "joined")]), told);
    assert_eq!(metrics.sum("tidegate_dropped_total", &[]), 0.0);
}

#[test]
fn other_code_under_the_same_vm_id_goes_on_where_the_old_one_stood() {
    let model = ModelProcess::start("v1", &[]);
    let gateway = start("updates-code", &["--drain-time-s", "4"], &model);
    // Another build of the same source, so other bytes: Envoy makes new VMs for it.
    let other = config::wasm_filter("tidegate", &program("TIDEGATE_TRAP"), &plugin(1));
    let answered = while_requests_flow(&gateway, || {
        assert!(gateway.update_filter(&other));
        std::thread::sleep(Duration::from_secs(2));
        assert!(gateway.update(&plugin(1)));
        std::thread::sleep(Duration::from_secs(6));
    });
    check(&gateway, &model, answered);
    assert_eq!(gateway.metrics().sum("tidegate_state_resets_total", &[]), 0.0);
    assert_eq!(gateway.metrics().sum("tidegate_members", &[]), 3.0);
}
