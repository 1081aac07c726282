use core::ops::Range;
use std::collections::BTreeMap;

use serde_json::Value;
use tidegate_stats::{
    Error, Interval,
    estimate::{
        Cbpe, CbpeOfClasses, CellScale, Estimated, Estimates, ExpectedConfusion, Isotonic,
        needs_calibration, usual_band,
    },
    quality::ConfusionMatrix,
};
use tidegate_tests::tolerance::assert_close;

use crate::golden::{cases, column, counts, number, numbers, text};

const SCALES: [(CellScale, &str); 4] = [
    (CellScale::Count, "cells_count"),
    (CellScale::All, "cells_all"),
    (CellScale::Actual, "cells_actual"),
    (CellScale::Predicted, "cells_predicted"),
];

fn of_kind(kind: &str) -> Vec<Value> {
    let mut cases = cases("cbpe.json");
    cases.retain(|case| case["kind"] == kind);
    assert!(!cases.is_empty(), "cbpe.json has no {kind}");
    cases
}

fn labels(case: &Value) -> Vec<bool> {
    text(&case["labels"]).bytes().map(|label| label == b'1').collect()
}

fn probabilities(case: &Value) -> Vec<f64> {
    numbers(&case["thousandths"]).iter().map(|thousandths| thousandths / 1000.0).collect()
}

/// A column of the case's reference or current rows.
fn side(case: &Value, side: &str, name: &str) -> Vec<f64> {
    let source = &case["source"];
    match source["both"].as_str() {
        Some(table) => {
            let rows = counts(&source[side]);
            column(&format!("samples/{table}.csv"), name)[rows[0] as usize..rows[1] as usize]
                .to_vec()
        }
        None => column(&format!("samples/{}.csv", text(&source[side])), name),
    }
}

fn flags(column: &[f64]) -> Vec<bool> {
    column.iter().map(|value| *value == 1.0).collect()
}

fn classes(column: &[f64]) -> Vec<u32> {
    column.iter().map(|value| *value as u32).collect()
}

fn chunks(len: usize, rows: usize) -> impl Iterator<Item = (usize, Range<usize>)> {
    (0..len / rows).map(move |chunk| (chunk, chunk * rows..(chunk + 1) * rows))
}

/// One figure of one chunk. What the golden file leaves out is not compared.
fn assert_figure(got: Option<Estimated>, want: &Value, chunk: usize, context: &str) {
    let got = got.unwrap_or_else(|| panic!("{context} is none"));
    let error = got.sampling_error.unwrap();
    let Interval { lower, upper } = got.interval.unwrap();
    for (got, part) in [
        (got.value, "value"),
        (error, "sampling_error"),
        (lower, "lower_confidence_boundary"),
        (upper, "upper_confidence_boundary"),
    ] {
        if want[part].is_array() {
            assert_close("cbpe", got, number(&want[part][chunk]), &format!("{context}: {part}"));
        }
    }
}

fn assert_estimates(got: &Estimates, case: &Value, chunk: usize) {
    let name = text(&case["name"]);
    for (got, figure) in [
        (got.roc_auc, "roc_auc"),
        (got.average_precision, "average_precision"),
        (got.f1, "f1"),
        (got.precision, "precision"),
        (got.recall, "recall"),
        (got.specificity, "specificity"),
        (got.accuracy, "accuracy"),
    ] {
        assert_figure(got, &case[figure], chunk, &format!("{name}, chunk {chunk}: {figure}"));
    }
    let of_precision = got.average_precision.unwrap().sampling_error.unwrap();
    let want = number(&case["average_precision_error"]);
    assert_close("average_precision_error", of_precision, want, name);
    if case["roc_auc_error_of_one_order"].is_array() {
        let want = number(&case["roc_auc_error_of_one_order"][chunk]);
        let error = got.roc_auc.unwrap().sampling_error.unwrap();
        assert_close("roc_auc_error_of_one_order", error, want, name);
    }
    let values = numbers(&case["values"]);
    let confusion: &ExpectedConfusion = &got.confusion;
    for (got, figure) in [
        (confusion.business_value(&values), "business_value"),
        (confusion.business_value_per_prediction(&values), "business_value_per_prediction"),
    ] {
        assert_figure(got.ok(), &case[figure], chunk, &format!("{name}: {figure}"));
    }
    for (scale, cells) in SCALES {
        for (cell, want) in case[cells].as_object().unwrap() {
            let [actual, predicted] = [0, 1].map(|at| u32::from(cell.as_bytes()[at] - b'0'));
            let got = confusion.cell(actual, predicted, scale);
            assert_figure(got, want, chunk, &format!("{name}: {cells} {cell}"));
        }
    }
}

/// The thresholds of accuracy, which all kinds have.
fn assert_band(actual: &[u32], predicted: &[u32], k: usize, case: &Value) {
    let rows = case["rows"].as_u64().unwrap() as usize;
    let realized: Vec<f64> = chunks(actual.len(), rows)
        .map(|(_, at)| {
            let (actual, predicted) = (&actual[at.clone()], &predicted[at]);
            ConfusionMatrix::of_predictions(k, actual, predicted).unwrap().accuracy().unwrap()
        })
        .collect();
    let band = usual_band(&realized, Interval { lower: 0.0, upper: 1.0 }).unwrap();
    let want = &case["accuracy"];
    assert_close("usual_band", band.lower, number(&want["lower_threshold"][0]), "lower");
    assert_close("usual_band", band.upper, number(&want["upper_threshold"][0]), "upper");
}

