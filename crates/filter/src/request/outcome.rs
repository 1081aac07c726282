//! How a request ended, from what the gateway knows when its stream is over.

use tidegate_core::event::{ErrorKind, Stage, StageLatency, Status};

use crate::host::Host;

/// Response flags by which Envoy says that the client left: its connection closed (`DC`), or its
/// stream was reset (`DR`).
const CLIENT_LEFT: u64 = 1 << 14 | 1 << 28;

/// The end of a stream, as the gateway tells of it. All that it is asked is asked at once, for it forgets the stream
/// then; what a body says of the end is looked at later.
#[derive(Debug, Clone, Copy)]
pub(crate) struct End {
    /// The status of a request whose response, as far as it came, had no error in its body.
    status: Status,
    code: Option<u64>,
    /// Of a call of gRPC.
    grpc_status: Option<u64>,
    /// Nanoseconds.
    total: Option<u64>,
    upstream: Option<u64>,
}

impl End {
    /// Asks the gateway.
    ///
    /// `answered`: the status of a response whose last byte passed. Who got that had an answer, and the
    /// gateway, which takes a microsecond for each question, need not be asked.
    pub(crate) fn of(host: &dyn Host, answered: Option<u64>, is_grpc: bool) -> Self {
        let flags = |host: &dyn Host| number(host, &["response", "flags"]).unwrap_or(0);
        let code = answered.or_else(|| number(host, &["response", "code"]));
        let status = match code.unwrap_or(0) {
            _ if answered.is_none() && flags(host) & CLIENT_LEFT != 0 => Status::Aborted,
            0 => Status::Aborted,
            400..=499 => Status::ClientError,
            100..=399 if answered.is_some() => Status::Success,
            _ => Status::ServerError,
        };
        let grpc_status = if is_grpc { number(host, &["response", "grpc_status"]) } else { None };
        let measured =
            |path: &[&str]| number(host, path).filter(|&nanos| i64::try_from(nanos).is_ok());
        let total = measured(&["request", "duration"]);
        let upstream = measured(&["response", "backend_latency"]);
        Self { status, code, grpc_status, total, upstream }
    }

    /// How the request ended, and why it failed.
    ///
    /// The failures of a gRPC call have the HTTP status 200: its own number is in the trailers. Where both are of a
    /// success, the error is in the body, or the answer broke off.
    pub(crate) fn status(&self, has_error: bool) -> (Status, Option<ErrorKind>) {
        let status = match (self.status, self.grpc_status) {
            (Status::Success, Some(number)) => status_of_call(number),
            (status, _) => status,
        };
        match status {
            Status::Success if !has_error => (status, None),
            Status::Aborted => (status, Some(ErrorKind::ClientLeft)),
            Status::ClientError => (status, Some(self.kind(has_error))),
            Status::Success | Status::ServerError => {
                (Status::ServerError, Some(self.kind(has_error)))
            }
        }
    }

    fn kind(&self, has_error: bool) -> ErrorKind {
        let rest = if has_error { ErrorKind::Model } else { ErrorKind::Unavailable };
        let of_call = self.grpc_status.and_then(ErrorKind::of_grpc);
        of_call.or_else(|| self.code.and_then(ErrorKind::of_http)).unwrap_or(rest)
    }

    /// The latencies that the gateway measured.
    pub(crate) fn latency(&self) -> impl Iterator<Item = StageLatency> {
        let Self { total, upstream, .. } = *self;
        let own = total.zip(upstream).map(|(total, upstream)| total.saturating_sub(upstream));
        let stages = [(Stage::Total, total), (Stage::Upstream, upstream), (Stage::Gateway, own)];
        let latency = |(stage, nanos): (Stage, Option<u64>)| {
            Some(StageLatency { stage, seconds: nanos? as f64 / 1e9 })
        };
        stages.into_iter().filter_map(latency)
    }
}

/// The status of a gRPC call by its number.
const fn status_of_call(number: u64) -> Status {
    match number {
        0 => Status::Success,
        1 => Status::Aborted,
        // Invalid argument, not found, already exists, permission denied, failed precondition, out of
        // range, unauthenticated.
        3 | 5 | 6 | 7 | 9 | 11 | 16 => Status::ClientError,
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

/// Whether the gateway followed a redirect of the upstream by itself: the same request of the client
/// goes on in a stream of its own, and is counted there.
pub(crate) fn goes_on_elsewhere(host: &dyn Host) -> bool {
    host.property(&["response", "code_details"]).as_deref() == Some(b"internal_redirect")
}

/// A property that is eight bytes, little end first.
fn number(host: &dyn Host, path: &[&str]) -> Option<u64> {
    let bytes = host.property(path)?;
    Some(u64::from_le_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_named_by_the_call_then_by_http_then_by_the_body() {
        let ended = |status, code, grpc_status, has_error| {
            End { status, code: Some(code), grpc_status, total: None, upstream: None }
                .status(has_error)
        };
        let failed = |kind| (Status::ServerError, Some(kind));
        assert_eq!(ended(Status::Success, 200, None, false), (Status::Success, None));
        assert_eq!(ended(Status::Success, 200, None, true), failed(ErrorKind::Model));
        assert_eq!(ended(Status::Success, 200, Some(4), false), failed(ErrorKind::Timeout));
        assert_eq!(ended(Status::ServerError, 503, None, true), failed(ErrorKind::Unavailable));
        let denied = (Status::ClientError, Some(ErrorKind::NotFound));
        assert_eq!(ended(Status::ClientError, 404, None, false), denied);
        let left = (Status::Aborted, Some(ErrorKind::ClientLeft));
        assert_eq!(ended(Status::Success, 200, Some(1), false), left);
        assert_eq!(ended(Status::Aborted, 200, None, true), left);
    }

    #[test]
    fn the_gateways_own_time_is_known_where_both_others_are() {
        let end = |total, upstream| End {
            status: Status::Success,
            code: None,
            grpc_status: None,
            total,
            upstream,
        };
        let stages = |end: End| end.latency().map(|it| (it.stage, it.seconds)).collect::<Vec<_>>();
        let all = [(Stage::Total, 2.0), (Stage::Upstream, 1.5), (Stage::Gateway, 0.5)];
        assert_eq!(stages(end(Some(2_000_000_000), Some(1_500_000_000))), all);
        assert_eq!(stages(end(Some(2_000_000_000), None)), [(Stage::Total, 2.0)]);
    }
}
