//! Rows of a named table, a model's or a feature set's: counted on the bins of its reference, and kept as
//! they came while there is none.

use serde::{Deserialize, Serialize};

use super::bin_totals::{BinTotals, BinnedColumns};
use super::learning;
use super::reference::{Fall, Origin, Reference, ReferenceColumn, ReferenceId};
use super::settings::ReferenceSettings;
use crate::event::ColumnRole;
use crate::event::Columns;
use crate::pane::{
    Cell, CellRef, Dropped, LIMITS, Limits, NewCategories, PaneStart, RawRows, RoleWindow,
    SortedMap, Window, bound,
};
use alloc::string::{String, ToString};

/// What one worker saw of a table since it last handed over.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct TableDelta {
    /// Counts on the bins of each reference; `None` where there was none, and only presence counts.
    counted: SortedMap<Option<ReferenceId>, Window>,
    pub raw: RawRows,
}

impl TableDelta {
    /// Counts rows of a pane. With `learns`, they are also kept while there is no reference, as far as
    /// there is `room` for their cells.
    pub fn record(
        &mut self,
        (role, pane): (ColumnRole, PaneStart),
        columns: Columns<'_>,
        reference: Option<&Reference>,
        (learns, room): (bool, Room),
        dropped: &mut Dropped,
    ) {
        let window = self.counted.entry(&reference.map(Reference::id));
        count_rows(window, (role, pane), (columns, room.counts), reference, dropped);
        if learns && reference.is_none() {
            self.raw.push((role, pane), columns, room.cells, &LIMITS, dropped);
        }
    }

    /// What it holds, in cells and counts.
    pub fn held(&self) -> Room {
        let counts = self.counted.values().map(Window::counts).sum();
        Room { cells: self.raw.cells(), counts }
    }

    pub fn merge(&mut self, other: Self, room: Room, dropped: &mut Dropped) {
        let full = self.held().counts.saturating_add(room.counts);
        for (reference, window) in other.counted.iter() {
            if self.counted.len() < LIMITS.references || self.counted.contains_key(reference) {
                let room = full.saturating_sub(self.held().counts);
                add_counts(self.counted.entry(reference), window, room, dropped);
            } else {
                dropped.add(bound::REFERENCE, window.rows());
            }
        }
        self.raw.merge(other.raw, room.cells, dropped);
    }

    /// Forgets panes before `oldest`.
    pub fn keep_from(&mut self, oldest: PaneStart, dropped: &mut Dropped) {
        for window in self.counted.values_mut() {
            dropped.add(bound::PANES, window.retain(|pane| pane >= oldest));
        }
    }
}

/// What is known of a table.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct TableState {
    /// Counts on the bins of the reference; while there is none, of presence only.
    pub window: Window,
    /// Counts on the same bins since the reference was frozen.
    pub totals: BinTotals,
    /// Rows that wait for a reference.
    pub waiting: RawRows,
    /// The reference that was last given, by the settings or at run time: a pinned window stands until
    /// another is given.
    given: Option<ReferenceId>,
}

/// What a table's delta is applied under.
pub(super) struct Context<'s> {
    pub reference: Option<&'s Reference>,
    pub pane_seconds: u32,
    /// The oldest pane of the window, once there was a tick.
    pub oldest: Option<PaneStart>,
    pub room: Room,
    pub limits: &'s Limits,
}

/// Cells of raw rows, and counts of windows: that are held, or that there is room for.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Room {
    pub cells: u64,
    pub counts: u64,
}

impl Room {
    /// Of so many cells and of all counts, what is left.
    pub fn beside(cells: u64, held: [Self; 2]) -> Self {
        let held = Self::sum(held.into_iter());
        Self {
            cells: cells.saturating_sub(held.cells),
            counts: LIMITS.window_counts.saturating_sub(held.counts),
        }
    }

