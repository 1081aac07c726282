use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use super::expression::{Expression, Over, Selector};
use super::places::Places;
use super::series::{LabelRefs, Labels, borrowed, owned};
use crate::metric::{Family, Number, Sample};
use crate::pane::most;

/// Points kept of a range, beside the latest.
const POINTS: f64 = 60.0;
/// Series that are remembered; further ones are counted.
const MAX_SERIES: usize = 4096;

/// What the samples that conditions look back on were.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub(super) struct History {
    series: Vec<Remembered>,
    recorded_at: Option<f64>,
    /// Series that found no room.
    pub turned_away: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Remembered {
    /// Name of the sample, its suffix with it.
    sample: String,
    labels: Labels,
    /// Times and values, oldest first, a [`POINTS`]th of the range apart or more.
    points: Vec<(f64, f64)>,
    latest: (f64, f64),
}

/// A sample that a condition looks back on: its name, how far, and whether it only grows.
struct Wanted<'e> {
    selector: &'e Selector,
    is_bucket: bool,
    grows: bool,
}

impl Wanted<'_> {
    fn is(&self, family: &Family, sample: &Sample) -> bool {
        let is_named = if self.is_bucket {
            sample.suffix == "_bucket" && self.selector.metric == family.name
        } else {
            self.selector.is_of(family.name, sample.suffix)
        };
        is_named && self.selector.matches(&without_bound(borrowed(&sample.labels)))
    }
}

impl History {
    /// Takes the samples of now that any of the expressions looks back on, and forgets what none does.
    pub(super) fn record<'e>(
        &mut self,
        now_seconds: f64,
        families: &[Family],
        expressions: impl Iterator<Item = &'e Expression>,
    ) {
        let mut wanted: Vec<Wanted<'e>> = Vec::new();
        for expression in expressions {
            collect(expression, &mut wanted);
        }
        let hash = |own: &Remembered| Places::hash([&own.sample, ""], pairs(&own.labels));
        let mut places = Places::of(self.series.iter().map(hash));
        for family in families {
            for sample in &family.samples {
                let mut range = None;
                let mut grows = false;
                for own in wanted.iter().filter(|own| own.is(family, sample)) {
                    range = range.max(Some(own.selector.range_seconds as u64));
                    grows |= own.grows;
                }
                if let Some(range) = range {
                    self.push(&mut places, now_seconds, (family, sample), range as f64, grows);
                }
            }
        }
        let longest = wanted.iter().map(|own| own.selector.range_seconds).fold(0.0, f64::max);
        self.series.retain(|own| own.latest.0 >= now_seconds - longest);
        self.recorded_at = Some(now_seconds);
    }

    fn push(
        &mut self,
        places: &mut Places,
        now_seconds: f64,
        (family, sample): (&Family, &Sample),
        range_seconds: f64,
        grows: bool,
    ) {
        let value = value_of(sample);
        let is_same = |own: &Remembered| -> bool {
            own.sample.strip_prefix(family.name) == Some(sample.suffix)
                && own.labels.len() == sample.labels.len()
                && own
                    .labels
                    .iter()
                    .zip(&sample.labels)
                    .all(|(own, (name, value))| own.0 == *name && own.1 == *value)
        };
        let hash = Places::hash([family.name, sample.suffix], pairs(&sample.labels));
        let is_there = |place: &usize| self.series.get(*place).is_some_and(is_same);
        let found = places.with_hash(hash).find(is_there);
        if let Some(own) = found.and_then(|place| self.series.get_mut(place)) {
            own.push((now_seconds, value), range_seconds);
            return;
        }
        if self.series.len() >= MAX_SERIES {
            self.turned_away = self.turned_away.saturating_add(1);
            return;
        }
        // A count that was not there a moment ago was zero then.
        let before = self.recorded_at.filter(|at| grows && *at < now_seconds);
        places.insert(hash, self.series.len());
        self.series.push(Remembered {
            sample: [family.name, sample.suffix].concat(),
            labels: owned(&borrowed(&sample.labels)),
            points: before.map(|at| (at, 0.0)).into_iter().collect(),
            latest: (now_seconds, value),
        });
    }

    /// The series of a sample, named in two parts, that a selector matches: labels, and points in its range,
    /// oldest first, the latest with them.
    pub(super) fn in_range<'h>(
        &'h self,
        now_seconds: f64,
        sample: [&str; 2],
        selector: &Selector,
    ) -> impl Iterator<Item = (LabelRefs<'h>, Vec<(f64, f64)>)> {
        let from = now_seconds - selector.range_seconds;
        self.series.iter().filter_map(move |own| {
            let is_wanted = own.sample.strip_prefix(sample[0]) == Some(sample[1])
                && own.latest.0 >= now_seconds;
            let labels = is_wanted.then(|| borrowed(&own.labels))?;
            selector.matches(&without_bound(labels.clone())).then(|| {
                // The newest point at or before the start tells what it was then.
                let first = own.points.iter().rposition(|(at, _)| *at <= from).unwrap_or(0);
                let points = own.points.iter().skip(first).copied();
                (labels, points.chain([own.latest]).collect())
            })
        })
    }
}

/// Conditions do not select by the bound of a bucket.
fn without_bound(mut labels: LabelRefs<'_>) -> LabelRefs<'_> {
    labels.retain(|(name, _)| *name != "le");
    labels
}

fn pairs<N: AsRef<str>>(labels: &[(N, String)]) -> impl Iterator<Item = (&str, &str)> {
    labels.iter().map(|(name, value)| (name.as_ref(), value.as_str()))
}

impl Remembered {
    fn push(&mut self, latest: (f64, f64), range_seconds: f64) {
        let apart = range_seconds / POINTS;
        let is_due = self.points.last().is_none_or(|(at, _)| self.latest.0 - at >= apart);
        if is_due && self.latest.0 < latest.0 {
            self.points.push(self.latest);
        }
        self.latest = latest;
        let from = latest.0 - range_seconds;
        let before = self.points.iter().rposition(|(at, _)| *at <= from).unwrap_or(0);
        self.points.drain(..before);
    }
}

fn collect<'e>(expression: &'e Expression, wanted: &mut Vec<Wanted<'e>>) {
    for (over, selector) in expression.ranges() {
        wanted.push(Wanted {
            selector,
            is_bucket: matches!(over, Over::Quantile(_)),
            grows: matches!(over, Over::Quantile(_) | Over::Rate | Over::Increase),
        });
    }
}

pub(super) fn value_of(sample: &Sample) -> f64 {
    match sample.value {
        Number::Count(count) => count as f64,
        Number::Measure(measure) => measure,
    }
}

/// By how much a counter grew over points, oldest first; from a point where it fell it began anew.
pub(super) fn increase(points: &[(f64, f64)]) -> f64 {
    points.windows(2).fold(0.0, |sum, pair| {
        let (before, after) = (pair[0].1, pair[1].1);
        sum + if after >= before { after - before } else { after }
    })
}

/// The most bytes that remembered series with so many bytes of labels take.
pub(super) const fn most_history_bytes(labels: u64) -> u64 {
    let points = 2 * (POINTS as u64 + 4) * size_of::<(f64, f64)>() as u64;
    MAX_SERIES as u64 * (2 * size_of::<Remembered>() as u64 + labels + most::NAME + points)
}
