//! `alerts` of the config.

use serde_json::Value;
use tidegate_core::alert::{Rule, RuleDocument, Severity, default_rules};

use super::field::Field;
use super::remediation::Targets;

pub(super) const ALERT_FIELDS: &[&str] = &[
    "name",
    "when",
    "for_seconds",
    "keep_firing_seconds",
    "resolve_when",
    "severity",
    "summary",
    "actions",
];

const MAX_ALERTS: usize = 64;
const MAX_ACTIONS: usize = 8;
const MAX_SECONDS: f64 = 366.0 * 86_400.0;

/// A list of rules, or `"default"` for those that are good for most.
pub(super) fn read_alerts(field: &Field, targets: &Targets) -> Vec<Rule> {
    if let Value::String(word) = field.value() {
        if word != "default" {
            field.problem("expected a list of rules, or `default`");
        }
        return default_rules().unwrap_or_default();
    }
    let mut rules: Vec<Rule> = Vec::new();
    for field in field.items(MAX_ALERTS) {
        let Some(rule) = read_alert(&field, targets) else { continue };
        if rules.iter().any(|other| other.document.name == rule.document.name) {
            field.problem(format!("another alert is called `{}`", rule.document.name));
        }
        rules.push(rule);
    }
    rules
}

fn read_alert(field: &Field, targets: &Targets) -> Option<Rule> {
    let object = field.object(ALERT_FIELDS)?;
    let text = |name, max_bytes| match object.optional(name) {
        Some(field) => field.name(max_bytes).map(Some),
        None => Some(None),
    };
    let seconds = |name| match object.optional(name) {
        Some(field) => field.number(0.0..=MAX_SECONDS),
        None => Some(0.0),
    };
    let name = object.required("name").and_then(|field| field.name(64));
    let when = object.required("when").and_then(|field| field.name(2000));
    let (resolve_when, summary) = (text("resolve_when", 2000), text("summary", 1000));
    let (for_seconds, keep_firing_seconds) =
        (seconds("for_seconds"), seconds("keep_firing_seconds"));
    let severity =
        object.optional("severity").map_or(Some(Severity::default()), |f| read_severity(&f));
    let actions = object.optional("actions");
    let document = RuleDocument {
        name: name?,
        when: when?,
        for_seconds: for_seconds?,
        keep_firing_seconds: keep_firing_seconds?,
        resolve_when: resolve_when?,
        severity: severity?,
        summary: summary?.unwrap_or_default(),
        actions: actions.map_or_else(Vec::new, |field| field.distinct_names(MAX_ACTIONS, 256)),
    };
    match Rule::try_new(document) {
        Ok(rule) => {
            let actions =
                object.optional("actions").map_or_else(Vec::new, |field| field.items(MAX_ACTIONS));
            for (action, field) in rule.actions.iter().zip(&actions) {
                if let Some(fault) = targets.fault(action) {
                    field.problem(fault);
                }
            }
            Some(rule)
        }
        Err(error) => {
            object.optional(error.field).as_ref().unwrap_or(field).problem(error.message);
            None
        }
    }
}

fn read_severity(field: &Field) -> Option<Severity> {
    const SEVERITIES: [Severity; 3] = [Severity::Info, Severity::Warning, Severity::Critical];
    let word = field.text()?;
    let severity = SEVERITIES.into_iter().find(|severity| severity.as_str() == word);
    if severity.is_none() {
        field.problem("expected `info`, `warning` or `critical`");
    }
    severity
}
