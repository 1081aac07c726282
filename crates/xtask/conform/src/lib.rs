//! Recorded exchanges of inference protocols, held against what they must say: `cases.jsonl`, one case a
//! line, beside the bodies.
//!
//! Each body is read whole and at its splits into two pieces: all the ways must give the same facts. The
//! facts are then compared with the case's `expect`, field by field.

mod case;
mod compare;
mod exchange;
mod fields;
mod splits;

use std::fmt;
use std::fs;
use std::path::Path;

pub use case::Case;

/// A case that does not say what it must.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// The case.
    pub id: String,
    /// What differs: a field of `expect`, or `splits`.
    pub field: String,
    /// What the case asks for.
    pub wanted: String,
    /// What was read.
    pub got: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, field, wanted, got } = self;
        write!(f, "{id}: {field}: wanted {wanted}, got {got}")
    }
}

/// What came of a folder of cases.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// Cases that were run.
    pub cases: usize,
    /// Cases that differ.
    pub differing: usize,
    /// Each field that differs, case by case.
    pub differences: Vec<Difference>,
}

/// Runs every case of a folder.
///
/// # Errors
/// The folder has no `cases.jsonl`, or a line of it is no case: a sentence for a person.
pub fn run(folder: &Path) -> Result<Outcome, String> {
    let path = folder.join("cases.jsonl");
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut outcome = Outcome::default();
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let case: Case = serde_json::from_str(line)
            .map_err(|error| format!("{}:{}: {error}", path.display(), index + 1))?;
        let mut differences = case.differences(folder);
        outcome.cases += 1;
        outcome.differing += usize::from(!differences.is_empty());
        outcome.differences.append(&mut differences);
    }
    Ok(outcome)
}
