use alloc::string::String;
use serde::{Deserialize, Serialize};

use super::SortedMap;
use super::limits::{LIMITS, key_within};

/// The names of the bounds, as they are counted.
pub mod bound {
    /// Requests of models beyond the limit of model names.
    pub const MODEL_NAMES: &str = "model_names";
    /// Requests of versions beyond the limit of versions.
    pub const MODEL_VERSIONS: &str = "model_versions";
    /// Predictions of classes beyond the limit of classes.
    pub const CLASSES: &str = "classes";
    /// Requests of experiments beyond the limit of experiments.
    pub const EXPERIMENTS: &str = "experiments";
    /// Requests of variants beyond the limit of variants.
    pub const VARIANTS: &str = "variants";
    /// Values of columns beyond the limit of columns.
    pub const COLUMNS: &str = "columns";
    /// Values whose kind is not the kind of their column: a category among numbers, or a number
    /// among categories.
    pub const COLUMN_KIND: &str = "column_kind";
    /// Names longer than the limit of bytes.
    pub const NAME_BYTES: &str = "name_bytes";
    /// Rows left out of a window or a reference because a delta carried too many raw cells.
    pub const RAW_ROWS: &str = "raw_rows";
    /// Rows whose time is not in the window: too old, or in the future.
    pub const PANES: &str = "panes";
    /// Rows counted against a reference that is not the current one.
    pub const REFERENCE: &str = "reference";
    /// Predictions and labels beyond the limit of those that wait, and ids that are too long.
    pub const FEEDBACK: &str = "feedback";
    /// Retrievals and rows of feature sets beyond the limit of sets.
    pub const FEATURE_SETS: &str = "feature_sets";
    /// Retrievals from sources beyond the limit of sources.
    pub const FEATURE_SOURCES: &str = "feature_sources";
    /// Units beyond the limit of those that an experiment keeps.
    pub const UNITS: &str = "units";
    /// Conversions of experiments that there are not, and of units that are not in theirs.
    pub const CONVERSIONS: &str = "conversions";
    /// Explanations of models beyond the limit of model names.
    pub const EXPLANATIONS: &str = "explanations";
    /// Attributions of features beyond the limit of those that an explanation may name.
    pub const ATTRIBUTIONS: &str = "attributions";
    /// Steps and epochs of training runs beyond the limit of jobs.
    pub const JOBS: &str = "jobs";
    /// Values of business metrics beyond the limit of those.
    pub const BUSINESS_METRICS: &str = "business_metrics";
    /// Events of a kind that no monitor takes.
    pub const EVENTS: &str = "events";
    /// Latencies, sizes and confidences that are not finite or out of their range.
    pub const NOT_A_MEASURE: &str = "not_a_measure";
}

/// What bounds turned away, by the bound's name. See [`bound`].
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Dropped(SortedMap<String, u64>);

impl Dropped {
    /// Adds `count` under `bound_name`; under `other` when too many names are in use.
    pub fn add(&mut self, bound_name: &str, count: u64) {
        if count == 0 {
            return;
        }
        let held = self.0.entry(key_within(&self.0, bound_name, LIMITS.bounds));
        *held = held.saturating_add(count);
    }

    /// Adds all counts of `other`.
    pub fn merge(&mut self, other: &Self) {
        for (name, count) in other.0.iter() {
            self.add(name, *count);
        }
    }

    /// Bound names and counts, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, u64)> {
        self.0.iter().map(|(name, count)| (name.as_str(), *count))
    }

    /// Whether nothing was dropped.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
