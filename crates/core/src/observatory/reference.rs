use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use serde::{Deserialize, Serialize};

use super::learning::Learned;
use super::wire::{self, DecodeError};
use crate::event::ColumnRole;
use crate::fnv::fnv1a;
use crate::order;
use crate::pane::{CellRef, Dropped, LIMITS, RoleWindow, SortedMap, Window};
use crate::profile::{self, ColumnProfile, ColumnSummary, Profile, Sketches};
use crate::report::{ColumnCounts, ColumnKind};

/// The frozen references by model and by feature set: what workers bin against, published by the leader.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct References {
    models: SortedMap<String, Reference>,
    feature_sets: SortedMap<String, Reference>,
}

impl References {
    /// The reference of a model, once it is ready.
    #[must_use]
    pub fn get(&self, model_name: &str) -> Option<&Reference> {
        self.models.get(model_name)
    }

    /// The reference of a feature set, once it is ready.
    #[must_use]
    pub fn feature_set(&self, feature_set: &str) -> Option<&Reference> {
        self.feature_sets.get(feature_set)
    }

    /// Model names and their references, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Reference)> {
        self.models.iter().map(|(name, reference)| (name.as_str(), reference))
    }

    /// The names of all references: of models, then of feature sets, by the names of these.
    pub fn ids(&self) -> impl Iterator<Item = ReferenceId> {
        self.models.values().chain(self.feature_sets.values()).map(Reference::id)
    }

    /// Whether no reference is ready.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.models.is_empty() && self.feature_sets.is_empty()
    }

    /// Of each model and feature set the reference that is kept where two states are added.
    pub(super) fn preferred(&self, other: &Self) -> Self {
        Self {
            models: preferred(&self.models, &other.models),
            feature_sets: preferred(&self.feature_sets, &other.feature_sets),
        }
    }

    /// Families of tests that can alarm by themselves, of all references.
    pub(super) fn families(&self) -> u64 {
        let all = self.models.values().chain(self.feature_sets.values());
        all.map(Reference::families).sum()
    }

    /// Columns of all references.
    pub(super) fn columns(&self) -> usize {
        let all = self.models.values().chain(self.feature_sets.values());
        all.map(|reference| reference.columns().len()).sum()
    }

    pub(super) const fn of_models(&mut self) -> &mut SortedMap<String, Reference> {
        &mut self.models
    }

    pub(super) const fn of_feature_sets(&mut self) -> &mut SortedMap<String, Reference> {
        &mut self.feature_sets
    }

    /// Bytes that [`References::decode`] reads; equal references have equal bytes.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        wire::encode(self)
    }

    /// Reads what [`References::encode`] wrote.
    ///
    /// # Errors
    /// [`DecodeError`] if `bytes` are of another version, or damaged.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        wire::decode(bytes)
    }
}

fn preferred(
    own: &SortedMap<String, Reference>,
    other: &SortedMap<String, Reference>,
) -> SortedMap<String, Reference> {
    let mut all = own.clone();
    for (name, theirs) in other.iter() {
        if all.get(name).is_none_or(|held| theirs.preference() < held.preference()) {
            all.insert(name.clone(), theirs.clone());
        }
    }
    all
}

/// Names a reference by its content, so that counts can say what they were counted against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ReferenceId(u64);

impl fmt::Display for ReferenceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// Where a reference came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// Learned from the first rows of the traffic.
    Learned,
    /// Given in the config, or at run time.
    Given,
    /// A window of the traffic that somebody pinned.
    Pinned,
}

/// The frozen bins of a model's columns, and the counts of the reference on them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    id: ReferenceId,
    origin: Origin,
    rows: u64,
    columns: Vec<ReferenceColumn>,
    is_of_few_requests: bool,
}

impl Reference {
    /// Freezes a profile.
    #[must_use]
    pub fn new(profile: &Profile, origin: Origin) -> Self {
        let columns: Vec<_> = profile.columns.iter().map(ReferenceColumn::new).collect();
        let id = ReferenceId(fnv1a(wire::encode(&(profile.rows, &columns))));
        Self { id, origin, rows: profile.rows, columns, is_of_few_requests: false }
    }

    /// Freezes what was learned.
    pub(super) fn learned(Learned { profile, is_of_few_requests }: &Learned) -> Self {
        Self { is_of_few_requests: *is_of_few_requests, ..Self::new(profile, Origin::Learned) }
    }

    /// Whether it was learned from so few requests that it is hardly known how much its rows depend on each other.
    #[must_use]
    pub const fn is_of_few_requests(&self) -> bool {
        self.is_of_few_requests
    }

    /// Its name.
    #[must_use]
    pub const fn id(&self) -> ReferenceId {
        self.id
    }

