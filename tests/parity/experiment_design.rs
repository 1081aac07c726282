//! Power, sizes, guardrails and the adjustment by a covariate, against mpmath, statsmodels, scipy and
//! GrowthBook.

use serde_json::Value;
use tidegate_stats::{
    experiment::{
        Alternative, Counts, CovariateSummary, Design, Estimate, GuardrailOptions, Looks,
        SampleSummary, covariate_adjusted, cuped, guardrail, two_means_counts,
        two_means_detectable_effect, two_means_power, two_proportions_counts,
        two_proportions_detectable_rate, two_proportions_power,
    },
    special::noncentral_t_tail,
};
use tidegate_tests::tolerance::{assert_close, assert_close_on_scale};

use crate::golden::{cases, counts, number, numbers, text};

#[test]
fn designs_as_their_oracles() {
    for case in cases("experiment_design.json") {
        let at = |name: &str| number(&case[name]);
        let function = text(&case["function"]);
        let got = match function {
            "noncentral_t_tail" => noncentral_t_tail(at("t"), at("df"), at("noncentrality")),
            "two_means_power" => two_means_power(at("effect"), sides(&case), &design(&case)),
            "two_means_detectable_effect" => {
                two_means_detectable_effect(sides(&case), at("power"), &design(&case))
            }
            "two_proportions_power" => two_proportions_power(
                at("reference_rate"),
                at("current_rate"),
                sides(&case),
                &design(&case),
            ),
            "two_proportions_detectable_rate" => two_proportions_detectable_rate(
                at("reference_rate"),
                sides(&case),
                at("power"),
                &design(&case),
            ),
            "two_means_counts" | "two_proportions_counts" => {
                check_counts(&case);
                continue;
            }
            "guardrail" => {
                check_guardrail(&case);
                continue;
            }
            "cuped" => {
                check_cuped(&case);
                continue;
            }
            other => panic!("experiment_design.json names {other}, which no test knows"),
        };
        assert_close(function, got.unwrap(), at("want"), &case.to_string());
    }
}

fn sides(case: &Value) -> Counts {
    let [reference, current] = ["reference", "current"].map(|side| case[side].as_u64().unwrap());
    Counts { reference, current }
}

fn design(case: &Value) -> Design {
    let alternative: Alternative = serde_json::from_value(case["alternative"].clone()).unwrap();
    Design { alpha: number(&case["alpha"]), alternative, looks: Looks::Once }
}

fn check_counts(case: &Value) {
    let at = |name: &str| number(&case[name]);
    let (power, ratio, design) = (at("power"), at("ratio"), design(case));
    let got = if case["function"] == "two_means_counts" {
        two_means_counts(at("effect"), power, ratio, &design)
    } else {
        two_proportions_counts(at("reference_rate"), at("current_rate"), power, ratio, &design)
    };
    let got = got.unwrap();
    assert_eq!(vec![got.reference, got.current], counts(&case["want"]), "{case}");
}

fn check_guardrail(case: &Value) {
    let [reference, current] = ["reference", "current"].map(|side| SampleSummary {
        count: case[side]["count"].as_u64().unwrap(),
        mean: number(&case[side]["mean"]),
        variance: number(&case[side]["variance"]),
    });
    let options = GuardrailOptions {
        harm: serde_json::from_value(case["harm"].clone()).unwrap(),
        margin: number(&case["margin"]),
        alpha: number(&case["alpha"]),
        tuning_count: number(&case["tuning_count"]),
    };
    let got = guardrail(&reference, &current, &options).unwrap();
    let width = got.upper_bound - got.lower_bound;
    for (bound, name) in [(got.lower_bound, "lower_bound"), (got.upper_bound, "upper_bound")] {
        let want = number(&case[name]);
        assert_close("guardrail", width + bound, width + want, &format!("{name} of {case}"));
    }
    close("guardrail_p_value", got.harmed_p_value, case, "harmed_p_value");
    close("guardrail_p_value", got.safe_p_value, case, "safe_p_value");
}

fn check_cuped(case: &Value) {
    let [reference, current] = ["reference", "current"].map(|side| {
        let mut summary = CovariateSummary::default();
        let covariates = case[side]["covariates"].as_array().unwrap();
        for (value, covariate) in numbers(&case[side]["values"]).iter().zip(covariates) {
            summary.push(*value, covariate.as_f64()).unwrap();
        }
        summary
    });
    let adjusted = covariate_adjusted(&reference, &current).unwrap();
    close("cuped", adjusted.theta, case, "theta");
    close("cuped", adjusted.variance_reduction_ratio, case, "variance_reduction_ratio");
    let got = cuped(&reference, &current, number(&case["alpha"])).unwrap();
    close("cuped", got.statistic, case, "statistic");
    close("cuped", got.df.unwrap(), case, "df");
    close("cuped_p_value", got.p_value, case, "p_value");
    close("cuped", got.difference.value, case, "difference");
    interval("cuped", got.difference, case, "interval");
    if case["lift"].is_number() {
        close("cuped_lift", got.lift.unwrap().value, case, "lift");
        interval("cuped_lift", got.lift.unwrap(), case, "lift_interval");
    }
}

fn close(function: &str, got: f64, case: &Value, field: &str) {
    assert_close(function, got, number(&case[field]), &format!("{field} of {case}"));
}

/// A bound near 0 is compared on the scale of the interval's width.
fn interval(function: &str, got: Estimate, case: &Value, field: &str) {
    let want = numbers(&case[field]);
    let width = want[1] - want[0];
    for (got, want) in [got.interval.lower, got.interval.upper].into_iter().zip(want) {
        assert_close_on_scale(function, got, want, width + want, &format!("{field} of {case}"));
    }
}
