use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::decision::Step;
use super::policy::is_span;

/// How often a new model may be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RetrainPolicy {
    /// How long after a request none is made, in seconds: a training run and its roll-out.
    pub cool_down_seconds: f64,
    /// Requests in a budget's time.
    pub attempts: u32,
    /// The budget's time, in seconds.
    pub budget_seconds: f64,
}

impl Default for RetrainPolicy {
    /// Every six hours, three times a week.
    fn default() -> Self {
        Self { cool_down_seconds: 6.0 * 3600.0, attempts: 3, budget_seconds: 7.0 * 86_400.0 }
    }
}

impl RetrainPolicy {
    /// What is wrong with it, in a sentence; `None` if nothing is.
    pub(super) fn fault(&self) -> Option<&'static str> {
        let is_right = is_span(self.cool_down_seconds) && is_span(self.budget_seconds);
        (!is_right).then_some("the seconds of a retrain request must be at most a year")
    }
}

/// The requests for a new model.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Retrain {
    /// When they were made, oldest first, as far as they count.
    requests: Vec<f64>,
    /// Whether the budget was found spent since the last request.
    is_spent: bool,
}

impl Retrain {
    pub(super) fn tick(
        &mut self,
        now_seconds: f64,
        is_firing: bool,
        policy: &RetrainPolicy,
    ) -> Option<Step> {
        let memory = policy.budget_seconds.max(policy.cool_down_seconds);
        self.requests.retain(|at| now_seconds - at < memory);
        let is_cooling =
            self.requests.last().is_some_and(|at| now_seconds - at < policy.cool_down_seconds);
        if !is_firing || is_cooling {
            return None;
        }
        let within = |at: &&f64| now_seconds - **at < policy.budget_seconds;
        let spent = self.requests.iter().filter(within).count();
        if spent >= policy.attempts as usize {
            let is_known = core::mem::replace(&mut self.is_spent, true);
            return (!is_known).then_some(Step {
                from: "idle",
                to: "budget_spent",
                reason: "the alert fires, and no request is left: a person should look",
                by_alert: true,
            });
        }
        self.requests.push(now_seconds);
        self.is_spent = false;
        Some(Step { from: "idle", to: "requested", reason: "the alert fires", by_alert: true })
    }

    pub(super) const fn is_idle(&self) -> bool {
        self.requests.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_apart_and_few() {
        let policy =
            RetrainPolicy { cool_down_seconds: 100.0, attempts: 2, budget_seconds: 1000.0 };
        let mut retrain = Retrain::default();
        let mut to = |now, is_firing| retrain.tick(now, is_firing, &policy).map(|step| step.to);
        assert_eq!(to(0.0, false), None);
        assert_eq!(to(1.0, true), Some("requested"));
        assert_eq!(to(2.0, true), None);
        assert_eq!(to(101.0, true), Some("requested"));
        assert_eq!(to(201.0, true), Some("budget_spent"));
        assert_eq!(to(202.0, true), None, "told once");
        assert_eq!(to(1001.0, true), Some("requested"), "the first is out of the budget's time");
    }
}
