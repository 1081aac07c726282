//! `tidegate-conform DIRECTORY`: prints what differs, and fails if anything does.

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let Some(directory) = std::env::args().nth(1) else {
        eprintln!("usage: tidegate-conform DIRECTORY");
        return ExitCode::from(2);
    };
    let outcome = match tidegate_conform::run(Path::new(&directory)) {
        Ok(outcome) => outcome,
        Err(problem) => {
            eprintln!("{problem}");
            return ExitCode::from(2);
        }
    };
    for difference in &outcome.differences {
        println!("{difference}");
    }
    println!("{} cases, {} differ", outcome.cases, outcome.differing);
    if outcome.differing == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
