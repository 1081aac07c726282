//! What one webhook was told, is being told, and is still to be told.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};
use tidegate_core::alert::{Alert, AlertState, Notification, Notifier, NotifySettings, Silence};
use tidegate_core::remediation::Decision;

use super::letter::{self, Stamp};
use crate::config::{Webhook, WebhookFormat};

/// Letters that wait, and the bytes of their bodies: the whole state is written at each tick.
const MAX_LETTERS: usize = 128;
const MAX_LETTER_BYTES: usize = 1 << 20;
/// Alerts in one letter.
const MAX_ALERTS: usize = 50;
/// How long a webhook is left alone after it failed, in seconds: at first, and at most.
const FIRST_PAUSE_SECONDS: f64 = 1.0;
const LONGEST_PAUSE_SECONDS: f64 = 300.0;
/// How much longer than its timeout an answer is waited for, in seconds, by whoever leads then.
const GRACE_SECONDS: f64 = 10.0;

/// How the delivery of a letter ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// It was taken.
    Delivered,
    /// It was not, and may be when it is sent again.
    Failed,
    /// It was not, and never will be.
    Rejected,
}

impl Delivery {
    /// By the status of an answer, if one came.
    pub(crate) fn of(status: Option<u16>) -> Self {
        match status {
            Some(200..=299) => Self::Delivered,
            Some(408 | 429 | 500..) | None => Self::Failed,
            Some(_) => Self::Rejected,
        }
    }
}

/// What one webhook was told and is to be told, oldest first. One letter is under way at a time, so
/// that they come in order.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Receiver {
    notifier: Notifier,
    letters: VecDeque<Letter>,
    /// The number of the last letter.
    last_id: u64,
    /// Until when the answer to the first letter is waited for, in seconds since 1970.
    under_way_until: Option<f64>,
    /// Failures since a letter was taken.
    failures: u32,
    /// Until when it is left alone, in seconds since 1970.
    paused_until: f64,
    /// Letters and attempts by what became of them.
    results: BTreeMap<String, u64>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Letter {
    id: u64,
    body: String,
    /// The group of alerts that it is about, if it is about alerts.
    group: Option<BTreeMap<String, String>>,
    /// Whether it tells that an alert is over, which no later letter about its group repeats.
    tells_an_end: bool,
}

impl Receiver {
    /// Writes the letters of a tick.
    pub(super) fn write(
        &mut self,
        webhook: &Webhook,
        source: &str,
        (alerts, decisions, silences): (&[Alert], &[Decision], &[Silence]),
        now_seconds: f64,
    ) {
        let settings = NotifySettings {
            group_by: match webhook.format {
                // It groups by itself.
                WebhookFormat::Alertmanager => Vec::new(),
                WebhookFormat::CloudEvents => vec!["alertname".into()],
            },
            repeat_seconds: webhook.repeat_seconds,
            silences: silences.to_vec(),
        };
        for notification in self.notifier.due(now_seconds, alerts, &settings) {
            let Notification { group, alerts } = notification;
            let mut place = self.supersede(&group);
            for alerts in alerts.chunks(MAX_ALERTS) {
                let stamp = self.stamp(source, now_seconds);
                let body = letter::of_alerts(webhook, stamp, &group, alerts);
                let is_over = |alert: &Alert| alert.state == AlertState::Resolved;
                let tells_an_end = alerts.iter().any(is_over);
                let group = Some(group.clone());
                place = self.queue(place, Letter { id: stamp.id, body, group, tells_an_end });
            }
        }
        if webhook.format != WebhookFormat::CloudEvents {
            return;
        }
        for decision in decisions {
            if decision.dry_run && letter::is_request(decision) {
                self.count("dry_run");
                continue;
            }
            let stamp = self.stamp(source, now_seconds);
            let body = letter::of_decision(stamp, decision);
            let letter = Letter { id: stamp.id, body, group: None, tells_an_end: false };
            self.queue(self.letters.len(), letter);
        }
    }

    /// The number and the body of the letter that is to be sent now, if one is.
    pub(super) fn send(&mut self, webhook: &Webhook, now_seconds: f64) -> Option<(u64, String)> {
        let wait_seconds = f64::from(webhook.timeout_millis) / 1000.0 + GRACE_SECONDS;
        let is_over = |until, longest| !is_ahead(until, now_seconds, longest);
        if self.under_way_until.is_some_and(|until| is_over(until, wait_seconds)) {
            self.fail(now_seconds);
        }
        let is_paused = is_ahead(self.paused_until, now_seconds, LONGEST_PAUSE_SECONDS);
        if self.under_way_until.is_some() || is_paused {
            return None;
        }
        let letter = self.letters.front()?;
        self.under_way_until = Some(now_seconds + wait_seconds);
        Some((letter.id, letter.body.clone()))
    }

