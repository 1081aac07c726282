//! HTTP/2 and gRPC: frames that are split anywhere, trailers, and streams that are reset pass as they are,
//! and are read right.

use serde_json::json;
use tidegate_demo::envoy::config;

use crate::harness::{
    Gateway, Http2Client, Http2Upstream, Incoming, Outgoing, Setup, admin_config, tidegate,
};

const METHOD: &str = "/inference.GRPCInferenceService/ModelInfer";
const OK: &[(&str, &str)] = &[("grpc-status", "0"), ("x-after", "all")];

/// A field of protobuf that has a length: bytes, text or a message. Short ones only.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    [&[number << 3 | 2, u8::try_from(content.len()).unwrap()], content].concat()
}

/// Two rows of two features, in gRPC's frame.
fn infer_request() -> Vec<u8> {
    let numbers: Vec<u8> =
        [1.5_f64, 2.5, 3.5, 4.5].into_iter().flat_map(f64::to_le_bytes).collect();
    let contents = field(5, &field(7, &numbers));
    let input = [field(1, b"x"), field(2, b"FP64"), field(3, &[2, 2]), contents].concat();
    framed(&[field(1, b"iris"), field(3, b"r1"), field(5, &input)].concat())
}

/// A class for each of two rows, in gRPC's frame.
fn infer_response() -> Vec<u8> {
    let classes = [field(8, b"setosa"), field(8, b"virginica")].concat();
    let contents = field(5, &classes);
    let output = [field(1, b"class"), field(2, b"BYTES"), field(3, &[2]), contents].concat();
    framed(&[field(1, b"iris"), field(2, b"3"), field(5, &output)].concat())
}

fn framed(message: &[u8]) -> Vec<u8> {
    let length = u32::try_from(message.len()).unwrap().to_be_bytes();
    [&[0][..], &length, message].concat()
}

/// Two frames, or one where the other would be empty: Envoy takes many of these for an attack.
fn split(bytes: &[u8], at: usize) -> Vec<Vec<u8>> {
    let (first, second) = bytes.split_at(at);
    [first, second].into_iter().filter(|it| !it.is_empty()).map(<[u8]>::to_vec).collect()
}

/// Two gateways before upstreams of their own: one without the filter, and one with it.
struct Pair {
    ways: [(Http2Client, Http2Upstream, Gateway); 2],
}

impl Pair {
    fn start(scenario: &str) -> Self {
        let plugin = json!({
            "models": [{
                "match": { "path_prefix": "/inference.GRPCInferenceService/" },
                "protocol": "open_inference_grpc",
            }],
            "admin": admin_config(),
        });
        let way = |filter: Option<String>| {
            let upstream = Http2Upstream::start();
            let cluster = config::over_http2(config::cluster("model", upstream.address));
            let scenario =
                format!("http2-{scenario}-{}", if filter.is_some() { "with" } else { "without" });
            let setup = Setup {
                scenario: &scenario,
                filter: filter.as_deref().map(tidegate),
                routes: vec![config::route("model")],
                clusters: &[cluster],
                change_listener: |_| {},
                options: &[],
            };
            let gateway = setup.start();
            (Http2Client::connect(gateway.address), upstream, gateway)
        };
        Self { ways: [way(None), way(Some(plugin.to_string()))] }
    }

    /// One exchange on both ways: what the client got, after making sure that it and what the upstream got
    /// are the same on both.
    fn exchange(&mut self, request: &Outgoing, answer: &Outgoing) -> Incoming {
        let [without, with] = self.ways.each_mut().map(|(client, upstream, _)| {
            upstream.answer_with(answer.clone());
            let got = without_times(client.post(METHOD, request.clone()));
            (got, upstream.take_received())
        });
        assert_eq!(with.0, without.0, "the client got something else");
        assert_eq!(with.1, without.1, "the upstream got something else");
        with.0
    }

    fn watched(&self) -> &Gateway {
        &self.ways[1].2
    }
}

fn without_times(mut message: Incoming) -> Incoming {
    let differs = |name: &str| ["date", "x-envoy-upstream-service-time"].contains(&name);
    message.headers.retain(|(name, _)| !differs(name));
    message
}

#[test]
fn grpc_messages_may_be_split_at_every_byte() {
    let mut pair = Pair::start("split");
    let (request, response) = (infer_request(), infer_response());
    let mut calls = 0;
    for at in 0..request.len().max(response.len()) {
        let outgoing = Outgoing::grpc(split(&request, at.min(request.len())), None);
        let answer = Outgoing::grpc(split(&response, at.min(response.len())), Some(OK));
        let got = pair.exchange(&outgoing, &answer);
        assert_eq!(got.body, response, "split at {at}");
        assert_eq!(got.trailers.unwrap().len(), OK.len());
        calls += 1;
    }
    // Each byte in a frame of its own.
    let single = |bytes: &[u8]| bytes.iter().map(|&byte| vec![byte]).collect::<Vec<_>>();
    let outgoing = Outgoing::grpc(single(&request), Some(&[("x-request-trailer", "1")]));
    let got = pair.exchange(&outgoing, &Outgoing::grpc(single(&response), Some(OK)));
    assert_eq!(got.body, response);
    calls += 1;

    let metrics = pair.watched().settled_metrics();
    let calls = f64::from(calls);
    assert_eq!(metrics.sum("inference_requests_total", &[("status", "success")]), calls);
    assert_eq!(metrics.sum("inference_requests_total", &[]), calls);
    assert_eq!(metrics.sum("tidegate_unread_bodies_total", &[]), 0.0);
    assert_eq!(metrics.sum("inference_batch_size_sum", &[("version", "3")]), 2.0 * calls);
    for class in ["setosa", "virginica"] {
        let labels = [("model_name", "iris"), ("predicted_class", class)];
        assert_eq!(metrics.sum("model_predictions_total", &labels), calls);
    }
}

