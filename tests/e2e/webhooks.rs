//! Alerts and decisions reach who is to hear of them, once, through outages and updates; the real
//! Alertmanager too.

use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tidegate_demo::client::Client;
use tidegate_demo::envoy::config;

use crate::harness::{Gateway, Received, Recorder, TOKEN, admin_config, wait_for};

const TAKEN: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
const BROKEN: &[u8] =
    b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

fn plugin(webhook: &Value, panes: u32) -> String {
    json!({
        "models": [{ "match": { "path_prefix": "/v2" }, "protocol": "open_inference" }],
        "windows": { "pane_seconds": 1, "panes": panes },
        "alerts": [{
            "name": "failing", "severity": "critical", "actions": ["retrain:iris"],
            "when": "increase(inference_requests_total{status=\"server_error\"}[5s]) > 5",
        }],
        "webhooks": [webhook],
        "admin": admin_config(),
    })
    .to_string()
}

fn cloud_events() -> Value {
    json!({
        "name": "hook", "format": "cloud_events", "cluster": "hooks", "path": "/in",
        "authority": "hooks.example.com", "headers": { "authorization": "Bearer hush" },
        "timeout_seconds": 1,
    })
}

fn start(scenario: &str, plugin: &str, hooks: SocketAddr, model: &Recorder) -> Gateway {
    model.answer_with(BROKEN);
    let clusters = [config::cluster("model", model.address), config::cluster("hooks", hooks)];
    Gateway::start(scenario, Some(plugin), vec![config::route("model")], &clusters)
}

fn fail(gateway: &Gateway) {
    for _ in 0..10 {
        let response = gateway.client().request("POST", "/v2/models/iris/infer", &[], b"{}");
        assert_eq!(response.unwrap().status, 500);
    }
}

/// Fails until its alert fires.
fn fire(gateway: &Gateway) {
    wait_for("the alert", || {
        fail(gateway);
        let alerts = gateway.snapshot()["alerts"].clone();
        alerts.as_array().unwrap().iter().any(|alert| alert["state"] == "firing").then_some(())
    });
}

fn event(received: &Received) -> Value {
    serde_json::from_slice(&received.body).unwrap()
}

#[test]
fn events_are_told_once_through_an_outage_and_an_update() {
    let [model, hooks] = [Recorder::start(), Recorder::start()];
    let gateway = start("webhooks", &plugin(&cloud_events(), 30), hooks.address, &model);
    // It drops connections at first, then fails, then is well.
    fire(&gateway);
    wait_for("an attempt", || (!hooks.take_received().is_empty()).then_some(()));
    hooks.answer_with(BROKEN);
    wait_for("another attempt", || (!hooks.take_received().is_empty()).then_some(()));
    assert!(gateway.update(&plugin(&cloud_events(), 29)));
    hooks.answer_with(TAKEN);

    let mut told: Vec<Received> = Vec::new();
    wait_for("the end of the alert", || {
        told.extend(hooks.take_received());
        told.iter().any(|it| event(it)["data"]["alerts"][0]["state"] == "resolved").then_some(())
    });
    std::thread::sleep(Duration::from_secs(3));
    told.extend(hooks.take_received());
    let ids: BTreeSet<String> = told.iter().map(|it| event(it)["id"].to_string()).collect();
    assert_eq!(ids.len(), told.len(), "each is told once");
    let kinds: Vec<Value> = told.iter().map(|it| event(it)["type"].clone()).collect();
    let count = |kind: &str| kinds.iter().filter(|it| **it == kind).count();
    assert_eq!(count("tidegate.retrain.requested"), 1, "{kinds:?}");
    for received in &told {
        assert_eq!(received.request_line, "POST /in HTTP/1.1");
        let header = |name: &str| {
            let found = received.headers.iter().find(|(header, _)| header == name);
            found.map(|(_, value)| String::from_utf8_lossy(value).into_owned())
        };
        assert_eq!(header("host").as_deref(), Some("hooks.example.com"));
        assert_eq!(header("authorization").as_deref(), Some("Bearer hush"));
        let content_type = header("content-type").unwrap();
        assert!(content_type.starts_with("application/cloudevents+json"), "{content_type}");
        let event = event(received);
        assert_eq!(
            (&event["specversion"], &event["source"]),
            (&json!("1.0"), &json!("/tidegate/tidegate/default"))
        );
    }
    let request = told.iter().map(event).find(|it| it["type"] == "tidegate.retrain.requested");
    let request = request.unwrap();
    assert_eq!(
        (&request["subject"], &request["data"]["evidence"]["alert"]),
        (&json!("iris"), &json!("failing"))
    );

    gateway.settle();
    let metrics = gateway.metrics();
    let result = |result| {
        metrics.sum("tidegate_webhooks_total", &[("receiver", "hook"), ("result", result)])
    };
    assert_eq!(result("delivered"), told.len() as f64);
    assert!(result("failed") >= 2.0);
    let log = gateway.envoy.log().unwrap();
    assert!(!log.contains("hush") && !gateway.snapshot().to_string().contains("hush"));
}

/// Whether an alert was told, and not only what was done about it.
fn is_alert(received: &Received) -> bool {
    event(received)["data"]["alerts"].is_array()
}