    /// Where it came from.
    #[must_use]
    pub const fn origin(&self) -> Origin {
        self.origin
    }

    /// Rows that it was made from.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// The least is kept: one that was pinned, then one that was given, then that of more rows.
    const fn preference(&self) -> (u8, core::cmp::Reverse<u64>, ReferenceId) {
        let rank = match self.origin {
            Origin::Pinned => 0,
            Origin::Given => 1,
            Origin::Learned => 2,
        };
        (rank, core::cmp::Reverse(self.rows), self.id)
    }

    /// Families of tests that can alarm by themselves: what decides, and each kind of signal that some column can show.
    fn families(&self) -> u64 {
        let any = |is_so: &dyn Fn(&ReferenceColumn) -> bool| self.columns.iter().any(is_so);
        let of_range = any(&|column| column.range.is_some());
        let of_categories = any(&|column| column.is_new(column.bins.len().wrapping_sub(1)));
        // Missing values are one kind, new and vanished categories are two.
        2 + u64::from(of_range) + 2 * u64::from(of_categories)
    }

    /// Its columns, in the order of the profile.
    #[must_use]
    pub fn columns(&self) -> &[ReferenceColumn] {
        &self.columns
    }

    /// A window on these bins as a profile. Only counts are kept of a window, so smallest and
    /// largest value, mean and deviation are unknown.
    pub(super) fn profile_of(&self, window: &Window) -> Profile {
        let nothing = RoleWindow::default();
        let columns = self.columns.iter().map(|column| {
            let window = window.role(column.role).unwrap_or(&nothing);
            column.profile_of(window)
        });
        let (schema, rows) = (profile::SCHEMA.to_string(), window.rows());
        Profile { schema, rows, columns: columns.collect() }
    }

    /// The column of a role and a name, and its place. `near` is where it was the last time: most
    /// often it is there again, so that is looked at first.
    #[must_use]
    pub fn column(
        &self,
        role: ColumnRole,
        name: &str,
        near: usize,
    ) -> Option<(usize, &ReferenceColumn)> {
        let is_it = |column: &&ReferenceColumn| column.role == role && column.name == name;
        let there = self.columns.get(near).filter(is_it).map(|column| (near, column));
        there.or_else(|| self.columns.iter().enumerate().find(|(_, column)| is_it(column)))
    }
}

/// One column of a [`Reference`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReferenceColumn {
    /// Column name.
    pub name: String,
    /// What it is to the model.
    pub role: ColumnRole,
    /// Values present and missing.
    pub counts: ColumnCounts,
    /// How values fall into bins.
    pub binning: Binning,
    /// Values in each bin.
    pub bins: Vec<u64>,
    /// Smallest and largest value of a column of numbers, all of which are finite.
    pub range: Option<[f64; 2]>,
    /// 1.5 interquartile ranges below the lower quartile and above the upper.
    pub fences: Option<[f64; 2]>,
    /// Rows that say as much as one that is independent, where they depend on each other.
    pub rows_per_independent: Option<f64>,
}

/// How the values of a column fall into bins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Binning {
    /// Bin `i` holds `edges[i - 1] <= value < edges[i]`; the outer two are open.
    Edges(Vec<f64>),
    /// Bin `i` holds the category `names[i]`; one more bin holds all other categories.
    Categories {
        /// The names, in the order of the bins.
        names: Vec<String>,
        /// Bins in the order of their names.
        by_name: Vec<u32>,
    },
}

/// Where a value falls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fall {
    /// Into the bin of this index.
    Bin(usize),
    /// Nowhere: it is missing.
    Missing,
    /// Nowhere: it is a number among categories, or a category among numbers.
    OtherKind,
}

impl ReferenceColumn {
    fn new(column: &ColumnProfile) -> Self {
        let (binning, bins) = match &column.summary {
            ColumnSummary::Numeric { edges, bins, .. } => {
                (Binning::Edges(edges.clone()), bins.clone())
            }
            ColumnSummary::Categorical { names, bins, other } => {
                let known: Vec<&str> = names.iter().map(String::as_str).collect();
                let by_name = order::by_name(&known).into_iter().map(|bin| bin as u32).collect();
                let bins = bins.iter().copied().chain([*other]).collect();
                (Binning::Categories { names: names.clone(), by_name }, bins)
            }
        };
        let range = column.summary.range().filter(|_| !column.summary.has_infinite());
        let fences = match &binning {
            Binning::Edges(edges) => fences(edges, &bins, range),
            Binning::Categories { .. } => None,
        };
        let (name, role, counts) = (column.name.clone(), column.role, column.counts);
        let rows_per_independent = column.rows_per_independent;
        Self { name, role, counts, binning, bins, range, fences, rows_per_independent }
    }

