//! One root context: a config, the counts since the last hand-over, and a tick a second.

mod errands;
mod identity;

use std::rc::Rc;

use tidegate_core::feedback::TokenCounts;
use tidegate_core::fnv::fnv1a;
use tidegate_core::observatory::{Delta, References};
use tidegate_core::remediation::Directives;

use self::errands::Errand;
use self::identity::{giver, source, storage};
use crate::admin::Told;
use crate::budget::Budget;
use crate::config::{Config, Problem};
use crate::errand::Calls;
use crate::errand::fetch::{Fetched, Fetches};
use crate::errand::storage::Storage;
use crate::errand::webhook::Receipt;
use crate::host::{Answer, CallId, Host, LogLevel};
use crate::leader::given::Awaited;
use crate::leader::{self, Deposed, Leader, News, Orders};
use crate::plan::Plan;
use crate::plan::settings::settings;
use crate::request::control::Control;
use crate::request::{Common, Over, Session};
use crate::shared_data::lease::{self, Candidate};
use crate::shared_data::mailbox;
use crate::shared_data::members::{self, Applicant, Membership};
use crate::shared_data::published::Published;
use crate::token::PredictionIds;

/// How often [`Worker::tick`] wants to be called.
pub const TICK_MILLIS: u32 = 1_000;

/// Requests that are over and wait to be read and counted together, at most, and the bytes that are held of
/// them. Reading and counting run through more code than the rest of a request, and code that has just run
/// runs thrice as fast.
const MAX_WAITING: usize = 32;
const MAX_WAITING_BYTES: usize = 65_536;

/// A root context.
#[derive(Debug)]
pub struct Worker {
    /// The config in a sentence.
    summary: String,
    orders: Orders,
    common: Rc<Common>,
    /// The write of the decisions that were read last.
    decision_version: Option<u32>,
    /// Requests that are over and not in the delta yet, each with when it ended, in seconds since 1970.
    waiting: Vec<(f64, Over)>,
    waiting_bytes: usize,
    delta: Delta,
    references: References,
    /// The write of the references that were read last.
    references_version: Option<u32>,
    fingerprint: u64,
    configured_at_nanos: u64,
    serves_streams: bool,
    membership: Option<Membership>,
    leader: Leader,
    leads: bool,
    calls: Calls<Errand>,
    /// How deliveries ended that the shared state does not know of yet.
    receipts: Vec<Receipt>,
    fetches: Fetches,
    /// What came of fetches that the shared state does not know of yet.
    fetched: Vec<Fetched>,
    storage: Option<Storage>,
    closed: bool,
}

impl Worker {
    /// Compiles a config. Nothing is shared yet, for the gateway also configures contexts that
    /// never live.
    ///
    /// # Errors
    /// Every problem of the config.
    pub fn configure(host: &dyn Host, config: &[u8]) -> Result<Self, Vec<Problem>> {
        let parsed = Config::parse(config)?;
        let settings = Rc::new(settings(&parsed));
        let orders = Orders {
            settings: Rc::clone(&settings),
            awaited: Awaited::new(&parsed),
            policies: parsed.remediation.clone(),
            webhooks: parsed.webhooks.clone(),
            source: source(host, &parsed.instance),
            keeps_state: parsed.state.is_some(),
        };
        let summary = summary(&parsed, config.trim_ascii().is_empty());
        let storage = parsed.state.as_ref().map(|it| storage(host, it, &parsed.instance));
        let fetches = Fetches::new(&parsed);
        let common = Rc::new(Common {
            plan: Rc::new(Plan::new(parsed, settings)),
            control: Control::default(),
            ids: PredictionIds::new(giver(host, None)),
            budget: Budget::default(),
        });
        let mut worker = Self {
            summary,
            orders,
            storage,
            fetches,
            fetched: Vec::new(),
            decision_version: None,
            common,
            waiting: Vec::new(),
            waiting_bytes: 0,
            delta: Delta::default(),
            references: References::default(),
            references_version: None,
            fingerprint: fingerprint(config),
            configured_at_nanos: host.now_nanos(),
            serves_streams: false,
            membership: None,
            leader: Leader::default(),
            leads: false,
            calls: Calls::default(),
            receipts: Vec::new(),
            closed: false,
        };
        // What was decided before holds from the first request on.
        worker.read_decision(host);
        Ok(worker)
    }

