//! Which responses carry a token, and what it says of their prediction.

use tidegate_core::event::Assignment;
use tidegate_core::feedback::Answer;
use tidegate_protocol::{RequestFacts, ResponseFacts, Target, model_name, model_version};

use super::name::shown;
use crate::config::{Feedback, Model};
use crate::host::Host;
use crate::token::{self, Claims, PredictionIds};

/// Rows of one prediction that its token tells of.
const MAX_ROWS: usize = 16;

/// A response, as far as it is known when its token must leave: before its body over REST, behind it over
/// gRPC.
pub(crate) struct Answered<'a> {
    pub(crate) model: &'a Model,
    pub(crate) target: &'a Target,
    pub(crate) assignments: &'a [Assignment],
    pub(crate) facts: &'a ResponseFacts,
}

/// What a response is given.
pub(crate) enum Issue {
    /// A token, and the id that is in it.
    Token { token: String, prediction_id: String },
    /// Its names leave no room for one.
    TooLong,
    /// Its model wants none.
    None,
}

pub(crate) fn token(
    host: &dyn Host,
    feedback: &Feedback,
    ids: &PredictionIds,
    answered: &Answered,
) -> Issue {
    let Answered { model, target, assignments, facts } = answered;
    let request = RequestFacts::default();
    let name = model.name.as_deref();
    let model_name = shown(name.or_else(|| model_name(target, &request, facts)));
    if !feedback.is_for(&model_name) {
        return Issue::None;
    }
    let version = model.version.as_deref();
    let model_version = shown(version.or_else(|| model_version(target, &request, facts)));
    let now_nanos = host.now_nanos();
    let claims = Claims {
        prediction_id: ids.next(now_nanos),
        model_name,
        model_version,
        assignments: assignments.to_vec(),
        at_seconds: now_nanos as f64 / 1e9,
        predictions: predictions(facts),
    };
    match token::issue(feedback.secret.0.as_bytes(), &claims) {
        Some(token) => Issue::Token { token, prediction_id: claims.prediction_id },
        None => Issue::TooLong,
    }
}

/// Row by row what was predicted, and how sure the model was: of all rows or none, for a label finds its
/// own by its place.
fn predictions(facts: &ResponseFacts) -> Vec<(Answer, Option<f64>)> {
    if facts.predictions.len() > MAX_ROWS {
        return Vec::new();
    }
    let rows = facts.predictions.iter().enumerate();
    let rows =
        rows.map(|(row, value)| Some((Answer::of(value)?, facts.confidences.get(row).copied())));
    rows.collect::<Option<Vec<_>>>().unwrap_or_default()
}
