//! A table in chunks of rows or of time, each compared with the reference: drift over time.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};
use tidegate_stats::order::ascending;

use super::{CompareError, CompareOptions, compare};
use crate::options;
use crate::report::{CHUNKED_SCHEMA, ChunkReport, ChunkedReport, TableSize, verdict_of_all};
use crate::table::{Column, MISSING, Table};

/// Chunks that a table is cut into at most.
pub const MAX_CHUNKS: usize = 10_000;

/// How a table is cut: by one of `rows` and `period_seconds`.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChunkOptions {
    /// Rows of a chunk; the last one may have fewer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
    /// Length of a chunk, in seconds; chunks begin at whole multiples of it since 1970, and those without a row
    /// are left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period_seconds: Option<f64>,
    /// The column of the rows' times: numbers are seconds since 1970, text is a date and time such as
    /// `2026-07-01T12:30:00Z`. It is not compared. Without one, rows are in the order of the table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
}

impl ChunkOptions {
    /// Reads options.
    ///
    /// # Errors
    /// [`CompareError::InvalidOptions`].
    pub fn from_json(json: &str) -> Result<Self, CompareError> {
        options::from_json(json).map_err(|what| CompareError::InvalidOptions { what })
    }
}

/// Compares each chunk of a table with the reference.
///
/// `alpha` is that of all chunks together: each is judged at its share of it, by Bonferroni's correction, so that
/// where nothing changes no chunk drifts, however many there are, but with probability `alpha`. A chunk of few rows
/// among many can be too small for that, and is then of insufficient data.
///
/// Rows are taken to be in the order of time, and those that depend on the rows before them count for what they
/// say ([`CompareOptions::in_time_order`]).
///
/// # Errors
/// A [`CompareError`]: of the options, or of a row without a time.
///
/// # Examples
/// ```
/// use tidegate_core::compare::{ChunkOptions, CompareOptions, compare_chunks};
/// use tidegate_core::report::Verdict;
/// use tidegate_core::table::{Column, Table};
///
/// let mut reference = Table::new();
/// reference.try_push("income", Column::Numeric((0..1000).map(|row| f64::from(row % 100)).collect()))?;
/// let mut current = Table::new();
/// let drifting = |row| if row < 1000 { f64::from(row % 100) } else { f64::from(row % 100) + 50.0 };
/// current.try_push("income", Column::Numeric((0..2000).map(drifting).collect()))?;
///
/// let by = ChunkOptions { rows: Some(500), ..ChunkOptions::default() };
/// let report = compare_chunks(&reference, &current, &by, &CompareOptions::default())?;
/// let verdicts: Vec<_> = report.chunks.iter().map(|chunk| chunk.report.verdict).collect();
/// assert_eq!(verdicts, [Verdict::NoDrift, Verdict::NoDrift, Verdict::Drift, Verdict::Drift]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn compare_chunks(
    reference: &Table,
    current: &Table,
    by: &ChunkOptions,
    options: &CompareOptions,
) -> Result<ChunkedReport, CompareError> {
    let cut = chunks_of(current, by)?;
    let is_compared = |name: &str| by.time.as_deref() != Some(name);
    // In the order of its times too, if it has them.
    let order = by.time.as_deref().and_then(|name| times(reference, name).ok());
    let order = order.map(|times| ascending(&times));
    let kept = reference.select(is_compared, order.as_deref());
    let options = &of_one_chunk(options, cut.len());
    let mut chunks = Vec::with_capacity(cut.len());
    for chunk in &cut {
        let rows = current.select(is_compared, Some(&chunk.rows));
        chunks.push(ChunkReport {
            rows: chunk.rows.len() as u64,
            from_seconds: chunk.times.map(|[from, _]| from),
            to_seconds: chunk.times.map(|[_, to]| to),
            report: compare(&kept, &rows, options)?,
        });
    }
    Ok(ChunkedReport {
        schema: CHUNKED_SCHEMA.into(),
        verdict: verdict_of_all(chunks.iter().map(|chunk| chunk.report.verdict)),
        reference: TableSize { rows: reference.rows() as u64 },
        current: TableSize { rows: current.rows() as u64 },
        chunks,
    })
}

