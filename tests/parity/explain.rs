//! SHAP values of models that XGBoost and LightGBM trained, against their own contributions and
//! shap's.

use serde_json::Value;
use tidegate_core::model::{Model, ModelFormat};
use tidegate_stats::explain::{Attributions, tree_interventional, tree_path_dependent};
use tidegate_tests::tolerance::assert_close;

use crate::golden::{bytes, cases, number, numbers, text};

/// Rows, one after the other; null is missing.
fn table(rows: &Value) -> Vec<f64> {
    let cells = rows.as_array().unwrap().iter().flat_map(|row| row.as_array().unwrap());
    cells.map(|cell| cell.as_f64().unwrap_or(f64::NAN)).collect()
}

fn model_of(case: &Value) -> Model {
    let model = Model::read(&bytes(&format!("models/{}", text(&case["model"])))).unwrap();
    assert_eq!(model.outputs() as u64, case["outputs"].as_u64().unwrap());
    model
}

/// Values are compared on the scale of the row's margin: a small value is a sum of large ones.
#[track_caller]
fn assert_attributions(function: &str, got: &Attributions, want: &Value, name: &str) {
    let want = want.as_array().unwrap();
    assert_eq!(got.rows(), want.len(), "{name}");
    for (row, want) in want.iter().enumerate() {
        for output in 0..got.outputs() {
            let want = numbers(&want[output]);
            let scale = got.expected()[output].abs() + want.iter().map(|v| v.abs()).sum::<f64>();
            assert_eq!(got.of(row, output).len(), want.len());
            for (got, want) in got.of(row, output).iter().zip(&want) {
                assert_close(function, scale + got, scale + want, name);
            }
        }
    }
}

/// The expected output and a row's values add up to the model's own output.
#[track_caller]
fn assert_additive(got: &Attributions, outputs: &[f64], name: &str) {
    for row in 0..got.rows() {
        for output in 0..got.outputs() {
            let sum = got.expected()[output] + got.of(row, output).iter().sum::<f64>();
            let want = outputs[row * got.outputs() + output];
            assert!((sum - want).abs() <= 1e-12 * want.abs().max(1.0), "{name}: {sum} for {want}");
        }
    }
}

#[test]
fn trees_as_their_own_libraries_and_shap() {
    for case in cases("explain.json").iter().filter(|case| case["kind"] == "tree") {
        let name = text(&case["name"]);
        let model = model_of(case);
        let exactly = match model.format {
            ModelFormat::LightgbmText => "tree_path_dependent",
            _ => "tree_path_dependent_32_bits",
        };
        let rows = table(&case["rows"]);
        let margins = model.ensemble.outputs_of(&rows).unwrap();
        for (got, want) in margins.iter().zip(table(&case["margins"])) {
            assert_close(exactly, *got, want, name);
        }
        let got = tree_path_dependent(&model.ensemble, &rows).unwrap();
        for (got, want) in got.expected().iter().zip(numbers(&case["expected"])) {
            assert_close(exactly, 1.0 + got, 1.0 + want, name);
        }
        assert_attributions(exactly, &got, &case["path_dependent"], name);
        assert_additive(&got, &margins, name);

        if case["interventional"].is_array() {
            let background = table(&case["background"]);
            let got = tree_interventional(&model.ensemble, &rows, &background).unwrap();
            for (got, want) in got.expected().iter().zip(numbers(&case["interventional_expected"]))
            {
                assert_close("tree_interventional", 1.0 + got, 1.0 + want, name);
            }
            assert_attributions("tree_interventional", &got, &case["interventional"], name);
            assert_additive(&got, &margins, name);
        }
        if let Some(names) = case["names"].as_array() {
            let names: Vec<Vec<String>> =
                names.iter().map(|names| serde_json::from_value(names.clone()).unwrap()).collect();
            assert_eq!(model.categories, names, "{name}");
        }
        assert!(number(&case["outputs"]) >= 1.0);
    }
}
