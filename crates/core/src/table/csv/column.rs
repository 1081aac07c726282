//! Builds one column cell by cell, and decides its kind on the way.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use super::spelling::Spellings;
use crate::report::ColumnKind;
use crate::table::{Column, MISSING};

/// A cell that is not a number, in a column declared numeric.
#[derive(Debug)]
pub(super) struct NotNumeric;

#[derive(Debug)]
pub(super) enum ColumnBuilder {
    /// Every cell so far was a number or missing; one that is neither turns the column.
    Undecided {
        values: Vec<f64>,
        spellings: Spellings,
    },
    /// Declared numeric.
    Numeric(Vec<f64>),
    Categorical(Categories),
}

impl ColumnBuilder {
    pub(super) fn new(declared: Option<ColumnKind>) -> Self {
        match declared {
            None => Self::Undecided { values: Vec::new(), spellings: Spellings::default() },
            Some(ColumnKind::Numeric) => Self::Numeric(Vec::new()),
            Some(ColumnKind::Categorical) => Self::Categorical(Categories::default()),
        }
    }

    /// Adds a cell, whose decimals may stand behind a comma if that is no delimiter.
    pub(super) fn push(&mut self, cell: &str, has_commas: bool) -> Result<(), NotNumeric> {
        match self {
            Self::Undecided { values, spellings } => match number(cell, has_commas) {
                Some(value) => {
                    values.push(value);
                    if value.is_nan() {
                        spellings.push_missing();
                    } else {
                        spellings.push(cell, value);
                    }
                }
                None => {
                    let mut categories = Categories::default();
                    spellings.for_each_text(values, |text| categories.push_or_missing(text));
                    categories.push(cell);
                    *self = Self::Categorical(categories);
                }
            },
            Self::Numeric(values) => values.push(number(cell, has_commas).ok_or(NotNumeric)?),
            Self::Categorical(categories) => {
                categories.push_or_missing((!is_missing(cell)).then_some(cell));
            }
        }
        Ok(())
    }

    pub(super) fn finish(self) -> Column {
        match self {
            Self::Undecided { values, .. } | Self::Numeric(values) => Column::Numeric(values),
            Self::Categorical(categories) => categories.finish(),
        }
    }
}

/// Categories and the codes that they were given, in the order in which they were first seen.
#[derive(Debug, Default)]
pub(super) struct Categories {
    codes: Vec<u32>,
    code_by_level: BTreeMap<Box<str>, u32>,
}

impl Categories {
    fn push_or_missing(&mut self, level: Option<&str>) {
        match level {
            Some(level) => self.push(level),
            None => self.codes.push(MISSING),
        }
    }

    fn push(&mut self, level: &str) {
        let code = match self.code_by_level.get(level) {
            Some(code) => *code,
            None => {
                // `MISSING` distinct texts would not fit into memory.
                let code = u32::try_from(self.code_by_level.len()).unwrap_or(MISSING);
                self.code_by_level.insert(level.into(), code);
                code
            }
        };
        self.codes.push(code);
    }

    fn finish(self) -> Column {
        let mut levels = alloc::vec![String::new(); self.code_by_level.len()];
        for (level, code) in self.code_by_level {
            levels[code as usize] = level.into_string();
        }
        Column::Categorical { codes: self.codes, levels }
    }
}

/// The number that a cell spells, NaN where it is missing, `None` where it is neither.
fn number(cell: &str, has_commas: bool) -> Option<f64> {
    let cell = cell.trim_ascii();
    match cell.parse::<f64>() {
        Ok(value) => Some(value),
        Err(_) if has_commas && cell.bytes().filter(|byte| *byte == b',').count() == 1 => {
            cell.replace(',', ".").parse().ok().filter(|_| !cell.contains('.'))
        }
        Err(_) => is_missing(cell).then_some(f64::NAN),
    }
}

/// Whether a cell says that there is no value: blank, or one of `NA`, `NaN`, `null`, `None` in any
/// case.
fn is_missing(cell: &str) -> bool {
    let cell = cell.trim_ascii();
    cell.is_empty()
        || (cell.len() <= 4
            && ["na", "nan", "null", "none"].iter().any(|word| cell.eq_ignore_ascii_case(word)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(declared: Option<ColumnKind>, cells: &[&str]) -> Column {
        let mut builder = ColumnBuilder::new(declared);
        for cell in cells {
            builder.push(cell, false).unwrap();
        }
        builder.finish()
    }

    fn categories(codes: &[u32], levels: &[&str]) -> Column {
        let levels = levels.iter().map(|level| String::from(*level)).collect();
        Column::Categorical { codes: codes.to_vec(), levels }
    }

    #[test]
    fn numbers_stay_numeric_with_missing_and_infinite_cells() {
        let cells = ["1", "", " 2.5 ", "na", "NaN", "NULL", "None", "-inf", "1e3", "  "];
        let Column::Numeric(values) = build(None, &cells) else { panic!("not numeric") };
        let present: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
        assert_eq!(present, [1.0, 2.5, f64::NEG_INFINITY, 1000.0]);
        assert_eq!(values.len(), cells.len());
    }

    #[test]
    fn a_late_word_turns_the_column_and_every_text_is_kept() {
        let column = build(None, &["007", "7", "7.0", "", "007", "seven", "7"]);
        assert_eq!(column, categories(&[0, 1, 2, MISSING, 0, 3, 1], &["007", "7", "7.0", "seven"]));
    }

    #[test]
    fn decimals_may_stand_behind_a_comma_that_delimits_nothing() {
        let with_commas = |cells: &[&str]| {
            let mut builder = ColumnBuilder::new(None);
            cells.iter().for_each(|cell| builder.push(cell, true).unwrap());
            builder.finish()
        };
        assert_eq!(
            with_commas(&["18,5", " -0,25 ", "7", "2.5", "1,5e3"]),
            Column::Numeric(vec![18.5, -0.25, 7.0, 2.5, 1500.0])
        );
        for text in ["1,234,567", "1.234,5", "a,b", ","] {
            assert!(
                matches!(with_commas(&["1,5", text]), Column::Categorical { levels, .. } if levels == ["1,5", text])
            );
        }
        assert!(matches!(build(None, &["1,5"]), Column::Categorical { .. }));
    }

    #[test]
    fn booleans_are_categories() {
        let column = build(None, &["true", "False", "true"]);
        assert_eq!(column, categories(&[0, 1, 0], &["true", "False"]));
    }

    #[test]
    fn a_declared_kind_is_kept() {
        let column = build(Some(ColumnKind::Categorical), &["1", "01", "null", "1"]);
        assert_eq!(column, categories(&[0, 1, MISSING, 0], &["1", "01"]));
        assert_eq!(build(Some(ColumnKind::Numeric), &["1"]), Column::Numeric(vec![1.0]));
        assert!(ColumnBuilder::new(Some(ColumnKind::Numeric)).push("x", false).is_err());
    }

    #[test]
    fn a_column_without_a_value_is_numeric() {
        assert!(matches!(build(None, &["", "NA"]), Column::Numeric(values) if values.len() == 2));
    }
}
