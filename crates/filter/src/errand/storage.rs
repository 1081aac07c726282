//! State that outlives the gateway: written to an object store now and then, and read back at the start.
//!
//! Nothing is written before it is known what lies there. A leader waits a little for the state of before
//! the start; where the store cannot be reached it begins without, and what was counted until then is added to
//! the former state once that comes.

use std::collections::BTreeMap;

use tidegate_core::fnv::fnv1a;
use tidegate_core::metric::{Family, Kind};

use crate::config::Remote;
use crate::host::{Answer, Call, Host, LogLevel};

/// What a stored state begins with; its checksum follows.
const MAGIC: &[u8] = b"tidegate.state/1\n";
/// The longest state that is read or written.
const MAX_STATE_BYTES: usize = 64 << 20;
/// How long a leader waits for the former state before it begins without, in nanoseconds.
const PATIENCE_NANOS: u64 = 10_000_000_000;
/// After a failure: how long until the next attempt, in seconds, doubled each time up to the bound.
const FIRST_PAUSE_SECONDS: f64 = 1.0;
const MAX_PAUSE_SECONDS: f64 = 60.0;

/// Reads and writes of the state, by operation and result.
pub(crate) type TransferCounts = BTreeMap<(String, String), u64>;

/// What lies in the store: nothing that can be read, or an encoded state.
pub(crate) type Found = Option<Vec<u8>>;

/// What came of a read or a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Transfer {
    operation: &'static str,
    result: &'static str,
}

/// The place of the state, and what this leader knows of it.
#[derive(Debug)]
pub(crate) struct Storage {
    remote: Remote,
    due_nanos: u64,
    is_under_way: bool,
    failures: i32,
    /// When the former state was first asked for.
    asked_nanos: Option<u64>,
    /// What lies there, once that is known and until it is in the shared state.
    found: Option<Found>,
    /// Whether the shared state is known to be past it.
    is_resumed: bool,
    transfers: Vec<Transfer>,
}

impl Storage {
    /// `names`: what stands for the placeholders in the path.
    pub(crate) fn new(remote: &Remote, names: &[(&str, &str)]) -> Self {
        let mut remote = remote.clone();
        for (placeholder, name) in names {
            remote.path = remote.path.replace(placeholder, name);
        }
        Self {
            remote,
            due_nanos: 0,
            is_under_way: false,
            failures: 0,
            asked_nanos: None,
            found: None,
            is_resumed: false,
            transfers: Vec::new(),
        }
    }

    /// Whether the leader should wait for the former state.
    pub(crate) fn holds_back(&self, now_nanos: u64) -> bool {
        let is_patient = |asked: u64| now_nanos.saturating_sub(asked) < PATIENCE_NANOS;
        !self.is_resumed && self.found.is_none() && self.asked_nanos.is_none_or(is_patient)
    }

    /// The shared state goes on from the former one.
    pub(crate) fn set_resumed(&mut self) {
        self.is_resumed = true;
        self.found = None;
    }

    /// Whether it does.
    pub(crate) fn is_resumed(&self) -> bool {
        self.is_resumed
    }

    /// Another context led meanwhile, or did before: what it knew is not known here.
    pub(crate) fn restart(&mut self) {
        self.is_resumed = false;
        self.asked_nanos = None;
        self.due_nanos = 0;
    }

    /// What was found and is not in the shared state yet.
    pub(crate) fn found(&self) -> Option<&Found> {
        self.found.as_ref()
    }

    /// What came of reads and writes, and is not in the shared state yet.
    pub(crate) fn transfers(&self) -> &[Transfer] {
        &self.transfers
    }

    /// The shared state knows of them.
    pub(crate) fn forget_transfers(&mut self) {
        self.transfers.clear();
    }

    /// Whether something is to be sent now; it is under way from now on.
    pub(crate) fn begin(&mut self, now_nanos: u64) -> bool {
        let is_done = !self.is_resumed && self.found.is_some();
        if self.is_under_way || is_done || self.due_nanos > now_nanos {
            return false;
        }
        self.asked_nanos.get_or_insert(now_nanos);
        self.is_under_way = true;
        true
    }

