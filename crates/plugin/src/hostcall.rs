//! The calls of the proxy-wasm ABI 0.2.1 that the filter makes, for any status that they may return.
#![expect(unsafe_code, reason = "hostcalls are foreign functions that pass memory by pointer")]

use std::ptr::null_mut;

const OK: u32 = 0;
/// The kind of a metric that only rises.
const COUNTER: u32 = 0;
/// Never the number of a write, so a write that expects it succeeds on an absent key only.
const NO_WRITE: u32 = u32::MAX;

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    fn proxy_log(level: u32, message: *const u8, size: usize) -> u32;
    fn proxy_get_current_time_nanoseconds(nanos: *mut u64) -> u32;
    fn proxy_set_tick_period_milliseconds(millis: u32) -> u32;
    fn proxy_get_buffer_bytes(
        buffer: u32,
        start: usize,
        max_size: usize,
        data: *mut *mut u8,
        size: *mut usize,
    ) -> u32;
    fn proxy_set_buffer_bytes(
        buffer: u32,
        start: usize,
        size: usize,
        data: *const u8,
        data_size: usize,
    ) -> u32;
    fn proxy_define_metric(kind: u32, name: *const u8, name_size: usize, id: *mut u32) -> u32;
    fn proxy_increment_metric(id: u32, offset: i64) -> u32;
    fn proxy_set_effective_context(context: u32) -> u32;
    fn proxy_get_header_map_pairs(map: u32, data: *mut *mut u8, size: *mut usize) -> u32;
    fn proxy_replace_header_map_value(
        map: u32,
        name: *const u8,
        name_size: usize,
        value: *const u8,
        value_size: usize,
    ) -> u32;
    fn proxy_remove_header_map_value(map: u32, name: *const u8, name_size: usize) -> u32;
    fn proxy_get_property(
        path: *const u8,
        path_size: usize,
        data: *mut *mut u8,
        size: *mut usize,
    ) -> u32;
    fn proxy_set_property(
        path: *const u8,
        path_size: usize,
        value: *const u8,
        value_size: usize,
    ) -> u32;
    fn proxy_get_shared_data(
        key: *const u8,
        key_size: usize,
        data: *mut *mut u8,
        size: *mut usize,
        version: *mut u32,
    ) -> u32;
    fn proxy_set_shared_data(
        key: *const u8,
        key_size: usize,
        value: *const u8,
        value_size: usize,
        version: u32,
    ) -> u32;
    fn proxy_http_call(
        cluster: *const u8,
        cluster_size: usize,
        headers: *const u8,
        headers_size: usize,
        body: *const u8,
        body_size: usize,
        trailers: *const u8,
        trailers_size: usize,
        timeout_millis: u32,
        id: *mut u32,
    ) -> u32;
    fn proxy_send_local_response(
        status: u32,
        details: *const u8,
        details_size: usize,
        body: *const u8,
        body_size: usize,
        headers: *const u8,
        headers_size: usize,
        grpc_status: i32,
    ) -> u32;
}

/// Buffers of the ABI.
#[derive(Clone, Copy)]
#[repr(u32)]
pub(crate) enum Buffer {
    RequestBody = 0,
    ResponseBody = 1,
    CallAnswer = 4,
    PluginConfig = 7,
}

/// Header maps of the ABI.
#[derive(Clone, Copy)]
#[repr(u32)]
pub(crate) enum Map {
    Request = 0,
    Response = 2,
    ResponseTrailers = 3,
    CallAnswer = 6,
}

/// Log levels of the ABI.
#[derive(Clone, Copy)]
#[repr(u32)]
pub(crate) enum Level {
    Info = 2,
    Warn = 3,
    Error = 4,
}

/// Which write a write of shared data expects to follow.
#[derive(Clone, Copy)]
pub(crate) enum After {
    /// None: the key is absent.
    Nothing,
    /// The write of this number.
    Write(u32),
    /// Any.
    Anything,
}

/// Calls the host with a place for an answer that the host allocates; `None` when it has none.
fn answer(call: impl FnOnce(*mut *mut u8, *mut usize) -> u32) -> Option<Vec<u8>> {
    let (mut data, mut size) = (null_mut(), 0);
    if call(&raw mut data, &raw mut size) != OK {
        return None;
    }
    if data.is_null() {
        return Some(Vec::new());
    }
    // SAFETY: the host got `data` from the exported `malloc`, which allocates exactly `size` bytes,
    // filled it, and leaves it to us.
    Some(unsafe { Vec::from_raw_parts(data, size, size) })
}

pub(crate) fn log(level: Level, message: &str) {
    // SAFETY: the pointer and size are those of a live string.
    let _status = unsafe { proxy_log(level as u32, message.as_ptr(), message.len()) };
}

/// The id of a counter of this name; `None` if the host has no such thing.
pub(crate) fn define_counter(name: &str) -> Option<u32> {
    let mut id = 0;
    // SAFETY: the pointer and size are those of a live string; the host writes four bytes to a live integer.
    let status = unsafe { proxy_define_metric(COUNTER, name.as_ptr(), name.len(), &raw mut id) };
    (status == OK).then_some(id)
}

pub(crate) fn increment(id: u32, more: u64) {
    let offset = i64::try_from(more).unwrap_or(i64::MAX);
    // SAFETY: only integers are passed.
    let _status = unsafe { proxy_increment_metric(id, offset) };
}

pub(crate) fn now_nanos() -> u64 {
    let mut nanos = 0;
    // SAFETY: the host writes eight bytes to a live integer.
    let _status = unsafe { proxy_get_current_time_nanoseconds(&raw mut nanos) };
    nanos
}

