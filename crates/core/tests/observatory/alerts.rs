//! Alerts against a model that is slow and plain: what conditions say of series, and what becomes of an alert.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use tidegate_core::alert::{Alert, AlertState, Alerts, Rule};
use tidegate_core::metric::{Family, Kind};

type Labels = BTreeMap<String, String>;
type Numbers = Vec<(Labels, f64)>;

/// An expression, to be written as text and computed by hand.
#[derive(Debug, Clone)]
enum Term {
    Number(f64),
    Metric(&'static str, Option<(bool, &'static str)>),
    Absolute(Box<Term>),
    Negative(Box<Term>),
    Together(&'static str, Box<Term>, Box<Term>),
    Of(&'static str, Vec<&'static str>, Box<Term>),
}

#[derive(Debug, Clone)]
enum Condition {
    Compare(&'static str, Term, Term),
    And(Box<Condition>, Box<Condition>),
    Or(Box<Condition>, Box<Condition>),
}

fn metric() -> impl Strategy<Value = Term> {
    let matcher = option::of((any::<bool>(), select(vec!["m0", "m1", ""])));
    (select(vec!["fine", "coarse"]), matcher).prop_map(|(name, own)| Term::Metric(name, own))
}

fn term() -> impl Strategy<Value = Term> {
    let leaf = prop_oneof![3 => metric(), 1 => select(vec![0.0, 0.5, 2.0]).prop_map(Term::Number)];
    leaf.prop_recursive(3, 8, 2, |inner| {
        let by = select(vec![vec![], vec!["model"], vec!["version", "model"], vec!["none"]]);
        prop_oneof![
            inner.clone().prop_map(|it| Term::Absolute(Box::new(it))),
            inner.clone().prop_map(|it| Term::Negative(Box::new(it))),
            (select(vec!["+", "-", "*", "/"]), inner.clone(), inner.clone())
                .prop_map(|(sign, a, b)| Term::Together(sign, Box::new(a), Box::new(b))),
            (select(vec!["sum", "avg", "min", "max", "count"]), by, inner)
                .prop_map(|(of, by, it)| Term::Of(of, by, Box::new(it))),
        ]
    })
}

fn condition() -> impl Strategy<Value = Condition> {
    let sign = select(vec!["<", "<=", ">", ">=", "==", "!="]);
    // The left side of a comparison has series.
    let left = (metric(), option::of((select(vec!["+", "-", "*", "/"]), term()))).prop_map(
        |(metric, more)| match more {
            Some((sign, term)) => Term::Together(sign, Box::new(metric), Box::new(term)),
            None => metric,
        },
    );
    let leaf = (sign, left, term()).prop_map(|(sign, a, b)| Condition::Compare(sign, a, b));
    leaf.prop_recursive(2, 4, 2, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone())
                .prop_map(|(a, b)| Condition::And(Box::new(a), Box::new(b))),
            (inner.clone(), inner).prop_map(|(a, b)| Condition::Or(Box::new(a), Box::new(b))),
        ]
    })
}

