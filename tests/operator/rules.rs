//! Recording rules and alerts: their forms, their metrics, and their own tests.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use crate::expression::metrics;
use crate::files::{read, root};
use crate::gateway;
use crate::prometheus::installed;
use crate::yaml;

/// The rules of a file, in their order.
fn rules(file: &str) -> Vec<Value> {
    let document = yaml::document(&read(file));
    let groups = document["groups"].as_array().unwrap();
    groups.iter().flat_map(|group| group["rules"].as_array().unwrap().clone()).collect()
}

/// Names of the series that the recording rules make.
pub fn recorded() -> BTreeSet<String> {
    let rules = rules("prometheus/recording.rules.yaml");
    rules.iter().map(|rule| rule["record"].as_str().unwrap().to_string()).collect()
}

#[test]
fn every_metric_of_a_rule_is_one_that_a_gateway_says() {
    let said = gateway::sample_names(&gateway::busy_metrics());
    let mut recorded = BTreeSet::from(["up".to_string()]);
    let mut unknown = Vec::new();
    let all = ["recording", "alerts"]
        .map(|name| rules(&format!("prometheus/{name}.rules.yaml")))
        .concat();
    for rule in all {
        for name in metrics(rule["expr"].as_str().unwrap()) {
            if !said.contains(&name) && !recorded.contains(&name) {
                unknown.push(name);
            }
        }
        if let Some(name) = rule["record"].as_str() {
            assert!(name.starts_with("fleet:"), "{name}");
            recorded.insert(name.to_string());
        }
    }
    assert!(unknown.is_empty(), "neither said nor recorded before: {unknown:?}");
}

#[test]
fn every_alert_says_what_happened_and_is_tested() {
    let tests = yaml::document(&read("prometheus/rules.test.yaml"));
    let fired: Vec<&str> = tests["tests"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|test| test["alert_rule_test"].as_array().unwrap())
        .filter(|test| !test["exp_alerts"].as_array().unwrap().is_empty())
        .map(|test| test["alertname"].as_str().unwrap())
        .collect();
    for rule in rules("prometheus/alerts.rules.yaml") {
        let name = rule["alert"].as_str().unwrap();
        assert!(
            rule["annotations"]["summary"].as_str().unwrap().ends_with('.')
                || name.ends_with("Drift"),
            "{name}"
        );
        assert!(fired.contains(&name), "{name} fires in no test");
    }
}

#[test]
fn the_rules_pass_their_own_tests() {
    let Some(promtool) = installed("promtool") else { return };
    for arguments in [
        &["check", "rules", "recording.rules.yaml", "alerts.rules.yaml"][..],
        &["test", "rules", "rules.test.yaml"],
    ] {
        let folder = root().join("prometheus");
        let output = Command::new(&promtool).args(arguments).current_dir(folder).output().unwrap();
        let said =
            String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}");
    }
}
