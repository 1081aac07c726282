use alloc::string::{String, ToString};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Names and values of a series' labels.
pub type Labels = Vec<(String, String)>;

/// A number and the labels that it is for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Series {
    pub labels: Labels,
    pub value: f64,
}

/// What a node of an expression computes to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Computed {
    Number(f64),
    Series(Vec<Series>),
}

impl Computed {
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

    /// The number that meets a series: the only one, or that of the first series that agrees.
    pub(super) fn meeting(&self, labels: &Labels) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Series(series) => {
                series.iter().find(|one| agree(&one.labels, labels)).map(|one| one.value)
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
                let has_more = |one: &[Series], other: &[Series]| {
                    let most = |side: &[Series]| side.iter().map(|it| it.labels.len()).max();
                    most(one) >= most(other)
                };
                let left_is_finer = has_more(&left, &right);
                let (fine, coarse) = if left_is_finer { (left, right) } else { (right, left) };
                let coarse = Self::Series(coarse);
                let met = fine.into_iter().filter_map(|one| {
                    let met = coarse.meeting(&one.labels)?;
                    let value = if left_is_finer { of(one.value, met) } else { of(met, one.value) };
                    Some(Series { value, ..one })
                });
                Self::Series(met.collect())
            }
        }
    }
}

/// Whether the labels that both have are equal.
pub(super) fn agree(one: &Labels, other: &Labels) -> bool {
    one.iter().all(|(name, value)| {
        other.iter().find(|(own, _)| own == name).is_none_or(|(_, own)| own == value)
    })
}

/// Labels as they are compared, however their names are kept.
pub(super) fn borrowed<N: AsRef<str>>(labels: &[(N, String)]) -> Vec<(&str, &str)> {
    labels.iter().map(|(name, value)| (name.as_ref(), value.as_str())).collect()
}

/// Labels as they are kept.
pub(super) fn owned(labels: &[(&str, &str)]) -> Labels {
    labels.iter().map(|(name, value)| ((*name).to_string(), (*value).to_string())).collect()
}
