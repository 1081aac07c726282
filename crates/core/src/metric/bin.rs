//! Families of the bins that drift is computed on: what fell into each, and which share of the reference did.
//!
//! A score cannot be added over gateways, counts can. With these a Prometheus computes the index of a whole fleet,
//! over any time. A reference is named by its content, so that only counts on the same bins are added.

use alloc::string::ToString;
use alloc::vec::Vec;

use super::family::{Family, Kind};
use crate::event::ColumnRole;
use crate::observatory::{Binning, Reference, ReferenceColumn, State};
use crate::pane::LIMITS;

pub(super) fn families(state: &State) -> Vec<Family> {
    let mut shown = Shown {
        features: [
            Family::new(
                "feature_bin_total",
                Kind::Counter,
                "Values of a feature in each bin of its reference, since the reference was frozen.",
            ),
            Family::new(
                "feature_reference_share",
                Kind::Gauge,
                "Share of the reference's values of a feature in each bin.",
            ),
            Family::new(
                "feature_reference_values",
                Kind::Gauge,
                "Values of a feature in its reference: of few, chance makes more of the index.",
            ),
        ],
        outputs: [
            Family::new(
                "prediction_bin_total",
                Kind::Counter,
                "Predictions or confidences in each bin of their reference, since it was frozen.",
            ),
            Family::new(
                "prediction_reference_share",
                Kind::Gauge,
                "Share of the reference's predictions or confidences in each bin.",
            ),
            Family::new(
                "prediction_reference_values",
                Kind::Gauge,
                "Predictions or confidences in their reference.",
            ),
        ],
        hidden: Family::new(
            "tidegate_columns_without_bins",
            Kind::Gauge,
            "Columns whose bins are not in the metrics, for there are too many.",
        ),
    };
    for (model, reference, columns) in state.binned() {
        shown.push(("model_name", model), reference, &columns);
    }
    for (set, reference, columns) in state.binned_feature_sets() {
        shown.push(("feature_set", set), reference, &columns);
    }
    let Shown { features, outputs, hidden } = shown;
    let mut families = Vec::from(features);
    families.extend(outputs);
    families.push(hidden);
    families
}

struct Shown {
    features: [Family; 3],
    outputs: [Family; 3],
    hidden: Family,
}

impl Shown {
    /// Adds the bins of one table: of whole columns, as long as there is room.
    fn push(
        &mut self,
        table: (&'static str, &str),
        reference: &Reference,
        columns: &[(&ReferenceColumn, &[u64])],
    ) {
        let (mut bins, mut hidden) = (0, 0);
        let id = reference.id().to_string();
        for (column, totals) in columns {
            if bins + column.bin_count() > LIMITS.shown_bins {
                hidden += 1;
                continue;
            }
            bins += column.bin_count();
            let (families, name) = match column.role {
                ColumnRole::Feature => (&mut self.features, "feature_name"),
                ColumnRole::Prediction | ColumnRole::Confidence => (&mut self.outputs, "column"),
            };
            push_column(
                families,
                &[(name, &column.name), table, ("reference", &id)],
                column,
                totals,
            );
        }
        if hidden > 0 {
            self.hidden.push_count(&[table], hidden);
        }
    }
}

/// Every count is told from the start, for Prometheus does not see the first increase of a counter that begins
/// above 0. Of numbers every share is told too, that of an empty bin as well: the index floors each. Of
/// categories only those in a sample are compared, so that a share of 0 is left out.
fn push_column(
    [counts, shares, values]: &mut [Family; 3],
    labels: &[(&'static str, &str)],
    column: &ReferenceColumn,
    totals: &[u64],
) {
    let all = column.bins.iter().fold(0_u64, |sum, bin| sum.saturating_add(*bin));
    values.push_count(labels, all);
    let all = all as f64;
    for (index, in_reference) in column.bins.iter().enumerate() {
        let total = totals.get(index).copied().unwrap_or(0);
        let bin = index.to_string();
        let labels = [labels, &[("bin", bin.as_str())]].concat();
        counts.push_count(&labels, total);
        if matches!(column.binning, Binning::Edges(_)) || *in_reference > 0 {
            shares.push_measure(&labels, *in_reference as f64 / all);
        }
    }
}
