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

#[test]
fn testers_choose_their_cluster_and_requests_convert_their_units() {
    let [v1, v2] = ["v1", "v2"].map(|version| ModelProcess::start(version, &[]));
    let variants = ["model_v1", "model_v2"].map(|name| json!({ "name": name, "weight": 0.5 }));
    let by = |unit: Value, range: [f64; 2]| {
        json!({
            "unit": unit, "variants": variants, "seed": "shared",
            "namespace": { "name": "elec2", "range": range },
            "forced": { "secret": "e2e-tester" },
            "conversion": {
                "match": { "path_prefix": "/v2/health/", "method": "GET" },
                "value": { "header": "x-amount" },
            },
        })
    };
    let named = |name: &str, mut experiment: Value| {
        experiment["name"] = json!(name);
        experiment
    };
    let plugin = json!({
        "models": [{ "match": { "path_prefix": "/v2/models/" }, "protocol": "open_inference" }],
        "experiments": [
            named("by-cookie", by(json!({ "cookie": "user" }), [0.0, 0.5])),
            named("by-query", by(json!({ "query": "user" }), [0.5, 1.0])),
        ],
        "admin": admin_config(),
    });
    // The variant is the name of a cluster; who is in no experiment gets the first.
    let to_variant = json!({
        "match": { "prefix": "/", "headers": [{ "name": "x-tidegate-variant", "present_match": true }] },
        "route": { "cluster_header": "x-tidegate-variant" },
    });
    let routes = vec![to_variant, config::route("model_v1")];
    let clusters =
        [config::cluster("model_v1", v1.address), config::cluster("model_v2", v2.address)];
    let gateway = Gateway::start("variants-testers", Some(&plugin.to_string()), routes, &clusters);
    let rows = elec2::rows().unwrap();
    let infer = |path: &str, headers: &[(&str, &str)]| {
        let body = traffic::body(0, &[&rows[0]]);
        let response = gateway.client().request("POST", path, headers, &body).unwrap();
        assert_eq!(response.status, 200, "{}", response.text());
        let answer: Value = serde_json::from_slice(&response.body).unwrap();
        answer["model_version"].as_str().unwrap().to_string()
    };
    // A tester in either experiment, whoever it is.
    for (choice, version) in [("by-cookie=model_v2", "2"), ("by-query=model_v1", "1")] {
        let headers = [("x-tidegate-force", choice), ("x-tidegate-force-secret", "e2e-tester")];
        for _ in 0..5 {
            assert_eq!(infer("/v2/models/elec2/infer", &headers), version);
        }
    }
    // Users who are in one of the two, by their namespace; half of each convert.
    let mut in_experiment = 0;
    for user in 0..100 {
        let cookie = format!("theme=dark; user=u{user}");
        let path = format!("/v2/models/elec2/infer?user=u{user}");
        let version = infer(&path, &[("cookie", &cookie)]);
        assert_eq!(infer(&path, &[("cookie", &cookie)]), version, "u{user} was moved");
        in_experiment += 1;
        if user % 2 == 0 {
            let path = format!("/v2/health/ready?user=u{user}");
            let headers = [("cookie", cookie.as_str()), ("x-amount", "2.5")];
            assert_eq!(gateway.client().request("GET", &path, &headers, b"").unwrap().status, 200);
        }
    }
    let metrics = gateway.settled_metrics();
    let of = |name: &str| {
        ["by-cookie", "by-query"]
            .map(|test| metrics.sum(name, &[("test_name", test)]))
            .iter()
            .sum::<f64>()
    };
    assert_eq!(of("ab_test_requests_total"), 2.0 * f64::from(in_experiment));
    assert_eq!(of("ab_test_units"), f64::from(in_experiment), "each in one experiment");
    assert_eq!(of("ab_test_conversions_total"), 50.0);
    assert_eq!(metrics.sum("tidegate_dropped_total", &[("bound", "not_forced")]), 0.0);
    let snapshot = gateway.snapshot();
    let tests = snapshot["experiments"].as_array().unwrap();
    let variants = tests.iter().flat_map(|test| test["variants"].as_array().unwrap());
    let converted = variants.map(|it| it["conversions"].as_f64().unwrap()).sum::<f64>();
    assert_eq!(converted, 50.0);
}
