//! Bodies as servers and clients send them, and what each must say: `payloads/cases.json`.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use tidegate_protocol::{
    Body, ErrorFacts, FeatureColumn, Limits, Naming, Protocol, RequestFacts, ResponseFacts, Target,
    UnreadReason, Value,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    name: String,
    protocol: Protocol,
    path: String,
    target: Option<(Option<String>, Option<String>)>,
    #[serde(default)]
    naming: Names,
    limits: Option<Limited>,
    request: Option<Side<RequestExpectation>>,
    response: Option<Side<ResponseExpectation>>,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Names {
    feature_names: Vec<String>,
    classes: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Limited {
    max_columns: usize,
    max_rows: usize,
    max_text_bytes: usize,
    #[serde(default = "one_mebibyte")]
    max_body_bytes: usize,
}

fn one_mebibyte() -> usize {
    1 << 20
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Side<T> {
    body: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    expect: T,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct RequestExpectation {
    unread: Option<UnreadReason>,
    batch_size: Option<u64>,
    columns: Vec<(String, Vec<Value>)>,
    request_id: Option<String>,
    dropped_columns: u64,
    dropped_rows: u64,
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct ResponseExpectation {
    unread: Option<UnreadReason>,
    predictions: Vec<Value>,
    confidences: Vec<f64>,
    model_name: Option<String>,
    model_version: Option<String>,
    response_id: Option<String>,
    dropped_rows: u64,
    error: bool,
}

impl RequestExpectation {
    fn result(self) -> Result<RequestFacts, UnreadReason> {
        if let Some(reason) = self.unread {
            return Err(reason);
        }
        let column = |(name, values)| FeatureColumn { name, values };
        Ok(RequestFacts {
            request_id: self.request_id,
            batch_size: self.batch_size,
            features: self.columns.into_iter().map(column).collect(),
            dropped_columns: self.dropped_columns,
            dropped_rows: self.dropped_rows,
            ..RequestFacts::default()
        })
    }
}

impl ResponseExpectation {
    /// What is looked at here; `conform` holds the rest.
    fn result(self) -> Result<ResponseFacts, UnreadReason> {
        if let Some(reason) = self.unread {
            return Err(reason);
        }
        Ok(ResponseFacts {
            model_name: self.model_name,
            model_version: self.model_version,
            response_id: self.response_id,
            predictions: self.predictions,
            confidences: self.confidences,
            dropped_rows: self.dropped_rows,
            error: self.error.then(ErrorFacts::default),
            ..ResponseFacts::default()
        })
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/payloads")
}

fn cases() -> Vec<Case> {
    let text = fs::read_to_string(folder().join("cases.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

impl Case {
    fn naming(&self) -> Naming<'_> {
        Naming {
            feature_names: &self.naming.feature_names,
            classes: &self.naming.classes,
            pointers: None,
        }
    }

    fn limits(&self) -> Limits {
        self.limits.as_ref().map_or_else(Limits::default, |limits| Limits {
            max_columns: limits.max_columns,
            max_rows: limits.max_rows,
            max_text_bytes: limits.max_text_bytes,
            max_body_bytes: limits.max_body_bytes,
        })
    }
}

impl<T> Side<T> {
    fn bytes(&self) -> Vec<u8> {
        fs::read(folder().join(&self.body)).unwrap_or_else(|error| panic!("{}: {error}", self.body))
    }

    fn body<'a>(&'a self, bytes: &'a [u8]) -> Body<'a> {
        let header = |name: &str| self.headers.get(name).map(String::as_bytes);
        Body {
            bytes,
            content_type: header("content-type"),
            content_encoding: header("content-encoding"),
            path: None,
            grpc_encoding: None,
            id: None,
            inference_header_content_length: header("inference-header-content-length"),
            ..Body::default()
        }
    }
}

#[test]
fn paths_name_their_models() {
    for case in cases() {
        let target = case.protocol.target(b"POST", case.path.as_bytes());
        let Some((model_name, model_version)) = case.target else {
            assert!(target.is_some(), "{}", case.name);
            continue;
        };
        assert_eq!(target, Some(Target { model_name, model_version }), "{}", case.name);
    }
}

#[test]
fn requests_say_what_is_expected() {
    let mut count = 0;
    for mut case in cases() {
        let Some(side) = case.request.take() else { continue };
        let bytes = side.bytes();
        let facts = case.protocol.read_request(&side.body(&bytes), &case.naming(), &case.limits());
        let facts = facts.map(|facts| RequestFacts { signature: None, ..facts });
        assert_eq!(facts, side.expect.result(), "{} {}", case.name, side.body);
        count += 1;
    }
    assert!(count >= 30, "only {count} requests were read");
}

#[test]
fn responses_say_what_is_expected() {
    let mut count = 0;
    for mut case in cases() {
        let Some(side) = case.response.take() else { continue };
        let bytes = side.bytes();
        let facts = case.protocol.read_response(&side.body(&bytes), &case.naming(), &case.limits());
        let facts = facts.map(|facts| ResponseFacts {
            error: facts.error.map(|_| ErrorFacts::default()),
            batch_size: None,
            output_shape: Vec::new(),
            scores: None,
            non_finite: 0,
            generation: None,
            ..facts
        });
        assert_eq!(facts, side.expect.result(), "{} {}", case.name, side.body);
        count += 1;
    }
    assert!(count >= 30, "only {count} responses were read");
}

/// A reader that took a cut body for a whole one would count half of a batch.
#[test]
fn a_cut_body_is_never_read_as_a_whole_one() {
    for mut case in cases() {
        let Some(side) = case.request.take() else { continue };
        if !side.body.ends_with(".json") || side.expect.unread.is_some() {
            continue;
        }
        let bytes = side.bytes();
        let whole = bytes.trim_ascii_end().len();
        for length in 1..whole {
            let body = side.body(&bytes[..length]);
            let facts = case.protocol.read_request(&body, &case.naming(), &case.limits());
            assert_eq!(facts, Err(UnreadReason::Truncated), "{} {length}", case.name);
        }
    }
}
