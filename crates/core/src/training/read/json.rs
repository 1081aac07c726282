//! Hugging Face's `trainer_state.json`, and JSON lines.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use serde_json::{Map, Value};

use super::LogError;
use super::csv::add_row;
use super::log::TrainingLog;
use super::name::{Quantity, Scope, meaning_in};
use crate::event::{self, Event};

pub(super) fn add(
    log: &mut TrainingLog,
    bytes: &[u8],
    is_validation: bool,
) -> Result<(), LogError> {
    let quoted = event::quote_names(bytes);
    if let Ok(Value::Object(object)) = serde_json::from_slice(&quoted)
        && let Some(Value::Array(history)) = object.get("log_history")
    {
        history.iter().filter_map(Value::as_object).for_each(|entry| add_entry(log, entry));
        return Ok(());
    }
    if let Ok(Value::Object(object)) = serde_json::from_slice(&quoted)
        && add_lists(log, &object, is_validation)
    {
        return Ok(());
    }
    let mut first_error = None;
    for (row, item) in event::items(bytes).into_iter().enumerate() {
        match serde_json::from_slice(&event::quote_names(item)) {
            Ok(Value::Object(object)) => add_line(log, row as u64, object, is_validation),
            Ok(_) => {}
            Err(error) => first_error = first_error.or(Some(error.to_string())),
        }
    }
    match first_error {
        Some(error) if log.understood == 0 => Err(LogError::Json(error)),
        _ => Ok(()),
    }
}

/// An object of lists, as Keras's history is, or of objects of them by data set, as XGBoost's and LightGBM's are: their
/// names with a number an epoch. Whether it is one.
fn add_lists(log: &mut TrainingLog, object: &Map<String, Value>, is_validation: bool) -> bool {
    let mut lists = Vec::new();
    let meaning = |name: &str| meaning_in(name, is_validation);
    for (name, value) in object {
        lists.extend(meaning(name).zip(value.as_array()));
        for (inner, value) in value.as_object().into_iter().flatten() {
            lists.extend(meaning(&[name, " ", inner].concat()).zip(value.as_array()));
        }
    }
    let longest = lists.iter().map(|(.., list)| list.len()).max().unwrap_or_default();
    for row in 0..longest {
        let number = |((quantity, scope), list): &((Quantity, Scope), &Vec<Value>)| {
            Some((*quantity, Scope { is_epoch: true, ..*scope }, number(list.get(row)?)?))
        };
        add_row(log, row as u64, &lists.iter().filter_map(number).collect::<Vec<_>>());
    }
    longest > 0
}

/// One entry of a trainer's history: of a step, or of an evaluation, which is told with the epoch as a
/// fraction.
fn add_entry(log: &mut TrainingLog, entry: &Map<String, Value>) {
    if is_summary(entry) {
        return;
    }
    let numbers = numbers(entry, false);
    let is_evaluation = numbers.iter().any(|(_, scope, _)| scope.is_validation);
    if !is_evaluation {
        let of_step: Vec<_> =
            numbers.into_iter().filter(|(quantity, _, _)| *quantity != Quantity::Epoch).collect();
        add_row(log, log.steps.len() as u64, &of_step);
        return;
    }
    // Evaluations may come more than once an epoch; they are counted.
    let number = log.epochs.len() as u64 + 1;
    let last_loss = log.steps.values().rev().find_map(|step| step.loss);
    for (quantity, scope, value) in numbers {
        if scope.is_validation && quantity.is_of_data() {
            log.put(number, quantity, scope, value);
        }
    }
    if let Some(loss) = last_loss
        && let Some(epoch) = log.epoch(number)
    {
        epoch.loss = Some(loss);
    }
}

/// The last entry of a Hugging Face run is of the whole of it.
fn is_summary(entry: &Map<String, Value>) -> bool {
    entry.contains_key("train_runtime")
}

/// One object: an event, or numbers under names.
fn add_line(log: &mut TrainingLog, row: u64, object: Map<String, Value>, is_validation: bool) {
    if object.contains_key("type") {
        let text = serde_json::to_vec(&object).unwrap_or_default();
        match event::of_json(&text) {
            Ok(Event::TrainingStep(step)) => {
                log.understood += 1;
                if let Some(own) = log.step(step.step, step.rank) {
                    *own = step;
                }
            }
            Ok(Event::TrainingEpoch(epoch)) => {
                log.understood += 1;
                if let Some(own) = log.epoch(epoch.epoch) {
                    *own = epoch;
                }
            }
            _ => {}
        }
        return;
    }
    if !is_summary(&object) {
        add_row(log, row, &numbers(&object, is_validation));
    }
}

/// The numbers of an object whose names mean something; objects in it add their own.
fn numbers(object: &Map<String, Value>, is_validation: bool) -> Vec<(Quantity, Scope, f64)> {
    let mut found = Vec::new();
    for (name, value) in object {
        if let Value::Object(inner) = value {
            let inner = inner.iter().filter_map(|(name, value)| known(name, value, is_validation));
            found.extend(inner);
        }
        found.extend(known(name, value, is_validation));
    }
    found
}

fn known(name: &str, value: &Value, is_validation: bool) -> Option<(Quantity, Scope, f64)> {
    let ((quantity, scope), value) = meaning_in(name, is_validation).zip(number(value))?;
    Some((quantity, scope, value))
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        // Some trainers quote all numbers, and any may be `NaN` or `-Infinity`.
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}
