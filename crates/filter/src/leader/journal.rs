//! How the state lies in shared data: whole as it was at some tick, and what came since as a journal.
//!
//! A state is as long as what is known of predictions and units, and of that a tick changes little. So a tick adds to
//! the journal what it took from the mailboxes, as that came, and the state is written whole only now and then; who reads
//! it does again what the journal says.
//!
//! # Invariants
//! * Under its keys only the member that they name writes, and what it writes counts from then on that a
//!   compare-and-swap of the root says so. A piece that the root may name is never overwritten but by more of the same.
//! * The journal is done again as it was done: with other settings, given profiles or references the state is written
//!   whole.

use std::rc::Rc;

use serde::{Deserialize, Serialize};
use tidegate_core::observatory::{ReferenceId, Settings, State};

use crate::host::{Expected, Host};
use crate::shared_data::keys::Keys;
use crate::shared_data::mailbox;

/// Places for pieces of one member; those of a state are fewer, so that the next one has room beside it.
const PLACES: u32 = 64;
/// Entries of the journal share a chunk of so many bytes, which is written again with each; a longer one has its own.
const CHUNK_BYTES: usize = 16 << 10;
/// The journal is so many times shorter than the whole, so that to write that costs a tick little on average, and to do
/// the journal again adds little to reading it.
const WHOLE_BY_JOURNAL: usize = 4;
/// Ticks that a reader does again at most.
const MAX_TICKS: u32 = 60;

/// Where the state lies: told by the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct Extent {
    /// Who wrote it.
    member: u32,
    /// The revision that was written whole: each piece begins with it.
    revision: u64,
    /// The place of the whole; the chunks of the journal follow, and after the last place comes the first.
    place: u32,
    chunks: u32,
    /// Bytes of the last chunk that count.
    last_bytes: u32,
}

impl Extent {
    /// Whether there is room for it: true of all but a damaged one.
    pub(crate) const fn is_sound(&self) -> bool {
        self.place < PLACES && self.chunks < PLACES
    }

    /// The state, with what the journal says done again; `None` when it is damaged, of another version, or overwritten.
    pub(crate) fn read(&self, host: &dyn Host, keys: &Keys, settings: &Settings) -> Option<State> {
        let whole = self.piece(host, keys, 0)?;
        let mut state = State::decode(whole.get(STAMP_BYTES..)?).ok()?;
        drop(whole);
        for index in 1..=self.chunks {
            let chunk = self.piece(host, keys, index)?;
            let end = if index == self.chunks { self.last_bytes as usize } else { chunk.len() };
            let mut entries = chunk.get(STAMP_BYTES..end)?;
            while !entries.is_empty() {
                entries = repeat(entries, &mut state, settings)?;
            }
        }
        Some(state)
    }

    /// The whole, or a chunk by its number.
    fn piece(&self, host: &dyn Host, keys: &Keys, index: u32) -> Option<Vec<u8>> {
        let piece = host.shared(&self.key(keys, index))?.value;
        self.is_stamped(&piece).then_some(piece)
    }

    fn key(&self, keys: &Keys, index: u32) -> String {
        keys.state_piece(self.member, self.place.wrapping_add(index) % PLACES)
    }

    /// Whether it is another, or that and more behind it.
    pub(crate) fn goes_on(&self, other: &Self) -> bool {
        (self.member, self.revision) == (other.member, other.revision)
    }

    /// Empties the pieces, which no root names any more. Those of another are looked at first, for it may have written
    /// anew meanwhile.
    pub(crate) fn clear(&self, host: &dyn Host, keys: &Keys, member: u32) {
        for index in 0..=self.chunks {
            let key = self.key(keys, index);
            let expected = if self.member == member {
                Some(Expected::Any)
            } else {
                let found = host.shared(&key).filter(|found| self.is_stamped(&found.value));
                found.map(|found| Expected::Version(found.version))
            };
            if let Some(expected) = expected {
                // Where that fails it is written over another time.
                let _kept = host.set_shared(&key, &[], expected);
            }
        }
    }

    fn is_stamped(&self, piece: &[u8]) -> bool {
        piece.starts_with(&self.revision.to_le_bytes())
    }
}

/// Bytes of the revision that a piece begins with.
const STAMP_BYTES: usize = size_of::<u64>();

