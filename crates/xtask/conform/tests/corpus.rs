//! The exchanges of `crates/protocol/tests/payloads/corpus` say what they must.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::path::Path;

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../protocol/tests/payloads/corpus"))
}

#[test]
fn every_case_says_what_it_must() {
    let outcome = tidegate_conform::run(folder()).unwrap();
    let differences: Vec<String> = outcome.differences.iter().map(ToString::to_string).collect();
    assert_eq!(differences, Vec::<String>::new());
    assert!(outcome.cases >= 260, "only {} cases were run", outcome.cases);
}

#[test]
fn a_wrong_expectation_is_told_by_its_field() {
    let case = r#"{"id": "x", "protocol": "kserve-v1", "path": "/v1/models/m:predict",
        "request": "kserve-v1/inputs-rows.request.json", "response": null,
        "expect": {"batch": 3, "colour": null, "model": "m", "version": "1"}}"#;
    let case: tidegate_conform::Case = serde_json::from_str(case).unwrap();
    let told: Vec<String> = case.differences(folder()).iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "x: batch: wanted 3, got 2",
            "x: colour: wanted null, got no such field",
            "x: version: wanted \"1\", got null",
        ]
    );
}
