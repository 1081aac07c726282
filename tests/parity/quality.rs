use serde_json::Value;
use tidegate_stats::quality::{
    Average, Averages, BinnedArea, Binning, ConfusionMatrix, ProbabilityHistogram, ProbabilityLoss,
    Ranking, Regression, Reliability, Undefined, average_precision_one_against_rest, brier,
    brier_of_classes, log_loss, log_loss_of_classes, mean_squared_log_error, median_absolute_error,
    roc_auc_one_against_one, roc_auc_one_against_rest, top_k_accuracy, wilson_interval,
    window::{
        CalibrationWindow, ConfusionWindow, ProbabilityWindow, RankingWindow, RegressionWindow,
    },
};
use tidegate_tests::tolerance::{assert_close, assert_near};

use crate::golden::{cases, column, counts, number, numbers, text};

fn of_kind(kind: &str) -> Vec<Value> {
    let mut cases = cases("quality.json");
    cases.retain(|case| case["kind"] == kind);
    assert!(!cases.is_empty(), "quality.json has no {kind}");
    cases
}

/// A column of the case's sample, or the values in the case itself.
fn values(case: &Value, in_sample: &str, inline: &str) -> Vec<f64> {
    match case["sample"].as_str() {
        Some(sample) => column(&format!("samples/{sample}.csv"), in_sample),
        None => numbers(&case[inline]),
    }
}

#[track_caller]
fn assert_optional(function: &str, got: Option<f64>, want: &Value, context: &str) {
    match got {
        Some(got) => assert_close(function, got, number(want), context),
        None => assert!(want.is_null(), "{function}, {context}: got none, want {want}"),
    }
}

fn assert_calibration(labels: &[bool], scores: &[f64], binning: Binning, want: &Value, name: &str) {
    let curve = Reliability::try_new(labels, scores, binning).unwrap();
    let close = |got, of: &str| assert_close("calibration_error", got, number(&want[of]), name);
    close(curve.expected_error(), "expected");
    close(curve.maximum_error(), "maximum");
    close(curve.root_mean_square_error(), "root_mean_square");
    let sizes: Vec<u64> = curve.bins().iter().map(|bin| bin.count).collect();
    assert_eq!(sizes, counts(&want["counts"]), "{name}");
    assert_curve(&curve, want, name);
}

fn assert_curve(curve: &Reliability, want: &Value, name: &str) {
    let (predicted, observed) = (numbers(&want["predicted"]), numbers(&want["observed"]));
    assert_eq!(curve.bins().len(), predicted.len(), "{name}");
    for (bin, (predicted, observed)) in curve.bins().iter().zip(predicted.iter().zip(observed)) {
        assert_close("calibration_error", bin.predicted, *predicted, name);
        assert_close("calibration_error", bin.observed, observed, name);
    }
}

#[test]
fn scores_of_two_classes_as_sklearn() {
    for case in of_kind("binary") {
        let name = text(&case["name"]);
        let labels: Vec<bool> =
            values(&case, "y_true", "labels").iter().map(|label| *label == 1.0).collect();
        let scores = values(&case, "score", "scores");
        let ranking = Ranking::try_new(&labels, &scores).unwrap();
        assert_optional("roc_auc", ranking.roc_auc(), &case["roc_auc"], name);
        assert_optional("gini", ranking.gini(), &case["gini"], name);
        let precision = ranking.average_precision();
        assert_optional("average_precision", precision, &case["average_precision"], name);
        let trapezoidal = ranking.pr_auc_trapezoidal();
        assert_optional("average_precision", trapezoidal, &case["pr_auc_trapezoidal"], name);
        let distance = ranking.kolmogorov_smirnov();
        assert_optional("score_distance", distance, &case["kolmogorov_smirnov"], name);

        let interval = ranking.roc_auc_interval(0.05).unwrap();
        assert_optional("delong", interval.map(|of| of.lower), &case["delong_95"][0], name);
        assert_optional("delong", interval.map(|of| of.upper), &case["delong_95"][1], name);

        let curve = ranking.roc_curve();
        assert_eq!(curve.as_ref().map(|of| of.len() as u64), case["roc_points"].as_u64(), "{name}");
        if case["roc_curve"].is_array() {
            let curve = curve.unwrap();
            let rates: [Vec<f64>; 2] = [
                curve.iter().map(|point| point.false_positive_rate).collect(),
                curve.iter().map(|point| point.true_positive_rate).collect(),
            ];
            assert_eq!(rates, [0, 1].map(|axis| numbers(&case["roc_curve"][axis])), "{name}");
        }

        let loss = log_loss(&labels, &scores).unwrap();
        assert_close("log_loss", loss, number(&case["log_loss"]), name);
        assert_close("brier", brier(&labels, &scores).unwrap(), number(&case["brier"]), name);
        for (binning, want) in [
            (Binning::EqualWidth(10), "equal_width_10"),
            (Binning::EqualWidth(15), "equal_width_15"),
            (Binning::EqualCount(10), "equal_count_10"),
        ] {
            assert_calibration(&labels, &scores, binning, &case[want], name);
        }
        for (binning, want) in
            [(Binning::UpperEnds(10), "upper_ends_10"), (Binning::Quantiles(10), "quantiles_10")]
        {
            if case[want].is_object() {
                let curve = Reliability::try_new(&labels, &scores, binning).unwrap();
                assert_curve(&curve, &case[want], name);
            }
        }
    }
}

