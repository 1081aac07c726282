//! `tidegate-replay FILE [options]`: prints the table of a data set.

use std::path::Path;
use std::process::ExitCode;

use tidegate_replay::{Asked, read, render, replay};

const USAGE: &str = "\
cargo xtask replay FILE.csv[.gz] [options]

FILE has a header of names, a row a line, the oldest first, and commas. A column of numbers is numeric, any other one
has categories; an empty cell is missing. Give keys of rows and times no part in it: name the --columns. Rows that
depend on the rows before them count for what they say: of a series that moves slowly, make chunks so long that each
sees all of it, such as whole weeks.

  --time COLUMN          sort the rows by it: seconds since 1970, or text such as 2026-07-01T12:30:00Z
  --label COLUMN         the truth, which is watched by itself; with --prediction, the model's errors are too
  --prediction COLUMN    what the model said, which is watched like an input
  --columns A,B          watch these inputs only
  --reference-rows N     the first rows, which say what is normal; a fifth of them if left out
  --chunk-rows N         rows of a chunk and of the sliding window; a fortieth if left out
  --drift-at N,M         rows at which something is known to change, from 0";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::from(2)
        }
    }
}

fn run(arguments: &[String]) -> Result<String, String> {
    let mut asked = Asked::default();
    let mut file = None;
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        let mut value = || rest.next().ok_or(format!("{argument} needs a value\n\n{USAGE}"));
        match argument.as_str() {
            "--time" => asked.time = Some(value()?.clone()),
            "--label" => asked.label = Some(value()?.clone()),
            "--prediction" => asked.prediction = Some(value()?.clone()),
            "--columns" => asked.columns = value()?.split(',').map(String::from).collect(),
            "--reference-rows" => asked.reference_rows = number(value()?)?,
            "--chunk-rows" => asked.chunk_rows = number(value()?)?,
            "--drift-at" => {
                let rows = value()?.split(',').map(|row| number(row).map(|row| row as u64));
                asked.drift_at = rows.collect::<Result<_, _>>()?;
            }
            path if file.is_none() && !path.starts_with("--") => file = Some(path),
            other => return Err(format!("`{other}` is not understood\n\n{USAGE}")),
        }
    }
    let file = file.ok_or(USAGE)?;
    Ok(render(&replay(&read(Path::new(file))?, &asked)?))
}

fn number(text: &str) -> Result<usize, String> {
    text.trim().parse().map_err(|_| format!("expected a whole number, and got `{text}`"))
}
