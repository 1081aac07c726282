//! The dashboard: every query names what a gateway says, is taken by a real Prometheus, and shows something.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::expression::metrics;
use crate::files::read;
use crate::gateway;
use crate::prometheus::{Exporter, Prometheus, folder, installed, wait_for};
use crate::{rules, scrape};

/// What Prometheus itself says of its targets.
const OF_PROMETHEUS: &[&str] = &["up", "scrape_samples_post_metric_relabeling"];

fn dashboard() -> Value {
    serde_json::from_str(&read("grafana/tidegate.dashboard.json")).unwrap()
}

fn panels(dashboard: &Value) -> impl Iterator<Item = &Value> {
    dashboard["panels"].as_array().unwrap().iter().filter(|panel| panel["type"] != "row")
}

/// Titles and queries, the variables as Grafana sets them at first.
fn queries(dashboard: &Value) -> Vec<(String, String)> {
    let of_panel = |panel: &Value| -> Vec<(String, String)> {
        let title = panel["title"].as_str().unwrap();
        let targets = panel["targets"].as_array().unwrap().iter();
        targets
            .map(|target| (title.to_string(), filled(target["expr"].as_str().unwrap())))
            .collect()
    };
    panels(dashboard).flat_map(of_panel).collect()
}

fn filled(expression: &str) -> String {
    let filled = expression
        .replace("$__rate_interval", "1m")
        .replace("\"$model\"", "\".*\"")
        .replace("\"$feature\"", "\".*\"");
    assert!(!filled.contains("\"$"), "a variable that is not set: {filled}");
    filled
}

#[test]
fn every_panel_is_explained_and_names_what_a_gateway_says() {
    let dashboard = dashboard();
    let said = gateway::sample_names(&gateway::busy_metrics());
    let recorded = rules::recorded();
    let unknown: BTreeSet<String> = queries(&dashboard)
        .iter()
        .flat_map(|(_, query)| metrics(query))
        .filter(|name| !said.contains(name) && !recorded.contains(name))
        .filter(|name| !OF_PROMETHEUS.contains(&name.as_str()))
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    let mut ids = BTreeSet::new();
    for panel in panels(&dashboard) {
        assert!(ids.insert(panel["id"].as_u64().unwrap()), "ids are not repeated");
        assert!(panel["description"].as_str().unwrap().ends_with('.'), "{}", panel["title"]);
        assert!(panel["fieldConfig"]["defaults"]["unit"].is_string(), "{}", panel["title"]);
        for target in panel["targets"].as_array().unwrap() {
            assert!(!target["legendFormat"].as_str().unwrap().is_empty(), "{}", panel["title"]);
            assert_eq!(target["datasource"]["uid"], "${datasource}", "it is nobody's own");
        }
    }
    for variable in dashboard["templating"]["list"].as_array().unwrap() {
        if variable["type"] == "query" {
            let query = variable["query"]["query"].as_str().unwrap();
            let (metric, label) =
                query.strip_prefix("label_values(").unwrap().split_once(", ").unwrap();
            assert!(metrics(metric).is_subset(&said), "{query}");
            assert!(label.ends_with(')'), "{query}");
        }
    }
}

#[test]
fn every_query_shows_something() {
    let Some(program) = installed("prometheus") else { return };
    let folder = folder("dashboard");
    let mut gateway = gateway::busy();
    let exporter = Exporter::start(gateway.metrics());
    let config = scrape::config(&folder, &[exporter.address], &[]);
    let prometheus = Prometheus::start(&program, &config, &folder);
    prometheus.wait_for("up == 1", 1);
    gateway.tell_all();
    exporter.say(gateway.metrics());
    let dashboard = dashboard();
    for (title, query) in queries(&dashboard) {
        wait_for(&format!("a series of {title}: {query}"), || {
            let series =
                prometheus.query(&query).unwrap_or_else(|error| panic!("{title}: {error}"));
            series.iter().any(|series| series.value.is_finite()).then_some(())
        });
    }
    // In OpenMetrics, as Prometheus asks for it, and without what that adds.
    let created = prometheus.query("count({__name__=~\".+_created\"})").unwrap();
    assert!(created.is_empty(), "{created:?}");
    let dropped = "scrape_samples_scraped > scrape_samples_post_metric_relabeling";
    assert_eq!(prometheus.query(dropped).unwrap().len(), 1, "there was something to drop");
    let targets = prometheus.get("/api/v1/targets");
    assert_eq!(targets["data"]["activeTargets"][0]["lastError"], "");
    // And every rule that has anything to say was evaluated without an error.
    let groups = prometheus.get("/api/v1/rules");
    for group in groups["data"]["groups"].as_array().unwrap() {
        for rule in group["rules"].as_array().unwrap() {
            assert_eq!(rule["health"], "ok", "{rule}");
        }
    }
}
