//! A config is taken whole or refused with everything that is wrong in it, and a refused one changes
//! nothing.

use serde_json::json;
use tidegate_demo::{elec2, traffic};

use crate::harness::{Gateway, ModelProcess, admin_config};

const WRONG: &str = r#"{
    "models": [{ "match": { "path_prefx": "/v2/" }, "protocol": "open_inferrence" }],
    "windows": { "pane_seconds": 0 },
    "admin": { "tokn": "x" }
}"#;

const PLACES: [&str; 4] =
    ["/models/0/match", "/models/0/protocol", "/windows/pane_seconds", "/admin"];

fn infer(gateway: &Gateway) -> u16 {
    let body = traffic::body(0, &[&elec2::rows().unwrap()[0]]);
    gateway.client().request("POST", "/v2/models/elec2/infer", &[], &body).unwrap().status
}

#[test]
fn an_empty_config_starts_and_serves() {
    let model = ModelProcess::start("v1", &[]);
    for (name, empty) in [("config-empty", ""), ("config-empty-object", "{}")] {
        let gateway = Gateway::before(name, Some(empty), model.address);
        assert_eq!(infer(&gateway), 200);
    }
}

#[test]
fn a_wrong_update_is_refused_with_every_problem_and_the_old_config_serves_on() {
    let model = ModelProcess::start("v1", &[]);
    let plugin = json!({
        "models": [{ "match": { "path_prefix": "/v2/models/" }, "protocol": "open_inference" }],
        "admin": admin_config(),
    });
    let gateway = Gateway::before("config-wrong", Some(&plugin.to_string()), model.address);
    assert_eq!(infer(&gateway), 200);

    assert!(!gateway.update(WRONG), "Envoy took a wrong config");
    let log = gateway.envoy.log().unwrap();
    for place in PLACES {
        assert!(log.contains(place), "the log does not name {place}");
    }
    assert!(!gateway.update("{"), "Envoy took a config that is not JSON");

    assert_eq!(infer(&gateway), 200);
    assert_eq!(gateway.settled_metrics().sum("inference_requests_total", &[]), 2.0);
}
