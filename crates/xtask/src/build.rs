//! `cargo xtask build`: everything that ships, in `target/tidegate`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Outcome, at, no_options, run};
use crate::setup::{WASM_TARGET, empty_folder, npm_packages, rust_target, tool};
use crate::workspace::{artifacts, cargo, cargo_target, npm, root};

/// Builds the filter, the package and the explorer.
pub fn build(options: &[String]) -> Outcome {
    no_options(options)?;
    let filter = filter()?;
    let package = package()?;
    let explorer = explorer()?;
    println!();
    for path in [filter, package, explorer] {
        println!("built {}", path.display());
    }
    Ok(())
}

/// `tidegate.wasm`.
pub fn filter() -> Outcome<PathBuf> {
    at(&artifacts(), std::fs::create_dir_all(artifacts()))?;
    let filter = artifacts().join("tidegate.wasm");
    let built = gateway_wasm("tidegate-plugin")?;
    if !is_newer(&filter, &built) {
        optimise("-Oz", &built, &filter)?;
    }
    Ok(filter)
}

/// The filter as a build that traps on demand, for tests. It is kept away from what ships.
pub fn trapping_filter() -> Outcome<PathBuf> {
    let features = ["--features", "tidegate-plugin/trap"];
    let built = wasm_with("gateway", "tidegate-plugin", &features)?;
    let kept = cargo_target()?.join("tidegate-trap.wasm");
    at(&kept, std::fs::copy(&built, &kept))?;
    Ok(kept)
}

/// The npm package, as it is published.
pub fn package() -> Outcome<PathBuf> {
    let sources = root().join("crates/js/npm");
    let bindings = sources.join("wasm");
    bind(("wasm", "package"), "tidegate_js", &bindings)?;
    bind(("wasm-statistics", "statistics"), "tidegate_stats", &bindings)?;
    npm_packages(&sources)?;
    run(&mut npm(&sources, &["run", "--silent", "build"]))?;
    let package = artifacts().join("npm");
    empty_folder(&package)?;
    run(npm(&sources, &["run", "--silent", "assemble", "--"]).arg(&package))?;
    Ok(package)
}

/// Leaves in a folder the facade, built by a profile with one of its features, and its bindings, all named alike.
fn bind((profile, feature): (&str, &str), name: &str, bindings: &Path) -> Outcome {
    let options = ["--no-default-features", "--features", feature];
    let built = page_wasm(profile, "tidegate-js", &options)?;
    let done = bindings.join(format!(".{name}"));
    if is_newer(&done, &built) {
        return Ok(());
    }
    at(bindings, std::fs::create_dir_all(bindings))?;
    // Both features are built into a file of the same name, and the bindings are named after it.
    let named = built.with_file_name(format!("{name}.wasm"));
    if named != built {
        at(&named, std::fs::copy(&built, &named))?;
    }
    run(cargo("run")
        .args(["--quiet", "--package", "tidegate-bindgen", "--"])
        .arg(named)
        .arg(bindings))?;
    let bound = bindings.join(format!("{name}_bg.wasm"));
    optimise("-Os", &bound, &bound)?;
    at(&done, std::fs::write(&done, ""))
}

/// The explorer, a static site.
pub fn explorer() -> Outcome<PathBuf> {
    let sources = root().join("www");
    npm_packages(&sources)?;
    run(&mut npm(&sources, &["run", "--silent", "build"]))?;
    Ok(artifacts().join("explorer"))
}

/// The demo's program, for tests and benchmarks as for the demo.
pub fn demo() -> Outcome<PathBuf> {
    run(cargo("build").args(["--release", "--package", "tidegate-demo"]))?;
    Ok(cargo_target()?.join("release/tidegate-demo"))
}

/// The path of a package built for a page or Node, with the vector instructions that all of them have.
pub fn page_wasm(profile: &str, package: &str, options: &[&str]) -> Outcome<PathBuf> {
    const SIMD: &str = "target.wasm32-unknown-unknown.rustflags=['-Ctarget-feature=+simd128']";
    wasm_with(profile, package, &[&["--config", SIMD], options].concat())
}

/// The path of a package built as a filter for the gateway.
pub fn gateway_wasm(package: &str) -> Outcome<PathBuf> {
    wasm_with("gateway", package, &[])
}

fn wasm_with(profile: &str, package: &str, options: &[&str]) -> Outcome<PathBuf> {
    rust_target(WASM_TARGET)?;
    run(cargo("build")
        .args(["--profile", profile, "--target", WASM_TARGET, "--package", package])
        .args(options))?;
    let file = format!("{}.wasm", package.replace('-', "_"));
    Ok(cargo_target()?.join(WASM_TARGET).join(profile).join(file))
}

/// Whether a file was made after the one that it is made from. Optimising again what has not changed takes most of a minute.
fn is_newer(made: &Path, from: &Path) -> bool {
    let modified = |path: &Path| std::fs::metadata(path).and_then(|file| file.modified());
    matches!((modified(made), modified(from)), (Ok(made), Ok(from)) if made > from)
}

fn optimise(level: &str, input: &Path, output: &Path) -> Outcome {
    let mut command = Command::new(tool("wasm-opt")?);
    command.args([level, "--strip-debug", "--strip-producers"]);
    command.arg(input).arg("--output").arg(output);
    run(&mut command)
}
