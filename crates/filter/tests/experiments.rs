//! Experiments at the gateway: whose requests are in them, who may choose, and what converts.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod mock;

use mock::{Exchange, MockHost, ask, sum};
use serde_json::{Value, json};
use tidegate_filter::Worker;

fn worker(experiments: &Value) -> Worker {
    let config = json!({"admin": {"token": "secret"}, "experiments": experiments});
    Worker::configure(&MockHost::default(), config.to_string().as_bytes()).unwrap()
}

fn experiment(name: &str, more: Value) -> Value {
    let mut experiment = json!({
        "name": name, "unit": {"header": "x-user"},
        "variants": [{"name": "control", "weight": 0.5}, {"name": "treatment", "weight": 0.5}],
    });
    experiment.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    experiment
}

/// The experiments and variants that a request with these headers is sent on with.
fn given(host: &MockHost, worker: &mut Worker, headers: &[(&'static str, &str)]) -> Vec<String> {
    let own = headers.iter().map(|(name, value)| (*name, value.as_bytes().to_vec()));
    let exchange = Exchange { request_headers: own.collect(), ..Exchange::iris() };
    exchange.run(host, worker);
    let names = host.request_header("x-tidegate-experiment").unwrap_or_default();
    let variants = host.request_header("x-tidegate-variant").unwrap_or_default();
    let pairs = names.split(',').zip(variants.split(',')).filter(|(name, _)| !name.is_empty());
    pairs.map(|(name, variant)| format!("{name}={variant}")).collect()
}

fn metrics(host: &MockHost, worker: &mut Worker) -> Vec<u8> {
    host.advance_millis(1_000);
    worker.tick(host, false);
    ask(host, worker, "GET", "/.tidegate/v1/metrics").body
}

#[test]
fn experiments_with_ranges_apart_share_no_unit_and_coverage_leaves_units_out() {
    let host = MockHost::default();
    let range = |range: [f64; 2]| json!({"namespace": {"name": "n", "range": range}});
    let mut worker = worker(&json!([
        experiment("low", range([0.0, 0.5])),
        experiment("high", range([0.5, 1.0])),
        experiment("some", json!({"coverage": 0.2})),
        experiment(
            "none",
            json!({"exclude_units": (0..400).map(|i| format!("u{i}")).take(200).collect::<Vec<_>>()})
        ),
    ]));
    let mut counts = [0; 4];
    for index in 0..400 {
        let user = format!("u{index}");
        let given = given(&host, &mut worker, &[("x-user", &user)]);
        let is_in = ["low", "high", "some", "none"]
            .map(|name| given.iter().any(|it| it.starts_with(&format!("{name}="))));
        assert_ne!(is_in[0], is_in[1], "{user}");
        assert_eq!(is_in[3], index >= 200, "{user}");
        for (count, is_in) in counts.iter_mut().zip(is_in) {
            *count += u32::from(is_in);
        }
    }
    // By the SDK for Python: 400 units of this namespace, and of this coverage.
    assert!((160..240).contains(&counts[0]) && (50..110).contains(&counts[2]), "{counts:?}");
    let metrics = metrics(&host, &mut worker);
    let counted = |name: &str| sum(&metrics, "ab_test_requests_total", &format!("\"{name}\""));
    assert_eq!(["low", "high", "some", "none"].map(counted), counts.map(u64::from));
    assert_eq!(sum(&metrics, "tidegate_dropped_total", ""), 0, "to be in none is no fault");
}

#[test]
fn testers_get_the_variant_that_they_want_and_are_in_no_count() {
    let host = MockHost::default();
    let forced =
        json!({"forced": {"secret": "qa", "units": {"alice": "treatment", "bob": "control"}}});
    let mut worker = worker(&json!([experiment("e", forced), experiment("f", json!({}))]));
    let first = |given: Vec<String>| given[0].clone();
    let secret = ("x-tidegate-force-secret", "qa");
    for (headers, expected) in [
        (vec![("x-user", "alice")], "e=treatment"),
        (vec![("x-user", "bob")], "e=control"),
        (vec![secret, ("x-tidegate-force", "e=treatment")], "e=treatment"),
        (vec![secret, ("x-tidegate-force", "f=x, e=control"), ("x-user", "alice")], "e=control"),
    ] {
        assert_eq!(first(given(&host, &mut worker, &headers)), expected, "{headers:?}");
        for name in ["x-tidegate-force", "x-tidegate-force-secret"] {
            assert_eq!(host.request_header(name), None, "the upstream learns no secret");
        }
    }
    let seen = metrics(&host, &mut worker);
    assert_eq!(sum(&seen, "ab_test_requests_total", "\"e\""), 0);
    // Without the secret, and for an experiment that has no testers, nothing is chosen.
    let by_hash = first(given(&host, &mut worker, &[("x-user", "u1")]));
    let other = if by_hash == "e=control" { "e=treatment" } else { "e=control" };
    for secret in ["", "qb", "qa "] {
        let headers =
            [("x-user", "u1"), ("x-tidegate-force", other), ("x-tidegate-force-secret", secret)];
        assert_eq!(first(given(&host, &mut worker, &headers)), by_hash);
    }
    let seen = metrics(&host, &mut worker);
    assert_eq!(sum(&seen, "ab_test_requests_total", "\"e\""), 4);
    // Three guesses, and one choice of `f`.
    assert_eq!(sum(&seen, "tidegate_dropped_total", "not_forced"), 4);
}

#[test]
fn a_request_that_succeeds_converts_its_unit() {
    let host = MockHost::default();
    let conversion = json!({
        "conversion": {"match": {"path": "/checkout", "method": "POST"}, "value": {"query": "amount"}},
        "forced": {"units": {"tester": "control"}}, "exclude_units": ["probe"],
    });
    let mut worker = worker(&json!([experiment("e", conversion)]));
    let checkout = |user: &str, status: u64| Exchange {
        path: "/checkout?amount=12.5".into(),
        request_headers: vec![("x-user", user.as_bytes().to_vec())],
        status: Some(status),
        ..Exchange::iris()
    };
    for user in ["u1", "u2", "tester", "probe"] {
        given(&host, &mut worker, &[("x-user", user)]);
        checkout(user, 303).run(&host, &mut worker);
    }
    let told = r#"{"type": "conversion", "experiment": "e", "unit": "tester"}"#;
    let event = Exchange {
        path: "/.tidegate/v1/events".into(),
        request_headers: vec![("authorization", b"Bearer secret".to_vec())],
        request_chunks: vec![told.into()],
        ..Exchange::iris()
    };
    event.run(&host, &mut worker);
    checkout("u1", 500).run(&host, &mut worker);
    Exchange { method: "GET", ..checkout("u1", 200) }.run(&host, &mut worker);
    Exchange { path: "/checkout/help".into(), ..checkout("u1", 200) }.run(&host, &mut worker);
    Exchange { status: None, ..checkout("u2", 200) }.run(&host, &mut worker);
    let metrics = metrics(&host, &mut worker);
    assert_eq!(sum(&metrics, "ab_test_conversions_total", ""), 2);
    assert_eq!(sum(&metrics, "ab_test_requests_total", ""), 2);
    assert_eq!(sum(&metrics, "tidegate_dropped_total", "conversions"), 1, "a tester, by event");
    assert_eq!(sum(&metrics, "tidegate_dropped_total", ""), 1);
    let snapshot = ask(&host, &mut worker, "GET", "/.tidegate/v1/snapshot").body;
    let snapshot: Value = serde_json::from_slice(&snapshot).unwrap();
    let variants = snapshot["experiments"][0]["variants"].as_array().unwrap();
    let sum_of = |of: &str| variants.iter().filter_map(|it| it[of].as_f64()).sum::<f64>();
    assert_eq!((sum_of("units"), sum_of("conversions")), (2.0, 2.0));
    let means = variants.iter().filter_map(|it| it["value_mean"].as_f64());
    assert!(means.clone().all(|mean| mean == 12.5) && means.count() >= 1, "{variants:?}");
}
