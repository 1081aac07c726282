use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};
use tidegate_stats::order::sort_by;

use super::evaluate::{Baseline, Context, evaluate};
use super::history::{History, most_history_bytes};
use super::phase::{Alert, AlertState, Instance, Seen};
use super::rule::Rule;
use super::series::{LabelRefs, Labels, Partners, borrowed, owned};
use crate::metric::Family;
use crate::pane::{SortedMap, most};

/// Labels that a series has at most.
const LABELS: u64 = 6;
/// Alerts of one rule at a time; further series are counted.
const MAX_INSTANCES: usize = 256;

/// What the rules of an observatory say, from tick to tick.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Alerts {
    rules: SortedMap<String, Instances>,
    history: History,
    turned_away: u64,
}

/// The alerts of one rule, by their labels. A rule without any data has one without labels.
type Instances = SortedMap<Labels, Instance>;

/// An alert that changed its state.
#[derive(Debug, Clone, PartialEq)]
pub struct Transition {
    /// The state that it came from; `None` if there was nothing to say of it.
    pub from: Option<AlertState>,
    /// The alert, in its new state.
    pub alert: Alert,
}

impl Alerts {
    /// Holds the rules against the metrics of a time (seconds since 1970), and tells what changed.
    ///
    /// A rule that is no longer there is forgotten, with its alerts. The order of the rules does not
    /// matter.
    pub fn tick(
        &mut self,
        now_seconds: f64,
        families: &[Family],
        rules: &[Rule],
        baselines: &[Baseline],
    ) -> Vec<Transition> {
        self.history.record(now_seconds, families, rules.iter().flat_map(Rule::expressions));
        self.rules.retain(|name, _| rules.iter().any(|rule| rule.document.name == *name));
        let mut transitions = Vec::new();
        for rule in rules {
            let context = Context { now_seconds, families, history: &self.history, baselines };
            let instances = self.rules.entry(&rule.document.name);
            let before = core::mem::take(instances);
            let mut next = next(rule, &before, &context);
            // Those that fire stay, however many others come.
            sort_by(&mut next, |one, other| one.place.cmp(&other.place));
            let excess = next.len().saturating_sub(MAX_INSTANCES);
            self.turned_away = self.turned_away.saturating_add(excess as u64);
            next.truncate(MAX_INSTANCES);
            sort_by(&mut next, |one, other| one.labels.cmp(&other.labels));
            for Next { labels, from, instance, .. } in next {
                let labels = owned(&labels);
                if from != Some(instance.state) {
                    transitions.push(Transition { from, alert: alert(rule, &labels, &instance) });
                }
                instances.insert(labels, instance);
            }
        }
        transitions
    }

    /// The alerts there are something to say of, by rule and labels.
    #[must_use]
    pub fn alerts(&self, rules: &[Rule]) -> Vec<Alert> {
        let of_rule = |rule: &Rule| {
            let instances = self.rules.get(&rule.document.name);
            let alerts = instances.into_iter().flat_map(SortedMap::iter);
            alerts.map(|(labels, instance)| alert(rule, labels, instance)).collect::<Vec<_>>()
        };
        rules.iter().flat_map(of_rule).collect()
    }

    /// Series and alerts that found no room.
    #[must_use]
    pub const fn turned_away(&self) -> u64 {
        self.turned_away.saturating_add(self.history.turned_away)
    }
}

/// What there is to say of one series after a tick.
struct Next<'c> {
    labels: LabelRefs<'c>,
    from: Option<AlertState>,
    instance: Instance,
    /// Where there is no room for all, those with the least are kept.
    place: u8,
}

