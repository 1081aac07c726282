//! However requests end, and whatever the config does meanwhile, each is counted once: what Tidegate
//! says, what Envoy says and what was sent are one number.

use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};
use tidegate_demo::client::Client;
use tidegate_demo::envoy::config;
use tidegate_demo::{elec2, traffic};

use crate::harness::{Gateway, ModelProcess, Recorder, admin_config};

const CONNECTIONS: u64 = 8;
const REQUESTS_PER_CONNECTION: u64 = 500;
const INFER: &str = "/v2/models/elec2/infer";

fn plugin(pane_seconds: u64) -> String {
    json!({
        "models": [{
            "match": { "path_prefix": "/v2/models/" },
            "protocol": "open_inference",
            "feature_names": elec2::FEATURE_NAMES,
            "reference": { "learn": { "samples": 1000 } },
        }],
        "experiments": [{
            "name": "elec2-v1-vs-v2", "unit": { "header": "x-user-id" },
            "variants": [{ "name": "control", "weight": 0.5 }, { "name": "treatment", "weight": 0.5 }],
        }],
        "windows": { "pane_seconds": pane_seconds, "panes": 10 },
        "admin": admin_config(),
    })
    .to_string()
}

fn routes() -> Vec<Value> {
    vec![
        config::route_by_header("x-upstream", "down", "down"),
        config::route_by_header("x-tidegate-variant", "treatment", "model_v2"),
        config::route("model_v1"),
    ]
}

/// What the clients did and saw.
#[derive(Default)]
struct Tally {
    sent: AtomicU64,
    left_early: AtomicU64,
    answered_200: AtomicU64,
    answered_5xx: AtomicU64,
}

impl Tally {
    /// Sends requests of all kinds, one connection's worth.
    fn run(&self, gateway: &Gateway, connection: u64) {
        let rows = elec2::rows().unwrap();
        let mut client = gateway.client();
        for i in 0..REQUESTS_PER_CONNECTION {
            let row = (connection * REQUESTS_PER_CONNECTION + i) as usize;
            let body = traffic::body(row, &[&rows[row]]);
            let user = format!("user-{}", row % 97);
            self.sent.fetch_add(1, Ordering::Relaxed);
            match i % 13 {
                5 => self.leave(&client, &user, &body, body.len()),
                9 => self.leave(&client, &user, &body, body.len() / 2),
                11 => self.ask(&mut client, &[("x-user-id", &user), ("x-upstream", "down")], &body),
                _ => self.ask(&mut client, &[("x-user-id", &user)], &body),
            }
        }
    }

    fn ask(&self, client: &mut Client, headers: &[(&str, &str)], body: &[u8]) {
        let response = client.request("POST", INFER, headers, body).unwrap();
        match response.status {
            200 => self.answered_200.fetch_add(1, Ordering::Relaxed),
            500..=599 => self.answered_5xx.fetch_add(1, Ordering::Relaxed),
            other => panic!("{other}: {}", response.text()),
        };
    }

