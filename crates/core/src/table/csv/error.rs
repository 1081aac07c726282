use alloc::string::String;
use core::fmt;

/// Where in a file a record begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Row of data, from 1; 0 is the header.
    pub row: u64,
    /// Line of the file, from 1. Not `row + 1` where a quoted cell holds a line break, or where
    /// lines are blank.
    pub line: u64,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.row {
            0 => write!(f, "the header (line {})", self.line),
            row => write!(f, "row {row} (line {})", self.line),
        }
    }
}

/// Why a CSV file could not be read. Every text says where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CsvError {
    /// The options are not what they should be.
    InvalidOptions {
        /// What is wrong.
        what: String,
    },
    /// No byte but white space.
    EmptyFile,
    /// A header and nothing else.
    NoRows,
    /// Two columns of one name in the header.
    DuplicateColumn {
        /// The name.
        column: String,
    },
    /// A row with more or fewer cells than the header.
    RaggedRow {
        /// Where.
        position: Position,
        /// Cells in the row.
        cells: usize,
        /// Cells in the header.
        header_cells: usize,
    },
    /// A cell that is not UTF-8 text.
    NotUtf8 {
        /// Where.
        position: Position,
        /// Name of the column; in the header, its number from 1.
        column: String,
    },
    /// A cell of a column that was declared numeric.
    NotNumeric {
        /// Where.
        position: Position,
        /// Name of the column.
        column: String,
        /// The start of the cell.
        cell: String,
    },
    /// A record longer than [`super::MAX_RECORD_BYTES`].
    RecordTooLong {
        /// Where it begins.
        position: Position,
    },
}

impl CsvError {
    /// The error's kind, as a name that programs may test.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::InvalidOptions { .. } => "InvalidOptions",
            Self::EmptyFile => "EmptyFile",
            Self::NoRows => "NoRows",
            Self::DuplicateColumn { .. } => "DuplicateColumn",
            Self::RaggedRow { .. } => "RaggedRow",
            Self::NotUtf8 { .. } => "NotUtf8",
            Self::NotNumeric { .. } => "NotNumeric",
            Self::RecordTooLong { .. } => "RecordTooLong",
        }
    }
}

impl fmt::Display for CsvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidOptions { what } => write!(f, "options: {what}"),
            Self::EmptyFile => f.write_str("the file is empty: it needs a header and rows"),
            Self::NoRows => f.write_str("the file has a header but no rows"),
            Self::DuplicateColumn { column } => {
                write!(f, "the header names {column:?} twice: give each column its own name")
            }
            Self::RaggedRow { position, cells, header_cells } => {
                let s = if *cells == 1 { "" } else { "s" };
                write!(f, "{position} has {cells} cell{s}, the header has {header_cells}")
            }
            Self::NotUtf8 { position, column } => {
                write!(f, "{position}, column {column:?} is not UTF-8: save the file as UTF-8")
            }
            Self::NotNumeric { position, column, cell } => write!(
                f,
                "{position}, column {column:?}: {cell:?} is not a number, \
                 but the column was declared numeric"
            ),
            Self::RecordTooLong { position } => write!(
                f,
                "{position} is longer than {} MiB: is a quote opened there and never closed?",
                super::MAX_RECORD_BYTES >> 20
            ),
        }
    }
}

impl core::error::Error for CsvError {}
