use alloc::borrow::Cow;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::{Answer, Awaiting, Truth};
use crate::event::{Assignment, InferenceRef, Label};
use crate::pane::{Dropped, LIMITS, bound};

/// Predictions and labels that one worker carries at most; further ones are counted.
pub(super) const MAX_RECORDS: usize = 20_000;
/// The longest id, in bytes. A longer one is not cut, for two of them would become one.
pub(super) const MAX_ID_BYTES: usize = 256;

/// Predictions and labels that one worker saw.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct FeedbackDelta {
    pub(super) predictions: Vec<(String, Awaiting)>,
    pub(super) labels: Vec<(String, Truth)>,
    /// Predictions whose truth came with them: from a token, which no store has to keep.
    pub(super) labelled: Vec<Labelled>,
    pub(super) tokens: TokenCounts,
}

/// What became of tokens: of those that responses carried, and of those that labels came with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct TokenCounts {
    /// Responses that carried one.
    pub issued: u64,
    /// Labels whose token was right.
    pub accepted: u64,
    /// Labels without a token, or a token without a label, or neither.
    pub malformed: u64,
    /// Labels whose token nobody signed who has a secret.
    pub forged: u64,
    /// Labels whose token was too old, or of a time to come.
    pub expired: u64,
}

impl TokenCounts {
    /// Adds what another counted.
    pub fn merge(&mut self, other: &Self) {
        let Self { issued, accepted, malformed, forged, expired } = self;
        for (own, other) in [
            (issued, other.issued),
            (accepted, other.accepted),
            (malformed, other.malformed),
            (forged, other.forged),
            (expired, other.expired),
        ] {
            *own = own.saturating_add(other);
        }
    }
}

/// A prediction and its truth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Labelled {
    /// The prediction's id.
    pub id: String,
    /// The prediction.
    pub prediction: Awaiting,
    /// The truth.
    pub truth: Truth,
}

impl FeedbackDelta {
    /// Takes the predictions of a request that has an id, each under [`row_id`].
    pub fn record(&mut self, at_seconds: f64, inference: &InferenceRef<'_>, dropped: &mut Dropped) {
        let Some(id) = inference.prediction_id else { return };
        let rows = inference.predictions.len();
        for (row, prediction) in inference.predictions.iter().enumerate() {
            let Some(prediction) = Answer::of(prediction) else { continue };
            let id = row_id(id, row, rows);
            if !has_room(self.predictions.len(), &id, dropped) {
                continue;
            }
            // That a name was cut is counted where requests are.
            let cut = |name| LIMITS.cut(name, &mut Dropped::default()).into();
            let awaiting = Awaiting {
                at_seconds,
                model_name: cut(inference.model_name),
                model_version: cut(inference.model_version),
                prediction,
                confidence: inference.confidences.get(row).copied().filter(|it| it.is_finite()),
                variants: variants_of(inference.assignments),
            };
            self.predictions.push((id.into_owned(), awaiting));
        }
    }

    /// Takes a label.
    pub fn record_label(&mut self, at_seconds: f64, label: &Label, dropped: &mut Dropped) {
        let Some(answer) = Answer::of(&label.label) else { return };
        if has_room(self.labels.len(), &label.prediction_id, dropped) {
            let truth = Truth { at_seconds, label: answer };
            self.labels.push((label.prediction_id.clone(), truth));
        }
    }

    /// Takes a prediction with its truth.
    pub fn record_labelled(&mut self, labelled: Labelled, dropped: &mut Dropped) {
        if has_room(self.labelled.len(), &labelled.id, dropped) {
            self.labelled.push(labelled);
        }
    }

    /// Counts tokens.
    pub fn count_tokens(&mut self, counts: &TokenCounts) {
        self.tokens.merge(counts);
    }

    /// Adds what another worker saw.
    pub fn merge(&mut self, other: Self, dropped: &mut Dropped) {
        append(&mut self.predictions, other.predictions, dropped);
        append(&mut self.labels, other.labels, dropped);
        append(&mut self.labelled, other.labelled, dropped);
        self.tokens.merge(&other.tokens);
    }

    /// Whether nothing was seen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let holds_none =
            self.predictions.is_empty() && self.labels.is_empty() && self.labelled.is_empty();
        holds_none && self.tokens == TokenCounts::default()
    }
}

/// Experiments and variants, by name: of the first experiments of a request, as many as an experiment may have
/// variants.
#[must_use]
pub fn variants_of(assignments: &[Assignment]) -> Vec<(String, String)> {
    let cut = |name| LIMITS.cut(name, &mut Dropped::default()).into();
    let given = assignments.iter().take(LIMITS.variants);
    given.map(|it| (cut(&it.experiment), cut(&it.variant))).collect()
}

/// The id of one row of a request: the request's own where it has but one, else `ID#ROW`, from 0.
#[must_use]
pub fn row_id(id: &str, row: usize, rows: usize) -> Cow<'_, str> {
    if rows == 1 { Cow::Borrowed(id) } else { Cow::Owned(format!("{id}#{row}")) }
}

fn has_room(held: usize, id: &str, dropped: &mut Dropped) -> bool {
    let room = held < MAX_RECORDS && id.len() <= MAX_ID_BYTES;
    if !room {
        dropped.add(bound::FEEDBACK, 1);
    }
    room
}

fn append<T>(held: &mut Vec<T>, more: Vec<T>, dropped: &mut Dropped) {
    let room = MAX_RECORDS.saturating_sub(held.len());
    dropped.add(bound::FEEDBACK, more.len().saturating_sub(room) as u64);
    held.extend(more.into_iter().take(room));
}
