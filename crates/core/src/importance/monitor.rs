use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::rows::{Rows, most_row_bytes};
use crate::event::Explanation;
use crate::pane::{Dropped, Histogram, LIMITS, SortedMap, bound, most};

/// Upper bounds of the buckets of magnitudes, in the unit of the model's margin: log-odds, most often.
pub const IMPORTANCE_BUCKETS: &[f64] =
    &[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// What explanations say of each model; the same in a worker and, merged, in the leader.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Importances(SortedMap<String, ModelImportance>);

/// What explanations say of one model, whatever its version: a new version is held against the old.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct ModelImportance {
    /// Magnitudes of each feature's attributions, since the first explanation.
    pub magnitudes: SortedMap<String, Histogram>,
    pub(super) rows: Rows,
}

impl Importances {
    /// Counts one explanation.
    pub fn record(&mut self, at_seconds: f64, explanation: &Explanation, dropped: &mut Dropped) {
        let name = LIMITS.cut(&explanation.model_name, dropped);
        let Some(model) = self.model(name) else {
            dropped.add(bound::EXPLANATIONS, 1);
            return;
        };
        // All columns first, for each that is made moves those after it.
        for (feature, _) in explanation.attributions.iter() {
            let feature = LIMITS.cut(feature, dropped);
            if model.rows.column(feature, LIMITS.attributions).is_none() {
                dropped.add(bound::ATTRIBUTIONS, 1);
            }
        }
        let mut magnitudes: Vec<(usize, f64)> = Vec::with_capacity(explanation.attributions.len());
        let mut cut = Dropped::default();
        for (feature, attribution) in explanation.attributions.iter() {
            let feature = LIMITS.cut(feature, &mut cut);
            if let Some(column) = model.rows.column(feature, LIMITS.attributions) {
                let magnitude = attribution.abs();
                if model.magnitudes.entry(feature).record(magnitude, IMPORTANCE_BUCKETS) {
                    magnitudes.push((column, magnitude));
                } else {
                    dropped.add(bound::NOT_A_MEASURE, 1);
                }
            }
        }
        model.rows.push(at_seconds, &magnitudes);
    }

    /// Adds what `other` saw.
    pub fn merge(&mut self, other: Self, dropped: &mut Dropped) {
        for (name, theirs) in other.0 {
            let Some(model) = self.model(&name) else {
                dropped.add(bound::EXPLANATIONS, theirs.explanations());
                continue;
            };
            dropped.add(bound::ATTRIBUTIONS, model.rows.merge(theirs.rows, LIMITS.attributions));
            for (feature, histogram) in theirs.magnitudes.iter() {
                if model.rows.column(feature, LIMITS.attributions).is_some() {
                    model.magnitudes.entry(feature).merge(histogram);
                }
            }
        }
    }

    /// Whether no explanation came.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Model names and what is known of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &ModelImportance)> {
        self.0.iter().map(|(name, model)| (name.as_str(), model))
    }

    /// Whether this can be worked with: true of all but a damaged encoding.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.0.values().all(|model| model.rows.is_sound())
    }

    /// The entry of a model, made if there is room.
    fn model(&mut self, name: &str) -> Option<&mut ModelImportance> {
        let has_room = self.0.contains_key(name) || self.0.len() < LIMITS.models;
        has_room.then(|| self.0.entry(name))
    }
}

impl ModelImportance {
    /// Explanations since the first.
    #[must_use]
    pub const fn explanations(&self) -> u64 {
        self.rows.count()
    }
}

/// The most bytes that the explanations of all models take.
pub(crate) const fn most_bytes() -> u64 {
    let features = LIMITS.attributions as u64;
    let named = 2 * most::NAME + most::entry::<String, Histogram>() + 32 * 8;
    LIMITS.models as u64 * (features * named + most_row_bytes(features))
}
