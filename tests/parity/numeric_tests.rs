//! Tests on two samples of numbers.

use tidegate_stats::{
    Decision, Method, NumericTests, Sorted,
    anderson_darling::{self, Variant},
    cramer_von_mises, energy, mann_whitney, welch_t,
};
use tidegate_tests::tolerance::assert_close;

use crate::golden::{cases, number, numbers, sample, text};

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

#[test]
fn anderson_darling_as_scipy_and_mpmath() {
    for case in cases("anderson_darling.json") {
        let name = text(&case["name"]);
        if !case["want"].is_null() {
            let p_value = anderson_darling::asymptotic_p_value(
                case["k"].as_u64().unwrap(),
                number(&case["statistic"]),
            );
            assert_close("ad_asymptotic", p_value, number(&case["want"]), name);
            continue;
        }
        let samples: Vec<Sorted> = match case["samples"].as_array() {
            Some(samples) => samples.iter().map(|s| Sorted::try_new(numbers(s)).unwrap()).collect(),
            None => ["reference", "current"].map(|side| sample(&case, side)).into(),
        };
        let samples: Vec<&Sorted> = samples.iter().collect();
        for (variant, key) in [
            (Variant::Midrank, "midrank"),
            (Variant::Right, "right"),
            (Variant::Continuous, "continuous"),
        ] {
            let result = anderson_darling::k_samples(&samples, variant).unwrap();
            let want = number(&case[key]);
            assert_close("anderson_darling", result.statistic, want, &format!("{name}, {key}"));
            if variant == Variant::Midrank {
                let want = number(&case["asymptotic"]);
                assert_close("ad_p_value", result.p_value, want, name);
            }
        }
        if let [reference, current] = samples[..] {
            let decision = Decision::default();
            let result = anderson_darling::two_sample(reference, current, &decision).unwrap();
            assert_close("anderson_darling", result.statistic, number(&case["midrank"]), name);
            let [n, m] = [result.reference_count, result.current_count].map(|count| count as f64);
            if let Some(criterion) = case["criterion"].as_f64() {
                let want = (criterion * (n + m) / (4.0 * n * m)).sqrt();
                assert_close("ad_effect", result.effect, want, name);
            }
            if let Some(exact) = case["exact"].as_f64() {
                assert_close("ad_exact", result.p_value.unwrap(), exact, name);
            }
        }
    }
}

#[test]
fn energy_as_scipy() {
    for case in cases("energy.json") {
        let name = text(&case["name"]);
        let (reference, current) = (sample(&case, "reference"), sample(&case, "current"));
        let decision = Decision::default();
        let result = energy::two_sample(&reference, &current, &decision).unwrap();
        let tests = NumericTests::try_new(&reference, &current, &Method::ALL).unwrap();
        assert_eq!(tests.test(Method::Energy, &decision), Ok(result), "{name}");
        assert_close("energy", result.statistic, number(&case["statistic"]), name);
        assert_close("energy_effect", result.effect, number(&case["effect"]), name);
    }
}

#[test]
fn small_samples_as_scipy() {
    for case in cases("small_samples.json") {
        let name = text(&case["name"]);
        let (reference, current) = (sample(&case, "reference"), sample(&case, "current"));
        let decision = Decision::default();
        let tests = NumericTests::try_new(&reference, &current, &Method::ALL).unwrap();
        let of = |method| tests.test(method, &decision).unwrap();
        let [ks, ranks, gaps] =
            [Method::KolmogorovSmirnov, Method::MannWhitney, Method::CramerVonMises].map(of);
        assert_close("kolmogorov_smirnov", ks.statistic, number(&case["ks"]), name);
        assert_close("ks_exact", ks.p_value.unwrap(), number(&case["ks_exact"]), name);
        assert_close("mann_whitney", ranks.statistic, number(&case["mann_whitney"]), name);
        let is_tied = case["ties"].as_bool().unwrap();
        let (n, m) = (ranks.reference_count, ranks.current_count);
        let exact = !is_tied && n.min(m) <= mann_whitney::MAX_EXACT_LEN;
        let law = if exact { "mann_whitney_exact" } else { "mann_whitney_asymptotic" };
        let want = number(&case[law]);
        assert_close("mann_whitney_p_value", ranks.p_value.unwrap(), want, name);
        assert_close("cramer_von_mises", gaps.statistic, number(&case["cramer_von_mises"]), name);
        // DIFFERENCE: with ties ours is of the gaps themselves, see generate_numeric_tests.py.
        if let (Some(want), false) = (case["cramer_von_mises_exact"].as_f64(), is_tied) {
            assert_close("cvm_p_value", gaps.p_value.unwrap(), want, name);
        }
        for (method, key) in [
            (Method::AndersonDarling, "anderson_darling"),
            (Method::Wasserstein, "wasserstein"),
            (Method::Energy, "energy"),
        ] {
            assert_close(key, of(method).statistic, number(&case[key]), name);
        }
    }
}
