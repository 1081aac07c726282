//! Reads CSV a chunk at a time into a [`Table`].
//!
//! * The first record is the header. A column without a name is called `column_<number>`.
//! * The delimiter is the most frequent of `,` `;` tab `|` in the header, unless it is given.
//! * Cells may be quoted with `"`; a quote within is doubled. Quotes do not make a number a text.
//! * In a file with `;` decimals may stand behind a comma, as `18,5`.
//! * A blank cell, `NA`, `NaN`, `null` and `None` (in any case) are missing values.
//! * A column is numeric if every value of it is a number (`1`, `-2.5e3`, `inf`), with spaces
//!   around it or not; else it is categorical and keeps the text of each cell to the letter.
//!   `true` and `false` are categories. A column of 0 and 1, or without any value, is numeric; where
//!   that is not meant, declare it in [`CsvOptions::kinds`].
//! * Lines end with LF, CRLF or CR. Blank lines are skipped. A byte order mark is skipped.
//!
//! One pass: a numeric column takes 9 bytes a cell while it is read, whatever its file takes,
//! unless its numbers are spelled in unusual ways (`007`, `+1`, 18 digits), which keeps their text.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::Table;
use crate::options;
use crate::report::ColumnKind;

mod column;
mod dialect;
mod error;
mod record;
mod spelling;

use column::ColumnBuilder;
pub use dialect::Delimiter;
pub use error::{CsvError, Position};
use record::{End, Progress, Record, Records};

/// The longest record, in bytes: beyond it, a quote was opened and never closed.
pub const MAX_RECORD_BYTES: usize = 16 << 20;

/// How much of a file is held back to find its header.
const MAX_HEAD_BYTES: usize = 1 << 20;
/// Characters of a bad cell that an error shows.
const SHOWN_CHARS: usize = 40;
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

fn without_mark(head: &[u8]) -> &[u8] {
    head.strip_prefix(BYTE_ORDER_MARK).unwrap_or(head)
}

/// How to read a CSV file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CsvOptions {
    /// What stands between two cells; by default the header tells.
    pub delimiter: Option<Delimiter>,
    /// Kinds of columns by name, where the cells should not tell. Names that the file does not
    /// have are not an error: one map serves both files of a comparison.
    pub kinds: BTreeMap<String, ColumnKind>,
}

impl CsvOptions {
    /// Reads options; unknown fields and values are refused by name.
    ///
    /// # Errors
    /// [`CsvError::InvalidOptions`].
    pub fn from_json(json: &str) -> Result<Self, CsvError> {
        options::from_json(json).map_err(|what| CsvError::InvalidOptions { what })
    }
}

/// Reads CSV a chunk at a time; where the chunks are cut changes nothing.
///
/// ```
/// use tidegate_core::table::csv::{CsvOptions, CsvReader};
///
/// let mut reader = CsvReader::new(CsvOptions::default());
/// reader.push(b"age,city\n31,Os")?;
/// reader.push(b"lo\n,Rome\n")?;
/// let table = reader.finish()?;
/// assert_eq!(table.rows(), 2);
/// assert_eq!(table.column("age").map(|age| age.counts().missing), Some(1));
/// # Ok::<(), tidegate_core::table::csv::CsvError>(())
/// ```
#[derive(Debug)]
pub struct CsvReader {
    kinds: BTreeMap<String, ColumnKind>,
    delimiter: Option<Delimiter>,
    /// What was read before the header was complete; `None` from then on.
    head: Option<Vec<u8>>,
    records: Records,
    columns: Vec<(String, ColumnBuilder)>,
    rows: u64,
}

impl CsvReader {
    /// A reader at the start of a file.
    #[must_use]
    pub fn new(options: CsvOptions) -> Self {
        Self {
            kinds: options.kinds,
            delimiter: options.delimiter,
            head: Some(Vec::new()),
            records: Records::new(Delimiter::Comma),
            columns: Vec::new(),
            rows: 0,
        }
    }

    /// Rows read so far, to show progress.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// Reads the next chunk of the file.
    ///
    /// # Errors
    /// The first fault of the file; the reader is of no use after it.
    pub fn push(&mut self, chunk: &[u8]) -> Result<(), CsvError> {
        let Some(head) = &mut self.head else {
            return self.read(chunk, End::MayFollow);
        };
        let (first, rest) = chunk.split_at(chunk.len().min(MAX_HEAD_BYTES - head.len()));
        head.extend_from_slice(first);
        if dialect::header_length(without_mark(head)).is_none() && head.len() < MAX_HEAD_BYTES {
            return Ok(());
        }
        self.read_head()?;
        self.read(rest, End::MayFollow)
    }

