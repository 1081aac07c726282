use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use serde::Deserialize;
use tidegate_stats::explain::{Node, Precision, Rule, TreeEnsemble};
use tidegate_stats::num;

use super::{CategorySet, Model, ModelError, ModelFormat, push_tree, ubjson};

/// The most words that the sets of categories of all trees may take, 32 MiB.
const MAX_SET_WORDS: usize = 1 << 23;

#[derive(Deserialize)]
struct File {
    learner: Learner,
}

#[derive(Deserialize)]
struct Learner {
    #[serde(default)]
    feature_names: Vec<String>,
    gradient_booster: Booster,
    learner_model_param: Parameters,
    objective: Objective,
}

#[derive(Deserialize)]
struct Parameters {
    base_score: String,
    num_feature: String,
    #[serde(default)]
    num_class: String,
    #[serde(default)]
    num_target: String,
}

#[derive(Deserialize)]
struct Objective {
    name: String,
}

#[derive(Deserialize)]
struct Booster {
    name: String,
    #[serde(default)]
    model: Trees,
    gbtree: Option<Inner>,
    weight_drop: Option<Vec<f32>>,
}

/// What dart scales.
#[derive(Deserialize)]
struct Inner {
    model: Trees,
}

#[derive(Deserialize, Default)]
struct Trees {
    #[serde(default)]
    trees: Vec<Tree>,
    #[serde(default)]
    tree_info: Vec<u32>,
    #[serde(default)]
    cats: Categories,
}

/// Names of categories, for models that were trained on a data frame with text categories.
#[derive(Deserialize, Default)]
struct Categories {
    #[serde(default)]
    enc: Vec<Encoding>,
}

/// The names of one feature's categories, end to end, if they are text: where each begins, and bytes.
#[derive(Deserialize)]
struct Encoding {
    #[serde(default)]
    offsets: Vec<usize>,
    #[serde(default)]
    values: Vec<f64>,
}

#[derive(Deserialize)]
struct Tree {
    left_children: Vec<i32>,
    right_children: Vec<i32>,
    split_indices: Vec<u32>,
    split_conditions: Vec<f32>,
    default_left: Vec<Flag>,
    sum_hessian: Vec<f32>,
    #[serde(default)]
    split_type: Vec<u8>,
    #[serde(default)]
    categories: Vec<u32>,
    #[serde(default)]
    categories_nodes: Vec<usize>,
    #[serde(default)]
    categories_segments: Vec<usize>,
    #[serde(default)]
    categories_sizes: Vec<usize>,
    tree_param: TreeParameters,
}

#[derive(Deserialize)]
struct TreeParameters {
    #[serde(default)]
    size_leaf_vector: String,
}

/// Versions before 1.6 write `true`, later ones 1.
#[derive(Deserialize, Clone, Copy)]
#[serde(untagged)]
enum Flag {
    Truth(bool),
    Number(u8),
}

impl Flag {
    const fn is_set(self) -> bool {
        match self {
            Self::Truth(truth) => truth,
            Self::Number(number) => number != 0,
        }
    }
}

/// Reads XGBoost's JSON.
pub(super) fn read_json(bytes: &[u8]) -> Result<Model, ModelError> {
    let file: File = serde_json::from_slice(bytes).map_err(|error| {
        let what = error.to_string();
        if error.is_data() {
            ModelError::UnknownFormat { what }
        } else {
            ModelError::CorruptModel { what }
        }
    })?;
    model(file.learner, ModelFormat::XgboostJson)
}

/// Reads XGBoost's UBJSON.
pub(super) fn read_ubjson(bytes: &[u8]) -> Result<Model, ModelError> {
    let value = ubjson::read(bytes)?;
    let file: File = serde_json::from_value(value)
        .map_err(|error| ModelError::UnknownFormat { what: error.to_string() })?;
    model(file.learner, ModelFormat::XgboostUbjson)
}

