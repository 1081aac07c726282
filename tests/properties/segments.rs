//! Laws of tables that are cut by a column.

use proptest::prelude::*;
use tidegate_core::compare::{CompareOptions, compare};
use tidegate_core::evaluation::{EvaluateOptions, SegmentVerdict, evaluate};
use tidegate_core::report::{Report, Segment, SegmentsReport, Verdict};
use tidegate_core::table::{Column, Table};

use crate::calibration::Random;

type Row = (Option<u32>, f64, f64);

fn table(rows: &[Row]) -> Table {
    let levels: Vec<String> = (0..30).map(|level| format!("city {level}")).collect();
    let codes = rows.iter().map(|(city, ..)| city.unwrap_or(tidegate_core::table::MISSING));
    let mut table = Table::new();
    table.try_push("city", Column::Categorical { codes: codes.collect(), levels }).unwrap();
    table.try_push("age", Column::Numeric(rows.iter().map(|(_, age, _)| *age).collect())).unwrap();
    table.try_push("pay", Column::Numeric(rows.iter().map(|(.., pay)| *pay).collect())).unwrap();
    table
}

fn by(column: &str) -> CompareOptions {
    CompareOptions { segment_by: Some(column.into()), ..CompareOptions::default() }
}

fn segments(reference: &Table, current: &Table, column: &str) -> SegmentsReport {
    compare(reference, current, &by(column)).unwrap().segments.unwrap()
}

/// But for what is said of the rows' order.
fn without_order(mut report: SegmentsReport) -> SegmentsReport {
    for segment in &mut report.segments {
        for column in &mut segment.columns {
            column.rows_per_independent = None;
        }
    }
    report
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let number = || prop_oneof![Just(f64::NAN), Just(0.0), -1e3..1e3_f64, Just(f64::INFINITY)];
    let row = (prop::option::weighted(0.9, 0..30_u32), number(), number());
    prop::collection::vec(row, 0..300)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn each_row_is_in_one_segment_and_the_whole_is_compared_as_without(
        reference in rows(),
        current in rows(),
        column in prop::sample::select(vec!["city", "age"]),
    ) {
        let tables = [table(&reference), table(&current)];
        let report = compare(&tables[0], &tables[1], &by(column)).unwrap();
        let plain = compare(&tables[0], &tables[1], &CompareOptions::default()).unwrap();
        prop_assert_eq!(&report.columns, &plain.columns);
        let found = report.segments.as_ref().unwrap();
        let sum = |of: fn(&tidegate_core::report::SegmentReport) -> u64| -> u64 {
            found.segments.iter().map(of).sum()
        };
        prop_assert_eq!(sum(|it| it.reference.rows), reference.len() as u64);
        prop_assert_eq!(sum(|it| it.current.rows), current.len() as u64);
        prop_assert!(found.segments.len() <= 22);
        for segment in &found.segments {
            let least = segment.reference.rows.min(segment.current.rows);
            prop_assert_eq!(segment.note.is_some(), least < 30);
            prop_assert_eq!(segment.columns.is_empty(), least < 30);
            prop_assert!(segment.columns.iter().all(|it| it.name != column && it.tests.len() <= 1));
        }
        let any = found.segments.iter().any(|it| it.verdict == Verdict::Drift);
        prop_assert_eq!(found.verdict == Verdict::Drift, any);
        prop_assert!(!any || report.verdict == Verdict::Drift);
        let json = serde_json::to_string(&report).unwrap();
        prop_assert_eq!(serde_json::from_str::<Report>(&json).unwrap(), report);
    }

    #[test]
    fn no_verdict_depends_on_the_order_of_rows(
        (reference, shuffled) in rows().prop_flat_map(|rows| (Just(rows.clone()), Just(rows).prop_shuffle())),
        current in rows(),
    ) {
        let current = table(&current);
        for column in ["city", "age"] {
            prop_assert_eq!(
                without_order(segments(&table(&reference), &current, column)),
                without_order(segments(&table(&shuffled), &current, column))
            );
        }
    }

    #[test]
    fn a_segment_is_what_its_rows_alone_are_but_for_the_correction(
        reference in rows(),
        current in rows(),
    ) {
        let tables = [table(&reference), table(&current)];
        for segment in segments(&tables[0], &tables[1], "city").segments {
            let Segment::Category { name } = &segment.segment else { continue };
            let of = |rows: &[Row]| {
                let level: u32 = name.trim_start_matches("city ").parse().unwrap();
                table(&rows.iter().filter(|(city, ..)| *city == Some(level)).copied().collect::<Vec<_>>())
            };
            let alone = compare(&of(&reference), &of(&current), &CompareOptions::default()).unwrap();
            for column in &segment.columns {
                let other = alone.columns.iter().find(|it| it.name == column.name).unwrap();
                prop_assert_eq!(&column.distribution, &other.distribution);
                prop_assert_eq!(
                    column.tests.first().map(|it| (it.statistic, it.p_value)),
                    other.tests.first().map(|it| (it.statistic, it.p_value))
                );
            }
        }
    }
}

