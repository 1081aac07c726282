//! One request: what is kept of it while it passes, and what is known when it is over.

use std::rc::Rc;

use tidegate_core::event::{
    Assignment, Conversion, Event, Generation, Inference, Side, StageLatency, Status, Unread,
    UnreadReason,
};
use tidegate_protocol::{
    Protocol, RequestFacts, ResponseFacts, Target, batch_size, model_name, model_version,
};

use crate::admin::{self, Answer};
use crate::assign::{
    self, Choice, FORCE_HEADER, FORCE_SECRET_HEADER, Given, NotAllowed, Unassigned,
};
use crate::capture::{Arrivals, Budget, Capture};
use crate::config::{Fallback, Model};
use crate::control::Control;
use crate::headers::Headers;
use crate::host::{Host, Reply, ResponsePart};
use crate::issue::{self, Answered, Issue};
use crate::outcome;
use crate::overheard::Overheard;
use crate::plan::Plan;
use crate::record;
use crate::server_timing::read_stages;
use crate::token::PredictionIds;
use crate::upload::{Told, Upload};

const VARIANT_HEADER: &str = "x-tidegate-variant";
const EXPERIMENT_HEADER: &str = "x-tidegate-experiment";
/// The cluster that a request goes to in place of its model, whose circuit is open.
const FALLBACK_HEADER: &str = "x-tidegate-fallback";
const PREDICTION_HEADER: &str = "x-tidegate-prediction";
const FALLBACK_SUFFIX: &str = "-fallback";
const UNKNOWN: &str = "unknown";

/// Bounds of the session, as they are counted: requests that name no unit of an experiment, and
/// requests with more columns or rows than are read.
const NO_UNIT: &str = "no_unit";
/// Requests that chose a variant without the secret of testers.
const NOT_FORCED: &str = "not_forced";
const BODY_COLUMNS: &str = "body_columns";
const BODY_ROWS: &str = "body_rows";
/// Responses whose token would be too long for a header.
const TOKEN_BYTES: &str = "token_bytes";
/// Requests whose record for the access log is not whole, for it would be too long.
const RECORD_BYTES: &str = "record_bytes";
/// Requests that a circuit kept from their model.
const CIRCUIT_OPEN: &str = "circuit_open";

/// What the gateway does with a request after a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Flow {
    /// It goes on.
    Continue,
    /// The filter has answered it.
    Answered,
    /// It waits, for it is meant for the filter, and the rest of it has not come.
    Held,
}

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

/// The state of one stream. Its callbacks come in the order in which they are here, each at most
/// once but for bodies, and any but the last may not come at all.
#[derive(Debug)]
pub struct Session {
    plan: Rc<Plan>,
    control: Rc<Control>,
    ids: Rc<PredictionIds>,
    budget: Budget,
    exchange: Option<Exchange>,
    /// What the request is to experiments once it succeeds.
    conversions: Vec<Conversion>,
    /// What tells the server behind the gateway, and this filter by the way, what was true.
    overheard: Option<Overheard>,
    upload: Option<Upload>,
    told: Told,
    answered: bool,
}

/// What is kept of a request that asks a model.
#[derive(Debug)]
struct Exchange {
    model: usize,
    target: Target,
    assignments: Vec<Assignment>,
    rejected: Vec<&'static str>,
    unread: Vec<Unread>,
    /// `:path`, for the response's body may depend on it.
    path: Vec<u8>,
    /// When the request's headers came; only looked up where an answer may be a stream.
    started_nanos: Option<u64>,
    request: Option<Capture<RequestFacts>>,
    response: Option<Capture<ResponseFacts>>,
    /// What the response says, where it was read before the stream is over.
    answer: Option<(Result<ResponseFacts, UnreadReason>, Option<Arrivals>)>,
    /// `:status`, as it came.
    response_status: Option<u64>,
    response_ended: bool,
    stages: Vec<StageLatency>,
    prediction_id: Option<String>,
    /// Whether it goes elsewhere, for the circuit of its model is open.
    falls_back: bool,
}

