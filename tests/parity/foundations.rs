//! What the statistics stand on: functions, sums, moments, bins, ranks and trees.

use serde_json::Value;
use tidegate_stats::bins::Edges;
use tidegate_stats::experiment::CovariateSummary;
use tidegate_stats::explain::{
    Attributions, Node, Precision, Rule, TreeEnsemble, tree_path_dependent,
};
use tidegate_stats::num::{self, Sum};
use tidegate_stats::sketch::Kll;
use tidegate_stats::{Moments, QuantileHistogram, jensen_shannon, mann_whitney, special};
use tidegate_tests::tolerance::{assert_close, assert_close_on_scale};

use crate::golden::{cases, counts, number, numbers, text};

fn of_function(function: &str) -> Vec<Value> {
    let mut found = cases("foundations.json");
    found.retain(|case| case["function"] == function);
    assert!(!found.is_empty(), "foundations.json has no {function}");
    found
}

#[test]
fn functions_as_mpmath() {
    type OfOne = fn(f64) -> f64;
    let of_one: [(&str, OfOne); 13] = [
        ("exp", num::exp),
        ("exp_m1", num::exp_m1),
        ("ln", num::ln),
        ("ln_1p", num::ln_1p),
        ("ln_gamma", num::ln_gamma),
        ("erf", num::erf),
        ("erfc", num::erfc),
        ("sin", num::sin),
        ("cos", num::cos),
        ("sqrt", num::sqrt),
        ("floor", num::floor),
        ("ceil", num::ceil),
        ("round_ties_even", num::round_ties_even),
    ];
    for (function, compute) in of_one {
        for case in of_function(function) {
            assert_close(function, compute(number(&case["x"])), number(&case["want"]), function);
        }
    }
    type OfTwo = fn(f64, f64) -> f64;
    let of_two: [(&str, OfTwo, &str, &str); 2] =
        [("pow", num::pow, "x", "y"), ("atan2", num::atan2, "y", "x")];
    for (function, compute, first, second) in of_two {
        for case in of_function(function) {
            let got = compute(number(&case[first]), number(&case[second]));
            assert_close(function, got, number(&case["want"]), &case.to_string());
        }
    }
    for case in of_function("scale_by_power_of_two") {
        let power = case["n"].as_i64().unwrap() as i32;
        let got = num::scale_by_power_of_two(number(&case["x"]), power);
        assert_close("scale_by_power_of_two", got, number(&case["want"]), &case.to_string());
    }
    for case in of_function("upper_gamma_ratio") {
        let got = special::upper_gamma_ratio(number(&case["a"]), number(&case["x"])).unwrap();
        assert_close("upper_gamma_ratio", got, number(&case["want"]), &case.to_string());
    }
}

#[test]
fn sums_as_fractions() {
    for case in of_function("sum") {
        let (name, terms) = (text(&case["name"]), numbers(&case["terms"]));
        let (mut first, mut second) = (Sum::default(), Sum::default());
        let (left, right) = terms.split_at(terms.len() / 2);
        left.iter().for_each(|term| first.add(*term));
        right.iter().for_each(|term| second.add(*term));
        first.merge(second);
        assert_close("sum", first.value(), number(&case["want"]), name);
    }
}

#[test]
fn moments_as_fractions() {
    for case in of_function("moments") {
        let (name, values) = (text(&case["name"]), numbers(&case["values"]));
        let at = |field: &str| number(&case[field]);
        let (left, right) = values.split_at(values.len() / 3);
        let mut merged = Moments::default();
        left.iter().for_each(|value| merged.push(*value));
        merged.merge(&right.iter().copied().collect());
        let range = [at("min"), at("max")];
        let (count, deviation) = (values.len() as u64, at("standard_deviation"));
        let summary = Moments::of_summary(count, at("mean"), deviation, range);
        for moments in [values.iter().copied().collect(), merged, summary] {
            assert_eq!((moments.count(), [moments.min(), moments.max()]), (count, range), "{name}");
            assert_close("moments", moments.mean(), at("mean"), name);
            assert_close("moments", moments.variance(), at("variance"), name);
            assert_close("moments", moments.standard_deviation(), deviation, name);
            let in_units = deviation / moments.unit();
            assert_close("moments", moments.m2(), in_units * in_units * count as f64, name);
        }
    }
}

#[test]
fn summaries_with_covariates_have_the_moments_of_their_values() {
    for case in of_function("moments") {
        let (name, values) = (text(&case["name"]), numbers(&case["values"]));
        if number(&case["standard_deviation"]) > 1e100 || values.len() < 2 {
            continue; // Out of the range of a summary, or without a sample variance.
        }
        let (mut known, mut unknown) = (CovariateSummary::default(), CovariateSummary::default());
        for (index, value) in values.iter().enumerate() {
            if index % 3 == 0 {
                unknown.push(*value, None).unwrap();
            } else {
                known.push(*value, Some(index as f64)).unwrap();
            }
        }
        known.merge(&unknown);
        assert_eq!(known.count(), values.len() as u64, "{name}");
        let got = known.unadjusted();
        assert_close("moments", got.mean, number(&case["mean"]), name);
        let n = values.len() as f64;
        let variance = number(&case["variance"]) * n / (n - 1.0);
        assert_close("moments", got.variance, variance, name);
    }
}

