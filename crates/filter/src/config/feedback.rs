//! `feedback` of the config: labels that come back with the token of their prediction.

use std::fmt;

use super::Model;
use super::field::Field;

pub(super) const FEEDBACK_FIELDS: &[&str] =
    &["secret", "previous_secret", "lifetime_days", "models"];

const MAX_SECRET_BYTES: usize = 4096;
const MAX_LIFETIME_DAYS: f64 = 366.0;
const DEFAULT_LIFETIME_DAYS: f64 = 30.0;
const DAY_SECONDS: f64 = 86_400.0;

/// Labels that come back with the token of their prediction.
#[derive(Debug, Clone, PartialEq)]
pub struct Feedback {
    /// Signs tokens, and every gateway of a fleet has the same.
    pub secret: Secret,
    /// Signed them before, and is still believed.
    pub previous_secret: Option<Secret>,
    /// How long a token is taken, in seconds.
    pub lifetime_seconds: f64,
    /// The models whose responses carry tokens; all if `None`.
    pub models: Option<Vec<String>>,
}

impl Feedback {
    /// Whether responses of a model carry tokens.
    pub(crate) fn is_for(&self, model_name: &str) -> bool {
        let is_listed = |models: &Vec<String>| models.iter().any(|name| name == model_name);
        self.models.as_ref().is_none_or(is_listed)
    }

    /// The secrets that are believed.
    pub(crate) fn secrets(&self) -> Vec<&[u8]> {
        let secrets = [Some(&self.secret), self.previous_secret.as_ref()];
        secrets.into_iter().flatten().map(|secret| secret.0.as_bytes()).collect()
    }
}

/// A text that nobody is shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub(crate) String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

pub(super) fn read_feedback(field: &Field, models: &[Model]) -> Option<Feedback> {
    let object = field.object(FEEDBACK_FIELDS)?;
    let secret = object.required("secret").and_then(|field| read_secret(&field));
    let previous_secret = match object.optional("previous_secret") {
        Some(field) => read_secret(&field).map(Some),
        None => Some(None),
    };
    let lifetime_days = object
        .optional("lifetime_days")
        .map_or(Some(DEFAULT_LIFETIME_DAYS), |field| field.number(0.001..=MAX_LIFETIME_DAYS));
    let names = object.optional("models").map(|field| {
        let names = field.distinct_names(super::MAX_MODELS, 256);
        for name in &names {
            // An entry without a name is for whatever models the wire names.
            let is_it = |model: &Model| model.name.as_ref().is_none_or(|own| own == name);
            if !models.iter().any(is_it) {
                field.problem(format!("no model is called `{name}`"));
            }
        }
        names
    });
    Some(Feedback {
        secret: secret?,
        previous_secret: previous_secret?,
        lifetime_seconds: lifetime_days? * DAY_SECONDS,
        models: names,
    })
}

/// A secret. What stands in its place is not repeated, for it may be one.
pub(super) fn read_secret(field: &Field) -> Option<Secret> {
    let secret = field.value().as_str().filter(|text| (1..=MAX_SECRET_BYTES).contains(&text.len()));
    if secret.is_none() {
        field.problem(format!("expected a string of 1 to {MAX_SECRET_BYTES} bytes"));
    }
    secret.map(|secret| Secret(secret.into()))
}
