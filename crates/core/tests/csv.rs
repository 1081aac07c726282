//! Where a file is cut into chunks changes nothing.

use proptest::prelude::*;
use tidegate_core::table::Table;
use tidegate_core::table::csv::{CsvError, CsvOptions, CsvReader};

fn read(bytes: &[u8], cuts: &[usize]) -> Result<Table, CsvError> {
    let mut reader = CsvReader::new(CsvOptions::default());
    let mut start = 0;
    for cut in cuts.iter().map(|cut| cut % (bytes.len() + 1)).filter(|cut| *cut > 0) {
        if cut > start {
            reader.push(&bytes[start..cut])?;
            start = cut;
        }
    }
    reader.push(&bytes[start..])?;
    reader.finish()
}

/// A file's text, with NaN spelled so that tables compare equal.
fn text(table: &Table) -> String {
    format!("{table:?}")
}

/// Cells of all sorts, faulty ones too.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "-?[0-9]{1,3}(\\.[0-9]{0,3})?",
        2 => "[a-z ]{0,4}",
        1 => "NA|nan|NULL|None|inf|true|007|1e3",
        1 => "\"([a-z,\n]|\"\"|\r\n){0,4}\"",
        1 => "[é字\u{1f600}\"]{1,2}",
    ]
}

fn file() -> impl Strategy<Value = String> {
    let row = prop::collection::vec(cell(), 3);
    let rows = prop::collection::vec(row, 0..8);
    let line_break = prop::sample::select(vec!["\n", "\r\n", "\r", "\n\n"]);
    let delimiter = prop::sample::select(vec![",", ";", "\t", "|"]);
    let mark = prop::sample::select(vec!["", "\u{feff}", "\n"]);
    (mark, delimiter, line_break, rows, any::<bool>()).prop_map(
        |(mark, delimiter, line_break, rows, is_ended)| {
            let header = ["a", "\"b c\"", ""].join(delimiter);
            let lines: Vec<String> = core::iter::once(header)
                .chain(rows.iter().map(|row| row.join(delimiter)))
                .collect();
            let end = if is_ended { line_break } else { "" };
            format!("{mark}{}{end}", lines.join(line_break))
        },
    )
}

proptest! {
    #[test]
    fn a_file_reads_the_same_however_it_is_cut(
        file in file(),
        mut cuts in prop::collection::vec(any::<usize>(), 0..12),
    ) {
        let bytes = file.as_bytes();
        cuts.iter_mut().for_each(|cut| *cut %= bytes.len() + 1);
        cuts.sort_unstable();
        let whole = read(bytes, &[]);
        let cut = read(bytes, &cuts);
        prop_assert_eq!(whole.map(|table| text(&table)), cut.map(|table| text(&table)));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let whole = read(&bytes, &[]).map(|table| text(&table));
        let every: Vec<usize> = (0..bytes.len()).collect();
        prop_assert_eq!(whole, read(&bytes, &every).map(|table| text(&table)));
    }
}
