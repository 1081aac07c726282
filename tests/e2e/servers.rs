//! Servers that companies run, each asked through its own client: what the gateway tells is what the client saw. The programs
//! and their packages are in `tests/servers`.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tidegate_demo::client::Client;
use tidegate_demo::envoy::config;

use crate::harness::{Gateway, Metrics, Setup, admin_config, program, tidegate, wait_for};

/// What the model is asked about, in its order.
const FEATURES: [&str; 4] =
    ["sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"];
const CLASSES: [&str; 3] = ["setosa", "versicolor", "virginica"];

/// The irises that there are.
const ROWS: usize = 150;

fn python(script: &str) -> Command {
    run(script, "TIDEGATE_SERVERS_PYTHON")
}

/// A script, run by the Python that an environment variable names.
fn run(script: &str, python: &str) -> Command {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("servers");
    let mut command = Command::new(program(python));
    command.arg(folder.join(script));
    command
}

/// A server in Python, stopped when dropped.
struct Server {
    process: Child,
    /// The first answers HTTP.
    addresses: Vec<SocketAddr>,
}

impl Server {
    /// Starts one on free ports, and waits until it says at `health` that it is ready.
    fn start(name: &str, command: &mut Command, ports: usize, health: &str) -> Self {
        // Held together, so that they differ.
        let free: Vec<_> =
            (0..ports).map(|_| TcpListener::bind(("127.0.0.1", 0)).unwrap()).collect();
        let addresses: Vec<_> = free.iter().map(|free| free.local_addr().unwrap()).collect();
        drop(free);
        let log = folder().join(format!("{name}.log"));
        let output = File::create(&log).unwrap();
        let process = command
            .args(addresses.iter().map(|address| address.port().to_string()))
            .stdout(output.try_clone().unwrap())
            .stderr(output)
            .spawn()
            .unwrap();
        let mut server = Self { process, addresses };
        wait_for(&format!("{name}, whose log is {}", log.display()), || {
            assert!(server.process.try_wait().unwrap().is_none(), "{name} ended: {log:?}");
            let listens = |address: &SocketAddr| TcpStream::connect(address).is_ok();
            let response =
                Client::new(server.addresses[0]).request("GET", health, &[], b"").ok()?;
            (response.status == 200 && server.addresses.iter().all(listens)).then_some(())
        });
        server
    }

