//! Comparing whole tables: files in, a report out.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::fs;
use std::path::Path;

use tidegate_core::compare::{
    BinnedColumn, BinnedCounts, Bins, CompareError, CompareOptions, Methods, binned_column, compare,
};
use tidegate_core::report::{
    ColumnCounts, ColumnKind, ColumnReport, Distribution, Method, Report, SignalKind, Verdict,
    adjust,
};
use tidegate_core::table::csv::{CsvOptions, CsvReader};
use tidegate_core::table::{Column, MISSING, Table};
use tidegate_stats::Decision;

fn sample(name: &str) -> Table {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden/samples");
    let mut reader = CsvReader::new(CsvOptions::default());
    reader.push(&fs::read(folder.join(name)).unwrap()).unwrap();
    reader.finish().unwrap()
}

fn table<const N: usize>(columns: [(&str, Column); N]) -> Table {
    let mut table = Table::new();
    for (name, column) in columns {
        table.try_push(name, column).unwrap();
    }
    table
}

fn numbers(values: impl IntoIterator<Item = f64>) -> Column {
    Column::Numeric(values.into_iter().collect())
}

fn ramp(from: i32, to: i32) -> Column {
    numbers((from..to).map(f64::from))
}

/// A column with so many rows of each category.
fn categories(counts: &[(&str, usize)]) -> Column {
    let codes = counts.iter().zip(0..).flat_map(|((_, count), code)| vec![code; *count]).collect();
    Column::Categorical { codes, levels: counts.iter().map(|(name, _)| (*name).into()).collect() }
}

fn options(json: &str) -> CompareOptions {
    CompareOptions::from_json(json).unwrap()
}

/// The report on one column.
fn compare_one(reference: Column, current: Column, json: &str) -> ColumnReport {
    let (reference, current) = (table([("c", reference)]), table([("c", current)]));
    let report = compare(&reference, &current, &options(json)).unwrap();
    report.columns.into_iter().next().unwrap()
}

fn methods(column: &ColumnReport) -> Vec<Method> {
    column.tests.iter().map(|test| test.method).collect()
}

fn close(got: f64, want: f64) -> bool {
    (got - want).abs() <= 1e-11 * want.abs()
}

fn assert_round_trips(report: &Report) {
    let json = serde_json::to_string(report).unwrap();
    // Fields that may be null are options: anything else that is null was no number.
    assert_eq!(&serde_json::from_str::<Report>(&json).unwrap(), report);
}

/// Statistics and p-values by scipy 1.17.1 (`ks_2samp`; the p-value of `class`, chi-square with one
/// degree of freedom, is `erfc(sqrt(x / 2))`), adjusted by hand, as `p · 7 / rank`.
#[test]
fn the_electricity_market_drifts_in_its_prices_and_transfers() {
    let (reference, current) = (sample("elec2_reference.csv"), sample("elec2_current.csv"));
    let report = compare(&reference, &current, &CompareOptions::default()).unwrap();
    assert_eq!(report.schema, "tidegate.report/1");
    assert_eq!(report.verdict, Verdict::Drift);
    assert_eq!((report.reference.rows, report.current.rows), (378, 378));
    let (drift, no_drift) = (Verdict::Drift, Verdict::NoDrift);
    let expected = [
        ("period", 0.0, 1.0, 1.0, 0, no_drift),
        ("nswprice", 0.42063492063492064, 2.3638479483816322e-30, 5.5156452128904755e-30, 8, drift),
        ("nswdemand", 0.037037037037037035, 0.9581784870295064, 1.0, 4, no_drift),
        ("vicprice", 0.5026455026455027, 8.63921533788521e-44, 3.0237253682598233e-43, 21, drift),
        ("vicdemand", 0.4126984126984127, 3.372441819747938e-29, 5.901773184558891e-29, 24, drift),
        ("transfer", 0.5767195767195767, 1.847463601330153e-58, 1.293224520931107e-57, 24, drift),
        ("class", 0.19052419354838712, 0.6624806934699178, 0.9274729708578849, 0, no_drift),
    ];
    for (column, (name, statistic, p_value, p_adjusted, unseen, verdict)) in
        report.columns.iter().zip(expected)
    {
        assert_eq!(column.name, name);
        let deciding = &column.tests[0];
        assert!(close(deciding.statistic, statistic), "{name}: {}", deciding.statistic);
        assert!(close(deciding.p_value.unwrap(), p_value), "{name}: {:?}", deciding.p_value);
        assert!(close(deciding.p_adjusted.unwrap(), p_adjusted), "{name}");
        assert_eq!((column.verdict, column.unseen.count), (verdict, unseen), "{name}");
        assert_eq!(column.note, None);
    }
    use Method::{ChiSquare, JensenShannon, KolmogorovSmirnov, Psi, Wasserstein};
    let numeric = [KolmogorovSmirnov, Psi, Wasserstein, JensenShannon];
    assert_eq!(methods(&report.columns[0]), numeric);
    assert_eq!(methods(&report.columns[6]), [ChiSquare, Psi, JensenShannon]);
    assert_round_trips(&report);
}

