//! Who is told of alerts and decisions outside of the gateway.
//!
//! The leader writes letters as part of its state, and sends only what it has written: whoever leads next
//! goes on where it stopped. A letter that was sent by a leader that then died is sent once more, with the
//! same number.

mod letter;
mod receiver;
mod time;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use tidegate_core::alert::{Alert, Silence};
use tidegate_core::metric::{Family, Kind};
use tidegate_core::remediation::Decision;

pub(crate) use self::letter::content_type;
pub(crate) use self::receiver::Delivery;
use self::receiver::Receiver;
use crate::config::Webhook;

/// A letter that is to be sent now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sending {
    /// The name of the webhook.
    pub(crate) webhook: String,
    /// The number of the letter.
    pub(crate) letter: u64,
    pub(crate) body: String,
}

/// How the delivery of a letter ended, and of which.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Receipt {
    pub(crate) webhook: String,
    pub(crate) letter: u64,
    pub(crate) delivery: Delivery,
}

/// The letters of all webhooks, by their names.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Outbox {
    receivers: BTreeMap<String, Receiver>,
}

impl Outbox {
    /// Takes the ends of deliveries.
    pub(crate) fn settle(&mut self, receipts: &[Receipt], now_seconds: f64) {
        for receipt in receipts {
            if let Some(receiver) = self.receivers.get_mut(&receipt.webhook) {
                receiver.settle(receipt.letter, receipt.delivery, now_seconds);
            }
        }
    }

    /// Writes the letters of a tick, and takes out what is to be sent. Webhooks that no config names any
    /// more are forgotten.
    pub(crate) fn tick(
        &mut self,
        webhooks: &[Webhook],
        source: &str,
        (alerts, decisions, silences): (&[Alert], &[Decision], &[Silence]),
        now_seconds: f64,
    ) -> Vec<Sending> {
        self.receivers.retain(|name, _| webhooks.iter().any(|webhook| webhook.name == *name));
        let mut sendings = Vec::new();
        for webhook in webhooks {
            let receiver = self.receivers.entry(webhook.name.clone()).or_default();
            receiver.write(webhook, source, (alerts, decisions, silences), now_seconds);
            if let Some((letter, body)) = receiver.send(webhook, now_seconds) {
                sendings.push(Sending { webhook: webhook.name.clone(), letter, body });
            }
        }
        sendings
    }

    pub(crate) fn families(&self) -> [Family; 2] {
        let mut results = Family::new(
            "tidegate_webhooks_total",
            Kind::Counter,
            "Messages to webhooks: delivered, rejected, superseded by a later one, dropped because too \
             many waited, not sent in a dry run; and attempts that failed.",
        );
        let mut waiting = Family::new(
            "tidegate_webhooks_waiting",
            Kind::Gauge,
            "Messages to webhooks that are not delivered yet.",
        );
        for (name, receiver) in &self.receivers {
            for (result, count) in receiver.results() {
                results.push_count(&[("receiver", name), ("result", result)], count);
            }
            waiting.push_count(&[("receiver", name)], receiver.waiting());
        }
        [results, waiting]
    }
}