    /// Ends the file.
    ///
    /// # Errors
    /// * [`CsvError::EmptyFile`], [`CsvError::NoRows`]: there is nothing to compare.
    /// * A fault of the last record.
    pub fn finish(mut self) -> Result<Table, CsvError> {
        self.read_head()?;
        self.read(&[], End::Here)?;
        if self.columns.is_empty() {
            return Err(CsvError::EmptyFile);
        }
        if self.rows == 0 {
            return Err(CsvError::NoRows);
        }
        let mut table = Table::new();
        for (name, builder) in self.columns {
            // The header's names are distinct and every row has all cells: nothing is refused.
            let column = name.clone();
            table
                .try_push(name, builder.finish())
                .map_err(|_| CsvError::DuplicateColumn { column })?;
        }
        Ok(table)
    }

    /// Settles the delimiter, then reads what was held back for that.
    fn read_head(&mut self) -> Result<(), CsvError> {
        let Some(head) = self.head.take() else { return Ok(()) };
        let head = without_mark(&head);
        let header = &head[..dialect::header_length(head).unwrap_or(head.len())];
        let delimiter = self.delimiter.unwrap_or_else(|| Delimiter::sniff(header));
        self.records = Records::new(delimiter);
        self.delimiter = Some(delimiter);
        self.read(head, End::MayFollow)
    }

    fn read(&mut self, mut input: &[u8], end: End) -> Result<(), CsvError> {
        loop {
            match self.records.advance(&mut input, end) {
                Progress::Record => self.take_record()?,
                Progress::InputEmpty => return Ok(()),
                Progress::TooLong => {
                    return Err(CsvError::RecordTooLong { position: self.position() });
                }
            }
        }
    }

    /// Where the record that is being read begins.
    const fn position(&self) -> Position {
        let row = if self.columns.is_empty() { 0 } else { self.rows + 1 };
        Position { row, line: self.records.line() }
    }

    fn take_record(&mut self) -> Result<(), CsvError> {
        let position = self.position();
        let record = self.records.take();
        if self.columns.is_empty() {
            self.columns = header(&record, position, &self.kinds)?;
            return Ok(());
        }
        if record.len() != self.columns.len() {
            return Err(CsvError::RaggedRow {
                position,
                cells: record.len(),
                header_cells: self.columns.len(),
            });
        }
        let has_commas = self.delimiter == Some(Delimiter::Semicolon);
        for ((name, builder), cell) in self.columns.iter_mut().zip(record.cells()) {
            let Some(cell) = cell else {
                return Err(CsvError::NotUtf8 { position, column: name.clone() });
            };
            builder.push(cell, has_commas).map_err(|_| CsvError::NotNumeric {
                position,
                column: name.clone(),
                cell: cell.chars().take(SHOWN_CHARS).collect(),
            })?;
        }
        self.rows += 1;
        Ok(())
    }
}

