use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;
use core::str::FromStr;

use serde_json::Value;
use tidegate_stats::explain::{Node, Precision, Rule, TreeEnsemble};

use super::{Model, ModelError, ModelFormat, push_tree};

/// Bits of `decision_type`.
const CATEGORICAL: u8 = 1;
const DEFAULT_LEFT: u8 = 2;

/// Reads LightGBM's text.
pub(super) fn read(bytes: &[u8]) -> Result<Model, ModelError> {
    let text =
        core::str::from_utf8(bytes).map_err(|_| corrupt("the file is not UTF-8 text".into()))?;
    let mut blocks = Blocks { lines: text.lines() };
    let header = blocks.next().unwrap_or_default();
    let per_iteration: usize = header.number("num_tree_per_iteration")?.unwrap_or(1);
    let last_feature: usize = header
        .number("max_feature_idx")?
        .ok_or_else(|| corrupt("the header has no max_feature_idx".into()))?;
    let features = last_feature.saturating_add(1);
    if !(1..=TreeEnsemble::MAX_WIDTH).contains(&per_iteration) {
        return Err(corrupt(format!("{per_iteration} trees an iteration")));
    }
    let feature_names: Vec<String> = header
        .get("feature_names")
        .map_or_else(Vec::new, |names| names.split(' ').map(String::from).collect());
    if !feature_names.is_empty() && feature_names.len() != features {
        return Err(corrupt(format!("{} names for {features} features", feature_names.len())));
    }
    let is_average = header.fields.iter().any(|(name, _)| *name == "average_output");
    let mut ensemble =
        TreeEnsemble::try_new(features, &vec![0.0; per_iteration], Precision::Double)
            .map_err(|error| corrupt(error.to_string()))?;

    let trees: Vec<Block<'_>> = blocks.by_ref().take_while(Block::is_tree).collect();
    let iterations = (trees.len() / per_iteration).max(1);
    let scale = if is_average { iterations as f64 } else { 1.0 };
    for (at, block) in trees.iter().enumerate() {
        let tree = Tree::read(block).map_err(|what| ModelError::CorruptTree { tree: at, what })?;
        if block.get("is_linear").is_some_and(|flag| flag != "0") {
            let what = "a tree with linear leaves (linear_tree)".into();
            return Err(ModelError::UnsupportedModel { what });
        }
        let nodes = tree
            .nodes(scale, &mut ensemble)
            .map_err(|what| ModelError::CorruptTree { tree: at, what: what.into() })?;
        push_tree(&mut ensemble, at, at % per_iteration, &nodes)?;
    }
    if !text.contains("end of trees") {
        return Err(corrupt("the text is cut off before \"end of trees\"".into()));
    }
    let objective = header.get("objective").unwrap_or_default();
    Ok(Model {
        format: ModelFormat::LightgbmText,
        ensemble,
        feature_names,
        categories: category_names(&header, text),
        objective: objective.split(' ').next().unwrap_or_default().into(),
    })
}

/// The names of each feature's categories, where pandas had them: lists in the order of the categorical
/// features, which are those whose `feature_infos` are no range in brackets.
fn category_names(header: &Block<'_>, text: &str) -> Vec<Vec<String>> {
    let lists = text
        .lines()
        .rev()
        .find_map(|line| line.strip_prefix("pandas_categorical:"))
        .and_then(|json| serde_json::from_str::<Vec<Vec<Value>>>(json).ok())
        .unwrap_or_default();
    let infos = header.get("feature_infos").unwrap_or_default();
    let is_categorical = |info: &str| !info.starts_with('[') && info != "none";
    let categorical = infos.split(' ').filter(|info| is_categorical(info)).count();
    // A feature that is never used has no info; then the lists cannot be told apart.
    if lists.is_empty() || lists.len() != categorical {
        return Vec::new();
    }
    let name = |value: &Value| match value {
        Value::String(name) => name.clone(),
        other => other.to_string(),
    };
    let mut lists = lists.iter().map(|list| list.iter().map(name).collect());
    infos
        .split(' ')
        .map(|info| if is_categorical(info) { lists.next() } else { None })
        .map(Option::unwrap_or_default)
        .collect()
}

/// Lines `name=value` up to a blank one.
#[derive(Default)]
struct Block<'a> {
    fields: Vec<(&'a str, &'a str)>,
}

impl<'a> Block<'a> {
    fn is_tree(&self) -> bool {
        self.fields.first().is_some_and(|(name, _)| *name == "Tree")
    }

    fn get(&self, name: &str) -> Option<&'a str> {
        self.fields.iter().find(|(other, _)| *other == name).map(|(_, value)| *value)
    }

    fn number<T: FromStr>(&self, name: &str) -> Result<Option<T>, ModelError> {
        let parse = |text: &str| {
            text.trim().parse().map_err(|_| corrupt(format!("{name} {text:?} is no number")))
        };
        self.get(name).map(parse).transpose()
    }

    /// A list of numbers; empty where there is no such field.
    fn list<T: FromStr>(&self, name: &str) -> Result<Vec<T>, String> {
        let text = self.get(name).unwrap_or_default();
        text.split_ascii_whitespace()
            .map(|item| item.parse().map_err(|_| format!("{name} holds {item:?}")))
            .collect()
    }
}

