use alloc::string::String;

use super::{Dropped, ModelTotals, SortedMap, bound};

/// The name that takes the counts of the names beyond a bound.
pub const OTHER: &str = "other";

/// The bounds of everything that traffic can grow.
pub const LIMITS: Limits = Limits {
    models: 32,
    versions: 8,
    all_versions: 64,
    classes: 100,
    experiments: 32,
    variants: 16,
    units: 50_000,
    delta_panes: 120,
    columns: 512,
    window_counts: 8_000_000,
    reference_columns: 4_096,
    aged_features: 4_096,
    attributions: 64,
    feature_sets: 32,
    feature_sources: 16,
    name_bytes: 128,
    raw_cells: 200_000,
    learning_cells: 1_000_000,
    references: 4,
    pinned_rows: 100,
    jobs: 32,
    business_metrics: 128,
    bounds: 64,
    shown_bins: 1_024,
};

/// How much of each kind is kept. Reaching a bound is counted under its name in [`bound`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Model names; further models count under [`OTHER`].
    pub models: usize,
    /// Versions a model; further versions count under [`OTHER`].
    pub versions: usize,
    /// Versions of all models; further versions count under [`OTHER`] of their model.
    pub all_versions: usize,
    /// Predicted classes a model version; further classes count under [`OTHER`].
    pub classes: usize,
    /// Experiments; further experiments count under [`OTHER`].
    pub experiments: usize,
    /// Variants an experiment; further variants count under [`OTHER`].
    pub variants: usize,
    /// Units an experiment; of more, those with the smallest hashes are kept.
    pub units: usize,
    /// Panes that one delta carries; older panes are left out of the window.
    pub delta_panes: usize,
    /// Feature columns a model; further columns are left out of the window.
    pub columns: usize,
    /// Counts in the windows of all models and feature sets, with what it takes to keep them
    /// ([`RoleWindow::counts`](super::RoleWindow::counts)); values beyond are left out of the window.
    pub window_counts: u64,
    /// Columns of the learned references of all models and feature sets; further columns are not in the
    /// reference.
    pub reference_columns: usize,
    /// Features of all sets whose age is known; the ages of others are left out.
    pub aged_features: usize,
    /// Features a model that explanations tell of; further features are left out.
    pub attributions: usize,
    /// Feature sets; retrievals of further sets count under [`OTHER`], their rows are left out.
    pub feature_sets: usize,
    /// Sources a feature set; further sources count under [`OTHER`].
    pub feature_sources: usize,
    /// Bytes of a name; longer names are cut.
    pub name_bytes: usize,
    /// Cells of raw rows that one worker holds, [`CELL_TEXT_BYTES`](super::CELL_TEXT_BYTES) of categories counting
    /// as one more; further rows are left out of the window.
    pub raw_cells: u64,
    /// Cells of raw rows that wait for references: with this many, the model that has the most of
    /// them learns from what there is. Twice as many are kept at most, and a merged delta carries
    /// no more.
    pub learning_cells: u64,
    /// References that the counts of one delta can be against.
    pub references: usize,
    /// Rows that a window must have to become a reference.
    pub pinned_rows: u64,
    /// Training runs; further runs are not kept.
    pub jobs: usize,
    /// Business metrics of all models and versions; further ones count together under [`OTHER`].
    pub business_metrics: usize,
    /// Names of bounds that are counted.
    pub bounds: usize,
    /// Bins of one table that metrics show, of whole columns in the order of the reference; of the others their
    /// number.
    pub shown_bins: usize,
}

impl Default for Limits {
    fn default() -> Self {
        LIMITS
    }
}

impl Limits {
    /// The same, as long as there are fewer versions of all models than [`Limits::all_versions`]; else no room
    /// for further versions.
    pub(crate) fn with_versions<'m>(self, models: impl Iterator<Item = &'m ModelTotals>) -> Self {
        let all: usize = models.map(|totals| totals.versions.len()).sum();
        if all < self.all_versions { self } else { Self { versions: 0, ..self } }
    }

    /// Cells of raw rows that are kept at most.
    pub(crate) const fn kept_cells(&self) -> u64 {
        self.learning_cells.saturating_mul(2)
    }

    /// `name`, cut to [`Limits::name_bytes`] at a character.
    pub(crate) fn cut<'n>(&self, name: &'n str, dropped: &mut Dropped) -> &'n str {
        if name.len() <= self.name_bytes {
            return name;
        }
        dropped.add(bound::NAME_BYTES, 1);
        name.get(..name.floor_char_boundary(self.name_bytes)).unwrap_or(OTHER)
    }
}

/// The key under which `name` is counted in a map of at most `cap` names beside [`OTHER`]: itself,
/// or [`OTHER`].
pub(crate) fn key_within<'n, V>(map: &SortedMap<String, V>, name: &'n str, cap: usize) -> &'n str {
    let is_full = || map.len() - usize::from(map.contains_key(OTHER)) >= cap;
    if name == OTHER || map.contains_key(name) || !is_full() { name } else { OTHER }
}

/// The entry of `name`, or of [`OTHER`] when `map` is full; in that case `count` is added to
/// `dropped` under `bound_name`.
pub(crate) fn entry_within<'m, V: Default>(
    map: &'m mut SortedMap<String, V>,
    name: &str,
    cap: usize,
    (bound_name, count): (&str, u64),
    dropped: &mut Dropped,
) -> &'m mut V {
    let key = key_within(map, name, cap);
    if key != name {
        dropped.add(bound_name, count);
    }
    map.entry(key)
}
