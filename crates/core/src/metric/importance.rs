//! Families of explanations.

use alloc::vec::Vec;
use tidegate_stats::Verdict;

use super::family::{Family, Kind};
use crate::importance::IMPORTANCE_BUCKETS;
use crate::observatory::State;
use crate::snapshot::Snapshot;

pub(super) fn families(state: &State, snapshot: &Snapshot) -> Vec<Family> {
    let mut score = Family::new(
        "feature_importance_score",
        Kind::Histogram,
        "Magnitude of what a feature added to a prediction, in the unit of the model's margin.",
    );
    for (model, importance) in state.importances().iter() {
        for (feature, magnitudes) in importance.magnitudes.iter() {
            let labels = [("model_name", model), ("feature_name", feature.as_str())];
            score.push_histogram(&labels, magnitudes, IMPORTANCE_BUCKETS);
        }
    }
    let gauge = |name, help| Family::new(name, Kind::Gauge, help);
    let mut rank = gauge(
        "feature_importance_rank",
        "Place of a feature by its importance in the newest explanations, 1 for the first.",
    );
    let mut change = gauge(
        "feature_importance_rank_change",
        "Places that a feature has fallen since the reference; negative where it rose.",
    );
    let mut p_value = gauge(
        "feature_importance_drift_p_value",
        "p-value of a feature's importance against the reference, adjusted over the features.",
    );
    let mut agreement = gauge(
        "feature_importance_agreement",
        "Normalised discounted gain of the features' order now, 1 where it is the reference's.",
    );
    let mut detected = gauge(
        "feature_importance_drift_detected",
        "1 if the order of importance drifted, 0 if not; absent with too few explanations.",
    );
    for model in &snapshot.importances {
        let name = model.model_name.as_str();
        for feature in &model.features {
            let labels = [("model_name", name), ("feature_name", feature.feature_name.as_str())];
            rank.push_measure(&labels, feature.rank);
            match feature.reference {
                Some(reference) => {
                    change.push_measure(&labels, reference.rank_change);
                    if let Some(p) = reference.p_adjusted {
                        p_value.push_measure(&labels, p);
                    }
                }
                None => {
                    change.withhold(&labels);
                    p_value.withhold(&labels);
                }
            }
        }
        let labels = [("model_name", name)];
        match model.order {
            Some(order) => {
                agreement.push_measure(&labels, order.ndcg.unwrap_or(f64::NAN));
                detected.push_count(&labels, u64::from(order.verdict == Verdict::Drift));
            }
            None => {
                agreement.withhold(&labels);
                detected.withhold(&labels);
            }
        }
    }
    Vec::from([score, rank, change, p_value, agreement, detected])
}