    /// Whether a number of this column is out of the reference's range, and whether it is beyond its
    /// fences.
    pub(super) fn outlying(&self, number: f64) -> [bool; 2] {
        let is_out = |[low, high]: [f64; 2]| number < low || number > high;
        match self.binning {
            Binning::Edges(_) => [self.range.is_some_and(is_out), self.fences.is_some_and(is_out)],
            Binning::Categories { .. } => [false; 2],
        }
    }

    /// Whether the categories of a bin are not of the reference, which names all of its own.
    pub(super) fn is_new(&self, bin: usize) -> bool {
        matches!(self.binning, Binning::Categories { .. })
            && bin + 1 == self.bins.len()
            && self.bins.last() == Some(&0)
    }

    /// How it is read.
    #[must_use]
    pub const fn kind(&self) -> ColumnKind {
        match self.binning {
            Binning::Edges(_) => ColumnKind::Numeric,
            Binning::Categories { .. } => ColumnKind::Categorical,
        }
    }

    /// How many bins it has.
    #[must_use]
    pub fn bin_count(&self) -> usize {
        1 + match &self.binning {
            Binning::Edges(edges) => edges.len(),
            Binning::Categories { names, .. } => names.len(),
        }
    }

    /// The counts of a window on the bins: as many as there are bins.
    pub(super) fn window_bins(&self, window: &RoleWindow) -> Vec<u64> {
        let mut bins = window.bins(&self.name);
        bins.resize(self.bin_count(), 0);
        bins
    }

    fn profile_of(&self, window: &RoleWindow) -> ColumnProfile {
        let mut bins = self.window_bins(window);
        let count = bins.iter().fold(0u64, |sum, bin| sum.saturating_add(*bin));
        let counts = ColumnCounts { count, missing: window.rows().saturating_sub(count) };
        let summary = match &self.binning {
            Binning::Edges(edges) => ColumnSummary::Numeric {
                min: None,
                max: None,
                mean: None,
                standard_deviation: None,
                infinite: 0,
                edges: edges.clone(),
                bins,
            },
            Binning::Categories { names, .. } => {
                let other = bins.pop().unwrap_or(0);
                ColumnSummary::Categorical { names: names.clone(), bins, other }
            }
        };
        let sketches = Sketches::default();
        ColumnProfile {
            name: self.name.clone(),
            role: self.role,
            counts,
            summary,
            rows_per_independent: self.rows_per_independent,
            sketches,
        }
    }

    /// Where a value falls.
    #[must_use]
    pub fn fall(&self, value: CellRef<'_>) -> Fall {
        match (&self.binning, value) {
            (_, CellRef::Missing) => Fall::Missing,
            (Binning::Edges(edges), CellRef::Number(number)) => {
                Fall::Bin(edges.partition_point(|edge| *edge <= number))
            }
            (Binning::Categories { names, by_name }, CellRef::Category(category)) => {
                let name_of = |bin: &u32| names.get(*bin as usize).map(String::as_str);
                let find = |name| by_name.binary_search_by_key(&Some(name), name_of).ok();
                // A reference that was learned knows no more than this of a name.
                let cut = || LIMITS.cut(category, &mut Dropped::default());
                let found = find(category)
                    .or_else(|| (category.len() > LIMITS.name_bytes).then(cut).and_then(find));
                let bin = found.and_then(|at| by_name.get(at));
                Fall::Bin(bin.map_or(names.len(), |bin| *bin as usize))
            }
            _ => Fall::OtherKind,
        }
    }
}

/// Tukey's fences of binned numbers: the quartiles are linear within their bins.
fn fences(edges: &[f64], bins: &[u64], range: Option<[f64; 2]>) -> Option<[f64; 2]> {
    let [low, high] = range?;
    let bounds: Vec<f64> = [low].into_iter().chain(edges.iter().copied()).chain([high]).collect();
    let total = bins.iter().fold(0_u64, |sum, bin| sum.saturating_add(*bin)) as f64;
    let quantile = |share: f64| {
        let (wanted, mut below) = (share * total, 0.0);
        for (bin, count) in bins.iter().enumerate() {
            let count = *count as f64;
            if count > 0.0 && below + count >= wanted {
                let (from, to) = (*bounds.get(bin)?, *bounds.get(bin + 1)?);
                return Some(from + (to - from) * ((wanted - below) / count));
            }
            below += count;
        }
        None
    };
    let (lower, upper) = (quantile(0.25)?, quantile(0.75)?);
    let reach = 1.5 * (upper - lower);
    let fences = [lower - reach, upper + reach];
    fences.iter().all(|fence| fence.is_finite()).then_some(fences)
}
