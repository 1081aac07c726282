//! Alerts that act: units are moved, circuits open and close, whoever leads; a dry run only says so.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod mock;

use mock::{Exchange, MockHost, ask, sum};
use serde_json::{Value, json};
use tidegate_core::observatory::merge_snapshots_from_json;
use tidegate_filter::Worker;

fn config(action: &str, remediation: &Value) -> String {
    json!({
        "admin": { "token": "secret" },
        "models": [{ "match": { "path_prefix": "/v2" }, "protocol": "open_inference" }],
        "experiments": [{
            "name": "e", "unit": { "header": "x-user" },
            "variants": [{ "name": "control", "weight": 0.5 }, { "name": "treatment", "weight": 0.5 }],
        }],
        "alerts": [{
            "name": "errors", "actions": [action],
            "when": "sum(inference_requests_total{status=\"server_error\"}) > 10",
        }],
        "remediation": remediation,
    })
    .to_string()
}

fn worker(host: &MockHost, config: &str) -> Worker {
    Worker::configure(host, config.as_bytes()).unwrap()
}

fn iris(user: u32, status: u64) -> Exchange {
    let mut exchange = Exchange { status: Some(status), ..Exchange::iris() };
    exchange.request_headers.push(("x-user", user.to_string().into_bytes()));
    exchange
}

/// How many of 200 users get the treatment.
fn treated(host: &MockHost, worker: &mut Worker, status: u64) -> usize {
    let users = 0..200;
    let is_treated = |user: &u32| {
        iris(*user, status).run(host, worker);
        host.request_header("x-tidegate-variant").as_deref() == Some("treatment")
    };
    users.filter(is_treated).count()
}

fn tick(host: &MockHost, workers: &mut [&mut Worker]) {
    host.advance_millis(1_000);
    for worker in workers {
        worker.tick(host, false);
    }
}

fn snapshot(host: &MockHost, worker: &mut Worker) -> Value {
    serde_json::from_slice(&ask(host, worker, "GET", "/.tidegate/v1/snapshot").body).unwrap()
}

#[test]
fn the_users_of_a_failing_treatment_get_control_within_two_ticks_whoever_leads() {
    let host = MockHost::default();
    let config = config("rollback:e/treatment", &json!({}));
    let (mut leader, mut other) = (worker(&host, &config), worker(&host, &config));
    tick(&host, &mut [&mut leader, &mut other]);
    assert!(treated(&host, &mut other, 503) > 50);
    tick(&host, &mut [&mut other, &mut leader]);
    tick(&host, &mut [&mut other, &mut leader]);
    assert_eq!((treated(&host, &mut other, 200), treated(&host, &mut leader, 200)), (0, 0));
    let seen = snapshot(&host, &mut leader);
    assert_eq!(seen["decisions"].as_array().unwrap().len(), 1);
    assert_eq!(seen["decisions"][0]["to"], "rolled_back");
    let metrics = ask(&host, &mut leader, "GET", "/.tidegate/v1/metrics").body;
    let metrics = String::from_utf8(metrics).unwrap();
    let share = "tidegate_variant_share_kept{test_name=\"e\",variant=\"treatment\"} 0.0\n";
    assert!(metrics.contains(share), "{metrics}");
    assert_eq!(seen["decisions"][0]["evidence"]["alert"], "errors");
    // Shares that a rollback changed are no sign of anything, in one gateway or in a sum of many.
    let mergeable = ask(&host, &mut leader, "GET", "/.tidegate/v1/snapshot?mergeable=true").body;
    let merged = format!("[{}]", String::from_utf8(mergeable).unwrap());
    let merged = merge_snapshots_from_json(&merged).unwrap();
    assert_eq!(seen["experiments"][0]["sample_ratio_p_value"], Value::Null);
    assert_eq!(merged.experiments[0].sample_ratio_p_value, None);

    // Another leads on, and says nothing twice; a worker that comes later acts on it at once.
    drop(leader);
    host.advance_millis(60_000);
    tick(&host, &mut [&mut other]);
    tick(&host, &mut [&mut other]);
    let mut late = worker(&host, &config);
    assert_eq!((treated(&host, &mut other, 200), treated(&host, &mut late, 200)), (0, 0));
    let metrics = ask(&host, &mut other, "GET", "/.tidegate/v1/metrics").body;
    let of = |label| sum(&metrics, "tidegate_decisions_total", label);
    assert_eq!((of("action=\"rollback\""), of("to=\"rolled_back\"")), (1, 1));
    assert_eq!(sum(&metrics, "tidegate_leader_changes_total", ""), 1);
}

