//! Reads the models that others trained, and trusts nothing in them.
//!
//! * XGBoost: `save_model` as JSON or UBJSON; gbtree and dart, one output or many, categories.
//! * LightGBM: `save_model`'s text; boosting or a random forest, one output or many, categories.
//!
//! What is read is a [`TreeEnsemble`] and the names of its features. [`explain`] says what moved its
//! outputs.

mod error;
mod explain;
mod lightgbm;
mod ubjson;
mod xgboost;

pub use error::ModelError;
pub use explain::{ExplainError, ExplainMethod, Explanation, explain};

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use tidegate_stats::explain::{Node, TreeEnsemble};

/// Who wrote a model file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelFormat {
    /// XGBoost's JSON.
    XgboostJson,
    /// XGBoost's UBJSON.
    XgboostUbjson,
    /// LightGBM's text.
    LightgbmText,
}

/// A model of trees, as a file says it.
#[derive(Debug, Clone)]
pub struct Model {
    /// Who wrote it.
    pub format: ModelFormat,
    /// Its trees; their raw output is the margin, before any link function.
    pub ensemble: TreeEnsemble,
    /// One a feature, or none at all.
    pub feature_names: Vec<String>,
    /// One list a feature, or none at all: the categories' names where the model knows them, in the
    /// order of their codes.
    pub categories: Vec<Vec<String>>,
    /// What it was trained for, as the file names it, such as `binary:logistic`.
    pub objective: String,
}

impl Model {
    /// Reads a model file, whatever its format.
    ///
    /// # Arguments
    /// * `bytes`: the whole file.
    ///
    /// # Returns
    /// Of a LightGBM forest the mean of its trees, as it predicts; its own raw scores and contributions
    /// are their sum. All trees of the model; early stopping's choice of a best iteration is not applied, as
    /// `Booster.predict` does not apply it.
    ///
    /// # Errors
    /// [`ModelError`]; also for a linear model, for trees with linear leaves, and for leaves that are
    /// vectors.
    pub fn read(bytes: &[u8]) -> Result<Self, ModelError> {
        let start = bytes.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(0);
        match bytes.get(start..).unwrap_or(&[]) {
            [b'{', mark, ..] if ubjson::is_length(*mark) => xgboost::read_ubjson(bytes),
            [b'{', ..] => xgboost::read_json(bytes),
            [b't', b'r', b'e', b'e', b'\r' | b'\n', ..] => lightgbm::read(bytes),
            [] => Err(ModelError::UnknownFormat { what: "the file is empty".into() }),
            _ => Err(ModelError::UnknownFormat { what: "it begins like none".into() }),
        }
    }

    /// The number of its trees' outputs: 1, or one a class.
    #[must_use]
    pub const fn outputs(&self) -> usize {
        self.ensemble.outputs()
    }
}

/// Adds a tree, and says which one was refused.
fn push_tree(
    ensemble: &mut TreeEnsemble,
    tree: usize,
    output: usize,
    nodes: &[Node],
) -> Result<(), ModelError> {
    ensemble
        .push_tree(output, nodes)
        .map_err(|error| ModelError::CorruptTree { tree, what: format!("{error}") })
}

/// A bit set of categories.
#[derive(Debug, Default)]
struct CategorySet {
    words: Vec<u32>,
}

impl CategorySet {
    /// The most categories of a feature, XGBoost's own bound.
    const MAX: u32 = 1 << 24;

    fn insert(&mut self, category: u32) {
        let word = (category / 32) as usize;
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        if let Some(word) = self.words.get_mut(word) {
            *word |= 1 << (category % 32);
        }
    }
}

#[cfg(test)]
mod tests {
    use tidegate_stats::explain::tree_path_dependent;

    use super::*;

    const LIGHTGBM: &str = "\
tree
version=v4
num_class=1
num_tree_per_iteration=1
max_feature_idx=1
objective=regression
feature_names=age height
tree_sizes=300

Tree=0
num_leaves=2
num_cat=0
split_feature=1
threshold=1.5
decision_type=2
left_child=-1
right_child=-2
leaf_value=-1 1
leaf_count=1 3
internal_count=4


end of trees
";

