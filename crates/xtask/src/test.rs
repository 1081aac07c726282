//! `cargo xtask test`: everything that CI runs, cheapest first; with `--all`, what is too heavy for each change too.

use std::path::PathBuf;

use crate::demo::Demo;
use crate::process::{Outcome, run};
use crate::setup::{BARE_TARGET, WASM_TARGET, chromium, envoy, npm_packages, python, rust_target};
use crate::workspace::{artifacts, cargo, cargo_target, npm, root};
use crate::{build, generate, size};

/// Runs every check and every test; with `--all`, the heavy ones after them.
pub fn test(options: &[String]) -> Outcome {
    let all = match options {
        [] => false,
        [option] if option == "--all" => true,
        _ => return Err("usage: cargo xtask test [--all]".into()),
    };
    style()?;
    without_std()?;
    build::build(&[])?;
    size::check(&[])?;
    generate::generate(&["--check".to_owned()])?;
    rust_tests()?;
    package_tests()?;
    explorer_tests()?;
    if all {
        hostile_events()?;
        real_servers()?;
    }
    println!("\nall tests passed");
    Ok(())
}

/// Format and lints, on the host and for the packages that only exist as WebAssembly.
fn style() -> Outcome {
    run(cargo("fmt").args(["--all", "--check"]))?;
    let deny = ["--", "--deny", "warnings"];
    run(cargo("clippy").args(["--all-targets"]).args(deny))?;
    rust_target(WASM_TARGET)?;
    run(cargo("clippy")
        .args(["--package", "tidegate-plugin", "--package", "tidegate-js"])
        .args(["--target", WASM_TARGET])
        .args(deny))?;
    run(cargo("doc").args(["--no-deps", "--quiet"]).env("RUSTDOCFLAGS", "--deny warnings"))
}

/// `stats` and `core` need no `std`: they build where there is none, and their tests compile for
/// the target that we ship.
fn without_std() -> Outcome {
    let packages = ["--package", "tidegate-stats", "--package", "tidegate-core"];
    rust_target(BARE_TARGET)?;
    run(cargo("build").args(packages).args(["--target", BARE_TARGET]))?;
    // proptest's generator asks for a source of randomness, which this target has none of.
    run(cargo("test")
        .args(packages)
        .args(["--no-run", "--quiet", "--target", WASM_TARGET])
        .env("RUSTFLAGS", "--cfg getrandom_backend=\"unsupported\""))
}

/// All Rust tests, those against a real Envoy among them.
fn rust_tests() -> Outcome {
    let envoy = envoy()?;
    let demo = build::demo()?;
    let probe = bits_probe()?;
    let trap = build::trapping_filter()?;
    // Those with an Envoy wait for its ticks most of the time.
    let threads = 2 * std::thread::available_parallelism().map_or(1, |cores| cores.get());
    run(cargo("test")
        .env("RUST_TEST_THREADS", threads.to_string())
        .env("TIDEGATE_ENVOY", envoy)
        .env("TIDEGATE_WASM", artifacts().join("tidegate.wasm"))
        .env("TIDEGATE_TRAP", trap)
        .env("TIDEGATE_DEMO", demo)
        .env("TIDEGATE_BITS_PROBE", probe)
        .env("TIDEGATE_NPM", artifacts().join("npm"))
        .env("TIDEGATE_NATIVE_REPORT", native_report()?)
        .env("TIDEGATE_NATIVE_GOLDENS", native_goldens()?))
}

/// What computes, in every host, all that the bit-parity tests compare.
fn bits_probe() -> Outcome<PathBuf> {
    build::gateway_wasm("tidegate-bits-probe")
}

/// Where the native run of the bit-parity test leaves its report for the browser's run.
fn native_report() -> Outcome<PathBuf> {
    Ok(cargo_target()?.join("native-report.json"))
}

/// Where it leaves what the parity tests compared.
fn native_goldens() -> Outcome<PathBuf> {
    Ok(cargo_target()?.join("native-goldens.json"))
}

/// The package's own tests, and the package installed as its users install it.
fn package_tests() -> Outcome {
    run(&mut npm(&root().join("crates/js/npm"), &["test", "--silent"]))?;
    let packaging = root().join("tests/packaging");
    npm_packages(&packaging)?;
    run(npm(&packaging, &["test", "--silent"])
        .env("TIDEGATE_NPM", artifacts().join("npm"))
        .env("TIDEGATE_CHROMIUM", chromium()?))
}

/// The explorer's own tests, then the built one in a real Chromium, on the demo's live gateway too.
fn explorer_tests() -> Outcome {
    run(&mut npm(&root().join("www"), &["test", "--silent"]))?;
    let browser = root().join("tests/browser");
    npm_packages(&browser)?;
    let demo = Demo::start()?;
    run(npm(&browser, &["test", "--silent"])
        .env("TIDEGATE_EXPLORER", artifacts().join("explorer"))
        .env("TIDEGATE_CHROMIUM", chromium()?)
        .env("TIDEGATE_BITS_PROBE", bits_probe()?)
        .env("TIDEGATE_NATIVE_REPORT", native_report()?)
        .env("TIDEGATE_NATIVE_GOLDENS", native_goldens()?)
        .env("TIDEGATE_LIVE", demo.url()))
}

/// Ten million hostile events: what the observatory holds then is still within its bound.
fn hostile_events() -> Outcome {
    run(cargo("test")
        .args(["--release", "--package", "tidegate-bench-observatory", "--test", "costs"])
        .args(["--", "--ignored", "--nocapture"]))
}

/// MLServer, KServe, MLflow and a chat behind the gateway, each asked through its own client.
fn real_servers() -> Outcome {
    let folder = root().join("tests/servers");
    let servers = python("servers", &folder.join("requirements.txt"))?;
    // Its packages and MLServer's exclude each other.
    let kserve = python("kserve", &folder.join("requirements-kserve.txt"))?;
    run(cargo("test")
        .args(["--package", "tidegate-tests", "--test", "e2e", "--", "--ignored", "servers::"])
        .env("TIDEGATE_ENVOY", envoy()?)
        .env("TIDEGATE_WASM", artifacts().join("tidegate.wasm"))
        .env("TIDEGATE_SERVERS_PYTHON", servers)
        .env("TIDEGATE_KSERVE_PYTHON", kserve))
}
