//! Who takes part. Shared data has no listing of keys, so this list is how a leader finds the
//! mailboxes.

use serde::{Deserialize, Serialize};

use crate::host::{Expected, Host};

/// Lost races after which a context waits for its next tick.
const MAX_ATTEMPTS: usize = 16;
/// Contexts that can take part: far more than the threads and draining configs of one proxy.
const MAX_MEMBERS: usize = 1_024;

/// The shared list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Roster {
    /// The number that the next member takes.
    next_member: u32,
    /// The generation of the newest config.
    generation: u32,
    /// Its fingerprint.
    fingerprint: u64,
    /// When the first context that has it was configured, in nanoseconds since 1970.
    configured_at_nanos: u64,
    members: Vec<u32>,
}

/// A context's place in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Membership {
    /// Its number, never used again.
    pub(crate) member: u32,
    /// The generation of its config.
    pub(crate) generation: u32,
}

/// A context that asks to take part.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Applicant {
    /// Of its config.
    pub(crate) fingerprint: u64,
    /// When it was configured, in nanoseconds since 1970.
    pub(crate) configured_at_nanos: u64,
    /// Whether its own VM has a newer config.
    pub(crate) superseded: bool,
}

impl Roster {
    fn admit(&mut self, applicant: &Applicant) -> Option<Membership> {
        if self.members.len() >= MAX_MEMBERS {
            return None;
        }
        let is_older =
            applicant.superseded || applicant.configured_at_nanos < self.configured_at_nanos;
        let generation = if applicant.fingerprint == self.fingerprint && self.generation > 0 {
            self.generation
        } else if is_older {
            self.generation.saturating_sub(1)
        } else {
            self.generation = self.generation.saturating_add(1);
            self.fingerprint = applicant.fingerprint;
            self.configured_at_nanos = applicant.configured_at_nanos;
            self.generation
        };
        let member = self.next_member;
        self.next_member = member.wrapping_add(1);
        self.members.push(member);
        Some(Membership { member, generation })
    }
}

/// Takes a number and a generation; `None` when that must wait for the next tick.
pub(crate) fn join(host: &dyn Host, key: &str, applicant: &Applicant) -> Option<Membership> {
    update(host, key, |roster| roster.admit(applicant))
}

/// Puts a member back that is not in the list; `true` when it is in it.
pub(crate) fn ensure(host: &dyn Host, key: &str, member: u32) -> bool {
    if list(host, key).contains(&member) {
        return true;
    }
    let added = update(host, key, |roster| {
        if !roster.members.contains(&member) {
            roster.members.push(member);
        }
        Some(())
    });
    added.is_some()
}

/// Takes a member out of the list; `true` when it is out of it.
pub(crate) fn remove(host: &dyn Host, key: &str, member: u32) -> bool {
    let removed = update(host, key, |roster| {
        roster.members.retain(|&other| other != member);
        Some(())
    });
    removed.is_some()
}

/// The members, in the order in which they came.
pub(crate) fn list(host: &dyn Host, key: &str) -> Vec<u32> {
    let found = host.shared(key);
    let roster: Option<Roster> = found.and_then(|found| postcard::from_bytes(&found.value).ok());
    roster.map(|roster| roster.members).unwrap_or_default()
}

fn update<T>(
    host: &dyn Host,
    key: &str,
    mut change: impl FnMut(&mut Roster) -> Option<T>,
) -> Option<T> {
    for _ in 0..MAX_ATTEMPTS {
        let found = host.shared(key);
        let mut roster = found.as_ref().map_or_else(Roster::default, |found| {
            postcard::from_bytes(&found.value).unwrap_or_else(|_| Roster {
                // Who is still there puts itself back; its number must not be given again.
                next_member: (host.now_nanos() >> 20) as u32,
                ..Roster::default()
            })
        });
        let outcome = change(&mut roster)?;
        let bytes = postcard::to_allocvec(&roster).ok()?;
        if host.set_shared(key, &bytes, Expected::from_read(found.as_ref())).is_ok() {
            return Some(outcome);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn applicant(fingerprint: u64, configured_at_nanos: u64, superseded: bool) -> Applicant {
        Applicant { fingerprint, configured_at_nanos, superseded }
    }

    fn generation(roster: &mut Roster, applicant: Applicant) -> u32 {
        roster.admit(&applicant).unwrap().generation
    }

    #[test]
    fn contexts_of_one_config_share_a_generation_and_no_number() {
        let mut roster = Roster::default();
        let all: Vec<_> =
            (0..3).map(|i| roster.admit(&applicant(7, 100 + i, false)).unwrap()).collect();
        assert!(all.iter().all(|membership| membership.generation == 1));
        assert_eq!(roster.members, [0, 1, 2]);
    }

    #[test]
    fn a_later_config_is_newer_even_when_it_is_an_old_one_again() {
        let mut roster = Roster::default();
        assert_eq!(generation(&mut roster, applicant(7, 100, false)), 1);
        assert_eq!(generation(&mut roster, applicant(8, 200, false)), 2);
        assert_eq!(generation(&mut roster, applicant(7, 300, false)), 3);
    }

    #[test]
    fn a_context_that_ticks_late_is_not_newer() {
        let mut roster = Roster::default();
        assert_eq!(generation(&mut roster, applicant(8, 200, false)), 1);
        assert_eq!(generation(&mut roster, applicant(7, 100, false)), 0);
        assert_eq!(generation(&mut roster, applicant(7, 300, true)), 0);
        assert_eq!(roster.generation, 1);
    }

    #[test]
    fn the_list_is_bounded() {
        let mut roster = Roster { members: vec![0; MAX_MEMBERS], ..Roster::default() };
        assert_eq!(roster.admit(&applicant(1, 1, false)), None);
    }
}
