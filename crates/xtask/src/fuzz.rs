//! `cargo xtask fuzz [SECONDS] [PARSER...]`: each parser under libFuzzer, guided by coverage, one after the
//! other.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::process::{Outcome, at, output, run};
use crate::workspace::{cargo, cargo_target, root};

const PACKAGE: &str = "tidegate-fuzz";
const TARGET: &str = "x86_64-unknown-linux-gnu";
const SECONDS: u32 = 60;

/// What makes the compiler tell libFuzzer which code an input reached.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cdebug-assertions -Ccodegen-units=1 \
                     -Cllvm-args=-sanitizer-coverage-level=4 \
                     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
                     -Cllvm-args=-sanitizer-coverage-pc-table \
                     -Cllvm-args=-sanitizer-coverage-trace-compares";

/// Fuzzes for a minute each, or for as long as is said; all parsers, or those that are named.
pub fn fuzz(options: &[String]) -> Outcome {
    let (seconds, names) = match options.split_first() {
        Some((first, rest)) if first.parse::<u32>().is_ok() => {
            (first.parse().unwrap_or(SECONDS), rest)
        }
        _ => (SECONDS, options),
    };
    let parsers = parsers()?;
    let known = |name: &String| parsers.iter().any(|parser| parser.name == *name);
    if let Some(unknown) = names.iter().find(|name| !known(name)) {
        let all: Vec<_> = parsers.iter().map(|parser| parser.name.as_str()).collect();
        return Err(format!("no parser `{unknown}`; there are {}", all.join(", ")).into());
    }
    let program = program()?;
    let work = cargo_target()?.join("fuzz");
    let mut found = Vec::new();
    for parser in parsers.iter().filter(|it| names.is_empty() || names.contains(&it.name)) {
        if let Err(failure) = parser.run(&program, &work, seconds) {
            println!("{failure}");
            found.push(parser.name.as_str());
        }
    }
    match found.as_slice() {
        [] => Ok(()),
        found => Err(format!(
            "inputs that break {} are in {}: make each a unit test of its parser",
            found.join(", "),
            work.join("findings").display()
        )
        .into()),
    }
}

struct Parser {
    name: String,
    payloads: Vec<PathBuf>,
}

impl Parser {
    fn run(&self, program: &Path, work: &Path, seconds: u32) -> Outcome {
        let corpus = work.join("corpus").join(&self.name);
        let findings = work.join("findings");
        for folder in [&corpus, &findings] {
            at(folder, std::fs::create_dir_all(folder))?;
        }
        let seeds = root().join("tests/fuzz/seeds").join(&self.name);
        let seeds = seeds.is_dir().then_some(seeds);
        run(Command::new(program)
            .env("TIDEGATE_FUZZ", &self.name)
            .arg(corpus)
            .args(seeds.iter().chain(&self.payloads))
            .arg(format!("-artifact_prefix={}/{}-", findings.display(), self.name))
            .arg(format!("-max_total_time={seconds}"))
            .args(["-max_len=4096", "-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1"])
            .args(["-verbosity=0"]))
    }
}

fn parsers() -> Outcome<Vec<Parser>> {
    let lines = output(cargo("run").args(["--quiet", "--package", PACKAGE, "--bin", "parsers"]))
        .ok_or("the list of parsers cannot be had")?;
    let parser = |line: &str| {
        let mut words = line.split(' ').filter(|word| !word.is_empty());
        let name = words.next()?.to_owned();
        Some(Parser { name, payloads: words.map(|folder| root().join(folder)).collect() })
    };
    Ok(lines.lines().filter_map(parser).collect())
}

/// The program, built with the coverage that guides libFuzzer, in a folder of its own.
fn program() -> Outcome<PathBuf> {
    let folder = cargo_target()?.join("fuzz").join("build");
    run(cargo("build")
        .args(["--release", "--package", PACKAGE, "--features", "guided", "--bin", "fuzz"])
        .args(["--target", TARGET, "--target-dir"])
        .arg(&folder)
        .env("RUSTFLAGS", FLAGS))?;
    Ok(folder.join(TARGET).join("release/fuzz"))
}