    /// What many tables hold.
    pub fn sum(tables: impl Iterator<Item = Self>) -> Self {
        tables.fold(Self::default(), |sum, held| Self {
            cells: sum.cells.saturating_add(held.cells),
            counts: sum.counts.saturating_add(held.counts),
        })
    }
}

/// Adds a window to another that there is room for so many more counts in.
fn add_counts(held: &mut Window, more: &Window, room: u64, dropped: &mut Dropped) {
    let window_counts = held.counts().saturating_add(room);
    held.merge(more, &Limits { window_counts, ..LIMITS }, dropped);
}

impl TableState {
    pub fn apply(&mut self, delta: TableDelta, context: &Context<'_>, dropped: &mut Dropped) {
        let Context { reference, pane_seconds, oldest, room, .. } = *context;
        let mut arrived = Window::default();
        let current = reference.map(Reference::id);
        for (counted_against, window) in delta.counted.iter() {
            if *counted_against == current {
                arrived.merge(window, &LIMITS, dropped);
            } else if counted_against.is_some() {
                dropped.add(bound::REFERENCE, window.rows());
            }
            // Counts of presence alone are of rows that came raw too: those are binned below.
        }
        match reference {
            Some(reference) => {
                bin_rows(&delta.raw, reference, &mut arrived, dropped);
                self.totals.add(&arrived, reference);
            }
            None => self.waiting.merge(delta.raw, room.cells, dropped),
        }
        arrived.realign(pane_seconds);
        if let Some(oldest) = oldest {
            dropped.add(bound::PANES, arrived.retain(|pane| pane >= oldest));
        }
        add_counts(&mut self.window, &arrived, room.counts, dropped);
    }

    /// What it holds, in cells and counts.
    pub fn held(&self) -> Room {
        Room { cells: self.waiting.cells(), counts: self.window.counts() }
    }

    /// Changes from one reference to another. Rows that wait are counted on the bins of the new one; counts
    /// on other bins are dropped.
    pub fn change_reference(
        &mut self,
        [held, wanted]: [Option<&Reference>; 2],
        pane_seconds: u32,
        dropped: &mut Dropped,
    ) {
        let Some(wanted) = wanted.filter(|it| held.map(Reference::id) != Some(it.id())) else {
            return;
        };
        let lost = core::mem::take(&mut self.window).rows();
        let waiting = core::mem::take(&mut self.waiting);
        bin_rows(&waiting, wanted, &mut self.window, dropped);
        self.window.realign(pane_seconds);
        dropped.add(bound::REFERENCE, lost.saturating_sub(waiting.rows()));
    }

    /// What is known of a table, as if one worker had seen it.
    pub fn into_delta(self, reference: Option<&Reference>) -> TableDelta {
        let mut counted = SortedMap::default();
        counted.insert(reference.map(Reference::id), self.window);
        TableDelta { counted, raw: self.waiting }
    }

    /// Makes the reference of `name` the one that the settings ask for, as soon as that can be.
    pub fn settle_reference(
        &mut self,
        name: &str,
        (references, taken): (&mut SortedMap<String, Reference>, usize),
        (wanted, pane_seconds): (&ReferenceSettings, u32),
        is_full: bool,
        dropped: &mut Dropped,
    ) {
        let held = references.get(name);
        let wanted = match wanted {
            ReferenceSettings::None => {
                self.waiting = RawRows::default();
                None
            }
            // Whoever has one gives it.
            ReferenceSettings::Kept => {
                self.waiting = RawRows::default();
                return;
            }
            ReferenceSettings::Profile(profile) => {
                let reference = Reference::new(profile, Origin::Given);
                let was_given = self.given.replace(reference.id()) == Some(reference.id());
                if was_given && held.is_some_and(|held| held.origin() == Origin::Pinned) {
                    return;
                }
                Some(reference)
            }
            ReferenceSettings::Learn { samples } => match held {
                Some(held) if held.origin() != Origin::Given => return,
                _ => self.learn((*samples).max(1), (is_full, taken), dropped),
            },
        };
        self.replace_reference(name, references, (wanted, pane_seconds), dropped);
    }

