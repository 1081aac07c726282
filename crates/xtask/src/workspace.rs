//! Where things are.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Outcome, output};

/// The folder of the workspace's `Cargo.toml`.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_owned()
}

/// What `build` leaves for others: `tidegate.wasm`, `npm/`, `explorer/`.
pub fn artifacts() -> PathBuf {
    root().join("target/tidegate")
}

/// Cargo's own target folder, wherever the environment put it.
pub fn cargo_target() -> Outcome<PathBuf> {
    let mut metadata = cargo("metadata");
    metadata.args(["--format-version", "1", "--no-deps", "--offline"]);
    let text = output(&mut metadata).ok_or("`cargo metadata` does not answer")?;
    let metadata: serde_json::Value =
        serde_json::from_str(&text).map_err(|error| format!("cargo metadata: {error}"))?;
    let folder = metadata.get("target_directory").and_then(serde_json::Value::as_str);
    Ok(PathBuf::from(folder.ok_or("`cargo metadata` names no target directory")?))
}

/// Programs of ours that are not worth fetching again for each clone: beside cargo's output.
pub fn tools() -> Outcome<PathBuf> {
    Ok(cargo_target()?.join("tools"))
}

/// `cargo COMMAND` in the workspace, by the cargo that runs us.
pub fn cargo(command: &str) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut cargo = Command::new(cargo);
    cargo.arg(command).current_dir(root());
    cargo
}

/// `npm ARGUMENTS` in a folder of the workspace.
pub fn npm(folder: &Path, arguments: &[&str]) -> Command {
    let mut npm = Command::new("npm");
    npm.args(arguments).current_dir(folder).env("npm_config_update_notifier", "false");
    npm
}
