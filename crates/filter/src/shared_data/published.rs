//! What the leader publishes for all to read.

use crate::host::{Expected, Host};

/// Lost races after which publishing waits for the next tick.
const MAX_ATTEMPTS: usize = 8;

/// Something rendered from a state. The revision keeps a deposed leader from putting something old
/// over something newer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Published<'a> {
    pub(crate) revision: u64,
    pub(crate) bytes: &'a [u8],
}

impl<'a> Published<'a> {
    pub(crate) fn decode(value: &'a [u8]) -> Option<Self> {
        let (revision, bytes) = value.split_first_chunk()?;
        Some(Self { revision: u64::from_le_bytes(*revision), bytes })
    }

    pub(crate) fn write(&self, host: &dyn Host, key: &str) {
        // Revisions begin at the time in nanoseconds and grow by one a tick, so one from the future is
        // damage, or from before the clock was set back.
        let now_nanos = host.now_nanos();
        let is_newer = |there: &Published| (self.revision..now_nanos).contains(&there.revision);
        for _ in 0..MAX_ATTEMPTS {
            let found = host.shared(key);
            let expected = Expected::from_read(found.as_ref());
            let there = found.as_ref().and_then(|found| Published::decode(&found.value));
            if there.is_some_and(|there| is_newer(&there) || there.bytes == self.bytes) {
                return;
            }
            let value = [&self.revision.to_le_bytes()[..], self.bytes].concat();
            if host.set_shared(key, &value, expected).is_ok() {
                return;
            }
        }
    }
}
