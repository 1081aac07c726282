//! A treatment that does harm is rolled back within two ticks of its alert: its users get control, and
//! no request is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tidegate_demo::client::Client;
use tidegate_demo::envoy::config;
use tidegate_demo::{elec2, traffic};

use crate::harness::{Gateway, ModelProcess, TOKEN, admin_config, wait_for};

const CLIENTS: usize = 4;
const USERS: usize = 60;
/// A tick of the leader, one of the worker, and what a busy machine adds.
const TWO_TICKS_SECONDS: f64 = 3.0;

/// What a client saw of one request.
#[derive(Debug, Clone)]
struct Seen {
    sent_at: f64,
    status: u16,
    version: Option<String>,
}

/// What a client does with each answer: the token that names it, and what was predicted.
type Feedback = fn(&mut Client, &str, &str, &Value);

/// Users who ask without a pause until they are stopped.
struct Users {
    stop: Arc<AtomicBool>,
    clients: Vec<JoinHandle<Vec<Seen>>>,
}

impl Users {
    fn start(gateway: &Gateway, feedback: Option<Feedback>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let client = |index: usize| {
            let (mut client, stop) = (gateway.client(), Arc::clone(&stop));
            std::thread::spawn(move || {
                let rows = elec2::rows().unwrap();
                let mut seen = Vec::new();
                for i in 0.. {
                    if stop.load(Ordering::Relaxed) {
                        break;
                    }
                    let body = traffic::body(i, &[&rows[i % rows.len()]]);
                    let user = format!("user-{}", (i * CLIENTS + index) % USERS);
                    let headers = [("x-user-id", user.as_str())];
                    let sent_at = now();
                    let path = "/v2/models/elec2/infer";
                    let response = client.request("POST", path, &headers, &body).unwrap();
                    let answer: Value = serde_json::from_slice(&response.body).unwrap();
                    let version = answer["model_version"].as_str().map(String::from);
                    if let (Some(feedback), Some(version)) = (feedback, &version) {
                        let token = response.header("x-tidegate-prediction").unwrap();
                        let outputs = answer["outputs"].as_array().unwrap();
                        let predicted = outputs.iter().find(|it| it["name"] == "predict").unwrap();
                        feedback(&mut client, &token, version, &predicted["data"][0]);
                    }
                    seen.push(Seen { sent_at, status: response.status, version });
                }
                seen
            })
        };
        let clients = (0..CLIENTS).map(client).collect();
        Self { stop, clients }
    }

    fn stop(self) -> Vec<Seen> {
        self.stop.store(true, Ordering::Relaxed);
        self.clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    }
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64()
}

/// A treatment with these faults against a control with those; the condition fires when it does harm.
struct Scenario<'a> {
    name: &'a str,
    control: &'a [&'a str],
    treatment: &'a [&'a str],
    when: &'a str,
    feedback: Option<Feedback>,
}

impl Scenario<'_> {
    fn run(&self) {
        let plugin = json!({
            "models": [{
                "match": { "path_prefix": "/v2/models/" }, "protocol": "open_inference",
                "classes": elec2::CLASSES,
            }],
            "experiments": [{
                "name": "e", "unit": { "header": "x-user-id" },
                "variants": [
                    { "name": "control", "weight": 0.5 }, { "name": "treatment", "weight": 0.5 },
                ],
            }],
            "windows": { "pane_seconds": 1, "panes": 30 },
            "feedback": { "secret": "e2e-secret" },
            "alerts": [{ "name": "harm", "when": self.when, "actions": ["rollback:e/treatment"] }],
            "admin": admin_config(),
        });
        let control = ModelProcess::start("v1", self.control);
        let treatment = ModelProcess::start("v2", self.treatment);
        let routes = vec![
            config::route_by_header("x-tidegate-variant", "treatment", "treatment"),
            config::route("control"),
        ];
        let clusters = [
            config::cluster("control", control.address),
            config::cluster("treatment", treatment.address),
        ];
        let gateway = Gateway::start(self.name, Some(&plugin.to_string()), routes, &clusters);

        let users = Users::start(&gateway, self.feedback);
        let decision = wait_for("the rollback", || {
            let decisions = gateway.snapshot()["decisions"].clone();
            decisions.as_array().unwrap().first().cloned()
        });
        let decided_at = decision["at_seconds"].as_f64().unwrap();
        wait_for("some time with control", || {
            (now() > decided_at + TWO_TICKS_SECONDS + 2.0).then_some(())
        });
        let seen = users.stop();

        assert_eq!((&decision["from"], &decision["to"]), (&json!("active"), &json!("rolled_back")));
        assert_eq!(
            (&decision["action"], &decision["dry_run"]),
            (&json!("rollback:e/treatment"), &json!(false))
        );
        let evidence = &decision["evidence"];
        assert_eq!((&evidence["alert"], &evidence["when"]), (&json!("harm"), &json!(self.when)));
        assert!(evidence["value"].is_number(), "{evidence}");
        let fired_at = evidence["fired_at_seconds"].as_f64().unwrap();
        assert!((0.0..=2.0).contains(&(decided_at - fired_at)), "{decision}");

        let treated = |seen: &&Seen| seen.version.as_deref() == Some("2");
        assert!(seen.iter().any(|seen| treated(&seen)), "the treatment had users");
        let later: Vec<&Seen> =
            seen.iter().filter(|seen| seen.sent_at > decided_at + TWO_TICKS_SECONDS).collect();
        assert!(later.len() > 20, "{} requests after it", later.len());
        for seen in &later {
            assert_eq!((seen.status, seen.version.as_deref()), (200, Some("1")), "{seen:?}");
        }

        // Every request was answered, by the one model or the other, and is counted once.
        let metrics = gateway.settled_metrics();
        let sent = seen.len() as f64;
        assert_eq!((control.requests() + treatment.requests()) as f64, sent);
        assert_eq!(metrics.sum("inference_requests_total", &[]), sent);
        let of_variant = |variant| metrics.sum("ab_test_requests_total", &[("variant", variant)]);
        assert_eq!(of_variant("control"), control.requests() as f64);
        assert_eq!(of_variant("treatment"), treatment.requests() as f64);
        let labels = [("action", "rollback"), ("to", "rolled_back"), ("dry_run", "false")];
        assert_eq!(metrics.sum("tidegate_decisions_total", &labels), 1.0);
    }
}