#[test]
fn confusion_as_sklearn() {
    for case in of_kind("classes") {
        let name = text(&case["name"]);
        let rows: Vec<Vec<u64>> = case["counts"].as_array().unwrap().iter().map(counts).collect();
        let matrix = ConfusionMatrix::of_counts(rows.len(), &rows.concat()).unwrap();
        let close = |got, want: &Value| assert_optional("confusion", got, want, name);
        for class in 0..rows.len() {
            let id = class as u32;
            close(matrix.precision(id), &case["precision"][class]);
            close(matrix.recall(id), &case["recall"][class]);
            close(matrix.f1(id), &case["f1"][class]);
            close(matrix.f_beta(id, 2.0), &case["f2"][class]);
            close(matrix.specificity(id), &case["specificity"][class]);
            close(matrix.jaccard(id), &case["jaccard"][class]);
            assert_eq!(Some(matrix.support(id)), case["support"][class].as_u64(), "{name}");
        }
        for (average, undefined, want) in [
            (Average::Macro, Undefined::Skipped, "macro_skipped"),
            (Average::Macro, Undefined::Zero, "macro_zero"),
            (Average::Weighted, Undefined::Skipped, "weighted_skipped"),
            (Average::Weighted, Undefined::Zero, "weighted_zero"),
            (Average::Micro, Undefined::Zero, "micro"),
        ] {
            let Averages { precision, recall, f1 } = matrix.averages(average, undefined);
            for (got, want) in [precision, recall, f1].iter().zip(case[want].as_array().unwrap()) {
                close(*got, want);
            }
        }
        close(matrix.accuracy(), &case["accuracy"]);
        let right = matrix.right() as f64 / matrix.total() as f64;
        close((matrix.total() > 0).then_some(right), &case["accuracy"]);
        close(matrix.balanced_accuracy(), &case["balanced_accuracy"]);
        close(matrix.matthews_correlation(), &case["matthews_correlation"]);
        close(matrix.cohen_kappa(), &case["cohen_kappa"]);
    }
}

#[test]
fn probabilities_of_many_classes_as_sklearn() {
    for case in of_kind("probabilities") {
        let name = text(&case["name"]);
        let of_class: Vec<Vec<f64>> =
            (0..10).map(|class| values(&case, &format!("p{class}"), "")).collect();
        let labels: Vec<u32> =
            values(&case, "y_true", "").iter().map(|label| *label as u32).collect();
        let rows: Vec<f64> =
            (0..labels.len()).flat_map(|row| of_class.iter().map(move |p| p[row])).collect();
        let loss = log_loss_of_classes(&labels, &rows, 10).unwrap();
        assert_close("log_loss", loss, number(&case["log_loss"]), name);
        let brier = brier_of_classes(&labels, &rows, 10).unwrap();
        assert_close("brier", brier, number(&case["brier"]), name);
        for (k, want) in [(1, "top_1"), (3, "top_3")] {
            assert_eq!(top_k_accuracy(&labels, &rows, 10, k).unwrap(), number(&case[want]));
        }
        assert_areas(&labels, &rows, 10, &case["areas"], name);
        for (class, want) in numbers(&case["roc_auc_one_against_rest"]).into_iter().enumerate() {
            let of: Vec<bool> = labels.iter().map(|label| *label as usize == class).collect();
            let ranking = Ranking::try_new(&of, &of_class[class]).unwrap();
            assert_close("roc_auc", ranking.roc_auc().unwrap(), want, name);
        }
    }
}