pub(crate) fn set_tick_period(millis: u32) {
    // SAFETY: only an integer is passed.
    let _status = unsafe { proxy_set_tick_period_milliseconds(millis) };
}

pub(crate) fn buffer(buffer: Buffer, max_size: usize) -> Option<Vec<u8>> {
    // SAFETY: `answer` gives live places for the answer.
    answer(|data, size| unsafe { proxy_get_buffer_bytes(buffer as u32, 0, max_size, data, size) })
}

/// Takes the first `size` bytes out of a buffer.
pub(crate) fn drain(buffer: Buffer, size: usize) {
    // SAFETY: no bytes are passed, and the pointer is that of a live slice.
    let _status = unsafe { proxy_set_buffer_bytes(buffer as u32, 0, size, [].as_ptr(), 0) };
}

/// Makes the calls that follow in this callback those of another context; whether it lives.
pub(crate) fn act_for(context: u32) -> bool {
    // SAFETY: only an integer is passed.
    unsafe { proxy_set_effective_context(context) == OK }
}

/// All headers, as [`Headers`](tidegate_filter::host::Headers) reads them.
pub(crate) fn header_pairs(map: Map) -> Option<Vec<u8>> {
    // SAFETY: `answer` gives live places for the answer.
    answer(|data, size| unsafe { proxy_get_header_map_pairs(map as u32, data, size) })
}

pub(crate) fn set_header(map: Map, name: &str, value: &str) {
    let (name_size, value_size) = (name.len(), value.len());
    // SAFETY: the pointers and sizes are those of live strings.
    let _status = unsafe {
        proxy_replace_header_map_value(
            map as u32,
            name.as_ptr(),
            name_size,
            value.as_ptr(),
            value_size,
        )
    };
}

pub(crate) fn remove_header(map: Map, name: &str) {
    // SAFETY: the pointer and size are those of a live string.
    let _status = unsafe { proxy_remove_header_map_value(map as u32, name.as_ptr(), name.len()) };
}

/// A property; `path` has a NUL between its parts.
pub(crate) fn property(path: &[u8]) -> Option<Vec<u8>> {
    // SAFETY: the pointer and size are those of a live slice; `answer` gives live places.
    answer(|data, size| unsafe { proxy_get_property(path.as_ptr(), path.len(), data, size) })
}

/// Gives the stream a property; `path` has a NUL between its parts.
pub(crate) fn set_property(path: &str, value: &str) {
    let (path_size, value_size) = (path.len(), value.len());
    // SAFETY: the pointers and sizes are those of live strings.
    let _status =
        unsafe { proxy_set_property(path.as_ptr(), path_size, value.as_ptr(), value_size) };
}

/// A shared value and the number of its last write.
pub(crate) fn shared_data(key: &str) -> Option<(Vec<u8>, u32)> {
    let mut version = 0;
    let version_place = &raw mut version;
    // SAFETY: the pointer and size are those of a live string; all places are live.
    let value = answer(|data, size| unsafe {
        proxy_get_shared_data(key.as_ptr(), key.len(), data, size, version_place)
    })?;
    Some((value, version))
}

/// Writes a shared value; `false` when another write came first.
pub(crate) fn set_shared_data(key: &str, value: &[u8], after: After) -> bool {
    let version = match after {
        After::Nothing => NO_WRITE,
        After::Write(version) => version,
        After::Anything => 0,
    };
    // SAFETY: the pointers and sizes are those of live slices.
    let status = unsafe {
        proxy_set_shared_data(key.as_ptr(), key.len(), value.as_ptr(), value.len(), version)
    };
    status == OK
}

/// The status of gRPC that stands for one of HTTP; the host looks at it when a call of gRPC is answered.
const fn grpc_status(status: u32) -> i32 {
    const OK: i32 = 0;
    const UNKNOWN: i32 = 2;
    const PERMISSION_DENIED: i32 = 7;
    const UNIMPLEMENTED: i32 = 12;
    const INTERNAL: i32 = 13;
    const UNAVAILABLE: i32 = 14;
    const UNAUTHENTICATED: i32 = 16;
    match status {
        200..=299 => OK,
        400 => INTERNAL,
        401 => UNAUTHENTICATED,
        403 => PERMISSION_DENIED,
        404 => UNIMPLEMENTED,
        429 | 502 | 503 | 504 => UNAVAILABLE,
        _ => UNKNOWN,
    }
}

/// Answers the request; `headers` are pairs as [`encode_pairs`](crate::envoy::encode_pairs) writes them.
pub(crate) fn respond(status: u32, details: &str, headers: &[u8], body: &[u8]) {
    // SAFETY: the pointers and sizes are those of live slices.
    let _status = unsafe {
        proxy_send_local_response(
            status,
            details.as_ptr(),
            details.len(),
            body.as_ptr(),
            body.len(),
            headers.as_ptr(),
            headers.len(),
            grpc_status(status),
        )
    };
}

/// Sends a request to a cluster; the number that its answer comes under. `headers` are pairs as
/// [`encode_pairs`](crate::envoy::encode_pairs) writes them.
pub(crate) fn call(cluster: &str, headers: &[u8], body: &[u8], timeout_millis: u32) -> Option<u32> {
    let no_trailers = 0u32.to_le_bytes();
    let mut id = 0;
    // SAFETY: the pointers and sizes are those of live slices; the host writes four bytes to a live integer.
    let status = unsafe {
        proxy_http_call(
            cluster.as_ptr(),
            cluster.len(),
            headers.as_ptr(),
            headers.len(),
            body.as_ptr(),
            body.len(),
            no_trailers.as_ptr(),
            no_trailers.len(),
            timeout_millis,
            &raw mut id,
        )
    };
    (status == OK).then_some(id)
}
