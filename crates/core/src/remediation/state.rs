use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::decision::Step;
use super::{
    Circuit, CircuitDirective, Decision, Directives, Policies, Retrain, Rollback, VariantDirective,
};
use crate::alert::{Action, Alert, AlertState, Rule};
use crate::pane::SortedMap;

/// Decisions that are kept.
const MAX_DECISIONS: usize = 200;
/// Targets of each kind that are kept; rules name them, so there are no more than a config's.
const MAX_TARGETS: usize = 256;

/// An action whose alert fires.
#[derive(Debug, Clone, PartialEq)]
pub struct Trigger {
    /// The action.
    pub action: Action,
    /// The alert.
    pub alert: Alert,
}

/// Requests that reached a model so far, and those of them that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcomes {
    /// The model.
    pub model_name: String,
    /// Requests.
    pub requests: u64,
    /// Failures.
    pub failures: u64,
}

/// All state machines, and the log of their decisions.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Remediation {
    machines: SortedMap<Action, Machine>,
    decisions: Vec<Decision>,
    directives: Directives,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
enum Machine {
    #[default]
    New,
    Rollback(Rollback),
    Circuit(Circuit),
    Retrain(Retrain),
}

impl Remediation {
    /// Takes the alerts that fire at a time (seconds since 1970), and returns what was decided.
    ///
    /// `triggers` has one entry for each action of each firing alert; actions that are not among them are
    /// quiet.
    pub fn tick(
        &mut self,
        now_seconds: f64,
        triggers: &[Trigger],
        policies: &Policies,
        outcomes: &[Outcomes],
    ) -> Vec<Decision> {
        for trigger in triggers {
            if self.machines.len() < MAX_TARGETS {
                self.machines.entry(&trigger.action);
            }
        }
        let mut decided = Vec::new();
        for (action, machine) in self.machines.iter_mut() {
            let trigger = triggers.iter().find(|trigger| trigger.action == *action);
            let before = machine.share(action, policies);
            let step = machine.tick(now_seconds, (action, trigger.is_some()), policies, outcomes);
            if let Some(step) = step {
                let alert = trigger.map(|trigger| &trigger.alert);
                let shares = [before, machine.share(action, policies)];
                decided.push(step.decision(now_seconds, action, shares, alert, policies.dry_run));
            }
        }
        self.machines.retain(|_, machine| !machine.is_idle());
        self.directives =
            if policies.dry_run { Directives::default() } else { self.direct(policies) };
        self.decisions.extend(decided.iter().cloned());
        let excess = self.decisions.len().saturating_sub(MAX_DECISIONS);
        self.decisions.drain(..excess);
        decided
    }

    /// The latest decisions, oldest first.
    #[must_use]
    pub fn decisions(&self) -> &[Decision] {
        &self.decisions
    }

    /// What workers do, as of the last tick.
    #[must_use]
    pub const fn directives(&self) -> &Directives {
        &self.directives
    }

    fn direct(&self, policies: &Policies) -> Directives {
        let mut directives = Directives::default();
        for (action, machine) in self.machines.iter() {
            match (action, machine) {
                (Action::Rollback { experiment, variant }, Machine::Rollback(rollback)) => {
                    directives.variants.push(VariantDirective {
                        experiment: experiment.clone(),
                        variant: variant.clone(),
                        share_kept: rollback.share_kept(&policies.rollback),
                    });
                }
                (Action::Circuit { model_name }, Machine::Circuit(circuit)) => {
                    let share_passed = circuit.share_passed(&policies.circuit);
                    let model_name = model_name.clone();
                    directives.circuits.push(CircuitDirective { model_name, share_passed });
                }
                _ => {}
            }
        }
        directives
    }
}

impl Machine {
    fn tick(
        &mut self,
        now_seconds: f64,
        (action, is_firing): (&Action, bool),
        policies: &Policies,
        outcomes: &[Outcomes],
    ) -> Option<Step> {
        if matches!(self, Self::New) {
            *self = match action {
                Action::Rollback { .. } => Self::Rollback(Rollback::default()),
                Action::Circuit { .. } => Self::Circuit(Circuit::default()),
                Action::Retrain { .. } => Self::Retrain(Retrain::default()),
            };
        }
        match (self, action) {
            (Self::Rollback(own), _) => own.tick(now_seconds, is_firing, &policies.rollback),
            (Self::Circuit(own), Action::Circuit { model_name }) => {
                let of_model = outcomes.iter().find(|it| it.model_name == *model_name);
                let counts = of_model.map_or((0, 0), |it| (it.requests, it.failures));
                own.tick(now_seconds, is_firing, counts, &policies.circuit)
            }
            (Self::Retrain(own), _) => own.tick(now_seconds, is_firing, &policies.retrain),
            _ => None,
        }
    }

    /// The share of the traffic that an action leaves; `None` of one that leaves it alone.
    fn share(&self, action: &Action, policies: &Policies) -> Option<f64> {
        match self {
            Self::New => (!matches!(action, Action::Retrain { .. })).then_some(1.0),
            Self::Rollback(own) => Some(own.share_kept(&policies.rollback)),
            Self::Circuit(own) => Some(own.share_passed(&policies.circuit)),
            Self::Retrain(_) => None,
        }
    }

    const fn is_idle(&self) -> bool {
        match self {
            Self::New => true,
            Self::Rollback(own) => own.is_idle(),
            Self::Circuit(own) => own.is_idle(),
            Self::Retrain(own) => own.is_idle(),
        }
    }
}