fn assert_areas(labels: &[u32], rows: &[f64], classes: usize, want: &Value, name: &str) {
    for (average, of) in
        [(Average::Macro, "macro"), (Average::Micro, "micro"), (Average::Weighted, "weighted")]
    {
        let area = roc_auc_one_against_rest(labels, rows, classes, average).unwrap().unwrap();
        assert_close("mean_roc_auc", area, number(&want["roc_auc_one_against_rest"][of]), name);
        let precision = average_precision_one_against_rest(labels, rows, classes, average);
        let expected = number(&want["average_precision_one_against_rest"][of]);
        assert_close("average_precision", precision.unwrap().unwrap(), expected, name);
        if average != Average::Micro {
            let area = roc_auc_one_against_one(labels, rows, classes, average).unwrap().unwrap();
            assert_close("mean_roc_auc", area, number(&want["roc_auc_one_against_one"][of]), name);
        }
    }
}

#[test]
fn areas_of_many_classes_as_sklearn() {
    for case in of_kind("areas") {
        let labels: Vec<u32> = counts(&case["labels"]).iter().map(|label| *label as u32).collect();
        let rows: Vec<Vec<f64>> = case["rows"].as_array().unwrap().iter().map(numbers).collect();
        assert_areas(&labels, &rows.concat(), rows[0].len(), &case, text(&case["name"]));
    }
}

#[test]
fn regression_as_sklearn() {
    for case in of_kind("regression") {
        let name = text(&case["name"]);
        let actual = values(&case, "y_true", "actual");
        let predicted = values(&case, "y_pred", "predicted");
        let regression = Regression::of_predictions(&actual, &predicted).unwrap();
        for (got, want) in [
            (regression.mean_absolute_error(), "mean_absolute_error"),
            (regression.mean_squared_error(), "mean_squared_error"),
            (regression.root_mean_squared_error(), "root_mean_squared_error"),
            (regression.mean_absolute_percentage_error(), "mean_absolute_percentage_error"),
            (regression.r_squared(), "r_squared"),
            (regression.explained_variance(), "explained_variance"),
            (regression.max_error(), "max_error"),
            (regression.pinball_loss(0.9), "pinball_90"),
            (regression.pinball_loss(0.05), "pinball_5"),
            (median_absolute_error(&actual, &predicted).ok(), "median_absolute_error"),
            (mean_squared_log_error(&actual, &predicted).ok(), "mean_squared_log_error"),
        ] {
            assert_optional("regression", got, &case[want], &format!("{name}: {want}"));
        }
    }
}

#[test]
fn windows_as_sklearn_of_their_rows() {
    for case in of_kind("window") {
        let of = |name: &str, table: &str| column(&format!("samples/quality_{table}.csv"), name);
        let (labels, scores) = (of("y_true", "california"), of("score", "california"));
        let (actual, predicted) = (of("y_true", "car_price"), of("y_pred", "car_price"));
        let mut ranking = RankingWindow::try_new(100).unwrap();
        let mut calibration = CalibrationWindow::try_new(10, 100).unwrap();
        let mut loss = ProbabilityWindow::try_new(100).unwrap();
        let mut confusion = ConfusionWindow::try_new(2, 100).unwrap();
        let mut regression = RegressionWindow::try_new(100).unwrap();
        let ends = counts(&case["ends"]);
        for row in 0..*ends.last().unwrap() as usize {
            let (label, score) = (labels[row] == 1.0, scores[row]);
            ranking.push(label, score).unwrap();
            calibration.push(label, score).unwrap();
            loss.push(label, score).unwrap();
            confusion.push(label.into(), (score >= 0.5).into()).unwrap();
            regression.push(actual[row], predicted[row]).unwrap();
            let Some(at) = ends.iter().position(|end| *end == row as u64 + 1) else { continue };
            let curve = calibration.histogram().reliability().unwrap();
            let (matrix, errors) = (confusion.matrix(), regression.regression());
            for (function, got, want) in [
                ("roc_auc", ranking.roc_auc(), "roc_auc"),
                ("average_precision", ranking.ranking().average_precision(), "average_precision"),
                ("log_loss", loss.loss().log_loss(), "log_loss"),
                ("brier", loss.loss().brier(), "brier"),
                ("calibration_error", Some(curve.expected_error()), "equal_width_10"),
                ("confusion", matrix.matthews_correlation(), "matthews_correlation"),
                ("confusion", matrix.cohen_kappa(), "cohen_kappa"),
                ("regression", errors.mean_absolute_error(), "mean_absolute_error"),
                ("regression", errors.root_mean_squared_error(), "root_mean_squared_error"),
                (
                    "regression",
                    errors.mean_absolute_percentage_error(),
                    "mean_absolute_percentage_error",
                ),
                ("regression", errors.r_squared(), "r_squared"),
                ("regression", errors.pinball_loss(0.9), "pinball_90"),
            ] {
                assert_optional(function, got, &case[want][at], want);
            }
        }
    }
}

