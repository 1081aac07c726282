use alloc::vec;
use alloc::vec::Vec;
use core::ops::Range;

use super::attributions::{Attributions, rows_of};
use super::ensemble::{Child, Tree, TreeEnsemble};
use crate::{Error, ErrorKind};

/// SHAP values of a tree ensemble against background rows (TreeSHAP, "interventional").
///
/// A feature that is not known has its value from a background row, whatever the other features are;
/// the values are averaged over the background. So they say what the model does, not how its features
/// go together.
///
/// At a leaf only two sets count: the features of whose splits the row satisfies all, and those that a
/// background row satisfies. If between them they have all features of the path, `p` of which are the
/// row's alone and `q` the background's alone, the leaf adds `v (p−1)! q!/(p+q)!` to each of the
/// former and takes `v p! (q−1)!/(p+q)!` from each of the latter.
///
/// # Arguments
/// * `rows`: row-major, `[n × features]`; NaN is missing.
/// * `background`: row-major, `[m × features]`, `m ≥ 1`. A hundred rows are usual.
///
/// # Returns
/// In the unit of the raw output (the margin). `expected` is the mean output over the background.
///
/// # Errors
/// * [`ErrorKind::ShapeMismatch`]: `rows` or `background` is no whole number of rows.
/// * [`ErrorKind::EmptySample`]: no background row.
/// * [`ErrorKind::OutOfRange`]: the result would hold more than [`Attributions::MAX_VALUES`].
///
/// # Numerics
/// Exact but for rounding, about 1e-15 of the largest leaf. Background rows that satisfy the same
/// splits of a leaf are counted, not repeated, and what a leaf adds is kept for the next row that
/// satisfies the same splits: O(nodes) a row and tree once all have been met.
///
/// # Examples
/// ```
/// use tidegate_stats::explain::{Node, Precision, Rule, TreeEnsemble, tree_interventional};
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
/// let background = [0.0, 0.0, 0.0, 1.0];
/// let found = tree_interventional(&stump, &[7.0, 0.7], &background)?;
/// assert_eq!(found.expected(), [10.0]); // one row gives 9, the other 11
/// assert_eq!(found.of(0, 0), [0.0, 1.0]);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
///
/// # References
/// Lundberg et al. (2020), "From local explanations to global understanding with explainable AI for
/// trees", <https://doi.org/10.1038/s42256-019-0138-9>; Janzing, Minorics & Blöbaum (2020), "Feature
/// relevance quantification in explainable AI: a causal problem", <https://arxiv.org/abs/1910.13413>,
/// for which of the two forms to want. Oracle:
/// `shap.TreeExplainer(model, background, feature_perturbation="interventional")`. DIFFERENCE: shap 0.51
/// forgets the weights of DART's trees, and of LightGBM's models the classes after the first and what
/// is missing where zeros are, or nothing is. For these the oracle is Shapley's formula over all sets of
/// features, asked of the model itself.
pub fn tree_interventional(
    ensemble: &TreeEnsemble,
    rows: &[f64],
    background: &[f64],
) -> Result<Attributions, Error> {
    let features = ensemble.features();
    let count = rows_of(rows, features, "the table of rows")?;
    let background_count = rows_of(background, features, "the background")?;
    if background_count == 0 {
        return Err(Error::new(ErrorKind::EmptySample, "the background"));
    }
    let mut found = Attributions::try_new(count, features, ensemble.base().to_vec())?;
    let (rows, background) = (ensemble.prepared(rows), ensemble.prepared(background));
    let weights = Weights::new();
    for tree in ensemble.trees() {
        if let Some(expected) = found.expected_mut().get_mut(tree.output) {
            *expected += tree.only_leaf;
        }
        let leaves = leaves_of(tree);
        for range in portions(&leaves, background_count) {
            let mut portion = Portion { ensemble, tree, weights: &weights, range, leaves: &leaves };
            portion.explain(&rows, &background, &mut found);
        }
    }
    found.finite()
}

