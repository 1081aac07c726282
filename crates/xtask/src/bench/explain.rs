//! TreeSHAP beside XGBoost's, LightGBM's and shap's.

use std::process::Command;

use super::peer;
use crate::process::{Outcome, run};
use crate::workspace::{cargo, cargo_target, root};

/// SHAP values of a model of 100 trees by each library, on one core.
pub fn explain() -> Outcome {
    let build = ["--release", "--package", "tidegate-core", "--example", "explain"];
    run(cargo("build").args(build))?;
    let program = cargo_target()?.join("release/examples/explain");
    let python = peer("bench-explain", "requirements-explain.txt")?;
    run(Command::new(python).arg(root().join("tests/bench/explain.py")).arg(program))
}
