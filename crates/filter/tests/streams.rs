//! Answers that come in pieces, compressed, or in a form that a config describes.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod mock;

use mock::{Exchange, MockHost};
use tidegate_core::event::{Generation, Inference, Side, Status, Unread, UnreadReason, Value};
use tidegate_filter::{Flow, Worker};

fn observe(config: &str, exchange: &Exchange) -> Inference {
    let host = MockHost::default();
    let mut session = Worker::configure(&host, config.as_bytes()).unwrap().session();
    assert_eq!(exchange.pass(&host, &mut session), Flow::Continue);
    session.on_log(&host).unwrap().observation().unwrap().inference
}

fn chat(response_chunks: &[&str]) -> Exchange {
    Exchange {
        path: "/openai/v1/chat/completions".into(),
        request_chunks: vec![br#"{"model": "small", "stream": true, "messages": []}"#.to_vec()],
        response_headers: vec![("content-type", b"text/event-stream; charset=utf-8".to_vec())],
        response_chunks: response_chunks.iter().map(|chunk| chunk.as_bytes().to_vec()).collect(),
        ..Exchange::iris()
    }
}

const FIRST: &str = r#"data: {"model": "small-2", "choices": [{"index": 0, "finish_reason": null}]}

"#;
const LAST: &str = r#"data: {"choices": [{"index": 0, "finish_reason": "stop"}], "usage": null}

data: {"choices": [], "usage": {"prompt_tokens": 7, "completion_tokens": 3,
data: "completion_tokens_details": {"reasoning_tokens": 2}}}

data: [DONE]

"#;

#[test]
fn a_stream_says_its_tokens_and_the_time_of_its_chunks() {
    let host = MockHost::default();
    let mut session = Worker::configure(&host, b"").unwrap().session();
    let exchange = Exchange { response_ends: false, ..chat(&[]) };
    let _flow = exchange.pass(&host, &mut session);
    for (millis, chunk) in [(250, FIRST), (500, &LAST[..40]), (750, &LAST[40..])] {
        host.advance_millis(millis);
        host.chunk.replace(chunk.as_bytes().to_vec());
        session.on_response_body(&host, chunk.len(), false);
    }
    session.on_response_body(&host, 0, true);
    let inference = session.on_log(&host).unwrap().observation().unwrap().inference;
    assert_eq!((inference.model_name.as_str(), inference.status), ("small-2", Status::Success));
    assert_eq!((inference.batch_size, inference.unread), (Some(1), vec![]));
    let expected = Generation {
        input_tokens: Some(7),
        output_tokens: Some(3),
        reasoning_tokens: Some(2),
        finish_reasons: vec!["stop".into()],
        chunks: Some(3),
        first_chunk_seconds: Some(0.25),
        chunks_seconds: Some(1.25),
        ..Generation::default()
    };
    assert_eq!(inference.generation, Some(expected));
}

#[test]
fn what_passed_of_a_cut_stream_counts_and_tokens_are_unknown() {
    let exchange = Exchange { response_ends: false, ..chat(&[FIRST, FIRST, "data: {\"cho"]) };
    let inference = observe("", &exchange);
    let generation = inference.generation.unwrap();
    assert_eq!((generation.chunks, generation.output_tokens), (Some(2), None));
    let truncated = Unread { side: Side::Response, reason: UnreadReason::Truncated };
    assert_eq!((inference.status, inference.unread), (Status::ServerError, vec![truncated]));
}

#[test]
fn an_error_inside_a_stream_is_a_failure() {
    let error = "data: {\"error\": {\"message\": \"overloaded\", \"type\": \"server_error\"}}\n\n";
    assert_eq!(observe("", &chat(&[FIRST, error])).status, Status::ServerError);
}

#[test]
fn an_event_that_cannot_be_read_is_counted_and_the_others_are() {
    let inference = observe("", &chat(&[FIRST, "data: {]\n\n", LAST]));
    assert_eq!(inference.generation.unwrap().output_tokens, Some(3));
    let malformed = Unread { side: Side::Response, reason: UnreadReason::Malformed };
    assert_eq!(inference.unread, [malformed]);
}

/// A stream has no largest size; one event of it does.
#[test]
fn a_long_stream_is_read_in_bounded_memory() {
    let config = r#"{"models": [{"match": {"path_prefix": "/"}, "protocol": "openai",
        "capture": {"max_body_bytes": 300}}]}"#;
    let chunks: Vec<&str> = std::iter::repeat_n(FIRST, 1_000).chain([LAST]).collect();
    let inference = observe(config, &chat(&chunks));
    assert_eq!(inference.generation.unwrap().chunks, Some(1_002));
    assert_eq!(inference.unread, []);
}

