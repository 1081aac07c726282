use serde_json::Value;
use tidegate_stats::multivariate::mmd::{
    self, Bandwidth, Estimate, KernelSums, MmdOptions, kernel_sums,
};
use tidegate_stats::multivariate::pca::{Reconstruction, ReconstructionOptions};
use tidegate_stats::multivariate::{Rows, Scale, domain_classifier};
use tidegate_stats::{Decision, Sorted};
use tidegate_tests::tolerance::assert_close;

use crate::golden::{cases, column, number, numbers, text};

fn of_kind(kind: &str) -> Vec<Value> {
    let mut cases = cases("multivariate.json");
    cases.retain(|case| case["kind"] == kind);
    assert!(!cases.is_empty(), "multivariate.json has no {kind}");
    cases
}

/// One side of a case, flat, and how many columns it has: in the case itself, or columns of a table.
fn flat(case: &Value, side: &str) -> (Vec<f64>, usize) {
    let Some(sample) = case["sample"].as_str() else {
        return (numbers(&case[side]), case["width"].as_u64().unwrap() as usize);
    };
    let file = format!("samples/{sample}_{side}.csv");
    let columns: Vec<Vec<f64>> =
        case["columns"].as_array().unwrap().iter().map(|name| column(&file, text(name))).collect();
    let row = |index: usize| columns.iter().map(move |column| column[index]);
    ((0..columns[0].len()).flat_map(row).collect(), columns.len())
}

fn assert_mmd(case: &Value, scale: Scale, bandwidth: Bandwidth, want: &Value) {
    let name = text(&case["name"]);
    let ((x, columns), (y, _)) = (flat(case, "reference"), flat(case, "current"));
    let [reference, current] = [&x, &y].map(|values| Rows::try_new(values, columns).unwrap());
    // The terms that a statistic is the difference of are near 1, and so are their errors.
    for (estimate, of) in [(Estimate::Unbiased, "unbiased"), (Estimate::Biased, "biased")] {
        let options =
            MmdOptions { bandwidth, estimate, scale, permutations: 19, ..MmdOptions::default() };
        let found = mmd::two_sample(&reference, &current, &options, &Decision::default()).unwrap();
        assert_close("mmd", found.test.statistic, number(&want[of]), name);
        assert_close("mmd_gamma", found.gamma, number(&want["gamma"]), name);
        let found_sums: KernelSums = found.sums;
        let sizes = [&reference, &current].map(|rows| rows.len() as f64);
        let of_sums = match estimate {
            Estimate::Unbiased => found_sums.unbiased(sizes),
            Estimate::Biased => found_sums.biased(sizes),
        };
        assert_close("mmd", of_sums, number(&want[of]), name);
        let sums = numbers(&want["sums"]);
        for (got, want) in
            [found.sums.reference, found.sums.current, found.sums.cross].iter().zip(&sums)
        {
            assert_close("mmd_sums", *got, *want, name);
        }
        if scale == Scale::AsGiven {
            let alone = kernel_sums(&reference, &current, found.gamma).unwrap();
            assert_eq!(alone, found.sums);
        }
    }
}

#[test]
fn mmd_as_by_rbf_kernel() {
    for case in of_kind("mmd") {
        let (median, given) = (Bandwidth::Median, Scale::AsGiven);
        assert_mmd(&case, given, median, &case["median"]);
        assert_mmd(&case, given, Bandwidth::OneOverColumns, &case["one_over_columns"]);
        assert_mmd(&case, Scale::ByReference, median, &case["standardized"]);
        assert_mmd(&case, Scale::Together, median, &case["standardized_together"]);
        if columns_of(&case) == 1 {
            let sorted = |side| Sorted::try_new(flat(&case, side).0).unwrap();
            let (reference, current) = (sorted("reference"), sorted("current"));
            let found = mmd::of_column(&reference, &current, &Decision::default()).unwrap();
            let want = number(&case["median"]["unbiased"]);
            assert_close("mmd", found.statistic, want, text(&case["name"]));
        }
    }
}

fn columns_of(case: &Value) -> usize {
    flat(case, "reference").1
}

#[test]
fn reconstruction_errors_as_by_sklearn() {
    for case in of_kind("pca") {
        let name = text(&case["name"]);
        let close =
            |function, got, want: &str| assert_close(function, got, number(&case[want]), name);
        let ((x, columns), (y, _)) = (flat(&case, "reference"), flat(&case, "current"));
        let [reference, current] = [&x, &y].map(|values| Rows::try_new(values, columns).unwrap());
        let fitted = Reconstruction::fit(&reference, &ReconstructionOptions::default()).unwrap();
        assert_eq!(Some(fitted.components() as u64), case["components"].as_u64(), "{name}");
        close("explained_variance", fitted.explained_variance(), "explained");
        let errors = fitted.errors(&current).unwrap();
        for (got, want) in errors.iter().zip(numbers(&case["first_errors"])) {
            assert_close("reconstruction_error", *got, want, name);
        }
        let found = fitted.score(&current, &Decision::default()).unwrap();
        close("reconstruction_error", found.test.statistic, "mean_error");
        close("reconstruction_error", found.reference_error, "reference_error");
        close("reconstruction_error", found.current_error, "current_error");
        close("reconstruction_effect", found.test.effect, "effect");
        close("reconstruction_p_value", found.test.p_value, "p_value");
        let expected = numbers(&case["expected"]);
        assert_close("reconstruction_error", found.expected.lower, expected[0], name);
        assert_close("reconstruction_error", found.expected.upper, expected[1], name);
    }
}

#[test]
fn the_classifier_as_by_ridge() {
    for case in of_kind("domain_classifier") {
        let name = text(&case["name"]);
        let ((x, columns), (y, _)) = (flat(&case, "reference"), flat(&case, "current"));
        let [reference, current] = [&x, &y].map(|values| Rows::try_new(values, columns).unwrap());
        let options = domain_classifier::ClassifierOptions::default();
        let found =
            domain_classifier::two_sample(&reference, &current, &options, &Decision::default())
                .unwrap();
        assert_close("domain_classifier", found.test.statistic, number(&case["area"]), name);
        for (got, want) in found.importances.iter().zip(numbers(&case["importances"])) {
            assert_close("classifier_importance", *got, want, name);
        }
    }
}
