//! Adds the states of many gateways, and the snapshots that carry them.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use serde::Deserialize;

use super::delta::{Delta, ModelDelta};
use super::settings::Settings;
use super::state::State;
use super::wire::{self, DecodeError};
use crate::alert::{Alert, AlertState};
use crate::base64;
use crate::feedback::FeedbackDelta;
use crate::pane::{LIMITS, key_within};
use crate::remediation::Decision;
use crate::snapshot::{SCHEMA, Snapshot};
use tidegate_stats::order::sort_by;

/// Why snapshots cannot be added.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MergeError {
    /// What should be snapshots is not; what is wrong is said.
    NotSnapshots(String),
    /// There is none.
    NoSnapshots,
    /// One does not carry what it takes; its place among them is given, from 0.
    NotMergeable(usize),
    /// What one carries cannot be read; its place is given, and why.
    Unreadable(usize, DecodeError),
}

impl MergeError {
    /// The error's kind, as a name that programs may test.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NotSnapshots(_) => "NotSnapshots",
            Self::NoSnapshots => "NoSnapshots",
            Self::NotMergeable(_) => "NotMergeable",
            Self::Unreadable(..) => "Unreadable",
        }
    }
}

impl fmt::Display for MergeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSnapshots(what) => write!(f, "not snapshots: {what}"),
            Self::NoSnapshots => f.write_str("there is no snapshot to merge"),
            Self::NotMergeable(index) => write!(
                f,
                "snapshots[{index}] is only to be looked at: ask for a mergeable one, \
                 v1/snapshot?mergeable=true of a gateway"
            ),
            Self::Unreadable(index, why) => write!(f, "snapshots[{index}]: {why}"),
        }
    }
}

impl core::error::Error for MergeError {}

impl State {
    /// The text that makes a snapshot of this state mergeable: [`Snapshot::mergeable`].
    #[must_use]
    pub fn mergeable(&self, settings: &Settings) -> String {
        base64::encode(&wire::encode(&(settings, self)))
    }

    /// Adds what another gateway knows, as if all of its events had come here.
    ///
    /// Where the two have different references of one table, as gateways have that learned each from its own
    /// first rows, the one that was given in the config is kept, or else that of more rows: what was
    /// counted against the other cannot be moved to its bins, leaves the window, and is counted as dropped.
    pub fn merge(&mut self, mut other: Self, settings: &Settings) {
        let references = self.references.preferred(&other.references);
        for state in [&mut *self, &mut other] {
            let held = core::mem::replace(&mut state.references, references.clone());
            for (name, model) in state.models.iter_mut() {
                let change = [held.get(name), references.get(name)];
                model.table.change_reference(change, settings.pane_seconds, &mut state.dropped);
            }
            let panes = settings.pane_seconds;
            state.feature_sets.change_references([&held, &references], panes, &mut state.dropped);
        }
        // A gateway whose clock was ahead has forgotten more; nothing else is forgotten before the next tick.
        self.forget_tick();
        self.join_since(other.since_seconds());
        for (name, model) in other.models.iter() {
            let key = key_within(&self.models, name, LIMITS.models);
            self.models.entry(key).table.given_elsewhere(&model.table);
        }
        let models = other.models.into_iter().map(|(name, model)| {
            let table = model.table.into_delta(references.get(&name));
            (name, ModelDelta { totals: model.totals, traffic: model.traffic, table })
        });
        let delta = Delta {
            models: models.collect(),
            experiments: other.experiments,
            units: other.units,
            feedback: FeedbackDelta::default(),
            importances: other.importances,
            feature_sets: other.feature_sets.into_deltas(&references),
            training: other.training,
            business: other.business,
            pins: BTreeSet::new(),
            dropped: other.dropped,
        };
        self.apply(delta, settings);
        self.feedback.merge(other.feedback, &settings.feedback, &mut self.dropped);
    }
}

/// The snapshot that one gateway would show, had it had the traffic of all.
///
/// Each must be [mergeable](Snapshot::mergeable), and so is the result. Counts, sums, quantiles and tests are
/// those of the one gateway, for it is the states that are added; but see [`State::merge`] on learned
/// references. It is shown as of the latest of them, under that gateway's settings. Alerts and
/// decisions are not made again: they are those of all gateways, and of an alert that several have
/// the one that is worst. The order of the snapshots does not matter.
///
/// # Errors
/// A [`MergeError`].
///
/// # Examples
/// ```
/// use tidegate_core::event;
/// use tidegate_core::observatory::{Observatory, Settings, merge_snapshots};
///
/// let snapshots = ["setosa", "virginica"].map(|class| {
///     let mut gateway = Observatory::new(Settings::default());
///     let body = format!(r#"{{"type": "inference", "model_name": "iris", "predictions": ["{class}"]}}"#);
///     for read in event::read(body.as_bytes()).events {
///         gateway.observe(1_790_000_000.0, &read.event);
///     }
///     gateway.tick(1_790_000_001.0);
///     gateway.mergeable_snapshot()
/// });
/// let both = merge_snapshots(&snapshots)?;
/// assert_eq!(both.models[0].versions[0].requests[0].count, 2);
/// assert_eq!(both.models[0].versions[0].predictions.len(), 2);
/// # Ok::<(), tidegate_core::observatory::MergeError>(())
/// ```
pub fn merge_snapshots(snapshots: &[Snapshot]) -> Result<Snapshot, MergeError> {
    let parts = snapshots.iter().map(|snapshot| Part {
        schema: snapshot.schema.clone(),
        at_seconds: snapshot.at_seconds,
        mergeable: snapshot.mergeable.clone(),
        alerts: snapshot.alerts.clone(),
        alerts_turned_away: snapshot.alerts_turned_away,
        decisions: snapshot.decisions.clone(),
    });
    merge(&parts.collect::<Vec<_>>())
}

