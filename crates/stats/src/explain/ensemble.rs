use alloc::borrow::Cow;
use alloc::vec;
use alloc::vec::Vec;

use super::attributions::rows_of;
use crate::{Error, ErrorKind};

/// Where a value that counts as zero ends, for splits that take zeros for missing: LightGBM's
/// bound, the double nearest to the float `1e-35`.
pub const ZERO_BOUND: f64 = 1.000_000_018_002_509_5e-35;

/// How exactly features are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// As they are.
    Double,
    /// Rounded to 32 bits first, as XGBoost stores them.
    Single,
}

/// Which way a row goes at a split whose value is present.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// To the left where `value ≤ threshold`.
    AtMost(f64),
    /// To the left where the category, a whole number, is in the set that
    /// [`TreeEnsemble::push_categories`] numbered so.
    In(u32),
}

/// A node of a tree, as [`TreeEnsemble::push_tree`] takes it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Node {
    /// An end.
    Leaf {
        /// What the tree adds to the output.
        value: f64,
        /// Weight of the training rows that ended here, `≥ 0`.
        cover: f64,
    },
    /// A question.
    Split {
        /// Index of the feature.
        feature: u32,
        /// Which way a row goes.
        rule: Rule,
        /// Whether a row without the value goes to the left.
        is_missing_left: bool,
        /// Whether a zero (within [`ZERO_BOUND`]) counts as missing.
        is_zero_missing: bool,
        /// Index of the node on the left.
        left: u32,
        /// Index of the node on the right.
        right: u32,
        /// Weight of the training rows that came by, `≥ 0`.
        cover: f64,
    },
}

impl Node {
    const fn cover(&self) -> f64 {
        match self {
            Self::Leaf { cover, .. } | Self::Split { cover, .. } => *cover,
        }
    }
}

/// Trees whose leaves are summed: gradient boosting or a random forest, of one output or one a class.
///
/// # Examples
/// ```
/// use tidegate_stats::explain::{Node, Precision, Rule, TreeEnsemble};
/// let mut stump = TreeEnsemble::try_new(1, &[10.0], Precision::Double)?;
/// let leaf = |value, cover| Node::Leaf { value, cover };
/// let split = Node::Split {
///     feature: 0,
///     rule: Rule::AtMost(0.5),
///     is_missing_left: true,
///     is_zero_missing: false,
///     left: 1,
///     right: 2,
///     cover: 4.0,
/// };
/// stump.push_tree(0, &[split, leaf(-1.0, 1.0), leaf(1.0, 3.0)])?;
/// assert_eq!(stump.outputs_of(&[0.7])?, [11.0]);
/// assert_eq!(stump.outputs_of(&[f64::NAN])?, [9.0]);
/// # Ok::<(), tidegate_stats::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct TreeEnsemble {
    features: usize,
    precision: Precision,
    base: Vec<f64>,
    trees: Vec<Tree>,
    /// Bit sets of categories, one after the other.
    words: Vec<u32>,
    /// Where each set ends in `words`.
    set_ends: Vec<usize>,
    /// Sum over the trees of their largest leaf's magnitude.
    magnitude: f64,
    has_covers: bool,
}

/// One tree: its splits, parents before children.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    /// Index of the output that it adds to.
    pub output: usize,
    /// Empty for a tree of one leaf.
    pub splits: Vec<Split>,
    /// The only leaf of a tree without splits.
    pub only_leaf: f64,
    /// The most distinct features on a path.
    pub path_features: usize,
    /// How many leaves it has.
    pub leaves: usize,
}

#[derive(Debug, Clone)]
pub(super) struct Split {
    pub feature: u32,
    pub rule: Rule,
    pub is_missing_left: bool,
    pub is_zero_missing: bool,
    pub children: [Child; 2],
    /// Shares of the training rows that went to each side.
    pub shares: [f64; 2],
    /// The split above; none for the root.
    pub parent: Option<Edge>,
    /// The nearest edge above that asks about the same feature.
    pub same: Option<Edge>,
    /// Distinct features on the path down to and with this one's.
    pub path_features: usize,
    /// How many distinct features came before this one's on the path.
    pub place: usize,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Child {
    Leaf(f64),
    Split(u32),
}

/// From a split down to one of its sides: 0 for the left, 1 for the right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Edge {
    pub split: usize,
    pub side: usize,
}

