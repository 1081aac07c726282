//! Labels that come back with the token of their prediction: to the gateway that gave it, or to another.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod mock;

use std::collections::BTreeSet;

use mock::{Exchange, MockHost, ask, sum};
use serde_json::{Value, json};
use tidegate_filter::config::Config;
use tidegate_filter::host::{Reply, ResponsePart};
use tidegate_filter::{Host, Worker, token};

const DAY_MILLIS: u64 = 86_400_000;
const ONE_ROW: &str = r#"{"model_name": "iris", "model_version": "3", "outputs": [{"name": "class", "datatype": "INT64", "shape": [1], "data": [1]}]}"#;

fn config(feedback: &Value) -> Vec<u8> {
    json!({"admin": {"token": "secret"}, "feedback": feedback}).to_string().into_bytes()
}

/// A gateway of its own with these secrets.
fn gateway(feedback: &Value) -> (MockHost, Worker) {
    let host = MockHost::default();
    let worker = Worker::configure(&host, &config(feedback)).unwrap();
    (host, worker)
}

fn one_row() -> Exchange {
    Exchange { response_chunks: vec![ONE_ROW.into()], ..Exchange::iris() }
}

/// Sends an inference, and the tokens that its response was given.
fn tokens(host: &MockHost, worker: &mut Worker, exchange: &Exchange) -> Vec<String> {
    exchange.run(host, worker);
    let marks = host.response_marks.take();
    let own = marks.into_iter().filter(|(_, name, _)| name == "x-tidegate-prediction");
    own.map(|(_, _, value)| value).collect()
}

fn token(host: &MockHost, worker: &mut Worker) -> String {
    tokens(host, worker, &one_row()).pop().unwrap()
}