    /// Another gateway's table of the same name was given a reference too.
    pub fn given_elsewhere(&mut self, other: &Self) {
        // Any order of the gateways gives the same.
        self.given = self.given.max(other.given);
    }

    /// Takes a reference that came at run time; one that was given last already changes nothing.
    pub fn give_reference(
        &mut self,
        name: &str,
        references: &mut SortedMap<String, Reference>,
        (given, pane_seconds): (Reference, u32),
        dropped: &mut Dropped,
    ) {
        if self.given.replace(given.id()) != Some(given.id()) || references.get(name).is_none() {
            self.replace_reference(name, references, (Some(given), pane_seconds), dropped);
        }
    }

    /// Makes the window the reference; `false` where there are too few rows in it, or no bins.
    pub fn pin(
        &mut self,
        name: &str,
        references: &mut SortedMap<String, Reference>,
        pane_seconds: u32,
        dropped: &mut Dropped,
    ) -> bool {
        let Some(held) = references.get(name) else { return false };
        if self.window.rows() < LIMITS.pinned_rows {
            return false;
        }
        let pinned = Reference::new(&held.profile_of(&self.window), Origin::Pinned);
        // What is in it is not counted against itself.
        self.window = Window::default();
        self.replace_reference(name, references, (Some(pinned), pane_seconds), dropped);
        true
    }

    fn replace_reference(
        &mut self,
        name: &str,
        references: &mut SortedMap<String, Reference>,
        (wanted, pane_seconds): (Option<Reference>, u32),
        dropped: &mut Dropped,
    ) {
        let held = references.get(name);
        if wanted.as_ref().map(Reference::id) == held.map(Reference::id) {
            return;
        }
        let replaced = core::mem::take(&mut self.window);
        self.totals = BinTotals::default();
        if held.is_some() {
            dropped.add(bound::REFERENCE, replaced.rows());
        }
        match wanted {
            Some(reference) => {
                let waiting = core::mem::take(&mut self.waiting);
                bin_rows(&waiting, &reference, &mut self.window, dropped);
                self.totals.add(&self.window, &reference);
                self.window.realign(pane_seconds);
                references.insert(name.to_string(), reference);
            }
            None => {
                references.remove(name);
            }
        }
    }

    /// A reference of the first `samples` rows that wait, if there are as many, or if too many
    /// cells wait already.
    fn learn(
        &mut self,
        samples: u64,
        (is_full, taken): (bool, usize),
        dropped: &mut Dropped,
    ) -> Option<Reference> {
        if self.waiting.rows() < samples && !is_full {
            return None;
        }
        let mut learned = learning::learn(&self.waiting.take_first(samples), dropped);
        let room = LIMITS.reference_columns.saturating_sub(taken);
        let columns = &mut learned.profile.columns;
        dropped.add(bound::COLUMNS, columns.len().saturating_sub(room) as u64);
        columns.truncate(room);
        Some(Reference::learned(&learned))
    }

    /// The columns of its reference, and what fell into their bins.
    pub fn binned<'t>(&'t self, reference: &'t Reference) -> BinnedColumns<'t> {
        self.totals.of(reference)
    }

    /// Keeps the panes from `oldest` to `newest`.
    pub fn keep_between(&mut self, oldest: PaneStart, newest: PaneStart, dropped: &mut Dropped) {
        self.window.retain(|pane| pane >= oldest);
        dropped.add(bound::PANES, self.window.retain(|pane| pane <= newest));
    }
}

