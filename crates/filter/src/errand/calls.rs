//! What was sent, why, and until when it counts.

use crate::host::{Answer, Call, CallId, Host};

/// Calls that one context waits for at a time. Each holds a buffer of the gateway.
const MAX_WAITING: usize = 32;
/// How much longer than the gateway itself an answer is waited for, in nanoseconds: a call whose context
/// ended has none.
const GRACE_NANOS: u64 = 5_000_000_000;

/// The calls of one context that wait for an answer, and what each is for.
#[derive(Debug)]
pub struct Calls<P> {
    waiting: Vec<Waiting<P>>,
}

#[derive(Debug)]
struct Waiting<P> {
    id: CallId,
    purpose: P,
    max_answer_bytes: usize,
    until_nanos: u64,
}

impl<P> Default for Calls<P> {
    fn default() -> Self {
        Self { waiting: Vec::new() }
    }
}

impl<P> Calls<P> {
    /// Sends a call, and remembers what it is for.
    ///
    /// # Errors
    /// The purpose, when it could not be sent: the gateway refused it, or too many wait.
    pub fn send(&mut self, host: &dyn Host, call: &Call, purpose: P) -> Result<(), P> {
        if self.waiting.len() >= MAX_WAITING {
            return Err(purpose);
        }
        let Ok(id) = host.call(call) else { return Err(purpose) };
        let until_nanos = host
            .now_nanos()
            .saturating_add(u64::from(call.timeout_millis) * 1_000_000)
            .saturating_add(GRACE_NANOS);
        let max_answer_bytes = call.max_answer_bytes;
        self.waiting.push(Waiting { id, purpose, max_answer_bytes, until_nanos });
        Ok(())
    }

    /// Takes the answer to a call, in the callback that tells of it, and what the call was for; `None`
    /// when nobody waits for it any more.
    pub fn take(&mut self, host: &dyn Host, id: CallId, body_bytes: usize) -> Option<(P, Answer)> {
        let index = self.waiting.iter().position(|waiting| waiting.id == id)?;
        let Waiting { purpose, max_answer_bytes, .. } = self.waiting.swap_remove(index);
        let headers = host.answer_headers();
        let fits = body_bytes <= max_answer_bytes;
        let body = fits.then(|| host.answer_body(body_bytes));
        Some((purpose, Answer { headers, body }))
    }

    /// Takes out what no answer will come for any more.
    pub fn expire(&mut self, now_nanos: u64) -> Vec<P> {
        let overdue = self.waiting.extract_if(.., |waiting| waiting.until_nanos <= now_nanos);
        overdue.map(|waiting| waiting.purpose).collect()
    }

    /// Whether any call waits for such a purpose.
    pub fn waits_for(&self, is_meant: impl Fn(&P) -> bool) -> bool {
        self.waiting.iter().any(|waiting| is_meant(&waiting.purpose))
    }
}