#[test]
fn a_table_does_not_drift_from_itself() {
    let reference = sample("california_reference.csv");
    let report = compare(&reference, &reference, &CompareOptions::default()).unwrap();
    for column in &report.columns {
        assert_eq!(column.tests[0].statistic, 0.0, "{}", column.name);
        assert_eq!(column.unseen.count, 0, "{}", column.name);
        assert_ne!(column.verdict, Verdict::Drift, "{}", column.name);
    }
    assert_ne!(report.verdict, Verdict::Drift);
}

#[test]
fn chosen_methods_replace_the_defaults_and_the_first_decides() {
    let all = compare_one(ramp(0, 100), ramp(0, 100), r#"{"methods": "all"}"#);
    assert_eq!(methods(&all).len(), Method::ALL.len() - 1, "Fisher's is for two categories");
    assert_eq!(methods(&all)[0], Method::KolmogorovSmirnov);
    let chosen = compare_one(ramp(0, 100), ramp(50, 150), r#"{"methods": ["wasserstein", "psi"]}"#);
    assert_eq!(methods(&chosen), [Method::Wasserstein, Method::Psi]);
    assert_eq!(chosen.verdict, chosen.tests[0].verdict);
    let unfit = categories(&[("a", 100)]);
    let unfit = compare_one(unfit.clone(), unfit, r#"{"methods": ["kolmogorov_smirnov"]}"#);
    assert_eq!(unfit.verdict, Verdict::InsufficientData);
    assert_eq!(
        unfit.note.as_deref(),
        Some("none of the chosen methods fits a column of this kind")
    );
}

#[test]
fn alpha_and_the_effect_floor_are_the_users() {
    let verdict = |json| compare_one(ramp(0, 1000), ramp(150, 1150), json).verdict;
    assert_eq!(verdict("{}"), Verdict::Drift);
    let strict = r#"{"effect_floor": {"kolmogorov_smirnov": 0.2}}"#;
    assert_eq!(verdict(strict), Verdict::NoDrift);
    assert_eq!(verdict(r#"{"alpha": 1e-12}"#), Verdict::NoDrift);
}

#[test]
fn missing_values_are_counted_and_tested_apart_from_the_rest() {
    let half = (0..1000).map(|row| if row % 2 == 0 { f64::from(row) } else { f64::NAN });
    let column = compare_one(ramp(0, 1000), numbers(half), "{}");
    assert_eq!(column.reference, ColumnCounts { count: 1000, missing: 0 });
    assert_eq!(column.current, ColumnCounts { count: 500, missing: 500 });
    assert_eq!(column.verdict, Verdict::NoDrift);
    let missing = column.missing_test.unwrap();
    // 2×2 by hand: 2000 · (1000·500 − 0·500)² / (1000 · 1000 · 1500 · 500).
    assert!(close(missing.statistic, 2000.0 / 3.0), "{}", missing.statistic);
    assert_eq!(missing.verdict, Verdict::Drift);
    assert_eq!(compare_one(ramp(0, 9), ramp(0, 9), "{}").missing_test, None);
    // What is missing is no matter of the column's values, and is one of the report.
    let half = (0..1000).map(|row| if row % 2 == 0 { f64::from(row) } else { f64::NAN });
    let (one, other) = (table([("c", ramp(0, 1000))]), table([("c", numbers(half))]));
    assert_eq!(compare(&one, &other, &options("{}")).unwrap().verdict, Verdict::Drift);
}

#[test]
fn rows_that_no_test_of_the_values_shows_are_signals() {
    let found = |column: &ColumnReport| -> Vec<(SignalKind, f64, Verdict)> {
        column.signals.iter().map(|found| (found.signal, found.share, found.verdict)).collect()
    };
    let current = numbers((0..1100).map(|row| if row < 1000 { f64::from(row) } else { f64::NAN }));
    let column = compare_one(ramp(0, 1000), current, "{}");
    assert_eq!(
        found(&column),
        [
            (SignalKind::OutOfRange, 0.0, Verdict::NoDrift),
            (SignalKind::Missing, 1.0 / 11.0, Verdict::Drift),
        ]
    );
    assert_eq!(column.signals[1].p_adjusted, Some(column.signals[1].p_value));

    // 50 of 1000 are beyond the range: too few for the test of the values, and far from chance's 2.
    let column = compare_one(ramp(0, 1000), ramp(50, 1050), "{}");
    assert_eq!(column.verdict, Verdict::NoDrift);
    assert_eq!(found(&column), [(SignalKind::OutOfRange, 0.05, Verdict::Drift)]);
    assert!((column.signals[0].expected_share - 2.0 / 1001.0).abs() < 1e-15);

    let reference = categories(&[("a", 600), ("b", 360), ("c", 40)]);
    let column = compare_one(reference, categories(&[("a", 600), ("b", 398), ("d", 2)]), "{}");
    assert_eq!(
        found(&column),
        [
            (SignalKind::NewCategories, 0.002, Verdict::NoDrift),
            (SignalKind::VanishedCategories, 0.04, Verdict::Drift),
        ]
    );
    // Of a column that is not there, nothing is said.
    let (one, other) = (table([("c", ramp(0, 9))]), table([]));
    let report = compare(&one, &other, &options("{}")).unwrap();
    assert!(report.columns[0].signals.is_empty());
}

#[test]
fn infinities_are_in_the_bins_and_noted() {
    let with_infinities = |count: usize| {
        let infinities = [f64::INFINITY, f64::NEG_INFINITY].into_iter().cycle().take(count);
        numbers((0..1000).map(f64::from).chain(infinities))
    };
    let column = compare_one(with_infinities(0), with_infinities(3), r#"{"methods": "all"}"#);
    assert_eq!(column.current, ColumnCounts { count: 1003, missing: 0 });
    assert_eq!(column.tests.len(), Method::ALL.len() - 1);
    assert_eq!(column.tests[0].statistic, 0.0);
    assert_eq!(column.unseen.count, 3);
    assert_eq!(
        column.note.as_deref(),
        Some(
            "infinite values (0 in the reference, 3 in the current table) are in the outer bins, \
             but not in the methods that need the values, such as kolmogorov_smirnov"
        )
    );
    let Distribution::Bins { below, above, .. } = column.distribution else { panic!() };
    // The half of a per cent at each end of the reference is beyond the drawing too.
    assert_eq!(below[1] - below[0], 1);
    assert_eq!(above[1] - above[0], 2);

    let only = compare_one(numbers([f64::INFINITY; 50]), ramp(0, 50), "{}");
    assert_eq!(only.verdict, Verdict::InsufficientData);
}

#[test]
fn new_categories_are_named_by_falling_count() {
    let reference = categories(&[("a", 500), ("b", 500)]);
    let current = categories(&[("x", 5), ("b", 490), ("y", 20), ("a", 490), ("z", 0)]);
    let column = compare_one(reference, current, "{}");
    assert_eq!(column.unseen.count, 25);
    assert_eq!(column.unseen.categories, ["y", "x"]);
}

#[test]
fn the_order_of_rows_and_levels_changes_no_bit() {
    let reference = categories(&[("a", 51), ("b", 30), ("c", 19), ("d", 7)]);
    let current = categories(&[("d", 70), ("c", 3), ("a", 29), ("b", 11)]);
    let turned = categories(&[("b", 11), ("a", 29), ("c", 3), ("d", 70)]);
    assert_eq!(compare_one(reference.clone(), current, "{}"), compare_one(reference, turned, "{}"));
}

#[test]
fn a_column_of_one_table_is_reported_and_not_judged() {
    let reference = table([("both", ramp(0, 9)), ("gone", ramp(0, 9))]);
    let current = table([("new", categories(&[("a", 9)])), ("both", ramp(0, 9))]);
    let report = compare(&reference, &current, &CompareOptions::default()).unwrap();
    let names: Vec<&str> = report.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["both", "gone", "new"]);
    let [gone, new] = [&report.columns[1], &report.columns[2]];
    assert_eq!(gone.note.as_deref(), Some("the current table has no such column"));
    assert_eq!(new.note.as_deref(), Some("the reference has no such column"));
    assert_eq!(new.kind, ColumnKind::Categorical);
    for column in [gone, new] {
        assert_eq!(column.verdict, Verdict::InsufficientData);
        assert_eq!(column.tests, []);
    }
    assert_eq!(gone.reference.count, 9);
    assert_eq!(gone.current, ColumnCounts::default());
    assert_round_trips(&report);
}

#[test]
fn tables_that_disagree_on_a_kind_are_compared_as_categories() {
    let column = compare_one(numbers([1.0, 2.5, 1.0]), categories(&[("1", 2), ("2.5", 1)]), "{}");
    assert_eq!(column.kind, ColumnKind::Categorical);
    assert_eq!(column.tests[0].statistic, 0.0);
    assert_eq!(
        column.note.as_deref(),
        Some("compared as categories, for the reference holds numbers and the current table text")
    );
    // Without a value, a column has no kind of its own.
    let column = compare_one(numbers([f64::NAN; 3]), categories(&[("a", 3)]), "{}");
    assert_eq!(column.kind, ColumnKind::Categorical);
    assert_eq!(column.verdict, Verdict::InsufficientData);
    assert_eq!(column.note.as_deref(), Some("not compared: the reference has no observation"));
    let unused = Column::Categorical { codes: vec![MISSING; 3], levels: vec!["unused".into()] };
    let column = compare_one(unused, ramp(0, 9), "{}");
    assert_eq!(column.kind, ColumnKind::Numeric);
    assert_eq!(column.note.as_deref(), Some("not compared: the reference has no observation"));
}

#[test]
fn the_largest_counts_do_not_overflow() {
    let names = ["a".into()];
    for bins in [Bins::Categorical { names: &names }, Bins::Numeric { edges: &[0.0], range: None }]
    {
        for (reference, current) in [([u64::MAX, 0], [0, u64::MAX]), ([u64::MAX; 2], [u64::MAX; 2])]
        {
            let counts = ColumnCounts { count: u64::MAX, missing: u64::MAX };
            let column = BinnedColumn {
                name: "c",
                bins,
                reference: BinnedCounts { counts, bins: &reference },
                current: BinnedCounts { counts, bins: &current },
                rows_per_independent: None,
            };
            let mut report = [binned_column(&column, &Methods::All, &Decision::default())];
            adjust(&mut report, &Decision::default());
            assert_eq!(report[0].reference, counts);
        }
    }
}

#[test]
fn declared_kinds_win() {
    let flags = |ones| numbers((0..1000).map(|row| f64::from(u8::from(row < ones))));
    let json = r#"{"kinds": {"c": "categorical"}}"#;
    let column = compare_one(flags(500), flags(700), json);
    assert_eq!(column.kind, ColumnKind::Categorical);
    let Distribution::Categories { names, reference, .. } = column.distribution else { panic!() };
    assert_eq!(names, ["1", "0"]);
    assert_eq!(reference, [500, 500]);

    let json = r#"{"kinds": {"c": "numeric"}}"#;
    let text = |low| categories(&[("1", low), (" 20 ", 1000 - low)]);
    let column = compare_one(text(500), text(100), json);
    assert_eq!(column.kind, ColumnKind::Numeric);
    assert_eq!(column.tests[0].statistic, 0.4);
    let column = compare_one(text(500), categories(&[("low", 9)]), json);
    assert_eq!(column.verdict, Verdict::InsufficientData);
    assert_eq!(
        column.note.as_deref(),
        Some("declared numeric, but the current table holds \"low\", which is not a number")
    );

    let one = table([("c", ramp(0, 9))]);
    let error = compare(&one, &one, &options(r#"{"kinds": {"d": "numeric"}}"#)).unwrap_err();
    assert_eq!(error, CompareError::UnknownColumn { column: "d".into() });
}

#[test]
fn no_column_makes_the_report_fail_or_holds_a_nan() {
    let odd = [
        numbers([]),
        numbers([f64::NAN]),
        numbers([1.0]),
        numbers([f64::INFINITY, f64::NEG_INFINITY]),
        numbers([f64::MAX, -f64::MAX]),
        numbers([5e-324, 0.0, -0.0]),
        numbers([7.0; 100]),
        categories(&[]),
        categories(&[("a", 1)]),
        categories(&[("a", 1000), ("", 1)]),
        Column::Categorical { codes: vec![MISSING; 3], levels: vec!["unused".into()] },
    ];
    for reference in &odd {
        for current in &odd {
            for kinds in ["{}", r#"{"methods": "all"}"#] {
                let [one, other] =
                    [reference, current].map(|column| table([("c", column.clone())]));
                let report = compare(&one, &other, &options(kinds)).unwrap();
                assert_eq!(report.columns.len(), 1);
                assert_round_trips(&report);
            }
        }
    }
    let empty = compare(&Table::new(), &Table::new(), &CompareOptions::default()).unwrap();
    assert_eq!(empty.verdict, Verdict::InsufficientData);
    assert_eq!(empty.columns, []);
}

#[test]
fn live_counts_are_compared_as_a_table_is() {
    let compare_counts = |bins, reference: &[u64], current: &[u64]| {
        let counts = |bins: &[u64]| ColumnCounts { count: bins.iter().sum(), missing: 0 };
        let column = BinnedColumn {
            name: "c",
            bins,
            reference: BinnedCounts { counts: counts(reference), bins: reference },
            current: BinnedCounts { counts: counts(current), bins: current },
            rows_per_independent: None,
        };
        binned_column(&column, &Methods::Default, &Decision::default())
    };

    let names = ["a".into(), "b".into()];
    let counted = compare_counts(Bins::Categorical { names: &names }, &[60, 40, 0], &[20, 70, 10]);
    assert_eq!(methods(&counted), [Method::ChiSquare, Method::Psi, Method::JensenShannon]);
    let whole = compare_one(
        categories(&[("a", 60), ("b", 40)]),
        categories(&[("a", 20), ("b", 70), ("c", 10)]),
        "{}",
    );
    assert!(close(counted.tests[0].statistic, whole.tests[0].statistic));
    assert_eq!(counted.unseen.count, 10);
    let Distribution::Categories { other, .. } = &counted.distribution else { panic!() };
    assert_eq!(*other, [0, 10]);

    let bins = Bins::Numeric { edges: &[0.0, 1.0], range: Some([-1.0, 3.0]) };
    let counted = compare_counts(bins, &[0, 50, 50], &[10, 45, 45]);
    assert_eq!(counted.unseen.count, 10);
    let Distribution::Bins { edges, current, .. } = &counted.distribution else { panic!() };
    assert_eq!(edges, &[-1.0, 0.0, 1.0, 3.0]);
    assert_eq!(current, &[10, 45, 45]);

    let unfit = compare_counts(bins, &[1, 2, 3], &[1, 2]);
    assert_eq!(unfit.verdict, Verdict::InsufficientData);
    assert!(unfit.note.unwrap().contains("wrong length"));
}

#[test]
fn what_other_tools_print_is_there_when_asked_for() {
    let table = |numbers: core::ops::Range<i32>, levels: [&str; 2]| {
        let rows = numbers.len();
        let mut table = Table::new();
        table.try_push("number", Column::Numeric(numbers.map(f64::from).collect())).unwrap();
        let codes = (0..rows).map(|row| u32::from(row % 4 == 0)).collect();
        let levels = levels.map(String::from).to_vec();
        table.try_push("level", Column::Categorical { codes, levels }).unwrap();
        table
    };
    let (reference, current) = (table(0..400, ["a", "b"]), table(100..400, ["a", "c"]));
    let options =
        CompareOptions::from_json(r#"{"compatibility": ["deepchecks", "evidently"]}"#).unwrap();
    let report = compare(&reference, &current, &options).unwrap();
    let score = |column: usize, method: &str| {
        let scores = &report.columns[column].compatibility;
        scores.iter().find(|score| score.method == method).unwrap().clone()
    };
    // A quarter of the reference lies below all of the current rows.
    assert_eq!((score(0, "KS").value, score(0, "KS").drift), (Some(0.25), Some(true)));
    assert_eq!(score(0, "ks").value, report.columns[0].tests[0].p_value);
    // A category that the reference lacks makes Evidently's p-value 0.
    assert_eq!(score(1, "chisquare").value, Some(0.0));
    let plain = compare(&reference, &current, &CompareOptions::default()).unwrap();
    assert!(plain.columns.iter().all(|column| column.compatibility.is_empty()));
    assert!(!serde_json::to_string(&plain).unwrap().contains("compatibility"));
}

#[test]
fn a_change_that_no_column_shows_is_seen_by_the_methods_for_rows() {
    let column = |step: usize| numbers((0..500).map(|i| (i * step % 500) as f64));
    let apart = table([("x", column(1)), ("y", column(211)), ("c", categories(&[("a", 500)]))]);
    let joined = table([("x", column(1)), ("y", column(1)), ("c", categories(&[("a", 500)]))]);
    let all = options(r#"{"multivariate": ["mmd", "pca_reconstruction", "domain_classifier"]}"#);
    let report = compare(&apart, &joined, &all).unwrap();
    assert!(report.columns.iter().all(|column| column.verdict == Verdict::NoDrift));
    assert_eq!(report.verdict, Verdict::Drift);
    assert_round_trips(&report);
    let verdicts: Vec<Verdict> = report.multivariate.iter().map(|of| of.verdict).collect();
    // Two columns apart have no main component that is short of all: nothing to reconstruct by.
    assert_eq!(verdicts, [Verdict::Drift, Verdict::InsufficientData, Verdict::Drift]);
    assert!(report.multivariate[1].note.as_ref().unwrap().starts_with("not compared: "));
    let shares = &report.multivariate[2].columns;
    assert_eq!(shares.len(), 2);
    assert!((shares[0].share - 0.5).abs() < 0.05);
    let same = compare(&apart, &apart, &all).unwrap();
    assert_eq!(same.verdict, Verdict::NoDrift);
    assert!(compare(&apart, &joined, &CompareOptions::default()).unwrap().multivariate.is_empty());
}
