use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use serde::{Deserialize, Serialize};

use super::action::Action;
use super::expression::Expression;
use super::parse::{ParseError, parse};

/// An alert rule as it is written down.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct RuleDocument {
    /// Its name, which tells it from the others.
    pub name: String,
    /// The condition, see [`parse`].
    pub when: String,
    /// How long the condition must hold before the alert fires, in seconds.
    #[serde(default)]
    pub for_seconds: f64,
    /// How long the condition must have stopped before the alert is resolved, in seconds.
    #[serde(default)]
    pub keep_firing_seconds: f64,
    /// A second condition, without which a firing alert is not resolved: a level further away than that of
    /// `when` keeps an alert from coming and going.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolve_when: Option<String>,
    /// How bad it is.
    #[serde(default)]
    pub severity: Severity,
    /// One sentence for whoever is called.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub summary: String,
    /// What is done about it, such as `rollback:experiment/variant`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub actions: Vec<String>,
}

/// How bad an alert is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Somebody should look at it today.
    #[default]
    Warning,
    /// Somebody should look at it now.
    Critical,
}

impl Severity {
    /// The name on the wire and in labels.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// An alert rule, ready to be checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// What it was made from.
    pub document: RuleDocument,
    /// What is done about it.
    pub actions: Vec<Action>,
    pub(super) when: Expression,
    pub(super) resolve_when: Option<Expression>,
}

/// Why a rule is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleError {
    /// The field that is wrong.
    pub field: &'static str,
    /// Where in a condition it is wrong, if it is one.
    pub at: Option<usize>,
    /// What is wrong.
    pub message: String,
}

impl fmt::Display for RuleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.field, self.message)
    }
}

impl core::error::Error for RuleError {}

/// No rule waits longer: a year.
const MAX_SECONDS: f64 = 366.0 * 86_400.0;

impl Rule {
    /// Reads the conditions of a rule.
    ///
    /// # Errors
    /// [`RuleError`]: the field that is wrong, and in a condition the character.
    pub fn try_new(document: RuleDocument) -> Result<Self, RuleError> {
        let fault =
            |field, message: &str| RuleError { field, at: None, message: message.to_string() };
        if document.name.is_empty() {
            return Err(fault("name", "must not be empty"));
        }
        for (field, seconds) in [
            ("for_seconds", document.for_seconds),
            ("keep_firing_seconds", document.keep_firing_seconds),
        ] {
            if !(0.0..=MAX_SECONDS).contains(&seconds) {
                return Err(fault(field, "must be a number of seconds from 0 to a year"));
            }
        }
        let read = |field, text: &str| {
            parse(text).map_err(|error: ParseError| RuleError {
                field,
                at: Some(error.at),
                message: error.to_string(),
            })
        };
        let when = read("when", &document.when)?;
        let resolve_when =
            document.resolve_when.as_deref().map(|text| read("resolve_when", text)).transpose()?;
        let actions = document.actions.iter().map(|text| Action::parse(text));
        let actions =
            actions.collect::<Result<_, _>>().map_err(|message| fault("actions", &message))?;
        Ok(Self { document, actions, when, resolve_when })
    }

    /// The conditions that are looked at.
    pub(super) fn expressions(&self) -> impl Iterator<Item = &Expression> {
        [&self.when].into_iter().chain(&self.resolve_when)
    }
}

/// The rules that are good for most, as a document of JSON that an operator can start from.
pub const DEFAULT_RULES: &str = include_str!("default_rules.json");

/// [`DEFAULT_RULES`], read.
///
/// # Errors
/// Never: a test reads them.
pub fn default_rules() -> Result<Vec<Rule>, RuleError> {
    let documents: Vec<RuleDocument> = serde_json::from_str(DEFAULT_RULES)
        .map_err(|error| RuleError { field: "name", at: None, message: error.to_string() })?;
    documents.into_iter().map(Rule::try_new).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_rules_are_good() {
        let rules = default_rules().unwrap();
        assert!(rules.len() >= 8);
        let mut names: Vec<&str> = rules.iter().map(|rule| rule.document.name.as_str()).collect();
        names.dedup();
        assert_eq!(names.len(), rules.len());
        assert!(rules.iter().all(|rule| !rule.document.summary.is_empty()));
    }

    #[test]
    fn a_bad_rule_is_told_by_its_field() {
        let check = |json: &str, field: &str, at: Option<usize>| {
            let document = serde_json::from_str(json).unwrap();
            let error = Rule::try_new(document).unwrap_err();
            assert_eq!((error.field, error.at), (field, at), "{error}");
        };
        check(r#"{"name": "", "when": "x < 1"}"#, "name", None);
        check(r#"{"name": "a", "when": "x > 1", "actions": ["page"]}"#, "actions", None);
        check(r#"{"name": "a", "when": "x <"}"#, "when", Some(3));
        check(r#"{"name": "a", "when": "x < 1", "resolve_when": "x"}"#, "resolve_when", Some(1));
        check(r#"{"name": "a", "when": "x < 1", "for_seconds": -1}"#, "for_seconds", None);
    }
}
