//! An Envoy with two workers and, if wanted, Tidegate before its router.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
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

/// Tidegate as a filter of Envoy, as it ships.
pub fn tidegate(plugin: &str) -> Value {
    config::wasm_filter("tidegate", &program("TIDEGATE_WASM"), plugin)
}

/// Starts an Envoy, one at a time: a start is a compilation of the plugin, and of several at once each would
/// take as long as all of them, past any time-out.
pub fn start_envoy(bootstrap: &Value, folder: &Path, options: &[&str]) -> Envoy {
    static TURN: Mutex<()> = Mutex::new(());
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let envoy = Envoy::start_with(&program("TIDEGATE_ENVOY"), bootstrap, folder, WORKERS, options);
    drop(turn);
    envoy.unwrap()
}

/// What a gateway is made of, for scenarios that need more than a plugin config.
pub struct Setup<'a> {
    pub scenario: &'a str,
    /// As [`tidegate`] makes it; `None` for an Envoy without a filter.
    pub filter: Option<Value>,
    pub routes: Vec<Value>,
    pub clusters: &'a [Value],
    /// Changes of the listener, at the start and at each update.
    pub change_listener: fn(&mut Value),
    /// Options of Envoy's command line.
    pub options: &'a [&'a str],
}

/// A running gateway. Its folder goes when the scenario passed, and stays when it failed.
pub struct Gateway {
    pub envoy: Envoy,
    pub address: SocketAddr,
    routes: Vec<Value>,
    change_listener: fn(&mut Value),
    lds_file: PathBuf,
}

impl Setup<'_> {
    /// Starts the Envoy.
    pub fn start(self) -> Gateway {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("e2e").join(self.scenario);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let Self { routes, change_listener, options, .. } = self;
        let lds_file = folder.join("lds.json");
        write_listener(&lds_file, self.filter.as_ref(), &routes, change_listener);
        let bootstrap = config::bootstrap_with_lds(&lds_file, self.clusters);
        let envoy = start_envoy(&bootstrap, &folder, options);
        let address = envoy.listener(config::LISTENER).unwrap();
        Gateway { envoy, address, routes, change_listener, lds_file }
    }
}

impl Gateway {
    /// Starts an Envoy for one scenario. Without a plugin config there is no filter.
    pub fn start(
        scenario: &str,
        plugin: Option<&str>,
        routes: Vec<Value>,
        clusters: &[Value],
    ) -> Self {
        let filter = plugin.map(tidegate);
        let change_listener = |_: &mut Value| {};
        Setup { scenario, filter, routes, clusters, change_listener, options: &[] }.start()
    }

    /// As [`Gateway::start`], with one upstream for everything.
    pub fn before(scenario: &str, plugin: Option<&str>, upstream: SocketAddr) -> Self {
        let clusters = [config::cluster("model", upstream)];
        Self::start(scenario, plugin, vec![config::route("model")], &clusters)
    }

    /// Gives the plugin another config, and tells whether Envoy took it.
    pub fn update(&self, plugin: &str) -> bool {
        self.update_filter(&tidegate(plugin))
    }

    /// Puts another filter in the plugin's place, and tells whether Envoy took it.
    pub fn update_filter(&self, filter: &Value) -> bool {
        let outcomes = || {
            ["update_success", "update_rejected"]
                .map(|name| self.envoy.stat(&format!("listener_manager.lds.{name}")).unwrap())
        };
        let [successes, rejections] = outcomes();
        write_listener(&self.lds_file, Some(filter), &self.routes, self.change_listener);
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
fn write_listener(
    lds_file: &Path,
    filter: Option<&Value>,
    routes: &[Value],
    change_listener: fn(&mut Value),
) {
    let mut listener = config::listener(filter.cloned().as_slice(), routes);
    change_listener(&mut listener);
    let draft = lds_file.with_extension("draft");
    fs::write(&draft, config::lds(&listener).to_string()).unwrap();
    fs::rename(&draft, lds_file).unwrap();
}
