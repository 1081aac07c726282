//! Missing, new, vanished and out-of-range values against scipy and mpmath.

use serde_json::Value;
use tidegate_stats::Verdict;
use tidegate_stats::signal::{
    Signal, SignalRule, missing_rate, new_and_vanished_categories, new_categories, out_of_range,
    unseen_mass, vanished_categories,
};
use tidegate_tests::tolerance::assert_close;

use crate::golden::{cases, counts, number, numbers, text};

#[test]
fn signals_as_their_oracles() {
    let rule = SignalRule::default();
    for case in cases("signal.json") {
        let pair = |side: &str| <[u64; 2]>::try_from(counts(&case[side])).unwrap();
        let signal = match text(&case["function"]) {
            "missing_rate" => missing_rate(pair("reference"), pair("current"), &rule),
            "out_of_range" => {
                let size = |side: &str| case[side].as_u64().unwrap();
                out_of_range(size("reference"), pair("outside"), size("current"), &rule)
            }
            "new_categories" => {
                new_categories(&counts(&case["reference"]), &counts(&case["current"]), &rule)
            }
            "vanished_categories" => {
                vanished_categories(&counts(&case["reference"]), &counts(&case["current"]), &rule)
            }
            "new_and_vanished_categories" => {
                let [reference, current] = ["reference", "current"].map(|side| counts(&case[side]));
                let unnamed = case["unnamed"].as_u64().unwrap();
                let both = new_and_vanished_categories(&reference, &current, unnamed, &rule);
                let [new, vanished] = both.unwrap();
                check(&new, &case["new"]);
                check(&vanished, &case["vanished"]);
                continue;
            }
            "unseen_mass" => {
                let mass = unseen_mass(&counts(&case["reference"]), rule.alpha).unwrap();
                let context = case.to_string();
                assert_close("signal_share", mass.estimate, number(&case["estimate"]), &context);
                assert_close("signal_expected", mass.upper, number(&case["upper"]), &context);
                continue;
            }
            other => panic!("signal.json names {other}, which no test knows"),
        };
        check(&signal.unwrap(), &case);
    }
}

fn check(signal: &Signal, case: &Value) {
    // The rule is of the two numbers that the oracle gives.
    let is_drift = number(&case["p_value"]) <= 0.05 && number(&case["effect"]) >= 0.02;
    let judged = SignalRule::default().judge(signal, None);
    assert_eq!(judged == Verdict::Drift, is_drift, "{case}");
    let context = case.to_string();
    let close = |function: &str, got: f64, field: &str| {
        assert_close(function, got, number(&case[field]), &format!("{field} of {context}"));
    };
    close("signal_share", signal.share, "share");
    close("signal_expected", signal.expected_share, "expected_share");
    close("signal_share", signal.effect, "effect");
    close("signal_expected", signal.detectable_effect, "detectable_effect");
    close("signal_p_value", signal.p_value, "p_value");
    let interval = numbers(&case["interval"]);
    assert_close("wilson", signal.interval.lower, interval[0], &context);
    assert_close("wilson", signal.interval.upper, interval[1], &context);
}
