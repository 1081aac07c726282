//! Experiments and the tails that they need, against scipy, statsmodels, GrowthBook and mpmath.

use serde_json::Value;
use tidegate_stats::{
    Error, Interval,
    experiment::{
        BetaPrior, Estimate, Proportion, SampleSummary, bayes_means, bayes_proportions,
        confidence_sequence, multinomial_sequence, sample_ratio, two_means, two_proportions,
    },
    multiple, special,
};
use tidegate_tests::tolerance::{assert_close, assert_close_on_scale};

use crate::golden::{cases, counts, number, numbers, text};

#[test]
fn tails_and_points_as_mpmath() {
    for case in cases("experiment_special.json") {
        let at = |name: &str| number(&case[name]);
        let function = text(&case["function"]);
        let got = match function {
            "normal_tail" => special::normal_tail(at("x")),
            "ln_normal_tail" => special::ln_normal_tail(at("x")),
            "normal_point" => special::normal_point(at("x")).unwrap(),
            "student_t_tail" => special::student_t_tail(at("x"), at("df")).unwrap(),
            "student_t_point" => special::student_t_point(at("x"), at("df")).unwrap(),
            "lower_beta_ratio" => special::lower_beta_ratio(at("a"), at("b"), at("x")).unwrap(),
            other => panic!("experiment_special.json names {other}, which no test knows"),
        };
        assert_close(function, got, at("want"), &case.to_string());
    }
}

#[test]
fn experiments_as_their_oracles() {
    for case in cases("experiment.json") {
        match text(&case["function"]) {
            "two_proportions" => check_two_proportions(&case),
            "two_means" => check_two_means(&case),
            "confidence_sequence" => check_confidence_sequence(&case),
            "sample_ratio" => check_sample_ratio(&case),
            "multinomial_sequence" => check_multinomial_sequence(&case),
            "bayes_proportions" => check_bayes_proportions(&case),
            "bayes_means" => check_bayes_means(&case),
            "holm" => check_adjusted("holm", multiple::holm, &case),
            "benjamini_yekutieli" => {
                check_adjusted("benjamini_yekutieli", multiple::benjamini_yekutieli, &case);
            }
            other => panic!("experiment.json names {other}, which no test knows"),
        }
    }
}

fn check_two_proportions(case: &Value) {
    let [reference, current] = [0, 1].map(|side| Proportion {
        successes: counts(&case["successes"])[side],
        trials: counts(&case["trials"])[side],
    });
    let got = two_proportions(reference, current, number(&case["alpha"])).unwrap();
    close("two_proportions", got.statistic, case, "statistic");
    close("two_proportions_p_value", got.p_value, case, "p_value");
    close("two_proportions", got.difference.value, case, "difference");
    interval("two_proportions", got.difference, case, "interval");
    close("two_proportions", got.lift.unwrap().value, case, "lift");
    interval("two_proportions", got.lift.unwrap(), case, "lift_interval");
}

fn check_two_means(case: &Value) {
    let [reference, current] = ["reference", "current"].map(|side| summary(&case[side]));
    let got = two_means(&reference, &current, number(&case["alpha"])).unwrap();
    close("two_means", got.statistic, case, "statistic");
    close("two_means", got.df.unwrap(), case, "df");
    close("two_means_p_value", got.p_value, case, "p_value");
    close("two_means", got.difference.value, case, "difference");
    interval("two_means", got.difference, case, "interval");
    close("two_means", got.lift.unwrap().value, case, "lift");
    interval("two_means", got.lift.unwrap(), case, "lift_interval");
}

fn check_confidence_sequence(case: &Value) {
    let [reference, current] = ["reference", "current"].map(|side| summary(&case[side]));
    let [alpha, tuning_count] = ["alpha", "tuning_count"].map(|name| number(&case[name]));
    let got = confidence_sequence(&reference, &current, alpha, tuning_count).unwrap();
    close("confidence_sequence", got.ln_p_value, case, "ln_p_value");
    interval("confidence_sequence", got.comparison.difference, case, "interval");
    interval("confidence_sequence", got.comparison.lift.unwrap(), case, "lift_interval");
}

fn check_sample_ratio(case: &Value) {
    let got = sample_ratio(&counts(&case["observed"]), &numbers(&case["weights"])).unwrap();
    close("sample_ratio", got.statistic, case, "statistic");
    close("sample_ratio_p_value", got.p_value, case, "p_value");
}

fn check_multinomial_sequence(case: &Value) {
    let (counts, weights) = (counts(&case["counts"]), numbers(&case["weights"]));
    let got = multinomial_sequence(&counts, &weights, number(&case["concentration"])).unwrap();
    close("multinomial_sequence", got.ln_e_value, case, "ln_e_value");
}

fn check_bayes_proportions(case: &Value) {
    let [reference, current] = [0, 1].map(|side| Proportion {
        successes: counts(&case["successes"])[side],
        trials: counts(&case["trials"])[side],
    });
    let got = bayes_proportions(reference, current, BetaPrior::default()).unwrap();
    close("bayes_proportions", got.chance_to_win, case, "chance_to_win");
    close("bayes_proportions", got.expected_loss_current, case, "expected_loss_current");
    close("bayes_proportions", got.expected_loss_reference, case, "expected_loss_reference");
}

fn check_bayes_means(case: &Value) {
    let [reference, current] = ["reference", "current"].map(|side| summary(&case[side]));
    let got = bayes_means(&reference, &current).unwrap();
    close("bayes_means", got.chance_to_win, case, "chance_to_win");
    close("bayes_means", got.expected_loss_current, case, "expected_loss_current");
    close("bayes_means", got.expected_loss_reference, case, "expected_loss_reference");
}

fn check_adjusted(function: &str, adjust: fn(&[f64]) -> Result<Vec<f64>, Error>, case: &Value) {
    let adjusted = adjust(&numbers(&case["p_values"])).unwrap();
    for (got, want) in adjusted.into_iter().zip(numbers(&case["want"])) {
        assert_close(function, got, want, &case.to_string());
    }
}

fn summary(side: &Value) -> SampleSummary {
    SampleSummary {
        count: side["count"].as_u64().unwrap(),
        mean: number(&side["mean"]),
        variance: number(&side["variance"]),
    }
}

fn close(function: &str, got: f64, case: &Value, field: &str) {
    assert_close(function, got, number(&case[field]), &format!("{field} of {case}"));
}

/// A bound near 0 is compared on the scale of the interval's width.
fn interval(function: &str, got: Estimate, case: &Value, field: &str) {
    let Interval { lower, upper } = got.interval;
    let want = numbers(&case[field]);
    let width = want[1] - want[0];
    for (got, want) in [lower, upper].into_iter().zip(want) {
        assert_close_on_scale(function, got, want, width + want, &format!("{field} of {case}"));
    }
}