#[test]
fn a_silenced_alert_is_told_to_nobody_and_shown_to_all() {
    let [model, hooks] = [Recorder::start(), Recorder::start()];
    hooks.answer_with(TAKEN);
    let gateway = start("silence", &plugin(&cloud_events(), 30), hooks.address, &model);
    let authorization = format!("Bearer {TOKEN}");
    let silences = |method: &str, query: &str, body: &[u8]| {
        let headers = [("authorization", authorization.as_str())];
        let path = format!("/.tidegate/v1/silences{query}");
        let response = gateway.client().request(method, &path, &headers, body).unwrap();
        assert_eq!(response.status, 200, "{}", response.text());
        serde_json::from_slice::<Value>(&response.body).unwrap()
    };
    let until = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() + 600;
    let silence = json!({
        "labels": { "alertname": "failing", "model_name": "iris" }, "until_seconds": until, "comment": "known",
    });
    let id = silences("POST", "", silence.to_string().as_bytes())["id"].clone();
    fire(&gateway);
    // What the rule does about it is told: so much later than the alert that the alert would have been.
    let mut told = Vec::new();
    wait_for("what was done about the alert", || {
        fail(&gateway);
        told.extend(hooks.take_received());
        let is_request = |it: &Received| event(it)["type"] == "tidegate.retrain.requested";
        told.iter().any(is_request).then_some(())
    });
    gateway.settle();
    told.extend(hooks.take_received());
    assert!(!told.iter().any(is_alert), "a silenced alert was told");
    assert_eq!(gateway.metrics().sum("tidegate_silences", &[]), 1.0);
    assert_eq!(silences("GET", "", b"")[0]["id"], id);
    fire(&gateway);

    assert_eq!(silences("DELETE", &format!("?id={id}"), b""), json!([]));
    wait_for("the alert that is silenced no more", || {
        fail(&gateway);
        hooks.take_received().iter().any(is_alert).then_some(())
    });
    gateway.settle();
    assert_eq!(gateway.metrics().sum("tidegate_silences", &[]), 0.0);
}

/// A running Alertmanager of Debian's package, on a free port.
struct Alertmanager {
    process: Child,
    address: SocketAddr,
}

impl Alertmanager {
    /// `None`, and a line that says so, where it is not installed.
    fn start() -> Option<Self> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let names = ["prometheus-alertmanager", "alertmanager"];
        let programs = std::env::split_paths(&path).flat_map(|it| names.map(|name| it.join(name)));
        let Some(program) = programs.into_iter().find(|program| program.is_file()) else {
            eprintln!("SKIPPED: no Alertmanager here (apt-get install prometheus-alertmanager)");
            return None;
        };
        let address = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap();
        let folder: PathBuf = [env!("CARGO_TARGET_TMPDIR"), "e2e", "alertmanager"].iter().collect();
        std::fs::create_dir_all(&folder).unwrap();
        let config = folder.join("alertmanager.json");
        std::fs::write(
            &config,
            r#"{"route": {"receiver": "none"}, "receivers": [{"name": "none"}]}"#,
        )
        .unwrap();
        let process = Command::new(program)
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.path={}", folder.join("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .arg("--cluster.listen-address=")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let alertmanager = Self { process, address };
        wait_for("the Alertmanager", || {
            let ready = Client::new(address).request("GET", "/-/ready", &[], b"");
            ready.is_ok_and(|response| response.status == 200).then_some(())
        });
        Some(alertmanager)
    }

    fn alerts(&self) -> Vec<Value> {
        let response =
            Client::new(self.address).request("GET", "/api/v2/alerts", &[], b"").unwrap();
        serde_json::from_slice(&response.body).unwrap()
    }
}

impl Drop for Alertmanager {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn the_alertmanager_shows_an_alert_while_it_fires() {
    let Some(alertmanager) = Alertmanager::start() else { return };
    let webhook = json!({
        "name": "alertmanager", "format": "alertmanager", "cluster": "hooks", "repeat_seconds": 2,
        "labels": { "region": "eu" }, "generator_url": "https://gateway.example.com/explorer",
    });
    let model = Recorder::start();
    let gateway = start("alertmanager", &plugin(&webhook, 30), alertmanager.address, &model);
    fire(&gateway);
    let alert = wait_for("the alert in the Alertmanager", || {
        fail(&gateway);
        alertmanager.alerts().into_iter().next()
    });
    let labels = &alert["labels"];
    assert_eq!(
        (&labels["alertname"], &labels["severity"]),
        (&json!("failing"), &json!("critical"))
    );
    assert_eq!((&labels["model_name"], &labels["region"]), (&json!("iris"), &json!("eu")));
    assert_eq!(alert["status"]["state"], "active");
    assert_eq!(alert["generatorURL"], "https://gateway.example.com/explorer");

    // It is told again, longer than it would believe the first message.
    for _ in 0..10 {
        fail(&gateway);
        std::thread::sleep(Duration::from_secs(1));
        assert_eq!(alertmanager.alerts().len(), 1);
    }
    wait_for("the end of the alert", || alertmanager.alerts().is_empty().then_some(()));
    gateway.settle();
    let labels = [("receiver", "alertmanager"), ("result", "delivered")];
    assert!(gateway.metrics().sum("tidegate_webhooks_total", &labels) >= 3.0);
}
