//! SHAP values against their definition, over all subsets of the features.

use proptest::prelude::*;
use tidegate_stats::explain::{
    Attributions, ImportanceOptions, Node, PermutationOptions, Precision, Rule, SplitPointOptions,
    TreeEnsemble, exact, importance_drift, linear, permutation, rank_agreement, split_points,
    tree_interventional, tree_path_dependent,
};
use tidegate_stats::{Decision, ErrorKind, Verdict};

const FEATURES: usize = 4;

/// A tree as [`TreeEnsemble::push_tree`] takes it, grown from a list of choices.
fn grow(choices: &[(u32, i32, bool, u32)], depth: usize, nodes: &mut Vec<Node>) -> u32 {
    let at = nodes.len();
    let (feature, number, flag, weight) = choices[at % choices.len()];
    let leaf = |cover| Node::Leaf { value: f64::from(number), cover };
    nodes.push(leaf(f64::from(weight)));
    // The first choices make splits; a flag ends a branch early.
    if depth == 0 || (flag && at % 3 == 2) {
        return at as u32;
    }
    let left = grow(choices, depth - 1, nodes);
    let right = grow(choices, depth - 1, nodes);
    let cover_of = |nodes: &[Node], at: u32| match nodes[at as usize] {
        Node::Leaf { cover, .. } | Node::Split { cover, .. } => cover,
    };
    let cover = cover_of(nodes, left) + cover_of(nodes, right);
    let rule = if number % 4 == 3 { Rule::In(0) } else { Rule::AtMost(f64::from(number % 3)) };
    let is_zero_missing = number % 5 == 0;
    nodes[at] =
        Node::Split { feature, rule, is_missing_left: flag, is_zero_missing, left, right, cover };
    at as u32
}

type Choices = Vec<(u32, i32, bool, u32)>;

/// Covers from 0 to 5, so that some children of a node have none.
fn trees() -> impl Strategy<Value = Vec<(Choices, usize)>> {
    let choice = (0..FEATURES as u32, -9..9_i32, any::<bool>(), 0..6_u32);
    prop::collection::vec((prop::collection::vec(choice, 1..40), 0..5_usize), 1..4)
}

fn table(rows: impl Into<prop::collection::SizeRange>) -> impl Strategy<Value = Vec<f64>> {
    let cell = prop_oneof![8 => (-3..4_i32).prop_map(f64::from), 1 => Just(f64::NAN)];
    let row = prop::collection::vec(cell, FEATURES);
    prop::collection::vec(row, rows).prop_map(|rows| rows.concat())
}

/// The trees, and their nodes. A tree without any cover gets some.
fn ensemble(trees: &[(Choices, usize)]) -> (TreeEnsemble, Vec<Vec<Node>>) {
    let mut ensemble = TreeEnsemble::try_new(FEATURES, &[3.0, -2.0], Precision::Double).unwrap();
    ensemble.push_categories(&[0b101]);
    let mut all = Vec::new();
    for (at, (choices, depth)) in trees.iter().enumerate() {
        let mut nodes = Vec::new();
        grow(choices, *depth, &mut nodes);
        if let Node::Split { cover, .. } = &mut nodes[0] {
            *cover = cover.max(1.0);
        }
        ensemble.push_tree(at % 2, &nodes).unwrap();
        all.push(nodes);
    }
    (ensemble, all)
}

fn goes_left(rule: Rule, is_missing_left: bool, is_zero_missing: bool, value: f64) -> bool {
    if value.is_nan() || (is_zero_missing && value == 0.0) {
        return is_missing_left;
    }
    match rule {
        Rule::AtMost(threshold) => value <= threshold,
        Rule::In(_) => value == 0.0 || value == 2.0,
    }
}

/// The tree's mean when the features in `known` are, by following both sides of the others' splits.
fn mean_given(nodes: &[Node], at: u32, row: &[f64], known: u32) -> f64 {
    let cover_of = |at: u32| match nodes[at as usize] {
        Node::Leaf { cover, .. } | Node::Split { cover, .. } => cover,
    };
    match nodes[at as usize] {
        Node::Leaf { value, .. } => value,
        Node::Split { feature, rule, is_missing_left, is_zero_missing, left, right, cover } => {
            if known >> feature & 1 == 1 {
                let value = row[feature as usize];
                let left_wins = goes_left(rule, is_missing_left, is_zero_missing, value);
                return mean_given(nodes, if left_wins { left } else { right }, row, known);
            }
            let share = |child| if cover > 0.0 { cover_of(child) / cover } else { 0.5 };
            share(left) * mean_given(nodes, left, row, known)
                + share(right) * mean_given(nodes, right, row, known)
        }
    }
}

