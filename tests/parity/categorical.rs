use tidegate_stats::{
    Decision, Error, TwoSample, fisher_exact, g_test, hellinger, kullback_leibler, l_infinity,
    total_variation,
};
use tidegate_tests::tolerance::assert_close;

use crate::golden::{cases, counts, number, text};

type Compare = fn(&[u64], &[u64], &Decision) -> Result<TwoSample, Error>;

#[test]
fn distances_as_mpmath() {
    let distances: [(&str, Compare); 4] = [
        ("hellinger", hellinger::two_sample),
        ("total_variation", total_variation::two_sample),
        ("kullback_leibler", kullback_leibler::two_sample),
        ("l_infinity", l_infinity::two_sample),
    ];
    for case in cases("categorical.json") {
        let (reference, current) = (counts(&case["reference"]), counts(&case["current"]));
        for (function, compare) in distances {
            let result = compare(&reference, &current, &Decision::default()).unwrap();
            assert_close(function, result.effect, number(&case[function]), text(&case["name"]));
            assert_eq!(result.statistic, result.effect);
        }
    }
}

#[test]
fn kullback_leibler_by_its_other_definitions() {
    for case in cases("categorical.json") {
        let name = text(&case["name"]);
        let (reference, current) = (counts(&case["reference"]), counts(&case["current"]));
        let classic = kullback_leibler::classic(&reference, &current).unwrap();
        assert_close("kullback_leibler", classic, number(&case["kullback_leibler_classic"]), name);
        let unsmoothed = kullback_leibler::unsmoothed(&reference, &current).unwrap();
        match case["kullback_leibler_unsmoothed"].as_f64() {
            Some(want) => assert_close("kullback_leibler", unsmoothed, want, name),
            None => assert_eq!(unsmoothed, f64::INFINITY, "{name}"),
        }
    }
}

#[test]
fn g_test_as_scipy() {
    for case in cases("categorical.json") {
        let want = &case["g_test"];
        if want.is_null() {
            continue;
        }
        let name = text(&case["name"]);
        let (reference, current) = (counts(&case["reference"]), counts(&case["current"]));
        let test = g_test::likelihood_ratio(&reference, &current).unwrap();
        assert_close("g_test", test.statistic, number(&want["statistic"]), name);
        assert_eq!(test.df, want["df"].as_u64().unwrap(), "{name}");
        assert_close("g_test_p_value", test.p_value, number(&want["p_value"]), name);
        if reference.iter().chain(&current).all(|&count| count >= 10) {
            let result = g_test::two_sample(&reference, &current, &Decision::default()).unwrap();
            assert_eq!((result.statistic, result.p_value), (test.statistic, Some(test.p_value)));
        }
    }
}

#[test]
fn the_largest_change_is_where_mpmath_finds_it() {
    for case in cases("categorical.json") {
        let (reference, current) = (counts(&case["reference"]), counts(&case["current"]));
        let largest = l_infinity::largest_change(&reference, &current).unwrap();
        let index = case["l_infinity_index"].as_u64().unwrap() as usize;
        let change = |index: usize| {
            let share = |counts: &[u64]| counts[index] as f64 / counts.iter().sum::<u64>() as f64;
            (share(&reference) - share(&current)).abs()
        };
        // Of two changes that are equal but for rounding either may be named.
        assert!((change(largest.index) - change(index)).abs() < 1e-15, "{}", case["name"]);
    }
}

#[test]
fn fisher_exact_as_whole_numbers() {
    let mut compared = 0;
    for case in cases("categorical.json") {
        let want = &case["fisher_exact"]["p_value"];
        if want.is_null() {
            continue;
        }
        let name = text(&case["name"]);
        let (reference, current) = (counts(&case["reference"]), counts(&case["current"]));
        let decision = Decision::default();
        let result = fisher_exact::two_sample(&reference, &current, &decision).unwrap();
        assert_close("fisher_exact_p_value", result.p_value.unwrap(), number(want), name);
        // Of two categories both shares change by as much.
        assert_close("fisher_exact", result.statistic, number(&case["l_infinity"]), name);
        if let ([a, b], [c, d]) = (&reference[..], &current[..]) {
            let test = fisher_exact::test([*a, *b], [*c, *d]).unwrap();
            assert_close("fisher_exact_p_value", test.p_value, number(want), name);
            let ratio = test.odds_ratio.unwrap();
            match case["fisher_exact"]["odds_ratio"].as_f64() {
                Some(want) => assert_close("fisher_exact", ratio, want, name),
                None => assert_eq!(ratio, f64::INFINITY, "{name}"),
            }
        }
        compared += 1;
    }
    assert!(compared > 10);
}
