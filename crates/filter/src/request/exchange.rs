//! A request that asks a model, and its answer: what is kept of both until they are counted.

use tidegate_core::event::{
    Assignment, Generation, Inference, Side, StageLatency, Unread, UnreadReason,
};
use tidegate_protocol::{
    Protocol, RequestFacts, ResponseFacts, Target, batch_size, model_name, model_version,
};

use super::assign::{self, Choice, Given, NotAllowed, Unassigned};
use super::capture::{Arrivals, Capture};
use super::control::Control;
use super::issue::{self, Answered, Issue};
use super::name::shown;
use super::outcome::End;
use crate::config::Model;
use crate::host::{Headers, Host, ResponsePart};
use crate::plan::Plan;
use crate::token::PredictionIds;

const PREDICTION_HEADER: &str = "x-tidegate-prediction";
const FALLBACK_SUFFIX: &str = "-fallback";

/// Bounds of the session, as they are counted: requests that name no unit of an experiment, and
/// requests with more columns or rows than are read.
const NO_UNIT: &str = "no_unit";
/// Requests that chose a variant without the secret of testers.
const NOT_FORCED: &str = "not_forced";
const BODY_COLUMNS: &str = "body_columns";
const BODY_ROWS: &str = "body_rows";
/// Responses whose token would be too long for a header.
const TOKEN_BYTES: &str = "token_bytes";

/// What a request was, and what bounds turned away while it was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Observation {
    /// The request.
    pub inference: Inference,
    /// The bounds that were reached.
    pub rejected: Vec<&'static str>,
    /// Whether its response carried a signed token.
    pub carried_token: bool,
}

/// What is kept of a request that asks a model. Many wait to be counted, so what only some have is kept elsewhere.
#[derive(Debug)]
pub(super) struct Exchange {
    pub(super) model: usize,
    pub(super) target: Target,
    assignments: Vec<Assignment>,
    pub(super) rejected: Vec<&'static str>,
    unread: Vec<Unread>,
    /// `:path`, where the response's body is read, which may depend on it.
    pub(super) path: Vec<u8>,
    /// When the request's headers came; only looked up where an answer may be a stream.
    started_nanos: Option<u64>,
    pub(super) request: Option<Box<Capture<RequestFacts>>>,
    pub(super) response: Option<Box<Capture<ResponseFacts>>>,
    /// What the response says, where it was read before the stream is over.
    pub(super) answer: Option<Box<Read>>,
    /// `:status`, as it came.
    pub(super) response_status: Option<u64>,
    pub(super) response_ended: bool,
    pub(super) stages: Vec<StageLatency>,
    prediction_id: Option<String>,
    /// Whether it goes elsewhere, for the circuit of its model is open.
    falls_back: bool,
}

impl Exchange {
    pub(super) fn new(
        model: usize,
        target: Target,
        path: &[u8],
        started_nanos: Option<u64>,
        falls_back: bool,
    ) -> Self {
        Self {
            model,
            target,
            assignments: Vec::new(),
            rejected: Vec::new(),
            unread: Vec::new(),
            path: path.to_vec(),
            started_nanos,
            request: None,
            response: None,
            answer: None,
            response_status: None,
            response_ended: false,
            stages: Vec::new(),
            prediction_id: None,
            falls_back,
        }
    }

