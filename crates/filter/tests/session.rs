//! One request at a time: what is counted of it, and that it passes as it came.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod mock;

use mock::{Exchange, IRIS_REQUEST, MockHost, ask, sum};
use tidegate_core::event::{Side, Stage, Status, Unread, UnreadReason, Value};
use tidegate_filter::{Flow, Observation, Over, Worker};

const PLAIN: &str = r#"{"models": [{"match": {"path_prefix": "/"}, "protocol": "open_inference",
    "feature_names": ["length", "width"], "classes": ["setosa", "versicolor"],
    "capture": {"max_body_bytes": 1000}}]}"#;

fn worker(config: &str) -> Worker {
    Worker::configure(&MockHost::default(), config.as_bytes()).unwrap()
}

/// What is counted of an exchange, if it is counted.
fn observe(config: &str, exchange: &Exchange) -> Option<Observation> {
    let host = MockHost::default();
    let mut session = worker(config).session();
    assert_eq!(exchange.pass(&host, &mut session), Flow::Continue);
    let observation = session.on_log(&host).and_then(Over::observation);
    assert!(session.on_log(&host).is_none(), "a request is counted once");
    observation
}

fn unread(exchange: &Exchange) -> Vec<(Side, UnreadReason)> {
    let inference = observe(PLAIN, exchange).unwrap().inference;
    inference.unread.iter().map(|&Unread { side, reason }| (side, reason)).collect()
}

fn status(exchange: &Exchange) -> Status {
    observe(PLAIN, exchange).unwrap().inference.status
}

#[test]
fn a_successful_call_is_read_on_both_sides() {
    let mut exchange = Exchange::iris();
    exchange.response_headers.push(("server-timing", b"inference;dur=8, db;dur=1".to_vec()));
    let inference = observe(PLAIN, &exchange).unwrap().inference;
    assert_eq!((inference.model_name.as_str(), inference.model_version.as_str()), ("iris", "3"));
    assert_eq!((inference.status, inference.batch_size), (Status::Success, Some(2)));
    let features: Vec<_> =
        inference.features.iter().map(|f| (f.name.as_str(), &f.values)).collect();
    assert_eq!(
        features,
        [
            ("length", &vec![Value::Number(1.5), Value::Number(3.5)]),
            ("width", &vec![Value::Number(2.5), Value::Number(4.5)])
        ]
    );
    let classes = ["setosa", "versicolor"].map(|class| Value::Category(class.into()));
    assert_eq!(inference.predictions, classes);
    let latency: Vec<_> = inference.latency.iter().map(|l| (l.stage, l.seconds)).collect();
    let expected = [
        (Stage::Total, 0.012),
        (Stage::Upstream, 0.01),
        (Stage::Gateway, 0.002),
        (Stage::Inference, 0.008),
    ];
    assert_eq!(latency, expected);
    assert_eq!(inference.unread, []);
}

#[test]
fn a_request_that_the_gateway_redirects_by_itself_is_counted_where_it_ends() {
    let counts = |exchange: &Exchange| {
        let host = MockHost::default();
        let mut session = worker(PLAIN).session();
        assert_eq!(exchange.pass(&host, &mut session), Flow::Continue);
        let details = b"internal_redirect".to_vec();
        host.properties.borrow_mut().insert("response.code_details".into(), details);
        session.on_log(&host).is_some()
    };
    let left = Exchange { status: None, response_ends: false, ..Exchange::iris() };
    assert!(!counts(&left));
    // What the client got to its end is an answer, whatever is said of it.
    assert!(counts(&Exchange::iris()));
}

#[test]
fn the_config_names_the_model_before_the_wire_does() {
    let config = r#"{"models": [{"match": {"path": "/v2/models/iris/infer"}, "protocol": "open_inference",
        "name": "flowers", "version": "9"}]}"#;
    let inference = observe(config, &Exchange::iris()).unwrap().inference;
    assert_eq!((inference.model_name.as_str(), inference.model_version.as_str()), ("flowers", "9"));
}

