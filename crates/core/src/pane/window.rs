use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::histogram::add_counts;
use super::total::add;
use super::{Dropped, Limits, NewCategories, PaneStart, SortedMap, bound};
use crate::event::ColumnRole;

/// Counts of a model's rows on the bins of one reference, pane by pane.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Window {
    roles: SortedMap<ColumnRole, RoleWindow>,
}

/// The part of a [`Window`] of the columns of one role.
///
/// A row is counted once for the role, and each of its present values once in its column; so what
/// is missing from a column is the difference, also where a request leaves the column out.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct RoleWindow {
    rows: SortedMap<PaneStart, u64>,
    columns: SortedMap<String, SortedMap<PaneStart, Vec<u64>>>,
    /// Numbers out of the reference's range, and beyond its fences; most columns have none.
    outlying: SortedMap<String, SortedMap<PaneStart, [u64; 2]>>,
    /// Categories that the reference lacks; most columns have none.
    new_categories: SortedMap<String, SortedMap<PaneStart, NewCategories>>,
    counts: u64,
    #[serde(skip)]
    places: Places,
}

/// Where the columns of the last row were among those of the window and of the reference, by their places in
/// the row: rows have their columns in one order, and a name is compared sooner than it is found.
#[derive(Debug, Clone, Default)]
struct Places(Vec<[u32; 2]>);

/// What is only remembered makes no difference.
impl PartialEq for Places {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Window {
    /// The part of one role, made if need be.
    pub fn role_mut(&mut self, role: ColumnRole) -> &mut RoleWindow {
        self.roles.entry(&role)
    }

    /// The part of one role, if it has rows.
    #[must_use]
    pub fn role(&self, role: ColumnRole) -> Option<&RoleWindow> {
        self.roles.get(&role)
    }

    /// The parts that have rows.
    pub fn roles(&self) -> impl Iterator<Item = (ColumnRole, &RoleWindow)> {
        self.roles.iter().map(|(role, part)| (*role, part))
    }

    /// Rows: of the role that has the most of them, for a request may show its features and not its
    /// predictions, or the other way round.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.roles.values().map(RoleWindow::rows).max().unwrap_or(0)
    }

    /// Whether nothing was counted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.roles.is_empty()
    }

    /// Starts of the panes that have rows, role by role.
    pub fn panes(&self) -> impl Iterator<Item = PaneStart> {
        self.roles.values().flat_map(|part| part.rows.keys().copied())
    }

    /// Adds the counts of `other`.
    pub fn merge(&mut self, other: &Self, limits: &Limits, dropped: &mut Dropped) {
        for (role, theirs) in other.roles.iter() {
            let of_others = self.counts().saturating_sub(self.role_mut(*role).counts);
            let window_counts = limits.window_counts.saturating_sub(of_others);
            let limits = Limits { window_counts, ..*limits };
            self.role_mut(*role).merge(theirs, &limits, dropped);
        }
    }

    /// Counts of all roles; see [`RoleWindow::counts`].
    #[must_use]
    pub fn counts(&self) -> u64 {
        self.roles.values().fold(0, |sum, part| sum.saturating_add(part.counts))
    }

    /// Keeps the panes for which `keep` is true, and returns the rows of the others.
    pub fn retain(&mut self, keep: impl Fn(PaneStart) -> bool) -> u64 {
        let before = self.rows();
        for part in self.roles.values_mut() {
            part.rows.retain(|pane, _| keep(*pane));
            for panes in part.columns.values_mut() {
                panes.retain(|pane, _| keep(*pane));
            }
            part.columns.retain(|_, panes| !panes.is_empty());
            for panes in part.outlying.values_mut() {
                panes.retain(|pane, _| keep(*pane));
            }
            part.outlying.retain(|_, panes| !panes.is_empty());
            for panes in part.new_categories.values_mut() {
                panes.retain(|pane, _| keep(*pane));
            }
            part.new_categories.retain(|_, panes| !panes.is_empty());
            part.recount();
        }
        self.roles.retain(|_, part| !part.rows.is_empty());
        before.saturating_sub(self.rows())
    }

    /// Moves all counts to panes of another length.
    pub fn realign(&mut self, pane_seconds: u32) {
        for part in self.roles.values_mut() {
            let mut rows = SortedMap::default();
            for (pane, count) in part.rows.iter() {
                add(rows.entry(&pane.aligned(pane_seconds)), *count);
            }
            part.rows = rows;
            for panes in part.columns.values_mut() {
                let mut moved = SortedMap::<PaneStart, Vec<u64>>::default();
                for (pane, bins) in panes.iter() {
                    add_counts(moved.entry(&pane.aligned(pane_seconds)), bins);
                }
                *panes = moved;
            }
            let outlying = core::mem::take(&mut part.outlying);
            for (column, panes) in outlying.iter() {
                for (pane, counts) in panes.iter() {
                    part.add_outlying((column, pane.aligned(pane_seconds)), *counts);
                }
            }
            for panes in part.new_categories.values_mut() {
                let mut moved = SortedMap::<PaneStart, NewCategories>::default();
                for (pane, new) in panes.iter() {
                    moved.entry(&pane.aligned(pane_seconds)).merge(new);
                }
                *panes = moved;
            }
            part.recount();
        }
    }
}

