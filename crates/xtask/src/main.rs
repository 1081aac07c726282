//! Developer commands: `cargo xtask COMMAND`. Each sets up what it needs and says what it runs.

mod bench;
mod build;
mod conform;
mod demo;
mod doctor;
mod fuzz;
mod generate;
mod process;
mod replay;
mod service;
mod setup;
mod size;
mod test;
mod workspace;

use std::process::ExitCode;

use process::Outcome;

const HELP: &str = "\
cargo xtask COMMAND

  demo      a real Envoy with Tidegate, a model, its traffic and the explorer, on one page to open
  test      everything that CI runs (--all: then the heavy tests, minutes more)
  build     tidegate.wasm, the npm package and the explorer, in target/tidegate
  bench     every method on numbers; Envoy with no filter, a no-op filter and Tidegate; `compare`
  conform   recorded exchanges of the inference protocols in FOLDER, against what they must say
  fuzz      each parser of bytes from outside under libFuzzer, for [SECONDS] each; [PARSER...]
  replay    what finds the drift of a data set in a CSV file, against two dummies
  gen       JSON Schemas and TypeScript types from the Rust types (--check: fail on a difference)
  size      the sizes of what `build` left, against their budgets
  doctor    what this machine has and what is missing";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (command, options) = match arguments.split_first() {
        Some((command, options)) => (command.as_str(), options),
        None => ("help", [].as_slice()),
    };
    match run(command, options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nxtask {command}: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &str, options: &[String]) -> Outcome {
    match command {
        "demo" => demo::demo(options),
        "test" => test::test(options),
        "build" => build::build(options),
        "bench" => bench::bench(options),
        "conform" => conform::conform(options),
        "fuzz" => fuzz::fuzz(options),
        "gen" => generate::generate(options),
        "replay" => replay::replay(options),
        "size" => size::check(options),
        "doctor" => doctor::doctor(options),
        "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(())
        }
        unknown => Err(format!("no such command as `{unknown}`\n\n{HELP}").into()),
    }
}
