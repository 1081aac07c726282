//! The leader's tick: take the mailboxes, merge, write the state, publish what is read.

mod counters;
pub(crate) mod decisions;
pub(crate) mod given;
mod heartbeat;
mod journal;
pub(crate) mod stored_state;

use std::rc::Rc;

use tidegate_core::metric::{self, Family, Kind};
use tidegate_core::observatory::Settings;
use tidegate_core::remediation::{Directives, Policies};
use tidegate_core::snapshot::Snapshot;

use self::counters::Totals;
use self::given::{Awaited, Completed};
use self::heartbeat::MemberCounts;
use self::journal::{Basis, Extent, Journal};
use self::stored_state::{Header, MAX_ATTEMPTS, StoredState};
use crate::config::Webhook;
use crate::errand::fetch::{self, Fetched, Taken};
use crate::errand::storage::{self, Found, Transfer};
use crate::errand::webhook::{Receipt, Sending};
use crate::host::{Expected, Host, LogLevel};
use crate::shared_data::keys::Keys;
use crate::shared_data::mailbox::{self, Owner};
use crate::shared_data::members;
use crate::shared_data::published::Published;
use crate::shared_data::silences::Silences;

/// How long a member that did not say goodbye is kept after it was last seen, in seconds: longer
/// than any tick is late, for a trap is the only way to vanish.
const SILENCE_SECONDS: u64 = 900;
/// How long a member may be silent before it is shown to be, in seconds: it should have written thrice.
const UNEASY_SECONDS: u64 = 3 * mailbox::HEARTBEAT_SECONDS;
/// Another leader wrote the state first; here are the encoded deltas that were taken from mailboxes.
#[derive(Debug)]
pub(crate) struct Deposed(pub(crate) Vec<Vec<u8>>);

/// What a leader works by.
#[derive(Debug)]
pub(crate) struct Orders {
    pub(crate) settings: Rc<Settings>,
    /// What settings come by fetches beside.
    pub(crate) awaited: Awaited,
    pub(crate) policies: Policies,
    pub(crate) webhooks: Vec<Webhook>,
    /// Who the webhooks are told by: the instance.
    pub(crate) source: String,
    /// Whether the state is kept in a store, and the former one looked for there.
    pub(crate) keeps_state: bool,
}

/// What came of requests of the filter's own, and is not in the shared state yet.
#[derive(Debug)]
pub(crate) struct News<'w> {
    pub(crate) receipts: &'w [Receipt],
    pub(crate) fetched: &'w [Fetched],
    pub(crate) transfers: &'w [Transfer],
    pub(crate) found: Option<&'w Found>,
}

/// What a leader keeps from tick to tick: the state that it wrote last, to spare decoding it.
#[derive(Debug, Default)]
pub(crate) struct Leader {
    written: Option<(StoredState, Journal)>,
    completed: Completed,
    /// What the gateway's own statistics hold of it.
    counted: Totals,
}

impl Leader {
    /// One tick as the leader, who brings this news; what webhooks are to be sent now.
    ///
    /// # Errors
    /// [`Deposed`]: another leads too, and was faster. Nothing was written.
    pub(crate) fn lead(
        &mut self,
        host: &dyn Host,
        keys: &Keys,
        orders: &Orders,
        member: u32,
        news: &News,
    ) -> Result<Vec<Sending>, Deposed> {
        let settings = &orders.settings;
        let now_nanos = host.now_nanos();
        let now_seconds = now_nanos as f64 / 1e9;
        let Current { mut stored, expected, extent: lay, mut journal } =
            self.current(host, keys, orders, member).ok_or(Deposed(Vec::new()))?;

        storage::count(&mut stored.transfers, news.transfers);
        if stored.header.awaits_former
            && let Some(found) = news.found
        {
            let former = found.as_ref().and_then(|bytes| StoredState::decode(bytes));
            stored.resume(former, settings);
            journal = None;
            stored.silences.restore(host, &keys.silences);
            // The gateway's own statistics begin with the gateway.
            self.counted = counted(&stored, now_seconds, settings);
        }
        let (taken, members) = collect(host, keys, now_nanos / 1_000_000_000);
        for delta in &taken {
            stored.state.apply(mailbox::decode(delta), settings);
        }
        for fetched in news.fetched {
            fetch::count(&mut stored.fetches, fetched);
            match &fetched.taken {
                Some(Taken::Profile(profile)) => {
                    stored.state.give_reference(&fetched.model_name, profile, settings);
                    journal = None;
                }
                Some(taken) => stored.given.take(&fetched.model_name, taken),
                None => {}
            }
        }
        stored.given.keep(&orders.awaited);
        let plain = settings;
        let settings = &self.completed.settings(plain, &stored.given);
        stored.state.tick(now_seconds, settings);
        stored.outbox.settle(news.receipts, now_seconds);
        stored.silences = Silences::read(host, &keys.silences);
        let seen = Seen::of(&mut stored, (orders, settings), now_seconds);
        let header = &mut stored.header;
        header.takeovers += u64::from(header.writer != member);
        header.writer = member;
        header.revision = header.revision.saturating_add(1);
        header.ticks += 1;
        let basis = Basis::new([plain, settings], &stored.state);
        let expected_bytes = journal.as_ref().map_or(0, Journal::whole_bytes);
        let added = journal.and_then(|it| it.add(host, keys, (now_seconds, &taken), &basis));
        let written = added.unwrap_or_else(|| {
            let revision = stored.header.revision;
            let whole = (&stored.state, basis);
            Journal::begin(host, keys, (member, revision), whole, lay, expected_bytes)
        });
        let Ok(journal) = written else { return Err(Deposed(taken)) };
        let extent = journal.extent();
        if host.set_shared(&keys.state, &stored.encode_root(extent), expected).is_err() {
            if !extent.goes_on(&lay) {
                extent.clear(host, keys, member);
            }
            return Err(Deposed(taken));
        }
        if !extent.goes_on(&lay) {
            lay.clear(host, keys, member);
        }
        let totals = Totals::of(&seen.families);
        totals.add_since(&self.counted, host);
        self.counted = totals;
        let sendings = publish(host, keys, seen, &stored, members, now_seconds);
        self.written = Some((stored, journal));
        Ok(sendings)
    }

