use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::decision::Step;
use super::policy::{is_span, is_time};

/// How a variant is rolled back, and how it comes back.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RollbackPolicy {
    /// How long the alert must have been quiet before the variant comes back, in seconds; `None`: it
    /// stays away until the config says otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ramp_after_seconds: Option<f64>,
    /// The shares of its traffic that it gets back, one after the other, in `(0, 1)`, ascending.
    pub ramp: Vec<f64>,
    /// How long each share is held, in seconds.
    pub hold_seconds: f64,
    /// How often it may come back; after that it stays away.
    pub attempts: u32,
}

impl Default for RollbackPolicy {
    /// It stays away; told to come back, it does so by 1, 5, 10, 25 and 50 per cent, a quarter of an hour
    /// each, twice at most.
    fn default() -> Self {
        Self {
            ramp_after_seconds: None,
            ramp: Vec::from([0.01, 0.05, 0.1, 0.25, 0.5]),
            hold_seconds: 900.0,
            attempts: 2,
        }
    }
}

impl RollbackPolicy {
    /// What is wrong with it, in a sentence; `None` if nothing is.
    pub(super) fn fault(&self) -> Option<&'static str> {
        let is_rising = self.ramp.windows(2).all(|pair| matches!(pair, [a, b] if a < b));
        let is_share = |share: &f64| *share > 0.0 && *share < 1.0;
        if !self.ramp_after_seconds.is_none_or(is_span) || !is_time(self.hold_seconds) {
            Some("the seconds of a rollback must be at most a year")
        } else if self.ramp.is_empty() || !is_rising || !self.ramp.iter().all(is_share) {
            Some("the ramp of a rollback must be rising shares between 0 and 1")
        } else {
            None
        }
    }
}

/// The traffic of a variant.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Rollback {
    state: State,
    /// Since when it is in its state.
    since_seconds: f64,
    /// When its alert fired last.
    fired_at_seconds: f64,
    /// How often it has come back.
    attempts: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
enum State {
    #[default]
    Active,
    RolledBack,
    /// At this place of the ramp.
    Ramping(u32),
}

impl Rollback {
    /// The share of its own traffic that the variant keeps, in `[0, 1]`.
    #[must_use]
    pub fn share_kept(&self, policy: &RollbackPolicy) -> f64 {
        match self.state {
            State::Active => 1.0,
            State::RolledBack => 0.0,
            State::Ramping(step) => policy.ramp.get(step as usize).copied().unwrap_or(1.0),
        }
    }

    pub(super) fn tick(
        &mut self,
        now_seconds: f64,
        is_firing: bool,
        policy: &RollbackPolicy,
    ) -> Option<Step> {
        if is_firing {
            self.fired_at_seconds = now_seconds;
        }
        let held = now_seconds - self.since_seconds;
        let quiet = now_seconds - self.fired_at_seconds;
        let step = |from, to, reason, by_alert| Step { from, to, reason, by_alert };
        match self.state {
            State::Active if is_firing => {
                self.to(State::RolledBack, now_seconds);
                Some(step("active", "rolled_back", "the alert fires", true))
            }
            State::Ramping(_) if is_firing => {
                self.to(State::RolledBack, now_seconds);
                Some(step("ramping", "rolled_back", "the alert fires again", true))
            }
            State::RolledBack => {
                let is_due =
                    policy.ramp_after_seconds.is_some_and(|wait| quiet >= wait && held >= wait);
                if is_firing || !is_due || self.attempts >= policy.attempts {
                    return None;
                }
                self.attempts += 1;
                self.to(State::Ramping(0), now_seconds);
                Some(step("rolled_back", "ramping", "the alert was quiet for long enough", false))
            }
            State::Ramping(place) if held >= policy.hold_seconds => {
                if (place as usize + 1) < policy.ramp.len() {
                    self.to(State::Ramping(place + 1), now_seconds);
                    return Some(step("ramping", "ramping", "no alert at the last share", false));
                }
                self.to(State::Active, now_seconds);
                self.attempts = 0;
                Some(step("ramping", "active", "no alert at any share", false))
            }
            State::Active | State::Ramping(_) => None,
        }
    }

    /// Whether it is as if nothing had ever been decided.
    pub(super) const fn is_idle(&self) -> bool {
        matches!(self.state, State::Active)
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
    fn it_stays_away_unless_it_is_told_to_come_back() {
        let (mut rollback, policy) = (Rollback::default(), RollbackPolicy::default());
        assert_eq!(rollback.tick(0.0, false, &policy), None);
        assert_eq!(rollback.share_kept(&policy), 1.0);
        assert_eq!(rollback.tick(1.0, true, &policy).unwrap().to, "rolled_back");
        assert_eq!(rollback.tick(2.0, true, &policy), None, "once");
        assert_eq!(rollback.tick(1e9, false, &policy), None);
        assert_eq!(rollback.share_kept(&policy), 0.0);
    }

    #[test]
    fn it_comes_back_by_steps_and_goes_at_once() {
        let policy = RollbackPolicy {
            ramp_after_seconds: Some(100.0),
            ramp: Vec::from([0.1, 0.5]),
            hold_seconds: 10.0,
            attempts: 2,
        };
        let mut rollback = Rollback::default();
        let mut share_at = |now, is_firing| {
            rollback.tick(now, is_firing, &policy);
            rollback.share_kept(&policy)
        };
        assert_eq!(share_at(0.0, true), 0.0);
        assert_eq!(share_at(50.0, true), 0.0, "it still fires");
        assert_eq!(share_at(149.0, false), 0.0);
        assert_eq!(share_at(150.0, false), 0.1);
        assert_eq!(share_at(160.0, false), 0.5);
        assert_eq!(share_at(165.0, true), 0.0);
        assert_eq!(share_at(265.0, false), 0.1);
        assert_eq!(share_at(266.0, true), 0.0);
        assert_eq!(share_at(1e9, false), 0.0, "twice was enough");
    }

    #[test]
    fn a_whole_ramp_makes_it_active_again() {
        let policy = RollbackPolicy { ramp_after_seconds: Some(0.0), ..RollbackPolicy::default() };
        let mut rollback = Rollback::default();
        rollback.tick(0.0, true, &policy);
        for tick in 1..=6 {
            rollback.tick(900.0 * f64::from(tick), false, &policy);
        }
        assert!(rollback.is_idle());
    }
}
