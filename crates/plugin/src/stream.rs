//! Stream contexts: one an HTTP request.

use std::cell::RefCell;
use std::rc::Rc;

use proxy_wasm::traits::{Context, HttpContext};
use proxy_wasm::types::Action;
use tidegate_filter::{Flow, Session, Worker};

use crate::envoy::Envoy;

pub(crate) struct Stream {
    worker: Option<Rc<RefCell<Worker>>>,
    session: Option<Session>,
}

impl Stream {
    pub(crate) fn new(worker: Option<Rc<RefCell<Worker>>>) -> Self {
        let session = worker
            .as_ref()
            .and_then(|worker| worker.try_borrow_mut().ok().map(|mut worker| worker.session()));
        Self { worker, session }
    }
}

impl Context for Stream {}

impl HttpContext for Stream {
    fn on_http_request_headers(&mut self, _: usize, end_of_stream: bool) -> Action {
        let Some(session) = &mut self.session else { return Action::Continue };
        match session.on_request_headers(&Envoy, end_of_stream) {
            Flow::Continue => Action::Continue,
            Flow::Answered => Action::Pause,
        }
    }

    fn on_http_request_body(&mut self, length: usize, end_of_stream: bool) -> Action {
        if let Some(session) = &mut self.session {
            session.on_request_body(&Envoy, length, end_of_stream);
        }
        Action::Continue
    }

    fn on_http_request_trailers(&mut self, _: usize) -> Action {
        if let Some(session) = &mut self.session {
            session.on_request_trailers();
        }
        Action::Continue
    }

    fn on_http_response_headers(&mut self, _: usize, end_of_stream: bool) -> Action {
        if let Some(session) = &mut self.session {
            session.on_response_headers(&Envoy, end_of_stream);
        }
        Action::Continue
    }

    fn on_http_response_body(&mut self, length: usize, end_of_stream: bool) -> Action {
        if let Some(session) = &mut self.session {
            session.on_response_body(&Envoy, length, end_of_stream);
        }
        Action::Continue
    }

    fn on_http_response_trailers(&mut self, _: usize) -> Action {
        if let Some(session) = &mut self.session {
            session.on_response_trailers();
        }
        Action::Continue
    }

    fn on_log(&mut self) {
        let observation = self.session.take().and_then(|mut session| session.on_log(&Envoy));
        if let (Some(observation), Some(worker)) = (observation, &self.worker)
            && let Ok(mut worker) = worker.try_borrow_mut()
        {
            worker.record(&Envoy, &observation);
        }
    }
}
