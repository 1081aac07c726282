//! A table in memory: named columns of numbers or categories, of one length.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::report::{ColumnCounts, ColumnKind};

pub mod csv;

/// The code of a missing category.
pub const MISSING: u32 = u32::MAX;

/// A column's values.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// Numbers; NaN is missing. Infinities are values.
    Numeric(Vec<f64>),
    /// Codes into `levels`; [`MISSING`] is missing.
    Categorical {
        /// One code a row.
        codes: Vec<u32>,
        /// Distinct category names, in the order in which they were first seen.
        levels: Vec<String>,
    },
}

impl Column {
    /// Rows, missing ones too.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Numeric(values) => values.len(),
            Self::Categorical { codes, .. } => codes.len(),
        }
    }

    /// Whether it has no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The rows of those indices, in their order. An index beyond the column is a missing value.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        match self {
            Self::Numeric(values) => {
                let value = |row: &usize| values.get(*row).copied().unwrap_or(f64::NAN);
                Self::Numeric(rows.iter().map(value).collect())
            }
            Self::Categorical { codes, levels } => {
                // Only the levels that the rows have, in the order in which they are first seen.
                let mut known: Vec<u32> = levels.iter().map(|_| MISSING).collect();
                let mut kept: Vec<String> = Vec::new();
                let code = |row: &usize| {
                    let old = codes.get(*row).copied().unwrap_or(MISSING) as usize;
                    let Some((new, level)) = known.get_mut(old).zip(levels.get(old)) else {
                        return MISSING;
                    };
                    if *new == MISSING {
                        *new = kept.len() as u32;
                        kept.push(level.clone());
                    }
                    *new
                };
                let codes = rows.iter().map(code).collect();
                Self::Categorical { codes, levels: kept }
            }
        }
    }

    /// How it is read.
    #[must_use]
    pub const fn kind(&self) -> ColumnKind {
        match self {
            Self::Numeric(_) => ColumnKind::Numeric,
            Self::Categorical { .. } => ColumnKind::Categorical,
        }
    }

    /// Values present and missing.
    #[must_use]
    pub fn counts(&self) -> ColumnCounts {
        let missing = match self {
            Self::Numeric(values) => values.iter().filter(|value| value.is_nan()).count(),
            Self::Categorical { codes, .. } => {
                codes.iter().filter(|code| **code == MISSING).count()
            }
        };
        ColumnCounts { count: (self.len() - missing) as u64, missing: missing as u64 }
    }
}

/// Columns of one length, in order.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    columns: Vec<(String, Column)>,
    /// Where each name is in `columns`.
    positions: BTreeMap<String, usize>,
}

impl Table {
    /// A table without columns.
    #[must_use]
    pub const fn new() -> Self {
        Self { columns: Vec::new(), positions: BTreeMap::new() }
    }

    /// Adds a column on the right.
    ///
    /// # Errors
    /// * [`TableError::DuplicateColumn`]: the table has a column of that name.
    /// * [`TableError::ColumnLength`]: its length is not that of the columns before it.
    /// * [`TableError::UnknownCode`]: a code is neither [`MISSING`] nor an index into the levels.
    pub fn try_push(&mut self, name: impl Into<String>, column: Column) -> Result<(), TableError> {
        let name = name.into();
        if self.positions.contains_key(&name) {
            return Err(TableError::DuplicateColumn { column: name });
        }
        if !self.columns.is_empty() && column.len() != self.rows() {
            return Err(TableError::ColumnLength {
                column: name,
                rows: column.len(),
                table_rows: self.rows(),
            });
        }
        if let Column::Categorical { codes, levels } = &column {
            let is_known = |code: u32| code == MISSING || (code as usize) < levels.len();
            if let Some(row) = codes.iter().position(|code| !is_known(*code)) {
                return Err(TableError::UnknownCode { column: name, row, code: codes[row] });
            }
        }
        self.positions.insert(name.clone(), self.columns.len());
        self.columns.push((name, column));
        Ok(())
    }