/// Tells it to a gateway, without a bearer token.
fn tell(host: &MockHost, worker: &mut Worker, body: &str) -> (u32, Value) {
    let exchange = Exchange {
        path: "/.tidegate/v1/feedback".into(),
        request_headers: vec![],
        request_chunks: vec![body.as_bytes().to_vec()],
        ..Exchange::iris()
    };
    exchange.run(host, worker);
    let Reply { status, body, .. } = host.replies.borrow_mut().pop().unwrap();
    (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
}

fn label(token: &str, predicted: u8, label: u8) -> String {
    json!({"prediction": token, "predicted": predicted, "label": label}).to_string()
}

fn metrics(host: &MockHost, worker: &mut Worker) -> Vec<u8> {
    host.advance_millis(1_000);
    worker.tick(host, false);
    ask(host, worker, "GET", "/.tidegate/v1/metrics").body
}

fn labels(metrics: &[u8], outcome: &str) -> u64 {
    sum(metrics, "model_labels_total", outcome)
}

fn told(metrics: &[u8], result: &str) -> u64 {
    sum(metrics, "tidegate_feedback_total", result)
}

#[test]
fn a_label_finds_its_prediction_by_the_token() {
    let (host, mut worker) = gateway(&json!({"secret": "s1"}));
    let token = token(&host, &mut worker);
    let (status, receipt) = tell(&host, &mut worker, &label(&token, 1, 1));
    assert_eq!((status, receipt), (200, json!({"taken": 1, "refused": []})));
    let metrics = metrics(&host, &mut worker);
    assert_eq!(sum(&metrics, "tidegate_tokens_total", ""), 1);
    assert_eq!((told(&metrics, "accepted"), labels(&metrics, "joined")), (1, 1));
    assert_eq!(sum(&metrics, "tidegate_feedback_contradictions_total", ""), 0);
    let snapshot = ask(&host, &mut worker, "GET", "/.tidegate/v1/snapshot").body;
    let snapshot: Value = serde_json::from_slice(&snapshot).unwrap();
    assert_eq!(snapshot["models"][0]["cohorts"][0]["predictions"], 1);
    assert_eq!(snapshot["models"][0]["cohorts"][0]["accuracy"], 1.0);
    assert_eq!(snapshot["models"][0]["quality"][0]["version"], "3", "of the answer's body");
}

#[test]
fn another_gateway_of_the_fleet_takes_it_a_month_later_and_under_the_secret_before() {
    let (host, mut worker) = gateway(&json!({"secret": "s1"}));
    let token = token(&host, &mut worker);
    let rotated = json!({"secret": "s2", "previous_secret": "s1"});
    let (other_host, mut other) = gateway(&rotated);
    other_host.advance_millis(29 * DAY_MILLIS);
    let said = json!({"prediction": token, "predicted": 0, "label": 1, "model_version": "3"});
    assert_eq!(tell(&other_host, &mut other, &said.to_string()).0, 200);
    let seen = metrics(&other_host, &mut other);
    assert_eq!((told(&seen, "accepted"), labels(&seen, "joined")), (1, 1));
    let snapshot = ask(&other_host, &mut other, "GET", "/.tidegate/v1/snapshot").body;
    let snapshot: Value = serde_json::from_slice(&snapshot).unwrap();
    let iris = &snapshot["models"][0];
    assert_eq!(
        (&iris["model_name"], &iris["quality"][0]["version"]),
        (&json!("iris"), &json!("3"))
    );
    let cohort = &iris["cohorts"][0];
    assert_eq!((&cohort["predictions"], &cohort["labelled"]), (&json!(0), &json!(1)));
    assert_eq!(cohort["accuracy"], 0.0, "by the echo");

    other_host.advance_millis(2 * DAY_MILLIS);
    assert_eq!(tell(&other_host, &mut other, &label(&token, 0, 1)).0, 403);
    assert_eq!(told(&metrics(&other_host, &mut other), "expired"), 1);

    let (third_host, mut third) = gateway(&json!({"secret": "s2"}));
    assert_eq!(tell(&third_host, &mut third, &label(&token, 0, 1)).0, 403);
    assert_eq!(told(&metrics(&third_host, &mut third), "forged"), 1);
}

#[test]
fn the_gateways_own_record_counts_before_the_echo_and_replays_count_once() {
    let (host, mut worker) = gateway(&json!({"secret": "s1"}));
    let token = token(&host, &mut worker);
    for _ in 0..5 {
        assert_eq!(tell(&host, &mut worker, &label(&token, 0, 0)).0, 200);
    }
    let metrics = metrics(&host, &mut worker);
    assert_eq!((labels(&metrics, "joined"), labels(&metrics, "duplicate")), (1, 4));
    assert_eq!(sum(&metrics, "tidegate_feedback_contradictions_total", ""), 5);
    let snapshot = ask(&host, &mut worker, "GET", "/.tidegate/v1/snapshot").body;
    let snapshot: Value = serde_json::from_slice(&snapshot).unwrap();
    assert_eq!(snapshot["models"][0]["cohorts"][0]["accuracy"], 0.0, "it said 1");
}

#[test]
fn what_nobody_signed_is_refused_and_counted_and_the_rest_is_kept() {
    let (host, mut worker) = gateway(&json!({"secret": "s1"}));
    let token = token(&host, &mut worker);
    let (claims, code) = token.split_once('.').unwrap();
    let swapped = format!("{}.{code}", claims.replacen(&claims[..2], "AA", 1));
    let body = [
        label(&token, 1, 1),
        label(&swapped, 1, 1),
        label(&token[..token.len() - 1], 1, 1),
        json!({"prediction": token, "predicted": 1}).to_string(),
        json!({"prediction": token, "predicted": 1, "label": null}).to_string(),
        json!({"prediction": token, "predicted": [1, 2], "label": 1}).to_string(),
        json!({"prediction": token, "label": 1, "lable": 1}).to_string(),
        json!({"prediction": token, "label": 1, "at": 1.9e9}).to_string(),
        "nonsense".into(),
    ];
    let (status, receipt) = tell(&host, &mut worker, &body.join("\n"));
    assert_eq!((status, &receipt["taken"]), (200, &json!(1)));
    let refused = receipt["refused"].as_array().unwrap();
    let places: Vec<u64> = refused.iter().map(|it| it["index"].as_u64().unwrap()).collect();
    assert_eq!(places, (1..9).collect::<Vec<u64>>());
    assert!(!receipt.to_string().contains("s1"));
    let list = format!("[{}, {}]", label(&token, 1, 1), label("x.y", 1, 1));
    assert_eq!(tell(&host, &mut worker, &list).1["taken"], 1);
    assert_eq!(tell(&host, &mut worker, &label("x.y", 1, 1)).0, 400);
    assert_eq!(tell(&host, &mut worker, &label(&swapped, 1, 1)).0, 403);
    let metrics = metrics(&host, &mut worker);
    assert_eq!((told(&metrics, "accepted"), told(&metrics, "forged")), (2, 2));
    assert_eq!((told(&metrics, "malformed"), told(&metrics, "")), (9, 13));
}

#[test]
fn rows_of_a_batch_are_told_together_or_by_their_place() {
    let (host, mut worker) = gateway(&json!({"secret": "s1"}));
    // The model says 0 and 1.
    let token = tokens(&host, &mut worker, &Exchange::iris()).pop().unwrap();
    let said = json!({"prediction": token, "predicted": [0, 1], "label": [0, 0]}).to_string();
    assert_eq!(tell(&host, &mut worker, &said).0, 200);
    let said = json!({"prediction": token, "row": 1, "label": 0}).to_string();
    assert_eq!(tell(&host, &mut worker, &said).0, 200);
    let metrics = metrics(&host, &mut worker);
    assert_eq!((labels(&metrics, "joined"), labels(&metrics, "duplicate")), (2, 1));
    assert_eq!(sum(&metrics, "tidegate_feedback_contradictions_total", ""), 0);
}

#[test]
fn only_answers_of_the_named_models_carry_tokens() {
    let (host, mut worker) = gateway(&json!({"secret": "s1", "models": ["iris"]}));
    assert_eq!(tokens(&host, &mut worker, &one_row()).len(), 1);
    let wine = Exchange { path: "/v2/models/wine/infer".into(), ..one_row() };
    assert_eq!(tokens(&host, &mut worker, &wine).len(), 0);
    let failed = Exchange { status: Some(500), ..one_row() };
    assert_eq!(tokens(&host, &mut worker, &failed).len(), 0);
    let (host, mut worker) =
        (MockHost::default(), Worker::configure(&MockHost::default(), b"").unwrap());
    assert_eq!(tokens(&host, &mut worker, &one_row()).len(), 0);
}

#[test]
fn a_call_of_grpc_has_a_token_in_its_trailers_that_tells_what_was_predicted() {
    let (host, mut worker) = gateway(&json!({"secret": "s1"}));
    // {model_name: "iris", model_version: "3", outputs: [{name: "y", "INT64", [1], int64_contents: [1]}]}
    let message =
        b"\x0a\x04iris\x12\x013\x2a\x12\x0a\x01y\x12\x05INT64\x1a\x01\x01\x2a\x03\x1a\x01\x01";
    let mut framed = vec![0, 0, 0, 0, u8::try_from(message.len()).unwrap()];
    framed.extend(message);
    let content = || vec![("content-type", b"application/grpc".to_vec())];
    let exchange = Exchange {
        path: "/inference.GRPCInferenceService/ModelInfer".into(),
        request_headers: content(),
        request_chunks: vec![b"\0\0\0\0\x06\x0a\x04iris".to_vec()],
        response_headers: content(),
        response_chunks: vec![framed],
        response_ends: false,
        ..Exchange::iris()
    };
    let mut session = worker.session();
    let _flow = exchange.pass(&host, &mut session);
    session.on_response_trailers(&host);
    worker.record(&host, session.on_log(&host).unwrap());
    let marks = host.response_marks.take();
    let [(ResponsePart::Trailers, _, token)] = &marks[..] else { panic!("{marks:?}") };
    let id =
        token::verify(token, &[b"s1"], host.now_nanos() as f64 / 1e9, 60.0).unwrap().prediction_id;

    let (other_host, mut other) = gateway(&json!({"secret": "s1"}));
    let said = json!({"prediction": token, "label": 1}).to_string();
    assert_eq!(tell(&other_host, &mut other, &said).0, 200);
    let seen = metrics(&other_host, &mut other);
    assert_eq!(labels(&seen, "joined"), 1, "no echo is needed");
    let snapshot = ask(&other_host, &mut other, "GET", "/.tidegate/v1/snapshot").body;
    let snapshot: Value = serde_json::from_slice(&snapshot).unwrap();
    assert_eq!(snapshot["models"][0]["quality"][0]["version"], "3");
    // The same label by its id, in bulk, for the gateway that made the prediction.
    let event = json!({"type": "label", "prediction_id": id, "label": 1}).to_string();
    let events = Exchange {
        path: "/.tidegate/v1/events".into(),
        request_headers: vec![("authorization", b"Bearer secret".to_vec())],
        request_chunks: vec![event.into_bytes()],
        ..Exchange::iris()
    };
    events.run(&host, &mut worker);
    assert_eq!(labels(&metrics(&host, &mut worker), "joined"), 1);
}

#[test]
fn seldons_own_feedback_passes_and_is_read_by_the_way() {
    let host = MockHost::default();
    let config = json!({
        "admin": {"token": "secret"},
        "models": [{"match": {"path": "/api/v1.0/predictions"}, "protocol": "seldon", "name": "iris"}],
    });
    let mut worker = Worker::configure(&host, config.to_string().as_bytes()).unwrap();
    let answer =
        r#"{"meta": {"puid": "p1"}, "data": {"names": ["no", "yes"], "ndarray": [[0.2, 0.8]]}}"#;
    let exchange = Exchange {
        path: "/api/v1.0/predictions".into(),
        request_chunks: vec![br#"{"data": {"ndarray": [[1, 2]]}}"#.to_vec()],
        response_chunks: vec![answer.into()],
        ..Exchange::iris()
    };
    exchange.run(&host, &mut worker);
    let feedback = |puid: &str, truth: &str| {
        let response = answer.replace("p1", puid);
        format!(r#"{{"response": {response}, "reward": 1.0, "truth": {{"data": {truth}}}}}"#)
    };
    let post = |body: String, status: u64| Exchange {
        path: "/api/v1.0/feedback".into(),
        request_chunks: vec![body.into_bytes()],
        response_chunks: vec![b"{}".to_vec()],
        status: Some(status),
        ..Exchange::iris()
    };
    let truth = r#"{"names": ["no", "yes"], "ndarray": [[0, 1]]}"#;
    for (body, status) in [
        (feedback("p1", truth), 200),
        // Again; of a prediction that was made elsewhere; not taken by the server; unreadable; a reward.
        (feedback("p1", truth), 200),
        (feedback("p2", r#"{"ndarray": ["no"]}"#), 200),
        (feedback("p3", truth), 404),
        ("{".into(), 200),
        (r#"{"reward": 1.0}"#.into(), 200),
    ] {
        post(body, status).run(&host, &mut worker);
        assert!(host.replies.borrow().is_empty(), "it passes");
    }
    let metrics = metrics(&host, &mut worker);
    assert_eq!((labels(&metrics, "joined"), labels(&metrics, "duplicate")), (2, 1));
    assert_eq!(sum(&metrics, "inference_requests_total", ""), 1);
    assert_eq!(sum(&metrics, "tidegate_feedback_contradictions_total", ""), 0);
    assert_eq!(sum(&metrics, "tidegate_dropped_total", "unread_feedback"), 1);
    assert_eq!(sum(&metrics, "tidegate_tokens_total", ""), 0);
    let snapshot = ask(&host, &mut worker, "GET", "/.tidegate/v1/snapshot").body;
    let snapshot: Value = serde_json::from_slice(&snapshot).unwrap();
    let cohort = &snapshot["models"][0]["cohorts"][0];
    assert_eq!((&cohort["predictions"], &cohort["labelled"]), (&json!(1), &json!(2)));
    assert_eq!(cohort["accuracy"], 0.5);
}

#[test]
fn ids_differ_between_contexts_and_gateways() {
    let mut seen = BTreeSet::new();
    let mut count = 0;
    for _ in 0..3 {
        let (host, mut first) = gateway(&json!({"secret": "s1"}));
        host.advance_millis(count);
        let mut second = Worker::configure(&host, &config(&json!({"secret": "s1"}))).unwrap();
        for worker in [&mut first, &mut second] {
            worker.tick(&host, false);
            for _ in 0..20 {
                seen.insert(token(&host, worker));
                count += 1;
            }
        }
    }
    assert_eq!(seen.len(), count as usize);
}

#[test]
fn without_an_admin_api_labels_are_taken_and_nothing_else() {
    let host = MockHost::default();
    let mut worker = Worker::configure(&host, br#"{"feedback": {"secret": "s1"}}"#).unwrap();
    let token = token(&host, &mut worker);
    assert_eq!(tell(&host, &mut worker, &label(&token, 1, 1)).0, 200);
    for path in ["/.tidegate/v1/metrics", "/.tidegate/v1/events", "/.tidegate"] {
        Exchange { path: path.into(), ..Exchange::iris() }.run(&host, &mut worker);
        assert!(host.replies.borrow().is_empty(), "{path}");
    }
}

#[test]
fn bodies_of_labels_have_bounds_of_their_own() {
    let (host, mut worker) = gateway(&json!({"secret": "s1"}));
    let lines = vec!["{}"; 1_001].join("\n");
    let (status, receipt) = tell(&host, &mut worker, &lines);
    assert_eq!((status, receipt["refused"].as_array().unwrap().len()), (400, 1_001));
    assert_eq!(told(&metrics(&host, &mut worker), "malformed"), 1_000);
    assert_eq!(tell(&host, &mut worker, &" ".repeat((1 << 18) + 1)).0, 413);
}

#[test]
fn a_secret_is_shown_nowhere() {
    for feedback in
        [json!({"secret": 123_456}), json!({"secret": ["hidden"]}), json!({"secret": ""})]
    {
        let problems = Config::parse(&config(&feedback)).unwrap_err();
        assert_eq!(problems.len(), 1);
        assert_eq!(
            problems[0].to_string(),
            "/feedback/secret: expected a string of 1 to 4096 bytes"
        );
    }
    let feedback = json!({"secret": "hidden-1", "previous_secret": "hidden-2"});
    let shown = format!("{:?}", Config::parse(&config(&feedback)).unwrap());
    assert!(!shown.contains("hidden"), "{shown}");
    let (host, mut worker) = gateway(&feedback);
    token(&host, &mut worker);
    let mut all = metrics(&host, &mut worker);
    all.extend(ask(&host, &mut worker, "GET", "/.tidegate/v1/snapshot").body);
    all.extend(host.logs.borrow().join("\n").bytes());
    assert!(!String::from_utf8(all).unwrap().contains("hidden"));
}
