//! What a model was like when it was made: `labelled_reference` and `reference_importances` of the config.

use std::collections::BTreeMap;

use tidegate_core::observatory::LabelledReference;
use tidegate_core::quality::Calibration;

use super::field::Field;
use super::remote::{self, HOURLY_SECONDS, Remote};

pub(super) const FROM_BEFORE_FIELDS: &[&str] = &["values", "fetch"];

/// Most features of a model.
pub(super) const MAX_FEATURE_NAMES: usize = 512;

/// More labelled predictions make no better a calibration, and would hold up a tick.
const MAX_LABELLED: usize = 100_000;

/// By feature, how much it mattered.
pub type Importances = Vec<(String, f64)>;

/// Something that was found out before.
#[derive(Debug, Clone, PartialEq)]
pub enum FromBefore<T> {
    /// It is in the config.
    Values(T),
    /// It lies elsewhere.
    Fetch(Remote),
}

impl<T> FromBefore<T> {
    /// Where it lies, if that is elsewhere.
    pub(crate) const fn remote(&self) -> Option<&Remote> {
        match self {
            Self::Values(_) => None,
            Self::Fetch(remote) => Some(remote),
        }
    }
}

pub(super) fn read_labelled_reference(field: &Field) -> Option<FromBefore<Calibration>> {
    read(field, |value| calibration(serde_json::from_str(&value.document())))
}

pub(super) fn read_importances(field: &Field) -> Option<FromBefore<Importances>> {
    read(field, |value| importances(serde_json::from_str(&value.document())))
}

fn read<T>(field: &Field, values: impl Fn(&Field) -> Result<T, String>) -> Option<FromBefore<T>> {
    match field.object(FROM_BEFORE_FIELDS)?.one_of(FROM_BEFORE_FIELDS)? {
        ("fetch", field) => remote::read_remote(&field, HOURLY_SECONDS).map(FromBefore::Fetch),
        (_, field) => match values(&field) {
            Ok(values) => Some(FromBefore::Values(values)),
            Err(what) => {
                field.problem_of_document(&what);
                None
            }
        },
    }
}

/// What labelled predictions say of confidences.
///
/// # Errors
/// Why they say nothing.
pub(crate) fn calibration(
    labelled: serde_json::Result<LabelledReference>,
) -> Result<Calibration, String> {
    let labelled = labelled.map_err(|error| format!("not labelled predictions: {error}"))?;
    let count = labelled.labels.len();
    if count > MAX_LABELLED {
        return Err(format!("at most {MAX_LABELLED} labelled predictions, found {count}"));
    }
    labelled.calibration().map_err(|error| error.to_string())
}

/// Importances by feature.
///
/// # Errors
/// Why they are none.
pub(crate) fn importances(
    named: serde_json::Result<BTreeMap<String, f64>>,
) -> Result<Importances, String> {
    let named = named.map_err(|error| format!("not importances by feature: {error}"))?;
    if !(1..=MAX_FEATURE_NAMES).contains(&named.len()) {
        return Err(format!("expected 1 to {MAX_FEATURE_NAMES} features, found {}", named.len()));
    }
    let is_importance = |value: &f64| value.is_finite() && *value >= 0.0;
    if let Some((name, _)) = named.iter().find(|(_, value)| !is_importance(value)) {
        return Err(format!("the importance of `{name}` is no number from 0 on"));
    }
    Ok(named.into_iter().collect())
}
