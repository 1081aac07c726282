//! Reads profiles that others wrote, and trusts nothing in them.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use serde::Deserialize;
use tidegate_stats::bins::Edges;

use super::{ColumnProfile, ColumnSummary, Profile, SCHEMA};
use crate::event::ColumnRole;
use crate::order;
use crate::pane::SortedMap;

impl Profile {
    /// Reads and checks `tidegate.profile/1`.
    ///
    /// # Errors
    /// * [`ReadError::NotJson`], [`ReadError::NotProfile`]: it is something else.
    /// * [`ReadError::UnknownVersion`]: a profile of a later version.
    /// * [`ReadError::Inconsistent`]: its numbers contradict each other.
    pub fn from_json(json: &str) -> Result<Self, ReadError> {
        #[derive(Deserialize)]
        struct Head {
            schema: Option<String>,
        }

        let not_profile = |what: String| ReadError::NotProfile { what };
        let head: Head = serde_json::from_str(json).map_err(|error| match error.classify() {
            serde_json::error::Category::Data => not_profile("it is not a JSON object".into()),
            _ => ReadError::NotJson { what: error.to_string() },
        })?;
        match head.schema.as_deref() {
            Some(SCHEMA) => {}
            Some(schema) if schema.starts_with("tidegate.profile/") => {
                return Err(ReadError::UnknownVersion { schema: schema.into() });
            }
            Some(schema) => return Err(not_profile(format!("it says that it is {schema:?}"))),
            None => return Err(not_profile("it has no field \"schema\"".into())),
        }
        let profile: Self =
            serde_json::from_str(json).map_err(|error| not_profile(error.to_string()))?;
        profile.check()?;
        Ok(profile)
    }

    /// Whether its numbers agree with each other.
    ///
    /// # Errors
    /// [`ReadError::Inconsistent`].
    pub fn check(&self) -> Result<(), ReadError> {
        let mut seen = SortedMap::<(ColumnRole, &str), bool>::default();
        for column in &self.columns {
            let is_known = core::mem::replace(seen.entry(&column.key()), true);
            let fault = if is_known { Some("is there twice") } else { column.fault(self.rows) };
            if let Some(fault) = fault {
                return Err(ReadError::Inconsistent { column: column.name.clone(), fault });
            }
        }
        Ok(())
    }
}

impl ColumnProfile {
    /// What is wrong with its numbers.
    fn fault(&self, rows: u64) -> Option<&'static str> {
        let sum = |bins: &[u64]| bins.iter().try_fold(0_u64, |sum, bin| sum.checked_add(*bin));
        if self.counts.count.checked_add(self.counts.missing) != Some(rows) {
            return Some("has counts that do not add up to the rows");
        }
        match &self.summary {
            ColumnSummary::Numeric {
                min,
                max,
                mean,
                standard_deviation,
                infinite,
                edges,
                bins,
            } => {
                if Edges::try_new(edges.clone()).is_err() {
                    return Some("has edges that do not rise");
                }
                if bins.len() != edges.len() + 1 {
                    return Some("needs one bin more than it has edges");
                }
                if sum(bins) != Some(self.counts.count) {
                    return Some("has bins that do not add up to its count");
                }
                if *infinite > self.counts.count {
                    return Some("has more infinite values than values");
                }
                match [min, max, mean, standard_deviation].map(|moment| *moment) {
                    [None, None, None, None] => {}
                    [Some(min), Some(max), Some(_), Some(deviation)]
                        if min <= max && deviation >= 0.0 && self.counts.count > *infinite => {}
                    _ => return Some("has min, max, mean and standard_deviation that cannot be"),
                }
            }
            ColumnSummary::Categorical { names, bins, other } => {
                if names.len() != bins.len() {
                    return Some("needs one bin for each name");
                }
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                let is_same = |pair: &[usize]| names[pair[0]] == names[pair[1]];
                if order::by_name(&names).windows(2).any(is_same) {
                    return Some("names a category twice");
                }
                let named = sum(bins).and_then(|sum| sum.checked_add(*other));
                if named != Some(self.counts.count) {
                    return Some("has bins that do not add up to its count");
                }
            }
        }
        if self.rows_per_independent.is_some_and(|rows| !(1.0..=1e9).contains(&rows)) {
            return Some("has rows_per_independent that are not from 1 to 1e9");
        }
        self.sketch_fault()
    }
}

/// Why a text is not a profile.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReadError {
    /// Not JSON.
    NotJson {
        /// What, and where.
        what: String,
    },
    /// JSON, but no profile.
    NotProfile {
        /// What is wrong.
        what: String,
    },
    /// A profile of a version that is not known here.
    UnknownVersion {
        /// What it calls itself.
        schema: String,
    },
    /// A profile whose numbers contradict each other.
    Inconsistent {
        /// Name of the column.
        column: String,
        /// What is wrong with it.
        fault: &'static str,
    },
}

impl ReadError {
    /// The error's kind, as a name that programs may test.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotJson { .. } => "NotJson",
            Self::NotProfile { .. } => "NotProfile",
            Self::UnknownVersion { .. } => "UnknownVersion",
            Self::Inconsistent { .. } => "Inconsistent",
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson { what } => write!(f, "not JSON: {what}"),
            Self::NotProfile { what } => write!(f, "not a profile: {what}"),
            Self::UnknownVersion { schema } => {
                write!(f, "{schema} is of a version that this Tidegate does not read: update it")
            }
            Self::Inconsistent { column, fault } => {
                write!(f, "not a sound profile: column {column:?} {fault}")
            }
        }
    }
}

impl core::error::Error for ReadError {}