impl TreeEnsemble {
    /// The most edges on a path from the root to a leaf.
    pub const MAX_DEPTH: usize = 512;
    /// The most distinct features on a path from the root to a leaf.
    pub const MAX_PATH_FEATURES: usize = 128;
    /// The most features and the most outputs.
    pub const MAX_WIDTH: usize = 1 << 20;
    /// The largest sum of the trees' largest leaves.
    pub const MAX_MAGNITUDE: f64 = 1e300;

    /// An ensemble without trees.
    ///
    /// # Arguments
    /// * `features`: in a row, `1..=`[`Self::MAX_WIDTH`].
    /// * `base`: what each output starts from, finite; `1..=`[`Self::MAX_WIDTH`] of them.
    /// * `precision`: how features are compared.
    ///
    /// # Errors
    /// * [`ErrorKind::OutOfRange`]: too many features or outputs, or none, or too large a base.
    pub fn try_new(features: usize, base: &[f64], precision: Precision) -> Result<Self, Error> {
        let widths = 1..=Self::MAX_WIDTH;
        if !widths.contains(&features) || !widths.contains(&base.len()) {
            return Err(Error::new(ErrorKind::OutOfRange, "the number of features or outputs"));
        }
        let magnitude = base.iter().fold(0.0_f64, |largest, base| {
            if base.is_nan() { f64::INFINITY } else { largest.max(base.abs()) }
        });
        check_magnitude(magnitude)?;
        Ok(Self {
            features,
            precision,
            base: base.to_vec(),
            trees: Vec::new(),
            words: Vec::new(),
            set_ends: Vec::new(),
            magnitude,
            has_covers: true,
        })
    }

    /// Adds a set of categories for [`Rule::In`], and gives its number. Bit `k % 32` of word `k / 32`
    /// is category `k`'s.
    pub fn push_categories(&mut self, words: &[u32]) -> u32 {
        self.words.extend_from_slice(words);
        self.set_ends.push(self.words.len());
        (self.set_ends.len() - 1) as u32
    }

    /// Adds a tree.
    ///
    /// # Arguments
    /// * `output`: which output its leaves add to.
    /// * `nodes`: the root first, then in any order. Nodes that the root does not lead to are ignored.
    ///
    /// # Errors
    /// * [`ErrorKind::EmptySample`]: no node.
    /// * [`ErrorKind::OutOfRange`]: no such output, feature, child or set; a node with two parents; a
    ///   path of more than [`Self::MAX_DEPTH`] edges or [`Self::MAX_PATH_FEATURES`] features; leaves too
    ///   large for [`Self::MAX_MAGNITUDE`]; a negative cover.
    /// * [`ErrorKind::NotFinite`]: a threshold, leaf or cover that is not finite.
    ///
    /// The ensemble stays as it is then.
    pub fn push_tree(&mut self, output: usize, nodes: &[Node]) -> Result<(), Error> {
        if output >= self.base.len() {
            return Err(Error::new(ErrorKind::OutOfRange, "the output of a tree"));
        }
        let mut tree =
            Tree { output, splits: Vec::new(), only_leaf: 0.0, path_features: 0, leaves: 0 };
        let mut largest = 0.0_f64;
        let mut seen = vec![false; nodes.len()];
        // Nodes to visit: index, the edge to it, its depth.
        let mut pending: Vec<(u32, Option<Edge>, usize)> = vec![(0, None, 0)];
        while let Some((index, parent, depth)) = pending.pop() {
            let index = index as usize;
            let Some((node, seen)) = nodes.get(index).zip(seen.get_mut(index)) else {
                return Err(if nodes.is_empty() {
                    Error::new(ErrorKind::EmptySample, "a tree")
                } else {
                    Error::new(ErrorKind::OutOfRange, "the child of a node")
                });
            };
            if core::mem::replace(seen, true) || depth > Self::MAX_DEPTH {
                return Err(Error::new(ErrorKind::OutOfRange, "a path of a tree"));
            }
            self.check_node(node)?;
            match *node {
                Node::Leaf { value, .. } => {
                    largest = largest.max(value.abs());
                    tree.leaves += 1;
                    match parent {
                        Some(edge) => set_child(&mut tree.splits, edge, Child::Leaf(value)),
                        None => tree.only_leaf = value,
                    }
                }
                Node::Split {
                    feature,
                    rule,
                    is_missing_left,
                    is_zero_missing,
                    left,
                    right,
                    cover,
                } => {
                    let here = tree.splits.len();
                    if let Some(edge) = parent {
                        set_child(&mut tree.splits, edge, Child::Split(here as u32));
                    }
                    let same = nearest_of(&tree.splits, parent, feature);
                    let split_of = |edge: Option<Edge>| tree.splits.get(edge?.split);
                    let above = split_of(parent).map_or(0, |split| split.path_features);
                    let place = split_of(same).map_or(above, |split| split.place);
                    let path_features = above + usize::from(same.is_none());
                    if path_features > Self::MAX_PATH_FEATURES {
                        return Err(Error::new(ErrorKind::OutOfRange, "the features on a path"));
                    }
                    tree.path_features = tree.path_features.max(path_features);
                    let share = |child: u32| {
                        let below = nodes.get(child as usize).map_or(0.0, Node::cover);
                        if cover > 0.0 { (below / cover).min(1.0) } else { 0.5 }
                    };
                    tree.splits.push(Split {
                        feature,
                        rule,
                        is_missing_left,
                        is_zero_missing,
                        children: [Child::Leaf(0.0); 2],
                        shares: [share(left), share(right)],
                        parent,
                        same,
                        path_features,
                        place,
                    });
                    for (child, side) in [(right, 1), (left, 0)] {
                        pending.push((child, Some(Edge { split: here, side }), depth + 1));
                    }
                }
            }
        }
        check_magnitude(self.magnitude + largest)?;
        self.magnitude += largest;
        let root_cover = nodes.first().map_or(0.0, Node::cover);
        self.has_covers &= tree.splits.is_empty() || root_cover > 0.0;
        self.trees.push(tree);
        Ok(())
    }

