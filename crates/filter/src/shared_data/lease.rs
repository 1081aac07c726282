//! Who leads. The lease saves work and decides whose settings count; exactness does not hang on it,
//! for every write that counts is a compare-and-swap of its own.

use serde::{Deserialize, Serialize};

use crate::host::{Expected, Host};

/// How long a lease holds without being renewed, in milliseconds: three ticks.
const TERM_MILLIS: u64 = 3_000;
/// How long a lease must have been free before an older generation takes it, in milliseconds: so
/// long that the newer one is gone, as when its listener was removed.
const VACANCY_MILLIS: u64 = 30_000;

/// Who leads, as it is shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Lease {
    owner: u32,
    generation: u32,
    expires_at_millis: u64,
    serves_streams: bool,
}

/// A context that would lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// Its member number.
    pub(crate) member: u32,
    /// Its config's generation.
    pub(crate) generation: u32,
    /// Whether requests wait while it leads.
    pub(crate) serves_streams: bool,
}

impl Candidate {
    fn may_take(&self, lease: &Lease, now_millis: u64) -> bool {
        // An end too far ahead was written before the clock stepped back.
        let stepped = lease.expires_at_millis > now_millis.saturating_add(2 * TERM_MILLIS);
        let free_millis = now_millis.saturating_sub(lease.expires_at_millis);
        let expired = stepped || free_millis > 0;
        if self.generation < lease.generation {
            return free_millis > VACANCY_MILLIS;
        }
        lease.owner == self.member
            || self.generation > lease.generation
            || expired
            || (lease.serves_streams && !self.serves_streams)
    }
}

/// Takes or renews the lease; `true` when the candidate leads until its next tick.
pub(crate) fn acquire(host: &dyn Host, key: &str, candidate: &Candidate, now_millis: u64) -> bool {
    let found = host.shared(key);
    let lease = found.as_ref().and_then(|found| postcard::from_bytes(&found.value).ok());
    if lease.is_some_and(|lease| !candidate.may_take(&lease, now_millis)) {
        return false;
    }
    let expires_at_millis = now_millis.saturating_add(TERM_MILLIS);
    write(host, key, candidate, expires_at_millis, Expected::from_read(found.as_ref()))
}

/// Gives the lease up, if the candidate holds it: it is free at once then, for older generations too,
/// which may be all that is left.
pub(crate) fn release(host: &dyn Host, key: &str, candidate: &Candidate) {
    let Some(found) = host.shared(key) else { return };
    let lease: Option<Lease> = postcard::from_bytes(&found.value).ok();
    if lease.is_some_and(|lease| lease.owner == candidate.member) {
        // A conflict means that another has it already.
        let _taken_over = write(host, key, candidate, 0, Expected::Version(found.version));
    }
}

fn write(
    host: &dyn Host,
    key: &str,
    candidate: &Candidate,
    expires_at_millis: u64,
    expected: Expected,
) -> bool {
    let Candidate { member: owner, generation, serves_streams } = *candidate;
    let lease = Lease { owner, generation, expires_at_millis, serves_streams };
    postcard::to_allocvec(&lease).is_ok_and(|bytes| host.set_shared(key, &bytes, expected).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_790_000_000_000;
    const HELD: Lease =
        Lease { owner: 1, generation: 5, expires_at_millis: NOW + 1_000, serves_streams: true };

    fn candidate(member: u32, generation: u32, serves_streams: bool) -> Candidate {
        Candidate { member, generation, serves_streams }
    }

    fn check(candidate: Candidate, lease: Lease, now_millis: u64, expected: bool) {
        assert_eq!(candidate.may_take(&lease, now_millis), expected, "{candidate:?} {lease:?}");
    }

    #[test]
    fn the_holder_renews_and_its_peers_wait() {
        check(candidate(1, 5, true), HELD, NOW, true);
        check(candidate(2, 5, true), HELD, NOW, false);
        check(candidate(2, 5, true), HELD, NOW + 1_000, false);
        check(candidate(2, 5, true), HELD, NOW + 1_001, true);
    }

    #[test]
    fn who_serves_no_streams_takes_from_who_does_and_keeps_it() {
        check(candidate(2, 5, false), HELD, NOW, true);
        let held_by_main = Lease { serves_streams: false, ..HELD };
        check(candidate(2, 5, false), held_by_main, NOW, false);
        check(candidate(2, 5, true), held_by_main, NOW, false);
    }

    #[test]
    fn a_newer_generation_takes_at_once_and_an_older_one_after_a_vacancy() {
        check(candidate(2, 6, true), HELD, NOW, true);
        check(candidate(2, 4, false), HELD, NOW + 20_000, false);
        check(candidate(2, 4, false), HELD, NOW + 1_000 + VACANCY_MILLIS + 1, true);
    }

    #[test]
    fn a_lease_that_was_given_up_is_free_for_all() {
        let released = Lease { expires_at_millis: 0, ..HELD };
        check(candidate(2, 4, true), released, NOW, true);
        check(candidate(2, 5, true), released, NOW, true);
    }

    #[test]
    fn a_clock_that_stepped_back_does_not_leave_the_lease_held() {
        check(candidate(2, 5, true), HELD, NOW - 3_600_000, true);
    }
}