/// A bit for each feature of a path, in the order in which they come down from the root.
type Mask = u128;

/// A leaf and the features on its path.
struct Leaf {
    value: f64,
    /// By bit.
    features: Vec<u32>,
}

impl Leaf {
    const fn full(&self) -> Mask {
        match self.features.len() {
            128.. => Mask::MAX,
            bits => (1 << bits) - 1,
        }
    }

    /// How many of its sums may be kept.
    const fn kept(&self) -> usize {
        if self.features.len() <= MAX_KEPT_FEATURES { 1 << self.features.len() } else { 0 }
    }
}

/// The features of a path up to which a leaf's sums are kept.
const MAX_KEPT_FEATURES: usize = 12;
/// The most sums that are kept at once, and the most background masks.
const MAX_KEPT: usize = 1 << 17;
const MAX_MASKS: usize = 1 << 20;

/// The leaves of a tree, in the order in which [`masks`] comes to them.
fn leaves_of(tree: &Tree) -> Vec<Leaf> {
    let mut leaves = Vec::with_capacity(tree.leaves);
    for split in &tree.splits {
        for child in split.children {
            let Child::Leaf(value) = child else { continue };
            let mut features = vec![0; split.path_features];
            let mut next = Some(split);
            while let Some(at) = next {
                if let Some(slot) = features.get_mut(at.place) {
                    *slot = at.feature;
                }
                next = at.parent.and_then(|edge| tree.splits.get(edge.split));
            }
            leaves.push(Leaf { value, features });
        }
    }
    leaves
}

/// Leaves in portions that fit their bounds.
fn portions(leaves: &[Leaf], background_count: usize) -> Vec<Range<usize>> {
    let most = (MAX_MASKS / background_count).max(1);
    let mut portions = Vec::new();
    let (mut start, mut kept) = (0, 0);
    for (at, leaf) in leaves.iter().enumerate() {
        if at > start && (at - start == most || kept + leaf.kept() > MAX_KEPT) {
            portions.push(start..at);
            (start, kept) = (at, 0);
        }
        kept += leaf.kept();
    }
    if start < leaves.len() {
        portions.push(start..leaves.len());
    }
    portions
}

/// `(p−1)! q!/(p+q)!` for `p ≥ 1`: what each of `p` players gets of a game that only all of them win,
/// if none of `q` others comes first.
struct Weights {
    table: Vec<f64>,
}

impl Weights {
    const SIDE: usize = TreeEnsemble::MAX_PATH_FEATURES + 1;

    fn new() -> Self {
        let mut table = vec![0.0; Self::SIDE * Self::SIDE];
        for p in 1..Self::SIDE {
            // With q = 0 it is 1/p; then each other makes q/(p + q) of it.
            let mut weight = 1.0 / p as f64;
            table[p * Self::SIDE] = weight;
            for q in 1..Self::SIDE {
                weight *= q as f64 / (p + q) as f64;
                table[p * Self::SIDE + q] = weight;
            }
        }
        Self { table }
    }

    fn of(&self, p: usize, q: usize) -> f64 {
        self.table[p * Self::SIDE + q]
    }
}

/// Some leaves of a tree.
struct Portion<'a> {
    ensemble: &'a TreeEnsemble,
    tree: &'a Tree,
    weights: &'a Weights,
    leaves: &'a [Leaf],
    range: Range<usize>,
}

