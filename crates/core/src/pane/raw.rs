use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::iter::repeat_n;
use core::ops::Range;
use serde::{Deserialize, Serialize};

use super::{Dropped, LIMITS, Limits, PaneStart, SortedMap, bound};
use crate::event::ColumnRole;
use crate::event::{CellRef, Columns};

/// One value of a raw row: a [`Value`](crate::event::Value) in a form that a compact encoding can hold.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Cell {
    /// Missing, for the row's request had no such column.
    Absent,
    /// Missing.
    Missing,
    /// A number.
    Number(f64),
    /// A category.
    Category(String),
}

/// So many bytes of categories count as a cell.
pub const CELL_TEXT_BYTES: u64 = 32;

impl From<CellRef<'_>> for Cell {
    fn from(value: CellRef<'_>) -> Self {
        match value {
            CellRef::Missing => Self::Missing,
            CellRef::Number(number) => Self::Number(number),
            CellRef::Category(name) => {
                // References know so much of a name, and find values by as much of it.
                Self::Category(LIMITS.cut(name, &mut Dropped::default()).to_owned())
            }
        }
    }
}

impl Cell {
    /// Reads the value without owning it.
    #[must_use]
    pub fn as_ref(&self) -> CellRef<'_> {
        match self {
            Self::Absent | Self::Missing => CellRef::Missing,
            Self::Number(number) => CellRef::Number(*number),
            Self::Category(name) => CellRef::Category(name),
        }
    }
}

/// Rows as they came, for the time in which there are no bins to count them in.
///
/// Each role has its own rows, for a request may show its features and not its predictions.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct RawRows {
    roles: SortedMap<ColumnRole, RawGroup>,
}

/// The raw rows of one role, column by column, in the order in which they came.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct RawGroup {
    /// Rows of each pane in turn; a pane may come more than once.
    panes: Vec<(PaneStart, u64)>,
    /// Rows of each request in turn, and how many requests of as many rows there were one after the other.
    requests: Vec<(u64, u64)>,
    /// As many cells a column as there are rows; columns that a row left out are missing from it.
    columns: SortedMap<String, Vec<Cell>>,
    /// Bytes of all categories.
    text_bytes: u64,
}

impl RawRows {
    /// Adds the rows of one request, as far as there is room for their cells; the rest is counted
    /// as dropped. A column shorter than the longest is missing from the last rows.
    pub fn push(
        &mut self,
        (role, pane): (ColumnRole, PaneStart),
        columns: Columns<'_>,
        room: u64,
        limits: &Limits,
        dropped: &mut Dropped,
    ) {
        let rows = columns.rows();
        let (panes, requests) = (Vec::from([(pane, rows as u64)]), Vec::from([(rows as u64, 1)]));
        let mut more = RawGroup { panes, requests, ..RawGroup::default() };
        for (name, values) in columns.iter().take(limits.columns) {
            let values = values.iter().map(Cell::from);
            let padded = values.chain(repeat_n(Cell::Missing, rows)).take(rows);
            more.columns.insert(limits.cut(name, dropped).to_owned(), padded.collect());
        }
        more.text_bytes = text_bytes(&more.columns);
        self.append(role, more, room, dropped);
    }

    /// Adds the rows of `other` after the own, as far as there is room for their cells; the rest is
    /// counted as dropped.
    pub fn merge(&mut self, other: Self, room: u64, dropped: &mut Dropped) {
        let full = self.cells().saturating_add(room);
        for (role, group) in other.roles {
            self.append(role, group, full.saturating_sub(self.cells()), dropped);
        }
    }

