//! Compares a reference with a current table, column by column.
//!
//! * A numeric column is compared by its values where they are at hand, and always on bins whose edges
//!   come from the reference alone, so that a score means the same tomorrow.
//! * Missing values are counted and tested by themselves. Infinities fall into the outer bins and
//!   are left out of the methods that need distances; a note counts them.
//! * Nothing in the data makes a comparison fail: a column that cannot be judged is reported as
//!   `insufficient_data` with a note that says why.
//! * Rows that depend on the rows before them count for what they say, see [`tidegate_stats::dependence`], where the
//!   tables are known to be in the order of time.
//! * Verdicts are corrected for the number of columns, see [`crate::report::adjust`].

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

use tidegate_stats::Decision;
use tidegate_stats::multivariate::MultivariateMethod;

use crate::profile::Profile;
use crate::report::{
    self, ColumnKind, ColumnReport, MultivariateReport, Peer, Report, SegmentsReport, TableSize,
    Verdict,
};
use crate::table::{Column, Table};

mod binned;
mod categorical;
mod chunks;
mod column;
mod cut;
mod dependence;
mod distribution;
mod numeric;
mod options;
mod outcome;
mod profiles;
mod reading;
mod segments;
mod signals;
mod sketched;
mod together;

pub use binned::{Beyond, BinnedColumn, BinnedCounts, Bins, binned_column, binned_signals};
pub(crate) use chunks::{Chunk, chunks_of};
pub use chunks::{ChunkOptions, MAX_CHUNKS, compare_chunks, seconds_of};
pub(crate) use cut::{Part, cut};
pub(crate) use dependence::{first_batches, rows_per_independent};
pub use options::{CompareError, CompareOptions, Methods};

/// Compares two tables.
///
/// # Errors
/// A [`CompareError`] if the options are wrong; never for what the tables hold.
///
/// # Examples
/// ```
/// use tidegate_core::compare::{CompareOptions, compare};
/// use tidegate_core::report::Verdict;
/// use tidegate_core::table::{Column, Table};
///
/// let ramp = |from: i32| (from..from + 1000).map(f64::from).collect();
/// let mut reference = Table::new();
/// reference.try_push("income", Column::Numeric(ramp(0)))?;
/// let mut current = Table::new();
/// current.try_push("income", Column::Numeric(ramp(250)))?;
///
/// let report = compare(&reference, &current, &CompareOptions::default())?;
/// assert_eq!(report.verdict, Verdict::Drift);
/// // A quarter of the ramp lies beyond the reference: the largest gap, and values never seen.
/// assert_eq!(report.columns[0].tests[0].statistic, 0.25);
/// assert_eq!(report.columns[0].unseen.count, 250);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn compare(
    reference: &Table,
    current: &Table,
    options: &CompareOptions,
) -> Result<Report, CompareError> {
    let mut comparison = Comparison::try_new(options.clone())?;
    for name in column_names(reference, current) {
        comparison.compare_column(name, reference.column(name), current.column(name));
    }
    comparison.compare_rows(reference, current);
    comparison.compare_segments(reference, current)?;
    comparison.finish(reference.rows() as u64, current.rows() as u64)
}

/// The names of both tables' columns: the reference's in its order, then those that only the current
/// table has.
#[must_use]
pub fn column_names<'a>(reference: &'a Table, current: &'a Table) -> Vec<&'a str> {
    let only_current = current.columns().map(|(name, _)| name);
    let mut names: Vec<&str> = reference.columns().map(|(name, _)| name).collect();
    names.extend(only_current.filter(|name| reference.column(name).is_none()));
    names
}

/// A comparison that is fed a column at a time, so that a host can show progress or hold no more than
/// two columns in memory.
#[derive(Debug)]
pub struct Comparison {
    methods: Methods,
    peers: Vec<Peer>,
    kinds: BTreeMap<String, ColumnKind>,
    decision: Decision,
    in_time_order: bool,
    columns: Vec<ColumnReport>,
    on_rows: Vec<MultivariateMethod>,
    multivariate: Vec<MultivariateReport>,
    segment_by: Option<String>,
    segments: Option<SegmentsReport>,
}

impl Comparison {
    /// A comparison without columns.
    ///
    /// # Errors
    /// [`CompareError::InvalidOptions`].
    pub fn try_new(options: CompareOptions) -> Result<Self, CompareError> {
        let decision = options.decision()?;
        Ok(Self {
            methods: options.methods,
            peers: options.compatibility,
            kinds: options.kinds,
            decision,
            in_time_order: options.in_time_order,
            columns: Vec::new(),
            on_rows: options.multivariate,
            multivariate: Vec::new(),
            segment_by: options.segment_by,
            segments: None,
        })
    }

