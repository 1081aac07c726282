//! References that lie elsewhere: when they are fetched, and what came of it.

use std::collections::BTreeMap;

use tidegate_core::fnv::fnv1a;
use tidegate_core::metric::{Family, Kind};
use tidegate_core::profile::Profile;
use tidegate_core::quality::Calibration;

use crate::config::{self, Config, FromBefore, Importances, Model, Reference, Remote};
use crate::host::{Answer, Call, Host, LogLevel};

/// The longest reference that is read.
const MAX_REFERENCE_BYTES: usize = 8 << 20;
/// After a failure: how long until the next attempt, in seconds, doubled each time up to the bound.
const FIRST_PAUSE_SECONDS: f64 = 2.0;
const MAX_PAUSE_SECONDS: f64 = 300.0;

/// What came of fetches, by model, subject and result.
pub(crate) type FetchCounts = BTreeMap<(String, String, String), u64>;

/// What a reference is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// Columns: a profile.
    Columns,
    /// Confidences: labelled predictions.
    Confidences,
    /// Explanations: importances by feature.
    Importances,
}

impl Subject {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Columns => "columns",
            Self::Confidences => "confidences",
            Self::Importances => "importances",
        }
    }
}

/// A reference as it was read.
#[derive(Debug)]
pub(crate) enum Taken {
    Profile(Box<Profile>),
    Calibration(Box<Calibration>),
    Importances(Importances),
}

/// The references that the config says are fetched.
#[derive(Debug, Default)]
pub(crate) struct Fetches(Vec<Fetch>);

#[derive(Debug)]
struct Fetch {
    model_name: String,
    subject: Subject,
    remote: Remote,
    due_nanos: u64,
    is_under_way: bool,
    failures: i32,
    /// Of the reference that was taken last.
    body_hash: Option<u64>,
}

/// What came of one fetch.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) model_name: String,
    pub(crate) subject: Subject,
    /// `taken`, `unchanged`, `refused` or `failed`.
    pub(crate) result: &'static str,
    /// What is to become the reference.
    pub(crate) taken: Option<Taken>,
}

impl Fetches {
    pub(crate) fn new(config: &Config) -> Self {
        let of_model = |model: &Model| {
            let fetch = |(subject, remote): (Subject, &Remote)| {
                Some(Fetch {
                    model_name: model.name.clone()?,
                    subject,
                    remote: remote.clone(),
                    due_nanos: 0,
                    is_under_way: false,
                    failures: 0,
                    body_hash: None,
                })
            };
            remotes(model).filter_map(fetch).collect::<Vec<_>>()
        };
        Self(config.models.iter().flat_map(of_model).collect())
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
        self.0.get(place).map(|fetch| fetch.remote.call("GET", &[], MAX_REFERENCE_BYTES))
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
        let outcome = read(answer, fetch.body_hash, fetch.subject);
        let after = |seconds: f64| host.now_nanos().saturating_add((seconds * 1e9) as u64);
        if let Err((_, why)) = &outcome {
            fetch.failures = fetch.failures.saturating_add(1);
            let pause = FIRST_PAUSE_SECONDS * f64::from(1u32 << (fetch.failures - 1).clamp(0, 16));
            fetch.due_nanos = after(pause.min(MAX_PAUSE_SECONDS).min(fetch.remote.period_seconds));
            let name = &fetch.model_name;
            let what = format!(
                "the {} of `{name}` was not fetched: {why}; what it had stays",
                fetch.what()
            );
            host.log(LogLevel::Warn, &what);
        } else {
            fetch.failures = 0;
            fetch.due_nanos = after(fetch.remote.period_seconds);
        }
        let (result, taken) = match outcome {
            Ok(Some((hash, taken))) => {
                fetch.body_hash = Some(hash);
                ("taken", Some(taken))
            }
            Ok(None) => ("unchanged", None),
            Err((result, _)) => (result, None),
        };
        let (model_name, subject) = (fetch.model_name.clone(), fetch.subject);
        Some(Fetched { model_name, subject, result, taken })
    }
}

impl Fetch {
    /// What is fetched, in the words of a log.
    const fn what(&self) -> &'static str {
        match self.subject {
            Subject::Columns => "reference",
            Subject::Confidences => "labelled reference",
            Subject::Importances => "reference of importances",
        }
    }
}

/// The references of a model that are fetched, and from where.
pub(crate) fn remotes(model: &Model) -> impl Iterator<Item = (Subject, &Remote)> {
    let columns = match &model.reference {
        Some(Reference::Fetch(remote)) => Some(remote),
        _ => None,
    };
    let confidences = model.labelled_reference.as_ref().and_then(FromBefore::remote);
    let importances = model.reference_importances.as_ref().and_then(FromBefore::remote);
    [
        (Subject::Columns, columns),
        (Subject::Confidences, confidences),
        (Subject::Importances, importances),
    ]
    .into_iter()
    .filter_map(|(subject, remote)| Some((subject, remote?)))
}

/// The reference in an answer, and its hash; `None` when it is the one with that hash.
fn read(
    answer: &Answer,
    known: Option<u64>,
    subject: Subject,
) -> Result<Option<(u64, Taken)>, (&'static str, String)> {
    let failed = |why: String| Err(("failed", why));
    match (answer.status(), &answer.body) {
        (None, _) => failed("no answer came".into()),
        (Some(status), _) if !answer.is_success() => failed(format!("the answer is {status}")),
        (_, None) => Err(("refused", format!("it has more than {MAX_REFERENCE_BYTES} bytes"))),
        (_, Some(body)) => {
            let hash = fnv1a(body.iter().copied());
            if known == Some(hash) {
                return Ok(None);
            }
            let text =
                core::str::from_utf8(body).map_err(|_| ("refused", "it is no text".into()))?;
            let taken = parse(text, subject).map_err(|why| ("refused", why))?;
            Ok(Some((hash, taken)))
        }
    }
}

fn parse(text: &str, subject: Subject) -> Result<Taken, String> {
    match subject {
        Subject::Columns => match Profile::from_json(text) {
            Ok(profile) if profile.rows == 0 => Err("it has no rows".into()),
            Ok(profile) => Ok(Taken::Profile(Box::new(profile))),
            Err(error) => Err(error.to_string()),
        },
        Subject::Confidences => config::calibration(serde_json::from_str(text))
            .map(|calibration| Taken::Calibration(Box::new(calibration))),
        Subject::Importances => {
            config::importances(serde_json::from_str(text)).map(Taken::Importances)
        }
    }
}

/// Counts what came of a fetch.
pub(crate) fn count(counts: &mut FetchCounts, fetched: &Fetched) {
    let (subject, result) = (fetched.subject.as_str().to_string(), fetched.result.to_string());
    let key = (fetched.model_name.clone(), subject, result);
    let count = counts.entry(key).or_default();
    *count = count.saturating_add(1);
}

pub(crate) fn family(counts: &FetchCounts) -> Family {
    let help = "Fetches of references: taken, unchanged, refused for what they are, or failed.";
    let mut family = Family::new("tidegate_reference_fetches_total", Kind::Counter, help);
    for ((model, subject, result), count) in counts {
        let labels = [("model_name", model.as_str()), ("subject", subject), ("result", result)];
        family.push_count(&labels, *count);
    }
    family
}