#[test]
fn a_name_has_no_control_characters() {
    let path = "/v2/models/a%00%0a%1bb/infer".into();
    let inference = observe(PLAIN, &Exchange { path, ..Exchange::iris() }).unwrap().inference;
    assert_eq!(inference.model_name, "a\u{fffd}\u{fffd}\u{fffd}b");
}

#[test]
fn what_asks_no_model_is_not_counted() {
    for (method, path) in [("GET", "/v2/models/iris/infer"), ("POST", "/checkout"), ("POST", "")] {
        let exchange = Exchange { method, path: path.into(), ..Exchange::iris() };
        assert_eq!(observe(PLAIN, &exchange), None, "{method} {path}");
    }
}

#[test]
fn statuses_follow_what_the_client_got() {
    const CLIENT_GONE: u64 = 1 << 14;
    const CLIENT_RESET: u64 = 1 << 28;
    const NO_UPSTREAM: u64 = 1 << 5;
    let with = |status, flags| Exchange { status, flags, ..Exchange::iris() };
    assert_eq!(status(&with(Some(200), 0)), Status::Success);
    assert_eq!(status(&with(Some(404), 0)), Status::ClientError);
    assert_eq!(status(&with(Some(500), 0)), Status::ServerError);
    assert_eq!(status(&with(Some(503), NO_UPSTREAM)), Status::ServerError);
    assert_eq!(status(&with(None, CLIENT_GONE)), Status::Aborted);
    assert_eq!(status(&with(None, 0)), Status::Aborted);
    // A client that left after the last byte had its answer.
    assert_eq!(status(&with(Some(200), CLIENT_GONE)), Status::Success);
    let cut = |flags| Exchange { response_ends: false, flags, ..Exchange::iris() };
    assert_eq!(status(&cut(CLIENT_GONE)), Status::Aborted);
    assert_eq!(status(&cut(CLIENT_RESET)), Status::Aborted);
    assert_eq!(status(&cut(0)), Status::ServerError);
    let error =
        Exchange { response_chunks: vec![br#"{"error": "no"}"#.to_vec()], ..Exchange::iris() };
    assert_eq!(status(&error), Status::ServerError);
}

#[test]
fn every_unread_body_has_its_reason() {
    use {Side::*, UnreadReason::*};
    let request = |chunks: &[&[u8]]| Exchange {
        request_chunks: chunks.iter().map(|chunk| chunk.to_vec()).collect(),
        ..Exchange::iris()
    };
    let with_header = |name, value: &[u8]| {
        let mut exchange = Exchange::iris();
        exchange.response_headers = vec![(name, value.to_vec())];
        exchange
    };
    assert_eq!(unread(&Exchange::iris()), []);
    assert_eq!(unread(&request(&[&[b' '; 600], &[b' '; 600]])), [(Request, OverCap)]);
    assert_eq!(unread(&request(&[b"{\"inputs\": [}"])), [(Request, Malformed)]);
    assert_eq!(unread(&request(&[b"\xff\xfe"])), [(Request, Malformed)]);
    assert_eq!(unread(&request(&[&[b'['; 900]])), [(Request, TooDeep)]);
    assert_eq!(unread(&request(&[b"[]"])), [(Request, NotProtocol)]);
    assert_eq!(unread(&with_header("content-encoding", b"br")), [(Response, Compressed)]);
    assert_eq!(unread(&with_header("content-encoding", b"gzip")), [(Response, Malformed)]);
    assert_eq!(unread(&with_header("content-type", b"text/html")), [(Response, ContentType)]);
    assert_eq!(unread(&with_header("content-length", b"1001")), [(Response, OverCap)]);
    let upload_cut = Exchange { request_ends: false, status: None, ..Exchange::iris() };
    assert_eq!(unread(&upload_cut), [(Request, Truncated)]);
    let download_cut = Exchange { response_ends: false, ..Exchange::iris() };
    assert_eq!(unread(&download_cut), [(Response, Truncated)]);
}

#[test]
fn bodies_may_come_in_any_pieces() {
    let whole = observe(PLAIN, &Exchange::iris());
    let bytes = IRIS_REQUEST.as_bytes();
    for size in [1, 2, 7, 64] {
        let request_chunks = bytes.chunks(size).map(<[u8]>::to_vec).collect();
        let exchange = Exchange { request_chunks, ..Exchange::iris() };
        assert_eq!(observe(PLAIN, &exchange), whole, "chunks of {size}");
    }
}

#[test]
fn failed_responses_are_not_read() {
    let exchange = Exchange {
        status: Some(500),
        response_chunks: vec![b"<html>".to_vec()],
        ..Exchange::iris()
    };
    assert_eq!(unread(&exchange), []);
}

#[test]
fn what_is_not_to_be_captured_is_not_read() {
    let config = r#"{"models": [{"match": {"path_prefix": "/"}, "protocol": "open_inference",
        "capture": {"features": false, "predictions": false}}]}"#;
    let inference = observe(config, &Exchange::iris()).unwrap().inference;
    assert_eq!((inference.features, inference.predictions), (vec![], vec![]));
    assert_eq!((inference.status, inference.batch_size), (Status::Success, None));
    assert_eq!(
        (inference.model_name.as_str(), inference.model_version.as_str()),
        ("iris", "unknown")
    );
}

