use alloc::string::String;
use core::fmt::{self, Write};

use super::{Family, prometheus_text};

/// The gauge that says when counting began: in OpenMetrics, the time at which each count was created.
pub const COUNTING_SINCE: &str = "tidegate_counting_since_timestamp_seconds";

/// The media type of [`openmetrics_text`].
pub const OPENMETRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// The media type of [`prometheus_text`].
pub const PROMETHEUS: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Units that a name ends in, before `_total`.
const UNITS: [&str; 5] = ["seconds", "bytes", "ratio", "nats", "tokens"];

/// Writes families in the text format of OpenMetrics 1.0 ([`OPENMETRICS`]).
///
/// It is [`prometheus_text`] with what OpenMetrics has beyond it: units, the times at which counts were
/// created ([`COUNTING_SINCE`]), and a last line that says that nothing is cut off.
///
/// ```
/// use tidegate_core::metric::{COUNTING_SINCE, Family, Kind, openmetrics_text};
///
/// let mut since = Family::new(COUNTING_SINCE, Kind::Gauge, "When counting began.");
/// since.push_measure(&[], 1_790_000_000.0);
/// let mut seconds = Family::new("busy_seconds_total", Kind::Counter, "Time at work.");
/// seconds.push_count(&[("worker", "a")], 7);
/// let text = openmetrics_text(&[since, seconds]);
/// assert!(text.contains("# TYPE busy_seconds counter\n# UNIT busy_seconds seconds\n"));
/// assert!(text.contains("busy_seconds_total{worker=\"a\"} 7\n"));
/// assert!(text.contains("busy_seconds_created{worker=\"a\"} 1790000000.0\n"));
/// assert!(text.ends_with("# EOF\n"));
/// ```
#[must_use]
pub fn openmetrics_text(families: &[Family]) -> String {
    to_openmetrics(&prometheus_text(families))
}

/// The same of a text that [`prometheus_text`] wrote.
#[must_use]
pub fn to_openmetrics(prometheus_text: &str) -> String {
    let created = prometheus_text
        .lines()
        .find_map(|line| line.strip_prefix(COUNTING_SINCE)?.strip_prefix(' '));
    let mut text = String::with_capacity(prometheus_text.len());
    let mut family = Described { name: "", help: "", kind: "" };
    for line in prometheus_text.lines() {
        // Writing to a string does not fail.
        let _ = if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, help) = help.split_once(' ').unwrap_or((help, ""));
            family = Described { name, help, kind: "" };
            Ok(())
        } else if let Some(typed) = line.strip_prefix("# TYPE ") {
            family.kind = typed.split_once(' ').map_or("", |(_, kind)| kind);
            family.write(&mut text)
        } else {
            family.write_sample(&mut text, line, created)
        };
    }
    text.push_str("# EOF\n");
    text
}

/// What is said of a family before its samples.
struct Described<'t> {
    name: &'t str,
    help: &'t str,
    kind: &'t str,
}

impl Described<'_> {
    /// A counter's name here has no `_total`; its samples' have.
    fn base(&self) -> &str {
        match self.kind {
            "counter" => self.name.strip_suffix("_total").unwrap_or(self.name),
            _ => self.name,
        }
    }

    fn write(&self, text: &mut String) -> fmt::Result {
        let name = self.base();
        writeln!(text, "# TYPE {name} {}", self.kind)?;
        let is_of =
            |unit: &&&str| name.strip_suffix(**unit).is_some_and(|rest| rest.ends_with('_'));
        if let Some(unit) = UNITS.iter().find(is_of) {
            writeln!(text, "# UNIT {name} {unit}")?;
        }
        write!(text, "# HELP {name} ")?;
        // Backslashes and ends of lines are escaped already.
        for c in self.help.chars() {
            if c == '"' {
                text.push('\\');
            }
            text.push(c);
        }
        text.push('\n');
        Ok(())
    }

    /// A sample, and after it when it was created if it is a counter or ends a histogram.
    fn write_sample(&self, text: &mut String, line: &str, created: Option<&str>) -> fmt::Result {
        writeln!(text, "{line}")?;
        let (Some(created), Some(rest)) = (created, line.strip_prefix(self.base())) else {
            return Ok(());
        };
        let suffix = if self.kind == "counter" { "_total" } else { "_count" };
        let labels = rest.strip_prefix(suffix).and_then(|rest| rest.rsplit_once(' '));
        match (self.kind, labels) {
            ("counter" | "histogram", Some((labels, _))) => {
                writeln!(text, "{}_created{labels} {created}", self.base())
            }
            _ => Ok(()),
        }
    }
}

