//! Labels that come late, to whichever gateway: tokens of one fleet, two gateways, one client.

use serde_json::{Value, json};
use tidegate_demo::{elec2, traffic};

use crate::harness::{Gateway, Metrics, ModelProcess, Recorder, admin_config};

const PREDICTIONS: usize = 200;

/// A response as its client keeps it until the truth is known.
struct Kept {
    token: String,
    predicted: Value,
}

fn plugin(feedback: &Value) -> String {
    json!({
        "models": [{
            "match": { "path_prefix": "/v2/models/" },
            "protocol": "open_inference",
            "classes": elec2::CLASSES,
        }],
        "feedback": feedback,
        "admin": admin_config(),
    })
    .to_string()
}

/// Asks for a row each, and keeps what came back.
fn predict(gateway: &Gateway, count: usize) -> Vec<Kept> {
    let rows = elec2::rows().unwrap();
    let mut client = gateway.client();
    let keep = |(i, row)| {
        let body = traffic::body(i, &[row]);
        let response = client.request("POST", "/v2/models/elec2/infer", &[], &body).unwrap();
        let answer: Value = serde_json::from_slice(&response.body).unwrap();
        let outputs = answer["outputs"].as_array().unwrap();
        let predicted = outputs.iter().find(|output| output["name"] == "predict").unwrap();
        let token = response.header("x-tidegate-prediction").unwrap();
        Kept { token, predicted: predicted["data"][0].clone() }
    };
    rows.iter().enumerate().take(count).map(keep).collect()
}

/// Tells a gateway, on a new connection, so that both workers are met.
fn tell(gateway: &Gateway, said: &Value) -> u16 {
    let body = said.to_string();
    let told = gateway.client().request("POST", "/.tidegate/v1/feedback", &[], body.as_bytes());
    told.unwrap().status
}

fn labelled(kept: &Kept) -> Value {
    json!({ "prediction": kept.token, "predicted": kept.predicted, "label": kept.predicted })
}

fn result(metrics: &Metrics, result: &str) -> f64 {
    metrics.sum("tidegate_feedback_total", &[("result", result)])
}

fn outcome(metrics: &Metrics, outcome: &str) -> f64 {
    metrics.sum("model_labels_total", &[("outcome", outcome)])
}

#[test]
fn a_label_counts_once_at_either_gateway_over_a_rotation_of_the_secret() {
    let model = ModelProcess::start("v1", &[]);
    let start = |name: &str, feedback: Value| {
        Gateway::before(name, Some(&plugin(&feedback)), model.address)
    };
    let first = start("feedback-first", json!({ "secret": "one" }));
    let second = start("feedback-second", json!({ "secret": "one" }));
    let mut kept = predict(&first, PREDICTIONS);
    // The fleet gets another secret, one gateway after the other.
    let rotated = plugin(&json!({ "secret": "two", "previous_secret": "one" }));
    assert!(second.update(&rotated));
    kept.extend(predict(&second, PREDICTIONS));
    assert!(first.update(&rotated));

    // Each label goes to the gateway that made its prediction and to the other, in turn, and each third
    // of them a second time.
    let mut repeated = [0, 0];
    for (i, kept) in kept.iter().enumerate() {
        let place = i % 2;
        let gateway = [&first, &second][place];
        assert_eq!(tell(gateway, &labelled(kept)), 200);
        if i % 3 == 0 {
            assert_eq!(tell(gateway, &labelled(kept)), 200);
            repeated[place] += 1;
        }
    }
    let third = start("feedback-third", json!({ "secret": "three" }));
    assert_eq!(tell(&third, &labelled(&kept[0])), 403);
    let mut forged = kept[0].token.clone();
    forged.replace_range(..2, if forged.starts_with("AA") { "BB" } else { "AA" });
    assert_eq!(tell(&first, &json!({ "prediction": forged, "label": 1 })), 403);
    let cut = &kept[0].token[..kept[0].token.len() - 3];
    assert_eq!(tell(&first, &json!({ "prediction": cut, "label": 1 })), 400);

    let mut predictions = 0.0;
    for (place, gateway) in [&first, &second].into_iter().enumerate() {
        let metrics = gateway.settled_metrics();
        assert_eq!(metrics.sum("tidegate_tokens_total", &[]), PREDICTIONS as f64);
        assert_eq!(outcome(&metrics, "joined"), PREDICTIONS as f64);
        assert_eq!(outcome(&metrics, "duplicate"), f64::from(repeated[place]));
        assert_eq!(result(&metrics, "accepted"), PREDICTIONS as f64 + f64::from(repeated[place]));
        assert_eq!(metrics.sum("tidegate_feedback_contradictions_total", &[]), 0.0);
        let snapshot = gateway.snapshot();
        let cohorts = snapshot["models"][0]["cohorts"].as_array().unwrap();
        let count = |of: &str| cohorts.iter().map(|it| it[of].as_f64().unwrap()).sum::<f64>();
        assert_eq!(count("labelled"), PREDICTIONS as f64);
        predictions += count("predictions");
        assert!(cohorts.iter().all(|cohort| cohort["accuracy"] == 1.0), "{cohorts:?}");
    }
    assert_eq!(predictions, 2.0 * PREDICTIONS as f64, "each where it was made");
    let metrics = first.settled_metrics();
    assert_eq!((result(&metrics, "forged"), result(&metrics, "malformed")), (1.0, 1.0));
    assert_eq!(result(&third.settled_metrics(), "forged"), 1.0);
    assert_eq!(model.requests(), 2 * PREDICTIONS as u64, "labels stay at the gateways");
}

