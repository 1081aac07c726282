//! An experiment splits users, not requests: each user keeps a variant, and what is counted is what
//! the models really got.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tidegate_demo::envoy::config;
use tidegate_demo::{elec2, traffic};

use crate::harness::{Gateway, ModelProcess, admin_config};

const USERS: usize = 60;
const REQUESTS: usize = 600;

#[test]
fn a_user_keeps_a_variant_and_counts_are_what_the_models_got() {
    let plugin = json!({
        "models": [{ "match": { "path_prefix": "/v2/models/" }, "protocol": "open_inference" }],
        "experiments": [{
            "name": "elec2-v1-vs-v2", "unit": { "header": "x-user-id" },
            "variants": [{ "name": "control", "weight": 0.5 }, { "name": "treatment", "weight": 0.5 }],
        }],
        "admin": admin_config(),
    });
    let [v1, v2] = ["v1", "v2"].map(|version| ModelProcess::start(version, &[]));
    let routes = vec![
        config::route_by_header("x-tidegate-variant", "treatment", "model_v2"),
        config::route("model_v1"),
    ];
    let clusters =
        [config::cluster("model_v1", v1.address), config::cluster("model_v2", v2.address)];
    let gateway = Gateway::start("variants", Some(&plugin.to_string()), routes, &clusters);

    let rows = elec2::rows().unwrap();
    let mut client = gateway.client();
    let mut versions: BTreeMap<String, String> = BTreeMap::new();
    for (i, row) in rows.iter().take(REQUESTS).enumerate() {
        let user = format!("user-{}", i % USERS);
        // What a client says of its own variant must not matter.
        let claim = if i % 3 == 0 { "treatment" } else { "control" };
        let headers = [("x-user-id", user.as_str()), ("x-tidegate-variant", claim)];
        let response = client
            .request("POST", "/v2/models/elec2/infer", &headers, &traffic::body(i, &[row]))
            .unwrap();
        assert_eq!(response.status, 200);
        let answer: Value = serde_json::from_slice(&response.body).unwrap();
        let version = answer["model_version"].as_str().unwrap().to_string();
        let known = versions.entry(user.clone()).or_insert_with(|| version.clone());
        assert_eq!(*known, version, "{user} was moved");
    }

    // 60 users at 50/50: fewer than 15 on a side has a chance of 1 in 20,000, and never changes.
    for version in ["1", "2"] {
        let users = versions.values().filter(|known| *known == version).count();
        assert!(users >= 15, "{users} users of version {version}");
    }
    let metrics = gateway.settled_metrics();
    for (variant, model) in [("control", &v1), ("treatment", &v2)] {
        let labels = [("test_name", "elec2-v1-vs-v2"), ("variant", variant)];
        assert_eq!(metrics.sum("ab_test_requests_total", &labels), model.requests() as f64);
        assert_eq!(metrics.sum("ab_test_latency_seconds_count", &labels), model.requests() as f64);
    }
    assert_eq!(v1.requests() + v2.requests(), REQUESTS as u64);
}
