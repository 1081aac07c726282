//! The requests of a worker's own: which are sent when, and what comes of them.

use super::Worker;
use crate::errand::storage;
use crate::errand::webhook::{self, Delivery, Receipt, Sending};
use crate::host::{Answer, Call, Host, LogLevel};
use crate::leader;
use crate::leader::stored_state::StoredState;

/// Of the answer of a webhook only the status is looked at.
const MAX_WEBHOOK_ANSWER_BYTES: usize = 0;

/// What a call of the filter's own is for.
#[derive(Debug)]
pub(super) enum Errand {
    /// A letter to a webhook.
    Webhook { name: String, letter: u64 },
    /// The reference of a model.
    Fetch { place: usize },
    /// The state of before the start.
    ReadState,
    /// The state, for the next start.
    WriteState,
}

impl Worker {
    /// Sends letters to webhooks.
    pub(super) fn send(&mut self, host: &dyn Host, sendings: Vec<Sending>) {
        for Sending { webhook: name, letter, body } in sendings {
            let webhook = self.orders.webhooks.iter().find(|webhook| webhook.name == name);
            let Some(webhook) = webhook else { continue };
            let content_type = ("content-type", webhook::content_type(webhook.format));
            let own = webhook.headers.iter().map(|(name, value)| (name.as_str(), value.0.as_str()));
            let call = Call {
                cluster: &webhook.cluster,
                method: "POST",
                path: &webhook.path,
                authority: &webhook.authority,
                headers: own.chain([content_type]).collect(),
                body: body.as_bytes(),
                timeout_millis: webhook.timeout_millis,
                max_answer_bytes: MAX_WEBHOOK_ANSWER_BYTES,
            };
            if let Err(errand) = self.calls.send(host, &call, Errand::Webhook { name, letter }) {
                self.settle(host, errand, &Answer::default());
            }
        }
    }

    /// Fetches the references that are due.
    pub(super) fn fetch(&mut self, host: &dyn Host) {
        for place in self.fetches.take_due(host.now_nanos()) {
            let Some(call) = self.fetches.call(place) else { continue };
            if let Err(errand) = self.calls.send(host, &call, Errand::Fetch { place }) {
                self.settle(host, errand, &Answer::default());
            }
        }
    }

    /// Whether a leader that has just begun should wait for the state of before the start.
    pub(super) fn waits_for_former(&mut self, host: &dyn Host) -> bool {
        let Some(storage) = &mut self.storage else { return false };
        if !storage.is_resumed() && leader::has_begun(host, &self.common.plan.keys) {
            storage.set_resumed();
        }
        let now_nanos = host.now_nanos();
        if storage.is_resumed() || !storage.holds_back(now_nanos) {
            return false;
        }
        self.read_state(host);
        // What comes at once, such as that there is no such cluster, is no reason to begin.
        self.storage.as_ref().is_some_and(|storage| storage.holds_back(now_nanos))
    }

    /// Asks for the state of before the start, if that is due.
    fn read_state(&mut self, host: &dyn Host) {
        let Some(storage) = &mut self.storage else { return };
        if storage.begin(host.now_nanos())
            && let Err(errand) = self.calls.send(host, &storage.read(), Errand::ReadState)
        {
            self.settle(host, errand, &Answer::default());
        }
    }

    /// Writes the state to its store, if that is due; or looks for the former one, if that is still to come.
    pub(super) fn keep_state(&mut self, host: &dyn Host) {
        let Some(storage) = &mut self.storage else { return };
        storage.forget_transfers();
        if self.leader.awaits_former() {
            return self.read_state(host);
        }
        storage.set_resumed();
        if !storage.begin(host.now_nanos()) {
            return;
        }
        let sealed = self.leader.settled().and_then(|state| storage::seal(&state));
        let sent = sealed.is_some_and(|sealed| {
            self.calls.send(host, &storage.write(&sealed), Errand::WriteState).is_ok()
        });
        if !sent {
            self.settle(host, Errand::WriteState, &Answer::default());
        }
    }

    /// A call is over.
    pub(super) fn settle(&mut self, host: &dyn Host, errand: Errand, answer: &Answer) {
        match errand {
            Errand::Webhook { name, letter } => {
                let delivery = Delivery::of(answer.status());
                if delivery != Delivery::Delivered {
                    let why = answer.status().map_or_else(
                        || "it cannot be reached".into(),
                        |status| format!("it answers {status}"),
                    );
                    host.log(LogLevel::Warn, &format!("webhook `{name}` was not told: {why}"));
                }
                self.receipts.push(Receipt { webhook: name, letter, delivery });
            }
            Errand::Fetch { place } => {
                self.fetched.extend(self.fetches.settle(host, place, answer));
            }
            Errand::ReadState => {
                if let Some(storage) = &mut self.storage {
                    let is_state = |bytes: &[u8]| StoredState::decode(bytes).is_some();
                    storage.settle_read(host, answer, is_state);
                }
            }
            Errand::WriteState => {
                if let Some(storage) = &mut self.storage {
                    storage.settle_write(host, answer);
                }
            }
        }
    }
}
