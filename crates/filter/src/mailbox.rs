//! Where a context leaves its counts for the leader: one shared value a context.
//!
//! Both sides write by compare-and-swap what they have just read, so a delta is in the writer's
//! memory, in the mailbox or in the leader's memory, and never in two of them or in none.

use serde::{Deserialize, Serialize};
use tidegate_core::observatory::Delta;

use crate::host::{Conflict, Expected, Host};

/// Lost races after which a context waits for its next tick.
const MAX_ATTEMPTS: usize = 8;
/// Under which bound a mailbox that cannot be read is counted.
const UNREADABLE: &str = "unreadable_mailboxes";
/// How long a mailbox with nothing new in it is left alone, in seconds.
const HEARTBEAT_SECONDS: u64 = 30;

/// What a mailbox holds.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Mail<'a> {
    /// When its owner last wrote it, in seconds since 1970.
    seen_at_seconds: u64,
    /// Its owner has gone.
    closed: bool,
    /// An encoded [`Delta`], or nothing.
    delta: &'a [u8],
}

impl<'a> Mail<'a> {
    fn decode(bytes: &'a [u8]) -> Option<Self> {
        postcard::from_bytes(bytes).ok()
    }

    fn encode(&self) -> Vec<u8> {
        postcard::to_allocvec(self).unwrap_or_default()
    }

    fn delta(&self) -> Option<Delta> {
        if self.delta.is_empty() { Some(Delta::default()) } else { Delta::decode(self.delta).ok() }
    }
}

/// Puts a delta into the owner's mailbox, on top of what the leader has not taken yet, and empties
/// it. With nothing new it shows now and then that the owner lives.
///
/// # Errors
/// [`Conflict`]: the leader was faster every time; the delta is as it was.
pub(crate) fn deliver(
    host: &dyn Host,
    key: &str,
    delta: &mut Delta,
    closed: bool,
    now_seconds: u64,
) -> Result<(), Conflict> {
    for _ in 0..MAX_ATTEMPTS {
        let found = host.shared(key);
        let expected = Expected::from_read(found.as_ref());
        let mail = found.as_ref().map(|found| Mail::decode(&found.value));
        let is_recent = |mail: &Mail| {
            mail.closed == closed && now_seconds.abs_diff(mail.seen_at_seconds) < HEARTBEAT_SECONDS
        };
        if delta.is_empty() && mail.as_ref().and_then(Option::as_ref).is_some_and(is_recent) {
            return Ok(());
        }
        let untaken = mail.map_or(Some(Delta::default()), |mail| mail?.delta());
        let mut pending = untaken.unwrap_or_else(unreadable);
        if !delta.is_empty() {
            pending.merge(delta.clone());
        }
        let mail = Mail { seen_at_seconds: now_seconds, closed, delta: &encode(&pending) };
        if host.set_shared(key, &mail.encode(), expected).is_ok() {
            *delta = Delta::default();
            return Ok(());
        }
    }
    Err(Conflict)
}

fn encode(delta: &Delta) -> Vec<u8> {
    if delta.is_empty() { Vec::new() } else { delta.encode() }
}

/// What stands in for a mailbox that cannot be read: that it could not.
fn unreadable() -> Delta {
    let mut delta = Delta::default();
    delta.reject(UNREADABLE);
    delta
}

/// What a leader found in a mailbox.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    /// What it holds now alone.
    pub(crate) delta: Delta,
    /// Its owner has gone for good, or has not been seen for so long.
    pub(crate) owner: Owner,
}

/// What the leader knows of the owner of a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Owner {
    /// It writes, or may come to write.
    #[default]
    Present,
    /// It said that it would not write again.
    Closed,
    /// It was last seen then, in seconds since 1970.
    SeenAt(u64),
}

/// Takes what is in a mailbox; after a lost race every time it takes nothing.
pub(crate) fn take(host: &dyn Host, key: &str, now_seconds: u64) -> Taken {
    for _ in 0..MAX_ATTEMPTS {
        let found = host.shared(key);
        let expected = Expected::from_read(found.as_ref());
        let bytes = found.map(|found| found.value);
        let mail = bytes.as_deref().map(Mail::decode);
        let (seen_at_seconds, closed, delta) = match mail {
            // A member that never wrote is given a mailbox, so that its silence has a beginning.
            None => (now_seconds, false, Some(Delta::default())),
            Some(None) => (now_seconds, false, None),
            Some(Some(mail)) => (mail.seen_at_seconds, mail.closed, mail.delta()),
        };
        let owner = if closed { Owner::Closed } else { Owner::SeenAt(seen_at_seconds) };
        let delta = match delta {
            Some(delta) if delta.is_empty() && bytes.is_some() => return Taken { delta, owner },
            Some(delta) => delta,
            None => unreadable(),
        };
        let emptied = Mail { seen_at_seconds, closed, delta: &[] };
        if host.set_shared(key, &emptied.encode(), expected).is_ok() {
            return Taken { delta, owner };
        }
    }
    Taken::default()
}