#[test]
fn bodies_that_wait_are_bounded_in_sum() {
    let host = MockHost::default();
    let config = r#"{"models": [{"match": {"path_prefix": "/"}, "protocol": "open_inference",
        "capture": {"max_body_bytes": 16777216}}]}"#;
    let mut worker = worker(config);
    let upload = Exchange {
        request_chunks: vec![vec![b' '; 10 << 20]],
        request_ends: false,
        status: None,
        ..Exchange::iris()
    };
    let mut refused = 0;
    let mut waiting: Vec<_> = (0..10).map(|_| worker.session()).collect();
    for session in &mut waiting {
        let _flow = upload.pass(&host, session);
    }
    for session in &mut waiting {
        let unread = session.on_log(&host).unwrap().observation().unwrap().inference.unread;
        refused += usize::from(unread[0].reason == UnreadReason::OverCap);
    }
    assert_eq!(refused, 4, "six of ten megabytes fit the budget of 64");
    let mut session = worker.session();
    let _flow = upload.pass(&host, &mut session);
    let unread = session.on_log(&host).unwrap().observation().unwrap().inference.unread;
    assert_eq!(unread[0].reason, UnreadReason::Truncated, "the budget is given back");
}

const EXPERIMENT: &str = r#"{"admin": {"token": "secret"}, "experiments": [
    {"name": "iris-v1-vs-v2", "unit": {"header": "x-user-id"},
     "variants": [{"name": "control", "weight": 0.5}, {"name": "treatment", "weight": 0.5}]},
    {"name": "seed", "unit": {"query": "user"},
     "variants": [{"name": "a", "weight": 0.1}, {"name": "b", "weight": 0.9}]}]}"#;

fn variants(host: &MockHost) -> (Option<String>, Option<String>) {
    (host.request_header("x-tidegate-experiment"), host.request_header("x-tidegate-variant"))
}

#[test]
fn a_unit_gets_its_variants_and_keeps_them() {
    let host = MockHost::default();
    let mut worker = worker(EXPERIMENT);
    let mut exchange = Exchange::iris();
    exchange.path += "?user=b";
    // Buckets .2719 and .2696: see the vectors of the assignment.
    exchange.request_headers.push(("x-user-id", b"u1".to_vec()));
    for _ in 0..2 {
        exchange.run(&host, &mut worker);
        let expected = (Some("iris-v1-vs-v2,seed".into()), Some("control,b".into()));
        assert_eq!(variants(&host), expected);
    }
    exchange.path = "/v2/models/iris/infer".into();
    exchange.run(&host, &mut worker);
    assert_eq!(variants(&host), (Some("iris-v1-vs-v2".into()), Some("control".into())));
}

