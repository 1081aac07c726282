//! The part of a snapshot that is about explanations.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use tidegate_stats::explain::rank_agreement;
use tidegate_stats::order::sort_by;
use tidegate_stats::{Decision, Verdict};

use crate::importance::{FeatureStanding, OrderStanding, REFERENCE_ROWS, Standing};
use crate::observatory::settings::Settings;
use crate::observatory::state::State;
use crate::snapshot::{
    ImportanceOrderSnapshot, ImportanceReference, ImportanceSnapshot, ModelImportanceSnapshot,
    ReferenceStatus,
};

/// Below this gain an order is another: what Amazon SageMaker Clarify alarms at.
const GIVEN_NDCG: f64 = 0.9;
/// Explanations that are held against given importances at least.
const MIN_EXPLANATIONS: u64 = 30;

/// By model name, as of the last tick.
pub(super) fn of_models(
    state: &State,
    settings: &Settings,
    decision: &Decision,
) -> Vec<ModelImportanceSnapshot> {
    let standing = |name| state.standings.get(name).map(|standing| (name, standing));
    let models = state.importances.iter().filter_map(|(name, _)| standing(name));
    let shown = |(name, standing): (&str, &Standing)| {
        let snapshot = of_model(name, standing, decision);
        let given = settings.model(name).map_or(&[][..], |model| &model.importances);
        if given.is_empty() { snapshot } else { against(given, snapshot) }
    };
    models.map(shown).collect()
}

fn of_model(name: &str, standing: &Standing, decision: &Decision) -> ModelImportanceSnapshot {
    let (rows, wanted) = (standing.reference_rows, REFERENCE_ROWS as u64);
    ModelImportanceSnapshot {
        model_name: name.to_string(),
        explanations: standing.explanations,
        reference: if rows < wanted {
            ReferenceStatus::Learning { rows, wanted }
        } else {
            ReferenceStatus::Ready { rows }
        },
        current_rows: standing.current_rows,
        features: standing.features.iter().map(feature).collect(),
        order: standing.order.map(|order| of_order(&order, decision)),
    }
}

fn feature(standing: &FeatureStanding) -> ImportanceSnapshot {
    ImportanceSnapshot {
        feature_name: standing.feature_name.clone(),
        importance: standing.importance,
        rank: standing.rank,
        reference: standing.reference.map(|[importance, rank, p_adjusted]| ImportanceReference {
            importance,
            rank,
            rank_change: standing.rank - rank,
            p_adjusted: Some(p_adjusted),
        }),
    }
}

/// Holds importances against those that were given. There are no rows to draw chance from, so the order has drifted
/// where its gain falls below [`GIVEN_NDCG`].
fn against(given: &[(String, f64)], shown: ModelImportanceSnapshot) -> ModelImportanceSnapshot {
    let importance = |feature: &str| {
        given.iter().find(|(name, _)| name == feature).map_or(0.0, |(_, importance)| *importance)
    };
    let mut features = shown.features;
    for (name, _) in given {
        if features.iter().all(|feature| feature.feature_name != *name) {
            features.push(ImportanceSnapshot {
                feature_name: name.clone(),
                importance: 0.0,
                rank: 0.0,
                reference: None,
            });
        }
    }
    let current: Vec<f64> = features.iter().map(|feature| feature.importance).collect();
    let reference: Vec<f64> = features.iter().map(|it| importance(&it.feature_name)).collect();
    let [now, before] = [&current, &reference].map(|values| ranks(values));
    for (place, feature) in features.iter_mut().enumerate() {
        feature.rank = now[place];
        feature.reference = Some(ImportanceReference {
            importance: reference[place],
            rank: before[place],
            rank_change: now[place] - before[place],
            p_adjusted: None,
        });
    }
    sort_by(&mut features, |one, other| one.rank.total_cmp(&other.rank));
    let enough = shown.explanations >= MIN_EXPLANATIONS;
    let found = rank_agreement(&reference, &current).ok().filter(|_| enough);
    let order = found.map(|found| ImportanceOrderSnapshot {
        verdict: match found.ndcg {
            Some(ndcg) if ndcg < GIVEN_NDCG => Verdict::Drift,
            Some(_) => Verdict::NoDrift,
            None => Verdict::InsufficientData,
        },
        kendall: found.kendall,
        kendall_p_value: None,
        ndcg: found.ndcg,
        ndcg_p_value: None,
    });
    ModelImportanceSnapshot {
        reference: ReferenceStatus::Ready { rows: 0 },
        features,
        order,
        ..shown
    }
}

/// Places by falling value, from 1; those that tie share their mean place.
fn ranks(values: &[f64]) -> Vec<f64> {
    let rank = |value: &f64| {
        let above = values.iter().filter(|other| *other > value).count() as f64;
        let ties = values.iter().filter(|other| other.total_cmp(value).is_eq()).count() as f64;
        above + 0.5 * (ties + 1.0)
    };
    values.iter().map(rank).collect()
}

fn of_order(order: &OrderStanding, decision: &Decision) -> ImportanceOrderSnapshot {
    let drifted = order.ndcg_p_value <= decision.alpha;
    ImportanceOrderSnapshot {
        verdict: if drifted { Verdict::Drift } else { Verdict::NoDrift },
        kendall: order.kendall,
        kendall_p_value: Some(order.kendall_p_value),
        ndcg: order.ndcg,
        ndcg_p_value: Some(order.ndcg_p_value),
    }
}