#[test]
fn what_the_gateway_saw_counts_before_what_a_client_says() {
    let model = ModelProcess::start("v1", &[]);
    let secret = "only this gateway knows";
    let plugin = plugin(&json!({ "secret": secret }));
    let gateway = Gateway::before("feedback-record", Some(&plugin), model.address);
    let kept = predict(&gateway, 50);
    for kept in &kept {
        let said =
            json!({ "prediction": kept.token, "predicted": "another", "label": kept.predicted });
        assert_eq!(tell(&gateway, &said), 200);
    }
    let metrics = gateway.settled_metrics();
    assert_eq!(metrics.sum("tidegate_feedback_contradictions_total", &[]), 50.0);
    let snapshot = gateway.snapshot();
    let cohorts = snapshot["models"][0]["cohorts"].as_array().unwrap();
    assert!(cohorts.iter().all(|cohort| cohort["accuracy"] == 1.0), "{cohorts:?}");
    assert!(!snapshot.to_string().contains(secret));
    assert!(!gateway.admin_get("v1/metrics").text().contains(secret));
}

#[test]
fn feedback_of_seldon_reaches_its_server_as_it_came_and_is_read_by_the_way() {
    let server = Recorder::start();
    let answer = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\
                  content-length: 2\r\n\r\n{}";
    server.answer_with(answer.as_bytes());
    let plugin = json!({
        "models": [{
            "match": { "path_prefix": "/seldon/" }, "protocol": "seldon", "name": "iris",
        }],
        "admin": admin_config(),
    });
    let gateway = Gateway::before("feedback-seldon", Some(&plugin.to_string()), server.address);
    let tell = |puid: &str, truth: [u8; 2]| {
        let body = json!({
            "response": {
                "meta": { "puid": puid },
                "data": { "names": ["no", "yes"], "ndarray": [[0.25, 0.75]] },
            },
            "reward": 1.0,
            "truth": { "data": { "ndarray": [truth] } },
        })
        .to_string();
        let path = "/seldon/team/iris/api/v1.0/feedback";
        let told = gateway.client().request("POST", path, &[], body.as_bytes()).unwrap();
        assert_eq!((told.status, told.text().as_str()), (200, "{}"));
        let received = server.take_received();
        assert_eq!(received.len(), 1);
        assert_eq!(received[0].body, body.as_bytes());
    };
    tell("a", [0, 1]);
    tell("a", [0, 1]);
    tell("b", [1, 0]);
    let metrics = gateway.settled_metrics();
    assert_eq!((outcome(&metrics, "joined"), outcome(&metrics, "duplicate")), (2.0, 1.0));
    assert_eq!(metrics.sum("inference_requests_total", &[]), 0.0, "it is no inference");
    let snapshot = gateway.snapshot();
    let cohorts = snapshot["models"][0]["cohorts"].as_array().unwrap();
    let labelled = cohorts.iter().map(|it| it["labelled"].as_u64().unwrap()).sum::<u64>();
    assert_eq!(labelled, 2);
}
