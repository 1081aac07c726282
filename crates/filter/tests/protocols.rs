//! A request of each protocol, as the filter records it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod mock;

use mock::{Exchange, MockHost};
use tidegate_core::event::{Inference, Status, Value};
use tidegate_filter::{Flow, Worker};

type Body = (&'static str, Vec<u8>);

fn text(content_type: &'static str, body: &str) -> Body {
    (content_type, body.into())
}

fn json(body: &str) -> Body {
    text("application/json", body)
}

/// A protobuf message in gRPC's frame.
fn grpc(message: &[u8]) -> Body {
    let mut framed = vec![0];
    framed.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
    framed.extend(message);
    ("application/grpc", framed)
}

fn observe(protocol: &str, path: &str, request: Body, response: Body) -> Inference {
    let config = format!(
        r#"{{"models": [{{"match": {{"path_prefix": "/"}}, "protocol": "{protocol}",
            "classes": ["no", "yes"]}}]}}"#
    );
    let host = MockHost::default();
    let mut session = Worker::configure(&host, config.as_bytes()).unwrap().session();
    let pieces = |body: &[u8]| body.chunks(9).map(<[u8]>::to_vec).collect();
    let exchange = Exchange {
        path: path.into(),
        request_headers: vec![("content-type", request.0.into())],
        request_chunks: pieces(&request.1),
        response_headers: vec![("content-type", response.0.into())],
        response_chunks: pieces(&response.1),
        ..Exchange::iris()
    };
    assert_eq!(exchange.pass(&host, &mut session), Flow::Continue);
    let inference = session.on_log(&host).unwrap().observation().unwrap().inference;
    assert_eq!((inference.status, &inference.unread), (Status::Success, &vec![]), "{protocol}");
    inference
}

/// Holds that two rows of two features were recorded, and that they were answered with `no` and `yes`.
fn check(inference: &Inference, model: &str, names: [&str; 2], confidences: &[f64]) {
    assert_eq!((inference.model_name.as_str(), inference.batch_size), (model, Some(2)));
    let columns: Vec<_> =
        inference.features.iter().map(|column| (column.name.as_str(), &column.values)).collect();
    let number = Value::Number;
    let expected = [vec![number(1.0), number(3.0)], vec![number(2.0), number(4.0)]];
    assert_eq!(columns, [(names[0], &expected[0]), (names[1], &expected[1])]);
    assert_eq!(inference.predictions, ["no", "yes"].map(|class| Value::Category(class.into())));
    assert_eq!(inference.confidences, confidences);
}

