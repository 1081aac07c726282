//! An Envoy with two workers and, if wanted, Tidegate before its router.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};
use tidegate_demo::client::{Client, Response};
use tidegate_demo::envoy::{Envoy, config};

use super::{Metrics, program, wait_for};

/// The token of every scenario's admin API.
pub const TOKEN: &str = "e2e-token";

const WORKERS: u32 = 2;

/// Two ticks and a little: by then, what workers recorded is in what the leader publishes.
const TWO_TICKS: Duration = Duration::from_millis(2500);

/// The `admin` part of a plugin config.
pub fn admin_config() -> Value {
    json!({ "path": "/.tidegate", "token": TOKEN, "cors_origins": ["http://explorer.test"] })
}

/// A running gateway. Its folder goes when the scenario passed, and stays when it failed.
pub struct Gateway {
    pub envoy: Envoy,
    pub address: SocketAddr,
    routes: Vec<Value>,
    lds_file: PathBuf,
}

impl Gateway {
    /// Starts an Envoy for one scenario. Without a plugin config there is no filter.
    pub fn start(
        scenario: &str,
        plugin: Option<&str>,
        routes: Vec<Value>,
        clusters: &[Value],
    ) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("e2e").join(scenario);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let lds_file = folder.join("lds.json");
        write_listener(&lds_file, plugin, &routes);
        let bootstrap = config::bootstrap_with_lds(&lds_file, clusters);
        let envoy = Envoy::start(&program("TIDEGATE_ENVOY"), &bootstrap, &folder, WORKERS).unwrap();
        let address = envoy.listener(config::LISTENER).unwrap();
        Self { envoy, address, routes, lds_file }
    }

    /// As [`Gateway::start`], with one upstream for everything.
    pub fn before(scenario: &str, plugin: Option<&str>, upstream: SocketAddr) -> Self {
        let clusters = [config::cluster("model", upstream)];
        Self::start(scenario, plugin, vec![config::route("model")], &clusters)
    }

    /// Gives the plugin another config, and tells whether Envoy took it.
    pub fn update(&self, plugin: &str) -> bool {
        let outcomes = || {
            ["update_success", "update_rejected"]
                .map(|name| self.envoy.stat(&format!("listener_manager.lds.{name}")).unwrap())
        };
        let [successes, rejections] = outcomes();
        write_listener(&self.lds_file, Some(plugin), &self.routes);
        wait_for("Envoy to take or refuse an update", || {
            let [now_successes, now_rejections] = outcomes();
            if now_rejections > rejections {
                return Some(false);
            }
            (now_successes > successes).then_some(true)
        })
    }

    /// A client of the gateway.
    pub fn client(&self) -> Client {
        Client::new(self.address)
    }

    /// A GET of what the leader publishes, which begins a tick after the start.
    fn published(&self, endpoint: &str) -> Response {
        wait_for(endpoint, || {
            let response = self.admin_get(endpoint);
            assert!([200, 503].contains(&response.status), "{}", response.text());
            (response.status == 200).then_some(response)
        })
    }

    /// A GET of the admin API with the right token.
    pub fn admin_get(&self, endpoint: &str) -> Response {
        let authorization = format!("Bearer {TOKEN}");
        self.client()
            .request(
                "GET",
                &format!("/.tidegate/{endpoint}"),
                &[("authorization", &authorization)],
                b"",
            )
            .unwrap()
    }

    /// The metrics as they are now.
    pub fn metrics(&self) -> Metrics {
        Metrics::parse(&self.published("v1/metrics").text())
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// Waits until everything that happened before is in what the leader publishes.
    pub fn settle(&self) {
        std::thread::sleep(TWO_TICKS);
    }

    /// The metrics once everything that happened before is in them: when two ticks more bring nothing
    /// new, for a busy machine ticks late.
    pub fn settled_metrics(&self) -> Metrics {
        self.settle();
        let mut before = self.metrics();
        wait_for("metrics that stand still", || {
            self.settle();
            let now = self.metrics();
            let requests = |metrics: &Metrics| metrics.sum("inference_requests_total", &[]);
            let is_settled = requests(&now).to_bits() == requests(&before).to_bits();
            before = now;
            is_settled.then_some(())
        });
        before
    }

    /// The snapshot as it is now.
    pub fn snapshot(&self) -> Value {
        serde_json::from_slice(&self.published("v1/snapshot").body).unwrap()
    }

    /// All requests that Envoy itself counted at the listener.
    pub fn requests_seen_by_envoy(&self) -> u64 {
        self.envoy.stat(&format!("http.{}.downstream_rq_total", config::LISTENER)).unwrap()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("Envoy's configuration and log are in {}", self.envoy.folder().display());
        } else {
            let _ = fs::remove_dir_all(self.envoy.folder());
        }
    }
}

/// Envoy reloads a file that is moved into place, so it never reads half of one.
fn write_listener(lds_file: &Path, plugin: Option<&str>, routes: &[Value]) {
    let filter =
        plugin.map(|plugin| config::wasm_filter("tidegate", &program("TIDEGATE_WASM"), plugin));
    let listener = config::listener(filter.as_slice(), routes);
    let draft = lds_file.with_extension("draft");
    fs::write(&draft, config::lds(&listener).to_string()).unwrap();
    fs::rename(&draft, lds_file).unwrap();
}