/// If too many rows of several tables wait: the place of the table that has the most of them.
pub(super) fn fullest<'r>(waiting: impl Iterator<Item = &'r RawRows>) -> Option<usize> {
    let (mut sum, mut most) = (0_u64, (0, None));
    for (index, rows) in waiting.enumerate() {
        let cells = rows.cells();
        sum = sum.saturating_add(cells);
        if cells >= most.0 {
            most = (cells, Some(index));
        }
    }
    most.1.filter(|_| sum >= LIMITS.learning_cells)
}

/// Counts raw rows on the bins of a reference.
fn bin_rows(raw: &RawRows, reference: &Reference, window: &mut Window, dropped: &mut Dropped) {
    for (role, group) in raw.roles() {
        let window = window.role_mut(role);
        for (pane, range) in group.panes() {
            window.add_rows(pane, range.len() as u64);
            for (name, cells) in group.columns() {
                let cells = cells.get(range.clone()).unwrap_or_default();
                if cells.iter().any(|cell| *cell != Cell::Absent) {
                    let (place, cells) = ((role, name, 0), cells.iter().map(Cell::as_ref));
                    let bounds = (&LIMITS, &mut *dropped);
                    count_column(window, (place, pane), cells, Some(reference), bounds);
                }
            }
        }
    }
}

fn count_rows(
    window: &mut Window,
    (role, pane): (ColumnRole, PaneStart),
    (columns, room): (Columns<'_>, u64),
    reference: Option<&Reference>,
    dropped: &mut Dropped,
) {
    let window = window.role_mut(role);
    window.add_rows(pane, columns.rows() as u64);
    let limits = Limits { window_counts: window.counts().saturating_add(room), ..LIMITS };
    for (position, (name, values)) in columns.iter().enumerate() {
        let name = LIMITS.cut(name, dropped);
        let place = (role, name, position);
        count_column(window, (place, pane), values.iter(), reference, (&limits, dropped));
    }
}

/// Counts the values of one column on the bins of its reference; without one, numbers on one bin
/// and categories on another.
fn count_column<'v>(
    window: &mut RoleWindow,
    ((role, name, position), pane): ((ColumnRole, &str, usize), PaneStart),
    values: impl Iterator<Item = CellRef<'v>>,
    reference: Option<&Reference>,
    (limits, dropped): (&Limits, &mut Dropped),
) {
    let near = window.reference_place(position);
    let found = reference.and_then(|reference| reference.column(role, name, near));
    let column = found.map(|(_, column)| column);
    let bin_count = column.map_or(2, ReferenceColumn::bin_count);
    let Some(bins) = window.bins_mut((name, pane), position, bin_count, limits) else {
        dropped.add(bound::COLUMNS, values.count() as u64);
        return;
    };
    let mut outlying = [0_u64; 2];
    let mut new = NewCategories::default();
    for value in values {
        if let (Some(column), CellRef::Number(number)) = (column, value) {
            for (count, is_out) in outlying.iter_mut().zip(column.outlying(number)) {
                *count = count.saturating_add(u64::from(is_out));
            }
        }
        let fall = match (column, value) {
            (Some(column), value) => column.fall(value),
            (None, CellRef::Missing) => Fall::Missing,
            (None, CellRef::Number(_)) => Fall::Bin(0),
            (None, CellRef::Category(_)) => Fall::Bin(1),
        };
        match fall {
            Fall::Bin(bin) => {
                if let Some(count) = bins.get_mut(bin) {
                    *count = count.saturating_add(1);
                }
                if let (Some(column), CellRef::Category(category)) = (column, value)
                    && column.is_new(bin)
                {
                    new.add(LIMITS.cut(category, &mut Dropped::default()));
                }
            }
            Fall::Missing => {}
            Fall::OtherKind => dropped.add(bound::COLUMN_KIND, 1),
        }
    }
    if let Some((place, _)) = found.filter(|(place, _)| *place != near) {
        window.set_reference_place(position, place);
    }
    if outlying != [0; 2] {
        window.add_outlying((name, pane), outlying);
    }
    if !new.is_empty() {
        window.add_new_categories((name, pane), &new, limits);
    }
}