/// The options of each of so many chunks. Methods for whole rows draw permutations, too few for the smallest levels.
fn of_one_chunk(options: &CompareOptions, chunks: usize) -> CompareOptions {
    const SMALLEST_BY_PERMUTATION: f64 = 3e-4;
    let alpha = options.alpha / chunks.max(1) as f64;
    let smallest = if options.multivariate.is_empty() { 0.0 } else { SMALLEST_BY_PERMUTATION };
    let alpha = alpha.max(smallest.min(options.alpha));
    CompareOptions { alpha, in_time_order: true, ..options.clone() }
}

/// Rows that belong together.
pub(crate) struct Chunk {
    pub(crate) rows: Vec<usize>,
    /// When it begins and ends, in seconds since 1970: of a chunk of time its bounds, of one of rows the times of
    /// the first and the last.
    pub(crate) times: Option<[f64; 2]>,
}

/// The rows of a table in chunks.
pub(crate) fn chunks_of(table: &Table, by: &ChunkOptions) -> Result<Vec<Chunk>, CompareError> {
    let invalid = |what: &str| Err(CompareError::InvalidOptions { what: what.into() });
    let times = by.time.as_deref().map(|name| times(table, name)).transpose()?;
    match (by.rows, by.period_seconds, times) {
        (Some(rows), None, times) => {
            let rows = usize::try_from(rows).unwrap_or(usize::MAX);
            if rows == 0 || table.rows().div_ceil(rows.max(1)) > MAX_CHUNKS {
                return invalid("chunk rows must be from 1, and make at most 10,000 chunks");
            }
            let order = match &times {
                Some(times) => ascending(times),
                None => (0..table.rows()).collect(),
            };
            let ends = |rows: &[usize]| {
                let times = times.as_ref()?;
                Some([times[*rows.first()?], times[*rows.last()?]])
            };
            let chunk = |rows: &[usize]| Chunk { times: ends(rows), rows: rows.to_vec() };
            Ok(order.chunks(rows).map(chunk).collect())
        }
        (None, Some(seconds), Some(times)) => {
            if !(seconds.is_finite() && seconds > 0.0) {
                return invalid("the period of chunks must be a number of seconds above 0");
            }
            let mut periods: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
            for (row, time) in times.iter().enumerate() {
                // The cast saturates.
                periods
                    .entry(tidegate_stats::num::floor(time / seconds) as i64)
                    .or_default()
                    .push(row);
            }
            if periods.len() > MAX_CHUNKS {
                return invalid("the period makes more than 10,000 chunks");
            }
            let bounds = |period: i64| [period as f64 * seconds, (period as f64 + 1.0) * seconds];
            let chunk = |(period, rows)| Chunk { rows, times: Some(bounds(period)) };
            Ok(periods.into_iter().map(chunk).collect())
        }
        (None, Some(_), None) => invalid("chunks of a period need the column of the times"),
        _ => invalid("chunks are either of so many rows or of a period"),
    }
}

/// The time of each row, in seconds since 1970.
fn times(table: &Table, name: &str) -> Result<Vec<f64>, CompareError> {
    let unknown = || CompareError::NoTime { column: name.into(), row: None };
    let at = |row: usize, time: Option<f64>| {
        let no_time = CompareError::NoTime { column: name.into(), row: Some(row as u64) };
        time.filter(|time| time.is_finite()).ok_or(no_time)
    };
    match table.column(name).ok_or_else(unknown)? {
        Column::Numeric(values) => {
            values.iter().enumerate().map(|(row, value)| at(row, Some(*value))).collect()
        }
        Column::Categorical { codes, levels } => {
            let read: Vec<Option<f64>> = levels.iter().map(|level| seconds_of(level)).collect();
            let time = |code: &u32| {
                if *code == MISSING { None } else { read.get(*code as usize).copied().flatten() }
            };
            codes.iter().enumerate().map(|(row, code)| at(row, time(code))).collect()
        }
    }
}

