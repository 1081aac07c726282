use alloc::string::String;
use serde::{Deserialize, Serialize};

use super::rule::RuleDocument;

/// Where an alert stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum AlertState {
    /// The condition holds, but not yet long enough.
    Pending,
    /// The condition holds.
    Firing,
    /// It fired, and the condition has stopped.
    Resolved,
    /// What the condition asks about is not there.
    NoData,
    /// What the condition asks about is there, but there is too little of it to tell.
    InsufficientData,
}

impl AlertState {
    /// The name on the wire and in labels.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Firing => "firing",
            Self::Resolved => "resolved",
            Self::NoData => "no_data",
            Self::InsufficientData => "insufficient_data",
        }
    }
}

/// What is known of a condition for one series at a tick.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Seen {
    /// It holds; the value of its left side.
    Holds(f64),
    /// It does not hold. Whether a firing alert may be resolved.
    Stopped {
        may_resolve: bool,
    },
    NoData,
    InsufficientData,
}

/// One series of one rule, while there is something to say of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Instance {
    pub state: AlertState,
    /// Since when it is in its state, in seconds since 1970.
    pub since_seconds: f64,
    /// The left side when the condition held last.
    pub value: Option<f64>,
    /// Whether it was firing when its data went away.
    was_firing: bool,
    /// Since when the condition of a firing alert does not hold.
    quiet_since: Option<f64>,
    /// Tells one firing from the next: when it began.
    pub fired_at: Option<f64>,
}

/// How long a resolved alert is still told of, in seconds.
const TOLD_SECONDS: f64 = 900.0;
/// How long what an alert was about may be away before it is forgotten, in seconds.
const FORGOTTEN_SECONDS: f64 = 86_400.0;

impl Instance {
    /// What becomes of an instance, of which there may be none yet; `None` when there is nothing to say.
    pub(super) fn next(
        own: Option<Self>,
        seen: Seen,
        rule: &RuleDocument,
        now_seconds: f64,
    ) -> Option<Self> {
        let state = own.as_ref().map(|own| own.state);
        match (seen, state, own) {
            (Seen::Holds(value), Some(AlertState::Firing), Some(own)) => {
                Some(Self { value: Some(value), quiet_since: None, ..own })
            }
            (Seen::Holds(value), Some(AlertState::Pending), Some(own)) => {
                let own = Self { value: Some(value), ..own };
                Some(own.fire_if_due(rule, now_seconds))
            }
            // The data are back, and nothing has changed.
            (Seen::Holds(value), Some(_), Some(own)) if own.was_firing => {
                let own = Self { value: Some(value), quiet_since: None, ..own };
                Some(own.to(AlertState::Firing, now_seconds))
            }
            (Seen::Holds(value), _, _) => {
                let pending = Self {
                    state: AlertState::Pending,
                    since_seconds: now_seconds,
                    value: Some(value),
                    was_firing: false,
                    quiet_since: None,
                    fired_at: None,
                };
                Some(pending.fire_if_due(rule, now_seconds))
            }
            (Seen::Stopped { may_resolve }, _, Some(own)) if own.is_on() => {
                if !may_resolve {
                    let held = Self { quiet_since: None, ..own };
                    return Some(held.to(AlertState::Firing, now_seconds));
                }
                let quiet_since = own.quiet_since.unwrap_or(now_seconds);
                let own = Self { quiet_since: Some(quiet_since), ..own };
                if now_seconds - quiet_since >= rule.keep_firing_seconds {
                    Some(own.to(AlertState::Resolved, now_seconds))
                } else {
                    Some(own.to(AlertState::Firing, now_seconds))
                }
            }
            (_, Some(AlertState::Resolved), Some(own)) => {
                (now_seconds - own.since_seconds < TOLD_SECONDS).then_some(own)
            }
            (Seen::Stopped { .. }, _, _) => None,
            (Seen::NoData, Some(AlertState::NoData), Some(own))
                if now_seconds - own.since_seconds >= FORGOTTEN_SECONDS =>
            {
                None
            }
            (Seen::NoData, _, own) => Some(Self::gap(own, AlertState::NoData, now_seconds)),
            (Seen::InsufficientData, _, own) => {
                Some(Self::gap(own, AlertState::InsufficientData, now_seconds))
            }
        }
    }

    /// Without data.
    fn gap(own: Option<Self>, state: AlertState, now_seconds: f64) -> Self {
        match own {
            Some(own) => own.to(state, now_seconds),
            None => Self {
                state,
                since_seconds: now_seconds,
                value: None,
                was_firing: false,
                quiet_since: None,
                fired_at: None,
            },
        }
    }

    /// Whether it fires, or fired when its data went away.
    const fn is_on(&self) -> bool {
        self.was_firing || matches!(self.state, AlertState::Firing)
    }

    /// Whether somebody is called for it, or soon may be.
    pub(super) const fn is_urgent(&self) -> bool {
        self.is_on() || matches!(self.state, AlertState::Pending)
    }

    fn fire_if_due(self, rule: &RuleDocument, now_seconds: f64) -> Self {
        if now_seconds - self.since_seconds >= rule.for_seconds {
            self.to(AlertState::Firing, now_seconds)
        } else {
            self
        }
    }

    fn to(self, state: AlertState, now_seconds: f64) -> Self {
        let was_on = self.is_on();
        let is_gap = matches!(state, AlertState::NoData | AlertState::InsufficientData);
        Self {
            state,
            since_seconds: if self.state == state { self.since_seconds } else { now_seconds },
            was_firing: is_gap && was_on,
            fired_at: match state {
                AlertState::Firing if !was_on => Some(now_seconds),
                _ => self.fired_at,
            },
            ..self
        }
    }
}

/// One alert, as it is shown and sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Alert {
    /// Name of the rule.
    pub name: String,
    /// Where it stands.
    pub state: AlertState,
    /// How bad it is.
    pub severity: super::Severity,
    /// The series that it is about.
    pub labels: alloc::collections::BTreeMap<String, String>,
    /// The left side of the condition when it held last.
    pub value: Option<f64>,
    /// The condition.
    pub when: String,
    /// One sentence for whoever is called.
    pub summary: String,
    /// Since when it is in its state, in seconds since 1970.
    pub since_seconds: f64,
    /// When it began to fire, if it did.
    pub fired_at_seconds: Option<f64>,
}
