//! What is done about alerts.

use schemars::JsonSchema;
use tidegate_core::alert::RuleDocument;

/// When somebody is to be called.
#[derive(Debug, JsonSchema)]
#[schemars(untagged, rename = "Alerts")]
pub enum AlertsSchema {
    /// The rules that are good for most.
    #[schemars(with = "DefaultAlerts")]
    Default,
    /// Own rules.
    Rules(#[schemars(length(max = 64))] Vec<RuleDocument>),
}

/// The word for the rules that are good for most.
#[derive(Debug, JsonSchema)]
#[schemars(rename_all = "snake_case")]
pub enum DefaultAlerts {
    /// Those of the documentation.
    Default,
}

/// What is done about alerts that have actions.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Remediation")]
pub struct RemediationSchema {
    /// Decide and log, but change nothing. `false` if absent.
    pub dry_run: Option<bool>,
    /// How a variant is rolled back, and how it comes back.
    pub rollback: Option<RollbackSchema>,
    /// How a model's circuit opens and closes.
    pub circuit: Option<CircuitSchema>,
    /// How often a new model may be asked for.
    pub retrain: Option<RetrainSchema>,
}

/// How a variant is rolled back, and how it comes back.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "RollbackPolicy")]
pub struct RollbackSchema {
    /// How long the alert must have been quiet before the variant comes back, in seconds. If absent, it
    /// stays away.
    #[schemars(range(min = 0, max = 31_622_400))]
    pub ramp_after_seconds: Option<f64>,
    /// The shares of its traffic that it gets back, one after the other, ascending. 1, 5, 10, 25 and 50
    /// per cent if absent.
    #[schemars(length(min = 1, max = 32), inner(range(min = 0.0001, max = 0.9999)))]
    pub ramp: Option<Vec<f64>>,
    /// How long each share is held, in seconds. 900 if absent.
    #[schemars(range(min = 1, max = 31_622_400))]
    pub hold_seconds: Option<f64>,
    /// How often it may come back. 2 if absent.
    #[schemars(range(max = 1000))]
    pub attempts: Option<u32>,
}

/// How a model's circuit opens and closes.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "CircuitPolicy")]
pub struct CircuitSchema {
    /// How long it stays open before the first probe, in seconds; doubled each time that the probes fail.
    /// 30 if absent.
    #[schemars(range(min = 1, max = 31_622_400))]
    pub open_seconds: Option<f64>,
    /// It stays open no longer, in seconds. 300 if absent.
    #[schemars(range(min = 1, max = 31_622_400))]
    pub max_open_seconds: Option<f64>,
    /// The share of requests that are probes while it is half open. 0.05 if absent.
    #[schemars(range(min = 0.0001, max = 1))]
    pub probe_share: Option<f64>,
    /// Probes after which it is decided. 20 if absent.
    #[schemars(range(min = 1, max = 1_000_000))]
    pub probes: Option<u64>,
    /// The share of probes that may fail. 0.1 if absent.
    #[schemars(range(min = 0, max = 0.9999))]
    pub max_failure_share: Option<f64>,
    /// How long it waits for the probes, in seconds. 60 if absent.
    #[schemars(range(min = 1, max = 31_622_400))]
    pub max_probe_seconds: Option<f64>,
}

/// How often a new model may be asked for.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "RetrainPolicy")]
pub struct RetrainSchema {
    /// How long after a request none is made, in seconds. Six hours if absent.
    #[schemars(range(min = 1, max = 31_622_400))]
    pub cool_down_seconds: Option<f64>,
    /// Requests in a budget's time. 3 if absent.
    #[schemars(range(max = 1000))]
    pub attempts: Option<u32>,
    /// The budget's time, in seconds. A week if absent.
    #[schemars(range(min = 1, max = 31_622_400))]
    pub budget_seconds: Option<f64>,
}