/// Seconds since 1970 of a date and time of ISO 8601: `2026-07-01`, `2026-07-01T12:30`, with a space for the `T`,
/// with seconds and parts of them, with `Z` or an offset such as `+02:00`. Without an offset it is UTC. `None`
/// of any other text.
///
/// ```
/// use tidegate_core::compare::seconds_of;
/// assert_eq!(seconds_of("1970-01-02 00:00:00.500"), Some(86_400.5));
/// assert_eq!(seconds_of("2026-07-01T12:30:00+02:00"), seconds_of("2026-07-01 10:30"));
/// assert_eq!(seconds_of("2026-02-30"), None);
/// ```
#[must_use]
pub fn seconds_of(text: &str) -> Option<f64> {
    let (date, time) = match text.trim().split_once(['T', ' ']) {
        Some((date, time)) => (date, Some(time)),
        None => (text.trim(), None),
    };
    let mut parts = date.split('-');
    let mut number = |digits: usize| whole(parts.next()?, digits);
    let (year, month, day) = (number(4)?, number(2)?, number(2)?);
    if parts.next().is_some()
        || !(1..=12).contains(&month)
        || !(1..=days_of(year, month)).contains(&day)
    {
        return None;
    }
    let midnight = days_since_1970(year, month, day) as f64 * 86_400.0;
    time.map_or(Some(midnight), |time| Some(midnight + time_of_day(time)?))
}

fn time_of_day(text: &str) -> Option<f64> {
    let (clock, offset) = match text.find(['Z', '+', '-']) {
        Some(at) => {
            let (clock, zone) = text.split_at(at);
            (clock, if zone == "Z" { 0 } else { offset_seconds(zone)? })
        }
        None => (text, 0),
    };
    let (clock, fraction) = match clock.split_once('.') {
        Some((clock, digits)) if digits.bytes().all(|it| it.is_ascii_digit()) => {
            (clock, alloc::format!("0.{digits}0").parse::<f64>().ok()?)
        }
        Some(_) => return None,
        None => (clock, 0.0),
    };
    let mut parts = clock.split(':');
    let (hour, minute) = (whole(parts.next()?, 2)?, whole(parts.next()?, 2)?);
    let second = parts.next().map_or(Some(0), |part| whole(part, 2))?;
    if parts.next().is_some() || hour > 24 || minute > 59 || second > 60 {
        return None;
    }
    Some((hour * 3600 + minute * 60 + second - offset) as f64 + fraction)
}