    /// The request that reads the former state.
    pub(crate) fn read(&self) -> Call<'_> {
        self.remote.call("GET", &[], MAX_STATE_BYTES)
    }

    /// The request that writes a state, which [`seal`] made.
    pub(crate) fn write<'r>(&'r self, sealed: &'r [u8]) -> Call<'r> {
        let mut call = self.remote.call("PUT", sealed, 0);
        call.headers.push(("content-type", "application/octet-stream"));
        call
    }

    /// Takes the answer of a read; `is_state` tells what can be gone on from.
    pub(crate) fn settle_read(
        &mut self,
        host: &dyn Host,
        answer: &Answer,
        is_state: impl Fn(&[u8]) -> bool,
    ) {
        let result = match (answer.status(), &answer.body) {
            (Some(404 | 410), _) => {
                self.found = Some(None);
                "absent"
            }
            (Some(200), Some(sealed)) => {
                let state = open(sealed).filter(|state| is_state(state));
                let result = if state.is_some() { "restored" } else { "unreadable" };
                self.found = Some(state.map(<[u8]>::to_vec));
                result
            }
            (Some(200), None) => {
                self.found = Some(None);
                "unreadable"
            }
            _ => "failed",
        };
        if result == "unreadable" {
            let what =
                "the stored state is damaged, or of another version of tidegate; counts begin anew";
            host.log(LogLevel::Warn, what);
        }
        self.settle(host, ("read", result), answer);
    }

    /// Takes the answer of a write.
    pub(crate) fn settle_write(&mut self, host: &dyn Host, answer: &Answer) {
        let result = if answer.is_success() { "written" } else { "failed" };
        self.settle(host, ("write", result), answer);
    }

    fn settle(
        &mut self,
        host: &dyn Host,
        (operation, result): (&'static str, &'static str),
        answer: &Answer,
    ) {
        self.is_under_way = false;
        self.transfers.push(Transfer { operation, result });
        let period = self.remote.period_seconds;
        let pause = if result == "failed" {
            self.failures = self.failures.saturating_add(1);
            let why =
                answer.status().map_or("no answer came".into(), |it| format!("the answer is {it}"));
            host.log(LogLevel::Warn, &format!("the {operation} of the stored state failed: {why}"));
            let pause = FIRST_PAUSE_SECONDS * f64::from(1u32 << (self.failures - 1).clamp(0, 16));
            pause.min(MAX_PAUSE_SECONDS)
        } else {
            self.failures = 0;
            period
        };
        self.due_nanos = host.now_nanos().saturating_add((pause * 1e9) as u64);
    }
}

/// A state with what tells that it is one, and whole.
pub(crate) fn seal(state: &[u8]) -> Option<Vec<u8>> {
    let sealed = [MAGIC, &checksum(state).to_le_bytes(), state].concat();
    (sealed.len() <= MAX_STATE_BYTES).then_some(sealed)
}

fn open(sealed: &[u8]) -> Option<&[u8]> {
    let (sum, state) = sealed.strip_prefix(MAGIC)?.split_first_chunk()?;
    (u64::from_le_bytes(*sum) == checksum(state)).then_some(state)
}

fn checksum(bytes: &[u8]) -> u64 {
    fnv1a(bytes.iter().copied())
}

/// Counts what came of reads and writes.
pub(crate) fn count(counts: &mut TransferCounts, transfers: &[Transfer]) {
    for Transfer { operation, result } in transfers {
        *counts.entry((operation.to_string(), result.to_string())).or_default() += 1;
    }
}

pub(crate) fn family(counts: &TransferCounts) -> Family {
    let help = "Reads and writes of the state in its store, by what came of them.";
    let mut family = Family::new("tidegate_state_transfers_total", Kind::Counter, help);
    for ((operation, result), count) in counts {
        family.push_count(&[("operation", operation), ("result", result)], *count);
    }
    family
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_state_opens_whole_or_not_at_all() {
        let sealed = seal(b"state").unwrap();
        assert_eq!(open(&sealed), Some(&b"state"[..]));
        for end in 0..sealed.len() {
            assert_eq!(open(&sealed[..end]), None, "{end}");
        }
        for place in 0..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[place] ^= 1;
            assert_eq!(open(&damaged), None, "{place}");
        }
    }
}
