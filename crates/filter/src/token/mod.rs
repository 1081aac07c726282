//! Signed tokens: what a response carries, so that whoever learns the truth can say which prediction it
//! is about, to any gateway that has the secret, with nothing stored.
//!
//! A token is the base64url of its claims, a dot, and the base64url of their HMAC-SHA-256.

mod base64url;
mod ids;
mod sha256;

pub(crate) use self::ids::PredictionIds;

use serde::{Deserialize, Serialize};
use tidegate_core::event::Assignment;
use tidegate_core::feedback::Answer;

/// The form of the claims; another form is another number.
const FORM: u8 = 1;
/// The longest token, in bytes.
const MAX_BYTES: usize = 4096;
/// How far the clock of another gateway may be ahead, in seconds.
const SKEW_SECONDS: f64 = 300.0;

/// What is said of a prediction.
#[derive(Debug, Clone, PartialEq)]
pub struct Claims {
    /// The prediction's id.
    pub prediction_id: String,
    /// The model.
    pub model_name: String,
    /// Its version.
    pub model_version: String,
    /// The variants that the request was given.
    pub assignments: Vec<Assignment>,
    /// When it was answered, in seconds since 1970.
    pub at_seconds: f64,
    /// Row by row what was predicted, and how sure the model was, where that is known already.
    pub predictions: Vec<(Answer, Option<f64>)>,
}

/// The claims as they are signed.
#[derive(Serialize, Deserialize)]
struct Signed<'a> {
    form: u8,
    prediction_id: &'a str,
    model_name: &'a str,
    model_version: &'a str,
    at_seconds: f64,
    #[serde(borrow)]
    assignments: Vec<(&'a str, &'a str)>,
    predictions: Vec<(Answer, Option<f64>)>,
}

/// Why a token is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// It is cut short, too long, or no token at all.
    Malformed,
    /// No secret that is known signed it.
    Forged,
    /// It is too old, or of a time to come.
    Expired,
}

/// Signs claims; `None` when they are too long for a header.
#[must_use]
pub fn issue(secret: &[u8], claims: &Claims) -> Option<String> {
    let assignments = claims.assignments.iter();
    let signed = Signed {
        form: FORM,
        prediction_id: &claims.prediction_id,
        model_name: &claims.model_name,
        model_version: &claims.model_version,
        at_seconds: claims.at_seconds,
        assignments: assignments.map(|it| (it.experiment.as_str(), it.variant.as_str())).collect(),
        predictions: claims.predictions.clone(),
    };
    let bytes = postcard::to_allocvec(&signed).ok()?;
    let code = base64url::encode(&sha256::hmac(secret, &bytes));
    let token = format!("{}.{code}", base64url::encode(&bytes));
    (token.len() <= MAX_BYTES).then_some(token)
}

/// The claims of a token that one of the secrets signed no longer than `lifetime_seconds` ago.
///
/// # Errors
/// Why it is not taken. Nothing of the token's claims is looked at before its signature was found right.
pub fn verify(
    token: &str,
    secrets: &[&[u8]],
    now_seconds: f64,
    lifetime_seconds: f64,
) -> Result<Claims, Refusal> {
    if token.len() > MAX_BYTES {
        return Err(Refusal::Malformed);
    }
    let (claims, code) = token.split_once('.').ok_or(Refusal::Malformed)?;
    let bytes = base64url::decode(claims.as_bytes()).ok_or(Refusal::Malformed)?;
    let code = base64url::decode(code.as_bytes()).ok_or(Refusal::Malformed)?;
    if bytes.is_empty() || code.len() != 32 {
        return Err(Refusal::Malformed);
    }
    // Every secret is tried, so that the time does not tell which one it was.
    let is_signed = secrets.iter().fold(false, |is_signed, secret| {
        is_signed | equal_in_constant_time(&sha256::hmac(secret, &bytes), &code)
    });
    if !is_signed {
        return Err(Refusal::Forged);
    }
    let signed: Signed = postcard::from_bytes(&bytes).map_err(|_| Refusal::Malformed)?;
    if signed.form != FORM {
        return Err(Refusal::Malformed);
    }
    let age_seconds = now_seconds - signed.at_seconds;
    if !(-SKEW_SECONDS..=lifetime_seconds).contains(&age_seconds) {
        return Err(Refusal::Expired);
    }
    let assignment = |(experiment, variant): (&str, &str)| Assignment {
        experiment: experiment.into(),
        variant: variant.into(),
        unit: None,
    };
    Ok(Claims {
        prediction_id: signed.prediction_id.into(),
        model_name: signed.model_name.into(),
        model_version: signed.model_version.into(),
        assignments: signed.assignments.into_iter().map(assignment).collect(),
        at_seconds: signed.at_seconds,
        predictions: signed.predictions,
    })
}

/// Compares without a hint, in the time that it takes, at which byte the two differ.
pub(crate) fn equal_in_constant_time(a: &[u8], b: &[u8]) -> bool {
    let difference = a.iter().zip(b).fold(0, |all, (a, b)| all | (a ^ b));
    std::hint::black_box(difference) == 0 && a.len() == b.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: f64 = 1_790_000_000.0;
    const DAY: f64 = 86_400.0;

    fn claims() -> Claims {
        Claims {
            prediction_id: "18c3-1-7".into(),
            model_name: "iris".into(),
            model_version: "3".into(),
            assignments: vec![Assignment {
                experiment: "e".into(),
                variant: "treatment".into(),
                unit: None,
            }],
            at_seconds: NOW,
            predictions: vec![(Answer::Class("setosa".into()), Some(0.9))],
        }
    }

    fn token() -> String {
        issue(b"old secret", &claims()).unwrap()
    }

    #[test]
    fn a_token_is_taken_under_either_secret_for_its_lifetime() {
        let secrets = [&b"new secret"[..], b"old secret"];
        for age in [-200.0, 0.0, 30.0 * DAY] {
            assert_eq!(verify(&token(), &secrets, NOW + age, 30.0 * DAY), Ok(claims()), "{age}");
        }
        for age in [-400.0, 30.0 * DAY + 1.0, f64::NAN] {
            let refusal = verify(&token(), &secrets, NOW + age, 30.0 * DAY);
            assert_eq!(refusal, Err(Refusal::Expired), "{age}");
        }
        assert_eq!(verify(&token(), &secrets[..1], NOW, DAY), Err(Refusal::Forged));
        assert_eq!(verify(&token(), &[], NOW, DAY), Err(Refusal::Forged));
    }

    #[test]
    fn no_other_text_is_a_token() {
        let (token, secrets) = (token(), [&b"old secret"[..]]);
        for end in 0..token.len() {
            assert!(verify(&token[..end], &secrets, NOW, DAY).is_err(), "{end}");
        }
        for place in 0..token.len() {
            let mut other = token.clone().into_bytes();
            other[place] = if other[place] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(other).unwrap();
            assert!(verify(&other, &secrets, NOW, DAY).is_err(), "{place}");
        }
        for other in ["", ".", "a.b", "é.é", &format!("{token}="), &"A".repeat(5000)] {
            assert_eq!(verify(other, &secrets, NOW, DAY), Err(Refusal::Malformed), "{other}");
        }
    }

    #[test]
    fn claims_that_no_header_has_room_for_have_no_token() {
        let claims = Claims { model_name: "m".repeat(4000), ..claims() };
        assert_eq!(issue(b"secret", &claims), None);
    }
}