impl Portion<'_> {
    fn explain(&mut self, rows: &[f64], background: &[f64], found: &mut Attributions) {
        let (features, outputs) = (self.ensemble.features(), self.ensemble.outputs());
        let leaves = &self.leaves[self.range.clone()];
        let background_count = background.len() / features;
        let mut scratch = vec![0; self.tree.splits.len()];

        let mut patterns: Vec<Vec<Mask>> = vec![Vec::with_capacity(background_count); leaves.len()];
        for row in background.chunks_exact(features) {
            self.masks(row, &mut scratch, |leaf, mask| patterns[leaf].push(mask));
        }
        let patterns: Vec<Vec<(Mask, f64)>> =
            patterns.into_iter().map(|masks| counted(masks, background_count)).collect();

        for (leaf, patterns) in leaves.iter().zip(&patterns) {
            let full = leaf.full();
            let reached = patterns.iter().find(|(mask, _)| *mask == full);
            if let Some(expected) = found.expected_mut().get_mut(self.tree.output) {
                *expected += leaf.value * reached.map_or(0.0, |(_, share)| *share);
            }
        }

        let mut first_slot = Vec::with_capacity(leaves.len());
        let mut slots = 0;
        for leaf in leaves {
            first_slot.push(slots);
            slots += leaf.kept();
        }
        // Where each mask's sums begin in `kept`; 0 while they are not known.
        let mut known = vec![0_u32; slots];
        let mut kept = vec![0.0];
        let mut fresh = Vec::new();
        let values = found.values_mut().chunks_exact_mut(features * outputs);
        for (row, values) in rows.chunks_exact(features).zip(values) {
            let values = &mut values[self.tree.output * features..][..features];
            self.masks(row, &mut scratch, |at, mask| {
                let leaf = &leaves[at];
                let sums = if leaf.kept() > 0 {
                    let slot = &mut known[first_slot[at] + mask as usize];
                    if *slot == 0 {
                        *slot = kept.len() as u32;
                        self.sums(leaf, &patterns[at], mask, &mut fresh);
                        kept.extend_from_slice(&fresh);
                    }
                    &kept[*slot as usize..][..leaf.features.len()]
                } else {
                    self.sums(leaf, &patterns[at], mask, &mut fresh);
                    &fresh
                };
                for (feature, sum) in leaf.features.iter().zip(sums) {
                    values[*feature as usize] += sum;
                }
            });
        }
    }

    /// What a leaf adds to the features of its path for a row of that mask.
    fn sums(&self, leaf: &Leaf, patterns: &[(Mask, f64)], mask: Mask, sums: &mut Vec<f64>) {
        let full = leaf.full();
        let background_only = (full & !mask).count_ones() as usize;
        sums.clear();
        sums.resize(leaf.features.len(), 0.0);
        let mut taken = 0.0;
        for (pattern, share) in patterns {
            if pattern | mask != full {
                continue;
            }
            let mut rows_only = full & !pattern;
            let count = rows_only.count_ones() as usize;
            if count > 0 {
                let added = leaf.value * share * self.weights.of(count, background_only);
                while rows_only != 0 {
                    sums[rows_only.trailing_zeros() as usize] += added;
                    rows_only &= rows_only - 1;
                }
            }
            if background_only > 0 {
                taken += leaf.value * share * self.weights.of(background_only, count);
            }
        }
        let mut off = full & !mask;
        while off != 0 {
            sums[off.trailing_zeros() as usize] = -taken;
            off &= off - 1;
        }
    }

    /// Which features of its path a row satisfies at each leaf of the portion.
    fn masks(&self, row: &[f64], scratch: &mut [Mask], mut each: impl FnMut(usize, Mask)) {
        let mut leaf = 0;
        for (at, split) in self.tree.splits.iter().enumerate() {
            let above = scratch[at];
            let bit = 1 << split.place;
            let went = usize::from(!self.ensemble.goes_left(split, row));
            for (side, child) in split.children.iter().enumerate() {
                let mask = match (split.same.is_some(), side == went) {
                    (false, true) => above | bit,
                    (true, false) => above & !bit,
                    _ => above,
                };
                match *child {
                    Child::Split(below) => scratch[below as usize] = mask,
                    Child::Leaf(_) => {
                        if self.range.contains(&leaf) {
                            each(leaf - self.range.start, mask);
                        }
                        leaf += 1;
                    }
                }
            }
        }
    }
}