impl Term {
    fn text(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Metric(name, None) => (*name).into(),
            Self::Metric(name, Some((equal, value))) => {
                format!("{name}{{model{}\"{value}\"}}", if *equal { "=" } else { "!=" })
            }
            Self::Absolute(of) => format!("abs({})", of.text()),
            Self::Negative(of) => format!("-({})", of.text()),
            Self::Together(sign, a, b) => format!("({} {sign} {})", a.text(), b.text()),
            Self::Of(of, by, it) => format!("{of} by ({}) ({})", by.join(", "), it.text()),
        }
    }

    /// A number for each series, or one without labels for itself.
    fn compute(&self, metrics: &Metrics) -> Result<Numbers, f64> {
        let each = |of: &Self, with: &dyn Fn(f64) -> f64| match of.compute(metrics) {
            Ok(all) => Ok(all.into_iter().map(|(labels, value)| (labels, with(value))).collect()),
            Err(number) => Err(with(number)),
        };
        match self {
            Self::Number(number) => Err(*number),
            Self::Metric(name, matcher) => {
                let all =
                    metrics.of(name).into_iter().filter(|(labels, _)| matches(labels, *matcher));
                Ok(all.filter_map(|(labels, value)| Some((labels, value?))).collect())
            }
            Self::Absolute(of) => each(of, &f64::abs),
            Self::Negative(of) => each(of, &|it| -it),
            Self::Together(sign, a, b) => {
                let with = |a: f64, b: f64| match *sign {
                    "+" => a + b,
                    "-" => a - b,
                    "*" => a * b,
                    _ => a / b,
                };
                let most = |all: &Numbers| all.iter().map(|(labels, _)| labels.len()).max();
                match (a.compute(metrics), b.compute(metrics)) {
                    (Err(a), Err(b)) => Err(with(a, b)),
                    (Err(a), Ok(b)) => Ok(b.into_iter().map(|(it, b)| (it, with(a, b))).collect()),
                    (Ok(a), Err(b)) => Ok(a.into_iter().map(|(it, a)| (it, with(a, b))).collect()),
                    (Ok(a), Ok(b)) if most(&a) >= most(&b) => {
                        let met =
                            |(it, a): (Labels, f64)| Some((it.clone(), with(a, first(&b, &it)?)));
                        Ok(a.into_iter().filter_map(met).collect())
                    }
                    (Ok(a), Ok(b)) => {
                        let met =
                            |(it, b): (Labels, f64)| Some((it.clone(), with(first(&a, &it)?, b)));
                        Ok(b.into_iter().filter_map(met).collect())
                    }
                }
            }
            Self::Of(of, by, it) => {
                let all =
                    it.compute(metrics).unwrap_or_else(|number| vec![(Labels::new(), number)]);
                let mut groups: BTreeMap<Labels, Vec<f64>> = BTreeMap::new();
                for (mut labels, value) in all {
                    labels.retain(|name, _| by.contains(&name.as_str()));
                    groups.entry(labels).or_default().push(value);
                }
                let one = |(labels, values): (Labels, Vec<f64>)| {
                    let sum: f64 = values.iter().sum();
                    let value = match *of {
                        "sum" => sum,
                        "avg" => sum / values.len() as f64,
                        "min" => values.iter().copied().fold(f64::INFINITY, f64::min),
                        "max" => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
                        _ => values.len() as f64,
                    };
                    (labels, value)
                };
                Ok(groups.into_iter().map(one).collect())
            }
        }
    }

    fn withheld(&self, metrics: &Metrics) -> BTreeSet<Labels> {
        match self {
            Self::Metric(name, matcher) => {
                let none = metrics.of(name).into_iter().filter(|(_, value)| value.is_none());
                none.map(|(labels, _)| labels).filter(|it| matches(it, *matcher)).collect()
            }
            Self::Absolute(of) | Self::Negative(of) => of.withheld(metrics),
            Self::Together(_, a, b) => {
                a.withheld(metrics).into_iter().chain(b.withheld(metrics)).collect()
            }
            Self::Number(_) | Self::Of(..) => BTreeSet::new(),
        }
    }
}

/// What a condition says: of each series that can be told, the left side and whether it holds; and who has too few data.
#[derive(Debug, Default)]
struct Said {
    checked: BTreeMap<Labels, (f64, bool)>,
    withheld: BTreeSet<Labels>,
}

impl Condition {
    fn text(&self) -> String {
        match self {
            Self::Compare(sign, a, b) => format!("{} {sign} {}", a.text(), b.text()),
            Self::And(a, b) => format!("({} and {})", a.text(), b.text()),
            Self::Or(a, b) => format!("({} or {})", a.text(), b.text()),
        }
    }

    #[expect(clippy::float_cmp, reason = "what the condition says")]
    fn says(&self, metrics: &Metrics) -> Said {
        match self {
            Self::Compare(sign, a, b) => {
                let mut said = Said { withheld: a.withheld(metrics), ..Said::default() };
                let bound = b.compute(metrics);
                for (labels, value) in a.compute(metrics).unwrap_or_default() {
                    let met =
                        bound.as_ref().map_or_else(|one| Some(*one), |all| first(all, &labels));
                    let Some(bound) = met.filter(|it| !it.is_nan() && !value.is_nan()) else {
                        continue;
                    };
                    let holds = match *sign {
                        "<" => value < bound,
                        "<=" => value <= bound,
                        ">" => value > bound,
                        ">=" => value >= bound,
                        "==" => value == bound,
                        _ => value != bound,
                    };
                    said.checked.insert(labels, (value, holds));
                }
                said
            }
            Self::And(a, b) => {
                let (mut a, b) = (a.says(metrics), b.says(metrics));
                a.checked.retain(|own, _| b.checked.keys().any(|it| agree(own, it)));
                for (own, (_, holds)) in &mut a.checked {
                    *holds &= b.checked.iter().any(|(it, (_, holds))| *holds && agree(own, it));
                }
                a.withheld.extend(b.withheld);
                a
            }
            Self::Or(a, b) => {
                let (mut a, b) = (a.says(metrics), b.says(metrics));
                for (labels, said) in b.checked {
                    let own = a.checked.entry(labels).or_insert(said);
                    if said.1 && !own.1 {
                        *own = said;
                    }
                }
                a.withheld.extend(b.withheld);
                a
            }
        }
    }
}