    fn check_node(&self, node: &Node) -> Result<(), Error> {
        let cover = node.cover();
        let is_finite = cover.is_finite()
            && match node {
                Node::Leaf { value, .. } => value.is_finite(),
                Node::Split { rule: Rule::AtMost(threshold), .. } => threshold.is_finite(),
                Node::Split { .. } => true,
            };
        if !is_finite {
            return Err(Error::new(ErrorKind::NotFinite, "a node of a tree"));
        }
        let in_range = cover >= 0.0
            && match node {
                Node::Leaf { .. } => true,
                Node::Split { feature, rule, .. } => {
                    let has_set = match rule {
                        Rule::AtMost(_) => true,
                        Rule::In(set) => (*set as usize) < self.set_ends.len(),
                    };
                    has_set && (*feature as usize) < self.features
                }
            };
        if in_range { Ok(()) } else { Err(Error::new(ErrorKind::OutOfRange, "a node of a tree")) }
    }

    /// Features in a row.
    #[must_use]
    pub const fn features(&self) -> usize {
        self.features
    }

    /// Outputs: one, or one a class.
    #[must_use]
    pub const fn outputs(&self) -> usize {
        self.base.len()
    }

    /// Whether every tree says how many training rows came by each node, which
    /// [`super::tree_path_dependent`] needs.
    #[must_use]
    pub const fn has_covers(&self) -> bool {
        self.has_covers
    }

    /// The raw outputs for some rows: margins, before any link function.
    ///
    /// # Arguments
    /// * `rows`: row-major, `[n × features]`; NaN is missing.
    ///
    /// # Returns
    /// By row, then output.
    ///
    /// # Errors
    /// * [`ErrorKind::ShapeMismatch`]: `rows` is no whole number of rows.
    ///
    /// # Numerics
    /// Leaves are summed as doubles, in the order of the trees; XGBoost itself sums floats.
    pub fn outputs_of(&self, rows: &[f64]) -> Result<Vec<f64>, Error> {
        rows_of(rows, self.features, "the table of rows")?;
        let rows = self.prepared(rows);
        let mut outputs = Vec::with_capacity(rows.len() / self.features * self.outputs());
        for row in rows.chunks_exact(self.features) {
            let start = outputs.len();
            outputs.extend_from_slice(&self.base);
            for tree in &self.trees {
                if let Some(output) = outputs.get_mut(start + tree.output) {
                    *output += self.leaf_of(tree, row);
                }
            }
        }
        Ok(outputs)
    }

