//! Tests and bounds of a decision, against their definitions in mpmath.

use serde_json::Value;
use tidegate_stats::{Decision, FalseAlarmBudget, Watch, chi_square, cramers_v};
use tidegate_tests::tolerance::assert_close;

use crate::golden::{cases, counts, number, text};

fn of_function(function: &str) -> Vec<Value> {
    let all = cases("decisions.json").into_iter();
    let found: Vec<Value> = all.filter(|case| text(&case["function"]) == function).collect();
    assert!(!found.is_empty(), "decisions.json has no {function}");
    found
}

#[test]
fn two_sample_on_quantiles_as_mpmath() {
    for case in of_function("on_quantiles") {
        let (reference, current) = (counts(&case["reference"]), counts(&case["current"]));
        let (name, decision) = (case["current"].to_string(), Decision::default());
        let test = chi_square::two_sample_on_quantiles(&reference, &current, &decision).unwrap();
        assert_close("chi_square", test.statistic, number(&case["statistic"]), &name);
        let p_value = test.p_value.unwrap();
        assert_close("chi_square_p_value", p_value, number(&case["p_value"]), &name);
        let v = cramers_v::two_sample_on_quantiles(&reference, &current, &decision).unwrap();
        assert_close("bias_corrected_v", v.statistic, number(&case["cramers_v"]), &name);
        if reference.iter().chain(&current).all(|count| *count >= 10) {
            // No category is merged, and V does not depend on the weights of the test.
            let plain = cramers_v::two_sample(&reference, &current, &decision).unwrap();
            assert_close("bias_corrected_v", plain.statistic, number(&case["cramers_v"]), &name);
        }
        assert_eq!((v.effect, v.p_value), (test.effect, test.p_value));
    }
}

#[test]
fn level_run_length_and_effective_looks_a_day_as_mpmath() {
    for case in of_function("budget") {
        let budget =
            FalseAlarmBudget { count: number(&case["count"]), days: number(&case["days"]) };
        let watch = Watch {
            window_seconds: number(&case["window_seconds"]),
            look_seconds: number(&case["look_seconds"]),
            families: case["families"].as_u64().unwrap(),
        };
        let name = case.to_string();
        let level = budget.level(&watch).unwrap();
        assert_close("false_alarm_level", level, number(&case["level"]), &name);
        let looks = watch.effective_looks_a_day(level).unwrap();
        assert_close("false_alarm_level", looks, number(&case["effective_looks_a_day"]), &name);
        let length = budget.run_length(watch.families, 1440.0).unwrap();
        assert_close("peer", length, number(&case["run_length"]), &name);
    }
}