/// `fine` has a value by model and version, `coarse` by model; what is `None` has too few data.
#[derive(Debug)]
struct Metrics([[Option<Option<f64>>; 2]; 3], [Option<Option<f64>>; 3]);

impl Metrics {
    fn of(&self, name: &str) -> Vec<(Labels, Option<f64>)> {
        let label = |name: &str, value: String| (name.to_owned(), value);
        let mut all = Vec::new();
        for model in 0..3 {
            let of_model = label("model", format!("m{model}"));
            if name == "coarse" {
                all.extend(self.1[model].map(|value| ([of_model].into(), value)));
                continue;
            }
            for version in 0..2 {
                let labels = [of_model.clone(), label("version", version.to_string())].into();
                all.extend(self.0[model][version].map(|value| (labels, value)));
            }
        }
        all
    }

    fn families(&self) -> Vec<Family> {
        let family = |name: &'static str, labels: [&'static str; 2]| {
            let mut family = Family::new(name, Kind::Gauge, "");
            for (own, value) in self.of(name) {
                let own: Vec<(&str, &str)> = labels
                    .iter()
                    .filter_map(|name| Some((*name, own.get(*name)?.as_str())))
                    .collect();
                match value {
                    Some(value) => family.push_measure(&own, value),
                    None => family.withhold(&own),
                }
            }
            family
        };
        vec![family("fine", ["model", "version"]), family("coarse", ["model", "version"])]
    }
}

fn metrics() -> impl Strategy<Value = Metrics> {
    let value = || option::of(option::weighted(0.8, select(vec![-1.0, 0.0, 0.5, 1.0, 2.0])));
    let fine = [[value(), value()], [value(), value()], [value(), value()]];
    (fine, [value(), value(), value()]).prop_map(|(fine, coarse)| Metrics(fine, coarse))
}

fn matches(labels: &Labels, matcher: Option<(bool, &str)>) -> bool {
    matcher.is_none_or(|(equal, value)| (labels["model"] == value) == equal)
}

fn agree(one: &Labels, other: &Labels) -> bool {
    one.iter().all(|(name, value)| other.get(name).is_none_or(|it| it == value))
}

fn first(all: &Numbers, labels: &Labels) -> Option<f64> {
    all.iter().find(|(own, _)| agree(own, labels)).map(|(_, value)| *value)
}

