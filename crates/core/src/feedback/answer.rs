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
    pub fn class_name(&self) -> String {
        match self {
            // Adding zero makes one zero of the two.
            Self::Number(number) => (number + 0.0).to_string(),
            Self::Class(name) => name.clone(),
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

#[cfg(test)]
mod tests {
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
}