    /// The state that is shared, without decoding it when it is the one written here last; `None` when another
    /// leader writes it.
    fn current(
        &mut self,
        host: &dyn Host,
        keys: &Keys,
        orders: &Orders,
        member: u32,
    ) -> Option<Current> {
        let now_nanos = host.now_nanos();
        let header = Header {
            writer: member,
            revision: now_nanos,
            ticks: 0,
            takeovers: 0,
            resets: 0,
            awaits_former: false,
        };
        for _ in 0..MAX_ATTEMPTS {
            let found = host.shared(&keys.state);
            let expected = Expected::from_read(found.as_ref());
            let current = |stored| {
                let extent = Extent::default();
                Current { stored, expected, extent, journal: None }
            };
            let Some(root) = found else {
                self.counted = Totals::default();
                let header = Header { awaits_former: orders.keeps_state, ..header };
                return Some(current(StoredState::new(header)));
            };
            let shared_header = stored_state::header(&root.value);
            let is_own = |(written, _): &(StoredState, _)| Some(written.header) == shared_header;
            if let Some((stored, journal)) = self.written.take().filter(is_own) {
                let extent = journal.extent();
                return Some(Current { extent, journal: Some(journal), ..current(stored) });
            }
            let decoded = StoredState::decode_root(&root.value);
            let extent = decoded.as_ref().map(|(_, extent)| *extent).unwrap_or_default();
            let read = decoded.and_then(|(mut stored, extent)| {
                let settings = self.completed.settings(&orders.settings, &stored.given);
                stored.state = extent.read(host, keys, &settings)?;
                Some(stored)
            });
            if read.is_none() && host.shared(&keys.state).map(|it| it.version) != Some(root.version)
            {
                continue;
            }
            let stored = read.unwrap_or_else(|| {
                host.log(
                    LogLevel::Warn,
                    "the shared state is damaged, or of another version of tidegate; counts begin anew",
                );
                let resets = shared_header.map_or(0, |header| header.resets) + 1;
                StoredState::new(Header { resets, ..header })
            });
            // What is in there, whoever wrote it has counted.
            self.counted = counted(&stored, now_nanos as f64 / 1e9, &orders.settings);
            return Some(Current { extent, ..current(stored) });
        }
        None
    }

    /// The state that was written last, as it is shared, once it needs no former one.
    pub(crate) fn settled(&self) -> Option<Vec<u8>> {
        let written = self.written.as_ref().filter(|(written, _)| !written.header.awaits_former);
        written.map(|(written, _)| written.encode())
    }

    /// Whether the state that was written last still looks for the former one.
    pub(crate) fn awaits_former(&self) -> bool {
        self.written.as_ref().is_none_or(|(written, _)| written.header.awaits_former)
    }
}

/// What a leader goes on from.
struct Current {
    stored: StoredState,
    expected: Expected,
    /// Where the root says that the state lies.
    extent: Extent,
    /// Where the state is the one written here last.
    journal: Option<Journal>,
}

/// What the gateway's own statistics hold of a state, when nothing came since.
fn counted(stored: &StoredState, now_seconds: f64, settings: &Settings) -> Totals {
    let snapshot = stored.state.snapshot(now_seconds, settings);
    Totals::of(&metric::families(&stored.state, &snapshot))
}

/// Whether the shared state is there, and needs no former one.
pub(crate) fn has_begun(host: &dyn Host, keys: &Keys) -> bool {
    let header = host.shared(&keys.state).and_then(|found| stored_state::header(&found.value));
    header.is_some_and(|header| !header.awaits_former)
}