/// Of the first window's rows, in two parts.
#[test]
fn merged_parts_as_sklearn_of_their_rows() {
    for case in of_kind("window") {
        let of = |name: &str, table: &str| column(&format!("samples/quality_{table}.csv"), name);
        let end = counts(&case["ends"])[0] as usize;
        let labels: Vec<bool> =
            of("y_true", "california")[..end].iter().map(|label| *label == 1.0).collect();
        let scores = &of("score", "california")[..end];
        let actual = &of("y_true", "car_price")[..end];
        let predicted = &of("y_pred", "car_price")[..end];
        let part = |rows: core::ops::Range<usize>| {
            let ranking = Ranking::try_new(&labels[rows.clone()], &scores[rows.clone()]).unwrap();
            let errors = (&actual[rows.clone()], &predicted[rows.clone()]);
            let regression = Regression::of_predictions(errors.0, errors.1).unwrap();
            let mut matrix = ConfusionMatrix::try_new(2).unwrap();
            let mut loss = ProbabilityLoss::default();
            let mut histogram = ProbabilityHistogram::try_new(10).unwrap();
            for row in rows {
                let (label, score) = (labels[row], scores[row]);
                matrix.record(label.into(), (score >= 0.5).into()).unwrap();
                loss.push(label, score).unwrap();
                histogram.push(label, score).unwrap();
            }
            (ranking, regression, matrix, loss, histogram)
        };
        let (mut ranking, mut regression, mut matrix, mut loss, mut histogram) = part(0..end / 3);
        let rest = part(end / 3..end);
        ranking.merge(&rest.0).unwrap();
        regression.merge(&rest.1);
        matrix.merge(&rest.2).unwrap();
        loss.merge(&rest.3);
        histogram.merge(&rest.4).unwrap();
        assert_eq!(histogram.count(), end as u64);
        let curve = histogram.reliability().unwrap();
        for (function, got, want) in [
            ("roc_auc", ranking.roc_auc(), "roc_auc"),
            ("average_precision", ranking.average_precision(), "average_precision"),
            ("regression", regression.mean_absolute_error(), "mean_absolute_error"),
            ("regression", regression.r_squared(), "r_squared"),
            ("confusion", matrix.matthews_correlation(), "matthews_correlation"),
            ("log_loss", loss.log_loss(), "log_loss"),
            ("brier", loss.brier(), "brier"),
            ("calibration_error", Some(curve.expected_error()), "equal_width_10"),
        ] {
            assert_optional(function, got, &case[want][0], want);
        }
    }
}

#[test]
fn histograms_know_how_far_off_their_areas_are() {
    for case in of_kind("binary") {
        let labels = values(&case, "y_true", "labels");
        let mut histogram = ProbabilityHistogram::try_new(10).unwrap();
        for (label, score) in labels.iter().zip(values(&case, "score", "scores")) {
            histogram.push(*label == 1.0, score).unwrap();
        }
        let error = histogram.reliability().unwrap().expected_error();
        let want = number(&case["equal_width_10"]["expected"]);
        assert_close("calibration_error", error, want, text(&case["name"]));
        let area = histogram.roc_auc();
        assert_eq!(area.is_some(), case["roc_auc"].is_number());
        if let Some(BinnedArea { value, error }) = area {
            assert_near("binned_area", value, number(&case["roc_auc"]), error + 1e-15, "an area");
        }
    }
}

#[test]
fn wilson_interval_as_scipy() {
    for case in of_kind("wilson") {
        let count = |of: &str| case[of].as_u64().unwrap();
        let interval =
            wilson_interval(count("successes"), count("trials"), number(&case["alpha"])).unwrap();
        let [lower, upper] = [0, 1].map(|end| number(&case["want"][end]));
        assert_close("wilson", interval.lower, lower, &case.to_string());
        assert_close("wilson", interval.upper, upper, &case.to_string());
    }
}