/// What it takes to keep the bins of one column in one pane, in counts.
const PANE_COUNTS: u64 = 16;
/// What it takes to keep the new categories of one column in one pane, in counts.
const NEW_CATEGORIES_COUNTS: u64 = 2 * NewCategories::MOST as u64 + PANE_COUNTS;

impl RoleWindow {
    /// Counts in all bins and of new categories, and for each column and pane sixteen more for what keeps them: eight
    /// bytes each.
    #[must_use]
    pub const fn counts(&self) -> u64 {
        self.counts
    }

    fn recount(&mut self) {
        let bins = self.columns.values().flat_map(SortedMap::values);
        let bins: u64 = bins.map(|bins| bins.len() as u64 + PANE_COUNTS).sum();
        let new: usize = self.new_categories.values().map(SortedMap::len).sum();
        self.counts = bins.saturating_add(new as u64 * NEW_CATEGORIES_COUNTS);
    }

    /// Rows of all panes.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows.values().fold(0, |sum, rows| sum.saturating_add(*rows))
    }

    /// Rows of one pane.
    #[must_use]
    pub fn pane_rows(&self, pane: PaneStart) -> u64 {
        self.rows.get(&pane).copied().unwrap_or(0)
    }

    /// Counts rows of a pane.
    pub fn add_rows(&mut self, pane: PaneStart, rows: u64) {
        add(self.rows.entry(&pane), rows);
    }

    /// Column names, in their order.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.columns.keys().map(String::as_str)
    }

    /// Counts of one column's values on its bins, in all panes.
    #[must_use]
    pub fn bins(&self, column: &str) -> Vec<u64> {
        let mut sum = Vec::new();
        for bins in self.columns.get(column).into_iter().flat_map(SortedMap::values) {
            add_counts(&mut sum, bins);
        }
        sum
    }

    /// Counts of one column's values on its bins, in one pane.
    #[must_use]
    pub fn pane_bins(&self, column: &str, pane: PaneStart) -> &[u64] {
        self.columns.get(column).and_then(|panes| panes.get(&pane)).map_or(&[], Vec::as_slice)
    }

    /// Counts numbers of a column out of the reference's range, and beyond its fences.
    pub fn add_outlying(&mut self, (column, pane): (&str, PaneStart), counts: [u64; 2]) {
        let held = self.outlying.entry(column).entry(&pane);
        held.iter_mut().zip(counts).for_each(|(held, more)| add(held, more));
    }

    /// Numbers of a column out of the reference's range, and beyond its fences, in all panes.
    pub fn outlying(&self, column: &str) -> [u64; 2] {
        let panes = self.outlying.get(column).into_iter().flat_map(SortedMap::values);
        panes.fold([0; 2], |sum, counts| {
            [sum[0].saturating_add(counts[0]), sum[1].saturating_add(counts[1])]
        })
    }

    /// Counts categories that the reference lacks, of values that are in the bins already. Where the limit of counts is
    /// reached they have no names.
    pub fn add_new_categories(
        &mut self,
        (column, pane): (&str, PaneStart),
        new: &NewCategories,
        limits: &Limits,
    ) {
        let is_held =
            self.new_categories.get(column).is_some_and(|panes| panes.contains_key(&pane));
        if !is_held {
            let counts = self.counts.saturating_add(NEW_CATEGORIES_COUNTS);
            if counts > limits.window_counts {
                return;
            }
            self.counts = counts;
        }
        self.new_categories.entry(column).entry(&pane).merge(new);
    }

    /// Categories of a column that the reference lacks, in all panes.
    #[must_use]
    pub fn new_categories(&self, column: &str) -> NewCategories {
        let mut all = NewCategories::default();
        let panes = self.new_categories.get(column).into_iter().flat_map(SortedMap::values);
        panes.for_each(|new| all.merge(new));
        all
    }

    /// Where the reference had the column that the last row had at a place.
    pub(crate) fn reference_place(&self, position: usize) -> usize {
        self.places.0.get(position).map_or(position, |[_, place]| *place as usize)
    }

    /// Remembers it.
    pub(crate) fn set_reference_place(&mut self, position: usize, place: usize) {
        if let (Some(held), Ok(place)) = (self.places.0.get_mut(position), u32::try_from(place)) {
            held[1] = place;
        }
    }

    /// Counts of one column's values on its `bin_count` bins in one pane, made if need be; `None`
    /// if the limit of columns is reached, or that of counts. `position` is where the row has the column.
    pub fn bins_mut(
        &mut self,
        (column, pane): (&str, PaneStart),
        position: usize,
        bin_count: usize,
        limits: &Limits,
    ) -> Option<&mut [u64]> {
        let near = self.places.0.get(position).map_or(position, |[place, _]| *place as usize);
        let place = match self.columns.place_near(column, near) {
            Ok(place) => place,
            Err(_) if self.columns.len() >= limits.columns => return None,
            Err(_) if self.counts >= limits.window_counts => return None,
            Err(place) => {
                self.columns.entry(column);
                place
            }
        };
        if position < limits.columns {
            if self.places.0.len() <= position {
                self.places.0.resize(position + 1, [0; 2]);
            }
            if let (Some(held), Ok(place)) = (self.places.0.get_mut(position), u32::try_from(place))
            {
                held[0] = place;
            }
        }
        let panes = self.columns.at_mut(place)?;
        let held = panes.get(&pane).map_or(0, |bins| bins.len() as u64 + PANE_COUNTS);
        let wanted = bin_count as u64 + PANE_COUNTS;
        if held < wanted {
            let counts = self.counts.saturating_add(wanted - held);
            if counts > limits.window_counts {
                return None;
            }
            self.counts = counts;
            let bins = panes.entry(&pane);
            bins.reserve_exact(bin_count.saturating_sub(bins.len()));
            bins.resize(bin_count, 0);
            return Some(bins);
        }
        panes.get_mut(&pane).map(Vec::as_mut_slice)
    }

    fn merge(&mut self, other: &Self, limits: &Limits, dropped: &mut Dropped) {
        for (pane, rows) in other.rows.iter() {
            self.add_rows(*pane, *rows);
        }
        for (column, panes) in other.outlying.iter() {
            if self.columns.len() < limits.columns || self.columns.contains_key(column) {
                panes.iter().for_each(|(pane, counts)| self.add_outlying((column, *pane), *counts));
            }
        }
        for (column, panes) in other.columns.iter() {
            for (pane, bins) in panes.iter() {
                match self.bins_mut((column, *pane), usize::MAX, bins.len(), limits) {
                    Some(held) => {
                        held.iter_mut().zip(bins).for_each(|(held, more)| add(held, *more))
                    }
                    None => dropped.add(
                        bound::COLUMNS,
                        bins.iter().fold(0, |sum: u64, count| sum.saturating_add(*count)),
                    ),
                }
            }
        }
        for (column, panes) in other.new_categories.iter() {
            for (pane, new) in panes.iter() {
                if !self.pane_bins(column, *pane).is_empty() {
                    self.add_new_categories((column, *pane), new, limits);
                }
            }
        }
    }
}