    /// Rows; 0 without columns.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |(_, column)| column.len())
    }

    /// The columns with their names, in order.
    pub fn columns(&self) -> impl ExactSizeIterator<Item = (&str, &Column)> {
        self.columns.iter().map(|(name, column)| (name.as_str(), column))
    }

    /// The columns whose names are wanted, and of them the rows of those indices, in their order; all rows if
    /// `None`. An index beyond the table is a missing value.
    #[must_use]
    pub fn select(&self, is_wanted: impl Fn(&str) -> bool, rows: Option<&[usize]>) -> Self {
        let mut table = Self::new();
        for (name, column) in self.columns().filter(|(name, _)| is_wanted(name)) {
            let column = rows.map_or_else(|| column.clone(), |rows| column.select(rows));
            table.positions.insert(name.into(), table.columns.len());
            table.columns.push((name.into(), column));
        }
        table
    }

    /// The column of that name.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.positions.get(name).map(|position| &self.columns[*position].1)
    }
}

/// Why a column does not fit into a table.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TableError {
    /// Two columns of one name.
    DuplicateColumn {
        /// The name.
        column: String,
    },
    /// A column that is longer or shorter than the table.
    ColumnLength {
        /// Its name.
        column: String,
        /// Its rows.
        rows: usize,
        /// The table's rows.
        table_rows: usize,
    },
    /// A code without a level.
    UnknownCode {
        /// Name of the column.
        column: String,
        /// Index of the row, from 0.
        row: usize,
        /// The code.
        code: u32,
    },
}

impl TableError {
    /// The error's kind, as a name that programs may test.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::DuplicateColumn { .. } => "DuplicateColumn",
            Self::ColumnLength { .. } => "ColumnLength",
            Self::UnknownCode { .. } => "UnknownCode",
        }
    }
}

impl fmt::Display for TableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::DuplicateColumn { column } => {
                write!(f, "two columns are named {column:?}: give each column its own name")
            }
            Self::ColumnLength { column, rows, table_rows } => write!(
                f,
                "column {column:?} has {rows} rows, the columns before it have {table_rows}"
            ),
            Self::UnknownCode { column, row, code } => {
                write!(f, "column {column:?}, index {row}: code {code} has no level")
            }
        }
    }
}

impl core::error::Error for TableError {}

#[cfg(test)]
mod tests {
    use super::*;

    fn categories(codes: &[u32], levels: &[&str]) -> Column {
        let levels = levels.iter().map(|level| String::from(*level)).collect();
        Column::Categorical { codes: codes.to_vec(), levels }
    }

    #[test]
    fn columns_keep_their_order_and_are_found_by_name() {
        let mut table = Table::new();
        assert_eq!(table.rows(), 0);
        table.try_push("b", Column::Numeric(vec![1.0, f64::NAN])).unwrap();
        table.try_push("a", categories(&[0, MISSING], &["x"])).unwrap();
        assert_eq!(table.rows(), 2);
        assert_eq!(table.columns().map(|(name, _)| name).collect::<Vec<_>>(), ["b", "a"]);
        assert_eq!(table.column("a").unwrap().kind(), ColumnKind::Categorical);
        assert_eq!(table.column("c"), None);
    }

    #[test]
    fn counts_tell_present_from_missing_and_infinities_are_present() {
        let counts = Column::Numeric(vec![1.0, f64::NAN, f64::INFINITY]).counts();
        assert_eq!(counts, ColumnCounts { count: 2, missing: 1 });
        let counts = categories(&[0, MISSING, MISSING], &["x"]).counts();
        assert_eq!(counts, ColumnCounts { count: 1, missing: 2 });
    }

    #[test]
    fn a_column_that_does_not_fit_is_refused_and_the_table_stays() {
        let mut table = Table::new();
        table.try_push("a", Column::Numeric(vec![1.0])).unwrap();
        let check = |error: TableError, code: &str, says: &str| {
            assert_eq!(error.code(), code);
            assert_eq!(std::format!("{error}"), says);
        };
        check(
            table.try_push("a", Column::Numeric(vec![1.0])).unwrap_err(),
            "DuplicateColumn",
            "two columns are named \"a\": give each column its own name",
        );
        check(
            table.try_push("b", Column::Numeric(vec![])).unwrap_err(),
            "ColumnLength",
            "column \"b\" has 0 rows, the columns before it have 1",
        );
        check(
            table.try_push("b", categories(&[1], &["x"])).unwrap_err(),
            "UnknownCode",
            "column \"b\", index 0: code 1 has no level",
        );
        assert_eq!(table.columns().len(), 1);
    }
}
