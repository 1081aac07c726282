//! Replays a data set row by row, and judges what finds its drift against two dummies: one that always alarms
//! and one that never does.
//!
//! Four things watch: each chunk of rows against the first rows, as `compare_chunks` has it; the observatory, with a
//! sliding window and a reference that it learns from the first rows; both of them the inputs and what the model
//! said. Where there are labels, chunks of these are compared too, and where there are both, change detectors
//! watch the stream of the model's errors. An alarm is where one begins. What came of
//! the alarms is said in the terms of [`tidegate_stats::detector::evaluation`].

mod chunks;
mod errors;
mod live;
mod read;
mod report;

pub use read::{read, table_of};
pub use report::render;

use tidegate_core::table::Table;
use tidegate_stats::detector::evaluation::{
    AlarmWindow, Dummy, Evaluation, KnownChange, evaluate, evaluate_dummy,
};

/// False alarms that are accepted in one replay, of those that can be told so.
const FALSE_ALARMS: f64 = 0.1;

/// How a table is replayed.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Asked {
    /// The column of the rows' times; rows are sorted by it.
    pub time: Option<String>,
    /// The column of the truth.
    pub label: Option<String>,
    /// The column of what the model said.
    pub prediction: Option<String>,
    /// The inputs to watch; all other columns of the table if empty.
    pub columns: Vec<String>,
    /// Rows that say what is normal; a fifth of the table if 0.
    pub reference_rows: usize,
    /// Rows of a chunk, and of the sliding window; a fortieth of the table if 0.
    pub chunk_rows: usize,
    /// Rows at which something is known to change, ascending, from 0 for the table's first.
    pub drift_at: Vec<u64>,
}

/// What came of one that watched.
#[derive(Debug, Clone, PartialEq)]
pub struct Watched {
    /// Who.
    pub name: String,
    /// What of the table it saw: inputs and predictions, labels, or errors.
    pub of: &'static str,
    /// Rows at which an alarm began, counted in the table.
    pub alarms: Vec<u64>,
    /// Against what is known; rows are counted from the end of the reference.
    pub evaluation: Evaluation,
}

/// Replays a table: the watchers that know something, then the two dummies.
///
/// # Errors
/// A sentence that says which option or column is wrong.
pub fn replay(table: &Table, asked: &Asked) -> Result<Vec<Watched>, String> {
    let table = &read::in_order(table, asked.time.as_deref())?;
    let rows = table.rows();
    let reference_rows = if asked.reference_rows == 0 { rows / 5 } else { asked.reference_rows };
    let chunk_rows = if asked.chunk_rows == 0 { rows / 40 } else { asked.chunk_rows };
    if chunk_rows == 0 || reference_rows == 0 || reference_rows + chunk_rows > rows {
        return Err(format!(
            "{rows} rows are too few for a reference of {reference_rows} and chunks"
        ));
    }
    let inputs = inputs(table, asked)?;
    let judge = Judge::try_new((reference_rows, rows), &asked.drift_at)?;

    let mut watched = vec![
        judge.judge(
            "compare, chunk by chunk",
            "inputs",
            chunks::alarms(&inputs, reference_rows, chunk_rows)?,
        )?,
        judge.judge(
            "observatory, sliding window",
            "inputs",
            live::alarms(&inputs, reference_rows, chunk_rows),
        )?,
    ];
    if let Some(label) = &asked.label {
        let labels = table.select(|name| name == label, None);
        let alarms = chunks::alarms(&labels, reference_rows, chunk_rows)?;
        watched.push(judge.judge("labels, chunk by chunk", "labels", alarms)?);
    }
    if let (Some(label), Some(prediction)) = (&asked.label, &asked.prediction) {
        let errors = errors::errors(table, label, prediction)?;
        for (name, alarms) in errors::alarms(&errors, reference_rows)? {
            watched.push(judge.judge(name, "errors", alarms)?);
        }
    }
    watched.push(judge.dummy("always alarms", Dummy::Every(chunk_rows as u64))?);
    watched.push(judge.dummy("never alarms", Dummy::Never)?);
    Ok(watched)
}

/// The columns to watch: a model says other things where its classes come in other shares, before any label
/// tells, so its predictions are among them.
fn inputs(table: &Table, asked: &Asked) -> Result<Table, String> {
    for name in asked.columns.iter().chain(&asked.label).chain(&asked.prediction) {
        if table.column(name).is_none() {
            return Err(format!("there is no column `{name}`"));
        }
    }
    let is_one_of =
        |of: &[&Option<String>], name: &str| of.iter().any(|it| it.as_deref() == Some(name));
    let is_wanted = |name: &str| {
        let is_named = asked.columns.iter().any(|it| it == name);
        let is_input = asked.columns.is_empty() && !is_one_of(&[&asked.time, &asked.label], name);
        is_named || is_input || is_one_of(&[&asked.prediction], name)
    };
    Ok(table.select(is_wanted, None))
}

/// Holds alarms against what is known of the rows after the reference.
struct Judge {
    reference_rows: u64,
    rows: u64,
    changes: Vec<KnownChange>,
    window: AlarmWindow,
}

impl Judge {
    fn try_new((reference_rows, rows): (usize, usize), drift_at: &[u64]) -> Result<Self, String> {
        let (reference_rows, rows) = (reference_rows as u64, (rows - reference_rows) as u64);
        let after = |at: &u64| at.checked_sub(reference_rows).filter(|at| *at < rows);
        let changes: Option<Vec<u64>> = drift_at.iter().map(after).collect();
        let changes = changes.ok_or("a drift must be at a row after the reference")?;
        // An alarm counts for a change until the next one, or the end.
        let ends = changes.iter().skip(1).chain([&rows]);
        let late = changes.iter().zip(ends).map(|(start, end)| end - start).min().unwrap_or(rows);
        Ok(Self {
            reference_rows,
            rows,
            changes: changes.into_iter().map(KnownChange::from).collect(),
            window: AlarmWindow { late: late.max(1), early: 0 },
        })
    }

    fn judge(&self, name: &str, of: &'static str, alarms: Vec<u64>) -> Result<Watched, String> {
        let after = alarms.iter().map(|alarm| alarm.saturating_sub(self.reference_rows));
        let found = evaluate(after, &self.changes, self.rows, self.window);
        let evaluation = found.map_err(|error| format!("{name}: {error}"))?;
        Ok(Watched { name: name.into(), of, alarms, evaluation })
    }

    fn dummy(&self, name: &str, dummy: Dummy) -> Result<Watched, String> {
        let found = evaluate_dummy(dummy, &self.changes, self.rows, self.window);
        let evaluation = found.map_err(|error| format!("{name}: {error}"))?;
        Ok(Watched { name: name.into(), of: "nothing", alarms: Vec::new(), evaluation })
    }
}
