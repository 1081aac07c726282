//! A gateway in memory: shared data as Envoy keeps it, and one stream at a time.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use tidegate_core::event::Side;
use tidegate_filter::host::{
    Call, CallId, Conflict, Expected, Headers, LogLevel, NotSent, Reply, ResponsePart, Shared,
};
use tidegate_filter::{Flow, Host, Session, Worker};

/// 2026-09-22, in nanoseconds.
pub const START_NANOS: u64 = 1_790_000_000 * 1_000_000_000;

/// Values that all threads share; every write has a number of its own.
#[derive(Default, Clone)]
pub struct Store(Arc<Mutex<Values>>);

#[derive(Default)]
struct Values {
    by_key: BTreeMap<String, (Vec<u8>, u32)>,
    writes: u32,
    /// Bytes that were written by key, since the first.
    bytes: BTreeMap<String, usize>,
}

impl Store {
    pub fn get(&self, key: &str) -> Option<Shared> {
        let values = self.0.lock().unwrap();
        let (value, version) = values.by_key.get(key)?.clone();
        Some(Shared { value, version })
    }

    pub fn set(&self, key: &str, value: &[u8], expected: Expected) -> Result<(), Conflict> {
        let mut values = self.0.lock().unwrap();
        let version = values.by_key.get(key).map(|(_, version)| *version);
        let may_write = match expected {
            Expected::Any => true,
            Expected::Absent => version.is_none(),
            Expected::Version(expected) => version.is_none_or(|version| version == expected),
        };
        if !may_write {
            return Err(Conflict);
        }
        values.writes += 1;
        *values.bytes.entry(key.into()).or_default() += value.len();
        let write = (value.to_vec(), values.writes);
        values.by_key.insert(key.into(), write);
        Ok(())
    }

    /// Bytes that lie under keys that begin so.
    pub fn bytes(&self, prefix: &str) -> usize {
        let values = self.0.lock().unwrap();
        let own = values.by_key.iter().filter(|(key, _)| key.starts_with(prefix));
        own.map(|(_, (value, _))| value.len()).sum()
    }

    /// Bytes that were ever written there.
    pub fn written(&self, prefix: &str) -> usize {
        let values = self.0.lock().unwrap();
        values.bytes.iter().filter(|(key, _)| key.starts_with(prefix)).map(|(_, bytes)| bytes).sum()
    }

    pub fn keys(&self) -> Vec<String> {
        self.0.lock().unwrap().by_key.keys().cloned().collect()
    }
}

/// A host for one thread.
pub struct MockHost {
    pub store: Store,
    pub now_nanos: Cell<u64>,
    /// Called before each access to shared data; `true` makes a write fail.
    pub disturb: Box<dyn Fn() -> bool>,
    pub request_headers: RefCell<Vec<(String, Vec<u8>)>>,
    pub response_headers: RefCell<Vec<(String, Vec<u8>)>>,
    pub chunk: RefCell<Vec<u8>>,
    pub properties: RefCell<BTreeMap<String, Vec<u8>>>,
    pub replies: RefCell<Vec<Reply>>,
    pub logs: RefCell<Vec<String>>,
    pub header_writes: Cell<u32>,
    /// The gateway's own statistics.
    pub counters: RefCell<BTreeMap<String, u64>>,
    /// Headers and trailers that the filter gave responses.
    pub response_marks: RefCell<Vec<(ResponsePart, String, String)>>,
    /// Calls that were sent and not answered yet.
    pub calls: RefCell<Vec<Sent>>,
    /// Clusters that no call can be sent to.
    pub refusing: RefCell<Vec<String>>,
    /// What was kept of streams.
    pub kept: RefCell<Vec<(String, String)>>,
    answer: RefCell<(Headers, Vec<u8>)>,
    last_call: Cell<u32>,
}

/// A call as the gateway sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    pub id: CallId,
    pub cluster: String,
    pub request_line: String,
    pub authority: String,
    pub headers: Vec<(String, String)>,
    pub body: String,
    pub bytes: Vec<u8>,
}

