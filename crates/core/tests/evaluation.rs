//! Evaluations, estimates and experiments of any table: no panic, no number that is none, every row accounted for.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use proptest::prelude::*;
use serde_json::Value;
use tidegate_core::compare::ChunkOptions;
use tidegate_core::evaluation::{
    EstimatedChunk, EvaluateOptions, estimate, estimate_chunks, evaluate,
};
use tidegate_core::experiment::{ExperimentAnalysisOptions, experiment_of_table};
use tidegate_core::report::Verdict;
use tidegate_core::table::csv::{CsvOptions, CsvReader};
use tidegate_core::table::{Column, MISSING, Table};

const COLUMNS: &str =
    r#"{"label": "y", "prediction": "p", "score": "s", "missing": "leave_out", "positive": "b"}"#;

/// A label, a prediction and a score, each of which may be missing.
type Row = (Option<bool>, Option<bool>, f64);

fn row() -> impl Strategy<Value = Row> {
    let class = || prop::option::weighted(0.9, any::<bool>());
    let score = prop_oneof![8 => 0.0..=1.0, 1 => Just(f64::NAN), 2 => Just(0.5)];
    (class(), class(), score)
}

fn table(rows: &[Row]) -> Table {
    let codes = |of: fn(&Row) -> Option<bool>| Column::Categorical {
        codes: rows.iter().map(|row| of(row).map_or(MISSING, u32::from)).collect(),
        levels: vec!["a".into(), "b".into()],
    };
    let mut table = Table::new();
    table.try_push("y", codes(|row| row.0)).unwrap();
    table.try_push("p", codes(|row| row.1)).unwrap();
    table.try_push("s", Column::Numeric(rows.iter().map(|row| row.2).collect())).unwrap();
    table
}