    /// Rows of the role that has the most of them.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.roles.values().map(RawGroup::rows).max().unwrap_or(0)
    }

    /// Cells of all roles.
    #[must_use]
    pub fn cells(&self) -> u64 {
        self.roles.values().fold(0, |sum, group| sum.saturating_add(group.cells()))
    }

    /// Whether there are no rows.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.roles.is_empty()
    }

    /// Whether each column has a cell a row: true of all rows but those of a damaged encoding.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.roles.values().all(|group| {
            let full = |cells: &Vec<Cell>| cells.len() as u64 == group.rows();
            let of_requests = group.requests.iter().try_fold(0_u64, |sum, (rows, times)| {
                sum.checked_add(rows.checked_mul(*times).filter(|all| *all > 0)?)
            });
            of_requests == Some(group.rows())
                && !group.columns.is_empty()
                && group.columns.values().all(full)
        })
    }

    /// The roles that have rows.
    pub fn roles(&self) -> impl Iterator<Item = (ColumnRole, &RawGroup)> {
        self.roles.iter().map(|(role, group)| (*role, group))
    }

    /// Takes the first `rows` rows of each role, and keeps the others.
    pub fn take_first(&mut self, rows: u64) -> Self {
        let mut first = Self::default();
        for (role, group) in self.roles.iter_mut() {
            first.roles.insert(*role, group.take_first(rows));
        }
        self.roles.retain(|_, group| !group.panes.is_empty());
        first
    }

    fn append(&mut self, role: ColumnRole, mut more: RawGroup, room: u64, dropped: &mut Dropped) {
        let group = self.roles.entry(&role);
        group.leave_out_columns(&mut more, LIMITS.columns, dropped);
        let fitting = group.rows_that_fit(&more, room);
        let beyond = more.rows().saturating_sub(fitting);
        if beyond > 0 {
            dropped.add(bound::RAW_ROWS, beyond);
            more = more.take_first(fitting);
        }
        if fitting > 0 {
            group.append(more);
        }
        self.roles.retain(|_, group| !group.panes.is_empty());
    }
}

impl RawGroup {
    /// Rows.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.panes.iter().fold(0, |sum, (_, rows)| sum.saturating_add(*rows))
    }

    /// Column names and their cells, by name.
    pub fn columns(&self) -> impl Iterator<Item = (&str, &[Cell])> {
        self.columns.iter().map(|(name, cells)| (name.as_str(), cells.as_slice()))
    }

    /// The panes in the order of the rows, each with the range of its rows.
    pub fn panes(&self) -> impl Iterator<Item = (PaneStart, Range<usize>)> {
        self.panes.iter().scan(0usize, |from, (pane, rows)| {
            let start = *from;
            *from = start.saturating_add(*rows as usize);
            Some((*pane, start..*from))
        })
    }

    /// Rows of each request, in the order of the rows.
    pub fn requests(&self) -> impl Iterator<Item = u64> {
        self.requests.iter().flat_map(|(rows, times)| (0..*times).map(|_| *rows))
    }

    fn cells(&self) -> u64 {
        let cells = self.rows().saturating_mul(self.columns.len() as u64);
        cells.saturating_add(self.text_bytes / CELL_TEXT_BYTES)
    }

    /// Takes columns out of `more` that there is no room for.
    fn leave_out_columns(&self, more: &mut Self, cap: usize, dropped: &mut Dropped) {
        let mut room = cap.saturating_sub(self.columns.len());
        let mut left_out = 0;
        more.columns.retain(|name, cells| {
            let is_kept = self.columns.contains_key(name) || room > 0;
            if is_kept && !self.columns.contains_key(name) {
                room -= 1;
            }
            left_out += if is_kept { 0 } else { cells.len() as u64 };
            is_kept
        });
        dropped.add(bound::COLUMNS, left_out);
        if left_out > 0 {
            more.text_bytes = text_bytes(&more.columns);
        }
    }

    /// How many of the first rows of `more` can be appended without growing by more than `room`
    /// cells.
    fn rows_that_fit(&self, more: &Self, room: u64) -> u64 {
        let is_new = |name: &&String| !self.columns.contains_key(*name);
        let columns = (self.columns.len() + more.columns.keys().filter(is_new).count()) as u64;
        // Of the text of many rows each has its share.
        let text_cells = (more.text_bytes / CELL_TEXT_BYTES).div_ceil(more.rows().max(1));
        let widened = self.rows().saturating_mul(columns.saturating_sub(self.columns.len() as u64));
        let left = room.saturating_sub(widened);
        left.checked_div(columns.saturating_add(text_cells)).unwrap_or(0).min(more.rows())
    }

    fn append(&mut self, more: Self) {
        let (mine, theirs) = (self.rows() as usize, more.rows() as usize);
        self.text_bytes = self.text_bytes.saturating_add(more.text_bytes);
        for (name, cells) in more.columns {
            let held = self.columns.entry(&name);
            make_room(held, mine + theirs);
            held.resize(mine, Cell::Absent);
            held.extend(cells);
        }
        for cells in self.columns.values_mut() {
            make_room(cells, mine + theirs);
            cells.resize(mine + theirs, Cell::Absent);
        }
        for (pane, rows) in more.panes {
            match self.panes.last_mut() {
                Some((last, held)) if *last == pane => *held = held.saturating_add(rows),
                _ => self.panes.push((pane, rows)),
            }
        }
        for (rows, times) in more.requests {
            push_requests(&mut self.requests, (rows, times));
        }
    }

    fn take_first(&mut self, rows: u64) -> Self {
        let mut first = Self::default();
        for (name, cells) in self.columns.iter_mut() {
            let later = cells.split_off(cells.len().min(rows as usize));
            first.columns.insert(name.clone(), core::mem::replace(cells, later));
        }
        let mut wanted = rows;
        for (pane, held) in &mut self.panes {
            let taken = wanted.min(*held);
            wanted -= taken;
            *held -= taken;
            if taken > 0 {
                first.panes.push((*pane, taken));
            }
        }
        self.panes.retain(|(_, rows)| *rows > 0);
        let mut wanted = rows;
        for (rows, times) in core::mem::take(&mut self.requests) {
            let whole = wanted.checked_div(rows).unwrap_or(0).min(times);
            push_requests(&mut first.requests, (rows, whole));
            wanted -= rows.saturating_mul(whole);
            if whole == times {
                continue;
            }
            // One is cut in two, if anything of it is taken.
            push_requests(&mut first.requests, (wanted, 1));
            push_requests(&mut self.requests, (rows - wanted, 1));
            push_requests(&mut self.requests, (rows, times - whole - 1));
            wanted = 0;
        }
        first.text_bytes = text_bytes(&first.columns);
        self.text_bytes = self.text_bytes.saturating_sub(first.text_bytes);
        first
    }
}

