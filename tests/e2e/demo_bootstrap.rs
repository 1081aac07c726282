//! The demo's bootstrap is one that Envoy takes.

use std::process::Command;

use crate::harness::program;

const TEMPLATE: &str = include_str!("../../envoy/demo/envoy.yaml.template");

#[test]
fn envoy_takes_the_demo_bootstrap() {
    let wasm = program("TIDEGATE_WASM");
    let mut bootstrap = TEMPLATE.to_string();
    for (name, value) in [
        ("ENVOY_ADMIN_PORT", "0"),
        ("GATEWAY_PORT", "0"),
        ("MODEL_V1_PORT", "9001"),
        ("MODEL_V2_PORT", "9002"),
        ("WASM", wasm.to_str().unwrap()),
        ("TOKEN", "demo-token"),
        ("EXPLORER_ORIGIN", "http://127.0.0.1:8000"),
    ] {
        let placeholder = format!("${{{name}}}");
        assert!(bootstrap.contains(&placeholder), "{name} is not in the template");
        bootstrap = bootstrap.replace(&placeholder, value);
    }
    assert!(!bootstrap.contains("${"), "a placeholder is left");
    let file = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("demo-bootstrap.yaml");
    std::fs::write(&file, bootstrap).unwrap();

    let output = Command::new(program("TIDEGATE_ENVOY"))
        .args(["--mode", "validate", "--config-path"])
        .arg(&file)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("OK"), "{said}");
}
