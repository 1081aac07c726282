//! Valid inputs, damaged: every parser answers every one of them, and none panics.
//!
//! The damage comes from a seeded generator, so a failure repeats. It names the input; make that input
//! a unit test of the parser.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod mutation;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use mutation::Mutator;
use tidegate_core::table::csv::{CsvOptions, CsvReader};
use tidegate_filter::config::Config;
use tidegate_protocol::json::{Leaves, Reader};
use tidegate_protocol::{
    Body, BodyHeaders, FeedbackFacts, Limits, Naming, Pointer, Pointers, Protocol, RequestReader,
    ResponseReader,
};

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// The files of a folder, in the order of their names.
fn files(folder: &str) -> Vec<Vec<u8>> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(root(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

fn payloads() -> Vec<Vec<u8>> {
    let mut payloads = files("crates/protocol/tests/payloads/open_inference");
    payloads.extend(files("crates/protocol/tests/payloads/kserve_v1"));
    assert!(payloads.len() > 50, "the payloads have moved");
    payloads
}

/// The bodies of recorded exchanges of every protocol; protobuf messages in gRPC's frames too.
fn corpus() -> Vec<Vec<u8>> {
    let folder = root("crates/protocol/tests/payloads/corpus");
    let mut folders: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    let mut bodies = Vec::new();
    for folder in folders {
        let mut paths: Vec<PathBuf> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            let body = fs::read(&path).unwrap();
            if path.extension().is_some_and(|extension| extension == "pb") {
                let mut framed = vec![0];
                framed.extend(u32::try_from(body.len()).unwrap().to_be_bytes());
                framed.extend(&body);
                bodies.push(framed);
            }
            bodies.push(body);
        }
    }
    assert!(bodies.len() > 80, "the corpus has moved");
    bodies
}

/// Runs `parse` on so many damaged inputs.
fn fuzz(corpus: Vec<Vec<u8>>, rounds: u32, parse: impl Fn(&[u8], &mut Mutator)) {
    let mut mutator = Mutator::new(corpus, 0x7469_6465_6761_7465);
    for round in 0..rounds {
        let input = mutator.next_input();
        let result = catch_unwind(AssertUnwindSafe(|| parse(&input, &mut mutator)));
        if result.is_err() {
            panic!("round {round} panicked on {:?}", String::from_utf8_lossy(&input));
        }
    }
}

#[test]
fn json_reader() {
    fuzz(payloads(), 20_000, |input, _| {
        if let Ok(span) = Reader::new(input).skip() {
            assert!(input.len() >= span.bytes.len());
            let mut leaves = Leaves::new(span.bytes);
            let mut count = 0;
            while let Ok(Some(_)) = leaves.next_leaf() {
                count += 1;
            }
            assert!(count <= span.extent.leaves, "{count} leaves of {}", span.extent.leaves);
        }
    });
}

#[test]
fn protocols() {
    let limits =
        Limits { max_columns: 16, max_rows: 16, max_text_bytes: 32, max_body_bytes: 8_192 };
    let classes = ["no".to_string(), "yes".to_string()];
    let naming = Naming { classes: &classes, ..Naming::default() };
    fuzz(payloads(), 20_000, |input, mutator| {
        let length = mutator.below(input.len() + 2).to_string();
        let json_length = mutator.below(4) == 0;
        let body = Body {
            bytes: input,
            inference_header_content_length: json_length.then_some(length.as_bytes()),
            ..Body::default()
        };
        for protocol in Protocol::ALL {
            if let Ok(facts) = protocol.read_request(&body, &naming, &limits) {
                assert!(facts.features.len() <= limits.max_columns);
            }
            if let Ok(facts) = protocol.read_response(&body, &naming, &limits) {
                assert!(facts.confidences.iter().all(|value| (0.0..=1.0).contains(value)));
            }
        }
    });
}

/// The headers that decide how a body is taken apart.
const HEADERS: [(Option<&str>, Option<&str>, &str); 7] = [
    (None, None, "/"),
    (Some("text/event-stream"), None, "/v2/models/m/generate_stream"),
    (Some("text/csv"), None, "/invocations"),
    (Some("application/jsonlines"), None, "/invocations"),
    (None, Some("gzip"), "/inference.GRPCInferenceService/ModelStreamInfer"),
    (None, Some("deflate"), "/tensorflow.serving.PredictionService/Predict"),
    (Some("application/grpc"), None, "/tensorflow.serving.PredictionService/Classify"),
];

#[test]
fn every_protocol_in_pieces() {
    let limits =
        Limits { max_columns: 16, max_rows: 16, max_text_bytes: 32, max_body_bytes: 8_192 };
    let naming = Naming::default();
    fuzz(corpus(), 6_000, |input, mutator| {
        let (content_type, encoding, path) = HEADERS[mutator.below(HEADERS.len())];
        let headers = BodyHeaders {
            path: Some(path.into()),
            content_type: content_type.map(Into::into),
            content_encoding: encoding.map(Into::into),
            grpc_encoding: encoding.map(Into::into),
            ..BodyHeaders::default()
        };
        let (first, second) = input.split_at(mutator.below(input.len() + 1));
        for protocol in Protocol::ALL {
            let mut whole = ResponseReader::new(protocol, headers.clone(), &limits);
            whole.push(input, &naming);
            let mut pieces = ResponseReader::new(protocol, headers.clone(), &limits);
            pieces.push(first, &naming);
            pieces.push(second, &naming);
            assert!(pieces.held_bytes() <= limits.max_body_bytes);
            let facts = pieces.finish(true, &naming);
            assert_eq!(whole.finish(true, &naming), facts, "{protocol:?}");
            if let Ok(facts) = facts {
                assert!(facts.predictions.len() <= limits.max_rows);
                assert!(facts.confidences.iter().all(|value| (0.0..=1.0).contains(value)));
                assert!(
                    facts
                        .scores
                        .is_none_or(|scores| scores.scores.iter().all(|score| score.is_finite()))
                );
            }
            let mut request = RequestReader::new(protocol, headers.clone(), &limits);
            request.push(first, &naming);
            request.push(second, &naming);
            if let Ok(facts) = request.finish(true, &naming) {
                assert!(facts.features.len() <= limits.max_columns);
                assert!(facts.features.iter().all(|column| column.values.len() <= limits.max_rows));
            }
        }
    });
}

#[test]
fn feedback_and_pointers() {
    let limits =
        Limits { max_columns: 16, max_rows: 16, max_text_bytes: 32, max_body_bytes: 8_192 };
    let pointers = Pointers {
        features: Pointer::parse("/instances"),
        predictions: Pointer::parse("/predictions"),
        confidences: Pointer::parse("/data/ndarray/0"),
        model: Pointer::parse("/model"),
        batch: Pointer::parse("/inputs/0/shape"),
    };
    let naming = Naming { pointers: Some(&pointers), ..Naming::default() };
    fuzz(corpus(), 6_000, |input, _| {
        if let Ok(facts) = FeedbackFacts::read(input, &limits) {
            assert!(facts.truths.len() <= limits.max_rows);
            assert!(facts.truths.iter().all(|row| row.len() <= limits.max_columns));
        }
        let body = Body { bytes: input, ..Body::default() };
        if let Ok(facts) = Protocol::Custom.read_response(&body, &naming, &limits) {
            let confidences = facts.confidences.len();
            assert!(confidences == 0 || confidences == facts.predictions.len());
        }
        if let Ok(facts) = Protocol::Custom.read_request(&body, &naming, &limits) {
            assert!(facts.features.len() <= limits.max_columns);
        }
    });
}

#[test]
fn paths() {
    let corpus = [
        "/v2/models/iris/versions/1/infer?x=1#y",
        "/v1/models/iris/labels/canary:predict",
        "/a/v2/models/%41%zz/generate_stream",
        "/predictions/resnet/2.0",
        "/model/churn/Production/invocations",
        "/openai/deployments/x/chat/completions?api-version=1",
        "/inference.GRPCInferenceService/ModelInfer",
    ];
    fuzz(corpus.map(|path| path.as_bytes().to_vec()).to_vec(), 20_000, |input, _| {
        for protocol in Protocol::ALL {
            let _ = protocol.target(b"POST", input);
        }
    });
}

#[test]
fn config() {
    let config = include_bytes!("config.json").to_vec();
    assert!(Config::parse(&config).is_ok(), "the seed is no longer a config");
    fuzz(vec![config], 5_000, |input, _| {
        if let Err(problems) = Config::parse(input) {
            assert!(!problems.is_empty(), "a refusal without a reason");
        }
    });
}

#[test]
fn csv() {
    let corpus = vec![
        b"age,city,owner\n31,Oslo,true\n,\"Ber\"\"gen\",false\n4e2,\"two\nlines\",\n".to_vec(),
        "\u{feff}a;b\r\n1,5;x\r\n-2;NaN\r\n".as_bytes().to_vec(),
    ];
    fuzz(corpus, 5_000, |input, mutator| {
        let (first, second) = input.split_at(mutator.below(input.len() + 1));
        let mut reader = CsvReader::new(CsvOptions::default());
        if reader.push(first).and_then(|()| reader.push(second)).is_ok()
            && let Ok(table) = reader.finish()
        {
            assert!(table.columns().all(|(_, column)| column.len() == table.rows()));
        }
    });
}

#[test]
fn models() {
    let models = tidegate_fuzz::parser("models").unwrap();
    fuzz(files("tests/golden/models"), 4_000, |input, _| (models.run)(input));
}

/// What the parsers that are fuzzed under guidance begin with, and the payloads of their formats.
#[test]
fn seeds_of_guided_fuzzing() {
    for parser in tidegate_fuzz::PARSERS {
        let own = root("tests/fuzz/seeds").join(parser.name);
        let mut folders = vec![own];
        folders.extend(parser.payloads.iter().map(|folder| root(folder)));
        let mut seeds = 0;
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else if path.metadata().unwrap().len() <= 8_192 {
                    let input = fs::read(&path).unwrap();
                    let result = catch_unwind(|| (parser.run)(&input));
                    assert!(result.is_ok(), "{} panicked on {}", parser.name, path.display());
                    seeds += 1;
                }
            }
        }
        assert!(seeds > 0, "{} has no seeds", parser.name);
    }
}
