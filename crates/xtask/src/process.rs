//! Running other programs: each is printed before it runs, as one could type it.

use std::ffi::OsStr;
use std::fmt;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Why a command of ours could not do its work, in a sentence for a person.
#[derive(Debug)]
pub struct Failure(String);

/// What most of our functions return.
pub type Outcome<T = ()> = Result<T, Failure>;

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<S: Into<String>> From<S> for Failure {
    fn from(sentence: S) -> Self {
        Self(sentence.into())
    }
}

/// Says what a file operation was about when it fails.
pub fn at<T>(path: &std::path::Path, result: std::io::Result<T>) -> Outcome<T> {
    result.map_err(|error| Failure(format!("{}: {error}", path.display())))
}

/// Refuses options that the command does not have: an ignored one would mislead.
pub fn no_options(options: &[String]) -> Outcome {
    match options.first() {
        None => Ok(()),
        Some(option) => Err(format!("there is no option `{option}`").into()),
    }
}

/// A command that prints itself, and how long it took, as it runs.
pub fn run(command: &mut Command) -> Outcome {
    let shown = show(command);
    println!("\x1b[1m$ {shown}\x1b[0m");
    let start = Instant::now();
    let status = command
        .stdin(Stdio::null())
        .status()
        .map_err(|error| format!("cannot start `{}`: {error}", program(command)))?;
    let seconds = start.elapsed().as_secs_f64();
    if !status.success() {
        return Err(format!("`{shown}` failed ({status})").into());
    }
    if seconds > 5.0 {
        println!("  ({seconds:.0} s)");
    }
    Ok(())
}

/// A quick command's standard output, or `None` if it cannot be had.
pub fn output(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// A command as one could type it, without its environment.
pub fn show(command: &Command) -> String {
    std::iter::once(program(command))
        .chain(command.get_args().map(quote))
        .collect::<Vec<_>>()
        .join(" ")
}

fn program(command: &Command) -> String {
    quote(command.get_program())
}

fn quote(word: &OsStr) -> String {
    let word = word.to_string_lossy();
    if word.contains([' ', '"', '{', '$']) { format!("'{word}'") } else { word.into_owned() }
}
