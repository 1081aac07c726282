use tidegate_stats::{Decision, chi_square, jensen_shannon, psi};
use tidegate_tests::tolerance::assert_close;

use crate::golden::{cases, counts, number, text};

#[test]
fn chi_square_as_scipy() {
    for case in cases("counted.json") {
        let want = &case["chi_square"];
        if want.is_null() {
            continue;
        }
        let name = text(&case["name"]);
        let (reference, current) = (counts(&case["reference"]), counts(&case["current"]));
        let test = chi_square::contingency(&reference, &current).unwrap();
        assert_close("chi_square", test.statistic, number(&want["statistic"]), name);
        assert_eq!(test.df, want["df"].as_u64().unwrap(), "{name}");
        assert_close("chi_square_p_value", test.p_value, number(&want["p_value"]), name);
        assert_close("cramers_v", test.cramers_v, number(&case["cramers_v"]), name);
    }
}

#[test]
fn two_sample_chi_square_is_the_contingency_test_where_no_category_is_rare() {
    for case in cases("counted.json") {
        let (reference, current) = (counts(&case["reference"]), counts(&case["current"]));
        let rare = |counts: &[u64]| counts.iter().any(|&count| count < 10);
        if rare(&reference) || rare(&current) {
            continue;
        }
        let name = text(&case["name"]);
        let test = chi_square::contingency(&reference, &current).unwrap();
        let result = chi_square::two_sample(&reference, &current, &Decision::default()).unwrap();
        assert_close("chi_square", result.statistic, test.statistic, name);
        assert_close("chi_square_p_value", result.p_value.unwrap(), test.p_value, name);
    }
}

#[test]
fn psi_as_its_formula() {
    for case in cases("counted.json") {
        let name = text(&case["name"]);
        let (reference, current) = (counts(&case["reference"]), counts(&case["current"]));
        let classic = psi::classic(&reference, &current).unwrap();
        assert_close("psi", classic, number(&case["psi_classic"]), name);
        let ours = psi::two_sample(&reference, &current, &Decision::default()).unwrap();
        assert_close("psi", ours.effect, number(&case["psi_renormalised"]), name);
    }
}

#[test]
fn jensen_shannon_as_mpmath() {
    for case in cases("counted.json") {
        let (reference, current) = (counts(&case["reference"]), counts(&case["current"]));
        let result =
            jensen_shannon::two_sample(&reference, &current, &Decision::default()).unwrap();
        let want = number(&case["js_distance_base2"]);
        assert_close("jensen_shannon", result.effect, want, text(&case["name"]));
    }
}
