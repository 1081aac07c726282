use serde::{Deserialize, Serialize};

use super::Status;

/// Why a request failed: few kinds, whatever the wire's own codes are, so that they can be labels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request was not what the model takes.
    InvalidRequest,
    /// The client may not ask, or did not say who it is.
    Unauthorized,
    /// There is no such model, or no such path.
    NotFound,
    /// The client asked too often.
    TooManyRequests,
    /// The answer took too long.
    Timeout,
    /// No server could be reached, or none had room.
    Unavailable,
    /// The server failed.
    Internal,
    /// The answer itself says that the model failed.
    Model,
    /// The client left before the answer was complete.
    ClientLeft,
    /// It was not told.
    Unspecified,
}

impl ErrorKind {
    /// The name on the wire and in labels.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::Unauthorized => "unauthorized",
            Self::NotFound => "not_found",
            Self::TooManyRequests => "too_many_requests",
            Self::Timeout => "timeout",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
            Self::Model => "model",
            Self::ClientLeft => "client_left",
            Self::Unspecified => "unspecified",
        }
    }

    /// What an HTTP status says; `None` of a success, and of no status at all.
    #[must_use]
    pub const fn of_http(code: u64) -> Option<Self> {
        Some(match code {
            0..=399 => return None,
            401 | 403 | 407 => Self::Unauthorized,
            404 | 410 => Self::NotFound,
            408 | 504 => Self::Timeout,
            429 => Self::TooManyRequests,
            400..=498 => Self::InvalidRequest,
            499 => Self::ClientLeft,
            502 | 503 => Self::Unavailable,
            _ => Self::Internal,
        })
    }

    /// What the number of a gRPC status says; `None` of a success.
    #[must_use]
    pub const fn of_grpc(code: u64) -> Option<Self> {
        Some(match code {
            0 => return None,
            1 => Self::ClientLeft,
            // Invalid argument, already exists, failed precondition, out of range.
            3 | 6 | 9 | 11 => Self::InvalidRequest,
            4 => Self::Timeout,
            // Not found, not implemented.
            5 | 12 => Self::NotFound,
            // Permission denied, unauthenticated.
            7 | 16 => Self::Unauthorized,
            // Resource exhausted.
            8 => Self::TooManyRequests,
            14 => Self::Unavailable,
            _ => Self::Internal,
        })
    }

    /// The kind of a request that ended like that, where nothing more is known of it.
    #[must_use]
    pub const fn of_status(status: Status) -> Option<Self> {
        match status {
            Status::Success => None,
            Status::Aborted => Some(Self::ClientLeft),
            Status::ClientError | Status::ServerError => Some(Self::Unspecified),
        }
    }

    /// How a request that failed like that ended.
    #[must_use]
    pub const fn status(self) -> Status {
        match self {
            Self::InvalidRequest | Self::Unauthorized | Self::NotFound | Self::TooManyRequests => {
                Status::ClientError
            }
            Self::ClientLeft => Status::Aborted,
            Self::Timeout
            | Self::Unavailable
            | Self::Internal
            | Self::Model
            | Self::Unspecified => Status::ServerError,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_their_kinds() {
        let http = |code| ErrorKind::of_http(code).map(ErrorKind::as_str);
        assert_eq!((http(0), http(200), http(302)), (None, None, None));
        assert_eq!(http(403), Some("unauthorized"));
        assert_eq!(http(422), Some("invalid_request"));
        assert_eq!((http(429), http(499)), (Some("too_many_requests"), Some("client_left")));
        assert_eq!((http(503), http(504)), (Some("unavailable"), Some("timeout")));
        assert_eq!((http(500), http(999)), (Some("internal"), Some("internal")));
        let grpc = |code| ErrorKind::of_grpc(code).map(ErrorKind::as_str);
        assert_eq!((grpc(0), grpc(4), grpc(8)), (None, Some("timeout"), Some("too_many_requests")));
        assert_eq!((grpc(13), grpc(99)), (Some("internal"), Some("internal")));
    }

    #[test]
    fn a_kind_and_a_status_agree() {
        assert_eq!(ErrorKind::of_status(Status::Success), None);
        for status in [Status::Aborted, Status::ServerError] {
            assert_eq!(ErrorKind::of_status(status).map(ErrorKind::status), Some(status));
        }
    }
}