#[test]
fn a_config_without_the_action_gives_the_variant_back() {
    let host = MockHost::default();
    let with = config("rollback:e/treatment", &json!({}));
    let mut first = worker(&host, &with);
    tick(&host, &mut [&mut first]);
    treated(&host, &mut first, 503);
    tick(&host, &mut [&mut first]);
    assert_eq!(treated(&host, &mut first, 200), 0);
    first.close(&host);
    let mut second = worker(&host, &config("retrain:iris", &json!({})));
    tick(&host, &mut [&mut second]);
    assert!(treated(&host, &mut second, 200) > 50);

    // Its users had two variants: nothing is made of the shares of an experiment that was touched.
    let conversion = json!({"type": "conversion", "experiment": "e", "unit": "7"}).to_string();
    let told = Exchange {
        path: "/.tidegate/v1/events".into(),
        request_headers: vec![("authorization", b"Bearer secret".to_vec())],
        request_chunks: vec![conversion.into_bytes()],
        ..Exchange::iris()
    };
    told.run(&host, &mut second);
    tick(&host, &mut [&mut second]);
    let seen = snapshot(&host, &mut second);
    assert_eq!(seen["experiments"][0]["sample_ratio_p_value"], Value::Null);
    let metrics = ask(&host, &mut second, "GET", "/.tidegate/v1/metrics").body;
    let conversions = |variant| sum(&metrics, "ab_test_conversions_total", variant);
    assert_eq!((conversions("\"other\""), conversions("")), (1, 1));
}

#[test]
fn a_dry_run_decides_and_changes_nothing() {
    let host = MockHost::default();
    let mut worker = worker(&host, &config("rollback:e/treatment", &json!({ "dry_run": true })));
    tick(&host, &mut [&mut worker]);
    let before = treated(&host, &mut worker, 503);
    tick(&host, &mut [&mut worker]);
    assert_eq!(treated(&host, &mut worker, 200), before);
    let seen = snapshot(&host, &mut worker);
    let decision = &seen["decisions"][0];
    assert_eq!((&decision["to"], &decision["dry_run"]), (&json!("rolled_back"), &json!(true)));
    let metrics = ask(&host, &mut worker, "GET", "/.tidegate/v1/metrics").body;
    assert_eq!(sum(&metrics, "tidegate_decisions_total", "dry_run=\"true\""), 1);
}

#[test]
fn an_open_circuit_answers_for_the_model_and_probes_close_it() {
    let host = MockHost::default();
    let circuit = json!({ "circuit": { "open_seconds": 30, "probe_share": 0.25, "probes": 20 } });
    let config = config("circuit:iris", &circuit);
    let mut worker = worker(&host, &config);
    tick(&host, &mut [&mut worker]);
    treated(&host, &mut worker, 503);
    tick(&host, &mut [&mut worker]);
    treated(&host, &mut worker, 200);
    let metrics = ask(&host, &mut worker, "GET", "/.tidegate/v1/metrics").body;
    let metrics = String::from_utf8(metrics).unwrap();
    assert!(
        metrics.contains("tidegate_circuit_share_passed{model_name=\"iris\"} 0.0\n"),
        "{metrics}"
    );
    let replies = std::mem::take(&mut *host.replies.borrow_mut());
    assert_eq!(replies.len(), 200);
    assert!(replies.iter().all(|it| it.status == 503 && it.headers[1].0 == "retry-after"));
    let other = Exchange { path: "/v2/models/wine/infer".into(), ..iris(1, 200) };
    other.run(&host, &mut worker);
    assert_eq!(host.replies.borrow().len(), 0, "another model is asked");

    host.advance_millis(30_000);
    tick(&host, &mut [&mut worker]);
    treated(&host, &mut worker, 200);
    assert_eq!(std::mem::take(&mut *host.replies.borrow_mut()).len(), 150, "a quarter are probes");
    tick(&host, &mut [&mut worker]);
    treated(&host, &mut worker, 200);
    assert_eq!(host.replies.borrow().len(), 0);
    let metrics = ask(&host, &mut worker, "GET", "/.tidegate/v1/metrics").body;
    let text = String::from_utf8(metrics.clone()).unwrap();
    assert!(text.lines().any(|l| l.contains("circuit_open") && l.ends_with(" 350")), "{text}");
    for to in ["open", "half_open", "closed"] {
        let label = format!("to=\"{to}\"");
        assert_eq!(sum(&metrics, "tidegate_decisions_total", &label), 1, "{to}");
    }
}

/// A worker with a config of this fallback, whose circuit of `iris` is open.
fn open_circuit(host: &MockHost, fallback: &Value) -> Worker {
    let mut config: Value = serde_json::from_str(&config("circuit:iris", &json!({}))).unwrap();
    config["models"][0]["fallback"] = fallback.clone();
    let mut worker = worker(host, &config.to_string());
    tick(host, &mut [&mut worker]);
    treated(host, &mut worker, 503);
    tick(host, &mut [&mut worker]);
    worker
}

#[test]
fn an_open_circuit_sends_requests_to_the_fallback_and_counts_them_apart() {
    let host = MockHost::default();
    let mut worker = open_circuit(&host, &json!({ "cluster": "backup" }));
    let mut exchange = iris(1, 200);
    exchange.request_headers.push(("x-tidegate-fallback", b"elsewhere".to_vec()));
    exchange.run(&host, &mut worker);
    assert_eq!(host.request_header("x-tidegate-fallback").as_deref(), Some("backup"));
    assert_eq!(host.request_header("x-tidegate-variant"), None, "no variant answers it");
    assert_eq!(host.replies.borrow().len(), 0);
    tick(&host, &mut [&mut worker]);
    let metrics = ask(&host, &mut worker, "GET", "/.tidegate/v1/metrics").body;
    let requests = |label| sum(&metrics, "inference_requests_total", label);
    assert_eq!(requests("model_name=\"iris-fallback\""), 1);
    assert_eq!(requests("model_name=\"iris\""), 200);
    assert_eq!(sum(&metrics, "ab_test_requests_total", ""), 200);

    // A client cannot send itself there.
    exchange.path = "/v2/models/wine/infer".into();
    exchange.run(&host, &mut worker);
    assert_eq!(host.request_header("x-tidegate-fallback"), None);
}