#[test]
fn trailers_and_failures_of_grpc_pass_and_are_told_apart() {
    let mut pair = Pair::start("trailers");
    let request = Outgoing::grpc(vec![infer_request()], Some(&[("x-checksum", "abc")]));
    let failed: &[(&str, &str)] = &[("grpc-status", "13"), ("grpc-message", "no")];
    let refused: &[(&str, &str)] = &[("grpc-status", "3")];
    for trailers in [OK, failed, refused] {
        let got = pair.exchange(&request, &Outgoing::grpc(vec![infer_response()], Some(trailers)));
        assert_eq!(got.trailers.map(|trailers| trailers.len()), Some(trailers.len()));
    }
    // An answer that is nothing but headers.
    let mut headers_only = Outgoing::grpc(vec![], None);
    headers_only.headers.push(("grpc-status".into(), b"14".to_vec()));
    assert_eq!(pair.exchange(&request, &headers_only).header("grpc-status").as_deref(), Some("14"));
    let metrics = pair.watched().settled_metrics();
    let count = |status| metrics.sum("inference_requests_total", &[("status", status)]);
    assert_eq!(["success", "server_error", "client_error"].map(count), [1.0, 2.0, 1.0]);
}

#[test]
fn a_call_of_grpc_has_its_token_in_the_trailers() {
    let upstream = Http2Upstream::start();
    let plugin = json!({ "feedback": { "secret": "grpc" }, "admin": admin_config() });
    let setup = Setup {
        scenario: "http2-token",
        filter: Some(tidegate(&plugin.to_string())),
        routes: vec![config::route("model")],
        clusters: &[config::over_http2(config::cluster("model", upstream.address))],
        change_listener: |_| {},
        options: &[],
    };
    let gateway = setup.start();
    let mut client = Http2Client::connect(gateway.address);
    upstream.answer_with(Outgoing::grpc(vec![infer_response()], Some(OK)));
    let got = client.post(METHOD, Outgoing::grpc(vec![infer_request()], None));
    assert_eq!((&got.body, got.header("x-tidegate-prediction")), (&infer_response(), None));
    let trailers = got.trailers.unwrap();
    assert_eq!(trailers.len(), OK.len() + 1, "{trailers:?}");
    let token = trailers.iter().find(|(name, _)| name == "x-tidegate-prediction").unwrap();
    let token = String::from_utf8(token.1.clone()).unwrap();
    // It says itself what was predicted: setosa and virginica.
    let said = json!({ "prediction": token, "label": ["setosa", "setosa"] }).to_string();
    let told =
        gateway.client().request("POST", "/.tidegate/v1/feedback", &[], said.as_bytes()).unwrap();
    assert_eq!(told.status, 200, "{}", told.text());
    let metrics = gateway.settled_metrics();
    assert_eq!(metrics.sum("model_labels_total", &[("outcome", "joined")]), 2.0);
    assert_eq!(metrics.sum("tidegate_tokens_total", &[]), 1.0);
    let snapshot = gateway.snapshot();
    let cohorts = snapshot["models"][0]["cohorts"].as_array().unwrap();
    let accuracy = cohorts.iter().find_map(|cohort| cohort["accuracy"].as_f64());
    assert_eq!(accuracy, Some(0.5));
}

#[test]
fn a_reset_of_either_side_passes_and_is_no_success() {
    let mut pair = Pair::start("reset");
    let request = Outgoing::grpc(vec![infer_request()], None);
    let half = infer_response()[..40].to_vec();
    let upstream_resets = Outgoing { resets: true, ..Outgoing::grpc(vec![half], None) };
    let got = pair.exchange(&request, &upstream_resets);
    assert!(got.broken.is_some(), "{got:?}");
    let client_resets =
        Outgoing { resets: true, ..Outgoing::grpc(vec![infer_request()[..9].to_vec()], None) };
    for (client, _, _) in &mut pair.ways {
        assert!(client.post(METHOD, client_resets.clone()).broken.is_some());
    }
    // The connection, and the filter, are as before.
    let got = pair.exchange(&request, &Outgoing::grpc(vec![infer_response()], Some(OK)));
    assert_eq!(got.body, infer_response());
    let metrics = pair.watched().settled_metrics();
    let count = |status| metrics.sum("inference_requests_total", &[("status", status)]);
    assert_eq!(["success", "server_error", "aborted"].map(count), [1.0, 1.0, 1.0]);
}