/// Shapley values by their definition.
fn shapley(worth: impl Fn(u32) -> f64) -> Vec<f64> {
    let factorial = |n: u32| (1..=n).product::<u32>();
    let n = FEATURES as u32;
    (0..n)
        .map(|feature| {
            (0..1_u32 << n)
                .filter(|known| known >> feature & 1 == 0)
                .map(|known| {
                    let size = known.count_ones();
                    let weight = f64::from(factorial(size) * factorial(n - size - 1))
                        / f64::from(factorial(n));
                    weight * (worth(known | 1 << feature) - worth(known))
                })
                .sum()
        })
        .collect()
}

#[track_caller]
fn assert_same(got: &[f64], want: &[f64]) {
    for (got, want) in got.iter().zip(want) {
        assert!((got - want).abs() < 1e-11, "got {got}, want {want}");
    }
}

proptest! {
    #[test]
    fn path_dependent_values_are_shapley_values(trees in trees(), rows in table(1..4)) {
        let (ensemble, nodes) = ensemble(&trees);
        let found = tree_path_dependent(&ensemble, &rows).unwrap();
        for (at, row) in rows.chunks(FEATURES).enumerate() {
            for output in 0..2 {
                let worth = |known| {
                    nodes.iter().skip(output).step_by(2).map(|nodes| mean_given(nodes, 0, row, known)).sum()
                };
                assert_same(found.of(at, output), &shapley(worth));
            }
        }
    }

    #[test]
    fn interventional_values_are_shapley_values(
        trees in trees(),
        rows in table(1..4),
        background in table(1..6),
    ) {
        let (ensemble, _) = ensemble(&trees);
        let found = tree_interventional(&ensemble, &rows, &background).unwrap();
        for (at, row) in rows.chunks(FEATURES).enumerate() {
            for output in 0..2 {
                let worth = |known: u32| {
                    let mixed: Vec<f64> = background
                        .iter()
                        .enumerate()
                        .map(|(cell, other)| {
                            let feature = cell % FEATURES;
                            if known >> feature & 1 == 1 { row[feature] } else { *other }
                        })
                        .collect();
                    let outputs = ensemble.outputs_of(&mixed).unwrap();
                    outputs.iter().skip(output).step_by(2).sum::<f64>() / (mixed.len() / FEATURES) as f64
                };
                assert_same(found.of(at, output), &shapley(worth));
            }
        }
    }

    #[test]
    fn tree_values_add_up_whatever_the_rows(trees in trees(), rows in table(0..6)) {
        let (ensemble, _) = ensemble(&trees);
        let outputs = ensemble.outputs_of(&rows).unwrap();
        let background = [0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];
        for found in [
            tree_path_dependent(&ensemble, &rows).unwrap(),
            tree_interventional(&ensemble, &rows, &background).unwrap(),
        ] {
            for (at, want) in outputs.iter().enumerate() {
                let (row, output) = (at / 2, at % 2);
                let sum = found.expected()[output] + found.of(row, output).iter().sum::<f64>();
                prop_assert!((sum - want).abs() < 1e-11, "{sum} for {want}");
            }
        }
    }

    #[test]
    fn a_tree_of_any_nodes_is_taken_or_refused(
        nodes in prop::collection::vec(
            (any::<bool>(), 0..6_u32, 0..8_u32, 0..8_u32, prop_oneof![Just(f64::NAN), -1e301..1e301_f64]),
            0..8,
        ),
        row in table(1),
    ) {
        let nodes: Vec<Node> = nodes
            .iter()
            .map(|&(is_leaf, feature, left, right, number)| {
                if is_leaf {
                    return Node::Leaf { value: number, cover: number.abs() };
                }
                let (rule, cover) = (Rule::AtMost(number), number.abs());
                let (is_missing_left, is_zero_missing) = (true, false);
                Node::Split { feature, rule, is_missing_left, is_zero_missing, left, right, cover }
            })
            .collect();
        let mut ensemble = TreeEnsemble::try_new(FEATURES, &[0.0], Precision::Double).unwrap();
        if ensemble.push_tree(0, &nodes).is_ok() {
            match tree_path_dependent(&ensemble, &row) {
                Ok(found) => prop_assert!(found.values().iter().all(|value| value.is_finite())),
                Err(error) => prop_assert_eq!(error.kind(), ErrorKind::OutOfRange),
            }
            let found = tree_interventional(&ensemble, &row, &row).unwrap();
            prop_assert!(found.values().iter().all(|value| *value == 0.0));
        } else {
            prop_assert_eq!(ensemble.outputs_of(&row).unwrap(), [0.0]);
        }
    }
}

