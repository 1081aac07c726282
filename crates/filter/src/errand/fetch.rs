//! References that lie elsewhere: when they are fetched, and what came of it.

use std::collections::BTreeMap;

use tidegate_core::metric::{Family, Kind};
use tidegate_core::profile::Profile;

use crate::config::{Config, Model, Reference, Remote};
use crate::host::{Answer, Call, Host, LogLevel};

/// The longest profile that is read.
const MAX_PROFILE_BYTES: usize = 8 << 20;
/// After a failure: how long until the next attempt, in seconds, doubled each time up to the bound.
const FIRST_PAUSE_SECONDS: f64 = 2.0;
const MAX_PAUSE_SECONDS: f64 = 300.0;

/// What came of fetches, by model and result.
pub(crate) type FetchCounts = BTreeMap<(String, String), u64>;

/// The references that the config says are fetched.
#[derive(Debug, Default)]
pub(crate) struct Fetches(Vec<Fetch>);

#[derive(Debug)]
struct Fetch {
    model_name: String,
    remote: Remote,
    due_nanos: u64,
    is_under_way: bool,
    failures: i32,
    /// Of the profile that was taken last.
    body_hash: Option<u64>,
}

/// What came of one fetch.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) model_name: String,
    /// `taken`, `unchanged`, `refused` or `failed`.
    pub(crate) result: &'static str,
    /// What is to become the reference.
    pub(crate) profile: Option<Profile>,
}

impl Fetches {
    pub(crate) fn new(config: &Config) -> Self {
        let fetch = |model: &Model| match (&model.name, &model.reference) {
            (Some(name), Some(Reference::Fetch(remote))) => Some(Fetch {
                model_name: name.clone(),
                remote: remote.clone(),
                due_nanos: 0,
                is_under_way: false,
                failures: 0,
                body_hash: None,
            }),
            _ => None,
        };
        Self(config.models.iter().filter_map(fetch).collect())
    }

    /// Begins anew, as a leader does: all are due.
    pub(crate) fn restart(&mut self) {
        for fetch in &mut self.0 {
            fetch.due_nanos = 0;
            fetch.body_hash = None;
        }
    }

    /// The places of those that are due; each is under way from now on.
    pub(crate) fn take_due(&mut self, now_nanos: u64) -> Vec<usize> {
        let is_due = |fetch: &Fetch| !fetch.is_under_way && fetch.due_nanos <= now_nanos;
        let due = self.0.iter_mut().enumerate().filter(|(_, fetch)| is_due(fetch));
        due.map(|(place, fetch)| {
            fetch.is_under_way = true;
            place
        })
        .collect()
    }

    /// The request that fetches.
    pub(crate) fn call(&self, place: usize) -> Option<Call<'_>> {
        self.0.get(place).map(|fetch| fetch.remote.call("GET", &[], MAX_PROFILE_BYTES))
    }

    /// Takes the answer of a fetch.
    pub(crate) fn settle(
        &mut self,
        host: &dyn Host,
        place: usize,
        answer: &Answer,
    ) -> Option<Fetched> {
        let fetch = self.0.get_mut(place)?;
        fetch.is_under_way = false;
        let outcome = read(answer, fetch.body_hash);
        let after = |seconds: f64| host.now_nanos().saturating_add((seconds * 1e9) as u64);
        if let Err((_, why)) = &outcome {
            fetch.failures = fetch.failures.saturating_add(1);
            let pause = FIRST_PAUSE_SECONDS * f64::from(1u32 << (fetch.failures - 1).clamp(0, 16));
            fetch.due_nanos = after(pause.min(MAX_PAUSE_SECONDS).min(fetch.remote.period_seconds));
            let name = &fetch.model_name;
            let what =
                format!("the reference of `{name}` was not fetched: {why}; what it had stays");
            host.log(LogLevel::Warn, &what);
        } else {
            fetch.failures = 0;
            fetch.due_nanos = after(fetch.remote.period_seconds);
        }
        let (result, profile) = match outcome {
            Ok(Some((hash, profile))) => {
                fetch.body_hash = Some(hash);
                ("taken", Some(profile))
            }
            Ok(None) => ("unchanged", None),
            Err((result, _)) => (result, None),
        };
        Some(Fetched { model_name: fetch.model_name.clone(), result, profile })
    }
}

/// The profile in an answer, and its hash; `None` when it is the one with that hash.
fn read(
    answer: &Answer,
    known: Option<u64>,
) -> Result<Option<(u64, Profile)>, (&'static str, String)> {
    let failed = |why: String| Err(("failed", why));
    match (answer.status(), &answer.body) {
        (None, _) => failed("no answer came".into()),
        (Some(status), _) if !answer.is_success() => failed(format!("the answer is {status}")),
        (_, None) => Err(("refused", format!("it has more than {MAX_PROFILE_BYTES} bytes"))),
        (_, Some(body)) => {
            let hash = fnv1a(body);
            if known == Some(hash) {
                return Ok(None);
            }
            let text =
                core::str::from_utf8(body).map_err(|_| ("refused", "it is no text".into()))?;
            match Profile::from_json(text) {
                Ok(profile) if profile.rows == 0 => Err(("refused", "it has no rows".into())),
                Ok(profile) => Ok(Some((hash, profile))),
                Err(error) => Err(("refused", error.to_string())),
            }
        }
    }
}

fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// Counts what came of a fetch.
pub(crate) fn count(counts: &mut FetchCounts, fetched: &Fetched) {
    let key = (fetched.model_name.clone(), fetched.result.to_string());
    let count = counts.entry(key).or_default();
    *count = count.saturating_add(1);
}

pub(crate) fn family(counts: &FetchCounts) -> Family {
    let help = "Fetches of references: taken, unchanged, refused for what they are, or failed.";
    let mut family = Family::new("tidegate_reference_fetches_total", Kind::Counter, help);
    for ((model, result), count) in counts {
        family.push_count(&[("model_name", model), ("result", result)], *count);
    }
    family
}
