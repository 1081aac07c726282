//! What an attacker can send: a hundred thousand of everything that is counted by name, forged tokens, and
//! questions without a token. Memory stays bounded, what is turned away is counted, nothing secret is told.

use serde_json::{Value, json};
use tidegate_demo::client::{Client, Response};

use crate::harness::{Gateway, ModelProcess, Setup, TOKEN, admin_config, tidegate, wait_for};

const MANY: usize = 100_000;
const SECRET: &str = "feedback-secret-5f1c";
const CREDENTIAL: &str = "webhook-credential-77aa";
const MEGABYTE: u64 = 1 << 20;

fn plugin() -> Value {
    json!({
        "models": [{ "match": { "path_prefix": "/v2/models/" }, "protocol": "open_inference" }],
        "experiments": [{
            "name": "attacked", "unit": { "header": "x-user-id" },
            "variants": [{ "name": "control", "weight": 0.5 }, { "name": "treatment", "weight": 0.5 }],
        }],
        "feedback": { "secret": SECRET },
        "webhooks": [{
            "name": "pager", "format": "alertmanager", "cluster": "model", "authority": "pager.test",
            "headers": { "authorization": format!("Bearer {CREDENTIAL}") },
        }],
        "admin": admin_config(),
    })
}

/// A gateway that answers every request of a model itself, so that a hundred thousand take seconds.
fn start(scenario: &str) -> Gateway {
    let answer = r#"{"outputs":[{"name":"y","shape":[1],"datatype":"BYTES","data":["a"]}]}"#;
    let route = json!({
        "match": { "prefix": "/" },
        "direct_response": { "status": 200, "body": { "inline_string": answer } },
        "response_headers_to_add": [
            { "header": { "key": "content-type", "value": "application/json" } },
        ],
    });
    let setup = Setup {
        scenario,
        filter: Some(tidegate(&plugin().to_string())),
        routes: vec![route],
        clusters: &[],
        change_listener: |_| {},
        options: &[],
    };
    setup.start()
}

fn bearer() -> String {
    format!("Bearer {TOKEN}")
}

/// Posts a body of many lines.
fn post(client: &mut Client, endpoint: &str, lines: &[String]) -> Response {
    let authorization = bearer();
    let headers = [("authorization", authorization.as_str())];
    let path = format!("/.tidegate/v1/{endpoint}");
    client.request("POST", &path, &headers, lines.join("\n").as_bytes()).unwrap()
}

/// A request whose every name is new: the model, its version, the unit, and the values of headers.
fn request(i: usize) -> String {
    format!(
        "POST /v2/models/model-{i}/versions/{i}/infer HTTP/1.1\r\nhost: gateway.test\r\n\
         x-user-id: user-{i}\r\nx-other-{i}: value-{i}\r\nx-request-id: {i}\r\n\
         server-timing: stage-{i};dur={i}\r\ncontent-length: 0\r\n\r\n"
    )
}

/// Sends requests from `range` over one connection, one after the other.
fn send(gateway: &Gateway, range: std::ops::Range<usize>) {
    let mut client = gateway.client();
    for i in range {
        assert_eq!(client.send(request(i).as_bytes(), false).unwrap().status, 200);
    }
}

#[test]
fn a_hundred_thousand_of_everything_take_bounded_memory() {
    let gateway = start("attack-names");
    let mut client = gateway.client();
    // What it takes to begin: buffers, connections, the first of each bound.
    send(&gateway, 0..2_000);
    gateway.settle();
    let before = gateway.envoy.memory_bytes().unwrap();

    std::thread::scope(|scope| {
        for part in 0..8 {
            let gateway = &gateway;
            scope.spawn(move || send(gateway, part * MANY / 8..(part + 1) * MANY / 8));
        }
    });
    // Handed over: beside the names of this tick the next model would have none, and its versions none to lose.
    gateway.settle();
    for first in (0..MANY).step_by(1_000) {
        let inference = |i| {
            json!({
                "type": "inference", "model_name": "told", "model_version": format!("v{i}"),
                "prediction_id": format!("p{i}"), "predictions": [format!("class-{i}")],
                "features": { format!("column-{i}"): [i] },
            })
        };
        let label = |i| json!({ "type": "label", "prediction_id": format!("x{i}"), "label": "a" });
        let conversion = |i| json!({ "type": "conversion", "experiment": format!("e{i}"), "unit": format!("u{i}") });
        for event in [inference, label, conversion] {
            let lines: Vec<_> = (first..first + 1_000).map(|i| event(i).to_string()).collect();
            let response = post(&mut client, "events", &lines);
            assert_eq!(response.status, 200, "{}", response.text());
        }
        let forged: Vec<_> = (first..first + 1_000)
            .map(|i| {
                json!({ "prediction": format!("t1.{i:x}.AAAA{i:x}"), "label": "a" }).to_string()
            })
            .collect();
        assert_eq!(post(&mut client, "feedback", &forged).status, 400);
    }

    let metrics = gateway.settled_metrics();
    assert_eq!(metrics.sum("inference_requests_total", &[]), (2 * MANY + 2_000) as f64);
    for bound in ["model_names", "model_versions", "classes"] {
        let turned_away = metrics.sum("tidegate_dropped_total", &[("bound", bound)]);
        assert!(turned_away > 90_000.0, "{bound}: {turned_away}");
    }
    assert!(metrics.samples.len() < 20_000, "{} samples", metrics.samples.len());
    let text =
        gateway.admin_get("v1/metrics").body.len() + gateway.admin_get("v1/snapshot").body.len();
    assert!(text < 8 << 20, "{text} bytes of metrics and snapshot");
    let own = gateway.envoy.admin_get("/stats?filter=tidegate").unwrap().lines().count();
    assert!(own < 2_000, "{own} statistics of Envoy's own");
    let grown = gateway.envoy.memory_bytes().unwrap().saturating_sub(before) / MEGABYTE;
    assert!(grown < 192, "{grown} MiB more");
    // And then it still serves.
    send(&gateway, 0..100);
}