/// Tells whoever leads how deliveries ended that were begun here; `false` when another write came first.
pub(crate) fn hand_in(host: &dyn Host, keys: &Keys, receipts: &[Receipt]) -> bool {
    let found = host.shared(&keys.state);
    let expected = Expected::from_read(found.as_ref());
    let root = found.and_then(|found| StoredState::decode_root(&found.value));
    let Some((mut stored, extent)) = root else { return true };
    stored.outbox.settle(receipts, host.now_nanos() as f64 / 1e9);
    stored.header.revision = stored.header.revision.saturating_add(1);
    host.set_shared(&keys.state, &stored.encode_root(extent), expected).is_ok()
}

/// Takes every mailbox: the encoded deltas, and how many members there are.
fn collect(host: &dyn Host, keys: &Keys, now_seconds: u64) -> (Vec<Vec<u8>>, MemberCounts) {
    let mut taken = Vec::new();
    let mut counts = MemberCounts::default();
    for member in members::list(host, &keys.members) {
        let key = keys.mailbox(member);
        let mail = mailbox::take(host, &key, now_seconds);
        taken.push(mail.delta);
        let (is_closed, silence_seconds) = match mail.owner {
            Owner::Present => (false, 0),
            Owner::Closed => (true, 0),
            Owner::SeenAt(seconds) => (false, now_seconds.saturating_sub(seconds)),
        };
        let is_gone = is_closed || silence_seconds > SILENCE_SECONDS;
        if is_gone && members::remove(host, &keys.members, member) {
            // Whoever wrote since the first look saw itself in the list, so a second look is owed;
            // whoever writes after this one puts itself back.
            taken.push(mailbox::take(host, &key, now_seconds).delta);
        } else {
            counts.all += 1;
            counts.silent += usize::from(silence_seconds > UNEASY_SECONDS);
        }
    }
    taken.retain(|delta| !delta.is_empty());
    (taken, counts)
}

/// What a state shows at a tick, its alerts checked and decided about.
struct Seen {
    snapshot: Snapshot,
    families: Vec<Family>,
    directives: Directives,
    redirected: Vec<String>,
    sendings: Vec<Sending>,
}

impl Seen {
    fn of(
        stored: &mut StoredState,
        (orders, settings): (&Orders, &Settings),
        now_seconds: f64,
    ) -> Self {
        let mut snapshot = stored.state.snapshot(now_seconds, settings);
        let mut families = metric::families(&stored.state, &snapshot);
        let baselines = settings.baselines();
        stored.alerts.tick(now_seconds, &families, &settings.alerts, &baselines);
        snapshot.alerts = stored.alerts.alerts(&settings.alerts);
        snapshot.alerts_turned_away = stored.alerts.turned_away();
        families.extend(metric::alert_families(&snapshot));
        if settings.gen_ai_metrics {
            families.extend(metric::gen_ai_families(&stored.state));
        }
        let (rules, decisions) = (&settings.alerts, &mut stored.decisions);
        let alerts = &snapshot.alerts;
        let decided = decisions.tick(now_seconds, (rules, alerts), &orders.policies, &stored.state);
        let (webhooks, source) = (&orders.webhooks, &orders.source);
        let silences = &stored.silences.plain();
        let sendings =
            stored.outbox.tick(webhooks, source, (alerts, &decided, silences), now_seconds);
        snapshot.decisions = decisions.log().to_vec();
        let directives = decisions.directives(rules);
        families.extend(decisions.families(&directives));
        families.extend(stored.outbox.families());
        let mut silent =
            Family::new("tidegate_silences", Kind::Gauge, "Silences that have not ended.");
        silent.push_count(&[], silences.len() as u64);
        families.push(silent);
        families.push(fetch::family(&stored.fetches));
        families.push(storage::family(&stored.transfers));
        let redirected = decisions.redirected();
        Self { snapshot, families, directives, redirected, sendings }
    }
}

fn publish(
    host: &dyn Host,
    keys: &Keys,
    seen: Seen,
    stored: &StoredState,
    members: MemberCounts,
    now_seconds: f64,
) -> Vec<Sending> {
    let revision = stored.header.revision;
    let references = stored.state.references().encode();
    Published { revision, bytes: &references }.write(host, &keys.references);

    let Seen { snapshot, mut families, directives, redirected, sendings } = seen;
    if let Ok(decided) = postcard::to_allocvec(&(directives, redirected)) {
        Published { revision, bytes: &decided }.write(host, &keys.decision);
    }
    families.extend(heartbeat::families(&stored.header, members, now_seconds));
    let metrics = metric::prometheus_text(&families);
    Published { revision, bytes: metrics.as_bytes() }.write(host, &keys.metrics);
    if let Ok(snapshot) = serde_json::to_vec(&snapshot) {
        Published { revision, bytes: &snapshot }.write(host, &keys.snapshot);
    }
    sendings
}
