use tidegate_stats::{
    Decision, Verdict, bins, chi_square, jensen_shannon, kolmogorov_smirnov,
    multiple::benjamini_hochberg, psi, wasserstein,
};
use tidegate_tests::tolerance::assert_close;

use crate::golden::{cases, counts, number, numbers, sample, text};

#[test]
fn kolmogorov_smirnov_as_scipy() {
    for case in cases("numeric.json") {
        let name = text(&case["name"]);
        let (reference, current) = (sample(&case, "reference"), sample(&case, "current"));
        let result =
            kolmogorov_smirnov::two_sample(&reference, &current, &Decision::default()).unwrap();
        let want = &case["ks_auto"];
        assert_close("kolmogorov_smirnov", result.statistic, number(&want["statistic"]), name);
        assert_close("ks_p_value", result.p_value.unwrap(), number(&want["p_value"]), name);

        let (n, m) = (result.reference_count, result.current_count);
        let d = result.statistic;
        if let Some(want) = case["ks_asymp"]["p_value"].as_f64() {
            let asymptotic = kolmogorov_smirnov::asymptotic_p_value(n, m, d);
            assert_close("ks_asymptotic", asymptotic, want, name);
        }
        let exact = kolmogorov_smirnov::exact_p_value(n, m, d).unwrap();
        assert_eq!(exact.to_bits(), result.p_value.unwrap().to_bits(), "{name}");
    }
}

#[test]
fn wasserstein_as_scipy() {
    for case in cases("numeric.json") {
        let name = text(&case["name"]);
        let (reference, current) = (sample(&case, "reference"), sample(&case, "current"));
        let result = wasserstein::two_sample(&reference, &current, &Decision::default()).unwrap();
        let want = number(&case["wasserstein"]);
        assert_close("wasserstein", result.statistic, want, name);
        let values = reference.values();
        if values.first() != values.last() {
            let scaled = want / number(&case["reference_std"]);
            assert_close("standard_deviation", result.effect, scaled, name);
        }
    }
}

#[test]
fn scaled_wasserstein_as_scipy() {
    for case in cases("wasserstein_scaled.json") {
        let name = text(&case["name"]);
        let (reference, current) = (sample(&case, "reference"), sample(&case, "current"));
        let result = wasserstein::scaled(&reference, &current).unwrap();
        assert_close("wasserstein", result.raw, number(&case["raw"]), name);
        for (got, key) in [
            (result.by_standard_deviation, "standard_deviation"),
            (result.by_interquartile_range, "interquartile_range"),
            (result.by_median_absolute_deviation, "median_absolute_deviation"),
        ] {
            assert_eq!(got.is_none(), case[key].is_null(), "{name}, {key}");
            if let Some(got) = got {
                assert_close("wasserstein_scaled", got, number(&case[key]), name);
            }
        }
    }
}

#[test]
fn deciles_and_their_counts_as_numpy() {
    for case in cases("numeric.json") {
        let name = text(&case["name"]);
        let (reference, current) = (sample(&case, "reference"), sample(&case, "current"));
        let edges = bins::classic_deciles(&reference);
        assert_eq!(edges.inner(), numbers(&case["inner_deciles"]), "{name}");
        assert_eq!(edges.count(reference.values()), counts(&case["reference_counts"]), "{name}");
        assert_eq!(edges.count(current.values()), counts(&case["current_counts"]), "{name}");
        assert_eq!(edges.count_sorted(&current), counts(&case["current_counts"]), "{name}");
    }
}

#[test]
fn our_deciles_are_the_classic_ones_with_atoms_set_apart() {
    for case in cases("numeric.json") {
        let name = text(&case["name"]);
        let (reference, current) = (sample(&case, "reference"), sample(&case, "current"));
        let classic = bins::classic_deciles(&reference);
        let ours = bins::Edges::deciles(&reference);
        for edge in classic.inner() {
            assert!(ours.inner().contains(edge), "{name}: {edge} is gone");
        }
        for edge in ours.inner() {
            let of_an_atom =
                ours.inner().contains(&edge.next_down()) || ours.inner().contains(&edge.next_up());
            assert!(classic.inner().contains(edge) || of_an_atom, "{name}: {edge} is new");
        }
        let total: u64 = ours.count(current.values()).iter().sum();
        assert_eq!(total, current.len() as u64, "{name}");
    }
}

#[test]
fn benjamini_hochberg_as_scipy() {
    for case in cases("multiple.json") {
        let adjusted = benjamini_hochberg(&numbers(&case["p_values"])).unwrap();
        for (got, want) in adjusted.iter().zip(numbers(&case["want"])) {
            assert_close("benjamini_hochberg", *got, want, &case["p_values"].to_string());
        }
    }
}

#[test]
fn every_method_tells_the_columns_that_drifted_from_the_one_that_did_not() {
    let verdicts = |column: &str| {
        let all = cases("numeric.json");
        let case = all.iter().find(|case| case["name"] == column).unwrap();
        let (reference, current) = (sample(case, "reference"), sample(case, "current"));
        let edges = bins::Edges::deciles(&reference);
        let (p, q) = (edges.count(reference.values()), edges.count(current.values()));
        let decision = Decision::default();
        [
            kolmogorov_smirnov::two_sample(&reference, &current, &decision),
            wasserstein::two_sample(&reference, &current, &decision),
            psi::two_sample(&p, &q, &decision),
            jensen_shannon::two_sample(&p, &q, &decision),
            chi_square::two_sample(&p, &q, &decision),
        ]
        .map(|result| result.unwrap().verdict)
    };
    assert_eq!(verdicts("elec2: period"), [Verdict::NoDrift; 5], "the time of day");
    // Constant over most of the reference: it is the atom that shows the drift.
    for column in ["elec2: nswprice", "elec2: vicprice", "elec2: transfer"] {
        assert_eq!(verdicts(column), [Verdict::Drift; 5], "{column}");
    }
}
