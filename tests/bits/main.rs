//! The same input gives the same bits natively, in Node and inside Envoy; see `README.md`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod report;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

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

#[test]
fn envoy_computes_the_same_bits() {
    let filter = config::wasm_filter("bits", &program("TIDEGATE_BITS_PROBE"), "");
    // No request gets as far as the cluster, but a route has to lead somewhere.
    let nowhere = config::cluster("nowhere", ([127, 0, 0, 1], 9).into());
    let listener = config::listener(&[filter], &[config::route("nowhere")]);
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bits");
    let bootstrap = config::bootstrap(&listener, &[nowhere]);
    let envoy = Envoy::start(&program("TIDEGATE_ENVOY"), &bootstrap, &folder, 1).unwrap();
    let address = envoy.listener(config::LISTENER).unwrap();
    let response = Client::new(address).request("GET", "/", &[], b"").unwrap();
    assert_eq!(response.status, 200, "{}\n{}", response.text(), envoy.log().unwrap());
    assert_same_bits("Envoy", &response.text());
}