#[test]
fn mlflow() {
    let request = r#"{"dataframe_split": {"columns": ["a", "b"], "data": [[1, 2], [3, 4]]}}"#;
    let path = "/serving-endpoints/churn/invocations";
    let inference = observe("mlflow", path, json(request), json(r#"{"predictions": [0, 1]}"#));
    check(&inference, "churn", ["a", "b"], &[]);
    let csv = text("text/csv", "a,b\n1,2\n3,4\n");
    let inference = observe("mlflow", "/invocations", csv, json(r#"{"predictions": [0, 1]}"#));
    check(&inference, "unknown", ["a", "b"], &[]);
}

#[test]
fn sagemaker() {
    let csv = |body| text("text/csv", body);
    let answer = csv("0,\"[0.75, 0.25]\"\n1,\"[0.5, 0.5]\"\n");
    let inference = observe("sagemaker", "/invocations", csv("1,2\n3,4"), answer);
    check(&inference, "unknown", ["f0", "f1"], &[0.75, 0.5]);
    let lines = |body| text("application/jsonlines", body);
    let request = lines("{\"features\": [1, 2]}\n{\"features\": [3, 4]}\n");
    let answer = lines("{\"predicted_label\": 0}\n{\"predicted_label\": 1}\n");
    let inference = observe("sagemaker", "/models/churn/invoke", request, answer);
    check(&inference, "churn", ["f0", "f1"], &[]);
    // Of both rows on one line; what was asked says that it is not one row with two scores.
    let inference = observe("sagemaker", "/invocations", csv("1,2\n3,4"), csv("0.25,0.75"));
    assert_eq!(inference.predictions, [0.25, 0.75].map(Value::Number));
    assert!(inference.confidences.is_empty());
    let inference = observe("sagemaker", "/invocations", csv("1,2"), csv("0.25,0.75"));
    assert_eq!(inference.predictions, [Value::Category("yes".into())]);
}

#[test]
fn seldon() {
    let request =
        r#"{"data": {"names": ["a", "b"], "tensor": {"shape": [2, 2], "values": [1, 2, 3, 4]}}}"#;
    let answer = r#"{"data": {"names": ["t:0", "t:1"], "ndarray": [[0.75, 0.25], [0.25, 0.75]]}}"#;
    let path = "/seldon/ns/churn/api/v1.0/predictions";
    let inference = observe("seldon", path, json(request), json(answer));
    check(&inference, "unknown", ["a", "b"], &[0.75, 0.75]);
}

#[test]
fn torchserve() {
    let request = json(r#"{"instances": [[1, 2], [3, 4]]}"#);
    let path = "/predictions/resnet/2.0";
    let answer = json(r#"{"tabby": 0.5, "lynx": 0.25}"#);
    let inference = observe("torchserve", path, request, answer);
    assert_eq!(
        (inference.model_name.as_str(), inference.model_version.as_str()),
        ("resnet", "2.0")
    );
    assert_eq!(inference.predictions, [Value::Category("tabby".into())]);
    assert_eq!((inference.confidences, inference.batch_size), (vec![0.5], Some(2)));
}

#[test]
fn open_inference_over_grpc() {
    // {model_name: "m", inputs: [{name: "x", datatype: "FP32", shape: [2, 2]}], raw_input_contents}
    let mut request = b"\x0a\x01m\x2a\x0d\x0a\x01x\x12\x04FP32\x1a\x02\x02\x02\x3a\x10".to_vec();
    request.extend([1.0_f32, 2.0, 3.0, 4.0].iter().flat_map(|value| value.to_le_bytes()));
    // {model_name: "m", model_version: "7", outputs: [{name: "y", "INT64", [2], int64_contents}]}
    let response =
        b"\x0a\x01m\x12\x017\x2a\x13\x0a\x01y\x12\x05INT64\x1a\x01\x02\x2a\x04\x1a\x02\x00\x01";
    let path = "/inference.GRPCInferenceService/ModelInfer";
    let inference = observe("open_inference_grpc", path, grpc(&request), grpc(response));
    check(&inference, "m", ["f0", "f1"], &[]);
    assert_eq!(inference.model_version, "7");
}

#[test]
fn tensorflow_serving_over_grpc() {
    // {model_spec: {name: "m"}, inputs: {"x": {DT_FLOAT, [2, 2], float_val}}}
    let mut request =
        b"\x0a\x03\x0a\x01m\x12\x23\x0a\x01x\x12\x1e\x08\x01\x12\x08\x12\x02\x08\x02\x12\x02\x08\x02\x2a\x10"
            .to_vec();
    request.extend([1.0_f32, 2.0, 3.0, 4.0].iter().flat_map(|value| value.to_le_bytes()));
    // {outputs: {"class": {DT_INT64, [2], int64_val}}, model_spec: {name: "m", version: 7}}
    let response =
        b"\x0a\x15\x0a\x05class\x12\x0c\x08\x09\x12\x04\x12\x02\x08\x02\x52\x02\x00\x01\x12\x07\x0a\x01m\x12\x02\x08\x07";
    let path = "/tensorflow.serving.PredictionService/Predict";
    let inference = observe("tensorflow_serving_grpc", path, grpc(&request), grpc(response));
    check(&inference, "m", ["f0", "f1"], &[]);
    assert_eq!(inference.model_version, "7");
}

/// gRPC says in its trailers how a call ended; HTTP says 200 in any case.
#[test]
fn a_grpc_call_has_a_status_of_its_own() {
    let status = |grpc_status| {
        let host = MockHost::default();
        let mut session = Worker::configure(&host, b"").unwrap().session();
        let exchange = Exchange {
            path: "/inference.GRPCInferenceService/ModelInfer".into(),
            request_headers: vec![("content-type", b"application/grpc".to_vec())],
            request_chunks: vec![grpc(b"\x0a\x01m").1],
            response_headers: vec![("content-type", b"application/grpc".to_vec())],
            response_chunks: vec![],
            ..Exchange::iris()
        };
        let _flow = exchange.pass(&host, &mut session);
        host.set_number("response.grpc_status", grpc_status);
        session.on_log(&host).unwrap().observation().unwrap().inference.status
    };
    assert_eq!(status(0), Status::Success);
    assert_eq!(status(1), Status::Aborted);
    assert_eq!(status(5), Status::ClientError);
    assert_eq!(status(14), Status::ServerError);
}

#[test]
fn hugging_face() {
    let request = json(r#"{"inputs": [["a"], ["b"]]}"#);
    let answer = json(
        r#"[[{"label": "no", "score": 0.75}, {"label": "yes", "score": 0.25}],
            [{"label": "yes", "score": 0.5}, {"label": "no", "score": 0.5}]]"#,
    );
    let inference = observe("hugging_face", "/predict", request, answer);
    assert_eq!(inference.batch_size, Some(2));
    assert_eq!(inference.predictions, ["no", "yes"].map(|class| Value::Category(class.into())));
    assert_eq!(inference.confidences, [0.75, 0.5]);
}

#[test]
fn openai_embeddings() {
    let request = json(r#"{"model": "e", "input": ["a", "b"]}"#);
    let answer = json(
        r#"{"data": [{"embedding": [0.5]}, {"embedding": [1]}], "model": "e-1",
            "usage": {"prompt_tokens": 4, "total_tokens": 4}}"#,
    );
    let inference = observe("openai", "/v1/embeddings", request, answer);
    assert_eq!((inference.model_name.as_str(), inference.batch_size), ("e-1", Some(2)));
    let generation = inference.generation.unwrap();
    assert_eq!((generation.input_tokens, generation.output_tokens), (Some(4), None));
}
