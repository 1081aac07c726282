//! `cargo xtask replay FILE`: what finds the drift of a data set, against two dummies.

use std::path::Path;

use crate::process::{Outcome, run};
use crate::workspace::cargo;

/// Replays a CSV file and prints the table.
pub fn replay(options: &[String]) -> Outcome {
    // Cargo runs in the workspace's folder, a person perhaps elsewhere.
    let absolute = |option: &String| match std::path::absolute(option) {
        Ok(path) if Path::new(option).is_file() => path.display().to_string(),
        _ => option.clone(),
    };
    let options = options.iter().map(absolute);
    run(cargo("run")
        .args(["--quiet", "--release", "--package", "tidegate-replay", "--"])
        .args(options))
}
