//! `cargo xtask bench`: what Tidegate costs, each figure beside its peers in one run.

mod explain;

use std::path::PathBuf;
use std::process::Command;

use crate::process::{Outcome, no_options, run};
use crate::workspace::{cargo, cargo_target, root};
use crate::{build, setup};

/// Runs the benchmarks; they print tables.
pub fn bench(options: &[String]) -> Outcome {
    no_options(options)?;
    numeric()?;
    observatory()?;
    explain::explain()?;
    streams()?;
    multivariate()?;
    gateway()?;
    compare()
}

/// Every method on numbers, on a million doubles against a million: natively, in Node, and by scipy.
fn numeric() -> Outcome {
    const PACKAGE: &str = "tidegate-bench-numeric";
    run(cargo("build").args(["--release", "--package", PACKAGE]))?;
    // As the package is built.
    let wasm = build::page_wasm("wasm", PACKAGE, &["--lib"])?;
    run(Command::new("node")
        .arg(root().join("tests/bench/numeric.mjs"))
        .arg(cargo_target()?.join("release").join(PACKAGE))
        .arg(wasm)
        .arg(peer("bench-peer", "requirements.txt")?))
}

/// A request and a tick of the observatory beside their targets: natively, and the tick in Node.
fn observatory() -> Outcome {
    const PACKAGE: &str = "tidegate-bench-observatory";
    run(cargo("build").args(["--release", "--package", PACKAGE]))?;
    let wasm = ["--lib", "--release", "--package", PACKAGE, "--target", "wasm32-unknown-unknown"];
    run(cargo("build").args(wasm))?;
    let target = cargo_target()?;
    run(Command::new("node")
        .arg(root().join("tests/bench/observatory.mjs"))
        .arg(target.join("release").join(PACKAGE))
        .arg(target.join("wasm32-unknown-unknown/release/tidegate_bench_observatory.wasm")))
}

/// Pushes into sketches and change detectors, natively on one core.
fn streams() -> Outcome {
    for name in ["sketches", "detectors"] {
        run(cargo("bench").args(["--package", "tidegate-stats", "--bench", name]))?;
    }
    Ok(())
}

/// Methods for whole rows, natively on one core.
fn multivariate() -> Outcome {
    run(cargo("bench").args(["--package", "tidegate-stats", "--bench", "multivariate"]))
}

/// A tick of the filter with long states; then CPU time and latency a request: Envoy with no filter, with a no-op
/// filter, with Tidegate.
fn gateway() -> Outcome {
    let filter = build::filter()?;
    run(Command::new("node").arg(root().join("tests/bench/tick.mjs")).arg(&filter))?;
    let noop = build::gateway_wasm("tidegate-noop")?;
    run(Command::new(build::demo()?)
        .arg("bench")
        .arg("--envoy")
        .arg(setup::envoy()?)
        .arg("--wasm")
        .arg(filter)
        .arg("--noop")
        .arg(noop))
}

/// Two tables of a million rows, in the package and in what a data scientist would use instead.
fn compare() -> Outcome {
    let package = build::package()?;
    let python = peer("bench-peer", "requirements.txt")?;
    let script = root().join("tests/bench/compare.mjs");
    run(Command::new("node").arg(script).arg(package).arg(python))
}

/// A Python with the packages of a list in `tests/bench`.
fn peer(name: &str, requirements: &str) -> Outcome<PathBuf> {
    setup::python(name, &root().join("tests/bench").join(requirements))
}
