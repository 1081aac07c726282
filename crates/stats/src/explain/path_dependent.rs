use alloc::vec;
use alloc::vec::Vec;

use super::attributions::{Attributions, rows_of};
use super::ensemble::{Child, Edge, Tree, TreeEnsemble};
use super::quadrature::Rule;
use crate::{Error, ErrorKind};

/// SHAP values of a tree ensemble, given the training rows that each of its nodes counted (TreeSHAP,
/// "path-dependent").
///
/// A feature that is not known is averaged over by following both sides of its splits, weighted by
/// their shares of the training rows. So it needs no background data, and it depends on how the trees
/// were grown; [`super::tree_interventional`] does not.
///
/// With `z` the product of a feature's shares on the path to a leaf, and `o` 1 if the row satisfies
/// all its splits there and 0 if not, a leaf of value `v` adds to the feature `i`
///
/// `v (oᵢ − zᵢ) ∫₀¹ Π_{j≠i} (zⱼ (1 − t) + oⱼ t) dt`,
///
/// for a Shapley value is the marginal contribution, averaged over the chance `t` with which the
/// other features are known.
///
/// # Arguments
/// * `ensemble`: with covers.
/// * `rows`: row-major, `[n × features]`; NaN is missing.
///
/// # Returns
/// In the unit of the raw output (the margin). `expected` is the mean of the trees over their
/// training rows.
///
/// # Errors
/// * [`ErrorKind::ShapeMismatch`]: `rows` is no whole number of rows.
/// * [`ErrorKind::OutOfRange`]: the ensemble has no covers; the result would hold more than
///   [`Attributions::MAX_VALUES`]; a tree has more than 2²¹/Q splits, `Q` being the power of two not below
///   half of the distinct features on its longest path, from 2 to 64: a million splits for four features,
///   32,768 for more than 64.
///
/// # Numerics
/// The integrand is a polynomial, so that a Gauss-Legendre rule of half its degree gives the integral
/// exactly, and all of its factors are in `[0, 1]`: nothing cancels, however deep the tree. Relative
/// error about 1e-15 of the largest leaf; additive to 1e-12 of it.
///
/// O(splits · d) a row and tree, with `d` half the number of distinct features on a path. What does
/// not depend on the row is tabulated, a tree at a time.
///
/// # Examples
/// ```
/// use tidegate_stats::explain::{Node, Precision, Rule, TreeEnsemble, tree_path_dependent};
/// let mut stump = TreeEnsemble::try_new(2, &[10.0], Precision::Double)?;
/// let leaf = |value, cover| Node::Leaf { value, cover };
/// let split = Node::Split {
///     feature: 1,
///     rule: Rule::AtMost(0.5),
///     is_missing_left: true,
///     is_zero_missing: false,
///     left: 1,
///     right: 2,
///     cover: 4.0,
/// };
/// stump.push_tree(0, &[split, leaf(-1.0, 1.0), leaf(1.0, 3.0)])?;
/// let found = tree_path_dependent(&stump, &[7.0, 0.7])?;
/// assert_eq!(found.expected(), [10.5]); // 10 − 1·¼ + 1·¾
/// assert!(found.of(0, 0)[0] == 0.0 && (found.of(0, 0)[1] - 0.5).abs() < 1e-15);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Lundberg, Erion & Lee (2018), "Consistent individualized feature attribution for tree ensembles",
/// <https://arxiv.org/abs/1802.03888>, for what is computed; Owen (1972), "Multilinear extensions of
/// games", <https://doi.org/10.1287/mnsc.18.5.64>, for the integral; Yu, Bifet, Read & Xu (2022),
/// "Linear TreeShap", <https://arxiv.org/abs/2209.08192>, for summing over subtrees. Oracles:
/// `shap.TreeExplainer(model).shap_values`, XGBoost's and LightGBM's `predict(pred_contrib(s)=True)`.
pub fn tree_path_dependent(ensemble: &TreeEnsemble, rows: &[f64]) -> Result<Attributions, Error> {
    let features = ensemble.features();
    let count = rows_of(rows, features, "the table of rows")?;
    if !ensemble.has_covers() {
        return Err(Error::new(ErrorKind::OutOfRange, "the cover of a root"));
    }
    let mut found = Attributions::try_new(count, features, ensemble.base().to_vec())?;
    let rows = ensemble.prepared(rows);
    for tree in ensemble.trees() {
        if let Some(expected) = found.expected_mut().get_mut(tree.output) {
            *expected += mean_leaf(tree);
        }
        let explain = match tree.path_features {
            0..=4 => explain_tree::<2>,
            5..=8 => explain_tree::<4>,
            9..=16 => explain_tree::<8>,
            17..=32 => explain_tree::<16>,
            33..=64 => explain_tree::<32>,
            _ => explain_tree::<64>,
        };
        explain(ensemble, tree, &rows, &mut found)?;
    }
    found.finite()
}

