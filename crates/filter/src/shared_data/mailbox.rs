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
pub(crate) const HEARTBEAT_SECONDS: u64 = 5;

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
    let own = if delta.is_empty() { Vec::new() } else { delta.encode() };
    for _ in 0..MAX_ATTEMPTS {
        let found = host.shared(key);
        let expected = Expected::from_read(found.as_ref());
        let bytes = found.map(|found| found.value).unwrap_or_default();
        let mail = Mail::decode(&bytes);
        let is_recent = |mail: &Mail| {
            let age_seconds = now_seconds.abs_diff(mail.seen_at_seconds);
            mail.closed == closed && age_seconds < HEARTBEAT_SECONDS
        };
        if own.is_empty() && mail.as_ref().is_some_and(is_recent) {
            return Ok(());
        }
        let is_damaged = mail.is_none() && expected != Expected::Absent;
        let untaken = mail.map_or(&[][..], |mail| mail.delta);
        let pending;
        let delta_bytes = if untaken.is_empty() && !is_damaged {
            &own
        } else {
            let mut merged = if is_damaged { unreadable() } else { decode(untaken) };
            merged.merge(decode(&own));
            pending = merged.encode();
            &pending
        };
        let mail = Mail { seen_at_seconds: now_seconds, closed, delta: delta_bytes };
        if host.set_shared(key, &mail.encode(), expected).is_ok() {
            *delta = Delta::default();
            return Ok(());
        }
    }
    Err(Conflict)
}

/// Reads an encoded delta; no bytes are an empty one. One that cannot be read, for another version
/// wrote it, is counted.
pub(crate) fn decode(bytes: &[u8]) -> Delta {
    if bytes.is_empty() {
        return Delta::default();
    }
    Delta::decode(bytes).unwrap_or_else(|_| unreadable())
}

/// What stands in for counts that cannot be read: that they could not.
fn unreadable() -> Delta {
    let mut delta = Delta::default();
    delta.reject(UNREADABLE);
    delta
}

/// What a leader found in a mailbox.
#[derive(Debug, Default)]
pub(crate) struct Taken {
    /// An encoded delta that the leader alone has now, or nothing.
    pub(crate) delta: Vec<u8>,
    /// Whether more may come.
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
        // A member that never wrote is given a mailbox, so that its silence has a beginning.
        let unwritten = Mail { seen_at_seconds: now_seconds, closed: false, delta: &[] };
        let mail = match &bytes {
            None => Some(unwritten),
            Some(bytes) => Mail::decode(bytes),
        };
        let (seen_at_seconds, closed, delta) = match mail {
            Some(mail) => (mail.seen_at_seconds, mail.closed, mail.delta.to_vec()),
            None => (now_seconds, false, unreadable().encode()),
        };
        let owner = if closed { Owner::Closed } else { Owner::SeenAt(seen_at_seconds) };
        if delta.is_empty() && bytes.is_some() {
            return Taken { delta, owner };
        }
        let emptied = Mail { seen_at_seconds, closed, delta: &[] };
        if host.set_shared(key, &emptied.encode(), expected).is_ok() {
            return Taken { delta, owner };
        }
    }
    Taken::default()
}