fn model(learner: Learner, format: ModelFormat) -> Result<Model, ModelError> {
    let Learner { feature_names, gradient_booster, learner_model_param, objective } = learner;
    let Booster { name, model, gbtree, weight_drop } = gradient_booster;
    let trees = match (name.as_str(), gbtree) {
        ("gbtree", _) => model,
        ("dart", Some(inner)) => inner.model,
        _ => {
            return Err(ModelError::UnsupportedModel { what: format!("the booster {name:?}") });
        }
    };
    let features = number("num_feature", &learner_model_param.num_feature)?;
    let outputs = number("num_class", &learner_model_param.num_class)?
        .max(number("num_target", &learner_model_param.num_target)?)
        .max(1);
    if !feature_names.is_empty() && feature_names.len() != features {
        return Err(corrupt(format!("{} names for {features} features", feature_names.len())));
    }
    if outputs > TreeEnsemble::MAX_WIDTH {
        return Err(corrupt(format!("{outputs} outputs")));
    }
    let base = base(&learner_model_param.base_score, outputs, &objective.name)?;
    let mut ensemble = TreeEnsemble::try_new(features, &base, Precision::Single)
        .map_err(|error| corrupt(format!("{error}")))?;
    let categories = category_names(&trees.cats, features);

    if trees.tree_info.len() != trees.trees.len() {
        let (infos, trees) = (trees.tree_info.len(), trees.trees.len());
        return Err(corrupt(format!("tree_info is of {infos} trees, but there are {trees}")));
    }
    let mut set_words = 0;
    for (at, (tree, output)) in trees.trees.iter().zip(&trees.tree_info).enumerate() {
        let weight = match &weight_drop {
            None => 1.0,
            Some(weights) => weights
                .get(at)
                .copied()
                .map(f64::from)
                .ok_or_else(|| corrupt(format!("weight_drop has no weight for tree {at}")))?,
        };
        let nodes = nodes(tree, weight, &mut ensemble, &mut set_words)
            .map_err(|what| ModelError::CorruptTree { tree: at, what: what.into() })?;
        if !matches!(tree.tree_param.size_leaf_vector.as_str(), "" | "0" | "1") {
            let what = "a tree with a vector in each leaf (multi_strategy)".into();
            return Err(ModelError::UnsupportedModel { what });
        }
        push_tree(&mut ensemble, at, *output as usize, &nodes)?;
    }
    Ok(Model { format, ensemble, feature_names, categories, objective: objective.name })
}

/// What each output starts from, as a margin.
///
/// One number or, since version 3.1, a list of them, in the unit of the prediction.
fn base(text: &str, outputs: usize, objective: &str) -> Result<Vec<f64>, ModelError> {
    let inner = text.trim();
    let inner = inner.strip_prefix('[').and_then(|of| of.strip_suffix(']')).unwrap_or(inner);
    let margins = inner.split(',').map(|score| {
        let score: f32 = score
            .trim()
            .parse()
            .map_err(|_| corrupt(format!("base_score {text:?} is no number")))?;
        let score = f64::from(score);
        let margin = match objective {
            "binary:logistic" | "reg:logistic" => num::ln(score) - num::ln_1p(-score),
            "count:poisson" | "reg:gamma" | "reg:tweedie" | "survival:cox" | "survival:aft" => {
                num::ln(score)
            }
            _ => score,
        };
        if margin.is_finite() {
            Ok(margin)
        } else {
            Err(corrupt(format!("base_score {text:?} is no score of {objective}")))
        }
    });
    let margins = margins.collect::<Result<Vec<f64>, ModelError>>()?;
    match margins.as_slice() {
        [margin] => Ok(vec![*margin; outputs]),
        several if several.len() == outputs => Ok(margins),
        several => Err(corrupt(format!("{} base scores for {outputs} outputs", several.len()))),
    }
}

