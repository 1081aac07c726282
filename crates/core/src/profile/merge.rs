//! Adds profiles.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use tidegate_stats::Moments;

use super::{ColumnProfile, ColumnSummary, Profile, SCHEMA, count};
use crate::event::ColumnRole;
use crate::report::ColumnCounts;

impl Profile {
    /// The profile of both tables' rows. Counts are exact; mean and standard deviation are those of
    /// all rows up to rounding.
    ///
    /// Categories beyond the bound are dropped into `other` again, so a category that one of the two did
    /// not name is counted too low.
    ///
    /// # Errors
    /// A [`ProfileError`] if the two do not have the same columns on the same bins.
    pub fn merge(&self, other: &Self) -> Result<Self, ProfileError> {
        let mut others: BTreeMap<(ColumnRole, &str), &ColumnProfile> = BTreeMap::new();
        others.extend(other.columns.iter().map(|column| (column.key(), column)));
        let mut columns = Vec::with_capacity(self.columns.len());
        for column in &self.columns {
            let missing = || ProfileError::Columns { column: column.name.clone() };
            columns.push(column.merge(others.remove(&column.key()).ok_or_else(missing)?)?);
        }
        if let Some((_, column)) = others.into_keys().next() {
            return Err(ProfileError::Columns { column: column.into() });
        }
        let rows = self.rows.saturating_add(other.rows);
        Ok(Self { schema: SCHEMA.into(), rows, columns })
    }
}

impl ColumnProfile {
    fn merge(&self, other: &Self) -> Result<Self, ProfileError> {
        let summary = match (&self.summary, &other.summary) {
            (
                ColumnSummary::Numeric { edges, bins, infinite, .. },
                ColumnSummary::Numeric {
                    edges: other_edges,
                    bins: other_bins,
                    infinite: other_infinite,
                    ..
                },
            ) => {
                if edges != other_edges || bins.len() != other_bins.len() {
                    return Err(ProfileError::Edges { column: self.name.clone() });
                }
                let moments = self.moments().zip(other.moments()).map(|(mut moments, other)| {
                    moments.merge(&other);
                    moments
                });
                // Without a value, or known only by counts: not known.
                let moments = moments.filter(|moments| moments.count() > 0);
                ColumnSummary::Numeric {
                    min: moments.map(|moments| moments.min()),
                    max: moments.map(|moments| moments.max()),
                    mean: moments.map(|moments| moments.mean()),
                    standard_deviation: moments.map(|moments| moments.standard_deviation()),
                    infinite: infinite.saturating_add(*other_infinite),
                    edges: edges.clone(),
                    bins: bins
                        .iter()
                        .zip(other_bins)
                        .map(|(one, other)| one.saturating_add(*other))
                        .collect(),
                }
            }
            (
                ColumnSummary::Categorical { names, bins, other },
                ColumnSummary::Categorical {
                    names: other_names,
                    bins: other_bins,
                    other: other_other,
                },
            ) => {
                let both = names.iter().zip(bins).chain(other_names.iter().zip(other_bins));
                let both: Vec<(&str, u64)> =
                    both.map(|(name, count)| (name.as_str(), *count)).collect();
                count::bounded(&both, other.saturating_add(*other_other))
            }
            _ => return Err(ProfileError::Kinds { column: self.name.clone() }),
        };
        let counts = ColumnCounts {
            count: self.counts.count.saturating_add(other.counts.count),
            missing: self.counts.missing.saturating_add(other.counts.missing),
        };
        let sketches = self.sketches.merge(&other.sketches);
        // Of both, what is said of the one that depends more.
        let dependence = [self.rows_per_independent, other.rows_per_independent];
        Ok(Self {
            name: self.name.clone(),
            role: self.role,
            counts,
            summary,
            rows_per_independent: dependence.into_iter().flatten().reduce(f64::max),
            sketches,
        })
    }

    /// The moments that a numeric summary was made from; `None` where they were not kept.
    fn moments(&self) -> Option<Moments> {
        let ColumnSummary::Numeric { min, max, mean, standard_deviation, infinite, .. } =
            &self.summary
        else {
            return None;
        };
        let count = self.counts.count.saturating_sub(*infinite);
        if count == 0 {
            return Some(Moments::default());
        }
        Some(Moments::of_summary(count, (*mean)?, (*standard_deviation)?, [(*min)?, (*max)?]))
    }
}

/// Why two profiles cannot be added.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProfileError {
    /// Only one of the two has a column.
    Columns {
        /// Its name.
        column: String,
    },
    /// A column is numeric in one, categorical in the other.
    Kinds {
        /// Its name.
        column: String,
    },
    /// A numeric column was counted on different bins.
    Edges {
        /// Its name.
        column: String,
    },
}

impl ProfileError {
    /// The error's kind, as a name that programs may test.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Columns { .. } => "Columns",
            Self::Kinds { .. } => "Kinds",
            Self::Edges { .. } => "Edges",
        }
    }
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Columns { column } => {
                write!(f, "only one of the two profiles has a column {column:?}")
            }
            Self::Kinds { column } => write!(
                f,
                "column {column:?} holds numbers in one profile and categories in the other: \
                 declare its kind"
            ),
            Self::Edges { column } => write!(
                f,
                "column {column:?} was counted on different bins: \
                 make the later profile on the bins of the first"
            ),
        }
    }
}

impl core::error::Error for ProfileError {}