impl Default for MockHost {
    fn default() -> Self {
        Self::new(Store::default(), Box::new(|| false))
    }
}

impl MockHost {
    pub fn new(store: Store, disturb: Box<dyn Fn() -> bool>) -> Self {
        Self {
            store,
            now_nanos: Cell::new(START_NANOS),
            disturb,
            request_headers: RefCell::default(),
            response_headers: RefCell::default(),
            chunk: RefCell::default(),
            properties: RefCell::default(),
            replies: RefCell::default(),
            logs: RefCell::default(),
            header_writes: Cell::new(0),
            counters: RefCell::default(),
            response_marks: RefCell::default(),
            calls: RefCell::default(),
            refusing: RefCell::default(),
            kept: RefCell::default(),
            answer: RefCell::default(),
            last_call: Cell::new(0),
        }
    }

    pub fn advance_millis(&self, millis: u64) {
        self.now_nanos.set(self.now_nanos.get() + millis * 1_000_000);
    }

    /// Takes the calls that were sent since.
    pub fn take_calls(&self) -> Vec<Sent> {
        self.calls.take()
    }

    /// What the gateway answers a call with next; `None` when no answer came.
    pub fn prepare_answer(&self, answer: Option<(u16, &str)>) {
        self.answer.replace(answer.map_or_else(Default::default, |(status, body)| {
            let headers = [(":status", status.to_string())].into_iter().collect();
            (headers, body.as_bytes().to_vec())
        }));
    }

    /// Answers a call of a worker with bytes.
    pub fn answer_bytes(&self, worker: &mut Worker, id: CallId, status: u16, body: &[u8]) {
        let headers = [(":status", status.to_string())].into_iter().collect();
        self.answer.replace((headers, body.to_vec()));
        worker.on_answer(self, id, body.len());
    }

    /// Answers a call of a worker.
    pub fn answer_call(&self, worker: &mut Worker, id: CallId, answer: Option<(u16, &str)>) {
        self.prepare_answer(answer);
        worker.on_answer(self, id, answer.map_or(0, |(_, body)| body.len()));
    }

    pub fn set_number(&self, property: &str, value: u64) {
        self.properties.borrow_mut().insert(property.into(), value.to_le_bytes().to_vec());
    }

    /// The value of a request header after the filter.
    pub fn request_header(&self, name: &str) -> Option<String> {
        let headers = self.request_headers.borrow();
        let found = headers.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| String::from_utf8_lossy(value).into_owned())
    }
}

impl Host for MockHost {
    fn now_nanos(&self) -> u64 {
        self.now_nanos.get()
    }

    fn log(&self, _: LogLevel, message: &str) {
        self.logs.borrow_mut().push(message.into());
    }