    /// Takes the end of a delivery; nothing happens when it is not under way any more.
    pub(super) fn settle(&mut self, id: u64, delivery: Delivery, now_seconds: f64) {
        let is_under_way = self.under_way_until.is_some();
        if !is_under_way || self.letters.front().is_none_or(|letter| letter.id != id) {
            return;
        }
        match delivery {
            Delivery::Failed => self.fail(now_seconds),
            Delivery::Delivered | Delivery::Rejected => {
                let is_taken = delivery == Delivery::Delivered;
                self.count(if is_taken { "delivered" } else { "rejected" });
                self.letters.pop_front();
                self.under_way_until = None;
                self.failures = 0;
            }
        }
    }

    pub(super) fn waiting(&self) -> u64 {
        self.letters.len() as u64
    }

    pub(super) fn results(&self) -> impl Iterator<Item = (&str, u64)> {
        self.results.iter().map(|(result, count)| (result.as_str(), *count))
    }

    fn fail(&mut self, now_seconds: f64) {
        self.count("failed");
        self.under_way_until = None;
        self.failures = self.failures.saturating_add(1);
        let pause = (1..self.failures).take(16).fold(FIRST_PAUSE_SECONDS, |pause, _| pause * 2.0);
        self.paused_until = now_seconds + pause.min(LONGEST_PAUSE_SECONDS);
    }

    /// Numbers begin at the time, so that none comes again when the state is lost.
    fn stamp<'s>(&mut self, source: &'s str, now_seconds: f64) -> Stamp<'s> {
        self.last_id = (self.last_id + 1).max((now_seconds * 1000.0) as u64);
        Stamp { source, id: self.last_id, now_seconds }
    }

    /// Takes out what a letter about these alerts says anew, and returns the place for it.
    fn supersede(&mut self, group: &BTreeMap<String, String>) -> usize {
        let fixed = usize::from(self.under_way_until.is_some());
        let is_stale =
            |letter: &Letter| letter.group.as_ref() == Some(group) && !letter.tells_an_end;
        let mut place = None;
        let mut index = fixed;
        while let Some(letter) = self.letters.get(index) {
            if is_stale(letter) {
                self.letters.remove(index);
                self.count("superseded");
                place.get_or_insert(index);
            } else {
                index += 1;
            }
        }
        place.unwrap_or(self.letters.len())
    }

    /// Puts a letter in its place, and returns the place after it. The oldest letters make room, but not
    /// the one that is under way.
    fn queue(&mut self, mut place: usize, letter: Letter) -> usize {
        let fixed = usize::from(self.under_way_until.is_some());
        let has_room = |letters: &VecDeque<Letter>| {
            let bytes: usize = letters.iter().map(|letter| letter.body.len()).sum();
            letters.len() < MAX_LETTERS && bytes + letter.body.len() <= MAX_LETTER_BYTES
        };
        while !has_room(&self.letters) {
            let Some(dropped) = self.letters.remove(fixed) else { break };
            place = place.saturating_sub(1).max(fixed);
            self.lose(dropped);
        }
        if has_room(&self.letters) {
            place = place.min(self.letters.len());
            self.letters.insert(place, letter);
            place + 1
        } else {
            self.lose(letter);
            place
        }
    }

    /// What a lost letter said of alerts that fire is due again at the next repetition of theirs.
    fn lose(&mut self, letter: Letter) {
        self.count("dropped");
        if let Some(group) = letter.group
            && self.letters.iter().all(|other| other.group.as_ref() != Some(&group))
        {
            self.notifier.failed(&Notification { group, alerts: Vec::new() });
        }
    }

    fn count(&mut self, result: &str) {
        *self.results.entry(result.into()).or_default() += 1;
    }
}

/// Whether a time is still to come; one that is too far ahead is from before the clock was set back.
fn is_ahead(until_seconds: f64, now_seconds: f64, longest_seconds: f64) -> bool {
    (0.0..=longest_seconds).contains(&(until_seconds - now_seconds)) && until_seconds > now_seconds
}
