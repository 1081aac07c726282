use alloc::string::{String, ToString};
use alloc::vec::Vec;
use tidegate_stats::order::sort_by;

use super::expression::{Aggregate, Expression, Node, Over, Selector};
use super::history::{History, increase, value_of};
use super::series::{self, Computed, LabelRefs, Partners, Series, borrowed};
use crate::metric::Family;

/// What is normal for a metric of a model.
#[derive(Debug, Clone, PartialEq)]
pub struct Baseline {
    /// Model name; `None` for every model.
    pub model_name: Option<String>,
    /// Metric, with or without its `model_`: `accuracy`.
    pub metric: String,
    /// Its value.
    pub value: f64,
}

/// What a condition is held against.
#[derive(Clone, Copy)]
pub(super) struct Context<'c> {
    pub now_seconds: f64,
    pub families: &'c [Family],
    pub history: &'c History,
    pub baselines: &'c [Baseline],
}

/// What a condition says of each series, by their labels.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Evaluation<'c> {
    /// Those that it can be told of, with the value of the left side.
    pub checked: Vec<Series<'c>>,
    /// Those that have too few data to be told.
    pub withheld: Vec<LabelRefs<'c>>,
}

impl<'c> Evaluation<'c> {
    /// What it says of the series with exactly these labels.
    pub(super) fn of(&self, labels: &[(&str, &str)]) -> Option<&Series<'c>> {
        let from = self.checked.partition_point(|one| one.labels.as_slice() < labels);
        self.checked.get(from).filter(|one| one.labels == labels)
    }

    pub(super) fn is_withheld(&self, labels: &[(&str, &str)]) -> bool {
        self.withheld.binary_search_by(|own| own.as_slice().cmp(labels)).is_ok()
    }

    /// Those for which it holds.
    pub(super) fn holding(self) -> Vec<Series<'c>> {
        self.checked.into_iter().filter(|one| one.holds).collect()
    }

    fn in_order(mut self) -> Self {
        series::sort(&mut self.checked);
        self.withheld.sort_unstable();
        self.withheld.dedup();
        self
    }
}

pub(super) fn evaluate<'c>(expression: &'c Expression, context: &Context<'c>) -> Evaluation<'c> {
    condition(&expression.root, context)
}

fn condition<'c>(node: &'c Node, context: &Context<'c>) -> Evaluation<'c> {
    match node {
        Node::Compare(comparison, left, right) => {
            let mut evaluation = Evaluation::default();
            withheld(left, context, &mut evaluation.withheld);
            let Computed::Series(mut checked) = compute(left, context) else { return evaluation };
            let right = compute(right, context);
            let mut partners = match &right {
                Computed::Number(_) => Partners::of(&[]),
                Computed::Series(series) => Partners::of(series),
            };
            checked.retain_mut(|one| {
                let bound = match right {
                    Computed::Number(bound) => Some(bound),
                    Computed::Series(_) => partners.first(&one.labels).map(|met| met.value),
                };
                let Some(bound) = bound else { return false };
                one.holds = comparison.holds(one.value, bound);
                !one.value.is_nan() && !bound.is_nan()
            });
            evaluation.checked = checked;
            evaluation.in_order()
        }
        Node::And(left, right) => {
            let (mut left, mut right) = (condition(left, context), condition(right, context));
            let mut partners = Partners::of(&right.checked);
            left.checked.retain(|one| partners.first(&one.labels).is_some());
            left.withheld.append(&mut right.withheld);
            let holding = right.holding();
            let mut partners = Partners::of(&holding);
            for one in &mut left.checked {
                one.holds = one.holds && partners.first(&one.labels).is_some();
            }
            left.in_order()
        }
        Node::Or(left, right) => {
            let (mut left, mut right) = (condition(left, context), condition(right, context));
            left.withheld.append(&mut right.withheld);
            left.checked.append(&mut right.checked);
            let mut either = left.in_order();
            either.checked.dedup_by(|later, own| {
                let is_same = later.labels == own.labels;
                if is_same && later.holds && !own.holds {
                    (own.holds, own.value) = (true, later.value);
                }
                is_same
            });
            either
        }
        // The parser lets no other node stand where a condition should.
        _ => Evaluation::default(),
    }
}