struct Blocks<'a> {
    lines: core::str::Lines<'a>,
}

impl<'a> Iterator for Blocks<'a> {
    type Item = Block<'a>;

    fn next(&mut self) -> Option<Block<'a>> {
        let mut fields = Vec::new();
        for line in self.lines.by_ref() {
            let line = line.trim_end();
            if line.is_empty() {
                if fields.is_empty() {
                    continue;
                }
                break;
            }
            fields.push(line.split_once('=').unwrap_or((line, "")));
        }
        if fields.is_empty() { None } else { Some(Block { fields }) }
    }
}

/// A tree's lists, one item a split or a leaf.
struct Tree {
    split_feature: Vec<u32>,
    threshold: Vec<f64>,
    decision_type: Vec<u8>,
    left_child: Vec<i32>,
    right_child: Vec<i32>,
    internal_count: Vec<f64>,
    leaf_value: Vec<f64>,
    leaf_count: Vec<f64>,
    /// Where each set of categories begins in `cat_threshold`, and where the last ends.
    cat_boundaries: Vec<usize>,
    cat_threshold: Vec<u32>,
}

impl Tree {
    fn read(block: &Block<'_>) -> Result<Self, String> {
        let tree = Self {
            split_feature: block.list("split_feature")?,
            threshold: block.list("threshold")?,
            decision_type: block.list("decision_type")?,
            left_child: block.list("left_child")?,
            right_child: block.list("right_child")?,
            internal_count: block.list("internal_count")?,
            leaf_value: block.list("leaf_value")?,
            leaf_count: block.list("leaf_count")?,
            cat_boundaries: block.list("cat_boundaries")?,
            cat_threshold: block.list("cat_threshold")?,
        };
        let splits = tree.split_feature.len();
        let lengths = [
            tree.threshold.len(),
            tree.decision_type.len(),
            tree.left_child.len(),
            tree.right_child.len(),
        ];
        if !tree.cat_boundaries.is_sorted() {
            return Err("its sets of categories overlap".into());
        }
        if lengths.iter().any(|len| *len != splits) || tree.leaf_value.len() != splits + 1 {
            return Err("its lists have different lengths".into());
        }
        Ok(tree)
    }

    /// The splits, then the leaves.
    fn nodes(&self, scale: f64, ensemble: &mut TreeEnsemble) -> Result<Vec<Node>, &'static str> {
        let splits = self.split_feature.len();
        // A child below zero is the complement of a leaf's index.
        let index = |child: i32| {
            u32::try_from(child).or_else(|_| u32::try_from(splits + !child as usize)).ok()
        };
        // A tree of one leaf may lack counts; files without them are of no use but for predicting.
        let cover = |counts: &[f64], at: usize| counts.get(at).copied().unwrap_or(0.0);
        let sets = self.sets(ensemble)?;
        let mut nodes = Vec::with_capacity(2 * splits + 1);
        for at in 0..splits {
            let (left, right) = (self.left_child[at], self.right_child[at]);
            let (Some(left), Some(right)) = (index(left), index(right)) else {
                return Err("a child is out of range");
            };
            let decision = self.decision_type[at];
            let default_left = decision & DEFAULT_LEFT != 0;
            let threshold = self.threshold[at];
            let (rule, is_missing_left, is_zero_missing) = if decision & CATEGORICAL != 0 {
                {
                    // The index of a set is written in place of a threshold.
                    let set = sets.get(threshold as usize);
                    (Rule::In(*set.ok_or("a split has no set of categories")?), false, false)
                }
            } else {
                let rule = Rule::AtMost(threshold);
                match decision >> 2 & 3 {
                    // Nothing is missing: what is not a number is taken for zero.
                    0 => (rule, 0.0 <= threshold, false),
                    1 => (rule, default_left, true),
                    2 => (rule, default_left, false),
                    _ => return Err("a decision type is unknown"),
                }
            };
            nodes.push(Node::Split {
                feature: self.split_feature[at],
                rule,
                is_missing_left,
                is_zero_missing,
                left,
                right,
                cover: cover(&self.internal_count, at),
            });
        }
        for (at, value) in self.leaf_value.iter().enumerate() {
            nodes.push(Node::Leaf { value: value / scale, cover: cover(&self.leaf_count, at) });
        }
        Ok(nodes)
    }

    /// The numbers of the sets of categories.
    fn sets(&self, ensemble: &mut TreeEnsemble) -> Result<Vec<u32>, &'static str> {
        let bounds = self.cat_boundaries.iter().zip(self.cat_boundaries.iter().skip(1));
        bounds
            .map(|(start, end)| {
                let words = self.cat_threshold.get(*start..*end);
                Ok(ensemble.push_categories(words.ok_or("a set of categories is cut off")?))
            })
            .collect()
    }
}

const fn corrupt(what: String) -> ModelError {
    ModelError::CorruptModel { what }
}
