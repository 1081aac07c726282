use alloc::string::String;
use alloc::vec::Vec;

use super::Observatory;
use crate::alert::{Alert, AlertState, Alerts, Baseline, Rule};
use crate::metric::{self, COUNTING_SINCE, Family, Number};
use crate::snapshot::Snapshot;

/// Everything that an observatory knows at one moment, as one object: to Prometheus, to JSON, or held
/// against rules.
///
/// ```
/// use tidegate_core::alert::default_rules;
/// use tidegate_core::event;
/// use tidegate_core::observatory::{Observatory, Settings};
///
/// let mut observatory = Observatory::new(Settings::default());
/// let body = br#"{"type": "inference", "model_name": "iris", "status": "server_error"}"#;
/// observatory.tick(1_790_000_000.0);
/// for read in event::read(body).events {
///     observatory.observe(1_790_000_001.0, &read.event);
/// }
/// observatory.tick(1_790_000_010.0);
///
/// let metrics = observatory.ml_metrics();
/// assert!(metrics.to_prometheus().contains("inference_requests_total"));
/// let alerts = metrics.alert_check(&default_rules()?);
/// assert!(alerts.iter().any(|alert| alert.name == "errors" && alert.value == Some(1.0)));
/// # Ok::<(), tidegate_core::alert::RuleError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct MLMetrics {
    snapshot: Snapshot,
    families: Vec<Family>,
    baselines: Vec<Baseline>,
}

impl Observatory {
    /// Everything that was known at the last tick, as one object.
    #[must_use]
    pub fn ml_metrics(&self) -> MLMetrics {
        MLMetrics {
            snapshot: self.snapshot(),
            families: self.families(),
            baselines: self.baselines(),
        }
    }
}

impl MLMetrics {
    /// Every model, experiment, training run and feature set.
    #[must_use]
    pub const fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// The same as metric families.
    #[must_use]
    pub fn families(&self) -> &[Family] {
        &self.families
    }

    /// As Prometheus reads it.
    #[must_use]
    pub fn to_prometheus(&self) -> String {
        metric::prometheus_text(&self.families)
    }

    /// As OpenMetrics 1.0 has it.
    #[must_use]
    pub fn to_openmetrics(&self) -> String {
        metric::openmetrics_text(&self.families)
    }

    /// The snapshot as JSON: `tidegate.snapshot/1`.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Its maps have names for keys, so that writing it does not fail.
        serde_json::to_string(&self.snapshot).unwrap_or_default()
    }

    /// Holds rules against this moment alone, however long their conditions should hold: a condition that
    /// holds is firing, with the value that made it so; a rule that cannot be told has no data, or too few.
    /// What looks back looks at all that was counted, from when counting began.
    #[must_use]
    pub fn alert_check(&self, rules: &[Rule]) -> Vec<Alert> {
        let mut rules = rules.to_vec();
        for rule in &mut rules {
            rule.document.for_seconds = 0.0;
        }
        let now_seconds = self.snapshot.at_seconds;
        let mut alerts = Alerts::default();
        if let Some(since) = self.since_seconds().filter(|since| *since < now_seconds) {
            alerts.tick(since, &[], &rules, &self.baselines);
        }
        alerts.tick(now_seconds, &self.families, &rules, &self.baselines);
        let mut alerts = alerts.alerts(&rules);
        alerts.retain(|alert| !matches!(alert.state, AlertState::Pending | AlertState::Resolved));
        alerts
    }

    fn since_seconds(&self) -> Option<f64> {
        let since = self.families.iter().find(|family| family.name == COUNTING_SINCE)?;
        match since.samples.first()?.value {
            Number::Measure(seconds) => Some(seconds),
            Number::Count(_) => None,
        }
    }
}
