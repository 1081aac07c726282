use alloc::vec::Vec;

use crate::quality::ranking::{Ranking, Tie};

const NONE: u32 = u32::MAX;

/// Labelled scores in order, with the number of pairs in order, under adding and removing.
///
/// A scapegoat tree over the distinct scores: a subtree that has become too deep is built anew. A
/// score that lost its last prediction stays as an empty node, until half of all are empty.
///
/// Galperin & Rivest (1993), "Scapegoat trees", SODA '93, 165-174.
#[derive(Debug, Clone, Default)]
pub(super) struct ScoreTree {
    nodes: Vec<Node>,
    root: Option<u32>,
    empty: usize,
    /// Pairs of a positive and a negative that are in order, and half of those tied, doubled.
    half_pairs: u64,
    /// Nodes from the root down, kept for its memory.
    path: Vec<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Node {
    score: f64,
    own: Counts,
    /// Of the subtree, this node with it.
    all: Counts,
    nodes: u32,
    left: u32,
    right: u32,
}

#[derive(Debug, Clone, Copy, Default)]
struct Counts {
    positives: u32,
    negatives: u32,
}

impl Counts {
    const fn of(label: bool) -> Self {
        Self { positives: label as u32, negatives: !label as u32 }
    }

    const fn plus(self, other: Self) -> Self {
        Self {
            positives: self.positives + other.positives,
            negatives: self.negatives + other.negatives,
        }
    }

    const fn minus(self, other: Self) -> Self {
        Self {
            positives: self.positives.saturating_sub(other.positives),
            negatives: self.negatives.saturating_sub(other.negatives),
        }
    }

    const fn is_zero(self) -> bool {
        self.positives == 0 && self.negatives == 0
    }
}

impl ScoreTree {
    /// Adds a finite score, `-0.0` as `0.0`.
    pub(super) fn add(&mut self, label: bool, score: f64) {
        let score = score + 0.0;
        let (found, below) = self.descend(score);
        let tied = found.map_or_else(Counts::default, |at| self.own(at));
        self.half_pairs += self.half_pairs_of(label, below, tied);
        let one = Counts::of(label);
        let is_new = found.is_none();
        match found {
            Some(at) => {
                if let Some(node) = self.nodes.get_mut(at as usize) {
                    self.empty -= usize::from(node.own.is_zero());
                    node.own = node.own.plus(one);
                }
            }
            None => self.attach(score, one),
        }
        for at in &self.path {
            if let Some(node) = self.nodes.get_mut(*at as usize) {
                node.all = node.all.plus(one);
                node.nodes += u32::from(is_new);
            }
        }
        let depth_limit = 2 * (usize::BITS - self.nodes.len().leading_zeros()) as usize;
        if is_new && self.path.len() > depth_limit {
            self.rebuild_scapegoat();
        }
    }

    /// Removes a score that was added with this label.
    pub(super) fn remove(&mut self, label: bool, score: f64) {
        let score = score + 0.0;
        let (Some(found), below) = self.descend(score) else { return };
        let one = Counts::of(label);
        for at in &self.path {
            if let Some(node) = self.nodes.get_mut(*at as usize) {
                node.all = node.all.minus(one);
            }
        }
        if let Some(node) = self.nodes.get_mut(found as usize) {
            node.own = node.own.minus(one);
            let tied = node.own;
            self.empty += usize::from(tied.is_zero());
            let pairs = self.half_pairs_of(label, below, tied);
            self.half_pairs = self.half_pairs.saturating_sub(pairs);
        }
        if self.nodes.len() > 32 && 2 * self.empty > self.nodes.len() {
            self.drop_empty();
        }
    }

    /// As [`Ranking::roc_auc`].
    pub(super) fn roc_auc(&self) -> Option<f64> {
        let Counts { positives, negatives } = self.total();
        let all = 2 * u64::from(positives) * u64::from(negatives);
        (all > 0).then(|| self.half_pairs as f64 / all as f64)
    }

    pub(super) fn ranking(&self) -> Ranking {
        let mut ties = Vec::with_capacity(self.nodes.len() - self.empty);
        self.ascending(self.root, |_, node| {
            if !node.own.is_zero() {
                ties.push(Tie {
                    score: node.score,
                    positives: node.own.positives.into(),
                    negatives: node.own.negatives.into(),
                });
            }
        });
        ties.reverse();
        Ranking::of_ties(ties)
    }

    fn total(&self) -> Counts {
        self.root.and_then(|at| self.node(at)).map_or_else(Counts::default, |root| root.all)
    }

    fn node(&self, at: u32) -> Option<&Node> {
        self.nodes.get(at as usize)
    }

    fn own(&self, at: u32) -> Counts {
        self.node(at).map_or_else(Counts::default, |node| node.own)
    }

    /// The node of a score, if any, and what is below the score. Leaves the way there in `path`.
    fn descend(&mut self, score: f64) -> (Option<u32>, Counts) {
        self.path.clear();
        let mut below = Counts::default();
        let mut next = self.root.unwrap_or(NONE);
        while let Some(node) = self.nodes.get(next as usize) {
            self.path.push(next);
            let left =
                || self.nodes.get(node.left as usize).map_or_else(Counts::default, |of| of.all);
            if score < node.score {
                next = node.left;
            } else {
                below = below.plus(left());
                if score == node.score {
                    return (Some(next), below);
                }
                below = below.plus(node.own);
                next = node.right;
            }
        }
        (None, below)
    }

