//! Labels that come back with the token of their prediction. The token is the caller's credential.

use serde::Deserialize;
use tidegate_core::event::{Cells, Event, Label, Refused, Value, read_each, read_item};
use tidegate_core::feedback::{Answer, Awaiting, Labelled, Truth, row_id, variants_of};

use super::told::Told;
use crate::config::Feedback;
use crate::token::{self, Claims, Refusal};

/// Labels that one body may bring: the signature of each is checked.
const MAX_LABELS: usize = 1_000;
/// Rows of one prediction that one of them may be about.
const MAX_ROWS: usize = 10_000;
const UNKNOWN: &str = "unknown";

/// One JSON object: the truth about a prediction, or about all rows of one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Said {
    /// The token.
    prediction: String,
    label: Cells,
    /// What the model said. It can be left out where the gateway still knows, or the token says so.
    predicted: Option<Cells>,
    confidence: Option<Cells>,
    /// Of a batch, the row that this is about, from 0.
    row: Option<usize>,
    /// When it was learnt, in seconds since 1970.
    at: Option<f64>,
    /// Where the token does not know them, for only the answer's body told.
    model_name: Option<String>,
    model_version: Option<String>,
}

/// Reads a body of labels with their tokens: what is to be counted, and what was refused.
pub(crate) fn read(body: &[u8], feedback: &Feedback, now_seconds: f64) -> (Told, Vec<Refused>) {
    let mut told = Told::default();
    let secrets = feedback.secrets();
    let refused = read_each(body, MAX_LABELS, |_, item| {
        let outcome = read_item(item).map_err(Fault::Malformed).and_then(|said: Said| {
            let claims =
                token::verify(&said.prediction, &secrets, now_seconds, feedback.lifetime_seconds)
                    .map_err(Fault::Token)?;
            said.tell(claims, now_seconds, &mut told).map_err(|what| Fault::Malformed(what.into()))
        });
        let counts = &mut told.tokens;
        let count = match &outcome {
            Ok(()) => &mut counts.accepted,
            Err(Fault::Token(Refusal::Forged)) => &mut counts.forged,
            Err(Fault::Token(Refusal::Expired)) => &mut counts.expired,
            Err(Fault::Token(Refusal::Malformed) | Fault::Malformed(_)) => &mut counts.malformed,
        };
        *count += 1;
        outcome.map_err(Fault::sentence)
    });
    (told, refused)
}

/// Why a label is not taken.
enum Fault {
    Malformed(String),
    Token(Refusal),
}

impl Fault {
    fn sentence(self) -> String {
        match self {
            Self::Malformed(what) => what,
            Self::Token(Refusal::Malformed) => "`prediction` is no whole token".into(),
            Self::Token(Refusal::Forged) => "no secret that is known here signed this token".into(),
            Self::Token(Refusal::Expired) => "the token is too old, or of a time to come".into(),
        }
    }
}

impl Said {
    /// Adds what is said of each row.
    fn tell(&self, claims: Claims, now: f64, told: &mut Told) -> Result<(), &'static str> {
        let rows = self.label.0.len();
        if rows == 0 || rows > MAX_ROWS || (self.row.is_some() && rows > 1) {
            return Err("expected one `label`, or one a row without `row`");
        }
        let as_many = |cells: &Option<Cells>| cells.as_ref().is_none_or(|it| it.0.len() == rows);
        if !as_many(&self.predicted) || !as_many(&self.confidence) {
            return Err("expected as many of `predicted` and `confidence` as of `label`");
        }
        if self.row.is_some_and(|row| row >= MAX_ROWS) {
            return Err("`row` is too large");
        }
        if self.at.is_some_and(|at| !(0.0..=now + MAX_AHEAD_SECONDS).contains(&at)) {
            return Err("`at` must be a time in seconds since 1970 that is not to come");
        }
        let at_seconds = self.at.unwrap_or(now);
        let answer =
            |cells: &Option<Cells>, row| cells.as_ref().and_then(|it| Answer::of(it.0.get(row)?));
        let share = |row| match self.confidence.as_ref()?.0.get(row)? {
            Value::Number(share) if (0.0..=1.0).contains(share) => Some(*share),
            _ => None,
        };
        let said = |known: &str, said: &Option<String>| match said {
            Some(said) if known == UNKNOWN => said.clone(),
            _ => known.to_string(),
        };
        let model_name = said(&claims.model_name, &self.model_name);
        let model_version = said(&claims.model_version, &self.model_version);
        let labels: Option<Vec<Answer>> = self.label.0.iter().map(Answer::of).collect();
        for (row, label) in
            labels.ok_or("`label` must be a class or a number")?.into_iter().enumerate()
        {
            let id = match self.row {
                Some(row) => format!("{}#{row}", claims.prediction_id),
                None => row_id(&claims.prediction_id, row, rows).into_owned(),
            };
            // What is signed is no echo of the client's.
            let signed = claims.predictions.get(self.row.unwrap_or(row)).cloned();
            let echoed = || answer(&self.predicted, row).map(|answer| (answer, share(row)));
            let Some((prediction, confidence)) = signed.or_else(echoed) else {
                let value = value_of(label);
                let label = Label { at: Some(at_seconds), prediction_id: id, label: value };
                told.events.push(Event::Label(label));
                continue;
            };
            let prediction = Awaiting {
                at_seconds: claims.at_seconds,
                model_name: model_name.clone(),
                model_version: model_version.clone(),
                prediction,
                confidence,
                variants: variants_of(&claims.assignments),
            };
            let truth = Truth { at_seconds, label };
            told.labelled.push(Labelled { id, prediction, truth });
        }
        Ok(())
    }
}

/// How far the clock of whoever tells may be ahead, in seconds.
const MAX_AHEAD_SECONDS: f64 = 300.0;

fn value_of(answer: Answer) -> Value {
    match answer {
        Answer::Number(number) => Value::Number(number),
        Answer::Class(name) => Value::Category(name),
    }
}