/// The series that a node would have, had they data enough.
fn withheld<'c>(node: &'c Node, context: &Context<'c>, found: &mut Vec<LabelRefs<'c>>) {
    match node {
        Node::Select(selector) | Node::Over(_, selector) => {
            for family in context.families.iter().filter(|it| selector.is_of(it.name, "")) {
                let labels = family.withheld.iter().map(|labels| borrowed(labels));
                found.extend(labels.filter(|labels| selector.matches(labels)));
            }
        }
        Node::Absolute(of) | Node::Negative(of) => withheld(of, context, found),
        Node::Arithmetic(_, left, right) => {
            withheld(left, context, found);
            withheld(right, context, found);
        }
        _ => {}
    }
}

fn compute<'c>(node: &'c Node, context: &Context<'c>) -> Computed<'c> {
    match node {
        Node::Number(number) => Computed::Number(*number),
        Node::Select(selector) => Computed::Series(select(selector, context)),
        Node::Over(over, selector) => Computed::Series(look_back(*over, selector, context)),
        Node::Baseline(selector) => Computed::Series(baseline(selector, context.baselines)),
        Node::Absolute(of) => compute(of, context).map(f64::abs),
        Node::Negative(of) => compute(of, context).map(|value| -value),
        Node::Aggregate(aggregate, labels, of) => {
            let series = match compute(of, context) {
                Computed::Series(series) => series,
                Computed::Number(value) => Vec::from([Series::new(LabelRefs::new(), value)]),
            };
            Computed::Series(aggregated(*aggregate, labels, series))
        }
        Node::Arithmetic(arithmetic, left, right) => {
            let (left, right) = (compute(left, context), compute(right, context));
            left.zip(right, |left, right| arithmetic.of(left, right))
        }
        Node::Compare(..) | Node::And(..) | Node::Or(..) => {
            Computed::Series(condition(node, context).holding())
        }
    }
}

fn select<'c>(selector: &Selector, context: &Context<'c>) -> Vec<Series<'c>> {
    let mut series = Vec::new();
    for family in context.families {
        for sample in &family.samples {
            if !selector.is_of(family.name, sample.suffix) {
                continue;
            }
            let labels = borrowed(&sample.labels);
            if selector.matches(&labels) {
                series.push(Series::new(labels, value_of(sample)));
            }
        }
    }
    series
}

fn look_back<'c>(over: Over, selector: &Selector, context: &Context<'c>) -> Vec<Series<'c>> {
    let now = context.now_seconds;
    if let Over::Quantile(share) = over {
        return quantiles(share, selector, context);
    }
    let samples = context.history.in_range(now, [&selector.metric, ""], selector);
    let computed = samples.filter_map(|(labels, points)| {
        let values = points.iter().map(|(_, value)| *value);
        let value = match over {
            Over::Rate | Over::Increase if points.len() < 2 => return None,
            Over::Rate => increase(&points) / (now - points.first()?.0),
            Over::Increase => increase(&points),
            Over::Average => values.sum::<f64>() / points.len() as f64,
            Over::Least => values.fold(f64::INFINITY, f64::min),
            Over::Most => values.fold(f64::NEG_INFINITY, f64::max),
            Over::Quantile(_) => return None,
        };
        Some(Series::new(labels, value))
    });
    computed.collect()
}

/// A quantile of what a histogram counted in the range, linear within a bucket; in the last bucket, which
/// is open, its lower bound.
fn quantiles<'c>(share: f64, selector: &Selector, context: &Context<'c>) -> Vec<Series<'c>> {
    let sample = [selector.metric.as_str(), "_bucket"];
    let found = context.history.in_range(context.now_seconds, sample, selector);
    let found = found.filter(|(_, points)| points.len() > 1);
    // The bound last, so that the buckets of one series come together.
    let mut buckets: Vec<Series<'c>> = found
        .map(|(mut labels, points)| {
            sort_by(&mut labels, |(one, _), (other, _)| (*one == "le").cmp(&(*other == "le")));
            Series::new(labels, increase(&points))
        })
        .collect();
    series::sort(&mut buckets);
    let rest = |one: &Series<'c>| {
        let mut labels = one.labels.clone();
        labels.pop();
        labels
    };
    let of_one = |buckets: &[Series<'c>]| {
        let bound = |one: &Series<'c>| match one.labels.last() {
            Some((_, "+Inf")) => f64::INFINITY,
            Some((_, bound)) => bound.parse().unwrap_or(f64::NAN),
            None => f64::NAN,
        };
        let mut counts: Vec<(f64, f64)> = buckets.iter().map(|it| (bound(it), it.value)).collect();
        sort_by(&mut counts, |one, other| one.0.total_cmp(&other.0));
        Some(Series::new(rest(buckets.first()?), quantile(share, &counts)?))
    };
    buckets.chunk_by(|one, other| rest(one) == rest(other)).filter_map(of_one).collect()
}

