//! Feedback that a client sends to the server behind the gateway, as Seldon's do: it passes, and is read
//! by the way.

use tidegate_core::event::Side;
use tidegate_core::feedback::{Answer, Awaiting, Labelled, Truth, row_id};
use tidegate_protocol::{
    FeedbackFacts, RequestFacts, ResponseFacts, Target, decompressed, model_name, model_version,
};

use super::name::shown;
use super::outcome;
use crate::admin::Told;
use crate::budget::Budget;
use crate::config::Model;
use crate::host::{Headers, Host};
use crate::token::PredictionIds;

/// Feedback whose body could not be read, as it is counted.
const UNREAD: &str = "unread_feedback";
/// The longest body that is read.
const MAX_BYTES: usize = 1 << 20;

/// A body of feedback that passes.
#[derive(Debug)]
pub(crate) struct Overheard {
    model: usize,
    encoding: Vec<u8>,
    body: Vec<u8>,
    budget: Budget,
    is_whole: bool,
    is_lost: bool,
}

impl Overheard {
    pub(crate) fn begin(
        model: usize,
        headers: &Headers,
        end_of_stream: bool,
        budget: &Budget,
    ) -> Option<Self> {
        let encoding = headers.get("content-encoding").unwrap_or_default().to_vec();
        let (body, budget) = (Vec::new(), budget.clone());
        let overheard = Self { model, encoding, body, budget, is_whole: false, is_lost: false };
        (!end_of_stream).then_some(overheard)
    }

    /// The entry of the model that it is about.
    pub(crate) fn model(&self) -> usize {
        self.model
    }

    pub(crate) fn push(&mut self, host: &dyn Host, length: usize, end_of_stream: bool) {
        self.is_whole |= end_of_stream;
        let has_room = length <= MAX_BYTES.saturating_sub(self.body.len());
        if self.is_lost || !has_room || !self.budget.take(length) {
            self.is_lost = true;
            return;
        }
        let before = self.body.len();
        self.body.extend(host.body_chunk(Side::Request, length).iter().take(length));
        let missing = length.saturating_sub(self.body.len().saturating_sub(before));
        self.budget.give_back(missing);
        self.is_lost |= missing > 0;
    }

    /// What the body tells, if the server took it too.
    pub(crate) fn tell(
        &self,
        host: &dyn Host,
        model: &Model,
        ids: &PredictionIds,
        told: &mut Told,
    ) {
        if !outcome::is_success(host) {
            return;
        }
        let limits = model.limits();
        let body = decompressed(&self.encoding, &self.body, MAX_BYTES).ok();
        let facts = body
            .filter(|_| self.is_whole && !self.is_lost)
            .and_then(|body| FeedbackFacts::read_named(&body, &model.naming(), &limits).ok());
        let Some(facts) = facts else {
            told.rejected.push(UNREAD);
            return;
        };
        // A reward alone says how good an answer was, not what was true.
        let Some(answer) = facts.answer.filter(|_| !facts.labels.is_empty()) else { return };
        let now_nanos = host.now_nanos();
        let at_seconds = now_nanos as f64 / 1e9;
        let id = facts.join_id.unwrap_or_else(|| ids.next(now_nanos));
        let (target, request) = (Target::default(), RequestFacts::default());
        let name = model.name.as_deref();
        let model_name = shown(name.or_else(|| model_name(&target, &request, &answer)));
        let version = model.version.as_deref();
        let model_version = shown(version.or_else(|| model_version(&target, &request, &answer)));
        let rows = answer.predictions.len();
        if rows != facts.labels.len() {
            told.rejected.push(UNREAD);
            return;
        }
        let ResponseFacts { predictions, confidences, .. } = &answer;
        for (row, (predicted, label)) in predictions.iter().zip(&facts.labels).enumerate() {
            let (Some(prediction), Some(label)) = (Answer::of(predicted), Answer::of(label)) else {
                continue;
            };
            let prediction = Awaiting {
                at_seconds,
                model_name: model_name.clone(),
                model_version: model_version.clone(),
                prediction,
                confidence: confidences.get(row).copied(),
                variants: Vec::new(),
            };
            let truth = Truth { at_seconds, label };
            let id = row_id(&id, row, rows).into_owned();
            told.labelled.push(Labelled { id, prediction, truth });
        }
    }
}

impl Drop for Overheard {
    fn drop(&mut self) {
        self.budget.give_back(self.body.len());
    }
}