#[test]
fn a_client_does_not_choose_its_variant() {
    let host = MockHost::default();
    for config in [EXPERIMENT, ""] {
        for path in ["/v2/models/iris/infer", "/checkout"] {
            let mut exchange = Exchange { path: path.into(), ..Exchange::iris() };
            exchange.request_headers.push(("x-tidegate-variant", b"treatment".to_vec()));
            exchange.request_headers.push(("x-tidegate-variant", b"\xff".to_vec()));
            exchange.request_headers.push(("x-tidegate-experiment", b"iris-v1-vs-v2".to_vec()));
            exchange.run(&host, &mut worker(config));
            assert_eq!(variants(&host), (None, None), "{path}");
        }
    }
}

#[test]
fn a_request_without_a_unit_is_in_no_experiment_and_counted() {
    let mut exchange = Exchange::iris();
    exchange.request_headers.push(("x-user-id", b"\xff\xfe".to_vec()));
    let observation = observe(EXPERIMENT, &exchange).unwrap();
    assert_eq!(observation.inference.assignments, []);
    let not_text = Unread { side: Side::Request, reason: UnreadReason::HeaderNotText };
    assert_eq!(observation.inference.unread, [not_text]);
    assert_eq!(observation.rejected, ["no_unit"]);
}

#[test]
fn headers_are_left_alone_unless_there_is_a_reason() {
    let host = MockHost::default();
    Exchange::iris().run(&host, &mut worker(PLAIN));
    assert_eq!(host.header_writes.get(), 0, "any write makes Envoy choose the route again");
}

#[test]
fn counts_reach_the_metrics() {
    let host = MockHost::default();
    let mut worker = worker(EXPERIMENT);
    let mut exchange = Exchange::iris();
    exchange.request_headers.push(("x-user-id", b"u1".to_vec()));
    for _ in 0..3 {
        exchange.run(&host, &mut worker);
    }
    worker.tick(&host, false);
    let metrics = ask(&host, &mut worker, "GET", "/.tidegate/v1/metrics").body;
    let sum = |name, label| sum(&metrics, name, label);
    assert_eq!(sum("inference_requests_total", "status=\"success\""), 3);
    assert_eq!(sum("model_predictions_total", "version=\"3\""), 6);
    assert_eq!(sum("inference_latency_seconds_count", "stage=\"total\""), 3);
    assert_eq!(sum("inference_batch_size_sum", ""), 6);
    assert_eq!(sum("ab_test_requests_total", "variant=\"control\""), 3);
    assert_eq!(sum("tidegate_dropped_total", "bound=\"no_unit\""), 3);
}

#[test]
fn large_bodies_are_read_at_once_and_their_memory_is_given_back() {
    let host = MockHost::default();
    let mut worker = worker(
        r#"{"admin": {"token": "secret"}, "models": [{"match": {"path_prefix": "/"},
        "protocol": "open_inference", "capture": {"max_body_bytes": 16777216}}]}"#,
    );
    let mut body = IRIS_REQUEST.as_bytes().to_vec();
    body.resize(12 << 20, b' ');
    let exchange = Exchange { request_chunks: vec![body], ..Exchange::iris() };
    // Six are more than the bodies of a worker may take together.
    for _ in 0..6 {
        exchange.run(&host, &mut worker);
    }
    worker.tick(&host, false);
    let metrics = ask(&host, &mut worker, "GET", "/.tidegate/v1/metrics").body;
    assert_eq!(sum(&metrics, "inference_batch_size_sum", ""), 12);
    assert_eq!(sum(&metrics, "tidegate_unread_bodies_total", ""), 0);
}
