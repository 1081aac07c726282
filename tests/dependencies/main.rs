//! Holds the directions of dependencies that ARCHITECTURE.md draws, as `cargo metadata` sees them.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

/// Of each room, the rooms that it may depend on.
const MAY_DEPEND_ON: &[(&str, &[&str])] = &[
    ("tidegate-stats", &[]),
    ("tidegate-core", &["tidegate-stats"]),
    ("tidegate-protocol", &["tidegate-core"]),
    ("tidegate-filter", &["tidegate-protocol", "tidegate-core", "tidegate-stats"]),
    ("tidegate-plugin", &["tidegate-filter"]),
    ("tidegate-js", &["tidegate-core", "tidegate-stats"]),
    ("tidegate-demo", &[]),
    ("tidegate-xtask", &[]),
    ("tidegate-noop", &[]),
];

/// Of each crate that ties code to one host, the rooms that may name it.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("proxy-wasm", &["tidegate-noop", "tidegate-bits-probe"]),
    ("wasm-bindgen", &["tidegate-js"]),
    ("js-sys", &["tidegate-js"]),
    ("web-sys", &[]),
];

/// Licences that ask for nothing but their own text.
const PERMISSIVE: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "ISC",
    "MIT",
    "NCSA",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// The packages that `cargo metadata` names.
fn packages(options: &[&str]) -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
        .args(options)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

/// The direct dependencies of each package of the workspace.
fn workspace() -> BTreeMap<String, Vec<String>> {
    packages(&["--no-deps"])
        .iter()
        .map(|package| {
            let dependencies = package["dependencies"].as_array().unwrap();
            (
                text(&package["name"]),
                dependencies.iter().map(|found| text(&found["name"])).collect(),
            )
        })
        .collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_string()
}

#[test]
fn rooms_depend_only_on_the_rooms_below_them() {
    let workspace = workspace();
    for (room, allowed) in MAY_DEPEND_ON {
        let dependencies = workspace.get(*room).unwrap_or_else(|| panic!("there is no {room}"));
        for dependency in dependencies {
            assert!(
                !workspace.contains_key(dependency) || allowed.contains(&dependency.as_str()),
                "{room} may not depend on {dependency}: see the table in ARCHITECTURE.md"
            );
        }
    }
}

#[test]
fn every_crate_under_crates_is_a_room_of_the_table() {
    let folders = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../crates")).unwrap();
    for folder in folders {
        let name = format!("tidegate-{}", folder.unwrap().file_name().display());
        assert!(
            MAY_DEPEND_ON.iter().any(|(room, _)| *room == name),
            "{name} is not in the table: say what it may depend on, here and in ARCHITECTURE.md"
        );
    }
}

#[test]
fn only_adapters_name_a_host() {
    for (package, dependencies) in workspace() {
        for dependency in dependencies {
            let allowed = MAY_NAME.iter().find(|(host, _)| **host == dependency);
            assert!(
                allowed.is_none_or(|(_, rooms)| rooms.contains(&package.as_str())),
                "{package} may not name {dependency}: hosts belong to adapters"
            );
        }
    }
}

#[test]
fn every_dependency_may_be_used_under_a_permissive_licence() {
    for package in packages(&["--filter-platform", "x86_64-unknown-linux-gnu"]) {
        let licence = text(&package["license"]).replace('/', " OR ");
        let licence = licence.replace(['(', ')'], "");
        let is_permissive = licence.split(" AND ").all(|part| {
            part.split(" OR ").any(|alternative| PERMISSIVE.contains(&alternative.trim()))
        });
        assert!(is_permissive, "{} is under {licence}", text(&package["name"]));
    }
}