/// Adds requests of so many rows each after the others.
fn push_requests(held: &mut Vec<(u64, u64)>, (rows, times): (u64, u64)) {
    match held.last_mut() {
        _ if rows == 0 || times == 0 => {}
        Some((last, held)) if *last == rows => *held = held.saturating_add(times),
        _ => held.push((rows, times)),
    }
}

/// Makes room for so many cells, and a quarter more: cells are the most of what is held while references are
/// learned.
fn make_room(cells: &mut Vec<Cell>, wanted: usize) {
    if cells.capacity() < wanted {
        let more = wanted.saturating_sub(cells.len());
        cells.reserve_exact(more.max(cells.len() / 4));
    }
}

fn text_bytes(columns: &SortedMap<String, Vec<Cell>>) -> u64 {
    let bytes = |cell: &Cell| if let Cell::Category(name) = cell { name.len() as u64 } else { 0 };
    columns.values().flatten().map(bytes).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(held: &mut RawRows, rows: usize) {
        let values = alloc::vec![1.0; rows];
        let (columns, pane) =
            (Columns::Numbers("x", &values), PaneStart::holding(0.0, 60).unwrap());
        held.push((ColumnRole::Feature, pane), columns, u64::MAX, &LIMITS, &mut Dropped::default());
    }

    fn requests(held: &RawRows) -> Vec<u64> {
        held.roles().flat_map(|(_, group)| group.requests().collect::<Vec<_>>()).collect()
    }

    #[test]
    fn rows_know_which_came_together() {
        let (mut held, mut more) = (RawRows::default(), RawRows::default());
        for rows in [1, 1, 1, 7, 0, 2] {
            add(&mut held, rows);
        }
        for rows in [2, 2, 3] {
            add(&mut more, rows);
        }
        held.merge(more, u64::MAX, &mut Dropped::default());
        assert_eq!(requests(&held), [1, 1, 1, 7, 2, 2, 2, 3]);
        assert!(held.is_sound());
        for (taken, first, left) in [
            (2, &[1, 1][..], &[1, 7, 2, 2, 2, 3][..]),
            (5, &[1, 4], &[3, 2, 2, 2, 3]),
            (6, &[3, 2, 1], &[1, 2, 3]),
            (9, &[1, 2, 3], &[]),
        ] {
            let taken = held.take_first(taken);
            assert!(taken.is_sound() && held.is_sound());
            assert_eq!((requests(&taken), requests(&held)), (first.to_vec(), left.to_vec()));
        }
    }

    #[test]
    fn requests_that_are_not_those_of_the_rows_are_damaged() {
        let mut held = RawRows::default();
        add(&mut held, 4);
        for damaged in [&[][..], &[(4, 2)], &[(4, 1), (0, 9)], &[(u64::MAX, 2)], &[(2, u64::MAX)]] {
            held.roles.entry(&ColumnRole::Feature).requests = damaged.to_vec();
            assert!(!held.is_sound(), "{damaged:?}");
        }
    }
}
