//! The admin API: what the leader published, to who has the token, and what it is told by them.

use serde::Serialize;
use tidegate_core::metric;
use tidegate_core::observatory::{LIMITS, Settings};
use tidegate_core::profile::Profile;

use crate::assign::query_parameter;
use crate::capture::Budget;
use crate::config::Admin;
use crate::headers::Headers;
use crate::host::{Host, Reply};
use crate::leader::Published;
use crate::plan::Plan;
use crate::stored_state::StoredState;
use crate::token::equal_in_constant_time;
use crate::upload::{Told, Topic, Upload};

const TEXT: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/json";
const ENDPOINTS: &str = "v1/metrics, v1/snapshot, v1/profile?model=, POST v1/profile/pin?model=, \
     POST v1/events, and POST v1/feedback where \
     tokens are issued";
const EVENTS: &[u8] = b"/v1/events";
const FEEDBACK: &[u8] = b"/v1/feedback";
const PIN: &[u8] = b"/v1/profile/pin";
/// Rows that a window must have to become a reference.
const PINNED_ROWS: u64 = LIMITS.pinned_rows;
/// Where labels with tokens are told when the admin API is off.
const DEFAULT_PATH: &str = "/.tidegate";

/// What a request for the admin API gets.
#[derive(Debug)]
pub(crate) enum Answer {
    Now(Reply),
    /// It tells the filter something.
    Told(Reply, Told),
    /// Its body comes first.
    AfterBody(Upload),
}

/// What every answer says, whatever it is about.
#[derive(Debug)]
pub(crate) struct Courtesy {
    /// The caller's origin, when it may call.
    origin: Option<String>,
}

impl Courtesy {
    pub(crate) fn with(&self, mut reply: Reply) -> Reply {
        reply.headers.push(("cache-control", "no-store".into()));
        reply.headers.push(("vary", "origin".into()));
        if let Some(origin) = &self.origin {
            reply.headers.push(("access-control-allow-origin", origin.clone()));
        }
        reply
    }
}

/// The answer to a request for the admin API; `None` when it is for something else, or the API is
/// off.
pub(crate) fn answer(
    plan: &Plan,
    host: &dyn Host,
    headers: &Headers,
    method: &[u8],
    path: &[u8],
    budget: &Budget,
) -> Option<Answer> {
    let admin = plan.admin.as_ref();
    let root = admin.map_or(DEFAULT_PATH, |admin| &admin.path);
    let without_query = path.split(|byte| b"?#".contains(byte)).next()?;
    let rest = without_query.strip_prefix(root.as_bytes())?;
    if !rest.is_empty() && !rest.starts_with(b"/") {
        return None;
    }
    let topic = match rest {
        EVENTS => Some(Topic::Events),
        FEEDBACK if plan.feedback.is_some() => Some(Topic::Feedback),
        _ => None,
    };
    // A label's token is its own credential.
    let needs_bearer = topic != Some(Topic::Feedback);
    if admin.is_none() && needs_bearer {
        return None;
    }
    let courtesy = Courtesy { origin: admin.and_then(|admin| allowed_origin(admin, headers)) };
    let is_told = topic.is_some() || rest == PIN;
    let methods = if is_told { "POST" } else { "GET, HEAD" };
    let reply = if method == b"OPTIONS" {
        preflight(headers, courtesy.origin.is_some(), methods)
    } else if needs_bearer && !admin.is_some_and(|admin| is_authorized(admin, headers)) {
        let mut reply = text(401, "This needs the header `authorization: Bearer <admin.token>`.");
        reply.headers.push(("www-authenticate", "Bearer realm=\"tidegate\"".into()));
        reply
    } else if let Some(topic) = topic
        && method == b"POST"
    {
        return Some(Upload::begin(topic, headers, courtesy, budget));
    } else if rest == PIN && method == b"POST" {
        return Some(match pin(plan, host, path) {
            Ok((reply, told)) => Answer::Told(courtesy.with(reply), told),
            Err(reply) => Answer::Now(courtesy.with(reply)),
        });
    } else if is_told || !matches!(method, b"GET" | b"HEAD") {
        let verb = if is_told { "is" } else { "are" };
        let mut reply = text(405, &format!("Only {methods} {verb} answered here."));
        reply.headers.push(("allow", format!("{methods}, OPTIONS")));
        reply
    } else {
        endpoint(plan, host, headers, rest, path)
    };
    Some(Answer::Now(courtesy.with(reply)))
}

fn endpoint(plan: &Plan, host: &dyn Host, headers: &Headers, rest: &[u8], path: &[u8]) -> Reply {
    match rest {
        b"/v1/metrics" => metrics(plan, host, headers),
        b"/v1/snapshot" => snapshot(plan, host, path),
        b"/v1/profile" => profile(plan, host, path),
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
            self::reply(200, metric::OPENMETRICS, metric::to_openmetrics(text).into_bytes())
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
    let Some(stored) = StoredState::load(host, &plan.keys.state) else { return not_yet() };
    // It is an object, and gets one more field.
    if reply.body.pop_if(|last| *last == b'}').is_some() {
        let mut settings = Settings::clone(&plan.settings);
        settings.redirect(&stored.decisions.redirected());
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
fn pin(plan: &Plan, host: &dyn Host, path: &[u8]) -> Result<(Reply, Told), Reply> {
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
    let stored = StoredState::load(host, &plan.keys.state).ok_or_else(not_yet)?;
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

fn preflight(headers: &Headers, allowed: bool, methods: &str) -> Reply {
    if !allowed {
        return text(403, "Pages of this origin may not call; `admin.cors_origins` lists who may.");
    }
    let mut reply = reply(204, TEXT, Vec::new());
    reply.headers = vec![
        ("access-control-allow-methods", methods.into()),
        ("access-control-allow-headers", "authorization, content-type, content-encoding".into()),
        ("access-control-max-age", "600".into()),
    ];
    // Browsers ask this before a public page may call a machine of the private network.
    if headers.get("access-control-request-private-network").is_some() {
        reply.headers.push(("access-control-allow-private-network", "true".into()));
    }
    reply
}

/// The value of `access-control-allow-origin`, when the caller's origin may call.
fn allowed_origin(admin: &Admin, headers: &Headers) -> Option<String> {
    let origin = core::str::from_utf8(headers.get("origin")?).ok()?;
    let allows = |allowed: &String| allowed == "*" || allowed == origin;
    admin.cors_origins.iter().any(allows).then(|| origin.into())
}

fn is_authorized(admin: &Admin, headers: &Headers) -> bool {
    const SCHEME: &[u8] = b"bearer ";
    let Some(header) = headers.get("authorization") else { return false };
    let Some((scheme, token)) = header.split_at_checked(SCHEME.len()) else { return false };
    scheme.eq_ignore_ascii_case(SCHEME)
        && equal_in_constant_time(token.trim_ascii(), admin.token.0.as_bytes())
}

fn not_yet() -> Reply {
    let mut reply = text(503, "Nothing has been published yet; it takes a second after the start.");
    reply.headers.push(("retry-after", "1".into()));
    reply
}

pub(crate) fn json(status: u32, value: &impl Serialize) -> Reply {
    reply(status, JSON, serde_json::to_vec(value).unwrap_or_default())
}

pub(crate) fn text(status: u32, sentence: &str) -> Reply {
    reply(status, TEXT, format!("{sentence}\n").into_bytes())
}

fn reply(status: u32, content_type: &str, body: Vec<u8>) -> Reply {
    let headers = vec![("content-type", content_type.into())];
    Reply { status, headers, further_headers: Vec::new(), body }
}