    /// Compares the columns of one name; `None` stands for a table that has none of that name.
    pub fn compare_column(
        &mut self,
        name: &str,
        reference: Option<&Column>,
        current: Option<&Column>,
    ) {
        let declared = self.kinds.get(name).copied();
        let asked = column::Asked {
            methods: &self.methods,
            peers: &self.peers,
            in_time_order: self.in_time_order,
        };
        let report = column::compare(name, reference, current, declared, asked, &self.decision);
        self.columns.push(report);
    }

    /// Compares the rows of both tables by the methods of [`CompareOptions::multivariate`]; without one it
    /// does nothing.
    pub fn compare_rows(&mut self, reference: &Table, current: &Table) {
        let methods = &self.on_rows;
        self.multivariate =
            together::compare(reference, current, &self.kinds, methods, &self.decision);
    }

    /// Compares both tables segment by segment of [`CompareOptions::segment_by`]; without one it does nothing.
    ///
    /// # Errors
    /// [`CompareError::NoSegments`]: a table has no such column; [`CompareError::InvalidOptions`]: it is declared
    /// numeric, and is not.
    pub fn compare_segments(
        &mut self,
        reference: &Table,
        current: &Table,
    ) -> Result<(), CompareError> {
        let Some(by) = &self.segment_by else { return Ok(()) };
        let tables = [reference, current];
        let judged_by = (self.in_time_order, &self.decision);
        self.segments = Some(segments::compare(by, tables, &self.methods, &self.kinds, judged_by)?);
        Ok(())
    }

    /// The report, its verdicts corrected for the number of columns.
    ///
    /// # Errors
    /// [`CompareError::UnknownColumn`]: `kinds` names a column that was not compared.
    pub fn finish(
        mut self,
        reference_rows: u64,
        current_rows: u64,
    ) -> Result<Report, CompareError> {
        let mut names = BTreeSet::new();
        names.extend(self.columns.iter().map(|column| column.name.as_str()));
        if let Some(column) = self.kinds.keys().find(|column| !names.contains(column.as_str())) {
            return Err(CompareError::UnknownColumn { column: column.clone() });
        }
        report::adjust(&mut self.columns, &self.decision);
        Ok(conclude(self.columns, self.multivariate, self.segments, [reference_rows, current_rows]))
    }
}

/// Compares two profiles.
///
/// A numeric column of which both have a KLL sketch is compared as a table's is, by the tests from two
/// sketches ([`tidegate_stats::sketch::two_sample`]), with exact counts where both were counted on the
/// reference's bins. Else the methods that need no more than counts are used, `chi_square` deciding, then
/// `psi` and `jensen_shannon`, and the current profile must have been counted on the reference's bins,
/// see [`crate::profile::profile_on`]; a column for which that is not so gets a note.
///
/// # Errors
/// [`CompareError::InvalidOptions`]; `kinds` are not for profiles, whose columns have theirs, and
/// `compatibility` neither, for other tools need the rows.
pub fn compare_profiles(
    reference: &Profile,
    current: &Profile,
    options: &CompareOptions,
) -> Result<Report, CompareError> {
    let decision = options.decision()?;
    if let Some(column) = options.kinds.keys().next() {
        return Err(CompareError::UnknownColumn { column: column.clone() });
    }
    if !options.compatibility.is_empty() {
        let what = "compatibility needs tables, for a profile does not keep its rows";
        return Err(CompareError::InvalidOptions { what: what.into() });
    }
    if !options.multivariate.is_empty() {
        let what = "multivariate needs tables, for a profile does not keep its rows";
        return Err(CompareError::InvalidOptions { what: what.into() });
    }
    if options.segment_by.is_some() {
        let what = "segment_by needs tables, for a profile does not keep its rows";
        return Err(CompareError::InvalidOptions { what: what.into() });
    }
    let mut columns = profiles::compare(reference, current, &options.methods, &decision);
    report::adjust(&mut columns, &decision);
    Ok(conclude(columns, Vec::new(), None, [reference.rows, current.rows]))
}

/// A report of columns that were adjusted, of rows, and of segments.
fn conclude(
    columns: Vec<ColumnReport>,
    multivariate: Vec<MultivariateReport>,
    segments: Option<SegmentsReport>,
    rows: [u64; 2],
) -> Report {
    let others = multivariate.iter().map(|rows| rows.verdict);
    let others = others.chain(segments.iter().map(|segments| segments.verdict));
    let verdict = verdict(&columns, others);
    let [reference, current] = rows.map(|rows| TableSize { rows });
    let schema = report::SCHEMA.into();
    Report { schema, verdict, reference, current, columns, multivariate, segments }
}

/// The verdict of columns that were adjusted together, and of what else was judged beside them.
fn verdict(columns: &[ColumnReport], others: impl Iterator<Item = Verdict>) -> Verdict {
    let of_column = |column: &ColumnReport| {
        let missing = column.missing_test.as_ref().is_some_and(|it| it.verdict == Verdict::Drift);
        if missing { Verdict::Drift } else { column.verdict }
    };
    report::verdict_of_all(columns.iter().map(of_column).chain(others))
}
