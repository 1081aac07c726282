//! A filter that comes by its own discovery service, as Istio delivers a `WasmPlugin`: the listener and its
//! connections stay, and the next request on any of them meets the new filter.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use tidegate_demo::envoy::config;

use crate::harness::{Gateway, ModelProcess, Setup, program, tidegate, wait_for};
use crate::updates::{plugin, while_requests_flow};

struct Discovery {
    gateway: Gateway,
    file: PathBuf,
}

impl Discovery {
    fn start(scenario: &str, model: &ModelProcess) -> Self {
        let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{scenario}.ecds.json"));
        write(&file, &tidegate(&plugin(1)));
        let setup = Setup {
            scenario,
            filter: Some(config::discovered_filter("tidegate", &file)),
            routes: vec![config::route("model")],
            clusters: &[config::cluster("model", model.address)],
            change_listener: |_| {},
            options: &[],
        };
        Self { gateway: setup.start(), file }
    }

    /// Puts another filter in the place of the one that runs, and tells whether Envoy took it.
    fn update(&self, filter: &Value) -> bool {
        let outcomes = || {
            ["config_reload", "config_fail"].map(|name| {
                let prefix = "extension_config_discovery.http_filter.tidegate";
                self.gateway.envoy.stat(&format!("{prefix}.{name}")).unwrap()
            })
        };
        let [reloads, failures] = outcomes();
        write(&self.file, filter);
        wait_for("Envoy to take or refuse a filter", || {
            let [now_reloads, now_failures] = outcomes();
            if now_failures > failures {
                return Some(false);
            }
            (now_reloads > reloads).then_some(true)
        })
    }
}

impl Drop for Discovery {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.file);
    }
}

fn write(file: &Path, filter: &Value) {
    let draft = file.with_extension("draft");
    fs::write(&draft, config::ecds(filter).to_string()).unwrap();
    fs::rename(&draft, file).unwrap();
}

#[test]
fn requests_on_a_connection_meet_the_newest_filter_and_each_counts_once() {
    let model = ModelProcess::start("v1", &[]);
    let discovery = Discovery::start("discovery", &model);
    let gateway = &discovery.gateway;
    let other = config::wasm_filter("tidegate", &program("TIDEGATE_TRAP"), &plugin(1));
    let wrong = tidegate(r#"{"models": 1}"#);
    let answered = while_requests_flow(gateway, || {
        for filter in [&tidegate(&plugin(2)), &tidegate(&plugin(3)), &other] {
            assert!(discovery.update(filter));
            std::thread::sleep(Duration::from_millis(300));
        }
        assert!(
            !discovery.update(&wrong),
            "what is wrong is refused, and the one before serves on"
        );
        std::thread::sleep(Duration::from_secs(2));
        assert!(discovery.update(&tidegate(&plugin(1))));
        std::thread::sleep(Duration::from_secs(2));
    });
    assert_eq!(model.requests(), answered, "no connection was closed, so each was answered");
    let metrics = gateway.settled_metrics();
    let success = [("status", "success")];
    assert_eq!(metrics.sum("inference_requests_total", &success), answered as f64);
    assert_eq!(metrics.sum("inference_requests_total", &[]), answered as f64);
    assert_eq!(metrics.sum("inference_batch_size_count", &[]), answered as f64);
    assert_eq!(metrics.sum("tidegate_state_resets_total", &[]), 0.0);
    assert_eq!(metrics.sum("tidegate_members", &[]), 3.0, "two workers and the main thread");
    assert_eq!(metrics.sum("tidegate_silent_members", &[]), 0.0);
}