/// The mean of a tree's leaves over its training rows.
fn mean_leaf(tree: &Tree) -> f64 {
    let mut reached = vec![1.0; tree.splits.len()];
    let mut mean = tree.only_leaf;
    for (at, split) in tree.splits.iter().enumerate() {
        for (child, share) in split.children.iter().zip(split.shares) {
            let weight = reached[at] * share;
            match *child {
                Child::Leaf(value) => mean += value * weight,
                Child::Split(below) => reached[below as usize] = weight,
            }
        }
    }
    mean
}

/// What a row does at a split: the index of a row in the tables.
type State = usize;
/// It goes on to the left or to the right (0 or 1), or has left the path by this feature above.
const OFF: State = 2;

/// A vector over the nodes of the quadrature, for each state of a split.
type ByState<const Q: usize> = [[f64; Q]; 3];

/// What a split adds, but for the row.
struct Entry<const Q: usize> {
    /// The split above, and its feature.
    parent: usize,
    parent_feature: usize,
    feature: usize,
    /// The nearest edge above of the same feature; a split past the last, which is always to the
    /// left, where there is none.
    same: Edge,
    has_leaf: bool,
    /// By the state of the parent: what the edge from it multiplies the path's factors by.
    factor: ByState<Q>,
    /// By the state of the parent: what the subtree's sum counts for the parent's feature.
    share: ByState<Q>,
    /// By its own state: the sum of its leaves, in units of the path's factors.
    leaves: ByState<Q>,
    /// By its own state: what its leaves count for its own feature.
    leaf_shares: ByState<Q>,
}

/// What one side of a split does to the factors, and how much of what is below it counts for the
/// split's feature; by the state of the split.
struct Side<const Q: usize> {
    factor: ByState<Q>,
    share: ByState<Q>,
}

impl<const Q: usize> Side<Q> {
    /// `above` is the product of the same feature's shares on the path so far, `share` this side's.
    fn new(rule: &Rule<Q>, side: usize, above: f64, share: f64) -> Self {
        let below = above * share;
        let mut of = Self { factor: [[share; Q]; 3], share: [[0.0; Q]; 3] };
        for q in 0..Q {
            let (t, rest, weight) = (rule.nodes[q], rule.rests[q], rule.weights[q]);
            // The feature's factors z(1 − t) + ot on the path so far, with o = 1, and below.
            let so_far = above * rest + t;
            let on = below * rest + t;
            of.factor[side][q] = on / so_far;
            of.share[side][q] = weight * (above - below) / (on * so_far);
            of.factor[1 - side][q] = below * rest / so_far;
            of.share[1 - side][q] = -weight / (rest * so_far);
        }
        of
    }
}

