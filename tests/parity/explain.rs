//! SHAP values of models that XGBoost and LightGBM trained, against their own contributions and
//! shap's.

use serde_json::Value;
use tidegate_core::model::{Model, ModelFormat};
use tidegate_stats::Decision;
use tidegate_stats::explain::{
    Attributions, ImportanceOptions, PermutationOptions, SplitPointOptions, exact,
    importance_drift, linear, permutation, rank_agreement, split_points, tree_interventional,
    tree_path_dependent,
};
use tidegate_tests::tolerance::{assert_close, assert_close_on_scale, assert_near};

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
                assert_close_on_scale(function, *got, *want, scale + want, name);
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
    for case in of_kind("tree") {
        let name = text(&case["name"]);
        let model = model_of(&case);
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
            assert_close_on_scale(exactly, *got, want, 1.0 + want, name);
        }
        assert_attributions(exactly, &got, &case["path_dependent"], name);
        assert_additive(&got, &margins, name);

        if case["interventional"].is_array() {
            let background = table(&case["background"]);
            let got = tree_interventional(&model.ensemble, &rows, &background).unwrap();
            for (got, want) in got.expected().iter().zip(numbers(&case["interventional_expected"]))
            {
                assert_close_on_scale("tree_interventional", *got, want, 1.0 + want, name);
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

fn of_kind(kind: &str) -> Vec<Value> {
    let mut cases = cases("explain.json");
    cases.retain(|case| case["kind"] == kind);
    assert!(!cases.is_empty(), "explain.json has no {kind}");
    cases
}

/// One output a row, in place of an output's list.
fn single_output(want: &Value) -> Value {
    want.as_array().unwrap().iter().map(|row| Value::Array(vec![row.clone()])).collect()
}

#[test]
fn linear_as_shap() {
    for case in of_kind("linear") {
        let name = text(&case["name"]);
        let (rows, background) = (table(&case["rows"]), table(&case["background"]));
        let coefficients = numbers(&case["coefficients"]);
        let got = linear(&coefficients, number(&case["intercept"]), &rows, &background).unwrap();
        assert_close("linear", got.expected()[0], number(&case["expected"]), name);
        assert_attributions("linear", &got, &single_output(&case["want"]), name);
    }
}

/// The model of `generate_explain.py`.
fn mixed(rows: &[f64]) -> Vec<f64> {
    let of = |x: &[f64]| {
        let step = if x[4] > 3.0 { x[0] } else { 1.0 };
        x[0] * x[1] + 2.0 * x[1] * x[2] * x[3] - step + x[2]
    };
    rows.chunks(5).map(of).collect()
}

#[test]
fn exact_and_permutation_as_shap() {
    for case in of_kind("exact") {
        let name = text(&case["name"]);
        let (rows, background) = (table(&case["rows"]), table(&case["background"]));
        let want = single_output(&case["want"]);
        let got = exact(mixed, &rows, &background, 5).unwrap();
        assert_close("exact", got.expected()[0], number(&case["expected"]), name);
        assert_attributions("exact", &got, &want, name);
        assert_additive(&got, &mixed(&rows), name);

        let options = PermutationOptions { pairs: 200, seed: 1 };
        let got = permutation(mixed, &rows, &background, 5, &options).unwrap();
        assert_close("exact", got.expected()[0], number(&case["expected"]), name);
        assert_attributions("permutation", &got, &want, name);
        assert_additive(&got, &mixed(&rows), name);
    }
}

#[test]
fn rank_agreement_as_scipy_and_sklearn() {
    for case in of_kind("rank") {
        let name = text(&case["name"]);
        let (reference, current) = (numbers(&case["reference"]), numbers(&case["current"]));
        let got = rank_agreement(&reference, &current).unwrap();
        assert_close("rank_agreement", got.kendall.unwrap(), number(&case["kendall"]), name);
        assert_close("rank_agreement", got.spearman.unwrap(), number(&case["spearman"]), name);
        assert_close("rank_agreement", got.ndcg.unwrap(), number(&case["ndcg"]), name);
    }
}

/// A p-value of so many random orders, within four of its standard errors.
#[track_caller]
fn assert_by_chance(got: f64, want: f64, orders: u32, name: &str) {
    let error = (want * (1.0 - want) / f64::from(orders)).sqrt();
    assert_near("by_chance", got, want, 4.0 * error + 1.0 / f64::from(orders), name);
}

#[test]
fn importance_drift_as_scipy_and_all_splits() {
    for case in of_kind("importance") {
        let name = text(&case["name"]);
        let (reference, current) = (table(&case["reference"]), table(&case["current"]));
        let options = ImportanceOptions { permutations: 4000, seed: 1 };
        let decision = Decision::default();
        let got = importance_drift(&reference, &current, 3, &decision, &options).unwrap();
        let want = |field: &str, index: usize| numbers(&case[field][index]);
        let (means, ranks) =
            ([want("means", 0), want("means", 1)], [want("ranks", 0), want("ranks", 1)]);
        for (at, feature) in got.features.iter().enumerate() {
            assert_close("importance_drift", feature.reference, means[0][at], name);
            assert_close("importance_drift", feature.current, means[1][at], name);
            assert_eq!(
                (feature.reference_rank, feature.current_rank),
                (ranks[0][at], ranks[1][at])
            );
            let statistic = number(&case["statistics"][at]);
            assert_close("kolmogorov_smirnov", feature.test.statistic, statistic, name);
            let p_value = number(&case["test_p_values"][at]);
            assert_close("ks_p_value", feature.test.p_value.unwrap(), p_value, name);
            assert_close("ks_p_value", feature.p_adjusted, number(&case["p_adjusted"][at]), name);
        }
        let agreement = [got.agreement.kendall, got.agreement.spearman, got.agreement.ndcg];
        for (got, want) in agreement.iter().zip(numbers(&case["agreement"])) {
            assert_close("rank_agreement", got.unwrap(), want, name);
        }
        let p_values = [got.kendall_p_value, got.spearman_p_value, got.ndcg_p_value];
        for (got, want) in p_values.iter().zip(numbers(&case["p_values"])) {
            assert_by_chance(*got, want, options.permutations, name);
        }
    }
}

#[test]
fn split_points_as_the_largest_t_test() {
    let options = |case: &Value, permutations| SplitPointOptions {
        min_segment: case["min_segment"].as_u64().unwrap() as usize,
        permutations,
        ..SplitPointOptions::default()
    };
    for case in of_kind("split") {
        let name = text(&case["name"]);
        let got = split_points(&numbers(&case["values"]), 1, &options(&case, 9)).unwrap()[0];
        assert_eq!(Some(got.index as u64), case["index"].as_u64(), "{name}");
        assert_close("split_points", got.statistic, number(&case["statistic"]), name);
        assert_close("split_points", got.effect, number(&case["effect"]), name);
        assert_close("split_points", got.mean_before, number(&case["means"][0]), name);
        assert_close("split_points", got.mean_after, number(&case["means"][1]), name);
    }
    for case in of_kind("split_p_value") {
        let got = split_points(&numbers(&case["values"]), 1, &options(&case, 10_000)).unwrap()[0];
        assert_by_chance(got.p_value, number(&case["p_value"]), 10_000, text(&case["name"]));
        assert_eq!(got.p_value, got.p_adjusted);
    }
}
