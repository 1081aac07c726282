use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

/// A condition on metrics, as [`super::parse`] reads it.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    pub(super) root: Node,
}

/// Something that has a number, or a number for each series.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    Number(f64),
    Select(Selector),
    /// A number a series, from the history of its counters or values.
    Over(Over, Selector),
    /// The value that was set as normal for each series of a metric.
    Baseline(Selector),
    Absolute(Box<Node>),
    Negative(Box<Node>),
    /// One number for all series, or one for each value of the labels.
    Aggregate(Aggregate, Vec<String>, Box<Node>),
    Arithmetic(Arithmetic, Box<Node>, Box<Node>),
    /// The series of the left side for which it holds.
    Compare(Comparison, Box<Node>, Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
}

/// The series of a metric, as far as their labels match.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Selector {
    pub metric: String,
    pub matchers: Vec<Matcher>,
    /// How far back, in seconds; 0 for now.
    pub range_seconds: f64,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Matcher {
    pub label: String,
    pub equal: bool,
    pub value: String,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Over {
    /// Increase a second.
    Rate,
    Increase,
    Average,
    Least,
    Most,
    /// Of a histogram, at this share.
    Quantile(f64),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aggregate {
    Sum,
    Average,
    Least,
    Most,
    Count,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
}

impl Arithmetic {
    pub(super) fn of(self, left: f64, right: f64) -> f64 {
        match self {
            Self::Add => left + right,
            Self::Subtract => left - right,
            Self::Multiply => left * right,
            Self::Divide => left / right,
        }
    }
}

impl Comparison {
    #[expect(clippy::float_cmp, reason = "what the operator wrote")]
    pub(super) fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
            Self::Equal => left == right,
            Self::NotEqual => left != right,
        }
    }
}

impl Selector {
    /// Whether a series with these labels is selected. A label that is not there is empty.
    pub(super) fn matches(&self, labels: &[(&str, &str)]) -> bool {
        self.matchers.iter().all(|matcher| {
            let own = labels.iter().find(|(name, _)| *name == matcher.label);
            (own.map_or("", |(_, value)| value) == matcher.value) == matcher.equal
        })
    }

    /// The name of the samples that it reads: of a histogram's quantile, its buckets.
    pub(super) fn is_of(&self, family: &str, suffix: &str) -> bool {
        self.metric.strip_prefix(family) == Some(suffix)
    }
}

impl Expression {
    /// Every function that looks back, with what it looks at.
    pub(super) fn ranges(&self) -> Vec<(Over, &Selector)> {
        let mut found = Vec::new();
        collect_ranges(&self.root, &mut found);
        found
    }
}

fn collect_ranges<'n>(node: &'n Node, found: &mut Vec<(Over, &'n Selector)>) {
    match node {
        Node::Number(_) | Node::Select(_) | Node::Baseline(_) => {}
        Node::Over(over, selector) => found.push((*over, selector)),
        Node::Absolute(of) | Node::Negative(of) | Node::Aggregate(_, _, of) => {
            collect_ranges(of, found);
        }
        Node::Arithmetic(_, left, right)
        | Node::Compare(_, left, right)
        | Node::And(left, right)
        | Node::Or(left, right) => {
            collect_ranges(left, found);
            collect_ranges(right, found);
        }
    }
}
