use alloc::string::{String, ToString};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::wire::{self, DecodeError};
use crate::order;
use crate::pane::{CellRef, RoleWindow, SortedMap, Window};
use crate::profile::{self, ColumnProfile, ColumnSummary, Profile, Sketches};
use crate::report::{ColumnCounts, ColumnKind};
use crate::snapshot::ColumnRole;

/// The frozen references by model: what workers bin against, published by the leader.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct References(SortedMap<String, Reference>);

impl References {
    /// The reference of a model, once it is ready.
    #[must_use]
    pub fn get(&self, model_name: &str) -> Option<&Reference> {
        self.0.get(model_name)
    }

    /// Model names and their references, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Reference)> {
        self.0.iter().map(|(name, reference)| (name.as_str(), reference))
    }

    /// Whether no reference is ready.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn insert(&mut self, model_name: &str, reference: Reference) {
        self.0.insert(model_name.to_string(), reference);
    }

    pub(super) fn remove(&mut self, model_name: &str) -> bool {
        self.0.remove(model_name).is_some()
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

/// Names a reference by its content, so that counts can say what they were counted against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ReferenceId(u64);

/// Where a reference came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Origin {
    /// Learned from the first rows of the traffic.
    Learned,
    /// Given in the config.
    Given,
}

/// The frozen bins of a model's columns, and the counts of the reference on them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    id: ReferenceId,
    origin: Origin,
    rows: u64,
    columns: Vec<ReferenceColumn>,
}

impl Reference {
    /// Freezes a profile.
    #[must_use]
    pub fn new(profile: &Profile, origin: Origin) -> Self {
        let columns: Vec<_> = profile.columns.iter().map(ReferenceColumn::new).collect();
        let id = ReferenceId(fnv1a(&wire::encode(&(profile.rows, &columns))));
        Self { id, origin, rows: profile.rows, columns }
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

    /// The column of a role and a name. `position` is where the caller's own list has it: most
    /// often the same place, so it is looked at first.
    #[must_use]
    pub fn column(
        &self,
        role: ColumnRole,
        name: &str,
        position: usize,
    ) -> Option<&ReferenceColumn> {
        let is_it = |column: &&ReferenceColumn| column.role == role && column.name == name;
        self.columns.get(position).filter(is_it).or_else(|| self.columns.iter().find(is_it))
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
    /// Smallest and largest value of a column of numbers.
    pub range: Option<[f64; 2]>,
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
        Self {
            name: column.name.clone(),
            role: column.role,
            counts: column.counts,
            binning,
            bins,
            range: column.summary.range(),
        }
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
        ColumnProfile { name: self.name.clone(), role: self.role, counts, summary, sketches }
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
                let found = by_name.binary_search_by_key(&Some(category), name_of);
                let bin = found.ok().and_then(|at| by_name.get(at));
                Fall::Bin(bin.map_or(names.len(), |bin| *bin as usize))
            }
            _ => Fall::OtherKind,
        }
    }
}

/// FNV-1a, 64 bits.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
