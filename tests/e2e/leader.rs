//! One context leads, whoever lives: totals never fall, and updates leave one leader.

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
fn the_snapshot_is_renewed_every_tick_after_two_updates() {
    let model = ModelProcess::start("v1", &[]);
    let gateway = Gateway::before("leader-ticks", Some(&plugin(1)), model.address);
    for pane_seconds in [2, 3] {
        send(&gateway, 5);
        assert!(gateway.update(&plugin(pane_seconds)));
    }
    let at = |snapshot: &serde_json::Value| snapshot["at_seconds"].as_f64().unwrap();
    let first = wait_for("a snapshot with all requests", || {
        let snapshot = gateway.snapshot();
        (gateway.metrics().sum("inference_requests_total", &[]) == 10.0).then_some(snapshot)
    });
    // Were there two leaders, there would be two snapshots a second; were there none, no new one.
    let mut taken = std::collections::BTreeSet::new();
    let started = std::time::Instant::now();
    while started.elapsed() < std::time::Duration::from_secs(6) {
        taken.insert(at(&gateway.snapshot()).to_bits());
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    assert!((4..=8).contains(&taken.len()), "{} snapshots in 6 s", taken.len());
    assert!(at(&gateway.snapshot()) > at(&first));
}
