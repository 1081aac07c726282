//! One request: what is kept of it while it passes, and what is known when it is over.

use std::rc::Rc;

use tidegate_core::event::{Conversion, Event, Side};

use super::assign::{self, FORCE_HEADER, FORCE_SECRET_HEADER};
use super::capture::Capture;
use super::control::Control;
use super::exchange::{Exchange, Observation, read_answer};
use super::outcome::End;
use super::over::Over;
use super::overheard::Overheard;
use super::server_timing::read_stages;
use super::{outcome, record};
use crate::admin::{self, Answer, Told, Upload};
use crate::budget::Budget;
use crate::config::{AccessLog, Fallback};
use crate::host::{Headers, Host, Reply, ResponsePart};
use crate::plan::Plan;
use crate::token::PredictionIds;

const VARIANT_HEADER: &str = "x-tidegate-variant";
const EXPERIMENT_HEADER: &str = "x-tidegate-experiment";
/// The cluster that a request goes to in place of its model, whose circuit is open.
const FALLBACK_HEADER: &str = "x-tidegate-fallback";

/// How all headers of the filter's begin.
const OWN_PREFIX: &str = "x-tidegate-";

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

/// The state of one stream. Its callbacks come in the order in which they are here, each at most
/// once but for bodies, and any but the last may not come at all.
#[derive(Debug)]
pub struct Session {
    common: Rc<Common>,
    exchange: Option<Box<Exchange>>,
    /// What the request is to experiments once it succeeds.
    conversions: Vec<Conversion>,
    /// What tells the server behind the gateway, and this filter by the way, what was true.
    overheard: Option<Overheard>,
    upload: Option<Upload>,
    told: Told,
    answered: bool,
}

/// What all sessions of a worker share.
#[derive(Debug)]
pub(crate) struct Common {
    pub(crate) plan: Rc<Plan>,
    pub(crate) control: Control,
    pub(crate) ids: PredictionIds,
    pub(crate) budget: Budget,
}