/// The same of a JSON array of snapshots, of which no more is read than is needed.
///
/// # Errors
/// A [`MergeError`].
pub fn merge_snapshots_from_json(json: &str) -> Result<Snapshot, MergeError> {
    let read = serde_json::from_str(json);
    let parts: Vec<Part> = read.map_err(|error| MergeError::NotSnapshots(error.to_string()))?;
    if let Some(other) = parts.iter().find(|part| part.schema != SCHEMA) {
        let what = alloc::format!("there is a schema {:?}, and {SCHEMA:?} is known", other.schema);
        return Err(MergeError::NotSnapshots(what));
    }
    merge(&parts)
}

/// What is read of a snapshot.
#[derive(Deserialize)]
struct Part {
    schema: String,
    at_seconds: f64,
    #[serde(default)]
    mergeable: Option<String>,
    #[serde(default)]
    alerts: Vec<Alert>,
    #[serde(default)]
    alerts_turned_away: u64,
    #[serde(default)]
    decisions: Vec<Decision>,
}

fn merge(snapshots: &[Part]) -> Result<Snapshot, MergeError> {
    let mut parts = Vec::with_capacity(snapshots.len());
    for (index, snapshot) in snapshots.iter().enumerate() {
        let text = snapshot.mergeable.as_deref().ok_or(MergeError::NotMergeable(index))?;
        let unreadable = |error| MergeError::Unreadable(index, error);
        let bytes = base64::decode(text).ok_or(unreadable(DecodeError::Malformed))?;
        let (settings, state): (Settings, State) = wire::decode(&bytes).map_err(unreadable)?;
        if !state.is_sound() {
            return Err(unreadable(DecodeError::Malformed));
        }
        parts.push((snapshot.at_seconds, text, settings, state));
    }
    sort_by(&mut parts, |one, other| other.0.total_cmp(&one.0).then_with(|| one.1.cmp(other.1)));
    let mut parts = parts.into_iter();
    let Some((at_seconds, _, mut settings, mut state)) = parts.next() else {
        return Err(MergeError::NoSnapshots);
    };
    for (_, _, theirs, other) in parts {
        let redirected = theirs.experiments.into_iter().filter(|experiment| experiment.redirected);
        settings.redirect(&redirected.map(|experiment| experiment.name).collect::<Vec<_>>());
        state.merge(other, &settings);
    }
    state.tick(at_seconds, &settings);
    Ok(Snapshot {
        alerts: alerts(snapshots),
        alerts_turned_away: snapshots
            .iter()
            .fold(0, |sum, it| sum.saturating_add(it.alerts_turned_away)),
        decisions: decisions(snapshots),
        mergeable: Some(state.mergeable(&settings)),
        ..state.snapshot(at_seconds, &settings)
    })
}

/// The alerts of all, by rule and labels.
fn alerts(snapshots: &[Part]) -> Vec<Alert> {
    // A rule is at the place where a snapshot has it first.
    let mut rules: Vec<&str> = Vec::new();
    let mut worst: BTreeMap<(usize, &BTreeMap<String, String>), &Alert> = BTreeMap::new();
    for alert in snapshots.iter().flat_map(|snapshot| &snapshot.alerts) {
        let place = rules.iter().position(|rule| *rule == alert.name).unwrap_or(rules.len());
        if place == rules.len() {
            rules.push(&alert.name);
        }
        let held = worst.entry((place, &alert.labels)).or_insert(alert);
        if order(alert) < order(held) {
            *held = alert;
        }
    }
    worst.into_values().cloned().collect()
}

/// The worst first, and of two that are as bad the one that is so for longer.
fn order(alert: &Alert) -> (u8, u64) {
    let state = match alert.state {
        AlertState::Firing => 0,
        AlertState::Pending => 1,
        AlertState::Resolved => 2,
        AlertState::InsufficientData => 3,
        AlertState::NoData => 4,
    };
    // Times from 0 on have bits in their order.
    (state, alert.since_seconds.max(0.0).to_bits())
}

/// The decisions of all, oldest first.
fn decisions(snapshots: &[Part]) -> Vec<Decision> {
    let mut all: Vec<Decision> =
        snapshots.iter().flat_map(|snapshot| snapshot.decisions.iter().cloned()).collect();
    sort_by(&mut all, |one, other| {
        let by_time = one.at_seconds.total_cmp(&other.at_seconds);
        by_time.then_with(|| one.action.cmp(&other.action))
    });
    all
}
