//! Tables cut by a column, against the same done by hand with scipy.

use serde_json::{Value, json};
use tidegate_core::compare::{CompareOptions, compare};
use tidegate_core::evaluation::{EvaluateOptions, evaluate};
use tidegate_core::report::SegmentReport;
use tidegate_core::table::Table;
use tidegate_core::table::csv::{CsvOptions, CsvReader};
use tidegate_tests::tolerance::assert_close;

use crate::golden::{bytes, cases, counts, number, numbers, text};

fn table(name: &str) -> Table {
    let mut reader = CsvReader::new(CsvOptions::default());
    reader.push(&bytes(&format!("samples/{name}.csv"))).unwrap();
    reader.finish().unwrap()
}

fn of_kind(kind: &str) -> Vec<Value> {
    let mut cases = cases("segments.json");
    cases.retain(|case| case["kind"] == kind);
    assert!(!cases.is_empty(), "segments.json has no {kind}");
    cases
}

#[test]
fn segments_are_compared_as_by_hand() {
    for case in of_kind("comparison") {
        let (sample, by) = (text(&case["sample"]), text(&case["by"]));
        let [reference, current] =
            ["reference", "current"].map(|side| table(&format!("{sample}_{side}")));
        let options = json!({ "segment_by": by }).to_string();
        let options = CompareOptions::from_json(&options).unwrap();
        let segments = compare(&reference, &current, &options).unwrap().segments.unwrap();
        assert_eq!(segments.by, by);
        let want = case["segments"].as_array().unwrap();
        assert_eq!(segments.segments.len(), want.len(), "{sample}, {by}");
        for (got, want) in segments.segments.iter().zip(want) {
            compare_segment(got, want, &format!("{sample} by {by}, {}", want["segment"]));
        }
    }
}

fn compare_segment(got: &SegmentReport, want: &Value, context: &str) {
    assert_eq!(serde_json::to_value(&got.segment).unwrap(), want["segment"], "{context}");
    assert_eq!([got.reference.rows, got.current.rows][..], counts(&want["rows"]), "{context}");
    let columns = want["columns"].as_array().unwrap();
    assert_eq!(got.columns.len(), columns.len(), "{context}");
    assert_eq!(got.note.is_some(), columns.is_empty(), "{context}");
    for (got, want) in got.columns.iter().zip(columns) {
        let context = format!("{context}, {}", got.name);
        assert_eq!(got.name, text(&want["name"]), "{context}");
        let [test] = got.tests.as_slice() else { panic!("{context}: one test") };
        assert_eq!(serde_json::to_value(test.method).unwrap(), want["method"], "{context}");
        let function = text(&want["method"]);
        assert_close(function, test.statistic, number(&want["statistic"]), &context);
        let p_value = if function == "chi_square" { "chi_square_p_value" } else { "ks_p_value" };
        assert_close(p_value, test.p_value.unwrap(), number(&want["p_value"]), &context);
        assert_close(p_value, test.p_adjusted.unwrap(), number(&want["p_adjusted"]), &context);
    }
}

#[test]
fn segments_are_evaluated_as_by_hand() {
    for case in of_kind("evaluation") {
        let (sample, by) = (text(&case["sample"]), text(&case["by"]));
        let options = json!({
            "label": case["label"], "prediction": case["prediction"], "segment_by": by,
        });
        let options = EvaluateOptions::from_json(&options.to_string()).unwrap();
        let found = evaluate(&table(sample), &options).unwrap().segments;
        let want = case["segments"].as_array().unwrap();
        assert_eq!(found.len(), want.len(), "{sample}, {by}");
        for (got, want) in found.iter().zip(want) {
            let context = format!("{sample} by {by}, {}", want["segment"]);
            assert_eq!(serde_json::to_value(&got.segment).unwrap(), want["segment"], "{context}");
            assert_eq!(got.rows, want["rows"].as_u64().unwrap(), "{context}");
            let figure = got.accuracy.or(got.mae).unwrap();
            assert_close("segment_figure", figure, number(&want["figure"]), &context);
            assert_close("segment_figure", got.rest.unwrap(), number(&want["rest"]), &context);
            if let Some([lower, upper]) = got.accuracy_interval {
                let interval = numbers(&want["interval"]);
                assert_close("wilson", lower, interval[0], &context);
                assert_close("wilson", upper, interval[1], &context);
            }
            assert_eq!(got.p_value.is_some(), want["p_value"].is_number(), "{context}");
            let function =
                if got.mae.is_some() { "welch_t_p_value" } else { "fisher_exact_p_value" };
            for (got, want) in
                [(got.p_value, &want["p_value"]), (got.p_adjusted, &want["p_adjusted"])]
            {
                if let Some(got) = got {
                    assert_close(function, got, number(want), &context);
                }
            }
        }
    }
}