/// What there is to say of the series that were found now and of those of before. Without any, the rule as a
/// whole has no data, which is told under no labels.
fn next<'c>(rule: &'c Rule, before: &'c Instances, context: &Context<'c>) -> Vec<Next<'c>> {
    let found = evaluate(&rule.when, context);
    let resolving = rule.resolve_when.as_ref().map(|it| evaluate(it, context).holding());
    let mut resolving = resolving.as_deref().map(Partners::of);
    let finds_nothing = found.checked.is_empty() && found.withheld.is_empty();
    let holding = found.checked.iter().filter(|one| one.holds).map(|one| &one.labels);
    let mut all: Vec<LabelRefs<'c>> = holding.chain(&found.withheld).cloned().collect();
    let known = before.iter().map(|(labels, instance)| (borrowed(labels), instance));
    let known: Vec<(LabelRefs<'c>, &Instance)> = known.collect();
    all.extend(known.iter().map(|(labels, _)| labels.clone()));
    all.extend(finds_nothing.then(LabelRefs::new));
    all.sort_unstable();
    all.dedup();
    let next = |labels: LabelRefs<'c>| {
        let place = known.binary_search_by(|(own, _)| own.cmp(&labels)).ok();
        let own = place.and_then(|place| known.get(place)).map(|(_, own)| *own);
        let seen = match found.of(&labels) {
            Some(one) if one.holds => Seen::Holds(one.value),
            Some(_) => {
                let holds = resolving.as_mut().map(|it| it.first(&labels).is_some());
                Seen::Stopped { may_resolve: holds.unwrap_or(true) }
            }
            None if found.is_withheld(&labels) => Seen::InsufficientData,
            // The rule as a whole has data again.
            None if labels.is_empty() && !finds_nothing => Seen::Stopped { may_resolve: true },
            None => Seen::NoData,
        };
        let from = own.map(|own| own.state);
        let instance = Instance::next(own.cloned(), seen, &rule.document, context.now_seconds)?;
        let place = 2 * u8::from(!instance.is_urgent()) + u8::from(from.is_none());
        Some(Next { labels, from, instance, place })
    };
    all.into_iter().filter_map(next).collect()
}

fn alert(rule: &Rule, labels: &Labels, instance: &Instance) -> Alert {
    let mut named = BTreeMap::new();
    named.extend(labels.iter().cloned());
    Alert {
        name: rule.document.name.clone(),
        state: instance.state,
        severity: rule.document.severity,
        labels: named,
        value: instance.value,
        when: rule.document.when.clone(),
        summary: rule.document.summary.clone(),
        since_seconds: instance.since_seconds,
        fired_at_seconds: instance.fired_at,
    }
}