    /// The instance that the config names.
    pub fn instance(&self) -> &str {
        &self.common.plan.instance
    }

    /// Whether it led at its last tick.
    pub fn leads(&self) -> bool {
        self.leads
    }

    /// Begins the session of a stream.
    pub fn session(&mut self) -> Session {
        self.serves_streams = true;
        Session::new(Rc::clone(&self.common))
    }

    /// Counts what a session saw: at the next tick, or with the requests that came before.
    pub fn record(&mut self, host: &dyn Host, over: Over) {
        let now_seconds = host.now_nanos() as f64 / 1e9;
        self.waiting_bytes = self.waiting_bytes.saturating_add(over.held_bytes());
        self.waiting.push((now_seconds, over));
        if self.waiting.len() >= MAX_WAITING || self.waiting_bytes > MAX_WAITING_BYTES {
            self.count_waiting();
        }
        self.hand_over_last(host);
    }

    /// Counts the requests that are over, each at its time.
    fn count_waiting(&mut self) {
        self.waiting_bytes = 0;
        for (ended_at, over) in self.waiting.drain(..) {
            let Some(observation) = over.observation() else { continue };
            let inference = &observation.inference;
            self.delta.record(ended_at, inference, &self.references, &self.orders.settings);
            for bound in &observation.rejected {
                self.delta.reject(bound);
            }
            if observation.carried_token {
                self.delta.count_tokens(&TokenCounts { issued: 1, ..TokenCounts::default() });
            }
        }
    }

    /// Counts what a session was told. Ask [`Session::has_told`] before: most were told nothing.
    #[inline(never)]
    pub fn hear(&mut self, host: &dyn Host, told: &Told) {
        // A label may be about a request that waits.
        self.count_waiting();
        for bound in &told.rejected {
            self.delta.reject(bound);
        }
        let now_seconds = host.now_nanos() as f64 / 1e9;
        for event in &told.events {
            self.delta.observe(now_seconds, event, &self.references, &self.orders.settings);
        }
        for labelled in &told.labelled {
            self.delta.record_labelled(labelled.clone());
        }
        self.delta.count_tokens(&told.tokens);
        for model_name in &told.pins {
            self.delta.pin(model_name);
        }
        self.hand_over_last(host);
    }

    /// Hands over at once when no tick will come.
    fn hand_over_last(&mut self, host: &dyn Host) {
        if self.closed {
            self.hand_over_closed(host);
        }
    }

    #[cold]
    fn hand_over_closed(&mut self, host: &dyn Host) {
        if let Some(membership) = self.join(host, true) {
            self.hand_over(host, membership);
        }
    }

    /// Once a second: hand over, and lead if it falls to this context.
    ///
    /// `superseded`: whether this VM has a newer config of the same instance.
    pub fn tick(&mut self, host: &dyn Host, superseded: bool) {
        if self.closed {
            return;
        }
        // On the references that were there when they came.
        self.count_waiting();
        for errand in self.calls.expire(host.now_nanos()) {
            self.settle(host, errand, &Answer::default());
        }
        let Some(membership) = self.join(host, superseded) else { return };
        self.read_references(host);
        self.hand_over(host, membership);

        let candidate = self.candidate(membership);
        let now_millis = host.now_nanos() / 1_000_000;
        let led = self.leads;
        self.leads = lease::acquire(host, &self.common.plan.keys.lease, &candidate, now_millis);
        if self.leads && !led {
            // Only here, for this is the one context of a config that is sure to live.
            let message = format!("member {} leads now; {}", membership.member, self.summary);
            host.log(LogLevel::Info, &message);
            self.fetches.restart();
            self.fetched.clear();
            if let Some(storage) = &mut self.storage {
                storage.restart();
            }
        }
        if self.leads && !self.waits_for_former(host) {
            let (keys, orders) = (&self.common.plan.keys, &self.orders);
            let storage = self.storage.as_ref();
            let news = News {
                receipts: &self.receipts,
                fetched: &self.fetched,
                transfers: storage.map_or(&[], Storage::transfers),
                found: storage.and_then(Storage::found),
            };
            match self.leader.lead(host, keys, orders, membership.member, &news) {
                Ok(sendings) => {
                    self.receipts.clear();
                    self.fetched.clear();
                    self.send(host, sendings);
                    self.fetch(host);
                    self.keep_state(host);
                }
                Err(Deposed(taken)) => {
                    for delta in &taken {
                        self.delta.merge(mailbox::decode(delta));
                    }
                }
            }
        } else if !self.leads
            && !self.receipts.is_empty()
            && leader::hand_in(host, &self.common.plan.keys, &self.receipts)
        {
            self.receipts.clear();
        }
        self.read_decision(host);
    }

