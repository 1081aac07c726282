//! Reads one JSON value of the config at a time, and remembers everything that is wrong.

use std::cell::Cell;
use std::fmt;
use std::ops::RangeInclusive;

use serde_json::{Map, Value};

/// One thing that is wrong with a config.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where, as a JSON pointer (RFC 6901); empty for the whole document.
    pub pointer: String,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.pointer.is_empty() { "config" } else { &self.pointer };
        write!(f, "{place}: {}", self.message)
    }
}

/// The problems found so far.
#[derive(Default)]
pub(super) struct Problems(Cell<Vec<Problem>>);

impl Problems {
    pub(super) fn push(&self, pointer: &str, message: impl Into<String>) {
        let mut problems = self.0.take();
        problems.push(Problem { pointer: pointer.into(), message: message.into() });
        self.0.set(problems);
    }

    pub(super) fn into_inner(self) -> Vec<Problem> {
        self.0.into_inner()
    }
}

/// A value and its place.
#[derive(Clone)]
pub(super) struct Field<'a> {
    value: &'a Value,
    pointer: String,
    problems: &'a Problems,
}

impl<'a> Field<'a> {
    pub(super) fn root(value: &'a Value, problems: &'a Problems) -> Self {
        Self { value, pointer: String::new(), problems }
    }

    pub(super) fn value(&self) -> &'a Value {
        self.value
    }

    /// As a document of its own, for what is also read where it lies elsewhere: one reader does for both.
    pub(super) fn document(&self) -> String {
        self.value.to_string()
    }

    /// Says what is wrong with [`Self::document`]. It is one line, so that a place in it says nothing.
    pub(super) fn problem_of_document(&self, message: &str) {
        self.problem(message.split(" at line ").next().unwrap_or(message));
    }

    pub(super) fn problem(&self, message: impl Into<String>) {
        self.problems.push(&self.pointer, message);
    }

    fn expected<T>(&self, what: &str) -> Option<T> {
        let found = match self.value {
            Value::Null => "null".into(),
            Value::Bool(flag) => flag.to_string(),
            Value::Number(number) => number.to_string(),
            Value::String(_) => "a string".into(),
            Value::Array(_) => "a list".into(),
            Value::Object(_) => "an object".to_string(),
        };
        self.problem(format!("expected {what}, found {found}"));
        None
    }

    pub(super) fn text(&self) -> Option<&'a str> {
        match self.value {
            Value::String(text) => Some(text),
            _ => self.expected("a string"),
        }
    }

    /// A string that is not empty, has no control characters and at most `max_bytes` bytes.
    pub(super) fn name(&self, max_bytes: usize) -> Option<String> {
        let text = self.text()?;
        if text.is_empty() || text.len() > max_bytes || text.chars().any(char::is_control) {
            self.problem(format!(
                "expected 1 to {max_bytes} bytes of text without control characters"
            ));
            return None;
        }
        Some(text.into())
    }

    pub(super) fn flag(&self) -> Option<bool> {
        self.value.as_bool().or_else(|| self.expected("true or false"))
    }

    pub(super) fn number(&self, range: RangeInclusive<f64>) -> Option<f64> {
        let number = self.value.as_f64().filter(|number| range.contains(number));
        number.or_else(|| {
            self.expected(&format!("a number from {} to {}", range.start(), range.end()))
        })
    }

    /// A whole number; `5.0` is one too, for some control planes keep every number as a double.
    pub(super) fn whole(&self, range: RangeInclusive<u64>) -> Option<u64> {
        const MAX_EXACT: f64 = 9_007_199_254_740_992.0;
        let whole = self.value.as_u64().or_else(|| {
            let number = self.value.as_f64()?;
            let whole = (0.0..=MAX_EXACT).contains(&number) && number.fract() == 0.0;
            whole.then_some(number as u64)
        });
        whole.filter(|whole| range.contains(whole)).or_else(|| {
            self.expected(&format!("a whole number from {} to {}", range.start(), range.end()))
        })
    }

    pub(super) fn whole_u32(&self, range: RangeInclusive<u32>) -> Option<u32> {
        let range = u64::from(*range.start())..=u64::from(*range.end());
        u32::try_from(self.whole(range)?).ok()
    }

    /// The items of a list of at most `max_items`; what is no list, or too long a one, is a problem.
    pub(super) fn items(&self, max_items: usize) -> Vec<Field<'a>> {
        let Value::Array(items) = self.value else {
            self.expected::<()>("a list");
            return Vec::new();
        };
        if items.len() > max_items {
            self.problem(format!("at most {max_items} items, found {}", items.len()));
        }
        let item = |(index, value): (usize, _)| Field {
            value,
            pointer: join(&self.pointer, &index.to_string()),
            problems: self.problems,
        };
        items.iter().take(max_items).enumerate().map(item).collect()
    }

    /// A list of names, each but once.
    pub(super) fn distinct_names(&self, max_items: usize, max_bytes: usize) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for item in self.items(max_items) {
            if let Some(name) = item.name(max_bytes) {
                if names.contains(&name) {
                    item.problem(format!("`{name}` is in the list already"));
                }
                names.push(name);
            }
        }
        names
    }

    /// The members of an object whose keys are free, at most `max_members`.
    pub(super) fn members(&self, max_members: usize) -> Vec<(String, Field<'a>)> {
        let Value::Object(map) = self.value else {
            self.expected::<()>("an object");
            return Vec::new();
        };
        if map.len() > max_members {
            self.problem(format!("expected at most {max_members} members, found {}", map.len()));
            return Vec::new();
        }
        let member = |(name, value): (&String, &'a Value)| {
            let pointer = join(&self.pointer, name);
            (name.clone(), Field { value, pointer, problems: self.problems })
        };
        map.iter().map(member).collect()
    }

    /// An object none of whose keys is outside `known`.
    pub(super) fn object(&self, known: &'static [&'static str]) -> Option<Object<'a>> {
        let Value::Object(map) = self.value else { return self.expected("an object") };
        let object = Object { map, field: self.clone() };
        for name in map.keys().filter(|name| !known.contains(&name.as_str())) {
            let advice = match nearest(name, known) {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => format!("known here: {}", known.join(", ")),
            };
            self.problems.push(&object.pointer(name), format!("unknown field `{name}`; {advice}"));
        }
        Some(object)
    }
}

