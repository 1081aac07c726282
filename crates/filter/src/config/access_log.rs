//! `access_log` of the config: what of each request the gateway's access log can show.

use super::field::Field;

pub(super) const ACCESS_LOG_FIELDS: &[&str] = &["features", "max_bytes"];

const DEFAULT_BYTES: usize = 16 << 10;
const MAX_BYTES: u64 = 1 << 20;

/// What of each request the gateway's access log can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AccessLog {
    /// Whether features are shown too.
    pub features: bool,
    /// A longer record is shown without its rows.
    pub max_bytes: usize,
}

pub(super) fn read_access_log(field: &Field) -> Option<AccessLog> {
    let object = field.object(ACCESS_LOG_FIELDS)?;
    let features = object.optional("features").map_or(Some(false), |field| field.flag());
    let max_bytes = object
        .optional("max_bytes")
        .map_or(Some(DEFAULT_BYTES), |field| usize::try_from(field.whole(256..=MAX_BYTES)?).ok());
    Some(AccessLog { features: features?, max_bytes: max_bytes? })
}
