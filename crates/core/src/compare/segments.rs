//! Both tables cut by a column: drift that the whole hides, and where it is.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use tidegate_stats::Decision;

use super::column::{self, settle_kind};
use super::cut::{Part, cut};
use super::{CompareError, Methods, column_names, verdict};
use crate::report::{
    self, ColumnKind, ColumnReport, SegmentReport, SegmentsReport, TableSize, Verdict,
};
use crate::table::{Column, Table};

/// Rows of either table that a segment must have to be compared.
pub(super) const LEAST_ROWS: usize = 30;

/// Compares the segments that the column `by` makes, all other columns of each.
///
/// Only the deciding method of each column is used, and the p-values of all columns of all segments are one family:
/// `alpha` bounds the expected share of false alarms among all that are said to have drifted.
pub(super) fn compare(
    by: &str,
    [reference, current]: [&Table; 2],
    methods: &Methods,
    kinds: &BTreeMap<String, ColumnKind>,
    (in_time_order, decision): (bool, &Decision),
) -> Result<SegmentsReport, CompareError> {
    let no_column = || CompareError::NoSegments { column: by.into() };
    let of = |table: &'_ Table| table.column(by).cloned().ok_or_else(no_column);
    let columns: [Column; 2] = [of(reference)?, of(current)?];
    let (kind, _) = settle_kind(&columns[0], &columns[1], kinds.get(by).copied());
    let parts = cut(&[&columns[0], &columns[1]], kind).map_err(|level| {
        let what = format!("column {by:?} is to be numeric, and holds {level:?}");
        CompareError::InvalidOptions { what }
    })?;
    let names: Vec<&str> =
        column_names(reference, current).into_iter().filter(|name| *name != by).collect();
    let asked = Asked { names, methods, kinds, in_time_order, decision };
    let mut segments: Vec<SegmentReport> =
        parts.into_iter().map(|part| asked.segment([reference, current], part)).collect();
    report::adjust(segments.iter_mut().flat_map(|segment| &mut segment.columns), decision);
    for segment in &mut segments {
        segment.verdict = verdict(&segment.columns, core::iter::empty());
    }
    let verdict = report::verdict_of_all(segments.iter().map(|segment| segment.verdict));
    Ok(SegmentsReport { by: by.into(), kind, verdict, segments })
}

struct Asked<'a> {
    names: Vec<&'a str>,
    methods: &'a Methods,
    kinds: &'a BTreeMap<String, ColumnKind>,
    in_time_order: bool,
    decision: &'a Decision,
}

impl Asked<'_> {
    /// One segment, its p-values not yet adjusted.
    fn segment(&self, tables: [&Table; 2], part: Part) -> SegmentReport {
        let Part { segment, rows } = part;
        let [reference, current] =
            [0, 1].map(|table| rows.get(table).map_or(&[][..], Vec::as_slice));
        let sizes = [reference, current].map(|rows| TableSize { rows: rows.len() as u64 });
        let is_small = reference.len().min(current.len()) < LEAST_ROWS;
        let columns = if is_small {
            Vec::new()
        } else {
            let of_segment = |name: &str| {
                let select = |table: &Table, rows| table.column(name).map(|it| it.select(rows));
                let reference = select(tables[0], reference);
                let current = select(tables[1], current);
                self.column(name, reference.as_ref(), current.as_ref())
            };
            self.names.iter().map(|name| of_segment(name)).collect()
        };
        SegmentReport {
            segment,
            verdict: Verdict::InsufficientData,
            reference: sizes[0],
            current: sizes[1],
            columns,
            note: is_small
                .then(|| format!("too small: fewer than {LEAST_ROWS} rows of either table")),
        }
    }

    /// One column by its deciding method alone.
    fn column(
        &self,
        name: &str,
        reference: Option<&Column>,
        current: Option<&Column>,
    ) -> ColumnReport {
        let declared = self.kinds.get(name).copied();
        let kind = match (reference, current) {
            (Some(one), Some(other)) => settle_kind(one, other, declared).0,
            _ => ColumnKind::Numeric,
        };
        let deciding = Methods::Only(self.methods.of(kind).into_iter().take(1).collect());
        let asked =
            column::Asked { methods: &deciding, peers: &[], in_time_order: self.in_time_order };
        column::compare(name, reference, current, declared, asked, self.decision)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::{CompareOptions, compare};
    use crate::report::Segment;

    /// Two cities whose ages move against each other, so that all ages together stay as they were, and a small one.
    fn table(moved: f64) -> Table {
        let city = |row: u32| if row >= 400 { 2 } else { row % 2 };
        let age = |row: u32| {
            let shift = if row.is_multiple_of(2) { moved } else { -moved };
            f64::from(row / 2 * 37 % 100) + shift
        };
        let levels = ["north", "south", "hamlet"].map(String::from).to_vec();
        let mut table = Table::new();
        let codes = (0..410).map(city).collect();
        table.try_push("city", Column::Categorical { codes, levels }).unwrap();
        table.try_push("age", Column::Numeric((0..410).map(age).collect())).unwrap();
        table
    }

    fn by(column: &str) -> CompareOptions {
        CompareOptions { segment_by: Some(column.into()), ..CompareOptions::default() }
    }

    #[test]
    fn a_segment_drifts_where_the_whole_does_not() {
        let (reference, current) = (table(-10.0), table(10.0));
        let plain = compare(&reference, &current, &CompareOptions::default()).unwrap();
        assert_eq!((plain.verdict, plain.segments), (Verdict::NoDrift, None));
        let report = compare(&reference, &current, &by("city")).unwrap();
        assert_eq!(report.verdict, Verdict::Drift);
        assert!(report.columns.iter().all(|column| column.verdict == Verdict::NoDrift));
        let found = report.segments.unwrap();
        let name = |it: &SegmentReport| match &it.segment {
            Segment::Category { name } => name.clone(),
            _ => String::new(),
        };
        let told: Vec<_> = found.segments.iter().map(|it| (name(it), it.verdict)).collect();
        let want = [
            ("north".into(), Verdict::Drift),
            ("south".into(), Verdict::Drift),
            ("hamlet".into(), Verdict::InsufficientData),
        ];
        assert_eq!(told, want);
        let hamlet = &found.segments[2];
        assert!(hamlet.columns.is_empty());
        let says = "too small: fewer than 30 rows of either table";
        assert_eq!(hamlet.note.as_deref(), Some(says));
        // The column that they are cut by is not compared within them.
        assert!(found.segments[0].columns.iter().all(|column| column.name == "age"));
    }

    #[test]
    fn what_both_tables_do_not_have_cuts_neither() {
        let error = compare(&table(0.0), &Table::new(), &by("city")).unwrap_err();
        assert_eq!(error.code(), "NoSegments");
        assert_eq!(format!("{error}"), "options: both tables need column \"city\" to be cut by it");
        let mut options = by("city");
        options.kinds.insert("city".into(), ColumnKind::Numeric);
        let error = compare(&table(0.0), &table(0.0), &options).unwrap_err();
        let says = "options: column \"city\" is to be numeric, and holds \"north\"";
        assert_eq!(format!("{error}"), says);
    }
}
