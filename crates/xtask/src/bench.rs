//! `cargo xtask bench`: what Tidegate costs, each figure beside its peers in one run.

use std::process::Command;

use crate::process::{Outcome, no_options, run};
use crate::{build, setup};

/// Runs the benchmarks; they print tables.
pub fn bench(options: &[String]) -> Outcome {
    no_options(options)?;
    let filter = build::filter()?;
    let noop = build::gateway_wasm("tidegate-noop")?;
    let demo = build::demo()?;
    run(Command::new(demo)
        .arg("bench")
        .arg("--envoy")
        .arg(setup::envoy()?)
        .arg("--wasm")
        .arg(filter)
        .arg("--noop")
        .arg(noop))
}
