//! A fleet of three gateways before a real Prometheus: what its rules say of all of them is what the core says of
//! their profiles, added.

use std::fmt::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::json;
use tidegate_core::compare::{CompareOptions, compare_profiles};
use tidegate_core::profile::Profile;
use tidegate_stats::Method;

use crate::gateway::{self, Gateway};
use crate::prometheus::{Exporter, Prometheus, folder, installed};
use crate::scrape;

/// Relative difference that an index may have: that of sums in another order.
const TOLERANCE: f64 = 1e-12;

/// The samples with a time: then all gateways' counts are of the same moment, and exact in Prometheus too, which
/// otherwise draws each one's increase out to the end of the range.
fn at(text: &str, seconds: u64) -> String {
    let mut timed = String::new();
    for line in text.lines() {
        let time = if line.starts_with('#') { String::new() } else { format!(" {}000", seconds) };
        writeln!(timed, "{line}{time}").unwrap();
    }
    timed
}

#[test]
fn the_index_of_the_fleet_is_that_of_its_added_profiles() {
    let Some(program) = installed("prometheus") else { return };
    let mut gateways: Vec<Gateway> = (0..3).map(|_| Gateway::new()).collect();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let exporters: Vec<Exporter> = gateways
        .iter_mut()
        .map(|gateway| {
            // One request without a value: the reference is there, and all of its counts are 0.
            gateway.post(&[json!({
                "type": "inference", "model_name": "iris", "model_version": "1", "status": "client_error",
                "latency_seconds": { "total": 0.004 },
            })]);
            Exporter::start(at(&gateway.metrics(), now - 60))
        })
        .collect();
    let folder = folder("fleet");
    let addresses: Vec<_> = exporters.iter().map(|exporter| exporter.address).collect();
    let config = scrape::config(&folder, &addresses[..2], &addresses[2..]);
    let prometheus = Prometheus::start(&program, &config, &folder);
    prometheus.wait_for("count by (instance) (feature_bin_total)", 3);
    assert_eq!(prometheus.wait_for("up == 1", 3).len(), 3);

    for ((gateway, exporter), (count, stride)) in
        gateways.iter_mut().zip(&exporters).zip([(1_500, 7), (400, 211), (2_300, 13)])
    {
        gateway.post(&gateway::inferences(count, stride));
        exporter.say(at(&gateway.metrics(), now));
    }
    let profiles = gateways.iter_mut().map(Gateway::profile);
    let merged = profiles.reduce(|one, other| one.merge(&other).unwrap()).unwrap();
    let reference = Profile::from_json(&gateway::reference().to_string()).unwrap();
    let report = compare_profiles(&reference, &merged, &CompareOptions::default()).unwrap();

    // 4,200 values of each feature, drawn out to the end of the range alike.
    prometheus.wait_for("sum by (feature_name) (feature_bin_total) == 4200", 2);
    // An index of before then may be of some gateways only.
    let complete = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64();
    let scores = ["feature", "prediction"].map(|kind| {
        let score = format!("fleet:{kind}_drift_score:psi1h");
        prometheus.wait_for(&format!("{score} and timestamp({score}) > {complete}"), 2)
    });
    for column in &report.columns {
        let of_column = |series: &&crate::prometheus::Series| {
            let label = series.labels.get("feature_name").or(series.labels.get("column"));
            label == Some(&column.name)
        };
        let score = scores.iter().flatten().find(of_column).unwrap().value;
        let index = column.tests.iter().find(|test| test.method == Method::Psi).unwrap().statistic;
        let difference = (score / index - 1.0).abs();
        assert!(index > 0.01, "{}: {index} would not tell a mistake", column.name);
        assert!(difference < TOLERANCE, "{}: {score} of {index}, {difference:e}", column.name);
    }

    // A quantile is known up to its bucket: the core's own, finer one is in the same.
    let mut all = Gateway::new();
    for (count, stride) in [(1_500, 7), (400, 211), (2_300, 13)] {
        all.post(&gateway::inferences(count, stride));
    }
    all.metrics();
    let version = &all.snapshot()["models"][0]["versions"][0];
    let latencies = version["latency"].as_array().unwrap();
    let total = latencies.iter().find(|latency| latency["stage"] == "total").unwrap();
    for (quantile, field) in [("0.5", "p50"), ("0.95", "p95"), ("0.99", "p99")] {
        let selector = format!("{{quantile=\"{quantile}\", stage=\"total\"}}");
        let name = format!("fleet:inference_latency_seconds:quantile5m{selector} > 0");
        let approximate = prometheus.wait_for(&name, 1)[0].value;
        let exact = total["seconds"][field].as_f64().unwrap_or_else(|| panic!("{total}"));
        let bucket = |seconds: f64| {
            tidegate_core::pane::LATENCY_SECONDS_BUCKETS.partition_point(|bound| *bound < seconds)
        };
        assert_eq!(bucket(approximate), bucket(exact), "{quantile}: {approximate} and {exact}");
    }
}