/// A tree's nodes. A row goes to the left below the threshold, or where its category is not in the
/// set.
fn nodes(
    tree: &Tree,
    weight: f64,
    ensemble: &mut TreeEnsemble,
    set_words: &mut usize,
) -> Result<Vec<Node>, &'static str> {
    let len = tree.left_children.len();
    let lengths = [
        tree.right_children.len(),
        tree.split_indices.len(),
        tree.split_conditions.len(),
        tree.default_left.len(),
        tree.sum_hessian.len(),
    ];
    if lengths.iter().any(|other| *other != len) {
        return Err("its lists have different lengths");
    }
    let sets = sets(tree, ensemble, set_words)?;
    let per_node = tree
        .left_children
        .iter()
        .zip(&tree.right_children)
        .zip(&tree.split_indices)
        .zip(&tree.split_conditions)
        .zip(&tree.default_left)
        .zip(&tree.sum_hessian);
    let mut nodes = Vec::with_capacity(len);
    for (at, (((((left, right), feature), condition), default), cover)) in per_node.enumerate() {
        let cover = f64::from(*cover);
        if *left == -1 {
            nodes.push(Node::Leaf { value: weight * f64::from(*condition), cover });
            continue;
        }
        let (Ok(left), Ok(right)) = (u32::try_from(*left), u32::try_from(*right)) else {
            return Err("a node has a negative child");
        };
        let is_missing_left = default.is_set();
        let split = |rule, left, right, is_missing_left| Node::Split {
            feature: *feature,
            rule,
            is_missing_left,
            is_zero_missing: false,
            left,
            right,
            cover,
        };
        nodes.push(if tree.split_type.get(at).is_some_and(|kind| *kind == 1) {
            let set = sets.get(at).copied().flatten().ok_or("a split has no set of categories")?;
            split(Rule::In(set), right, left, !is_missing_left)
        } else {
            if !condition.is_finite() {
                return Err("a threshold is not finite");
            }
            // Below a float is up to the one before it.
            let threshold = f64::from(condition.next_down()).max(-f64::MAX);
            split(Rule::AtMost(threshold), left, right, is_missing_left)
        });
    }
    Ok(nodes)
}

/// The number of each node's set of categories.
fn sets(
    tree: &Tree,
    ensemble: &mut TreeEnsemble,
    set_words: &mut usize,
) -> Result<Vec<Option<u32>>, &'static str> {
    let mut sets = Vec::new();
    if tree.categories_nodes.is_empty() {
        return Ok(sets);
    }
    sets.resize(tree.left_children.len(), None);
    let segments = tree.categories_segments.iter().zip(&tree.categories_sizes);
    for (node, (start, size)) in tree.categories_nodes.iter().zip(segments) {
        let categories = start
            .checked_add(*size)
            .and_then(|end| tree.categories.get(*start..end))
            .ok_or("a set of categories is cut off")?;
        let mut set = CategorySet::default();
        for category in categories {
            if *category >= CategorySet::MAX {
                return Err("a category is out of range");
            }
            set.insert(*category);
        }
        *set_words = set_words.saturating_add(set.words.len());
        if *set_words > MAX_SET_WORDS {
            return Err("the sets of categories are too large");
        }
        let slot = sets.get_mut(*node).ok_or("a set of categories has no node")?;
        *slot = Some(ensemble.push_categories(&set.words));
    }
    Ok(sets)
}

/// The names of each feature's categories; empty where they have none.
fn category_names(cats: &Categories, features: usize) -> Vec<Vec<String>> {
    // One encoding a feature; features that are numbers have an empty one.
    if cats.enc.is_empty() || cats.enc.len() != features {
        return Vec::new();
    }
    cats.enc.iter().map(names).collect()
}

fn names(encoding: &Encoding) -> Vec<String> {
    let bytes: Vec<u8> = encoding.values.iter().map(|value| *value as u8).collect();
    let bounds = encoding.offsets.iter().zip(encoding.offsets.iter().skip(1));
    bounds
        .map(|(start, end)| {
            String::from_utf8_lossy(bytes.get(*start..*end).unwrap_or(&[])).into_owned()
        })
        .collect()
}

/// A count that is written as text; 0 where it is not written.
fn number(name: &str, text: &str) -> Result<usize, ModelError> {
    if text.is_empty() {
        return Ok(0);
    }
    text.parse().map_err(|_| corrupt(format!("{name} {text:?} is no number")))
}

const fn corrupt(what: String) -> ModelError {
    ModelError::CorruptModel { what }
}
