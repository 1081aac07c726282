//! Whatever comes, the filter goes on: no panic, one count a request, one value or problem a config.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod mock;

use mock::{Exchange, IRIS_REQUEST, IRIS_RESPONSE, MockHost};
use proptest::prelude::*;
use serde_json::{Value, json};
use tidegate_filter::Worker;
use tidegate_filter::config::Config;

const CONFIG: &[u8] = br#"{"admin": {"token": "secret"},
    "experiments": [{"name": "e", "unit": {"cookie": "u"},
        "variants": [{"name": "a", "weight": 0.5}, {"name": "b", "weight": 0.5}]}]}"#;

const NAMES: [&str; 14] = [
    "models",
    "match",
    "path",
    "path_prefix",
    "protocol",
    "capture",
    "reference",
    "learn",
    "samples",
    "experiments",
    "unit",
    "variants",
    "weight",
    "admin",
];

/// Documents made of the names that a config has, in any nesting.
fn document() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
        Just(json!("/v2/")),
        Just(json!("open_inference")),
    ];
    leaf.prop_recursive(5, 64, 6, |inner| {
        let name = proptest::sample::select(&NAMES[..]).prop_map(String::from);
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::hash_map(name, inner, 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// A body: noise, or a real message that was damaged at one place.
fn body(message: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let damaged = (0..message.len(), any::<u8>()).prop_map(|(place, byte)| {
        let mut bytes = message.as_bytes().to_vec();
        bytes[place] = byte;
        bytes
    });
    prop_oneof![proptest::collection::vec(any::<u8>(), 0..200), damaged]
}

fn header_value() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..40)
}

proptest! {
    #[test]
    fn a_config_is_read_or_its_problems_are_told(document in document()) {
        if let Err(problems) = Config::parse(document.to_string().as_bytes()) {
            prop_assert!(!problems.is_empty());
            for problem in problems {
                prop_assert!(document.pointer(&problem.pointer).is_some(), "{}", problem);
            }
        }
    }

    #[test]
    fn any_bytes_are_a_config_or_not(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
        let problems = Config::parse(&bytes).err();
        prop_assert!(problems != Some(Vec::new()));
    }

    #[test]
    fn every_request_to_a_model_is_counted_once(
        request in body(IRIS_REQUEST),
        response in body(IRIS_RESPONSE),
        piece in 1usize..64,
        (request_ends, response_ends) in any::<(bool, bool)>(),
        status in proptest::option::of(0u64..1000),
        flags in any::<u64>(),
        values in proptest::array::uniform5(header_value()),
    ) {
        let [cookie, content_type, content_encoding, length, timing] = values;
        let exchange = Exchange {
            request_headers: vec![
                ("cookie", cookie),
                ("content-type", content_type.clone()),
                ("inference-header-content-length", length.clone()),
                ("content-length", length),
            ],
            request_chunks: request.chunks(piece).map(<[u8]>::to_vec).collect(),
            request_ends,
            status,
            response_headers: vec![
                ("content-type", content_type),
                ("content-encoding", content_encoding),
                ("server-timing", timing),
            ],
            response_chunks: response.chunks(piece).map(<[u8]>::to_vec).collect(),
            response_ends,
            flags,
            ..Exchange::iris()
        };
        let host = MockHost::default();
        let mut worker = Worker::configure(&host, CONFIG).unwrap();
        exchange.run(&host, &mut worker);
        worker.tick(&host, false);
        let metrics = mock::ask(&host, &mut worker, "GET", "/.tidegate/v1/metrics").body;
        prop_assert_eq!(mock::sum(&metrics, "inference_requests_total", ""), 1);
    }

    #[test]
    fn any_feedback_is_taken_or_refused_and_counted(
        token in "[A-Za-z0-9_.-]{0,40}",
        noise in proptest::collection::vec(any::<u8>(), 0..60),
        values in proptest::collection::vec("(null|true|-?[0-9]{1,20}|1e999|NaN|\"[a-z]{0,3}\"|\\[\\]|\\{\\}|\\[1,2\\])", 4),
    ) {
        let config = br#"{"admin": {"token": "secret"}, "feedback": {"secret": "s"}}"#;
        let host = MockHost::default();
        let mut worker = Worker::configure(&host, config).unwrap();
        Exchange::iris().run(&host, &mut worker);
        let issued = host.response_marks.take().remove(0).2;
        let mut told = 0;
        for token in [issued, token] {
            let [label, predicted, row, at] = [0, 1, 2, 3].map(|place| &values[place]);
            let line = format!(
                r#"{{"prediction": "{token}", "label": {label}, "predicted": {predicted}, "row": {row}, "at": {at}}}"#
            );
            let exchange = Exchange {
                path: "/.tidegate/v1/feedback".into(),
                request_chunks: vec![[line.as_bytes(), b"\n{", &noise].concat()],
                ..Exchange::iris()
            };
            exchange.run(&host, &mut worker);
            let reply = host.replies.borrow_mut().pop().unwrap();
            let receipt: Value = serde_json::from_slice(&reply.body).unwrap();
            told += receipt["taken"].as_u64().unwrap();
            told += receipt["refused"].as_array().unwrap().len() as u64;
        }
        worker.tick(&host, false);
        let metrics = mock::ask(&host, &mut worker, "GET", "/.tidegate/v1/metrics").body;
        prop_assert_eq!(mock::sum(&metrics, "tidegate_feedback_total", ""), told);
    }

    #[test]
    fn any_request_line_passes_or_is_answered(
        path in proptest::collection::vec(any::<u8>(), 0..60),
        prefix in proptest::sample::select(vec!["", "/.tidegate", "/.tidegate/v1/profile?model=", "/v2/models/"]),
        authorization in header_value(),
    ) {
        let host = MockHost::default();
        let mut worker = Worker::configure(&host, CONFIG).unwrap();
        let path = String::from_utf8_lossy(&path);
        let exchange = Exchange {
            method: "GET",
            path: format!("{prefix}{path}"),
            request_headers: vec![("authorization", authorization), ("origin", path.as_bytes().to_vec())],
            ..Exchange::iris()
        };
        exchange.run(&host, &mut worker);
        let replies = host.replies.borrow();
        prop_assert!(replies.iter().all(|reply| reply.status == 401));
    }
}
