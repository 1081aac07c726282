//! Two gateways and one client: it has the same variant on both, and together they count what it sent.

use serde_json::{Value, json};
use tidegate_demo::envoy::config;
use tidegate_demo::{elec2, traffic};

use crate::harness::{Gateway, ModelProcess, admin_config};

#[test]
fn a_client_of_two_gateways_keeps_its_variant_and_is_counted_once() {
    let plugin = json!({
        "models": [{ "match": { "path_prefix": "/v2/models/" }, "protocol": "open_inference" }],
        "experiments": [{
            "name": "fleet", "unit": { "header": "x-user-id" },
            "variants": [{ "name": "control", "weight": 0.5 }, { "name": "treatment", "weight": 0.5 }],
        }],
        "admin": admin_config(),
    });
    let models = ["v1", "v2"].map(|version| ModelProcess::start(version, &[]));
    let clusters = [
        config::cluster("model_v1", models[0].address),
        config::cluster("model_v2", models[1].address),
    ];
    let gateways = ["fleet-a", "fleet-b"].map(|scenario| {
        let routes = vec![
            config::route_by_header("x-tidegate-variant", "treatment", "model_v2"),
            config::route("model_v1"),
        ];
        Gateway::start(scenario, Some(&plugin.to_string()), routes, &clusters)
    });
    let rows = elec2::rows().unwrap();
    let mut clients = gateways.each_ref().map(Gateway::client);
    for (user, row) in rows.iter().enumerate().take(40) {
        let versions = clients.each_mut().map(|client| {
            let name = format!("user-{user}");
            let body = traffic::body(user, &[row]);
            let response = client
                .request("POST", "/v2/models/elec2/infer", &[("x-user-id", &name)], &body)
                .unwrap();
            let answer: Value = serde_json::from_slice(&response.body).unwrap();
            answer["model_version"].as_str().unwrap().to_string()
        });
        assert_eq!(versions[0], versions[1], "user {user} was moved");
    }
    let metrics = gateways.each_ref().map(Gateway::settled_metrics);
    for (variant, model) in ["control", "treatment"].iter().zip(&models) {
        let labels = [("test_name", "fleet"), ("variant", *variant)];
        let counts = metrics.each_ref().map(|it| it.sum("ab_test_requests_total", &labels));
        assert_eq!(counts[0], counts[1]);
        assert_eq!(counts[0] + counts[1], model.requests() as f64);
    }
}
