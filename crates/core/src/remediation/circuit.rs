use serde::{Deserialize, Serialize};

use super::decision::Step;
use super::policy::is_time;

/// How a circuit opens and closes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CircuitPolicy {
    /// How long it stays open before the first probe, in seconds; doubled at each time that the probes
    /// fail.
    pub open_seconds: f64,
    /// It stays open no longer, in seconds.
    pub max_open_seconds: f64,
    /// The share of requests that are probes while it is half open, in `(0, 1]`.
    pub probe_share: f64,
    /// Probes after which it is decided.
    pub probes: u64,
    /// The share of probes that may fail, in `[0, 1)`.
    pub max_failure_share: f64,
    /// How long it waits for the probes; if fewer came by then, those decide. With none, it waits on.
    pub max_probe_seconds: f64,
}

impl Default for CircuitPolicy {
    /// Half a minute to five; a request in twenty, twenty of them, of which two may fail.
    fn default() -> Self {
        Self {
            open_seconds: 30.0,
            max_open_seconds: 300.0,
            probe_share: 0.05,
            probes: 20,
            max_failure_share: 0.1,
            max_probe_seconds: 60.0,
        }
    }
}

impl CircuitPolicy {
    /// What is wrong with it, in a sentence; `None` if nothing is.
    pub(super) fn fault(&self) -> Option<&'static str> {
        let times = [self.open_seconds, self.max_open_seconds, self.max_probe_seconds];
        if !times.into_iter().all(is_time) {
            Some("the seconds of a circuit must be from 1 to a year")
        } else if self.max_open_seconds < self.open_seconds {
            Some("max_open_seconds must not be less than open_seconds")
        } else if !(self.probe_share > 0.0 && self.probe_share <= 1.0) || self.probes == 0 {
            Some("a circuit needs a probe_share above 0 and at most 1, and a probe at least")
        } else if !(0.0..1.0).contains(&self.max_failure_share) {
            Some("max_failure_share must be from 0 to below 1")
        } else {
            None
        }
    }
}

/// The circuit breaker of a model.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Circuit {
    state: State,
    since_seconds: f64,
    /// How long it stays open this time.
    open_seconds: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
enum State {
    #[default]
    Closed,
    Open,
    /// Requests and failures of the model when it began.
    HalfOpen {
        requests: u64,
        failures: u64,
    },
}

impl Circuit {
    /// The share of requests that pass to the model, in `[0, 1]`.
    #[must_use]
    pub const fn share_passed(&self, policy: &CircuitPolicy) -> f64 {
        match self.state {
            State::Closed => 1.0,
            State::Open => 0.0,
            State::HalfOpen { .. } => policy.probe_share,
        }
    }

    /// `requests` and `failures` are the model's counts so far, of requests that reached it.
    pub(super) fn tick(
        &mut self,
        now_seconds: f64,
        is_firing: bool,
        (requests, failures): (u64, u64),
        policy: &CircuitPolicy,
    ) -> Option<Step> {
        let held = now_seconds - self.since_seconds;
        let step = |from, to, reason, by_alert| Some(Step { from, to, reason, by_alert });
        match self.state {
            State::Closed if is_firing => {
                self.open_seconds = policy.open_seconds;
                self.to(State::Open, now_seconds);
                step("closed", "open", "the alert fires", true)
            }
            State::Open if held >= self.open_seconds => {
                self.to(State::HalfOpen { requests, failures }, now_seconds);
                step("open", "half_open", "it was open for long enough", false)
            }
            State::HalfOpen { requests: before, failures: failed_before } => {
                let probes = requests.saturating_sub(before);
                let failed = failures.saturating_sub(failed_before);
                let is_over =
                    probes >= policy.probes || (held >= policy.max_probe_seconds && probes > 0);
                if !is_over {
                    return None;
                }
                if failed as f64 <= policy.max_failure_share * probes as f64 {
                    self.to(State::Closed, now_seconds);
                    step("half_open", "closed", "the probes succeeded", false)
                } else {
                    self.open_seconds = (self.open_seconds * 2.0).min(policy.max_open_seconds);
                    self.to(State::Open, now_seconds);
                    step("half_open", "open", "the probes failed", false)
                }
            }
            State::Closed | State::Open => None,
        }
    }

    pub(super) const fn is_idle(&self) -> bool {
        matches!(self.state, State::Closed)
    }

    fn to(&mut self, state: State, now_seconds: f64) {
        self.state = state;
        self.since_seconds = now_seconds;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens_probes_and_closes() {
        let (mut circuit, policy) = (Circuit::default(), CircuitPolicy::default());
        let to = |step: Option<Step>| step.map(|step| step.to);
        assert_eq!(to(circuit.tick(0.0, false, (100, 5), &policy)), None);
        assert_eq!(to(circuit.tick(1.0, true, (200, 150), &policy)), Some("open"));
        assert_eq!(circuit.share_passed(&policy), 0.0);
        assert_eq!(to(circuit.tick(30.0, true, (200, 150), &policy)), None);
        assert_eq!(to(circuit.tick(31.0, true, (200, 150), &policy)), Some("half_open"));
        assert_eq!(circuit.share_passed(&policy), 0.05);
        assert_eq!(to(circuit.tick(32.0, true, (219, 150), &policy)), None, "nineteen probes");
        assert_eq!(to(circuit.tick(33.0, true, (220, 152), &policy)), Some("closed"));
        assert!(circuit.is_idle());
    }

    #[test]
    fn failing_probes_keep_it_open_twice_as_long() {
        let (mut circuit, policy) = (Circuit::default(), CircuitPolicy::default());
        circuit.tick(0.0, true, (0, 0), &policy);
        let mut now = 0.0;
        for wait in [30.0, 60.0, 120.0, 240.0, 300.0, 300.0] {
            assert_eq!(circuit.tick(now + wait - 1.0, false, (0, 0), &policy), None);
            now += wait;
            assert_eq!(circuit.tick(now, false, (0, 0), &policy).unwrap().to, "half_open");
            assert_eq!(circuit.tick(now, false, (20, 3), &policy).unwrap().to, "open");
        }
    }

    #[test]
    fn few_probes_decide_when_their_time_is_up_and_none_decide_nothing() {
        let (mut circuit, policy) = (Circuit::default(), CircuitPolicy::default());
        circuit.tick(0.0, true, (0, 0), &policy);
        circuit.tick(30.0, false, (0, 0), &policy);
        assert_eq!(circuit.tick(500.0, false, (0, 0), &policy), None);
        assert_eq!(circuit.tick(501.0, false, (1, 0), &policy).unwrap().to, "closed");
    }
}
