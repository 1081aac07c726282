//! Tests on two samples of numbers.

use tidegate_stats::{Decision, cramer_von_mises, mann_whitney, welch_t};
use tidegate_tests::tolerance::assert_close;

use crate::golden::{cases, number, sample, text};

#[test]
fn mann_whitney_as_scipy() {
    for case in cases("numeric_tests.json") {
        let name = text(&case["name"]);
        let (reference, current) = (sample(&case, "reference"), sample(&case, "current"));
        let result = mann_whitney::two_sample(&reference, &current, &Decision::default()).unwrap();
        let want = &case["mann_whitney"];
        assert_close("mann_whitney", result.statistic, number(&want["statistic"]), name);
        assert_close("rank_biserial", result.effect, number(&want["effect"]), name);
        let p_value = result.p_value.unwrap();
        assert_close("mann_whitney_p_value", p_value, number(&want["p_value"]), name);
    }
}

#[test]
fn welch_t_as_mpmath() {
    for case in cases("numeric_tests.json") {
        let name = text(&case["name"]);
        let (reference, current) = (sample(&case, "reference"), sample(&case, "current"));
        let want = &case["welch_t"];
        let Ok(result) = welch_t::two_sample(&reference, &current, &Decision::default()) else {
            assert!(want.is_null(), "{name}");
            continue;
        };
        if want.is_null() {
            continue; // Both constant: the oracle has no t.
        }
        assert_close("welch_t", result.statistic, number(&want["statistic"]), name);
        assert_close("cohens_d", result.effect, number(&want["effect"]), name);
        assert_close("welch_t_p_value", result.p_value.unwrap(), number(&want["p_value"]), name);
    }
}

#[test]
fn cramer_von_mises_as_scipy() {
    for case in cases("numeric_tests.json") {
        let name = text(&case["name"]);
        let (reference, current) = (sample(&case, "reference"), sample(&case, "current"));
        let want = &case["cramer_von_mises"];
        if want.is_null() {
            continue; // The oracle refuses a single row.
        }
        let result =
            cramer_von_mises::two_sample(&reference, &current, &Decision::default()).unwrap();
        assert_close("cramer_von_mises", result.statistic, number(&want["statistic"]), name);
        assert_close("mean_square_gap", result.effect, number(&want["effect"]), name);
        let p_value = result.p_value.unwrap();
        assert_close("cvm_p_value", p_value, number(&want["p_value"]), name);
    }
}

#[test]
fn tails_as_mpmath() {
    for case in cases("numeric_tails.json") {
        let size = |side: &str| case[side].as_u64().unwrap();
        let got = match text(&case["function"]) {
            "cvm_asymptotic" => {
                cramer_von_mises::asymptotic_p_value(size("n"), size("m"), number(&case["t"]))
            }
            other => panic!("numeric_tails.json names {other}, which no test knows"),
        };
        assert_close(text(&case["function"]), got, number(&case["want"]), &case.to_string());
    }
}
