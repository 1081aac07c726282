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
    ("tidegate-js", &["tidegate-core"]),
    ("tidegate-demo", &[]),
    ("tidegate-xtask", &[]),
    ("tidegate-noop", &[]),
];

/// Of each crate that ties code to one host, the rooms that may name it.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("proxy-wasm", &["tidegate-plugin", "tidegate-noop", "tidegate-bits-probe"]),
    ("wasm-bindgen", &["tidegate-js"]),
    ("js-sys", &["tidegate-js"]),
    ("web-sys", &[]),
];

/// The direct dependencies of each package of the workspace.
fn workspace() -> BTreeMap<String, Vec<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--manifest-path"])
        .arg(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.toml"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    packages
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