/// Seconds of `+02:00`, `-0530` or `+02`.
fn offset_seconds(zone: &str) -> Option<i64> {
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let digits: String = zone.get(1..)?.chars().filter(|it| *it != ':').collect();
    let (hours, minutes) = match digits.len() {
        2 => (whole(&digits, 2)?, 0),
        4 => (whole(digits.get(..2)?, 2)?, whole(digits.get(2..)?, 2)?),
        _ => return None,
    };
    (hours < 24 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

fn whole(text: &str, digits: usize) -> Option<i64> {
    let is_number = text.len() == digits && text.bytes().all(|it| it.is_ascii_digit());
    if is_number { text.parse().ok() } else { None }
}

const fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970 of a date of the Gregorian calendar: years begin in March, so that the leap day is their
/// last.
const fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    // Months from March have 31, 30, 31, 30, 31 days, and again.
    year * 365 + leap_days + (153 * month + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draws::Draws;
    use crate::report::Verdict;

    #[test]
    fn times_are_those_of_the_calendar() {
        for (text, seconds) in [
            ("1970-01-01", 0.0),
            ("2000-02-29", 951_782_400.0),
            ("2000-03-01", 951_868_800.0),
            ("2018-10-30 18:08:43.152", 1_540_922_923.152),
            ("2026-11-27T21:23:09Z", 1_795_814_589.0),
            ("1969-12-31 23:59:59", -1.0),
            ("2026-11-27T21:23:09-0530", 1_795_834_389.0),
        ] {
            assert_eq!(seconds_of(text), Some(seconds), "{text}");
        }
        for text in [
            "",
            "2026",
            "2026-13-01",
            "2025-02-29",
            "2026-01-01T25:00",
            "2026-1-1",
            "x-y-z",
            "2026-01-01T10",
            "2026-01-01T10:00+1",
            "2026-01-01T10:00.x",
            "é026-01-01",
        ] {
            assert_eq!(seconds_of(text), None, "{text}");
        }
    }

    #[test]
    fn periods_begin_at_their_multiples_and_empty_ones_are_left_out() {
        let mut table = Table::new();
        let days = [3.5, 0.0, 0.9, 3.0].map(|day| day * 86_400.0).to_vec();
        table.try_push("at", Column::Numeric(days)).unwrap();
        let by = ChunkOptions {
            period_seconds: Some(86_400.0),
            time: Some("at".into()),
            ..ChunkOptions::default()
        };
        let chunks = chunks_of(&table, &by).unwrap();
        let rows: Vec<&[usize]> = chunks.iter().map(|chunk| chunk.rows.as_slice()).collect();
        assert_eq!(rows, [&[1, 2][..], &[0, 3]]);
        assert_eq!(chunks[1].times, Some([3.0 * 86_400.0, 4.0 * 86_400.0]));
        let by = ChunkOptions { rows: Some(3), time: Some("at".into()), ..ChunkOptions::default() };
        let chunks = chunks_of(&table, &by).unwrap();
        assert_eq!((&*chunks[0].rows, &*chunks[1].rows), (&[1, 2, 3][..], &[0][..]));
        assert_eq!(chunks[0].times, Some([0.0, 3.0 * 86_400.0]));
    }

    #[test]
    fn where_nothing_changes_no_chunk_drifts_however_many_there_are() {
        let mut draws = Draws::new();
        let mut column = |rows| Column::Numeric((0..rows).map(|_| draws.draw()).collect());
        let mut table = |rows| {
            let mut table = Table::new();
            for name in ["a", "b", "c"] {
                table.try_push(name, column(rows)).unwrap();
            }
            table
        };
        let by = ChunkOptions { rows: Some(100), ..ChunkOptions::default() };
        let mut drifted = || {
            let (reference, current) = (table(1000), table(4000));
            let report = compare_chunks(&reference, &current, &by, &CompareOptions::default());
            u32::from(report.unwrap().verdict == Verdict::Drift)
        };
        // One of twenty is expected at most; without the correction it is nearly each.
        let found: u32 = (0..40).map(|_| drifted()).sum();
        assert!(found <= 5, "{found} of 40");
    }

    #[test]
    fn whole_rows_are_judged_at_a_level_that_permutations_can_reach() {
        let options = CompareOptions::from_json(r#"{"multivariate": ["mmd"]}"#).unwrap();
        assert!((of_one_chunk(&options, 10).alpha - 0.005).abs() < 1e-15);
        assert!((of_one_chunk(&options, 10_000).alpha - 3e-4).abs() < 1e-15);
        let strict = CompareOptions { alpha: 1e-5, ..options };
        assert!((of_one_chunk(&strict, 10_000).alpha - 1e-5).abs() < 1e-15);
    }

    #[test]
    fn what_makes_no_chunks_is_refused() {
        let mut table = Table::new();
        table.try_push("at", Column::Numeric([0.0, f64::NAN].to_vec())).unwrap();
        for (json, says) in [
            ("{}", "either of so many rows or of a period"),
            (r#"{"rows": 1, "period_seconds": 1, "time": "at"}"#, "row 2"),
            (r#"{"rows": 0}"#, "from 1"),
            (r#"{"period_seconds": 60}"#, "need the column of the times"),
            (r#"{"rows": 1, "time": "when"}"#, "there is no column \"when\""),
            (r#"{"row": 1}"#, "unknown field"),
        ] {
            let found =
                ChunkOptions::from_json(json).and_then(|by| chunks_of(&table, &by).map(|_| ()));
            let error = found.unwrap_err();
            assert!(alloc::format!("{error}").contains(says), "{json}: {error}");
        }
    }
}
