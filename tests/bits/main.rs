//! The same input gives the same bits natively, in Node and inside Envoy: a comparison of two tables,
//! and all that the parity tests compute. See `README.md`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod report;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;
use tidegate_demo::client::Client;
use tidegate_demo::envoy::{Envoy, config};

fn program(variable: &str) -> PathBuf {
    std::env::var_os(variable).map(PathBuf::from).unwrap_or_else(|| {
        panic!("{variable} is not set: run `cargo xtask test`, which builds all parts and sets it")
    })
}

/// What stands at each place of a report. A number stands as its bits.
#[derive(Debug, PartialEq)]
enum Leaf {
    Bits(u64),
    Other(Value),
}

/// The leaves of a report by their JSON pointers.
fn leaves(report: &str) -> BTreeMap<String, Leaf> {
    let mut leaves = BTreeMap::new();
    let mut open = vec![(String::new(), serde_json::from_str(report).unwrap())];
    while let Some((place, value)) = open.pop() {
        match value {
            Value::Object(members) => {
                open.extend(
                    members.into_iter().map(|(key, value)| (format!("{place}/{key}"), value)),
                );
            }
            Value::Array(items) => {
                let items = items.into_iter().enumerate();
                open.extend(items.map(|(index, value)| (format!("{place}/{index}"), value)));
            }
            // JavaScript writes 1.0 as 1: the same bits in another spelling.
            Value::Number(number) => {
                leaves.insert(place, Leaf::Bits(number.as_f64().unwrap().to_bits()));
            }
            other => {
                leaves.insert(place, Leaf::Other(other));
            }
        }
    }
    leaves
}

fn native() -> String {
    report::report().unwrap()
}

/// What differs between two reports, place by place.
fn differences(native: &str, other: &str) -> Vec<String> {
    let (native, other) = (leaves(native), leaves(other));
    native
        .keys()
        .chain(other.keys().filter(|place| !native.contains_key(*place)))
        .filter(|place| native.get(*place) != other.get(*place))
        .map(|place| {
            format!("{place}: native {:?}, here {:?}", native.get(place), other.get(place))
        })
        .collect()
}

fn assert_same_bits(host: &str, report: &str) {
    let differences = differences(&native(), report);
    assert!(
        differences.is_empty(),
        "{host} computes otherwise (`cargo xtask build` if it was built from older sources):\n{}",
        differences.join("\n")
    );
}