/// The most bytes that alerts of so many rules take, with what they look back on.
pub(crate) const fn most_bytes(rules: usize) -> u64 {
    let instance = most::entry::<Labels, Instance>() + LABELS * 2 * most::NAME;
    rules as u64 * MAX_INSTANCES as u64 * instance + most_history_bytes(LABELS * 2 * most::NAME)
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;
    use crate::metric::Kind;

    fn rule(json: &str) -> Rule {
        Rule::try_new(serde_json::from_str(json).unwrap()).unwrap()
    }

    fn accuracy(samples: &[(&str, f64)], withheld: &[&str]) -> Vec<Family> {
        let mut family = Family::new("model_accuracy", Kind::Gauge, "");
        for (model, value) in samples {
            family.push_measure(&[("model_name", model)], *value);
        }
        for model in withheld {
            family.withhold(&[("model_name", model)]);
        }
        vec![family]
    }

    struct Run {
        alerts: Alerts,
        rules: Vec<Rule>,
    }

    impl Run {
        fn new(json: &str) -> Self {
            Self { alerts: Alerts::default(), rules: vec![rule(json)] }
        }

        /// What changed at a tick: model and state.
        fn tick(&mut self, now: f64, families: &[Family]) -> Vec<(String, AlertState)> {
            let changed = self.alerts.tick(now, families, &self.rules, &[]);
            let model = |alert: &Alert| alert.labels.get("model_name").cloned().unwrap_or_default();
            changed.iter().map(|it| (model(&it.alert), it.alert.state)).collect()
        }
    }

    const RULE: &str =
        r#"{"name": "accuracy", "when": "model_accuracy < 0.85", "for_seconds": 60}"#;

    #[test]
    fn an_alert_is_pending_then_firing_then_resolved_then_forgotten() {
        let mut run = Run::new(RULE);
        let (bad, good) = (accuracy(&[("iris", 0.8)], &[]), accuracy(&[("iris", 0.9)], &[]));
        let iris = |state| vec![("iris".into(), state)];
        assert_eq!(run.tick(0.0, &bad), iris(AlertState::Pending));
        assert_eq!(run.tick(59.0, &bad), []);
        assert_eq!(run.tick(60.0, &bad), iris(AlertState::Firing));
        assert_eq!(run.alerts.alerts(&run.rules)[0].fired_at_seconds, Some(60.0));
        assert_eq!(run.tick(70.0, &good), iris(AlertState::Resolved));
        assert_eq!(run.tick(900.0, &good), []);
        assert_eq!(run.alerts.alerts(&run.rules).len(), 1);
        run.tick(971.0, &good);
        assert_eq!(run.alerts.alerts(&run.rules), []);
    }

    #[test]
    fn a_condition_that_stops_early_never_fires() {
        let mut run = Run::new(RULE);
        run.tick(0.0, &accuracy(&[("iris", 0.8)], &[]));
        run.tick(50.0, &accuracy(&[("iris", 0.9)], &[]));
        assert_eq!(run.alerts.alerts(&run.rules), []);
        assert_eq!(run.tick(60.0, &accuracy(&[("iris", 0.8)], &[]))[0].1, AlertState::Pending);
    }

    #[test]
    fn hysteresis_keeps_an_alert_from_coming_and_going() {
        let mut run = Run::new(
            r#"{"name": "accuracy", "when": "model_accuracy < 0.85",
                "resolve_when": "model_accuracy > 0.9", "keep_firing_seconds": 30}"#,
        );
        let at = |value| accuracy(&[("iris", value)], &[]);
        assert_eq!(run.tick(0.0, &at(0.8))[0].1, AlertState::Firing);
        for now in 1..100 {
            assert_eq!(run.tick(f64::from(now), &at(0.86)), [], "better, but not enough");
        }
        assert_eq!(run.tick(100.0, &at(0.95)), []);
        assert_eq!(run.tick(120.0, &at(0.86)), [], "the wait begins anew");
        assert_eq!(run.tick(130.0, &at(0.95)), []);
        assert_eq!(run.tick(160.0, &at(0.95))[0].1, AlertState::Resolved);
    }

    #[test]
    fn missing_data_and_too_few_are_states_of_their_own() {
        let mut run = Run::new(RULE);
        assert_eq!(run.tick(0.0, &[]), [(String::new(), AlertState::NoData)]);
        let few = accuracy(&[], &["iris"]);
        assert_eq!(run.tick(1.0, &few), [("iris".into(), AlertState::InsufficientData)]);
        assert_eq!(run.alerts.alerts(&run.rules).len(), 1, "the rule as a whole has data");
        let bad = accuracy(&[("iris", 0.8)], &[]);
        run.tick(2.0, &bad);
        assert_eq!(run.tick(62.0, &bad)[0].1, AlertState::Firing);
        assert_eq!(run.tick(63.0, &few)[0].1, AlertState::InsufficientData);
        // Back, and still bad: it fires on, without waiting, and as the same firing.
        assert_eq!(run.tick(64.0, &bad)[0].1, AlertState::Firing);
        assert_eq!(run.alerts.alerts(&run.rules)[0].fired_at_seconds, Some(62.0));
    }

    #[test]
    fn a_successor_goes_on_where_the_leader_was() {
        let mut run = Run::new(RULE);
        let bad = accuracy(&[("iris", 0.8)], &[]);
        run.tick(0.0, &bad);
        let bytes = postcard::to_allocvec(&run.alerts).unwrap();
        run.alerts = postcard::from_bytes(&bytes).unwrap();
        assert_eq!(run.tick(60.0, &bad)[0].1, AlertState::Firing);
    }

    #[test]
    fn series_without_end_meet_a_bound() {
        let mut run = Run::new(RULE);
        let names: Vec<String> = (0..300).map(|index| alloc::format!("m{index}")).collect();
        let samples: Vec<(&str, f64)> = names.iter().map(|name| (name.as_str(), 0.1)).collect();
        assert_eq!(run.tick(0.0, &accuracy(&samples, &[])).len(), MAX_INSTANCES);
        assert_eq!(run.alerts.turned_away(), 44);
    }
}