/// The tables of a tree.
fn tabulate<const Q: usize>(tree: &Tree) -> Vec<Entry<Q>> {
    let rule = Rule::<Q>::new();
    let splits = &tree.splits;
    // The product of each edge's feature's shares down to it.
    let mut products = vec![[1.0; 2]; splits.len()];
    let mut entries: Vec<Entry<Q>> = Vec::with_capacity(splits.len());
    let mut from_above: Vec<Option<Side<Q>>> = Vec::new();
    from_above.resize_with(splits.len(), || None);
    for (at, split) in splits.iter().enumerate() {
        let above = split.same.map_or(1.0, |edge| products[edge.split][edge.side]);
        let (parent, side_of_parent) = split
            .parent
            .map_or((0, None), |edge| (edge.split, from_above.get_mut(at).and_then(Option::take)));
        let mut entry = Entry {
            parent,
            parent_feature: splits[parent].feature as usize,
            feature: split.feature as usize,
            same: split.same.unwrap_or(Edge { split: splits.len(), side: 0 }),
            has_leaf: false,
            factor: [[1.0; Q]; 3],
            share: [[0.0; Q]; 3],
            leaves: [[0.0; Q]; 3],
            leaf_shares: [[0.0; Q]; 3],
        };
        if let Some(side) = side_of_parent {
            (entry.factor, entry.share) = (side.factor, side.share);
        }
        for (side, child) in split.children.iter().enumerate() {
            products[at][side] = above * split.shares[side];
            let edge = Side::<Q>::new(&rule, side, above, split.shares[side]);
            match *child {
                Child::Split(below) => from_above[below as usize] = Some(edge),
                Child::Leaf(value) => {
                    entry.has_leaf = true;
                    for state in 0..3 {
                        for q in 0..Q {
                            let leaf = value * edge.factor[state][q];
                            entry.leaves[state][q] += leaf;
                            entry.leaf_shares[state][q] += leaf * edge.share[state][q];
                        }
                    }
                }
            }
        }
        entries.push(entry);
    }
    entries
}

/// Adds a tree's values for all rows.
fn explain_tree<const Q: usize>(
    ensemble: &TreeEnsemble,
    tree: &Tree,
    rows: &[f64],
    found: &mut Attributions,
) -> Result<(), Error> {
    const MAX_SPLITS: usize = 1 << 20;
    if tree.splits.is_empty() {
        return Ok(());
    }
    if tree.splits.len() * Q > MAX_SPLITS * 2 {
        return Err(Error::new(ErrorKind::OutOfRange, "the size of a tree"));
    }
    let (features, outputs) = (ensemble.features(), ensemble.outputs());
    let entries = tabulate::<Q>(tree);
    let mut states: Vec<State> = vec![0; tree.splits.len() + 1];
    let mut sums = vec![[0.0; Q]; tree.splits.len()];
    let mut factors = vec![[1.0; Q]; tree.splits.len()];
    let values = found.values_mut().chunks_exact_mut(features * outputs);
    for (row, values) in rows.chunks_exact(features).zip(values) {
        let values = &mut values[tree.output * features..][..features];
        for (state, (split, entry)) in tree.splits.iter().zip(&entries).enumerate() {
            let is_on = states[entry.same.split] == entry.same.side;
            let side = usize::from(!ensemble.goes_left(split, row));
            states[state] = if is_on { side } else { OFF };
        }
        add_row(&entries, &states, &mut factors, &mut sums, values);
    }
    Ok(())
}

/// Adds a tree's values for one row.
fn add_row<const Q: usize>(
    entries: &[Entry<Q>],
    states: &[State],
    factors: &mut [[f64; Q]],
    sums: &mut [[f64; Q]],
    values: &mut [f64],
) {
    // Down: the product of the factors on the path to each split, and its own leaves.
    for (at, entry) in entries.iter().enumerate() {
        let (state, state_above) = (states[at], states[entry.parent]);
        let mut factor = entry.factor[state_above];
        if at > 0 {
            for (factor, above) in factor.iter_mut().zip(&factors[entry.parent]) {
                *factor *= above;
            }
        }
        factors[at] = factor;
        if entry.has_leaf {
            let mut sum = factor;
            for (sum, leaf) in sum.iter_mut().zip(&entry.leaves[state]) {
                *sum *= leaf;
            }
            sums[at] = sum;
            values[entry.feature] += dot(&factor, &entry.leaf_shares[state]);
        } else {
            sums[at] = [0.0; Q];
        }
    }
    // Up: the sum over each subtree.
    for (at, entry) in entries.iter().enumerate().skip(1).rev() {
        let sum = sums[at];
        values[entry.parent_feature] += dot(&sum, &entry.share[states[entry.parent]]);
        for (above, sum) in sums[entry.parent].iter_mut().zip(&sum) {
            *above += sum;
        }
    }
}