#[test]
fn nothing_of_the_admin_api_is_open_without_its_token() {
    let gateway = start("attack-closed");
    gateway.metrics();
    let endpoints = [
        "",
        "/",
        "/v1/metrics",
        "/v1/snapshot",
        "/v1/profile?model=x",
        "/v1/events",
        "/v1/nothing",
    ];
    for endpoint in endpoints {
        for method in ["GET", "POST", "PUT", "DELETE", "HEAD"] {
            let path = format!("/.tidegate{endpoint}");
            let mut request = format!("{method} {path} HTTP/1.1\r\nhost: gateway.test\r\n");
            request.push_str("authorization: Bearer e2e-toke\r\ncontent-length: 0\r\n\r\n");
            let response = gateway.client().send(request.as_bytes(), method == "HEAD").unwrap();
            assert_eq!(response.status, 401, "{method} {path}: {}", response.text());
            assert!(response.body.len() < 200, "{method} {path}");
        }
    }
    assert_eq!(gateway.settled_metrics().sum("inference_requests_total", &[]), 0.0);
}

#[test]
fn nothing_secret_is_in_a_metric_a_snapshot_a_statistic_or_a_log() {
    let model = ModelProcess::start("v1", &[]);
    let gateway = Gateway::before("attack-secrets", Some(&plugin().to_string()), model.address);
    let client_credential = "client-credential-90ef";
    let authorization = format!("Bearer {client_credential}");
    let headers =
        [("authorization", authorization.as_str()), ("cookie", "session=cookie-credential")];
    for model in ["elec2", "unknown"] {
        let path = format!("/v2/models/{model}/infer");
        for body in [&b"{}"[..], b"{", b"[]"] {
            gateway.client().request("POST", &path, &headers, body).unwrap();
        }
    }
    // Attempts with a wrong token, and with the right one in the wrong place.
    gateway.client().request("GET", "/.tidegate/v1/metrics", &headers, b"").unwrap();
    let wrong_place = format!("/.tidegate/v1/metrics?token={TOKEN}");
    assert_eq!(gateway.client().request("GET", &wrong_place, &[], b"").unwrap().status, 401);

    // Configs that are refused, each for another reason, with the secrets in them.
    let mut refused = vec![format!("{}x", plugin())];
    for (pointer, value) in [
        ("/admin/token", json!(format!("{TOKEN} with spaces"))),
        ("/admin/token", json!([TOKEN])),
        ("/feedback/secret", json!({ "is": SECRET })),
        ("/webhooks/0/headers/authorization", json!(format!("{CREDENTIAL}\n"))),
        ("/webhooks/0/format", json!("carrier pigeon")),
    ] {
        let mut wrong = plugin();
        *wrong.pointer_mut(pointer).unwrap() = value;
        refused.push(wrong.to_string());
    }
    for wrong in &refused {
        assert!(!gateway.update(wrong), "Envoy took {wrong}");
    }

    gateway.settle();
    let shown = [
        ("the metrics", gateway.admin_get("v1/metrics").text()),
        ("the snapshot", gateway.admin_get("v1/snapshot").text()),
        ("an answer", gateway.admin_get("v1/nothing").text()),
        ("Envoy's statistics", gateway.envoy.admin_get("/stats").unwrap()),
        ("Envoy's metrics", gateway.envoy.admin_get("/stats/prometheus").unwrap()),
        ("the log", wait_for("the log", || gateway.envoy.log().ok())),
    ];
    let secrets = [TOKEN, SECRET, CREDENTIAL, client_credential, "cookie-credential"];
    for (place, text) in &shown {
        for secret in secrets {
            let line = text.lines().find(|line| line.contains(secret));
            assert_eq!(line, None, "{secret} is in {place}");
        }
    }
}