    /// Sends the head and a part of the body (or all), and leaves without waiting for an answer.
    fn leave(&self, client: &Client, user: &str, body: &[u8], body_bytes: usize) {
        let length = body.len();
        let mut message = format!(
            "POST {INFER} HTTP/1.1\r\nhost: gateway\r\nx-user-id: {user}\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\n\r\n"
        )
        .into_bytes();
        message.extend_from_slice(&body[..body_bytes]);
        client.connect().unwrap().get_mut().write_all(&message).unwrap();
        self.left_early.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn every_request_is_counted_once() {
    let models = [
        ModelProcess::start("v1", &["--fail-every", "7"]),
        ModelProcess::start("v2", &["--hang-every", "11"]),
    ];
    let down = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let clusters = [
        config::cluster("model_v1", models[0].address),
        config::cluster("model_v2", models[1].address),
        config::cluster("down", down),
    ];
    let gateway = Gateway::start("conservation", Some(&plugin(1)), routes(), &clusters);
    let tally = Tally::default();
    let sent = CONNECTIONS * REQUESTS_PER_CONNECTION;
    std::thread::scope(|scope| {
        for connection in 0..CONNECTIONS {
            let (tally, gateway) = (&tally, &gateway);
            scope.spawn(move || tally.run(gateway, connection));
        }
        // Two updates while the requests flow: one early, one in the middle.
        for (share, pane_seconds) in [(4, 2), (2, 3)] {
            while tally.sent.load(Ordering::Relaxed) < sent / share {
                std::thread::sleep(std::time::Duration::from_millis(5));
            }
            assert!(gateway.update(&plugin(pane_seconds)));
        }
    });

    gateway.settle();
    // Before the first request of the admin API, which Envoy counts too.
    let by_envoy = gateway.requests_seen_by_envoy();
    assert_eq!(tally.sent.into_inner(), sent);
    assert_eq!(by_envoy, sent, "Envoy did not see all that was sent");
    let metrics = gateway.metrics();
    let by_tidegate = metrics.sum("inference_requests_total", &[]);
    assert_eq!(by_tidegate, sent as f64, "Tidegate did not count all that was sent");

    let status = |status| metrics.sum("inference_requests_total", &[("status", status)]);
    let left_early = tally.left_early.into_inner() as f64;
    let (answered_200, answered_5xx) =
        (tally.answered_200.into_inner() as f64, tally.answered_5xx.into_inner() as f64);
    assert!(answered_5xx > 0.0 && left_early > 0.0);
    assert!((answered_200..=answered_200 + left_early).contains(&status("success")));
    assert!((answered_5xx..=answered_5xx + left_early).contains(&status("server_error")));
    // Who left in the middle of the body cannot have been answered.
    assert!((left_early / 2.0 - 1.0..=left_early).contains(&status("aborted")));
}

#[test]
fn a_redirect_that_envoy_follows_makes_no_second_request() {
    let upstream = Recorder::start();
    upstream.answer_with(
        b"HTTP/1.1 302 Found\r\nlocation: http://gateway.test/v2/models/moved/infer\r\n\
          connection: close\r\ncontent-length: 0\r\n\r\n",
    );
    let mut route = config::route("model");
    // It follows one redirect of a request; the next one is the client's.
    route["route"]["internal_redirect_policy"] = json!({});
    let clusters = [config::cluster("model", upstream.address)];
    let gateway = Gateway::start("conservation-redirect", Some(&plugin(1)), vec![route], &clusters);
    for _ in 0..5 {
        let body = br#"{"inputs":[{"name":"x","shape":[1],"datatype":"FP64","data":[1]}]}"#;
        assert_eq!(gateway.client().request("POST", INFER, &[], body).unwrap().status, 302);
    }
    assert_eq!(upstream.take_received().len(), 10, "Envoy did not follow the redirects");
    let metrics = gateway.settled_metrics();
    assert_eq!(metrics.sum("inference_requests_total", &[]), 5.0);
    assert_eq!(metrics.sum("inference_requests_total", &[("model_name", "moved")]), 5.0);
}

#[test]
fn totals_outlive_the_window() {
    let model = ModelProcess::start("v1", &[]);
    let gateway = Gateway::before("conservation-idle", Some(&plugin(1)), model.address);
    let rows = elec2::rows().unwrap();
    let mut client = gateway.client();
    for (i, row) in rows.iter().take(10).enumerate() {
        let body = traffic::body(i, &[row]);
        assert_eq!(client.request("POST", INFER, &[], &body).unwrap().status, 200);
    }
    assert_eq!(gateway.settled_metrics().sum("inference_requests_total", &[]), 10.0);
    // Panes have left the window by now; totals never do.
    std::thread::sleep(std::time::Duration::from_secs(12));
    assert_eq!(gateway.metrics().sum("inference_requests_total", &[]), 10.0);
}
