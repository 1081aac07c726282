use alloc::borrow::Cow;
use alloc::collections::BTreeSet;
use alloc::string::{String, ToString};
use core::cmp::Ordering;
use serde::{Deserialize, Serialize};

use crate::event::Value;
use crate::pane::{Dropped, LIMITS};

/// What a model said, or what was true: a number or the name of a class.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Answer {
    /// A finite number.
    Number(f64),
    /// A class.
    Class(String),
}

impl Answer {
    /// The answer that a value is; `None` for a missing one.
    #[must_use]
    pub fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Missing => None,
            Value::Number(number) => number.is_finite().then_some(Self::Number(*number)),
            // A class is known by so much of its name everywhere.
            Value::Category(name) => {
                Some(Self::Class(LIMITS.cut(name, &mut Dropped::default()).into()))
            }
        }
    }

    /// The answer as the name of a class: a number by its shortest decimal, `1` for 1.0.
    #[must_use]
    pub fn class_name(&self) -> Cow<'_, str> {
        match self {
            // Adding zero makes one zero of the two.
            Self::Number(number) => Cow::Owned((number + 0.0).to_string()),
            Self::Class(name) => Cow::Borrowed(name),
        }
    }

    /// The answer as a number, if it is one.
    #[must_use]
    pub fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Class(name) => name.trim().parse().ok().filter(|number: &f64| number.is_finite()),
        }
    }

    /// Whether two answers say the same: by name, for one may be told as `1` and the other as `"1"`.
    #[must_use]
    pub fn agrees_with(&self, other: &Self) -> bool {
        match (self, other) {
            #[expect(clippy::float_cmp, reason = "the same answer, not a near one")]
            (Self::Number(one), Self::Number(other)) => one == other,
            (Self::Class(one), Self::Class(other)) => one == other,
            (Self::Number(_), Self::Class(name)) => self.class_name() == *name,
            (Self::Class(name), Self::Number(_)) => other.class_name() == *name,
        }
    }

    pub(super) fn text_bytes(&self) -> usize {
        match self {
            Self::Number(_) => 0,
            Self::Class(name) => name.len(),
        }
    }

    /// A total order, so that what is kept does not depend on what came first.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(one), Self::Number(other)) => one.total_cmp(other),
            (Self::Class(one), Self::Class(other)) => one.cmp(other),
            (Self::Number(_), Self::Class(_)) => Ordering::Less,
            (Self::Class(_), Self::Number(_)) => Ordering::Greater,
        }
    }
}

/// More different numbers than this are no classes, unless somebody says so.
const MOST_CLASSES: usize = 100;
/// What is told by a number this large is no class.
const MOST_INDICES: f64 = 100_000.0;

/// Whether labels and predictions that are numbers are classes, where nobody says so: all of them could be the index
/// of one, and there are no more than a hundred different ones, unless the model says how sure it is. Prices in whole
/// euros are none.
#[must_use]
pub fn are_classes(mut numbers: impl Iterator<Item = f64>, have_confidences: bool) -> bool {
    // Most classes have a small index, and are counted without a set.
    let (mut small, mut large) = (0_u128, BTreeSet::new());
    numbers.all(|number| {
        let index = number as u32;
        #[expect(clippy::float_cmp, reason = "an index is whole to the last bit")]
        let is_index = (0.0..MOST_INDICES).contains(&number) && f64::from(index) == number;
        match 1_u128.checked_shl(index) {
            Some(bit) => small |= bit,
            None if have_confidences => {}
            None => _ = large.insert(index),
        }
        let count = small.count_ones() as usize + large.len();
        is_index && (have_confidences || count <= MOST_CLASSES)
    })
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    #[test]
    fn a_number_and_its_name_agree() {
        let class = |name: &str| Answer::Class(name.into());
        assert!(Answer::Number(1.0).agrees_with(&class("1")));
        assert!(class("1.5").agrees_with(&Answer::Number(1.5)));
        assert!(!class("1.0").agrees_with(&Answer::Number(1.0)), "its name is 1");
        assert!(Answer::Number(0.0).agrees_with(&Answer::Number(-0.0)));
        assert!(!Answer::Number(1.0).agrees_with(&class("one")));
        assert!(!class("1").agrees_with(&class("1.0")), "two names");
        assert_eq!(Answer::Number(-0.0).class_name(), "0");
        assert_eq!(Answer::of(&Value::Missing), None);
    }

    #[test]
    fn numbers_are_classes_if_they_are_few_and_whole() {
        let are = |numbers: &[f64]| are_classes(numbers.iter().copied(), false);
        for stride in [1, 100] {
            let numbers: Vec<f64> = (0..101).map(|it| f64::from(stride * it)).collect();
            assert!(are(&[&numbers[..100], &numbers[..100]].concat()));
            assert!(!are(&numbers));
            assert!(
                are_classes(numbers.iter().copied(), true),
                "of so many classes one is sure of one"
            );
        }
        assert!(are(&[0.0, -0.0, 99_999.0]));
        assert!(are(&[]));
        for number in [0.5, -1.0, 100_000.0, 1e300, f64::NAN, f64::INFINITY] {
            assert!(!are(&[1.0, number]), "{number}");
            assert!(!are_classes([1.0, number].into_iter(), true), "{number}");
        }
    }
}
