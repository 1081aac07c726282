//! A small and strict parser of the Prometheus text format.

use std::collections::{BTreeMap, BTreeSet};

type Labels = BTreeMap<String, String>;

/// One sample.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    pub name: String,
    pub labels: Labels,
    pub value: f64,
}

/// The samples of one scrape.
#[derive(Debug)]
pub struct Metrics {
    pub samples: Vec<Sample>,
    /// The type of each family.
    pub types: BTreeMap<String, String>,
}

impl Metrics {
    /// Parses a scrape, and refuses: samples before their `# HELP` and `# TYPE`, families that are
    /// not together, a series that is there twice, names and labels that Prometheus does not take,
    /// and histograms that do not add up.
    pub fn parse(text: &str) -> Result<Self, String> {
        if !text.is_empty() && !text.ends_with('\n') {
            return Err("the last line does not end".into());
        }
        let mut metrics = Self { samples: Vec::new(), types: BTreeMap::new() };
        let mut helps = BTreeSet::new();
        let mut family = String::new();
        let mut series = BTreeSet::new();
        for line in text.lines() {
            let fail = |reason: &str| Err(format!("{reason}: {line}"));
            if let Some(help) = line.strip_prefix("# HELP ") {
                let (name, help) = help.split_once(' ').unwrap_or((help, ""));
                if help.is_empty() || !helps.insert(name.to_string()) {
                    return fail("an empty or a second HELP");
                }
            } else if let Some(kind) = line.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').unwrap_or((kind, ""));
                if !["counter", "gauge", "histogram"].contains(&kind) || !helps.contains(name) {
                    return fail("an unknown TYPE, or one before its HELP");
                }
                if metrics.types.insert(name.into(), kind.into()).is_some() {
                    return fail("a second TYPE");
                }
                family = name.into();
            } else {
                let Some(sample) = parse_sample(line) else { return fail("not a sample") };
                if !belongs(&sample.name, &family, metrics.types.get(&family)) {
                    return fail("a sample outside its family");
                }
                if !series.insert((sample.name.clone(), sample.labels.clone())) {
                    return fail("a series that is there already");
                }
                metrics.samples.push(sample);
            }
        }
        metrics.check_histograms()?;
        Ok(metrics)
    }

    /// The sum of all samples of this name that have these labels.
    pub fn sum(&self, name: &str, labels: &[(&str, &str)]) -> f64 {
        self.named(name, labels).fold(0.0, |sum, sample| sum + sample.value)
    }

    /// The samples of this name that have these labels.
    pub fn named<'a>(
        &'a self,
        name: &'a str,
        labels: &'a [(&str, &str)],
    ) -> impl Iterator<Item = &'a Sample> {
        self.samples.iter().filter(move |sample| {
            let has = |(key, value): &(&str, &str)| {
                sample.labels.get(*key).is_some_and(|found| found == value)
            };
            sample.name == name && labels.iter().all(has)
        })
    }

    /// Of each histogram series: cumulative buckets, the last of which is `+Inf` and the count.
    fn check_histograms(&self) -> Result<(), String> {
        for (family, kind) in &self.types {
            if kind != "histogram" {
                continue;
            }
            let mut buckets: BTreeMap<Labels, Vec<(f64, f64)>> = BTreeMap::new();
            for sample in self.named(&format!("{family}_bucket"), &[]) {
                let mut labels = sample.labels.clone();
                let bound = labels.remove("le").and_then(|bound| parse_number(&bound));
                let bound = bound.ok_or_else(|| format!("{family}: a bucket without a bound"))?;
                buckets.entry(labels).or_default().push((bound, sample.value));
            }
            for (labels, buckets) in buckets {
                let grows =
                    buckets.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 <= pair[1].1);
                let count = self.samples.iter().find(|sample| {
                    sample.name == format!("{family}_count") && sample.labels == labels
                });
                let last = buckets.last().copied();
                if !grows || last != count.map(|count| (f64::INFINITY, count.value)) {
                    return Err(format!(
                        "{family}{labels:?}: buckets {buckets:?}, count {count:?}"
                    ));
                }
            }
        }
        Ok(())
    }
}