    /// A server of irises: `mlserver`, `mlflow` or `kserve`, whose packages agree with no other's.
    fn of_irises(name: &str, ports: usize, health: &str) -> Self {
        let model = folder().join(name);
        let _ = fs::remove_dir_all(&model);
        let python =
            if name == "kserve" { "TIDEGATE_KSERVE_PYTHON" } else { "TIDEGATE_SERVERS_PYTHON" };
        Self::start(name, run("serve.py", python).arg(name).arg(model), ports, health)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Where servers keep models and logs.
fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("servers");
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn gateway(way: &str, model: &Value, cluster: Value) -> Gateway {
    let plugin = json!({ "models": [model], "admin": admin_config() });
    let setup = Setup {
        scenario: &format!("servers-{way}"),
        filter: Some(tidegate(&plugin.to_string())),
        routes: vec![config::route("model")],
        clusters: &[cluster],
        change_listener: |_| {},
        options: &[],
    };
    setup.start()
}

/// Asks through the gateway, and returns what the client says that it saw.
fn ask<Seen: DeserializeOwned>(gateway: &Gateway, way: &str, skipped_batches: u32) -> Seen {
    let output = python("ask.py")
        .args([way, &gateway.address.to_string(), &skipped_batches.to_string()])
        .output()
        .unwrap();
    assert!(output.status.success(), "{way}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// What a client saw of irises.
#[derive(Deserialize)]
struct Irises {
    requests: u32,
    seconds: f64,
    /// What was sent.
    columns: BTreeMap<String, Vec<f64>>,
    /// What came back.
    classes: Vec<String>,
    /// Empty where the server tells none.
    confidences: Vec<f64>,
}

/// A model of irises whose reference is the first time that it is asked about all of them.
fn model(path: &str, protocol: &str) -> Value {
    json!({
        "match": { "path_prefix": path },
        "protocol": protocol,
        "classes": CLASSES,
        "reference": { "learn": { "samples": ROWS } },
    })
}

/// Asks about all irises, then about those that are no setosa: the gateway counted what the client saw, and found the drift.
fn agrees(gateway: &Gateway, way: &str, version: &str) {
    let all: Irises = ask(gateway, way, 0);
    assert_eq!(all.classes.len(), ROWS);
    same_counts(&all, &gateway.settled_metrics(), version);
    wait_for("the reference", || {
        let reference = gateway.snapshot()["models"][0]["reference"].clone();
        (reference["state"] == "ready").then(|| assert_eq!(reference["rows"], ROWS))
    });

    let some: Irises = ask(gateway, way, 4);
    gateway.settled_metrics();
    let snapshot = &gateway.snapshot()["models"][0];
    assert_eq!(snapshot["window"]["rows"], some.classes.len());
    let columns = snapshot["columns"].as_array().unwrap();
    let features = columns.iter().filter(|column| column["role"] == "feature");
    let mut names: Vec<_> = features.map(|column| column["name"].as_str().unwrap()).collect();
    names.sort_by_key(|name| FEATURES.iter().position(|feature| feature == name));
    assert_eq!(names, FEATURES);
    for column in columns.iter().filter(|column| column["role"] == "feature") {
        let name = column["name"].as_str().unwrap();
        let bins = &column["distribution"];
        assert_eq!(bins["reference"], binned(&all.columns[name], &bins["edges"]), "{name}");
        assert_eq!(bins["current"], binned(&some.columns[name], &bins["edges"]), "{name}");
        assert_eq!((&bins["below"], &bins["above"]), (&json!([0, 0]), &json!([0, 0])), "{name}");
        assert_eq!(column["null_rate"], 0.0);
        if name.starts_with("petal") {
            assert_eq!(column["verdict"], "drift", "{name}");
        }
    }
}

/// Values counted as a snapshot says: a bin holds its lower edge, the last its upper edge too.
fn binned(values: &[f64], edges: &Value) -> Value {
    let edges: Vec<f64> = serde_json::from_value(edges.clone()).unwrap();
    let mut counts = vec![0; edges.len() - 1];
    for value in values {
        let bin = edges.partition_point(|edge| edge <= value).clamp(1, counts.len());
        counts[bin - 1] += 1;
    }
    json!(counts)
}

fn same_counts(saw: &Irises, metrics: &Metrics, version: &str) {
    let served = [("model_name", "iris"), ("version", version), ("status", "success")];
    let requests = f64::from(saw.requests);
    assert_eq!(metrics.sum("inference_requests_total", &served), requests);
    assert_eq!(metrics.sum("inference_requests_total", &[]), requests);
    assert_eq!(metrics.sum("tidegate_unread_bodies_total", &[]), 0.0);
    assert_eq!(metrics.sum("inference_batch_size_count", &served[..2]), requests);
    assert_eq!(metrics.sum("inference_batch_size_sum", &served[..2]), ROWS as f64);
    for class in CLASSES {
        let labels =
            [("model_name", "iris"), ("model_version", version), ("predicted_class", class)];
        let predicted = saw.classes.iter().filter(|seen| *seen == class).count();
        assert_eq!(metrics.sum("model_predictions_total", &labels), predicted as f64, "{class}");
    }
    let confidence = |part: &str| metrics.sum(&format!("model_prediction_confidence_{part}"), &[]);
    assert_eq!(confidence("count"), saw.confidences.len() as f64);
    let sum: f64 = saw.confidences.iter().sum();
    // Each is kept in billionths.
    let rounding = 0.5e-9 * confidence("count");
    assert!((confidence("sum") - sum).abs() <= rounding, "{} {sum}", confidence("sum"));
    requests_took_time(metrics, requests, saw.seconds);
}

/// In each stage, and all together no longer than the client waited.
fn requests_took_time(metrics: &Metrics, requests: f64, client_seconds: f64) {
    for stage in ["total", "upstream", "gateway"] {
        let latency = |part: &str| {
            metrics.sum(&format!("inference_latency_seconds_{part}"), &[("stage", stage)])
        };
        assert_eq!(latency("count"), requests, "{stage}");
        let seconds = latency("sum");
        assert!(0.0 < seconds && seconds < client_seconds, "{stage}: {seconds} s");
    }
}

#[test]
#[ignore = "needs heavy Python packages: in `cargo xtask test --all`"]
fn mlserver_is_asked_by_tritonclient_in_rest_and_in_grpc() {
    let server = Server::of_irises("mlserver", 2, "/v2/health/ready");
    let [http, grpc] = [0, 1].map(|i| config::cluster("model", server.addresses[i]));
    for (way, path, protocol, cluster) in [
        ("rest", "/v2/models/", "open_inference", http),
        (
            "grpc",
            "/inference.GRPCInferenceService/",
            "open_inference_grpc",
            config::over_http2(grpc),
        ),
    ] {
        let mut model = model(path, protocol);
        // A tensor has no names of its columns.
        model["feature_names"] = json!(FEATURES);
        agrees(&gateway(way, &model, cluster), way, "v7");
    }
}

#[test]
#[ignore = "needs heavy Python packages: in `cargo xtask test --all`"]
fn kserve_is_asked_by_tritonclient_in_raw_tensors() {
    let server = Server::of_irises("kserve", 1, "/v2/health/ready");
    let mut model = model("/v2/models/", "open_inference");
    model["feature_names"] = json!(FEATURES);
    let cluster = config::cluster("model", server.addresses[0]);
    agrees(&gateway("binary", &model, cluster), "binary", "v7");
}

#[test]
#[ignore = "needs heavy Python packages: in `cargo xtask test --all`"]
fn the_scoring_server_of_mlflow_is_asked_for_invocations() {
    let server = Server::of_irises("mlflow", 1, "/ping");
    let mut model = model("/", "mlflow");
    // Neither is on its wire.
    model["name"] = json!("iris");
    model["version"] = json!("2");
    let cluster = config::cluster("model", server.addresses[0]);
    agrees(&gateway("mlflow", &model, cluster), "mlflow", "2");
}

/// What the client saw of a chat that came whole, and of one that came as a stream.
#[derive(Deserialize)]
struct Chats {
    requests: u32,
    seconds: f64,
    input_tokens: u32,
    output_tokens: u32,
    /// Of each chunk of the stream, since it was asked for.
    arrivals_seconds: Vec<f64>,
}

#[test]
#[ignore = "needs heavy Python packages: in `cargo xtask test --all`"]
fn chats_are_asked_by_openai_whole_and_as_a_stream() {
    let server = Server::start("chat", &mut python("chat.py"), 1, "/");
    let model = json!({ "match": { "path_prefix": "/v1/" }, "protocol": "openai" });
    let gateway = gateway("openai", &model, config::cluster("model", server.addresses[0]));
    let saw: Chats = ask(&gateway, "openai", 0);
    let metrics = gateway.settled_metrics();

    let requests = f64::from(saw.requests);
    let served = [("model_name", "tiny"), ("status", "success")];
    assert_eq!(metrics.sum("inference_requests_total", &served), requests);
    assert_eq!(metrics.sum("inference_requests_total", &[]), requests);
    assert_eq!(metrics.sum("tidegate_unread_bodies_total", &[]), 0.0);
    assert_eq!(metrics.sum("inference_batch_size_sum", &[]), requests);
    requests_took_time(&metrics, requests, saw.seconds);
    for (kind, tokens) in [("input", saw.input_tokens), ("output", saw.output_tokens)] {
        assert_eq!(metrics.sum("inference_tokens_total", &[("type", kind)]), f64::from(tokens));
    }
    // Only one came as a stream; the server waits 20 ms before each of its words.
    assert_eq!(metrics.sum("inference_first_chunk_seconds_count", &[]), 1.0);
    let first_chunk = metrics.sum("inference_first_chunk_seconds_sum", &[]);
    assert!(0.02 <= first_chunk && first_chunk < saw.arrivals_seconds[0], "{first_chunk} s");
    assert_eq!(metrics.sum("inference_chunk_gap_seconds_count", &[]), 1.0);
    let gap = metrics.sum("inference_chunk_gap_seconds_sum", &[]);
    let last = saw.arrivals_seconds.last().unwrap();
    assert!(0.0 < gap && gap < *last, "{gap} s");
}
