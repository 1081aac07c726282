//! Tables of numbers with a row a step or an epoch, such as Lightning's `metrics.csv`.

use alloc::string::String;
use alloc::vec::Vec;

use super::log::TrainingLog;
use super::name::{Quantity, Scope, meaning_in};

pub(super) fn add(log: &mut TrainingLog, bytes: &[u8], is_validation: bool) {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.lines();
    let Some(head) = lines.next() else { return };
    let head = head.trim_start_matches('\u{feff}');
    let separator = [',', ';', '\t'].into_iter().find(|it| head.contains(*it)).unwrap_or(',');
    let cells = |line| {
        let mut is_quoted = false;
        let ends_cell = move |c| {
            is_quoted ^= c == '"';
            c == separator && !is_quoted
        };
        str::split(line, ends_cell).map(|cell: &str| cell.trim().trim_matches('"'))
    };
    let meanings: Vec<Option<(Quantity, Scope)>> =
        cells(head).map(|name| meaning_in(name, is_validation)).collect();
    for (row, line) in lines.enumerate() {
        let values = cells(line).map(|cell| number(cell, separator));
        let known = meanings.iter().zip(values).filter_map(|(meaning, value)| {
            let ((quantity, scope), value) = (*meaning).zip(value)?;
            Some((quantity, scope, value))
        });
        add_row(log, row as u64, &known.collect::<Vec<_>>());
    }
}

/// An empty cell is none; `nan` and `inf` are numbers here. Where `;` is between cells, decimals may be behind a comma.
fn number(cell: &str, separator: char) -> Option<f64> {
    if separator == ';' && cell.contains(',') {
        return cell.replacen(',', ".", 1).parse().ok();
    }
    cell.parse().ok()
}

/// Takes a row of a table, or an object of JSON lines: its numbers with their meanings.
///
/// A training loss beside one of the validation data is of the epoch, even where it does not say so; and
/// what an epoch says of its samples and of waiting is kept as one long step. Of several counts of steps the
/// largest is the run's: others begin again with each epoch.
pub(super) fn add_row(log: &mut TrainingLog, row: u64, numbers: &[(Quantity, Scope, f64)]) {
    let index = |wanted: Quantity| {
        let known =
            numbers.iter().filter(|(quantity, _, value)| *quantity == wanted && *value >= 0.0);
        known.map(|(_, _, value)| *value as u64).max()
    };
    let is_of_epoch =
        numbers.iter().any(|(quantity, scope, _)| quantity.is_of_data() && scope.is_of_epoch())
            || (index(Quantity::Step).is_none() && index(Quantity::Epoch).is_some());
    let rank = index(Quantity::Rank).and_then(|rank| u32::try_from(rank).ok());
    let step = index(Quantity::Step).unwrap_or(row);
    let epoch = index(Quantity::Epoch).unwrap_or(row);
    if is_of_epoch && index(Quantity::Step).is_some() {
        log.evaluated_at(epoch, step);
    }
    let waits = numbers.iter().any(|(quantity, _, _)| *quantity == Quantity::DataWait);
    for &(quantity, scope, value) in numbers {
        match quantity {
            Quantity::Time if waits => {
                log.put(step, Quantity::Duration, Scope { rank, ..Scope::default() }, value);
            }
            Quantity::Time => {}
            Quantity::Step | Quantity::Epoch | Quantity::Rank => {}
            _ if quantity.is_of_data() && is_of_epoch && !scope.is_step => {
                log.put(epoch, quantity, Scope { is_epoch: true, ..scope }, value);
            }
            Quantity::Duration if scope.is_of_epoch() => {
                log.put(epoch, quantity, scope, value);
                if waits {
                    log.put(step, quantity, Scope { rank, ..Scope::default() }, value);
                }
            }
            _ => log.put(step, quantity, Scope { is_epoch: false, rank, ..scope }, value),
        }
    }
}
