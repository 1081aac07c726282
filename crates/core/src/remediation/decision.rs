use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use serde::{Deserialize, Serialize};

use crate::alert::{Action, Alert};

/// Something that was decided, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Decision {
    /// When, in seconds since 1970.
    pub at_seconds: f64,
    /// What it is about, as a rule names it: `rollback:EXPERIMENT/VARIANT`.
    pub action: String,
    /// The state that it came from.
    pub from: String,
    /// The state that it is in now.
    pub to: String,
    /// The share of its traffic that the variant kept, or of its requests that the model was sent, before, in
    /// `[0, 1]`; `None` of what has none.
    #[serde(default)]
    pub share_from: Option<f64>,
    /// The share that it is now.
    #[serde(default)]
    pub share_to: Option<f64>,
    /// One sentence on why.
    pub reason: String,
    /// The alert that led to it, if one did.
    pub evidence: Option<Evidence>,
    /// Whether it was only logged.
    pub dry_run: bool,
}

/// The alert behind a decision, as it was then.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Evidence {
    /// Name of the rule.
    pub alert: String,
    /// The condition.
    pub when: String,
    /// The left side of the condition.
    pub value: Option<f64>,
    /// The series that it is about.
    pub labels: BTreeMap<String, String>,
    /// When the alert began to fire, in seconds since 1970.
    pub fired_at_seconds: Option<f64>,
}

impl Evidence {
    pub(super) fn of(alert: &Alert) -> Self {
        Self {
            alert: alert.name.clone(),
            when: alert.when.clone(),
            value: alert.value,
            labels: alert.labels.clone(),
            fired_at_seconds: alert.fired_at_seconds,
        }
    }
}

/// A step of a state machine, before it is dated and signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Step {
    pub from: &'static str,
    pub to: &'static str,
    pub reason: &'static str,
    /// Whether the alert that fires is its evidence.
    pub by_alert: bool,
}

impl Step {
    pub(super) fn decision(
        self,
        at_seconds: f64,
        action: &Action,
        [share_from, share_to]: [Option<f64>; 2],
        alert: Option<&Alert>,
        dry_run: bool,
    ) -> Decision {
        Decision {
            at_seconds,
            action: action.to_string(),
            from: self.from.into(),
            to: self.to.into(),
            share_from,
            share_to,
            reason: self.reason.into(),
            evidence: alert.filter(|_| self.by_alert).map(Evidence::of),
            dry_run,
        }
    }
}