/// A model with a product of two, a product of three and a step.
fn mixed(rows: &[f64]) -> Vec<f64> {
    let of = |x: &[f64]| x[0] * x[1] - x[1] * x[2] * x[3] + f64::from(x[3] > 0.5) + 2.0 * x[0];
    rows.chunks(FEATURES).map(of).collect()
}

fn numbers(rows: impl Into<prop::collection::SizeRange>) -> impl Strategy<Value = Vec<f64>> {
    let row = prop::collection::vec(-3.0..3.0_f64, FEATURES);
    prop::collection::vec(row, rows).prop_map(|rows| rows.concat())
}

fn importances() -> impl Strategy<Value = Vec<(f64, f64)>> {
    let value = || prop_oneof![(0..4_u32).prop_map(f64::from), 0.0..3.0_f64];
    prop::collection::vec((value(), value()), 1..12)
}

proptest! {
    #[test]
    fn exact_values_are_shapley_values(rows in numbers(1..3), background in numbers(1..5)) {
        let found = exact(mixed, &rows, &background, FEATURES).unwrap();
        let options = PermutationOptions { pairs: 2, seed: 3 };
        let by_orders = permutation(mixed, &rows, &background, FEATURES, &options).unwrap();
        prop_assert_eq!(found.expected(), by_orders.expected());
        let outputs = mixed(&rows);
        for (at, row) in rows.chunks(FEATURES).enumerate() {
            let worth = |known: u32| {
                let mixed_rows: Vec<f64> = background
                    .iter()
                    .enumerate()
                    .map(|(cell, other)| {
                        let feature = cell % FEATURES;
                        if known >> feature & 1 == 1 { row[feature] } else { *other }
                    })
                    .collect();
                let outputs = mixed(&mixed_rows);
                outputs.iter().sum::<f64>() / outputs.len() as f64
            };
            assert_same(found.of(at, 0), &shapley(worth));
            for found in [&found, &by_orders] {
                let sum = found.expected()[0] + found.of(at, 0).iter().sum::<f64>();
                prop_assert!((sum - outputs[at]).abs() < 1e-11);
            }
        }
    }

    #[test]
    fn of_a_linear_model_all_forms_agree(rows in numbers(1..3), background in numbers(1..5)) {
        let coefficients = [1.0, -2.0, 0.5, 0.0];
        let model = |rows: &[f64]| -> Vec<f64> {
            let of = |row: &[f64]| row.iter().zip(coefficients).map(|(x, c)| c * x).sum::<f64>() + 7.0;
            rows.chunks(FEATURES).map(of).collect()
        };
        let found = linear(&coefficients, 7.0, &rows, &background).unwrap();
        assert_same(found.values(), exact(model, &rows, &background, FEATURES).unwrap().values());
        let options = PermutationOptions { pairs: 1, seed: 5 };
        let by_orders = permutation(model, &rows, &background, FEATURES, &options).unwrap();
        assert_same(found.values(), by_orders.values());
        assert_same(found.expected(), by_orders.expected());
    }

    #[test]
    fn rank_agreement_is_symmetric_and_of_the_order_alone(pairs in importances()) {
        let (reference, current): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
        let found = rank_agreement(&reference, &current).unwrap();
        let swapped = rank_agreement(&current, &reference).unwrap();
        prop_assert_eq!((found.kendall, found.spearman), (swapped.kendall, swapped.spearman));
        let cubed: Vec<f64> = current.iter().map(|value| value * value * value).collect();
        prop_assert_eq!(found, rank_agreement(&reference, &cubed).unwrap());
        for figure in [found.kendall, found.spearman].into_iter().flatten() {
            prop_assert!((-1.0..=1.0).contains(&figure));
        }
        prop_assert!(found.ndcg.is_none_or(|gain| (0.0..=1.0).contains(&gain)));
        let own = rank_agreement(&reference, &reference).unwrap();
        prop_assert!(own.kendall.is_none_or(|tau| tau == 1.0) && own.ndcg.is_none_or(|gain| gain == 1.0));
    }

    #[test]
    fn importance_drift_does_not_depend_on_the_order_of_rows(
        reference in numbers(1..8),
        current in numbers(1..8),
    ) {
        let options = ImportanceOptions { permutations: 9, seed: 1 };
        let drift = |reference: &[f64], current: &[f64]| {
            importance_drift(reference, current, FEATURES, &Decision::default(), &options).unwrap()
        };
        let found = drift(&reference, &current);
        let reversed: Vec<f64> = reference.rchunks(FEATURES).flatten().copied().collect();
        let other = drift(&reversed, &current);
        prop_assert_eq!(found.agreement, other.agreement);
        for (found, other) in found.features.iter().zip(&other.features) {
            prop_assert_eq!(found.test, other.test);
            prop_assert!(found.p_adjusted >= found.test.p_value.unwrap());
        }
        for p_value in [found.kendall_p_value, found.spearman_p_value, found.ndcg_p_value] {
            prop_assert!((0.1..=1.0).contains(&p_value));
        }
    }

    #[test]
    fn split_points_mirror_with_time_and_scale_with_values(
        values in prop::collection::vec(-3.0..3.0_f64, 6..40),
    ) {
        let options = SplitPointOptions { min_segment: 2, permutations: 9, ..SplitPointOptions::default() };
        let split = |values: &[f64]| split_points(values, 1, &options).unwrap()[0];
        let found = split(&values);
        let reversed: Vec<f64> = values.iter().rev().copied().collect();
        let other = split(&reversed);
        prop_assert!((found.statistic + other.statistic).abs() < 1e-9 * found.statistic.abs());
        let scaled: Vec<f64> = values.iter().map(|value| value * 1024.0).collect();
        let other = split(&scaled);
        prop_assert_eq!((found.index, found.p_value), (other.index, other.p_value));
        prop_assert!((2..=values.len() - 2).contains(&found.index));
        prop_assert!((0.1..=1.0).contains(&found.p_value) && found.p_adjusted == found.p_value);
    }
}