    fn leaf_of(&self, tree: &Tree, row: &[f64]) -> f64 {
        let mut next = 0;
        while let Some(split) = tree.splits.get(next) {
            let side = usize::from(!self.goes_left(split, row));
            match split.children[side] {
                Child::Leaf(value) => return value,
                Child::Split(below) => next = below as usize,
            }
        }
        tree.only_leaf
    }

    /// The rows as the splits see them.
    pub(super) fn prepared<'a>(&self, rows: &'a [f64]) -> Cow<'a, [f64]> {
        match self.precision {
            Precision::Double => Cow::Borrowed(rows),
            Precision::Single => {
                Cow::Owned(rows.iter().map(|value| f64::from(*value as f32)).collect())
            }
        }
    }

    /// Which way a row goes.
    pub(super) fn goes_left(&self, split: &Split, row: &[f64]) -> bool {
        let value = row.get(split.feature as usize).copied().unwrap_or(f64::NAN);
        if value.is_nan() || (split.is_zero_missing && value.abs() <= ZERO_BOUND) {
            return split.is_missing_left;
        }
        match split.rule {
            Rule::AtMost(threshold) => value <= threshold,
            Rule::In(set) => self.contains(set as usize, value),
        }
    }

    fn contains(&self, set: usize, category: f64) -> bool {
        let least = match self.precision {
            // Both cut off decimals; XGBoost looks at the sign first.
            Precision::Single => category >= 0.0,
            Precision::Double => category > -1.0,
        };
        if !least || category >= f64::from(i32::MAX) {
            return false;
        }
        let category = category as usize;
        let start = if set == 0 { 0 } else { self.set_ends.get(set - 1).copied().unwrap_or(0) };
        let end = self.set_ends.get(set).copied().unwrap_or(0);
        let words = self.words.get(start..end).unwrap_or(&[]);
        words.get(category / 32).is_some_and(|word| word >> (category % 32) & 1 == 1)
    }

    pub(super) fn trees(&self) -> &[Tree] {
        &self.trees
    }

    pub(super) fn base(&self) -> &[f64] {
        &self.base
    }
}

fn set_child(splits: &mut [Split], edge: Edge, child: Child) {
    if let Some(split) = splits.get_mut(edge.split) {
        split.children[edge.side] = child;
    }
}

/// The nearest edge, from `edge` up, that asks about the feature.
fn nearest_of(splits: &[Split], edge: Option<Edge>, feature: u32) -> Option<Edge> {
    let mut edge = edge;
    while let Some(above) = edge {
        let split = splits.get(above.split)?;
        if split.feature == feature {
            return Some(above);
        }
        edge = split.parent;
    }
    None
}

