use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::pane::Histogram;

/// A metric: its name, and a sample for each set of labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Family {
    /// Metric name, `[a-zA-Z_:][a-zA-Z0-9_:]*`.
    pub name: &'static str,
    /// One sentence that says what is measured.
    pub help: &'static str,
    /// What kind of metric it is.
    pub kind: Kind,
    /// Its samples, in the order of the text.
    pub samples: Vec<Sample>,
    /// Labels of samples that would be here, had they data enough: not in the text, and a state of their
    /// own in alerts.
    pub withheld: Vec<Vec<(&'static str, String)>>,
}

/// The kind of a metric.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A count that never goes back.
    Counter,
    /// A value that goes up and down.
    Gauge,
    /// Counts by bucket, with sum and count.
    Histogram,
}

/// One line of a family.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// What is added to the family's name: nothing, or `_bucket`, `_sum` or `_count`.
    pub suffix: &'static str,
    /// Label names, `[a-zA-Z_][a-zA-Z0-9_]*`, and values.
    pub labels: Vec<(&'static str, String)>,
    /// The value.
    pub value: Number,
}

/// The value of a sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// A count, exact.
    Count(u64),
    /// A measure.
    Measure(f64),
}

impl Family {
    /// A family without samples.
    #[must_use]
    pub const fn new(name: &'static str, kind: Kind, help: &'static str) -> Self {
        Self { name, help, kind, samples: Vec::new(), withheld: Vec::new() }
    }

    /// Adds a count.
    pub fn push_count(&mut self, labels: &[(&'static str, &str)], count: u64) {
        self.push("", labels, Number::Count(count));
    }

    /// Adds a measure; one that is not finite is not known, and not added.
    pub fn push_measure(&mut self, labels: &[(&'static str, &str)], measure: f64) {
        if measure.is_finite() {
            self.push("", labels, Number::Measure(measure));
        }
    }

    /// Says that there is something to measure, and too few data to do it.
    pub fn withhold(&mut self, labels: &[(&'static str, &str)]) {
        self.withheld
            .push(labels.iter().map(|(name, value)| (*name, (*value).to_string())).collect());
    }

    /// Adds the buckets, the sum and the count of a histogram; nothing if it is empty.
    pub fn push_histogram(
        &mut self,
        labels: &[(&'static str, &str)],
        histogram: &Histogram,
        upper_bounds: &[f64],
    ) {
        let count = histogram.count();
        if count == 0 {
            return;
        }
        for (upper_bound, cumulative) in histogram.cumulative(upper_bounds) {
            let upper_bound = Number::Measure(upper_bound).to_string();
            let labels = [labels, &[("le", upper_bound.as_str())]].concat();
            self.push("_bucket", &labels, Number::Count(cumulative));
        }
        self.push("_sum", labels, Number::Measure(histogram.sum()));
        self.push("_count", labels, Number::Count(count));
    }

    fn push(&mut self, suffix: &'static str, labels: &[(&'static str, &str)], value: Number) {
        let labels = labels.iter().map(|(name, value)| (*name, (*value).to_string())).collect();
        self.samples.push(Sample { suffix, labels, value });
    }
}