impl Session {
    pub(crate) fn new(
        plan: Rc<Plan>,
        control: Rc<Control>,
        ids: Rc<PredictionIds>,
        budget: Budget,
    ) -> Self {
        Self {
            plan,
            control,
            ids,
            budget,
            exchange: None,
            conversions: Vec::new(),
            overheard: None,
            upload: None,
            told: Told::default(),
            answered: false,
        }
    }

    /// The request's headers came.
    pub fn on_request_headers(&mut self, host: &dyn Host, end_of_stream: bool) -> Flow {
        let headers = host.headers(Side::Request);
        // A client that chose its own variant would choose its route.
        for name in [VARIANT_HEADER, EXPERIMENT_HEADER, FALLBACK_HEADER] {
            if headers.get(name).is_some() {
                host.remove_request_header(name);
            }
        }
        if self.plan.has_testers {
            for name in [FORCE_HEADER, FORCE_SECRET_HEADER] {
                host.remove_request_header(name);
            }
        }
        let method = headers.get(":method").unwrap_or_default();
        let path = headers.get(":path").unwrap_or_default();
        match admin::answer(&self.plan, host, &headers, method, path, &self.budget) {
            Some(Answer::Now(reply)) => return self.answer(host, &reply),
            Some(Answer::Told(reply, told)) => {
                self.told = told;
                return self.answer(host, &reply);
            }
            Some(Answer::AfterBody(upload)) => {
                self.upload = Some(upload);
                return if end_of_stream { self.end_upload(host) } else { Flow::Held };
            }
            None => {}
        }
        let converts = |it| assign::conversion(it, &headers, method, path);
        self.conversions = self.plan.experiments.iter().filter_map(converts).collect();
        let Some((index, target)) = self.plan.target(method, path) else {
            let model = self.plan.takes_feedback(method, path);
            let overhear = |model| Overheard::begin(model, &headers, end_of_stream, &self.budget);
            self.overheard = model.and_then(overhear);
            return Flow::Continue;
        };
        let Some(model) = self.plan.models.get(index) else { return Flow::Continue };
        let name = model.name.as_deref().or(target.model_name.as_deref());
        let is_kept_off = name.is_some_and(|name| !self.control.passes(name));
        let falls_back_to = match &model.fallback {
            _ if !is_kept_off => None,
            Some(Fallback::Cluster(cluster)) => Some(cluster),
            other => {
                self.told.rejected.push(CIRCUIT_OPEN);
                return self.answer(host, &in_place_of_model(other.as_ref()));
            }
        };
        let mut exchange = Exchange {
            model: index,
            target,
            assignments: Vec::new(),
            rejected: Vec::new(),
            unread: Vec::new(),
            path: path.to_vec(),
            started_nanos: model.protocol.streams().then(|| host.now_nanos()),
            request: None,
            response: None,
            answer: None,
            response_status: None,
            response_ended: false,
            stages: Vec::new(),
            prediction_id: None,
            falls_back: falls_back_to.is_some(),
        };
        match falls_back_to {
            // What another model answers says nothing of a variant.
            Some(cluster) => {
                host.set_request_header(FALLBACK_HEADER, cluster);
                exchange.rejected.push(CIRCUIT_OPEN);
            }
            None => {
                let given = exchange.assign(&self.plan, &self.control, &headers, path);
                announce(host, &given);
            }
        }
        if model.capture.features {
            let limits = model.limits();
            let mut capture =
                Capture::new(Side::Request, model.protocol, path, &headers, &limits, &self.budget);
            if end_of_stream {
                capture.end();
            }
            exchange.request = Some(capture);
        }
        self.exchange = Some(exchange);
        Flow::Continue
    }

    /// `length` bytes of the request's body are passing.
    pub fn on_request_body(&mut self, host: &dyn Host, length: usize, end_of_stream: bool) -> Flow {
        if let Some(upload) = &mut self.upload {
            return match upload.push(host, length) {
                Err(reply) => self.answer(host, &reply),
                Ok(()) if end_of_stream => self.end_upload(host),
                Ok(()) => Flow::Held,
            };
        }
        if self.answered {
            return Flow::Answered;
        }
        if let Some(overheard) = &mut self.overheard {
            overheard.push(host, length, end_of_stream);
        }
        let Some(exchange) = &mut self.exchange else { return Flow::Continue };
        let Some(model) = self.plan.models.get(exchange.model) else { return Flow::Continue };
        if let Some(capture) = &mut exchange.request {
            capture.push(host, length, &model.naming());
            if end_of_stream {
                capture.end();
            }
        }
        Flow::Continue
    }

