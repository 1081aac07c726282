use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::expression::{Aggregate, Expression, Node, Over, Selector};
use super::history::{History, increase, value_of};
use super::series::{Computed, Labels, Series, agree, borrowed, owned};
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
pub(super) struct Context<'c> {
    pub now_seconds: f64,
    pub families: &'c [Family],
    pub history: &'c History,
    pub baselines: &'c [Baseline],
}

/// What a condition says of each series.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Evaluation {
    /// Those for which it holds, with the value of the left side.
    pub holds: Vec<Series>,
    /// Those for which it holds and those for which it does not.
    pub checked: Vec<Labels>,
    /// Those that have too few data to be told.
    pub withheld: Vec<Labels>,
}

pub(super) fn evaluate(expression: &Expression, context: &Context<'_>) -> Evaluation {
    condition(&expression.root, context)
}

fn condition(node: &Node, context: &Context<'_>) -> Evaluation {
    match node {
        Node::Compare(comparison, left, right) => {
            let mut evaluation = Evaluation::default();
            withheld(left, context, &mut evaluation.withheld);
            let right = compute(right, context);
            if let Computed::Series(series) = compute(left, context) {
                for one in series {
                    let Some(bound) = right.meeting(&one.labels) else { continue };
                    if one.value.is_nan() || bound.is_nan() {
                        continue;
                    }
                    evaluation.checked.push(one.labels.clone());
                    if comparison.holds(one.value, bound) {
                        evaluation.holds.push(one);
                    }
                }
            }
            evaluation
        }
        Node::And(left, right) => {
            let (mut left, right) = (condition(left, context), condition(right, context));
            left.holds.retain(|one| right.holds.iter().any(|it| agree(&one.labels, &it.labels)));
            left.checked.retain(|one| right.checked.iter().any(|it| agree(one, it)));
            add_new(&mut left.withheld, right.withheld);
            left
        }
        Node::Or(left, right) => {
            let (mut left, right) = (condition(left, context), condition(right, context));
            for one in right.holds {
                if left.holds.iter().all(|it| it.labels != one.labels) {
                    left.holds.push(one);
                }
            }
            add_new(&mut left.checked, right.checked);
            add_new(&mut left.withheld, right.withheld);
            left
        }
        // The parser lets no other node stand where a condition should.
        _ => Evaluation::default(),
    }
}

fn add_new(held: &mut Vec<Labels>, more: Vec<Labels>) {
    for one in more {
        if !held.contains(&one) {
            held.push(one);
        }
    }
}

/// The series that a node would have, had they data enough.
fn withheld(node: &Node, context: &Context<'_>, found: &mut Vec<Labels>) {
    match node {
        Node::Select(selector) | Node::Over(_, selector) => {
            for family in context.families.iter().filter(|it| selector.is_of(it.name, "")) {
                for labels in &family.withheld {
                    let labels = borrowed(labels);
                    if selector.matches(&labels) {
                        found.push(owned(&labels));
                    }
                }
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

fn compute(node: &Node, context: &Context<'_>) -> Computed {
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
                Computed::Number(value) => Vec::from([Series { labels: Labels::new(), value }]),
            };
            Computed::Series(aggregated(*aggregate, labels, series))
        }
        Node::Arithmetic(arithmetic, left, right) => {
            let (left, right) = (compute(left, context), compute(right, context));
            left.zip(right, |left, right| arithmetic.of(left, right))
        }
        Node::Compare(..) | Node::And(..) | Node::Or(..) => {
            Computed::Series(condition(node, context).holds)
        }
    }
}

fn select(selector: &Selector, context: &Context<'_>) -> Vec<Series> {
    let mut series = Vec::new();
    for family in context.families {
        for sample in &family.samples {
            if !selector.is_of(family.name, sample.suffix) {
                continue;
            }
            let labels = borrowed(&sample.labels);
            if selector.matches(&labels) {
                series.push(Series { labels: owned(&labels), value: value_of(sample) });
            }
        }
    }
    series
}

fn look_back(over: Over, selector: &Selector, context: &Context<'_>) -> Vec<Series> {
    let now = context.now_seconds;
    if let Over::Quantile(share) = over {
        return quantiles(share, selector, context);
    }
    let samples = context.history.in_range(now, &selector.metric, selector);
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
        Some(Series { labels: labels.clone(), value })
    });
    computed.collect()
}

/// A quantile of what a histogram counted in the range, linear within a bucket; in the last bucket, which
/// is open, its lower bound.
fn quantiles(share: f64, selector: &Selector, context: &Context<'_>) -> Vec<Series> {
    let sample = [selector.metric.as_str(), "_bucket"].concat();
    // Buckets of one series follow each other.
    let mut found: Vec<(Labels, Vec<(f64, f64)>)> = Vec::new();
    for (labels, points) in context.history.in_range(context.now_seconds, &sample, selector) {
        if points.len() < 2 {
            continue;
        }
        let (bound, rest): (Labels, Labels) =
            labels.iter().cloned().partition(|(name, _)| name == "le");
        let bound = bound.first().map_or("", |(_, value)| value.as_str());
        let bound = if bound == "+Inf" { f64::INFINITY } else { bound.parse().unwrap_or(f64::NAN) };
        let bucket = (bound, increase(&points));
        match found.iter_mut().find(|(own, _)| *own == rest) {
            Some((_, buckets)) => buckets.push(bucket),
            None => found.push((rest, Vec::from([bucket]))),
        }
    }
    let quantile = |(labels, buckets): (Labels, Vec<(f64, f64)>)| {
        Some(Series { labels, value: quantile(share, &buckets)? })
    };
    found.into_iter().filter_map(quantile).collect()
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

fn baseline(selector: &Selector, baselines: &[Baseline]) -> Vec<Series> {
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
        .map(|(label, value)| Series { labels: owned(label.as_slice()), value })
        .collect()
}

fn aggregated(aggregate: Aggregate, by: &[String], series: Vec<Series>) -> Vec<Series> {
    let mut groups: Vec<(Labels, Vec<f64>)> = Vec::new();
    for one in series {
        let labels: Labels =
            one.labels.into_iter().filter(|(name, _)| by.iter().any(|own| own == name)).collect();
        match groups.iter_mut().find(|(own, _)| *own == labels) {
            Some((_, values)) => values.push(one.value),
            None => groups.push((labels, Vec::from([one.value]))),
        }
    }
    let of = |values: &[f64]| match aggregate {
        Aggregate::Sum => values.iter().sum(),
        Aggregate::Average => values.iter().sum::<f64>() / values.len() as f64,
        Aggregate::Least => values.iter().copied().fold(f64::INFINITY, f64::min),
        Aggregate::Most => values.iter().copied().fold(f64::NEG_INFINITY, f64::max),
        Aggregate::Count => values.len() as f64,
    };
    groups.into_iter().map(|(labels, values)| Series { labels, value: of(&values) }).collect()
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
        let holds = evaluate(&expression, context).holds;
        let named = |one: Series| {
            let model = one.labels.first().map_or(String::new(), |it| it.1.clone());
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
        assert_eq!((found.holds.len(), found.checked.len()), (0, 1));
        assert_eq!(found.withheld, [owned(&[("model_name", "wine")])]);
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
