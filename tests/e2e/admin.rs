//! The admin API is not there without a token, answers only those who have it, and never reaches the
//! upstream.

use serde_json::{Value, json};
use tidegate_demo::{elec2, traffic};

use crate::harness::{Gateway, ModelProcess, TOKEN, admin_config, wait_for};

const METRICS: &str = "/.tidegate/v1/metrics";

fn start(scenario: &str) -> (ModelProcess, Gateway) {
    let plugin = json!({
        "models": [{
            "match": { "path_prefix": "/v2/models/" },
            "protocol": "open_inference",
            "feature_names": elec2::FEATURE_NAMES,
            "reference": { "learn": { "samples": 100 } },
        }],
        "admin": admin_config(),
    });
    let model = ModelProcess::start("v1", &[]);
    let gateway = Gateway::before(scenario, Some(&plugin.to_string()), model.address);
    (model, gateway)
}

#[test]
fn without_a_token_there_is_no_admin_api() {
    let model = ModelProcess::start("v1", &[]);
    let gateway = Gateway::before("admin-off", Some("{}"), model.address);
    let authorization = format!("Bearer {TOKEN}");
    let headers = [("authorization", authorization.as_str())];
    let response = gateway.client().request("GET", METRICS, &headers, b"").unwrap();
    assert_eq!(response.status, 404);
    assert_eq!(response.text(), format!(r#"{{"error":"nothing is served at {METRICS}"}}"#));
}

#[test]
fn a_wrong_token_is_told_so_in_one_sentence() {
    let (_model, gateway) = start("admin-token");
    let short = format!("Bearer {}", &TOKEN[1..]);
    let basic = format!("Basic {TOKEN}");
    for authorization in [None, Some("Bearer wrong"), Some(short.as_str()), Some(basic.as_str())] {
        let headers: Vec<_> =
            authorization.map(|value| ("authorization", value)).into_iter().collect();
        let response = gateway.client().request("GET", METRICS, &headers, b"").unwrap();
        assert_eq!(response.status, 401, "{authorization:?}");
        let text = response.text();
        assert_eq!(text.trim().lines().count(), 1, "{text}");
        assert!(!text.contains(TOKEN));
    }
}

#[test]
fn metrics_snapshot_and_profile_answer_in_their_formats() {
    let (_model, gateway) = start("admin-formats");
    let rows = elec2::rows().unwrap();
    let mut client = gateway.client();
    for (i, row) in rows.iter().take(200).enumerate() {
        let body = traffic::body(i, &[row]);
        client.request("POST", "/v2/models/elec2/infer", &[], &body).unwrap();
    }
    let metrics = gateway.settled_metrics();
    assert_eq!(
        metrics.sum(
            "inference_requests_total",
            &[("model_name", "elec2"), ("version", "1"), ("status", "success")]
        ),
        200.0
    );
    assert_eq!(metrics.types["inference_latency_seconds"], "histogram");
    assert_eq!(metrics.sum("inference_latency_seconds_count", &[("stage", "inference")]), 200.0);
    assert_eq!(metrics.sum("inference_batch_size_sum", &[]), 200.0);
    assert_eq!(metrics.sum("model_predictions_total", &[("model_name", "elec2")]), 200.0);
    assert_eq!(metrics.sum("model_prediction_confidence_count", &[]), 200.0);
    let media_type = gateway.admin_get("v1/metrics").header("content-type").unwrap();
    assert!(media_type.starts_with("text/plain; version=0.0.4"), "{media_type}");

    let snapshot = gateway.snapshot();
    assert_eq!(snapshot["schema"], "tidegate.snapshot/1");
    assert_eq!(snapshot["models"][0]["model_name"], "elec2");

    let profile = wait_for("a profile", || {
        let response = gateway.admin_get("v1/profile?model=elec2");
        (response.status == 200).then(|| serde_json::from_slice::<Value>(&response.body).unwrap())
    });
    assert_eq!(profile["schema"], "tidegate.profile/1");
    let columns = profile["columns"].as_array().unwrap();
    assert!(columns.iter().any(|column| column["name"] == "vicprice"), "{profile}");

    assert_eq!(gateway.admin_get("v1/profile?model=iris").status, 404);
    assert_eq!(gateway.admin_get("v1/nothing").status, 404);
}

#[test]
fn admin_requests_stay_at_the_gateway_and_are_no_inferences() {
    let (model, gateway) = start("admin-apart");
    for endpoint in ["v1/metrics", "v1/snapshot", "v1/profile?model=elec2", "v1/nothing"] {
        gateway.admin_get(endpoint);
    }
    assert_eq!(gateway.settled_metrics().sum("inference_requests_total", &[]), 0.0);
    assert_eq!(model.requests(), 0);
}

#[test]
fn a_browser_page_of_a_listed_origin_may_read() {
    let (_model, gateway) = start("admin-cors");
    let preflight = |origin: &str| {
        let headers = [
            ("origin", origin),
            ("access-control-request-method", "GET"),
            ("access-control-request-headers", "authorization"),
        ];
        gateway.client().request("OPTIONS", METRICS, &headers, b"").unwrap()
    };
    let allowed = preflight("http://explorer.test");
    assert!([200, 204].contains(&allowed.status), "{}", allowed.status);
    assert_eq!(
        allowed.header("access-control-allow-origin").as_deref(),
        Some("http://explorer.test")
    );
    let headers = allowed.header("access-control-allow-headers").unwrap().to_ascii_lowercase();
    assert!(headers.contains("authorization"), "{headers}");
    assert_eq!(preflight("http://other.test").header("access-control-allow-origin"), None);

    gateway.metrics();
    let authorization = format!("Bearer {TOKEN}");
    let headers = [("origin", "http://explorer.test"), ("authorization", authorization.as_str())];
    let read = gateway.client().request("GET", METRICS, &headers, b"").unwrap();
    assert_eq!(read.status, 200);
    assert_eq!(read.header("access-control-allow-origin").as_deref(), Some("http://explorer.test"));
}
