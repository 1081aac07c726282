//! Rows that depend on the rows before them: what a comparison says where nothing changed but the series goes on.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use tidegate_core::compare::{ChunkOptions, CompareOptions, compare, compare_chunks};
use tidegate_core::report::{Report, Verdict};
use tidegate_core::table::{Column, Table};

/// Draws that are the same on every host.
struct Draws(u64);

impl Draws {
    fn uniform(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Near enough to a standard normal one.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.uniform()).sum::<f64>() - 6.0
    }

    /// A series of which each value is `share` of the last and the rest new, and what is above 0.5 of it, a fifth of
    /// them missing while another such series is high.
    fn table(&mut self, share: f64, rows: usize) -> Table {
        let mut series = || {
            let mut value = self.normal();
            let fresh = (1.0 - share * share).sqrt();
            let mut next = || {
                value = share * value + fresh * self.normal();
                value
            };
            (0..rows).map(|_| next()).collect::<Vec<f64>>()
        };
        let (values, mut others, other) = (series(), series(), series());
        let codes = values.iter().map(|value| u32::from(*value > 0.5)).collect();
        for (value, other) in others.iter_mut().zip(other) {
            if other > 0.85 {
                *value = f64::NAN;
            }
        }
        let mut table = Table::new();
        table.try_push("number", Column::Numeric(values)).unwrap();
        table
            .try_push(
                "category",
                Column::Categorical { codes, levels: vec!["low".into(), "high".into()] },
            )
            .unwrap();
        table.try_push("with gaps", Column::Numeric(others)).unwrap();
        table
    }
}

fn options(in_time_order: bool) -> CompareOptions {
    let json = format!(
        r#"{{"in_time_order": {in_time_order}, "effect_floor": {{"kolmogorov_smirnov": 0, "chi_square": 0}}}}"#
    );
    CompareOptions::from_json(&json).unwrap()
}

fn alarms(runs: u32, of_run: impl Fn(&mut Draws) -> Verdict) -> u32 {
    let drifted = |seed| of_run(&mut Draws(u64::from(seed) + 1)) == Verdict::Drift;
    (0..runs).map(|seed| u32::from(drifted(seed))).sum()
}

fn report(share: f64, in_time_order: bool, draws: &mut Draws) -> Report {
    let (reference, current) = (draws.table(share, 3000), draws.table(share, 2000));
    compare(&reference, &current, &options(in_time_order)).unwrap()
}

#[test]
fn a_series_that_goes_on_does_not_drift_once_its_rows_are_counted_for_what_they_say() {
    let told = alarms(60, |draws| report(0.9, true, draws).verdict);
    let untold = alarms(60, |draws| report(0.9, false, draws).verdict);
    assert!(untold > 40, "{untold} of 60: as if rows were independent");
    assert!(told <= 8, "{told} of 60");
}

#[test]
fn independent_rows_are_judged_as_ever() {
    for seed in 1..20 {
        let found = [false, true].map(|order| report(0.0, order, &mut Draws(seed)));
        let is_alike = |report: &Report| {
            report.columns.iter().any(|column| column.rows_per_independent.is_some())
        };
        assert!(is_alike(&found[1]) || found[0] == found[1], "{seed}");
    }
}

#[test]
fn chunks_of_a_series_do_not_drift_and_a_shift_is_found() {
    let by = ChunkOptions { rows: Some(500), ..ChunkOptions::default() };
    let run = |draws: &mut Draws, shift: f64| {
        let (reference, current) = (draws.table(0.9, 4000), draws.table(0.9, 4000));
        let mut moved = Table::new();
        for (name, column) in current.columns() {
            let column = match column {
                Column::Numeric(values) => {
                    Column::Numeric(values.iter().map(|it| it + shift).collect())
                }
                column => column.clone(),
            };
            moved.try_push(name, column).unwrap();
        }
        compare_chunks(&reference, &moved, &by, &options(false)).unwrap().verdict
    };
    let quiet = alarms(30, |draws| run(draws, 0.0));
    assert!(quiet <= 5, "{quiet} of 30");
    let shifted = alarms(30, |draws| run(draws, 2.0));
    assert_eq!(shifted, 30);
}

#[test]
fn the_report_says_it_and_keeps_what_was_measured() {
    let [order, unknown] = [true, false].map(|order| report(0.9, order, &mut Draws(1)));
    for (one, other) in order.columns.iter().zip(&unknown.columns) {
        let rows = one.rows_per_independent.unwrap();
        assert_eq!(other.rows_per_independent, Some(rows));
        assert!((5.0..30.0).contains(&rows), "{}: {rows}", one.name);
        assert!(one.note.as_ref().unwrap().starts_with("rows depend on each other: "));
        assert_eq!(other.note, None);
        let (test, raw) = (&one.tests[0], &other.tests[0]);
        assert_eq!(
            (test.statistic, test.p_value, test.effect),
            (raw.statistic, raw.p_value, raw.effect)
        );
        assert!(test.p_effective > test.p_value && raw.p_effective.is_none());
        assert!(test.detectable_effect > raw.detectable_effect);
    }
    let (gaps, raw) = (&order.columns[2].missing_test, &unknown.columns[2].missing_test);
    assert!(gaps.as_ref().unwrap().p_effective > raw.as_ref().unwrap().p_value);
    let json = serde_json::to_string(&order).unwrap();
    assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), order);
}

#[test]
fn a_table_that_was_sorted_is_not_told_of_it() {
    let ramp = || Column::Numeric((0..1000).map(f64::from).collect());
    let [mut reference, mut current] = [Table::new(), Table::new()];
    reference.try_push("id", ramp()).unwrap();
    current.try_push("id", ramp()).unwrap();
    let report = compare(&reference, &current, &CompareOptions::default()).unwrap();
    assert_eq!(report.columns[0].rows_per_independent, None);
}