    /// The experiments and variants that the request is given.
    #[inline(never)]
    pub(super) fn assign<'p>(
        &mut self,
        plan: &'p Plan,
        control: &Control,
        headers: &Headers,
        path: &[u8],
    ) -> Vec<(&'p str, String)> {
        let choice = if plan.has_testers { Choice::read(headers) } else { Choice::default() };
        let mut given = Vec::new();
        for experiment in &plan.experiments {
            let chosen = choice.of(experiment).unwrap_or_else(|NotAllowed| {
                self.rejected.push(NOT_FORCED);
                None
            });
            let variant = match assign::assign(experiment, chosen, control, headers, path) {
                Ok(Given::Counted(assignment)) => {
                    let variant = assignment.variant.clone();
                    self.assignments.push(assignment);
                    variant
                }
                Ok(Given::Forced(variant)) => variant,
                Err(Unassigned::NotIn) => continue,
                Err(Unassigned::NoUnit) => {
                    self.rejected.push(NO_UNIT);
                    continue;
                }
                Err(Unassigned::NotText) => {
                    let reason = UnreadReason::HeaderNotText;
                    self.unread.push(Unread { side: Side::Request, reason });
                    continue;
                }
            };
            given.push((experiment.name.as_str(), variant));
        }
        given
    }

    /// Gives the response a token that names this prediction, where that is wanted of its model.
    #[inline(never)]
    pub(super) fn issue(
        &mut self,
        host: &dyn Host,
        (plan, ids): (&Plan, &PredictionIds),
        model: &Model,
        part: ResponsePart,
    ) {
        // A label would be about the model that was not asked.
        let Some(feedback) = plan.feedback.as_ref().filter(|_| !self.falls_back) else { return };
        let (target, assignments) = (&self.target, &self.assignments);
        let unread = ResponseFacts::default();
        let facts = match self.answer.as_deref() {
            Some((Ok(facts), _)) if facts.error.is_none() => facts,
            Some(_) => return,
            None => &unread,
        };
        match issue::token(host, feedback, ids, &Answered { model, target, assignments, facts }) {
            Issue::Token { token, prediction_id } => {
                host.set_response_header(part, PREDICTION_HEADER, &token);
                self.prediction_id = Some(prediction_id);
            }
            Issue::TooLong => self.rejected.push(TOKEN_BYTES),
            Issue::None => {}
        }
    }

    /// Nothing of the response follows.
    pub(super) fn end_response(&mut self) {
        self.response_ended = true;
        if let Some(capture) = &mut self.response {
            capture.end();
        }
    }

    /// Bytes of its bodies that are held.
    pub(super) fn held_bytes(&self) -> usize {
        let request = self.request.as_ref().map_or(0, |capture| capture.held_bytes());
        request.saturating_add(self.response.as_ref().map_or(0, |capture| capture.held_bytes()))
    }

    /// Reads what has not been read, now that all is over.
    pub(super) fn observe(mut self, end: &End, model: &Model) -> Observation {
        let naming = model.naming();
        let request = self.request.take().and_then(|capture| {
            let facts = capture.read(&naming);
            self.keep(Side::Request, facts)
        });
        let answer = self.answer.take();
        let answer = answer.map(|read| *read);
        let answer = answer.or_else(|| Some(read_answer(*self.response.take()?, model)));
        let response = answer
            .and_then(|(facts, arrivals)| Some((self.keep(Side::Response, facts)?, arrivals)));
        let (response, arrivals) = response.unwrap_or_default();
        let mut response: ResponseFacts = response;
        model.protocol.settle(request.as_ref(), &mut response);
        // Its feedback names the answer so.
        let own_id = response.response_id.clone().filter(|_| model.protocol == Protocol::Seldon);
        self.note(Side::Request, request.as_ref().and_then(|facts| facts.unread));
        self.note(Side::Response, response.unread);
        let batch_size = batch_size(request.as_ref(), &response);
        let request: RequestFacts = request.unwrap_or_default();

        let (status, error) = end.status(response.error.is_some());
        let latency = end.latency().chain(self.stages).collect();
        let name = model.name.as_deref();
        let mut name = shown(name.or_else(|| model_name(&self.target, &request, &response)));
        if self.falls_back {
            // The model itself did neither well nor badly: it was not asked.
            name.push_str(FALLBACK_SUFFIX);
        }
        let version = model.version.as_deref();
        let version = shown(version.or_else(|| model_version(&self.target, &request, &response)));
        if request.dropped_columns > 0 {
            self.rejected.push(BODY_COLUMNS);
        }
        if request.dropped_rows > 0 || response.dropped_rows > 0 {
            self.rejected.push(BODY_ROWS);
        }
        let generation = generation(&response, self.started_nanos, arrivals);
        Observation {
            carried_token: self.prediction_id.is_some(),
            inference: Inference {
                prediction_id: self.prediction_id.or(own_id),
                model_name: name,
                model_version: version,
                status,
                error,
                batch_size,
                latency,
                features: request.features,
                predictions: response.predictions,
                confidences: response.confidences,
                assignments: self.assignments,
                unread: self.unread,
                generation,
            },
            rejected: self.rejected,
        }
    }

    fn note(&mut self, side: Side, reason: Option<UnreadReason>) {
        self.unread.extend(reason.map(|reason| Unread { side, reason }));
    }

    fn keep<T>(&mut self, side: Side, facts: Result<T, UnreadReason>) -> Option<T> {
        facts.map_err(|reason| self.unread.push(Unread { side, reason })).ok()
    }
}

/// What a response says, if it can be read, and when it came.
pub(super) type Read = (Result<ResponseFacts, UnreadReason>, Option<Arrivals>);

/// Reads a response.
pub(super) fn read_answer(capture: Capture<ResponseFacts>, model: &Model) -> Read {
    let arrivals = capture.arrivals();
    (capture.read(&model.naming()), arrivals)
}

/// What is known of a generated answer.
fn generation(
    response: &ResponseFacts,
    started_nanos: Option<u64>,
    arrivals: Option<Arrivals>,
) -> Option<Generation> {
    let said = response.generation.as_ref()?;
    // The clock may have stepped back.
    let seconds = |from: u64, to: u64| to.checked_sub(from).map(|nanos| nanos as f64 / 1e9);
    Some(Generation {
        input_tokens: said.input_tokens(),
        output_tokens: said.output_tokens,
        cached_tokens: said.cached_tokens,
        cache_creation_tokens: said.cache_creation_tokens,
        reasoning_tokens: said.reasoning_tokens,
        finish_reasons: said.finish_reasons.iter().map(|(_, reason)| reason.clone()).collect(),
        chunks: response.stream.map(|stream| stream.messages),
        first_chunk_seconds: started_nanos
            .zip(arrivals)
            .and_then(|(start, arrivals)| seconds(start, arrivals.first_nanos)),
        chunks_seconds: arrivals
            .and_then(|arrivals| seconds(arrivals.first_nanos, arrivals.last_nanos)),
    })
}
