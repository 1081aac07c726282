//! `cargo xtask conform FOLDER`: recorded exchanges, held against what they must say.

use std::path::PathBuf;

use crate::process::{Outcome, run};
use crate::workspace::cargo;

/// Runs every case of a folder with a `cases.jsonl`; fails if any says something else.
pub fn conform(options: &[String]) -> Outcome {
    let [folder] = options else { return Err("usage: cargo xtask conform FOLDER".into()) };
    // Cargo runs in the workspace's folder, a person perhaps elsewhere.
    let folder =
        std::path::absolute(PathBuf::from(folder)).map_err(|error| format!("{folder}: {error}"))?;
    run(cargo("run").args(["--quiet", "--package", "tidegate-conform", "--"]).arg(folder))
}
