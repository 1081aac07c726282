//! A strict reader of the Prometheus text exposition format 0.0.4, to hold ours against.

use std::collections::{BTreeMap, BTreeSet};

/// One metric as it was read.
#[derive(Debug)]
pub struct Metric {
    pub kind: String,
    pub help: String,
    pub samples: Vec<Line>,
}

/// One line of a metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    pub name: String,
    pub labels: BTreeMap<String, String>,
    pub value: f64,
}

/// Reads a text, and panics on what Prometheus might not read as it was meant.
pub fn read(text: &str) -> BTreeMap<String, Metric> {
    assert!(text.is_empty() || text.ends_with('\n'), "the last line has no end");
    let mut metrics: BTreeMap<String, Metric> = BTreeMap::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let (name, help) = line.strip_prefix("# HELP ").expect(line).split_once(' ').expect(line);
        let (typed, kind) =
            lines.next().unwrap().strip_prefix("# TYPE ").expect(line).split_once(' ').unwrap();
        assert_eq!(typed, name);
        assert!(["counter", "gauge", "histogram"].contains(&kind), "{kind}");
        let mut samples = Vec::new();
        while let Some(line) = lines.next_if(|line| !line.starts_with('#')) {
            samples.push(sample(line, name, kind));
        }
        assert!(!samples.is_empty(), "{name} has no sample");
        let metric = Metric { kind: kind.into(), help: help.into(), samples };
        assert!(metrics.insert(name.into(), metric).is_none(), "{name} comes twice");
    }
    for (name, metric) in &metrics {
        check(name, metric);
    }
    metrics
}

fn sample(line: &str, family: &str, kind: &str) -> Line {
    let name_end = line.find(|c: char| !is_name(c)).expect(line);
    let (name, mut rest) = line.split_at(name_end);
    let suffix = name.strip_prefix(family).expect(line);
    let suffixes = if kind == "histogram" { &["_bucket", "_sum", "_count"][..] } else { &[""] };
    assert!(suffixes.contains(&suffix), "{line}");
    let mut labels = BTreeMap::new();
    if let Some(inner) = rest.strip_prefix('{') {
        rest = inner;
        loop {
            let (label, after) = rest.split_once("=\"").expect(line);
            assert!(!label.is_empty() && label.chars().all(is_name), "{line}");
            assert!(!label.starts_with("__") && !label.contains(':'), "{line}");
            let (value, after) = unescaped(after);
            assert!(labels.insert(label.to_string(), value).is_none(), "{line}");
            if let Some(after) = after.strip_prefix('}') {
                rest = after;
                break;
            }
            rest = after.strip_prefix(',').expect(line);
        }
    }
    let value = rest.strip_prefix(' ').expect(line);
    let value = match value {
        "+Inf" => f64::INFINITY,
        _ => value.parse().expect(line),
    };
    assert!(!value.is_nan(), "{line}");
    Line { name: name.into(), labels, value }
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == ':'
}

/// The value up to its closing quote, and what follows.
fn unescaped(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return (value, &text[at + 1..]),
            '\\' => value.push(match chars.next().unwrap().1 {
                'n' => '\n',
                escaped @ ('\\' | '"') => escaped,
                other => panic!("\\{other} is no escape"),
            }),
            _ => value.push(c),
        }
    }
    panic!("no closing quote: {text}")
}

fn check(name: &str, metric: &Metric) {
    assert!(!metric.help.is_empty(), "{name}");
    assert_eq!(name.ends_with("_total"), metric.kind == "counter", "{name}");
    let series: BTreeSet<String> =
        metric.samples.iter().map(|line| format!("{} {:?}", line.name, line.labels)).collect();
    assert_eq!(series.len(), metric.samples.len(), "{name}: a series comes twice");
    if metric.kind == "histogram" {
        check_histogram(name, metric);
    } else {
        let names: BTreeSet<Vec<&String>> =
            metric.samples.iter().map(|line| line.labels.keys().collect()).collect();
        assert_eq!(names.len(), 1, "{name}: its samples have different labels");
    }
    if metric.kind == "counter" {
        assert!(metric.samples.iter().all(|line| line.value >= 0.0), "{name}");
    }
}

fn check_histogram(name: &str, metric: &Metric) {
    let mut groups: BTreeMap<BTreeMap<String, String>, Vec<&Line>> = BTreeMap::new();
    for line in &metric.samples {
        let mut labels = line.labels.clone();
        labels.remove("le");
        groups.entry(labels).or_default().push(line);
    }
    for lines in groups.values() {
        let buckets: Vec<(f64, f64)> = lines
            .iter()
            .filter(|line| line.name.ends_with("_bucket"))
            .map(|line| (line.labels["le"].replace("+Inf", "inf").parse().unwrap(), line.value))
            .collect();
        assert!(buckets.is_sorted_by(|a, b| a.0 < b.0 && a.1 <= b.1), "{name}: {buckets:?}");
        let rest: Vec<&str> = lines[buckets.len()..].iter().map(|it| it.name.as_str()).collect();
        assert_eq!(rest, [format!("{name}_sum"), format!("{name}_count")]);
        let last = buckets.last().unwrap();
        assert_eq!((last.0, last.1), (f64::INFINITY, lines.last().unwrap().value), "{name}");
    }
}