    fn headers(&self, side: Side) -> Headers {
        let headers = match side {
            Side::Request => &self.request_headers,
            Side::Response => &self.response_headers,
        };
        headers.borrow().iter().map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    fn remove_request_header(&self, name: &str) {
        self.header_writes.set(self.header_writes.get() + 1);
        self.request_headers.borrow_mut().retain(|(key, _)| key != name);
    }

    fn set_request_header(&self, name: &str, value: &str) {
        self.remove_request_header(name);
        self.request_headers.borrow_mut().push((name.into(), value.into()));
    }

    fn set_response_header(&self, part: ResponsePart, name: &str, value: &str) {
        self.response_marks.borrow_mut().push((part, name.into(), value.into()));
    }

    fn body_chunk(&self, _: Side, length: usize) -> Vec<u8> {
        let chunk = self.chunk.borrow();
        chunk[..length.min(chunk.len())].to_vec()
    }

    fn take_request_chunk(&self, length: usize) -> Vec<u8> {
        let mut chunk = self.chunk.borrow_mut();
        let length = length.min(chunk.len());
        chunk.drain(..length).collect()
    }

    fn property(&self, path: &[&str]) -> Option<Vec<u8>> {
        self.properties.borrow().get(&path.join(".")).cloned()
    }

    fn keep(&self, name: &str, value: &str) {
        self.kept.borrow_mut().push((name.into(), value.into()));
    }

    fn shared(&self, key: &str) -> Option<Shared> {
        (self.disturb)();
        self.store.get(key)
    }

    fn set_shared(&self, key: &str, value: &[u8], expected: Expected) -> Result<(), Conflict> {
        if (self.disturb)() {
            return Err(Conflict);
        }
        self.store.set(key, value, expected)
    }

    fn count(&self, name: &str, more: u64) {
        *self.counters.borrow_mut().entry(name.into()).or_default() += more;
    }

    fn respond(&self, reply: &Reply) {
        self.replies.borrow_mut().push(reply.clone());
    }

    fn call(&self, call: &Call) -> Result<CallId, NotSent> {
        if self.refusing.borrow().iter().any(|cluster| cluster == call.cluster) {
            return Err(NotSent);
        }
        self.last_call.set(self.last_call.get() + 1);
        let id = CallId(self.last_call.get());
        let own = |(name, value): &(&str, &str)| (name.to_string(), value.to_string());
        self.calls.borrow_mut().push(Sent {
            id,
            cluster: call.cluster.into(),
            request_line: format!("{} {}", call.method, call.path),
            authority: call.authority.into(),
            headers: call.headers.iter().map(own).collect(),
            body: String::from_utf8_lossy(call.body).into_owned(),
            bytes: call.body.to_vec(),
        });
        Ok(id)
    }

    fn answer_headers(&self) -> Headers {
        self.answer.borrow().0.clone()
    }

    fn answer_body(&self, length: usize) -> Vec<u8> {
        let answer = self.answer.borrow();
        answer.1[..length.min(answer.1.len())].to_vec()
    }
}

/// A request and what becomes of it, as Envoy would show it to the filter.
#[derive(Clone)]
pub struct Exchange {
    pub method: &'static str,
    pub path: String,
    pub request_headers: Vec<(&'static str, Vec<u8>)>,
    pub request_chunks: Vec<Vec<u8>>,
    pub request_ends: bool,
    /// `None`: no response came.
    pub status: Option<u64>,
    pub response_headers: Vec<(&'static str, Vec<u8>)>,
    pub response_chunks: Vec<Vec<u8>>,
    pub response_ends: bool,
    pub flags: u64,
}

pub const IRIS_REQUEST: &str = r#"{"inputs": [{"name": "x", "datatype": "FP64", "shape": [2, 2], "data": [1.5, 2.5, 3.5, 4.5]}]}"#;
pub const IRIS_RESPONSE: &str = r#"{"model_name": "iris", "model_version": "3", "outputs": [{"name": "class", "datatype": "INT64", "shape": [2], "data": [0, 1]}]}"#;

impl Exchange {
    /// A call of the model `iris` that succeeds.
    pub fn iris() -> Self {
        Self {
            method: "POST",
            path: "/v2/models/iris/infer".into(),
            request_headers: vec![("content-type", b"application/json".to_vec())],
            request_chunks: vec![IRIS_REQUEST.into()],
            request_ends: true,
            status: Some(200),
            response_headers: vec![("content-type", b"application/json".to_vec())],
            response_chunks: vec![IRIS_RESPONSE.into()],
            response_ends: true,
            flags: 0,
        }
    }

    /// Sends it through a worker, up to and with the count.
    pub fn run(&self, host: &MockHost, worker: &mut Worker) {
        let mut session = worker.session();
        let _flow = self.pass(host, &mut session);
        worker.hear(host, &session.take_told());
        if let Some(observation) = session.on_log(host) {
            worker.record(host, observation);
        }
        worker.hear(host, &session.take_told());
    }

    /// Sends it through a session, but for `on_log`.
    pub fn pass(&self, host: &MockHost, session: &mut Session) -> Flow {
        let own = |(name, value): &(&str, Vec<u8>)| (name.to_string(), value.clone());
        let pseudo = [
            (":method".to_string(), self.method.as_bytes().to_vec()),
            (":path".to_string(), self.path.as_bytes().to_vec()),
        ];
        *host.request_headers.borrow_mut() =
            pseudo.into_iter().chain(self.request_headers.iter().map(own)).collect();
        host.header_writes.set(0);
        host.properties.borrow_mut().clear();
        let has_body = !self.request_chunks.is_empty() || !self.request_ends;
        let flow = session.on_request_headers(host, !has_body);
        if flow == Flow::Answered {
            return flow;
        }
        let held = flow;
        for chunk in &self.request_chunks {
            host.chunk.replace(chunk.clone());
            let flow = session.on_request_body(host, chunk.len(), false);
            if flow == Flow::Answered {
                return flow;
            }
            assert_eq!(flow, held);
            assert!(held == Flow::Continue || host.chunk.borrow().is_empty(), "it is taken out");
        }
        if held == Flow::Held && !self.request_ends {
            return held;
        }
        if has_body && self.request_ends {
            let flow = session.on_request_body(host, 0, true);
            if flow == Flow::Answered {
                return flow;
            }
        }
        host.set_number("response.flags", self.flags);
        host.set_number("request.duration", 12_000_000);
        if let Some(status) = self.status {
            let pseudo = [(":status".to_string(), status.to_string().into_bytes())];
            *host.response_headers.borrow_mut() =
                pseudo.into_iter().chain(self.response_headers.iter().map(own)).collect();
            host.set_number("response.code", status);
            host.set_number("response.backend_latency", 10_000_000);
            let has_body = !self.response_chunks.is_empty() || !self.response_ends;
            session.on_response_headers(host, !has_body);
            for chunk in &self.response_chunks {
                host.chunk.replace(chunk.clone());
                session.on_response_body(host, chunk.len(), false);
            }
            if has_body && self.response_ends {
                session.on_response_body(host, 0, true);
            }
        }
        flow
    }
}

/// Asks the admin API of a worker whose config has the token `secret`.
pub fn ask(host: &MockHost, worker: &mut Worker, method: &'static str, path: &str) -> Reply {
    ask_with(host, worker, method, path, &[("authorization", "Bearer secret")])
}

/// Tells the admin API something.
pub fn post(host: &MockHost, worker: &mut Worker, path: &str, body: &str) -> Reply {
    let exchange = Exchange {
        path: path.into(),
        request_headers: vec![("authorization", b"Bearer secret".to_vec())],
        request_chunks: vec![body.as_bytes().to_vec()],
        ..Exchange::iris()
    };
    exchange.run(host, worker);
    host.replies.borrow_mut().pop().unwrap()
}

/// Asks the admin API with these headers.
pub fn ask_with(
    host: &MockHost,
    worker: &mut Worker,
    method: &'static str,
    path: &str,
    headers: &[(&'static str, &str)],
) -> Reply {
    let exchange = Exchange {
        method,
        path: path.into(),
        request_headers: headers.iter().map(|(n, v)| (*n, v.as_bytes().to_vec())).collect(),
        request_chunks: vec![],
        ..Exchange::iris()
    };
    exchange.run(host, worker);
    host.replies.borrow_mut().pop().unwrap_or_else(|| panic!("{method} {path} was passed on"))
}

/// The sum of the samples of one metric, over all labels that contain `label`.
pub fn sum(metrics: &[u8], name: &str, label: &str) -> u64 {
    let text = std::str::from_utf8(metrics).unwrap();
    let samples = text.lines().filter(|line| !line.starts_with('#') && line.contains(label));
    let values = samples.filter_map(|line| {
        let (series, value) = line.rsplit_once(' ')?;
        let family = series.split('{').next()?;
        (family == name).then(|| value.parse::<f64>().unwrap() as u64)
    });
    values.sum()
}
