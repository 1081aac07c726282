//! The scrape configs, with the addresses and the pace of a test.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::files::{read, root};
use crate::gateway::TOKEN;
use crate::prometheus::{folder, installed};
use crate::yaml;

const TOKEN_FILE: &str = "tidegate-token";

/// The shipped config with these gateways: those whose addresses are known, and those that are pods. Only what a
/// test must change is changed: addresses, pace, the folder, and where pods are found, for Debian's Prometheus is
/// built without Kubernetes.
pub fn config(folder: &Path, known: &[SocketAddr], pods: &[SocketAddr]) -> Value {
    fs::write(folder.join(TOKEN_FILE), TOKEN).unwrap();
    let targets = |addresses: &[SocketAddr]| -> Vec<String> {
        addresses.iter().map(SocketAddr::to_string).collect()
    };
    let mut config = yaml::document(&read("prometheus/prometheus.yaml"));
    config["global"] = json!({ "scrape_interval": "1s", "evaluation_interval": "1s" });
    for file in config["rule_files"].as_array_mut().unwrap() {
        *file = json!(root().join("prometheus").join(file.as_str().unwrap()));
    }
    let jobs = config["scrape_configs"].as_array_mut().unwrap();
    jobs[0]["static_configs"][0]["targets"] = json!(targets(known));
    let pods_job = yaml::document(&read("prometheus/kubernetes.scrape.yaml"));
    let mut pods_job = pods_job["scrape_configs"][0].clone();
    let discovery = pods_job.as_object_mut().unwrap().remove("kubernetes_sd_configs").unwrap();
    assert_eq!(discovery, json!([{ "role": "pod" }]));
    pods_job["file_sd_configs"] = json!([{ "files": [folder.join("pods.json")] }]);
    jobs.push(pods_job);
    // What Kubernetes says of a pod, under the names that Prometheus gives it.
    let pod = |(index, address): (usize, &SocketAddr)| {
        json!({ "targets": ["127.0.0.1:1"], "labels": {
            "__meta_kubernetes_pod_annotation_tidegate_dev_scrape": "true",
            "__meta_kubernetes_pod_annotation_tidegate_dev_port": address.port().to_string(),
            "__meta_kubernetes_pod_ip": address.ip().to_string(),
            "__meta_kubernetes_pod_phase": "Running",
            "__meta_kubernetes_pod_name": format!("gateway-{index}"),
            "__meta_kubernetes_namespace": "models",
        }})
    };
    let mut found: Vec<Value> = pods.iter().enumerate().map(pod).collect();
    found.push(json!({ "targets": ["127.0.0.1:1"], "labels": { "__meta_kubernetes_pod_ip": "127.0.0.1" } }));
    fs::write(folder.join("pods.json"), json!(found).to_string()).unwrap();
    config
}

#[test]
fn prometheus_takes_the_scrape_configs() {
    for (file, job) in
        [("prometheus.yaml", "tidegate"), ("kubernetes.scrape.yaml", "tidegate-pods")]
    {
        let config = yaml::document(&read(&format!("prometheus/{file}")));
        let job_config = &config["scrape_configs"][0];
        assert_eq!(job_config["job_name"], job);
        assert_eq!(job_config["metrics_path"], crate::gateway::METRICS_PATH);
        let token = json!({ "type": "Bearer", "credentials_file": TOKEN_FILE });
        assert_eq!(job_config["authorization"], token, "no token stands in the file itself");
    }
    let Some(promtool) = installed("promtool") else { return };
    let folder = folder("scrape");
    let here = SocketAddr::from(([127, 0, 0, 1], 1));
    fs::write(folder.join("all.yaml"), config(&folder, &[here], &[here]).to_string()).unwrap();
    let output = Command::new(promtool)
        .args(["check", "config"])
        .arg(folder.join("all.yaml"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
