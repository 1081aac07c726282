//! Finds the metrics that an expression of PromQL names, without a Prometheus.

use std::collections::BTreeSet;

/// Words that are no metric where a metric may stand.
const WORDS: &[&str] = &["and", "or", "unless", "bool", "offset", "inf", "nan"];
/// Words that labels in parentheses follow.
const GROUPINGS: &[&str] = &["by", "without", "on", "ignoring", "group_left", "group_right"];

/// The metrics that an expression names.
pub fn metrics(expression: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut rest = expression;
    // Whether the next parentheses hold labels.
    let mut lists_labels = false;
    while let Some(first) = rest.chars().next() {
        rest = match first {
            '{' => after(rest, '}'),
            '[' => after(rest, ']'),
            '"' => after(&rest[1..], '"'),
            '(' if lists_labels => after(rest, ')'),
            '#' => after(rest, '\n'),
            _ if first.is_ascii_digit() => {
                rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '.')
            }
            _ if is_name(first) => {
                let end = rest.find(|c: char| !is_name(c)).unwrap_or(rest.len());
                let (name, after) = rest.split_at(end);
                let after = after.trim_start();
                lists_labels = GROUPINGS.contains(&name);
                // What stands before a parenthesis is a function or an aggregation, and so is what
                // stands before its grouping.
                let is_called = after.starts_with('(')
                    || ["by", "without"].iter().any(|word| {
                        after
                            .strip_prefix(word)
                            .is_some_and(|after| after.trim_start().starts_with('('))
                    });
                if !lists_labels && !is_called && !WORDS.contains(&name) {
                    found.insert(name.to_string());
                }
                rest = after;
                continue;
            }
            _ => &rest[first.len_utf8()..],
        };
        if !first.is_whitespace() {
            lists_labels = false;
        }
    }
    found
}

fn is_name(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || c == ':'
}

fn after(text: &str, end: char) -> &str {
    text.split_once(end).map_or("", |(_, rest)| rest)
}

#[test]
fn metrics_are_told_from_what_is_around_them() {
    let check = |expression: &str, expected: &[&str]| {
        let found: Vec<String> = metrics(expression).into_iter().collect();
        assert_eq!(found, expected, "{expression}");
    };
    check("sum by (le, model_name) (rate(a_bucket{stage=\"total\"}[5m])) > 0.5", &["a_bucket"]);
    check("a / ignoring (bin) group_left () (b > 0)", &["a", "b"]);
    check("(a or 0 * b) and on (x) c:d:e offset 1h", &["a", "b", "c:d:e"]);
    check("time() - a > bool 1e-9", &["a"]);
    check("label_replace(a, \"rule\", \"$1\", \"alertname\", \"(.*)\")", &["a"]);
    check("sum(a) by (b)", &["a"]);
    check("# a comment on b\na", &["a"]);
}
