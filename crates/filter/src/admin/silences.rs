//! Silences: who is not to be called, told and ended by whoever has the token.

use serde::Serialize;
use tidegate_core::alert::Silence;

use super::reply::{JSON, json, reply, text};
use crate::host::path::query_parameter;
use crate::host::{Host, Reply};
use crate::plan::Plan;
use crate::shared_data::silences::{MAX_SILENCES, NotChanged, Silences};

const MAX_LABELS: usize = 16;
const MAX_LABEL_BYTES: usize = 256;
const MAX_COMMENT_BYTES: usize = 1000;
/// None lasts longer: a year.
const MAX_SECONDS: f64 = 366.0 * 86_400.0;

/// A silence that was taken.
#[derive(Serialize)]
struct Taken {
    id: u64,
}

pub(super) fn list(plan: &Plan, host: &dyn Host) -> Reply {
    let silences = Silences::read(host, &plan.keys.silences);
    reply(200, JSON, silences.encode())
}

pub(super) fn add(plan: &Plan, host: &dyn Host, body: &[u8]) -> Reply {
    let silence: Silence = match serde_json::from_slice(body) {
        Ok(silence) => silence,
        Err(error) => return text(400, &format!("This is no silence: {error}.")),
    };
    if let Some(fault) = fault(&silence, host.now_nanos() as f64 / 1e9) {
        return text(400, fault);
    }
    match Silences::add(host, &plan.keys.silences, &silence) {
        Ok(id) => json(200, &Taken { id }),
        Err(why) => refusal(why),
    }
}

pub(super) fn remove(plan: &Plan, host: &dyn Host, path: &[u8]) -> Reply {
    let id = query_parameter(path, "id");
    let id = id.and_then(|id| core::str::from_utf8(&id).ok()?.parse().ok());
    let Some(id) = id else { return text(400, "Say which silence: v1/silences?id=NUMBER.") };
    match Silences::remove(host, &plan.keys.silences, id) {
        Ok(()) => list(plan, host),
        Err(why) => refusal(why),
    }
}

fn fault(silence: &Silence, now_seconds: f64) -> Option<&'static str> {
    let Silence { labels, from_seconds, until_seconds, comment } = silence;
    let is_name = |text: &String| (1..=MAX_LABEL_BYTES).contains(&text.len());
    if !(1..=MAX_LABELS).contains(&labels.len()) {
        Some("A silence has 1 to 16 `labels`; `alertname` is the name of an alert.")
    } else if !labels.iter().all(|(name, value)| is_name(name) && is_name(value)) {
        Some("The `labels` of a silence have 1 to 256 bytes each.")
    } else if comment.len() > MAX_COMMENT_BYTES {
        Some("The `comment` of a silence has at most 1000 bytes.")
    } else if !(now_seconds..=now_seconds + MAX_SECONDS).contains(until_seconds) {
        Some("A silence ends at `until_seconds`, in seconds since 1970, within a year.")
    } else if !(0.0..*until_seconds).contains(from_seconds) {
        Some("A silence begins at `from_seconds`, before it ends.")
    } else {
        None
    }
}

fn refusal(why: NotChanged) -> Reply {
    match why {
        NotChanged::Full => {
            text(409, &format!("There are {MAX_SILENCES} silences; end one by DELETE first."))
        }
        NotChanged::Absent => text(404, "There is no silence of this number."),
        NotChanged::Contended => {
            let mut reply = text(503, "Too many others say something at once; send it again.");
            reply.headers.push(("retry-after", "1".into()));
            reply
        }
    }
}
