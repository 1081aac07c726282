//! Bodies of requests and responses: read whole and in pieces, they say the same.

use tidegate_protocol::{
    BodyHeaders, FeedbackFacts, Limits, Naming, Pointer, Pointers, Protocol, RequestReader,
    ResponseReader, decompressed,
};

use crate::{draw, pieces};

const LIMITS: Limits =
    Limits { max_columns: 16, max_rows: 16, max_text_bytes: 32, max_body_bytes: 8_192 };

type Head = (Option<&'static str>, Option<&'static str>, &'static str);

/// The content type, the encoding and the path that decide how a body is taken apart.
const HEADS: [Head; 7] = [
    (None, None, "/"),
    (Some("text/csv"), None, "/invocations"),
    (Some("application/jsonlines"), None, "/invocations"),
    (Some("application/json"), Some("gzip"), "/v2/models/m/infer"),
    (Some("application/cloudevents+json"), None, "/v1/models/m:predict"),
    (None, Some("deflate"), "/v1/embeddings"),
    (None, None, "/v1/chat/completions"),
];

fn headers((content_type, encoding, path): Head) -> BodyHeaders {
    BodyHeaders {
        path: Some(path.into()),
        content_type: content_type.map(Into::into),
        content_encoding: encoding.map(Into::into),
        grpc_encoding: encoding.map(Into::into),
        ..BodyHeaders::default()
    }
}

fn json_headers(input: &[u8]) -> BodyHeaders {
    let length = draw(input, 3, input.len() + 2).to_string();
    let is_binary = draw(input, 4, 4) == 0;
    BodyHeaders {
        inference_header_content_length: is_binary.then(|| length.into_bytes()),
        ..headers(HEADS[draw(input, 5, HEADS.len())])
    }
}

fn each_protocol(run: impl Fn(Protocol, &Naming<'_>)) {
    let pointers = Pointers {
        features: Pointer::parse("/instances"),
        predictions: Pointer::parse("/predictions"),
        confidences: Pointer::parse("/data/ndarray/0"),
        model: Pointer::parse("/model"),
        batch: Pointer::parse("/inputs/0/shape"),
    };
    let classes = ["no".to_string(), "yes".to_string()];
    let naming = Naming { classes: &classes, pointers: Some(&pointers), ..Naming::default() };
    for protocol in Protocol::ALL {
        run(protocol, &naming);
    }
}

fn read_request(protocol: Protocol, headers: &BodyHeaders, input: &[u8], naming: &Naming<'_>) {
    let read = |pieces: &[&[u8]]| {
        let mut reader = RequestReader::new(protocol, headers.clone(), &LIMITS);
        for piece in pieces {
            reader.push(piece, naming);
            assert!(reader.held_bytes() <= LIMITS.max_body_bytes);
        }
        reader.finish(true, naming)
    };
    let facts = read(&[input]);
    assert_eq!(facts, read(&pieces(input)), "{protocol:?}");
    if let Ok(facts) = facts {
        assert!(facts.features.len() <= LIMITS.max_columns);
        assert!(facts.features.iter().all(|column| column.values.len() <= LIMITS.max_rows));
    }
}

fn read_response(protocol: Protocol, headers: &BodyHeaders, input: &[u8], naming: &Naming<'_>) {
    let read = |pieces: &[&[u8]]| {
        let mut reader = ResponseReader::new(protocol, headers.clone(), &LIMITS);
        for piece in pieces {
            reader.push(piece, naming);
            assert!(reader.held_bytes() <= LIMITS.max_body_bytes);
        }
        reader.finish(true, naming)
    };
    let facts = read(&[input]);
    assert_eq!(facts, read(&pieces(input)), "{protocol:?}");
    if let Ok(facts) = facts {
        assert!(facts.predictions.len() <= LIMITS.max_rows);
        assert!(facts.confidences.iter().all(|value| (0.0..=1.0).contains(value)));
        let is_finite =
            facts.scores.is_none_or(|scores| scores.scores.iter().all(|score| score.is_finite()));
        assert!(is_finite);
    }
}

pub(crate) fn requests(input: &[u8]) {
    let headers = json_headers(input);
    each_protocol(|protocol, naming| read_request(protocol, &headers, input, naming));
}

pub(crate) fn responses(input: &[u8]) {
    let headers = json_headers(input);
    each_protocol(|protocol, naming| read_response(protocol, &headers, input, naming));
}

/// Server-sent events, of every protocol.
pub(crate) fn sse(input: &[u8]) {
    let headers = headers((Some("text/event-stream"), None, "/v2/models/m/generate_stream"));
    each_protocol(|protocol, naming| read_response(protocol, &headers, input, naming));
}

/// Messages of gRPC, as they are and in its frame.
pub(crate) fn grpc(input: &[u8]) {
    let length = u32::try_from(input.len()).unwrap_or(u32::MAX).to_be_bytes();
    let framed = [&[u8::from(draw(input, 6, 8) == 0)][..], &length, input].concat();
    let encoding = [None, Some("gzip"), Some("deflate")][draw(input, 7, 3)];
    for (protocol, path) in [
        (Protocol::OpenInferenceGrpc, "/inference.GRPCInferenceService/ModelInfer"),
        (Protocol::OpenInferenceGrpc, "/inference.GRPCInferenceService/ModelStreamInfer"),
        (Protocol::TensorflowServingGrpc, "/tensorflow.serving.PredictionService/Predict"),
        (Protocol::TensorflowServingGrpc, "/tensorflow.serving.PredictionService/Classify"),
    ] {
        let headers = headers((Some("application/grpc"), encoding, path));
        for body in [input, &framed] {
            read_request(protocol, &headers, body, &Naming::default());
            read_response(protocol, &headers, body, &Naming::default());
        }
    }
}

pub(crate) fn compressed(input: &[u8]) {
    const MAX: usize = 1 << 16;
    for encoding in [&b"gzip"[..], b"deflate", b"x-gzip", b"identity", b""] {
        if let Ok(body) = decompressed(encoding, input, MAX) {
            assert!(body.len() <= MAX.max(input.len()));
        }
    }
}

pub(crate) fn feedback(input: &[u8]) {
    if let Ok(facts) = FeedbackFacts::read(input, &LIMITS) {
        assert!(facts.truths.len() <= LIMITS.max_rows);
        assert!(facts.truths.iter().all(|row| row.len() <= LIMITS.max_columns));
    }
}