fn belongs(sample: &str, family: &str, kind: Option<&String>) -> bool {
    let Some(suffix) = sample.strip_prefix(family) else { return false };
    match kind.map(String::as_str) {
        Some("histogram") => ["_bucket", "_sum", "_count"].contains(&suffix),
        Some(_) => suffix.is_empty(),
        None => false,
    }
}

fn parse_sample(line: &str) -> Option<Sample> {
    let name_end = line.find(|c: char| !is_name_character(c))?;
    let (name, rest) = line.split_at(name_end);
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (labels, rest) = match rest.strip_prefix('{') {
        Some(rest) => parse_labels(rest)?,
        None => (Labels::new(), rest),
    };
    let value = parse_number(rest.strip_prefix(' ')?)?;
    Some(Sample { name: name.into(), labels, value })
}

/// Reads labels up to the closing brace, and returns what follows it.
fn parse_labels(mut rest: &str) -> Option<(Labels, &str)> {
    let mut labels = Labels::new();
    loop {
        let (name, after) = rest.split_once("=\"")?;
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return None;
        }
        let mut value = String::new();
        let mut characters = after.char_indices();
        let end = loop {
            match characters.next()? {
                (end, '"') => break end,
                (_, '\\') => value.push(match characters.next()?.1 {
                    'n' => '\n',
                    escaped @ ('\\' | '"') => escaped,
                    _ => return None,
                }),
                (_, character) => value.push(character),
            }
        };
        if labels.insert(name.into(), value).is_some() {
            return None;
        }
        rest = &after[end + 1..];
        if let Some(after) = rest.strip_prefix('}') {
            return Some((labels, after));
        }
        rest = rest.strip_prefix(',')?;
    }
}

fn parse_number(text: &str) -> Option<f64> {
    match text {
        "+Inf" => Some(f64::INFINITY),
        "-Inf" => Some(f64::NEG_INFINITY),
        "NaN" => Some(f64::NAN),
        _ => text.parse().ok().filter(|number: &f64| number.is_finite()),
    }
}

fn is_name_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_' || character == ':'
}

#[test]
fn the_parser_reads_what_prometheus_documents() {
    let text = "# HELP http_requests_total The total.\n# TYPE http_requests_total counter\n\
                http_requests_total{method=\"post\",path=\"C:\\\\D\\\"\\n\"} 1027\n\
                # HELP d A histogram.\n# TYPE d histogram\n\
                d_bucket{le=\"0.5\"} 1\nd_bucket{le=\"+Inf\"} 3\nd_sum 2.5\nd_count 3\n";
    let metrics = Metrics::parse(text).unwrap();
    assert_eq!(metrics.samples[0].labels["path"], "C:\\D\"\n");
    assert_eq!(metrics.sum("http_requests_total", &[("method", "post")]), 1027.0);
}

#[test]
fn the_parser_refuses_what_prometheus_refuses() {
    let counter = "# HELP a A.\n# TYPE a counter\n";
    for (text, reason) in [
        ("a 1\n".to_string(), "outside its family"),
        (format!("{counter}a 1"), "does not end"),
        (format!("{counter}a 1\na 2\n"), "there already"),
        (format!("{counter}a{{b=\"c}} 1\n"), "not a sample"),
        (format!("{counter}a one\n"), "not a sample"),
        ("# TYPE a counter\n".to_string(), "before its HELP"),
        (
            "# HELP h H.\n# TYPE h histogram\nh_bucket{le=\"+Inf\"} 2\nh_count 3\n".to_string(),
            "buckets",
        ),
    ] {
        let error = Metrics::parse(&text).unwrap_err();
        assert!(error.contains(reason), "{error}");
    }
}