/// Uniform in [0, 1), the same on every run.
fn uniform(seed: u64) -> impl FnMut() -> f64 {
    let mut state = seed;
    move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let bits = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((bits ^ (bits >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Of independent trials with that chance, the counts that lie within four standard deviations.
fn band(trials: u32, chance: f64) -> std::ops::RangeInclusive<f64> {
    let (mean, deviation) =
        (f64::from(trials) * chance, (f64::from(trials) * chance * (1.0 - chance)).sqrt());
    mean - 4.0 * deviation..=mean + 4.0 * deviation
}

#[test]
fn split_points_alarm_as_often_as_they_say() {
    // Ten columns with heavy tails that share a part, without any change; then with one of a standard
    // deviation in one of them.
    const COLUMNS: usize = 10;
    let options = SplitPointOptions { permutations: 99, ..SplitPointOptions::default() };
    let trials = 200;
    let (mut any, mut own, mut found) = (0, 0, 0);
    let mut next = uniform(1);
    for trial in 0..trials {
        let rows = if trial % 2 == 0 { 100 } else { 300 };
        let mut values = Vec::new();
        for _ in 0..rows {
            let shared = next();
            values.extend((0..COLUMNS).map(|_| {
                let apart = shared - next();
                apart * apart * apart * apart * apart + 0.1 * next()
            }));
        }
        let splits = split_points(&values, COLUMNS, &options).unwrap();
        any += u32::from(splits.iter().any(|split| split.verdict == Verdict::Drift));
        own += u32::from(splits[0].p_value <= 0.05);
        for row in values.chunks_mut(COLUMNS).skip(rows / 2) {
            row[3] += 0.3;
        }
        let splits = split_points(&values, COLUMNS, &options).unwrap();
        let is_near = splits[3].index.abs_diff(rows / 2) <= 10;
        found += u32::from(splits[3].verdict == Verdict::Drift && is_near);
    }
    assert!(band(trials, 0.05).contains(&f64::from(any)), "{any} false alarms in any column");
    assert!(band(trials, 0.05).contains(&f64::from(own)), "{own} false alarms in one column");
    assert!(found >= trials * 9 / 10, "{found} of {trials} found");
}

#[test]
fn the_order_of_importance_alarms_as_seldom_as_it_says() {
    // Four features of like importance, which change places by chance all the time.
    let options = ImportanceOptions { permutations: 99, seed: 2 };
    let trials = 200;
    let (mut by_kendall, mut by_ndcg, mut found, mut swaps) = (0, 0, 0, 0);
    let mut next = uniform(3);
    for _ in 0..trials {
        let mut sample = |rows: usize, scales: [f64; 4]| -> Vec<f64> {
            let row = |next: &mut dyn FnMut() -> f64| scales.map(|scale| scale * (next() - next()));
            (0..rows).flat_map(|_| row(&mut next)).collect()
        };
        let alike = [1.0, 1.05, 1.1, 1.15];
        let (reference, current) = (sample(120, alike), sample(60, alike));
        let drift = |reference: &[f64], current: &[f64]| {
            importance_drift(reference, current, 4, &Decision::default(), &options).unwrap()
        };
        let same = drift(&reference, &current);
        swaps += u32::from(same.agreement.kendall.unwrap() < 1.0);
        by_kendall += u32::from(same.kendall_p_value <= 0.05);
        by_ndcg += u32::from(same.ndcg_p_value <= 0.05);
        let other = drift(&reference, &sample(60, [2.0, 1.0, 1.5, 0.7]));
        found += u32::from(other.kendall_p_value <= 0.05);
    }
    assert!(swaps > trials / 2, "the orders should differ by chance: {swaps}");
    // Kendall's figure has few values here, so it alarms less often than it may.
    assert!(f64::from(by_kendall) <= *band(trials, 0.05).end(), "{by_kendall}");
    assert!(band(trials, 0.05).contains(&f64::from(by_ndcg)), "{by_ndcg}");
    assert!(found >= trials / 2, "{found} of {trials} found");
}

#[test]
fn a_long_path_of_many_features_adds_up() {
    // 128 features, one after the other: sums over subsets are out of reach, and so are factorials.
    let features = TreeEnsemble::MAX_PATH_FEATURES;
    let mut ensemble = TreeEnsemble::try_new(features, &[0.0], Precision::Single).unwrap();
    let split = |feature: usize| Node::Split {
        feature: feature as u32,
        rule: Rule::AtMost(0.5),
        is_missing_left: false,
        is_zero_missing: false,
        left: (features + feature) as u32,
        right: if feature + 1 < features { feature as u32 + 1 } else { 2 * features as u32 },
        cover: (features - feature + 1) as f64,
    };
    let leaf = |at: usize| Node::Leaf { value: (at * at) as f64, cover: 1.0 };
    let nodes: Vec<Node> = (0..features).map(split).chain((0..=features).map(leaf)).collect();
    ensemble.push_tree(0, &nodes).unwrap();
    let all_on = vec![1.0; features];
    let mut some_on = all_on.clone();
    some_on[100] = 0.0;
    let rows = [all_on, some_on, vec![0.0; features]].concat();
    let background = rows.clone();
    let outputs = ensemble.outputs_of(&rows).unwrap();
    for found in [
        tree_path_dependent(&ensemble, &rows).unwrap(),
        tree_interventional(&ensemble, &rows, &background).unwrap(),
    ] {
        for (row, want) in outputs.iter().enumerate() {
            let sum = found.expected()[0] + found.of(row, 0).iter().sum::<f64>();
            assert!((sum - want).abs() < 1e-9, "{sum} for {want}");
        }
    }
}

proptest! {
    #[test]
    fn attributions_are_by_row_and_output(trees in trees(), rows in table(1..5)) {
        let (ensemble, _) = ensemble(&trees);
        let found: Attributions = tree_path_dependent(&ensemble, &rows).unwrap();
        prop_assert_eq!(found.rows(), rows.len() / FEATURES);
        for output in 0..found.outputs() {
            let together: Vec<f64> =
                (0..found.rows()).flat_map(|row| found.of(row, output).to_vec()).collect();
            prop_assert_eq!(found.of_output(output), together);
        }
        prop_assert!(found.of(found.rows(), 0).is_empty());
    }
}
