//! A model that is out of order is left alone: its requests go to another or are answered in its place,
//! until probes say that it is well again.

use serde_json::{Value, json};
use tidegate_demo::client::{Client, Response};
use tidegate_demo::envoy::config;

use crate::harness::{Gateway, Recorder, admin_config, wait_for};

const PATH: &str = "/v2/models/iris/infer";
const BODY: &[u8] =
    br#"{"inputs": [{"name": "x", "datatype": "FP64", "shape": [1, 1], "data": [1]}]}"#;

fn plugin(fallback: &Value) -> String {
    let entry = |path: &str, protocol: &str| {
        json!({
            "match": { "path_prefix": path }, "protocol": protocol, "name": "iris", "fallback": fallback,
        })
    };
    json!({
        "models": [
            entry("/v2", "open_inference"), entry("/inference.GRPCInferenceService", "open_inference_grpc"),
        ],
        "alerts": [{
            "name": "failing", "actions": ["circuit:iris"],
            "when": "increase(inference_requests_total{model_name=\"iris\", status=\"server_error\"}[5s]) > 5",
        }],
        "remediation": { "circuit": { "open_seconds": 4, "probe_share": 0.25, "probes": 4 } },
        "admin": admin_config(),
    })
    .to_string()
}

fn answer(status: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
         connection: close\r\n\r\n{body}"
    )
    .into_bytes()
}

fn ask(client: &mut Client) -> Response {
    client.request("POST", PATH, &[], BODY).unwrap()
}

fn decided(gateway: &Gateway, to: &str) -> bool {
    let decisions = gateway.snapshot()["decisions"].clone();
    decisions.as_array().unwrap().iter().any(|decision| decision["to"] == to)
}

/// A model that fails, its circuit, and what it received until the circuit opened.
fn open(gateway: &Gateway, model: &Recorder) -> usize {
    model.answer_with(&answer("500 Internal Server Error", "{}"));
    let mut client = gateway.client();
    wait_for("the circuit to open", || {
        for _ in 0..10 {
            ask(&mut client);
        }
        decided(gateway, "open").then_some(())
    });
    // By the next tick every worker has heard of it.
    gateway.settle();
    model.take_received().len()
}

#[test]
fn requests_go_to_the_fallback_until_probes_succeed() {
    let [model, backup] = [Recorder::start(), Recorder::start()];
    backup.answer_with(&answer("200 OK", r#"{"model_name": "iris", "outputs": []}"#));
    let to_fallback = json!({
        "match": {
            "prefix": "/",
            "headers": [{ "name": "x-tidegate-fallback", "present_match": true }],
        },
        "route": { "cluster_header": "x-tidegate-fallback" },
    });
    let routes = vec![to_fallback, config::route("model")];
    let clusters =
        [config::cluster("model", model.address), config::cluster("backup", backup.address)];
    let plugin = plugin(&json!({ "cluster": "backup" }));
    let gateway = Gateway::start("circuit-fallback", Some(&plugin), routes, &clusters);
    let mut reached_model = open(&gateway, &model);

    // While it is open, or probes fail, clients do not notice but for a probe.
    model.answer_with(&answer("200 OK", r#"{"model_name": "iris", "outputs": []}"#));
    let mut statuses = Vec::new();
    wait_for("the circuit to close", || {
        for _ in 0..10 {
            statuses.push(ask(&mut gateway.client()).status);
        }
        decided(&gateway, "closed").then_some(())
    });
    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    gateway.settle();
    reached_model += model.take_received().len();
    for _ in 0..20 {
        assert_eq!(ask(&mut gateway.client()).status, 200);
    }
    let [again, at_backup] = [&model, &backup].map(|it| it.take_received().len());
    assert_eq!(again, 20, "all requests are the model's again");
    reached_model += again;
    assert!(at_backup >= 5, "{at_backup} requests went to the fallback");

    let metrics = gateway.settled_metrics();
    let requests = |name| metrics.sum("inference_requests_total", &[("model_name", name)]);
    assert_eq!(requests("iris"), reached_model as f64);
    assert_eq!(requests("iris-fallback"), at_backup as f64);
    let kept_off = metrics.sum("tidegate_dropped_total", &[("bound", "circuit_open")]);
    assert_eq!(kept_off, at_backup as f64);
    for to in ["open", "half_open", "closed"] {
        let labels = [("action", "circuit"), ("to", to)];
        assert_eq!(metrics.sum("tidegate_decisions_total", &labels), 1.0, "{to}");
    }
}

#[test]
fn an_open_circuit_answers_in_the_words_of_its_config_over_grpc_too() {
    let model = Recorder::start();
    let reply = json!({
        "status": 503, "body": "{\"error\": \"later\"}",
        "headers": { "content-type": "application/json", "x-reason": "circuit" },
    });
    let plugin = plugin(&json!({ "reply": reply }));
    let gateway = Gateway::before("circuit-reply", Some(&plugin), model.address);
    open(&gateway, &model);

    let response = ask(&mut gateway.client());
    assert_eq!((response.status, response.text().as_str()), (503, "{\"error\": \"later\"}"));
    assert_eq!(response.header("content-type").as_deref(), Some("application/json"));
    assert_eq!(response.header("x-reason").as_deref(), Some("circuit"));

    let call = "POST /inference.GRPCInferenceService/ModelInfer HTTP/1.1\r\nhost: model\r\n\
                content-type: application/grpc\r\nte: trailers\r\ncontent-length: 5\r\n\r\n\0\0\0\0\0";
    let response = gateway.client().send(call.as_bytes(), false).unwrap();
    assert_eq!(response.status, 200);
    assert_eq!(response.header("grpc-status").as_deref(), Some("14"), "unavailable");
    assert_eq!(model.take_received(), []);
}
