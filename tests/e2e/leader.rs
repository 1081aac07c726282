//! One context leads, whoever lives: totals never fall, and updates leave one leader.

use std::time::Duration;

use serde_json::json;
use tidegate_demo::{elec2, traffic};

use crate::harness::{Gateway, ModelProcess, admin_config, wait_for};

fn plugin(pane_seconds: u64) -> String {
    json!({
        "models": [{ "match": { "path_prefix": "/v2/models/" }, "protocol": "open_inference" }],
        "windows": { "pane_seconds": pane_seconds, "panes": 10 },
        "admin": admin_config(),
    })
    .to_string()
}

fn send(gateway: &Gateway, count: usize) {
    let rows = elec2::rows().unwrap();
    // New connections, so that both workers and the newest config are met.
    for (row, features) in rows.iter().take(count).enumerate() {
        let body = traffic::body(row, &[features]);
        let response = gateway.client().request("POST", "/v2/models/elec2/infer", &[], &body);
        assert_eq!(response.unwrap().status, 200);
    }
}

#[test]
fn totals_keep_growing_over_two_updates() {
    let model = ModelProcess::start("v1", &[]);
    let gateway = Gateway::before("leader", Some(&plugin(1)), model.address);
    let mut sent = 0.0;
    for update in 0..3_u32 {
        if update > 0 {
            assert!(gateway.update(&plugin(u64::from(update) + 1)));
        }
        send(&gateway, 50);
        sent += 50.0;
        assert_eq!(gateway.settled_metrics().sum("inference_requests_total", &[]), sent);
    }
}

#[test]
fn one_leader_ticks_once_a_second_after_two_updates() {
    let model = ModelProcess::start("v1", &[]);
    let gateway = Gateway::before("leader-ticks", Some(&plugin(1)), model.address);
    for pane_seconds in [2, 3] {
        send(&gateway, 5);
        assert!(gateway.update(&plugin(pane_seconds)));
    }
    // Each update leaves its context beside the older ones, on the main thread and two workers.
    wait_for("the contexts of all three configs", || {
        (gateway.metrics().sum("tidegate_members", &[]) == 9.0).then_some(())
    });
    let ticks = || {
        let metrics = gateway.metrics();
        let ticks: Vec<f64> =
            metrics.named("tidegate_leader_ticks_total", &[]).map(|sample| sample.value).collect();
        assert_eq!(ticks.len(), 1, "one heartbeat");
        ticks[0]
    };
    let before = ticks();
    std::thread::sleep(Duration::from_secs(6));
    let ticked = ticks() - before;
    // Two leaders would tick twice a second; a machine under load may miss a tick.
    assert!((4.0..=7.0).contains(&ticked), "{ticked} ticks in 6 s");
}