/// The columns that a header names.
fn header(
    record: &Record<'_>,
    position: Position,
    kinds: &BTreeMap<String, ColumnKind>,
) -> Result<Vec<(String, ColumnBuilder)>, CsvError> {
    let mut seen = BTreeSet::new();
    let mut columns = Vec::with_capacity(record.len());
    for (cell, number) in record.cells().zip(1_usize..) {
        let name = match cell.map(str::trim) {
            Some("") => format!("column_{number}"),
            Some(name) => String::from(name),
            None => return Err(CsvError::NotUtf8 { position, column: format!("{number}") }),
        };
        if !seen.insert(name.clone()) {
            return Err(CsvError::DuplicateColumn { column: name });
        }
        let builder = ColumnBuilder::new(kinds.get(&name).copied());
        columns.push((name, builder));
    }
    Ok(columns)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::{Column, MISSING};

    fn read(options: &CsvOptions, chunks: &[&[u8]]) -> Result<Table, CsvError> {
        let mut reader = CsvReader::new(options.clone());
        for chunk in chunks {
            reader.push(chunk)?;
        }
        reader.finish()
    }

    fn table(text: &str) -> Table {
        read(&CsvOptions::default(), &[text.as_bytes()]).unwrap()
    }

    fn numbers(values: &[f64]) -> Column {
        Column::Numeric(values.to_vec())
    }

    fn categories(codes: &[u32], levels: &[&str]) -> Column {
        let levels = levels.iter().map(|level| String::from(*level)).collect();
        Column::Categorical { codes: codes.to_vec(), levels }
    }

    #[test]
    fn every_form_of_one_table_reads_the_same() {
        let expected = table("a,b\n1,x\n2,y\n");
        assert_eq!(expected.column("a"), Some(&numbers(&[1.0, 2.0])));
        assert_eq!(expected.column("b"), Some(&categories(&[0, 1], &["x", "y"])));
        for text in [
            "a,b\n1,x\n2,y",
            "a,b\r\n1,x\r\n2,y\r\n",
            "a,b\r1,x\r2,y\r",
            "\u{feff}a,b\n1,x\n2,y\n",
            "\u{feff}\"a\",\"b\"\n\"1\",\"x\"\n\"2\",\"y\"\n",
            "\n\na,b\n\n1,x\n\r\n2,y\n\n\n",
            "a;b\n1;x\n2;y\n",
            "\u{feff}\na;b\n1;x\n2;y\n",
            "a\tb\n1\tx\n2\ty\n",
            "a|b\n1|x\n2|y\n",
            " a , b \n 1 ,x\n2.0,y\n",
        ] {
            assert_eq!(table(text), expected, "{text:?}");
            let bytes: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
            assert_eq!(read(&CsvOptions::default(), &bytes).unwrap(), expected, "{text:?}");
        }
    }

    #[test]
    fn quoted_cells_hold_delimiters_quotes_and_line_breaks() {
        let table = table("name;note\n\"a;b\";\"says \"\"hi\"\"\"\n\"c\nd\";\"\"\n");
        assert_eq!(table.column("name"), Some(&categories(&[0, 1], &["a;b", "c\nd"])));
        assert_eq!(table.column("note"), Some(&categories(&[0, MISSING], &["says \"hi\""])));
    }

    #[test]
    fn a_column_without_a_name_is_called_by_its_number() {
        let table = table(",b,\n0,1,2\n");
        let names: Vec<&str> = table.columns().map(|(name, _)| name).collect();
        assert_eq!(names, ["column_1", "b", "column_3"]);
    }

    #[test]
    fn options_override_the_delimiter_and_the_kinds() {
        let kinds = [("b", ColumnKind::Categorical), ("elsewhere", ColumnKind::Numeric)];
        let options = CsvOptions {
            delimiter: Some(Delimiter::Semicolon),
            kinds: kinds.map(|(name, kind)| (name.into(), kind)).into(),
        };
        let table = read(&options, &[b"a,x;b\n1;0\n2;1\n"]).unwrap();
        assert_eq!(table.column("a,x"), Some(&numbers(&[1.0, 2.0])));
        assert_eq!(table.column("b"), Some(&categories(&[0, 1], &["0", "1"])));
    }

    #[test]
    fn options_are_strict() {
        let error = |json| CsvOptions::from_json(json).unwrap_err().to_string();
        assert_eq!(
            error(r#"{"kind": {}}"#),
            "options: unknown field `kind`, expected `delimiter` or `kinds`"
        );
        assert!(error(r#"{"delimiter": "-"}"#).starts_with("options: unknown variant `-`"));
        let options = CsvOptions::from_json(r#"{"delimiter": "\t"}"#).unwrap();
        assert_eq!(options.delimiter, Some(Delimiter::Tab));
    }

    #[test]
    fn a_faulty_file_gets_one_sentence_that_says_where() {
        let number = [("n".into(), ColumnKind::Numeric)];
        let options = CsvOptions { kinds: number.into(), ..CsvOptions::default() };
        for (bytes, code, says) in [
            (&b""[..], "EmptyFile", "the file is empty: it needs a header and rows"),
            (b"\xef\xbb\xbf\n\r\n", "EmptyFile", "the file is empty: it needs a header and rows"),
            (b"a,b", "NoRows", "the file has a header but no rows"),
            (b"a,b\r\n", "NoRows", "the file has a header but no rows"),
            (
                b"a,b,a\n1,2,3\n",
                "DuplicateColumn",
                "the header names \"a\" twice: give each column its own name",
            ),
            (b"a,b\n1,2\n1\n", "RaggedRow", "row 2 (line 3) has 1 cell, the header has 2"),
            (b"a,b\n1,2,3", "RaggedRow", "row 1 (line 2) has 3 cells, the header has 2"),
            (
                b"a,b\r\n\"1\n\",2\r\n\r\n1,2,3\r\n",
                "RaggedRow",
                "row 2 (line 5) has 3 cells, the header has 2",
            ),
            (
                b"a,b\n1,2\n3,\xff\n",
                "NotUtf8",
                "row 2 (line 3), column \"b\" is not UTF-8: save the file as UTF-8",
            ),
            (
                // A character that is whole only across the end of its cell.
                b"a,b\n\xc3,\xa9\n",
                "NotUtf8",
                "row 1 (line 2), column \"a\" is not UTF-8: save the file as UTF-8",
            ),
            (
                b"a,\xff\n1,2\n",
                "NotUtf8",
                "the header (line 1), column \"2\" is not UTF-8: save the file as UTF-8",
            ),
            (
                b"n\n1\nNA\none\n",
                "NotNumeric",
                "row 3 (line 4), column \"n\": \"one\" is not a number, \
                 but the column was declared numeric",
            ),
        ] {
            for chunk in [1, bytes.len().max(1)] {
                let chunks: Vec<&[u8]> = bytes.chunks(chunk).collect();
                let error = read(&options, &chunks).unwrap_err();
                assert_eq!((error.code(), error.to_string().as_str()), (code, says), "{bytes:?}");
            }
        }
    }

    #[test]
    fn an_open_quote_is_found_before_memory_is() {
        let mut file = b"a,b\n1,2\n1,\"".to_vec();
        file.resize(MAX_RECORD_BYTES + 1000, b'x');
        let error = read(&CsvOptions::default(), &[&file]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "row 2 (line 3) is longer than 16 MiB: is a quote opened there and never closed?"
        );
    }
}