/// Of cumulative counts by upper bound, ascending.
fn quantile(share: f64, buckets: &[(f64, f64)]) -> Option<f64> {
    let total = buckets.last()?.1;
    if total <= 0.0 {
        return None;
    }
    let rank = share * total;
    let index = buckets.iter().position(|(_, count)| *count >= rank)?;
    let (upper, count) = *buckets.get(index)?;
    let (lower, below) = match index.checked_sub(1).and_then(|index| buckets.get(index)) {
        Some((lower, below)) => (*lower, *below),
        None => (0.0, 0.0),
    };
    if upper.is_infinite() {
        return Some(lower);
    }
    let within = count - below;
    let part = if within > 0.0 { (rank - below) / within } else { 0.0 };
    Some(lower + (upper - lower) * part)
}

fn baseline<'c>(selector: &Selector, baselines: &'c [Baseline]) -> Vec<Series<'c>> {
    let short = |name: &'_ str| name.strip_prefix("model_").unwrap_or(name).to_string();
    let own = short(&selector.metric);
    let of_metric = baselines.iter().filter(|baseline| short(&baseline.metric) == own);
    // Those of a named model first, for the first that agrees is taken.
    let (named, rest): (Vec<_>, Vec<_>) = of_metric.partition(|it| it.model_name.is_some());
    named
        .into_iter()
        .chain(rest)
        .map(|baseline| {
            let labels = baseline.model_name.as_deref().map(|name| ("model_name", name));
            (labels, baseline.value)
        })
        .filter(|(label, _)| label.is_none_or(|label| selector.matches(&[label])))
        .map(|(label, value)| Series::new(label.into_iter().collect(), value))
        .collect()
}

