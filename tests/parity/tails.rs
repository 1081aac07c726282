use tidegate_stats::{kolmogorov_smirnov, special};
use tidegate_tests::tolerance::assert_close;

use crate::golden::{cases, number, text};

#[test]
fn tails_and_their_points_as_mpmath_and_scipy() {
    for case in cases("tails.json") {
        let function = text(&case["function"]);
        let size = |side: &str| case[side].as_u64().unwrap();
        let at = |name: &str| number(&case[name]);
        let got = match function {
            "ks_exact" => kolmogorov_smirnov::exact_p_value(size("n"), size("m"), at("d")).unwrap(),
            "ks_asymptotic" | "ks_smirnov_tail" => {
                kolmogorov_smirnov::asymptotic_p_value(size("n"), size("m"), at("d"))
            }
            "chi_square_tail" => special::chi_square_tail(at("x"), at("df")).unwrap(),
            "chi_square_point" => special::chi_square_point(at("x"), at("df")).unwrap(),
            other => panic!("tails.json names {other}, which no test knows"),
        };
        assert_close(function, got, at("want"), &case.to_string());
    }
}
