//! The examples of `envoy/events` run as they are, against a gateway, and their events are in its metrics.

use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::harness::{Gateway, ModelProcess, TOKEN, admin_config};

/// Runs one with what its README says to set, and returns what it prints.
fn run(gateway: &Gateway, program: &str, example: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../envoy/events");
    let output = Command::new(program)
        .arg(folder.join(example))
        .env("TIDEGATE_URL", format!("http://{}/.tidegate", gateway.address))
        .env("TIDEGATE_TOKEN", TOKEN)
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{example}: {printed}{complaint}");
    printed.into_owned()
}

fn start(scenario: &str) -> (ModelProcess, Gateway) {
    let model = ModelProcess::start("v1", &[]);
    let plugin = json!({ "admin": admin_config() }).to_string();
    let gateway = Gateway::before(scenario, Some(&plugin), model.address);
    gateway.settle();
    (model, gateway)
}

#[test]
fn the_python_examples_tell_what_they_say() {
    let (_model, gateway) = start("examples-python");
    for example in ["training.py", "feature_store.py", "explanations.py"] {
        assert_eq!(run(&gateway, "python3", example), "", "{example}: an event was refused");
    }
    let figure = |example| {
        let said = run(&gateway, "python3", example);
        said.trim().rsplit(' ').next().unwrap().parse::<f64>().unwrap()
    };
    let (accuracy, clicked) = (figure("labels.py"), figure("business.py"));
    let metrics = gateway.settled_metrics();

    let job = [("job_id", "example")];
    assert_eq!(metrics.sum("training_step", &job), 40.0);
    assert_eq!(metrics.sum("training_epoch", &job), 5.0);
    assert!((0.1..0.69).contains(&metrics.sum("training_loss", &job)));
    let set = [("feature_set", "user")];
    assert_eq!(metrics.sum("feature_retrieval_duration_seconds_count", &set), 600.0);
    assert_eq!(metrics.sum("feature_cache_hit_rate", &set), 400.0 / 600.0);
    let age = [("feature_set", "user"), ("feature_name", "age")];
    assert!((3600.0..4600.0).contains(&metrics.sum("feature_freshness_seconds", &age)));
    let income = [("model_name", "credit"), ("feature_name", "income")];
    assert_eq!(metrics.sum("feature_importance_score_count", &income), 300.0);
    assert_eq!(metrics.sum("feature_importance_rank", &income), 1.0);
    assert_eq!(metrics.sum("model_accuracy", &[("model_name", "loans")]), accuracy);
    let clicks = [("model_name", "ranker"), ("metric", "click_through")];
    assert_eq!(metrics.sum("model_business_events_total", &clicks), 300.0);
    assert!((metrics.sum("model_business_metric", &clicks) - clicked).abs() < 1e-12);
}

#[test]
fn the_curl_examples_tell_what_they_say() {
    let (_model, gateway) = start("examples-curl");
    for (example, taken) in [
        ("training.sh", 2),
        ("feature_store.sh", 2),
        ("explanations.sh", 1),
        ("labels.sh", 3),
        ("business.sh", 3),
    ] {
        let receipt = run(&gateway, "bash", example);
        let receipt: serde_json::Value = serde_json::from_str(&receipt).unwrap();
        assert_eq!(receipt, json!({ "taken": taken, "refused": [] }), "{example}");
    }
    let metrics = gateway.settled_metrics();
    assert_eq!(metrics.sum("training_loss", &[("job_id", "nightly")]), 0.31);
    assert_eq!(metrics.sum("feature_cache_hit_rate", &[("feature_set", "basket")]), 1.0);
    assert_eq!(metrics.sum("feature_importance_score_count", &[("model_name", "iris")]), 2.0);
    assert_eq!(metrics.sum("model_labels_total", &[("outcome", "joined")]), 1.0);
    assert_eq!(metrics.sum("model_business_value", &[("metric", "revenue")]), 12.5);
}
