//! The filter's host, made of hostcalls.

use std::cell::RefCell;
use std::collections::BTreeMap;

use tidegate_filter::Host;
use tidegate_filter::host::{
    Call, CallId, Conflict, Expected, Headers, LogLevel, NotSent, Reply, ResponsePart, Shared, Side,
};

use crate::hostcall::{self, After, Buffer, Level, Map};

/// The proxy that runs this module, as the callback that is running sees it.
pub(crate) struct Envoy;

impl Host for Envoy {
    fn now_nanos(&self) -> u64 {
        hostcall::now_nanos()
    }

    fn log(&self, level: LogLevel, message: &str) {
        let level = match level {
            LogLevel::Info => Level::Info,
            LogLevel::Warn => Level::Warn,
            LogLevel::Error => Level::Error,
        };
        hostcall::log(level, &format!("tidegate: {message}"));
    }

    fn headers(&self, side: Side) -> Headers {
        let map = match side {
            Side::Request => Map::Request,
            Side::Response => Map::Response,
        };
        Headers::new(hostcall::header_pairs(map).unwrap_or_default())
    }

    fn remove_request_header(&self, name: &str) {
        hostcall::remove_header(Map::Request, name);
    }

    fn set_request_header(&self, name: &str, value: &str) {
        hostcall::set_header(Map::Request, name, value);
    }

    fn set_response_header(&self, part: ResponsePart, name: &str, value: &str) {
        let map = match part {
            ResponsePart::Headers => Map::Response,
            ResponsePart::Trailers => Map::ResponseTrailers,
        };
        hostcall::set_header(map, name, value);
    }

    fn body_chunk(&self, side: Side, length: usize) -> Vec<u8> {
        let buffer = match side {
            Side::Request => Buffer::RequestBody,
            Side::Response => Buffer::ResponseBody,
        };
        hostcall::buffer(buffer, length).unwrap_or_default()
    }

    fn take_request_chunk(&self, length: usize) -> Vec<u8> {
        let chunk = hostcall::buffer(Buffer::RequestBody, length).unwrap_or_default();
        hostcall::drain(Buffer::RequestBody, chunk.len());
        chunk
    }

    fn property(&self, path: &[&str]) -> Option<Vec<u8>> {
        // All paths of the filter are short, and it asks at each request: nothing is allocated.
        let mut joined = [0; 64];
        let mut end = 0;
        for (index, part) in path.iter().enumerate() {
            let start = end + usize::from(index > 0);
            end = start + part.len();
            joined.get_mut(start..end)?.copy_from_slice(part.as_bytes());
        }
        hostcall::property(joined.get(..end)?)
    }

    fn keep(&self, name: &str, value: &str) {
        hostcall::set_property(name, value);
    }

    fn shared(&self, key: &str) -> Option<Shared> {
        let (value, version) = hostcall::shared_data(key)?;
        Some(Shared { value, version })
    }

    fn set_shared(&self, key: &str, value: &[u8], expected: Expected) -> Result<(), Conflict> {
        let after = match expected {
            Expected::Absent => After::Nothing,
            Expected::Version(version) => After::Write(version),
            Expected::Any => After::Anything,
        };
        if hostcall::set_shared_data(key, value, after) { Ok(()) } else { Err(Conflict) }
    }

    fn count(&self, name: &str, more: u64) {
        thread_local! {
            /// Ids of counters: to define one again costs more, and memory for ever.
            static IDS: RefCell<BTreeMap<String, u32>> = const { RefCell::new(BTreeMap::new()) };
        }
        let known = IDS.with_borrow(|ids| ids.get(name).copied());
        let id = known.or_else(|| {
            let id = hostcall::define_counter(name)?;
            IDS.with_borrow_mut(|ids| ids.insert(name.into(), id));
            Some(id)
        });
        if let Some(id) = id {
            hostcall::increment(id, more);
        }
    }

    fn respond(&self, reply: &Reply) {
        let further =
            reply.further_headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let headers: Vec<_> =
            reply.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let headers = encode_pairs(&headers.into_iter().chain(further).collect::<Vec<_>>());
        hostcall::respond(reply.status, "tidegate_admin", &headers, &reply.body);
    }

    fn call(&self, call: &Call) -> Result<CallId, NotSent> {
        let own = [(":method", call.method), (":path", call.path), (":authority", call.authority)];
        let headers: Vec<_> = own.into_iter().chain(call.headers.iter().copied()).collect();
        let headers = encode_pairs(&headers);
        let id = hostcall::call(call.cluster, &headers, call.body, call.timeout_millis);
        id.map(CallId).ok_or(NotSent)
    }

    fn answer_headers(&self) -> Headers {
        Headers::new(hostcall::header_pairs(Map::CallAnswer).unwrap_or_default())
    }

    fn answer_body(&self, length: usize) -> Vec<u8> {
        hostcall::buffer(Buffer::CallAnswer, length).unwrap_or_default()
    }
}

/// Writes the ABI's form of a header map.
pub(crate) fn encode_pairs(pairs: &[(&str, &str)]) -> Vec<u8> {
    let word = |size: usize| u32::try_from(size).unwrap_or(u32::MAX).to_le_bytes();
    let mut bytes = word(pairs.len()).to_vec();
    for (name, value) in pairs {
        bytes.extend(word(name.len()));
        bytes.extend(word(value.len()));
    }
    for (name, value) in pairs {
        bytes.extend([name.as_bytes(), b"\0", value.as_bytes(), b"\0"].concat());
    }
    bytes
}
