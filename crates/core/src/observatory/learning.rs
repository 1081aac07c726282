//! What is learned of raw rows.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::compare::{first_batches, rows_per_independent};
use crate::pane::{Cell, Dropped, RawRows, bound};
use crate::profile::{self, ColumnProfile, Profile, Sketches};
use crate::table::{Column, MISSING, Table};

/// Requests that can tell how much the rows of each depend on each other, at least. Of two that differ by chance the
/// same is found one time in seven; of one, nothing.
const TELLING_REQUESTS: usize = 5;

/// What was learned of rows.
pub(super) struct Learned {
    /// Each role's columns after those of the role before it.
    pub profile: Profile,
    /// Whether there were so few requests that it is hardly known how much rows depend on each other.
    pub is_of_few_requests: bool,
}

/// What the rows say.
pub(super) fn learn(rows: &RawRows, dropped: &mut Dropped) -> Learned {
    let mut profile =
        Profile { schema: profile::SCHEMA.to_string(), rows: rows.rows(), columns: Vec::new() };
    let mut is_of_few_requests = false;
    for (role, group) in rows.roles() {
        let mut table = Table::new();
        for (name, cells) in group.columns() {
            if let Some(column) = column(cells, dropped) {
                // A group's names differ, and its columns are of one length.
                let _ = table.try_push(name, column);
            }
        }
        let batches = first_batches(group.requests());
        is_of_few_requests |= batches.len() < TELLING_REQUESTS;
        let columns = profile::profile(&table).columns.into_iter();
        // Windows of live traffic have no sketches to compare with. Requests are in the order in which they came.
        profile.columns.extend(
            columns.map(|column| ColumnProfile {
                role,
                sketches: Sketches::default(),
                rows_per_independent: table
                    .column(&column.name)
                    .and_then(|column| rows_per_independent(column, &batches)),
                ..column
            }),
        );
    }
    Learned { profile, is_of_few_requests }
}

/// The cells as a column of the kind that most of them have; cells of the other kind are missing,
/// and counted as dropped. `None` if no cell has a value: it would freeze a kind that nobody has
/// seen.
fn column(cells: &[Cell], dropped: &mut Dropped) -> Option<Column> {
    let numbers = cells.iter().filter(|cell| matches!(cell, Cell::Number(_))).count();
    let categories = cells.iter().filter(|cell| matches!(cell, Cell::Category(_))).count();
    dropped.add(bound::COLUMN_KIND, numbers.min(categories) as u64);
    let number = |cell: &Cell| if let Cell::Number(number) = cell { *number } else { f64::NAN };
    match (numbers, categories) {
        (0, 0) => None,
        (numbers, categories) if categories > numbers => Some(categorical(cells)),
        _ => Some(Column::Numeric(cells.iter().map(number).collect())),
    }
}

fn categorical(cells: &[Cell]) -> Column {
    let mut known = BTreeMap::<&str, u32>::new();
    let mut levels: Vec<String> = Vec::new();
    let mut codes = Vec::with_capacity(cells.len());
    for cell in cells {
        codes.push(match cell {
            Cell::Category(name) => *known.entry(name).or_insert_with(|| {
                levels.push(name.clone());
                levels.len() as u32 - 1
            }),
            Cell::Absent | Cell::Missing | Cell::Number(_) => MISSING,
        });
    }
    Column::Categorical { codes, levels }
}
