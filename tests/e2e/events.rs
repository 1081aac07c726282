//! Events that are posted reach the leader's metrics, whichever worker takes them, and stay at the gateway.

use serde_json::{Value, json};
use tidegate_demo::client::Response;

use crate::harness::{Gateway, ModelProcess, TOKEN, admin_config};

fn post(gateway: &Gateway, authorization: &str, body: &[u8]) -> Response {
    let headers = [("authorization", authorization)];
    gateway.client().request("POST", "/.tidegate/v1/events", &headers, body).unwrap()
}

#[test]
fn events_are_taken_one_by_one_and_stay_at_the_gateway() {
    let model = ModelProcess::start("v1", &[]);
    let plugin = json!({ "admin": admin_config() }).to_string();
    let gateway = Gateway::before("events", Some(&plugin), model.address);
    let bearer = format!("Bearer {TOKEN}");
    let inference = |i: usize| {
        let id = format!("r{i}");
        json!({ "type": "inference", "model_name": "told", "prediction_id": id, "predictions": ["a"] })
    };
    for i in 0..20 {
        let label = json!({ "type": "label", "prediction_id": format!("r{i}"), "label": "a" });
        let body = format!("{}\nno event\n{label}\n", inference(i));
        let response = post(&gateway, &bearer, body.as_bytes());
        assert_eq!(response.status, 200, "{}", response.text());
        let receipt: Value = serde_json::from_slice(&response.body).unwrap();
        assert_eq!((&receipt["taken"], &receipt["refused"][0]["index"]), (&json!(2), &json!(1)));
    }
    // Many reads of a socket, and nearly all that is taken: the gateway's own buffer is no bound.
    let padded: Vec<String> = (20..1020).map(|i| format!("{}{:900}", inference(i), "")).collect();
    let response = post(&gateway, &bearer, padded.join("\n").as_bytes());
    let receipt: Value = serde_json::from_slice(&response.body).unwrap();
    assert_eq!(receipt, json!({ "taken": 1000, "refused": [] }));

    assert_eq!(post(&gateway, &bearer, &vec![b' '; (1 << 20) + 1]).status, 413);
    assert_eq!(post(&gateway, "Bearer wrong", inference(0).to_string().as_bytes()).status, 401);
    let metrics = gateway.settled_metrics();
    assert_eq!(metrics.sum("inference_requests_total", &[("model_name", "told")]), 1020.0);
    assert_eq!(metrics.sum("inference_requests_total", &[]), 1020.0);
    assert_eq!(model.requests(), 0);
}