    /// The gateway tells of the answer to a call, with a body of so many bytes, or that none came.
    pub fn on_answer(&mut self, host: &dyn Host, id: CallId, body_bytes: usize) {
        if let Some((errand, answer)) = self.calls.take(host, id, body_bytes) {
            self.settle(host, errand, &answer);
        }
    }

    /// The context ends: whatever it still holds is handed over, and another may lead.
    pub fn close(&mut self, host: &dyn Host) {
        self.closed = true;
        self.count_waiting();
        if self.membership.is_none() && self.delta.is_empty() {
            return;
        }
        let Some(membership) = self.join(host, true) else { return };
        self.hand_over(host, membership);
        lease::release(host, &self.common.plan.keys.lease, &self.candidate(membership));
    }

    fn join(&mut self, host: &dyn Host, superseded: bool) -> Option<Membership> {
        if self.membership.is_none() {
            let Self { fingerprint, configured_at_nanos, .. } = *self;
            let applicant = Applicant { fingerprint, configured_at_nanos, superseded };
            self.membership = members::join(host, &self.common.plan.keys.members, &applicant);
            if let Some(Membership { member, .. }) = self.membership {
                self.common.ids.set_giver(giver(host, Some(member)));
            }
        }
        self.membership
    }

    fn candidate(&self, Membership { member, generation }: Membership) -> Candidate {
        Candidate { member, generation, serves_streams: self.serves_streams }
    }

    /// Moves the counts into the mailbox; what cannot be moved now stays for the next tick.
    fn hand_over(&mut self, host: &dyn Host, Membership { member, .. }: Membership) {
        self.count_waiting();
        let keys = &self.common.plan.keys;
        let now_seconds = host.now_nanos() / 1_000_000_000;
        let key = keys.mailbox(member);
        if mailbox::deliver(host, &key, &mut self.delta, self.closed, now_seconds).is_ok() {
            // After the delivery, not before: a leader that strikes a member looks once more.
            members::ensure(host, &keys.members, member);
        }
    }

    fn read_decision(&mut self, host: &dyn Host) {
        let Some(shared) = host.shared(&self.common.plan.keys.decision) else { return };
        if self.decision_version == Some(shared.version) {
            return;
        }
        self.decision_version = Some(shared.version);
        let published = Published::decode(&shared.value);
        let decided =
            published.map(|it| postcard::from_bytes::<(Directives, Vec<String>)>(it.bytes));
        if let Some(Ok((directives, redirected))) = decided {
            self.common.control.follow(directives);
            Rc::make_mut(&mut self.orders.settings).redirect(&redirected);
        }
    }

    fn read_references(&mut self, host: &dyn Host) {
        let Some(shared) = host.shared(&self.common.plan.keys.references) else { return };
        if self.references_version == Some(shared.version) {
            return;
        }
        self.references_version = Some(shared.version);
        let published = Published::decode(&shared.value);
        if let Some(Ok(references)) = published.map(|published| References::decode(published.bytes))
        {
            self.references = references;
        }
    }
}

/// FNV-1a of the config and of this version, for another version may encode otherwise.
fn fingerprint(config: &[u8]) -> u64 {
    let version = env!("CARGO_PKG_VERSION").bytes();
    fnv1a(config.iter().copied().chain(version))
}

fn summary(config: &Config, is_empty: bool) -> String {
    if is_empty {
        return "the config is empty: every path of a known protocol is observed, and nothing can be \
                read until `admin.token` is set"
            .into();
    }
    let admin = match &config.admin {
        Some(admin) => format!("the admin API is at {}", admin.path),
        None => "the admin API is off until `admin.token` is set".into(),
    };
    format!(
        "instance `{}` observes {} models and {} experiments; {admin}",
        config.instance,
        config.models.len(),
        config.experiments.len()
    )
}
