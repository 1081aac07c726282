use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};
use tidegate_stats::Decision;
use tidegate_stats::explain::{ImportanceOptions, importance_drift};
use tidegate_stats::order::sort_by;

use super::rows::{CURRENT_ROWS, REFERENCE_ROWS};
use super::{Importances, ModelImportance};
use crate::pane::{LIMITS, SortedMap, most};

/// Explanations that are held against the reference at least.
const MIN_CURRENT_ROWS: usize = 30;
/// Random splits for the p-values of the order.
const PERMUTATIONS: u32 = 199;

/// How the features of each model stand: computed again as explanations come.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Standings(SortedMap<String, Standing>);

/// How the features of one model stand.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Standing {
    /// Explanations that had come when it was computed.
    pub explanations: u64,
    /// Explanations of the reference; fewer than wanted while it is learned.
    pub reference_rows: u64,
    /// Explanations held against it.
    pub current_rows: u64,
    /// The most important first.
    pub features: Vec<FeatureStanding>,
    /// The order now against the reference's; `None` with too few explanations.
    pub order: Option<OrderStanding>,
}

/// How one feature stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct FeatureStanding {
    /// Feature name.
    pub feature_name: String,
    /// Mean magnitude of its attributions now.
    pub importance: f64,
    /// Its place, 1 for the most important; features that tie share their mean place.
    pub rank: f64,
    /// Mean magnitude, place, and adjusted p-value of the Kolmogorov-Smirnov test, in the reference.
    pub reference: Option<[f64; 3]>,
}

/// Figures of two orders of importance, and the p-value of each.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct OrderStanding {
    /// Kendall's τ-b.
    pub kendall: Option<f64>,
    /// Its p-value.
    pub kendall_p_value: f64,
    /// Normalised discounted cumulative gain.
    pub ndcg: Option<f64>,
    /// Its p-value.
    pub ndcg_p_value: f64,
}

impl Standings {
    /// Computes again what has changed.
    pub fn update(&mut self, importances: &Importances) {
        for (name, model) in importances.iter() {
            let held = self.0.get(name);
            if held.is_none_or(|held| held.explanations != model.explanations()) {
                self.0.insert(String::from(name), standing(model));
            }
        }
    }

    /// How the features of a model stand.
    #[must_use]
    pub fn get(&self, model_name: &str) -> Option<&Standing> {
        self.0.get(model_name)
    }
}

fn standing(model: &ModelImportance) -> Standing {
    let names = model.rows.features();
    let width = names.len();
    let current = model.rows.current();
    let explanations = model.explanations();
    let current_rows = current.len().checked_div(width).unwrap_or(0);
    let reference = model.rows.reference();
    let compared = reference.as_ref().filter(|_| current_rows >= MIN_CURRENT_ROWS);
    let found = compared.and_then(|reference| {
        let options = ImportanceOptions { permutations: PERMUTATIONS, seed: 0 };
        importance_drift(reference, &current, width, &Decision::default(), &options).ok()
    });
    // Without a reference the rows are held against themselves: their importances and places.
    let shown = if current.is_empty() { reference.as_ref().unwrap_or(&current) } else { &current };
    let places = || {
        let options = ImportanceOptions { permutations: 1, seed: 0 };
        importance_drift(shown, shown, width, &Decision::default(), &options).ok()
    };
    let is_compared = found.is_some();
    let features = found.clone().or_else(places).map_or_else(Vec::new, |it| it.features);
    let mut features: Vec<FeatureStanding> = names
        .iter()
        .zip(features)
        .map(|(name, it)| FeatureStanding {
            feature_name: name.clone(),
            importance: it.current,
            rank: it.current_rank,
            reference: is_compared.then_some([it.reference, it.reference_rank, it.p_adjusted]),
        })
        .collect();
    sort_by(&mut features, |a, b| a.rank.total_cmp(&b.rank));
    Standing {
        explanations,
        reference_rows: explanations.min(REFERENCE_ROWS as u64),
        current_rows: current_rows.min(CURRENT_ROWS) as u64,
        features,
        order: found.map(|found| OrderStanding {
            kendall: found.agreement.kendall,
            kendall_p_value: found.kendall_p_value,
            ndcg: found.agreement.ndcg,
            ndcg_p_value: found.ndcg_p_value,
        }),
    }
}

/// The most bytes that standings take.
pub(crate) const fn most_standing_bytes() -> u64 {
    let feature = most::NAME + 2 * size_of::<FeatureStanding>() as u64;
    let standing = most::NAME + most::entry::<String, Standing>();
    LIMITS.models as u64 * (standing + LIMITS.attributions as u64 * feature)
}