/// The actions of the alerts that fire, each once.
#[must_use]
pub fn triggers(rules: &[Rule], alerts: &[Alert]) -> Vec<Trigger> {
    let mut triggers: Vec<Trigger> = Vec::new();
    for alert in alerts.iter().filter(|alert| alert.state == AlertState::Firing) {
        let rule = rules.iter().find(|rule| rule.document.name == alert.name);
        for action in rule.into_iter().flat_map(|rule| &rule.actions) {
            if triggers.iter().all(|trigger| trigger.action != *action) {
                triggers.push(Trigger { action: action.clone(), alert: alert.clone() });
            }
        }
    }
    triggers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::Severity;
    use crate::remediation::{RetrainPolicy, RollbackPolicy};

    fn trigger(action: &str) -> Trigger {
        let alert = Alert {
            name: "errors".into(),
            state: AlertState::Firing,
            severity: Severity::Critical,
            labels: [("variant".into(), "treatment".into())].into(),
            value: Some(0.5),
            when: "x > 0.05".into(),
            summary: String::new(),
            since_seconds: 0.0,
            fired_at_seconds: Some(0.0),
        };
        Trigger { action: Action::parse(action).unwrap(), alert }
    }

    #[test]
    fn a_decision_is_made_once_and_carries_its_evidence() {
        let mut remediation = Remediation::default();
        let policies = Policies::default();
        let triggers = [trigger("rollback:e/treatment"), trigger("retrain:iris")];
        let decided = remediation.tick(10.0, &triggers, &policies, &[]);
        assert_eq!(decided.len(), 2);
        let rollback = &decided[0];
        assert_eq!((rollback.from.as_str(), rollback.to.as_str()), ("active", "rolled_back"));
        let evidence = rollback.evidence.as_ref().unwrap();
        assert_eq!((evidence.alert.as_str(), evidence.value), ("errors", Some(0.5)));
        assert_eq!(remediation.tick(11.0, &triggers, &policies, &[]), []);
        assert_eq!(remediation.decisions().len(), 2);
        assert_eq!(remediation.directives().share_kept("e", "treatment"), 0.0);
        assert_eq!(remediation.directives().share_kept("e", "control"), 1.0);
    }

    #[test]
    fn a_decision_says_from_what_share_to_what() {
        let mut remediation = Remediation::default();
        let rollback = RollbackPolicy {
            ramp_after_seconds: Some(1.0),
            ramp: Vec::from([0.1, 0.25]),
            hold_seconds: 1.0,
            attempts: 1,
        };
        let policies = Policies { rollback, ..Policies::default() };
        let both = [trigger("rollback:e/treatment"), trigger("retrain:iris")];
        remediation.tick(0.0, &both, &policies, &[]);
        for tick in 1..=3 {
            remediation.tick(f64::from(tick), &[], &policies, &[]);
        }
        let of = |action: &str| {
            let decisions = remediation.decisions().iter();
            let shares = |it: &Decision| (it.share_from, it.share_to);
            decisions.filter(|it| it.action.starts_with(action)).map(shares).collect::<Vec<_>>()
        };
        let some = |from, to| (Some(from), Some(to));
        let want = [some(1.0, 0.0), some(0.0, 0.1), some(0.1, 0.25), some(0.25, 1.0)];
        assert_eq!(of("rollback"), want);
        assert!(of("retrain").iter().all(|shares| *shares == (None, None)));
    }

    #[test]
    fn a_dry_run_decides_and_directs_nothing() {
        let mut remediation = Remediation::default();
        let policies = Policies { dry_run: true, ..Policies::default() };
        let decided = remediation.tick(10.0, &[trigger("circuit:iris")], &policies, &[]);
        assert!(decided[0].dry_run);
        assert_eq!(remediation.directives(), &Directives::default());
        // Made serious, it acts on what it had decided.
        remediation.tick(11.0, &[], &Policies::default(), &[]);
        assert_eq!(remediation.directives().share_passed("iris"), 0.0);
    }

    #[test]
    fn a_circuit_is_closed_by_the_outcomes_of_its_model() {
        let mut remediation = Remediation::default();
        let policies = Policies::default();
        let outcomes =
            |requests, failures| [Outcomes { model_name: "iris".into(), requests, failures }];
        remediation.tick(0.0, &[trigger("circuit:iris")], &policies, &outcomes(100, 60));
        remediation.tick(30.0, &[], &policies, &outcomes(100, 60));
        assert_eq!(remediation.directives().share_passed("iris"), 0.05);
        let closed = remediation.tick(40.0, &[], &policies, &outcomes(120, 61));
        assert_eq!(closed[0].to, "closed");
        assert_eq!(remediation.directives(), &Directives::default());
    }

    #[test]
    fn a_successor_goes_on_and_the_log_has_a_bound() {
        let mut remediation = Remediation::default();
        let policies = Policies {
            retrain: RetrainPolicy { cool_down_seconds: 0.0, attempts: 9999, budget_seconds: 1e9 },
            ..Policies::default()
        };
        for tick in 0..300 {
            remediation.tick(f64::from(tick), &[trigger("retrain:iris")], &policies, &[]);
        }
        assert_eq!(remediation.decisions().len(), MAX_DECISIONS);
        let bytes = postcard::to_allocvec(&remediation).unwrap();
        assert_eq!(postcard::from_bytes::<Remediation>(&bytes).unwrap(), remediation);
    }
}
