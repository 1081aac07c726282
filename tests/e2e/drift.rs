//! The drift that is in the data is seen: the market of Victoria joins at row 17,424, and three
//! columns that were constant begin to move. The half-hour of the day never changes.

use std::process::Command;

use serde_json::{Value, json};
use tidegate_demo::elec2;

use crate::harness::{Gateway, ModelProcess, admin_config, program, wait_for};

const LEARNED_ROWS: usize = 10_000;

fn replay(gateway: &Gateway, from: usize, rows: usize) -> Value {
    let url = format!("http://{}", gateway.address);
    let output = Command::new(program("TIDEGATE_DEMO"))
        .args(["replay", "--gateway", &url, "--rate", "0", "--json"])
        .args(["--from", &from.to_string(), "--rows", &rows.to_string()])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn model(snapshot: &Value) -> &Value {
    &snapshot["models"][0]
}

fn column<'a>(snapshot: &'a Value, name: &str) -> &'a Value {
    let columns = model(snapshot)["columns"].as_array().unwrap();
    columns.iter().find(|column| column["name"] == name).unwrap_or(&Value::Null)
}

#[test]
fn victoria_drifts_and_the_time_of_day_does_not() {
    let plugin = json!({
        "models": [{
            "match": { "path_prefix": "/v2/models/" },
            "protocol": "open_inference",
            "feature_names": elec2::FEATURE_NAMES,
            "classes": elec2::CLASSES,
            "reference": { "learn": { "samples": LEARNED_ROWS } },
        }],
        // Long enough for a slow machine to replay all of it inside one window.
        "windows": { "pane_seconds": 5, "panes": 12 },
        "admin": admin_config(),
    });
    let upstream = ModelProcess::start("v2", &[]);
    let gateway = Gateway::before("drift", Some(&plugin.to_string()), upstream.address);

    let totals = replay(&gateway, 0, LEARNED_ROWS);
    assert_eq!((&totals["rows"], &totals["errors"]), (&json!(LEARNED_ROWS), &json!(0)));
    wait_for("the reference", || {
        let snapshot = gateway.snapshot();
        (model(&snapshot)["reference"]["state"] == "ready").then_some(())
    });

    let rows = 12_000;
    let totals = replay(&gateway, elec2::VICTORIA_STARTS, rows);
    assert_eq!((&totals["rows"], &totals["errors"]), (&json!(rows), &json!(0)));
    let snapshot = wait_for("drift of the columns of Victoria", || {
        let snapshot = gateway.snapshot();
        let drifts = |name| column(&snapshot, name)["verdict"] == "drift";
        ["vicprice", "vicdemand", "transfer"].into_iter().all(drifts).then_some(snapshot)
    });
    assert_eq!(column(&snapshot, "period")["verdict"], "no_drift");
    assert_eq!(column(&snapshot, "period")["null_rate"], 0.0);
    assert_eq!(model(&snapshot)["model_name"], "elec2");
    let reference_rows = model(&snapshot)["reference"]["rows"].as_u64().unwrap();
    assert!(reference_rows as usize >= LEARNED_ROWS, "{reference_rows}");

    same_scores_in_metrics_and_snapshot(&gateway);
}

/// Once traffic has stopped, both documents say the same of the same window.
fn same_scores_in_metrics_and_snapshot(gateway: &Gateway) {
    let (snapshot, metrics) = wait_for("metrics and snapshot of one tick", || {
        let before = gateway.snapshot();
        let metrics = gateway.metrics();
        let after = gateway.snapshot();
        (before["at_seconds"] == after["at_seconds"]).then_some((after, metrics))
    });
    for name in elec2::FEATURE_NAMES {
        let labels = [("model_name", "elec2"), ("feature_name", name)];
        let scores: Vec<f64> =
            metrics.named("feature_drift_score", &labels).map(|sample| sample.value).collect();
        let tests = column(&snapshot, name)["tests"].as_array().unwrap();
        let psi = tests.iter().find(|test| test["method"] == "psi").unwrap();
        assert_eq!(scores, [psi["statistic"].as_f64().unwrap()], "{name}");
    }
}
