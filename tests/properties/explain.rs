//! SHAP values against their definition, over all subsets of the features.

use proptest::prelude::*;
use tidegate_stats::ErrorKind;
use tidegate_stats::explain::{
    Node, Precision, Rule, TreeEnsemble, tree_interventional, tree_path_dependent,
};

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