    /// The request's trailers came; nothing follows them.
    pub fn on_request_trailers(&mut self, host: &dyn Host) -> Flow {
        if self.upload.is_some() {
            return self.end_upload(host);
        }
        if self.answered {
            return Flow::Answered;
        }
        let capture = self.exchange.as_mut().and_then(|exchange| exchange.request.as_mut());
        if let Some(capture) = capture {
            capture.end();
        }
        Flow::Continue
    }

    /// Takes what the request told the filter; worth a look once it is answered, or over.
    pub fn take_told(&mut self) -> Told {
        std::mem::take(&mut self.told)
    }

    fn end_upload(&mut self, host: &dyn Host) -> Flow {
        let Some(upload) = self.upload.take() else { return Flow::Continue };
        let (reply, told) = upload.finish(host, &self.plan);
        self.told = told;
        self.answer(host, &reply)
    }

    fn answer(&mut self, host: &dyn Host, reply: &Reply) -> Flow {
        host.respond(reply);
        self.upload = None;
        self.answered = true;
        Flow::Answered
    }

    /// The response's headers came.
    pub fn on_response_headers(&mut self, host: &dyn Host, end_of_stream: bool) {
        let Some(exchange) = &mut self.exchange else { return };
        let Some(model) = self.plan.models.get(exchange.model) else { return };
        let headers = host.headers(Side::Response);
        for header in headers.all("server-timing") {
            read_stages(header, &mut exchange.stages);
        }
        let status = headers.get(":status").unwrap_or_default();
        exchange.response_status = core::str::from_utf8(status).ok().and_then(|it| it.parse().ok());
        let succeeds = status.starts_with(b"2");
        if model.capture.predictions && succeeds && !end_of_stream {
            let (protocol, limits) = (model.protocol, model.limits());
            let path = &exchange.path;
            let capture =
                Capture::new(Side::Response, protocol, path, &headers, &limits, &self.budget);
            exchange.response = Some(capture);
        }
        exchange.response_ended = end_of_stream;
        // A call of gRPC has its outcome, and its token, in the trailers.
        if succeeds && !end_of_stream && !model.protocol.is_grpc() {
            exchange.issue(host, (&self.plan, &self.ids), model, ResponsePart::Headers);
        }
    }

    /// `length` bytes of the response's body are passing.
    pub fn on_response_body(&mut self, host: &dyn Host, length: usize, end_of_stream: bool) {
        let Some(exchange) = &mut self.exchange else { return };
        let Some(model) = self.plan.models.get(exchange.model) else { return };
        if let Some(capture) = &mut exchange.response {
            capture.push(host, length, &model.naming());
        }
        if end_of_stream {
            exchange.end_response();
        }
    }

    /// The response's trailers came; nothing follows them.
    pub fn on_response_trailers(&mut self, host: &dyn Host) {
        let Some(exchange) = &mut self.exchange else { return };
        exchange.end_response();
        let Some(model) = self.plan.models.get(exchange.model) else { return };
        if self.plan.feedback.is_some()
            && model.protocol.is_grpc()
            && let Some(capture) = exchange.response.take()
        {
            exchange.answer = Some(read_answer(capture, model));
            exchange.issue(host, (&self.plan, &self.ids), model, ResponsePart::Trailers);
        }
    }