    const XGBOOST: &str = r#"{"learner":{
        "feature_names":["age","height"],
        "gradient_booster":{"name":"gbtree","model":{"tree_info":[0],"trees":[{
            "left_children":[1,-1,-1],"right_children":[2,-1,-1],"split_indices":[1,0,0],
            "split_conditions":[1.5,-1,1],"default_left":[true,false,false],
            "sum_hessian":[4,1,3],"tree_param":{"size_leaf_vector":"0"}}]}},
        "learner_model_param":{"base_score":"5E-1","num_class":"0","num_feature":"2"},
        "objective":{"name":"reg:squarederror"}},"version":[1,5,0]}"#;

    fn refused(text: &str) -> ModelError {
        Model::read(text.as_bytes()).unwrap_err()
    }

    #[test]
    fn a_stump_is_read_from_either() {
        for (text, format, base, at_threshold) in [
            (LIGHTGBM, ModelFormat::LightgbmText, 0.0, -1.0),
            // Below 1.5 to the left, so 1.5 to the right.
            (XGBOOST, ModelFormat::XgboostJson, 0.5, 1.5),
        ] {
            let model = Model::read(text.as_bytes()).unwrap();
            assert_eq!((model.format, model.outputs()), (format, 1));
            assert_eq!(model.feature_names, ["age", "height"]);
            assert_eq!(model.ensemble.outputs_of(&[9.0, 1.5]).unwrap(), [at_threshold]);
            let found = tree_path_dependent(&model.ensemble, &[9.0, 2.0]).unwrap();
            assert_eq!(found.expected(), [base + 0.5]);
            assert!((found.of(0, 0)[1] - 0.5).abs() < 1e-15);
        }
    }

    #[test]
    fn lines_may_end_as_on_windows() {
        let text = LIGHTGBM.replace('\n', "\r\n");
        assert_eq!(Model::read(text.as_bytes()).unwrap().feature_names, ["age", "height"]);
    }

    #[test]
    fn what_is_no_model_is_refused_with_advice() {
        for text in ["", " \n", "a,b\n1,2\n", "{}", "[1]", "{\"learner\": 3}", "trees"] {
            let error = refused(text);
            assert_eq!(error.code(), "UnknownFormat", "{text:?}: {error}");
            assert!(error.to_string().contains("save_model"));
        }
    }

    #[test]
    fn models_of_other_kinds_are_refused_by_name() {
        for (text, says) in [
            (XGBOOST.replace("\"gbtree\"", "\"gblinear\""), "the booster \"gblinear\""),
            (XGBOOST.replace("leaf_vector\":\"0", "leaf_vector\":\"2"), "vector in each leaf"),
            (LIGHTGBM.replace("num_cat=0", "is_linear=1"), "linear leaves"),
        ] {
            let error = refused(&text);
            assert_eq!(error.code(), "UnsupportedModel");
            assert!(error.to_string().contains(says), "{error}");
        }
    }

    #[test]
    fn damage_is_found_and_named() {
        let check = |text: String, code: &str, says: &str| {
            let error = refused(&text);
            assert_eq!(error.code(), code, "{error}");
            assert!(error.to_string().contains(says), "{error}");
        };
        let xgboost = |from: &str, to: &str| XGBOOST.replace(from, to);
        let lightgbm = |from: &str, to: &str| LIGHTGBM.replace(from, to);
        check(XGBOOST[..200].into(), "CorruptModel", "EOF");
        check(xgboost("[1,-1,-1]", "[0,-1,-1]"), "CorruptTree", "tree 0");
        check(xgboost("[2,-1,-1]", "[7,-1,-1]"), "CorruptTree", "child");
        check(xgboost("[4,1,3]", "[4,1]"), "CorruptTree", "lengths");
        check(xgboost("\"tree_info\":[0]", "\"tree_info\":[1]"), "CorruptTree", "output");
        check(xgboost("\"tree_info\":[0]", "\"tree_info\":[]"), "CorruptModel", "tree_info");
        check(xgboost("5E-1", "five"), "CorruptModel", "base_score");
        check(xgboost("5E-1", "[1,2]"), "CorruptModel", "2 base scores for 1 outputs");
        check(xgboost("\"num_feature\":\"2\"", "\"num_feature\":\"3\""), "CorruptModel", "2 names");
        check(
            xgboost("reg:squarederror", "reg:gamma").replace("5E-1", "-1"),
            "CorruptModel",
            "gamma",
        );
        check(lightgbm("end of trees", ""), "CorruptModel", "cut off");
        check(lightgbm("=1.5", "=nan"), "CorruptTree", "not finite");
        check(lightgbm("=1.5", "=x"), "CorruptTree", "\"x\"");
        check(lightgbm("left_child=-1", "left_child=0"), "CorruptTree", "path");
        check(lightgbm("left_child=-1", "left_child=-2147483648"), "CorruptTree", "child");
        check(lightgbm("leaf_value=-1 1", "leaf_value=-1"), "CorruptTree", "lengths");
        check(lightgbm("decision_type=2", "decision_type=12"), "CorruptTree", "decision");
        check(lightgbm("decision_type=2", "decision_type=1"), "CorruptTree", "set");
        check(
            lightgbm("max_feature_idx=1", "max_feature_idx=x"),
            "CorruptModel",
            "max_feature_idx",
        );
    }
}
