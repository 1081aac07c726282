use alloc::string::{String, ToString};
use alloc::vec::Vec;
use tidegate_stats::order::sort_by;

use super::places::Places;

/// Names and values of a series' labels.
pub type Labels = Vec<(String, String)>;

/// The same, as they are compared: of metrics, of what is remembered, and of rules.
pub(super) type LabelRefs<'c> = Vec<(&'c str, &'c str)>;

/// A number and the labels that it is for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Series<'c> {
    pub labels: LabelRefs<'c>,
    pub value: f64,
    /// Of a condition, whether it holds.
    pub holds: bool,
}

impl<'c> Series<'c> {
    pub(super) const fn new(labels: LabelRefs<'c>, value: f64) -> Self {
        Self { labels, value, holds: true }
    }
}

/// By their labels; of equal ones the first stays first.
pub(super) fn sort(series: &mut [Series<'_>]) {
    sort_by(series, |one, other| one.labels.cmp(&other.labels));
}

/// What a node of an expression computes to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Computed<'c> {
    Number(f64),
    Series(Vec<Series<'c>>),
}

impl<'c> Computed<'c> {
    /// Each number through a function.
    pub(super) fn map(self, of: impl Fn(f64) -> f64) -> Self {
        match self {
            Self::Number(number) => Self::Number(of(number)),
            Self::Series(mut series) => {
                for one in &mut series {
                    one.value = of(one.value);
                }
                Self::Series(series)
            }
        }
    }

    /// Both sides through a function, where they meet; the labels are those of the side that has more.
    pub(super) fn zip(self, other: Self, of: impl Fn(f64, f64) -> f64) -> Self {
        match (self, other) {
            (Self::Number(left), Self::Number(right)) => Self::Number(of(left, right)),
            (Self::Number(left), right) => right.map(|value| of(left, value)),
            (left, Self::Number(right)) => left.map(|value| of(value, right)),
            (Self::Series(left), Self::Series(right)) => {
                let has_more = |one: &[Series<'_>], other: &[Series<'_>]| {
                    let most = |side: &[Series<'_>]| side.iter().map(|it| it.labels.len()).max();
                    most(one) >= most(other)
                };
                let left_is_finer = has_more(&left, &right);
                let (fine, coarse) = if left_is_finer { (left, right) } else { (right, left) };
                let mut partners = Partners::of(&coarse);
                let met = fine.into_iter().filter_map(|one| {
                    let met = partners.first(&one.labels)?.value;
                    let value = if left_is_finer { of(one.value, met) } else { of(met, one.value) };
                    Some(Series { value, ..one })
                });
                Self::Series(met.collect())
            }
        }
    }
}

/// The series that others meet, found by the labels that both have.
pub(super) struct Partners<'s, 'c> {
    series: &'s [Series<'c>],
    /// Names of the labels that were last asked about, and which of them any of the series has.
    asked: Vec<&'c str>,
    shared: Vec<Vec<&'c str>>,
    /// Where series are, by those that they have.
    places: Places,
}

impl<'s, 'c> Partners<'s, 'c> {
    pub(super) const fn of(series: &'s [Series<'c>]) -> Self {
        Self { series, asked: Vec::new(), shared: Vec::new(), places: Places::EMPTY }
    }

    /// The first series that agrees with these labels.
    pub(super) fn first(&mut self, labels: &LabelRefs<'c>) -> Option<&'s Series<'c>> {
        let is_asked = labels.iter().map(|(name, _)| name).eq(&self.asked);
        if !is_asked || self.shared.is_empty() {
            self.ask(labels);
        }
        let of_names = |names: &Vec<&'c str>| {
            let own = labels.iter().copied().filter(|(name, _)| names.contains(name));
            let mut found = self.places.with_hash(Places::hash(["", ""], own));
            let agrees = |one: &Series<'c>| agree(&one.labels, labels);
            found.find(|place| self.series.get(*place).is_some_and(agrees))
        };
        let first = self.shared.iter().filter_map(of_names).min()?;
        self.series.get(first)
    }

    /// Finds places for labels of these names.
    fn ask(&mut self, labels: &LabelRefs<'c>) {
        self.asked = labels.iter().map(|(name, _)| *name).collect();
        self.shared.clear();
        let mut hashes = Vec::with_capacity(self.series.len());
        for one in self.series {
            let value = |name: &&'c str| one.labels.iter().find(|(own, _)| own == name).copied();
            let own: LabelRefs<'c> = self.asked.iter().filter_map(value).collect();
            hashes.push(Places::hash(["", ""], own.iter().copied()));
            let names = own.iter().map(|(name, _)| name);
            if self.shared.iter().all(|shared| !names.clone().eq(shared)) {
                self.shared.push(names.copied().collect());
            }
        }
        self.places = Places::of(hashes.into_iter());
    }
}

/// Whether the labels that both have are equal.
fn agree(one: &LabelRefs<'_>, other: &LabelRefs<'_>) -> bool {
    one.iter().all(|(name, value)| {
        other.iter().find(|(own, _)| own == name).is_none_or(|(_, own)| own == value)
    })
}

/// Labels as they are compared, however their names are kept.
pub(super) fn borrowed<N: AsRef<str>>(labels: &[(N, String)]) -> LabelRefs<'_> {
    labels.iter().map(|(name, value)| (name.as_ref(), value.as_str())).collect()
}

/// Labels as they are kept.
pub(super) fn owned(labels: &[(&str, &str)]) -> Labels {
    labels.iter().map(|(name, value)| ((*name).to_string(), (*value).to_string())).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NAMES: [&str; 3] = ["a", "b", "c"];
    const VALUES: [&str; 3] = ["1", "2", ""];

    fn labels() -> impl Strategy<Value = LabelRefs<'static>> {
        prop::collection::vec(prop::option::of(0..VALUES.len()), NAMES.len()).prop_map(|chosen| {
            let pair = |(name, value): (&'static str, Option<usize>)| Some((name, VALUES[value?]));
            NAMES.into_iter().zip(chosen).filter_map(pair).collect()
        })
    }

    proptest! {
        #[test]
        fn the_first_that_agrees_is_found(
            series in prop::collection::vec(labels(), 0..30), asked in prop::collection::vec(labels(), 0..9),
        ) {
            let value = |(place, labels)| Series::new(labels, f64::from(place));
            let series: Vec<Series<'_>> = (0_u32..).zip(series).map(value).collect();
            let mut partners = Partners::of(&series);
            for labels in &asked {
                let first = series.iter().find(|one| agree(&one.labels, labels));
                prop_assert_eq!(partners.first(labels), first);
            }
        }
    }
}