fn rule(json: &str) -> Rule {
    Rule::try_new(serde_json::from_str(json).unwrap()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn a_condition_says_what_it_says_by_hand(condition in condition(), metrics in metrics()) {
        let when = serde_json::to_string(&condition.text()).unwrap();
        let rules = [rule(&format!(r#"{{"name": "r", "when": {when}}}"#))];
        let mut alerts = Alerts::default();
        alerts.tick(0.0, &metrics.families(), &rules, &[]);
        let told: BTreeMap<Labels, (AlertState, Option<f64>)> = alerts
            .alerts(&rules)
            .into_iter()
            .map(|it| (it.labels, (it.state, it.value)))
            .collect();

        let said = condition.says(&metrics);
        let mut wanted = BTreeMap::new();
        if said.checked.is_empty() && said.withheld.is_empty() {
            wanted.insert(Labels::new(), (AlertState::NoData, None));
        }
        for labels in said.withheld {
            wanted.insert(labels, (AlertState::InsufficientData, None));
        }
        for (labels, (value, holds)) in said.checked {
            wanted.remove(&labels);
            if holds {
                wanted.insert(labels, (AlertState::Firing, Some(value)));
            }
        }
        prop_assert_eq!(told, wanted, "{}", condition.text());
    }
}

/// What a tick shows of one series.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Shown {
    /// The condition holds.
    Bad,
    /// It does not, and a firing alert is not to be resolved yet.
    Better,
    Good,
    TooFew,
    Nothing,
}

/// What is known of the alert, by hand.
#[derive(Debug, Default)]
struct Model {
    /// Since when the condition holds without a gap.
    bad_since: Option<f64>,
    fired_at: Option<f64>,
    good_since: Option<f64>,
    resolved_at: Option<f64>,
    gone: Option<(Shown, f64)>,
}

const FOR_SECONDS: f64 = 20.0;
const KEEP_SECONDS: f64 = 10.0;

impl Model {
    fn tick(&mut self, now: f64, shown: Shown) -> Option<AlertState> {
        if shown != Shown::Bad {
            self.bad_since = None;
        }
        if shown != Shown::TooFew && shown != Shown::Nothing {
            self.gone = None;
        }
        match shown {
            Shown::Bad => {
                (self.good_since, self.resolved_at) = (None, None);
                let since = *self.bad_since.get_or_insert(now);
                if self.fired_at.is_none() && now - since >= FOR_SECONDS {
                    self.fired_at = Some(now);
                }
                Some(if self.fired_at.is_some() { AlertState::Firing } else { AlertState::Pending })
            }
            Shown::Better if self.fired_at.is_some() => {
                self.good_since = None;
                Some(AlertState::Firing)
            }
            Shown::Good if self.fired_at.is_some() => {
                if now - *self.good_since.get_or_insert(now) < KEEP_SECONDS {
                    return Some(AlertState::Firing);
                }
                *self = Self { resolved_at: Some(now), ..Self::default() };
                Some(AlertState::Resolved)
            }
            _ if self.resolved_at.is_some_and(|at| now - at < 900.0) => Some(AlertState::Resolved),
            _ if self.resolved_at.take().is_some() => None,
            Shown::TooFew | Shown::Nothing => {
                let since = match self.gone {
                    Some((before, since)) if before == shown => since,
                    _ => now,
                };
                if shown == Shown::Nothing && now - since >= 86_400.0 {
                    *self = Self::default();
                    return None;
                }
                self.gone = Some((shown, since));
                let few = shown == Shown::TooFew;
                Some(if few { AlertState::InsufficientData } else { AlertState::NoData })
            }
            Shown::Better | Shown::Good => None,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn an_alert_becomes_what_it_becomes_by_hand(
        ticks in vec((
            prop_oneof![8 => 1.0..15.0, 1 => 400.0..1000.0, 1 => 40_000.0..90_000.0],
            prop_oneof![
                5 => Just(Shown::Bad),
                2 => Just(Shown::Better),
                3 => Just(Shown::Good),
                1 => Just(Shown::TooFew),
                1 => Just(Shown::Nothing),
            ],
            0..6_usize,
        ), 1..30),
    ) {
        let rules = [rule(
            r#"{"name": "r", "when": "a < 0", "resolve_when": "a > 1", "for_seconds": 20,
                "keep_firing_seconds": 10}"#,
        )];
        let mut alerts = Alerts::default();
        let mut model = Model::default();
        let mut is_known = false;
        let mut now = 0.0;
        for (apart, shown, times) in ticks {
            for _ in 0..=times {
                now += apart;
                let mut family = Family::new("a", Kind::Gauge, "");
                // Another series, so that the rule as a whole has data.
                family.push_measure(&[("model", "other")], 0.5);
                match shown {
                    Shown::Bad => family.push_measure(&[("model", "own")], -1.0),
                    Shown::Better => family.push_measure(&[("model", "own")], 0.5),
                    Shown::Good => family.push_measure(&[("model", "own")], 2.0),
                    Shown::TooFew => family.withhold(&[("model", "own")]),
                    Shown::Nothing => {}
                }
                let changed = alerts.tick(now, &[family], &rules, &[]);
                // Of a series that nothing is known of, and that is not there, there is nothing to say.
                let wanted = if shown == Shown::Nothing && !is_known {
                    None
                } else {
                    model.tick(now, shown)
                };
                let told: Vec<Alert> = alerts.alerts(&rules);
                let state = told.first().map(|it| it.state);
                prop_assert_eq!(state, wanted, "{:?} at {}", shown, now);
                if state == Some(AlertState::Firing) {
                    prop_assert_eq!(told[0].fired_at_seconds, model.fired_at);
                }
                prop_assert_eq!(told.len(), usize::from(wanted.is_some()));
                let came: Vec<AlertState> = changed.iter().map(|it| it.alert.state).collect();
                prop_assert!(came.is_empty() || came == Vec::from_iter(wanted));
                is_known = wanted.is_some();
                alerts = postcard::from_bytes(&postcard::to_allocvec(&alerts).unwrap()).unwrap();
            }
        }
    }
}
