use serde::{Deserialize, Serialize};

use super::{CircuitPolicy, RetrainPolicy, RollbackPolicy};

/// How decisions are made. As JSON every field may be left out, and unknown ones are refused.
///
/// ```
/// use tidegate_core::remediation::Policies;
///
/// let policies: Policies = serde_json::from_str(r#"{"circuit": {"open_seconds": 600}}"#)?;
/// assert_eq!(policies.circuit.probes, 20);
/// assert_eq!(policies.fault(), Some("max_open_seconds must not be less than open_seconds"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Policies {
    /// Of rollbacks.
    pub rollback: RollbackPolicy,
    /// Of circuit breakers.
    pub circuit: CircuitPolicy,
    /// Of requests for a new model.
    pub retrain: RetrainPolicy,
    /// Decide and log, but change nothing.
    pub dry_run: bool,
}

impl Policies {
    /// What is wrong with them, in a sentence; `None` if nothing is.
    #[must_use]
    pub fn fault(&self) -> Option<&'static str> {
        let of_circuit = || self.circuit.fault();
        self.rollback.fault().or_else(of_circuit).or_else(|| self.retrain.fault())
    }
}

const MAX_SECONDS: f64 = 366.0 * 86_400.0;

/// Whether it is a span of time, which may be none.
pub(super) fn is_span(seconds: f64) -> bool {
    (0.0..=MAX_SECONDS).contains(&seconds)
}

/// Whether it is a time that something is held for.
pub(super) fn is_time(seconds: f64) -> bool {
    (1.0..=MAX_SECONDS).contains(&seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_no_policy_can_be_is_said() {
        let fault = |json: &str| serde_json::from_str::<Policies>(json).unwrap().fault();
        for json in ["{}", r#"{"rollback": {"ramp_after_seconds": 0, "ramp": [0.5]}}"#] {
            assert_eq!(fault(json), None, "{json}");
        }
        for (json, word) in [
            (r#"{"rollback": {"ramp": []}}"#, "rising"),
            (r#"{"rollback": {"ramp": [0.5, 0.5]}}"#, "rising"),
            (r#"{"rollback": {"ramp": [1]}}"#, "rising"),
            (r#"{"rollback": {"hold_seconds": 0}}"#, "rollback"),
            (r#"{"circuit": {"open_seconds": 0.5}}"#, "circuit"),
            (r#"{"circuit": {"probe_share": 0}}"#, "probe_share"),
            (r#"{"circuit": {"probes": 0}}"#, "probe"),
            (r#"{"circuit": {"max_failure_share": 1}}"#, "max_failure_share"),
            (r#"{"retrain": {"cool_down_seconds": -1}}"#, "retrain"),
        ] {
            assert!(fault(json).is_some_and(|it| it.contains(word)), "{json}");
        }
    }
}