    /// The stream is over, however it ended. Bodies are read only now, when no one waits.
    pub fn on_log(&mut self, host: &dyn Host) -> Option<Observation> {
        if let Some(overheard) = self.overheard.take()
            && let Some(model) = self.plan.models.get(overheard.model())
        {
            overheard.tell(host, model, &self.ids, &mut self.told);
        }
        if !self.conversions.is_empty() && outcome::is_done(host) {
            self.told.events.extend(self.conversions.drain(..).map(Event::Conversion));
        }
        let exchange = self.exchange.take()?;
        // A response that came to its end is what the client got, and needs no second look.
        if !exchange.response_ended && outcome::goes_on_elsewhere(host) {
            return None;
        }
        let model = self.plan.models.get(exchange.model)?;
        let mut observation = exchange.observe(host, model);
        if let Some(wanted) = &self.plan.access_log {
            let now_seconds = host.now_nanos() as f64 / 1e9;
            let record = record::record(&observation.inference, now_seconds, wanted);
            if !record.is_whole {
                observation.rejected.push(RECORD_BYTES);
            }
            if let Some(json) = record.json {
                host.keep(record::NAME, &json);
            }
        }
        Some(observation)
    }
}

impl Exchange {
    /// The experiments and variants that the request is given.
    fn assign<'p>(
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
    fn issue(
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
        let facts = match &self.answer {
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

    fn end_response(&mut self) {
        self.response_ended = true;
        if let Some(capture) = &mut self.response {
            capture.end();
        }
    }

    fn observe(mut self, host: &dyn Host, model: &Model) -> Observation {
        let naming = model.naming();
        let request = self.request.take().and_then(|capture| {
            let facts = capture.read(&naming);
            self.keep(Side::Request, facts)
        });
        let answer = self.answer.take();
        let answer = answer.or_else(|| Some(read_answer(self.response.take()?, model)));
        let response = answer
            .and_then(|(facts, arrivals)| Some((self.keep(Side::Response, facts)?, arrivals)));
        let (response, arrivals) = response.unwrap_or_default();
        let response: ResponseFacts = response;
        // Its feedback names the answer so.
        let own_id = response.response_id.clone().filter(|_| model.protocol == Protocol::Seldon);
        self.note(Side::Request, request.as_ref().and_then(|facts| facts.unread));
        self.note(Side::Response, response.unread);
        let batch_size = batch_size(request.as_ref(), &response);
        let request: RequestFacts = request.unwrap_or_default();

        let answered = self.response_status.filter(|_| self.response_ended);
        let mut status = outcome::status(host, answered);
        if status == Status::Success && model.protocol.is_grpc() {
            status = outcome::grpc_status(host).unwrap_or(status);
        }
        if status == Status::Success && response.error.is_some() {
            status = Status::ServerError;
        }
        let error =
            outcome::error_kind(host, status, (model.protocol.is_grpc(), response.error.is_some()));
        let mut latency = outcome::latency(host);
        latency.append(&mut self.stages);
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

/// Tells routes and models the variants: two lists in the same order.
fn announce(host: &dyn Host, given: &[(&str, String)]) {
    if given.is_empty() {
        return;
    }
    let names: Vec<&str> = given.iter().map(|(experiment, _)| *experiment).collect();
    let variants: Vec<&str> = given.iter().map(|(_, variant)| variant.as_str()).collect();
    host.set_request_header(EXPERIMENT_HEADER, &names.join(","));
    host.set_request_header(VARIANT_HEADER, &variants.join(","));
}

/// What a response says, and when it came.
fn read_answer(
    capture: Capture<ResponseFacts>,
    model: &Model,
) -> (Result<ResponseFacts, UnreadReason>, Option<Arrivals>) {
    let arrivals = capture.arrivals();
    (capture.read(&model.naming()), arrivals)
}

/// The answer in place of a model whose circuit is open.
fn in_place_of_model(fallback: Option<&Fallback>) -> Reply {
    if let Some(Fallback::Reply(own)) = fallback {
        let (headers, body) = (Vec::new(), own.body.clone().into_bytes());
        return Reply { status: own.status, headers, further_headers: own.headers.clone(), body };
    }
    let mut reply = admin::text(503, "The model is out of order; it is tried again soon.");
    reply.headers.push(("retry-after", "5".into()));
    reply
}

/// A name as it is shown. A control character, which a path can hide behind an escape, would break a
/// terminal or a text file that shows it.
pub(crate) fn shown(name: Option<&str>) -> String {
    let name = name.unwrap_or(UNKNOWN);
    if name.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
        return name.into();
    }
    name.replace(char::is_control, "\u{fffd}")
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