/// Distinct masks and their shares.
fn counted(mut masks: Vec<Mask>, count: usize) -> Vec<(Mask, f64)> {
    masks.sort_unstable();
    masks
        .chunk_by(|a, b| a == b)
        .filter_map(|same| same.first().map(|mask| (*mask, same.len() as f64 / count as f64)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::{Node, Precision, Rule};

    /// A chain that gives `2^k` to the first feature above 0, and 0 where there is none.
    fn chain(features: u32) -> TreeEnsemble {
        let split = |feature: u32| Node::Split {
            feature,
            rule: Rule::AtMost(0.0),
            is_missing_left: true,
            is_zero_missing: false,
            left: if feature + 1 < features { feature + 1 } else { 2 * features },
            right: features + feature,
            cover: 0.0,
        };
        let leaf = |value: f64| Node::Leaf { value, cover: 0.0 };
        let nodes: Vec<Node> = (0..features)
            .map(split)
            .chain((0..features).map(|k| leaf(f64::from(1 << k))))
            .chain([leaf(0.0)])
            .collect();
        let mut trees =
            TreeEnsemble::try_new(features as usize, &[0.0], Precision::Double).unwrap();
        trees.push_tree(0, &nodes).unwrap();
        trees
    }

    #[test]
    fn weights_are_those_of_the_formula() {
        let weights = Weights::new();
        assert_eq!((weights.of(1, 0), weights.of(2, 0)), (1.0, 0.5));
        assert!((weights.of(2, 3) - 1.0 * 6.0 / 120.0).abs() < 1e-16);
        assert!((weights.of(3, 1) - 2.0 * 1.0 / 24.0).abs() < 1e-16);
        assert!(weights.of(64, 64) > 0.0);
    }

    #[test]
    fn paths_too_long_to_keep_are_the_same_sums() {
        // The first 13 features are below 0 everywhere, and so add nothing; the others make the same
        // tree, times 2¹³, whose sums are kept.
        let long = MAX_KEPT_FEATURES as u32 + 1;
        let (short_rows, short_background) = ([1.0, 1.0], [-1.0, 1.0, 1.0, -1.0, -1.0, -1.0]);
        let padded = |rows: &[f64]| -> Vec<f64> {
            let pad = vec![-1.0; long as usize];
            rows.chunks(2).flat_map(|row| pad.iter().chain(row).copied()).collect()
        };
        let short = tree_interventional(&chain(2), &short_rows, &short_background).unwrap();
        let (rows, background) = (padded(&short_rows), padded(&short_background));
        let found = tree_interventional(&chain(long + 2), &rows, &background).unwrap();
        let factor = f64::from(1 << long);
        for (got, want) in found.of(0, 0)[long as usize..].iter().zip(short.of(0, 0)) {
            assert!((got - want * factor).abs() < 1e-9, "got {got}, want {want}");
        }
        assert!(found.of(0, 0)[..long as usize].iter().all(|value| *value == 0.0));
    }

    #[test]
    fn portions_cover_all_leaves_once() {
        let leaf = |features: usize| Leaf { value: 1.0, features: vec![0; features] };
        for (leaves, background) in [(100, 1), (100, MAX_MASKS), (100, MAX_MASKS / 7), (0, 5)] {
            let leaves: Vec<Leaf> = (0..leaves).map(|at| leaf(at % 20)).collect();
            let portions = portions(&leaves, background);
            let all: Vec<usize> = portions.into_iter().flatten().collect();
            assert_eq!(all, (0..leaves.len()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn a_background_is_needed() {
        let kind = |background: &[f64]| {
            tree_interventional(&chain(2), &[0.0, 0.0], background).unwrap_err().kind()
        };
        assert_eq!(kind(&[]), ErrorKind::EmptySample);
        assert_eq!(kind(&[1.0]), ErrorKind::ShapeMismatch);
    }
}