fn check_magnitude(magnitude: f64) -> Result<(), Error> {
    if magnitude <= TreeEnsemble::MAX_MAGNITUDE {
        Ok(())
    } else {
        Err(Error::new(ErrorKind::OutOfRange, "the magnitude of the leaves"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(value: f64) -> Node {
        Node::Leaf { value, cover: 1.0 }
    }

    fn split(feature: u32, rule: Rule, left: u32, right: u32) -> Node {
        let (is_missing_left, is_zero_missing) = (false, false);
        Node::Split { feature, rule, is_missing_left, is_zero_missing, left, right, cover: 2.0 }
    }

    fn ensemble(precision: Precision) -> TreeEnsemble {
        TreeEnsemble::try_new(2, &[0.0], precision).unwrap()
    }

    #[track_caller]
    fn assert_refused(nodes: &[Node], kind: ErrorKind) {
        let mut trees = ensemble(Precision::Double);
        assert_eq!(trees.push_tree(0, nodes).unwrap_err().kind(), kind);
        assert_eq!(trees.outputs_of(&[0.0, 0.0]).unwrap(), [0.0]);
    }

    #[test]
    fn what_is_no_tree_is_refused() {
        let at = Rule::AtMost(0.0);
        assert_refused(&[], ErrorKind::EmptySample);
        assert_refused(&[split(0, at, 0, 0)], ErrorKind::OutOfRange);
        assert_refused(&[split(0, at, 1, 1), leaf(1.0)], ErrorKind::OutOfRange);
        assert_refused(&[split(0, at, 1, 9), leaf(1.0)], ErrorKind::OutOfRange);
        assert_refused(&[split(2, at, 1, 2), leaf(1.0), leaf(2.0)], ErrorKind::OutOfRange);
        assert_refused(&[split(0, Rule::In(0), 1, 2), leaf(1.0), leaf(2.0)], ErrorKind::OutOfRange);
        assert_refused(&[leaf(f64::NAN)], ErrorKind::NotFinite);
        assert_refused(&[leaf(1e301)], ErrorKind::OutOfRange);
        assert_refused(&[Node::Leaf { value: 0.0, cover: -1.0 }], ErrorKind::OutOfRange);
        let nan = split(0, Rule::AtMost(f64::NAN), 1, 2);
        assert_refused(&[nan, leaf(1.0), leaf(2.0)], ErrorKind::NotFinite);
        let chain = |depth: u32| -> Vec<Node> {
            let splits = (0..depth).map(|at_depth| {
                split(
                    0,
                    at,
                    if at_depth + 1 == depth { depth } else { at_depth + 1 },
                    depth + 1 + at_depth,
                )
            });
            splits.chain((0..=depth).map(|_| leaf(1.0))).collect()
        };
        let mut trees = ensemble(Precision::Double);
        trees.push_tree(0, &chain(TreeEnsemble::MAX_DEPTH as u32)).unwrap();
        assert_refused(&chain(TreeEnsemble::MAX_DEPTH as u32 + 1), ErrorKind::OutOfRange);
        assert_eq!(trees.push_tree(1, &[leaf(1.0)]).unwrap_err().kind(), ErrorKind::OutOfRange);
    }

    #[test]
    fn too_many_features_on_a_path_are_refused() {
        let features = TreeEnsemble::MAX_PATH_FEATURES as u32 + 1;
        let mut trees =
            TreeEnsemble::try_new(features as usize, &[0.0], Precision::Double).unwrap();
        let nodes: Vec<Node> = (0..features)
            .map(|k| split(k, Rule::AtMost(0.0), features + k, k + 1))
            .chain((0..features).map(|_| leaf(1.0)))
            .collect();
        // The last split's right child is the first leaf, which has a parent; it never gets there.
        assert_eq!(trees.push_tree(0, &nodes).unwrap_err().what(), "the features on a path");
    }

    #[test]
    fn ensembles_of_no_size_are_refused() {
        for (features, base) in [(0, &[0.0][..]), (1, &[]), (1, &[f64::NAN]), (usize::MAX, &[0.0])]
        {
            let error = TreeEnsemble::try_new(features, base, Precision::Double).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::OutOfRange);
        }
    }

    #[test]
    fn single_precision_rounds_features_first() {
        let at = Rule::AtMost(f64::from(0.1_f32).next_down());
        let nodes = [split(0, at, 1, 2), leaf(1.0), leaf(2.0)];
        let went = |precision| {
            let mut trees = ensemble(precision);
            trees.push_tree(0, &nodes).unwrap();
            trees.outputs_of(&[0.1, 0.0]).unwrap()[0]
        };
        // 0.1 is just below the float nearest to it.
        assert_eq!((went(Precision::Double), went(Precision::Single)), (1.0, 2.0));
    }

    #[test]
    fn categories_are_whole_numbers_in_a_set() {
        for (precision, of_minus_a_half) in [(Precision::Double, 1.0), (Precision::Single, 2.0)] {
            let mut trees = ensemble(precision);
            assert_eq!(trees.push_categories(&[0]), 0);
            let set = trees.push_categories(&[0b1, 0b10]);
            trees.push_tree(0, &[split(1, Rule::In(set), 1, 2), leaf(1.0), leaf(2.0)]).unwrap();
            for (category, want) in [
                (0.0, 1.0),
                (0.9, 1.0),
                (1.0, 2.0),
                (33.0, 1.0),
                (64.0, 2.0),
                (-1.0, 2.0),
                (-0.5, of_minus_a_half),
                (1e300, 2.0),
                (f64::INFINITY, 2.0),
                (f64::NAN, 2.0),
            ] {
                assert_eq!(trees.outputs_of(&[0.0, category]).unwrap(), [want], "{category}");
            }
        }
    }

    #[test]
    fn rows_must_be_whole() {
        let trees = ensemble(Precision::Double);
        assert_eq!(trees.outputs_of(&[1.0]).unwrap_err().kind(), ErrorKind::ShapeMismatch);
        assert!(trees.outputs_of(&[]).unwrap().is_empty());
    }
}
