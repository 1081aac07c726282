//! Updates of the listener while requests flow: no request fails, none is lost, none is counted twice.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use serde_json::json;
use tidegate_demo::envoy::config;
use tidegate_demo::{elec2, traffic};

use crate::harness::{Gateway, ModelProcess, Setup, admin_config, program, tidegate};

const INFER: &str = "/v2/models/elec2/infer";

fn plugin(pane_seconds: u64) -> String {
    json!({
        "models": [{
            "match": { "path_prefix": "/v2/models/" },
            "protocol": "open_inference",
            "feature_names": elec2::FEATURE_NAMES,
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
fn while_requests_flow(gateway: &Gateway, changes: impl FnOnce()) -> u64 {
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

/// What Tidegate counts is what the model got.
fn check(gateway: &Gateway, model: &ModelProcess, answered: u64) {
    let metrics = gateway.settled_metrics();
    let counted = metrics.sum("inference_requests_total", &[("status", "success")]);
    assert_eq!(counted, model.requests() as f64);
    assert!(model.requests() >= answered);
    assert_eq!(metrics.sum("inference_batch_size_count", &[]), counted);
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