#[test]
fn a_neighbouring_number_is_another() {
    let native = r#"{"a": [1.0, 0.1], "b": null}"#;
    assert_eq!(differences(native, r#"{"a": [1, 1e-1], "b": null}"#), [""; 0]);
    assert_eq!(differences(native, r#"{"a": [1.0, 0.10000000000000002], "b": null}"#).len(), 1);
    assert_eq!(differences(native, r#"{"a": [1.0, 0.1], "b": 0, "c": 0}"#).len(), 2);
    assert_eq!(differences(r#"{"a": 0.0}"#, r#"{"a": -0.0}"#).len(), 1);
}

/// Held against what the tables are, so that the other tests do not compare nothing with nothing.
#[test]
fn native_report_covers_the_tables() {
    let text = native();
    let report: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(report["reference"]["rows"], 600);
    assert_eq!(report["current"]["rows"], 600);
    let columns = report["columns"].as_array().unwrap();
    assert_eq!(columns.len(), 7);
    assert_eq!(columns[2]["name"], "nswdemand");
    assert_eq!(columns[2]["reference"]["missing"], 15);
    assert_eq!(columns[6]["kind"], "categorical");
    let is_number = |leaf: &&Leaf| matches!(leaf, Leaf::Bits(_));
    assert!(leaves(&text).values().filter(is_number).count() > 200);
    if let Some(path) = std::env::var_os("TIDEGATE_NATIVE_REPORT") {
        fs::write(&path, &text)
            .unwrap_or_else(|error| panic!("cannot write {}: {error}", Path::new(&path).display()));
    }
}

#[test]
fn node_computes_the_same_bits() {
    let output = Command::new("node")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("bits/node.mjs"))
        .arg(program("TIDEGATE_NPM"))
        .output()
        .unwrap_or_else(|error| panic!("cannot run node: {error}"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_same_bits("Node", &String::from_utf8(output.stdout).unwrap());
}

/// Asks an Envoy that runs the probe.
fn ask_envoy(folder: &str, ask: impl FnOnce(&mut Client, &Envoy)) {
    let filter = config::wasm_filter("bits", &program("TIDEGATE_BITS_PROBE"), "");
    // No request gets as far as the cluster, but a route has to lead somewhere.
    let nowhere = config::cluster("nowhere", ([127, 0, 0, 1], 9).into());
    let listener = config::listener(&[filter], &[config::route("nowhere")]);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(folder);
    let bootstrap = config::bootstrap(&listener, &[nowhere]);
    let envoy = Envoy::start(&program("TIDEGATE_ENVOY"), &bootstrap, &folder, 1).unwrap();
    let address = envoy.listener(config::LISTENER).unwrap();
    ask(&mut Client::new(address), &envoy);
}

#[test]
fn envoy_computes_the_same_bits() {
    ask_envoy("bits", |client, envoy| {
        let response = client.request("GET", "/", &[], b"").unwrap();
        assert_eq!(response.status, 200, "{}\n{}", response.text(), envoy.log().unwrap());
        assert_same_bits("Envoy", &response.text());
    });
}

/// What every parity test compares: by its name, a line for each function.
static NATIVE_GOLDENS: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let tests = tidegate_bits_goldens::TESTS.iter();
    tests.map(|(test, _)| ((*test).to_owned(), tidegate_bits_goldens::run(test).unwrap())).collect()
});

/// The functions whose bits differ, test by test.
fn differing_functions(
    native: &BTreeMap<String, String>,
    other: &BTreeMap<String, String>,
) -> Vec<String> {
    let mut found = Vec::new();
    for (test, native) in native {
        let other = other.get(test).map_or("", String::as_str);
        let lines: Vec<&str> = other.lines().collect();
        let differing = native.lines().filter(|line| !lines.contains(line));
        found.extend(differing.map(|line| format!("{test}: native {line}")));
    }
    found
}

fn assert_same_goldens(host: &str, goldens: &BTreeMap<String, String>) {
    let native = &*NATIVE_GOLDENS;
    assert!(native.keys().eq(goldens.keys()), "{host} has other tests: build it again");
    let differing = differing_functions(native, goldens);
    assert!(
        differing.is_empty(),
        "{host} computes these functions otherwise (name, count, hash of the bits):\n{}",
        differing.join("\n")
    );
}

/// So that nothing is not compared with nothing: every row of the table of tolerances that a parity
/// test uses is among what is compared.
#[test]
fn native_goldens_are_all_functions() {
    let goldens = &*NATIVE_GOLDENS;
    let functions: BTreeSet<&str> = goldens
        .values()
        .flat_map(|lines| lines.lines())
        .filter_map(|line| line.split(' ').next())
        .collect();
    let numbers = |line: &str| line.split(' ').nth(1).unwrap().parse::<u64>().unwrap();
    let count: u64 = goldens.values().flat_map(|lines| lines.lines()).map(numbers).sum();
    assert!(goldens.len() > 80 && count > 5000, "{} tests, {count} numbers", goldens.len());
    let missing: Vec<&str> = tidegate_tests::tolerance::TOLERANCES
        .iter()
        .map(|row| row.function)
        .filter(|function| !functions.contains(function))
        .collect();
    assert_eq!(missing, [""; 0], "rows of tests/src/tolerance.rs that no parity test uses");
    if let Some(path) = std::env::var_os("TIDEGATE_NATIVE_GOLDENS") {
        fs::write(&path, serde_json::to_string(goldens).unwrap())
            .unwrap_or_else(|error| panic!("cannot write {}: {error}", Path::new(&path).display()));
    }
}

#[test]
fn another_hash_is_named() {
    let of = |lines: &str| BTreeMap::from([("a::test".to_owned(), lines.to_owned())]);
    let native = of("psi 3 0a\nenergy 1 0b\n");
    assert_eq!(differing_functions(&native, &native), [""; 0]);
    let other = of("psi 3 0a\nenergy 1 0c\n");
    assert_eq!(differing_functions(&native, &other), ["a::test: native energy 1 0b"]);
    assert_eq!(differing_functions(&native, &of("")).len(), 2);
}

#[test]
fn node_computes_the_same_goldens() {
    let output = Command::new("node")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("bits/goldens.mjs"))
        .arg(program("TIDEGATE_BITS_PROBE"))
        .args(tidegate_bits_goldens::TESTS.iter().map(|(test, _)| test))
        .output()
        .unwrap_or_else(|error| panic!("cannot run node: {error}"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_same_goldens("Node", &serde_json::from_slice(&output.stdout).unwrap());
}

#[test]
fn envoy_computes_the_same_goldens() {
    ask_envoy("goldens", |client, envoy| {
        let mut goldens = BTreeMap::new();
        for (test, _) in tidegate_bits_goldens::TESTS {
            let response = client.request("GET", &format!("/goldens/{test}"), &[], b"").unwrap();
            assert_eq!(response.status, 200, "{test} fails in Envoy:\n{}", envoy.log().unwrap());
            goldens.insert((*test).to_owned(), response.text());
        }
        assert_same_goldens("Envoy", &goldens);
    });
}