#[test]
fn a_treatment_that_fails_half_of_its_requests_is_rolled_back() {
    Scenario {
        name: "rollback-failing",
        control: &[],
        treatment: &["--fail-every", "2"],
        when: "increase(ab_test_errors_total{variant=\"treatment\"}[10s]) \
               / increase(ab_test_requests_total{variant=\"treatment\"}[10s]) > 0.2",
        feedback: None,
    }
    .run();
}

#[test]
fn a_treatment_that_is_three_times_slower_is_rolled_back() {
    Scenario {
        name: "rollback-slow",
        control: &["--delay-millis", "20"],
        treatment: &["--delay-millis", "60"],
        when: "avg by (test_name) (p50(ab_test_latency_seconds{variant=\"treatment\"}[10s])) \
               / avg by (test_name) (p50(ab_test_latency_seconds{variant=\"control\"}[10s])) > 2",
        feedback: None,
    }
    .run();
}

#[test]
fn a_treatment_whose_labels_say_that_it_is_wrong_is_rolled_back() {
    Scenario {
        name: "rollback-wrong",
        control: &[],
        treatment: &[],
        when: "model_accuracy{model_version=\"2\"} < 0.85",
        feedback: Some(|client, token, version, predicted| {
            // The truth contradicts half of what the treatment says, and nothing that control says.
            let coin = token.bytes().map(u32::from).sum::<u32>() % 2;
            let wrong = elec2::CLASSES.into_iter().find(|class| *predicted != json!(class));
            let label = match (version, coin) {
                ("2", 0) => json!(wrong),
                _ => predicted.clone(),
            };
            let said = json!({ "prediction": token, "predicted": predicted, "label": label });
            let body = said.to_string().into_bytes();
            let told = client.request("POST", "/.tidegate/v1/feedback", &[], &body).unwrap();
            assert_eq!(told.status, 200, "{}", told.text());
        }),
    }
    .run();
}

#[test]
fn labels_in_bulk_by_id_roll_a_treatment_back_too() {
    // The predictions are told as events with ids of a pipeline's own, and so are their labels.
    let plugin = json!({
        "experiments": [{
            "name": "e", "unit": { "header": "x-user-id" },
            "variants": [{ "name": "control", "weight": 0.5 }, { "name": "treatment", "weight": 0.5 }],
        }],
        "alerts": [{
            "name": "harm", "when": "model_accuracy{model_version=\"2\"} < 0.85",
            "actions": ["rollback:e/treatment"],
        }],
        "admin": admin_config(),
    });
    let model = ModelProcess::start("v1", &[]);
    let gateway = Gateway::before("rollback-bulk", Some(&plugin.to_string()), model.address);
    let post = |lines: &[String]| {
        let authorization = format!("Bearer {TOKEN}");
        let headers = [("authorization", authorization.as_str())];
        let body = lines.join("\n").into_bytes();
        let response =
            gateway.client().request("POST", "/.tidegate/v1/events", &headers, &body).unwrap();
        let taken: Value = serde_json::from_slice(&response.body).unwrap();
        assert_eq!(taken["taken"], lines.len(), "{taken}");
    };
    let ids = 0..400;
    let prediction = |i: u32| {
        let version = (1 + i % 2).to_string();
        json!({ "type": "inference", "model_name": "elec2", "model_version": version,
                "prediction_id": format!("p{i}"), "predictions": ["UP"] })
    };
    let label = |i: u32| {
        let label = if !i.is_multiple_of(2) && i.is_multiple_of(3) { "DOWN" } else { "UP" };
        json!({ "type": "label", "prediction_id": format!("p{i}"), "label": label })
    };
    post(&ids.clone().map(|i| prediction(i).to_string()).collect::<Vec<_>>());
    gateway.settle();
    post(&ids.map(|i| label(i).to_string()).collect::<Vec<_>>());
    let decision = wait_for("the rollback", || {
        let decisions = gateway.snapshot()["decisions"].clone();
        decisions.as_array().unwrap().first().cloned()
    });
    assert_eq!(
        (&decision["to"], &decision["evidence"]["alert"]),
        (&json!("rolled_back"), &json!("harm"))
    );
}