#[test]
fn cbpe_of_two_classes_as_nannyml() {
    for case in of_kind("binary") {
        let of = |which: &str, name: &str| side(&case, which, name);
        let labels = flags(&of("reference", "y_true"));
        let cbpe =
            Cbpe::fit(&labels, &of("reference", "score"), &flags(&of("reference", "y_pred")))
                .unwrap();
        assert_eq!(Some(cbpe.calibration().is_some()), case["needs_calibration"].as_bool());
        let (p, predictions) = (of("current", "score"), flags(&of("current", "y_pred")));
        for (chunk, rows) in chunks(p.len(), case["rows"].as_u64().unwrap() as usize) {
            let estimates = cbpe.estimate(&p[rows.clone()], &predictions[rows]).unwrap();
            assert_estimates(&estimates, &case, chunk);
        }
        let [actual, predicted] = ["y_true", "y_pred"].map(|name| classes(&of("reference", name)));
        assert_band(&actual, &predicted, 2, &case);
    }
}

#[test]
fn cbpe_of_counts_as_nannyml_of_rows() {
    for case in of_kind("binary") {
        let of = |which: &str, name: &str| side(&case, which, name);
        let labels = flags(&of("reference", "y_true"));
        let cbpe =
            Cbpe::fit(&labels, &of("reference", "score"), &flags(&of("reference", "y_pred")))
                .unwrap();
        let (p, predictions) = (of("current", "score"), flags(&of("current", "y_pred")));
        for (chunk, rows) in chunks(p.len(), case["rows"].as_u64().unwrap() as usize) {
            let mut counted: BTreeMap<(u64, bool), u64> = BTreeMap::new();
            for (p, prediction) in p[rows.clone()].iter().zip(&predictions[rows]) {
                *counted.entry((p.to_bits(), *prediction)).or_default() += 1;
            }
            let p: Vec<f64> = counted.keys().map(|(bits, _)| f64::from_bits(*bits)).collect();
            let predictions: Vec<bool> = counted.keys().map(|(_, it)| *it).collect();
            let counts: Vec<u64> = counted.into_values().collect();
            let got = cbpe.estimate_counted(&p, &predictions, &counts).unwrap();
            for (got, figure) in [
                (got.f1, "f1"),
                (got.precision, "precision"),
                (got.recall, "recall"),
                (got.specificity, "specificity"),
                (got.accuracy, "accuracy"),
            ] {
                assert_figure(got, &case[figure], chunk, &format!("counted: {figure}"));
            }
            for (got, figure) in
                [(got.roc_auc, "roc_auc"), (got.average_precision, "average_precision")]
            {
                let want = number(&case[figure]["value"][chunk]);
                assert_close("areas_of_counts", got.unwrap().value, want, figure);
            }
        }
    }
}

#[test]
fn cbpe_of_many_classes_as_nannyml() {
    for case in of_kind("classes") {
        let k = case["classes"].as_u64().unwrap() as usize;
        let table = |which: &str| -> Vec<f64> {
            let columns: Vec<Vec<f64>> =
                (0..k).map(|class| side(&case, which, &format!("p{class}"))).collect();
            (0..columns[0].len()).flat_map(|row| columns.iter().map(move |of| of[row])).collect()
        };
        let [actual, predicted] =
            ["y_true", "y_pred"].map(|name| classes(&side(&case, "reference", name)));
        let cbpe = CbpeOfClasses::fit(&actual, &table("reference"), &predicted, k).unwrap();
        for (class, needed) in case["needs_calibration"].as_array().unwrap().iter().enumerate() {
            assert_eq!(Some(cbpe.calibration(class as u32).is_some()), needed.as_bool());
        }
        let (p, predictions) = (table("current"), classes(&side(&case, "current", "y_pred")));
        for (chunk, rows) in chunks(predictions.len(), case["rows"].as_u64().unwrap() as usize) {
            let estimates =
                cbpe.estimate(&p[rows.start * k..rows.end * k], &predictions[rows]).unwrap();
            assert_estimates(&estimates, &case, chunk);
        }
        assert_band(&actual, &predicted, k, &case);
    }
}

#[test]
fn calibration_is_needed_where_nannyml_says_so() {
    for case in of_kind("need") {
        let needed: Result<bool, Error> = needs_calibration(&labels(&case), &probabilities(&case));
        assert_eq!(needed.ok(), case["needed"].as_bool(), "{}", case["name"]);
    }
}

#[test]
fn isotonic_curves_as_sklearn() {
    for case in of_kind("isotonic") {
        let name = text(&case["name"]);
        let curve = Isotonic::fit(&labels(&case), &probabilities(&case)).unwrap();
        let (scores, p): (Vec<f64>, Vec<f64>) = curve.knots().iter().copied().unzip();
        assert_eq!(scores, numbers(&case["scores"]), "{name}");
        for (got, want) in p.iter().zip(numbers(&case["probabilities"])) {
            assert_close("isotonic", *got, want, name);
        }
        for (at, want) in numbers(&case["at"]).iter().zip(numbers(&case["want"])) {
            assert_close("isotonic", curve.calibrate(*at), want, &format!("{name} at {at}"));
        }
    }
}
