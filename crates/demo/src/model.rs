//! The two models that `model/train.py` trained and wrote as JSON, evaluated as scikit-learn does.

use serde::Deserialize;

use crate::Error;
use crate::elec2::Features;

const VERSIONS: [(&str, &str); 2] =
    [("1", include_str!("../model/v1.json")), ("2", include_str!("../model/v2.json"))];

/// A binary classifier of half-hours.
#[derive(Debug, Deserialize)]
pub struct Model {
    /// The version that answers carry.
    pub version: String,
    /// The names of the features, in the order in which the model takes them.
    pub feature_names: Vec<String>,
    /// The names of the two classes, in the order of the probabilities.
    pub classes: [String; 2],
    model: Kind,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Kind {
    LogisticRegression { mean: Features, scale: Features, coefficients: Features, intercept: f64 },
    GradientBoostedTrees { initial_log_odds: f64, learning_rate: f64, trees: Vec<Vec<Node>> },
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Node {
    Split { feature: usize, threshold: f64, left: usize, right: usize },
    Leaf { value: f64 },
}

impl Model {
    /// A model of this crate: version `1` (logistic regression) or `2` (gradient boosted trees);
    /// a leading `v` is allowed.
    ///
    /// # Errors
    /// When there is no such version, or its file is not what this code evaluates.
    pub fn load(version: &str) -> Result<Self, Error> {
        let wanted = version.trim_start_matches('v');
        let (_, json) = VERSIONS
            .iter()
            .find(|(version, _)| *version == wanted)
            .ok_or_else(|| format!("there is no model {version}: choose v1 or v2"))?;
        let model: Self = serde_json::from_str(json)?;
        model.check()?;
        Ok(model)
    }

    /// A walk down a tree ends, and stays inside it, when children come after their parents.
    fn check(&self) -> Result<(), Error> {
        let Kind::GradientBoostedTrees { trees, .. } = &self.model else { return Ok(()) };
        for nodes in trees {
            for (index, node) in nodes.iter().enumerate() {
                let Node::Split { feature, left, right, .. } = *node else { continue };
                let children_follow =
                    [left, right].iter().all(|&child| index < child && child < nodes.len());
                if feature >= self.feature_names.len() || !children_follow {
                    return Err(format!(
                        "model {}: node {index} of a tree is not a split of one",
                        self.version
                    )
                    .into());
                }
            }
            if nodes.is_empty() {
                return Err(format!("model {}: an empty tree", self.version).into());
            }
        }
        Ok(())
    }

    /// The probabilities of the two classes, in `[0, 1]`, adding up to 1.
    pub fn predict_proba(&self, features: &Features) -> [f64; 2] {
        let log_odds = match &self.model {
            Kind::LogisticRegression { mean, scale, coefficients, intercept } => {
                let standardised = |i: usize| (features[i] - mean[i]) / scale[i];
                (0..features.len()).map(|i| coefficients[i] * standardised(i)).sum::<f64>()
                    + intercept
            }
            Kind::GradientBoostedTrees { initial_log_odds, learning_rate, trees } => {
                trees.iter().fold(*initial_log_odds, |log_odds, nodes| {
                    log_odds + learning_rate * leaf_value(nodes, features)
                })
            }
        };
        let up = 1.0 / (1.0 + libm::exp(-log_odds));
        [1.0 - up, up]
    }
}

impl Model {
    /// What each feature adds to the log-odds of the second class, against the mean of the training rows: the SHAP
    /// values of a linear model. None for trees.
    pub fn attributions(&self, features: &Features) -> Option<Features> {
        let Kind::LogisticRegression { mean, scale, coefficients, .. } = &self.model else {
            return None;
        };
        Some(std::array::from_fn(|i| coefficients[i] * (features[i] - mean[i]) / scale[i]))
    }
}

#[expect(clippy::cast_possible_truncation, reason = "scikit-learn's trees see features as f32")]
fn leaf_value(nodes: &[Node], features: &Features) -> f64 {
    let mut node = 0;
    loop {
        match nodes[node] {
            Node::Leaf { value } => return value,
            Node::Split { feature, threshold, left, right } => {
                let goes_left = f64::from(features[feature] as f32) <= threshold;
                node = if goes_left { left } else { right };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::elec2;

    #[derive(Deserialize)]
    struct Parity {
        rows: Vec<ParityRow>,
    }

    #[derive(Deserialize)]
    struct ParityRow {
        row: usize,
        features: Features,
        probabilities: BTreeMap<String, [f64; 2]>,
    }

    #[test]
    fn probabilities_are_those_of_scikit_learn() {
        let parity: Parity = serde_json::from_str(include_str!("../model/parity.json")).unwrap();
        let rows = elec2::rows().unwrap();
        assert_eq!(parity.rows.len(), 100);
        for expected in &parity.rows {
            assert_eq!(rows[expected.row].features, expected.features, "row {}", expected.row);
            for (version, probabilities) in &expected.probabilities {
                let computed = Model::load(version).unwrap().predict_proba(&expected.features);
                for (computed, expected) in computed.iter().zip(probabilities) {
                    assert!((computed - expected).abs() <= 1e-12, "{computed} is not {expected}");
                }
            }
        }
    }

    #[test]
    fn accuracy_is_what_the_model_file_says() {
        let rows = elec2::rows().unwrap();
        for (version, json) in VERSIONS {
            let model = Model::load(version).unwrap();
            let file: serde_json::Value = serde_json::from_str(json).unwrap();
            let after = &rows[elec2::VICTORIA_STARTS..];
            let correct = after
                .iter()
                .filter(|row| (model.predict_proba(&row.features)[1] > 0.5) == row.is_up)
                .count();
            let accuracy = correct as f64 / after.len() as f64;
            let stated = file["measured"]["after_victoria_starts"]["accuracy"].as_f64().unwrap();
            assert!((accuracy - stated).abs() < 1e-4, "version {version}: {accuracy}, {stated}");
        }
    }

    #[test]
    fn an_unknown_version_is_named() {
        let error = Model::load("v3").unwrap_err().to_string();
        assert_eq!(error, "there is no model v3: choose v1 or v2");
    }
}