/// An object and its place.
pub(super) struct Object<'a> {
    map: &'a Map<String, Value>,
    pub(super) field: Field<'a>,
}

impl<'a> Object<'a> {
    fn pointer(&self, name: &str) -> String {
        join(&self.field.pointer, name)
    }

    pub(super) fn optional(&self, name: &str) -> Option<Field<'a>> {
        let value = self.map.get(name)?;
        Some(Field { value, pointer: self.pointer(name), problems: self.field.problems })
    }

    pub(super) fn required(&self, name: &str) -> Option<Field<'a>> {
        let field = self.optional(name);
        if field.is_none() {
            self.field.problem(format!("`{name}` is missing"));
        }
        field
    }

    /// The one of the alternatives that is there; none or several is a problem.
    pub(super) fn one_of(&self, names: &[&'static str]) -> Option<(&'static str, Field<'a>)> {
        let mut found = names.iter().filter_map(|name| Some((*name, self.optional(name)?)));
        let first = found.next();
        if first.is_none() || found.next().is_some() {
            self.field.problem(format!("expected exactly one of {}", names.join(", ")));
            return None;
        }
        first
    }
}

/// The pointer to a member of what `pointer` points to.
pub(super) fn join(pointer: &str, name: &str) -> String {
    format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// The known name that a misspelt one most likely stood for.
fn nearest(name: &str, known: &[&'static str]) -> Option<&'static str> {
    let distances = known.iter().map(|candidate| (edit_distance(name, candidate), *candidate));
    let (distance, nearest) = distances.min()?;
    // A third of the letters wrong is still a slip; more is another word.
    (distance <= nearest.len().div_ceil(3)).then_some(nearest)
}

/// Levenshtein distance in bytes; names longer than any field are told apart by length alone.
fn edit_distance(a: &str, b: &str) -> usize {
    const MAX_BYTES: usize = 64;
    if a.len() > MAX_BYTES {
        return a.len();
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, byte_a) in a.bytes().enumerate() {
        let mut left = i + 1;
        let mut next = vec![left];
        for ((byte_b, &above_left), &above) in b.bytes().zip(&row).zip(row.iter().skip(1)) {
            let substitution = above_left + usize::from(byte_a != byte_b);
            left = substitution.min(left + 1).min(above + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edit_distance_counts_single_letter_changes() {
        for (a, b, distance) in
            [("", "", 0), ("", "abc", 3), ("abc", "", 3), ("kitten", "sitting", 3), ("ab", "ba", 2)]
        {
            assert_eq!(edit_distance(a, b), distance, "{a} {b}");
        }
    }

    #[test]
    fn nearest_suggests_slips_and_not_other_words() {
        let known = &["models", "experiments", "windows", "admin"][..];
        assert_eq!(nearest("model", known), Some("models"));
        assert_eq!(nearest("experiment", known), Some("experiments"));
        assert_eq!(nearest("alerts", known), None);
        assert_eq!(nearest(&"m".repeat(10_000), known), None);
    }
}
