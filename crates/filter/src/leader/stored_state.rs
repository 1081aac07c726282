//! The merged state, as it lies in shared data for whoever leads next.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tidegate_core::alert::Alerts;
use tidegate_core::observatory::{Settings, State};

use super::decisions::Decisions;
use super::given::Given;
use crate::errand::fetch::FetchCounts;
use crate::errand::storage::TransferCounts;
use crate::errand::webhook::Outbox;
use crate::host::Host;
use crate::shared_data::silences::Silences;

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

/// The merged state as it is shared.
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
    pub(crate) fn load(host: &dyn Host, key: &str) -> Option<Self> {
        Self::decode(&host.shared(key)?.value)
    }

    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let (header, rest) = postcard::take_from_bytes(bytes).ok()?;
        let (alerts, rest) = postcard::take_from_bytes(rest).ok()?;
        let (decisions, rest) = postcard::take_from_bytes(rest).ok()?;
        let (outbox, rest) = postcard::take_from_bytes(rest).ok()?;
        let (fetches, rest) = postcard::take_from_bytes(rest).ok()?;
        let (given, rest) = postcard::take_from_bytes(rest).ok()?;
        let (silences, rest) = postcard::take_from_bytes::<Vec<u8>>(rest).ok()?;
        let silences = Silences::decode(&silences);
        let (transfers, state) = postcard::take_from_bytes(rest).ok()?;
        let state = State::decode(state).ok()?;
        Some(Self { header, alerts, decisions, outbox, fetches, given, silences, transfers, state })
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

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut bytes = postcard::to_allocvec(&self.header).unwrap_or_default();
        bytes.extend(postcard::to_allocvec(&self.alerts).unwrap_or_default());
        bytes.extend(postcard::to_allocvec(&self.decisions).unwrap_or_default());
        bytes.extend(postcard::to_allocvec(&self.outbox).unwrap_or_default());
        bytes.extend(postcard::to_allocvec(&self.fetches).unwrap_or_default());
        bytes.extend(postcard::to_allocvec(&self.given).unwrap_or_default());
        bytes.extend(postcard::to_allocvec(&self.silences.encode()).unwrap_or_default());
        bytes.extend(postcard::to_allocvec(&self.transfers).unwrap_or_default());
        bytes.extend(self.state.encode());
        bytes
    }
}

fn add<K: Ord>(counts: &mut BTreeMap<K, u64>, more: BTreeMap<K, u64>) {
    for (key, count) in more {
        *counts.entry(key).or_default() += count;
    }
}
