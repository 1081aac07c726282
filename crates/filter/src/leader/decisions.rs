//! What the leader decides about alerts, and how often it has decided what.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use tidegate_core::alert::{Action, Alert, Rule};
use tidegate_core::metric::{Family, Kind};
use tidegate_core::observatory::State;
use tidegate_core::remediation::{Decision, Directives, Policies, Remediation, triggers};

/// The state machines of all actions, and the count of their decisions.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Decisions {
    remediation: Remediation,
    /// By kind of action, state that was entered, and whether it was only logged.
    counts: BTreeMap<(String, String, bool), u64>,
    /// Experiments some of whose units were ever given another variant than the weights say.
    redirected: BTreeSet<String>,
}

impl Decisions {
    /// Decides about the alerts of a tick, and returns what was decided.
    pub(crate) fn tick(
        &mut self,
        now_seconds: f64,
        (rules, alerts): (&[Rule], &[Alert]),
        policies: &Policies,
        state: &State,
    ) -> Vec<Decision> {
        let triggers = triggers(rules, alerts);
        let decided = self.remediation.tick(now_seconds, &triggers, policies, &state.outcomes());
        for decision in &decided {
            let kind = decision.action.split(':').next().unwrap_or_default();
            let key = (kind.to_string(), decision.to.clone(), decision.dry_run);
            *self.counts.entry(key).or_default() += 1;
        }
        for directive in self.directives(rules).variants {
            self.redirected.insert(directive.experiment);
        }
        // As few as there are experiments.
        self.redirected.retain(|name| state.experiments().any(|(own, _, _)| own == name));
        decided
    }

    /// Experiments some of whose units were ever given another variant than the weights say.
    pub(crate) fn redirected(&self) -> Vec<String> {
        self.redirected.iter().cloned().collect()
    }

    /// The latest decisions, oldest first.
    pub(crate) fn log(&self) -> &[Decision] {
        self.remediation.decisions()
    }

    /// What workers do. What no rule names any more is over.
    pub(crate) fn directives(&self, rules: &[Rule]) -> Directives {
        let is_named = |action: &Action| rules.iter().any(|rule| rule.actions.contains(action));
        let mut directives = self.remediation.directives().clone();
        directives.variants.retain(|own| {
            let (experiment, variant) = (own.experiment.clone(), own.variant.clone());
            is_named(&Action::Rollback { experiment, variant })
        });
        directives.circuits.retain(|circuit| {
            is_named(&Action::Circuit { model_name: circuit.model_name.clone() })
        });
        directives
    }

    /// How often what was decided, and what of it holds now.
    pub(crate) fn families(&self, directives: &Directives) -> [Family; 3] {
        let mut variants = Family::new(
            "tidegate_variant_share_kept",
            Kind::Gauge,
            "Share of its own units that a variant gets; absent where it gets all of them.",
        );
        for own in &directives.variants {
            let labels = [("test_name", &*own.experiment), ("variant", &*own.variant)];
            variants.push_measure(&labels, own.share_kept);
        }
        let mut circuits = Family::new(
            "tidegate_circuit_share_passed",
            Kind::Gauge,
            "Share of its requests that a model gets; absent where its circuit is closed.",
        );
        for circuit in &directives.circuits {
            circuits.push_measure(&[("model_name", &circuit.model_name)], circuit.share_passed);
        }
        [self.counted(), variants, circuits]
    }

    fn counted(&self) -> Family {
        let help = "Decisions about alerts, by kind of action and the state that it came to.";
        let mut family = Family::new("tidegate_decisions_total", Kind::Counter, help);
        for ((action, to, dry_run), count) in &self.counts {
            let dry_run = dry_run.to_string();
            family.push_count(&[("action", action), ("to", to), ("dry_run", &dry_run)], *count);
        }
        family
    }
}
