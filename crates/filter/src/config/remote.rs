//! Where the filter itself sends requests: a cluster of the gateway, and a path in it.

use super::Secret;
use super::field::{Field, Object};
use super::webhook::{MAX_HEADERS, optional, read_header, read_header_value, read_path};

pub(super) const FETCH_FIELDS: &[&str] =
    &["cluster", "authority", "path", "headers", "timeout_seconds", "period_seconds"];

const DEFAULT_TIMEOUT_SECONDS: f64 = 10.0;
/// How often what a model was like before is fetched, if nothing is said.
pub(super) const HOURLY_SECONDS: f64 = 3600.0;
const MAX_PERIOD_SECONDS: f64 = 31_622_400.0;

/// A place behind a cluster of the gateway.
#[derive(Debug, Clone, PartialEq)]
pub struct Remote {
    /// The cluster.
    pub cluster: String,
    /// The name that it is called by.
    pub authority: String,
    /// The path, with its query string.
    pub path: String,
    /// Further headers, such as its credentials.
    pub headers: Vec<(String, Secret)>,
    /// How long an answer is waited for, in milliseconds.
    pub timeout_millis: u32,
    /// How often it is asked, in seconds.
    pub period_seconds: f64,
}

/// Reads a place that is asked every `default_period_seconds` if nothing is said.
pub(super) fn read_remote(field: &Field, default_period_seconds: f64) -> Option<Remote> {
    let object: Object = field.object(FETCH_FIELDS)?;
    let cluster = object.required("cluster").and_then(|field| field.name(256));
    let path = object.required("path").and_then(|field| read_path(&field));
    let authority = optional(&object, "authority", read_header_value);
    let headers = object.optional("headers").map_or_else(Vec::new, |field| {
        field.members(MAX_HEADERS).iter().filter_map(read_header).collect()
    });
    let timeout = optional(&object, "timeout_seconds", |field| field.number(0.1..=60.0));
    let period = optional(&object, "period_seconds", |f| f.number(1.0..=MAX_PERIOD_SECONDS));
    let cluster = cluster?;
    Some(Remote {
        authority: authority?.unwrap_or_else(|| cluster.clone()),
        path: path?,
        cluster,
        headers,
        timeout_millis: (timeout?.unwrap_or(DEFAULT_TIMEOUT_SECONDS) * 1000.0) as u32,
        period_seconds: period?.unwrap_or(default_period_seconds),
    })
}