#[test]
fn a_message_of_anthropic_is_recorded() {
    let response = r#"{"id": "m", "type": "message", "model": "c-1", "stop_reason": "end_turn",
        "usage": {"input_tokens": 5, "cache_read_input_tokens": 2, "output_tokens": 9}}"#;
    let exchange = Exchange {
        path: "/v1/messages".into(),
        request_chunks: vec![br#"{"model": "c", "messages": [], "max_tokens": 9}"#.to_vec()],
        response_chunks: vec![response.into()],
        ..Exchange::iris()
    };
    let inference = observe("", &exchange);
    let generation = inference.generation.unwrap();
    assert_eq!(inference.model_name, "c-1");
    assert_eq!((generation.input_tokens, generation.output_tokens), (Some(7), Some(9)));
    assert_eq!((generation.chunks, generation.first_chunk_seconds), (None, None));
}

#[test]
fn a_config_says_where_an_unknown_form_keeps_what_matters() {
    let config = r#"{"models": [{"match": {"path": "/score"}, "protocol": "custom",
        "feature_names": ["age", "income"], "pointers": {"features": "/rows",
        "predictions": "/answer/labels", "confidences": "/answer/scores", "model": "/by"}}]}"#;
    let exchange = Exchange {
        path: "/score".into(),
        request_chunks: vec![br#"{"rows": [[31, 2.5], [47, 9]]}"#.to_vec()],
        response_chunks: vec![
            br#"{"by": "credit", "answer": {"labels": ["no", "yes"], "scores": [0.75, 1]}}"#
                .to_vec(),
        ],
        ..Exchange::iris()
    };
    let inference = observe(config, &exchange);
    assert_eq!((inference.model_name.as_str(), inference.batch_size), ("credit", Some(2)));
    let names: Vec<&str> = inference.features.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["age", "income"]);
    assert_eq!(inference.predictions, ["no", "yes"].map(|class| Value::Category(class.into())));
    assert_eq!(inference.confidences, [0.75, 1.0]);
}

/// `{"inputs": [{"name": "x", "datatype": "FP32", "shape": [2, 1], "data": [1, 2]}]}`, by Python's `gzip`.
const GZIPPED: &[u8] =
    b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xab\x56\xca\xcc\x2b\x28\x2d\x29\x56\xb2\x52\x88\
    \xae\x56\xca\x4b\xcc\x4d\x05\xb2\x94\x2a\x94\x74\x14\x94\x52\x12\x4b\x12\x4b\x2a\x0b\xc0\
    \x02\x6e\x01\xc6\x46\x20\xb1\xe2\x8c\x44\xb0\x40\xb4\x91\x8e\x82\x61\x2c\x54\x11\x88\x6f\
    \xa8\xa3\x60\x14\x5b\x1b\x5b\x0b\x00\xa5\x8e\x06\x33\x50\x00\x00\x00";

#[test]
fn a_compressed_body_is_read() {
    let gzip = GZIPPED.to_vec();
    let exchange = Exchange {
        request_headers: vec![("content-encoding", b"gzip".to_vec())],
        request_chunks: gzip.chunks(7).map(<[u8]>::to_vec).collect(),
        ..Exchange::iris()
    };
    let inference = observe("", &exchange);
    assert_eq!(inference.features[0].values, [1.0, 2.0].map(Value::Number));
    assert_eq!(inference.unread, []);
}