/// Tables of five cities, in one of which `pay` moves by so much.
fn cities(random: &mut Random, moved: f64) -> [Table; 2] {
    let mut rows = |moved: f64| -> Vec<Row> {
        let mut row = |index: usize| {
            let city = (index % 5) as u32;
            let shift = if city == 3 { moved } else { 0.0 };
            (Some(city), random.normal(), random.normal() + shift)
        };
        (0..1000).map(&mut row).collect()
    };
    [table(&rows(0.0)), table(&rows(moved))]
}

#[test]
fn segments_raise_no_more_false_alarms_than_alpha_and_one_that_moved_is_found() {
    let mut random = Random(17);
    let runs = 200;
    let (mut alarms, mut found, mut others) = (0, 0, 0);
    for _ in 0..runs {
        let [reference, current] = cities(&mut random, 0.0);
        alarms += u32::from(segments(&reference, &current, "city").verdict == Verdict::Drift);
    }
    for _ in 0..20 {
        let [reference, current] = cities(&mut random, 0.8);
        let report = segments(&reference, &current, "city");
        let drifted: Vec<&Segment> = report
            .segments
            .iter()
            .filter(|it| it.verdict == Verdict::Drift)
            .map(|it| &it.segment)
            .collect();
        let moved = drifted.contains(&&Segment::Category { name: "city 3".into() });
        found += usize::from(moved);
        others += drifted.len() - usize::from(moved);
    }
    // At 0.05 a binomial count of 200 is above 22 once in 15,000 times.
    assert!(alarms <= 22, "{alarms} of {runs}");
    assert_eq!(found, 20);
    // One in twenty of what is told is expected to be none.
    assert!(others <= 4, "{others} beside 20");
}

#[test]
fn an_evaluation_tells_the_segment_where_a_model_fails_and_no_other() {
    let mut random = Random(23);
    let mut evaluated = |accuracy_of_3: f64| {
        let [mut codes, mut labels, mut predictions] = [(); 3].map(|()| Vec::new());
        for index in 0..2000 {
            let city = f64::from(index % 5);
            let label = f64::from(u8::from(random.uniform() < 0.5));
            let accuracy = if index % 5 == 3 { accuracy_of_3 } else { 0.9 };
            let is_right = random.uniform() < accuracy;
            codes.push(city);
            labels.push(label);
            predictions.push(if is_right { label } else { 1.0 - label });
        }
        let mut table = Table::new();
        table.try_push("city", Column::Numeric(codes)).unwrap();
        table.try_push("y", Column::Numeric(labels)).unwrap();
        table.try_push("p", Column::Numeric(predictions)).unwrap();
        let options = r#"{"label": "y", "prediction": "p", "segment_by": "city"}"#;
        evaluate(&table, &EvaluateOptions::from_json(options).unwrap()).unwrap().segments
    };
    let is_told =
        |verdict: SegmentVerdict| matches!(verdict, SegmentVerdict::Worse | SegmentVerdict::Better);
    let false_alarms = (0..100).filter(|_| evaluated(0.9).iter().any(|it| is_told(it.verdict)));
    let false_alarms = false_alarms.count();
    assert!(false_alarms <= 13, "{false_alarms} of 100");
    for _ in 0..20 {
        let found = evaluated(0.7);
        let verdicts: Vec<SegmentVerdict> = found.iter().map(|it| it.verdict).collect();
        assert_eq!(verdicts[3], SegmentVerdict::Worse, "{verdicts:?}");
        assert!((found[3].accuracy.unwrap() - 0.7).abs() < 0.12);
    }
}
