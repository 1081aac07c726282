//! Evaluations, estimates and experiments of any table: no panic, no number that is none, every row accounted for.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use proptest::prelude::*;
use serde_json::Value;
use tidegate_core::evaluation::{EvaluateOptions, estimate, evaluate};
use tidegate_core::experiment::{ExperimentAnalysisOptions, experiment_of_table};
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
