//! Who is not to be called: what operators said, for whoever leads.

use serde::{Deserialize, Serialize};
use tidegate_core::alert::Silence;

use crate::host::{Expected, Host};

/// Silences at a time.
pub(crate) const MAX_SILENCES: usize = 64;
/// Lost races after which a change is given up.
const MAX_ATTEMPTS: usize = 8;

/// A silence and its number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Numbered {
    pub(crate) id: u64,
    #[serde(flatten)]
    pub(crate) silence: Silence,
}

/// All that have not ended, oldest first.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Silences(pub(crate) Vec<Numbered>);

/// Why a change was not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotChanged {
    /// There are too many.
    Full,
    /// There is none of this number.
    Absent,
    /// Others were faster each time.
    Contended,
}

impl Silences {
    /// Those of now.
    pub(crate) fn read(host: &dyn Host, key: &str) -> Self {
        let found = host.shared(key).map(|found| found.value);
        Self::decode(&found.unwrap_or_default()).without_ended(host)
    }

    /// Adds one, and tells its number.
    ///
    /// # Errors
    /// [`NotChanged`].
    pub(crate) fn add(host: &dyn Host, key: &str, silence: &Silence) -> Result<u64, NotChanged> {
        change(host, key, |silences| {
            if silences.0.len() >= MAX_SILENCES {
                return Err(NotChanged::Full);
            }
            let after = silences.0.last().map_or(0, |last| last.id.saturating_add(1));
            let id = after.max(host.now_nanos() / 1_000_000);
            silences.0.push(Numbered { id, silence: silence.clone() });
            Ok(id)
        })
    }

    /// Ends one.
    ///
    /// # Errors
    /// [`NotChanged`].
    pub(crate) fn remove(host: &dyn Host, key: &str, id: u64) -> Result<(), NotChanged> {
        change(host, key, |silences| {
            let before = silences.0.len();
            silences.0.retain(|one| one.id != id);
            if silences.0.len() < before { Ok(()) } else { Err(NotChanged::Absent) }
        })
    }

    /// Puts these, of before the gateway's start, beside what was told since. Where there is no room for all, the
    /// newest stay.
    pub(crate) fn restore(&self, host: &dyn Host, key: &str) {
        if self.0.is_empty() {
            return;
        }
        let _ = change(host, key, |silences| {
            let is_there = |id| silences.0.iter().any(|own| own.id == id);
            let former: Vec<Numbered> =
                self.0.iter().filter(|one| !is_there(one.id)).cloned().collect();
            silences.0.extend(former);
            silences.0.sort_by_key(|one| one.id);
            let excess = silences.0.len().saturating_sub(MAX_SILENCES);
            silences.0.drain(..excess);
            Ok(())
        });
    }

    /// Without their numbers.
    pub(crate) fn plain(&self) -> Vec<Silence> {
        self.0.iter().map(|one| one.silence.clone()).collect()
    }

    /// As JSON, for silences are few, and their type has parts that are left out.
    pub(crate) fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(&self.0).unwrap_or_default()
    }

    pub(crate) fn decode(bytes: &[u8]) -> Self {
        Self(serde_json::from_slice(bytes).unwrap_or_default())
    }

    fn without_ended(mut self, host: &dyn Host) -> Self {
        let now_seconds = host.now_nanos() as f64 / 1e9;
        self.0.retain(|one| now_seconds < one.silence.until_seconds);
        self
    }
}

fn change<T>(
    host: &dyn Host,
    key: &str,
    mut change: impl FnMut(&mut Silences) -> Result<T, NotChanged>,
) -> Result<T, NotChanged> {
    for _ in 0..MAX_ATTEMPTS {
        let found = host.shared(key);
        let expected = Expected::from_read(found.as_ref());
        let value = found.map(|found| found.value).unwrap_or_default();
        let mut silences = Silences::decode(&value).without_ended(host);
        let changed = change(&mut silences)?;
        if host.set_shared(key, &silences.encode(), expected).is_ok() {
            return Ok(changed);
        }
    }
    Err(NotChanged::Contended)
}