/// Does one entry again, and returns those behind it.
fn repeat<'e>(entry: &'e [u8], state: &mut State, settings: &Settings) -> Option<&'e [u8]> {
    let (at_seconds, rest) = entry.split_first_chunk()?;
    let (deltas, mut rest) = rest.split_first_chunk()?;
    for _ in 0..u32::from_le_bytes(*deltas) {
        let (bytes, behind) = rest.split_first_chunk()?;
        let (delta, behind) = behind.split_at_checked(u32::from_le_bytes(*bytes) as usize)?;
        state.apply(mailbox::decode(delta), settings);
        rest = behind;
    }
    state.tick(f64::from_le_bytes(*at_seconds), settings);
    Some(rest)
}

fn length(of: usize) -> [u8; 4] {
    u32::try_from(of).unwrap_or(u32::MAX).to_le_bytes()
}

/// What the journal is done again with: where it changes, the state is written whole.
#[derive(Debug)]
pub(crate) struct Basis {
    /// What deltas are applied by, and what the state is ticked by.
    settings: [Rc<Settings>; 2],
    references: Vec<ReferenceId>,
}

impl Basis {
    pub(crate) fn new(settings: [&Rc<Settings>; 2], state: &State) -> Self {
        Self { settings: settings.map(Rc::clone), references: state.references().ids().collect() }
    }
}

impl PartialEq for Basis {
    fn eq(&self, other: &Self) -> bool {
        let mut settings = self.settings.iter().zip(&other.settings);
        settings.all(|(own, other)| Rc::ptr_eq(own, other)) && self.references == other.references
    }
}

/// What a leader knows of the pieces that it wrote.
#[derive(Debug)]
pub(crate) struct Journal {
    extent: Extent,
    basis: Basis,
    /// The last chunk as it lies there.
    chunk: Vec<u8>,
    whole_bytes: usize,
    journal_bytes: usize,
    ticks: u32,
}

/// A piece could not be written.
#[derive(Debug)]
pub(crate) struct NotWritten;

impl Journal {
    /// Writes a state whole, beside the pieces that the root names now.
    pub(crate) fn begin(
        host: &dyn Host,
        keys: &Keys,
        (member, revision): (u32, u64),
        (state, basis): (&State, Basis),
        former: Extent,
        expected_bytes: usize,
    ) -> Result<Self, NotWritten> {
        let is_own = former.member == member;
        let place = if is_own { former.place.wrapping_add(former.chunks + 1) % PLACES } else { 0 };
        let extent = Extent { member, revision, place, chunks: 0, last_bytes: 0 };
        let mut whole = Vec::with_capacity(expected_bytes);
        whole.extend(revision.to_le_bytes());
        let whole = state.encode_behind(whole);
        let whole_bytes = whole.len();
        write(host, &extent.key(keys, 0), &whole)?;
        Ok(Self { extent, basis, chunk: Vec::new(), whole_bytes, journal_bytes: 0, ticks: 0 })
    }

    /// Adds what a tick applied; `None` when the state is to be written whole instead.
    pub(crate) fn add(
        mut self,
        host: &dyn Host,
        keys: &Keys,
        (at_seconds, deltas): (f64, &[Vec<u8>]),
        basis: &Basis,
    ) -> Option<Result<Self, NotWritten>> {
        let bytes = deltas.iter().fold(12, |sum, delta| sum + 4 + delta.len());
        let begins = self.chunk.is_empty() || self.chunk.len() + bytes > CHUNK_BYTES;
        let chunks = self.extent.chunks + u32::from(begins);
        self.journal_bytes += bytes;
        self.ticks += 1;
        let is_long = self.journal_bytes > self.whole_bytes / WHOLE_BY_JOURNAL;
        // Behind the chunks the next whole has its place.
        if is_long || self.ticks > MAX_TICKS || chunks + 2 >= PLACES || self.basis != *basis {
            return None;
        }
        if begins {
            self.chunk.clear();
            self.chunk.extend(self.extent.revision.to_le_bytes());
        }
        self.chunk.extend(at_seconds.to_le_bytes());
        self.chunk.extend(length(deltas.len()));
        for delta in deltas {
            self.chunk.extend(length(delta.len()));
            self.chunk.extend(delta);
        }
        self.extent.chunks = chunks;
        self.extent.last_bytes = u32::try_from(self.chunk.len()).ok()?;
        Some(write(host, &self.extent.key(keys, chunks), &self.chunk).map(|()| self))
    }

    pub(crate) const fn extent(&self) -> Extent {
        self.extent
    }

    /// Bytes of the state when it was last written whole.
    pub(crate) const fn whole_bytes(&self) -> usize {
        self.whole_bytes
    }
}

fn write(host: &dyn Host, key: &str, piece: &[u8]) -> Result<(), NotWritten> {
    host.set_shared(key, piece, Expected::Any).map_err(|_| NotWritten)
}