#[test]
fn an_open_circuit_answers_as_it_was_told() {
    let host = MockHost::default();
    let reply = json!({ "status": 429, "body": "later", "headers": { "Retry-After": "60" } });
    let mut worker = open_circuit(&host, &json!({ "reply": reply }));
    iris(1, 200).run(&host, &mut worker);
    let reply = host.replies.borrow_mut().pop().unwrap();
    assert_eq!((reply.status, reply.body.as_slice()), (429, &b"later"[..]));
    assert_eq!(reply.further_headers, [("retry-after".to_string(), "60".to_string())]);
    assert_eq!(reply.headers, []);
}

#[test]
fn a_circuit_of_a_model_that_only_bodies_name_needs_its_name() {
    for (name, action, is_right) in [
        (None, "circuit:gpt", false),
        (Some("gpt"), "circuit:gpt", true),
        (Some("gpt"), "circuit:other", false),
        (None, "retrain:gpt", true),
    ] {
        let mut config: Value = serde_json::from_str(&config(action, &json!({}))).unwrap();
        config["models"][0] = json!({ "match": { "path_prefix": "/v1" }, "protocol": "openai" });
        if let Some(name) = name {
            config["models"][0]["name"] = json!(name);
        }
        let worker = Worker::configure(&MockHost::default(), config.to_string().as_bytes());
        assert_eq!(worker.is_ok(), is_right, "{name:?} {action}");
    }
}

#[test]
fn every_problem_of_a_fallback_has_its_place() {
    for (fallback, expected) in [
        (json!({ "cluster": "b" }), &[][..]),
        (json!({ "reply": {} }), &[]),
        (json!({}), &["/models/0/fallback"]),
        (json!({ "cluster": "b", "reply": {} }), &["/models/0/fallback"]),
        (json!({ "cluster": "a b" }), &["/models/0/fallback/cluster"]),
        (
            json!({ "reply": { "status": 99, "body": 1, "headers": { "grpc-status": "0" } } }),
            &[
                "/models/0/fallback/reply/status",
                "/models/0/fallback/reply/body",
                "/models/0/fallback/reply/headers/grpc-status",
            ],
        ),
    ] {
        let mut config: Value = serde_json::from_str(&config("circuit:iris", &json!({}))).unwrap();
        config["models"][0]["fallback"] = fallback;
        let problems = Worker::configure(&MockHost::default(), config.to_string().as_bytes()).err();
        let problems = problems.unwrap_or_default();
        let pointers: Vec<_> = problems.iter().map(|problem| problem.pointer.as_str()).collect();
        assert_eq!(pointers, expected, "{problems:?}");
    }
}

#[test]
fn every_problem_of_the_policies_has_its_place() {
    let check = |action: &str, remediation: Value, expected: &[&str]| {
        let config = config(action, &remediation);
        let problems = Worker::configure(&MockHost::default(), config.as_bytes());
        let problems = problems.err().unwrap_or_default();
        let pointers: Vec<_> = problems.iter().map(|problem| problem.pointer.as_str()).collect();
        assert_eq!(pointers, expected, "{problems:?}");
    };
    let good = json!({
        "dry_run": false,
        "rollback": { "ramp_after_seconds": 60, "ramp": [0.1, 0.5], "hold_seconds": 5, "attempts": 1 },
        "circuit": { "open_seconds": 1, "max_open_seconds": 2, "probe_share": 1, "probes": 1,
                     "max_failure_share": 0, "max_probe_seconds": 9 },
        "retrain": { "cool_down_seconds": 1, "attempts": 0, "budget_seconds": 1 },
    });
    check("rollback:e/treatment", good, &[]);
    check("rollback:e/control", json!({}), &["/alerts/0/actions/0"]);
    check("rollback:e/other", json!({}), &["/alerts/0/actions/0"]);
    check("circuit:any", json!({}), &[]);
    check("rollback:f/treatment", json!({}), &["/alerts/0/actions/0"]);
    check(
        "retrain:iris",
        json!({
            "dry_run": 1,
            "rollback": { "ramp": [0.5, 0.1], "attempts": -1 },
            "circuit": { "open_seconds": 20, "max_open_seconds": 10, "probes": 5, "probe_share": 1 },
            "retrain": { "cool_down": 5 },
        }),
        &[
            "/remediation/dry_run",
            "/remediation/rollback/ramp/1",
            "/remediation/rollback/attempts",
            "/remediation/circuit/max_open_seconds",
            "/remediation/retrain/cool_down",
        ],
    );
}