/// Whether a scraper that says what it takes (the header `accept`) would rather have OpenMetrics than
/// the text of Prometheus: as it weighs them, and as it lists them where it weighs them the same.
#[must_use]
pub fn prefers_openmetrics(accept: &str) -> bool {
    let mut best: Option<(f64, bool)> = None;
    for range in accept.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let media = parts.next().unwrap_or("");
        let is_openmetrics = media.eq_ignore_ascii_case("application/openmetrics-text");
        let is_text =
            ["text/plain", "text/*", "*/*"].iter().any(|it| media.eq_ignore_ascii_case(it));
        let (mut weight, mut is_known) = (1.0, true);
        for part in parts {
            match part.split_once('=') {
                Some((name, value)) if name.trim().eq_ignore_ascii_case("q") => {
                    weight = value.trim().parse().unwrap_or(0.0);
                }
                Some((name, value)) if is_openmetrics && name.trim() == "version" => {
                    is_known = value.trim_matches([' ', '"']) == "1.0.0";
                }
                _ => {}
            }
        }
        let is_better = weight > 0.0 && best.is_none_or(|(best, _)| weight > best);
        if (is_text || is_openmetrics && is_known) && is_better {
            best = Some((weight, is_openmetrics));
        }
    }
    best.is_some_and(|(_, is_openmetrics)| is_openmetrics)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::Kind;
    use crate::pane::{Histogram, LATENCY_SECONDS_BUCKETS};

    #[test]
    fn every_part_is_as_the_format_asks() {
        let mut since = Family::new(COUNTING_SINCE, Kind::Gauge, "Since.");
        since.push_measure(&[], 1.5);
        let mut requests =
            Family::new("requests_total", Kind::Counter, "A \"word\", a \\ and\na line.");
        requests.push_count(&[("name", "a \"b\" c")], 2);
        requests.push_count(&[("name", "d} 4")], 3);
        let mut latency = Family::new("latency_seconds", Kind::Histogram, "Time.");
        let mut histogram = Histogram::default();
        histogram.record(0.5, LATENCY_SECONDS_BUCKETS);
        latency.push_histogram(&[("stage", "total")], &histogram, &[0.1, 1.0]);
        let text = openmetrics_text(&[since, requests, latency]);
        assert_eq!(
            text,
            "# TYPE tidegate_counting_since_timestamp_seconds gauge\n\
             # UNIT tidegate_counting_since_timestamp_seconds seconds\n\
             # HELP tidegate_counting_since_timestamp_seconds Since.\n\
             tidegate_counting_since_timestamp_seconds 1.5\n\
             # TYPE requests counter\n\
             # HELP requests A \\\"word\\\", a \\\\ and\\na line.\n\
             requests_total{name=\"a \\\"b\\\" c\"} 2\n\
             requests_created{name=\"a \\\"b\\\" c\"} 1.5\n\
             requests_total{name=\"d} 4\"} 3\n\
             requests_created{name=\"d} 4\"} 1.5\n\
             # TYPE latency_seconds histogram\n\
             # UNIT latency_seconds seconds\n\
             # HELP latency_seconds Time.\n\
             latency_seconds_bucket{stage=\"total\",le=\"0.1\"} 0\n\
             latency_seconds_bucket{stage=\"total\",le=\"1.0\"} 0\n\
             latency_seconds_bucket{stage=\"total\",le=\"+Inf\"} 0\n\
             latency_seconds_sum{stage=\"total\"} 0.5\n\
             latency_seconds_count{stage=\"total\"} 1\n\
             latency_seconds_created{stage=\"total\"} 1.5\n\
             # EOF\n"
        );
    }

    #[test]
    fn a_scraper_gets_what_it_would_rather_have() {
        // Prometheus 2.42 and 3.
        assert!(prefers_openmetrics(
            "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
             text/plain;version=0.0.4;q=0.5,*/*;q=0.1"
        ));
        assert!(prefers_openmetrics(
            "text/plain;q=0.4, application/openmetrics-text; version=\"1.0.0\""
        ));
        for text in [
            "",
            "*/*",
            "text/plain",
            "text/plain, application/openmetrics-text",
            "application/openmetrics-text;version=1.0.0;q=0, */*",
            "application/openmetrics-text;version=2.0.0, text/plain;q=0.1",
            "application/openmetrics-text;q=x",
        ] {
            assert!(!prefers_openmetrics(text), "{text}");
        }
        assert!(prefers_openmetrics("application/openmetrics-text"));
    }
}
