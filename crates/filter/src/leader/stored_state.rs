//! The merged state, as it lies in shared data for whoever leads next, and what the leader keeps beside it.

use std::collections::BTreeMap;
use std::rc::Rc;

use serde::{Deserialize, Serialize};
use tidegate_core::alert::Alerts;
use tidegate_core::observatory::{Settings, State};

use super::decisions::Decisions;
use super::given::{Completed, Given};
use super::journal::Extent;
use crate::errand::fetch::FetchCounts;
use crate::errand::storage::TransferCounts;
use crate::errand::webhook::Outbox;
use crate::host::Host;
use crate::shared_data::keys::Keys;
use crate::shared_data::silences::Silences;

/// Looks at the shared state while another leader writes it.
pub(super) const MAX_ATTEMPTS: usize = 4;

/// What the leader keeps beside the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Header {
    /// Who wrote it.
    pub(crate) writer: u32,
    /// Which write it is. It never falls, not even when a state is lost.
    pub(crate) revision: u64,
    /// Ticks of all leaders.
    pub(crate) ticks: u64,
    /// How often another member took over.
    pub(crate) takeovers: u64,
    /// How often a state could not be read and a new one was begun.
    pub(crate) resets: u64,
    /// Whether the state of before the gateway's start is still looked for.
    pub(crate) awaits_former: bool,
}

/// The header of a root.
pub(super) fn header(root: &[u8]) -> Option<Header> {
    postcard::take_from_bytes(root).ok().map(|(header, _)| header)
}

/// The merged state and what is beside it. In shared data, all but the state is the root, written at each tick.
#[derive(Debug)]
pub(crate) struct StoredState {
    pub(crate) header: Header,
    pub(crate) alerts: Alerts,
    pub(crate) decisions: Decisions,
    pub(crate) outbox: Outbox,
    pub(crate) fetches: FetchCounts,
    pub(crate) given: Given,
    pub(crate) silences: Silences,
    pub(crate) transfers: TransferCounts,
    pub(crate) state: State,
}

impl StoredState {
    /// A state that has seen nothing.
    pub(crate) fn new(header: Header) -> Self {
        Self {
            header,
            alerts: Alerts::default(),
            decisions: Decisions::default(),
            outbox: Outbox::default(),
            fetches: FetchCounts::default(),
            given: Given::default(),
            silences: Silences::default(),
            transfers: TransferCounts::default(),
            state: State::default(),
        }
    }

    /// The state as it is shared now; `None` when there is none that can be read.
    pub(crate) fn load(host: &dyn Host, keys: &Keys, settings: &Rc<Settings>) -> Option<Self> {
        (0..MAX_ATTEMPTS).find_map(|_| {
            let root = host.shared(&keys.state)?.value;
            let (mut stored, extent) = Self::decode_root(&root)?;
            let settings = Completed::default().settings(settings, &stored.given);
            stored.state = extent.read(host, keys, &settings)?;
            Some(stored)
        })
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (beside, state) = Self::decode_beside(bytes)?;
        Some(Self { state: State::decode(state).ok()?, ..beside })
    }

    /// Reads a root: everything but the state, and where that lies.
    pub(crate) fn decode_root(bytes: &[u8]) -> Option<(Self, Extent)> {
        let (stored, extent) = Self::decode_beside(bytes)?;
        let (extent, rest) = postcard::take_from_bytes::<Extent>(extent).ok()?;
        (rest.is_empty() && extent.is_sound()).then_some((stored, extent))
    }

    fn decode_beside(bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (beside, rest) = postcard::take_from_bytes(bytes).ok()?;
        let (header, alerts, decisions, outbox, fetches, given, silences, transfers) = beside;
        let silences: Vec<u8> = silences;
        let silences = Silences::decode(&silences);
        let state = State::default();
        Some((
            Self { header, alerts, decisions, outbox, fetches, given, silences, transfers, state },
            rest,
        ))
    }

    /// Goes on from the state of before the gateway's start, with what was counted since; without one, from
    /// here.
    pub(crate) fn resume(&mut self, former: Option<Self>, settings: &Settings) {
        self.header.awaits_former = false;
        let Some(former) = former else { return };
        let own = std::mem::replace(self, Self { header: self.header, ..former });
        let Header { ticks, takeovers, resets, .. } = former.header;
        self.header.ticks += ticks;
        self.header.takeovers += takeovers;
        self.header.resets += resets;
        add(&mut self.fetches, own.fetches);
        add(&mut self.transfers, own.transfers);
        self.given.update(own.given);
        self.state.merge(own.state, settings);
    }

    /// All of it, as it is kept in a store.
    pub(crate) fn encode(&self) -> Vec<u8> {
        self.state.encode_behind(self.encode_beside())
    }

    /// What [`StoredState::decode_root`] reads.
    pub(crate) fn encode_root(&self, extent: Extent) -> Vec<u8> {
        postcard::to_extend(&extent, self.encode_beside()).unwrap_or_default()
    }

    fn encode_beside(&self) -> Vec<u8> {
        let Self { header, alerts, decisions, outbox, fetches, given, silences, transfers, .. } =
            self;
        let silences = silences.encode();
        let beside = (header, alerts, decisions, outbox, fetches, given, silences, transfers);
        postcard::to_extend(&beside, Vec::new()).unwrap_or_default()
    }
}

fn add<K: Ord>(counts: &mut BTreeMap<K, u64>, more: BTreeMap<K, u64>) {
    for (key, count) in more {
        *counts.entry(key).or_default() += count;
    }
}