/// The sum of products, even and odd ones apart: one order on every host, two lanes on most.
fn dot<const Q: usize>(a: &[f64; Q], b: &[f64; Q]) -> f64 {
    let mut lanes = [0.0; 2];
    for q in 0..Q {
        lanes[q % 2] += a[q] * b[q];
    }
    lanes[0] + lanes[1]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::{Node, Precision, Rule as SplitRule};

    fn split(feature: u32, left: u32, right: u32, cover: f64) -> Node {
        let (rule, is_missing_left, is_zero_missing) = (SplitRule::AtMost(0.0), true, false);
        Node::Split { feature, rule, is_missing_left, is_zero_missing, left, right, cover }
    }

    fn leaf(value: f64, cover: f64) -> Node {
        Node::Leaf { value, cover }
    }

    fn explain(nodes: &[Node], row: &[f64]) -> Attributions {
        let mut trees = TreeEnsemble::try_new(row.len(), &[0.0], Precision::Double).unwrap();
        trees.push_tree(0, nodes).unwrap();
        tree_path_dependent(&trees, row).unwrap()
    }

    #[track_caller]
    fn assert_close(got: &[f64], want: &[f64]) {
        for (got, want) in got.iter().zip(want) {
            assert!((got - want).abs() < 1e-14, "got {got}, want {want}");
        }
    }

    #[test]
    fn two_features_share_what_needs_both() {
        // 4 where both are above 0, of half the rows each: worth 1, 2, 2, 4 with none, one, both known.
        let nodes = [
            split(0, 1, 2, 4.0),
            leaf(0.0, 2.0),
            split(1, 3, 4, 2.0),
            leaf(0.0, 1.0),
            leaf(4.0, 1.0),
        ];
        let found = explain(&nodes, &[1.0, 1.0]);
        assert_close(found.expected(), &[1.0]);
        assert_close(found.of(0, 0), &[1.5, 1.5]);
        assert_close(explain(&nodes, &[1.0, -1.0]).of(0, 0), &[0.5, -1.5]);
    }

    #[test]
    fn a_feature_asked_twice_counts_once() {
        let nodes = [
            split(0, 1, 2, 4.0),
            leaf(0.0, 1.0),
            split(0, 3, 4, 3.0),
            leaf(8.0, 0.0),
            leaf(4.0, 3.0),
        ];
        let found = explain(&nodes, &[1.0, 0.0]);
        assert_close(found.expected(), &[3.0]);
        assert_close(found.of(0, 0), &[1.0, 0.0]);
    }

    #[test]
    fn a_side_that_no_training_row_took_still_adds_up() {
        let nodes = [
            split(0, 1, 2, 4.0),
            split(1, 3, 4, 0.0),
            leaf(1.0, 4.0),
            leaf(8.0, 0.0),
            leaf(16.0, 0.0),
        ];
        let found = explain(&nodes, &[-1.0, -1.0]);
        assert_close(found.expected(), &[1.0]);
        assert_close(&[found.of(0, 0).iter().sum()], &[7.0]);
    }

    #[test]
    fn trees_without_covers_are_refused() {
        let mut trees = TreeEnsemble::try_new(1, &[0.0], Precision::Double).unwrap();
        trees.push_tree(0, &[split(0, 1, 2, 0.0), leaf(0.0, 0.0), leaf(1.0, 0.0)]).unwrap();
        assert!(!trees.has_covers());
        let kind = |rows: &[f64]| tree_path_dependent(&trees, rows).unwrap_err().kind();
        assert_eq!(kind(&[0.0]), ErrorKind::OutOfRange);
        assert_eq!(kind(&[]), ErrorKind::OutOfRange);
    }

    #[test]
    fn a_lone_leaf_is_the_base() {
        let found = explain(&[leaf(2.0, 0.0)], &[1.0]);
        assert_eq!((found.expected(), found.of(0, 0)), (&[2.0][..], &[0.0][..]));
    }
}
