//! The admin API: what the leader published, to who has the token, and what it is told by them.

mod endpoint;
mod feedback;
pub(crate) mod reply;
mod silences;
mod told;
mod upload;

pub use self::told::Told;
pub(crate) use self::upload::Upload;
pub use self::upload::unheard;

use self::reply::{Courtesy, TEXT, text};
use self::upload::Topic;
use crate::budget::Budget;
use crate::config::Admin;
use crate::host::path::without_query;
use crate::host::{Headers, Host, Reply};
use crate::plan::Plan;
use crate::token::equal_in_constant_time;

const EVENTS: &[u8] = b"/v1/events";
const FEEDBACK: &[u8] = b"/v1/feedback";
const SILENCES: &[u8] = b"/v1/silences";
const PIN: &[u8] = b"/v1/profile/pin";
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

/// What follows the admin path in a path below it.
pub(crate) fn below<'p>(plan: &Plan, path: &'p [u8]) -> Option<&'p [u8]> {
    let root = plan.admin.as_ref().map_or(DEFAULT_PATH, |admin| &admin.path);
    let rest = path.strip_prefix(root.as_bytes())?;
    matches!(rest, [] | [b'/' | b'?' | b'#', ..]).then(|| without_query(rest))
}

/// The answer to a request for what is [`below`] the admin path; `None` when the API is off.
#[cold]
pub(crate) fn answer(
    plan: &Plan,
    host: &dyn Host,
    headers: &Headers,
    (method, path, rest): (&[u8], &[u8], &[u8]),
    budget: &Budget,
) -> Option<Answer> {
    let admin = plan.admin.as_ref();
    let topic = match rest {
        EVENTS => Some(Topic::Events),
        FEEDBACK if plan.feedback.is_some() => Some(Topic::Feedback),
        SILENCES if method == b"POST" => Some(Topic::Silence),
        _ => None,
    };
    // A label's token is its own credential.
    let needs_bearer = topic != Some(Topic::Feedback);
    if admin.is_none() && needs_bearer {
        return None;
    }
    let courtesy = Courtesy { origin: admin.and_then(|admin| allowed_origin(admin, headers)) };
    let is_told = topic.is_some() || rest == PIN;
    let methods = match rest {
        SILENCES => "GET, HEAD, POST, DELETE",
        _ if is_told => "POST",
        _ => "GET, HEAD",
    };
    let reply = if method == b"OPTIONS" {
        preflight(headers, courtesy.origin.is_some(), methods)
    } else if needs_bearer && !admin.is_some_and(|admin| is_authorized(admin, headers)) {
        let mut reply = text(401, "This needs the header `authorization: Bearer <admin.token>`.");
        reply.headers.push(("www-authenticate", "Bearer realm=\"tidegate\"".into()));
        reply
    } else if let Some(topic) = topic
        && method == b"POST"
    {
        return Some(match Upload::begin(topic, headers, courtesy, budget) {
            Ok(upload) => Answer::AfterBody(upload),
            Err(reply) => Answer::Now(reply),
        });
    } else if rest == PIN && method == b"POST" {
        return Some(match endpoint::pin(plan, host, path) {
            Ok((reply, told)) => Answer::Told(courtesy.with(reply), told),
            Err(reply) => Answer::Now(courtesy.with(reply)),
        });
    } else if rest == SILENCES && method == b"DELETE" {
        silences::remove(plan, host, path)
    } else if is_told || !matches!(method, b"GET" | b"HEAD") {
        let verb = if is_told { "is" } else { "are" };
        let mut reply = text(405, &format!("Only {methods} {verb} answered here."));
        reply.headers.push(("allow", format!("{methods}, OPTIONS")));
        reply
    } else {
        endpoint::read(plan, host, headers, rest, path)
    };
    Some(Answer::Now(courtesy.with(reply)))
}

fn preflight(headers: &Headers, allowed: bool, methods: &str) -> Reply {
    if !allowed {
        return text(403, "Pages of this origin may not call; `admin.cors_origins` lists who may.");
    }
    let mut reply = reply::reply(204, TEXT, Vec::new());
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
