//! What there is to read, and the window that becomes a reference.

use serde::Serialize;
use tidegate_core::metric;
use tidegate_core::observatory::{LIMITS, Settings};
use tidegate_core::profile::Profile;

use super::reply::{JSON, json, not_yet, reply, text};
use super::silences;
use super::told::Told;
use crate::host::path::query_parameter;
use crate::host::{Headers, Host, Reply};
use crate::leader::stored_state::StoredState;
use crate::plan::Plan;
use crate::shared_data::published::Published;

const ENDPOINTS: &str = "v1/metrics, v1/snapshot, v1/profile?model=, POST v1/profile/pin?model=, \
     v1/silences, POST v1/events, and POST v1/feedback where \
     tokens are issued";
/// Rows that a window must have to become a reference.
const PINNED_ROWS: u64 = LIMITS.pinned_rows;

/// The answer to a request that may read.
pub(crate) fn read(
    plan: &Plan,
    host: &dyn Host,
    headers: &Headers,
    rest: &[u8],
    path: &[u8],
) -> Reply {
    match rest {
        b"/v1/metrics" => metrics(plan, host, headers),
        b"/v1/snapshot" => snapshot(plan, host, path),
        b"/v1/profile" => profile(plan, host, path),
        b"/v1/silences" => silences::list(plan, host),
        _ => text(404, &format!("There is nothing here. There is: {ENDPOINTS}.")),
    }
}

fn published(host: &dyn Host, key: &str, content_type: &str) -> Reply {
    let found = host.shared(key);
    match found.as_ref().and_then(|found| Published::decode(&found.value)) {
        Some(published) => reply(200, content_type, published.bytes.to_vec()),
        None => not_yet(),
    }
}

/// The metrics, in the format that the scraper would rather have.
fn metrics(plan: &Plan, host: &dyn Host, headers: &Headers) -> Reply {
    let reply = published(host, &plan.keys.metrics, metric::PROMETHEUS);
    let accept = headers.get("accept").and_then(|value| core::str::from_utf8(value).ok());
    match core::str::from_utf8(&reply.body) {
        Ok(text) if reply.status == 200 && accept.is_some_and(metric::prefers_openmetrics) => {
            super::reply::reply(200, metric::OPENMETRICS, metric::to_openmetrics(text).into_bytes())
        }
        _ => reply,
    }
}

/// The snapshot; if it is to be added to those of other gateways, with what that takes.
fn snapshot(plan: &Plan, host: &dyn Host, path: &[u8]) -> Reply {
    let mut reply = published(host, &plan.keys.snapshot, JSON);
    let is_plain = query_parameter(path, "mergeable").is_none_or(|value| value != b"true");
    if is_plain || reply.status != 200 {
        return reply;
    }
    let Some(stored) = StoredState::load(host, &plan.keys, &plan.settings) else {
        return not_yet();
    };
    // It is an object, and gets one more field.
    if reply.body.pop_if(|last| *last == b'}').is_some() {
        let mut settings = Settings::clone(&plan.settings);
        settings.redirect(&stored.decisions.redirected());
        stored.given.complete(&mut settings);
        let mergeable = stored.state.mergeable(&settings);
        reply.body.extend(format!(",\"mergeable\":\"{mergeable}\"}}").into_bytes());
    }
    reply
}

fn profile(plan: &Plan, host: &dyn Host, path: &[u8]) -> Reply {
    let body = window_of(plan, host, path, "v1/profile")
        .map(|(_, profile)| serde_json::to_vec(&profile).map(|body| reply(200, JSON, body)));
    body.unwrap_or_else(Ok).unwrap_or_else(|_| not_yet())
}

/// What is told by a request that pins a window.
pub(crate) fn pin(plan: &Plan, host: &dyn Host, path: &[u8]) -> Result<(Reply, Told), Reply> {
    let (model, profile) = window_of(plan, host, path, "v1/profile/pin")?;
    let rows = profile.rows;
    if rows < PINNED_ROWS {
        let model = model.escape_debug();
        let what = format!("The window of `{model}` has {rows} rows; it needs {PINNED_ROWS}.");
        return Err(text(409, &what));
    }
    let reply = json(202, &Pinned { model: &model, rows });
    Ok((reply, Told { pins: vec![model], ..Told::default() }))
}

/// A window that becomes a reference at the next tick, with these rows and those that come until then.
#[derive(Serialize)]
struct Pinned<'a> {
    model: &'a str,
    rows: u64,
}

/// The model that a request names, and its window.
fn window_of(
    plan: &Plan,
    host: &dyn Host,
    path: &[u8],
    endpoint: &str,
) -> Result<(String, Profile), Reply> {
    let stored = StoredState::load(host, &plan.keys, &plan.settings).ok_or_else(not_yet)?;
    let ready = || {
        let names: Vec<&str> = stored.state.references().iter().map(|(name, _)| name).collect();
        if names.is_empty() { "none yet".into() } else { names.join(", ") }
    };
    let Some(model) = query_parameter(path, "model") else {
        return Err(text(
            400,
            &format!("Say which model: {endpoint}?model=NAME. Ready: {}.", ready()),
        ));
    };
    let model = String::from_utf8_lossy(&model).into_owned();
    let Some(profile) = stored.state.profile(&model) else {
        let model = model.escape_debug();
        return Err(text(404, &format!("No model `{model}` has a profile. Ready: {}.", ready())));
    };
    Ok((model, profile))
}
