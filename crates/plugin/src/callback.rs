//! The callbacks of the proxy-wasm ABI 0.2.1: what the host calls, by which context.
//!
//! A callback that is not exported is not called, and each call takes the host as long as the filter's own
//! work in it: so `proxy_on_done`, with nothing to wait for, is not here, nor is what only other filters need.
#![expect(unsafe_code, reason = "callbacks are found by name, and the host is given memory")]

use std::alloc::{Layout, alloc};
use std::cell::RefCell;
use std::ptr::null_mut;

use tidegate_filter::ById;
use tidegate_filter::host::CallId;

use crate::root::Root;
use crate::stream::{Action, Stream};

thread_local! {
    static ROOTS: RefCell<Vec<Root>> = const { RefCell::new(Vec::new()) };
    static STREAMS: RefCell<ById<Stream>> = const { RefCell::new(ById::new()) };
}

/// The version of the ABI.
#[unsafe(no_mangle)]
extern "C" fn proxy_abi_version_0_2_1() {}

/// Memory for an answer of the host's, which `answer` of the hostcalls takes over.
#[unsafe(export_name = "malloc")]
extern "C" fn allocate(size: usize) -> *mut u8 {
    match Layout::array::<u8>(size) {
        // SAFETY: the layout has a size.
        Ok(layout) if size > 0 => unsafe { alloc(layout) },
        _ => null_mut(),
    }
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_context_create(id: u32, root: u32) {
    with_roots(|roots| {
        if root == 0 {
            roots.push(Root::new(id));
        } else if let Some(root) = roots.iter().find(|it| it.id() == root) {
            let stream = Stream::new(id, root.worker());
            with_streams(|streams| streams.insert(id, stream));
        }
    });
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_configure(id: u32, size: usize) -> bool {
    with_root(id, |root| root.on_configure(size)).unwrap_or(false)
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_tick(id: u32) {
    with_root(id, |root| root.on_tick());
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_http_call_response(
    id: u32,
    call: u32,
    _headers: usize,
    body_bytes: usize,
    _trailers: usize,
) {
    with_root(id, |root| root.on_answer(CallId(call), body_bytes));
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_request_headers(id: u32, _count: usize, end_of_stream: bool) -> Action {
    with_stream(id, |stream| stream.on_request_headers(end_of_stream)).unwrap_or_default()
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_request_body(id: u32, length: usize, end_of_stream: bool) -> Action {
    with_stream(id, |stream| stream.on_request_body(length, end_of_stream)).unwrap_or_default()
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_request_trailers(id: u32, _count: usize) -> Action {
    with_stream(id, |stream| stream.on_request_trailers()).unwrap_or_default()
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_response_headers(id: u32, _count: usize, end_of_stream: bool) -> Action {
    with_stream(id, |stream| stream.on_response_headers(end_of_stream));
    Action::Continue
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_response_body(id: u32, length: usize, end_of_stream: bool) -> Action {
    with_stream(id, |stream| stream.on_response_body(length, end_of_stream));
    Action::Continue
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_response_trailers(id: u32, _count: usize) -> Action {
    with_stream(id, Stream::on_response_trailers);
    Action::Continue
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_log(id: u32) {
    with_stream(id, Stream::on_log);
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_delete(id: u32) {
    let stream = with_streams(|streams| streams.remove(id)).flatten();
    if stream.is_none() {
        let root = with_roots(|roots| {
            let place = roots.iter().position(|it| it.id() == id)?;
            Some(roots.remove(place))
        });
        if let Some(mut root) = root.flatten() {
            root.close();
        }
    }
}

/// Nothing that is done with roots or streams is called by the host again before it is done; if it were, it
/// would find none.
fn with_roots<T>(act: impl FnOnce(&mut Vec<Root>) -> T) -> Option<T> {
    ROOTS.with(|roots| roots.try_borrow_mut().ok().map(|mut roots| act(&mut roots)))
}

fn with_root<T>(id: u32, act: impl FnOnce(&mut Root) -> T) -> Option<T> {
    with_roots(|roots| roots.iter_mut().find(|it| it.id() == id).map(act)).flatten()
}

fn with_streams<T>(act: impl FnOnce(&mut ById<Stream>) -> T) -> Option<T> {
    STREAMS.with(|streams| streams.try_borrow_mut().ok().map(|mut streams| act(&mut streams)))
}

fn with_stream<T>(id: u32, act: impl FnOnce(&mut Stream) -> T) -> Option<T> {
    with_streams(|streams| streams.get_mut(id).map(act)).flatten()
}
