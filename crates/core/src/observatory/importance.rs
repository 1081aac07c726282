//! The part of a snapshot that is about explanations.

use alloc::string::ToString;
use alloc::vec::Vec;
use tidegate_stats::{Decision, Verdict};

use super::state::State;
use crate::importance::{FeatureStanding, OrderStanding, REFERENCE_ROWS, Standing};
use crate::snapshot::{
    ImportanceOrderSnapshot, ImportanceReference, ImportanceSnapshot, ModelImportanceSnapshot,
    ReferenceStatus,
};

/// By model name, as of the last tick.
pub(super) fn of_models(state: &State, decision: &Decision) -> Vec<ModelImportanceSnapshot> {
    let standing = |name| state.standings.get(name).map(|standing| (name, standing));
    let models = state.importances.iter().filter_map(|(name, _)| standing(name));
    models.map(|(name, standing)| of_model(name, standing, decision)).collect()
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
            p_adjusted,
        }),
    }
}

fn of_order(order: &OrderStanding, decision: &Decision) -> ImportanceOrderSnapshot {
    let drifted = order.ndcg_p_value <= decision.alpha;
    ImportanceOrderSnapshot {
        verdict: if drifted { Verdict::Drift } else { Verdict::NoDrift },
        kendall: order.kendall,
        kendall_p_value: order.kendall_p_value,
        ndcg: order.ndcg,
        ndcg_p_value: order.ndcg_p_value,
    }
}
