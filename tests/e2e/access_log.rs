//! The records of requests in Envoy's access log, as text and as JSON, count what the gateway counted: with
//! the command `tidegate observe`, as an operator would.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use tidegate_demo::envoy::config;
use tidegate_demo::{elec2, traffic};

use crate::harness::{Metrics, ModelProcess, Setup, admin_config, program, tidegate, wait_for};

const REQUESTS: usize = 300;
const TEXT_LOG: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/access-text.log");
const JSON_LOG: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/access-json.log");

fn write_access_logs(listener: &mut Value) {
    let log = |path: &str, format: Value| {
        json!({
            "name": "envoy.access_loggers.file",
            "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog",
                "path": path,
                "log_format": format,
            },
        })
    };
    const RECORD: &str = "%FILTER_STATE(wasm.tidegate:PLAIN)%";
    let text =
        json!({ "text_format_source": { "inline_string": format!("%RESPONSE_CODE% {RECORD}\n") } });
    let in_json = json!({ "json_format": { "status": "%RESPONSE_CODE%", "record": RECORD } });
    listener["filter_chains"][0]["filters"][0]["typed_config"]["access_log"] =
        json!([log(TEXT_LOG, text), log(JSON_LOG, in_json)]);
}

/// What the command says of a log.
fn observe(log: &str) -> Metrics {
    let cli = program("TIDEGATE_NPM").join("dist/cli/main.js");
    let output =
        Command::new("node").arg(cli).args(["observe", log, "--metrics", "-"]).output().unwrap();
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && complaint.is_empty(), "{complaint}");
    Metrics::parse(&String::from_utf8(output.stdout).unwrap()).unwrap()
}

/// The series of a family, in their order.
fn series(metrics: &Metrics, name: &str) -> Vec<String> {
    let samples = metrics.samples.iter().filter(|sample| sample.name == name);
    samples.map(|sample| format!("{:?} {}", sample.labels, sample.value)).collect()
}

#[test]
fn the_access_log_counts_as_the_gateway_does() {
    for log in [TEXT_LOG, JSON_LOG] {
        let _ = std::fs::remove_file(Path::new(log));
    }
    let plugin = json!({
        "models": [{
            "match": { "path_prefix": "/v2/models/" }, "protocol": "open_inference",
            "classes": elec2::CLASSES,
        }],
        "experiments": [{
            "name": "e", "unit": { "header": "x-user-id" },
            "variants": [{ "name": "a", "weight": 0.5 }, { "name": "b", "weight": 0.5 }],
        }],
        "feedback": { "secret": "e2e-secret" },
        "access_log": { "features": true },
        "admin": admin_config(),
    });
    let model = ModelProcess::start("v1", &["--fail-every", "7", "--hang-every", "31"]);
    let clusters = [config::cluster("model", model.address)];
    let gateway = Setup {
        scenario: "access-log",
        filter: Some(tidegate(&plugin.to_string())),
        routes: vec![config::route("model")],
        clusters: &clusters,
        change_listener: write_access_logs,
        options: &["--file-flush-interval-msec", "200"],
    }
    .start();

    let rows = elec2::rows().unwrap();
    let mut client = gateway.client();
    for (i, row) in rows.iter().take(REQUESTS).enumerate() {
        let user = format!("user-{}", i % 20);
        let headers = [("x-user-id", user.as_str())];
        let body = match i % 10 {
            3 => b"{no json".to_vec(),
            4 => traffic::body(i, &[row, row, row]),
            _ => traffic::body(i, &[row]),
        };
        client.request("POST", "/v2/models/elec2/infer", &headers, &body).unwrap();
    }
    let own = gateway.settled_metrics();
    for log in [TEXT_LOG, JSON_LOG] {
        wait_for("Envoy to write its log", || {
            let text = std::fs::read_to_string(log).unwrap_or_default();
            let records = text.lines().filter(|line| line.contains("inference")).count();
            (records >= REQUESTS).then_some(())
        });
        std::thread::sleep(Duration::from_millis(500));
        let told = observe(log);
        for name in [
            "inference_requests_total",
            "inference_errors_total",
            "model_predictions_total",
            "model_prediction_confidence_count",
            "inference_batch_size_sum",
            "inference_latency_seconds_count",
            "ab_test_requests_total",
            "ab_test_errors_total",
            "tidegate_unread_bodies_total",
        ] {
            assert_eq!(series(&told, name), series(&own, name), "{name} of {log}");
        }
        assert_eq!(told.sum("inference_requests_total", &[]), REQUESTS as f64);
        // Latency to the microsecond: the log has what the gateway measured.
        let seconds =
            |metrics: &Metrics| metrics.sum("inference_latency_seconds_sum", &[("stage", "total")]);
        assert!((seconds(&told) / seconds(&own) - 1.0).abs() < 1e-9);
    }
}
