//! What evaluations and experiments of tables share: what becomes of rows without a value, and why one is
//! refused.

use alloc::string::String;
use core::fmt;

use serde::Deserialize;
use tidegate_stats::Error;

use crate::compare::CompareError;

/// What becomes of rows without one of the values that are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Missing {
    /// The first of them is an error.
    #[default]
    Refuse,
    /// They are left out, and counted.
    LeaveOut,
}

/// Why a table was not evaluated, or an experiment not analysed.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum AnalysisError {
    /// The options are not what they should be.
    InvalidOptions {
        /// What is wrong.
        what: String,
    },
    /// The options name a column that the table has not.
    UnknownColumn {
        /// The place of the table and a space, or nothing.
        of: &'static str,
        /// Its name.
        column: String,
    },
    /// A column of categories where numbers are needed.
    WrongKind {
        /// The place of the table and a space, or nothing.
        of: &'static str,
        /// Its name.
        column: String,
    },
    /// A row without a value.
    MissingValue {
        /// The place of the table and a space, or nothing.
        of: &'static str,
        /// Name of the column.
        column: String,
        /// Index of the row, from 0.
        row: usize,
    },
    /// An infinity.
    NotFinite {
        /// The place of the table and a space, or nothing.
        of: &'static str,
        /// Name of the column.
        column: String,
        /// Index of the row, from 0.
        row: usize,
    },
    /// A number where a probability is needed.
    OutOfRange {
        /// The place of the table and a space, or nothing.
        of: &'static str,
        /// Name of the column.
        column: String,
        /// Index of the row, from 0.
        row: usize,
        /// The number.
        value: f64,
    },
    /// No row is left.
    NoRows {
        /// The place of the table and a space, or nothing.
        of: &'static str,
    },
    /// More classes than a confusion matrix has room for.
    TooManyClasses {
        /// How many.
        count: usize,
    },
    /// A table cannot be cut into such chunks.
    Chunks {
        /// The place of the table and a space.
        of: &'static str,
        /// Why.
        error: CompareError,
    },
    /// A figure was refused.
    Refused(Error),
    /// The numbers of a variant were refused.
    Variant {
        /// Its name.
        variant: String,
        /// Why.
        what: &'static str,
    },
}

impl AnalysisError {
    pub(crate) fn options(what: impl Into<String>) -> Self {
        Self::InvalidOptions { what: what.into() }
    }

    /// The error's kind, as a name that programs may test.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::InvalidOptions { .. } => "InvalidOptions",
            Self::UnknownColumn { .. } => "UnknownColumn",
            Self::WrongKind { .. } => "WrongKind",
            Self::MissingValue { .. } => "MissingValue",
            Self::NotFinite { .. } => "NotFinite",
            Self::OutOfRange { .. } => "OutOfRange",
            Self::NoRows { .. } => "NoRows",
            Self::TooManyClasses { .. } => "TooManyClasses",
            Self::Chunks { error, .. } => error.code(),
            Self::Refused(_) => "Refused",
            Self::Variant { .. } => "Variant",
        }
    }
}

impl From<Error> for AnalysisError {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl fmt::Display for AnalysisError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidOptions { what } => write!(f, "options: {what}"),
            Self::UnknownColumn { of, column } => write!(f, "{of}there is no column {column:?}"),
            Self::WrongKind { of, column } => {
                write!(f, "{of}column {column:?} must hold numbers, and holds categories")
            }
            Self::MissingValue { of, column, row } => write!(
                f,
                "{of}column {column:?}, index {row} has no value: give it one, or leave such rows out"
            ),
            Self::NotFinite { of, column, row } => {
                write!(f, "{of}column {column:?}, index {row} is not finite")
            }
            Self::OutOfRange { of, column, row, value } => write!(
                f,
                "{of}column {column:?}, index {row} is {value}, and a probability is from 0 to 1"
            ),
            Self::NoRows { of } => write!(f, "{of}there is no row with all values"),
            Self::TooManyClasses { count } => {
                write!(f, "there are {count} classes: for numbers, say that the task is regression")
            }
            Self::Chunks { of, error } => write!(f, "{of}{error}"),
            Self::Refused(error) => write!(f, "{error}"),
            Self::Variant { variant, what } => write!(f, "variant {variant:?}: {what}"),
        }
    }
}

impl core::error::Error for AnalysisError {}