impl Session {
    pub(crate) fn new(common: Rc<Common>) -> Self {
        Self {
            common,
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
        if headers.has_prefix(OWN_PREFIX) {
            remove_own(host, &headers);
        }
        if self.common.plan.has_testers {
            for name in [FORCE_HEADER, FORCE_SECRET_HEADER] {
                host.remove_request_header(name);
            }
        }
        let method = headers.get(":method").unwrap_or_default();
        let path = headers.get(":path").unwrap_or_default();
        if let Some(rest) = admin::below(&self.common.plan, path)
            && let Some(flow) = self.for_admin(host, &headers, (method, path, rest), end_of_stream)
        {
            return flow;
        }
        if !self.common.plan.experiments.is_empty() {
            self.note_conversions(&headers, method, path);
        }
        let Some((index, mut target)) = self.common.plan.target(method, path) else {
            let model = self.common.plan.takes_feedback(method, path);
            let overhear =
                |model| Overheard::begin(model, &headers, end_of_stream, &self.common.budget);
            self.overheard = model.and_then(overhear);
            return Flow::Continue;
        };
        let Some(model) = self.common.plan.models.get(index) else { return Flow::Continue };
        target.read_request_headers(model.protocol, |name| headers.get(name));
        let name = model.name.as_deref().or(target.model_name.as_deref());
        let is_kept_off = name.is_some_and(|name| !self.common.control.passes(name));
        let falls_back_to = match &model.fallback {
            _ if !is_kept_off => None,
            Some(Fallback::Cluster(cluster)) => Some(cluster),
            other => {
                self.told.rejected.push(CIRCUIT_OPEN);
                return self.answer(host, &in_place_of_model(other.as_ref()));
            }
        };
        let may_stream = model.capture.predictions && model.protocol.streams();
        let started_nanos = may_stream.then(|| host.now_nanos());
        let falls_back = falls_back_to.is_some();
        let kept_path = if model.capture.predictions { path } else { &[] };
        let exchange = Exchange::new(index, target, kept_path, started_nanos, falls_back);
        let mut exchange = Box::new(exchange);
        match falls_back_to {
            // What another model answers says nothing of a variant.
            Some(cluster) => {
                host.set_request_header(FALLBACK_HEADER, cluster);
                exchange.rejected.push(CIRCUIT_OPEN);
            }
            None if !self.common.plan.experiments.is_empty() => {
                let given =
                    exchange.assign(&self.common.plan, &self.common.control, &headers, path);
                announce(host, &given);
            }
            None => {}
        }
        if model.capture.features {
            let limits = model.limits();
            let mut capture = Capture::new(
                Side::Request,
                model.protocol,
                path,
                &headers,
                &limits,
                &self.common.budget,
            );
            if end_of_stream {
                capture.end();
            }
            exchange.request = Some(Box::new(capture));
        }
        self.exchange = Some(exchange);
        Flow::Continue
    }

    // Few requests pass through what follows. Apart, it leaves what all of them pass through short, and so in the
    // nearest cache.

    /// Answers what is for the admin API, once it is here; `None` when that is off.
    #[cold]
    fn for_admin(
        &mut self,
        host: &dyn Host,
        headers: &Headers,
        request: (&[u8], &[u8], &[u8]),
        end_of_stream: bool,
    ) -> Option<Flow> {
        Some(match admin::answer(&self.common.plan, host, headers, request, &self.common.budget)? {
            Answer::Now(reply) => self.answer(host, &reply),
            Answer::Told(reply, told) => {
                self.told = told;
                self.answer(host, &reply)
            }
            Answer::AfterBody(upload) => {
                self.upload = Some(upload);
                if end_of_stream { self.end_upload(host) } else { Flow::Held }
            }
        })
    }

    #[inline(never)]
    fn note_conversions(&mut self, headers: &Headers, method: &[u8], path: &[u8]) {
        let converts = |it| assign::conversion(it, headers, method, path);
        self.conversions = self.common.plan.experiments.iter().filter_map(converts).collect();
    }

    #[cold]
    fn push_upload(&mut self, host: &dyn Host, length: usize, end_of_stream: bool) -> Flow {
        let Some(upload) = &mut self.upload else { return Flow::Continue };
        match upload.push(host, length) {
            Err(reply) => self.answer(host, &reply),
            Ok(()) if end_of_stream => self.end_upload(host),
            Ok(()) => Flow::Held,
        }
    }

    #[cold]
    fn end_upload(&mut self, host: &dyn Host) -> Flow {
        let Some(upload) = self.upload.take() else { return Flow::Continue };
        let (reply, told) = upload.finish(host, &self.common.plan);
        self.told = told;
        self.answer(host, &reply)
    }

    #[cold]
    fn answer(&mut self, host: &dyn Host, reply: &Reply) -> Flow {
        host.respond(reply);
        self.upload = None;
        self.answered = true;
        Flow::Answered
    }

    #[cold]
    fn tell_overheard(&mut self, host: &dyn Host, overheard: &Overheard) {
        if let Some(model) = self.common.plan.models.get(overheard.model()) {
            overheard.tell(host, model, &self.common.ids, &mut self.told);
        }
    }

    /// `length` bytes of the request's body are passing.
    pub fn on_request_body(&mut self, host: &dyn Host, length: usize, end_of_stream: bool) -> Flow {
        if self.upload.is_some() {
            return self.push_upload(host, length, end_of_stream);
        }
        if self.answered {
            return Flow::Answered;
        }
        if let Some(overheard) = &mut self.overheard {
            overheard.push(host, length, end_of_stream);
        }
        let Some(exchange) = &mut self.exchange else { return Flow::Continue };
        let Some(model) = self.common.plan.models.get(exchange.model) else {
            return Flow::Continue;
        };
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

    /// Whether the request told the filter anything.
    pub fn has_told(&self) -> bool {
        self.told != Told::default()
    }

    /// The response's headers came.
    pub fn on_response_headers(&mut self, host: &dyn Host, end_of_stream: bool) {
        let Some(exchange) = &mut self.exchange else { return };
        let Some(model) = self.common.plan.models.get(exchange.model) else { return };
        let headers = host.headers(Side::Response);
        for header in headers.all("server-timing") {
            read_stages(header, &mut exchange.stages);
        }
        exchange.target.read_response_headers(model.protocol, |name| headers.get(name));
        let status = headers.get(":status").unwrap_or_default();
        exchange.response_status = status_code(status);
        let succeeds = status.starts_with(b"2");
        if model.capture.predictions && succeeds && !end_of_stream {
            let (protocol, limits) = (model.protocol, model.limits());
            let path = &exchange.path;
            let capture = Capture::new(
                Side::Response,
                protocol,
                path,
                &headers,
                &limits,
                &self.common.budget,
            );
            exchange.response = Some(Box::new(capture));
        }
        exchange.response_ended = end_of_stream;
        // A call of gRPC has its outcome, and its token, in the trailers.
        let is_named = self.common.plan.feedback.is_some();
        if is_named && succeeds && !end_of_stream && !model.protocol.is_grpc() {
            exchange.issue(
                host,
                (&self.common.plan, &self.common.ids),
                model,
                ResponsePart::Headers,
            );
        }
    }

    /// `length` bytes of the response's body are passing.
    pub fn on_response_body(&mut self, host: &dyn Host, length: usize, end_of_stream: bool) {
        let Some(exchange) = &mut self.exchange else { return };
        let Some(model) = self.common.plan.models.get(exchange.model) else { return };
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
        let Some(model) = self.common.plan.models.get(exchange.model) else { return };
        if self.common.plan.feedback.is_some()
            && model.protocol.is_grpc()
            && let Some(capture) = exchange.response.take()
        {
            exchange.answer = Some(Box::new(read_answer(*capture, model)));
            exchange.issue(
                host,
                (&self.common.plan, &self.common.ids),
                model,
                ResponsePart::Trailers,
            );
        }
    }

    /// The stream is over, however it ended. Bodies are read only when it is counted, and no one waits.
    pub fn on_log(&mut self, host: &dyn Host) -> Option<Over> {
        if let Some(overheard) = self.overheard.take() {
            self.tell_overheard(host, &overheard);
        }
        if !self.conversions.is_empty() && outcome::is_done(host) {
            self.told.events.extend(self.conversions.drain(..).map(Event::Conversion));
        }
        let exchange = self.exchange.take()?;
        // A response that came to its end is what the client got, and needs no second look.
        if !exchange.response_ended && outcome::goes_on_elsewhere(host) {
            return None;
        }
        let model = self.common.plan.models.get(exchange.model)?;
        let answered = exchange.response_status.filter(|_| exchange.response_ended);
        let end = End::of(host, answered, model.protocol.is_grpc());
        Some(match &self.common.plan.access_log {
            Some(wanted) => Over::read(recorded(host, exchange.observe(&end, model), wanted)),
            None => Over::new(Rc::clone(&self.common.plan), exchange, end),
        })
    }
}

/// Takes out what only the filter may say.
#[cold]
fn remove_own(host: &dyn Host, headers: &Headers) {
    for name in [VARIANT_HEADER, EXPERIMENT_HEADER, FALLBACK_HEADER] {
        if headers.get(name).is_some() {
            host.remove_request_header(name);
        }
    }
}

/// The number of `:status`.
fn status_code(text: &[u8]) -> Option<u64> {
    let digit = |byte: &u8| byte.is_ascii_digit().then(|| u64::from(byte & 0x0f));
    let [first, second, third] = text else { return None };
    Some(digit(first)? * 100 + digit(second)? * 10 + digit(third)?)
}

/// Keeps a request's record for the access log.
#[inline(never)]
fn recorded(host: &dyn Host, mut observation: Observation, wanted: &AccessLog) -> Observation {
    let now_seconds = host.now_nanos() as f64 / 1e9;
    let record = record::record(&observation.inference, now_seconds, wanted);
    if !record.is_whole {
        observation.rejected.push(RECORD_BYTES);
    }
    if let Some(json) = record.json {
        host.keep(record::NAME, &json);
    }
    observation
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

/// The answer in place of a model whose circuit is open.
#[cold]
fn in_place_of_model(fallback: Option<&Fallback>) -> Reply {
    if let Some(Fallback::Reply(own)) = fallback {
        let (headers, body) = (Vec::new(), own.body.clone().into_bytes());
        return Reply { status: own.status, headers, further_headers: own.headers.clone(), body };
    }
    let mut reply = admin::reply::text(503, "The model is out of order; it is tried again soon.");
    reply.headers.push(("retry-after", "5".into()));
    reply
}