/// Every number of a report; JSON has none that is not finite, but `null` in its place.
fn numbers(value: &Value, found: &mut Vec<f64>) {
    match value {
        Value::Number(number) => found.push(number.as_f64().unwrap()),
        Value::Array(list) => list.iter().for_each(|one| numbers(one, found)),
        Value::Object(fields) => fields.values().for_each(|one| numbers(one, found)),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_row_is_counted_or_left_out_and_order_changes_no_count(
        rows in prop::collection::vec(row(), 1..60),
        shift in 0_usize..60,
    ) {
        let options = EvaluateOptions::from_json(COLUMNS).unwrap();
        let Ok(found) = evaluate(&table(&rows), &options) else {
            let whole = rows.iter().filter(|row| row.0.is_some() && row.1.is_some());
            prop_assert_eq!(whole.filter(|row| !row.2.is_nan()).count(), 0);
            return Ok(());
        };
        prop_assert_eq!(found.rows + found.left_out_rows, rows.len() as u64);
        let classification = found.classification.as_ref().unwrap();
        let counted: u64 = classification.confusion.iter().flatten().sum();
        prop_assert_eq!(counted, found.rows);

        let mut turned = rows.clone();
        turned.rotate_left(shift % rows.len());
        let again = evaluate(&table(&turned), &options).unwrap();
        prop_assert_eq!(&again.classification, &found.classification);
        let area = |found: &tidegate_core::evaluation::Evaluation| {
            found.scores.as_ref().and_then(|scores| scores.roc_auc)
        };
        prop_assert_eq!(area(&again), area(&found));
    }

    #[test]
    fn an_estimate_is_within_its_range(
        rows in prop::collection::vec(row(), 4..60),
        newer in prop::collection::vec(row(), 1..60),
    ) {
        let options = EvaluateOptions::from_json(COLUMNS).unwrap();
        let Ok(found) = estimate(&table(&rows), &table(&newer), &options) else { return Ok(()) };
        for figure in &found.figures {
            let all = [figure.estimated, figure.reference, figure.realized];
            for value in all.into_iter().flatten().chain(figure.interval.into_iter().flatten()) {
                prop_assert!((0.0..=1.0).contains(&value), "{}: {value}", figure.name);
            }
        }
        let expected: f64 = found.confusion.iter().flatten().sum();
        prop_assert!((expected - found.rows as f64).abs() < 1e-6);
    }

    #[test]
    fn an_experiment_says_nothing_that_is_no_number(
        units in prop::collection::vec((0_u32..3, prop_oneof![-1e9..1e9, Just(0.0), Just(1.0)]), 2..80),
    ) {
        let mut table = Table::new();
        let levels = vec!["a".into(), "b".into(), "c".into()];
        let codes = units.iter().map(|unit| unit.0).collect();
        table.try_push("v", Column::Categorical { codes, levels }).unwrap();
        let values = units.iter().map(|unit| unit.1).collect();
        table.try_push("x", Column::Numeric(values)).unwrap();
        let options = r#"{"variant": "v", "outcome": "x"}"#;
        let options = ExperimentAnalysisOptions::from_json(options).unwrap();
        let Ok(found) = experiment_of_table(&table, &options) else { return Ok(()) };
        let counted: u64 = found.variants.iter().map(|variant| variant.count).sum();
        prop_assert_eq!(counted, units.len() as u64);
        let mut all = Vec::new();
        numbers(&serde_json::to_value(&found).unwrap(), &mut all);
        prop_assert!(all.iter().all(|number| number.is_finite()));
        for effect in found.variants.iter().filter_map(|variant| variant.effect.as_ref()) {
            prop_assert!(effect.p_adjusted.is_none_or(|p| (0.0..=1.0).contains(&p)));
        }
    }
}

fn golden(file: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/");
    std::fs::read_to_string(format!("{folder}{file}")).unwrap()
}

/// A table of the golden files, with the times of its rows if they have some.
fn sample(name: &str, every_seconds: Option<f64>, start: f64) -> Table {
    let mut reader = CsvReader::new(CsvOptions::default());
    reader.push(golden(&format!("samples/{name}.csv")).as_bytes()).unwrap();
    let mut table = reader.finish().unwrap();
    if let Some(every) = every_seconds {
        let times = (0..table.rows()).map(|row| start + every * row as f64).collect();
        table.try_push("at", Column::Numeric(times)).unwrap();
    }
    table
}

fn near(got: Option<f64>, want: &Value, context: &str) {
    match want.as_f64() {
        None => assert_eq!(got, None, "{context}"),
        Some(want) => {
            let got = got.unwrap_or_else(|| panic!("{context} has no value"));
            assert!((got - want).abs() <= 1e-12 * want.abs(), "{context}: {got} for {want}");
        }
    }
}

#[test]
fn chunks_are_estimated_and_alarm_as_in_nannyml() {
    let file: Value = serde_json::from_str(&golden("estimate_chunks.json")).unwrap();
    let start = file["header"]["start"].as_f64().unwrap();
    for case in file["cases"].as_array().unwrap() {
        let [reference, current] = [0, 1].map(|side| {
            let name = case["tables"][side].as_str().unwrap();
            sample(name, case["every_seconds"].as_f64(), start)
        });
        let scores = &case["scores"];
        let key = if scores.is_string() { "score" } else { "scores" };
        let asked = serde_json::json!({"label": "y_true", "prediction": "y_pred", key: scores});
        let options = EvaluateOptions::from_json(&asked.to_string()).unwrap();
        let by = ChunkOptions::from_json(&case["by"].to_string()).unwrap();
        let found = estimate_chunks(&reference, &current, &by, &options).unwrap();

        for (place, threshold) in found.thresholds.iter().enumerate() {
            let figure = threshold.name.as_str();
            let context = format!("{}: {figure}", case["name"]);
            for (end, want) in case["thresholds"][figure].as_array().unwrap().iter().enumerate() {
                near(threshold.interval.map(|it| it[end]), want, &context);
            }
            for (side, chunks) in
                [("reference", &found.reference_chunks), ("current", &found.chunks)]
            {
                let want = &case[side];
                let rows = |chunk: &EstimatedChunk| Value::from(chunk.rows);
                assert_eq!(chunks.iter().map(rows).collect::<Value>(), want["rows"], "{context}");
                for (index, chunk) in chunks.iter().enumerate() {
                    let figure_found = &chunk.figures[place];
                    let want = &want[figure];
                    near(figure_found.estimated, &want["estimated"][index], &context);
                    if want["realized"].is_array() {
                        near(figure_found.realized, &want["realized"][index], &context);
                    }
                    if want["sampling_error"].is_array() {
                        near(figure_found.sampling_error, &want["sampling_error"][index], &context);
                    }
                    let alarms = figure_found.verdict == Verdict::Drift;
                    assert_eq!(Value::from(alarms), want["alert"][index], "{context} {index}");
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn chunks_hold_every_row_and_one_chunk_is_the_whole(
        before in prop::collection::vec(row(), 4..60),
        now in prop::collection::vec(row(), 1..60),
        rows in 1_u64..20,
    ) {
        let options = EvaluateOptions::from_json(COLUMNS).unwrap();
        let (before, now) = (table(&before), table(&now));
        let by = |rows| ChunkOptions { rows: Some(rows), ..ChunkOptions::default() };
        match (estimate(&before, &now, &options), estimate_chunks(&before, &now, &by(rows), &options)) {
            (Ok(whole), Ok(found)) => {
                let sum: u64 = found.chunks.iter().map(|chunk| chunk.rows).sum();
                prop_assert_eq!(sum, now.rows() as u64);
                prop_assert_eq!((found.rows, found.left_out_rows), (whole.rows, whole.left_out_rows));
                let json = serde_json::to_value(&found).unwrap();
                let mut all = Vec::new();
                numbers(&json, &mut all);
                prop_assert!(all.iter().all(|number| number.is_finite()));
                let one = estimate_chunks(&before, &now, &by(1000), &options).unwrap();
                let values = |figures: &[tidegate_core::evaluation::EstimatedFigure]| {
                    figures.iter().map(|it| (it.estimated, it.realized)).collect::<Vec<_>>()
                };
                prop_assert_eq!(values(&one.chunks[0].figures), values(&whole.figures));
                prop_assert!(one.thresholds.iter().all(|it| it.interval.is_none()));
            }
            (whole, found) => prop_assert_eq!(whole.err(), found.err()),
        }
    }
}
