//! Stream contexts: one an HTTP request.

use std::cell::RefCell;
use std::rc::Rc;

use tidegate_filter::{Flow, Host, Session, Worker, unheard};

use crate::envoy::Envoy;
use crate::hostcall;

thread_local! {
    /// Streams that are held and of whose body nothing was seen yet, and since when, in nanoseconds.
    static UNHEARD: RefCell<Vec<(u32, u64)>> = const { RefCell::new(Vec::new()) };
}

/// How long the first of a body may take.
const PATIENCE_NANOS: u64 = 10_000_000_000;

/// Answers the streams whose body does not come. `own` is the context of the callback.
pub(crate) fn answer_unheard(own: u32) {
    let now_nanos = hostcall::now_nanos();
    let due = UNHEARD.with(|unheard| {
        let Ok(mut unheard) = unheard.try_borrow_mut() else { return Vec::new() };
        let is_due = |since: u64| now_nanos.saturating_sub(since) > PATIENCE_NANOS;
        let due = unheard.iter().filter(|(_, since)| is_due(*since)).map(|(id, _)| *id).collect();
        unheard.retain(|(_, since)| !is_due(*since));
        due
    });
    for stream in &due {
        if hostcall::act_for(*stream) {
            Envoy.respond(&unheard());
        }
    }
    if !due.is_empty() {
        hostcall::act_for(own);
    }
}

/// What the host does with a stream after a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(u32)]
pub(crate) enum Action {
    /// It goes on.
    #[default]
    Continue = 0,
    /// It waits, or the filter has answered it.
    Pause = 1,
}

pub(crate) struct Stream {
    id: u32,
    /// Whether its body is waited for, and nothing of it was seen yet.
    held: bool,
    worker: Option<Rc<RefCell<Worker>>>,
    session: Option<Session>,
}

impl Stream {
    pub(crate) fn new(id: u32, worker: Option<Rc<RefCell<Worker>>>) -> Self {
        let session = worker
            .as_ref()
            .and_then(|worker| worker.try_borrow_mut().ok().map(|mut worker| worker.session()));
        Self { id, held: false, worker, session }
    }

    fn wait_for_body(&self) {
        UNHEARD.with(|unheard| {
            if let Ok(mut unheard) = unheard.try_borrow_mut() {
                unheard.push((self.id, hostcall::now_nanos()));
            }
        });
    }

    fn stop_waiting(&mut self) {
        if !std::mem::take(&mut self.held) {
            return;
        }
        UNHEARD.with(|unheard| {
            if let Ok(mut unheard) = unheard.try_borrow_mut() {
                unheard.retain(|(id, _)| *id != self.id);
            }
        });
    }

    fn follow(&mut self, flow: Flow) -> Action {
        match flow {
            Flow::Continue => Action::Continue,
            Flow::Held => Action::Pause,
            Flow::Answered => {
                if let (Some(session), Some(worker)) = (&mut self.session, &self.worker)
                    && let Ok(mut worker) = worker.try_borrow_mut()
                {
                    worker.hear(&Envoy, &session.take_told());
                }
                Action::Pause
            }
        }
    }

    pub(crate) fn on_request_headers(&mut self, end_of_stream: bool) -> Action {
        #[cfg(feature = "trap")]
        crate::trap::on_request_headers();
        let Some(session) = &mut self.session else { return Action::Continue };
        let flow = session.on_request_headers(&Envoy, end_of_stream);
        self.held = flow == Flow::Held;
        if self.held {
            self.wait_for_body();
        }
        self.follow(flow)
    }

    pub(crate) fn on_request_body(&mut self, length: usize, end_of_stream: bool) -> Action {
        self.stop_waiting();
        let Some(session) = &mut self.session else { return Action::Continue };
        let flow = session.on_request_body(&Envoy, length, end_of_stream);
        self.follow(flow)
    }

    pub(crate) fn on_request_trailers(&mut self) -> Action {
        self.stop_waiting();
        let Some(session) = &mut self.session else { return Action::Continue };
        let flow = session.on_request_trailers(&Envoy);
        self.follow(flow)
    }

    pub(crate) fn on_response_headers(&mut self, end_of_stream: bool) {
        if let Some(session) = &mut self.session {
            session.on_response_headers(&Envoy, end_of_stream);
        }
    }

    pub(crate) fn on_response_body(&mut self, length: usize, end_of_stream: bool) {
        if let Some(session) = &mut self.session {
            session.on_response_body(&Envoy, length, end_of_stream);
        }
    }

    pub(crate) fn on_response_trailers(&mut self) {
        if let Some(session) = &mut self.session {
            session.on_response_trailers(&Envoy);
        }
    }

    pub(crate) fn on_log(&mut self) {
        self.stop_waiting();
        let (Some(mut session), Some(worker)) = (self.session.take(), &self.worker) else { return };
        let over = session.on_log(&Envoy);
        if let Ok(mut worker) = worker.try_borrow_mut() {
            if let Some(over) = over {
                worker.record(&Envoy, over);
            }
            if session.has_told() {
                worker.hear(&Envoy, &session.take_told());
            }
        }
    }
}
