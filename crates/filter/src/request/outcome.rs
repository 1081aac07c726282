//! How a request ended, from what the gateway knows when its stream is over.

use tidegate_core::event::{ErrorKind, Stage, StageLatency, Status};

use crate::host::Host;

/// Response flags by which Envoy says that the client left: its connection closed (`DC`), or its
/// stream was reset (`DR`).
const CLIENT_LEFT: u64 = 1 << 14 | 1 << 28;

/// The status of a request whose response, as far as it came, had no error in its body.
///
/// `answered`: the status of a response whose last byte passed. Who got that had an answer, and the
/// gateway, which takes a microsecond for each question, need not be asked.
pub(crate) fn status(host: &dyn Host, answered: Option<u64>) -> Status {
    let flags = |host: &dyn Host| number(host, &["response", "flags"]).unwrap_or(0);
    let code = answered.or_else(|| number(host, &["response", "code"])).unwrap_or(0);
    match code {
        _ if answered.is_none() && flags(host) & CLIENT_LEFT != 0 => Status::Aborted,
        0 => Status::Aborted,
        400..=499 => Status::ClientError,
        100..=399 if answered.is_some() => Status::Success,
        _ => Status::ServerError,
    }
}

/// Whether the upstream took the request.
pub(crate) fn is_success(host: &dyn Host) -> bool {
    number(host, &["response", "code"]).is_some_and(|code| (200..300).contains(&code))
}

/// Whether the upstream did what the request wanted; it may send the client on.
pub(crate) fn is_done(host: &dyn Host) -> bool {
    number(host, &["response", "code"]).is_some_and(|code| (200..400).contains(&code))
}

/// Why a request failed that ended so: by its HTTP status, or by its gRPC status if it is a call. Where
/// both are of a success, the error is in the body, or the answer broke off.
pub(crate) fn error_kind(
    host: &dyn Host,
    status: Status,
    (is_grpc, has_error): (bool, bool),
) -> Option<ErrorKind> {
    match status {
        Status::Success => None,
        Status::Aborted => Some(ErrorKind::ClientLeft),
        Status::ClientError | Status::ServerError => {
            let of_call =
                || number(host, &["response", "grpc_status"]).and_then(ErrorKind::of_grpc);
            let of_http = || number(host, &["response", "code"]).and_then(ErrorKind::of_http);
            let kind = if is_grpc { of_call() } else { None };
            let rest = if has_error { ErrorKind::Model } else { ErrorKind::Unavailable };
            kind.or_else(of_http).or(Some(rest))
        }
    }
}

/// The status of a gRPC call, whose failures have the HTTP status 200: its own number is in the trailers.
pub(crate) fn grpc_status(host: &dyn Host) -> Option<Status> {
    Some(match number(host, &["response", "grpc_status"])? {
        0 => Status::Success,
        1 => Status::Aborted,
        // Invalid argument, not found, already exists, permission denied, failed precondition, out of
        // range, unauthenticated.
        3 | 5 | 6 | 7 | 9 | 11 | 16 => Status::ClientError,
        _ => Status::ServerError,
    })
}

/// Whether the gateway followed a redirect of the upstream by itself: the same request of the client
/// goes on in a stream of its own, and is counted there.
pub(crate) fn goes_on_elsewhere(host: &dyn Host) -> bool {
    host.property(&["response", "code_details"]).as_deref() == Some(b"internal_redirect")
}

/// The latencies that the gateway measured.
pub(crate) fn latency(host: &dyn Host) -> Vec<StageLatency> {
    let measured = |path: &[&str]| number(host, path).filter(|&nanos| i64::try_from(nanos).is_ok());
    let total = measured(&["request", "duration"]);
    let upstream = measured(&["response", "backend_latency"]);
    let own = total.zip(upstream).map(|(total, upstream)| total.saturating_sub(upstream));
    let stages = [(Stage::Total, total), (Stage::Upstream, upstream), (Stage::Gateway, own)];
    let latency = |(stage, nanos): (Stage, Option<u64>)| {
        Some(StageLatency { stage, seconds: nanos? as f64 / 1e9 })
    };
    stages.into_iter().filter_map(latency).collect()
}

/// A property that is eight bytes, little end first.
fn number(host: &dyn Host, path: &[&str]) -> Option<u64> {
    let bytes = host.property(path)?;
    Some(u64::from_le_bytes(bytes.try_into().ok()?))
}