fn aggregated<'c>(
    aggregate: Aggregate,
    by: &[String],
    mut all: Vec<Series<'c>>,
) -> Vec<Series<'c>> {
    for one in &mut all {
        one.labels.retain(|(name, _)| by.iter().any(|own| own == name));
    }
    series::sort(&mut all);
    let of = |group: &[Series<'c>]| {
        let values = group.iter().map(|one| one.value);
        let value = match aggregate {
            Aggregate::Sum => values.sum(),
            Aggregate::Average => values.sum::<f64>() / group.len() as f64,
            Aggregate::Least => values.fold(f64::INFINITY, f64::min),
            Aggregate::Most => values.fold(f64::NEG_INFINITY, f64::max),
            Aggregate::Count => group.len() as f64,
        };
        Some(Series::new(group.first()?.labels.clone(), value))
    };
    all.chunk_by(|one, other| one.labels == other.labels).filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::*;
    use crate::alert::parse;
    use crate::metric::Kind;
    use crate::pane::{Histogram, LATENCY_SECONDS_BUCKETS};

    fn gauge(name: &'static str, samples: &[(&str, f64)]) -> Family {
        let mut family = Family::new(name, Kind::Gauge, "");
        for (model, value) in samples {
            family.push_measure(&[("model_name", model), ("model_version", "1")], *value);
        }
        family
    }

    fn held(text: &str, context: &Context<'_>) -> Vec<(String, f64)> {
        let expression = parse(text).unwrap();
        let holds = evaluate(&expression, context).holding();
        let named = |one: Series<'_>| {
            let model = one.labels.first().map_or(String::new(), |it| it.1.to_string());
            (model, one.value)
        };
        holds.into_iter().map(named).collect()
    }

    fn now<'c>(
        families: &'c [Family],
        history: &'c History,
        baselines: &'c [Baseline],
    ) -> Context<'c> {
        Context { now_seconds: 1000.0, families, history, baselines }
    }

    #[test]
    fn a_comparison_keeps_the_series_for_which_it_holds() {
        let families = [
            gauge("model_accuracy", &[("iris", 0.8), ("wine", 0.9)]),
            gauge("feature_drift_score", &[("iris", 0.3), ("wine", 0.3)]),
        ];
        let history = History::default();
        let context = now(&families, &history, &[]);
        let one = |name: &str, value| vec![(name.to_string(), value)];
        assert_eq!(held("model_accuracy < 0.85", &context), one("iris", 0.8));
        assert_eq!(held("model_accuracy{model_name!=\"iris\"} <= 0.9", &context), one("wine", 0.9));
        assert_eq!(
            held("feature_drift_score > 0.2 and model_accuracy < 0.85", &context),
            one("iris", 0.3)
        );
        assert_eq!(held("model_accuracy < 0.85 or model_accuracy > 0.85", &context).len(), 2);
        assert_eq!(held("1 - model_accuracy > 0.15", &context), one("iris", 1.0 - 0.8));
        assert_eq!(held("max by (model_version) (model_accuracy) > 0", &context), one("1", 0.9));
        assert_eq!(held("count(model_accuracy) == 2", &context), one("", 2.0));
        assert_eq!(
            held("model_accuracy / feature_drift_score > 2.9", &context),
            one("wine", 0.9 / 0.3)
        );
        assert_eq!(held("model_loss > 0", &context), []);
    }

    #[test]
    fn a_baseline_is_that_of_the_model() {
        let families = [gauge("model_accuracy", &[("iris", 0.8), ("wine", 0.8)])];
        let baseline = |model_name: Option<&str>, value| Baseline {
            model_name: model_name.map(ToString::to_string),
            metric: "accuracy".into(),
            value,
        };
        let baselines = [baseline(None, 0.95), baseline(Some("wine"), 0.81)];
        let history = History::default();
        let context = now(&families, &history, &baselines);
        let found = held("model_accuracy < 0.9 * baseline(model_accuracy)", &context);
        assert_eq!(found, [("iris".to_string(), 0.8)]);
    }

    #[test]
    fn series_with_too_few_data_are_told_apart() {
        let mut family = gauge("model_accuracy", &[("iris", 0.8)]);
        family.withhold(&[("model_name", "wine")]);
        let families = [family];
        let history = History::default();
        let expression = parse("model_accuracy < 0.5").unwrap();
        let found = evaluate(&expression, &now(&families, &history, &[]));
        assert_eq!(found.withheld, [[("model_name", "wine")]]);
        assert!(found.is_withheld(&[("model_name", "wine")]));
        let iris = [("model_name", "iris"), ("model_version", "1")];
        assert!(!found.of(&iris).unwrap().holds);
        assert_eq!(found.holding(), []);
    }

    #[test]
    fn functions_look_back() {
        let p50 = parse("p50(h[100s]) > 0").unwrap();
        let expressions = [
            p50,
            parse("rate(c_total[100s]) > 0").unwrap(),
            parse("avg_over_time(g[100s]) > 0").unwrap(),
        ];
        let mut history = History::default();
        let mut families = Vec::new();
        let mut histogram = Histogram::default();
        for second in 0..=300_u32 {
            // From 200 s on, requests take 0.4 s; before, 0.02 s.
            histogram.record(if second > 200 { 0.4 } else { 0.02 }, LATENCY_SECONDS_BUCKETS);
            let mut h = Family::new("h", Kind::Histogram, "");
            h.push_histogram(&[("model_name", "iris")], &histogram, LATENCY_SECONDS_BUCKETS);
            let mut c = Family::new("c_total", Kind::Counter, "");
            // Three a second, and a new start at 250 s.
            let count = if second < 250 { second } else { second - 250 };
            c.push_count(&[("model_name", "iris")], u64::from(count) * 3);
            families = vec![h, c, gauge("g", &[("iris", f64::from(second))])];
            history.record(f64::from(second), &families, expressions.iter());
        }
        let context = Context { now_seconds: 300.0, ..now(&families, &history, &[]) };
        // The bucket from 0.25 to 0.5 holds all of the last 100 seconds.
        assert_eq!(held("p50(h[100s]) > 0.3", &context), [("iris".to_string(), 0.375)]);
        let rate = held("rate(c_total[100s]) > 0", &context)[0].1;
        assert!((2.9..=3.0).contains(&rate), "{rate}");
        let mean = held("avg_over_time(g[100s]) > 0", &context)[0].1;
        assert!((248.0..=252.0).contains(&mean), "{mean}");
        assert!(history.turned_away == 0);
    }

    #[test]
    fn a_counter_that_appears_was_zero_before() {
        let expressions = [parse("increase(c_total[60s]) > 0").unwrap()];
        let mut history = History::default();
        history.record(0.0, &[], expressions.iter());
        let mut c = Family::new("c_total", Kind::Counter, "");
        c.push_count(&[], 5);
        let families = [c];
        history.record(10.0, &families, expressions.iter());
        let context = Context { now_seconds: 10.0, ..now(&families, &history, &[]) };
        assert_eq!(held("increase(c_total[60s]) > 0", &context), [("".to_string(), 5.0)]);
    }
}