#[test]
fn quantiles_are_within_half_a_bucket_of_numpys() {
    for case in of_function("quantile") {
        let values = numbers(&case["values"]);
        let (left, right) = values.split_at(values.len() / 2);
        let of = |values: &[f64]| {
            let mut histogram = QuantileHistogram::default();
            values.iter().for_each(|value| histogram.record(*value));
            histogram
        };
        let mut histogram = of(left);
        histogram.merge(&of(right));
        assert_eq!(histogram.count(), values.len() as u64);
        let mut twice = QuantileHistogram::default();
        values.iter().for_each(|value| twice.record_n(*value, 2));
        for (share, want) in numbers(&case["shares"]).into_iter().zip(numbers(&case["want"])) {
            let got = histogram.quantile(share).unwrap();
            let context = format!("{} at {share}", text(&case["name"]));
            assert_close("quantile_histogram", got, want, &context);
            assert_eq!(twice.quantile(share), Some(got), "{context}");
        }
    }
}

#[test]
fn values_fall_into_the_bins_of_numpy() {
    for case in of_function("index") {
        let edges = Edges::try_new(numbers(&case["edges"])).unwrap();
        for (value, want) in numbers(&case["values"]).into_iter().zip(counts(&case["want"])) {
            assert_eq!(edges.index(value) as u64, want, "{value}");
        }
    }
}

#[test]
fn deciles_of_exact_sketches_as_numpy() {
    for case in of_function("sketch_deciles") {
        let [reference, current] =
            ["reference", "current"].map(|side| numbers(&case[side]).into_iter().collect::<Kll>());
        let edges = reference.deciles();
        assert_eq!(edges.inner(), numbers(&case["edges"]));
        assert_eq!(Kll::counts(&reference, &edges), counts(&case["reference_counts"]));
        assert_eq!(Kll::counts(&current, &edges), counts(&case["current_counts"]));
    }
}

#[test]
fn orders_of_two_samples_as_counted() {
    for case in of_function("mann_whitney_exact") {
        let of = |name: &str| case[name].as_u64().unwrap();
        let got = mann_whitney::exact_p_value(of("n"), of("m"), of("u")).unwrap();
        assert_close("mann_whitney_exact", got, number(&case["want"]), &case.to_string());
    }
}

#[test]
fn forms_of_the_jensen_shannon_divergence_as_mpmath() {
    for case in of_function("jensen_shannon") {
        let at = |field: &str| number(&case[field]);
        let distance = at("distance");
        for (got, field) in [
            (jensen_shannon::distance_from_divergence_nats(at("divergence_nats")), "distance"),
            (jensen_shannon::divergence_bits_from_distance(distance), "divergence_bits"),
            (jensen_shannon::divergence_nats_from_distance(distance), "divergence_nats"),
            (jensen_shannon::distance_nats_from_distance(distance), "distance_nats"),
        ] {
            assert_close("jensen_shannon_form", got, at(field), field);
        }
    }
}

/// The nodes of a tree as scikit-learn keeps them.
fn nodes(tree: &Value) -> Vec<Node> {
    let of = |field: &str| numbers(&tree[field]);
    let (features, thresholds) = (of("feature"), of("threshold"));
    let (lefts, rights, values, covers) = (of("left"), of("right"), of("value"), of("cover"));
    (0..features.len())
        .map(|at| {
            if lefts[at] < 0.0 {
                return Node::Leaf { value: values[at], cover: covers[at] };
            }
            Node::Split {
                feature: features[at] as u32,
                rule: Rule::AtMost(thresholds[at]),
                is_missing_left: true,
                is_zero_missing: false,
                left: lefts[at] as u32,
                right: rights[at] as u32,
                cover: covers[at],
            }
        })
        .collect()
}

#[test]
fn trees_as_scikit_learn_and_shap() {
    for case in of_function("tree") {
        let rows: Vec<f64> = case["rows"].as_array().unwrap().iter().flat_map(numbers).collect();
        let trees = case["trees"].as_array().unwrap();
        let mut ensemble = TreeEnsemble::try_new(4, &[0.0; 2], Precision::Double).unwrap();
        for (output, tree) in trees.iter().enumerate() {
            ensemble.push_tree(output, &nodes(tree)).unwrap();
        }
        let outputs = ensemble.outputs_of(&rows).unwrap();
        let values: Attributions = tree_path_dependent(&ensemble, &rows).unwrap();
        for (output, tree) in trees.iter().enumerate() {
            let want = numbers(&tree["outputs"]);
            for (got, want) in outputs.iter().skip(output).step_by(trees.len()).zip(want) {
                assert_close("tree_outputs", *got, want, "a row");
            }
            let want = tree["values"].as_array().unwrap().iter().flat_map(numbers);
            for (got, want) in values.of_output(output).into_iter().zip(want) {
                assert_close_on_scale("tree_path_dependent", got, want, 1.0 + want, "a value");
            }
        }
    }
}

#[test]
fn categories_go_where_numpy_has_them() {
    for case in of_function("categories") {
        let mut words = [0_u32; 3];
        for category in counts(&case["categories"]) {
            words[category as usize / 32] |= 1 << (category % 32);
        }
        let mut ensemble = TreeEnsemble::try_new(1, &[0.0], Precision::Double).unwrap();
        let set = ensemble.push_categories(&words);
        let leaf = |value| Node::Leaf { value, cover: 1.0 };
        let split = Node::Split {
            feature: 0,
            rule: Rule::In(set),
            is_missing_left: false,
            is_zero_missing: false,
            left: 1,
            right: 2,
            cover: 2.0,
        };
        ensemble.push_tree(0, &[split, leaf(1.0), leaf(0.0)]).unwrap();
        let got = ensemble.outputs_of(&numbers(&case["rows"])).unwrap();
        for (got, want) in got.iter().zip(case["want"].as_array().unwrap()) {
            assert_eq!(Some(*got == 1.0), want.as_bool(), "{case}");
        }
    }
}