    /// Twice the pairs in order that a prediction makes with those of the other label.
    fn half_pairs_of(&self, label: bool, below: Counts, tied: Counts) -> u64 {
        let (in_order, level) = if label {
            (below.negatives, tied.negatives)
        } else {
            (self.total().positives - below.positives - tied.positives, tied.positives)
        };
        2 * u64::from(in_order) + u64::from(level)
    }

    /// Hangs a new node below the last one of `path`. The counts of that path are not touched.
    fn attach(&mut self, score: f64, own: Counts) {
        let at = self.nodes.len() as u32;
        self.nodes.push(Node { score, own, all: own, nodes: 1, left: NONE, right: NONE });
        match self.path.last().and_then(|parent| self.nodes.get_mut(*parent as usize)) {
            Some(parent) if score < parent.score => parent.left = at,
            Some(parent) => parent.right = at,
            None => self.root = Some(at),
        }
    }

    /// Builds anew the lowest subtree on `path` that has a child of more than two thirds of its nodes.
    fn rebuild_scapegoat(&mut self) {
        let size = |at: &u32| self.node(*at).map_or(0, |node| node.nodes);
        let Some(top) = (1..self.path.len()).rev().find(|child| {
            let (Some(child), Some(parent)) = (self.path.get(*child), self.path.get(child - 1))
            else {
                return false;
            };
            3 * u64::from(size(child)) > 2 * u64::from(size(parent))
        }) else {
            return;
        };
        let Some(&scapegoat) = self.path.get(top - 1) else { return };
        let mut order = Vec::with_capacity(size(&scapegoat) as usize);
        self.ascending(Some(scapegoat), |at, _| order.push(at));
        let new = self.balanced(&order);
        match top.checked_sub(2).and_then(|above| self.path.get(above)).copied() {
            Some(parent) => {
                if let Some(parent) = self.nodes.get_mut(parent as usize) {
                    let side =
                        if parent.left == scapegoat { &mut parent.left } else { &mut parent.right };
                    *side = new;
                }
            }
            None => self.root = Some(new),
        }
    }

    fn drop_empty(&mut self) {
        let mut kept = Vec::with_capacity(self.nodes.len() - self.empty);
        self.ascending(self.root, |_, node| {
            if !node.own.is_zero() {
                kept.push(*node);
            }
        });
        self.nodes = kept;
        self.empty = 0;
        let order: Vec<u32> = (0..self.nodes.len() as u32).collect();
        let root = self.balanced(&order);
        self.root = (root != NONE).then_some(root);
    }

    /// Links nodes, by ascending score, to a tree as flat as can be. Its depth is that of the recursion.
    fn balanced(&mut self, order: &[u32]) -> u32 {
        let (below, rest) = order.split_at(order.len() / 2);
        let Some((&middle, above)) = rest.split_first() else { return NONE };
        let (left, right) = (self.balanced(below), self.balanced(above));
        let mut all = self.own(middle);
        for child in [left, right].into_iter().filter_map(|child| self.node(child)) {
            all = all.plus(child.all);
        }
        if let Some(node) = self.nodes.get_mut(middle as usize) {
            *node = Node { all, nodes: order.len() as u32, left, right, ..*node };
        }
        middle
    }

    /// Visits a subtree by ascending score.
    fn ascending(&self, from: Option<u32>, mut visit: impl FnMut(u32, &Node)) {
        let mut waiting = Vec::new();
        let mut next = from.unwrap_or(NONE);
        loop {
            while let Some(node) = self.node(next) {
                waiting.push(next);
                next = node.left;
            }
            let Some(at) = waiting.pop() else { return };
            let Some(node) = self.node(at) else { return };
            visit(at, node);
            next = node.right;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depth(tree: &ScoreTree, at: u32) -> usize {
        tree.node(at).map_or(0, |node| 1 + depth(tree, node.left).max(depth(tree, node.right)))
    }

    #[test]
    fn ascending_scores_do_not_make_it_a_list() {
        let mut tree = ScoreTree::default();
        for step in 0_u32..5000 {
            tree.add(step % 3 == 0, f64::from(step));
        }
        let depth = depth(&tree, tree.root.unwrap());
        assert!(depth <= 2 * 13 + 1, "{depth}");
        assert_eq!(tree.roc_auc(), tree.ranking().roc_auc());
    }

    #[test]
    fn empty_nodes_are_dropped() {
        let mut tree = ScoreTree::default();
        for step in 0_u32..10_000 {
            tree.add(step % 2 == 0, f64::from(step));
            if step >= 50 {
                tree.remove(step % 2 == 0, f64::from(step - 50));
            }
            assert!(tree.nodes.len() <= 2 * 52, "{}", tree.nodes.len());
        }
        assert_eq!(tree.ranking().ties().len(), 50);
        assert_eq!(tree.roc_auc(), tree.ranking().roc_auc());
    }

    #[test]
    fn nothing_has_no_area() {
        let mut tree = ScoreTree::default();
        assert_eq!(tree.roc_auc(), None);
        tree.remove(true, 1.0);
        tree.add(true, 0.0);
        tree.add(false, -0.0);
        assert_eq!(tree.roc_auc(), Some(0.5));
        tree.remove(true, -0.0);
        assert_eq!((tree.roc_auc(), tree.ranking().negatives()), (None, 1));
    }
}
